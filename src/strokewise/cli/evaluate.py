"""`strokewise evaluate`: how well drawings of labelled photos are recognised."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._process import tune_process
from .._text import plural
from ..settings import Settings, parse_counts
from .checks import check_choice, check_folder, have_encoders, have_judge, pixel_bound
from .options import Counts, Force, MaxPixels, Quiet, RecognizerName, parse_labels, takes_settings
from .terminal import INTERRUPTED, print_text, say, watch

if TYPE_CHECKING:
    from ..recognition.evaluation import Evaluation


@takes_settings
def evaluate(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Photos, with one subfolder for each class: FOLDER/cat/1.jpg.")
    ],
    *,
    strokes: Counts = "4,8,16,32",
    output: Annotated[
        Path | None,
        typer.Option(
            "-o",
            "--output",
            metavar="OUT",
            help="Folder to write to, created if missing. By default, FOLDER-evaluation in the current folder.",
        ),
    ] = None,
    labels: Annotated[
        str | None,
        typer.Option(
            metavar="LABELS",
            help="Labels to choose from, separated by commas: cat,dog,elephant. Class folders that are not among them "
            "are skipped. By default, the names of the class folders.",
        ),
    ] = None,
    recognizer: RecognizerName = "auto",
    as_json: Annotated[bool, typer.Option("--json", help="Print all figures as JSON instead of the table.")] = False,
    force: Force = False,
    settings: Settings,
    max_pixels: MaxPixels = None,
    quiet: Quiet = False,
) -> None:
    """Count how often drawings of labelled photos are recognised.

    Drawings, figures and charts are written to OUT; the same command continues after a stop. Ctrl-C once stops after
    the current drawing, twice at once. Photos that cannot be drawn are counted and listed.
    """
    counts, choices, bound = parse_counts(strokes), parse_labels(labels), pixel_bound(max_pixels)
    output = output or Path(f"{folder.resolve().name or 'photos'}-evaluation")
    check_folder(output)

    tune_process()
    from ..recognition.evaluation import Drawn
    from ..recognition.evaluation import evaluate as evaluate_photos
    from ..recognition.evaluation.folder import list_photos

    listing = list_photos(folder, output)
    encoder = have_encoders(settings, quiet)
    judge = have_judge(recognizer, quiet, encoder)
    if choices is not None:
        check_choice(judge, choices)

    with watch(quiet) as watching:

        def drawn(progress: Drawn) -> bool:
            return watching.show(
                f"{progress.done} of {progress.total} drawings", progress.done, progress.total, progress.file.name
            )

        watching.listen()
        evaluation = evaluate_photos(
            listing,
            output,
            counts,
            settings,
            labels=choices,
            recognizer=judge,
            callback=drawn,
            notice=watching.remark,
            force=force,
            max_pixels=bound,
        )
    if as_json:
        print_text(json.dumps(evaluation.as_dict(), indent=1))
    elif not quiet:
        print_text(evaluation.table())
    _warn_of_skipped(evaluation)
    if not evaluation.complete:
        drawings = plural(len(evaluation.results), "drawing")
        say(f"stopped with {drawings} in {output}; the same command goes on from there")
        raise typer.Exit(INTERRUPTED)


def _warn_of_skipped(evaluation: Evaluation) -> None:
    """How many photos, or single drawings of them, could not be made, and each with its reason."""
    if evaluation.skipped:
        photos = plural(len({one.photo for one in evaluation.skipped}), "photo")
        say(f"warning: {photos} skipped, or some drawings of them:")
    for one in evaluation.skipped:
        say(f"  {one.named}: {one.reason}")
