"""Moving the strokes: gradient descent on several candidates at once, the poor ones dropped on the way."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .losses import PhotoLoss
from .race import Optimized, Progress, Race, standing
from .raster import render
from .search import exchange

Array = NDArray[np.float64]

HURRY = 4
"""How much faster the clock of a schedule runs while there is no progress."""


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How the loop goes. Lengths in pixels of a 224 px canvas.

    Attributes:
        steps: most steps.
        rate: how far a control point moves in a step, at first; the rate falls to a tenth along a cosine.
        stiffness: price of bending a stroke out of the shape it was placed in: 0 lets small strokes scribble, 10
            only lets strokes slide.
        views: random views a step besides the picture itself.
        race: after these steps only so many candidates go on, {step: candidates}.
        exchange: after these steps strokes are exchanged; from the first on, only the best candidate goes on.
        patience: steps without progress after which the rate falls HURRY times as fast, until there is progress; once
            it has fallen to its end, the loop has converged.
        progress: relative fall of the best loss that counts as progress.
    """

    steps: int = 220
    rate: float = 0.75
    stiffness: float = 0.5
    views: int = 0
    race: tuple[tuple[int, int], ...] = ((4, 1),)
    exchange: tuple[int, ...] = (14, 50)
    patience: int = 10
    progress: float = 0.002


def optimize(
    points: Array,
    loss: PhotoLoss,
    schedule: Schedule,
    *,
    width: float,
    size: int,
    rng: np.random.Generator,
    device: torch.device,
    pool: Array | None = None,
    callback: Callable[[Progress], bool | None] | None = None,
) -> Optimized | None:
    """Move the strokes of all candidates downhill, and return the best by the un-augmented loss.

    Never returns strokes that are worse than the best placement by that measure.

    Args:
        points: placements, float64 [candidate, stroke, point, xy], canvas pixels.
        loss: against the photo, under its views.
        width: stroke width, canvas pixels.
        size: side of the canvas, pixels.
        rng: chooses the views of each step.
        pool: strokes offered for exchange, float64 [any, 4, xy], canvas pixels.
        callback: called after each step; returning True stops the loop with the best so far.

    Returns:
        the outcome; None if not even a placement has a finite loss.
    """
    options: dict[str, Any] = {"width": width, "size": size, "rng": rng, "device": device, "callback": callback}
    pools = None if pool is None else [pool]
    return optimize_together([points], loss, schedule, pools=pools, **options)[0]


def optimize_together(
    placements: Sequence[Array],
    loss: PhotoLoss,
    schedule: Schedule,
    *,
    width: float,
    size: int,
    rng: np.random.Generator,
    device: torch.device,
    pools: Sequence[Array] | None = None,
    callback: Callable[[Progress], bool | None] | None = None,
) -> list[Optimized | None]:
    """`optimize` for several photos in one batch: what keeps a GPU busy. Each photo's race is its own.

    Args:
        placements: those of each photo; all with as many strokes.
        loss: against as many photos, under views they share.
        pools: strokes that each photo offers for exchange, float64 [any, 4, xy], canvas pixels.
        callback: told of each photo after each step; returning True stops that photo.

    Returns:
        the outcome of each photo; None where not even a placement has a finite loss.
    """
    running = [Race(points, photo) for photo, points in enumerate(placements)]
    outcomes: list[Optimized | None] = [None] * len(running)
    owners = np.repeat(np.arange(len(running)), [len(points) for points in placements])
    every = np.concatenate(placements)
    joined = torch.stack([joints(points) for points in every]).to(device)
    state = _Adam(torch.tensor(every, dtype=torch.float32, device=device), joined)
    placed = state.points
    drops = {**dict(schedule.race), **({step: 1 for step in schedule.exchange} if pools else {})}
    step = 0
    while True:
        moving = step < schedule.steps
        x = state.points.detach().requires_grad_(moving)
        # The picture itself is always among the views, so each step measures where it starts from.
        random = schedule.views if moving and len(loss.views) > 1 else 0
        extra = [int(v) for v in rng.integers(1, len(loss.views), random)] if random else []
        terms = loss(render(x, width, size=size), (0, *extra), owners)
        points, values = standing(x, terms[0])
        keep = []
        for race in list(running):
            rows = np.flatnonzero(owners == race.photo)
            stopped = _record(race, points[rows], values[rows], step, schedule, callback)
            if stopped:
                outcomes[race.photo] = race.outcome(step, stopped)
                running.remove(race)
                continue
            leading = list(range(len(rows)))
            if drops.get(step + 1, len(rows)) < len(rows):
                leading = race.leaders(drops[step + 1])
                race.ids = [race.ids[r] for r in leading]
            keep += [int(rows[r]) for r in leading]
        if not running:
            break
        total = torch.stack([t.total for t in terms]).mean(0).sum()
        total = total + schedule.stiffness * bending(x, placed).sum()
        (gradient,) = torch.autograd.grad(total, x)
        clocks = {race.photo: race.clock for race in running}
        fades = [0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(clocks.get(int(o), 1.0), 1.0))) for o in owners]
        state.move(gradient, schedule.rate * size / 224 * torch.tensor(fades, device=device)[:, None, None, None])
        for race in running:
            race.clock += (HURRY if race.stale >= schedule.patience else 1) / schedule.steps
        if len(keep) < len(owners):
            state.keep(keep)
            placed, owners = placed[keep], owners[keep]
        step += 1
        if pools and step in schedule.exchange:
            for row, race in enumerate(running):
                better, _ = exchange(
                    race.best, pools[race.photo], loss, race.photo, width=width, size=size, device=device
                )
                if not np.array_equal(better, race.best):
                    state.restart(row, better)
            placed = state.points  # what strokes may be bent out of, from here on
    return outcomes


def _record(
    race: Race,
    points: Array,
    values: Array,
    step: int,
    schedule: Schedule,
    callback: Callable[[Progress], bool | None] | None,
) -> str:
    """Note where a photo's candidates stand; why its race is over, or nothing."""
    if not np.isfinite(values).all():
        return "diverged"
    race.record(points, values, schedule.progress)
    if callback is not None and callback(race.told(step, schedule.steps)):
        return "asked"
    if step >= schedule.steps:
        return "steps"
    return "converged" if race.clock > 1 else ""


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


class _Adam:
    """Adam (Kingma & Ba, 2015) for several drawings, whose joined strokes stay joined."""

    def __init__(self, points: Tensor, joined: Tensor, beta1: float = 0.8, beta2: float = 0.95) -> None:
        self.points, self.joined = points, joined
        self.beta1, self.beta2 = beta1, beta2
        self.first, self.second = torch.zeros_like(points), torch.zeros_like(points)
        self.steps = 0

    def move(self, gradient: Tensor, rate: Tensor) -> None:
        gradient = (self.joined @ gradient.flatten(1, 2)).view_as(gradient)
        self.steps += 1
        self.first = self.beta1 * self.first + (1 - self.beta1) * gradient
        self.second = self.beta2 * self.second + (1 - self.beta2) * gradient.square()
        first = self.first / (1 - self.beta1**self.steps)
        second = self.second / (1 - self.beta2**self.steps)
        self.points = self.points - rate * first / (second.sqrt() + 1e-12)

    def keep(self, rows: list[int]) -> None:
        """Go on with some of the drawings only."""
        self.points, self.joined = self.points[rows], self.joined[rows]
        self.first, self.second = self.first[rows], self.second[rows]

    def restart(self, row: int, points: Array) -> None:
        """Put another drawing in the place of one."""
        self.points = self.points.clone()
        self.points[row] = torch.from_numpy(points).to(self.points)
        self.joined[row] = joints(points).to(self.joined)
        self.first[row] = 0
