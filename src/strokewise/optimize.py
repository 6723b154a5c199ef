"""Moving the strokes: gradient descent on several candidates at once, the poor ones dropped on the way."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .losses import Loss, PhotoLoss
from .raster import render

Array = NDArray[np.float64]


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How the loop goes. Lengths in pixels of a 224 px canvas.

    Attributes:
        steps: most steps.
        rate: how far the strokes move in a step, at first; the rate falls to a tenth along a cosine.
        stiffness: price of bending a stroke out of the shape it was placed in: 0 lets small strokes scribble, 10
            only lets strokes slide.
        views: random views a step besides the picture itself.
        race: after these steps only so many candidates go on, {step: candidates}.
        patience: steps without progress after which the loop has converged.
        progress: relative fall of the best loss that counts as progress.
    """

    steps: int = 60
    rate: float = 0.5
    stiffness: float = 0.5
    views: int = 1
    race: tuple[tuple[int, int], ...] = ((12, 2), (24, 1))
    patience: int = 12
    progress: float = 0.002


@dataclasses.dataclass(frozen=True)
class Progress:
    """What a callback is told after each step.

    Attributes:
        step, steps: how many are done, and the most there will be.
        loss: best un-augmented loss so far; placement: the best one before the first step.
        points: the best strokes so far, float64 [stroke, point, xy], canvas pixels.
        candidates: how many are still in the race.
    """

    step: int
    steps: int
    loss: float
    placement: float
    points: Array
    candidates: int


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
    """

    points: Array
    candidate: int
    losses: dict[str, float]
    placement_losses: dict[str, float]
    history: list[float]
    steps: int
    stopped: str


class Race:
    """Candidates still running, and the best of each by the un-augmented loss."""

    def __init__(self, points: Array) -> None:
        self.ids = list(range(len(points)))
        self.best = points.copy()
        self.totals = np.full(len(points), np.inf)
        self.terms = np.zeros((len(points), 3))
        self.first = np.zeros((len(points), 3))

    def record(self, points: Tensor, terms: Tensor, step: int) -> None:
        """Note where each running candidate stands; terms [3, candidate] are semantic, geometric, total."""
        values = terms.detach().cpu().numpy().astype(np.float64).T
        moved = points.detach().cpu().numpy().astype(np.float64)
        for row, candidate in enumerate(self.ids):
            if step == 0:
                self.first[candidate] = values[row]
            if values[row, 2] < self.totals[candidate]:
                self.totals[candidate] = values[row, 2]
                self.terms[candidate] = values[row]
                # The placement itself is kept in full precision.
                if step > 0:
                    self.best[candidate] = moved[row]

    def leaders(self, count: int) -> list[int]:
        """Rows of the `count` best running candidates, in their order."""
        order = np.argsort(self.totals[self.ids], kind="stable")[:count]
        return sorted(int(i) for i in order)

    @property
    def winner(self) -> int:
        return int(np.argmin(self.totals))

    def outcome(self, history: list[float], steps: int, stopped: str) -> Optimized:
        """What the loop returns.

        Raises:
            FloatingPointError: not even the placement had a finite loss.
        """
        if not np.isfinite(self.totals).any():
            raise FloatingPointError("the loss of the placement is not finite")
        w = self.winner
        losses, first = (dict(zip(Loss._fields, row[w].tolist(), strict=True)) for row in (self.terms, self.first))
        return Optimized(self.best[w], w, losses, first, history, steps, stopped)


def optimize(
    points: Array,
    loss: PhotoLoss,
    schedule: Schedule,
    *,
    width: float,
    size: int,
    rng: np.random.Generator,
    device: torch.device,
    callback: Callable[[Progress], bool | None] | None = None,
) -> Optimized:
    """Move the strokes of all candidates downhill, and return the best by the un-augmented loss.

    Never returns strokes that are worse than the best placement by that measure.

    Args:
        points: placements, float64 [candidate, stroke, point, xy], canvas pixels.
        loss: against the photo, under its views.
        width: stroke width, canvas pixels.
        size: side of the canvas, pixels.
        rng: chooses the views of each step.
        callback: called after each step; returning True stops the loop with the best so far.
    """
    race = Race(points)
    joined = [joints(p) for p in points]
    state = _Momentum(torch.tensor(points, dtype=torch.float32, device=device), torch.stack(joined).to(device))
    placed = state.points
    history: list[float] = []
    stopped, step, stale = "steps", 0, 0
    drops = dict(schedule.race)
    while True:
        moving = step < schedule.steps
        x = state.points.detach().requires_grad_(moving)
        # The picture itself is always among the views, so each step measures where it starts from.
        random = schedule.views if moving and len(loss.views) > 1 else 0
        extra = [int(v) for v in rng.integers(1, len(loss.views), random)] if random else []
        images = render(x, width, size=size)
        terms = loss(images, (0, *extra))
        plain = stack_terms(terms[0])
        if not bool(torch.isfinite(plain).all()):
            stopped = "diverged"
            break
        race.record(x, plain, step)
        best = float(race.totals.min())
        stale = 0 if not history or best < history[-1 - stale] * (1 - schedule.progress) else stale + 1
        history.append(best)
        if callback is not None:
            told = Progress(step, schedule.steps, best, history[0], race.best[race.winner], len(race.ids))
            if callback(told):
                stopped = "asked"
                break
        if not moving:
            break
        if stale >= schedule.patience:
            stopped = "converged"
            break
        total = torch.stack([t.total for t in terms]).mean(0).sum()
        total = total + schedule.stiffness * bending(x, placed[race.ids]).sum()
        (gradient,) = torch.autograd.grad(total, x)
        fade = 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * step / schedule.steps))
        state.move(gradient, schedule.rate * size / 224 * fade)
        step += 1
        if drops.get(step, len(race.ids)) < len(race.ids):
            rows = race.leaders(drops[step])
            race.ids = [race.ids[r] for r in rows]
            state.keep(rows)
    return race.outcome(history, step, stopped)


def stack_terms(loss: Loss) -> Tensor:
    """The terms of a loss in one tensor, [semantic geometric total, batch]."""
    return torch.stack(tuple(loss))


def bending(points: Tensor, placed: Tensor) -> Tensor:
    """How far strokes have left the shape they were placed in: [candidate], 0 for strokes that only slid.

    The squared change of each leg of the control polygon, as a share of the polygon's length, mean over strokes: a
    given change in pixels costs an eye more than an outline.
    """
    legs, before = torch.diff(points, dim=2), torch.diff(placed, dim=2)
    length = before.norm(dim=3).sum(2).clamp_min(1.0)
    return ((legs - before).square().sum((2, 3)) / length.square()).mean(1)


def joints(points: Array, near: float = 0.05) -> Tensor:
    """Averages over end points that lie on each other: float32 [stroke * point, stroke * point].

    Strokes that were cut from one line stay joined when each step is averaged so.
    """
    flat = points.reshape(-1, 2)
    which = np.arange(len(flat))
    ends = which[(which % points.shape[1] == 0) | (which % points.shape[1] == points.shape[1] - 1)]
    close = np.linalg.norm(flat[ends, None] - flat[None, ends], axis=2) < near
    matrix = np.eye(len(flat), dtype=np.float32)
    matrix[np.ix_(ends, ends)] = close / close.sum(1, keepdims=True)
    return torch.from_numpy(matrix)


class _Momentum:
    """Adam (Kingma & Ba, 2015) whose second moment is shared by a whole drawing.

    Adam moves every coordinate by about the same distance, however little it matters, which roughens lines that are
    already right. Sharing the second moment moves what the loss asks to be moved, and leaves the rest alone.
    """

    def __init__(self, points: Tensor, joined: Tensor, beta1: float = 0.8, beta2: float = 0.95) -> None:
        self.points, self.joined = points, joined
        self.beta1, self.beta2 = beta1, beta2
        self.first = torch.zeros_like(points)
        self.second = torch.zeros(len(points), 1, 1, 1, device=points.device)
        self.steps = 0

    def move(self, gradient: Tensor, rate: float) -> None:
        gradient = (self.joined @ gradient.flatten(1, 2)).view_as(gradient)
        self.steps += 1
        self.first = self.beta1 * self.first + (1 - self.beta1) * gradient
        power = gradient.square().mean((1, 2, 3), keepdim=True)
        self.second = self.beta2 * self.second + (1 - self.beta2) * power
        first = self.first / (1 - self.beta1**self.steps)
        second = self.second / (1 - self.beta2**self.steps)
        self.points = self.points - rate * first / (second.sqrt() + 1e-12)

    def keep(self, rows: list[int]) -> None:
        """Go on with some of the candidates only."""
        self.points, self.joined = self.points[rows], self.joined[rows]
        self.first, self.second = self.first[rows], self.second[rows]
