"""The CUDA path with Triton: nothing here waits for the device, so a step can be captured in a graph.

Gradients are deterministic: each tile writes its own share and the shares are summed in a fixed order, no atomics.
The kernels have been checked in Triton's interpreter and compiled for compute capability 9.0; they have not run on a
GPU yet, and their speed is not measured.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from . import _triton_kernels as kernels
from ._geometry import HALF, MAX_SEGMENTS, TIE, flatten, segment_counts
from ._inputs import RenderInputs, blank, hide

TILE = 16
"""Side of the square of pixels that one program draws."""
TIE_FLOAT32 = 4e-6
"""`TIE` where distances are float32: as close as rounding lets them be told apart."""


def _constants(args: RenderInputs) -> dict[str, Any]:
    channels = len(args.background)
    return {
        "CHANNELS": channels,
        "PADDED": 1 if channels == 1 else 4,
        "CUBICS": args.points.shape[2] // 3,
        "MOST": MAX_SEGMENTS,
        "TILE": TILE,
        "TIE": TIE if args.points.dtype == torch.float64 else TIE_FLOAT32,
    }


def _polylines(points: Tensor, radii: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """vertices [stroke, cubic, MOST + 1, xy], counts int32 [stroke, cubic], boxes [stroke, 4]."""
    n, cubics = points.shape[0], points.shape[1] // 3
    exact = points.double()  # so that equal points stay equal; it is little work
    starts, ends = (side.view(n, cubics, MAX_SEGMENTS, 2) for side in flatten(exact))
    vertices = torch.cat((starts, ends[:, :, -1:]), 2).to(points.dtype).contiguous()
    reach = torch.where(radii > 0, radii + HALF, -torch.inf)[:, None]  # no width, an empty box
    low, high = vertices.amin((1, 2)) - reach, vertices.amax((1, 2)) + reach
    return vertices, segment_counts(exact).int().contiguous(), torch.cat((low, high), 1).contiguous()


class _Rasterize(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, args: RenderInputs, *inputs: Tensor) -> Tensor:
        points, widths, colors, opacities = inputs
        batch, strokes, count = points.shape[:3]
        n, height, width = batch * strokes, args.height, args.width
        radii = (widths.reshape(n) * 0.5).contiguous()
        vertices, counts, boxes = _polylines(points.reshape(n, count, 2), radii)
        images = points.new_empty(batch, len(args.background), height, width)
        light, blocked = points.new_empty(batch, height, width), points.new_empty(batch, height, width)
        known = (vertices, counts, boxes, radii, colors.contiguous(), opacities.contiguous(), args.background)
        across, down = -(-width // TILE), -(-height // TILE)
        kernels.forward_kernel[(across * down, batch)](
            *known, images, light, blocked, strokes, height, width, across, **_constants(args)
        )
        ctx.save_for_backward(*known, light, blocked)
        ctx.args, ctx.shapes = args, tuple(t.shape for t in inputs)
        return images

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        *known, light, blocked = ctx.saved_tensors
        args: RenderInputs = ctx.args
        constants = _constants(args)
        (batch, strokes, count, _), cubics = ctx.shapes[0], constants["CUBICS"]
        n, across, down = batch * strokes, -(-args.width // TILE), -(-args.height // TILE)
        tiles = across * down
        to_points, to_radius = grad.new_zeros(tiles, n, cubics, 4, 2), grad.new_zeros(tiles, n)
        to_color, to_opacity = grad.new_zeros(tiles, n, len(args.background)), grad.new_zeros(tiles, n)
        kernels.backward_kernel[(tiles, batch)](
            *(*known, grad.contiguous(), light, blocked, to_points, to_radius, to_color, to_opacity),
            *(strokes, args.height, args.width, across),
            **constants,
        )
        each = to_points.sum(0)  # [stroke, cubic, 4, xy]; where cubics meet, two shares go to one point
        points = grad.new_zeros(n, count, 2)
        for j in range(4):
            points[:, j : count - 3 + j : 3] += each[:, :, j]
        found = (points, to_radius.sum(0) * 0.5, to_color.sum(0), to_opacity.sum(0))
        return None, *(value.view(shape) for value, shape in zip(found, ctx.shapes, strict=True))


def render_inputs(args: RenderInputs) -> Tensor:
    """Images [batch, channel, H, W] of a checked scene on a CUDA device."""
    if args.points.shape[0] == 0 or args.points.shape[1] == 0:
        return blank(args)
    images: Tensor = _Rasterize.apply(args, *hide(args))
    return images
