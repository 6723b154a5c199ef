"""The CPU path: sparse compiled loops, strokes spread over a few threads.

Strokes are cut into contiguous runs, one per thread. Each stroke is rasterized by one thread in a fixed order and
strokes are blended in their order, so the result does not depend on the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from . import _numba_kernels as kernels
from ._inputs import RenderInputs

Buffer = NDArray[Any]
"""float64 for geometry, the caller's dtype for canvases, integers for places."""

PIXELS_PER_THREAD = 3000
"""Fewest pixels (an upper bound of those covered) that are worth another thread."""

_pool: ThreadPoolExecutor | None = None
_pool_size = 0
_workspaces: list[_Workspace] = []


def _forget_threads() -> None:
    """A forked child has none of its parent's threads."""
    global _pool, _pool_size
    _pool, _pool_size = None, 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_threads)


def _run_all(tasks: list[Callable[[], None]]) -> None:
    """Run the tasks, the first of them on this thread, and after it those that no other thread has begun.

    On a busy machine a sleeping thread may need milliseconds to wake, longer than the task takes.
    """
    global _pool, _pool_size
    if len(tasks) > 1 and _pool_size < len(tasks) - 1:
        _pool_size = len(tasks) - 1
        _pool = ThreadPoolExecutor(_pool_size, thread_name_prefix="strokewise-raster")
    waiting = [_pool.submit(task) for task in tasks[1:]] if _pool is not None else []
    tasks[0]()
    for future, task in zip(reversed(waiting), reversed(tasks), strict=False):
        if future.cancel():
            task()
    for future in waiting:
        if not future.cancelled():
            future.result()


class _Workspace:
    """Scratch of one thread for canvases of up to `pixels`; only what is inked is ever touched, bar the stamps."""

    def __init__(self, pixels: int) -> None:
        self.pixels = pixels
        self.stamp = np.zeros(pixels, np.int32)
        self.mark = 1
        self.near2 = np.empty((pixels, 4))
        self.near = np.empty((pixels, 4), np.int32)
        self.full = np.empty(pixels, np.uint8)
        self.touched = np.empty(pixels, np.int32)

    @classmethod
    def take(cls, pixels: int) -> _Workspace:
        """One that no other thread holds, large enough."""
        try:
            space = _workspaces.pop()
        except IndexError:
            return cls(pixels)
        return space if space.pixels >= pixels else cls(pixels)

    def give_back(self) -> None:
        if len(_workspaces) < 64:
            _workspaces.append(self)


class _Run:
    """Consecutive strokes handled by one thread, and the pixels they cover."""

    def __init__(self, first: int, last: int, capacity: int, channels: int, dtype: Any) -> None:
        self.first, self.last = first, last
        self.entries = np.empty(last - first + 1, np.int64)
        self.pixel = np.empty(capacity, np.int32)
        self.covered = np.empty(capacity)
        self.nearest = np.empty((capacity, 4), np.int32)
        self.before = np.empty((capacity, channels), dtype)

    def cover(self, points: Buffer, radii: Buffer, active: Buffer, height: int, width: int) -> None:
        space = _Workspace.take(height * width)
        out = (self.pixel, self.covered, self.nearest)
        space.mark = kernels.cover(
            *(points, radii, active, self.first, self.last, height, width, space.stamp[: height * width], space.mark),
            *(space.near2, space.near, space.full, space.touched, out, self.entries),
        )
        space.give_back()

    def blend(self, per_image: int, colors: Buffer, opacities: Buffer, canvas: Buffer) -> None:
        kernels.blend(
            *(self.pixel, self.covered, self.entries, self.first, self.last, per_image),
            *(colors, opacities, canvas, self.before),
        )


def _cut(work: Buffer, threads: int, per_image: int) -> list[tuple[int, int]]:
    """Split strokes into contiguous runs of about equal work; between images where there are enough of them."""
    total = int(work.sum())
    parts = max(1, min(threads, total // PIXELS_PER_THREAD, len(work)))
    if parts == 1:
        return [(0, len(work))]
    step = per_image if len(work) // per_image >= 2 * parts else 1
    done = np.cumsum(work)[step - 1 :: step]
    cuts = (np.searchsorted(done, np.arange(1, parts) * (total / parts)) + 1) * step
    edges = np.unique(np.concatenate(([0], np.minimum(cuts, len(work)), [len(work)])))
    return [(int(a), int(b)) for a, b in zip(edges[:-1], edges[1:], strict=True)]


def _array(tensor: Tensor, *shape: int) -> Buffer:
    return tensor.detach().reshape(shape).contiguous().numpy()


class _Rasterize(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, args: RenderInputs, *inputs: Tensor) -> Tensor:
        points, widths, colors, opacities = inputs
        batch, strokes, count = points.shape[:3]
        n, channels, height, width = batch * strokes, len(args.background), args.height, args.width
        paint = args.background.numpy()
        picture = np.empty((batch, channels, height * width), paint.dtype)  # no torch here: its threads spin after it
        picture[:] = paint[:, None]
        if n == 0:
            ctx.runs = []
            return torch.from_numpy(picture).view(batch, channels, height, width)
        paths = _array(points.double(), n, count, 2)
        radii = _array(widths.double(), n) * 0.5
        inks, opacity = _array(colors.double(), n, channels), _array(opacities.double(), n)
        active = np.ones(n, np.bool_) if args.mask is None else _array(args.mask, n)
        work = np.empty(n, np.int64)
        kernels.room(paths, radii, active, height, width, work)

        runs = [
            _Run(first, last, int(work[first:last].sum()), channels, picture.dtype)
            for first, last in _cut(work, torch.get_num_threads(), strokes)
        ]
        apart = all(run.first % strokes == 0 for run in runs)

        def rasterize(run: _Run) -> None:
            run.cover(paths, radii, active, height, width)
            if apart:
                run.blend(strokes, inks, opacity, picture)

        _run_all([lambda run=run: rasterize(run) for run in runs])  # type: ignore[misc]
        if not apart:
            for run in runs:
                run.blend(strokes, inks, opacity, picture)
        ctx.runs, ctx.apart = runs, apart
        ctx.saved = (paths, radii, inks, opacity)
        ctx.shapes = tuple(t.shape for t in inputs)
        ctx.width = width
        return torch.from_numpy(picture).view(batch, channels, height, width)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        if not ctx.runs:
            return (None,) * 5
        paths, radii, inks, opacity = ctx.saved
        strokes, width = ctx.shapes[0][1], ctx.width
        left = grad.numpy().reshape(*grad.shape[:2], -1).copy()
        to_points, to_radius = np.zeros_like(paths), np.zeros_like(radii)
        to_color, to_opacity = np.zeros_like(inks), np.zeros_like(opacity)
        shaped = ctx.needs_input_grad[1] or ctx.needs_input_grad[2]
        to_covered = [np.empty_like(run.covered) for run in ctx.runs]

        def unblend(run: _Run, into: Buffer) -> None:
            kernels.blend_back(
                *(run.pixel, run.covered, run.entries, run.first, run.last, strokes, inks, opacity, run.before),
                *(left, into, to_color, to_opacity),
            )

        def uncover(run: _Run, came: Buffer) -> None:
            if ctx.apart:
                unblend(run, came)
            if shaped:
                kernels.cover_back(
                    *(paths, radii, run.first, run.last, width, run.pixel, run.nearest, run.entries, came),
                    *(to_points, to_radius),
                )

        if not ctx.apart:
            for run, into in zip(reversed(ctx.runs), reversed(to_covered), strict=True):
                unblend(run, into)
        pairs = zip(ctx.runs, to_covered, strict=True)
        _run_all([lambda run=run, came=came: uncover(run, came) for run, came in pairs])  # type: ignore[misc]
        found = (to_points, to_radius * 0.5, to_color, to_opacity)
        return (
            None,
            *(
                torch.from_numpy(value).to(grad.dtype).view(shape) if needed else None
                for value, shape, needed in zip(found, ctx.shapes, ctx.needs_input_grad[1:], strict=True)
            ),
        )


def render_inputs(args: RenderInputs) -> Tensor:
    """Images [batch, channel, H, W] of a checked scene on the CPU."""
    images: Tensor = _Rasterize.apply(args, args.points, args.widths, args.colors, args.opacities)
    return images
