"""What can be chosen when a drawing becomes a file."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING

from ..errors import OutputError
from .look import Look

if TYPE_CHECKING:
    from .machine import Machine
    from .page import Page

MAX_SIZE = 16384
SECONDS = (0.5, 120.0)
FPS = (1, 60)


@dataclasses.dataclass(frozen=True)
class ExportOptions:
    """How a drawing is to come out; a format takes what concerns it (`check_options` refuses what it cannot follow).

    Attributes:
        size: long side of pictures and films, pixels, 1 to 16384; of a PDF, at 96 to the inch: 1024 is nearly A4.
        look: colour, width, paper, opacity, brush.
        animate: an SVG that draws itself. GIF, WebP and MP4 always do.
        seconds: length of anything that moves, 0.5 to 120: 3 is brisk, 12 calm.
        fps: pictures a second of GIF, WebP and MP4, 1 to 60: 12 is a flip-book, 24 is smooth.
        page: in millimetres on this page: an SVG for plotters, HPGL, G-code, or a PDF to print. None: SVG is for
            screens, a PDF is as large as the drawing, HPGL and G-code are for A4.
        machine: what HPGL or G-code is for; None is any plotter, and a pen on a Z axis.

    Raises:
        OutputError: one is out of its range, or two that exclude each other are set.
    """

    size: int = 1024
    look: Look = dataclasses.field(default_factory=Look)
    animate: bool = False
    seconds: float = 6.0
    fps: int = 24
    page: Page | None = None
    machine: Machine | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.size <= MAX_SIZE:
            raise OutputError(f"the size must be from 1 to {MAX_SIZE} pixels, not {self.size}")
        check_motion(self.seconds, self.fps)
        if self.animate and self.page is not None:
            raise OutputError("a drawing is either animated or for a plotter: leave out --animate, or the page")


MOVING = (".gif", ".webp", ".mp4")
PLOTTED = (".hpgl", ".gcode")


def check_motion(seconds: float, fps: int = FPS[0]) -> None:
    """Refuse a length or a number of pictures a second that is out of its range.

    Raises:
        OutputError: one is.
    """
    if not (math.isfinite(seconds) and SECONDS[0] <= seconds <= SECONDS[1]):
        raise OutputError(f"seconds must be from {SECONDS[0]:g} to {SECONDS[1]:g}, not {seconds:g}")
    if not FPS[0] <= fps <= FPS[1]:
        raise OutputError(f"fps must be from {FPS[0]} to {FPS[1]}, not {fps}")


def check_options(ending: str, options: ExportOptions) -> None:
    """Refuse what a format cannot follow, rather than leave it out without a word.

    Args:
        ending: of the file, a key of `FORMATS`.
        options: what was asked for.

    Raises:
        OutputError: it cannot.
    """
    brush = options.look.brush
    if options.animate and ending not in (".svg", *MOVING):
        raise OutputError(f"a {ending} file cannot move: use .svg, {', '.join(MOVING)}, or leave out --animate")
    if options.page is not None and ending not in (".svg", ".pdf", *PLOTTED):
        raise OutputError(f"a {ending} file has no page: use .svg, .pdf, {' or '.join(PLOTTED)}, or leave it out")
    if options.machine is not None and ending not in PLOTTED:
        raise OutputError(f"a {ending} file is for no machine: use {' or '.join(PLOTTED)}, or leave its options out")
    if brush == "round":
        return
    if ending in PLOTTED or (ending == ".svg" and options.page is not None):
        raise OutputError(f"a plotter draws with its own pen: leave out the brush {brush!r}")
    if ending == ".json":
        raise OutputError(f"a .json file holds bare strokes: leave out the brush {brush!r}")
    if ending == ".svg" and options.animate:
        raise OutputError(f"an SVG that draws itself has plain strokes: leave out the brush {brush!r}, or write a .gif")
