"""What the encoder says of drawings, by forward passes and, to first order, by one backward pass."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from .._arrays import Array, Indices
from ..bezier import along
from ..engines import Engine
from ..engines.base import Images
from ..sketch import StrokeStyle
from .price import Price

BLUR = 3
"""Side of the square of pixels over which a gradient is averaged."""


class Strokes(NamedTuple):
    """Strokes, float64 [stroke, point, xy], and what they are drawn with; None is a black pen."""

    points: Array
    style: StrokeStyle | None = None

    @classmethod
    def of(cls, drawing: Array | Strokes) -> Strokes:
        """Plain points as strokes of a black pen; strokes with a style as they are."""
        return drawing if isinstance(drawing, Strokes) else cls(drawing)

    def at(self, which: Indices | Sequence[int]) -> Strokes:
        """Those at the given places."""
        return Strokes(self.points[which], None if self.style is None else self.style.at(which))

    def without(self, stroke: int) -> Strokes:
        """All but one."""
        return self.at(np.delete(np.arange(len(self.points)), stroke))

    def followed_by(self, other: Strokes) -> Strokes:
        """These, then others; both have a style, or neither."""
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
    strokes with a style.

    Attributes:
        engine: what compares; its un-augmented total is the score.
        photo: which of the photos of the engine the drawings are of.
        price: of its drawings, beside that score.
    """

    engine: Engine
    photo: int = 0
    price: Price = dataclasses.field(default_factory=Price)

    @property
    def size(self) -> int:
        """Side of the canvas, pixels."""
        return self.engine.size

    def totals(self, drawings: Sequence[Array | Strokes]) -> Array:
        """The un-augmented total of each, float64 [drawing]; all have as many strokes."""
        if not drawings:
            return np.zeros(0)
        each = [Strokes.of(drawing) for drawing in drawings]
        styles = [one.style for one in each if one.style is not None]
        style = StrokeStyle(*(np.stack(arrays) for arrays in zip(*styles, strict=True))) if styles else None
        return self.engine.values(np.stack([one.points for one in each]), style, [self.photo] * len(each)).total

    def prices(self, drawings: Sequence[Array | Strokes]) -> Array:
        """The price of each, as a share of the loss, float64 [drawing]."""
        return np.array([self.price(Strokes.of(one).points, self.size) for one in drawings])

    def estimated_changes(self, drawing: Array | Strokes, strokes: Array | Strokes, *, removed: bool) -> Array:
        """To first order, what happens to the total if the pixels under each stroke change: one backward pass.

        Args:
            drawing: the drawing.
            strokes: those strokes; both have a style, or neither.
            removed: whether what is inked turns white there, as if the stroke went, or what is there turns to its ink.

        Returns:
            float64 [stroke]; below 0 the total would fall.
        """
        whole, those, width = Strokes.of(drawing), Strokes.of(strokes), self.engine.width
        now, gradient = self.engine.pixel_gradient(*whole, self.photo)
        change = width * gradient * (1 - now if removed else -now)
        found = _along(_blurred(change), those.points)
        if those.style is None:
            return found
        if removed:  # all ink of a line is within reach of the blur, or it is as wide as it is
            return np.asarray(found * np.maximum(BLUR, those.style.widths) / width)
        for channel in range(3):
            colors = those.style.colors[:, channel]
            if colors.any():
                found += colors * _along(_blurred(width * gradient[channel : channel + 1]), those.points)
        return np.asarray(found * those.style.widths / width * those.style.opacities)


def _blurred(picture: Images) -> Array:
    """The sum of a picture's [channel, y, x] channels, each pixel the mean of its neighbourhood: float64 [y, x]."""
    return np.asarray(ndimage.uniform_filter(picture.sum(0, dtype=np.float64), BLUR, mode="constant"))


def _along(picture: Array, strokes: Array, samples: int = 64) -> Array:
    """Line integrals of a picture [y, x] along strokes [stroke, point, xy]; outside it is 0."""
    points = along(strokes, samples)
    steps = np.linalg.norm(np.diff(points, axis=1), axis=2)
    column, row = np.floor((points[:, 1:] + points[:, :-1]) / 2).astype(int).transpose(2, 0, 1)
    inside = (column >= 0) & (row >= 0) & (column < picture.shape[1]) & (row < picture.shape[0])
    values = np.where(inside, picture[np.where(inside, row, 0), np.where(inside, column, 0)], 0.0)
    return np.asarray((values * steps).sum(1))
