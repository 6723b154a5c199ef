"""The discrete half of the optimisation: exchanging strokes for others where the encoder likes that better.

Gradients move a stroke that is there; they cannot take one away here and put another there. So a pool of strokes that
the scene offers is tried by forward passes: the weakest stroke of a drawing (the one whose absence costs least) is
exchanged for the one of the pool that lowers the loss most, as long as that pays.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from .losses import PhotoLoss
from .placement.fitting import evaluate
from .raster import render

Array = NDArray[np.float64]

CHUNK = 8
"""Drawings that are looked at together on the CPU."""


def exchange(
    points: Array,
    pool: Array,
    loss: PhotoLoss,
    photo: int = 0,
    *,
    width: float,
    size: int,
    device: torch.device,
    rounds: int = 6,
    weak: int = 2,
    tries: int = 8,
    progress: float = 0.002,
    near: float = 3.0,
    probed: int = 16,
) -> tuple[Array, list[float]]:
    """Exchange strokes of one drawing for strokes of a pool.

    Args:
        points: the drawing, float64 [stroke, 4, xy], canvas pixels.
        pool: strokes to choose from, float64 [any, 4, xy], canvas pixels.
        loss: its un-augmented total is what falls.
        photo: which of the photos of the loss it is about.
        width, size: stroke width and side of the canvas, pixels.
        rounds: most exchanges; each costs about probed + weak x (tries + 1) forward passes and `weak` backward ones.
        weak: how many of the weakest strokes are given up for trial.
        tries: how many strokes of the pool are looked at for each, those that the gradient of the loss favours.
        progress: least relative fall of the loss for which an exchange is made.
        near: a stroke of the pool is not taken if half of it lies closer than this to another stroke, pixels of a
            224 px canvas.
        probed: most strokes that are left out for trial to find the weakest; of more, those that the gradient holds
            for the weakest.

    Returns:
        the drawing, and its un-augmented total before the first and after each exchange (empty if none was tried).
    """
    judge = Judge(loss, photo, width, size, device)
    drawing = points.copy()
    if not len(pool) or len(drawing) < 2:
        return drawing, []
    now = float(judge.totals([drawing])[0])
    history = [now]
    for _ in range(rounds):
        likely = np.arange(len(drawing))
        if len(drawing) > probed:
            likely = np.argsort(judge.slopes(drawing, drawing, black=True), kind="stable")[:probed]
        without = [np.delete(drawing, i, axis=0) for i in likely]
        sets = []
        for k in np.argsort(judge.totals(without), kind="stable")[:weak]:
            free = np.flatnonzero(~_covered(pool, without[k], near * size / 224))
            change = judge.slopes(without[k], pool[free], black=False)
            for j in free[np.argsort(change, kind="stable")[:tries]]:
                other = drawing.copy()
                other[likely[k]] = pool[j]
                sets.append(other)
        if not sets:
            break
        found = judge.totals(sets)
        best = int(np.argmin(found))
        if not found[best] < now * (1 - progress):
            break
        drawing, now = sets[best], float(found[best])
        history.append(now)
    return drawing, history


@dataclasses.dataclass(frozen=True)
class Judge:
    """What the encoder says of drawings [stroke, 4, xy] of one photo."""

    loss: PhotoLoss
    photo: int
    width: float
    size: int
    device: torch.device

    def totals(self, drawings: list[Array]) -> Array:
        """The un-augmented total of each."""
        # A few at a time on the CPU, where more are no faster each, and memory is what limits.
        at_once = CHUNK if self.device.type == "cpu" else len(drawings)
        parts = [drawings[i : i + at_once] for i in range(0, len(drawings), max(at_once, 1))]
        with torch.no_grad():
            found = [self._total(self._images(part)).cpu().numpy() for part in parts]
        return np.concatenate([np.zeros(0), *found]).astype(np.float64)

    def slopes(self, drawing: Array, strokes: Array, *, black: bool) -> Array:
        """To first order, what happens to the total if the pixels under each stroke change.

        Args:
            drawing: the drawing.
            strokes: float64 [stroke, 4, xy].
            black: whether what is black turns white there, as if the stroke went, or what is white turns black.
        """
        picture = self._images([drawing]).requires_grad_()
        (gradient,) = torch.autograd.grad(self._total(picture).sum(), picture)
        now = picture.detach()
        change = self.width * gradient * (1 - now if black else -now)
        blurred = F.avg_pool2d(change, 3, stride=1, padding=1)[0, 0].cpu().numpy()
        return _along(blurred.astype(np.float64), strokes)

    def _images(self, drawings: list[Array]) -> Tensor:
        points = torch.tensor(np.stack(drawings), dtype=torch.float32, device=self.device)
        return render(points, self.width, size=self.size)

    def _total(self, pictures: Tensor) -> Tensor:
        return self.loss(pictures, owners=np.full(len(pictures), self.photo))[0].total


def _along(picture: Array, strokes: Array, samples: int = 64) -> Array:
    """Line integrals of a picture [y, x] along strokes [stroke, 4, xy]; outside it is 0."""
    points = evaluate(strokes, np.linspace(0, 1, samples))
    steps = np.linalg.norm(np.diff(points, axis=1), axis=2)
    column, row = np.floor((points[:, 1:] + points[:, :-1]) / 2).astype(int).transpose(2, 0, 1)
    inside = (column >= 0) & (row >= 0) & (column < picture.shape[1]) & (row < picture.shape[0])
    values = np.where(inside, picture[np.where(inside, row, 0), np.where(inside, column, 0)], 0.0)
    return np.asarray((values * steps).sum(1))


def _covered(pool: Array, drawing: Array, near: float) -> NDArray[np.bool_]:
    """Which strokes of the pool say, along half of their length or more, what the drawing says already."""
    along = evaluate(pool, np.linspace(0, 1, 16))
    drawn = evaluate(drawing, np.linspace(0, 1, 64)).reshape(-1, 2)
    gaps = np.stack([np.linalg.norm(points[:, None] - drawn, axis=2).min(1) for points in along])
    return np.asarray((gaps < near).mean(1) >= 0.5)
