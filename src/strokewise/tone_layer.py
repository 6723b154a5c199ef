"""Tone: lines under the strokes of a drawing that show how dark it is."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._arrays import Array

TONES = ("hatch", "cross", "contour", "scribble", "spiral")
"""Kinds of tone: parallel lines, two directions of them, lines along the form, hatching drawn to and fro, and arcs
around one place."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class ToneLayer:
    """Lines that lie under the strokes and are not counted as strokes; all of one width and colour.

    Attributes:
        lines: float64 [4 or 7 or 10... points, xy] each, chained cubic Béziers, canvas pixels; at least one.
        width: canvas pixels, over 0.
        color: rgb in [0, 1].
        opacity: in [0, 1].
        kind: one of `TONES`.

    Raises:
        ValueError: shapes that do not fit, values that are not finite or out of their range, or an unknown kind.
    """

    lines: tuple[Array, ...]
    width: float
    color: tuple[float, float, float] = (0.0, 0.0, 0.0)
    opacity: float = 1.0
    kind: str = TONES[0]

    def __post_init__(self) -> None:
        import numpy as np  # here, so that the command line can name the kinds without it

        lines = tuple(np.array(line, dtype=np.float64) for line in self.lines)
        if not lines:
            raise ValueError("tone has at least one line")
        for line in lines:
            if line.ndim != 2 or line.shape[1] != 2 or len(line) < 4 or len(line) % 3 != 1:
                raise ValueError(f"each line of tone must be [4 or 7 or 10..., 2], got shape {line.shape}")
            if not np.isfinite(line).all():
                raise ValueError("lines of tone have values that are not finite")
            line.flags.writeable = False
        object.__setattr__(self, "lines", lines)
        if not 0 < self.width < math.inf:
            raise ValueError(f"the width of tone must be over 0, got {self.width}")
        if not (len(self.color) == 3 and all(0 <= c <= 1 for c in self.color) and 0 <= self.opacity <= 1):
            raise ValueError(f"colour and opacity of tone must be in [0, 1], got {self.color}, {self.opacity}")
        if self.kind not in TONES:
            raise ValueError(f"the kind of tone must be one of {', '.join(TONES)}, got {self.kind!r}")

    def __len__(self) -> int:
        return len(self.lines)

    def __repr__(self) -> str:
        return f"<ToneLayer {self.kind}, {len(self)} line{'s' if len(self) != 1 else ''}>"

    def mapped(self, scale: float, offset: Array) -> ToneLayer:
        """The same lines elsewhere: every point becomes `scale * point + offset`, the width is scaled."""
        lines = tuple(line * scale + offset for line in self.lines)
        return dataclasses.replace(self, lines=lines, width=self.width * scale)
