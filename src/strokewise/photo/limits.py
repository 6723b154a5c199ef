"""What a photo may be: how large, how small, how narrow; and Pillow held to it, its errors turned into ours."""

from __future__ import annotations

import math
import re
import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from ..errors import Argument, PhotoError
from .formats import HEAD_BYTES, format_of

MIN_SIDE = 8
MAX_ASPECT = 32
"""What is drawn of: at least so many pixels a side, at most so much longer than wide."""
REDUCED_FACTOR = 5
"""A JPEG that is decoded at a reduced size may have so many times as many pixels: it takes little memory."""

DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    EOFError,
    struct.error,
    RuntimeError,
    zlib.error,
)
"""What Pillow's plugins raise of damaged bytes, mostly."""
_pillow = threading.RLock()


@contextmanager
def guarded(name: str, max_pixels: int, head: bytes = b"") -> Iterator[None]:
    """Pillow held to our limit and quiet, whatever it raises turned into a PhotoError.

    Pillow's limit and the warning filters are global, so one thread at a time.

    Args:
        name: of the photo.
        max_pixels: most pixels it may have.
        head: its first bytes, by which an error says what it is.
    """
    with _pillow, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = Image.MAX_IMAGE_PIXELS
        # Pillow warns above its limit and refuses above twice its limit: put the refusal at ours. It matters for
        # pictures inside pictures (ICO, ICNS), whose true size only shows while decoding.
        Image.MAX_IMAGE_PIXELS = (max_pixels + 1) // 2
        try:
            yield
        except PhotoError:
            raise
        except Image.DecompressionBombError as error:
            told = re.search(r"\((\d+) pixels\)", str(error))
            pixels = int(told[1]) if told else 0
            raise _too_large(name, max_pixels, pixels, pixels) from error
        except UnidentifiedImageError as error:
            check_no_drawing(name)
            raise PhotoError(f"{name} {_unknown(head)}: save it as JPEG or PNG") from error
        except MemoryError as error:
            raise PhotoError(f"{name} does not fit into memory: save it smaller") from error
        except Exception as error:  # on damaged bytes Pillow's plugins raise nearly everything
            reason = brief(error)
            raise PhotoError(f"{name} is damaged or cut short ({reason}): copy it again, or save it anew") from error
        finally:
            Image.MAX_IMAGE_PIXELS = before


def check_size(width: int, height: int, name: str, max_pixels: int, *, reduced: tuple[int, int] | None = None) -> None:
    """Refuse a picture that is too large, too small or too narrow.

    Args:
        width: of the whole picture, pixels.
        height: likewise.
        name: for the message.
        max_pixels: the most it may have.
        reduced: width and height at which it is decoded, where that is less and takes little memory.

    Raises:
        PhotoError: it is.
    """
    pixels = width * height
    if reduced is None or reduced == (width, height):
        if pixels > max_pixels:
            raise _too_large(name, max_pixels, pixels, pixels, f"{width} x {height} px, ")
    else:
        decoded = reduced[0] * reduced[1]
        bound = max_pixels if decoded > max_pixels else REDUCED_FACTOR * max_pixels
        if pixels > bound:
            needed = max(decoded, math.ceil(pixels / REDUCED_FACTOR))
            of_jpeg = "" if bound == max_pixels else ", the bound of a JPEG"
            raise _too_large(name, bound, pixels, needed, f"{width} x {height} px, ", of_jpeg)
    if min(width, height) < MIN_SIDE:
        small = "small" if max(width, height) < MIN_SIDE * MAX_ASPECT else "narrow"
        raise PhotoError(
            f"{name} is {width} x {height} px, too {small} to draw: use a photo of at least {MIN_SIDE} px on each side"
        )
    if max(width, height) > MAX_ASPECT * min(width, height):
        raise PhotoError(
            f"{name} is {width} x {height} px, too narrow to draw: "
            f"crop it to at most {MAX_ASPECT} times as long as it is wide"
        )


def check_no_drawing(name: str) -> None:
    """Refuse an SVG, which the library reads elsewhere.

    Raises:
        PhotoError: by its name it is one.
    """
    if name.lower().endswith(".svg"):
        raise PhotoError(
            f"{name} is a drawing, not a photo: strokewise export changes its format, "
            f"strokewise draw PHOTO --from {Path(name).name} carries it on"
        )


def brief(error: Exception) -> str:
    """The first line of an error's own words, short enough for one line of ours."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0][:80]


def _too_large(name: str, bound: int, pixels: int, needed: int, seen: str = "", why: str = "") -> PhotoError:
    """The refusal of so many pixels, beyond a bound; it names the limit that would be needed."""
    limit = f"{bound / 1e6:g} million pixels" if bound >= 10_000 else f"{bound} pixels"
    problem = f"{name} is {seen}larger than {limit}{why}"
    if not pixels:
        return PhotoError(problem, fix=("reduce it, or raise ", Argument("max_pixels")))
    millions = math.ceil(needed / 1e6)
    argument = Argument("max_pixels", millions * 1_000_000, typed=str(millions))
    return PhotoError(problem, fix=("reduce it, or raise the limit with ", argument))


def _unknown(head: bytes) -> str:
    """What is wrong with a file that Pillow does not know."""
    found = format_of(head[:HEAD_BYTES])
    if found == "JXL":
        return "is a JPEG XL picture, which needs a package (pip install pillow-jxl-plugin)"
    if found in ("HEIF", "AVIF"):
        return f"is a {found} picture that cannot be read here (damaged, or of a kind that is not known)"
    if found == "TIFF":
        return "is damaged, or a TIFF of a kind that is not read, and so not a picture in a known format"
    if found is not None:
        return f"is damaged or cut short: a {found} file, but not a picture in a known format"
    if head[4:8] == b"ftyp":
        return "is a film, not a picture in a known format"
    return "is not a picture in a known format"
