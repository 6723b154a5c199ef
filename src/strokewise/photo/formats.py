"""Which picture formats are read, and how the first bytes of a file tell which one it is.

looks_like_photo(file.read(HEAD_BYTES))     # whether a file holds a picture, whatever it is called
"""

from __future__ import annotations

import re
from contextlib import suppress

from PIL import Image

FORMATS = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"),
    "PNG": (".png", ".apng"),
    "GIF": (".gif",),
    "BMP": (".bmp",),
    "DIB": (".dib",),
    "PPM": (".pbm", ".pgm", ".ppm", ".pnm", ".pfm"),
    "WEBP": (".webp",),
    "TIFF": (".tif", ".tiff"),
    "JPEG2000": (".jp2", ".j2k", ".jpx", ".jpf", ".j2c"),
    "ICO": (".ico",),
    "TGA": (".tga",),
    "AVIF": (".avif", ".avifs"),
    "HEIF": (".heic", ".heif", ".hif", ".heics", ".heifs"),
    "JXL": (".jxl",),
    "PSD": (".psd",),
    "QOI": (".qoi",),
    "DDS": (".dds",),
    "ICNS": (".icns",),
    "SGI": (".sgi",),
    "PCX": (".pcx",),
}
"""Pillow's names of the formats that are read, and the endings of their files.

No other format is tried, whatever a file is called: for PostScript, Pillow would start Ghostscript, an interpreter.
The most common ones come first, since Pillow loads its other plugins only when it comes to one of them.
"""
RAW_ENDINGS = (".dng", ".nef", ".nrw", ".cr2", ".cr3", ".crw", ".arw", ".sr2", ".srf", ".orf", ".rw2", ".raf", ".pef")
"""Of cameras' raw files, which are refused by name rather than passed over."""
ENDINGS = frozenset(ending for endings in (*FORMATS.values(), RAW_ENDINGS) for ending in endings)
"""Files in a folder with one of these endings are photos, and reported if they cannot be read."""
HEAD_BYTES = 32
"""How many of a file's first bytes tell its format."""

_STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
    b"\xff\x4f\xff\x51": "JPEG2000",
    b"\0\0\0\x0cjP  \r\n\x87\n": "JPEG2000",
    b"\xff\x0a": "JXL",
    b"\0\0\0\x0cJXL \r\n\x87\n": "JXL",
    b"8BPS\0\x01": "PSD",
    b"qoif": "QOI",
    b"DDS \x7c\0\0\0": "DDS",
    b"icns": "ICNS",
}
_MODERN = {"AVIF": (b"avif", b"avis"), "HEIF": (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")}
"""Kinds of files in the container that films are in, too."""


def format_of(head: bytes) -> str | None:
    """Pillow's name of the format of a file with these first bytes, as far as they are characteristic."""
    for start, name in _STARTS.items():
        if head.startswith(start):
            return name
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WEBP"
    if head[4:8] == b"ftyp":
        brands = [head[8:12], *(head[i : i + 4] for i in range(16, len(head) - 3, 4))]
        if brands[0] == b"crx ":
            return "RAW"
        return next((name for brand in brands for name, known in _MODERN.items() if brand in known), None)
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0" and head[15:18] == b"\0\0\0":
        return "BMP"
    if re.match(rb"P[1-6][ \t\r\n]+[#0-9]", head):
        return "PPM"
    return None


def looks_like_photo(head: bytes) -> bool:
    """Whether a file with these first bytes is a picture in a format that is read, or a camera's raw file."""
    return format_of(head) is not None or is_raw_start(head)


def is_raw_start(head: bytes) -> bool:
    """Whether these are the first bytes of a camera's raw file, of those kinds that differ from TIFF at the start."""
    return (
        format_of(head) == "RAW"
        or (head[:4] == b"II*\0" and head[8:10] == b"CR")  # Canon's CR2
        or head[:4] in (b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM")  # Olympus, Panasonic, Sigma, Minolta
        or head.startswith((b"FUJIFILMCCD-RAW", b"II\x1a\0\0\0HEAPCCDR"))
    )


def readable(head: bytes) -> list[str]:
    """Pillow's names of the formats that a file with these first bytes may have, of those that can be read here."""
    found = format_of(head)
    if found in ("AVIF", "HEIF", "JXL"):
        _register()
        names = [found] if found == "JXL" else ["AVIF", "HEIF"]
        return [name for name in names if name in Image.OPEN]
    if head[4:8] == b"ftyp":  # a film, or a kind that came up later
        _register()
        return [name for name in ("AVIF", "HEIF") if name in Image.OPEN]
    return [name for name in FORMATS if name not in ("AVIF", "HEIF", "JXL")]


def _register() -> None:
    """Load the packages that read formats which Pillow does not, of those that are installed."""
    with suppress(ImportError):  # without it, Pillow may still read AVIF by itself
        import pillow_heif

        pillow_heif.register_heif_opener()
    with suppress(ImportError):
        import pillow_jxl  # noqa: F401  # registers itself
    Image.init()
