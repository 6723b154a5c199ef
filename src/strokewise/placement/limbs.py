"""The body that is left where thin limbs are drawn as single lines: its outline goes on across their roots.

Legs, wings, blades and feelers cut the outline of a mask into pieces. Whoever draws a lobster or a helicopter draws the
body as one shape first, and the limbs as lines that begin there.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .._arrays import Flags
from ..bezier import runs
from .constants import DEFAULTS, PlacementConstants
from .inputs import PlacementInput
from .lines import OUTLINE, Line, outline_lines, pixels, under


def body_outline(
    given: PlacementInput,
    thin: Flags,
    radius: float,
    outline: list[Line],
    constants: PlacementConstants = DEFAULTS,
) -> list[Line]:
    """The outline of what is not thin.

    Args:
        given: the scene, with a mask.
        thin: bool [y, x], where limbs are drawn as single lines.
        radius: half the thickness below which they are, scene pixels.
        outline: the subject's, weighed: what is left of it where other shapes stand for some of it.
        constants: what counts as a body, and what its outline is worth across a limb.

    Returns:
        lines that run along `outline`, with its weights, and across the roots of limbs; none of pieces that are hardly
        thicker than a limb.
    """
    unit, rules = given.scale, constants.thin
    if given.mask is None or not outline:
        return []
    solid = given.mask > 0.5
    body = _thick(solid, thin, round(rules.opening * unit), rules.least_body * radius)
    if not body.any():
        return []
    # A limb that is taken away takes a notch out of the body.
    body = solid & _closed(body, rules.closing * (rules.cover * rules.swell * radius + rules.cover_margin))
    from scipy.spatial import cKDTree

    soft = ndimage.gaussian_filter(body.astype(np.float64), rules.body_blur * unit)
    known = cKDTree(np.concatenate([line.points for line in outline]))
    weights = np.concatenate([line.weight for line in outline])
    away_from_limbs = ndimage.distance_transform_edt(~thin)
    found = []
    for line in outline_lines(soft, given.inside, constants.outline.smooth * unit, constants.outline):
        away, nearest = known.query(line.points)
        along = away < rules.same * unit
        root = away_from_limbs[pixels(line.points, thin.shape)] < rules.root * unit
        weight = np.where(along, weights[nearest], rules.root_worth * float(np.median(weights)))
        kept = along | root
        for run in [slice(0, len(kept))] if kept.all() else runs(kept):
            long = run.stop - run.start > constants.outline.least_length
            if long and along[run].mean() > rules.least_along:
                found.append(Line(line.points[run], weight[run], OUTLINE))
    return found


def cut_share(given: PlacementInput, thin: Flags, outline: list[Line]) -> float:
    """Share of the subject's outline, its cuts at the picture's border included, where limbs are single lines.

    Args:
        given: the scene.
        thin: bool [y, x], where limbs are drawn as single lines.
        outline: the subject's.
    """
    if given.mask is None or not outline:
        return 0.0
    border = given.inside & ~ndimage.binary_erosion(given.inside)
    within = np.concatenate([under(line, thin) for line in outline])
    return float(within.sum() / (len(within) + (border & (given.mask > 0.5)).sum()))


def _thick(solid: Flags, thin: Flags, opening: int, least: float) -> Flags:
    """The parts of a mask without its thin limbs that remain after an opening of so many pixels, and in which the mask
    is so deep somewhere."""
    labels, count = ndimage.label(ndimage.binary_opening(solid & ~thin, iterations=max(1, opening)))
    depth = ndimage.distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1]
    deep = np.zeros(count + 1, dtype=bool)
    if count:
        deep[1:] = ndimage.maximum(depth, labels, np.arange(1, count + 1)) >= least
    return np.asarray(deep[labels])


def _closed(area: Flags, radius: float) -> Flags:
    """An area and the gaps in it that a disc does not fit into."""
    room = int(radius) + 2
    wide = ndimage.distance_transform_edt(~np.pad(area, room)) <= radius
    return np.asarray(ndimage.distance_transform_edt(wide) > radius)[room:-room, room:-room]
