"""Pictures in colour, or with transparency, of 16 bits a channel, of which only the lower bits are used.

Pillow keeps the high byte of each channel. That is enough for a photo, and of 10 or 12 bits in 16 leaves next to
nothing: then the low bytes are read as well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .decoding import has_two_wide_channels, other_bytes
from .levels import integer_levels

_MOST_PIXELS = 50_000_000


def wide_colors(image: Image.Image, again: Callable[[], Image.Image] | None) -> Image.Image | None:
    """The picture with 8 bits a channel from the range that is used; None where the high bytes are the picture.

    Args:
        image: decoded.
        again: opens the same file once more; None if that is not possible.
    """
    if has_two_wide_channels(image):
        return _from_two_channels(image)
    if again is None or getattr(image, "tell", int)() > 0:  # another frame than the first
        return None
    if image.mode not in ("RGB", "RGBA") or image.width * image.height > _MOST_PIXELS:
        return None
    colors = [image.getchannel(name) for name in "RGB"]
    ranges: list[Any] = [channel.getextrema() for channel in colors]
    low, high = min(one[0] for one in ranges), max(one[1] for one in ranges)
    if high >= 64 and high - low > 3:
        return None
    other = again()
    if not other_bytes(other):
        return None
    grey_and_alpha = other.tile[0][3] == "RGBA"  # type: ignore[attr-defined]
    other.load()
    first, second = np.asarray(image, np.int32), np.asarray(other, np.int32)
    alpha: NDArray[Any] | None
    if grey_and_alpha:
        # Grey and its opacity, high byte before low; Pillow repeats the grey.
        values = second[..., 0] * 256 + second[..., 1]
        values, alpha = np.repeat(values[..., None], 3, axis=2), second[..., 2] * 256 + second[..., 3]
    else:
        both = first * 256 + second
        values, alpha = both[..., :3], both[..., 3] if both.shape[2] == 4 else None
    found = Image.fromarray(_bytes(integer_levels(values)))
    if alpha is not None:
        found.putalpha(Image.fromarray(_bytes(_opacity(alpha))))
    found.info = dict(image.info)
    return found


def _from_two_channels(image: Image.Image) -> Image.Image:
    """Grey and its opacity of a TIFF, with 8 bits each."""
    tags: Any = image.tag_v2  # type: ignore[attr-defined]
    # libtiff, which reads what is compressed, puts the bytes into the order of this machine.
    order = sys.byteorder if tags.get(259, 1) != 1 else "little" if tags.prefix == b"II" else "big"
    values = np.asarray(image).view("<u2" if order == "little" else ">u2").astype(np.int32)
    found = Image.fromarray(_bytes(integer_levels(values[..., 0])))
    found.putalpha(Image.fromarray(_bytes(_opacity(values[..., 1]))))
    return found


def _opacity(alpha: NDArray[Any]) -> NDArray[Any]:
    """Levels of opacity: the greatest is that of so many bits as it needs."""
    top = next(top for top in (1, 255, 1023, 4095, 16383, 65535) if int(alpha.max()) <= top)
    return alpha / np.float32(top)


def _bytes(levels: NDArray[Any]) -> NDArray[Any]:
    return np.round(levels * 255).astype(np.uint8)
