"""The path for any device, in plain tensor operations: GPUs without Triton, MPS, and CPUs without Numba.

The canvas is cut into tiles of 8x8 pixels. On the CPU and MPS only the (stroke, tile, segment) triples that can meet
are looked at; finding them makes the host wait for the device, which on CUDA would forbid graph capture, so there
every segment is held against every tile. Images and bands of tile rows are drawn one after the other, and drawn again
for the gradient instead of being remembered, which bounds memory.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor

from ._geometry import HALF, MAX_SEGMENTS, TIE, coverage, flatten, safe_distance, segment_counts
from ._inputs import RenderInputs, blank, hide

TILE = 8
SAMPLES = 4 * TILE * TILE
BUDGET = 1 << 22
BUDGET_CUDA = 1 << 25
"""Most numbers in one intermediate tensor, roughly; more on CUDA, where each operation should be worth its launch."""


class _Chunk(NamedTuple):
    """Images first to last, tile rows top to bottom."""

    first: int
    last: int
    top: int
    bottom: int


def _segments_squared_distance(samples: Tensor, starts: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
    """Squared distance and nearest parameter of samples [..., xy] to segments [..., xy] (broadcast)."""
    # by component: sums over an axis of two are several times slower
    ax, ay = starts.unbind(-1)
    dx, dy = (ends - starts).unbind(-1)
    px, py = samples[..., 0] - ax, samples[..., 1] - ay
    length2 = dx * dx + dy * dy
    u = (px * dx + py * dy) / torch.where(length2 > 0, length2, 1)
    u = u.clamp_(0, 1)
    px, py = px - u * dx, py - u * dy
    return px * px + py * py, u


def _tile_samples(like: Tensor) -> Tensor:
    """Subcell centres of a tile at the origin, [sample, xy]: pixel by pixel, four to each."""
    i = torch.arange(SAMPLES, device=like.device)
    pixel, sub = i // 4, i % 4
    x = pixel % TILE + 0.25 + 0.5 * (sub % 2)
    y = pixel // TILE + 0.25 + 0.5 * (sub // 2)
    return torch.stack((x, y), -1).to(like.dtype)


def _search_all(corners: Tensor, starts: Tensor, ends: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Nearest segment of every sample of every (stroke, tile), no host synchronisation.

    corners [tile, xy], starts and ends [stroke, segment, xy] -> stroke and tile [pair], segment [pair, sample].
    """
    n, m = starts.shape[:2]
    samples = (corners[:, None] + _tile_samples(corners)).flatten(0, 1)  # [tile * sample, xy]
    least = torch.full((n, len(samples)), torch.inf, dtype=corners.dtype, device=corners.device)
    segment = torch.zeros(n, len(samples), dtype=torch.int64, device=corners.device)
    for i in range(m):
        distance2, _ = _segments_squared_distance(samples, starts[:, i, None], ends[:, i, None])
        nearer = distance2 < least - TIE
        least = torch.where(nearer, distance2, least)
        segment = torch.where(nearer, i, segment)
    stroke = torch.arange(n, device=corners.device).repeat_interleave(len(corners))
    tile = torch.arange(len(corners), device=corners.device).repeat(n)
    return stroke, tile, segment.view(-1, SAMPLES)


def _search_near(corners: Tensor, starts: Tensor, ends: Tensor, radii: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The same, for the (stroke, tile) pairs in reach only; the host waits for their number."""
    centres = (corners + TILE / 2)[:, None]
    distance2, _ = _segments_squared_distance(centres, starts[:, None], ends[:, None])  # [stroke, tile, segment]
    reach = torch.where(radii > 0, radii + HALF + TILE * 0.7072, -1)[:, None, None]
    stroke, tile, segment = ((reach > 0) & (distance2 <= reach.square())).nonzero().unbind(-1)
    new = torch.ones_like(stroke, dtype=torch.bool)
    new[1:] = (stroke[1:] != stroke[:-1]) | (tile[1:] != tile[:-1])
    pair = new.cumsum(0) - 1
    stroke_of, tile_of = stroke[new], tile[new]

    inside = _tile_samples(corners)
    least = torch.full((len(stroke_of), SAMPLES), torch.inf, dtype=corners.dtype, device=corners.device)
    found = torch.full((len(stroke_of), SAMPLES), starts.shape[1], dtype=torch.int64, device=corners.device)
    step = BUDGET // SAMPLES
    for settle in (False, True):
        for part in torch.arange(len(pair), device=pair.device).split(step):
            k, i, into = stroke[part], segment[part], pair[part]
            samples = corners[tile[part]][:, None] + inside
            distance2, _ = _segments_squared_distance(samples, starts[k, i][:, None], ends[k, i][:, None])
            rows = into[:, None].expand(-1, SAMPLES)
            if settle:
                first = torch.where(distance2 <= least[into] + TIE, i[:, None], starts.shape[1])
                found.scatter_reduce_(0, rows, first, "amin")
            else:
                least.scatter_reduce_(0, rows, distance2, "amin")
    return stroke_of, tile_of, found


def _draw(
    chunk: _Chunk, args: RenderInputs, points: Tensor, widths: Tensor, colors: Tensor, opacities: Tensor
) -> Tensor:
    """Images [batch, channel, tile rows * TILE, tile columns * TILE] of one chunk; differentiable."""
    batch, strokes = points.shape[:2]
    n, columns, rows = batch * strokes, -(-args.width // TILE), chunk.bottom - chunk.top
    waits = points.device.type != "cuda"
    most = int(segment_counts(points).max()) if waits else MAX_SEGMENTS
    starts, ends = (side.flatten(0, 1) for side in flatten(points, most))
    radii = widths.reshape(n) / 2
    with torch.no_grad():
        place = torch.arange(rows * columns, device=points.device)
        corners = torch.stack((place % columns * TILE, (place // columns + chunk.top) * TILE), -1).to(points.dtype)
        if waits:
            stroke, tile, segment = _search_near(corners, starts, ends, radii)
        else:
            stroke, tile, segment = _search_all(corners, starts, ends)
        samples = corners[tile][:, None] + _tile_samples(corners)
        row = segment + stroke[:, None] * starts.shape[1]
    a, b = starts.flatten(0, 1)[row], ends.flatten(0, 1)[row]
    with torch.no_grad():
        _, u = _segments_squared_distance(samples, a, b)
    distance = safe_distance(samples - torch.lerp(a, b, u[..., None]))
    covered = coverage(distance, radii[stroke][:, None]).view(-1, TILE * TILE, 4).mean(-1)
    alpha = torch.zeros(n, rows * columns, TILE * TILE, dtype=points.dtype, device=points.device)
    alpha = alpha.index_put((stroke, tile), covered * opacities.reshape(n)[stroke][:, None])
    alpha = alpha.view(batch, strokes, rows, columns, TILE, TILE).transpose(3, 4)
    alpha = alpha.reshape(batch, strokes, 1, rows * TILE, columns * TILE)
    image = args.background.to(points.dtype)[:, None, None].expand(batch, -1, rows * TILE, columns * TILE)
    for s in range(strokes):
        image = image + (colors[:, s, :, None, None] - image) * alpha[:, s]
    return image


def _chunks(args: RenderInputs) -> list[_Chunk]:
    """Cut the work so that a chunk's (stroke, tile, segment) triples, or on CUDA its samples, keep to the budget."""
    batch, strokes = args.points.shape[:2]
    tile_rows, columns = -(-args.height // TILE), -(-args.width // TILE)
    row_cost = max(1, strokes * columns * max(SAMPLES, MAX_SEGMENTS))
    budget = BUDGET_CUDA if args.points.device.type == "cuda" else BUDGET
    if row_cost * tile_rows <= budget:
        images = budget // (row_cost * tile_rows)
        return [_Chunk(b, min(b + images, batch), 0, tile_rows) for b in range(0, batch, images)]
    band = max(1, budget // row_cost)
    return [
        _Chunk(b, b + 1, top, min(top + band, tile_rows)) for b in range(batch) for top in range(0, tile_rows, band)
    ]


def _working(inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """float64 where that is cheap; on GPUs the caller's own dtype."""
    return tuple(t.double() if t.device.type == "cpu" else t for t in inputs)


class _Rasterize(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, args: RenderInputs, *inputs: Tensor) -> Tensor:
        ctx.args, points = args, inputs[0]
        ctx.save_for_backward(*inputs)
        images = points.new_empty(len(points), len(args.background), args.height, args.width)
        for chunk in _chunks(args):
            part = _working(tuple(t[chunk.first : chunk.last] for t in inputs))
            top, bottom = chunk.top * TILE, min(chunk.bottom * TILE, args.height)
            drawn = _draw(chunk, args, part[0], part[1], part[2], part[3])
            images[chunk.first : chunk.last, :, top:bottom] = drawn[:, :, : bottom - top, : args.width]
        return images

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        args, inputs = ctx.args, ctx.saved_tensors
        totals = [torch.zeros_like(t) for t in _working(inputs)]
        for chunk in _chunks(args):
            with torch.enable_grad():
                part = _working(tuple(t[chunk.first : chunk.last].detach() for t in inputs))
                part = tuple(t.detach().requires_grad_() for t in part)
                drawn = _draw(chunk, args, part[0], part[1], part[2], part[3])
                top, bottom = chunk.top * TILE, min(chunk.bottom * TILE, args.height)
                drawn = drawn[:, :, : bottom - top, : args.width]
            into = grad[chunk.first : chunk.last, :, top:bottom].to(drawn.dtype)
            for total, found in zip(totals, torch.autograd.grad(drawn, part, into), strict=True):
                total[chunk.first : chunk.last] += found
        return None, *(total.to(grad.dtype) for total in totals)


def render_inputs(args: RenderInputs) -> Tensor:
    """Images [batch, channel, H, W] of a checked scene, on its device."""
    if args.points.shape[0] == 0 or args.points.shape[1] == 0:
        return blank(args)
    images: Tensor = _Rasterize.apply(args, *hide(args))
    return images
