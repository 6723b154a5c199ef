"""The command lines that make the drawing on the page."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Sequence
from pathlib import Path

from ..export.look import Look
from ..export.options import ExportOptions
from ..settings import NO_TONE, Settings
from .downloads import file_stem
from .page_options import Levels, PageOptions
from .session import GivenMask, SheetDrawing
from .translations import translate


def command_text(
    drawing: SheetDrawing,
    photo: str,
    options: PageOptions,
    language: str,
    mask: GivenMask | None = None,
    missing: str = "",
) -> str:
    """The command lines that make a drawing, with comments that say what to save first.

    Args:
        drawing: the drawing.
        photo: name of the photo's file; of a drawing of words, what its own file is called.
        options: the look that it is shown in, its pens and its tone.
        language: of the comments.
        mask: of the photo, if one was given.
        missing: why it has not the tone that was asked for, a key of `TEXTS`; empty if it has.
    """
    lines = [*drawing.command]
    comments = [translate(language, missing)] if missing else []
    if drawing.stopped:
        comments.append(translate(language, "command_stopped"))
    if drawing.words:
        if not drawing.command:
            comments.append(translate(language, "command_edited_words"))
        if options.pens:
            comments.append(translate(language, "command_pens"))
        return _joined(comments, lines, look_command(f"{photo}.svg", options))
    if mask is not None and not mask.saved:
        button = translate(language, "save_mask")
        comments.append(translate(language, "command_masked", name=mask.name, button=button))
    if not drawing.command:
        name = _before_name(photo)
        comment = f"# {translate(language, 'command_edited', name=name)}"
        lines = [comment, carry_on_command(photo, name, 0, Settings(), "" if mask is None else mask.name)]
    traced = lines[-1].startswith("strokewise trace ")
    toned = [] if missing else tone_options(options)
    if toned and not traced:
        lines[-1] += f" {' '.join(toned)}"
    if options.pens:
        if traced or lines[-1].startswith("strokewise draw "):
            lines[-1] += f" {_pens_option(options)}"
        else:
            comments.append(translate(language, "command_pens"))
    if traced and toned:  # tracing takes no tone
        toned += ["--photo", _quoted(photo)]
    return _joined(comments, lines, look_command(photo, options, toned if traced else []))


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


def scene_command(photo: str, settings: Settings, levels: Levels, mask: str = "") -> str:
    """`strokewise scene`."""
    changed = [(name, value) for name, value in levels._asdict().items() if value != 1]
    options = [word for name, value in changed for word in (f"--{name}", str(value))]
    given = _given(dataclasses.replace(settings, subject="auto"), mask)  # the command says that it is a scene
    return " ".join(["strokewise scene", _quoted(photo), "-n", str(settings.strokes), *options, *given])


def imagine_command(settings: Settings) -> str:
    """`strokewise imagine`, of the text of the settings."""
    given = setting_options(dataclasses.replace(settings, text=None))
    text = str(settings.text)
    words = ["--", shlex.quote(text)] if text.startswith("-") else [shlex.quote(text)]
    return " ".join(["strokewise imagine", "-n", str(settings.strokes), *given, *words])


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


def look_command(photo: str, options: ExportOptions, toned: Sequence[str] = ()) -> str:
    """`strokewise export` with the options of a look, and those of tone that no other command takes; empty for none."""
    changes = [*look_options(options.look), *toned]
    if not changes:
        return ""
    stem = Path(photo).stem or "drawing"
    files = [_quoted(f"{stem}.svg"), "-o", _quoted(f"{stem}-look.svg")]
    pens = [_pens_option(options)] if options.pens else []
    return " ".join(["strokewise export", *files, *changes, *pens])


def tone_options(options: PageOptions) -> list[str]:
    """Options for the tone; none without."""
    if options.tone == NO_TONE:
        return []
    lines = [] if options.tone_lines == Settings.tone_lines else ["--tone-lines", str(options.tone_lines)]
    return ["--tone", options.tone, *lines]


def setting_options(settings: Settings) -> list[str]:
    """Options for all settings, except the stroke count, that differ from the defaults."""
    defaults = Settings()
    options: list[str] = []
    for field in dataclasses.fields(Settings):
        value = getattr(settings, field.name)
        if field.name == "strokes" or value == getattr(defaults, field.name):
            continue
        name = f"--{field.name.replace('_', '-')}"
        if field.name in ("text", "not_text"):  # no path, which may begin with a dash
            options += [f"{name}={shlex.quote(value)}"] if value.startswith("-") else [name, shlex.quote(value)]
        else:
            words = [_quoted(f"{value:g}" if isinstance(value, float) else str(value))]
            options += [name] if value is True else [name, *words]
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


def _joined(comments: Sequence[str], lines: Sequence[str], look: str) -> str:
    return "\n".join([*(f"# {one}" for one in comments), *lines, *filter(None, [look])])


def _given(settings: Settings, mask: str) -> list[str]:
    return [*(["--mask", _quoted(mask)] if mask else []), *setting_options(settings)]


def _pens_option(options: ExportOptions) -> str:
    return f"--pens {_quoted(','.join(pen.name for pen in options.pens))}"


def _quoted(text: str) -> str:
    # A name that begins with a dash would be taken for an option.
    return shlex.quote(f"./{text}" if text.startswith("-") else text)


def _before_name(photo: str) -> str:
    return f"{file_stem(photo)}-before.svg"
