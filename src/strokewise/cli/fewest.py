"""`strokewise fewest`: the fewest strokes that are still recognised."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from .._process import tune_process
from ..errors import SettingsError
from ..settings import Settings
from .checks import check_choice, have_encoder, have_judge, name_outputs, open_given
from .options import (
    Force,
    Labels,
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
from .report import curve, save_drawing, tell_fewest
from .terminal import INTERRUPTED, say, watch


@takes_settings
def fewest(
    photo: PhotoArgument,
    *,
    output: Output = None,
    label: Annotated[
        str | None,
        typer.Option(metavar="LABEL", help="What it shows. Unless given, what the recogniser takes the photo for."),
    ] = None,
    labels: Labels = None,
    confidence: Annotated[
        float,
        number(
            "confidence",
            float,
            help="How sure the recogniser must be of a drawing, as a share of how sure it is of the photo, over 0 to "
            "1: 0.5 forgives much, 0.95 asks for nearly as much as the photo says.",
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
    png: Preview = False,
    force: Force = False,
    settings: Settings,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Draw PHOTO with the fewest strokes that still read.

    On the way down from --most strokes a recogniser judges each drawing; how sure it is goes to stderr. A drawing
    reads if nothing is likelier than the label, which must be nearly as likely as it is of the photo. If it
    recognises none, the nearest is saved, with a warning. Ctrl-C once saves the best drawing so far; twice stops at
    once.
    """
    if not 0 < confidence <= 1:
        problem = f"must be a number over 0, at most 1, not {confidence:g}"
        raise SettingsError(problem, setting="confidence", value=confidence)
    choices = parse_labels(labels)
    output, preview = name_outputs(photo, output, png, force)
    opened = open_given(photo, max_pixels)

    tune_process()
    encoder = have_encoder(settings.encoder, quiet)
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
            notice=watching.notice,
        )
        tell_fewest(found, watching)
        save_drawing(found.sketch, output, preview, force, quiet, watching)
        if not quiet and sys.stderr is not None:
            print(curve(found), file=sys.stderr)
        if watching.interrupted:
            say(f"stopped; the best drawing so far is in {output}")
            raise typer.Exit(INTERRUPTED)
