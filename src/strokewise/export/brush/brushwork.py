"""The shape of a stroke drawn with each brush: one function for each.

A brush is a convex tip that is placed at close steps along the stroke; it covers the union of the convex hulls of each
two neighbouring placements. Pressure, and with it the size of the tip, changes along the stroke. Random numbers depend
only on the stroke's index in the drawing.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator

import numpy as np
import shapely
from numpy.typing import NDArray

from ..._arrays import Array
from ...sketch import Sketch

_SIDES = 32
"""Corners of a round tip."""
_TIP = np.stack([f(np.arange(_SIDES) * (2 * np.pi / _SIDES)) for f in (np.cos, np.sin)], axis=1)
"""A round tip of radius 1: float64 [corner, xy]."""
_MOST_GRAINS = 600
"""Most grains in one layer of a pencil stroke: a long line of a fine pencil is too thin to show more."""
_HAIR = 4
"""Strokes thinner than this many tolerances are drawn as plain strokes with any brush."""
_MEETING = 0.75
"""Two strokes continue each other if their ends are nearer than this, in stroke widths, and run the same way."""
_STRAIGHT = math.cos(math.radians(50))


Rings = tuple[Array, ...]


def brushed(sketch: Sketch, brush: str, tolerance: float) -> Iterator[list[tuple[Rings, float]]]:
    """The filled shapes of each stroke, in drawing order: their rings, and their share of the stroke's opacity.

    Args:
        sketch: the drawing.
        brush: one of `BRUSHES`.
        tolerance: largest error of outlines, canvas pixels.
    """
    goes_on = _goes_on(sketch)
    for i, (points, width) in enumerate(zip(sketch.chains, sketch.widths, strict=True)):
        trace = _trace(points, float(width), max(sketch.canvas), i, goes_on[i])
        leave = _BRUSHES[brush if width > _HAIR * tolerance else "round"]
        yield [(_rings(geometry, tolerance), share) for geometry, share in leave(trace)]


@dataclasses.dataclass(frozen=True, eq=False)
class _Trace:
    """A stroke sampled at close, even steps.

    Attributes:
        at: float64 [step, xy], canvas pixels.
        along: float64 [step], arc length from the start, canvas pixels.
        width: of the stroke, canvas pixels.
        goes_on: whether another stroke continues this one at its start, and at its end.
        seed: of its random numbers.
    """

    at: Array
    along: Array
    width: float
    goes_on: tuple[bool, bool]
    seed: int

    @property
    def length(self) -> float:
        return float(self.along[-1])

    @property
    def left(self) -> Array:
        """Arc length to the end [step]."""
        return self.length - self.along

    def direction(self) -> Array:
        """Unit tangents [step, xy]; (1, 0) for a dot."""
        if len(self.at) == 1:
            return np.array([[1.0, 0.0]])
        way = np.gradient(self.at, axis=0)
        size = np.hypot(way[:, 0], way[:, 1])
        return np.where(size[:, None] > 0, way / np.where(size > 0, size, 1)[:, None], [1.0, 0.0])

    def noise(self, number: int, wave: float) -> Array:
        """Smooth noise [step] in about [-1, 1], different for each `number`; `wave`: wavelength in stroke widths."""
        rng = np.random.default_rng((self.seed, number))
        phases, pace = rng.random(4), rng.uniform(0.7, 1.4, 4) * np.array([0.6, 1.0, 1.7, 2.9])
        turns = self.along[:, None] / (wave * self.width) * pace + phases
        return np.asarray((np.sin(2 * np.pi * turns) * [0.5, 0.5, 0.35, 0.2]).sum(1))


_Shapes = Iterator[tuple["shapely.Geometry", float]]


def _round(trace: _Trace) -> _Shapes:
    yield _swept(trace.at, np.full(len(trace.at), 0.5 * trace.width)), 1.0


def _pen(trace: _Trace) -> _Shapes:
    """A fibre tip: nearly even, a little wider where it touches down and lifts off."""
    w = trace.width
    pressure = 0.96 + 0.06 * trace.noise(0, 18)
    for ahead, goes_on in ((trace.along, trace.goes_on[0]), (trace.left, trace.goes_on[1])):
        if not goes_on:
            pressure += 0.22 * min(1.0, trace.length / (2 * w)) * np.exp(-((ahead / (0.8 * w)) ** 2))
    yield _swept(trace.at, 0.5 * w * pressure), 1.0


def _ink(trace: _Trace) -> _Shapes:
    """A pointed brush: thin at both ends, wide in the middle; widest across the slant of the tip."""
    w, length = trace.width, trace.length
    way = trace.direction()
    slant = np.abs(way @ np.array([math.sin(math.radians(35)), math.cos(math.radians(35))]))
    pressure = _smooth(0.68 + 0.65 * slant, trace, 5) * (1 + 0.08 * trace.noise(0, 34))
    pressure *= 0.78 + 0.38 * np.sin(np.pi * trace.along / max(length, 1e-12))
    for ahead, reach, goes_on in ((trace.along, 7.0, trace.goes_on[0]), (trace.left, 14.0, trace.goes_on[1])):
        tip, most = (0.6, 3.0) if goes_on else (0.06, reach)
        rise = np.clip(ahead / max(min(most * w, 0.45 * length), 1e-12), 0, 1)
        pressure *= tip + (1 - tip) * np.sin(0.5 * np.pi * rise) ** 0.9
    if length < 0.5 * w:
        pressure = np.ones(len(trace.at))
    yield _swept(trace.at, 0.5 * w * pressure), 1.0


def _pencil(trace: _Trace) -> _Shapes:
    """Graphite on rough paper: a grey core with a rough edge, and darker grains along the stroke."""
    w, way = trace.width, trace.direction()
    aside = np.stack([-way[:, 1], way[:, 0]], axis=1)
    pressure = 0.86 + 0.14 * trace.noise(0, 16)
    for ahead, reach, goes_on in ((trace.along, 1.5, trace.goes_on[0]), (trace.left, 4.0, trace.goes_on[1])):
        if not goes_on:
            pressure -= 0.5 * min(1.0, trace.length / (4 * w)) * np.exp(-ahead / (reach * w))
    rough = 1 + 0.13 * trace.noise(1, 1.1) + 0.1 * trace.noise(2, 0.55)
    shaken = trace.at + (0.05 * w * trace.noise(3, 1.7))[:, None] * aside
    yield _swept(shaken, 0.42 * w * pressure * rough), 0.5
    for layer in (0, 1):
        yield shapely.union_all(_grains(trace, aside, pressure, layer)), 0.42


def _grains(trace: _Trace, aside: Array, pressure: Array, layer: int) -> NDArray[np.object_]:
    """Thin spindles along the stroke, at random positions across its width: polygons [grain]."""
    w = trace.width
    rng = np.random.default_rng((trace.seed, 1000 + layer))
    count = max(2, math.ceil(min(1.5 * trace.length / w, _MOST_GRAINS)))
    start = rng.uniform(-0.05, 0.97, count) * trace.length
    long = rng.uniform(1.0, 3.2, count) * w
    across = 0.5 * w * rng.uniform(-1, 1, count) * rng.uniform(0.55, 1, count)
    thick = rng.uniform(0.035, 0.1, count) * w
    drift = rng.uniform(-0.12, 0.12, count) * w
    stations = np.linspace(0, 1, 6)
    along = np.clip(start[:, None] + long[:, None] * stations, 0, trace.length)
    pressed = np.interp(along, trace.along, pressure)
    middle = np.stack([np.interp(along, trace.along, trace.at[:, k]) for k in range(2)], axis=2)
    normal = np.stack([np.interp(along, trace.along, aside[:, k]) for k in range(2)], axis=2)
    offset = (across[:, None] + drift[:, None] * (stations - 0.5)) * pressed
    half = thick[:, None] * np.array([0.15, 0.8, 1.0, 0.95, 0.7, 0.1]) * pressed
    sides = [middle + (offset + sign * half)[:, :, None] * normal for sign in (1, -1)]
    return shapely.make_valid(shapely.polygons(np.concatenate([sides[0], sides[1][:, ::-1]], axis=1)))


def _marker(trace: _Trace) -> _Shapes:
    """A slanted felt tip: broad in one direction, narrow in the other, with blunt ends, and translucent."""
    w = trace.width
    angle = math.radians(-38)
    tip = np.sign(_TIP) * np.abs(_TIP) ** 0.35 * np.array([0.30, 0.62])
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    yield _swept(trace.at, w * (1 + 0.015 * trace.noise(0, 12)), tip @ turn), 0.78


_BRUSHES: dict[str, Callable[[_Trace], _Shapes]] = {
    "round": _round,
    "pen": _pen,
    "ink": _ink,
    "pencil": _pencil,
    "marker": _marker,
}


def _trace(points: Array, width: float, canvas: float, seed: int, goes_on: tuple[bool, bool]) -> _Trace:
    """A chain of cubics [point, xy] sampled at even steps, a share of its width each, but at most some 400 a cubic."""
    t = np.linspace(0, 1, 129)[:, None]
    s = 1 - t
    curves = [
        s**3 * a + 3 * s**2 * t * b + 3 * s * t**2 * c + t**3 * d
        for a, b, c, d in (points[k : k + 4] for k in range(0, len(points) - 1, 3))
    ]
    fine = np.concatenate([curves[0], *(curve[1:] for curve in curves[1:])])
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(fine, axis=0).T))])
    if way[-1] <= 1e-6 * max(width, canvas):
        return _Trace(fine[:1], np.zeros(1), width, goes_on, seed)
    step = max(0.22 * width, 4e-4 * canvas, float(way[-1]) / (400 * len(curves)))
    along = np.linspace(0, way[-1], max(3, math.ceil(way[-1] / step) + 1))
    at = np.stack([np.interp(along, way, fine[:, axis]) for axis in range(2)], axis=1)
    return _Trace(at, along, width, goes_on, seed)


def _goes_on(sketch: Sketch) -> list[tuple[bool, bool]]:
    """Whether another stroke continues each stroke at its start, and at its end."""
    n = len(sketch)
    if n == 0:
        return []
    points = sketch.points
    ends = np.concatenate([points[:, 0], points[:, -1]])
    inward = np.concatenate([_heading(points), _heading(points[:, ::-1])])
    reach = _MEETING * np.concatenate([sketch.widths, sketch.widths])
    found = np.zeros(2 * n, dtype=bool)
    for i in range(2 * n):
        near = np.hypot(*(ends - ends[i]).T) <= np.maximum(reach, reach[i])
        near[[i % n, i % n + n]] = False  # its own two ends
        found[i] = bool((near & (inward @ -inward[i] > _STRAIGHT)).any())
    return [(bool(found[i]), bool(found[n + i])) for i in range(n)]


def _heading(points: Array) -> Array:
    """Unit vectors [stroke, xy] from each stroke's first point into it."""
    heading = np.zeros((len(points), 2))
    for k in range(points.shape[1] - 1, 0, -1):
        way = points[:, k] - points[:, 0]
        size = np.hypot(way[:, 0], way[:, 1])[:, None]
        heading = np.where(size > 1e-9, way / np.where(size > 1e-9, size, 1), heading)
    return heading


def _smooth(values: Array, trace: _Trace, reach: float) -> Array:
    """Values [step] smoothed over `reach` stroke widths."""
    if len(values) < 3:
        return values
    half = int(max(1, min(len(values) // 2, round(0.5 * reach * trace.width / trace.along[1]))))
    weights = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(values, half, mode="edge")
    return np.asarray(np.convolve(padded, weights / weights.sum(), mode="valid"))


def _swept(at: Array, radius: Array, tip: Array = _TIP) -> shapely.Geometry:
    """What a convex tip [corner, xy] covers that moves along `at` [step, xy], `radius` [step] times as large; where
    that is not over 0 it is lifted."""
    prints = at[:, None] + np.maximum(radius, 0)[:, None, None] * tip
    down = radius > 0
    if len(at) == 1:
        return shapely.convex_hull(shapely.multipoints(prints[0])) if down[0] else shapely.GeometryCollection()
    between = np.concatenate([prints[:-1], prints[1:]], axis=1)[down[:-1] | down[1:]]
    if not len(between):
        return shapely.GeometryCollection()
    # Of their corners in one line rather than as so many points, which take longer to make than all the rest.
    return shapely.union_all(shapely.convex_hull(shapely.linestrings(between)))


def _rings(geometry: shapely.Geometry, tolerance: float) -> tuple[Array, ...]:
    """The rings of all polygons in it, with no more points than show."""
    simple = shapely.orient_polygons(shapely.simplify(geometry, tolerance))
    rings: list[Array] = []
    for polygon in shapely.get_parts(simple):
        if polygon.geom_type == "Polygon" and polygon.area > 4 * tolerance**2:
            rings += [shapely.get_coordinates(ring)[:-1] for ring in (polygon.exterior, *polygon.interiors)]
    return tuple(rings)
