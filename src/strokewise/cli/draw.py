"""`strokewise draw`: one photo, one drawing."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from .._process import tune_process
from .._text import join_or
from ..errors import SettingsError
from ..export.look import Look
from ..export.options import LOTTIE, MOVING, SECONDS, ExportOptions, ending_of
from ..export.pens import parse_pens, photo_colors
from ..settings import AUTO, Settings
from .checks import check_film, have_encoders, have_judge, name_outputs, open_given
from .draw_request import FewestStrokes, StagedDrawing, carry_out, make_request
from .look_options import takes_look
from .options import (
    Force,
    MaskOption,
    MaxPixels,
    Output,
    PhotoArgument,
    Preview,
    Quiet,
    TimelapseOption,
    number,
    takes_settings,
)
from .report import leave_interrupted, save_drawing
from .streams import Format, is_stream, stream_ending
from .terminal import say, watch


@takes_settings
@takes_look
def draw(
    photo: PhotoArgument,
    *,
    strokes: Annotated[
        str | None,
        typer.Option(
            "-n",
            "--strokes",
            metavar="COUNT",
            help="How many strokes, 1 to 256: 4 for the bare outline, 16 for a clear drawing, 32 for a detailed one; "
            f'"{AUTO}" for the fewest that are still recognised. {Settings().strokes} by default; '
            "with --from, as many as the sketch has.",
            show_default=False,
        ),
    ] = None,
    sketch: Annotated[
        Path | None,
        typer.Option(
            "--from", metavar="SKETCH", help="Continue from this drawing of the photo; it may be from another program."
        ),
    ] = None,
    keep: Annotated[
        str | None,
        typer.Option(metavar="LIST", help="Strokes of that sketch to leave unchanged, counted from 0: 0,3-5."),
    ] = None,
    add: Annotated[
        int | None,
        number(
            "add",
            int,
            metavar="COUNT",
            help="Number of strokes to add to that sketch, each where it lowers the loss most.",
        ),
    ] = None,
    stage: Annotated[
        str | None,
        typer.Option(
            metavar="COUNTS", help="Draw in stages, such as 8,8,16: the strokes of each stage stay in the next."
        ),
    ] = None,
    mask: MaskOption = None,
    output: Output = None,
    format: Format = None,
    png: Preview = False,
    timelapse: TimelapseOption = None,
    seconds: Annotated[
        float | None,
        number(
            "seconds",
            float,
            help=f"Length of a film, {SECONDS[0]:g} to {SECONDS[1]:g}: of --timelapse, or of -o with the ending of a "
            f"film; {ExportOptions().seconds:g} by default.",
            show_default=False,
        ),
    ] = None,
    pens: Annotated[
        str | None,
        typer.Option(
            metavar="COLORS",
            help="Pens, 1 to 8 colours such as black,red,#0a7: each stroke takes the one nearest to the photo's colour "
            "there, or to its own with --optimize color. Layers of an SVG or DXF, pens of HPGL and G-code.",
        ),
    ] = None,
    tone_pen: Annotated[
        int | None,
        number(
            "tone_pen",
            int,
            metavar="NUMBER",
            help="Pen that draws tone, by its number from 1; by default the greyest, of those the lightest.",
        ),
    ] = None,
    force: Force = False,
    settings: Settings,
    look: Look,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Draw PHOTO with a few strokes, as an SVG.

    Ctrl-C once saves the best drawing so far; twice stops at once. Where a shell starts it in the background with
    Ctrl-C ignored, it stays ignored.
    """

    def warn(line: str) -> None:
        if not quiet:
            say(f"warning: {line}")

    request = make_request(strokes, sketch, keep, add, stage, settings, warn)
    options = ExportOptions(look=look, pens=() if pens is None else parse_pens(pens), tone_pen=tone_pen)
    if seconds is not None:
        options = dataclasses.replace(options, seconds=seconds)
    ending = stream_ending(output, format, options)
    output, preview = name_outputs(photo, output, png, force, options)
    films = (*MOVING, LOTTIE)
    if seconds is not None and timelapse is None and (ending if is_stream(output) else ending_of(output)) not in films:
        raise SettingsError(f"--seconds is for films: add --timelapse, or give -o a name ending in {join_or(films)}")
    recorder = check_film(timelapse, photo, output, force, seconds)
    opened = open_given(photo, max_pixels, mask, settings)

    tune_process()
    encoder = have_encoders(settings, quiet)
    judge = have_judge("auto", quiet, encoder, listed=True) if isinstance(request, FewestStrokes) else None

    with watch(quiet) as watching:
        drawing = carry_out(request, opened, judge, watching, recorder)
        if options.pens and "color" not in settings.vary:
            drawing = photo_colors(drawing, opened)
        film = None if recorder is None or timelapse is None else (recorder, timelapse)
        save_drawing(drawing, output, preview, force, quiet, watching, options=options, film=film, ending=ending)
        if watching.interrupted:
            steps = f"stopped at step {drawing.metadata['steps']} of {settings.steps}"
            if isinstance(request, StagedDrawing):  # the steps are those of the last stage
                steps += f" in stage {len(drawing.metadata['stages'])} of {len(request.stages)}"
            leave_interrupted("stopped" if judge else steps, output)
