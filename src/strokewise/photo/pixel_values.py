"""The pixels of a Pillow image of any mode as floats in [0, 1] on white, and turned upright."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def to_rgb(image: Image.Image, size: tuple[int, int]) -> NDArray[np.float32]:
    """float32 [height, width, rgb] in [0, 1] of any mode, on white, resized to `size`."""
    if image.mode == "F" or image.mode.startswith("I"):
        if image.mode == "F":
            grey = _float_range(np.asarray(image, dtype=np.float32))
        else:
            values = np.asarray(image, dtype=np.int64)
            # These have 16 bits, and stay dark if they are dark. Only of plain integers is the range not known.
            known = image.mode != "I" or image.format in ("PNG", "PPM")
            grey = values.astype(np.float32) / np.float32(65535) if known else _integer_range(values)
        if image.size != size:
            grey = np.asarray(Image.fromarray(grey).resize(size, Image.Resampling.BOX, reducing_gap=2.0))
        return np.repeat(np.clip(grey, 0, 1)[:, :, None], 3, axis=2)
    if image.has_transparency_data:
        if image.mode == "La":  # Pillow has no direct way
            image = image.convert("LA")
        image = image.convert("RGBA")
    elif image.mode != "RGB":
        image = image.convert("RGB")
    if image.size != size:
        image = image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    pixels = np.asarray(image, dtype=np.float32) / np.float32(255)
    if pixels.shape[2] == 4:
        alpha = pixels[:, :, 3:]
        pixels = pixels[:, :, :3] * alpha + (1 - alpha)
    return pixels


def to_alpha(image: Image.Image, size: tuple[int, int]) -> NDArray[np.float32] | None:
    """float32 [height, width] in [0, 1], how opaque each pixel is, resized to `size`; None if all are opaque."""
    if image.mode[0] in "FI" or not image.has_transparency_data:
        return None
    if image.mode == "La":  # Pillow has no direct way
        image = image.convert("LA")
    alpha = (image if image.mode in ("LA", "RGBA") else image.convert("RGBA")).getchannel("A")
    if alpha.getextrema()[0] == 255:
        return None
    if alpha.size != size:
        alpha = alpha.resize(size, Image.Resampling.BOX, reducing_gap=2.0)
    return np.asarray(alpha, dtype=np.float32) / np.float32(255)


def _integer_range(grey: NDArray[np.int64]) -> NDArray[np.float32]:
    """Integers in the range they seem to be meant in: 0 to 1, 255 or 65535, else least to greatest."""
    low, high = int(grey.min()), int(grey.max())
    if low >= 0 and high <= 65535:
        low, high = 0, next(top for top in (1, 255, 65535) if high <= top)
    return ((grey - low) / max(high - low, 1)).astype(np.float32)


def _float_range(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Floats in the range they seem to be meant in: 0 to 1, 255 or 65535, else least to greatest; no value is white."""
    known = np.isfinite(grey)
    if not known.any():
        return np.ones_like(grey)
    values = grey[known].astype(np.float64)
    low, high = 0.0, 1.0
    top = float(values.max())
    if float(values.min()) < -0.5 or top > 65535:
        low, high = float(values.min()), top
    elif top > 2:  # a little over 1 is only a highlight or a resampling overshoot
        high = 255.0 if top <= 255 else 65535.0
    scaled = (grey.astype(np.float64) - low) / max(high - low, 1e-300)
    return np.clip(np.where(known, scaled, 1.0), 0, 1).astype(np.float32)


def turned(pixels: NDArray[np.float32], turn: Image.Transpose) -> NDArray[np.float32]:
    """What Pillow's `transpose` does, for float32 [height, width, rgb]."""
    if turn == Image.Transpose.FLIP_LEFT_RIGHT:
        return pixels[:, ::-1]
    if turn == Image.Transpose.FLIP_TOP_BOTTOM:
        return pixels[::-1]
    if turn == Image.Transpose.ROTATE_180:
        return pixels[::-1, ::-1]
    across = pixels.transpose(1, 0, 2)
    if turn == Image.Transpose.TRANSPOSE:
        return across
    if turn == Image.Transpose.ROTATE_90:
        return across[::-1]
    if turn == Image.Transpose.ROTATE_270:
        return across[:, ::-1]
    return across[::-1, ::-1]
