"""Lines along the boundaries that people would mark: the ridges of a map of their chances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags
from ..bezier import resample, runs
from ..skeleton import follow, skeleton_graph
from .constants import DEFAULTS
from .inner_constants import BoundaryConstants
from .lines import EDGE, Line, peaks_across, pixels

if TYPE_CHECKING:
    from scipy.spatial import cKDTree


def boundary_lines(
    chances: Array,
    outline: Sequence[Line],
    solid: Flags,
    inside: Flags,
    scale: float,
    constants: BoundaryConstants = DEFAULTS.boundaries,
) -> list[Line]:
    """The ridges of a map within the outline, as lines that run on where ridges meet, and that begin and end at the
    outline where they reach it.

    A ridge is where the map curves down (Lindeberg, 1998): a weak line beside a strong one is one too.

    Args:
        chances: float [y, x] in [0, 1], how likely a pixel lies on a boundary.
        outline: what is drawn around the subject; it is not among the lines.
        solid: bool [y, x], what is drawn.
        inside: bool [y, x], the pixels that belong to the photo.
        scale: pixels per pixel of a 224 px canvas.
        constants: what curvature makes a line.

    Returns:
        lines whose weight is the strength of the ridge, in (0, 1]; less where they run beside the outline.
    """
    from skimage.morphology import remove_small_holes

    strength = ridge_strength(chances, constants.ridge * scale)
    mask = _hysteresis(strength, constants.ridge_go_on, constants.ridge_begin)
    mask &= ndimage.distance_transform_edt(~solid) < constants.outside * scale
    # Where the picture ends is no boundary.
    mask &= ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1] > constants.border * scale
    strength = np.clip(strength / constants.ridge_full, constants.least_weight, 1.0)
    merged, tree = strength, None
    if outline:
        from scipy.spatial import cKDTree

        around = np.concatenate([line.points for line in outline])
        tree = cKDTree(around)
        drawn = np.zeros(solid.shape, dtype=bool)
        drawn[pixels(around, drawn.shape)] = True
        away = ndimage.distance_transform_edt(~drawn)
        mask |= away < constants.pen * scale
        merged = np.where(away < constants.touch * scale, 1.0, strength)
    graph = skeleton_graph(remove_small_holes(mask, max_size=round(constants.loop * scale**2)))
    lines = []
    for walk in follow(graph, merged, unlike=constants.unlike, through=constants.through):
        points = resample(walk.points, smooth=constants.smooth_along * scale, closed=walk.closed)
        weight = strength[pixels(points, strength.shape)]
        stretches = [(points, weight)] if tree is None else _within_outline(points, weight, tree, scale, constants)
        for piece, worth in stretches:
            if len(piece) >= constants.least_length * scale:
                lines.append(Line(piece, worth, EDGE))
    return lines


def ridge_strength(values: Array, sigma: float) -> Array:
    """How much a map [y, x] curves down across its ridges, seen over `sigma` pixels, in the unit of the map."""
    yy, xx, xy = _curvature(values, sigma)
    steepest = np.sqrt((xx - yy) ** 2 / 4 + xy**2) - (xx + yy) / 2
    return np.asarray(np.maximum(steepest, 0) * sigma**2)


def _within_outline(
    points: Array, weight: Array, outline: cKDTree, scale: float, constants: BoundaryConstants
) -> list[tuple[Array, Array]]:
    """The stretches of a line [k, xy] that are not the outline, led on to it, each with its weights."""
    away, nearest = outline.query(points)
    found = []
    for run in runs(away >= constants.touch * scale):
        worth, far = weight[run].copy(), away[run] / (constants.beside * scale)
        for beside in runs(far < 1):
            if beside.stop - beside.start > constants.beside_length * scale:
                worth[beside] *= far[beside] ** 2
        # Where the line goes on, it goes on along the outline; at its own ends these slices are empty.
        before, after = (outline.data[nearest[max(i, 0) : i + 1]] for i in (run.start - 1, run.stop))
        worth = np.pad(worth, (len(before), len(after)), mode="edge")
        line = resample(np.concatenate([before, points[run], after]), smooth=constants.smooth_ends * scale)
        found.append((line, np.interp(np.linspace(0, 1, len(line)), np.linspace(0, 1, len(worth)), worth)))
    return found


def find_ridges(
    chances: Array, region: Flags, scale: float, constants: BoundaryConstants = DEFAULTS.boundaries
) -> tuple[Flags, Array]:
    """The ridges of a map in a region, about a pixel wide, bool [y, x], and the smoothed map; arguments as above."""
    smooth = ndimage.gaussian_filter(np.asarray(chances, dtype=np.float64), constants.smooth * scale)
    peak = np.where(peaks_across(smooth, across_ridges(smooth, scale)) & region, smooth, 0)
    return _hysteresis(peak, constants.go_on, constants.begin), smooth


def across_ridges(values: Array, sigma: float) -> Array:
    """Direction across the ridges of a map [y, x], radians: that in which it curves down most, seen over `sigma`."""
    yy, xx, xy = _curvature(values, sigma)
    return np.asarray(0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2)


def _curvature(values: Array, sigma: float) -> tuple[Array, Array, Array]:
    """Second derivatives of a map [y, x] along y, along x, and along both, seen over `sigma` pixels."""
    wide = np.asarray(values, dtype=np.float64)
    yy, xx, xy = (ndimage.gaussian_filter(wide, sigma, order=order) for order in ((2, 0), (0, 2), (1, 1)))
    return yy, xx, xy


def _hysteresis(values: Array, go_on: float, begin: float) -> Flags:
    """Where a map is above `go_on`, connected to where it is above `begin`: Canny (1986)."""
    from skimage.filters import apply_hysteresis_threshold

    return np.asarray(apply_hysteresis_threshold(values, go_on, begin))
