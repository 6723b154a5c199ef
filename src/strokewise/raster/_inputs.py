"""Checks what `render` is given and brings it to full shape."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class RenderInputs(NamedTuple):
    """Everything a path needs, in full shape; gradients still reach the caller's tensors.

    Attributes:
        points: float32 or float64 [batch, stroke, point, xy], canvas pixels.
        widths: [batch, stroke], full width, canvas pixels.
        colors: [batch, stroke, channel].
        opacities: [batch, stroke].
        background: [channel].
        mask: bool [batch, stroke], or None when every stroke is active.
        height, width: of the canvas, pixels.
    """

    points: Tensor
    widths: Tensor
    colors: Tensor
    opacities: Tensor
    background: Tensor
    mask: Tensor | None
    height: int
    width: int


def _shape(tensor: Tensor) -> str:
    return str(list(tensor.shape))


def _like_points(name: str, value: Tensor | float, points: Tensor, shapes: dict[str, tuple[int, ...]]) -> Tensor:
    """`value` as a tensor of one of the shapes, checked against points for dtype and device."""
    if not isinstance(value, Tensor):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise TypeError(f"{name} must be a tensor or a number, got {type(value).__name__}")
        return torch.full((), float(value), dtype=points.dtype, device=points.device)
    if value.dtype != points.dtype:
        raise TypeError(f"{name} must have the dtype of points, {points.dtype}, got {value.dtype}")
    if value.device != points.device:
        raise ValueError(f"{name} is on {value.device} but points are on {points.device}")
    if tuple(value.shape) not in shapes.values():
        wanted = " or ".join(f"{label} {list(shape)}" for label, shape in shapes.items())
        raise ValueError(f"{name} must be {wanted}, got {_shape(value)} with points {_shape(points)}")
    return value


def canvas_size(size: int | tuple[int, int]) -> tuple[int, int]:
    """Height and width in pixels, from one number or a pair.

    Raises:
        ValueError: one is no whole number, or less than 1.
    """
    pair = (size, size) if isinstance(size, int) else tuple(size)
    if len(pair) != 2 or not all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in pair):
        raise ValueError(f"size must be a positive int or (height, width), got {size!r}")
    return pair[0], pair[1]


def check_inputs(
    points: Tensor,
    widths: Tensor | float,
    colors: Tensor | None,
    opacities: Tensor | None,
    size: int | tuple[int, int],
    background: float | Sequence[float],
    mask: Tensor | None,
) -> RenderInputs:
    """The arguments of `render`, which documents them, checked and broadcast.

    Raises:
        TypeError: a wrong type or dtype.
        ValueError: shapes that do not fit, tensors on different devices, or a size that is none.
    """
    if not isinstance(points, Tensor):
        raise TypeError(f"points must be a torch tensor, got {type(points).__name__}")
    if points.dtype not in (torch.float32, torch.float64):
        raise TypeError(f"points must be float32 or float64, got {points.dtype}")
    if points.ndim != 4 or points.shape[-1] != 2 or points.shape[2] < 4 or points.shape[2] % 3 != 1:
        raise ValueError(
            f"points must be [batch, stroke, point, xy] with 4, 7, 10... points of 2 numbers, got {_shape(points)}"
        )
    height, width = canvas_size(size)
    batch, strokes = points.shape[:2]
    both = (batch, strokes)

    shapes: dict[str, tuple[int, ...]] = {"[batch, stroke]": both, "[stroke]": (strokes,), "a number": ()}
    widths = _like_points("widths", widths, points, shapes).expand(both)
    if opacities is None:
        opacities = torch.ones((), dtype=points.dtype, device=points.device)
    opacities = _like_points("opacities", opacities, points, shapes).expand(both)

    if isinstance(background, (int, float)):
        levels = [float(background)]
    else:
        levels = [float(v) for v in background]
        if len(levels) not in (1, 3):
            raise ValueError(f"background must be a number or 1 or 3 numbers, got {len(levels)}")
    if colors is None:
        channels = len(levels)
        colors = torch.zeros((), dtype=points.dtype, device=points.device).expand(*both, channels)
    else:
        allowed: dict[str, tuple[int, ...]] = {
            "[batch, stroke, channel]": (*both, 1),
            "[batch, stroke, rgb]": (*both, 3),
        }
        colors = _like_points("colors", colors, points, allowed)
        if colors.ndim != 3:
            raise TypeError("colors must be a tensor [batch, stroke, channel]")
        channels = colors.shape[-1]
    if len(levels) not in (1, channels):
        raise ValueError(f"background has {len(levels)} channels but colors are {_shape(colors)}")
    if len(levels) == 1:
        ground = torch.full((channels,), levels[0], dtype=points.dtype, device=points.device)
    else:
        ground = torch.tensor(levels, dtype=points.dtype, device=points.device)

    if mask is not None:
        if not isinstance(mask, Tensor) or mask.dtype != torch.bool:
            raise TypeError(f"mask must be a bool tensor, got {getattr(mask, 'dtype', type(mask).__name__)}")
        if mask.device != points.device:
            raise ValueError(f"mask is on {mask.device} but points are on {points.device}")
        if tuple(mask.shape) not in (both, (strokes,)):
            raise ValueError(f"mask must be [batch, stroke] {list(both)}, got {_shape(mask)}")
        mask = mask.expand(both)
    return RenderInputs(points, widths, colors, opacities, ground, mask, height, width)


def _first_bad(name: str, value: Tensor) -> None:
    if bool(value.isfinite().all()):
        return
    bad = ~value.detach().isfinite()
    bad = bad.reshape(*bad.shape[:2], -1).any(-1)
    b, s = (int(i) for i in bad.nonzero()[0])
    raise ValueError(f"{name} of stroke {s} in batch {b} are not finite: {value[b, s].tolist()}")


def check_finite(
    points: Tensor,
    widths: Tensor | None = None,
    colors: Tensor | None = None,
    opacities: Tensor | None = None,
    mask: Tensor | None = None,
) -> None:
    """Refuse NaN and infinity in active strokes.

    `render` does this itself on the CPU. On a GPU it does not, since looking would make the host wait: call this
    there, outside the captured step, when in doubt.

    Args:
        points: float [batch, stroke, point, xy].
        widths: float [batch, stroke], or None.
        colors: float [batch, stroke, channel], or None.
        opacities: float [batch, stroke], or None.
        mask: bool [batch, stroke]; strokes where it is False are not looked at.

    Raises:
        ValueError: there is one; the message names batch and stroke.
    """
    for name, value in (("points", points), ("widths", widths), ("colors", colors), ("opacities", opacities)):
        if value is None:
            continue
        if mask is not None:
            active = mask.reshape(*mask.shape, *[1] * (value.ndim - 2))
            value = torch.where(active, value.detach(), torch.zeros_like(value))
        _first_bad(name, value.detach())


def blank(args: RenderInputs) -> Tensor:
    """Nothing but the background: [batch, channel, H, W]."""
    shape = (len(args.points), len(args.background), args.height, args.width)
    return args.background[:, None, None].expand(shape).clone()


def hide(args: RenderInputs) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Points, widths, colors and opacities, all 0 where the mask hides a stroke.

    Whatever a hidden stroke holds, NaN too, must not reach a product.
    """
    points, widths, colors, opacities = args.points, args.widths, args.colors, args.opacities
    if args.mask is None:
        return points, widths, colors, opacities
    hidden = ~args.mask
    return (
        points.masked_fill(hidden[..., None, None], 0),
        widths.masked_fill(hidden, 0),
        colors.masked_fill(hidden[..., None], 0),
        opacities.masked_fill(hidden, 0),
    )
