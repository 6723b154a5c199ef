"""Drawings as files. `save` picks the format by the ending and writes the whole file or nothing; `read_sketch` takes
the strokes back from those formats that hold them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import lazily

if TYPE_CHECKING:
    from .brushes import Outline, brushed_svg, outlines
    from .files import FORMATS, check_writable, save, write_file
    from .look import BRUSHES, Look, dressed
    from .options import ExportOptions
    from .page import Page
    from .pdf import to_pdf
    from .png import to_pixels, to_png, write_png
    from .reading import read_sketch
    from .strokes_json import JsonError, from_json, to_json

# Loaded on first use, so that the command line can name options and their bounds without NumPy.
_PLACES = {
    "BRUSHES": "look",
    "ExportOptions": "options",
    "FORMATS": "files",
    "JsonError": "strokes_json",
    "Look": "look",
    "Outline": "brushes",
    "Page": "page",
    "brushed_svg": "brushes",
    "check_writable": "files",
    "dressed": "look",
    "from_json": "strokes_json",
    "outlines": "brushes",
    "read_sketch": "reading",
    "save": "files",
    "to_json": "strokes_json",
    "to_pdf": "pdf",
    "to_pixels": "png",
    "to_png": "png",
    "write_file": "files",
    "write_png": "png",
}

__all__ = [
    "BRUSHES",
    "FORMATS",
    "ExportOptions",
    "JsonError",
    "Look",
    "Outline",
    "Page",
    "brushed_svg",
    "check_writable",
    "dressed",
    "from_json",
    "outlines",
    "read_sketch",
    "save",
    "to_json",
    "to_pdf",
    "to_pixels",
    "to_png",
    "write_file",
    "write_png",
]

__getattr__ = lazily(__name__, _PLACES, globals())


def __dir__() -> list[str]:
    return sorted(__all__)
