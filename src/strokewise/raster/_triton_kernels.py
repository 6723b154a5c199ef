"""Triton kernels of the CUDA path: one program draws one tile of one image, all strokes in order, in registers.

Polylines come as vertices [stroke, cubic, MOST + 1, xy] with counts [stroke, cubic] segments in use. A stroke whose
box [stroke, 4] (left, top, right, bottom, swollen by its reach) misses the tile costs one comparison.
"""

# mypy: disable-error-code="no-untyped-def,untyped-decorator,no-untyped-call"

from __future__ import annotations

import triton
import triton.language as tl

HALF = tl.constexpr(0.25)


@triton.jit
def _search(vertices, counts, k, x, y, cx, cy, reach, CUBICS: tl.constexpr, MOST: tl.constexpr, TIE: tl.constexpr):
    """Least squared distance of the samples x, y to stroke k, and the segment (cubic * MOST + segment) it is to.

    Of the segments that are tied within the rounding, the first.
    """
    least = x * 0 + 3.0e38
    chosen = least
    near = tl.zeros(x.shape, dtype=tl.int32)
    for cubic in range(CUBICS):
        count = tl.load(counts + k * CUBICS + cubic)
        base = vertices + (k * CUBICS + cubic) * (MOST + 1) * 2
        bx = tl.load(base)
        by = tl.load(base + 1)
        for i in range(count):
            ax = bx
            ay = by
            bx = tl.load(base + 2 * i + 2)
            by = tl.load(base + 2 * i + 3)
            dx = bx - ax
            dy = by - ay
            length2 = dx * dx + dy * dy
            inverse = tl.where(length2 > 0, 1.0 / tl.where(length2 > 0, length2, 1.0), 0.0)
            u = ((cx - ax) * dx + (cy - ay) * dy) * inverse
            u = tl.minimum(tl.maximum(u, 0.0), 1.0)
            ex = cx - ax - u * dx
            ey = cy - ay - u * dy
            if ex * ex + ey * ey <= reach * reach:  # the segment comes near the tile
                v = ((x - ax) * dx + (y - ay) * dy) * inverse
                v = tl.minimum(tl.maximum(v, 0.0), 1.0)
                px = x - ax - v * dx
                py = y - ay - v * dy
                d2 = px * px + py * py
                nearer = d2 < chosen * (1 - TIE) - TIE
                chosen = tl.where(nearer, d2, chosen)
                least = tl.minimum(least, d2)
                near = tl.where(nearer, cubic * MOST + i, near)
    return least, near


@triton.jit
def _covered(distance, radius):
    """Share of each subcell inside the stroke."""
    top = tl.where(distance + HALF < radius, distance + HALF, radius)
    bottom = tl.where(distance - HALF > -radius, distance - HALF, -radius)
    return tl.maximum(top - bottom, 0.0) / (2 * HALF)


@triton.jit
def _tile(tiles_across, TILE: tl.constexpr):
    """This program's pixel columns and rows [pixel, 1], and sample positions [pixel, 4] as offsets in pixels."""
    tile = tl.program_id(0)
    pixel = tl.arange(0, TILE * TILE)
    column = (tile % tiles_across) * TILE + pixel % TILE
    row = (tile // tiles_across) * TILE + pixel // TILE
    return column, row


@triton.jit
def forward_kernel(
    vertices, counts, boxes, radii, colors, opacities, background, images, log_light, blocked,
    strokes, height, width, tiles_across,
    CHANNELS: tl.constexpr, PADDED: tl.constexpr, CUBICS: tl.constexpr, MOST: tl.constexpr, TILE: tl.constexpr,
    TIE: tl.constexpr,
):  # fmt: skip
    """images [batch, CHANNELS, H, W]; log_light and blocked [batch, H, W]: the sum of log(1 - alpha) over strokes
    that let light through, and the number of those that do not."""
    batch = tl.program_id(1).to(tl.int64)
    column, row = _tile(tiles_across, TILE)
    sub = tl.arange(0, 4)
    kind = images.dtype.element_ty
    x = column[:, None].to(kind) + (0.25 + 0.5 * (sub % 2).to(kind))[None, :]
    y = row[:, None].to(kind) + (0.25 + 0.5 * (sub // 2).to(kind))[None, :]
    left = (tl.program_id(0) % tiles_across) * TILE
    top = (tl.program_id(0) // tiles_across) * TILE
    channel = tl.arange(0, PADDED)
    image = tl.zeros((TILE * TILE, PADDED), dtype=kind)
    image += tl.load(background + channel, mask=channel < CHANNELS, other=0.0)[None, :]
    light = tl.zeros((TILE * TILE,), dtype=kind)
    dark = tl.zeros((TILE * TILE,), dtype=kind)
    for s in range(strokes):
        k = batch * strokes + s
        meets = (tl.load(boxes + 4 * k) < left + TILE) & (tl.load(boxes + 4 * k + 2) > left)
        meets = meets & (tl.load(boxes + 4 * k + 1) < top + TILE) & (tl.load(boxes + 4 * k + 3) > top)
        if meets:
            radius = tl.load(radii + k)
            reach = radius + HALF + TILE * 0.7072
            least, _near = _search(
                vertices, counts, k, x, y, left + TILE * 0.5, top + TILE * 0.5, reach, CUBICS, MOST, TIE
            )
            covered = tl.sum(_covered(tl.sqrt(least), radius), 1) * 0.25
            alpha = covered * tl.load(opacities + k)
            color = tl.load(colors + k * CHANNELS + channel, mask=channel < CHANNELS, other=0.0)
            image += (color[None, :] - image) * alpha[:, None]
            through = 1 - alpha
            light += tl.where(through > 1e-6, tl.log(tl.maximum(through, 1e-6)), 0.0)
            dark += tl.where(through > 1e-6, 0.0, 1.0)
    plane = height.to(tl.int64) * width
    inside = (row < height) & (column < width)
    place = row.to(tl.int64) * width + column
    tl.store(log_light + batch * plane + place, light, mask=inside)
    tl.store(blocked + batch * plane + place, dark, mask=inside)
    where = (batch * CHANNELS + channel[None, :]) * plane + place[:, None]
    tl.store(images + where, image, mask=inside[:, None] & (channel < CHANNELS)[None, :])


@triton.jit
def backward_kernel(
    vertices, counts, boxes, radii, colors, opacities, background, grad, log_light, blocked,
    to_points, to_radius, to_color, to_opacity,
    strokes, height, width, tiles_across,
    CHANNELS: tl.constexpr, PADDED: tl.constexpr, CUBICS: tl.constexpr, MOST: tl.constexpr, TILE: tl.constexpr,
    TIE: tl.constexpr,
):  # fmt: skip
    """Each tile's own share of every gradient: to_points [tile, stroke, cubic, 4, xy], to_radius and to_opacity
    [tile, stroke], to_color [tile, stroke, channel]; zero on entry, summed over tiles by the caller."""
    batch = tl.program_id(1).to(tl.int64)
    total = tl.num_programs(1).to(tl.int64) * strokes
    column, row = _tile(tiles_across, TILE)
    sub = tl.arange(0, 4)
    kind = grad.dtype.element_ty
    x = column[:, None].to(kind) + (0.25 + 0.5 * (sub % 2).to(kind))[None, :]
    y = row[:, None].to(kind) + (0.25 + 0.5 * (sub // 2).to(kind))[None, :]
    left = (tl.program_id(0) % tiles_across) * TILE
    top = (tl.program_id(0) // tiles_across) * TILE
    channel = tl.arange(0, PADDED)
    plane = height.to(tl.int64) * width
    inside = (row < height) & (column < width)
    place = row.to(tl.int64) * width + column
    light = tl.load(log_light + batch * plane + place, mask=inside, other=0.0)
    dark = tl.load(blocked + batch * plane + place, mask=inside, other=0.0)
    where = (batch * CHANNELS + channel[None, :]) * plane + place[:, None]
    pull = tl.load(grad + where, mask=inside[:, None] & (channel < CHANNELS)[None, :], other=0.0)
    under = tl.zeros((TILE * TILE, PADDED), dtype=kind)
    under += tl.load(background + channel, mask=channel < CHANNELS, other=0.0)[None, :]
    for s in range(strokes):
        k = batch * strokes + s
        meets = (tl.load(boxes + 4 * k) < left + TILE) & (tl.load(boxes + 4 * k + 2) > left)
        meets = meets & (tl.load(boxes + 4 * k + 1) < top + TILE) & (tl.load(boxes + 4 * k + 3) > top)
        if meets:
            radius = tl.load(radii + k)
            opacity = tl.load(opacities + k)
            reach = radius + HALF + TILE * 0.7072
            least, near = _search(
                vertices, counts, k, x, y, left + TILE * 0.5, top + TILE * 0.5, reach, CUBICS, MOST, TIE
            )
            distance = tl.sqrt(least)
            each = _covered(distance, radius)
            covered = tl.sum(each, 1) * 0.25
            alpha = covered * opacity
            color = tl.load(colors + k * CHANNELS + channel, mask=channel < CHANNELS, other=0.0)
            through = 1 - alpha
            light -= tl.where(through > 1e-6, tl.log(tl.maximum(through, 1e-6)), 0.0)
            dark -= tl.where(through > 1e-6, 0.0, 1.0)
            seen = tl.where(dark > 0.5, 0.0, tl.exp(tl.minimum(light, 0.0)))  # what later strokes let through
            force = pull * seen[:, None]
            to_alpha = tl.sum(force * (color[None, :] - under), 1)
            slot = tl.program_id(0) * total + k
            tl.store(to_color + slot * CHANNELS + channel, tl.sum(force * alpha[:, None], 0), mask=channel < CHANNELS)
            tl.store(to_opacity + slot, tl.sum(to_alpha * covered, 0))
            under += (color[None, :] - under) * alpha[:, None]

            g = (to_alpha * opacity * (0.25 / (2 * HALF)))[:, None] + tl.zeros((TILE * TILE, 4), dtype=kind)
            g = tl.where(each > 0, g, 0.0)
            grows = distance + HALF < radius
            shrinks = distance - HALF > -radius
            tl.store(to_radius + slot, tl.sum(tl.sum(tl.where(grows, 0.0, g) + tl.where(shrinks, 0.0, g), 1), 0))
            to_distance = tl.where(grows, g, 0.0) - tl.where(shrinks, g, 0.0)
            live = (to_distance != 0) & (distance > 0)
            cubic = near // MOST
            i = near % MOST
            spot = vertices + ((k * CUBICS + cubic) * (MOST + 1) + i) * 2
            ax = tl.load(spot, mask=live, other=0.0)
            ay = tl.load(spot + 1, mask=live, other=0.0)
            dx = tl.load(spot + 2, mask=live, other=0.0) - ax
            dy = tl.load(spot + 3, mask=live, other=0.0) - ay
            length2 = dx * dx + dy * dy
            u = ((x - ax) * dx + (y - ay) * dy) / tl.where(length2 > 0, length2, 1.0)
            u = tl.minimum(tl.maximum(u, 0.0), 1.0)
            fx = x - ax - u * dx
            fy = y - ay - u * dy
            apart = tl.sqrt(fx * fx + fy * fy)
            scale = tl.where(live & (apart > 0), -to_distance / tl.where(apart > 0, apart, 1.0), 0.0)
            fx *= scale
            fy *= scale
            count = tl.load(counts + k * CUBICS + cubic).to(kind)
            t0 = i.to(kind) / count
            t1 = (i + 1).to(kind) / count
            s0 = 1 - t0
            s1 = 1 - t1
            for c in range(CUBICS):
                mine = cubic == c
                out = to_points + (slot * CUBICS + c) * 8
                w = tl.where(mine, (1 - u) * s0 * s0 * s0 + u * s1 * s1 * s1, 0.0)
                tl.store(out, tl.sum(tl.sum(w * fx, 1), 0))
                tl.store(out + 1, tl.sum(tl.sum(w * fy, 1), 0))
                w = tl.where(mine, 3 * ((1 - u) * s0 * s0 * t0 + u * s1 * s1 * t1), 0.0)
                tl.store(out + 2, tl.sum(tl.sum(w * fx, 1), 0))
                tl.store(out + 3, tl.sum(tl.sum(w * fy, 1), 0))
                w = tl.where(mine, 3 * ((1 - u) * s0 * t0 * t0 + u * s1 * t1 * t1), 0.0)
                tl.store(out + 4, tl.sum(tl.sum(w * fx, 1), 0))
                tl.store(out + 5, tl.sum(tl.sum(w * fy, 1), 0))
                w = tl.where(mine, (1 - u) * t0 * t0 * t0 + u * t1 * t1 * t1, 0.0)
                tl.store(out + 6, tl.sum(tl.sum(w * fx, 1), 0))
                tl.store(out + 7, tl.sum(tl.sum(w * fy, 1), 0))
