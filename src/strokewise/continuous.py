"""A continuous line as a row of cubics, each of which begins where the one before ended.

cubics, worth = cut(points, weight, tips, strokes=16, tolerance=5.0)   # of a polyline
chain = as_one(cubics)                                                  # one stroke of a drawing
chain = retraced(moved, chain)                                          # after the descent
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from . import chains
from .arrays import Array, Flags, Indices
from .placement.choice import fill_up
from .placement.fitting import evaluate, fit

KINK = 2.0
"""What a corner costs, as a length of outline in tolerances."""
JOINTS = 110
"""Most places at which the way may be cut into cubics."""
SAMPLES = 20
"""Points of the way to which a cubic is fitted."""
DENSE = 80
"""Points along a cubic between which it is taken for straight."""
SMOOTH = 1.0
"""Turn of the way, in radians, up to which two cubics run on into each other without a corner."""


def cut(points: Array, weight: Array, tips: Indices, strokes: int, tolerance: float) -> tuple[Array, Flags, float]:
    """A polyline as a row of cubics, cut where that says most.

    Args:
        points: float64 [k, xy], evenly spaced.
        weight: [k], worth of a sample; 0 only travels, -1 is drawn for a second time.
        tips: samples at which the way turns back, and no cubic goes on.
        strokes: how many cubics.
        tolerance: deviation at which a sample counts as missed, same unit.

    Returns:
        float64 [stroke, 4, xy]; which of them go over what is drawn already; and what they are worth.
    """
    count = len(points)
    even = np.round(np.linspace(0, count - 1, min(max(JOINTS, 2 * strokes), count))).astype(np.intp)
    over = np.flatnonzero(np.diff((weight < 0).astype(np.int8))) + 1
    marks = np.unique(np.concatenate([even, tips, over]))
    m = len(marks)
    if m - 1 < strokes:
        (whole,), _ = fit(points[None])
        return fill_up(whole[None], strokes), np.zeros(strokes, dtype=bool), float(weight.clip(0).sum())
    widest = max(4, int(np.ceil(6 * m / strokes)))
    first, last = np.triu_indices(m, 1)
    ends = np.searchsorted(tips, marks)
    through = ends[last] - np.searchsorted(tips, marks, side="right")[first]
    close = (last - first <= widest) & (through <= 0)
    first, last = first[close], last[close]
    start, stop = marks[first], marks[last]
    at = start[:, None] + (stop - start)[:, None] * np.linspace(0, 1, SAMPLES)
    s = np.arange(count)
    runs = np.stack([np.interp(at, s, points[:, i]) for i in (0, 1)], axis=2)
    curves, deviations = fit(runs)
    step = float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean())
    off = (deviations / tolerance) ** 2
    near = weight[np.round(at).astype(np.intp)]
    kept = np.clip(1 - off, -1.5, 1.0)
    # What only travels is ink that says nothing; where it goes matters little.
    worth = np.where(
        near > 0, near * kept, np.where(near < 0, -0.15 - np.minimum(off, 4), -0.3 - 0.2 * np.minimum(off, 4))
    )
    value = np.full((m, m), -np.inf)
    value[first, last] = (stop - start) * step * worth.mean(1)
    which = np.full((m, m), -1, dtype=np.intp)
    which[first, last] = np.arange(len(first))
    best = np.full(m, -np.inf)
    best[0] = 0.0
    backs = []
    for _ in range(strokes):
        options = best[:, None] + value
        backs.append(options.argmax(0))
        best = options.max(0)
    if not np.isfinite(best[-1]):
        return np.zeros((strokes, 4, 2)), np.zeros(strokes, dtype=bool), -np.inf
    path = [m - 1]
    for back in reversed(backs):
        path.append(int(back[path[-1]]))
    path.reverse()
    chosen = which[path[:-1], path[1:]]
    cubics = flowing(curves[chosen])
    over = (near[chosen] < 0).mean(1) > 0.8
    return cubics, over, float(best[-1]) - KINK * tolerance * _kinks(cubics)


def _kinks(cubics: Array) -> float:
    """How many sharp corners a line has, dead ends not counted."""
    arriving, leaving = cubics[:-1, 3] - cubics[:-1, 2], cubics[1:, 1] - cubics[1:, 0]
    product = np.linalg.norm(arriving, axis=1) * np.linalg.norm(leaving, axis=1)
    cosine = (arriving * leaving).sum(1) / np.maximum(product, 1e-9)
    return float(((cosine < np.cos(SMOOTH)) & (cosine > -0.9)).sum())


def flowing(cubics: Array, corner: float = SMOOTH) -> Array:
    """The same line with neighbouring handles put in one direction, but for real corners.

    Args:
        cubics: float64 [stroke, 4, xy], each beginning where the one before ended.
        corner: turn in radians from which on a joint is a corner and stays one.
    """
    result = cubics.copy()
    for a, b in zip(range(len(cubics) - 1), range(1, len(cubics)), strict=True):
        arriving, leaving = cubics[a, 3] - cubics[a, 2], cubics[b, 1] - cubics[b, 0]
        one, two = float(np.linalg.norm(arriving)), float(np.linalg.norm(leaving))
        if min(one, two) < 1e-9:
            continue
        turn = np.arccos(np.clip(arriving @ leaving / (one * two), -1, 1))
        if turn < corner:
            way = arriving / one + leaving / two
            way /= np.linalg.norm(way)
            result[a, 2] = cubics[a, 3] - one * way
            result[b, 1] = cubics[b, 0] + two * way
    return result


def again(cubics: Array, near: float, share: float = 0.85) -> Flags:
    """Which cubics, [stroke, 4, xy], lie for that share of their length within `near` of those before them."""
    own = evaluate(cubics, np.linspace(0, 1, SAMPLES))
    found = np.zeros(len(cubics), dtype=bool)
    for i in range(1, len(cubics)):
        found[i] = (np.linalg.norm(_nearest(cubics[:i], own[i]) - own[i], axis=1) < near).mean() > share
    return found


def overlaid(cubics: Array, which: Flags) -> Array:
    """The same line, some of its cubics put exactly onto those before them.

    Args:
        cubics: float64 [stroke, 4, xy], each beginning where the one before ended.
        which: bool [stroke].
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
    return np.concatenate([cubics[0, :1], *(cubic[1:] for cubic in cubics)])[None]


def retraced(line: Array, placed: Array) -> Array:
    """A single chain after it was optimised, put exactly onto itself again where it was placed so.

    Args:
        line: float64 [1, point, xy].
        placed: the chain as it was placed, of the same shape.
    """
    extent = float(np.ptp(placed[0], axis=0).max())
    return as_one(overlaid(chains.cubics(line[0]), again(chains.cubics(placed[0]), 0.002 * extent)))
