"""Lines along the boundaries that people would mark: the ridges of a map of their chances."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags
from ..bezier import resample
from .constants import DEFAULTS
from .inner_constants import BoundaryConstants
from .lines import EDGE, Line, peaks_across, pixels, trace_mask


def boundary_lines(
    chances: Array, region: Flags, scale: float, constants: BoundaryConstants = DEFAULTS.boundaries
) -> list[Line]:
    """The ridges of a map, thinned and linked.

    Args:
        chances: float [y, x] in [0, 1], how likely a pixel lies on a boundary.
        region: bool [y, x], where lines count.
        scale: pixels per pixel of a 224 px canvas.
        constants: what chance makes a line.

    Returns:
        lines whose weight is the chance along them, in (0, 1].
    """
    from skimage.morphology import skeletonize

    ridges, smooth = find_ridges(chances, region, scale, constants)
    lines = []
    for points in trace_mask(skeletonize(ridges), constants.least_length * scale):
        points = resample(points, smooth=constants.smooth_along * scale)
        weight = np.clip(smooth[pixels(points, smooth.shape)] / constants.full, 0.05, 1.0)
        lines.append(Line(points, weight, EDGE))
    return lines


def find_ridges(
    chances: Array, region: Flags, scale: float, constants: BoundaryConstants = DEFAULTS.boundaries
) -> tuple[Flags, Array]:
    """The ridges of a map in a region, about a pixel wide, bool [y, x], and the smoothed map; arguments as above."""
    from skimage.filters import apply_hysteresis_threshold

    smooth = ndimage.gaussian_filter(np.asarray(chances, dtype=np.float64), constants.smooth * scale)
    peak = np.where(peaks_across(smooth, across_ridges(smooth, scale)) & region, smooth, 0)
    return np.asarray(apply_hysteresis_threshold(peak, constants.go_on, constants.begin)), smooth


def across_ridges(values: Array, sigma: float) -> Array:
    """Direction across the ridges of a map [y, x], radians: that in which it curves down most, seen over `sigma`."""
    yy, xx, xy = (ndimage.gaussian_filter(values, sigma, order=order) for order in ((2, 0), (0, 2), (1, 1)))
    return np.asarray(0.5 * np.arctan2(2 * xy, xx - yy) + np.pi / 2)
