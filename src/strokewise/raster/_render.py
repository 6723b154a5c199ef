"""`render`: checks what it is given, and chooses the path that draws it."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from collections.abc import Sequence
from typing import Literal

from torch import Tensor

from ._inputs import RenderInputs, check_finite, check_inputs

Backend = Literal["auto", "numba", "tensor", "triton", "reference"]


@functools.cache
def _installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def available_backends(device_type: str = "cpu") -> tuple[str, ...]:
    """Names of the paths that can draw on such a device ("cpu", "cuda", "mps"...), the preferred one first."""
    if device_type == "cpu":
        return ("numba", "tensor", "reference") if _installed("numba") else ("tensor", "reference")
    if device_type == "cuda" and _installed("triton"):
        return ("triton", "tensor", "reference")
    return ("tensor", "reference")


def choose_backend(backend: Backend, device_type: str) -> str:
    """The path that `render` takes.

    Raises:
        ValueError: the name is unknown, or that path cannot draw on the device.
    """
    names = available_backends(device_type)
    if backend == "auto":
        return names[0]
    if backend not in names:
        raise ValueError(f"backend {backend!r} is not available on {device_type}; choose auto or one of {names}")
    return backend


def _draw(args: RenderInputs, name: str) -> Tensor:
    # Only when it is needed: Numba takes a while to load.
    module = importlib.import_module("._numba_torch" if name == "numba" else f"._{name}", __package__)
    images: Tensor = module.render_inputs(args)
    return images


def render(
    points: Tensor,
    widths: Tensor | float,
    colors: Tensor | None = None,
    opacities: Tensor | None = None,
    *,
    size: int | tuple[int, int],
    background: float | Sequence[float] = 1.0,
    mask: Tensor | None = None,
    backend: Backend = "auto",
) -> Tensor:
    """Draw sets of strokes, each composited in order with "over"; differentiable.

    Strokes are chains of cubic Béziers with round caps and joins, box-filtered.

    Args:
        points: float32 or float64 [batch, stroke, point, xy] in canvas pixels, x right, y down; the pixel in row i
            and column j covers [j, j+1] x [i, i+1]. Point = 4, 7, 10...: chained cubics share their end points.
        widths: full width of each stroke, canvas pixels: [batch, stroke], [stroke] or a number. Below one pixel
            lines fade; at zero or less nothing is drawn.
        colors: [batch, stroke, channel] with 1 (grey) or 3 (RGB) channels, usually in [0, 1]; None draws black.
        opacities: [batch, stroke], [stroke] or a number, usually in [0, 1]; None is opaque.
        size: side of the square canvas, or (height, width), pixels.
        background: a number, or one for each channel; not differentiated.
        mask: bool [batch, stroke] or [stroke]: strokes where it is False are left out, as if they were not there.
        backend: "auto" takes the fastest path for the device; see `available_backends`.

    Returns:
        Images [batch, channel, height, width], dtype and device of points. On the CPU they and the gradients
        (to points, widths, colors and opacities) are the same bits every time.

    Raises:
        TypeError: a wrong type or dtype; points, widths, colors and opacities must share one.
        ValueError: shapes that do not fit, tensors on different devices, an unknown backend; on the CPU also NaN or
            infinite values in an active stroke, naming it (on other devices use `check_finite`).
    """
    args = check_inputs(points, widths, colors, opacities, size, background, mask)
    name = choose_backend(backend, points.device.type)
    if points.device.type == "cpu":
        check_finite(args.points, args.widths, args.colors, args.opacities, args.mask)
    return _draw(args, name)
