"""The candidates of one photo: the best of each so far, which still run, and whether there is progress."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from .._arrays import Array
from ..engines import Terms
from ..settings import Stopped
from ..sketch import StrokeStyle


@dataclasses.dataclass(frozen=True)
class Progress:
    """What a callback gets after each step.

    Attributes:
        photo: which photo this is about, where several are drawn together.
        step, steps: how many are done, and the most there will be.
        loss: best un-augmented loss so far; placement: the best one before the first step.
        points: the best strokes so far, float64 [stroke, point, xy], canvas pixels.
        candidates: how many are still running.
        style: what the best strokes are drawn with.
    """

    photo: int
    step: int
    steps: int
    loss: float
    placement: float
    points: Array
    candidates: int
    style: StrokeStyle


Callback = Callable[[Progress], bool | None]
"""Called after each step; returning True stops the loop with the best so far."""


@dataclasses.dataclass(frozen=True)
class Optimized:
    """The outcome.

    Attributes:
        points: the best strokes, float64 [stroke, point, xy], canvas pixels.
        candidate: which of the candidates they come from.
        losses: un-augmented "semantic", "geometric" and "total" of `points`.
        placement_losses: the same of that candidate's placement.
        history: best un-augmented total after each step; history[0] is the placement's.
        steps: steps taken.
        stopped: "converged", "steps" (all were taken), "asked" (the callback) or "diverged" (a loss was not finite).
        style: what `points` are drawn with.
    """

    points: Array
    candidate: int
    losses: dict[str, float]
    placement_losses: dict[str, float]
    history: list[float]
    steps: int
    stopped: Stopped
    style: StrokeStyle


class CandidatePool:
    """The candidates of one photo: those still running, and the best of each by the un-augmented loss.

    Args:
        points: placements, float64 [candidate, stroke, point, xy], canvas pixels.
        style: what they are drawn with, [candidate, stroke].
        photo: which photo they draw, for the callback.
        prices: of the placements, as a share of the loss, [candidate]; None is nothing.

    Attributes:
        photo: as above.
        ids: candidates still running.
        history: best un-augmented total after each record.
        stale: records since that last fell by the share that counts as progress.
        clock: how far the schedule has gone, from 0 to 1.
    """

    def __init__(self, points: Array, style: StrokeStyle, photo: int = 0, prices: Array | None = None) -> None:
        self.photo = photo
        self.ids = list(range(len(points)))
        self.history: list[float] = []
        self._best = points.copy()
        self._style = style.at(list(range(len(points))))
        self._totals = np.full(len(points), np.inf)
        self._prices = np.zeros(len(points)) if prices is None else prices
        self._terms = np.zeros((len(points), 3))
        self._first = np.zeros((len(points), 3))
        self.stale = 0
        self.clock = 0.0

    def record(self, points: Array, terms: Array, progress: float = 0.0, style: StrokeStyle | None = None) -> None:
        """Note where the running candidates stand after a step.

        Args:
            points: of those that are running, float64 [candidate, stroke, point, xy], canvas pixels.
            terms: float64 [candidate, 3]: semantic, geometric and total, as in `Terms`.
            progress: relative fall of the best loss that counts as progress.
            style: what they are drawn with, [candidate, stroke]; None where it does not change.
        """
        for row, candidate in enumerate(self.ids):
            if not self.history:
                self._first[candidate] = terms[row]
            if terms[row, 2] < self._totals[candidate]:
                self._totals[candidate] = terms[row, 2]
                self._terms[candidate] = terms[row]
                # The placement itself is kept in full precision.
                if self.history:
                    self._best[candidate] = points[row]
                if style is not None:
                    for kept, now in zip(self._style, style, strict=True):
                        kept[candidate] = now[row]
        best = float(self._totals[self._winner])
        fell = not self.history or best < self.history[-1 - self.stale] * (1 - progress)
        self.stale = 0 if fell else self.stale + 1
        self.history.append(best)

    def leaders(self, count: int) -> list[int]:
        """Rows of the `count` best running candidates, in their order."""
        order = np.argsort(self._ranked()[self.ids], kind="stable")[:count]
        return sorted(int(i) for i in order)

    def keep(self, rows: list[int]) -> None:
        """Go on with some of the running candidates only; the best of the others stays known."""
        self.ids = [self.ids[row] for row in rows]

    @property
    def _winner(self) -> int:
        return int(np.argmin(self._ranked()))

    def _ranked(self) -> Array:
        """The totals with the prices."""
        least = float(self._totals.min())
        return self._totals + self._prices * (least if np.isfinite(least) else 0.0)

    @property
    def best(self) -> Array:
        """The best strokes so far, float64 [stroke, point, xy]."""
        return self._best[self._winner]

    @property
    def best_style(self) -> StrokeStyle:
        """What they are drawn with."""
        return self._style.at(self._winner)

    def progress(self, step: int, steps: int) -> Progress:
        """What a callback gets."""
        return Progress(
            self.photo, step, steps, self.history[-1], self.history[0], self.best, len(self.ids), self.best_style
        )

    def outcome(self, steps: int, stopped: Stopped) -> Optimized | None:
        """What the loop returns: None if not even a placement had a finite loss."""
        if not np.isfinite(self._totals).any():
            return None
        winner = self._winner
        losses, first = (
            dict(zip(Terms._fields, terms[winner].tolist(), strict=True)) for terms in (self._terms, self._first)
        )
        return Optimized(self.best, winner, losses, first, self.history, steps, stopped, self.best_style)
