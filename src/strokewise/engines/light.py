"""The light engine: the embedded encoder on the CPU, without PyTorch.

Strokes are drawn by compiled loops and compared by a fixed graph, and both give their gradients themselves. Each
drawing goes through the network by itself, in a thread of its own where there are several: a batch is no faster on a
CPU, and what one drawing costs does not depend on the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array
from .._process import thread_count
from .._resample import bilinear, resample
from ..encoders.base import Features
from ..encoders.embedded import Embedded
from ..raster import Raster, rasterize
from ..sketch import StrokeStyle, is_grey
from ..words.targets import ClassTarget
from .base import Images, Terms
from .warps import Warps


class LightEngine:
    """As any `Engine`. The photo is compared in no view but the picture itself; words are read in all.

    Args:
        encoder: the embedded one.
        photos: float32 [photo, 3, size, size] in [0, 1].
        width: that of the pen, canvas pixels.
        target: what drawings are to be read as, or nothing.
        views: homographies of the bank of views in which they are read, float64 [view, 3, 3]; the first is the picture
            itself.
    """

    def __init__(
        self,
        encoder: Embedded,
        photos: Images,
        *,
        width: float,
        target: ClassTarget | None = None,
        views: Array | None = None,
    ) -> None:
        self.encoder, self.photos, self.width = encoder, photos, width
        self.size = photos.shape[-1]
        side = encoder.input_size
        self._there = None if self.size == side else bilinear(self.size, side)
        keep = 1.0 if target is None else target.keep
        self._photos = [_Photo(encoder, encoder.photo_features(photo[None]), keep) for photo in photos]
        encoder.rest()
        self._reading = None if target is None else _Reading(encoder, target)
        self._warps = Warps(np.eye(3)[None] if views is None or target is None else views, side)
        self.view_count = len(self._warps)

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
        terms, towards = np.empty((len(points), 3)), np.empty_like(drawn.picture)
        for row, photo in enumerate(photos):
            *terms[row], gradient = self._loss_and_gradient(drawn.picture[row : row + 1], photo, views)
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
        threads = min(thread_count(), len(pictures))
        if threads < 2:
            compared = [self._compare(picture[None], photo) for picture, photo in zip(pictures, photos, strict=True)]
        else:  # the network is small: pictures side by side share the work better than the parts of one do
            with ThreadPoolExecutor(threads) as pool:
                compared = list(pool.map(self._compare, pictures[:, None], photos))
        return self._terms(np.array(compared).reshape(-1, 3))

    def pixel_gradient(self, points: Array, style: StrokeStyle | None, photo: int) -> tuple[Images, Images]:
        picture = self._draw(points[None], None if style is None else style.spread(1, len(points)), True).picture
        return picture[0], self._loss_and_gradient(picture, photo)[3][0]

    def _draw(self, points: Array, style: StrokeStyle | None, colored: bool = False) -> Raster:
        if style is None:
            return rasterize(points, self.width, size=self.size)
        channels = 1 if not colored and is_grey([style]) else 3
        return rasterize(points, style.widths, style.colors[..., :channels], style.opacities, size=self.size)

    def _compare(self, picture: Images, photo: int) -> tuple[float, float, float]:
        """The terms of one drawing [1, channel, y, x], by a forward pass: semantic, geometric, and what words cost."""
        seen = self.encoder.features(picture)
        reading = 0.0 if self._reading is None else self._reading.cost(seen.embedding)
        return (*self._photos[photo].compare(seen), reading)

    def _loss_and_gradient(
        self, picture: Images, photo: int, views: Sequence[int] = (0,)
    ) -> tuple[float, float, float, Images]:
        """The same, and the gradient of the total; words are read in all views, of which the first is the picture."""
        seen = picture if self._there is None else np.ascontiguousarray(resample(picture, self._there))
        inputs, reading = self._photos[photo].inputs, 0.0
        if self._reading is None:
            semantic, geometric, gradient = self.encoder.loss_and_gradient(seen, inputs)
        else:
            semantic, geometric, gradient, reading = self._reading.look(seen, inputs, 1 / len(views))
            for view in views[1:]:
                # The photo has no view of its own here: nothing of it counts.
                *_, more, _ = self._reading.look(self._warps(seen, view), None, 1 / len(views))
                gradient = gradient + self._warps.back(more, view)
        if self._there is not None:
            gradient = resample(gradient, np.ascontiguousarray(self._there.T))
        return semantic, geometric, reading, gradient

    def _terms(self, terms: NDArray[Any]) -> Terms:
        semantic, geometric, reading = terms.T
        keep = 1.0 if self._reading is None else self._reading.target.keep
        semantic = semantic - (1 - keep)  # what `_Photo` makes of the cosine
        total = geometric + self.encoder.semantic_weight * semantic
        return Terms(semantic, geometric, total if self._reading is None else total + reading)


class _Reading:
    """What drawings are to be read as."""

    def __init__(self, encoder: Embedded, target: ClassTarget) -> None:
        self.encoder, self.target = encoder, target
        self._head = encoder.head()
        handicap, others = target.masks(len(self._head[1]))
        self._asked: dict[str, Images] = {"handicap": handicap, "others": others}
        self._nothing: dict[str, Images] = {}

    def cost(self, embedding: Images) -> float:
        """Of an embedding [1, channel]."""
        weight, bias = self._head
        return float(self.target.costs(embedding @ weight.T + bias)[0])

    def look(
        self, picture: Images, photo: dict[str, Images] | None, share: float
    ) -> tuple[float, float, Images, float]:
        """The semantic and the geometric term, the gradient of the total, and what reading costs, of which only a share
        goes into the gradient.

        Args:
            picture: [1, channel, y, x] of the network's size.
            photo: as for `Embedded.loss_and_gradient`; None if no photo counts.
            share: of one view.
        """
        price = np.full((1, 1), self.target.weight * share, np.float32)
        if photo is None:
            photo = self._nothing or self._make_nothing()
        asked = {**self._asked, "price": price}
        semantic, geometric, gradient, logits = self.encoder.reading_and_gradient(picture, photo, asked)
        return semantic, geometric, gradient, float(self.target.costs(logits[None])[0])

    def _make_nothing(self) -> dict[str, Images]:
        """A photo that costs nothing."""
        side = self.encoder.input_size
        seen = self.encoder.features(np.ones((1, 1, side, side), np.float32))
        self._nothing = _Photo(self.encoder, seen, 0.0).inputs
        return self._nothing


class _Photo:
    """What drawings of one photo are compared with.

    Args:
        encoder: what looks.
        seen: what it sees in the photo.
        keep: share of the photo's terms that counts; of the semantic one, 1 - keep times the cosine remains.

    Attributes:
        inputs: the same as the network's graph takes it.
    """

    def __init__(self, encoder: Embedded, seen: Features, keep: float = 1.0) -> None:
        self._direction = seen.embedding[0] / max(float(np.linalg.norm(seen.embedding)), 1e-8)
        self._maps = [one[0] for one in seen.maps]
        self._weights = [
            weight / (max(float(np.square(one).mean()), 1e-12) * one.size)
            for one, weight in zip(self._maps, encoder.map_weights, strict=True)
        ]
        if keep != 1:
            self._direction = self._direction * np.float32(keep)
            self._weights = [weight * keep for weight in self._weights]
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
