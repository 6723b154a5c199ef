"""Masks of subjects: their parts and the box around them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array, Indices

SUBJECT_LEVEL = 0.5
"""Mask values above this count as subject."""


def subject_box(mask: NDArray[np.float32]) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom (exclusive) of the subject in mask pixels, specks apart; None where there is none."""
    ys, xs = np.nonzero(drop_specks(mask) > SUBJECT_LEVEL)
    if len(xs) == 0:
        return None
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def drop_specks(mask: NDArray[np.float32], least: float = 0.01) -> NDArray[np.float32]:
    """The mask [height, width] without the parts whose subject area is under `least` of the largest part's.

    A speck's soft rim goes with it, and haze without a core goes too.
    """
    parts, areas = mask_parts(mask)
    if len(areas) == 1:
        return mask
    dropped = (areas < least * areas.max()) | (areas == 0)
    dropped[0] = False  # the faint rest around the parts that stay
    return np.where(dropped[parts], np.float32(0), mask)


def mask_parts(mask: NDArray[np.float32]) -> tuple[Indices, Array]:
    """What hangs together above a tenth in a mask [height, width].

    Returns:
        the number of each pixel's part, from 1, or 0 where it is in none; and by that number how many pixels of the
        subject a part has, 0 for the rest.
    """
    from scipy import ndimage

    parts, count = ndimage.label(mask > 0.1, structure=np.ones((3, 3)))
    areas = np.bincount(parts.ravel(), weights=(mask > SUBJECT_LEVEL).ravel(), minlength=count + 1).astype(np.float64)
    areas[0] = 0
    return parts, areas
