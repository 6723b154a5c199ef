"""What the encoder says of drawings, by forward passes and, to first order, by one backward pass."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .._arrays import Array, Indices
from ..bezier import along
from ..sketch import StrokeStyle
from .losses import PhotoLoss
from .style import render_strokes

BLUR = 3
"""Side of the square of pixels over which slopes are averaged."""


CHUNK = 8
"""Drawings that are looked at together on the CPU."""


class Strokes(NamedTuple):
    """Strokes, float64 [stroke, point, xy], and what they are drawn with; None is a black pen."""

    points: Array
    style: StrokeStyle | None = None

    @classmethod
    def of(cls, drawing: Array | Strokes) -> Strokes:
        """Plain points as strokes of a black pen; strokes with ink as they are."""
        return drawing if isinstance(drawing, Strokes) else cls(drawing)

    def at(self, which: Indices | Sequence[int]) -> Strokes:
        """Those at the given places."""
        return Strokes(self.points[which], None if self.style is None else self.style.at(which))

    def without(self, stroke: int) -> Strokes:
        """All but one."""
        return self.at(np.delete(np.arange(len(self.points)), stroke))

    def followed_by(self, other: Strokes) -> Strokes:
        """These, then others; both have ink, or neither."""
        style = None if self.style is None or other.style is None else StrokeStyle.joined([self.style, other.style])
        return Strokes(np.concatenate([self.points, other.points]), style)

    def replaced(self, stroke: int, other: Strokes) -> Strokes:
        """With another in the place of one."""
        order = np.arange(len(self.points))
        order[stroke] = len(order)
        return self.followed_by(other).at(order)


@dataclasses.dataclass(frozen=True)
class PhotoScorer:
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

    def totals(self, drawings: Sequence[Array | Strokes]) -> Array:
        """The un-augmented total of each, float64 [drawing]; all have as many strokes."""
        # A few at a time on the CPU, where more are no faster each, and memory is what limits.
        at_once = CHUNK if self.device.type == "cpu" else len(drawings)
        parts = [drawings[i : i + at_once] for i in range(0, len(drawings), max(at_once, 1))]
        with torch.no_grad():
            found = [self._total(self._images(part)).cpu().numpy() for part in parts]
        return np.concatenate([np.zeros(0), *found]).astype(np.float64)

    def slopes(self, drawing: Array | Strokes, strokes: Array | Strokes, *, black: bool) -> Array:
        """To first order, what happens to the total if the pixels under each stroke change.

        Args:
            drawing: the drawing.
            strokes: those strokes.
            black: whether what is inked turns white there, as if the stroke went, or what is there turns to its ink.

        Returns:
            float64 [stroke]; below 0 the total would fall.
        """
        those = Strokes.of(strokes)
        picture = self._images([drawing])
        if those.style is not None:
            picture = picture.expand(-1, 3, -1, -1).clone()
        picture.requires_grad_()
        (gradient,) = torch.autograd.grad(self._total(picture).sum(), picture)
        now = picture.detach()
        change = self.width * gradient * (1 - now if black else -now)
        found = _along(_blurred(change), those.points)
        if those.style is None:
            return found
        if black:  # all ink of a line is within reach of the blur, or it is as wide as it is
            return np.asarray(found * np.maximum(BLUR, those.style.widths) / self.width)
        for channel in range(3):
            colors = those.style.colors[:, channel]
            if colors.any():
                found += colors * _along(_blurred(self.width * gradient[:, channel : channel + 1]), those.points)
        return np.asarray(found * those.style.widths / self.width * those.style.opacities)

    def _images(self, drawings: Sequence[Array | Strokes]) -> Tensor:
        strokes_of = [Strokes.of(drawing) for drawing in drawings]
        styles = [one.style for one in strokes_of if one.style is not None]
        return render_strokes([one.points for one in strokes_of], styles or None, self.width, self.size, self.device)

    def _total(self, pictures: Tensor) -> Tensor:
        return self.loss(pictures, owners=np.full(len(pictures), self.photo))[0].total


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
