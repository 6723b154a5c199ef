"""Round parts of a subject as ellipses: wheels, lenses, dials, lamps.

Closed lines of equal level in lightness and colour, at several levels, are compared with the ellipse of the same
moments; what fits, and has contrast all around, is a round part.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags
from .constants import DEFAULTS, EllipseConstants
from .head_strokes import drop
from .lines import gradient, lab_planes, pixels


class Ellipse(NamedTuple):
    """A round part.

    Attributes:
        centre: float64 [xy], pixels.
        axes: float64 [2, xy], half the long axis and half the short one, pixels.
        contrast: that of the weaker part of its border, as a share of full contrast, 0 or more.
    """

    centre: Array
    axes: Array
    contrast: float

    @property
    def radii(self) -> Array:
        """Half the long axis and half the short one: float64 [2]."""
        return np.asarray(np.linalg.norm(self.axes, axis=1))

    def halves(self) -> Array:
        """The ring as two cubics, float64 [2, 4, xy], from one end of the long axis to the other and back; they are
        off by at most 2 % of the radius."""
        a, b = self.axes
        side = 4 / 3 * b
        half = np.stack([a, a + side, side - a, -a])
        return np.asarray(self.centre + np.stack([half, -half]))

    def loop(self) -> Array:
        """The ring as one closed cubic, float64 [1, 4, xy], with a corner that shows little where it is small."""
        a, b = self.axes
        long, short = self.radii
        point = self.centre - (1.1 if b[1] > 0 else -1.1) * b
        return drop(point, (1 if b[1] > 0 else -1) * b / short, a / long, 2.2 * short, 2 * long)[None]

    def holds(self, points: Array) -> Flags:
        """bool [k]: which points [k, xy] lie within it."""
        away = np.linalg.solve(self.axes.T, (points - self.centre).T)
        return np.asarray((away**2).sum(0) < 1)

    def ring(self, count: int) -> Array:
        """Points [count, xy] around it; the last is the first."""
        t = np.linspace(0, 2 * np.pi, count)[:, None]
        return np.asarray(self.centre + np.cos(t) * self.axes[0] + np.sin(t) * self.axes[1])


def find_ellipses(
    image: Array, depth: Array, scale: float, constants: EllipseConstants = DEFAULTS.ellipses
) -> list[Ellipse]:
    """Round parts, those of the highest contrast first; of several at one place the best one.

    Args:
        image: float [y, x, rgb] in [0, 1].
        depth: float [y, x], how far inside what is drawn a pixel lies, pixels; 0 outside.
        scale: pixels per pixel of a 224 px canvas.
        constants: what is round, and how clear it has to be.
    """
    from skimage.measure import find_contours

    solid = depth > 0
    if not constants.most or not solid.any():
        return []
    blur = constants.blur * scale
    strength, _ = gradient(image, blur)
    full = max(float(np.quantile(strength[solid], constants.full_quantile)), constants.least_full)
    found, step = [], max(1, int(scale))
    for plane in lab_planes(image):
        smooth = ndimage.gaussian_filter(plane, blur)
        low, high = np.quantile(smooth[solid], constants.range_quantiles)
        if high - low < constants.least_range:
            continue
        coarse = smooth[::step, ::step]  # smooth as it is, lines between its pixels are as exact
        for level in np.linspace(low, high, constants.levels + 2)[1:-1]:
            for contour in find_contours(coarse, level):
                points = contour[:-1, ::-1] * step + 0.5
                if len(points) * step < constants.least_length * scale or not np.allclose(contour[0], contour[-1]):
                    continue
                if (one := _fitted(points, scale, constants)) is None:
                    continue
                under = pixels(one.ring(64), depth.shape)
                near = max(constants.margin * scale, constants.margin_share * float(one.radii[1]))
                if (depth[under] < near).mean() < constants.most_beside:
                    weak = float(np.quantile(strength[under], constants.weak_quantile))
                    found.append(one._replace(contrast=weak / full))
    clear = [one for one in found if one.contrast >= constants.least_contrast * _harder(one, scale, constants)]
    return _apart(sorted(clear, key=lambda one: -one.contrast), constants)[: constants.most]


def clearest(ellipses: list[Ellipse], scale: float, constants: EllipseConstants = DEFAULTS.ellipses) -> list[Ellipse]:
    """Those that a drawing must have: clear and large ones, and pairs such as eyes, lamps and wheels; pairs first.

    Args:
        ellipses: as `find_ellipses` gives them.
        scale: pixels per pixel of a 224 px canvas.
        constants: what is clear, and what is a pair.
    """
    sizes = [float(np.sqrt(np.prod(one.radii))) for one in ellipses]
    paired = [one.contrast >= constants.pair_contrast * _harder(one, scale, constants) for one in ellipses]
    chosen: list[int] = []
    for i, one in enumerate(ellipses):
        if not paired[i] or i in chosen:
            continue
        for j in range(i + 1, len(ellipses)):
            alike = min(sizes[i], sizes[j]) > constants.pair_size * max(sizes[i], sizes[j])
            apart = float(np.linalg.norm(one.centre - ellipses[j].centre)) > sizes[i] + sizes[j]
            if alike and apart and paired[j] and j not in chosen:
                chosen += [i, j]
                break
    clear = [
        i
        for i, one in enumerate(ellipses)
        if i not in chosen and one.contrast >= constants.sure_contrast and one.radii[1] >= constants.large * scale
    ]
    return [ellipses[i] for i in chosen + clear]


def _harder(one: Ellipse, scale: float, constants: EllipseConstants) -> float:
    """How many times the contrast of a large ring this one needs."""
    return 1 + constants.small_more * max(0.0, 1 - float(one.radii[1]) / (constants.large * scale))


def _fitted(points: Array, scale: float, constants: EllipseConstants) -> Ellipse | None:
    """The ellipse of the same moments as a closed polyline [k, xy] that does not repeat its first point, if it fits."""
    area, centre, spread = _moments(points)
    if area <= 0:
        return None
    values, vectors = np.linalg.eigh(spread)
    if values[0] <= 0:
        return None
    short, long = 2 * np.sqrt(values)
    if short < constants.least_radius * scale or long > constants.longest * short:
        return None
    away = np.linalg.norm((points - centre) @ vectors / [short, long], axis=1)
    if np.abs(away - 1).mean() > constants.deviation or area < constants.least_filled * np.pi * short * long:
        return None
    return Ellipse(centre, np.stack([vectors[:, 1] * long, vectors[:, 0] * short]), 0.0)


def _moments(points: Array) -> tuple[float, Array, Array]:
    """Area, centroid [xy] and covariance [2, 2] of a polygon [k, xy]."""
    middle = points.mean(0)
    a = points - middle
    b = np.roll(a, -1, axis=0)
    cross = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
    area = float(cross.sum()) / 2
    if area == 0:
        return 0.0, middle, np.zeros((2, 2))
    centre = ((a + b) * cross[:, None]).sum(0) / (6 * area)
    each = a[:, :, None] * a[:, None] + b[:, :, None] * b[:, None] + (a[:, :, None] + b[:, :, None]) * (a + b)[:, None]
    spread = (each * cross[:, None, None]).sum(0) / (24 * area) - centre[:, None] * centre
    return abs(area), middle + centre, spread


def _apart(ellipses: list[Ellipse], constants: EllipseConstants) -> list[Ellipse]:
    """Ellipses without those that say what a better one before them says."""
    kept: list[Ellipse] = []
    for one in ellipses:
        size = float(np.sqrt(np.prod(one.radii)))
        for other in kept:
            its = float(np.sqrt(np.prod(other.radii)))
            near = float(np.linalg.norm(one.centre - other.centre)) < constants.same_place * max(size, its)
            if near and min(size, its) > constants.same_size * max(size, its):
                break
        else:
            kept.append(one)
    return kept
