"""`strokewise scene`: a whole picture, its subjects and their place."""

from __future__ import annotations

from typing import Annotated

import typer

from .._process import tune_process
from ..export.look import Look
from ..export.options import ExportOptions
from ..settings import AUTO, Settings
from .checks import check_film, have_encoders, name_outputs, open_given
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
    fixed_count,
    number,
    takes_settings,
)
from .report import leave_interrupted, report_drawing, save_drawing
from .streams import Format, stream_ending
from .terminal import watch

STROKES = 64
"""As many as `scene` draws unless told."""

SceneStrokes = Annotated[
    str,
    typer.Option(
        "-n",
        "--strokes",
        metavar="COUNT",
        help="How many strokes, 1 to 256, at simplicity 1: 32 for a sketch, 64 for a clear drawing, 96 for a rich one.",
    ),
]
Split = Annotated[
    str | None,
    typer.Option(
        metavar="FRONT,BACK",
        help="Strokes of the subjects and of the background, such as 40,24, in place of --strokes. By default they are "
        "shared out by area, by saliency, and by what the network would miss.",
    ),
]


@takes_settings
@takes_look
def scene(
    photo: PhotoArgument,
    *,
    strokes: SceneStrokes = str(STROKES),
    fidelity: Annotated[
        int,
        number("fidelity", int, low=1, high=4, help="1 keeps each line where it is seen, 4 is a loose sketch."),
    ] = 1,
    simplicity: Annotated[
        int,
        number("simplicity", int, low=1, high=4, help="1 draws all strokes, 4 about a quarter of them."),
    ] = 1,
    split: Split = None,
    mask: MaskOption = None,
    output: Output = None,
    format: Format = None,
    png: Preview = False,
    timelapse: TimelapseOption = None,
    force: Force = False,
    settings: Settings,
    look: Look,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Draw the whole of PHOTO: its subjects, and the lines of the place.

    Walls, horizons and ridges come first, exactly straight where they are straight. Subjects are drawn as by draw.
    Ctrl-C once saves the best drawing so far; twice stops at once.
    """
    settings, numbers = scene_request(settings, strokes, split)
    options = ExportOptions(look=look)
    ending = stream_ending(output, format, options)
    output, preview = name_outputs(photo, output, png, force, options)
    recorder = check_film(timelapse, photo, output, force)
    opened = open_given(photo, max_pixels, mask, settings)

    tune_process()
    have_encoders(settings, quiet)

    from ..optimize.candidates import Progress
    from ..scenes import scene as draw_scene

    with watch(quiet) as watching:

        def follow(progress: Progress) -> bool:
            if recorder is not None:
                recorder(progress)
            return watching.step(progress)

        drawing = draw_scene(
            opened,
            settings,
            fidelity=fidelity,
            simplicity=simplicity,
            split=numbers,
            callback=follow,
            notice=watching.notice,
        )
        report_drawing(drawing, watching)
        front, back = drawing.metadata["scene"]["split"]
        watching.notice(
            f"{front} strokes for {_subjects(drawing.metadata['scene']['subjects'])}, {back} for the background"
        )
        film = None if recorder is None or timelapse is None else (recorder, timelapse)
        save_drawing(drawing, output, preview, force, quiet, watching, options=options, film=film, ending=ending)
        if watching.interrupted:
            leave_interrupted("stopped before all was optimised", output)


def scene_request(settings: Settings, strokes: str, split: str | None) -> tuple[Settings, tuple[int, int] | None]:
    """The settings of a scene, and the numbers of its split, behind the options.

    Raises:
        SettingsError: one cannot be read, or is of another kind of drawing.
    """
    from ..scenes.budget import parse_split
    from ..scenes.single import scene_settings

    count = fixed_count(strokes, f"{AUTO} is for drawings of one subject: give a number of strokes")
    return scene_settings(settings, {"strokes": count}), None if split is None else parse_split(split)


def _subjects(counts: list[int]) -> str:
    return f"{len(counts)} subjects" if len(counts) > 1 else "the subject"
