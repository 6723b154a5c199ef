"""Compiled loops of the CPU path. Geometry is float64 throughout; only canvases take the caller's dtype.

A *stroke* here is one row of the flattened [batch * stroke] list. An *entry* is one pixel one stroke covers.
Constants are written out because compiled code freezes them; they are those of `_geometry`.
"""

# mypy: disable-error-code="no-untyped-def,untyped-decorator,no-untyped-call"

from __future__ import annotations

import math

import numpy as np

from ._numba_cache import compiled

HALF = 0.25
TIE = 1e-10
PER_BEND = 0.75 / 0.05
FEWEST, MOST = 8, 128
SPREAD = 0.3536  # from a pixel's centre to the centre of its subcells, rounded up


@compiled
def flatten(points, vertices, counts):
    """Cut one stroke (points [point, 2]) into a polyline; fills vertices and counts [cubic], returns segments."""
    n = 0
    vertices[0, 0] = points[0, 0]
    vertices[0, 1] = points[0, 1]
    for k in range(0, points.shape[0] - 1, 3):
        bend = 0.0
        for j in range(2):
            dx = points[k + j, 0] - 2 * points[k + j + 1, 0] + points[k + j + 2, 0]
            dy = points[k + j, 1] - 2 * points[k + j + 1, 1] + points[k + j + 2, 1]
            bend = max(bend, dx * dx + dy * dy)
        wanted = math.ceil(math.sqrt(math.sqrt(bend) * PER_BEND))
        count = int(min(max(wanted, float(FEWEST)), float(MOST)))
        counts[k // 3] = count
        for i in range(1, count + 1):
            t = i / count
            s = 1 - t
            b0, b1, b2, b3 = s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t
            n += 1
            for c in range(2):
                vertices[n, c] = (
                    b0 * points[k, c] + b1 * points[k + 1, c] + b2 * points[k + 2, c] + b3 * points[k + 3, c]
                )
    return n


@compiled
def room(points, radii, active, height, width, bound):
    """Upper bound of the entries of each stroke, into bound [stroke]: area of its polyline, swollen and clipped."""
    pixels = height * width
    vertices = np.empty((MOST * (points.shape[1] // 3) + 1, 2))
    counts = np.empty(points.shape[1] // 3, np.int64)
    for k in range(points.shape[0]):
        bound[k] = 0
        if not active[k] or radii[k] <= 0:
            continue
        n = flatten(points[k], vertices, counts)
        reach = radii[k] + HALF + SPREAD + 0.7072
        length = 0.0
        seen = False
        for i in range(n):
            ax, ay = vertices[i, 0], vertices[i, 1]
            dx, dy = vertices[i + 1, 0] - ax, vertices[i + 1, 1] - ay
            lo, hi = 0.0, 1.0
            for axis in range(2):
                d = dx if axis == 0 else dy
                a = ax if axis == 0 else ay
                far = (width if axis == 0 else height) + reach
                if d == 0.0:
                    if a < -reach or a > far:
                        hi = -1.0
                else:
                    t0, t1 = (-reach - a) / d, (far - a) / d
                    lo = max(lo, min(t0, t1))
                    hi = min(hi, max(t0, t1))
            if hi >= lo:
                seen = True
                length += math.sqrt(dx * dx + dy * dy) * (hi - lo)
        if seen:
            bound[k] = int(min(float(pixels), 2 * reach * (length + 2 * reach) + 16))


@compiled
def cover(points, radii, active, first, last, height, width, stamp, mark, near2, near, full, touched, out, entries):
    """Coverage of strokes first to last. Returns the next free stamp mark.

    stamp [H*W] holds mark + slot where the current stroke has a slot (anything less is stale); near2 and near
    [slot, 4] are the least squared distances and their segments; touched [slot] is the slot's pixel.
    Fills out = (pixel [entry], covered [entry], nearest [entry, 4]) and entries [stroke + 1], the entries' bounds
    counted from `first`. nearest is -1 where a subcell is wholly in or out, so that nothing moves it.
    """
    pixel, covered, nearest = out
    vertices = np.empty((MOST * (points.shape[1] // 3) + 1, 2))
    counts = np.empty(points.shape[1] // 3, np.int64)
    total = 0
    entries[0] = 0
    for k in range(first, last):
        radius = radii[k]
        if not active[k] or radius <= 0:
            entries[k - first + 1] = total
            continue
        if mark > 2147483647 - height * width:  # the stamps are int32
            stamp[:] = 0
            mark = 1
        n = flatten(points[k], vertices, counts)
        reach = radius + HALF + SPREAD
        inside2 = -1.0
        if radius > HALF:
            inside2 = (radius - HALF) * (radius - HALF) * (1 - 1e-12)
        slots = 0
        for i in range(n):
            ax, ay = vertices[i, 0], vertices[i, 1]
            bx, by = vertices[i + 1, 0], vertices[i + 1, 1]
            low_y, high_y = min(ay, by) - reach, max(ay, by) + reach
            low_x, high_x = min(ax, bx) - reach, max(ax, bx) + reach
            if high_y < 0 or low_y > height or high_x < 0 or low_x > width:
                continue
            dx, dy = bx - ax, by - ay
            length = math.sqrt(dx * dx + dy * dy)
            if length > 0:
                ux, uy = dx / length, dy / length
            else:
                ux, uy = 0.0, 0.0
            # the cap at the start is the last segment's end cap already, unless there is none
            back = -reach
            if i > 0 and length > 0:
                back = -SPREAD
            top = max(0, int(math.floor(low_y - 0.5)))
            bottom = min(height, int(math.ceil(high_y + 0.5)))
            for y in range(top, bottom):
                ry = y + 0.5 - ay
                lo, hi = low_x - ax, high_x - ax
                if length > 0:
                    # |x uy - ry ux| <= reach and back <= x ux + ry uy <= length + reach
                    if uy > 1e-9 or uy < -1e-9:
                        p, q = (ry * ux - reach) / uy, (ry * ux + reach) / uy
                        lo, hi = max(lo, min(p, q)), min(hi, max(p, q))
                    if ux > 1e-9 or ux < -1e-9:
                        p, q = (back - ry * uy) / ux, (length + reach - ry * uy) / ux
                        lo, hi = max(lo, min(p, q)), min(hi, max(p, q))
                else:
                    chord = reach * reach - ry * ry
                    if chord < 0:
                        continue
                    hi = math.sqrt(chord)
                    lo = -hi
                if hi < lo:
                    continue
                left = int(math.ceil(max(lo + ax - 0.5 - 1e-6, 0.0)))
                right = int(math.floor(min(hi + ax - 0.5 + 1e-6, width - 1.0)))
                base = y * width
                for x in range(left, right + 1):
                    slot = stamp[base + x] - mark
                    if slot < 0:
                        slot = slots
                        slots += 1
                        stamp[base + x] = mark + slot
                        touched[slot] = base + x
                        full[slot] = 0
                        for j in range(4):
                            near2[slot, j] = np.inf
                            near[slot, j] = -1
                    elif full[slot]:
                        continue
                    rx = x + 0.25 - ax
                    sy = ry - 0.25
                    deepest = 0.0
                    for j in range(4):
                        px = rx + 0.5 * (j & 1)
                        py = sy + 0.5 * (j >> 1)
                        at = min(max(px * ux + py * uy, 0.0), length)
                        ex, ey = px - at * ux, py - at * uy
                        d2 = ex * ex + ey * ey
                        if d2 < near2[slot, j] - TIE:
                            near2[slot, j] = d2
                            near[slot, j] = i
                        deepest = max(deepest, near2[slot, j])
                    if deepest < inside2:
                        full[slot] = 1
        for slot in range(slots):
            if full[slot]:
                share = 4.0
                for j in range(4):
                    nearest[total, j] = -1
            else:
                share = 0.0
                for j in range(4):
                    d = math.sqrt(near2[slot, j])
                    upper, lower = d + HALF, d - HALF
                    upper = upper if upper < radius else radius
                    lower = lower if lower > -radius else -radius
                    overlap = upper - lower
                    if overlap > 0:
                        share += overlap / (2 * HALF)
                        nearest[total, j] = near[slot, j]
                    else:
                        nearest[total, j] = -1
            if share > 0:
                pixel[total] = touched[slot]
                covered[total] = 0.25 * share
                total += 1
        mark += slots
        entries[k - first + 1] = total
    return mark


@compiled
def blend(pixel, covered, entries, first, last, per_image, colors, opacities, canvas, before):
    """Lay strokes first to last over canvas [batch, channel, H*W]; before [entry, channel] keeps what lay there."""
    for k in range(first, last):
        image = canvas[k // per_image]
        for c in range(image.shape[0]):
            plane = image[c]
            color = colors[k, c]
            opacity = opacities[k]
            for e in range(entries[k - first], entries[k - first + 1]):
                p = pixel[e]
                under = plane[p]
                before[e, c] = under
                plane[p] = under + (color - under) * (covered[e] * opacity)


@compiled
def blend_back(
    pixel, covered, entries, first, last, per_image, colors, opacities, before, grad, to_covered, to_color, to_opacity
):
    """Gradient of `blend`, last stroke first. grad [batch, channel, H*W] is used up on the way down.

    Fills to_covered [entry], to_color [stroke, channel] and to_opacity [stroke].
    """
    channels = grad.shape[1]
    for k in range(last - 1, first - 1, -1):
        image = grad[k // per_image]
        opacity = opacities[k]
        opacity_sum = 0.0
        begin, end = entries[k - first], entries[k - first + 1]
        for c in range(channels):
            plane = image[c]
            color = colors[k, c]
            color_sum = 0.0
            for e in range(begin, end):
                p = pixel[e]
                g = float(plane[p])
                alpha = covered[e] * opacity
                color_sum += g * alpha
                to_alpha = g * (color - before[e, c])
                opacity_sum += to_alpha * covered[e]
                if c == 0:
                    to_covered[e] = to_alpha * opacity
                else:
                    to_covered[e] += to_alpha * opacity
                plane[p] = g * (1 - alpha)
            to_color[k, c] = color_sum
        to_opacity[k] = opacity_sum


@compiled
def cover_back(points, radii, first, last, width, pixel, nearest, entries, to_covered, to_points, to_radius):
    """Gradient of `cover` with respect to control points [stroke, point, 2] and radii [stroke]."""
    vertices = np.empty((MOST * (points.shape[1] // 3) + 1, 2))
    pull = np.empty((MOST * (points.shape[1] // 3) + 1, 2))
    counts = np.empty(points.shape[1] // 3, np.int64)
    for k in range(first, last):
        begin, end = entries[k - first], entries[k - first + 1]
        if begin == end:
            continue
        radius = radii[k]
        n = flatten(points[k], vertices, counts)
        pull[: n + 1] = 0.0
        radius_sum = 0.0
        for e in range(begin, end):
            g = to_covered[e] * (0.25 / (2 * HALF))
            if g == 0.0:
                continue
            cx = pixel[e] % width + 0.25
            cy = pixel[e] // width + 0.25
            for j in range(4):
                i = nearest[e, j]
                if i < 0:
                    continue
                px, py = cx + 0.5 * (j & 1), cy + 0.5 * (j >> 1)
                ax, ay = vertices[i, 0], vertices[i, 1]
                dx, dy = vertices[i + 1, 0] - ax, vertices[i + 1, 1] - ay
                length2 = dx * dx + dy * dy
                u = 0.0
                if length2 > 0:
                    u = min(max(((px - ax) * dx + (py - ay) * dy) / length2, 0.0), 1.0)
                ex, ey = px - ax - u * dx, py - ay - u * dy
                d = math.sqrt(ex * ex + ey * ey)
                to_distance = 0.0
                if d + HALF < radius:
                    to_distance += g
                else:
                    radius_sum += g
                if d - HALF > -radius:
                    to_distance -= g
                else:
                    radius_sum += g
                if d > 0 and to_distance != 0.0:
                    fx, fy = -to_distance * ex / d, -to_distance * ey / d
                    pull[i, 0] += (1 - u) * fx
                    pull[i, 1] += (1 - u) * fy
                    pull[i + 1, 0] += u * fx
                    pull[i + 1, 1] += u * fy
        to_radius[k] = radius_sum
        v = 0
        for cubic in range(counts.shape[0]):
            q = to_points[k, 3 * cubic : 3 * cubic + 4]
            for i in range(counts[cubic] + 1):
                if i == 0 and cubic > 0:
                    continue  # shared with the cubic before, which has taken it already
                t = i / counts[cubic]
                s = 1 - t
                for c in range(2):
                    f = pull[v, c]
                    q[0, c] += s * s * s * f
                    q[1, c] += 3 * s * s * t * f
                    q[2, c] += 3 * s * t * t * f
                    q[3, c] += t * t * t * f
                v += 1
