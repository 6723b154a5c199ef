"""Options of brush, colour, size, motion and page, for every command that writes a drawing.

@takes_export                       # one option for each line of EXPORT_HELP
def export(sketch: Path, *, options: ExportOptions, force: Force = False) -> None: ...
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from ..export.look import BRUSHES, NARROWEST, WIDEST, Look
from ..export.options import FPS, MAX_SIZE, SECONDS, ExportOptions
from ..export.pens import parse_pens
from .options import number, takes

_DEFAULT = ExportOptions()

LOOK_HELP: dict[str, tuple[type, str]] = {
    "stroke_width": (
        float,
        f"Stroke width, {NARROWEST:g} to {WIDEST:g}, in pixels of a drawing 224 px long: 0.7 is a fine pen, 1.5 a pen, "
        "4 a marker. Strokes of several widths keep their proportions.",
    ),
    "color": (str, "Colour of all strokes: a name such as navy, or #rrggbb."),
    "paper": (str, 'Colour of the background; "none" for no background, transparent in a PNG.'),
    "opacity": (float, "Opacity of the strokes, over 0 to 1; strokes of several opacities keep their proportions."),
    "brush": (str, f"Brush: {', '.join(BRUSHES)}. All but round become filled outlines."),
}
"""Options of the look. Each keeps what the drawing has unless given."""

SHAPE_HELP: dict[str, tuple[type, object, str]] = {
    "size": (
        int,
        _DEFAULT.size,
        f"Long side of a picture or film in pixels, 1 to {MAX_SIZE}; of a PDF, at 96 to the inch.",
    ),
    "animate": (bool, False, "Make an animated SVG, drawn stroke by stroke. GIF, WebP and MP4 always are."),
    "seconds": (float, _DEFAULT.seconds, f"Length of a film, {SECONDS[0]:g} to {SECONDS[1]:g}."),
    "fps": (int, _DEFAULT.fps, f"Frames per second of GIF, WebP and MP4, {FPS[0]} to {FPS[1]}."),
    "plotter": (
        bool,
        False,
        "Make an SVG for plotters and cutters: in millimetres, with strokes joined and ordered for short travel.",
    ),
    "page": (
        str,
        None,
        "Page of a plotter or a PDF: a4, a3, letter... or a size such as 200x150mm; implies --plotter for an SVG. "
        "By default a4 for plotters, and the size of the drawing for a PDF.",
    ),
    "margin": (float, None, "Empty border of that page, millimetres; 10 by default."),
    "landscape": (bool, None, "Turn that page to landscape or portrait; by default as the drawing is."),
    "fit": (
        str,
        None,
        'What to fit to that page: the whole "canvas", which keeps the position in the photo, or the "ink" alone.',
    ),
    "model": (str, None, "HPGL: the plotter, such as hp7475a or dxy; by default any."),
    "tool": (str, None, "G-code: pen (on a Z axis), servo or laser, or a profile of vpype-gcode; pen by default."),
    "speed": (float, None, "G-code: millimetres a minute while it draws, 1 to 100000; 1500 by default."),
    "pens": (
        str,
        None,
        "Pens, 1 to 8 colours such as black,red,#0a7: each stroke takes the one nearest to its colour. Layers of an "
        "SVG or DXF, pens of HPGL, changes of the pen in G-code.",
    ),
    "only_pen": (int, None, "Write the strokes and tone of this pen alone, by its number from 1."),
    "tone_pen": (
        int,
        None,
        "Pen that draws tone, by its number from 1; by default the greyest, of those the lightest.",
    ),
    "power": (float, None, "G-code: power of the laser, S of most controllers, 0 to 100000; 200 by default."),
}
"""Options of size, motion and page, with their defaults."""


def takes_look(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `LOOK_HELP` in place of its parameter `look`, and hand it a `Look`."""
    return takes(command, "look", _look_parameters(), _look)


def takes_export(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of `LOOK_HELP` and `SHAPE_HELP` in place of its parameter `options`, and hand it
    `ExportOptions`."""
    shape = [_parameter(name, kind, default, text) for name, (kind, default, text) in SHAPE_HELP.items()]
    return takes(command, "options", [*shape, *_look_parameters()], _options)


def _look(
    stroke_width: float | None, color: str | None, paper: str | None, opacity: float | None, brush: str | None
) -> Look:
    return Look(stroke_width, color, paper, opacity, BRUSHES[0] if brush is None else brush)


def _options(
    size: int,
    animate: bool,
    seconds: float,
    fps: int,
    plotter: bool,
    page: str | None,
    margin: float | None,
    landscape: bool | None,
    fit: str | None,
    model: str | None,
    tool: str | None,
    speed: float | None,
    power: float | None,
    pens: str | None,
    only_pen: int | None,
    tone_pen: int | None,
    **look: Any,
) -> ExportOptions:
    sheet = machine = None
    if plotter or not page is margin is landscape is fit is None:
        from ..export.plot.page import Page

        sheet = Page(**_given(paper=page, margin=margin, landscape=landscape, fit=fit))
    if not model is tool is speed is power is None:
        from ..export.plot.machine import Machine

        machine = Machine(**_given(device=model, tool=tool, speed=speed, power=power))
    given = () if pens is None else parse_pens(pens)
    return ExportOptions(size, _look(**look), animate, seconds, fps, sheet, machine, given, only_pen, tone_pen)


def _given(**named: Any) -> dict[str, Any]:
    """Those that were given; the others keep their defaults."""
    return {name: value for name, value in named.items() if value is not None}


def _look_parameters() -> list[inspect.Parameter]:
    return [_parameter(name, kind, None, text) for name, (kind, text) in LOOK_HELP.items()]


def _parameter(name: str, kind: Any, default: object, text: str) -> inspect.Parameter:
    if kind in (int, float):
        option = number(name, kind, help=text, show_default=default is not None)
    elif default is False:
        option = typer.Option(f"--{name}", help=text)  # a switch without its opposite
    else:
        option = typer.Option(help=text, show_default=default is not None)
    hint: Any = kind | None if default is None else kind
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=Annotated[hint, option])
