"""How bold the finished drawing may be: the fewer strokes the bolder, as far as small details stay open.

Strokes are moved while they are compared at one width. The width that is shown is chosen afterwards, from where they
lie: a bold pen suits a clean outline, and closes the small gaps between lids and iris, or between two lines side by
side.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array, Flags
from .._text import is_number
from ..bezier import along
from ..settings import PEN
from ..sketch import Sketch

BOLDEST, THINNEST, STEP = 3.0, PEN, 0.1
"""Range of the width, and by how much it is made thinner at a time; pixels of a 224 px canvas, as all that follows."""
ONE_STROKE, EACH_DOUBLING = 3.2, 0.2
"""Width of a drawing of one stroke, before it is held in the range, and how much thinner twice the strokes are drawn:
2.8 for 4 strokes, 2.4 for 16, 2.0 for 64."""
SMALL_BONUS = 0.2
"""How much bolder, as a share, a subject is drawn that is tiny in its photo; one that fills it gets nothing."""
NARROW = 5.0
"""White between strokes counts as a gap up to this width."""
LEAST_GAP = 2.0
"""Area from which on a gap is looked at, square pixels; less is the corner where two strokes meet."""
LEFT = 0.3
"""A gap is closed when less than this share of its white is left."""
CLOSED_SHARE = 0.1
"""Most gaps of a drawing that may be closed, as a share; one may be in any case."""
APART = 15.0
"""Closed gaps must be at least so far from each other: several in one place are a blot."""
BLOT, NEAR = 0.45, 4.0
"""Most ink around any place, as a share: a weighted mean with this standard deviation. A dot has 0.35, a line of the
boldest pen 0.3; the eyes of a small face come above it."""
DOT = 9.0
"""What is alone and no longer than this may be filled: it reads as a dot, such as an animal's eye."""
TOUCHING = 0.5
"""A stroke whose ends are nearer to each other than this is closed."""
VISIBLE = 0.1
"""Strokes of less opacity close no gap."""
FINE = 3
"""Pixels of the picture on which gaps are looked for, for one of the canvas."""
SIDE = 224 * FINE
"""Side of that picture, pixels."""
SAMPLES = 512
"""Points on each curve from which distances are measured."""
ALIKE = 0.25
"""Widths that differ by less are drawn as one."""


def with_suited_pen(sketch: Sketch, square: tuple[float, float, float]) -> Sketch:
    """The drawing with its strokes as bold as suits it; their points stay, and their proportions to each other.

    Args:
        sketch: a drawing of strokes whose usual width is `PEN`.
        square: x and y of the upper left corner, and side, of the part of its canvas that was drawn.

    Returns:
        the sketch, with the width in its metadata under "pen", pixels of a 224 px canvas.
    """
    x0, y0, side = square
    points = (sketch.points - np.array([x0, y0])) * (224 / side)
    seen = (sketch.opacities >= VISIBLE) & ~_pupils(points)
    most = boldest(sketch.curves, side / max(sketch.canvas))
    width = suited_width(points[seen], sketch.widths[seen] * (224 / side), most)
    metadata = {**sketch.metadata, "pen": width}
    return dataclasses.replace(sketch, widths=sketch.widths * (width / PEN), metadata=metadata)


def thin_widths(sketch: Sketch) -> Array:
    """Widths of the strokes as they were compared, float64 [stroke]: before `with_suited_pen`, if that was used.

    For what was made for a usual pen: recognisers, and tone, which would run together with bold lines.
    """
    pen: Any = sketch.metadata.get("pen")  # a file may say anything
    made_bolder = is_number(pen) and THINNEST <= pen <= BOLDEST
    return np.asarray(sketch.widths * (PEN / pen if made_bolder else 1.0))


def boldest(curves: int, share: float = 1.0) -> float:
    """The width for a drawing whose strokes leave each other room, `THINNEST` to `BOLDEST`.

    Args:
        curves: how many strokes it has, at least 1; each cubic of a chain counts.
        share: side of the part that was drawn over the photo's longer side.
    """
    plain = ONE_STROKE - EACH_DOUBLING * math.log2(max(1, curves))
    return min(BOLDEST, max(THINNEST, plain * (1 + SMALL_BONUS * max(0.0, 1 - share))))


def _pupils(points: Array) -> Flags:
    """bool [stroke]: closed strokes within another closed stroke; a pupil and its eye may be one dark spot."""
    rings = np.linalg.norm(points[:, 0] - points[:, -1], axis=1) < TOUCHING
    curves = along(points, 32)
    least, most = curves.min(1), curves.max(1)
    within = ((least[:, None] > least) & (most[:, None] < most)).all(2)
    return np.asarray(rings & (within & rings).any(1))


def suited_width(points: Array, widths: Array, most: float) -> float:
    """The boldest width at which gaps between the strokes stay open, and small strokes do not become a blot.

    Args:
        points: float64 [stroke, point, xy], pixels of a 224 px canvas.
        widths: float64 [stroke], what the strokes were compared with, `PEN` in the usual case; they are made wider in
            proportion.
        most: the boldest width to try, from `THINNEST` up.

    Returns:
        a width from `THINNEST` to `most`, in tenths.
    """
    lines = _Lines.of(points, widths)
    gaps = _Gaps.between(lines.ink(1.0))
    for width in _from_boldest(most):
        ink = lines.ink(width / PEN)
        if gaps.stay_open(ink) and _most_ink(ink) <= BLOT:
            return width
    return THINNEST


def _from_boldest(most: float) -> Iterator[float]:
    width = round(most, 1)
    while width > THINNEST:
        yield width
        width = round(width - STEP, 1)


class _Lines(NamedTuple):
    """How far each pixel is from the strokes of a drawing; the rasterizer would have to be compiled for a draft.

    Attributes:
        distances: for strokes of each width, float64 [SIDE, SIDE], pixels.
        radii: half of these widths, pixels.
    """

    distances: list[Array]
    radii: list[float]

    @classmethod
    def of(cls, points: Array, widths: Array) -> _Lines:
        """The lines of strokes [stroke, point, xy] and [stroke], pixels of a 224 px canvas."""
        alike = np.round(widths / ALIKE)
        classes = [np.flatnonzero(alike == one) for one in np.unique(alike)]
        distances = [_distance(along(points[some] * FINE, SAMPLES).reshape(-1, 2)) for some in classes]
        return cls(distances, [float(widths[some].mean()) / 2 * FINE for some in classes])

    def ink(self, wider: float) -> Flags:
        """bool [SIDE, SIDE]: what the strokes cover when they are so many times as wide."""
        ink = np.zeros((SIDE, SIDE), dtype=bool)
        for distance, radius in zip(self.distances, self.radii, strict=True):
            ink |= distance <= radius * wider
        return ink


def _distance(samples: Array) -> Array:
    """Distance of the middle of each pixel from the nearest of some points [point, xy], float64 [SIDE, SIDE]."""
    where = np.zeros((SIDE, SIDE, 2))
    inside = ((samples >= 0) & (samples < SIDE)).all(1)
    x, y = samples[inside].astype(np.intp).T
    if not len(x):
        return np.full((SIDE, SIDE), np.inf)
    empty = np.ones((SIDE, SIDE), dtype=bool)
    empty[y, x] = False
    where[y, x] = samples[inside]
    rows, columns = ndimage.distance_transform_edt(empty, return_distances=False, return_indices=True)
    # The nearest pixel with a point need not have the nearest point: what is near the neighbours is tried, too.
    nearest = np.pad(where[rows, columns], ((1, 1), (1, 1), (0, 0)), mode="edge")
    middle = np.arange(SIDE) + 0.5
    squared = np.full((SIDE, SIDE), np.inf)
    for down, across in ((1, 1), (0, 1), (2, 1), (1, 0), (1, 2)):
        one = nearest[down : down + SIDE, across : across + SIDE]
        tried = (one[..., 0] - middle) ** 2 + (one[..., 1] - middle[:, None]) ** 2
        np.minimum(squared, tried, out=squared)
    return np.asarray(np.sqrt(squared))


class _Gaps(NamedTuple):
    """The narrow places between the strokes of a drawing.

    Attributes:
        labels: int [SIDE, SIDE], which gap a pixel belongs to, from 1; 0 is none.
        areas: of each gap, pixels.
        middles: float64 [gap, yx], pixels.
    """

    labels: NDArray[np.int32]
    areas: Array
    middles: Array

    @classmethod
    def between(cls, ink: Flags) -> _Gaps:
        """The gaps of a drawing in its thin pen, bool [SIDE, SIDE]."""
        reach = NARROW / 2 * FINE
        padded = np.pad(ink, math.ceil(reach) + 1)
        # Closing: what no disc of that size fits into is narrow.
        wide = ndimage.distance_transform_edt(~padded) > reach
        closed = ndimage.distance_transform_edt(~wide) > reach if wide.any() else ~wide
        edge = math.ceil(reach) + 1
        narrow = closed[edge:-edge, edge:-edge] & ~ink & ~_dots(ink, DOT * FINE)
        labels, count = ndimage.label(narrow)
        areas = np.bincount(labels.ravel(), minlength=count + 1)[1:].astype(np.float64)
        large = np.flatnonzero(areas >= LEAST_GAP * FINE**2) + 1
        number = np.zeros(count + 1, dtype=np.int32)
        number[large] = np.arange(1, len(large) + 1)
        middles = np.array(ndimage.center_of_mass(narrow, labels, large)).reshape(-1, 2)
        return cls(number[labels], areas[large - 1], middles)

    def stay_open(self, ink: Flags) -> bool:
        """Whether nearly all gaps are open under this ink, bool [SIDE, SIDE], and no two closed ones are neighbours."""
        white = np.bincount(self.labels[~ink], minlength=len(self.areas) + 1)[1:]
        closed = self.middles[white < LEFT * self.areas]
        if len(closed) > max(1, CLOSED_SHARE * len(self.areas)):
            return False
        apart = np.linalg.norm(closed[:, None] - closed[None], axis=2) + np.diag(np.full(len(closed), np.inf))
        return bool((apart >= APART * FINE).all())


def _most_ink(ink: Flags) -> float:
    """The share of ink around the place that has the most, 0 to 1; of bool [SIDE, SIDE]."""
    coarse = ink.reshape(224, FINE, 224, FINE).mean((1, 3))
    return float(ndimage.gaussian_filter(coarse, NEAR, mode="constant").max())


def _dots(ink: Flags, longest: float) -> Flags:
    """bool [y, x]: what lies inside of strokes that are alone, and no longer than that, pixels."""
    labels, _ = ndimage.label(ink, np.ones((3, 3)))
    dots = np.zeros_like(ink)
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        if max(part.stop - part.start for part in place) <= longest:
            dots[place] |= ndimage.binary_fill_holes(labels[place] == number)
    return dots
