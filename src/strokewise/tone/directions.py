"""Which way tone lines run: along the form, by the photo's own structure, or at a fixed angle where there is none.

The structure tensor (Bigün and Granlund 1987) tells in which direction brightness changes most; lines run across that,
along outlines and along the edges of shadows. It is summed over wide and wider neighbourhoods, so that plain areas take
the direction of what is around them. A direction is kept as the doubled angle, as lines have no head.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags

SCALES = ((0.02, 1.0), (0.05, 0.5), (0.12, 0.15))
"""Sigmas of the neighbourhoods, as shares of the scene's side, and what each counts."""
CALM = 0.03
"""Sigma by which the directions themselves are smoothed, as a share of the scene's side."""
INWARD = 4.0
"""How much the arms of a spiral turn inward, degrees."""
PLAIN = 0.02
"""Strength of structure, of the scene's strongest, at which a fixed angle counts as much."""


def fixed(angle: float, shape: tuple[int, int]) -> Array:
    """The same direction everywhere: float64 [y, x, 2], the cosine and sine of the doubled angle, degrees."""
    doubled = np.deg2rad(2 * angle)
    return np.broadcast_to(np.array([np.cos(doubled), np.sin(doubled)]), (*shape, 2))


def around(centre: tuple[float, float], shape: tuple[int, int]) -> Array:
    """Directions of a spiral: float64 [y, x, 2], cosine and sine of the doubled angle.

    Args:
        centre: x and y of its middle.
        shape: of the scene.
    """
    y, x = np.mgrid[: shape[0], : shape[1]] + 0.5
    angle = np.arctan2(y - centre[1], x - centre[0]) + np.deg2rad(90 + INWARD)
    return np.stack([np.cos(2 * angle), np.sin(2 * angle)], axis=-1)


def along_form(lightness: Array, subject: Flags, inside: Flags, angle: float) -> Array:
    """Directions along the form: float64 [y, x, 2], cosine and sine of the doubled angle.

    Args:
        lightness: float64 [y, x] in [0, 1].
        subject: bool [y, x]; what lies around it does not count.
        inside: bool [y, x], where there is a photo: its border is no edge.
        angle: of lines where there is no structure, degrees, x right and y down.
    """
    side = max(lightness.shape)
    if not inside.all() and inside.any():
        _, (rows, columns) = ndimage.distance_transform_edt(~inside, return_indices=True)
        lightness = lightness[rows, columns]
    smooth = ndimage.gaussian_filter(lightness, 0.004 * side)
    gx, gy = ndimage.sobel(smooth, axis=1), ndimage.sobel(smooth, axis=0)
    near = ndimage.binary_dilation(subject, iterations=3)
    # Lines run across the gradient: the doubled angle of the gradient, turned by half a turn. The root of the
    # gradient's strength, so that one hard edge does not outweigh the soft shading of a whole cheek.
    strength = np.maximum(np.hypot(gx, gy), 1e-9)
    across = np.stack([-(gx**2 - gy**2), -2 * gx * gy], axis=-1) / strength[..., None] ** 1.5 * near[..., None]
    found = np.zeros_like(across)
    for sigma, share in SCALES:
        found += share * ndimage.gaussian_filter(across, (sigma * side, sigma * side, 0))
    size = np.linalg.norm(found, axis=-1, keepdims=True)
    strongest = float(np.quantile(size[subject], 0.95)) if subject.any() else 0.0
    found = found / np.maximum(size, 1e-12) * np.minimum(1, size / max(0.5 * strongest, 1e-12))
    found = found + PLAIN * fixed(angle, lightness.shape)
    return blended(found, CALM * side)


def blended(field: Array, sigma: float) -> Array:
    """A field smoothed by a Gaussian, and of length 1 again."""
    smooth = ndimage.gaussian_filter(field, (sigma, sigma, 0))
    return np.asarray(smooth / np.maximum(np.linalg.norm(smooth, axis=-1, keepdims=True), 1e-12))


def bent(angle: float, form: Array, most: float) -> Array:
    """Lines of one angle that bend with the form.

    They turn most where the form runs at 45 degrees to them, and not at all where it runs across: there neither side
    would be nearer.

    Args:
        angle: degrees.
        form: directions as `along_form` gives them.
        most: how far they may turn, degrees.
    """
    plain = fixed(angle, form.shape[:2])
    turn = np.deg2rad(most) * (plain[..., 0] * form[..., 1] - plain[..., 1] * form[..., 0])
    doubled = np.deg2rad(2 * angle) + 2 * turn
    return np.stack([np.cos(doubled), np.sin(doubled)], axis=-1)
