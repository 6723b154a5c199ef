"""What every path shares: how a curve becomes a polyline, and how distance becomes coverage."""

from __future__ import annotations

import torch
from torch import Tensor

TOLERANCE = 0.05
"""Greatest distance between a curve and its polyline, canvas pixels (until MAX_SEGMENTS is reached)."""
MIN_SEGMENTS, MAX_SEGMENTS = 8, 128
"""Fewest and most segments one cubic is cut into. A straight cubic needs only one to be drawn, but then nothing would
pull on its inner control points."""
HALF = 0.25
"""Each pixel is sampled at the centres of 2x2 subcells; half the side of one, canvas pixels."""
TIE = 1e-10
"""Segments whose squared distance is this close to the least one count as tied: the first of them wins."""


def segment_counts(points: Tensor) -> Tensor:
    """How many segments each cubic is cut into (Wang's formula), as float64 without gradient.

    Args:
        points: float64 [..., point, xy], point = 4, 7, 10... chained cubics.

    Returns:
        float [..., cubic], whole numbers from MIN_SEGMENTS to MAX_SEGMENTS.
    """
    p = points.detach()
    p0, p1, p2, p3 = p[..., 0:-1:3, :], p[..., 1::3, :], p[..., 2::3, :], p[..., 3::3, :]
    bend = torch.maximum((p0 - 2 * p1 + p2).square().sum(-1), (p1 - 2 * p2 + p3).square().sum(-1))
    return (bend.sqrt() * (0.75 / TOLERANCE)).sqrt().ceil().clamp(MIN_SEGMENTS, MAX_SEGMENTS)


def flatten(points: Tensor, most: int = MAX_SEGMENTS) -> tuple[Tensor, Tensor]:
    """Cut chained cubics into segments, uniformly in the curve parameter; differentiable.

    Args:
        points: float [..., point, xy].
        most: room for so many segments in each cubic; what a cubic does not need has zero length at its end.

    Returns:
        Starts and ends of the segments, each [..., cubic * most, xy].
    """
    counts = segment_counts(points)
    t = (torch.arange(most + 1, dtype=points.dtype, device=points.device) / counts[..., None]).clamp(max=1)
    t = t[..., None]
    s = 1 - t
    p0, p1, p2, p3 = (points[..., k : points.shape[-2] - 3 + k : 3, :].unsqueeze(-2) for k in range(4))
    vertices = s * s * s * p0 + 3 * s * s * t * p1 + 3 * s * t * t * p2 + t * t * t * p3
    return vertices[..., :-1, :].flatten(-3, -2), vertices[..., 1:, :].flatten(-3, -2)


def subcell_centres(height: int, width: int, like: Tensor) -> Tensor:
    """Centres of the 2x2 subcells of a canvas: [row, column, subcell, xy], canvas pixels."""
    y = torch.arange(height, dtype=like.dtype, device=like.device)[:, None, None]
    x = torch.arange(width, dtype=like.dtype, device=like.device)[:, None]
    offset = torch.arange(4, device=like.device)
    dx = (0.25 + 0.5 * (offset % 2)).to(like.dtype)
    dy = (0.25 + 0.5 * (offset // 2)).to(like.dtype)
    shape = (height, width, 4)
    return torch.stack(((x + dx).expand(shape), (y + dy).expand(shape)), dim=-1)


def coverage(distance: Tensor, radius: Tensor) -> Tensor:
    """Share of a subcell that lies in the slab |x| <= radius, when its centre is at `distance` from the axis.

    One-sided at the kinks (torch.where), so that every path takes the same side. A radius of zero or less covers
    nothing.
    """
    top = torch.where(distance + HALF < radius, distance + HALF, radius)
    bottom = torch.where(distance - HALF > -radius, distance - HALF, -radius)
    overlap = top - bottom
    return torch.where(overlap > 0, overlap / (2 * HALF), torch.zeros_like(overlap))


def safe_distance(offset: Tensor) -> Tensor:
    """Length of offset [..., xy]; where it is zero, so is its gradient."""
    x, y = offset.unbind(-1)
    squared = x * x + y * y
    apart = squared > 0
    return torch.where(apart, torch.where(apart, squared, torch.ones_like(squared)).sqrt(), torch.zeros_like(squared))
