"""`strokewise fewest`: the fewest strokes that are still recognised."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .._process import tune_process
from ..errors import SettingsError
from ..settings import Settings
from .checks import check_choice, have_encoders, have_judge, name_outputs, open_given
from .options import (
    Force,
    Labels,
    MaskOption,
    MaxPixels,
    Output,
    PhotoArgument,
    Preview,
    Quiet,
    RecognizerName,
    number,
    parse_labels,
    takes_settings,
)
from .report import curve, leave_interrupted, report_fewest, save_drawing, tells_of_tone
from .terminal import watch


@takes_settings
def fewest(
    photo: PhotoArgument,
    *,
    output: Output = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="LABEL", help="What the photo shows. By default, what the recogniser says it shows."),
    ] = None,
    labels: Labels = None,
    confidence: Annotated[
        float,
        number(
            "confidence",
            float,
            help="Least probability of the label for a drawing, as a share of that for the photo, over 0 to 1: 0.5 is "
            "lenient, 0.95 strict.",
        ),
    ] = 0.8,
    most: Annotated[
        int,
        number(
            "most",
            int,
            low=1,
            high=256,
            help="Strokes of the first drawing, 1 to 256; the search goes down from there.",
        ),
    ] = 32,
    recognizer: RecognizerName = "auto",
    mask: MaskOption = None,
    png: Preview = False,
    force: Force = False,
    settings: Settings,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Draw PHOTO with the fewest strokes that are still recognised.

    The number of strokes is lowered from --most on, and a recogniser gives each drawing a probability, printed on
    stderr. A drawing is recognised if no other label is more probable and the probability is at least --confidence
    times that of the photo. If none is, the closest is saved, with a warning. Ctrl-C once saves the best drawing so
    far; twice stops at once.
    """
    if not 0 < confidence <= 1:
        problem = f"must be a number over 0, at most 1, not {confidence:g}"
        raise SettingsError(problem, setting="confidence", value=confidence)
    choices = parse_labels(labels)
    output, preview = name_outputs(photo, output, png, force)
    opened = open_given(photo, max_pixels, mask, settings)

    tune_process()
    encoder = have_encoders(settings, quiet)
    judge = have_judge(recognizer, quiet, encoder, listed=choices is None)
    check_choice(judge, choices)
    if label is not None:
        check_choice(judge, (label,))

    with watch(quiet) as watching:
        from ..abstraction import fewest as find_fewest

        found = find_fewest(
            opened,
            settings,
            label=label,
            labels=choices,
            confidence=confidence,
            most=most,
            recognizer=judge,
            callback=watching.step,
            notice=tells_of_tone(watching),
        )
        report_fewest(found, watching)
        save_drawing(found.sketch, output, preview, force, quiet, watching)
        if not quiet and sys.stderr is not None:
            print(curve(found), file=sys.stderr)
        if watching.interrupted:
            leave_interrupted("stopped", output)
