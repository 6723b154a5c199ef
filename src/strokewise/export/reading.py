"""Read sketches from SVG, our own (brushed or not) or another program's, and from our JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .._files import NotPlainFileError, open_plain_file, read_bounded
from ..errors import SvgError, UnsupportedSvgError
from ..sketch import Sketch
from .strokes_json import JsonError, from_document, from_json
from .svg.safety import parse
from .svg.text import MAX_BYTES, NAMESPACE, from_svg


def read_sketch(source: str | Path | bytes) -> Sketch:
    """A sketch from an SVG or a JSON of strokes.

    An SVG drawn with a brush holds filled outlines, and the original strokes in its metadata, which are read.

    Args:
        source: a file's path, or its bytes.

    Raises:
        SvgError: the file does not exist, is too large, neither SVG nor JSON, unsafe, or holds no strokes.
        JsonError: the file is a JSON, but not a sketch.
    """
    if isinstance(source, bytes):
        return _read(source)
    path = Path(source)
    data = _content(path)
    try:
        return _read(data)
    except (SvgError, JsonError) as error:
        raise type(error)(f"{path.name}: {error}") from error


def _content(path: Path) -> bytes:
    """A file's bytes, at most one more than the limit."""
    try:
        with open_plain_file(path, pipe_limit=MAX_BYTES) as file:
            return read_bounded(file, MAX_BYTES)
    except (IsADirectoryError, NotPlainFileError) as error:
        raise SvgError(f"{path} is no file: name an SVG, or a JSON of strokes") from error
    except FileNotFoundError as error:
        raise SvgError(f"{path} does not exist: name an SVG, or a JSON of strokes") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SvgError(f"{str(path)[:200]!r} cannot be read ({reason}): name another file") from error


def text_start(data: bytes) -> bytes:
    """The first bytes of a text file in any encoding, without byte order mark, zeros, white space: "<" in an SVG."""
    return data[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")


def _read(data: bytes) -> Sketch:
    head = text_start(data)
    if head.startswith(b"{"):
        return from_json(data)
    if not head.startswith(b"<"):
        raise SvgError("this is no SVG and no JSON of strokes; a photo has to be drawn first: strokewise draw PHOTO")
    try:
        return from_svg(data)
    except UnsupportedSvgError:
        document = _carried(data)
        if document is None:
            raise
        return from_document(document)


def _carried(data: bytes) -> Any:
    """The sketch document in the metadata of an SVG drawn with a brush; None without one."""
    finder = _Finder()
    parse(data, None, finder)
    try:
        metadata = json.loads("".join(finder.found))
    except (ValueError, RecursionError):
        return None
    return metadata.get("sketch") if isinstance(metadata, dict) else None


class _Finder:
    """Collects the text of the element in which `to_svg` writes a sketch's metadata."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.inside = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.inside = tag == f"{NAMESPACE} drawing"

    def end(self, tag: str) -> None:
        self.inside = False

    def text(self, data: str) -> None:
        if self.inside:
            self.found.append(data)
