"""The torch engine: any encoder, on any device.

Points, pictures and gradients stay on the device within a call.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from .._arrays import Array
from ..encoders.base import Encoder
from ..raster import render
from ..sketch import StrokeStyle, is_grey
from ..words.targets import Target
from .base import Images, Terms
from .losses import Loss, PhotoLoss, ViewBank, sampling_grids
from .text_losses import text_cost

CHUNK = 8
"""Drawings that are looked at together on the CPU."""

if hasattr(os, "register_at_fork"):
    # A forked child has none of its parent's threads, and would wait for them for ever.
    os.register_at_fork(after_in_child=lambda: torch.set_num_threads(1))


class TorchEngine:
    """As any `Engine`.

    Args:
        encoder: any, on the device.
        photos: float32 [photo, 3, size, size] in [0, 1].
        width: that of the pen, canvas pixels.
        views: homographies of the bank of views, float64 [view, 3, 3]; the first is the picture itself.
        device: where to compute, such as "cuda".
        target: what words ask of drawings, or nothing.
    """

    def __init__(
        self,
        encoder: Encoder,
        photos: Images,
        *,
        width: float,
        views: Array,
        device: str,
        target: Target | None = None,
    ) -> None:
        self.encoder, self.photos, self.width = encoder, photos, width
        self.size, self.view_count = photos.shape[-1], len(views)
        self.device = torch.device(device)
        bank = ViewBank(views, self.size, self.device)
        words = None if target is None else text_cost(target, encoder, self.device)
        keep = 1.0 if target is None else target.keep
        self.loss = PhotoLoss(encoder, torch.from_numpy(photos).to(self.device), bank, words, keep)

    def value_and_gradient(
        self,
        points: Array,
        style: StrokeStyle | None,
        photos: Sequence[int],
        *,
        views: Sequence[int] = (0,),
        vary: frozenset[str] = frozenset(),
    ) -> tuple[Terms, dict[str, Array]]:
        leaves = self._leaves(points, style, "color" in vary)
        wanted = {name: leaves[name].requires_grad_() for name in ("points", *sorted(vary))}
        losses = self.loss(self._draw(leaves), tuple(views), photos)
        total = torch.stack([one.total for one in losses]).mean(0).sum()
        gradients = torch.autograd.grad(total, list(wanted.values()))
        terms, *found = _to_arrays(losses[0], *gradients)
        return Terms(*terms.T), dict(zip(wanted, found, strict=True))

    def gradient_under_new_views(self, points: Array, matrices: Array) -> tuple[Array, Array]:
        """Mean total [drawing] of plain drawings of the first photo under views of no bank, and its gradient.

        Args:
            points: float64 [drawing, stroke, point, xy], canvas pixels.
            matrices: homographies, float64 [view, 3, 3].
        """
        leaves = self._leaves(points, None, False)
        x = leaves["points"].requires_grad_()
        loss = self.loss.under_new_views(self._draw(leaves), sampling_grids(matrices, self.size).to(self.device))
        (gradient,) = torch.autograd.grad(loss.total.sum(), x)
        terms, found = _to_arrays(loss, gradient)
        return terms[:, 2], found

    @torch.no_grad()
    def values(self, points: Array, style: StrokeStyle | None, photos: Sequence[int]) -> Terms:
        count = CHUNK if self.device.type == "cpu" else max(1, len(points))
        found = [np.empty((0, 3))]
        for start in range(0, len(points), count):
            part = slice(start, start + count)
            some = None if style is None else StrokeStyle(*(array[part] for array in style))
            pictures = self._draw(self._leaves(points[part], some, False))
            found.append(_to_arrays(self.loss(pictures, (0,), photos[part])[0])[0])
        return Terms(*np.concatenate(found).T)

    def pixel_gradient(self, points: Array, style: StrokeStyle | None, photo: int) -> tuple[Images, Images]:
        spread = None if style is None else style.spread(1, len(points))
        with torch.no_grad():
            picture = self._draw(self._leaves(points[None], spread, True))
        picture.requires_grad_()
        (gradient,) = torch.autograd.grad(self.loss(picture, (0,), [photo])[0].total.sum(), picture)
        return picture.detach()[0].cpu().numpy(), gradient[0].cpu().numpy()

    def _leaves(self, points: Array, style: StrokeStyle | None, colored: bool) -> dict[str, Tensor]:
        arrays = {"points": points}
        if style is not None:
            channels = 1 if not colored and is_grey([style]) else 3
            arrays |= {"width": style.widths, "color": style.colors[..., :channels], "opacity": style.opacities}
        return {name: torch.tensor(a, dtype=torch.float32, device=self.device) for name, a in arrays.items()}

    def _draw(self, leaves: dict[str, Tensor]) -> Tensor:
        """Pictures [drawing, 1 or 3, size, size]."""
        if "width" not in leaves:
            return render(leaves["points"], self.width, size=self.size)
        return render(leaves["points"], leaves["width"], leaves["color"], leaves["opacity"], size=self.size)


def _to_arrays(loss: Loss, *parts: Tensor) -> tuple[Array, ...]:
    """Terms [drawing, 3] and parts [drawing, ...] as float64, in one transfer."""
    tensors = [torch.stack(tuple(loss), dim=1), *parts]
    flat = torch.cat([t.detach().flatten(1) for t in tensors], dim=1).cpu().numpy().astype(np.float64)
    ends = np.cumsum([t[0].numel() for t in tensors])[:-1]
    return tuple(a.reshape(t.shape) for a, t in zip(np.split(flat, ends, axis=1), tensors, strict=True))
