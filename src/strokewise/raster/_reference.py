"""The rasterizer as plainly as it can be said: the oracle the fast paths are held against."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ._geometry import TIE, coverage, flatten, safe_distance, segment_counts, subcell_centres
from ._inputs import RenderInputs, check_finite, check_inputs


def nearest_on_polyline(centres: Tensor, starts: Tensor, ends: Tensor) -> tuple[Tensor, Tensor]:
    """For each centre [sample, xy], the index of the nearest segment (first of the tied) and where on it, 0 to 1."""
    along = ends - starts
    length2 = along.square().sum(-1)
    offset = centres[:, None] - starts
    u = (offset * along).sum(-1) / torch.where(length2 > 0, length2, torch.ones_like(length2))
    u = u.clamp(0, 1)
    distance2 = (offset - u[..., None] * along).square().sum(-1)
    tied = distance2 <= distance2.amin(1, keepdim=True) + TIE
    index = tied.to(torch.uint8).argmax(1)
    return index, u.gather(1, index[:, None])[:, 0]


def stroke_coverage(points: Tensor, width: Tensor, height_px: int, width_px: int) -> Tensor:
    """Share of each pixel that one stroke covers: points [point, xy], width scalar -> [H, W]."""
    starts, ends = flatten(points, int(segment_counts(points).max()))
    centres = subcell_centres(height_px, width_px, points).reshape(-1, 2)
    with torch.no_grad():  # the nearest point is where distance is least: moving along the curve changes nothing
        rows = 2_000_000 // len(starts) + 1
        found = [nearest_on_polyline(c, starts, ends) for c in centres.split(rows)]
        index, u = (torch.cat(part) for part in zip(*found, strict=True))
    nearest = torch.lerp(starts[index], ends[index], u[:, None])
    return coverage(safe_distance(centres - nearest), width / 2).reshape(height_px, width_px, 4).mean(-1)


def render_inputs(args: RenderInputs) -> Tensor:
    """Images [batch, channel, H, W] of a checked scene, stroke by stroke; geometry in float64."""
    images = []
    for b in range(args.points.shape[0]):
        image = args.background.double()[:, None, None].expand(-1, args.height, args.width)
        for s in range(args.points.shape[1]):
            if args.mask is not None and not args.mask[b, s]:
                continue
            covered = stroke_coverage(args.points[b, s].double(), args.widths[b, s].double(), *args[-2:])
            alpha = covered * args.opacities[b, s].double()
            image = image * (1 - alpha) + args.colors[b, s].double()[:, None, None] * alpha
        images.append(image)
    if not images:
        return args.points.new_zeros(0, len(args.background), args.height, args.width)
    return torch.stack(images).to(args.points.dtype)


def render_reference(
    points: Tensor,
    widths: Tensor | float,
    colors: Tensor | None = None,
    opacities: Tensor | None = None,
    *,
    size: int | tuple[int, int],
    background: float | Sequence[float] = 1.0,
    mask: Tensor | None = None,
) -> Tensor:
    """The same picture and gradients as `render`, slowly: every pixel against every segment, by autograd.

    Arguments, result and errors are those of `render`.
    """
    args = check_inputs(points, widths, colors, opacities, size, background, mask)
    check_finite(args.points, args.widths, args.colors, args.opacities, args.mask)
    return render_inputs(args)
