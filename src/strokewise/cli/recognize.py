"""`strokewise recognize`: what drawings are recognised as."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .._process import tune_process
from ..encoders.registry import torch_installed
from ..errors import StrokewiseError
from .checks import check_choice, have_judge
from .messages import message_of
from .options import Labels, RecognizerName, number, parse_labels
from .streams import is_stream, read_input
from .terminal import MISTAKE, print_text, printable, say, stoppable, tolerate_all_characters

if TYPE_CHECKING:
    from ..recognition.ranking import Recognition

TOP = 5


def recognize(
    sketches: Annotated[
        list[Path],
        typer.Argument(metavar="SKETCH", help="Drawings: SVG, PNG, JPEG...; - reads one from standard input."),
    ],
    *,
    labels: Labels = None,
    label: Annotated[
        list[str] | None,
        typer.Option(metavar="LABEL", help="One more label, taken literally; can be given several times."),
    ] = None,
    none: Annotated[bool, typer.Option("--none", help='Also allow the answer "none of these".')] = False,
    recognizer: RecognizerName = "auto",
    top: Annotated[
        int | None,
        number(
            "top",
            int,
            low=1,
            help=f"How many labels to list, 1 or more; by default {TOP} in the table and all in the JSON.",
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print JSON: a list with file, recognizer and ranked, or error, of each SKETCH."),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the answers, warnings and errors.")] = False,
) -> None:
    """List what each SKETCH is recognised as, with probabilities.

    The probabilities of all labels sum to 1. A file that cannot be read is reported; the others are still recognised.
    """
    choices = parse_labels(labels, label)
    tune_process()
    if recognizer.startswith("clip") and torch_installed():
        import torch  # noqa: F401  # Ctrl-C while it is imported ends the process: it may lose a KeyboardInterrupt

    with stoppable():
        answers = _judge(sketches, choices, none, recognizer, quiet)
    if as_json:
        print_text(json.dumps([_as_dict(path, answer, top) for path, answer in answers], indent=2))
    else:
        _print_table(
            [(path, answer) for path, answer in answers if not isinstance(answer, StrokewiseError)], top or TOP
        )
    broken = [(path, answer) for path, answer in answers if isinstance(answer, StrokewiseError)]
    for path, error in broken:
        text = message_of(error)
        say(text if path.name in text else f"{path}: {text}")
    if broken:
        raise typer.Exit(MISTAKE)


def _judge(
    paths: list[Path], labels: tuple[str, ...] | None, none: bool, name: str, quiet: bool
) -> list[tuple[Path, Recognition | StrokewiseError]]:
    """What each file is recognised as, or why it is not. One recogniser judges all, so that they can be compared.

    Raises:
        StrokewiseError: the recogniser or the labels will not do.
    """
    from ..photo.opening import MAX_FILE_BYTES
    from ..recognition.inputs import read_drawing, sketch_picture
    from ..recognition.ranking import recognize
    from ..sketch import Sketch

    answers: dict[int, Recognition | StrokewiseError] = {}
    sketches: dict[int, Sketch] = {}
    given: dict[int, Path | bytes] = {}
    for place, path in enumerate(paths):
        try:
            given[place] = read_input(MAX_FILE_BYTES, "a drawing") if is_stream(path) else path
            drawing = read_drawing(given[place])
            if isinstance(drawing, Sketch):
                sketch_picture(drawing)  # refuses one on which nothing can be seen
                sketches[place] = drawing
        except StrokewiseError as error:
            answers[place] = error
    if len(answers) < len(paths):
        drew = Counter(str(sketch.metadata["encoder"]) for sketch in sketches.values() if "encoder" in sketch.metadata)
        drawn_with = max(drew, key=lambda encoder: drew[encoder], default="")
        judge = have_judge(name, quiet, drawn_with, listed=labels is None)
        check_choice(judge, labels)
        for place in range(len(paths)):
            if place not in answers:
                # Pictures are read again: all of them at once might not fit into memory.
                answers[place] = recognize(sketches.get(place, given[place]), labels, none=none, recognizer=judge)
    return [(path, answers[place]) for place, path in enumerate(paths)]


def _as_dict(path: Path, answer: Recognition | StrokewiseError, top: int | None) -> dict[str, Any]:
    """One entry of the JSON."""
    if isinstance(answer, StrokewiseError):
        return {"file": str(path), "error": message_of(answer)}
    ranked = [{"label": label, "probability": sure} for label, sure in answer.ranked[:top]]
    return {"file": str(path), "recognizer": answer.recognizer, "ranked": ranked}


def _print_table(answers: list[tuple[Path, Recognition]], top: int) -> None:
    """A block of rows for each drawing, and who judged; nothing if there is none."""
    if not answers:
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, caption=f"judged by {answers[0][1].recognizer}", caption_justify="left")
    for heading in ("drawing", "taken for"):
        table.add_column(heading, overflow="fold")
    table.add_column("probability", justify="right")
    for path, answer in answers:
        for place, (label, sure) in enumerate(answer.ranked[:top]):
            name = "" if place else printable(str(path))
            table.add_row(Text(name), Text(printable(label)), f"{sure:.1%}")
        table.add_section()
    tolerate_all_characters()
    # Where nobody looks, lines may be as long as they come: a program reads them.
    wide = None if sys.stdout is not None and sys.stdout.isatty() else 10_000
    Console(width=wide, highlight=False).print(table)
