"""`strokewise draw`: one photo, one drawing."""

from __future__ import annotations

import dataclasses
from typing import Annotated

import typer

from ..process import tune_process
from ..settings import Settings
from .options import Force, MaxPixels, Output, PhotoArgument, Preview, Quiet, parse_count, takes_settings
from .outcome import save_drawing, tell_drawing, tell_fewest
from .prepare import check_choice, have_encoder, have_judge, name_outputs, open_given
from .terminal import INTERRUPTED, say, watch


@takes_settings
def draw(
    photo: PhotoArgument,
    *,
    strokes: Annotated[
        str,
        typer.Option(
            "-n",
            "--strokes",
            metavar="COUNT",
            help="How many strokes, 1 to 256: 4 is the bare gesture, 16 a clear drawing, 32 a faithful sketch; "
            '"auto" is the fewest that are still recognised.',
        ),
    ] = str(Settings().strokes),
    output: Output = None,
    png: Preview = False,
    force: Force = False,
    settings: Settings,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Draw PHOTO with a few strokes, as an SVG.

    Ctrl-C once saves the best drawing so far; twice stops at once.
    """
    count = parse_count(strokes)
    settings = dataclasses.replace(settings, strokes=settings.strokes if count is None else count)
    output, preview = name_outputs(photo, output, png, force)
    opened = open_given(photo, max_pixels)

    tune_process()
    encoder = have_encoder(settings.encoder, quiet)
    judge = have_judge("auto", quiet, encoder) if count is None else None
    if judge is not None:
        check_choice(judge, None)

    with watch(quiet) as watching:
        if judge is None:
            from ..drawing import draw as draw_photo

            sketch = draw_photo(opened, settings, callback=watching.step, notice=watching.notice)
            tell_drawing(sketch, watching)
        else:
            from ..abstraction import fewest

            found = fewest(opened, settings, recognizer=judge, callback=watching.step, notice=watching.notice)
            sketch = found.sketch
            tell_fewest(found, watching)
        save_drawing(sketch, output, preview, force, quiet, watching)
        if watching.interrupted:
            where = "stopped" if judge else f"stopped at step {sketch.metadata['steps']} of {settings.steps}"
            say(f"{where}; the best drawing so far is in {output}")
            raise typer.Exit(INTERRUPTED)
