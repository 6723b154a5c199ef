"""`strokewise export`: an existing drawing in another format."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from .._text import join_or
from ..errors import OutputError
from ..export.options import ENDINGS, ExportOptions
from .look_options import takes_export
from .options import Force, Quiet, number
from .streams import Format, is_stream, read_input, stream_ending, write_sketch
from .terminal import print_path, say, stoppable


@takes_export
def export(
    sketch: Annotated[
        Path,
        typer.Argument(
            metavar="SKETCH",
            help="The drawing: an SVG from this or another program, or a JSON of strokes; - reads it "
            "from standard input.",
        ),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=f"Where to write; the ending chooses the format: {join_or(ENDINGS)}.",
        ),
    ],
    first: Annotated[
        int | None,
        number(
            "first",
            int,
            low=1,
            metavar="COUNT",
            help="Keep only this many strokes, the first ones: Strokewise puts the most important first.",
        ),
    ] = None,
    format: Format = None,
    options: ExportOptions,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write SKETCH in another format, or for a plotter. Ctrl-C stops at once and writes nothing."""
    from ..export import check_writable, read_sketch, save
    from ..export.svg.limits import MAX_BYTES

    with contextlib.suppress(OSError, ValueError):
        if output.samefile(sketch):
            raise OutputError(f"{output} is the drawing itself: choose another name with --output")
    notices: list[str] = []
    ending = stream_ending(output, format, options)
    with stoppable("stopped; nothing was written"):
        if not is_stream(output):
            check_writable(output, force, options)
        given = read_input(MAX_BYTES, "an SVG") if is_stream(sketch) else sketch
        drawing = read_sketch(given, lambda line: notices.append(f"warning: {line}"))
        if first is not None:
            drawing = drawing.reordered(range(min(first, len(drawing))))
        if is_stream(output):
            notices += write_sketch(drawing, ending, options)
        else:
            save(drawing, output, options, force=force, notice=notices.append)
    if not quiet:
        if not is_stream(output):
            print_path(output)
        for line in notices:
            say(line)
