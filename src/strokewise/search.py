"""The discrete half of the optimisation: exchanging strokes for others where the encoder likes that better.

Gradients move a stroke that is there; they cannot take one away here and put another there. So a pool of strokes that
the scene offers is tried by forward passes: the weakest stroke of a drawing (the one whose absence costs least) is
exchanged for the one of the pool that lowers the loss most, as long as that pays.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .arrays import Array, Flags, Indices
from .chains import along, lengthened
from .ink import Ink, drawn
from .losses import PhotoLoss

BLUR = 3
"""Side of the square of pixels over which slopes are averaged."""
CHUNK = 8
"""Drawings that are looked at together on the CPU."""


class Exchange(NamedTuple):
    """What has become of a drawing.

    Attributes:
        points: float64 [stroke, point, xy], canvas pixels.
        ink: what they are drawn with; None where none was given.
        came: [stroke], which are new.
        history: un-augmented total before the first and after each exchange; empty if none was tried.
    """

    points: Array
    ink: Ink | None
    came: Flags
    history: list[float]


def exchange(
    points: Array,
    pool: Array,
    critic: Critic,
    *,
    locked: Flags | None = None,
    ink: Ink | None = None,
    fresh: Ink | None = None,
    rounds: int = 6,
    weak: int = 2,
    tries: int = 8,
    progress: float = 0.002,
    near: float = 3.0,
    probed: int = 16,
) -> Exchange:
    """Exchange strokes of one drawing for strokes of a pool.

    Args:
        points: the drawing, float64 [stroke, point, xy], canvas pixels.
        pool: strokes to choose from, float64 [any, point, xy], canvas pixels; of no more points than the drawing's.
        critic: of the photo; its totals are what falls.
        locked: [stroke], strokes that are not given up.
        ink: what the drawing is drawn with; None is the critic's black pen.
        fresh: what strokes of the pool would be drawn with; needed where `ink` is given.
        rounds: most exchanges; each costs about probed + weak x (tries + 1) forward passes and `weak` backward ones.
        weak: how many of the weakest strokes are given up for trial.
        tries: how many strokes of the pool are looked at for each, those that the gradient of the loss favours.
        progress: least relative fall of the loss for which an exchange is made.
        near: a stroke of the pool is not taken if half of it lies closer than this to another stroke, pixels of a
            224 px canvas.
        probed: most strokes that are left out for trial to find the weakest; of more, those that the gradient holds
            for the weakest.
    """
    drawing = Inked(points.copy(), ink)
    came = np.zeros(len(points), dtype=bool)
    free = np.arange(len(points)) if locked is None else np.flatnonzero(~locked)
    if not len(pool) or len(points) < 2 or not len(free):
        return Exchange(*drawing, came, [])
    offered = Inked(lengthened(pool, points.shape[1]), fresh)
    now = float(critic.totals([drawing])[0])
    history = [now]
    near = near * critic.size / 224
    for _ in range(rounds):
        likely = free
        if len(free) > probed:
            slopes = critic.slopes(drawing, drawing.at(free), black=True)
            likely = free[np.argsort(slopes, kind="stable")[:probed]]
        without = [drawing.without(int(i)) for i in likely]
        sets, places = [], []
        for k in np.argsort(critic.totals(without), kind="stable")[:weak]:
            for j in _favoured(critic, without[k], offered, near, tries):
                sets.append(drawing.replaced(int(likely[k]), offered.at([j])))
                places.append(int(likely[k]))
        if not sets:
            break
        found = critic.totals(sets)
        best = int(np.argmin(found))
        if not found[best] < now * (1 - progress):
            break
        drawing, now = sets[best], float(found[best])
        came[places[best]] = True
        history.append(now)
    return Exchange(*drawing, came, history)


def add(
    points: Array,
    pool: Array,
    count: int,
    critic: Critic,
    *,
    ink: Ink | None = None,
    fresh: Ink | None = None,
    tries: int = 12,
    near: float = 3.0,
) -> Array:
    """Add strokes of a pool to a drawing, one after the other, each where the loss falls most.

    Args:
        points: the drawing, float64 [stroke, point, xy], canvas pixels; there may be no stroke yet.
        pool: strokes to choose from, float64 [any, point, xy], canvas pixels; of no more points than the drawing's.
        count: how many are added; fewer only where the pool holds no more.
        critic, near: as for `exchange`.
        ink, fresh: what the drawing is drawn with, and the pool would be; None is the critic's black pen.
        tries: how many strokes of the pool are looked at for each place, those that the gradient of the loss favours;
            so many forward passes a stroke, and a backward one.

    Returns:
        float64 [stroke, point, xy], the drawing's own strokes first, then those that came, in the order they did.
    """
    drawing = Inked(points.copy(), ink)
    near = near * critic.size / 224
    offered = Inked(lengthened(pool, points.shape[1]), fresh)
    for _ in range(min(count, len(pool))):
        likely = _favoured(critic, drawing, offered, near, tries)
        if not len(likely):  # all that is left lies on what is drawn: take it nevertheless, it was asked for
            likely = _favoured(critic, drawing, offered, -1.0, tries)
        sets = [drawing.followed_by(offered.at([j])) for j in likely]
        best = int(np.argmin(critic.totals(sets)))
        drawing, offered = sets[best], offered.without(int(likely[best]))
    return drawing.points


class Inked(NamedTuple):
    """Strokes, float64 [stroke, point, xy], and what they are drawn with; None is a black pen."""

    points: Array
    ink: Ink | None = None

    @classmethod
    def of(cls, drawing: Array | Inked) -> Inked:
        """Plain points as strokes of a black pen; strokes with ink as they are."""
        return drawing if isinstance(drawing, Inked) else cls(drawing)

    def at(self, which: Indices | Sequence[int]) -> Inked:
        """Those at the given places."""
        return Inked(self.points[which], None if self.ink is None else self.ink.at(which))

    def without(self, stroke: int) -> Inked:
        """All but one."""
        return self.at(np.delete(np.arange(len(self.points)), stroke))

    def followed_by(self, other: Inked) -> Inked:
        """These, then others; both have ink, or neither."""
        ink = None if self.ink is None or other.ink is None else Ink.joined([self.ink, other.ink])
        return Inked(np.concatenate([self.points, other.points]), ink)

    def replaced(self, stroke: int, other: Inked) -> Inked:
        """With another in the place of one."""
        order = np.arange(len(self.points))
        order[stroke] = len(order)
        return self.followed_by(other).at(order)


@dataclasses.dataclass(frozen=True)
class Critic:
    """What the encoder says of drawings of one photo: of plain points [stroke, point, xy], drawn by a black pen, or of
    strokes with ink.

    Attributes:
        loss: what compares; its un-augmented total is what the critic says.
        photo: which of the photos of the loss the drawings are of.
        width: the pen's, canvas pixels.
        size: side of the canvas, pixels.
        device: where to compute.
    """

    loss: PhotoLoss
    photo: int
    width: float
    size: int
    device: torch.device

    def totals(self, drawings: Sequence[Array | Inked]) -> Array:
        """The un-augmented total of each, float64 [drawing]; all have as many strokes."""
        # A few at a time on the CPU, where more are no faster each, and memory is what limits.
        at_once = CHUNK if self.device.type == "cpu" else len(drawings)
        parts = [drawings[i : i + at_once] for i in range(0, len(drawings), max(at_once, 1))]
        with torch.no_grad():
            found = [self._total(self._images(part)).cpu().numpy() for part in parts]
        return np.concatenate([np.zeros(0), *found]).astype(np.float64)

    def slopes(self, drawing: Array | Inked, strokes: Array | Inked, *, black: bool) -> Array:
        """To first order, what happens to the total if the pixels under each stroke change.

        Args:
            drawing: the drawing.
            strokes: those strokes.
            black: whether what is inked turns white there, as if the stroke went, or what is there turns to its ink.

        Returns:
            float64 [stroke]; below 0 the total would fall.
        """
        those = Inked.of(strokes)
        picture = self._images([drawing])
        if those.ink is not None:
            picture = picture.expand(-1, 3, -1, -1).clone()
        picture.requires_grad_()
        (gradient,) = torch.autograd.grad(self._total(picture).sum(), picture)
        now = picture.detach()
        change = self.width * gradient * (1 - now if black else -now)
        found = _along(_blurred(change), those.points)
        if those.ink is None:
            return found
        if black:  # all ink of a line is within reach of the blur, or it is as wide as it is
            return np.asarray(found * np.maximum(BLUR, those.ink.widths) / self.width)
        for channel in range(3):
            colors = those.ink.colors[:, channel]
            if colors.any():
                found += colors * _along(_blurred(self.width * gradient[:, channel : channel + 1]), those.points)
        return np.asarray(found * those.ink.widths / self.width * those.ink.opacities)

    def _images(self, drawings: Sequence[Array | Inked]) -> Tensor:
        inked = [Inked.of(drawing) for drawing in drawings]
        inks = [one.ink for one in inked if one.ink is not None]
        return drawn([one.points for one in inked], inks or None, self.width, self.size, self.device)

    def _total(self, pictures: Tensor) -> Tensor:
        return self.loss(pictures, owners=np.full(len(pictures), self.photo))[0].total


def _favoured(critic: Critic, drawing: Inked, offered: Inked, near: float, tries: int) -> Indices:
    """Places of the strokes on offer that the gradient favours most, of those that say something new."""
    free = np.flatnonzero(~_covered(offered.points, drawing.points, near))
    change = critic.slopes(drawing, offered.at(free), black=False)
    return np.asarray(free[np.argsort(change, kind="stable")[:tries]])


def _blurred(picture: Tensor) -> Array:
    """The sum of a picture's [1, channel, y, x] channels, each pixel the mean of its neighbourhood: [y, x]."""
    return F.avg_pool2d(picture.sum(1), BLUR, stride=1, padding=BLUR // 2)[0].cpu().numpy().astype(np.float64)


def _along(picture: Array, strokes: Array, samples: int = 64) -> Array:
    """Line integrals of a picture [y, x] along strokes [stroke, point, xy]; outside it is 0."""
    points = along(strokes, samples)
    steps = np.linalg.norm(np.diff(points, axis=1), axis=2)
    column, row = np.floor((points[:, 1:] + points[:, :-1]) / 2).astype(int).transpose(2, 0, 1)
    inside = (column >= 0) & (row >= 0) & (column < picture.shape[1]) & (row < picture.shape[0])
    values = np.where(inside, picture[np.where(inside, row, 0), np.where(inside, column, 0)], 0.0)
    return np.asarray((values * steps).sum(1))


def _covered(pool: Array, drawing: Array, near: float) -> Flags:
    """Which strokes of the pool say, along half of their length or more, what the drawing says already."""
    if not len(drawing):
        return np.zeros(len(pool), dtype=bool)
    curves = along(pool, 16)
    ink = along(drawing, 64).reshape(-1, 2)
    gaps = np.stack([np.linalg.norm(points[:, None] - ink, axis=2).min(1) for points in curves])
    return np.asarray((gaps < near).mean(1) >= 0.5)
