"""The look of a drawing: width, colour, opacity, paper and brush, chosen after drawing.

look = Look(width=4, color="#2b4c7e", paper="ivory", brush="ink")
dressed(sketch, look)       # the same strokes in that colour and width, on that paper; brushes are applied on writing
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

from .._text import is_number, join_or, quote
from ..errors import OutputError

if TYPE_CHECKING:
    from ..sketch import Sketch

BRUSHES = ("round", "pen", "ink", "pencil", "marker")
"""Names of the brushes; "round" is the plain stroke of SVG."""
NO_PAPER = "none"
NARROWEST, WIDEST = 0.1, 20.0
"""Stroke widths, pixels of a drawing `CANVAS` pixels on its long side: those of `Settings.width`."""
CANVAS = 224.0


@dataclasses.dataclass(frozen=True)
class Look:
    """Changes to the look of a drawing; None keeps what it has.

    Attributes:
        width: of the strokes, 0.1 to 20, pixels of a drawing 224 pixels on its long side: 0.7 is a fine pen, 1.5 a
            pen, 4 a marker. If strokes differ, it becomes their median, and they keep their proportions.
        color: of all strokes, a name ("navy") or #rrggbb.
        paper: its colour; "none" is no paper, which is transparent in formats that can be.
        opacity: of the strokes, over 0 to 1. If strokes differ, it becomes their maximum, and they keep their
            proportions.
        brush: one of `BRUSHES`.

    Raises:
        OutputError: a value is out of its range, or not a colour or brush.
    """

    width: float | None = None
    color: str | None = None
    paper: str | None = None
    opacity: float | None = None
    brush: str = "round"

    def __post_init__(self) -> None:
        for name, value in (("width", self.width), ("opacity", self.opacity)):
            if value is not None and not is_number(value):
                raise OutputError(f"must be a number, not {quote(value)}", setting=name, value=value)
        for name, text in (("color", self.color), ("paper", self.paper)):
            if text is not None and not isinstance(text, str):
                problem = f"must be a name such as navy, or #rrggbb, not {quote(text)}"
                raise OutputError(problem, setting=name, value=text)
        if self.width is not None and not NARROWEST <= self.width <= WIDEST:
            raise OutputError(
                f"the stroke width must be from {NARROWEST:g} to {WIDEST:g} pixels of a drawing {CANVAS:g} pixels "
                f"long, not {self.width:g}"
            )
        if self.opacity is not None and not 0 < self.opacity <= 1:
            raise OutputError(f"the opacity must be over 0, at most 1, not {self.opacity:g}")
        check_brush(self.brush)
        if self.color is not None:
            parse_color(self.color, "color")
        if self.paper is not None and self.paper != NO_PAPER:
            parse_color(self.paper, "paper")

    @property
    def transparent(self) -> bool:
        """Whether the paper is to be removed, and not just left as it is."""
        return self.paper == NO_PAPER


def check_brush(brush: str) -> None:
    """Check the name of a brush.

    Raises:
        OutputError: there is no such brush.
    """
    if brush not in BRUSHES:
        raise OutputError(f"there is no brush {brush!r}: use {join_or(BRUSHES)}")


def dressed(sketch: Sketch, look: Look) -> Sketch:
    """The same strokes with the look's width, colour, opacity and paper; applying it twice changes nothing more.

    Tone takes the colour and the opacity, and its width keeps its proportion to the strokes'.
    """
    import numpy as np  # here, so that the command line can name the brushes without it

    changes: dict[str, object] = {}
    tone = sketch.tone
    if look.width is not None and len(sketch):
        width = look.width * max(sketch.canvas) / CANVAS
        ratio = width / float(np.median(sketch.widths))
        changes["widths"] = sketch.widths * ratio
        # They are no longer those that the drawing was given.
        changes["metadata"] = {name: told for name, told in sketch.metadata.items() if name != "pen"}
        tone = tone and dataclasses.replace(tone, width=tone.width * ratio)
    if look.color is not None:
        color = parse_color(look.color, "color")
        changes["colors"] = np.tile(np.array(color), (len(sketch), 1))
        tone = tone and dataclasses.replace(tone, color=color)
    if look.opacity is not None and len(sketch):
        strongest = float(sketch.opacities.max())
        alike = np.full(len(sketch), look.opacity)
        changes["opacities"] = sketch.opacities * (look.opacity / strongest) if strongest > 0 else alike
        tone = tone and dataclasses.replace(tone, opacity=look.opacity)
    if look.paper is not None:
        changes["paper"] = None if look.transparent else parse_color(look.paper, "paper")
    if tone is not sketch.tone:
        changes["tone"] = tone
    return dataclasses.replace(sketch, **changes)  # type: ignore[arg-type]


def parse_color(text: str, what: Literal["color", "paper"]) -> tuple[float, float, float]:
    """Red, green and blue in [0, 1] of a colour's name or #rrggbb.

    Raises:
        OutputError: it is not a colour, or a translucent one.
    """
    from PIL import ImageColor

    bare = ', or "none"' if what == "paper" else ""
    try:
        red, green, blue, *alpha = ImageColor.getrgb(text.strip())
        if alpha:
            raise ValueError("translucent colour")
    except ValueError as error:
        raise OutputError(f"{what} {text[:40]!r} is no plain colour: use a name like navy, or #rrggbb{bare}") from error
    return red / 255, green / 255, blue / 255
