"""Masks that a person gives: read from a picture, held against the photo, and kept with it.

    photo = with_mask(open_photo("horse.jpg"), "horse-mask.png")
    photo.mask    # float32 [height, width] in [0, 1], at the size of photo.pixels

White or opaque is the subject. A picture with transparent pixels is read by its transparency alone.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from PIL import Image

from ..errors import PhotoError
from .masks import SUBJECT_LEVEL, Mask
from .opening import GIVEN, MAX_PIXELS, Photo, PhotoSource, open_photo
from .transparency import OF_TRANSPARENCY

SAME_PROPORTIONS = 0.01
"""Largest relative difference of width over height that is taken for rounding."""


def with_mask(photo: Photo, mask: PhotoSource, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """The photo with a mask that says what its subject is.

    Args:
        photo: the photo.
        mask: a path, a file's bytes, a Pillow image or an array, as `open_photo` takes them: white or opaque on the
            subject, of the photo's size or of its proportions.
        max_pixels: refuse masks with more pixels.

    Raises:
        PhotoError: it cannot be read, has other proportions than the photo, or takes nothing or all for the subject.
    """
    try:
        seen = open_photo(mask, max_pixels=max_pixels)
    except PhotoError as error:
        raise PhotoError(f"the mask cannot be used: {error}") from error
    name = "the mask" if seen.name in ("photo", "array", "image") else f"the mask {seen.name}"
    # Rounding moves each side by less than a pixel.
    across = abs(seen.width - seen.height * photo.width / photo.height)
    if (
        across > max(1.0, SAME_PROPORTIONS * seen.width)
        and abs(seen.height - seen.width * photo.height / photo.width) > 1
    ):
        raise PhotoError(
            f"{name} is {seen.width} x {seen.height} px and the photo {photo.width} x {photo.height}: "
            "make it of the photo's size"
        )
    values = seen.pixels.mean(2, dtype=np.float32) if seen.mask is None else seen.mask
    found = _resized(values, photo.pixels.shape[1], photo.pixels.shape[0])
    if not (found > SUBJECT_LEVEL).any():
        raise PhotoError(f"{name} is black all over: paint the subject white in it")
    if not (found <= SUBJECT_LEVEL).any():
        raise PhotoError(f"{name} is white all over: paint the background black in it, or leave the mask out")
    # Of its transparency there is nothing to say: that is what a mask has it for.
    told = tuple(f"has a mask that {remark}" for remark in seen.remarks if remark not in OF_TRANSPARENCY)
    return dataclasses.replace(photo, remarks=(*photo.remarks, *told), mask=found, mask_source=GIVEN)


def _resized(values: Mask, width: int, height: int) -> Mask:
    """[height, width] at another size, without ringing."""
    if values.shape == (height, width):
        return np.ascontiguousarray(values)
    image = Image.fromarray(np.ascontiguousarray(values)).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(np.clip(np.asarray(image), 0, 1), dtype=np.float32)
