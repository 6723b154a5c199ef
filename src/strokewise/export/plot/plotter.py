"""A drawing for a pen plotter: in millimetres on a page, for one pen, with lines joined and sorted for little travel.

plot = for_plotter(sketch, Page("a4"))
print(plot.summary)                        # 32 strokes in 27 lines; pen-up travel 1450 mm -> 540 mm, 63 % less
text = plot.to_svg()                       # width and height in mm, plain paths, nothing else
"""

from __future__ import annotations

import dataclasses

import numpy as np

from ..._arrays import Array
from ..._text import plural
from ...errors import OutputError
from ...sketch import Sketch, turned
from ..svg.text import SVG, decimal, hex_color, path_data
from .page import Page, on_page
from .travel import Tour, joined, shortest, travel

HOMES = {"upper left": (0.0, 0.0), "lower left": (0.0, 1.0), "upper right": (1.0, 0.0), "lower right": (1.0, 1.0)}
"""Corners of the page where a pen may start, as shares of its width and height."""

TOLERANCE = 0.5
"""Largest gap between two ends that are drawn as one line, millimetres: about the width of a pen."""
MAX_TOLERANCE = 10.0

LIFT = 20.0
"""Cost of lifting and lowering the pen, as millimetres of travel, so that no line is split to save a short way."""

SEEN = 0.001
"""Largest gap that is lost in rounding, as files have three decimals, millimetres."""


@dataclasses.dataclass(frozen=True, eq=False)
class Plot:
    """The lines that a plotter draws.

    Attributes:
        sketch: the strokes in millimetres, on a canvas that is the page, in the order and direction they are drawn; all
            of one colour and width, opaque, without paper.
        lines: float64 [point, xy] each, chained cubic Béziers in millimetres: the same strokes, with those that meet
            joined into one line. A gap between two of them is bridged by a straight piece.
        travel_before: pen-up travel of the strokes one by one in their given order, millimetres, from the pen's home.
        travel_after: pen-up travel of `lines`, millimetres; at most `travel_before`.
        noun: what its strokes are called.
    """

    sketch: Sketch
    lines: tuple[Array, ...]
    travel_before: float
    travel_after: float
    noun: str = "stroke"

    @property
    def end(self) -> tuple[float, float]:
        """Where the pen is when the last line is done, millimetres."""
        x, y = self.lines[-1][-1]
        return float(x), float(y)

    @property
    def summary(self) -> str:
        """One line for people: strokes, lines, travel before and after."""
        strokes, lines = plural(len(self.sketch), self.noun), plural(len(self.lines), "line")
        travelled = f"pen-up travel {self.travel_before:.0f} mm -> {self.travel_after:.0f} mm"
        if self.travel_before > 0:
            travelled += f", {100 * (1 - self.travel_after / self.travel_before):.0f} % less"
        return f"{strokes} in {lines}; {travelled}"

    def to_svg(self) -> str:
        """The plot as SVG for AxiDraw, Cricut, Inkscape, LightBurn and similar programs: one group of plain paths; a
        user unit is a millimetre.

        It has no title, metadata, paper or styles, which such programs take for layers or things to draw.
        """
        width, height = (decimal(side) for side in self.sketch.canvas)
        look = ""
        if len(self.sketch):
            thick = decimal(float(self.sketch.widths[0]), least=True)
            look = f' stroke="{hex_color(self.sketch.colors[0])}" stroke-width="{thick}"'
        return "\n".join(
            [
                f'<svg xmlns="{SVG}" width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}">',
                f'<g fill="none"{look} stroke-linecap="round" stroke-linejoin="round">',
                *(f'<path d="{path_data(line)}"/>' for line in self.lines),
                "</g>",
                "</svg>",
                "",
            ]
        )


def for_plotter(
    sketch: Sketch, page: Page | None = None, *, home: str = "upper left", tolerance: float = TOLERANCE
) -> Plot:
    """Place a drawing on a page, join strokes that meet, and sort them for little pen-up travel. Deterministic.

    Args:
        sketch: the drawing. If its strokes differ in colour all become black; all get their median width.
        page: the page and the position on it; A4 with a margin of 10 mm unless given.
        home: the corner of the page where the pen starts; travel is counted from there to the end of the last line,
            without the way back.
        tolerance: largest gap between two ends that are drawn as one line, 0 to 10 mm: 0 joins only ends that touch.

    Raises:
        OutputError: the home is unknown, or the tolerance out of its range.
    """
    if home not in HOMES:
        raise OutputError(f"the pen's home must be one of {', '.join(HOMES)}, not {home[:40]!r}")
    if not 0 <= tolerance <= MAX_TOLERANCE:
        raise OutputError(f"the tolerance must be from 0 to {MAX_TOLERANCE:g} mm, not {tolerance:g}")
    return plot_placed(on_page(sketch, page or Page()), home=home, tolerance=tolerance)


def corner(home: str, canvas: tuple[float, float]) -> tuple[float, float]:
    """Where a corner of the page lies, millimetres."""
    return HOMES[home][0] * canvas[0], HOMES[home][1] * canvas[1]


def plot_placed(
    sketch: Sketch,
    *,
    home: str = "upper left",
    start: tuple[float, float] | None = None,
    park: tuple[float, float] | None = None,
    noun: str = "stroke",
    tolerance: float = TOLERANCE,
) -> Plot:
    """`for_plotter` of a drawing that is in millimetres on its page already, as `on_page` gives it.

    Args:
        sketch: the drawing.
        home, tolerance: as for `for_plotter`.
        start: where the pen is instead of at home, millimetres.
        park: where it goes after the last line, which is travel too, millimetres; None leaves it there.
        noun: what its strokes are called.
    """
    laid = _one_pen(sketch)
    starts, stops = laid.points[:, 0], laid.points[:, -1]
    at = corner(home, laid.canvas) if start is None else start
    before = travel(starts, stops, home=at)
    runs = _split_at_gaps(_tour(starts, stops, at, tolerance), starts, stops, tolerance)
    if (after := _travel_between(runs, starts, stops, at)) > before:  # joining first may rule out a better tour
        runs = _split_at_gaps(shortest(starts, stops, at), starts, stops, tolerance)
        after = _travel_between(runs, starts, stops, at)
    tour = [stroke for run in runs for stroke in run]
    chains = laid.chains
    lines = tuple(_line(chains, run) for run in runs)
    if park is not None and len(laid):
        before += float(np.linalg.norm(stops[-1] - np.array(park)))
        after += float(np.linalg.norm(lines[-1][-1] - np.array(park)))
    ordered = laid.reordered([i for i, _ in tour])
    flipped = np.array([flip for _, flip in tour], dtype=bool)[:, None, None]
    ordered = dataclasses.replace(ordered, points=np.where(flipped, turned(ordered.points), ordered.points))
    return Plot(ordered, lines, before, min(before, after), noun)


def _one_pen(sketch: Sketch) -> Sketch:
    """The same strokes for one pen without paper: one colour, one width, opaque."""
    n = len(sketch)
    one_color = n > 0 and bool((sketch.colors == sketch.colors[0]).all())
    return Sketch.of(
        sketch.canvas,
        sketch.points,
        widths=np.full(n, float(np.median(sketch.widths)) if n else 1.0),
        colors=sketch.colors[0] if one_color else np.zeros(3),
    )


def _tour(starts: Array, stops: Array, home: tuple[float, float], tolerance: float) -> Tour:
    """The strokes in the order and direction they are drawn; unambiguous chains stay together."""
    chains = joined(starts, stops, tolerance)
    first = np.array([_tip(chain[0], starts, stops, False) for chain in chains]).reshape(-1, 2)
    last = np.array([_tip(chain[-1], starts, stops, True) for chain in chains]).reshape(-1, 2)
    tour: Tour = []
    for c, flip_all in shortest(first, last, home, lift=LIFT, touch=tolerance):
        tour += [(i, not flip) for i, flip in reversed(chains[c])] if flip_all else chains[c]
    # Again stroke by stroke: rings may open at another point, and forks may continue differently.
    return shortest(starts, stops, home, lift=LIFT, touch=tolerance, given=tour)


def _split_at_gaps(tour: Tour, starts: Array, stops: Array, tolerance: float) -> list[Tour]:
    """A tour split into lines wherever the pen must be lifted."""
    runs: list[Tour] = []
    for stroke in tour:
        if runs:
            gap = _tip(stroke, starts, stops, False) - _tip(runs[-1][-1], starts, stops, True)
            if np.linalg.norm(gap) <= tolerance:
                runs[-1].append(stroke)
                continue
        runs.append([stroke])
    return runs


def _travel_between(runs: list[Tour], starts: Array, stops: Array, home: tuple[float, float]) -> float:
    """Pen-up travel from home over all lines."""
    first = np.array([_tip(run[0], starts, stops, False) for run in runs]).reshape(-1, 2)
    last = np.array([_tip(run[-1], starts, stops, True) for run in runs]).reshape(-1, 2)
    return travel(first, last, home=home)


def _tip(stroke: tuple[int, bool], starts: Array, stops: Array, last: bool) -> Array:
    """The point where the pen starts a stroke of a tour, or, if `last`, ends it: float64 [xy]."""
    i, flip = stroke
    return stops[i] if last != flip else starts[i]


def _line(chains: list[Array], run: Tour) -> Array:
    """Strokes as one line: float64 [point, xy]."""
    pieces: list[Array] = []
    for i, flip in run:
        stroke = chains[i][::-1] if flip else chains[i]
        if pieces:
            end = pieces[-1][-1]
            if np.linalg.norm(stroke[0] - end) > SEEN:
                pieces.append(np.linspace(end, stroke[0], 4)[1:])
            stroke = stroke[1:]
        pieces.append(stroke)
    return np.concatenate(pieces)
