"""`strokewise imagine`: a drawing of words alone."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .._process import tune_process
from .._text import file_name
from ..export.look import Look
from ..export.options import ExportOptions
from ..settings import AUTO, Settings, checked_text
from .checks import have_encoder, name_outputs
from .look_options import takes_look
from .options import SETTINGS_HELP, STEPS_HELP, Force, Output, Preview, Quiet, WidthOption, fixed_count, number
from .report import leave_interrupted, save_drawing
from .streams import Format, stream_ending
from .terminal import watch


@takes_look
def imagine(
    text: Annotated[
        str,
        typer.Argument(
            metavar="TEXT",
            help='What to draw: offline a word such as "flamingo", which strokewise models words lists, in English, '
            "Chinese or Japanese; with a CLIP any sentence.",
        ),
    ],
    *,
    strokes: Annotated[str, typer.Option("-n", "--strokes", metavar="COUNT", help="How many strokes, 1 to 256.")] = str(
        Settings().strokes
    ),
    not_text: Annotated[
        str | None, typer.Option("--not-text", "--not", metavar="TEXT", help=SETTINGS_HELP["not_text"])
    ] = None,
    text_weight: Annotated[
        float,
        number(
            "text_weight",
            float,
            help="How much the text counts beside what the word typically looks like, 0 to 10.",
        ),
    ] = Settings().text_weight,
    seed: Annotated[int, number("seed", int, help=SETTINGS_HELP["seed"])] = Settings().seed,
    candidates: Annotated[
        int, number("candidates", int, help="Drawings that are started, 1 to 64; the best goes on.")
    ] = Settings().candidates,
    steps: Annotated[int, number("steps", int, help=STEPS_HELP)] = Settings().steps,
    encoder: Annotated[str, typer.Option(help=SETTINGS_HELP["encoder"])] = Settings().encoder,
    width: WidthOption = AUTO,  # type: ignore[assignment]  # parsed, as the text of the option is
    size: Annotated[int, number("size", int, help="Side of the square drawing, pixels, 64 to 1024.")] = Settings().size,
    device: Annotated[str, typer.Option(help=SETTINGS_HELP["device"])] = Settings().device,
    output: Output = None,
    format: Format = None,
    png: Preview = False,
    force: Force = False,
    look: Look,
    quiet: Quiet = False,
) -> None:
    """Draw what TEXT says, without a photo.

    A word that the recogniser knows starts from what it typically looks like; another seed gives another drawing. It
    says whether the drawing reads as the word. Ctrl-C once saves the best drawing so far; twice stops at once.
    """
    text = checked_text(text, "text")
    settings = Settings(
        strokes=fixed_count(strokes, 'must be a whole number from 1 to 256 here; "auto" is for photos'),
        seed=seed,
        candidates=candidates,
        steps=steps,
        encoder=encoder,
        width=width,
        size=size,
        device=device,
        text=text,
        text_weight=text_weight,
        not_text=not_text,
    )
    options = ExportOptions(look=look)
    ending = stream_ending(output, format, options)
    output, preview = name_outputs(Path(file_name(text)), output, png, force, options)

    tune_process()
    have_encoder(encoder, quiet)
    with watch(quiet) as watching:
        from ..imagining import UNREAD
        from ..imagining import imagine as imagined

        def hear(line: str) -> None:
            """What is wrong with a drawing is said in any case, other lines only above a progress bar."""
            (watching.remark if line.startswith(UNREAD) else watching.notice)(line)

        sketch = imagined(text, settings, callback=watching.step, notice=hear)
        save_drawing(sketch, output, preview, force, quiet, watching, options=options, ending=ending)
        if watching.interrupted:
            leave_interrupted(f"stopped at step {sketch.metadata['steps']} of {steps}", output)
