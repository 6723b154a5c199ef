"""Files that lack their last bytes: how much of the picture is missing, and a small gap filled from its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, JpegImagePlugin

MOST_MISSING = 0.02
"""Share of the picture up to which a gap is filled and the rest drawn; in a larger gap something may have been."""
_MOST_PIXELS = 40_000_000
"""Of pictures that are decoded twice, to see what is missing."""


class VisibleGap(Exception):
    """More of the picture is missing than can be passed over.

    Args:
        share: of the picture; None if that is not known.
    """

    def __init__(self, share: float | None) -> None:
        super().__init__(share)
        self.share = share


@contextmanager
def reading_on() -> Iterator[None]:
    """Within it, Pillow reads what there is of a file that is cut short. Pillow's switch is global: see the caller."""
    before = ImageFile.LOAD_TRUNCATED_IMAGES
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def load_what_is_there(image: Image.Image, whole: int, again: Callable[[], Image.Image]) -> None:
    """Decode a file that is cut short, in place.

    Args:
        image: opened, and set to a reduced size where that is wanted; within `reading_on`.
        whole: long side of the whole picture, pixels.
        again: opens the same file once more.

    Raises:
        VisibleGap: too much is missing.
        Exception: whatever Pillow's plugins raise.
    """
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        image.load()
        scale = max(1, round(whole / max(image.size)))
        if image.mode not in ("RGB", "L"):
            raise VisibleGap(None)
        tall = max(8 * layer[2] for layer in image.layer)
        _fill(image, _grey_end(image, max(1, tall // scale)))
        return
    if image.width * image.height > _MOST_PIXELS or not getattr(image, "tile", None):
        raise VisibleGap(None)
    # Decoded twice, each time over another ground: where they differ, nothing was decoded.
    _load_over(image, 0)
    other = again()
    _load_over(other, 255)
    pairs = [np.asarray(one).reshape(image.height, image.width, -1) for one in (image, other)]
    if pairs[0].shape != pairs[1].shape:
        raise VisibleGap(None)
    _fill(image, (pairs[0] != pairs[1]).any(axis=2))


def _load_over(image: Image.Image, level: int) -> None:
    """Decode a file's picture into memory that holds one level."""
    image.im = Image.core.fill(image.mode, image.size, level if len(image.getbands()) == 1 else (level,) * 4)
    image.load()


def _grey_end(image: Image.Image, tall: int) -> NDArray[np.bool_]:
    """Where a JPEG has no data: libjpeg leaves a mid grey there, from some block on to the end.

    Args:
        image: decoded.
        tall: height of a row of blocks, pixels.
    """
    levels = np.asarray(image.convert("L"), np.int16)
    grey = np.abs(levels - 128) <= 1
    missing = np.zeros(grey.shape, np.bool_)
    height, width = grey.shape
    for top in range((height - 1) // tall * tall, -1, -tall):
        columns = grey[top : top + tall].all(axis=0)
        seen = np.flatnonzero(~columns)
        first = 0 if len(seen) == 0 else int(seen[-1]) + 1
        # A few grey columns at the end of a row that is all there are part of the picture.
        if width - first < min(tall, width):
            break
        missing[top : top + tall, first:] = True
        if first:
            break
    return missing


def _fill(image: Image.Image, missing: NDArray[np.bool_]) -> None:
    """Fill what is missing from the row above or, at the top, below.

    Raises:
        VisibleGap: it is too much.
    """
    share = float(missing.mean())
    if share > MOST_MISSING:
        raise VisibleGap(share)
    rows = np.flatnonzero(missing.any(axis=1))
    if len(rows) == 0:
        return
    top, bottom = max(0, int(rows[0]) - 1), min(image.height, int(rows[-1]) + 2)
    strip = image.crop((0, top, image.width, bottom))
    values, gaps = np.array(strip), missing[top:bottom].copy()
    for order in (range(1, len(values)), range(len(values) - 2, -1, -1)):
        for row in order:
            other = row - 1 if order.step > 0 else row + 1
            take = gaps[row] & ~gaps[other]
            values[row][take] = values[other][take]
            gaps[row] &= ~take
    strip.frombytes(values.tobytes())
    image.paste(strip, (0, top))
