"""The light engine: the embedded encoder on the CPU, without PyTorch.

Strokes are drawn by compiled loops and compared by a fixed graph, and both give their gradients themselves. Each
drawing goes through the network by itself: several at once are no faster on a CPU, and what one drawing costs does not
depend on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array
from .._resample import bilinear, resample
from ..encoders.base import Features
from ..encoders.embedded import Embedded
from ..raster import Raster, rasterize
from ..sketch import StrokeStyle, is_grey
from .base import Images, Terms


class LightEngine:
    """As any `Engine`; it has no views but the picture itself.

    Args:
        encoder: the embedded one.
        photos: float32 [photo, 3, size, size] in [0, 1].
        width: that of the pen, canvas pixels.
    """

    view_count = 1

    def __init__(self, encoder: Embedded, photos: Images, *, width: float) -> None:
        self.encoder, self.photos, self.width = encoder, photos, width
        self.size = photos.shape[-1]
        side = encoder.input_size
        self._there = None if self.size == side else bilinear(self.size, side)
        self._photos = [_Photo(encoder, encoder.photo_features(photo[None])) for photo in photos]

    def value_and_gradient(
        self,
        points: Array,
        style: StrokeStyle | None,
        photos: Sequence[int],
        *,
        views: Sequence[int] = (0,),
        vary: frozenset[str] = frozenset(),
    ) -> tuple[Terms, dict[str, Array]]:
        drawn = self._draw(points, style, "color" in vary)
        terms, towards = np.empty((len(points), 2)), np.empty_like(drawn.picture)
        for row, photo in enumerate(photos):
            *terms[row], gradient = self._loss_and_gradient(drawn.picture[row : row + 1], photo)
            towards[row] = gradient[0]
        found = drawn.gradient(towards)
        gradients = {"points": found.points}
        gradients |= {
            name: part for name, part in (("width", found.widths), ("opacity", found.opacities)) if name in vary
        }
        if "color" in vary:
            gradients["color"] = found.colors
        return self._terms(terms), gradients

    def values(self, points: Array, style: StrokeStyle | None, photos: Sequence[int]) -> Terms:
        pictures = self._draw(points, style).picture
        pairs = zip(pictures, photos, strict=True)
        compared = [self._photos[photo].compare(self.encoder.features(picture[None])) for picture, photo in pairs]
        return self._terms(np.array(compared).reshape(-1, 2))

    def pixel_gradient(self, points: Array, style: StrokeStyle | None, photo: int) -> tuple[Images, Images]:
        picture = self._draw(points[None], None if style is None else style.spread(1, len(points)), True).picture
        return picture[0], self._loss_and_gradient(picture, photo)[2][0]

    def _draw(self, points: Array, style: StrokeStyle | None, colored: bool = False) -> Raster:
        if style is None:
            return rasterize(points, self.width, size=self.size)
        channels = 1 if not colored and is_grey([style]) else 3
        return rasterize(points, style.widths, style.colors[..., :channels], style.opacities, size=self.size)

    def _loss_and_gradient(self, picture: Images, photo: int) -> tuple[float, float, Images]:
        if self._there is None:
            return self.encoder.loss_and_gradient(picture, self._photos[photo].inputs)
        seen = np.ascontiguousarray(resample(picture, self._there))
        semantic, geometric, gradient = self.encoder.loss_and_gradient(seen, self._photos[photo].inputs)
        return semantic, geometric, resample(gradient, np.ascontiguousarray(self._there.T))

    def _terms(self, terms: NDArray[Any]) -> Terms:
        semantic, geometric = terms[:, 0], terms[:, 1]
        return Terms(semantic, geometric, geometric + self.encoder.semantic_weight * semantic)


class _Photo:
    """What drawings of one photo are compared with.

    Attributes:
        inputs: the same as the network's graph takes it.
    """

    def __init__(self, encoder: Embedded, seen: Features) -> None:
        self._direction = seen.embedding[0] / max(float(np.linalg.norm(seen.embedding)), 1e-8)
        self._maps = [one[0] for one in seen.maps]
        self._weights = [
            weight / (max(float(np.square(one).mean()), 1e-12) * one.size)
            for one, weight in zip(self._maps, encoder.map_weights, strict=True)
        ]
        self.inputs: dict[str, Images] = {"direction": self._direction[None]}
        for i, (one, weight) in enumerate(zip(self._maps, self._weights, strict=True)):
            self.inputs[f"photo{i}"] = one[None]
            self.inputs[f"weight{i}"] = np.full((1, 1, 1, 1), weight, np.float32)

    def compare(self, seen: Features) -> tuple[float, float]:
        """The semantic and the geometric term of one drawing."""
        embedding = seen.embedding[0]
        semantic = 1 - float(embedding @ self._direction) / max(float(np.linalg.norm(embedding)), 1e-8)
        squares = [float(np.square(one[0] - own).sum()) for one, own in zip(seen.maps, self._maps, strict=True)]
        return semantic, float(np.dot(squares, self._weights))
