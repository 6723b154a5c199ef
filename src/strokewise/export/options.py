"""File formats, and the options for writing them."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .._text import is_number, join_or, quote
from ..errors import Argument, OutputError
from .look import BRUSHES, Look
from .pens import Pen, check_number

if TYPE_CHECKING:
    from .plot.machine import Machine
    from .plot.page import Page

Notice = Callable[[str], None]
"""Called with one line for the user."""
MOVING = (".gif", ".webp", ".mp4")
PLOTTED = (".hpgl", ".gcode")
LOTTIE, CUT = ".lottie.json", ".dxf"
ENDINGS = (".svg", ".png", ".pdf", ".json", *MOVING, LOTTIE, *PLOTTED, CUT)
"""File endings of all formats."""
PAGED = (".svg", ".pdf", *PLOTTED, CUT)
"""Those that may be for a page."""
NEEDS = {
    ".pdf": ("pdf", ("reportlab",)),
    ".mp4": ("video", ("imageio_ffmpeg",)),
    ".hpgl": ("plotter", ("vpype", "vpype_gcode")),
    ".gcode": ("plotter", ("vpype", "vpype_gcode")),
    CUT: ("dxf", ("ezdxf",)),
}
"""Ending -> the extra of this package that installs what the format needs, and the modules it needs."""

MAX_SIZE = 16384
SECONDS = (0.5, 120.0)
FPS = (1, 60)


@dataclasses.dataclass(frozen=True)
class ExportOptions:
    """Options for writing a drawing. Each format uses those that apply to it; `check_options` refuses the others.

    Attributes:
        size: long side of pictures and films, pixels, 1 to 16384; of a PDF, at 96 to the inch: 1024 is nearly A4.
        look: colour, width, paper, opacity, brush.
        animate: an SVG that draws itself. GIF, WebP, MP4 and Lottie always do.
        seconds: length of anything that moves, 0.5 to 120: 3 is brisk, 12 calm.
        fps: pictures a second of GIF, WebP and MP4, 1 to 60: 12 is a flip-book, 24 is smooth.
        page: lay the drawing on this page, in millimetres: an SVG for plotters, HPGL, G-code, DXF, or a PDF to print.
            None: SVG is for screens, a PDF is as large as the drawing, HPGL, G-code and DXF are for A4.
        machine: plotter or tool for HPGL or G-code; None is any plotter, and a pen on a Z axis.
        pens: the pens that share the strokes out by colour, from `parse_pens`; none is one pen for all. An SVG, HPGL,
            G-code and DXF keep them apart; other formats show their colours.
        only_pen: number of the pen, from 1, whose strokes and tone alone are written; None is all.
        tone_pen: number of the pen, from 1, that draws tone; None is the greyest of them, and of those the lightest.

    Raises:
        OutputError: a value is out of its range, or two values exclude each other.
    """

    size: int = 1024
    look: Look = dataclasses.field(default_factory=Look)
    animate: bool = False
    seconds: float = 6.0
    fps: int = 24
    page: Page | None = None
    machine: Machine | None = None
    pens: tuple[Pen, ...] = ()
    only_pen: int | None = None
    tone_pen: int | None = None

    def __post_init__(self) -> None:
        if self.pens and self.look.color is not None:
            raise OutputError("pens have colours of their own", fix=("leave out ", Argument("color")))
        check_number("only_pen", self.only_pen, self.pens)
        check_number("tone_pen", self.tone_pen, self.pens)
        if not isinstance(self.look, Look):
            given = f"brush={self.look!r}" if self.look in BRUSHES else 'brush="ink"'
            raise OutputError(f"look must be a Look, not {quote(self.look)}: write Look({given})")
        if not is_number(self.size) or not 1 <= self.size <= MAX_SIZE:
            problem = f"must be from 1 to {MAX_SIZE} pixels, not {quote(self.size)}"
            raise OutputError(problem, setting="size", value=self.size)
        check_motion(self.seconds, self.fps)
        if self.animate and self.page is not None:
            problem = "a drawing is either animated or for a plotter"
            raise OutputError(problem, fix=("leave out ", Argument("animate", True), ", or the page"))


def ending_of(path: str | Path) -> str:
    """The ending of a file's name, in small letters: the last part, or both of `.lottie.json`."""
    name = Path(path).name.lower()
    return LOTTIE if name.endswith(LOTTIE) and name != LOTTIE else Path(name).suffix


def is_installed(ending: str) -> bool:
    """Whether all packages for files with that ending are installed."""
    return not _absent(ending)


def check_installed(ending: str) -> None:
    """Check that all packages for files with that ending are installed.

    Raises:
        OutputError: one is missing; the message names the extra to install.
    """
    if absent := _absent(ending):
        extra, _ = NEEDS[ending]
        raise OutputError(f"writing {ending} needs {absent.replace('_', '-')}: pip install 'strokewise[{extra}]'")


def _absent(ending: str) -> str:
    """The first missing module for files with that ending; empty if there is none."""
    _, modules = NEEDS.get(ending, ("", ()))
    return next((module for module in modules if importlib.util.find_spec(module) is None), "")


def check_motion(seconds: float, fps: int = FPS[0]) -> None:
    """Check the ranges of a length in seconds and of a number of pictures a second.

    Raises:
        OutputError: one is out of its range.
    """
    for name, value, (low, high) in (("seconds", seconds, SECONDS), ("fps", fps, FPS)):
        if not (is_number(value) and low <= value <= high):
            given = f"{value:g}" if is_number(value) else quote(value)
            raise OutputError(f"must be from {low:g} to {high:g}, not {given}", setting=name, value=value)


def check_options(ending: str, options: ExportOptions) -> None:
    """Check that a format can follow the options, so that none is dropped silently.

    Args:
        ending: of the file, one of `ENDINGS`.
        options: for writing it.

    Raises:
        OutputError: the format cannot follow one of them.
    """
    brush = options.look.brush
    if options.animate and ending not in (".svg", *MOVING, LOTTIE):
        fix = (f"use {join_or(('.svg', *MOVING, LOTTIE))}, or leave out ", Argument("animate", True))
        raise OutputError(f"a {ending} file cannot move", fix=fix)
    if options.page is not None and ending not in PAGED:
        raise OutputError(f"a {ending} file is for no page and no plotter: use {join_or(PAGED)}, or leave that out")
    if options.machine is not None and ending not in PLOTTED:
        raise OutputError(f"a {ending} file is for no machine: use {join_or(PLOTTED)}, or leave its options out")
    if brush == "round":
        return
    if ending in (*PLOTTED, CUT) or (ending == ".svg" and options.page is not None):
        raise OutputError(f"a plotter draws with its own pen: leave out the brush {brush!r}")
    if ending == LOTTIE:
        raise OutputError(f"a Lottie animation has plain strokes: leave out the brush {brush!r}, or write a .gif")
    if ending == ".json":
        raise OutputError(f"a .json file holds bare strokes: leave out the brush {brush!r}")
    if ending == ".svg" and options.animate:
        raise OutputError(f"an SVG that draws itself has plain strokes: leave out the brush {brush!r}, or write a .gif")
