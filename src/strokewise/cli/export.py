"""`strokewise export`: an existing drawing in another format."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .._text import join_or
from ..errors import Argument, OutputError, SettingsError
from ..export.options import ENDINGS, ExportOptions
from ..settings import NO_TONE, Settings, with_changes
from ..tone_layer import TONES
from .look_options import takes_export
from .options import SETTINGS_HELP, Force, MaskOption, Quiet, number
from .streams import Format, is_stream, read_input, stream_ending, write_sketch
from .terminal import print_path, say, stoppable

if TYPE_CHECKING:
    from ..sketch import Sketch


@takes_export
def export(
    sketch: Annotated[
        Path,
        typer.Argument(
            metavar="SKETCH",
            help="The drawing: an SVG from this or another program, or a JSON of strokes; - reads it "
            "from standard input.",
        ),
    ],
    *,
    output: Annotated[
        Path,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help=f"Where to write; the ending chooses the format: {join_or(ENDINGS)}.",
        ),
    ],
    first: Annotated[
        int | None,
        number(
            "first",
            int,
            low=1,
            metavar="COUNT",
            help="Keep only this many strokes, the first ones: Strokewise puts the most important first.",
        ),
    ] = None,
    photo: Annotated[
        Path | None,
        typer.Option(metavar="PHOTO", help="The photo that was drawn; --tone needs it.", show_default=False),
    ] = None,
    mask: MaskOption = None,
    tone: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            help=f"Lay tone under the strokes, by the photo: {', '.join(TONES)}; none leaves out what is there.",
            show_default=False,
        ),
    ] = None,
    tone_lines: Annotated[int | None, number("tone_lines", int, help=SETTINGS_HELP["tone_lines"])] = None,
    tone_steps: Annotated[int | None, number("tone_steps", int, help=SETTINGS_HELP["tone_steps"])] = None,
    format: Format = None,
    options: ExportOptions,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Write SKETCH in another format, or for a plotter. Ctrl-C stops at once and writes nothing."""
    from ..export import check_writable, read_sketch, save
    from ..export.svg.limits import MAX_BYTES

    with contextlib.suppress(OSError, ValueError):
        if output.samefile(sketch):
            raise OutputError(f"{output} is the drawing itself: choose another name with --output")
    notices: list[str] = []
    asked = _tone_settings(tone, tone_lines, tone_steps, photo, mask)
    ending = stream_ending(output, format, options)
    with stoppable("stopped; nothing was written"):
        if not is_stream(output):
            check_writable(output, force, options)
        given = read_input(MAX_BYTES, "an SVG") if is_stream(sketch) else sketch
        drawing = read_sketch(given, lambda line: notices.append(f"warning: {line}"))
        if first is not None:
            drawing = drawing.reordered(range(min(first, len(drawing))))
        if asked is not None:
            drawing = _toned(drawing, asked, photo, mask, notices)
        if is_stream(output):
            notices += write_sketch(drawing, ending, options)
        else:
            save(drawing, output, options, force=force, notice=notices.append)
    if not quiet:
        if not is_stream(output):
            print_path(output)
        for line in notices:
            say(line)


def _tone_settings(
    kind: str | None, lines: int | None, steps: int | None, photo: Path | None, mask: Path | None
) -> Settings | None:
    """How to lay tone; None leaves the drawing's own.

    Raises:
        SettingsError: a value is out of its range, tone without a photo, or a photo without tone.
    """
    given = {name: value for name, value in (("tone_lines", lines), ("tone_steps", steps)) if value is not None}
    if kind is None or kind == NO_TONE:
        for name, value in (*given.items(), ("photo", photo), ("mask", mask)):
            if value is not None:
                fix = ("choose a kind with ", Argument("tone"), f": {join_or(TONES)}")
                raise SettingsError("is for tone", setting=name, value=value, fix=fix)
        return None if kind is None else Settings()
    settings = with_changes(Settings(), {"tone": kind, **given})
    if photo is None:
        name_it = ("name it with ", Argument("photo"))
        raise SettingsError("needs the photo that was drawn", setting="tone", value=kind, fix=name_it)
    return settings


def _toned(drawing: Sketch, settings: Settings, photo: Path | None, mask: Path | None, notices: list[str]) -> Sketch:
    """The drawing with tone in place of what it has."""
    if photo is None:
        return dataclasses.replace(drawing, tone=None)
    from ..tone import add_tone
    from .checks import open_given

    opened = open_given(photo, None, mask, settings)
    return add_tone(drawing, opened, settings.tone, settings.tone_lines, settings.tone_steps, notice=notices.append)
