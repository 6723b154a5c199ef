"""What is read from an SVG, and the sketch that it makes."""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import numpy as np

from ..._arrays import Array
from ..._text import plural
from ...errors import SvgError, UnsupportedSvgError
from ...sketch import Sketch, padded
from ...tone_layer import TONES, ToneLayer
from .transforms import Affine
from .values import Color


class Line(NamedTuple):
    """A stroke.

    Attributes:
        order: counts the shapes, the lowest first.
        points: float64 [4 or 7 or 10... points, xy], canvas units.
        width: canvas units.
        color: rgb in [0, 1].
        opacity: in [0, 1].
        locked: whether it stays as it is when the drawing is carried on.
    """

    order: int
    points: Array
    width: float
    color: Color
    opacity: float
    locked: bool


class Filled(NamedTuple):
    """A filled path without a stroke.

    Attributes:
        order: counts the shapes, the lowest first.
        data: its path data; empty for other shapes.
        matrix: from its user units to the canvas.
        color: rgb in [0, 1]; black where it is no plain colour.
        opacity: in [0, 1].
        faint: whether it is white, or covers the page: a background rather than a part of the drawing.
    """

    order: int
    data: str
    matrix: Affine
    color: Color
    opacity: float
    faint: bool


@dataclasses.dataclass(eq=False)
class Reading:
    """What an SVG shows.

    Attributes:
        canvas: width and height.
        lines: its strokes, the lowest first.
        fills: filled shapes without strokes.
        paper: colour of the paper, if one of our own rectangles shows it.
        metadata: of our own element; empty without one, or if it cannot be read.
        faults: names of paths with a mistake in them, and the mistake.
        tone: lines of tone, in the same way.
        tone_kind: the kind of tone; empty without one, or if it is none that we know.
        counts: what else is left out or changed, by how many times it occurs.
    """

    canvas: tuple[float, float]
    metadata: dict[str, Any]
    lines: list[Line] = dataclasses.field(default_factory=list)
    fills: list[Filled] = dataclasses.field(default_factory=list)
    paper: Color | None = None
    faults: list[tuple[str, str, bool]] = dataclasses.field(default_factory=list)
    counts: dict[str, int] = dataclasses.field(default_factory=dict)
    tone: list[Line] = dataclasses.field(default_factory=list)
    tone_kind: str = ""

    @property
    def lost_fills(self) -> int:
        """How many filled shapes without strokes can be seen."""
        return sum(not fill.faint for fill in self.fills)

    def remarks(self) -> list[str]:
        """One line for each kind of thing that is left out or changed, but for fills."""
        said = []
        for title, fault, drawn in self.faults[:3]:
            what = "is read up to its mistake" if drawn else "is left out for its mistake"
            said.append(f"{title} {what} ({fault})")
        if len(self.faults) > 3:
            said.append(f"{len(self.faults) - 3} more paths have mistakes and are read up to them")
        said += [
            text.format(n=plural(self.counts[what], what)) for what, text in _REMARKS.items() if self.counts.get(what)
        ]
        return said


_REMARKS = {
    "picture": "{n} in the SVG left out, and not opened: only strokes are read",
    "uneven line": "{n} scaled unevenly: the pen's width is the mean of both directions",
    "clipped line": "{n} reaching out of the frame of an inner svg or symbol: not cut off",
    "marked line": "{n} drawn without arrowheads or other markers",
    "stroked shape": "{n} drawn without the fill",
    "flat dot": "{n} left out: a line of no length is seen only with round caps",
    "long line": "{n} cut in pieces: lines of so different lengths take too much memory together",
    "hidden line": "{n} left out: lies in a gap of its dashes as a whole",
}


NO_STROKES = (
    "give its paths a stroke colour (Inkscape: Object > Fill and Stroke > Stroke paint; "
    "Illustrator: Properties > Stroke)"
)


def sketch_of(reading: Reading) -> Sketch:
    """The strokes of an SVG as a sketch.

    Raises:
        UnsupportedSvgError: there are none.
        SvgError: there are none, as all of them have mistakes.
    """
    lines = reading.lines
    if not lines and reading.faults:
        title, fault, _ = reading.faults[0]
        raise SvgError(f"the SVG's {title} cannot be read ({fault}): export it again")
    if not lines and reading.tone:
        raise UnsupportedSvgError("the SVG has tone alone, and no strokes: take the drawing that it is from")
    if not lines:
        only = ", only filled shapes" if reading.lost_fills else ""
        raise UnsupportedSvgError(f"the SVG has no strokes{only}: {NO_STROKES}")
    return joined(lines, reading, reading.paper, reading.metadata)


def joined(lines: list[Line], reading: Reading, paper: Color | None, metadata: dict[str, Any]) -> Sketch:
    """Lines as a sketch on the canvas of a reading, which counts those that had to be cut in pieces."""
    points, pieces = padded([line.points for line in lines])
    reading.counts["long line"] = len(
        {piece for piece, after in zip(pieces[:-1], pieces[1:], strict=True) if piece == after}
    )
    lines = [lines[piece] for piece in pieces]
    sketch = Sketch.of(
        reading.canvas,
        points,
        widths=[line.width for line in lines],
        colors=np.array([line.color for line in lines]).reshape(-1, 3),
        opacities=[line.opacity for line in lines],
        locked=[line.locked for line in lines],
        paper=paper,
        metadata=metadata,
    )
    return dataclasses.replace(sketch, tone=_tone_of(reading))


def _tone_of(reading: Reading) -> ToneLayer | None:
    """The tone of an SVG, all in the colour and opacity of its first line, and in the median width."""
    if not reading.tone:
        return None
    first = reading.tone[0]
    width = float(np.median([line.width for line in reading.tone]))
    kind = reading.tone_kind or TONES[0]
    color = (float(first.color[0]), float(first.color[1]), float(first.color[2]))
    return ToneLayer(tuple(line.points for line in reading.tone), width, color, min(1.0, max(0.0, first.opacity)), kind)
