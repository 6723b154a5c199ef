"""From a file's bytes to a Pillow image: what needs another try than Pillow's own is tried here.

Metadata never keeps a picture from being read: text and colour profiles that are large or damaged, and the index of a
JPEG's further pictures, are passed over.
"""

from __future__ import annotations

import io
import struct
import sys
import zlib
from typing import IO, Any

from PIL import Image, JpegImagePlugin, TiffImagePlugin

from .color_profile import MAX_BYTES as MAX_PROFILE_BYTES
from .formats import HEAD_BYTES, format_of, readable

_PNG_START = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf", b"acTL", b"fcTL", b"fdAT")
_SPARE = 64  # bytes, even
_SCALE_OF_BITS = {"L;2": 85, "L;4": 17}


def open_image(file: IO[bytes]) -> Image.Image:
    """A file as a Pillow image, its pixels not decoded yet.

    Raises:
        Exception: whatever Pillow's plugins raise of damaged bytes; UnidentifiedImageError of what is no picture.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    if head.startswith(b"\xff\xd8"):
        # Not Image.open, which reads the index of further pictures, too, and fails if that is wrong.
        return JpegImagePlugin.JpegImageFile(file)
    try:
        image: Image.Image = Image.open(file, formats=readable(head))
    except Image.DecompressionBombError:
        raise
    except Exception as error:
        again = {"PNG": _png_without_metadata, "TIFF": _tiff_of_two_channels}.get(format_of(head) or "")
        if again is None:
            raise
        try:
            image = again(file)
        except Image.DecompressionBombError:
            raise
        except Exception:  # so it was not the metadata
            raise error from None
    if format_of(head) == "PNG":
        _mend_transparency(image)
    return image


def takes_little_memory(image: Image.Image) -> bool:
    """Whether a large picture can be decoded at a reduced size: a JPEG whose pixels come in one scan."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.info.get("progressive"):
        return False
    file = image.fp
    if file is None:
        return False
    before = file.tell()
    try:
        file.seek(2)
        while True:
            marker, length = struct.unpack(">HH", file.read(4))
            if marker == 0xFFDA:
                return bool(file.read(1) == bytes([image.layers]))
            if marker >> 8 != 0xFF:
                return False
            file.seek(length - 2, io.SEEK_CUR)
    except (struct.error, OSError):
        return False
    finally:
        file.seek(before)


def other_bytes(image: Image.Image) -> bool:
    """Make an image of 16 bits a channel, of which Pillow reads the high bytes, read the low ones.

    Args:
        image: opened anew, its pixels not decoded yet.

    Returns:
        whether it has 16 bits a channel.
    """
    tiles: list[Any] = []
    own = "L" if sys.byteorder == "little" else "B"
    for name, extents, offset, args in getattr(image, "tile", []):
        mode, rest = (args, None) if isinstance(args, str) else (args[0], args[1:])
        if mode == "LA;16B":
            mode = "RGBA"  # high and low byte of grey, then of its opacity
        elif mode in ("RGB;16B", "RGB;16L", "RGB;16N", "RGBA;16B", "RGBA;16L", "RGBA;16N"):
            order = own if mode[-1] == "N" else mode[-1]
            mode = mode[:-1] + ("B" if order == "L" else "L")
        else:
            return False
        tiles.append((name, extents, offset, mode if rest is None else (mode, *rest)))
    if tiles:  # before Pillow 11, they are plain tuples
        make = getattr(type(image.tile[0]), "_make", tuple)  # type: ignore[attr-defined]
        image.tile = [make(tile) for tile in tiles]  # type: ignore[attr-defined]
    return bool(tiles)


def padded(file: IO[bytes], length: int) -> IO[bytes] | None:
    """The file with zeros for the few bytes that it lacks of the length it states; None for other formats.

    Args:
        file: a WebP, HEIF, AVIF or JPEG 2000; others are read as far as they go without this.
        length: of the file, bytes.
    """
    file.seek(0)
    head = file.read(HEAD_BYTES)
    lossy = 0
    if format_of(head) == "WEBP":
        stated = struct.unpack_from("<I", head, 4)[0] + 8
        lossy = _last_chunk(file, length, b"VP8 ")
    elif head[4:8] in (b"ftyp", b"jP  "):
        stated = 0
        while stated < length:
            file.seek(stated)
            box = file.read(8)
            size = struct.unpack_from(">I", box)[0] if len(box) == 8 else 0
            if size < 8:
                return None
            stated += size
    else:
        return None
    lacking = stated - length
    if not 0 < lacking <= max(16, length // 100):
        return None
    file.seek(0)
    found = bytearray(file.read(length) + bytes(lacking))
    if head[4:8] == b"jP  ":
        found[-2:] = b"\xff\xd9"  # JPEG 2000's mark of the end
    if lossy:
        # libwebp refuses a picture whose last bits are said not to be there.
        found += bytes(_SPARE)
        for place in (4, lossy + 4):
            struct.pack_into("<I", found, place, struct.unpack_from("<I", found, place)[0] + _SPARE)
    return io.BytesIO(found)


def _last_chunk(file: IO[bytes], length: int, kind: bytes) -> int:
    """Where the chunk of a WebP begins that goes beyond its end, if it is of that kind; 0 otherwise."""
    place = 12
    for _ in range(10_000):
        file.seek(place)
        start = file.read(8)
        if len(start) < 8:
            return 0
        size = struct.unpack_from("<I", start, 4)[0]
        if place + 8 + size > length:
            return place if start[:4] == kind else 0
        place += 8 + size + size % 2
    return 0


def has_two_wide_channels(image: Image.Image) -> bool:
    """Whether this is a TIFF of grey and its opacity, 16 bits each, opened as if each byte were a channel."""
    tags: Any = getattr(image, "tag_v2", {})
    return image.mode == "RGBA" and tags.get(TiffImagePlugin.BITSPERSAMPLE) == (16, 16)


def _tiff_of_two_channels(file: IO[bytes]) -> Image.Image:
    """A TIFF of grey and its opacity, 16 bits each, which Pillow does not know; see `has_two_wide_channels`."""
    file.seek(0)
    order = file.read(2)
    kinds = {(order, 1, (1,), 1, (16, 16), (extra,)): ("RGBA", "RGBA") for extra in (0, 1, 2)}
    known: Any = TiffImagePlugin.OPEN_INFO
    before = dict(known)
    try:
        known.update({kind: value for kind, value in kinds.items() if kind not in before})
        file.seek(0)
        return Image.open(file, formats=["TIFF"])
    finally:  # it is Pillow's own table
        known.clear()
        known.update(before)


def _png_without_metadata(file: IO[bytes]) -> Image.Image:
    """A PNG without its text and whatever else is not needed; its profile, if it is sound, beside it."""
    kept, profile = [_PNG_START], None
    file.seek(len(_PNG_START))
    while len(start := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", start)
        if kind in _PNG_KEPT:
            body = file.read(length + 4)
            sound = len(body) == length + 4 and zlib.crc32(kind + body[:-4]) == struct.unpack(">I", body[-4:])[0]
            if sound or kind in (b"IHDR", b"PLTE", b"IDAT", b"IEND"):
                kept.append(start + body)
        elif kind == b"iCCP" and length <= MAX_PROFILE_BYTES:
            profile = _inflated(file.read(length).partition(b"\0")[2][1:])
            file.seek(4, io.SEEK_CUR)
        else:
            file.seek(length + 4, io.SEEK_CUR)
    image = Image.open(io.BytesIO(b"".join(kept)), formats=["PNG"])
    if profile is not None:
        image.info["icc_profile"] = profile
    return image


def _inflated(data: bytes) -> bytes | None:
    """Decompressed, if it is no more than a profile may have."""
    reader = zlib.decompressobj()
    try:
        found = reader.decompress(data, MAX_PROFILE_BYTES + 1)
    except zlib.error:
        return None
    return found if len(found) <= MAX_PROFILE_BYTES else None


def _mend_transparency(image: Image.Image) -> None:
    """Give the colour that stands for transparent the scale of the pixels, which Pillow reads as 8 bits."""
    clear, tiles = image.info.get("transparency"), getattr(image, "tile", [])
    mode = tiles[0][3] if tiles else ""
    if isinstance(clear, tuple) and mode == "RGB;16B":
        image.info["transparency"] = tuple(value >> 8 for value in clear)
    elif isinstance(clear, int) and mode in _SCALE_OF_BITS:
        image.info["transparency"] = clear * _SCALE_OF_BITS[mode]
