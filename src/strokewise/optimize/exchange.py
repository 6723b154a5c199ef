"""The discrete half of the optimisation: exchanging strokes for others where the encoder likes that better.

Gradients move a stroke that is there; they cannot take one away here and put another there. So a pool of strokes that
the scene offers is tried by forward passes: the weakest stroke of a drawing (the one whose absence costs least) is
exchanged for the one of the pool that lowers the loss most, as long as that pays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .._arrays import Array, Flags, Indices
from ..bezier import along, lengthened
from ..sketch import StrokeStyle
from .scorer import PhotoScorer, Strokes


class Exchange(NamedTuple):
    """What has become of a drawing.

    Attributes:
        points: float64 [stroke, point, xy], canvas pixels.
        style: what they are drawn with; None where none was given.
        came: [stroke], which are new.
        history: un-augmented total before the first and after each exchange; empty if none was tried.
    """

    points: Array
    style: StrokeStyle | None
    came: Flags
    history: list[float]


def exchange(
    points: Array,
    pool: Array,
    scorer: PhotoScorer,
    *,
    locked: Flags | None = None,
    style: StrokeStyle | None = None,
    fresh: StrokeStyle | None = None,
    rounds: int = 6,
    weak: int = 2,
    tries: int = 8,
    progress: float = 0.004,
    near: float = 3.0,
    probed: int = 16,
) -> Exchange:
    """Exchange strokes of one drawing for strokes of a pool.

    Args:
        points: the drawing, float64 [stroke, point, xy], canvas pixels.
        pool: strokes to choose from, float64 [any, point, xy], canvas pixels; of no more points than the drawing's.
        scorer: of the photo; its totals are what falls, and its prices count beside them.
        locked: [stroke], strokes that are not given up.
        style: what the drawing is drawn with; None is the scorer's black pen.
        fresh: what strokes of the pool would be drawn with; needed where `style` is given.
        rounds: most exchanges; each costs about probed + weak x (tries + 1) forward passes and `weak` backward ones.
        weak: how many of the weakest strokes are given up for trial.
        tries: how many strokes of the pool are looked at for each, those that the gradient of the loss favours.
        progress: least relative fall of the loss for which an exchange is made, with the prices added.
        near: a stroke of the pool is not taken if half of it lies closer than this to another stroke, pixels of a
            224 px canvas.
        probed: most strokes that are left out for trial to find the weakest; of more, those that the gradient holds
            for the weakest.
    """
    drawing = Strokes(points.copy(), style)
    came = np.zeros(len(points), dtype=bool)
    free = np.arange(len(points)) if locked is None else np.flatnonzero(~locked)
    if not len(pool) or len(points) < 2 or not len(free):
        return Exchange(*drawing, came, [])
    offered = Strokes(lengthened(pool, points.shape[1]), fresh)
    now = float(scorer.totals([drawing])[0])
    history = [now]
    near = near * scorer.size / 224
    for _ in range(rounds):
        likely = free
        if len(free) > probed:
            changes = scorer.estimated_changes(drawing, drawing.at(free), removed=True)
            likely = free[np.argsort(changes, kind="stable")[:probed]]
        without = [drawing.without(int(i)) for i in likely]
        sets, places = [], []
        for k in np.argsort(scorer.totals(without) + now * scorer.prices(without), kind="stable")[:weak]:
            for j in _favoured(scorer, without[k], offered, near, tries):
                sets.append(drawing.replaced(int(likely[k]), offered.at([j])))
                places.append(int(likely[k]))
        if not sets:
            break
        found = scorer.totals(sets)
        worth = found + now * (scorer.prices(sets) - scorer.prices([drawing])[0])
        best = int(np.argmin(worth))
        if not (worth[best] < now * (1 - progress) and found[best] < now):
            break
        drawing, now = sets[best], float(found[best])
        came[places[best]] = True
        history.append(now)
    return Exchange(*drawing, came, history)


def add(
    points: Array,
    pool: Array,
    count: int,
    scorer: PhotoScorer,
    *,
    style: StrokeStyle | None = None,
    fresh: StrokeStyle | None = None,
    tries: int = 12,
    near: float = 3.0,
) -> Array:
    """Add strokes of a pool to a drawing, one after the other, each where the loss falls most.

    Args:
        points: the drawing, float64 [stroke, point, xy], canvas pixels; there may be no stroke yet.
        pool: strokes to choose from, float64 [any, point, xy], canvas pixels; of no more points than the drawing's.
        count: how many are added; fewer only where the pool holds no more.
        scorer, near: as for `exchange`.
        style, fresh: what the drawing is drawn with, and the pool would be; None is the scorer's black pen.
        tries: how many strokes of the pool are looked at for each place, those that the gradient of the loss favours;
            so many forward passes a stroke, and a backward one.

    Returns:
        float64 [stroke, point, xy], the drawing's own strokes first, then those that came, in the order they did.
    """
    drawing = Strokes(points.copy(), style)
    near = near * scorer.size / 224
    offered = Strokes(lengthened(pool, points.shape[1]), fresh)
    for _ in range(min(count, len(pool))):
        likely = _favoured(scorer, drawing, offered, near, tries)
        if not len(likely):  # all that is left lies on what is drawn: take it nevertheless, it was asked for
            likely = _favoured(scorer, drawing, offered, -1.0, tries)
        sets = [drawing.followed_by(offered.at([j])) for j in likely]
        best = int(np.argmin(scorer.totals(sets)))
        drawing, offered = sets[best], offered.without(int(likely[best]))
    return drawing.points


def _favoured(scorer: PhotoScorer, drawing: Strokes, offered: Strokes, near: float, tries: int) -> Indices:
    """Places of the strokes on offer that the gradient favours most, of those that say something new."""
    free = np.flatnonzero(~_covered(offered.points, drawing.points, near))
    change = scorer.estimated_changes(drawing, offered.at(free), removed=False)
    return np.asarray(free[np.argsort(change, kind="stable")[:tries]])


def _covered(pool: Array, drawing: Array, near: float) -> Flags:
    """Which strokes of the pool say, along half of their length or more, what the drawing says already."""
    if not len(drawing):
        return np.zeros(len(pool), dtype=bool)
    curves = along(pool, 16)
    style = along(drawing, 64).reshape(-1, 2)
    gaps = np.stack([np.linalg.norm(points[:, None] - style, axis=2).min(1) for points in curves])
    return np.asarray((gaps < near).mean(1) >= 0.5)
