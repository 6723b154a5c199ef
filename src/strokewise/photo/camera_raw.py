"""Cameras' raw files, told by what is in them. Most are TIFF files, in which Pillow finds only a small preview.

Sources: TIFF 6.0, TIFF/EP (ISO 12234-2), Adobe's DNG specification 1.7.
"""

from __future__ import annotations

import os
import struct
from typing import IO

from .formats import HEAD_BYTES, is_raw_start

_NEW_SUBFILE, _WIDTH, _HEIGHT, _COMPRESSION, _PHOTOMETRIC = 254, 256, 257, 259, 262
_SUB_IFDS, _DNG_VERSION = 330, 50706
_CFA_TAGS = {33421, 33422}
_SENSOR = {32803, 34892}
"""Photometric interpretations: a colour filter array, and linear values of a sensor."""
_MAKERS = {32767, 32769, 32770, 34713, 65000, 65535}
"""Compressions of Sony, Epson, Samsung, Nikon, Kodak and Pentax."""
_MOST_IFDS, _MOST_TAGS, _MOST_VALUES = 32, 512, 16


def is_camera_raw(file: IO[bytes]) -> bool:
    """Whether a file is a camera's raw file, or holds a larger picture of which Pillow shows only a preview.

    Args:
        file: open for reading; it is left at its beginning.
    """
    try:
        file.seek(0)
        head = file.read(HEAD_BYTES)
        return is_raw_start(head) or (head[:4] in (b"II*\0", b"MM\0*") and _is_raw_tiff(file, head))
    except (struct.error, OSError, ValueError):
        return False
    finally:
        file.seek(0)


def _is_raw_tiff(file: IO[bytes], head: bytes) -> bool:
    order = "<" if head[:2] == b"II" else ">"
    length = file.seek(0, os.SEEK_END)
    (first,) = struct.unpack_from(f"{order}I", head, 4)
    waiting, preview, largest = [(first, True)], 0, 0
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_IFDS:
        place, is_main = waiting.pop(0)
        if place in seen or not 8 <= place <= length - 2:
            continue
        seen.add(place)
        tags, following = _tags(file, place, order)
        if _DNG_VERSION in tags or _CFA_TAGS & set(tags):
            return True
        if set(tags.get(_PHOTOMETRIC, ())) & _SENSOR or set(tags.get(_COMPRESSION, ())) & _MAKERS:
            return True
        pixels = tags.get(_WIDTH, (0,))[0] * tags.get(_HEIGHT, (0,))[0]
        if len(seen) == 1 and tags.get(_NEW_SUBFILE, (0,))[0] & 1:
            preview = pixels
        if not is_main:
            largest = max(largest, pixels)
        waiting += [(one, False) for one in tags.get(_SUB_IFDS, ())]
        if is_main:
            waiting.append((following, True))
    return 0 < preview < largest


def _tags(file: IO[bytes], place: int, order: str) -> tuple[dict[int, tuple[int, ...]], int]:
    """The tags of one directory with their first values, of those kinds that are looked at, and the next directory."""
    file.seek(place)
    (count,) = struct.unpack(f"{order}H", file.read(2))
    if count > _MOST_TAGS:
        return {}, 0
    data = file.read(12 * count + 4)
    tags: dict[int, tuple[int, ...]] = {}
    for number in range(count):
        tag, kind, many = struct.unpack_from(f"{order}HHI", data, 12 * number)
        size = {1: 1, 3: 2, 4: 4, 13: 4}.get(kind)
        if size is None or not many:
            tags[tag] = (0,)
            continue
        many = min(many, _MOST_VALUES)
        value = data[12 * number + 8 : 12 * number + 12]
        if size * many > 4:
            file.seek(struct.unpack(f"{order}I", value)[0])
            value = file.read(size * many)
            if len(value) < size * many:
                continue
        tags[tag] = struct.unpack_from(f"{order}{many}{ {1: 'B', 2: 'H', 4: 'I'}[size] }", value)
    following = data[12 * count :]
    return tags, struct.unpack(f"{order}I", following)[0] if len(following) == 4 else 0
