"""Cubic Bézier curves fitted to runs of points: many at once, least squares with reparametrisation.

After Schneider, "An Algorithm for Automatically Fitting Digitized Curves" (Graphics Gems, 1990): the end points
stay where the run ends, the two inner control points are solved for, and the parameters are moved to the nearest
points of the curve (one Newton step), a few times over.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ._arrays import Array, Flags, Indices


def bernstein(t: Array) -> Array:
    """Cubic Bernstein weights: [..., 4] for parameters [...]."""
    s = 1 - t
    return np.stack([s * s * s, 3 * s * s * t, 3 * s * t * t, t * t * t], axis=-1)


def evaluate(points: Array, t: Array) -> Array:
    """Points [..., k, xy] of cubics [..., 4, xy] at parameters [..., k]."""
    return bernstein(t) @ points


def near_pixels(places: Indices, distance: float, shape: tuple[int, ...]) -> Flags:
    """bool [y, x]: the pixels of a picture of that shape nearer than a distance to some of its pixels.

    Args:
        places: [k, xy], columns and rows; those outside of the picture do not count.
        distance: pixels.
        shape: height and width of the picture.
    """
    free = np.ones(shape, dtype=bool)
    x, y = places.T
    seen = (x >= 0) & (x < shape[1]) & (y >= 0) & (y < shape[0])
    free[y[seen], x[seen]] = False
    if free.all():
        return ~free
    return np.asarray(ndimage.distance_transform_edt(free) < distance)


def lengths(points: Array, samples: int = 16) -> Array:
    """Arc lengths [...] of cubics [..., 4, xy], by chords; same unit as the points."""
    curve = evaluate(points, np.broadcast_to(np.linspace(0, 1, samples), (*points.shape[:-2], samples)))
    return np.linalg.norm(np.diff(curve, axis=-2), axis=-1).sum(-1)


def split(points: Array, t: float) -> tuple[Array, Array]:
    """The two halves of one cubic [4, xy] cut at parameter t (de Casteljau)."""
    a = points[:-1] + t * np.diff(points, axis=0)
    b = a[:-1] + t * np.diff(a, axis=0)
    c = b[0] + t * (b[1] - b[0])
    return np.stack([points[0], a[0], b[0], c]), np.stack([c, b[1], a[2], points[3]])


def fit(runs: Array, iterations: int = 4) -> tuple[Array, Array]:
    """The cubics nearest to runs of points.

    Args:
        runs: float64 [batch, k, xy], k at least 4, evenly spaced along each run.
        iterations: rounds of reparametrisation; 0 keeps the arc-length parameters.

    Returns:
        points [batch, 4, xy] and deviations [batch, k]: the distance of each sample from the curve at its own
        parameter, in the unit of the runs.
    """
    steps = np.linalg.norm(np.diff(runs, axis=1), axis=2)
    t = np.concatenate([np.zeros((len(runs), 1)), np.cumsum(steps, axis=1)], axis=1)
    t /= np.maximum(t[:, -1:], 1e-9)
    longest = steps.sum(1, keepdims=True)
    points = _solve(runs, t, longest)
    for _ in range(iterations):
        t = _reparametrise(runs, points, t)
        points = _solve(runs, t, longest)
    deviations = np.linalg.norm(evaluate(points, t) - runs, axis=2)
    return points, deviations


def _solve(runs: Array, t: Array, longest: Array) -> Array:
    """Cubics [batch, 4, xy] whose inner control points bring them nearest to runs at the parameters t [batch, k].

    Args:
        longest: [batch, 1], how long a handle may be.
    """
    first, last = runs[:, :1], runs[:, -1:]
    b = bernstein(t)
    rest = runs - b[..., :1] * first - b[..., 3:] * last
    inner = b[..., 1:3]
    # A little pull towards the straight line keeps nearly undetermined runs (few or coincident points) tame.
    ridge = 1e-4 * runs.shape[1]
    gram = np.einsum("bki,bkj->bij", inner, inner) + ridge * np.eye(2)
    straight = np.concatenate([first + (last - first) / 3, first + (last - first) * 2 / 3], axis=1)
    right = np.einsum("bki,bkd->bid", inner, rest) + ridge * straight
    controls = np.linalg.solve(gram, right)
    # Handles longer than the run itself make loops that no contour has.
    limit = longest[:, :, None]
    for i, end in ((0, first), (1, last)):
        handle = controls[:, i : i + 1] - end
        size = np.linalg.norm(handle, axis=2, keepdims=True)
        controls[:, i : i + 1] = end + handle * np.minimum(1, limit / np.maximum(size, 1e-9))
    return np.concatenate([first, controls, last], axis=1)


def _reparametrise(runs: Array, points: Array, t: Array) -> Array:
    """Parameters [batch, k] moved one Newton step towards the points of the cubics nearest to the runs; they rise."""
    d1 = 3 * np.diff(points, axis=1)
    d2 = 2 * np.diff(d1, axis=1)
    s = 1 - t
    quadratic = np.stack([s * s, 2 * s * t, t * t], axis=-1)
    velocity = quadratic @ d1
    acceleration = np.stack([s, t], axis=-1) @ d2
    off = evaluate(points, t) - runs
    slope = (off * velocity).sum(-1)
    curvature = (velocity**2).sum(-1) + (off * acceleration).sum(-1)
    moved = t - np.where(curvature > 1e-9, slope / np.maximum(curvature, 1e-9), 0)
    moved = np.maximum.accumulate(np.clip(moved, 0, 1), axis=1)
    moved[:, 0], moved[:, -1] = 0, 1
    return moved


def split_chain(points: Array) -> Array:
    """The cubics of chains [..., point, xy]: [..., cubic, 4, xy]."""
    first = np.arange(0, points.shape[-2] - 1, 3)
    return points[..., first[:, None] + np.arange(4), :]


def chained(cubics: Array) -> Array:
    """Cubics [cubic, 4, xy], each beginning where the one before ended, as a chain [3 cubic + 1, xy]."""
    return np.concatenate([cubics[0, :1], *(cubic[1:] for cubic in cubics)])


def along(points: Array, samples: int) -> Array:
    """Points on chains [..., point, xy]: `samples` on each cubic, evenly in its parameter, [..., any, xy]."""
    curves = evaluate(split_chain(points), np.linspace(0, 1, samples))
    return curves.reshape(*points.shape[:-2], curves.shape[-3] * samples, 2)


def lengthened(points: Array, count: int) -> Array:
    """The same curves in `count` points a stroke: the longest cubics of each are cut in two, again and again.

    Args:
        points: float64 [stroke, point, xy].
        count: 4, 7, 10..., at least as many as there are.

    Raises:
        ValueError: there are more points already, or no chain has so many.
    """
    if count % 3 != 1 or count < points.shape[1]:
        raise ValueError(f"strokes of {points.shape[1]} points cannot have {count}")
    found = np.zeros((len(points), count, 2))
    for stroke, pieces in enumerate(split_chain(points)):
        parts = list(pieces)
        while 3 * len(parts) + 1 < count:
            longest = int(np.argmax(lengths(np.stack(parts))))
            parts[longest : longest + 1] = split(parts[longest], 0.5)
        found[stroke] = chained(np.stack(parts))
    return found


def interpolated(points: Array, along: Array | Indices, at: Array) -> Array:
    """Points on a polyline.

    Args:
        points: float64 [k, xy], its corners.
        along: [k], where they lie along it, rising: lengths, or just their numbers.
        at: [...], where the points asked for lie.

    Returns:
        float64 [..., xy].
    """
    return np.stack([np.interp(at, along, points[:, axis]) for axis in (0, 1)], axis=-1)


def resample(points: Array, spacing: float = 1.0, smooth: float = 0.0, closed: bool = False) -> Array:
    """Evenly spaced samples of a polyline, its ends kept.

    Args:
        points: float64 [k, xy], pixels.
        spacing: between two samples, about, pixels.
        smooth: sigma of a Gaussian along the line, pixels; 0 leaves every corner.
        closed: whether the last point is the first, so that there is no end to be kept.

    Returns:
        float64 [sample, xy], at least two unless all points are one.
    """
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    keep = np.concatenate([[True], steps > 1e-9])
    points = points[keep]
    if len(points) < 2:
        return points
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    count = max(2, round(along[-1] / spacing) + 1)
    even = interpolated(points, along, np.linspace(0, along[-1], count))
    if smooth > 0 and count > 4:
        if closed:
            even[:-1] = ndimage.gaussian_filter1d(even[:-1], smooth / spacing, axis=0, mode="wrap")
            even[-1] = even[0]
        else:
            # Point reflection about the ends keeps them where they are.
            reach = min(count - 1, int(4 * smooth / spacing) + 1)
            before = 2 * even[0] - even[reach:0:-1]
            after = 2 * even[-1] - even[-2 : -reach - 2 : -1]
            padded = np.concatenate([before, even, after])
            even = ndimage.gaussian_filter1d(padded, smooth / spacing, axis=0)[reach : reach + count]
    return even


def runs(flags: Flags) -> list[slice]:
    """The stretches over which a row of flags is set."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [slice(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def waviness(points: Array) -> Array:
    """How much cubics [..., 4, xy] bend both ways, radians: 0 for an arc, which bends one way only.

    Returns:
        float64 [...]: the smaller of the two turns of the control polygon where they are of opposite sense, else 0.
    """
    legs = np.diff(points, axis=-2)
    before, after = legs[..., :-1, :], legs[..., 1:, :]
    cross = before[..., 0] * after[..., 1] - before[..., 1] * after[..., 0]
    turns = np.arctan2(cross, (before * after).sum(-1))
    smaller = np.abs(turns).min(-1)
    return np.asarray(np.where(turns[..., 0] * turns[..., 1] < 0, smaller, 0.0))
