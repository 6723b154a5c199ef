"""How a drawing looks, whatever it was drawn with.

look = Look(width=4, color="#2b4c7e", paper="ivory", brush="ink")
dressed(sketch, look)       # the same strokes in that colour and width, on that paper; the brush is for `brushes`
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal

from .._text import is_number, join_or, quote
from ..errors import OutputError

if TYPE_CHECKING:
    from ..sketch import Sketch

BRUSHES = ("round", "pen", "ink", "pencil", "marker")
"""What strokes are drawn with; "round" is the plain stroke that every program knows."""
NO_PAPER = "none"
NARROWEST, WIDEST = 0.1, 20.0
"""Stroke widths, pixels of a drawing `CANVAS` pixels on its long side: those of `Settings.width`."""
CANVAS = 224.0


@dataclasses.dataclass(frozen=True)
class Look:
    """What to change of a drawing's looks; None keeps what it has.

    Attributes:
        width: of the strokes, 0.1 to 20, pixels of a drawing 224 pixels on its long side: 0.7 is a fine pen, 1.5 a
            pen, 4 a marker. Where strokes differ, the middle one gets it and the others keep their proportion to it.
        color: of all strokes, a name ("navy") or #rrggbb.
        paper: its colour; "none" is bare paper, which is transparent where a format can be.
        opacity: of the strokes, over 0 to 1. Where strokes differ, the most opaque one gets it, the others their share.
        brush: one of `BRUSHES`.

    Raises:
        OutputError: one is out of its range, no colour, or no brush.
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
        """Whether bare paper was asked for, and not merely left as it is."""
        return self.paper == NO_PAPER


def check_brush(brush: str) -> None:
    """Refuse a brush that there is not.

    Raises:
        OutputError: that.
    """
    if brush not in BRUSHES:
        raise OutputError(f"there is no brush {brush!r}: use {join_or(BRUSHES)}")


def dressed(sketch: Sketch, look: Look) -> Sketch:
    """The same strokes with the look's width, colour, opacity and paper; doing it twice changes nothing more."""
    import numpy as np  # here, so that the command line can name the brushes without it

    changes: dict[str, object] = {}
    if look.width is not None and len(sketch):
        width = look.width * max(sketch.canvas) / CANVAS
        changes["widths"] = sketch.widths * (width / float(np.median(sketch.widths)))
    if look.color is not None:
        changes["colors"] = np.tile(np.array(parse_color(look.color, "color")), (len(sketch), 1))
    if look.opacity is not None and len(sketch):
        strongest = float(sketch.opacities.max())
        alike = np.full(len(sketch), look.opacity)
        changes["opacities"] = sketch.opacities * (look.opacity / strongest) if strongest > 0 else alike
    if look.paper is not None:
        changes["paper"] = None if look.transparent else parse_color(look.paper, "paper")
    return dataclasses.replace(sketch, **changes)  # type: ignore[arg-type]


def parse_color(text: str, what: Literal["color", "paper"]) -> tuple[float, float, float]:
    """Red, green and blue in [0, 1] of a colour's name or #rrggbb.

    Raises:
        OutputError: it is none, or a translucent one.
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
