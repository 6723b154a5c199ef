"""`-`: a photo or drawing from standard input, and a drawing to standard output, as bytes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._text import join_or
from ..errors import OutputError, StrokewiseError
from ..export.options import ENDINGS, ExportOptions, check_installed, check_options

if TYPE_CHECKING:
    from ..sketch import Sketch

NAME = "standard input"

Format = Annotated[
    str | None,
    typer.Option(
        "--format",
        metavar="FORMAT",
        help=f"Format of -o -, standard output: {join_or([e[1:] for e in ENDINGS])}; svg by default. A file's is that "
        "of its ending.",
        show_default=False,
    ),
]


def is_stream(path: Path | None) -> bool:
    """Whether this is `-`, for standard input or output."""
    return path is not None and str(path) == "-"


def read_input(limit: int, what: str) -> bytes:
    """All that comes on standard input.

    Args:
        limit: most bytes.
        what: what is expected, for the messages.

    Raises:
        StrokewiseError: it is a terminal, closed, empty, or has more.
    """
    if sys.stdin is None or sys.stdin.closed or sys.stdin.isatty():
        raise StrokewiseError(f"nothing is sent to {NAME}: name a file, or send {what} to it with | or <")
    try:
        data = sys.stdin.buffer.read(limit + 1)
    except OSError as error:
        raise StrokewiseError(f"{NAME} cannot be read ({error.strerror or error}): name a file") from error
    if not data:
        raise StrokewiseError(f"{NAME} is empty: send {what} to it, or name a file")
    if len(data) > limit:
        raise StrokewiseError(f"{NAME} has more than {limit // 2**20} MB: name a smaller file")
    return data


def stream_ending(output: Path | None, chosen: str | None, options: ExportOptions) -> str:
    """The ending of the format that goes to standard output; ".svg" where nothing does.

    Raises:
        OutputError: there is no such format, it cannot follow the options, it is chosen for a file, or standard output
            is a terminal, which would show bytes.
    """
    if not is_stream(output):
        if chosen is not None:
            raise OutputError("--format is for -o -, standard output: a file's ending chooses its format")
        return ".svg"
    ending = f".{(chosen or 'svg').lower().lstrip('.')}"
    if ending not in ENDINGS:
        raise OutputError(f"--format {chosen} is no known format: use {join_or([e[1:] for e in ENDINGS])}")
    check_installed(ending)
    check_options(ending, options)
    if sys.stdout is None:
        raise OutputError("standard output is closed: name a file with --output")
    if sys.stdout.isatty() and ending not in (".svg", ".json", ".hpgl", ".gcode"):
        raise OutputError("a terminal cannot show this format: send it on with > or |, or name a file with --output")
    return ending


def write_output(data: bytes) -> None:
    """Bytes to standard output, as they are.

    Raises:
        OutputError: it cannot be written; BrokenPipeError where the reader has gone.
    """
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"standard output cannot be written ({reason}): name a file with --output") from error


def write_sketch(sketch: Sketch, ending: str, options: ExportOptions | None) -> list[str]:
    """A drawing to standard output; what there is to tell of it."""
    from ..export.files import to_bytes

    notices: list[str] = []
    write_output(to_bytes(ending, sketch, options or ExportOptions(), notices.append))
    return notices
