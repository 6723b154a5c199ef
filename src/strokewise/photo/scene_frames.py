"""A photo framed as a scene: the whole of it, and each of its subjects close up.

framed = frame_scene(photo, settings)
framed.whole, framed.subjects
"""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray

from ..settings import Settings
from .masks import SUBJECT_LEVEL, SubjectMask
from .opening import Photo, check_drawable
from .preparing import Framed, choose_mask, framed_by

MOST_SUBJECTS = 4
"""Subjects beyond the largest are drawn as part of the place."""
LEAST_SHARE = 0.12
"""Least area of a subject, as a share of the largest one's: less is a speck, or part of the place."""
JOINED = 0.02
"""Parts of the mask that are no further apart, as a share of the photo's longer side, are one subject."""
LEAST_AREA = 0.003
"""Least area of a subject, as a share of the photo's."""


@dataclasses.dataclass(frozen=True, eq=False)
class FramedScene:
    """A scene on its square, and its subjects.

    Attributes:
        whole: the whole photo, its background kept.
        subjects: each subject close up, without its background, the largest first; none where nothing stands out.
        areas: of each subject, as a share of the photo.
        covered: float32 [scene, scene] in [0, 1], the subjects on the square of `whole`.
    """

    whole: Framed
    subjects: tuple[Framed, ...]
    areas: tuple[float, ...]
    covered: NDArray[np.float32]


def frame_scene(photo: Photo, settings: Settings) -> FramedScene:
    """Find the subjects of a photo, and frame them and the whole.

    Args:
        photo: the photo; a mask that it brings along is its subjects.
        settings: the network that finds subjects; "remove" as the subject takes an unclear one, too.

    Raises:
        PhotoError: the photo is all one colour.
    """
    check_drawable(photo)
    found, reason, source = choose_mask(photo, settings)
    masks = [] if found is None else _subject_masks(found)
    told = "background drawn with strokes of its own" if masks else f"all drawn as background: {reason}"
    whole = framed_by(photo, None, told, source)
    covered = np.zeros(whole.inside.shape, dtype=np.float32)
    for mask in masks:
        covered = np.maximum(covered, whole.frame.sample(mask.mask, 0.0, photo=photo))
    subjects = tuple(framed_by(photo, mask, reason, source) for mask in masks)
    return FramedScene(whole, subjects, tuple(mask.share for mask in masks), covered)


def _subject_masks(found: SubjectMask) -> list[SubjectMask]:
    """The mask of each subject by itself, the largest first: what is nearly joined is one, haze joins nothing."""
    from scipy import ndimage

    solid = found.mask > SUBJECT_LEVEL
    reach = max(1, round(JOINED * max(found.mask.shape) / 2))
    parts, count = ndimage.label(ndimage.distance_transform_edt(~solid) <= reach)
    areas = np.bincount(parts.ravel(), weights=solid.ravel(), minlength=count + 1)
    areas[0] = 0
    least = max(LEAST_SHARE * float(areas.max()), LEAST_AREA * solid.size)
    order = [int(i) for i in np.argsort(-areas, kind="stable") if areas[i] >= least][:MOST_SUBJECTS]
    return [SubjectMask.of(np.where(parts == number, found.mask, np.float32(0))) for number in order]
