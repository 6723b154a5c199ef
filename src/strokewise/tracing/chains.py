"""Lines of a drawing out of its skeleton's graph: through junctions where they run on, corners made sharp, and each
point moved to the middle of the ink."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from .._arrays import Array, Flags, Indices
from ..bezier import resample
from ..skeleton import Graph, Walk, follow
from .ink import Ink

CORNER = 0.85
"""Least turn of a corner, radians, seen over `ARM` half widths to each side."""
ARM = 2.4
NEAR, SHARP = 0.9, 0.55
"""How much of that turn a corner has within `NEAR` half widths of it: a bend turns little by little."""
MOST_SHIFT = 0.8
"""Farthest that a point is moved to the middle of the ink, in half widths."""


@dataclasses.dataclass
class Chain:
    """A line of the drawing.

    Attributes:
        points: float64 [sample, xy], about a pixel apart, pixels.
        widths: float64 [sample], of the ink, pixels.
        corners: samples that are sharp corners, the ends not among them.
        closed: whether the last point is the first.
        joints: whether the first point, and the last, lies where lines meet.
    """

    points: Array
    widths: Array
    corners: Indices
    closed: bool
    joints: tuple[bool, bool]


def trace_chains(graph: Graph, ink: Ink, half: float) -> list[Chain]:
    """The lines of a drawing.

    Args:
        graph: of the ink's skeleton; it is used up.
        ink: the ink.
        half: half the usual width of its lines, pixels.
    """
    return _attached([_finished(walk, graph, ink, half) for walk in follow(graph)], half)


def _finished(walk: Walk, graph: Graph, ink: Ink, half: float) -> Chain:
    """A line with its corners made sharp, and in the middle of the ink."""
    points = resample(walk.points, smooth=1.0, closed=walk.closed)
    if len(points) < 2:
        return Chain(np.repeat(points[:1], 2, axis=0), np.full(2, 2 * half), np.zeros(0, np.intp), False, walk.joints)
    rows, columns = points[:, 1].astype(int), points[:, 0].astype(int)
    own = float(np.median(graph.half[rows.clip(0, graph.half.shape[0] - 1), columns.clip(0, graph.half.shape[1] - 1)]))
    own = max(own, 1.0)
    points, corners = _sharpened(points, own, walk.closed)
    pieces: list[Array] = []
    widths: list[Array] = []
    places: list[int] = []
    marks = [0, *corners.tolist(), len(points) - 1]
    smooth = max(1.0, 0.5 * own)
    for a, b in zip(marks[:-1], marks[1:], strict=True):
        round_ = walk.closed and not len(corners)
        piece = resample(points[a : b + 1], smooth=smooth, closed=round_)
        fixed = (a > 0 or walk.joints[0] or walk.closed, b < marks[-1] or walk.joints[1] or walk.closed)
        piece, thick = _centred(piece, ink, own, smooth, round_, fixed)
        pieces.append(piece if not pieces else piece[1:])
        widths.append(thick if not widths else thick[1:])
        places.append(sum(map(len, pieces)) - 1)
    inner = np.array(places[:-1], dtype=np.intp)
    return Chain(np.concatenate(pieces), np.concatenate(widths), inner, walk.closed, walk.joints)


def turns(points: Array, reach: int) -> Array:
    """How much a polyline [k, xy] turns at each sample, seen over `reach` samples to each side: [k], radians."""
    before = points[reach:-reach] - points[: -2 * reach]
    after = points[2 * reach :] - points[reach:-reach]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return np.pad(np.abs(np.arctan2(cross, (before * after).sum(1))), reach)


def _sharpened(points: Array, half: float, closed: bool) -> tuple[Array, Indices]:
    """A polyline, one sample a pixel, whose corners are points again, and which samples they are.

    The skeleton and the smoothing round a corner off: it is put where the straight parts before and after it meet.
    """
    reach = max(4, round(ARM * half))
    none = np.zeros(0, dtype=np.intp)
    if len(points) < 2 * reach + 3:
        reach = max(3, len(points) // 3)
    if len(points) < 2 * reach + 3:
        return points, none
    if closed:  # begin at the sharpest corner, if there is one
        ring = points[:-1]
        around = np.concatenate([ring[-reach:], ring, ring[:reach]])
        angle = turns(around, reach)[reach:-reach]
        first = int(np.argmax(angle))
        close = turns(around, min(reach, max(6, round(NEAR * half))))[reach:-reach]
        if angle[first] > CORNER and close[first] > SHARP * angle[first]:
            ring = np.roll(ring, -first, axis=0)
            around = np.concatenate([ring[-reach:], ring, ring[: reach + 1]])
            corner = _meet(around, reach, reach, half)
            points = np.concatenate([ring, ring[:1]])
            if corner is not None:
                cut = min(max(2, round(half)), len(points) // 4)
                points = np.concatenate([corner[None], points[cut:-cut], corner[None]])
    angle = turns(points, reach)
    near = ndimage.maximum_filter1d(turns(points, min(reach, max(6, round(NEAR * half)))), 2 * round(half) + 1)
    sharp = (angle > CORNER) & (near > SHARP * angle)
    peaks = np.flatnonzero((angle == ndimage.maximum_filter1d(angle, 2 * reach + 1)) & sharp)
    result, corners, done = [], [], 0
    for peak in peaks.tolist():
        corner = _meet(points, peak, reach, half)
        if corner is None or peak < done + 1:
            continue
        cut = max(1, round(half))
        a, b = max(peak - cut, done + 1), min(peak + cut + 1, len(points) - 1)
        result.append(points[done:a])
        corners.append(sum(map(len, result)))
        result.append(corner[None])
        done = b
    result.append(points[done:])
    return np.concatenate(result), np.array(corners, dtype=np.intp)


def _meet(points: Array, at: int, reach: int, half: float) -> Array | None:
    """Where the parts of a polyline before and after a sample meet when they go straight on: float64 [xy].

    None where that is too far away for a corner.
    """
    gap = max(1, round(0.8 * half))
    before = points[max(0, at - gap - reach) : max(at - gap, 1) + 1]
    after = points[at + gap : at + gap + reach + 1]
    if min(len(before), len(after)) < 3:
        return None
    lines = []
    for part in (before, after):
        middle = part.mean(0)
        way = np.linalg.svd(part - middle)[2][0]
        lines.append((middle, way))
    (p, u), (q, v) = lines
    cross = u[0] * v[1] - u[1] * v[0]
    if abs(cross) < 0.1:
        return points[at]
    corner = p + u * (((q - p)[0] * v[1] - (q - p)[1] * v[0]) / cross)
    return corner if np.linalg.norm(corner - points[at]) < 2.5 * half + 2 else points[at]


def _centred(
    points: Array, ink: Ink, half: float, smooth: float, closed: bool, fixed: tuple[bool, bool]
) -> tuple[Array, Array]:
    """Points moved across their line to the middle of the ink, and the ink's width there; fixed ends stay."""
    count = len(points)
    reach = 2.0 * half + 2
    if count < 4:
        return points, np.full(count, 2 * half)
    way = np.gradient(points, axis=0)
    across = np.stack([-way[:, 1], way[:, 0]], axis=1)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    steps = np.arange(0, reach, 0.5 if half < 8 else 1.0)
    sides: list[tuple[Array, Flags]] = []
    for sign in (1, -1):
        at = points[:, None] + sign * steps[None, :, None] * across[:, None] - 0.5
        seen = ndimage.map_coordinates(ink.strength, [at[..., 1], at[..., 0]], order=1, mode="nearest")
        if not sides:
            level = 0.5 * np.maximum(ndimage.median_filter(seen[:, 0], min(9, count)), 1e-3)
        below = seen < level[:, None]
        last = np.where(below.any(1), below.argmax(1), len(steps) - 1).clip(1)
        row = np.arange(count)
        high, low = seen[row, last - 1], seen[row, last]
        share = np.clip((high - level) / np.maximum(high - low, 1e-6), 0, 1)
        sides.append((steps[last - 1] + share * (steps[1] - steps[0]), below.any(1) & ~below[:, 0]))
    (left, one), (right, two) = sides
    shift, width = (left - right) / 2, left + right
    # Beside a junction or another line the profile shows more than this line.
    good = one & two & (np.abs(shift) < MOST_SHIFT * half + 0.5) & (width < 3 * half + 2)
    if good.sum() < 3:
        return points, np.full(count, 2 * half)
    places = np.arange(count)
    shift = np.interp(places, places[good], shift[good])
    width = np.interp(places, places[good], width[good])
    size = min(5, count)
    mode = "wrap" if closed else "nearest"
    shift = ndimage.gaussian_filter1d(ndimage.median_filter(shift, size, mode=mode), smooth + 1, mode=mode)
    width = ndimage.gaussian_filter1d(ndimage.median_filter(width, size, mode=mode), smooth + 1, mode=mode)
    if not closed:
        for stays, away in zip(fixed, (places, places[::-1]), strict=True):
            if stays:
                shift *= np.clip(away / (half + 1), 0, 1)
    moved = points + shift[:, None] * across
    if closed:
        moved[-1] = moved[0]
    return moved, width


def _attached(chains: list[Chain], half: float) -> list[Chain]:
    """The same lines, those that end where lines meet led on to the nearest point of another line there."""
    if len(chains) < 2:
        return chains
    every = np.concatenate([chain.points for chain in chains])
    owner = np.repeat(np.arange(len(chains)), [len(chain.points) for chain in chains])
    tree = cKDTree(every)
    for number, chain in enumerate(chains):
        for place, joint in ((0, chain.joints[0]), (-1, chain.joints[1])):
            if not joint:
                continue
            near = tree.query_ball_point(chain.points[place], 3 * half + 2)
            near = [i for i in near if owner[i] != number]
            if near:
                away = np.linalg.norm(every[near] - chain.points[place], axis=1)
                chain.points[place] = every[near[int(np.argmin(away))]]
    return chains
