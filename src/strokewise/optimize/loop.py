"""Moving the strokes: gradient descent on several candidates at once, the poor ones dropped on the way."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np

from .._arrays import Array, Flags, Indices
from ..engines import Engine, Terms
from ..settings import Stopped
from ..sketch import StrokeStyle
from .candidates import Callback, CandidatePool, Optimized
from .exchange import exchange
from .price import Price
from .scorer import PhotoScorer
from .strokes import JOIN, StrokeParameters
from .style import photo_colors
from .style_updates import StyleParameters

STALL_SPEEDUP = 4
"""How much faster the clock of a schedule runs while there is no progress."""


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How the loop goes. Lengths in pixels of a 224 px canvas.

    Attributes:
        steps: most steps.
        rate: how far a control point moves in a step, at first; the rate falls to a tenth along a cosine.
        pace: how fast the rate falls: at 1 it has fallen to its end after all steps, at 2 after half of them, and the
            loop has converged.
        join: distance up to which two ends of strokes move as one.
        stiffness: price of bending strokes out of the shapes they were placed in, shared by all of them: 0 lets small
            strokes scribble; as much as there are strokes, lines that were straight stay so.
        views: random views a step besides the picture itself.
        race: after these steps only so many candidates go on, {step: candidates}.
        exchange: after these steps strokes are exchanged; from the first on, only the best candidate goes on.
        patience: steps without progress after which the rate falls STALL_SPEEDUP times as fast, until there is
            progress; once it has fallen to its end, the loop has converged.
        progress: relative fall of the best loss that counts as progress.
    """

    steps: int = 60
    rate: float = 0.7
    pace: float = 1.0
    join: float = JOIN
    stiffness: float = 16.0
    views: int = 0
    race: tuple[tuple[int, int], ...] = ((1, 1),)
    exchange: tuple[int, ...] = (8,)
    patience: int = 10
    progress: float = 0.002


def optimize_together(
    placements: Sequence[Array],
    engine: Engine,
    schedule: Schedule,
    rng: np.random.Generator,
    *,
    pools: Sequence[Array] | None = None,
    locked: Sequence[Flags] | None = None,
    styles: Sequence[StrokeStyle] | None = None,
    vary: frozenset[str] = frozenset(),
    prices: Sequence[Price] | None = None,
    callback: Callback | None = None,
) -> list[Optimized | None]:
    """Move the strokes of all candidates downhill, and return the best of each photo by the un-augmented loss.

    Several photos go in one batch, which is what keeps a GPU busy; the candidates of each are its own. Never returns
    strokes that are worse than the best placement by that measure and its price.

    Args:
        placements: those of each photo, float64 [candidate, stroke, point, xy], canvas pixels; point = 4, 7, 10... in
            chains. All photos have as many strokes.
        engine: compares with as many photos.
        schedule: how the loop goes.
        rng: chooses the views of each step.
        pools: strokes that each photo offers for exchange, float64 [any, point, xy], canvas pixels; no more points than
            above.
        locked: those of each photo, [stroke], that stay as they are, to the bit, in points and style. Strokes that are
            joined to one keep that end.
        styles: what each photo's strokes are drawn with, [stroke] or [candidate, stroke]; None is a black pen of the
            engine's width, or of the photo's own colours where colours vary.
        vary: what of the style is optimised with the points, of "width", "opacity" and "color".
        prices: of each photo's drawings, beside the loss; None is nothing but marks and loose ends.
        callback: called for each photo after each step; returning True stops that photo with the best so far.

    Returns:
        the outcome of each photo; None where not even a placement has a finite loss.
    """
    vary = vary if schedule.steps else frozenset()
    begun = [_first_style(points, engine, photo, styles, vary) for photo, points in enumerate(placements)]
    prices = prices or [Price()] * len(placements)
    running = []
    for photo, (points, style) in enumerate(zip(placements, begun, strict=True)):
        found = np.array([prices[photo](one, engine.size) for one in points])
        running.append(CandidatePool(points, style, photo, found))
    outcomes: list[Optimized | None] = [None] * len(running)
    plain = styles is None and not vary
    drawings = _Drawings(placements, None if plain else StrokeStyle.joined(begun), locked, vary, engine, schedule.join)
    drops = {**dict(schedule.race), **({step: 1 for step in schedule.exchange} if pools else {})}
    step = 0
    while True:
        moving = step < schedule.steps
        # The picture itself is always among the views, so each step measures where it starts from.
        random = schedule.views if moving and engine.view_count > 1 else 0
        views = (0, *(int(v) for v in rng.integers(1, engine.view_count, random))) if random else (0,)
        terms, gradients = drawings.compare(views, moving)
        values, sound = np.stack(terms, axis=1), _finite(terms, gradients)
        keep = []
        for pool in list(running):
            rows = np.flatnonzero(drawings.photos == pool.photo)
            stopped = _record(pool, drawings, rows, values, step, schedule, callback)
            good = [row for row, its in enumerate(rows) if sound[its]]
            if stopped or not good:
                outcomes[pool.photo] = pool.outcome(step, stopped or "diverged")
                running.remove(pool)
                continue
            pool.keep(good)
            leading = pool.leaders(drops.get(step + 1, len(good)))
            pool.keep(leading)
            keep += [int(rows[good[row]]) for row in leading]
        if not running:
            break
        clocks = {pool.photo: pool.clock for pool in running}
        fades = [_fade(clocks.get(int(photo), 1.0)) for photo in drawings.photos]
        drawings.keep(keep)
        drawings.move({name: part[keep] for name, part in gradients.items()}, schedule, np.array(fades)[keep])
        for pool in running:
            pool.clock += schedule.pace * (STALL_SPEEDUP if pool.stale >= schedule.patience else 1) / schedule.steps
        step += 1
        if pools and step in schedule.exchange:
            for row, pool in enumerate(running):
                drawings.exchange(row, pool, pools[pool.photo], prices[pool.photo])
            drawings.set_shapes()
    return outcomes


class _Drawings:
    """The drawings that are running, [drawing, ...] throughout, and all that is known of each.

    Attributes:
        photos: number of the photo of each drawing.
    """

    def __init__(
        self,
        placements: Sequence[Array],
        style: StrokeStyle | None,
        locked: Sequence[Flags] | None,
        vary: frozenset[str],
        engine: Engine,
        join: float,
    ) -> None:
        self._engine = engine
        self.photos = np.repeat(np.arange(len(placements)), [len(points) for points in placements])
        points = np.concatenate(placements)
        self._locked = np.zeros(points.shape[:2], dtype=bool)
        if locked is not None:
            self._locked |= np.stack(list(locked))[self.photos]
        self._strokes = StrokeParameters(points, self._locked, join * engine.size / 224)
        self._style = StyleParameters(style, points, self._locked, vary, width=engine.width, size=engine.size)
        self._shapes = self._strokes.points

    @property
    def points(self) -> Array:
        """float64 [drawing, stroke, point, xy]."""
        return self._strokes.points

    @property
    def style(self) -> StrokeStyle:
        """[drawing, stroke]."""
        return self._style.style

    def compare(self, views: Sequence[int], moving: bool) -> tuple[Terms, dict[str, Array]]:
        """The terms of the loss, and its gradients if strokes are to move."""
        photos = self.photos.tolist()
        if not moving:
            return self._engine.values(self.points, self._style.drawn, photos), {}
        return self._engine.value_and_gradient(
            self.points, self._style.drawn, photos, views=views, vary=self._style.vary
        )

    def move(self, gradients: dict[str, Array], schedule: Schedule, fades: Array) -> None:
        """A step downhill; `fades` is the share of the rates that counts, [drawing]."""
        bend = schedule.stiffness * bending_gradient(self.points, self._shapes)
        rate = schedule.rate * self._engine.size / 224 * fades[:, None, None, None]
        self._style.move(self.points, gradients, fades)
        self._strokes.move(gradients["points"] + bend, rate)

    def keep(self, rows: list[int]) -> None:
        """Go on with some of the drawings only."""
        if len(rows) < len(self.photos):
            self._strokes.keep(rows)
            self._style.keep(rows)
            self._shapes, self.photos, self._locked = self._shapes[rows], self.photos[rows], self._locked[rows]

    def exchange(self, row: int, pool: CandidatePool, offered: Array, price: Price) -> None:
        """Put the best drawing of a photo after `exchange` in the place of one, where that changed anything."""
        drawn = self._style.drawn is not None
        style = pool.best_style if drawn else None
        fresh = self._style.fresh(row, offered, self._engine.photos[pool.photo]) if drawn else None
        scorer = PhotoScorer(self._engine, pool.photo, price)
        better = exchange(pool.best, offered, scorer, locked=self._locked[row], style=style, fresh=fresh)
        if better.came.any():
            self._strokes.restart(row, better.points)
            self._style.restart(row, better.points, better.style or pool.best_style, better.came)

    def set_shapes(self) -> None:
        """Take the shapes as they are for those that strokes are not to be bent out of."""
        self._shapes = self._strokes.points


def _first_style(
    points: Array, engine: Engine, photo: int, styles: Sequence[StrokeStyle] | None, vary: frozenset[str]
) -> StrokeStyle:
    """What a photo's candidates are drawn with at first: [candidate, stroke]."""
    if styles is not None:
        return styles[photo].spread(*points.shape[:2])
    pen = StrokeStyle.pen(points.shape[1], engine.width).spread(*points.shape[:2])
    if "color" not in vary:
        return pen
    return pen._replace(colors=np.stack([photo_colors(drawing, engine.photos[photo]) for drawing in points]))


def _finite(terms: Terms, gradients: dict[str, Array]) -> Flags:
    """Which drawings have a loss, and a way downhill."""
    parts = [*terms, *gradients.values()]
    return np.asarray(np.all([np.isfinite(part).reshape(len(part), -1).all(1) for part in parts], axis=0))


def _record(
    pool: CandidatePool,
    drawings: _Drawings,
    rows: Indices,
    values: Array,
    step: int,
    schedule: Schedule,
    callback: Callback | None,
) -> Stopped | None:
    """Note where a photo's candidates stand; why it stops here, or None."""
    finite = np.where(np.isfinite(values[rows]).all(1, keepdims=True), values[rows], np.inf)
    if not np.isfinite(finite).any():
        return "diverged"
    pool.record(drawings.points[rows], finite, schedule.progress, drawings.style.at(rows))
    if callback is not None and callback(pool.progress(step, schedule.steps)):
        return "asked"
    if step >= schedule.steps:
        return "steps"
    return "converged" if pool.clock > 1 else None


def _fade(clock: float) -> float:
    """Share of the rate that is left: from 1 to a tenth along a cosine."""
    return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(clock, 1.0)))


def bending(points: Array, before: Array) -> Array:
    """How far strokes have left the shape they had: [drawing], 0 for strokes that only slid.

    The squared change of each leg of the control polygon, as a share of the polygon's length, mean over strokes: a
    given change in pixels costs an eye more than an outline.
    """
    change, length = _changed_legs(points, before)
    return np.asarray((np.square(change).sum((2, 3)) / np.square(length)).mean(1))


def bending_gradient(points: Array, before: Array) -> Array:
    """Gradient of `bending` with respect to the points, of their shape."""
    change, length = _changed_legs(points, before)
    pull = 2 * change / (np.square(length)[..., None, None] * points.shape[1])
    gradient = np.zeros_like(points)
    gradient[:, :, 1:] += pull
    gradient[:, :, :-1] -= pull
    return gradient


def _changed_legs(points: Array, before: Array) -> tuple[Array, Array]:
    """Change of each leg [drawing, stroke, leg, xy], and the length of each stroke's polygon before."""
    legs, old = np.diff(points, axis=2), np.diff(before, axis=2)
    return legs - old, np.maximum(np.linalg.norm(old, axis=3).sum(2), 1.0)
