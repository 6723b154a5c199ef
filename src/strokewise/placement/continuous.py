"""A continuous line as a row of cubics, each of which begins where the one before ended.

cubics, over, worth = fit_chain(points, weight, tips, strokes=16, tolerance=5.0)   # of a polyline
chain = as_one(cubics)                                                       # one stroke of a drawing
chain = retraced(moved, chain)                                               # after the descent
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from .. import bezier as chains
from .._arrays import Array, Flags, Indices
from ..bezier import evaluate, fit, interpolated
from .selection import fill_up

KINK = 2.0
"""What a corner costs, as a length of outline in tolerances."""
JOINTS = 110
"""Most places at which the way may be cut into cubics."""
SAMPLES = 20
"""Points of the way to which a cubic is fitted."""
DENSE = 80
"""Points along a cubic between which it is taken for straight."""
CORNER = 1.0
"""Turn of the way, in radians, from which on two cubics meet in a corner; below it they run on into each other."""
OVER, TRAVEL = -0.15, -0.3
"""Worth of a pixel that goes over a drawn line again, and of one that only travels: ink that says nothing."""
MISSED, CARELESS = 4.0, 0.2
"""Most that a squared deviation, in tolerances, counts against such pixels, and the share of it for those that only
travel, since it matters little where they go."""


def fit_chain(
    points: Array, weight: Array, tips: Indices, strokes: int, tolerance: float
) -> tuple[Array, Flags, float]:
    """A polyline as a row of cubics, cut where that says most.

    Each stretch between two places where the way may be cut is fitted with one cubic and given a value; dynamic
    programming finds the row of cubics of the greatest value.

    Args:
        points: float64 [k, xy], evenly spaced.
        weight: [k], worth of a sample; 0 only travels, -1 is drawn for a second time.
        tips: samples at which the way turns back, and no cubic goes on.
        strokes: how many cubics.
        tolerance: deviation at which a sample counts as missed, same unit.

    Returns:
        float64 [stroke, 4, xy]; which of them go over what is drawn already; and what they are worth, -inf where the
        way cannot be cut so.
    """
    marks = _joints(weight, tips, strokes)
    m = len(marks)
    if m - 1 < strokes:
        (whole,), _ = fit(points[None])
        return fill_up(whole[None], strokes), np.zeros(strokes, dtype=bool), float(weight.clip(0).sum())
    first, last = _stretches(marks, tips, strokes)
    start, stop = marks[first], marks[last]
    at = start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, SAMPLES)
    curves, deviations = fit(interpolated(points, np.arange(len(points)), at))
    near = weight[np.round(at).astype(np.intp)]
    step = float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean())
    value = np.full((m, m), -np.inf)
    value[first, last] = (stop - start) * step * _worth(near, (deviations / tolerance) ** 2).mean(1)
    path, best = _best_path(value, strokes)
    if not path:
        return np.zeros((strokes, 4, 2)), np.zeros(strokes, dtype=bool), -np.inf
    which = np.full((m, m), -1, dtype=np.intp)
    which[first, last] = np.arange(len(first))
    chosen = which[path[:-1], path[1:]]
    cubics = flowing(curves[chosen])
    over = (near[chosen] < 0).mean(1) > 0.8
    return cubics, over, best - KINK * tolerance * _kinks(cubics)


def _joints(weight: Array, tips: Indices, strokes: int) -> Indices:
    """Samples at which the way may be cut: evenly, where it turns back, and where it comes to drawn lines or leaves."""
    count = len(weight)
    even = np.round(np.linspace(0, count - 1, min(max(JOINTS, 2 * strokes), count))).astype(np.intp)
    over = np.flatnonzero(np.diff((weight < 0).astype(np.int8))) + 1
    return np.unique(np.concatenate([even, tips, over]))


def _stretches(marks: Indices, tips: Indices, strokes: int) -> tuple[Indices, Indices]:
    """First and last mark of each stretch that one cubic may be: not too long, and with no dead end within."""
    widest = max(4, int(np.ceil(6 * len(marks) / strokes)))
    first, last = np.triu_indices(len(marks), 1)
    tips_before, tips_up_to = np.searchsorted(tips, marks), np.searchsorted(tips, marks, side="right")
    free = (last - first <= widest) & (tips_before[last] <= tips_up_to[first])
    return first[free], last[free]


def _worth(near: Array, off: Array) -> Array:
    """What samples are worth per pixel, given the weight of the way there and the squared deviation in tolerances."""
    missed = np.minimum(off, MISSED)
    drawing = near * np.clip(1 - off, -1.5, 1.0)
    return np.where(near > 0, drawing, np.where(near < 0, OVER - missed, TRAVEL - CARELESS * missed))


def _best_path(value: Array, steps: int) -> tuple[list[int], float]:
    """The way from the first mark to the last in that many steps that is worth most, and its worth.

    Args:
        value: [mark, mark], what each step is worth; -inf where there is none.

    Returns:
        the marks, one more than steps, or none where no way leads there; and the sum.
    """
    best = np.full(len(value), -np.inf)
    best[0] = 0.0
    backs = []
    for _ in range(steps):
        options = best[:, None] + value
        backs.append(options.argmax(0))
        best = options.max(0)
    if not np.isfinite(best[-1]):
        return [], -np.inf
    path = [len(value) - 1]
    for back in reversed(backs):
        path.append(int(back[path[-1]]))
    return path[::-1], float(best[-1])


def _kinks(cubics: Array) -> float:
    """How many sharp corners a line has, dead ends not counted."""
    arriving, leaving = cubics[:-1, 3] - cubics[:-1, 2], cubics[1:, 1] - cubics[1:, 0]
    product = np.linalg.norm(arriving, axis=1) * np.linalg.norm(leaving, axis=1)
    cosine = (arriving * leaving).sum(1) / np.maximum(product, 1e-9)
    return float(((cosine < np.cos(CORNER)) & (cosine > -0.9)).sum())


def flowing(cubics: Array, corner: float = CORNER) -> Array:
    """The same line with neighbouring handles put in one direction, but for real corners.

    Args:
        cubics: float64 [stroke, 4, xy], each beginning where the one before ended.
        corner: turn in radians from which on a joint is a corner and stays one.
    """
    result = cubics.copy()
    for i in range(1, len(cubics)):
        arriving, leaving = cubics[i - 1, 3] - cubics[i - 1, 2], cubics[i, 1] - cubics[i, 0]
        one, two = float(np.linalg.norm(arriving)), float(np.linalg.norm(leaving))
        if min(one, two) < 1e-9:
            continue
        turn = np.arccos(np.clip(arriving @ leaving / (one * two), -1, 1))
        if turn < corner:
            way = arriving / one + leaving / two
            way /= np.linalg.norm(way)
            result[i - 1, 2] = cubics[i - 1, 3] - one * way
            result[i, 1] = cubics[i, 0] + two * way
    return result


def retracing(cubics: Array, near: float, share: float = 0.85) -> Flags:
    """Which cubics go over those before them: bool [stroke].

    Args:
        cubics: float64 [stroke, 4, xy].
        near: distance up to which a point lies on another cubic, same unit.
        share: of a cubic's length that has to.
    """
    own = evaluate(cubics, np.linspace(0, 1, SAMPLES))
    found = np.zeros(len(cubics), dtype=bool)
    for i in range(1, len(cubics)):
        found[i] = (np.linalg.norm(_nearest(cubics[:i], own[i]) - own[i], axis=1) < near).mean() > share
    return found


def overlaid(cubics: Array, which: Flags) -> Array:
    """The same line, some of its cubics put exactly onto those before them.

    Args:
        cubics: float64 [stroke, 4, xy], each beginning where the one before ended.
        which: bool [stroke], never the first.
    """
    result = cubics.copy()
    for i in np.flatnonzero(which):
        own = evaluate(result[i], np.linspace(0, 1, SAMPLES))
        onto = _nearest(result[:i], own)
        distance = np.linalg.norm(onto - own, axis=1)
        # Where it turns off, it keeps its own way.
        stray = distance > 3 * np.median(distance) + 0.02 * np.ptp(own, axis=0).max()
        onto = np.where(stray[:, None], own, onto)
        onto[0] = result[i - 1, 3]
        (moved,), _ = fit(onto[None], iterations=24)
        if i + 1 < len(result):
            result[i + 1, :2] += moved[3] - result[i, 3]
        result[i] = moved
    return result


def _nearest(cubics: Array, points: Array) -> Array:
    """The points of cubics, [stroke, 4, xy], that are nearest to points, [k, xy]."""
    drawn = evaluate(cubics, np.linspace(0, 1, DENSE))
    _, flat = cKDTree(drawn.reshape(-1, 2)).query(points)
    stroke, at = np.divmod(flat, DENSE)
    best = drawn[stroke, at]
    for a, b in ((np.maximum(at - 1, 0), at), (at, np.minimum(at + 1, DENSE - 1))):
        start, leg = drawn[stroke, a], drawn[stroke, b] - drawn[stroke, a]
        share = ((points - start) * leg).sum(1) / np.maximum((leg**2).sum(1), 1e-12)
        foot = start + np.clip(share, 0, 1)[:, None] * leg
        nearer = np.linalg.norm(points - foot, axis=1) < np.linalg.norm(points - best, axis=1)
        best = np.where(nearer[:, None], foot, best)
    return best


def as_one(cubics: Array) -> Array:
    """Cubics that follow each other, float64 [stroke, 4, xy], as a single chain, float64 [1, 3 stroke + 1, xy]."""
    return chains.chained(cubics)[None]


def retraced(line: Array, placed: Array) -> Array:
    """A single chain after it was optimised, put exactly onto itself again where it was placed so.

    Args:
        line: float64 [1, point, xy].
        placed: the chain as it was placed, of the same shape.
    """
    extent = float(np.ptp(placed[0], axis=0).max())
    return as_one(overlaid(chains.split_chain(line[0]), retracing(chains.split_chain(placed[0]), 0.002 * extent)))
