"""Opening a photo: any format, upright, on white, bounded, and refused in one line when it cannot be drawn.

    photo = open_photo("horse.heic")
    photo.pixels  # float32 [height, width, rgb] in [0, 1], at most 2048 px on the long side
    photo.size    # (width, height) of the whole photo, upright; drawings come out in these coordinates

Pictures come from strangers: nothing is decoded before its size is known, and whatever the decoders make of damaged
bytes ends as a `PhotoError`.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .._files import NotPlainFileError, open_plain_file
from .._text import quote
from ..errors import PhotoError
from .camera_raw import is_camera_raw
from .cut_short import VisibleGap, load_what_is_there, reading_on
from .decoding import open_image, padded, takes_little_memory
from .formats import HEAD_BYTES
from .frames import LEAST_CONTRAST, Converted, contrast, first_visible
from .levels import integer_levels
from .limits import DAMAGE, brief, check_size, guarded
from .pixel_values import to_rgb, turned
from .transparency import CLEAR
from .wide import wide_colors

PhotoSource: TypeAlias = "str | Path | bytes | Image.Image | NDArray[Any]"

MAX_PIXELS = 100_000_000
MAX_FILE_BYTES = 512 * 1024 * 1024
"""What is drawn of: at most so many pixels and bytes."""
LONG_SIDE = 2048
"""Long side of `Photo.pixels`, at most: twice the largest working canvas, so framing still has detail to average."""
GIVEN, TRANSPARENCY = "given", "transparency"
"""What `Photo.mask_source` says of a mask that somebody gave, and of one that is the photo's own transparency."""

_CUT_SHORT = "is damaged or lacks its last bytes; what is there was drawn: copy it again if you can"
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


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Photo:
    """An upright photo on white.

    Attributes:
        pixels: float32 [height, width, rgb] in [0, 1]; a large photo is kept reduced to 2048 px on its long side.
        name: file name, or a stand-in for pictures that came from memory; used in messages.
        size: width and height of the whole photo in pixels; (0, 0), the default, means as large as `pixels`.
        remarks: what one should know of it, each to follow its name: that it lacks its end, that another frame than the
            first was taken, that white on transparent became dark on white. Most photos have none.
        mask: float32 [height, width] in [0, 1], 1 on the subject, where that is known: the photo was transparent around
            it, or somebody gave a mask (`given_mask.py`). None otherwise.
        mask_source: where the mask is from, "given" or "transparency"; empty if there is none.

    Raises:
        ValueError: `pixels` is not float32 [height, width, 3], or `mask` is not float32 of that height and width.
    """

    pixels: NDArray[np.float32]
    name: str = "photo"
    size: tuple[int, int] = (0, 0)
    remarks: tuple[str, ...] = ()
    mask: NDArray[np.float32] | None = None
    mask_source: str = ""

    def __post_init__(self) -> None:
        if self.pixels.ndim != 3 or self.pixels.shape[2] != 3 or self.pixels.dtype != np.float32:
            raise ValueError(
                f"pixels must be float32 [height, width, rgb], got {self.pixels.dtype} {self.pixels.shape}"
            )
        if self.mask is not None and (self.mask.shape != self.pixels.shape[:2] or self.mask.dtype != np.float32):
            raise ValueError(f"mask must be float32 of the size of pixels, got {self.mask.dtype} {self.mask.shape}")
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
        return PhotoInfo(self.name, self.width, self.height, self.remarks)

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
        remarks: as of the `Photo`.
    """

    name: str
    width: int
    height: int
    remarks: tuple[str, ...] = ()


def open_photo(source: PhotoSource, *, max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a photo and set it upright on white paper.

    Args:
        source: a path, a file's bytes, a Pillow image, or an array [height, width] or [height, width, 1 to 4]
            (grey, grey + alpha, rgb, rgb + alpha) of bool, uint8, uint16 or floats in [0, 1].
        max_pixels: refuse pictures with more pixels than this, before they are decoded.

    Of files with several frames the first with something on it is taken. Transparency becomes white, and how opaque
    each pixel is becomes the mask; white on transparent is drawn dark. A file that lacks its last few bytes is read as
    far as it goes. The photo's `remarks` say so. Colours are taken as the file's profile means them.

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
        with guarded(name, max_pixels):
            return _to_photo(source.copy(), name, max_pixels)
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
        return _decode(io.BytesIO(data), "photo", max_pixels)
    try:
        path = Path(source)
    except TypeError as error:
        raise PhotoError(f"a photo is a path, bytes, an image or an array, not {type(source).__name__}") from error
    check_name(source)
    with _open_file(path) as file:
        return _decode(file, path.name, max_pixels)


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


def check_drawable(photo: Photo) -> None:
    """Refuse a photo that is one plain colour.

    Raises:
        PhotoError: nowhere is there any contrast worth a line.
    """
    if contrast(photo.pixels) >= LEAST_CONTRAST:
        return
    reason = "it is all one colour"
    if CLEAR in photo.remarks:
        reason = "it is wholly transparent"
    raise PhotoError(f"there is nothing to draw in {photo.name}: {reason}; choose another photo")


def _open_file(path: Path) -> IO[bytes]:
    """The file, opened for reading once it is known to be a plain file of sensible size; of a pipe, what comes."""
    try:
        file = open_plain_file(path, pipe_limit=MAX_FILE_BYTES)
        if isinstance(file, io.BytesIO):
            return file
        if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
            file.close()
            raise _too_heavy(str(path))
        return file
    except IsADirectoryError as error:
        raise PhotoError(f"{path} is a folder: name a photo inside it") from error
    except NotPlainFileError as error:
        what = " but a pipe, and nothing came" if "nothing came" in str(error) else ""
        raise PhotoError(f"{path} is not a plain file{what}: save the photo to a file first") from error
    except FileNotFoundError as error:
        raise PhotoError(f"{path} does not exist: check the name and the folder") from error
    except PermissionError as error:
        raise PhotoError(f"{path} may not be read: change its permissions") from error
    except (OSError, ValueError) as error:
        raise PhotoError(f"{quote(str(path))} cannot be opened ({brief(error)}): check the name") from error


def _too_heavy(name: str) -> PhotoError:
    return PhotoError(f"{name} is larger than {MAX_FILE_BYTES // 2**20} MB: save it smaller, or as JPEG")


def _decode(file: IO[bytes], name: str, max_pixels: int) -> Photo:
    length = file.seek(0, os.SEEK_END)
    if length == 0:
        raise PhotoError(f"{name} is empty: copy or download it again")
    if length > MAX_FILE_BYTES:
        raise _too_heavy(name)
    file.seek(0)
    head = file.read(HEAD_BYTES)
    with guarded(name, max_pixels, head):
        if is_camera_raw(file):
            raise PhotoError(f"{name} is a camera's raw file: develop it to JPEG, as with darktable")
        try:
            with open_image(file) as image:
                return _to_photo(image, name, max_pixels, again=functools.partial(open_image, file))
        except DAMAGE as error:
            try:
                photo = _what_is_there(file, length, name, max_pixels)
            except VisibleGap as gap:
                if gap.share is None:
                    raise error from None
                missing = f"{gap.share:.0%} of the picture is missing"
                raise PhotoError(
                    f"{name} is damaged or cut short ({missing}): copy it again, or save it anew"
                ) from None
            except DAMAGE:  # so it is damaged; the first error tells why
                raise error from None
        return dataclasses.replace(photo, remarks=(_CUT_SHORT, *photo.remarks))


def _what_is_there(file: IO[bytes], length: int, name: str, max_pixels: int) -> Photo:
    """The photo of a file that lacks no more than its last few bytes.

    Raises:
        VisibleGap: it lacks more.
    """
    whole = padded(file, length)
    if whole is not None:
        with open_image(whole) as image:
            return _to_photo(image, name, max_pixels, again=functools.partial(open_image, whole))
    with reading_on(), open_image(file) as image:
        load = functools.partial(load_what_is_there, whole=max(image.size), again=functools.partial(open_image, file))
        return _to_photo(image, name, max_pixels, load=load)


def _to_photo(
    image: Image.Image,
    name: str,
    max_pixels: int,
    *,
    load: Callable[[Image.Image], object] = lambda image: image.load(),
    again: Callable[[], Image.Image] | None = None,
) -> Photo:
    """A photo of a Pillow image.

    Args:
        image: its pixels may not be decoded yet.
        name: for messages.
        max_pixels: as for `open_photo`.
        load: decodes them.
        again: opens the file once more; None if there is none, or it is damaged.
    """

    def convert() -> Converted:
        width, height = image.size
        shrink = min(1.0, LONG_SIDE / max(width, height))
        reduced = (max(1, round(width * shrink)), max(1, round(height * shrink)))
        little = shrink < 1 and takes_little_memory(image)
        if shrink < 1:
            image.draft(None, reduced)  # JPEG only: decodes at 1/2, 1/4 or 1/8, in a fraction of time and memory
        check_size(width, height, name, max_pixels, reduced=image.size if little else None)
        load(image)
        if shrink == 1 and image.size != (width, height):  # ICO: the header may lie about the picture inside
            width, height = reduced = image.size
            check_size(width, height, name, max_pixels)
        wide = wide_colors(image, again)
        pixels, opacity, remark = to_rgb(image if wide is None else wide, reduced)
        turn = _UPRIGHT.get(_orientation(image))
        if turn is not None:
            pixels = turned(pixels, turn)
            opacity = None if opacity is None else turned(opacity, turn)
        if turn in _SIDEWAYS:
            width, height = height, width
        opacity = None if opacity is None else np.ascontiguousarray(opacity, dtype=np.float32)
        return Converted(np.ascontiguousarray(pixels, dtype=np.float32), opacity, (width, height), remark)

    found, frame = first_visible(image, convert)
    remarks = tuple(remark for remark in (frame, found.remark) if remark)
    source = "" if found.opacity is None else TRANSPARENCY
    return Photo(found.pixels, name, found.size, remarks, found.opacity, source)


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
    elif array.dtype == np.uint8:
        values = array.astype(np.float64) / 255
    elif array.dtype == np.uint16:
        values = _wide_array(array)
    elif np.issubdtype(array.dtype, np.floating):
        values = array.astype(np.float64)
        if not np.isfinite(values).all() or values.min() < -1e-3 or values.max() > 1 + 1e-3:
            raise PhotoError("an array of floats must hold values from 0 to 1: scale it first")
    else:
        raise PhotoError(f"an array must be bool, uint8, uint16 or float, not {array.dtype}: convert it first")
    return Image.fromarray(np.round(np.clip(values, 0, 1) * 255).astype(np.uint8))


def _wide_array(array: NDArray[np.uint16]) -> NDArray[np.float64]:
    """Levels of an array of 16 bits, its colours together, its opacity by itself."""
    if array.ndim == 2 or array.shape[2] == 3:
        return integer_levels(array).astype(np.float64)
    opacity = array[..., -1:] / np.float64(65535)
    return np.concatenate([integer_levels(array[..., :-1]).astype(np.float64), opacity], axis=2)
