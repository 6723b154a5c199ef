"""The pixels of a Pillow image of any mode as floats in [0, 1] on white, in sRGB, and turned upright."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .color_profile import is_adobe_rgb, srgb_of_adobe_rgb, to_srgb
from .levels import float_levels, integer_levels
from .transparency import OnWhite, on_white

_MAX_SAMPLE_VALUE, _PHOTOMETRIC = 281, 262  # TIFF tags


def to_rgb(image: Image.Image, size: tuple[int, int]) -> OnWhite:
    """The picture on white, resized to `size`.

    Returns:
        float32 [height, width, rgb] in [0, 1]; float32 [height, width] in [0, 1], how opaque each pixel is, or None if
        all are opaque; and what was done so that it can be seen, which follows the photo's name in a remark; empty for
        most.
    """
    if image.mode == "F" or image.mode.startswith("I"):
        return _from_wide_grey(image, size)
    profile = image.info.get("icc_profile")
    adobe = not profile and is_adobe_rgb(image)
    is_grey = image.mode in ("L", "LA", "La")
    alpha = None
    if image.has_transparency_data:
        if image.mode == "La":  # Pillow has no direct way
            image = image.convert("LA")
        image = _resized(image.convert("RGBA"), size)
        alpha = _unit(image.getchannel("A"))
        image = image.convert("RGB")
    elif image.mode not in ("RGB", "L", "CMYK") or not profile:
        image = image.convert("RGB")
    image = _resized(image, size)
    if is_grey and profile:
        image = to_srgb(image.getchannel(0), profile)
    image = to_srgb(image, profile)
    rgb = _unit(image.convert("RGB"))
    if adobe:
        rgb = srgb_of_adobe_rgb(rgb)
    return (rgb, None, "") if alpha is None else on_white(rgb, alpha)


def _from_wide_grey(image: Image.Image, size: tuple[int, int]) -> OnWhite:
    """The same for grey pixels of more than 8 bits."""
    tags: Any = getattr(image, "tag_v2", {})
    clear = image.info.get("transparency")
    opaque = None
    if image.mode == "F":
        grey = float_levels(np.asarray(image, dtype=np.float32))
    else:
        values = np.asarray(image, dtype=np.int32)
        stated = tags.get(_MAX_SAMPLE_VALUE)
        stated = stated[0] if isinstance(stated, tuple) and stated else stated
        grey = integer_levels(values, stated if isinstance(stated, int) else None)
        if isinstance(clear, int):
            opaque = (values != clear).astype(np.float32)
        if tags.get(_PHOTOMETRIC) == 0:  # white is zero; Pillow heeds that only for 8 bits
            grey = 1 - grey
    rgb = np.repeat(np.clip(_resized_grey(grey, size), 0, 1)[:, :, None], 3, axis=2)
    return (rgb, None, "") if opaque is None else on_white(rgb, np.clip(_resized_grey(opaque, size), 0, 1))


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    return image if image.size == size else image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _resized_grey(grey: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    if grey.shape == size[::-1]:
        return grey
    return np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX, reducing_gap=2.0))


def _unit(image: Image.Image) -> NDArray[np.float32]:
    return np.asarray(image, dtype=np.float32) / np.float32(255)


def turned(pixels: NDArray[np.float32], turn: Image.Transpose) -> NDArray[np.float32]:
    """What Pillow's `transpose` does, for float32 [height, width] or [height, width, rgb]."""
    if turn == Image.Transpose.FLIP_LEFT_RIGHT:
        return pixels[:, ::-1]
    if turn == Image.Transpose.FLIP_TOP_BOTTOM:
        return pixels[::-1]
    if turn == Image.Transpose.ROTATE_180:
        return pixels[::-1, ::-1]
    across = pixels.swapaxes(0, 1)
    if turn == Image.Transpose.TRANSPOSE:
        return across
    if turn == Image.Transpose.ROTATE_90:
        return across[::-1]
    if turn == Image.Transpose.ROTATE_270:
        return across[:, ::-1]
    return across[::-1, ::-1]
