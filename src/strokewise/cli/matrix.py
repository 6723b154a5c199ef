"""`strokewise matrix`: a scene from rich to sparse and from faithful to loose."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from .._process import tune_process
from ..settings import Settings
from .checks import check_folder, check_output, drawing_stem, have_encoders, open_given
from .options import Force, MaskOption, MaxPixels, PhotoArgument, Quiet, takes_settings
from .report import warn_if_diverged
from .scene import STROKES, SceneStrokes, Split, scene_request
from .streams import is_stream
from .terminal import INTERRUPTED, print_path, say, watch


@takes_settings
def matrix(
    photo: PhotoArgument,
    *,
    strokes: SceneStrokes = str(STROKES),
    split: Split = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FOLDER",
            help="Folder to write to, created if missing. By default, PHOTO-matrix in the current folder, with the "
            "photo's name.",
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Draw the four corners only.")] = False,
    mask: MaskOption = None,
    force: Force = False,
    settings: Settings,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Draw the scene of PHOTO in 4 x 4 ways, from rich to sparse and from faithful to loose.

    A sheet shows them all. Ctrl-C once finishes the drawings without further optimisation, and saves them; twice stops
    at once.
    """
    settings, numbers = scene_request(settings, strokes, split)
    name = "drawing" if is_stream(photo) else photo.name
    folder = output or Path(f"{drawing_stem(photo)}-matrix")
    check_folder(folder)

    tune_process()
    from ..scenes import matrix as draw_matrix
    from ..scenes.all_levels import matrix_cells, matrix_paths

    if folder.exists():
        for path in matrix_paths(folder, name, matrix_cells(quick)):
            check_output(path, photo, force)
    opened = dataclasses.replace(open_given(photo, max_pixels, mask, settings), name=name)
    have_encoders(settings, quiet)

    with watch(quiet) as watching:
        drawn = draw_matrix(
            opened, settings, quick=quick, split=numbers, callback=watching.step, notice=watching.notice
        )
        written = drawn.save(folder, force=force)
        watching.stop()
        if not quiet:
            for path in written:
                print_path(path)
        for drawing in drawn.drawings.values():
            warn_if_diverged(drawing)
        if watching.interrupted:
            say(f"stopped before all was optimised; the drawings as they were are in {folder}")
            raise typer.Exit(INTERRUPTED)
