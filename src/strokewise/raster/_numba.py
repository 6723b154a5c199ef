"""The CPU path: sparse compiled loops, strokes spread over a few threads.

Strokes are cut into contiguous runs, one per thread. Each stroke is rasterized by one thread in a fixed order and
strokes are blended in their order, so the result does not depend on the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._process import thread_count
from . import _numba_kernels as kernels

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


class RasterGradient(NamedTuple):
    """Gradient with respect to what was drawn, float64, each shaped like it."""

    points: Buffer
    widths: Buffer
    colors: Buffer
    opacities: Buffer


class Raster:
    """Sets of strokes drawn by `rasterize`, and the way back to their gradient.

    Attributes:
        picture: [batch, channel, height, width], dtype of the background.
    """

    def __init__(
        self,
        points: Buffer,
        widths: Buffer,
        colors: Buffer,
        opacities: Buffer,
        background: Buffer,
        active: Buffer | None,
        size: tuple[int, int],
    ) -> None:
        batch, strokes, count = points.shape[:3]
        n, channels, (height, self._width) = batch * strokes, len(background), size
        self._shapes = (points.shape, widths.shape, colors.shape, opacities.shape)
        self._strokes = strokes
        picture = np.empty((batch, channels, height * self._width), background.dtype)
        picture[:] = background[:, None]
        self.picture = picture.reshape(batch, channels, height, self._width)
        self._runs: list[_Run] = []
        if n == 0:
            return
        self._paths, self._radii = _flat(points, n, count, 2), _flat(widths, n) * 0.5
        self._colors, self._opacities = _flat(colors, n, channels), _flat(opacities, n)
        drawn = np.ones(n, np.bool_) if active is None else np.ascontiguousarray(active.reshape(n))
        work = np.empty(n, np.int64)
        kernels.room(self._paths, self._radii, drawn, height, self._width, work)
        self._runs = [
            _Run(first, last, int(work[first:last].sum()), channels, picture.dtype)
            for first, last in _cut(work, thread_count(), strokes)
        ]
        self._apart = all(run.first % strokes == 0 for run in self._runs)

        def draw(run: _Run) -> None:
            run.cover(self._paths, self._radii, drawn, height, self._width)
            if self._apart:
                run.blend(strokes, self._colors, self._opacities, picture)

        _run_all([lambda run=run: draw(run) for run in self._runs])  # type: ignore[misc]
        if not self._apart:
            for run in self._runs:
                run.blend(strokes, self._colors, self._opacities, picture)

    def gradient(self, gradient: Buffer, shaped: bool = True) -> RasterGradient:
        """What a gradient with respect to the picture, shaped like it, amounts to for the strokes.

        Args:
            gradient: floating-point.
            shaped: whether that of points and widths is wanted; they are 0 otherwise.
        """
        if not self._runs:
            return RasterGradient(*(np.zeros(shape) for shape in self._shapes))
        left = gradient.reshape(*gradient.shape[:2], -1).copy()
        to_points, to_radius = np.zeros_like(self._paths), np.zeros_like(self._radii)
        to_color, to_opacity = np.zeros_like(self._colors), np.zeros_like(self._opacities)
        to_covered = [np.empty_like(run.covered) for run in self._runs]

        def unblend(run: _Run, into: Buffer) -> None:
            kernels.blend_back(
                *(run.pixel, run.covered, run.entries, run.first, run.last, self._strokes),
                *(self._colors, self._opacities, run.before, left, into, to_color, to_opacity),
            )

        def uncover(run: _Run, came: Buffer) -> None:
            if self._apart:
                unblend(run, came)
            if shaped:
                kernels.cover_back(
                    *(self._paths, self._radii, run.first, run.last, self._width, run.pixel, run.nearest),
                    *(run.entries, came, to_points, to_radius),
                )

        if not self._apart:
            for run, into in zip(reversed(self._runs), reversed(to_covered), strict=True):
                unblend(run, into)
        pairs = zip(self._runs, to_covered, strict=True)
        _run_all([lambda run=run, came=came: uncover(run, came) for run, came in pairs])  # type: ignore[misc]
        found = (to_points, to_radius * 0.5, to_color, to_opacity)
        return RasterGradient(*(values.reshape(shape) for values, shape in zip(found, self._shapes, strict=True)))


def rasterize(
    points: Buffer,
    widths: Buffer | float,
    colors: Buffer | None = None,
    opacities: Buffer | None = None,
    *,
    size: int,
) -> Raster:
    """Draw sets of strokes on white squares, as `render` does, from arrays and without PyTorch.

    Args:
        points: float [batch, stroke, point, xy], canvas pixels.
        widths: full widths, canvas pixels: [batch, stroke] or a number.
        colors: [batch, stroke, channel] with 1 or 3 channels; None draws black.
        opacities: [batch, stroke]; None is opaque.
        size: side of the canvas, pixels.

    Returns:
        the pictures, float32, and their gradient; the same bits whatever the number of threads.

    Raises:
        ValueError: a number is NaN or infinite.
    """
    both = points.shape[:2]
    full = np.broadcast_to(np.asarray(widths, dtype=np.float64), both)
    paint = np.zeros((*both, 1)) if colors is None else colors
    solid = np.ones(both) if opacities is None else opacities
    for name, values in (("points", points), ("widths", full), ("colors", paint), ("opacities", solid)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name} are not finite")
    background = np.ones(paint.shape[-1], np.float32)
    return Raster(points, full, paint, solid, background, None, (size, size))


def _flat(values: Buffer, *shape: int) -> Buffer:
    return np.ascontiguousarray(values, dtype=np.float64).reshape(shape)
