"""What commands do after drawing: write the files, and report the result."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from .._text import plural
from .streams import is_stream, write_sketch
from .terminal import INTERRUPTED, Watch, print_path, printable, say

if TYPE_CHECKING:
    from ..abstraction import Fewest
    from ..export.film.timelapse import Timelapse
    from ..export.options import ExportOptions
    from ..sketch import Sketch

BAR = 30
"""Characters of a bar that stands for certainty."""


def save_drawing(
    sketch: Sketch,
    output: Path,
    preview: Path | None,
    force: bool,
    quiet: bool,
    watching: Watch,
    *,
    options: ExportOptions | None = None,
    film: tuple[Timelapse, Path] | None = None,
    ending: str = ".svg",
) -> None:
    """Write a drawing, its preview and its film, and print their paths.

    If the output is `-`, the drawing goes to stdout in the format of `ending`, and no paths do.

    Raises:
        OutputError: a file cannot be written.
    """
    watching.listen()  # Ctrl-C from here on leaves no half-written file
    if is_stream(output):
        watching.stop()
        write_sketch(sketch, ending, options)
        quiet = True
    written = [] if is_stream(output) else [sketch.save(output, options, force=force)]
    if preview is not None:
        written.append(sketch.save(preview, options, force=force))
    if film is not None:
        from ..export.look import Look, dressed

        look = Look() if options is None else options.look
        written.append(film[0].write(film[1], dressed(sketch, look), force=force, brush=look.brush))
    watching.stop()
    if not quiet:
        for path in written:
            print_path(path)
    warn_if_diverged(sketch)


def leave_interrupted(stopped: str, output: Path) -> NoReturn:
    """Say where the best drawing so far is, and end with the code of an interrupted command.

    Args:
        stopped: what was stopped, and when.
        output: where the drawing was written.

    Raises:
        typer.Exit: always.
    """
    place = "standard output" if is_stream(output) else output
    say(f"{stopped}; the best drawing so far is in {place}")
    raise typer.Exit(INTERRUPTED)


def tells_of_tone(watching: Watch) -> Callable[[str], None]:
    """A notice that shows what is said of missing tone even where nothing else is shown."""
    from ..tone import LEFT_OUT, NO_DARK

    def notice(text: str) -> None:
        if text in (LEFT_OUT, NO_DARK):
            watching.remark(text)
        else:
            watching.notice(text)

    return notice


def warn_if_diverged(sketch: Sketch) -> None:
    """Warn if the loss of a drawing was no longer a number."""
    if sketch.metadata["stopped"] == "diverged":
        say(f"warning: the loss was no longer a number at step {sketch.metadata['steps']}; kept the best before it")


def report_drawing(sketch: Sketch, watching: Watch) -> None:
    """Report a drawing in one line: strokes, losses, steps."""
    known = sketch.metadata
    what = (
        f"one line of {sketch.curves} curves"
        if len(sketch) == 1 and sketch.curves > 1
        else plural(len(sketch), "stroke")
    )
    if "losses" not in known:
        watching.notice(f"{what}, as first placed")
        return
    before, after = known["placement_losses"]["total"], known["losses"]["total"]
    how = {"converged": "converged after", "asked": "stopped after"}.get(known["stopped"], "took")
    last = " in the last stage" if len(known.get("stages", ())) > 1 else ""  # whose steps and losses these are
    watching.notice(f"{what}, loss {before:.3f} -> {after:.3f}, {how} {known['steps']} steps{last}")


def report_fewest(found: Fewest, watching: Watch) -> None:
    """Report a search for the fewest strokes in one line: a warning if none was recognised."""
    count, sure = len(found.sketch), dict(found.curve)[len(found.sketch)]
    if found.reached:
        said = f"{found.recognizer} still takes {plural(count, 'stroke')} for {found.label}"
        watching.notice(f"{said} ({sure:.0%}; the photo: {found.of_photo:.0%})")
    else:
        watching.stop()
        share, of_photo = found.confidence, found.of_photo
        asked = f"{share * of_photo:.0%} ({share:.0%} of its {of_photo:.0%} for the photo)"
        kept = f"kept the nearest, {plural(count, 'stroke')} with {sure:.0%}"
        say(f"warning: {found.recognizer} took no drawing for {found.label} with {asked}; {kept}")


def curve(found: Fewest) -> str:
    """Certainty against stroke count, one line for each drawing that was looked at, the one that was kept marked."""
    lines = [f"how sure {found.recognizer} is of {printable(found.label)}"]
    for count, sure in found.curve:
        kept = "  <- kept" if count == len(found.sketch) else ""
        lines.append(f"{count:>4} {'#' * round(sure * BAR):<{BAR}} {sure:>4.0%}{kept}")
    return "\n".join(lines)
