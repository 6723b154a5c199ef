"""Colours as the photo's own profile means them, in sRGB: Display P3, Adobe RGB, CMYK, swapped channels."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

MAX_BYTES = 8 * 1024 * 1024
"""Of a profile; those of printing presses have up to 3 MB."""
SAME = 4
"""Profiles that move no colour by more than this, of 255, are sRGB for our purpose, and change nothing."""

_EXIF, _INTEROP, _COLOR_SPACE = 0x8769, 0xA005, 0xA001
_FROM_ADOBE_RGB = np.array([[1.39836, -0.39836, 0], [0, 1, 0], [0, -0.04293, 1.04293]], np.float32)
"""Linear Adobe RGB to linear sRGB; both have the white of D65."""
_SPACES = {"RGB ": "RGB", "CMYK": "CMYK", "GRAY": "L"}


def to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """The picture in sRGB.

    Args:
        image: of mode RGB, CMYK or L.
        profile: what Pillow found in the file; None, a broken one, and one of other channels change nothing.

    Returns:
        an image of mode RGB, or the very same one where there is nothing to change.
    """
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= MAX_BYTES:
        return image
    try:
        own: Any = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if _SPACES.get(own.profile.xcolor_space) != image.mode:
            return image
        turn = ImageCms.buildTransform(
            own, ImageCms.createProfile("sRGB"), image.mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC
        )
        if _changes_little(image.mode, lambda one: ImageCms.applyTransform(one, turn)):
            return image
        turned = ImageCms.applyTransform(image, turn)
    except Exception:  # a broken profile is no reason to refuse a picture that decodes
        return image
    return turned if turned is not None else image


def is_adobe_rgb(image: Image.Image) -> bool:
    """Whether a camera's photo without a profile says by its EXIF block that its colours are Adobe RGB (DCF 2.0)."""
    if image.format != "JPEG" or image.mode != "RGB":
        return False
    try:
        exif = image.getexif()
        return exif.get_ifd(_EXIF).get(_COLOR_SPACE) != 1 and str(exif.get_ifd(_INTEROP).get(1, "")).startswith("R03")
    except Exception:  # a damaged EXIF block is no reason to refuse a picture that decodes
        return False


def srgb_of_adobe_rgb(rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colours of Adobe RGB (1998) in sRGB, both float32 [height, width, rgb] in [0, 1]."""
    linear = np.clip(rgb.astype(np.float32) ** np.float32(563 / 256) @ _FROM_ADOBE_RGB.T, 0, 1)
    return np.where(
        linear <= 0.0031308, linear * np.float32(12.92), 1.055 * linear ** np.float32(1 / 2.4) - 0.055
    ).astype(np.float32)


def _changes_little(mode: str, turn: Callable[[Image.Image], Image.Image | None]) -> bool:
    """Whether a transform leaves colours all over the space nearly as they are without it."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    channels = len(Image.new(mode, (1, 1)).getbands())
    grid = np.stack(np.meshgrid(*[levels] * channels), axis=-1).reshape(-1, channels)
    probe = Image.frombytes(mode, (len(grid), 1), grid.tobytes())
    turned = turn(probe)
    if turned is None:
        return True
    return bool(np.abs(np.asarray(turned, np.int16) - np.asarray(probe.convert("RGB"), np.int16)).max() <= SAME)
