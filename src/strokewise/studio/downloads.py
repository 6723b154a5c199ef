"""Drawings as files to take away. They go to the browser in one message, and never lie on the server's disk."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import NamedTuple

from ..export.files import FORMATS
from ..export.look import Look
from ..export.options import ExportOptions, is_installed
from ..sketch import Sketch


class Download(NamedTuple):
    """A kind of file.

    Attributes:
        key: what it is called on the page: a key of `TEXTS`, or a name that is the same in all languages.
        ending: of the file's name, after the photo's.
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
FILM = 512
"""Long side of a GIF, pixels."""


def available(download: Download) -> bool:
    """Whether all is installed that such a file needs."""
    return is_installed(Path(f"x{download.ending}").suffix)


def content(sketch: Sketch, download: Download, look: Look) -> bytes:
    """The bytes of a drawing as such a file, in a look as far as the format can follow it.

    Raises:
        OutputError: it cannot be made.
    """
    suffix = Path(f"x{download.ending}").suffix
    plain = Look(look.width, look.color, look.paper, look.opacity)
    if download.ending == "-moving.svg":
        options = ExportOptions(look=plain, animate=True)
    elif download.ending == "-plotter.svg":
        from ..export.plot.page import Page

        options = ExportOptions(look=plain, page=Page())
    elif suffix == ".gif":
        options = ExportOptions(size=FILM, look=look, fps=12)
    else:
        options = ExportOptions(look=plain if suffix == ".json" else look)
    return FORMATS[suffix](sketch, options)


def parcel(name: str, mime: str, data: bytes) -> dict[str, str]:
    """A file as a message to the browser, which makes a file of it again."""
    return {"name": name, "mime": mime, "data": base64.b64encode(data).decode("ascii")}
