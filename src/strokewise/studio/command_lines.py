"""The command lines that make the drawing on the page."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

from ..export.look import Look
from ..settings import Settings
from .downloads import file_stem
from .session import SheetDrawing
from .translations import translate


def command_text(drawing: SheetDrawing, photo: str, look: Look, language: str, *, cropped: bool) -> str:
    """The command lines that make a drawing, with comments that say what to save first.

    Args:
        drawing: the drawing.
        photo: name of the photo's file.
        look: the look that it is shown in.
        language: of the comments.
        cropped: whether the photo is a part that was painted by hand.
    """
    lines = list(drawing.command)
    if cropped:
        button = translate(language, "save_cropped")
        lines.insert(0, f"# {translate(language, 'command_cropped', name=photo, button=button)}")
    if drawing.stopped:
        lines.insert(0, f"# {translate(language, 'command_stopped')}")
    if not drawing.command:
        name = _before_name(photo)
        lines += [f"# {translate(language, 'command_edited', name=name)}", carry_on_command(photo, name, 0, Settings())]
    return "\n".join([*lines, *filter(None, [look_command(photo, look)])])


def carry_on_lines(photo: str, add: int, settings: Settings, language: str) -> tuple[str, str]:
    """A comment and a command that carry a drawing on, whose file must be saved before."""
    name = _before_name(photo)
    comment = f"# {translate(language, 'command_carried_on', name=name)}"
    return comment, carry_on_command(photo, name, add, settings)


def draw_command(photo: str, settings: Settings) -> str:
    """`strokewise draw` with all settings that differ from the defaults."""
    return " ".join(["strokewise draw", _quoted(photo), "-n", str(settings.strokes), *setting_options(settings)])


def carry_on_command(photo: str, before: str, add: int, settings: Settings) -> str:
    """`strokewise draw --from` the file of a drawing, which also says which strokes are locked."""
    added = ["--add", str(add)] if add else []
    return " ".join(["strokewise draw", _quoted(photo), "--from", _quoted(before), *added, *setting_options(settings)])


def ladder_command(photo: str, counts: tuple[int, ...], settings: Settings) -> str:
    """`strokewise ladder`."""
    listed = ",".join(str(count) for count in counts)
    return " ".join(["strokewise ladder", _quoted(photo), "-n", listed, *setting_options(settings)])


def fewest_command(photo: str, label: str, confidence: float, settings: Settings) -> str:
    """`strokewise fewest`."""
    options = [*(["--label", _quoted(label)] if label else []), "--confidence", f"{confidence:g}"]
    return " ".join(["strokewise fewest", _quoted(photo), *options, *setting_options(settings)])


def look_command(photo: str, look: Look) -> str:
    """`strokewise export` with the options of a look; empty for the plain look."""
    options = look_options(look)
    if not options:
        return ""
    stem = Path(photo).stem or "drawing"
    files = [_quoted(f"{stem}.svg"), "-o", _quoted(f"{stem}-look.svg")]
    return " ".join(["strokewise export", *files, *options])


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


def _quoted(text: str) -> str:
    # A name that begins with a dash would be taken for an option.
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def _before_name(photo: str) -> str:
    return f"{file_stem(photo)}-before.svg"
