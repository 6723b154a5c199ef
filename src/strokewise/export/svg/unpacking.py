"""Compressed SVG (.svgz), unpacked within a bound."""

from __future__ import annotations

import zlib

from ...errors import SvgError
from .limits import MAX_BYTES

GZIP = b"\x1f\x8b"
"""How a file begins that is compressed."""


def unpacked(data: bytes) -> bytes:
    """A file's bytes, unpacked if they are compressed: at most one more than the limit.

    Raises:
        SvgError: the compressed data is damaged.
    """
    if not data.startswith(GZIP):
        return data
    stream = zlib.decompressobj(wbits=31)
    try:
        found = stream.decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise SvgError(f"this compressed SVG is damaged ({error}): copy it again, or gunzip it") from error
    if not stream.eof and len(found) <= MAX_BYTES:
        raise SvgError("this compressed SVG is cut short: copy it again")
    return found
