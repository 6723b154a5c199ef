"""Options that several commands share, each declared once, with one help text.

@takes_settings                      # one option for each line of SETTINGS_HELP
def ladder(photo: PhotoArgument, *, settings: Settings, force: Force = False) -> None: ...
"""

from __future__ import annotations

import contextlib
import csv
import functools
import inspect
import re
import typing
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from .._process import tune_process
from .._text import join_or
from ..encoders import import_encoders
from ..errors import SettingsError
from ..export.options import ENDINGS, MOVING
from ..settings import AUTO, Settings, parse_count
from ..tone_layer import TONES

MOST_PIXELS = 10_000.0

STEPS_HELP = (
    "Most optimisation steps, 0 to 100000; it stops early once the loss no longer falls: "
    "0 gives the strokes as first placed, 20 a rough fit, 200 a close one."
)
SETTINGS_HELP = {
    "seed": "0 to 4294967295. Another seed gives another drawing of equal quality, the same seed the same file.",
    "candidates": "Drawings optimised in parallel, 1 to 64; the best is kept: 1 is quickest, 8 gives more choice.",
    "steps": f"{STEPS_HELP} More than 8 strokes hardly move.",
    "encoder": 'Network that compares drawing and photo; "auto" takes the best one installed and says which.',
    "placement": 'First strokes: "contour" follows outline and inner edges, "saliency" scatters short strokes '
    "where the network's attention is high.",
    "schedule": 'How strokes are optimised: "swift" takes tens of steps, "paper" is the published loop, which needs '
    "--steps 2001 and 8 to 13 minutes.",
    "subject": 'Background: "remove" draws the subject alone, "keep" the whole picture, "auto" decides by how much '
    'of the picture the subject covers; with draw, "scene" draws both, each with strokes of its own.',
    "subject_model": 'Network that finds the subject: "auto" comes with the package; "birefnet-general", '
    '"isnet-general-use", "u2net_human_seg" and others are larger, and fetched once by rembg.',
    "width": "Stroke width, 0.1 to 20, in pixels of a 224 px canvas: 0.7 is a fine pen, 1.5 a pen, 4 a marker; auto is "
    "1.5 to 3, as bold as the number of strokes and the smallest details allow.",
    "size": "Side of the working canvas in pixels, 64 to 1024: 112 is quick and coarse, 448 slow and fine. "
    "The drawing has the size of the photo in any case.",
    "device": 'Where to compute: "auto", "cpu", "cuda" or "mps".',
    "optimize": "What else to optimise, any of width,opacity,color: the width and opacity of each stroke, and its "
    "colour, which starts from the photo's. By default, one black pen.",
    "one_line": "Draw one continuous line; the number of strokes is the number of its curves.",
    "tone": f"Lines under the strokes that show how dark the photo is: {', '.join(TONES)}; none by default. They "
    "are not counted as strokes.",
    "tone_lines": "Most lines of tone, 1 to 2000: 60 is a hint of shade, 250 an engraving. Of a scribble, its swings.",
    "tone_steps": "Steps of darkness that tone shows beside white, 2 to 5.",
    "draft": "Leave the strokes as they are first placed, without the network: a quick look, in a second or two.",
    "text": 'What the drawing is to say beside what the photo shows: offline a word such as "cat", with a CLIP any '
    "sentence. In English; single words also in Chinese or Japanese.",
    "text_weight": "How much the text counts, 0 to 10: 0.3 is a hint, 5 hardly keeps to the photo.",
    "not_text": 'What the drawing is not to say, with commas between: "letters, a dog". Needs --text.',
}
"""The settings that every drawing command takes as options: all but the number of strokes. Types and defaults are those
of `Settings`."""


def number(
    name: str,
    kind: type[int] | type[float],
    *,
    low: int | None = None,
    high: int | None = None,
    metavar: str | None = None,
    **more: Any,
) -> Any:
    """An option that is a number. What is wrong with it is said in our own words, not in those of the parser.

    Args:
        name: of the parameter.
        kind: int or float.
        low: least value; None for any.
        high: greatest value; None for any.
        metavar: what the help calls the value.
        more: as for `typer.Option`.
    """
    span = "" if low is None else f" from {low} up" if high is None else f" from {low} to {high}"

    def parse(text: str) -> float:
        value: float | None = None
        with contextlib.suppress(ValueError):
            value = kind(text)
        if value is None or (low is not None and value < low) or (high is not None and value > high):
            given = repr(text) if value is None else str(value)
            problem = f"must be a {'whole number' if kind is int else 'number'}{span}, not {given}"
            raise SettingsError(problem, setting=name, value=text)
        return value

    parse.__name__ = "integer" if kind is int else "float"  # what the help calls the value unless `metavar` does
    return typer.Option(parser=parse, metavar=metavar, **more)


def _width(text: str) -> float | str:
    """A stroke width, or "auto"."""
    if text.strip().lower() == AUTO:
        return AUTO
    try:
        return float(text)
    except ValueError:
        raise SettingsError(f"must be {AUTO} or a number, not {text!r}", setting="width", value=text) from None


WidthOption = Annotated[
    float, typer.Option("--width", parser=_width, metavar="WIDTH", help=SETTINGS_HELP["width"])  # or "auto"
]


def _photo(text: str) -> Path:
    """The photo's path, unless it is none by its very name."""
    from ..photo.limits import check_no_drawing
    from ..photo.opening import check_name

    check_name(text)
    check_no_drawing(text)
    return Path(text)


PhotoArgument = Annotated[
    Path,
    typer.Argument(
        metavar="PHOTO", help="The photo: JPEG, PNG, HEIC, WebP, TIFF...; - reads standard input.", parser=_photo
    ),
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--output",
        metavar="FILE",
        help=f"Where to write; the ending chooses the format: {join_or(ENDINGS)}. - writes to standard output. "
        "By default, the photo's name ending in .svg, in the current folder.",
    ),
]
MaskOption = Annotated[
    Path | None,
    typer.Option(
        "--mask",
        metavar="FILE",
        help="Picture of what to draw, white or opaque on the subject, of the photo's size or proportions; - is "
        "standard input. By default, the subject is looked for.",
    ),
]
TimelapseOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help=f"Also write a film of the strokes as they are optimised: {join_or(MOVING)}."),
]
Counts = Annotated[
    str,
    typer.Option(
        "-n",
        "--strokes",
        metavar="COUNTS",
        help="Stroke counts, each 1 to 256, separated by commas, in any order; duplicates are ignored.",
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Replace existing files.")]
Preview = Annotated[bool, typer.Option("--png", help="Also write a preview beside the SVG: NAME-preview.png.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print nothing but warnings and errors.")]
MaxPixels = Annotated[
    float | None,
    number(
        "max_pixels",
        float,
        metavar="MILLIONS",
        help=f"Refuse photos of more than this many million pixels, over 0 to {MOST_PIXELS:g}; 100 by default: "
        "20 limits memory for photos from strangers, 500 allows a panorama.",
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(
        metavar="LABELS",
        help="Labels to choose from, separated by commas: cat,dog,elephant. Put a label that contains a comma in "
        "double quotes. --label adds to them. By default, all classes that the recogniser knows.",
    ),
]
RecognizerName = Annotated[
    str,
    typer.Option(
        "--recognizer",
        metavar="NAME",
        help='Network that recognises: "embedded", a CLIP such as "clip-vit-b-32", or "auto", which prefers another '
        "network than the one that drew.",
    ),
]

Modules = Annotated[
    list[str] | None,
    typer.Option(
        "--import", metavar="MODULE", help="Python module to import first, such as one that registers an encoder."
    ),
]


def takes_settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `SETTINGS_HELP` in place of its parameter `settings`, and hand it a `Settings`.

    And `--import`, which comes first, unless the command has its own.
    """
    types, defaults = typing.get_type_hints(Settings), Settings()
    options = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=getattr(defaults, name),
            annotation=WidthOption if name == "width" else Annotated[types[name], _option(name, text, types[name])],
        )
        for name, text in SETTINGS_HELP.items()
    ]
    if "modules" not in inspect.signature(command).parameters:
        options.append(inspect.Parameter("modules", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Modules))
    return takes(command, "settings", options, _settings)


def _settings(*, modules: list[str] | None = None, **fields: Any) -> Settings:
    """Settings, when modules have been imported that may register their encoder."""
    if modules:
        tune_process()  # before PyTorch is loaded, which they may do
        import_encoders(modules)
    return Settings(**fields)


def takes(
    command: Callable[..., None], place: str, options: Iterable[inspect.Parameter], made: Callable[..., object]
) -> Callable[..., None]:
    """A command whose parameter `place` is given as several options, which `made` makes into its value."""
    own = inspect.signature(command, eval_str=True)
    options = list(options)
    parameters: list[inspect.Parameter] = []
    for parameter in own.parameters.values():
        parameters += options if parameter.name == place else [parameter]

    @functools.wraps(command)
    def run(*given: Any, **named: Any) -> None:
        value = made(**{option.name: named.pop(option.name, option.default) for option in options})
        command(*given, **{place: value}, **named)

    # What Typer reads.
    read: Any = run
    read.__signature__ = own.replace(parameters=parameters)
    read.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": None}
    return run


def _option(name: str, text: str, kind: type) -> Any:
    """The option of a setting; a switch has no opposite, since it is off unless given."""
    flag = f"--{name.replace('_', '-')}"
    if kind is bool:
        return typer.Option(flag, help=text, show_default=False)
    if name == "not_text":
        return typer.Option(flag, "--not", metavar="TEXT", help=text)
    return number(name, kind, help=text) if kind in (int, float) else typer.Option(help=text)


def fixed_count(text: str, problem: str) -> int:
    """The number of strokes that `-n` names, of a command that cannot find the fewest.

    Raises:
        SettingsError: it is no number of strokes; of "auto", with that problem.
    """
    count = parse_count(text)
    if count is None:
        raise SettingsError(problem, setting="strokes", value=text)
    return count


def parse_stages(text: str) -> tuple[int, ...]:
    """The stroke counts of stages such as "8,8,16", as they stand.

    Raises:
        SettingsError: one is no number of strokes.
    """
    try:
        return tuple(int(one) for one in text.split(","))
    except ValueError:
        raise SettingsError(f"--stage {text!r} is no list of stroke counts: write 8,8,16") from None


def parse_keep(text: str, strokes: int) -> tuple[int, ...]:
    """The strokes that a list such as "0,3-5" names, each once, in their order.

    Args:
        text: numbers from 0 and ranges, with commas between; both ends of a range belong to it.
        strokes: how many strokes there are.

    Raises:
        SettingsError: it is no such list, or names a stroke that is not there.
    """
    named: set[int] = set()
    for one in text.split(","):
        found = re.fullmatch(r"\s*(\d{1,6})\s*(?:-\s*(\d{1,6})\s*)?", one, re.ASCII)
        if found is None:
            raise SettingsError(f"--keep {text!r} is no list of strokes: write 0,3-5")
        first, last = int(found[1]), int(found[2] or found[1])
        if last < first:
            raise SettingsError(f"--keep has the range {one.strip()}, which runs backwards: write {last}-{first}")
        if last >= strokes:
            those = "only stroke 0" if strokes == 1 else f"strokes 0 to {strokes - 1}"
            raise SettingsError(f"--keep names stroke {last}, but the sketch has {those}")
        named |= set(range(first, last + 1))
    return tuple(sorted(named))


def parse_labels(text: str | None, more: list[str] | None = None) -> tuple[str, ...] | None:
    """The labels of a list such as `cat,dog,"salt, pepper"` and further single ones; None if nothing was given.

    Raises:
        SettingsError: the list is empty, or is no list.
    """
    if text is None:
        return tuple(more) if more else None
    try:
        rows = list(csv.reader([text], skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise SettingsError(f"--labels {text!r} is no list ({error}): write cat,dog,elephant") from error
    if not text.strip() or not rows:
        raise SettingsError("--labels names nothing: write cat,dog,elephant")
    return (*rows[0], *(more or ()))
