"""The page that a plotter draws on, and the position of a drawing on it.

on_page(sketch, Page("a3", margin=20))     # the same strokes in millimetres of that page
"""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np

from ..._arrays import Array
from ..._text import join_or
from ...errors import OutputError
from ...sketch import Sketch

PAPERS = {
    "a0": (841.0, 1189.0),
    "a1": (594.0, 841.0),
    "a2": (420.0, 594.0),
    "a3": (297.0, 420.0),
    "a4": (210.0, 297.0),
    "a5": (148.0, 210.0),
    "a6": (105.0, 148.0),
    "letter": (215.9, 279.4),
    "legal": (215.9, 355.6),
    "tabloid": (279.4, 431.8),
    "postcard": (101.6, 152.4),
}
"""Width and height of paper sizes in portrait, millimetres."""

FITS = ("canvas", "ink")
MIN_SIDE, MAX_SIDE, MIN_INSIDE = 10.0, 3000.0, 5.0
"""Shortest and longest side of a page, and the smallest area inside the margins, millimetres."""

_UNITS = {"mm": 1.0, "cm": 10.0, "in": 25.4}
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s*(?:mm|cm|in)?\s*[x×]\s*(\d{1,6}(?:\.\d{1,6})?)\s*(mm|cm|in)?")


@dataclasses.dataclass(frozen=True)
class Page:
    """A page, and how a drawing is placed on it: as large as it fits, centred, not distorted.

    Attributes:
        paper: a size of `PAPERS`, or width and height such as "200x150mm" (mm, cm, in; millimetres unless named).
        margin: empty border on every side, millimetres: 10 suits most machines, 20 looks like a framed print.
        landscape: True is landscape, False portrait, None whichever lets the drawing be larger.
        fit: "canvas" keeps the drawing's empty border around the strokes; "ink" fills the page with the strokes alone.
            Nothing is cut off: strokes outside the canvas are fitted into the page too.

    Raises:
        OutputError: an unknown paper, sides that are not from 10 to 3000 mm, or a margin that leaves less than 5 mm.
    """

    paper: str = "a4"
    margin: float = 10.0
    landscape: bool | None = None
    fit: str = "canvas"

    def __post_init__(self) -> None:
        width, height = self._given()
        if min(width, height) < MIN_SIDE or max(width, height) > MAX_SIDE:
            raise OutputError(
                f"a page's sides must be from {MIN_SIDE:g} to {MAX_SIDE:g} mm, not {width:g} x {height:g}"
            )
        most = (min(width, height) - MIN_INSIDE) / 2
        if not 0 <= self.margin <= most:
            raise OutputError(f"the margin of {self.paper} must be from 0 to {most:g} mm, not {self.margin:g}")
        if self.fit not in FITS:
            raise OutputError(f"must be {join_or(FITS)}, not {self.fit!r}", setting="fit", value=self.fit)

    def size(self, width: float, height: float) -> tuple[float, float]:
        """Width and height of the page in the orientation for something `width` x `height`, millimetres."""
        given = self._given()
        portrait, landscape = (min(given), max(given)), (max(given), min(given))
        if self.landscape is not None:
            return landscape if self.landscape else portrait
        turned = (given[1], given[0])
        return turned if self.scale(turned, width, height) > self.scale(given, width, height) else given

    def scale(self, size: tuple[float, float], width: float, height: float) -> float:
        """The largest scale at which something `width` x `height` fits inside the margins of a page of that size.

        Infinite if both are 0.
        """
        inside = [side - 2 * self.margin for side in size]
        return min(
            (i / extent for i, extent in zip(inside, (width, height), strict=True) if extent > 0), default=math.inf
        )

    def _given(self) -> tuple[float, float]:
        """Width and height that `paper` stands for, millimetres."""
        name = self.paper.strip().lower()
        if name in PAPERS:
            return PAPERS[name]
        match = _SIZE.fullmatch(name)
        if match is None:
            raise OutputError(
                f"there is no paper size {self.paper[:40]!r}: use {', '.join(PAPERS)}, or a size such as 200x150mm"
            )
        unit = _UNITS[match[3] or "mm"]
        return float(match[1]) * unit, float(match[2]) * unit


def on_page(sketch: Sketch, page: Page) -> Sketch:
    """The drawing in millimetres on the page, its new canvas; strokes keep their order, colours and widths."""
    low, high = bounding_box(sketch)
    least = 1e-6 * max(sketch.canvas)
    if page.fit == "canvas" or (high - low).max() < least:
        low, high = np.minimum(low, 0.0), np.maximum(high, sketch.canvas)
    width, height = (float(side) if side >= least else 0.0 for side in high - low)
    size = page.size(width, height)
    scale = page.scale(size, width, height)
    middle = (low + high) / 2
    return sketch.mapped(size, scale, (size[0] / 2 - scale * float(middle[0]), size[1] / 2 - scale * float(middle[1])))


def bounding_box(sketch: Sketch) -> tuple[Array, Array]:
    """Upper left and lower right corner of the box around the centre lines of strokes and tone, float64 [xy], canvas
    pixels; those of the canvas if there are none."""
    tone = () if sketch.tone is None else sketch.tone.lines
    if not len(sketch) and not tone:
        return np.zeros(2), np.array(sketch.canvas)
    p = sketch.points
    a, b, c, d = (p[:, k : p.shape[1] - 3 + k : 3].reshape(-1, 2) for k in range(4))
    if tone:
        toned = [[line[k : len(line) - 3 + k : 3] for line in tone] for k in range(4)]
        a, b, c, d = (np.concatenate([x, *more]) for x, more in zip((a, b, c, d), toned, strict=True))
    # A coordinate is extreme at an end, or where its derivative u t² + v t + w vanishes.
    u, v, w = 3 * (d - a + 3 * (b - c)), 6 * (a - 2 * b + c), 3 * (b - a)
    seen = [a, d]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        root = np.sqrt(v**2 - 4 * u * w)
        # The form without cancellation, which also serves where u is 0.
        q = -(v + np.where(v < 0, -root, root)) / 2
        for t in (q / u, w / q):
            t = np.where((t > 0) & (t < 1), t, 0.0)
            seen.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    every = np.concatenate(seen)
    return every.min(0), every.max(0)
