"""The CPU path for tensors: `_numba` inside autograd."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from ._inputs import RenderInputs
from ._numba import Raster


class _Rasterize(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, args: RenderInputs, *inputs: Tensor) -> Tensor:
        points, widths, colors, opacities = (value.detach().numpy() for value in inputs)
        active = None if args.mask is None else args.mask.numpy()
        background, size = args.background.numpy(), (args.height, args.width)
        ctx.raster = Raster(points, widths, colors, opacities, background, active, size)
        return torch.from_numpy(ctx.raster.picture)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        needed = ctx.needs_input_grad[1:]
        found = ctx.raster.gradient(grad.numpy(), shaped=needed[0] or needed[1])
        pairs = zip(found, needed, strict=True)
        return (None, *(torch.from_numpy(value).to(grad.dtype) if wanted else None for value, wanted in pairs))


def render_inputs(args: RenderInputs) -> Tensor:
    """Images [batch, channel, H, W] of checked inputs on the CPU."""
    images: Tensor = _Rasterize.apply(args, args.points, args.widths, args.colors, args.opacities)
    return images
