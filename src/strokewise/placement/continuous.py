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
from .constants import DEFAULTS
from .one_line_constants import OneLineConstants
from .selection import fill_up


def fit_chain(
    points: Array,
    weight: Array,
    tips: Indices,
    strokes: int,
    tolerance: float,
    constants: OneLineConstants = DEFAULTS.one_line,
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
        constants: where it may be cut, and what a stretch is worth.

    Returns:
        float64 [stroke, 4, xy]; which of them go over what is drawn already; and what they are worth, -inf where the
        way cannot be cut so.
    """
    marks = _joints(weight, tips, max(constants.joints, 2 * strokes))
    m = len(marks)
    if m - 1 < strokes:
        (whole,), _ = fit(points[None])
        return fill_up(whole[None], strokes), np.zeros(strokes, dtype=bool), float(weight.clip(0).sum())
    widest = max(4, int(np.ceil(constants.widest * m / strokes)))
    first, last = _stretches(marks, tips, widest)
    start, stop = marks[first], marks[last]
    at = start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, constants.samples)
    curves, deviations = fit(interpolated(points, np.arange(len(points)), at))
    near = weight[np.round(at).astype(np.intp)]
    step = float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean())
    value = np.full((m, m), -np.inf)
    value[first, last] = (stop - start) * step * _worth(near, (deviations / tolerance) ** 2, constants).mean(1)
    path, best = _best_path(value, strokes)
    if not path:
        return np.zeros((strokes, 4, 2)), np.zeros(strokes, dtype=bool), -np.inf
    which = np.full((m, m), -1, dtype=np.intp)
    which[first, last] = np.arange(len(first))
    chosen = which[path[:-1], path[1:]]
    cubics = flowing(curves[chosen], constants.corner)
    over = (near[chosen] < 0).mean(1) > constants.over_share
    return cubics, over, best - constants.kink * tolerance * _kinks(cubics, constants)


def _joints(weight: Array, tips: Indices, most: int) -> Indices:
    """Samples at which the way may be cut: evenly, where it turns back, and where it comes to drawn lines or leaves.

    Args:
        most: how many even ones.
    """
    count = len(weight)
    even = np.round(np.linspace(0, count - 1, min(most, count))).astype(np.intp)
    over = np.flatnonzero(np.diff((weight < 0).astype(np.int8))) + 1
    return np.unique(np.concatenate([even, tips, over]))


def _stretches(marks: Indices, tips: Indices, widest: int) -> tuple[Indices, Indices]:
    """First and last mark of each stretch that one cubic may be: at most `widest` marks long, no dead end within."""
    first, last = np.triu_indices(len(marks), 1)
    tips_before, tips_up_to = np.searchsorted(tips, marks), np.searchsorted(tips, marks, side="right")
    free = (last - first <= widest) & (tips_before[last] <= tips_up_to[first])
    return first[free], last[free]


def _worth(near: Array, off: Array, constants: OneLineConstants) -> Array:
    """What samples are worth per pixel, given the weight of the way there and the squared deviation in tolerances."""
    missed = np.minimum(off, constants.missed)
    drawing = near * np.clip(1 - off, constants.astray, 1.0)
    over, travel = constants.over - missed, constants.travel - constants.careless * missed
    return np.where(near > 0, drawing, np.where(near < 0, over, travel))


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


def _kinks(cubics: Array, constants: OneLineConstants) -> float:
    """How many sharp corners a line has, dead ends not counted."""
    arriving, leaving = cubics[:-1, 3] - cubics[:-1, 2], cubics[1:, 1] - cubics[1:, 0]
    product = np.linalg.norm(arriving, axis=1) * np.linalg.norm(leaving, axis=1)
    cosine = (arriving * leaving).sum(1) / np.maximum(product, 1e-9)
    return float(((cosine < np.cos(constants.corner)) & (cosine > constants.dead_end)).sum())


def flowing(cubics: Array, corner: float = DEFAULTS.one_line.corner) -> Array:
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


def retracing(cubics: Array, near: float, constants: OneLineConstants = DEFAULTS.one_line) -> Flags:
    """Which cubics go over those before them: bool [stroke].

    Args:
        cubics: float64 [stroke, 4, xy].
        near: distance up to which a point lies on another cubic, same unit.
        constants: what share of a cubic's length has to.
    """
    own = evaluate(cubics, np.linspace(0, 1, constants.samples))
    found = np.zeros(len(cubics), dtype=bool)
    for i in range(1, len(cubics)):
        distance = np.linalg.norm(_nearest(cubics[:i], own[i], constants.dense) - own[i], axis=1)
        found[i] = (distance < near).mean() > constants.retrace_share
    return found


def overlaid(cubics: Array, which: Flags, constants: OneLineConstants = DEFAULTS.one_line) -> Array:
    """The same line, some of its cubics put exactly onto those before them.

    Args:
        cubics: float64 [stroke, 4, xy], each beginning where the one before ended.
        which: bool [stroke], never the first.
        constants: from where on they turn off.
    """
    result = cubics.copy()
    for i in np.flatnonzero(which):
        own = evaluate(result[i], np.linspace(0, 1, constants.samples))
        onto = _nearest(result[:i], own, constants.dense)
        distance = np.linalg.norm(onto - own, axis=1)
        # Where it turns off, it keeps its own way.
        usual = constants.stray_median * np.median(distance)
        stray = distance > usual + constants.stray_extent * np.ptp(own, axis=0).max()
        onto = np.where(stray[:, None], own, onto)
        onto[0] = result[i - 1, 3]
        (moved,), _ = fit(onto[None], iterations=constants.overlay_iterations)
        if i + 1 < len(result):
            result[i + 1, :2] += moved[3] - result[i, 3]
        result[i] = moved
    return result


def _nearest(cubics: Array, points: Array, dense: int) -> Array:
    """The points of cubics, [stroke, 4, xy], that are nearest to points, [k, xy]; each cubic as `dense` points."""
    drawn = evaluate(cubics, np.linspace(0, 1, dense))
    _, flat = cKDTree(drawn.reshape(-1, 2)).query(points)
    stroke, at = np.divmod(flat, dense)
    best = drawn[stroke, at]
    for a, b in ((np.maximum(at - 1, 0), at), (at, np.minimum(at + 1, dense - 1))):
        start, leg = drawn[stroke, a], drawn[stroke, b] - drawn[stroke, a]
        share = ((points - start) * leg).sum(1) / np.maximum((leg**2).sum(1), 1e-12)
        foot = start + np.clip(share, 0, 1)[:, None] * leg
        nearer = np.linalg.norm(points - foot, axis=1) < np.linalg.norm(points - best, axis=1)
        best = np.where(nearer[:, None], foot, best)
    return best


def as_one(cubics: Array) -> Array:
    """Cubics that follow each other, float64 [stroke, 4, xy], as a single chain, float64 [1, 3 stroke + 1, xy]."""
    return chains.chained(cubics)[None]


def retraced(line: Array, placed: Array, constants: OneLineConstants = DEFAULTS.one_line) -> Array:
    """A single chain after it was optimised, put exactly onto itself again where it was placed so.

    Args:
        line: float64 [1, point, xy].
        placed: the chain as it was placed, of the same shape.
        constants: how near it has to be to itself.
    """
    extent = float(np.ptp(placed[0], axis=0).max())
    over = retracing(chains.split_chain(placed[0]), constants.retrace_near * extent, constants)
    return as_one(overlaid(chains.split_chain(line[0]), over, constants))
