"""Drawings as files to download. They go to the browser in one message, and are never written to the server's disk."""

from __future__ import annotations

import base64
import dataclasses
from pathlib import Path
from typing import NamedTuple

from ..export.files import FORMATS
from ..export.options import ExportOptions, is_installed
from ..sketch import Sketch


class Download(NamedTuple):
    """A kind of file.

    Attributes:
        key: its name on the page: a key of `TEXTS`, or a name that is the same in all languages.
        ending: end of the file's name, after the stem of the photo's name.
        mime: media type.
    """

    key: str
    ending: str
    mime: str


DOWNLOADS = (
    Download("SVG", ".svg", "image/svg+xml"),
    Download("PNG", ".png", "image/png"),
    Download("PDF", ".pdf", "application/pdf"),
    Download("download_animated", "-moving.svg", "image/svg+xml"),
    Download("GIF", ".gif", "image/gif"),
    Download("download_plotter", "-plotter.svg", "image/svg+xml"),
    Download("JSON", ".json", "application/json"),
)
GIF_SIZE = 512
"""Long side of a GIF, pixels."""


def available(download: Download) -> bool:
    """Whether everything that such a file needs is installed."""
    return is_installed(Path(f"x{download.ending}").suffix)


def file_bytes(sketch: Sketch, download: Download, options: ExportOptions) -> bytes:
    """A drawing as such a file, in a look and by pens as far as the format supports them.

    Raises:
        OutputError: it cannot be made.
    """
    suffix = Path(f"x{download.ending}").suffix
    plain = dataclasses.replace(options, look=dataclasses.replace(options.look, brush="round"))
    if download.ending == "-moving.svg":
        options = dataclasses.replace(plain, animate=True)
    elif download.ending == "-plotter.svg":
        from ..export.plot.page import Page

        options = dataclasses.replace(plain, page=Page())
    elif suffix == ".gif":
        options = dataclasses.replace(options, size=GIF_SIZE, fps=12)
    elif suffix == ".json":
        options = plain
    return FORMATS[suffix](sketch, options)


def file_message(name: str, mime: str, data: bytes) -> dict[str, str]:
    """A file as a message to the browser, which saves it."""
    return {"name": name, "mime": mime, "data": base64.b64encode(data).decode("ascii")}


def file_stem(name: str) -> str:
    """A photo's name without its ending and without characters that are unsafe in file names, at most 80 long."""
    return "".join(c for c in Path(name).stem if c.isprintable() and c not in '/\\:*?"<>|')[:80] or "drawing"
