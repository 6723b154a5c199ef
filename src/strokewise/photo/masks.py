"""Masks of subjects: their parts, the box around them, and how much of the picture they fill."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array, Flags, Indices

Mask = NDArray[np.float32]

SUBJECT_LEVEL = 0.5
"""Mask values above this count as subject."""
PART_LEVEL = 0.1
"""Pixels above this that touch, also by a corner, are one part: the soft rim of a subject belongs to it."""
SPECK = 0.01
"""A part whose subject area is under this share of the largest part's is a speck."""
Box = tuple[int, int, int, int]


@dataclasses.dataclass(frozen=True, eq=False)
class SubjectMask:
    """A mask with what is measured on it, its connected parts labelled once.

    Attributes:
        mask: float32 [height, width] in [0, 1].
        parts: [height, width], the number of each pixel's part, from 1, or 0 where it is in none.
        areas: float64 [part], pixels of subject in each part, by its number; 0 for number 0.
    """

    mask: Mask
    parts: Indices
    areas: Array

    @classmethod
    def of(cls, mask: Mask | SubjectMask) -> SubjectMask:
        """Measure a mask; one that is measured already stays as it is."""
        if isinstance(mask, SubjectMask):
            return mask
        from scipy import ndimage

        parts, count = ndimage.label(mask > PART_LEVEL, structure=np.ones((3, 3)))
        subject = (mask > SUBJECT_LEVEL).ravel()
        areas = np.bincount(parts.ravel(), weights=subject, minlength=count + 1).astype(np.float64)
        areas[0] = 0
        return cls(mask, parts, areas)

    @functools.cached_property
    def box(self) -> Box | None:
        """Left, top, right, bottom (exclusive) of the subject in mask pixels, without specks; None if there is none."""
        found = (self.mask > SUBJECT_LEVEL) & ~self._specks()[self.parts]
        columns, rows = np.flatnonzero(found.any(0)), np.flatnonzero(found.any(1))
        if len(columns) == 0:
            return None
        return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1

    @functools.cached_property
    def share(self) -> float:
        """Share of the picture that is subject."""
        return float((self.mask > SUBJECT_LEVEL).mean())

    def without_specks(self) -> SubjectMask:
        """The mask without its specks. The soft rim of a speck goes with it, and so does haze without a core."""
        return self.without(self._specks())

    def without(self, dropped: Flags) -> SubjectMask:
        """The mask without some parts, which are set to 0; the others are numbered anew, in the same order.

        Args:
            dropped: bool [part], by number; False for number 0, the faint rest around the parts.
        """
        if not dropped.any():
            return self
        numbers = np.where(dropped, 0, np.cumsum(~dropped) - 1)
        mask = np.where(dropped[self.parts], np.float32(0), self.mask)
        return SubjectMask(mask, numbers[self.parts], self.areas[~dropped])

    def _specks(self) -> Flags:
        """bool [part]: which parts are specks."""
        specks = (self.areas < SPECK * self.areas.max()) | (self.areas == 0)
        specks[0] = False
        return specks
