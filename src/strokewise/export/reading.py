"""Read sketches from SVG, our own (brushed or not) or another program's, and from our JSON."""

from __future__ import annotations

from pathlib import Path

from .._files import NotPlainFileError, open_plain_file, read_bounded
from ..errors import SvgError
from ..sketch import Sketch
from .brush.carried import restored
from .options import Notice
from .strokes_json import JsonError, from_json
from .svg.limits import MAX_BYTES
from .svg.text import reading_of, tell, told_sketch
from .svg.unpacking import unpacked


def read_sketch(source: str | Path | bytes, notice: Notice | None = None) -> Sketch:
    """A sketch from an SVG, compressed or not, or a JSON of strokes.

    An SVG drawn with a brush holds filled outlines, and the original strokes in its metadata, which are read. If
    another program deleted, moved or coloured outlines, their strokes follow; strokes added there are read, too.

    Args:
        source: a file's path, or its bytes.
        notice: called with one line for each kind of thing that is left out or changed; see `from_svg`.

    Raises:
        SvgError: the file does not exist, is too large, neither SVG nor JSON, unsafe, or holds no strokes.
        JsonError: the file is a JSON, but not a sketch.
    """
    if isinstance(source, bytes):
        sketch, lines = _read(source)
    else:
        path = Path(source)
        data = _content(path)
        try:
            sketch, lines = _read(data)
        except (SvgError, JsonError) as error:
            raise type(error)(f"{path.name}: {error}") from error
        lines = [f"{path.name}: {line}" for line in lines]
    tell(lines, notice)
    return sketch


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


def _read(data: bytes) -> tuple[Sketch, list[str]]:
    """The sketch, and one line for each kind of thing that is left out or changed."""
    data = unpacked(data)
    head = text_start(data)
    if head.startswith(b"{"):
        return from_json(data), []
    if not head.startswith(b"<"):
        raise SvgError("this is no SVG and no JSON of strokes; a photo has to be drawn first: strokewise draw PHOTO")
    reading = reading_of(data)
    if "sketch" not in reading.metadata:
        return told_sketch(reading)
    sketch, lines = restored(reading)
    return sketch, [*reading.remarks(), *lines]
