"""The subject's mask where subject and ground have one colour: boundaries close what the mask leaves open.

A white saucer on white paper is cut into pieces by any mask that goes by colour. Where its rim is a boundary, and what
the rim and the mask enclose holds pieces, that belongs to the subject; without pieces it may be a gap between limbs.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags, Indices
from .boundary_lines import find_ridges
from .constants import DEFAULTS
from .inner_constants import BoundaryConstants


def closed_mask(
    mask: Array,
    photo: Array,
    chances: Array,
    scale: float,
    constants: BoundaryConstants = DEFAULTS.boundaries,
) -> Array:
    """The mask with what boundaries enclose, where it has the colour of the ground, and without small holes.

    Args:
        mask: float [y, x] in [0, 1].
        photo: float [y, x, rgb] in [0, 1], with its background.
        chances: float [y, x] in [0, 1], how likely a pixel lies on a boundary.
        scale: pixels per pixel of a 224 px canvas.
        constants: what counts as closed, as one colour, and as a small hole.

    Returns:
        float64 [y, x] in [0, 1].
    """
    solid = mask > 0.5
    ground = ~ndimage.binary_fill_holes(solid)
    if not solid.any() or not ground.any():
        return mask
    added = _small_holes(solid, chances, scale, constants)
    pieces, count = ndimage.label(solid, structure=np.ones((3, 3)))
    if count > constants.pieces:
        ridges, _ = find_ridges(chances, ground, scale, constants)
        walls = solid | ndimage.binary_dilation(ridges, iterations=2)
        enclosed = ndimage.binary_fill_holes(walls) & ground & ~solid
        enclosed = ndimage.binary_opening(enclosed, iterations=max(1, round(constants.closed_opening * scale)))
        outside = ground & ~enclosed
        colour = np.median(photo[outside], axis=0) if outside.any() else np.ones(3)
        alike = np.abs(photo - colour).max(2) < constants.closed_colour
        added |= _in_pieces(enclosed, alike, pieces, constants.pieces)
    if not added.any():
        return mask
    return np.maximum(mask, ndimage.gaussian_filter(ndimage.binary_dilation(added).astype(np.float64), 1.0))


def _in_pieces(enclosed: Flags, alike: Flags, pieces: Indices, least: int) -> Flags:
    """The connected parts of what is enclosed that have the ground's colour and beside them `least` pieces or more, the
    largest one not counted. `pieces` numbers those of the mask, 0 where there is none: [y, x]."""
    labels, count = ndimage.label(enclosed)
    largest = int(np.bincount(pieces[pieces > 0]).argmax())
    good = np.zeros(count + 1, dtype=bool)
    for number in range(1, count + 1):
        part = labels == number
        beside = np.unique(pieces[ndimage.binary_dilation(part, iterations=4)])
        good[number] = alike[part].mean() > 0.8 and np.setdiff1d(beside, [0, largest]).size >= least
    return np.asarray(good[labels])


def _small_holes(solid: Flags, chances: Array, scale: float, constants: BoundaryConstants) -> Flags:
    """Holes as narrow as a pen, and other small ones at whose rims nobody would mark a boundary."""
    depth = ndimage.distance_transform_edt(~solid)
    labels, count = ndimage.label(ndimage.binary_fill_holes(solid) & ~solid)
    filled = np.zeros(count + 1, dtype=bool)
    for number in range(1, count + 1):
        hole = labels == number
        if hole.sum() < (constants.small_hole * scale) ** 2:
            filled[number] = chances[ndimage.binary_dilation(hole, iterations=2)].mean() < constants.begin
        filled[number] |= depth[hole].max() < constants.narrow_hole * scale
    return np.asarray(filled[labels])
