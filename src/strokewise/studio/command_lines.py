"""The command lines that make the drawing on the page."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

from ..export.look import Look
from ..export.options import ExportOptions
from ..settings import Settings
from .downloads import file_stem
from .session import GivenMask, SheetDrawing
from .translations import translate


def command_text(
    drawing: SheetDrawing, photo: str, options: ExportOptions, language: str, mask: GivenMask | None = None
) -> str:
    """The command lines that make a drawing, with comments that say what to save first.

    Args:
        drawing: the drawing.
        photo: name of the photo's file.
        options: the look that it is shown in, and its pens.
        language: of the comments.
        mask: of the photo, if one was given.
    """
    lines = [*drawing.command]
    comments = []
    if drawing.stopped:
        comments.append(translate(language, "command_stopped"))
    if mask is not None and not mask.saved:
        button = translate(language, "save_mask")
        comments.append(translate(language, "command_masked", name=mask.name, button=button))
    if not drawing.command:
        name = _before_name(photo)
        comment = f"# {translate(language, 'command_edited', name=name)}"
        lines = [comment, carry_on_command(photo, name, 0, Settings(), "" if mask is None else mask.name)]
    if options.pens:
        if lines[-1].startswith(("strokewise draw ", "strokewise trace ")):
            lines[-1] += f" {_pens_option(options)}"
        else:
            comments.append(translate(language, "command_pens"))
    return "\n".join([*(f"# {one}" for one in comments), *lines, *filter(None, [look_command(photo, options)])])


def carry_on_lines(photo: str, add: int, settings: Settings, language: str, mask: str = "") -> tuple[str, str]:
    """A comment and a command that carry a drawing on, whose file must be saved before."""
    name = _before_name(photo)
    comment = f"# {translate(language, 'command_carried_on', name=name)}"
    return comment, carry_on_command(photo, name, add, settings, mask)


def draw_command(photo: str, settings: Settings, mask: str = "") -> str:
    """`strokewise draw` with all settings that differ from the defaults, and the file of a mask if there is one."""
    return " ".join(["strokewise draw", _quoted(photo), "-n", str(settings.strokes), *_given(settings, mask)])


def carry_on_command(photo: str, before: str, add: int, settings: Settings, mask: str = "") -> str:
    """`strokewise draw --from` the file of a drawing, which also says which strokes are locked."""
    added = ["--add", str(add)] if add else []
    return " ".join(["strokewise draw", _quoted(photo), "--from", _quoted(before), *added, *_given(settings, mask)])


def ladder_command(photo: str, counts: tuple[int, ...], settings: Settings, mask: str = "") -> str:
    """`strokewise ladder`."""
    listed = ",".join(str(count) for count in counts)
    return " ".join(["strokewise ladder", _quoted(photo), "-n", listed, *_given(settings, mask)])


def fewest_command(photo: str, label: str, confidence: float, settings: Settings, mask: str = "") -> str:
    """`strokewise fewest`."""
    options = [*(["--label", _quoted(label)] if label else []), "--confidence", f"{confidence:g}"]
    return " ".join(["strokewise fewest", _quoted(photo), *options, *_given(settings, mask)])


def trace_command(photo: str, strokes: str, lines: str, *, widths: bool, colors: bool) -> str:
    """`strokewise trace`."""
    options = [*(["--widths"] if widths else []), *(["--colors"] if colors else [])]
    options += [] if lines == "auto" else ["--lines", lines]
    return " ".join(["strokewise trace", _quoted(photo), "-n", strokes, *options])


def look_command(photo: str, options: ExportOptions) -> str:
    """`strokewise export` with the options of a look; empty for the plain look."""
    changes = look_options(options.look)
    if not changes:
        return ""
    stem = Path(photo).stem or "drawing"
    files = [_quoted(f"{stem}.svg"), "-o", _quoted(f"{stem}-look.svg")]
    pens = [_pens_option(options)] if options.pens else []
    return " ".join(["strokewise export", *files, *changes, *pens])


def setting_options(settings: Settings) -> list[str]:
    """Options for all settings, except the stroke count, that differ from the defaults."""
    defaults = Settings()
    options: list[str] = []
    for field in dataclasses.fields(Settings):
        value = getattr(settings, field.name)
        if field.name == "strokes" or value == getattr(defaults, field.name):
            continue
        name = f"--{field.name.replace('_', '-')}"
        options += (
            [name] if value is True else [name, _quoted(f"{value:g}" if isinstance(value, float) else str(value))]
        )
    return options


def look_options(look: Look) -> list[str]:
    """Options for everything in which a look differs from the plain one."""
    options: list[str] = []
    if look.width is not None:
        options += ["--stroke-width", f"{look.width:g}"]
    if look.color is not None:
        options += ["--color", _quoted(look.color)]
    if look.paper is not None:
        options += ["--paper", _quoted(look.paper)]
    if look.brush != "round":
        options += ["--brush", look.brush]
    return options


def _given(settings: Settings, mask: str) -> list[str]:
    return [*(["--mask", _quoted(mask)] if mask else []), *setting_options(settings)]


def _pens_option(options: ExportOptions) -> str:
    return f"--pens {_quoted(','.join(pen.name for pen in options.pens))}"


def _quoted(text: str) -> str:
    # A name that begins with a dash would be taken for an option.
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def _before_name(photo: str) -> str:
    return f"{file_stem(photo)}-before.svg"
