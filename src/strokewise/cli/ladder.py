"""`strokewise ladder`: one photo in fewer and fewer strokes."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from .._process import tune_process
from ..settings import Settings, parse_counts
from .checks import check_folder, check_output, drawing_stem, have_encoders, open_given
from .options import Counts, Force, MaskOption, MaxPixels, PhotoArgument, Quiet, takes_settings
from .report import tells_of_tone, warn_if_diverged
from .streams import is_stream
from .terminal import INTERRUPTED, print_path, say, watch


@takes_settings
def ladder(
    photo: PhotoArgument,
    *,
    strokes: Counts = "32,16,8,4",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="Folder to write to, created if missing. By default, PHOTO-ladder in the current folder, with "
            "the photo's name.",
        ),
    ] = None,
    independent: Annotated[
        bool,
        typer.Option("--independent", help="Draw each from scratch, not from the drawing with more strokes."),
    ] = False,
    mask: MaskOption = None,
    force: Force = False,
    settings: Settings,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Draw PHOTO in fewer and fewer strokes.

    Each drawing is made from the one before, and a contact sheet shows them all. Ctrl-C once finishes the drawings
    without further optimisation, and saves them; twice stops at once.
    """
    counts = parse_counts(strokes)
    name = "drawing" if is_stream(photo) else photo.name
    folder = output or Path(f"{drawing_stem(photo)}-ladder")
    check_folder(folder)

    tune_process()
    from ..abstraction import ladder as draw_ladder
    from ..abstraction import ladder_paths

    if folder.exists():
        for path in ladder_paths(folder, name, counts):
            check_output(path, photo, force)
    opened = dataclasses.replace(open_given(photo, max_pixels, mask, settings), name=name)
    have_encoders(settings, quiet)

    with watch(quiet) as watching:
        drawn = draw_ladder(
            opened, counts, settings, independent=independent, callback=watching.step, notice=tells_of_tone(watching)
        )
        written = drawn.save(folder, force=force)
        watching.stop()
        if not quiet:
            for path in written:
                print_path(path)
        for rung in drawn.rungs:
            warn_if_diverged(rung)
        if watching.interrupted:
            say(f"stopped before all was optimised; the drawings as they were are in {folder}")
            raise typer.Exit(INTERRUPTED)
