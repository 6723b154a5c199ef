"""`strokewise trace`: line art as strokes, without a network."""

from __future__ import annotations

from typing import Annotated

import typer

from .._text import plural
from ..export.look import Look
from ..export.options import ExportOptions
from ..export.pens import parse_pens
from .checks import name_outputs, open_given
from .look_options import takes_look
from .options import Force, MaxPixels, Output, PhotoArgument, Preview, Quiet
from .terminal import print_path, say, stoppable


@takes_look
def trace(
    picture: PhotoArgument,
    *,
    strokes: Annotated[
        str,
        typer.Option(
            "-n",
            "--strokes",
            metavar="COUNT",
            help="At most so many strokes, 1 to 256: 8 for the longest lines alone, 32 for a simple drawing, 128 for a "
            'full one; "all" for every line.',
        ),
    ] = "32",
    widths: Annotated[
        bool, typer.Option("--widths", help="Keep the width of each line; without it, all get the usual width.")
    ] = False,
    colors: Annotated[bool, typer.Option("--colors", help="Keep the colour of each line; without it, black.")] = False,
    lines: Annotated[
        str,
        typer.Option(
            help='"dark" lines on light paper, "light" ones on dark paper, or "auto"; dark and light also trace what '
            "looks like a photo."
        ),
    ] = "auto",
    pens: Annotated[
        str | None,
        typer.Option(
            metavar="COLORS",
            help="Pens, 1 to 8 colours such as black,red,#0a7: each stroke takes the one nearest to its ink.",
        ),
    ] = None,
    output: Output = None,
    png: Preview = False,
    look: Look,
    force: Force = False,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Trace PHOTO, a picture of lines, as strokes along their middles: a scan, a logo, a child's drawing.

    It needs no network. Shadows on the paper do no harm; lines stay joined where they meet, and corners sharp.
    """
    from ..tracing.tracing import check_arguments
    from ..tracing.tracing import trace as traced

    check_arguments(strokes, lines)
    options = ExportOptions(look=look, pens=() if pens is None else parse_pens(pens))
    output, preview = name_outputs(picture, output, png, force, options)
    with stoppable("stopped; nothing was written"):
        sketch = traced(
            open_given(picture, max_pixels), strokes, widths=widths, colors=colors or bool(pens), lines=lines
        )
        written = [sketch.save(output, options, force=force)]
        if preview is not None:
            written.append(sketch.save(preview, options, force=force))
    if quiet:
        return
    for path in written:
        print_path(path)
    share = sketch.metadata["trace"]["drawn"]
    say(f"{plural(len(sketch), 'stroke')}, {share:.0%} of the length of all lines")
