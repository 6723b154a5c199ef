"""The command lines that make what is on the page."""

from __future__ import annotations

import dataclasses
import shlex
from pathlib import Path

from ..export.look import Look
from ..settings import Settings


def draw_command(photo: str, settings: Settings) -> str:
    """`strokewise draw` with all settings that are not the usual ones."""
    return " ".join(["strokewise draw", _quoted(photo), "-n", str(settings.strokes), *setting_options(settings)])


def carry_on_command(photo: str, before: str, add: int, settings: Settings) -> str:
    """`strokewise draw --from` a drawing, in whose file the locked strokes are marked."""
    more = ["--add", str(add)] if add else []
    return " ".join(["strokewise draw", _quoted(photo), "--from", _quoted(before), *more, *setting_options(settings)])


def ladder_command(photo: str, counts: tuple[int, ...], settings: Settings) -> str:
    """`strokewise ladder`."""
    listed = ",".join(str(count) for count in counts)
    return " ".join(["strokewise ladder", _quoted(photo), "-n", listed, *setting_options(settings)])


def fewest_command(photo: str, label: str, sure: float, settings: Settings) -> str:
    """`strokewise fewest`."""
    asked = [*(["--label", _quoted(label)] if label else []), "--confidence", f"{sure:g}"]
    return " ".join(["strokewise fewest", _quoted(photo), *asked, *setting_options(settings)])


def look_command(photo: str, look: Look) -> str:
    """`strokewise export` into a look; nothing if it is the plain one."""
    options = look_options(look)
    if not options:
        return ""
    stem = Path(photo).stem or "drawing"
    files = [_quoted(f"{stem}.svg"), "-o", _quoted(f"{stem}-look.svg")]
    return " ".join(["strokewise export", *files, *options])


def setting_options(settings: Settings) -> list[str]:
    """Options for all settings but the stroke count that differ from the usual ones."""
    usual = Settings()
    options: list[str] = []
    for field in dataclasses.fields(Settings):
        value = getattr(settings, field.name)
        if field.name == "strokes" or value == getattr(usual, field.name):
            continue
        name = f"--{field.name.replace('_', '-')}"
        options += (
            [name] if value is True else [name, _quoted(f"{value:g}" if isinstance(value, float) else str(value))]
        )
    return options


def look_options(look: Look) -> list[str]:
    """Options for all of a look that differs from the plain one."""
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
