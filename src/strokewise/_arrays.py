"""Names for the kinds of arrays that strokes are kept in; the axes stand in each docstring, [stroke, point, xy]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
"""Numbers: points, lengths, weights, widths, levels of colour."""
Flags = NDArray[np.bool_]
"""Which of some strokes, samples or pixels."""
Indices = NDArray[np.intp]
"""Places in another array."""
