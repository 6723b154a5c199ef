"""`strokewise export`: a drawing that is there, in another form."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer

from ..errors import OutputError
from ..export.options import PLOTTED, ExportOptions
from .look import takes_export
from .options import Force, Quiet
from .terminal import print_path, say


@takes_export
def export(
    sketch: Annotated[
        Path, typer.Argument(metavar="SKETCH", help="The drawing: an SVG, of this or another program, or our JSON.")
    ],
    *,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Where to write; the ending chooses the format: "
            ".svg, .png, .pdf, .json, .gif, .webp, .mp4, .hpgl or .gcode.",
        ),
    ],
    options: ExportOptions,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write SKETCH in another format, or for a plotter."""
    from ..export import check_writable, read_sketch, save

    with contextlib.suppress(OSError, ValueError):
        if output.samefile(sketch):
            raise OutputError(f"{output} is the drawing itself: choose another name with --output")
    check_writable(output, force, options)
    drawing = read_sketch(sketch)
    save(drawing, output, options, force=force)
    if quiet:
        return
    print_path(output)
    ending = output.suffix.lower()
    if ending in PLOTTED or (ending == ".svg" and options.page is not None):
        from ..export.plotter import for_plotter

        home = "lower left" if ending in PLOTTED else "upper left"
        say(for_plotter(drawing, options.page, home=home).summary)
