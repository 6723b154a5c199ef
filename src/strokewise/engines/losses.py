"""How far a drawing is from its photo, in tensors: in meaning and in geometry (CLIPasso, section 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .._arrays import Array
from .._text import plural, quote
from ..encoders import Encoder, Features
from ..errors import EncoderError


class Loss(NamedTuple):
    """Terms of the loss.

    Attributes:
        semantic: float [batch] in [0, 2], how far apart the meanings are.
        geometric: float [batch], 0 or more, how far apart the shapes are.
        total: geometric + the encoder's weight x semantic, and what words cost where there are any.
    """

    semantic: Tensor
    geometric: Tensor
    total: Tensor


def semantic_loss(drawing: Tensor, photo: Tensor) -> Tensor:
    """Cosine distance in [0, 2] of embeddings [batch, dimension] and [1 or batch, dimension]."""
    return 1 - F.cosine_similarity(drawing, photo, dim=1)


def geometric_loss(drawing: tuple[Tensor, ...], photo: tuple[Tensor, ...], weights: tuple[float, ...]) -> Tensor:
    """Squared distance of maps, each divided by the photo's own mean square of that map, weighted sum: [batch].

    The division makes layers and encoders comparable: a blank map that sees nothing of the photo costs 1.

    Args:
        drawing: the drawings' maps, each float [batch, channel, y, x].
        photo: the photo's, each float [1 or batch, channel, y, x].
        weights: how much each map counts; one with 0 is not looked at.
    """
    total = torch.zeros(len(drawing[0]), device=drawing[0].device)
    for d, p, weight in zip(drawing, photo, weights, strict=True):
        if weight:
            scale = p.square().mean((1, 2, 3)).clamp_min(1e-12)
            total = total + weight * (d - p).square().mean((1, 2, 3)) / scale
    return total


def check_features(encoder: Encoder, seen: Features) -> None:
    """Refuse what an encoder of someone's own says of pictures, where it is not what an encoder says.

    Raises:
        EncoderError: these are no features, or the encoder does not weigh each map.
    """
    name = getattr(encoder, "name", type(encoder).__name__)
    if not (hasattr(seen, "maps") and hasattr(seen, "embedding")):
        raise EncoderError(f"features of the encoder {name} must return Features(maps, embedding), not {quote(seen)}")
    if len(seen.maps) != len(encoder.map_weights):
        maps = plural(len(seen.maps), "map")
        raise EncoderError(
            f"the encoder {name} gives {maps} but has {len(encoder.map_weights)} map_weights: give it one for each map"
        )


class ViewBank:
    """Square images under the views of a bank.

    Args:
        matrices: float64 [view, 3, 3], as `view_bank` gives them.
        size: side of the images, pixels.
        device: where the images are.
    """

    def __init__(self, matrices: Array, size: int, device: torch.device) -> None:
        self.grids = sampling_grids(matrices, size).to(device)

    def __len__(self) -> int:
        return len(self.grids)

    def __call__(self, images: Tensor, view: int) -> Tensor:
        """The images [batch, channel, y, x] under one view, white around them."""
        return images if view == 0 else warp(images, self.grids[view])


def warp(images: Tensor, grid: Tensor) -> Tensor:
    """Images [batch, channel, y, x] resampled at a grid [y, x, 2] in [-1, 1]; white outside."""
    grid = grid.expand(len(images), *grid.shape)
    return 1 - F.grid_sample(1 - images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)


def sampling_grids(matrices: Array, size: int) -> Tensor:
    """Grids [view, y, x, 2] for `warp`, from homographies [view, 3, 3]."""
    axis = (np.arange(size) + 0.5) / size * 2 - 1
    x, y = np.meshgrid(axis, axis)
    places = np.stack([x, y, np.ones_like(x)], axis=-1) @ matrices.transpose(0, 2, 1)[:, None]
    return torch.from_numpy((places[..., :2] / places[..., 2:]).astype(np.float32))


class PhotoLoss:
    """The loss against one or several photos, under a bank of views that they share; each photo is encoded once.

    Args:
        encoder: what compares.
        photos: float [photo, 3, size, size] in [0, 1].
        views: the bank.
        words: from embeddings [batch, dimension] to what it costs that they do not say what is asked for, [batch].
        keep: how much the photos' terms count beside: 1 as always, 0 not at all.
    """

    def __init__(
        self,
        encoder: Encoder,
        photos: Tensor,
        views: ViewBank,
        words: Callable[[Tensor], Tensor] | None = None,
        keep: float = 1.0,
    ) -> None:
        self.encoder, self.words, self.keep = encoder, words, keep
        self.views = views
        self.photos = photos
        self._seen: dict[int, Features] = {}
        self._checked = False

    def _of_photos(self, view: int) -> Features:
        """The photos' features under a view of the bank, computed when first asked for."""
        if view not in self._seen:
            with torch.no_grad():
                self._seen[view] = self._features(self.views(self.photos, view))
        return self._seen[view]

    def _features(self, images: Tensor) -> Features:
        size = self.encoder.input_size
        if images.shape[2:] != (size, size):
            images = F.interpolate(images, (size, size), mode="bilinear", align_corners=False, antialias=True)
        seen = self.encoder.features(images)
        if not self._checked:
            check_features(self.encoder, seen)
            self._checked = True
        return seen

    def __call__(
        self, drawings: Tensor, views: tuple[int, ...] = (0,), photos: Sequence[int] | None = None
    ) -> list[Loss]:
        """The loss of drawings under each of the given views.

        Args:
            drawings: float [batch, 1 or 3, size, size].
            views: numbers of views of the bank.
            photos: number of the photo that each drawing is of; not needed where there is one.

        Returns:
            view by view, terms of [batch].
        """
        features = self._features(torch.cat([self.views(drawings, v) for v in views]).expand(-1, 3, -1, -1))
        return [self._compare(features, i, len(drawings), self._of_photos(v), photos) for i, v in enumerate(views)]

    def under_new_views(self, drawings: Tensor, grids: Tensor) -> Loss:
        """The mean loss of drawings of one photo under views that are not of the bank; the photo is encoded too.

        Args:
            drawings: float [batch, 1 or 3, size, size].
            grids: float [view, y, x, 2], as for `warp`.
        """
        features = self._features(torch.cat([warp(drawings, grid) for grid in grids]).expand(-1, 3, -1, -1))
        with torch.no_grad():
            seen = self._features(torch.cat([warp(self.photos, grid) for grid in grids]))
        losses = []
        for i in range(len(grids)):
            photo = Features(tuple(m[i : i + 1] for m in seen.maps), seen.embedding[i : i + 1])
            losses.append(self._compare(features, i, len(drawings), photo))
        return Loss(*(torch.stack(terms).mean(0) for terms in zip(*losses, strict=True)))

    def _compare(
        self, features: Features, view: int, count: int, photo: Features, photos: Sequence[int] | None = None
    ) -> Loss:
        """The loss of the drawings' features under one view; there are `count` drawings, view after view."""
        part = slice(view * count, (view + 1) * count)
        if photos is not None and len(photo.embedding) > 1:
            rows = torch.tensor(photos, device=photo.embedding.device)
            photo = Features(tuple(m[rows] for m in photo.maps), photo.embedding[rows])
        semantic = semantic_loss(features.embedding[part], photo.embedding)
        geometric = geometric_loss(tuple(m[part] for m in features.maps), photo.maps, self.encoder.map_weights)
        if self.keep != 1:
            semantic, geometric = self.keep * semantic, self.keep * geometric
        total = geometric + self.encoder.semantic_weight * semantic
        if self.words is not None:
            total = total + self.words(features.embedding[part])
        return Loss(semantic, geometric, total)
