"""Files with several pictures: the first one that has something on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LEAST_CONTRAST = 3 / 255
"""Below it, a picture is one plain colour."""
_FADED = 12 / 255  # a first frame with less than this is the beginning of a fade
_CLEAR = 0.5  # a frame with this much contrast is looked at no further
_MOST_FRAMES, _MOST_PIXELS = 64, 200_000_000
_ANIMATED = ("GIF", "PNG", "WEBP", "TIFF", "AVIF")


class Converted(NamedTuple):
    """A frame as it is drawn.

    Attributes:
        pixels: float32 [height, width, rgb] in [0, 1].
        opacity: float32 [height, width] in [0, 1]; None if all is opaque.
        size: width and height of the whole picture.
        remark: what was done to the pixels; empty for most.
    """

    pixels: NDArray[np.float32]
    opacity: NDArray[np.float32] | None
    size: tuple[int, int]
    remark: str


def contrast(pixels: NDArray[np.float32]) -> float:
    """The largest difference of levels in any channel, averaged to a coarse grid.

    So the noise of a scanner or of JPEG does not pass for a picture.

    Args:
        pixels: float32 [height, width, rgb] in [0, 1].
    """
    height, width = pixels.shape[:2]
    grid = (min(width, 64), min(height, 64))
    found = 0.0
    for channel in range(3):
        plane = Image.fromarray(np.ascontiguousarray(pixels[:, :, channel]))
        coarse = np.asarray(plane.resize(grid, Image.Resampling.BOX))
        found = max(found, float(coarse.max() - coarse.min()))
    return found


def first_visible(image: Image.Image, convert: Callable[[], Converted]) -> tuple[Converted, str]:
    """The first frame of a file, or the first one with something on it.

    Args:
        image: the opened file.
        convert: the pixels of the frame that `image` is at.

    Returns:
        what `convert` gave, and a remark that follows the photo's name; empty for the first frame.
    """
    best = convert()
    if image.format not in _ANIMATED or not getattr(image, "is_animated", False):
        return best, ""
    strongest, number = contrast(best.pixels), 0
    if strongest >= _FADED:
        return best, ""
    seen = image.width * image.height
    for place in range(1, _MOST_FRAMES):
        try:
            image.seek(place)
            seen += image.width * image.height
            if seen > _MOST_PIXELS:
                break
            found = convert()
        except Exception:  # no more frames, or a damaged one: what was found so far counts
            break
        one = contrast(found.pixels)
        if one > max(strongest, LEAST_CONTRAST):
            best, strongest, number = found, one, place
        if one >= _CLEAR:
            break
    if not number:
        return best, ""
    return best, f"has nothing on its first frame; frame {number + 1} was drawn"
