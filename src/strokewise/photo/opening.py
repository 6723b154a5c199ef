"""Opening a photo: any format, upright, on white, bounded, and refused in one line when it cannot be drawn.

    photo = open_photo("horse.heic")
    photo.pixels  # float32 [height, width, rgb] in [0, 1], at most 2048 px on the long side
    photo.size    # (width, height) of the whole photo, upright; drawings come out in these coordinates

Pictures come from strangers: nothing is decoded before its size is known, and whatever the decoders make of damaged
bytes ends as a `PhotoError`.
"""

from __future__ import annotations

import dataclasses
import io
import os
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from .._files import NotPlainFileError, open_plain_file
from .._text import quote
from ..errors import Argument, PhotoError
from .pixel_values import to_rgb, turned

PhotoSource: TypeAlias = "str | Path | bytes | Image.Image | NDArray[Any]"

FORMATS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "GIF": (".gif",),
    "BMP": (".bmp",),
    "DIB": (".dib",),
    "PPM": (".pbm", ".pgm", ".ppm"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "JPEG2000": (".jp2",),
    "ICO": (".ico",),
    "TGA": (".tga",),
    "AVIF": (".avif",),
    "HEIF": (".heic", ".heif"),
}
"""Pillow's names of the formats that are read, and the endings of their files.

No other format is tried, whatever a file is called: for PostScript, Pillow would start Ghostscript, an interpreter.
The most common ones come first, since Pillow loads its other plugins only when it comes to one of them.
"""
ENDINGS = frozenset(ending for endings in FORMATS.values() for ending in endings)
"""Files in a folder with one of these endings are photos, and reported if they cannot be read. Others are skipped."""
MAX_PIXELS = 100_000_000
MAX_FILE_BYTES = 512 * 1024 * 1024
MIN_SIDE = 8
MAX_ASPECT = 32
"""What is drawn of: at most so many pixels and bytes, at least so many pixels a side, at most so much longer than wide.
"""
LONG_SIDE = 2048
"""Long side of `Photo.pixels`, at most: twice the largest working canvas, so framing still has detail to average."""

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What sets a picture upright, by the value of its orientation tag (EXIF 2.3); 1 is upright already."""
_SIDEWAYS = {_UPRIGHT[value] for value in (5, 6, 7, 8)}
"""Those that make a wide picture of a tall one."""
_pillow = threading.RLock()


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Photo:
    """An upright photo on white.

    Attributes:
        pixels: float32 [height, width, rgb] in [0, 1]; a large photo is kept reduced to 2048 px on its long side.
        name: file name, or a stand-in for pictures that came from memory; used in messages.
        size: width and height of the whole photo in pixels; (0, 0), the default, means as large as `pixels`.

    Raises:
        ValueError: `pixels` is not float32 [height, width, 3].
    """

    pixels: NDArray[np.float32]
    name: str = "photo"
    size: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype != np.float32:
            raise ValueError(
                f"pixels must be float32 [height, width, rgb], got {self.pixels.dtype} {self.pixels.shape}"
            )
        if self.size == (0, 0):
            object.__setattr__(self, "size", (self.pixels.shape[1], self.pixels.shape[0]))

    def __repr__(self) -> str:
        return f"<Photo {self.name} {self.width} x {self.height}>"

    @property
    def width(self) -> int:
        """Width of the whole photo, pixels."""
        return self.size[0]

    @property
    def height(self) -> int:
        """Height of the whole photo, pixels."""
        return self.size[1]

    @property
    def info(self) -> PhotoInfo:
        """The photo without its pixels."""
        return PhotoInfo(self.name, self.width, self.height)

    @property
    def scale(self) -> float:
        """Long side of `pixels` over that of the whole photo: 1 for all but large photos."""
        return float(max(self.pixels.shape[:2]) / max(self.size))


@dataclasses.dataclass(frozen=True)
class PhotoInfo:
    """What is known of a photo without its pixels.

    Attributes:
        name: as of the `Photo`.
        width: of the whole photo, upright, pixels.
        height: likewise.
    """

    name: str
    width: int
    height: int


def open_photo(source: PhotoSource, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a photo and set it upright on white paper.

    Args:
        source: a path, a file's bytes, a Pillow image, or an array [height, width] or [height, width, 1 to 4]
            (grey, grey + alpha, rgb, rgb + alpha) of bool, uint8, uint16 or floats in [0, 1].
        max_pixels: refuse pictures with more pixels than this, before they are decoded.

    Of files with several frames the first is taken. Transparency becomes white.

    Raises:
        PhotoError: the file is missing, unreadable, damaged, no picture, too large, too small or too narrow.
    """
    if isinstance(source, np.ndarray):
        return _to_photo(_from_array(source), "array", max_pixels)
    if isinstance(source, Image.Image):
        if source.format == "EPS":
            raise PhotoError("a PostScript file is not opened: save the photo as JPEG or PNG")
        name = Path(str(getattr(source, "filename", "") or "image")).name
        # A copy, because reading reduces it in place and must not touch the caller's image.
        with _limits(name, max_pixels):
            return _to_photo(source.copy(), name, max_pixels)
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
        return _decode(io.BytesIO(data), len(data), "photo", max_pixels)
    try:
        path = Path(source)
    except TypeError as error:
        raise PhotoError(f"a photo is a path, bytes, an image or an array, not {type(source).__name__}") from error
    check_name(source)
    with _open_file(path) as file:
        return _decode(file, os.fstat(file.fileno()).st_size, path.name, max_pixels)


def check_name(name: str | Path) -> None:
    """Refuse what is no photo by its very name.

    Raises:
        PhotoError: it is empty, or an address in the internet.
    """
    text = os.fspath(name)
    if not text:
        raise PhotoError("the photo has no name: name a file")
    if re.match(r"[a-z][a-z0-9+.-]+:/", text, re.IGNORECASE):
        raise PhotoError(f"{quote(text)} is an address: download it first, and name the file")


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


def check_drawable(photo: Photo) -> None:
    """Refuse a photo that is one plain colour.

    Raises:
        PhotoError: nowhere is there any contrast worth a line.
    """
    # Averaged to a coarse grid, so that the noise of a scanner or of JPEG does not pass for a picture.
    height, width = photo.pixels.shape[:2]
    grid = (min(width, 64), min(height, 64))
    contrast = 0.0
    for channel in range(3):
        plane = Image.fromarray(np.ascontiguousarray(photo.pixels[:, :, channel]))
        coarse = np.asarray(plane.resize(grid, Image.Resampling.BOX))
        contrast = max(contrast, float(coarse.max() - coarse.min()))
    if contrast < 3 / 255:
        raise PhotoError(f"there is nothing to draw in {photo.name}: it is all one colour; choose another photo")


def _open_file(path: Path) -> IO[bytes]:
    try:
        return open_plain_file(path)
    except IsADirectoryError as error:
        raise PhotoError(f"{path} is a folder: name a photo inside it") from error
    except NotPlainFileError as error:
        raise PhotoError(f"{path} is not a plain file: save the photo to a file first") from error
    except FileNotFoundError as error:
        raise PhotoError(f"{path} does not exist: check the name and the folder") from error
    except PermissionError as error:
        raise PhotoError(f"{path} may not be read: change its permissions") from error
    except (OSError, ValueError) as error:
        raise PhotoError(f"{quote(str(path))} cannot be opened ({_brief(error)}): check the name") from error


def _decode(file: IO[bytes], length: int, name: str, max_pixels: int) -> Photo:
    if length == 0:
        raise PhotoError(f"{name} is empty: copy or download it again")
    if length > MAX_FILE_BYTES:
        raise PhotoError(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MB: save it smaller, or as JPEG")
    with _limits(name, max_pixels):
        head = file.read(12)
        file.seek(0)
        with Image.open(file, formats=_formats(head)) as image:
            return _to_photo(image, name, max_pixels)


def _formats(head: bytes) -> list[str]:
    """The formats that a file with these first bytes may have, of those that can be read here."""
    modern = ("AVIF", "HEIF")
    if head[4:8] != b"ftyp":
        return [name for name in FORMATS if name not in modern]
    with suppress(ImportError):  # without it, Pillow may still read AVIF by itself
        import pillow_heif

        pillow_heif.register_heif_opener()
    Image.init()
    return [name for name in modern if name in Image.OPEN]


@contextmanager
def _limits(name: str, max_pixels: int) -> Iterator[None]:
    """Pillow held to our limit and quiet, whatever it raises turned into a PhotoError.

    Pillow's limit and the warning filters are global, so one thread at a time.
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
            raise _too_large(name, max_pixels) from error
        except UnidentifiedImageError as error:
            check_no_drawing(name)
            raise PhotoError(f"{name} is not a picture in a known format: save it as JPEG or PNG") from error
        except MemoryError as error:
            raise PhotoError(f"{name} does not fit into memory: save it smaller") from error
        except Exception as error:  # on damaged bytes Pillow's plugins raise nearly everything
            reason = _brief(error)
            raise PhotoError(f"{name} is damaged or cut short ({reason}): copy it again, or save it anew") from error
        finally:
            Image.MAX_IMAGE_PIXELS = before


def _to_photo(image: Image.Image, name: str, max_pixels: int) -> Photo:
    width, height = image.size
    _check_size(width, height, name, max_pixels)
    shrink = min(1.0, LONG_SIDE / max(width, height))
    reduced = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    if shrink < 1:
        image.draft(None, reduced)  # JPEG only: decodes at 1/2, 1/4 or 1/8, in a fraction of time and memory
    image.load()
    if shrink == 1 and image.size != (width, height):  # ICO: the header may lie about the picture inside
        width, height = reduced = image.size
        _check_size(width, height, name, max_pixels)
    turn = _UPRIGHT.get(_orientation(image))
    pixels = to_rgb(image, reduced)
    if turn is not None:
        pixels = turned(pixels, turn)
    if turn in _SIDEWAYS:
        width, height = height, width
    return Photo(np.ascontiguousarray(pixels, dtype=np.float32), name, (width, height))


def _check_size(width: int, height: int, name: str, max_pixels: int) -> None:
    if width * height > max_pixels:
        raise _too_large(name, max_pixels, width, height)
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


def _too_large(name: str, max_pixels: int, width: int = 0, height: int = 0) -> PhotoError:
    seen = f"{width} x {height} px, " if width else ""
    limit = f"{max_pixels / 1e6:g} million pixels" if max_pixels >= 10_000 else f"{max_pixels} pixels"
    return PhotoError(f"{name} is {seen}larger than {limit}", fix=("reduce it, or raise ", Argument("max_pixels")))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # a damaged EXIF block is no reason to refuse a picture that decodes
        return 1


def _from_array(array: NDArray[Any]) -> Image.Image:
    """A Pillow image of an array; floats keep 8 bits, which is what most files have."""
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (2, 3, 4)) or 0 in array.shape:
        raise PhotoError(f"an array must be [height, width] or [height, width, 1 to 4], not {list(array.shape)}")
    if array.dtype == np.bool_:
        values = array.astype(np.float64)
    elif array.dtype in (np.uint8, np.uint16):
        values = array.astype(np.float64) / np.iinfo(array.dtype).max
    elif np.issubdtype(array.dtype, np.floating):
        values = array.astype(np.float64)
        if not np.isfinite(values).all() or values.min() < -1e-3 or values.max() > 1 + 1e-3:
            raise PhotoError("an array of floats must hold values from 0 to 1: scale it first")
    else:
        raise PhotoError(f"an array must be bool, uint8, uint16 or float, not {array.dtype}: convert it first")
    return Image.fromarray(np.round(np.clip(values, 0, 1) * 255).astype(np.uint8))


def _brief(error: Exception) -> str:
    """The first line of an error's own words, short enough for one line of ours."""
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0][:80]
