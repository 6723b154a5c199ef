"""What an engine is: the one thing that the loop, exchange, simplification and importance know of networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array
from ..sketch import StrokeStyle

Images = NDArray[np.float32]


class Terms(NamedTuple):
    """Terms of the loss (CLIPasso, section 3.3).

    Attributes:
        semantic: float64 [drawing] in [0, 2], the cosine distance of the embeddings: how far apart the meanings are.
        geometric: float64 [drawing], 0 or more, how far apart the maps are: the weighted sum of squared distances,
            each divided by the photo's own mean square of that map. A blank map costs 1.
        total: geometric + the encoder's weight x semantic, and what words cost where there are any.
    """

    semantic: Array
    geometric: Array
    total: Array


class Engine(Protocol):
    """The loss of drawings against some photos.

    Points are float64 [drawing, stroke, point, xy], canvas pixels; styles are [drawing, stroke], None a black pen.

    Attributes:
        size: side of the canvas, pixels.
        width: that of the pen, canvas pixels.
        photos: what drawings are compared with, float32 [photo, 3, size, size] in [0, 1].
        view_count: views in the bank; view 0 is the picture itself.
    """

    size: int
    width: float
    photos: Images
    view_count: int

    def value_and_gradient(
        self,
        points: Array,
        style: StrokeStyle | None,
        photos: Sequence[int],
        *,
        views: Sequence[int] = (0,),
        vary: frozenset[str] = frozenset(),
    ) -> tuple[Terms, dict[str, Array]]:
        """The loss under view 0, and the gradient of the mean total over the views.

        Args:
            points, style: the drawings.
            photos: number of the photo that each drawing is of.
            views: numbers of views of the bank, 0 first.
            vary: of "width", "opacity" and "color".

        Returns:
            the terms, and float64 gradients, each shaped like what it is of: "points", and what varies. The gradient is
            that of the sum over the drawings, none of which acts on another.
        """
        ...

    def values(self, points: Array, style: StrokeStyle | None, photos: Sequence[int]) -> Terms:
        """The loss under view 0 alone, by forward passes."""
        ...

    def pixel_gradient(self, points: Array, style: StrokeStyle | None, photo: int) -> tuple[Images, Images]:
        """One drawing, [stroke, ...], as pixels, and the gradient of its total with respect to them.

        Returns:
            both float32 [channel, size, size]; one channel for a black pen, else 3.
        """
        ...
