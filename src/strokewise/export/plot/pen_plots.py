"""What each pen of a plotter draws: its strokes, then the tone that it has; and where it is in between."""

from __future__ import annotations

import dataclasses

import numpy as np

from ...sketch import Sketch
from ..pens import Pen, layer_tag, nearest, pen_of_tone, with_namespace
from ..tone import LABEL, STROKES, TONE, tone_strokes, without_tone
from . import plotter
from .page import Page, on_page
from .plotter import Plot, corner

Place = tuple[float, float]
"""x and y, millimetres from the upper left of the page."""


@dataclasses.dataclass(frozen=True, eq=False)
class PenPlot:
    """What one pen draws in one go.

    Attributes:
        number: of the pen, from 1.
        pen: the pen; None where there is but one, unnamed.
        plot: its lines.
        tone: the kind of tone that they are; empty for strokes.
    """

    number: int
    pen: Pen | None
    plot: Plot
    tone: str = ""

    @property
    def layer(self) -> str:
        """Name of the layer, which begins with a number: AxiDraw plots layers by that."""
        if self.pen is None:
            return f"2 {LABEL}" if self.tone else f"1 {STROKES}"
        return f"{self.number} {self.pen.name}{f' {LABEL}' if self.tone else ''}"

    @property
    def summary(self) -> str:
        """One line for people."""
        return self.plot.summary if self.pen is None else f"pen {self.layer}: {self.plot.summary}"


def plots(
    sketch: Sketch, pens: tuple[Pen, ...], page: Page, home: str = "upper left", park: Place | None = None
) -> list[PenPlot]:
    """A plot for the strokes of each pen, and after it one for its tone, all on the same page.

    Args:
        sketch: the drawing; with pens, as `with_pens` gives it.
        pens: all of them; none is one pen for everything.
        page: the page.
        home: the corner where the pen starts.
        park: where the machine goes to change pens; None changes them where the last line ended. The way there is
            travel too.
    """
    if not pens and sketch.tone is None:
        return [PenPlot(1, None, plotter.for_plotter(sketch, page, home=home))]
    placed = on_page(sketch, page)
    tone, strokes = tone_strokes(placed), without_tone(placed)
    toned = pen_of_tone(sketch, pens)
    pen = nearest(strokes.colors, pens) if pens and len(strokes) else np.zeros(len(strokes), dtype=np.intp)
    parts: list[tuple[int, Sketch, str]] = []
    for number in sorted({*pen.tolist(), *([] if toned is None else [toned])}):
        parts.append((number, strokes.reordered([i for i in range(len(strokes)) if pen[i] == number]), ""))
        if sketch.tone is not None and toned == number:
            parts.append((number, tone, sketch.tone.kind))
    parts = [part for part in parts if len(part[1])]
    found: list[PenPlot] = []
    at = corner(home, placed.canvas)
    for (number, part, kind), following in zip(parts, [*parts[1:], None], strict=True):
        leaves = park is not None and following is not None and following[0] != number
        plot = plotter.plot_placed(
            part, start=at, park=park if leaves else None, noun="tone line" if kind else "stroke"
        )
        found.append(PenPlot(number + 1, pens[number] if pens else None, plot, kind))
        at = park if leaves and park is not None else plot.end
    return found


def plotter_svg(found: list[PenPlot]) -> str:
    """Plots as one SVG in millimetres, a layer each, for AxiDraw and Inkscape."""
    first = found[0].plot.to_svg().split("\n")
    lines = [first[0]]
    for one in found:
        inner = one.plot.to_svg().split("\n")
        more = f' {TONE}="{one.tone}"' if one.tone else ""
        name = f"pen{one.number}" if one.pen else STROKES
        lines += [layer_tag(one.layer, f"{name}-{LABEL}" if one.tone else name, more), *inner[1:-2], "</g>"]
    return with_namespace("\n".join([*lines, "</svg>", ""]))
