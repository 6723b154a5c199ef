"""Subjects on a ground of one colour: product photos, cut-out pictures, logos, drawings on paper.

    found = with_plain_ground(found, pixels)

There the colour says where the subject is, to the pixel, and shows rotors, legs, spokes and handles that a network of
320 x 320 pixels does not see. What the network found stays, unless its colour is that of the ground; a light subject on
a light ground keeps the network's mask. Shadows have soft borders, and stay out; so do pictures in a plain frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array, Flags
from .masks import SUBJECT_LEVEL, SubjectMask

RING = 0.01
"""Width of the picture's border that is looked at, as a share of its short side."""
PLAIN, SAME_COLOR = 0.55, 2.0
"""Least share of the border whose colour is so near to the ground's (CIE 1976 colour difference): the subject may be
cut off at one side, and grass or sand is not plain."""
NEAR = 4.0
"""Colours this near are the ground's: the noise of JPEG on white stays under 3."""
FAR = 14.0
"""A difference that is surely the subject's; between the two the mask is soft."""
RIM = 2
"""Pixels at the ground that are a mixture of its colour and the subject's."""
SHARP = 2.5
"""Least change of colour a pixel at the border of what is added: a shadow has about 0.5 there, an edge 5 to 30."""
ALONG = 0.01
"""Sigma of the mean of that change along the border, as a share of the picture's short side."""
FILLED, SAME = 0.85, 0.8
"""A mask that fills so much of its box and overlaps no more with the network's is a picture in a frame."""
HOLE = 0.001
"""Least area of a hole, as a share of the subject's: the ring of a handle, not the gap between two hairs."""
EXACT, EXACT_SHARE = 1.0, 0.6
"""A hole has the ground's colour to within so much in so much of its area; the rest is its rim."""
LOST = 0.08
"""Largest share of the network's subject that may have the colour of the ground and hang together with the border:
where it is more, a light subject lies on a light ground, and its colour says nothing."""


def with_plain_ground(found: SubjectMask, pixels: NDArray[np.float32]) -> SubjectMask:
    """The mask by colour where the ground is plain, with what the network found.

    Args:
        found: the mask, [height, width].
        pixels: float32 [height, width, rgb] in [0, 1].

    Returns:
        the same mask where the ground is not plain, or nothing was found.
    """
    ground = _ground(pixels) if found.box is not None else None
    if ground is None:
        return found
    from scipy import ndimage

    difference = _difference(pixels, ground)
    subject = found.mask > SUBJECT_LEVEL
    outside = _joined_to_border(difference < NEAR)
    tells = (outside & subject).sum() <= LOST * subject.sum()
    if tells:
        outside |= _holes(difference, outside, HOLE * subject.sum())
    by_color = _alpha(difference, outside)
    more = ~outside & _near_sharp_border(outside, difference)
    mask = np.where(more, np.maximum(found.mask, by_color), found.mask)
    within = ndimage.binary_fill_holes(mask > SUBJECT_LEVEL)
    mask = np.where(within, np.maximum(mask, by_color), mask)
    if tells:
        mask = np.where(outside, 0, mask)
    by_both = SubjectMask.of(mask.astype(np.float32))
    return found if _is_framed_picture(by_both, found) else by_both


def _is_framed_picture(by_both: SubjectMask, found: SubjectMask) -> bool:
    """Whether the plain colour is only the frame round a picture, of which the network found a part."""
    box = by_both.box
    if box is None:
        return True
    subject, known = by_both.mask > SUBJECT_LEVEL, found.mask > SUBJECT_LEVEL
    filled = subject.sum() / ((box[2] - box[0]) * (box[3] - box[1]))
    return bool(filled > FILLED and (subject & known).sum() < SAME * (subject | known).sum())


def _ground(pixels: NDArray[np.float32]) -> Array | None:
    """The colour of a plain ground, CIE Lab, or None where the border has several."""
    from skimage.color import rgb2lab

    k = max(2, round(RING * min(pixels.shape[:2])))
    sides = (pixels[:k], pixels[-k:], pixels[:, :k], pixels[:, -k:])
    ring = rgb2lab(np.concatenate([side.reshape(-1, 3) for side in sides])[None])[0]
    colour = np.median(ring, axis=0)
    plain = np.linalg.norm(ring - colour, axis=1) < SAME_COLOR
    return np.asarray(colour, dtype=np.float64) if plain.mean() >= PLAIN else None


def _alpha(difference: NDArray[np.float32], outside: Flags) -> NDArray[np.float32]:
    """[height, width] in [0, 1]: 0.5 where a colour is half way from the ground's to that of the subject nearby."""
    from scipy import ndimage

    alpha = np.clip((difference - NEAR) / (FAR - NEAR), 0, 1)
    rim = ndimage.binary_dilation(outside, iterations=RIM)
    full = ndimage.maximum_filter(difference, 2 * RIM + 1)
    return np.asarray(np.where(rim, np.minimum(alpha, difference / np.maximum(full, FAR)), alpha))


def _difference(pixels: NDArray[np.float32], colour: Array) -> NDArray[np.float32]:
    """How far each pixel's colour is from another: [height, width]."""
    from skimage.color import rgb2lab

    return np.asarray(np.linalg.norm(rgb2lab(pixels) - colour.astype(np.float32), axis=2), dtype=np.float32)


def _joined_to_border(ground: Flags) -> Flags:
    """bool [y, x]: what of the ground hangs together with the picture's border."""
    from scipy import ndimage

    parts, count = ndimage.label(ground)
    joined = np.zeros(count + 1, dtype=bool)
    joined[np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]])] = True
    joined[0] = False
    return joined[parts]


def _holes(difference: NDArray[np.float32], outside: Flags, least: float) -> Flags:
    """bool [y, x]: ground that is seen through the subject, in pieces of `least` pixels or more.

    Their colour is just that of the ground, all over: a light that is reflected, or a white belly, has shades.
    """
    from scipy import ndimage

    parts, count = ndimage.label((difference < NEAR) & ~outside)
    if not count:
        return np.zeros_like(outside)
    areas = np.bincount(parts.ravel(), minlength=count + 1)
    same = np.bincount(parts.ravel(), weights=(difference < EXACT).ravel(), minlength=count + 1)
    through = (areas >= least) & (same >= EXACT_SHARE * areas)
    through[0] = False
    return np.asarray(through[parts])


def _near_sharp_border(outside: Flags, difference: NDArray[np.float32]) -> Flags:
    """bool [y, x]: where the nearest border to what is outside is a sharp one."""
    from scipy import ndimage

    change = ndimage.maximum_filter(ndimage.gaussian_gradient_magnitude(difference, 1.0), 5)
    border = outside & ndimage.binary_dilation(~outside)
    if not border.any():
        return np.zeros_like(outside)
    sigma = ALONG * min(outside.shape)
    weight = ndimage.gaussian_filter(border.astype(np.float32), sigma)
    mean = ndimage.gaussian_filter(np.where(border, change, 0), sigma) / np.maximum(weight, 1e-6)
    y, x = ndimage.distance_transform_edt(~border, return_distances=False, return_indices=True)
    return np.asarray(mean[y, x] >= SHARP)
