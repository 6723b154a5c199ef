"""Boundaries that people would mark: where one part of what a photo shows ends and another begins.

    chances = find_boundaries(picture)      # float32 [y, x] in [0, 1]

A small network answers (boundaries.md says what it has learnt from). It takes texture, shadows and
highlights for boundaries less often than contrast does, and finds soft ones between large parts, such as sleeves.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .._onnx import OnnxNetwork, load_shipped
from .._resample import area, bilinear, resample

WEIGHTS = Path(__file__).with_name("boundaries.onnx")
SIDE = 448
"""What the network sees, in pixels."""


def find_boundaries(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """How likely each pixel lies on a boundary.

    Args:
        picture: float32 [side, side, rgb] in [0, 1], a square.

    Returns:
        float32 [side, side] in [0, 1].

    Raises:
        StrokewiseError: the network's weights are missing or damaged.
    """
    side = len(picture)
    seen = resample(picture.transpose(2, 0, 1)[None], area(side, SIDE))
    (maps,) = _network()({"image": np.ascontiguousarray(seen, dtype=np.float32)})
    return np.asarray(resample(maps, bilinear(maps.shape[-1], side))[0, 0], dtype=np.float32)


@functools.cache
def _network() -> OnnxNetwork:
    """One network for the process: loading it takes longer than asking it.

    Raises:
        StrokewiseError: its file is missing or damaged.
    """
    return load_shipped(WEIGHTS, "the boundary network")
