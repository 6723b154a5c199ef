"""The style of an SVG element: what it inherits, its attributes, the rules of style sheets, its style attribute."""

from __future__ import annotations

import dataclasses
import math

from ...errors import SvgError
from .stylesheet import StyleSheet, declared
from .tree import Element
from .values import Color, color, fraction, length, numbers

LOCKED = "data-locked"
"""Attribute of a locked stroke, or of a group of them."""

_NOTHING = {"", "inherit", "null", "undefined", "nan"}
_VISIBILITY = {"visible": True, "initial": True, "hidden": False, "collapse": False}


@dataclasses.dataclass(frozen=True)
class Style:
    """The style of an element; lengths in its user units.

    Attributes:
        color: of the stroke, rgb in [0, 1]; None without one.
        clear: opacity of that colour itself.
        current: what `currentColor` is.
        width: of the stroke.
        opacity: of the stroke, inherited.
        group: of the groups around, multiplied.
        fill: of the shape; None without one.
        fill_opacity: its own and that of its colour.
        locked: whether its strokes stay as they are when the drawing is carried on.
        displayed: False cannot be undone by a child.
        visible: False can.
        capped: whether its lines have round or square caps, so that dots can be seen.
        dashes: dash, gap, dash...; empty for a solid line.
        dash_offset: where in them a line starts.
        fixed_width: the width is in pixels of the page, whatever the scale.
        marked: whether arrows or other markers are drawn at its corners.
    """

    color: Color | None = None
    clear: float = 1.0
    current: Color = (0.0, 0.0, 0.0)
    width: float = 1.0
    opacity: float = 1.0
    group: float = 1.0
    fill: Color | None = (0.0, 0.0, 0.0)
    fill_opacity: float = 1.0
    locked: bool = False
    displayed: bool = True
    visible: bool = True
    capped: bool = False
    dashes: tuple[float, ...] = ()
    dash_offset: float = 0.0
    fixed_width: bool = False
    marked: bool = False

    @property
    def stroked(self) -> bool:
        """Whether a stroke can be seen."""
        seen = self.displayed and self.visible and self.group > 0
        return self.color is not None and seen and self.width > 0

    @property
    def filled(self) -> bool:
        """Whether a fill can be seen."""
        clear = self.fill_opacity * self.group
        return self.fill is not None and self.displayed and self.visible and clear > 0


def own_values(element: Element, sheet: StyleSheet) -> dict[str, str]:
    """What an element says about itself: attributes, then rules, then its style attribute; the stronger one counts.

    Values that are empty, "inherit", or what careless programs write for none, are left out.
    """
    own = dict(element.attributes)
    rules, inline = sheet.declarations(element), declared(element.attributes.get("style", ""))
    for strong in (False, True):
        for declarations in (rules, inline):
            own.update((key, value) for key, value, important in declarations if important == strong)
    return {key: value.strip() for key, value in own.items() if value.strip().lower() not in _NOTHING}


def styled(above: Style, own: dict[str, str], viewport: tuple[float, float]) -> Style:
    """The style of an element.

    Args:
        above: of its parent.
        own: what it says about itself.
        viewport: width and height of what percentages refer to, user units.

    Raises:
        UnsupportedSvgError: it uses a value that cannot be drawn faithfully.
        SvgError: a value cannot be read.
    """
    change: dict[str, object] = {}
    diagonal = math.hypot(*viewport) / math.sqrt(2)
    current = above.current
    if "color" in own:
        current = change["current"] = (color(own["color"], current) or (current, 1.0))[0]
    if "stroke" in own:
        paint = color(own["stroke"], current)
        change["color"], change["clear"] = paint or (None, 1.0)
    if "stroke-width" in own:
        change["width"] = length(own["stroke-width"], diagonal)
    if "stroke-opacity" in own:
        change["opacity"] = fraction(own["stroke-opacity"])
    if "opacity" in own:
        change["group"] = above.group * fraction(own["opacity"])
    if "fill" in own:
        change["fill"] = _fill(own["fill"], current)
    if "fill-opacity" in own:
        change["fill_opacity"] = fraction(own["fill-opacity"])
    if LOCKED in own:
        change["locked"] = own[LOCKED].lower() not in ("false", "no", "0")
    if own.get("display", "").lower() == "none":
        change["displayed"] = False
    if own.get("visibility", "").lower() in _VISIBILITY:
        change["visible"] = _VISIBILITY[own["visibility"].lower()]
    if "stroke-linecap" in own:
        change["capped"] = own["stroke-linecap"].lower() in ("round", "square")
    if "stroke-dasharray" in own:
        change["dashes"] = _dashes(own["stroke-dasharray"], diagonal)
    if "stroke-dashoffset" in own:
        change["dash_offset"] = length(own["stroke-dashoffset"], diagonal)
    if "vector-effect" in own:
        change["fixed_width"] = own["vector-effect"].lower() == "non-scaling-stroke"
    elif above.fixed_width:
        change["fixed_width"] = False  # it is not inherited
    markers = [own[key] for key in ("marker", "marker-start", "marker-mid", "marker-end") if key in own]
    if markers:
        change["marked"] = any(value.lower() != "none" for value in markers)
    return dataclasses.replace(above, **change) if change else above  # type: ignore[arg-type]


def is_dashed(style: Style, way: float, path_length: float) -> bool | None:
    """Whether a line of that length has gaps; None if it lies in a gap as a whole.

    Args:
        style: of the line.
        way: its length, user units.
        path_length: its pathLength, which dashes are measured by; 0 without one.
    """
    total = sum(style.dashes)
    if total <= 0:
        return False
    unit = way / path_length if path_length > 0 else 1.0
    slack = 0.01 * way + 1e-9
    if not total * unit > slack:
        return True
    at = math.fmod(style.dash_offset, total)
    at = at + total if at < 0 else at
    place = 0
    while at >= style.dashes[place] and place < len(style.dashes) - 1:
        at -= style.dashes[place]
        place += 1
    # Neighbouring dashes with gaps of 0 between them are one.
    left, k = style.dashes[place] - at, place
    for _ in range(len(style.dashes)):
        gap = (k + 1) % len(style.dashes)
        if style.dashes[gap] > 0 or left * unit + slack >= way:
            break
        k = (gap + 1) % len(style.dashes)
        left += style.dashes[k]
    if all(d == 0 for d in style.dashes[1::2]):
        return place % 2 == 1
    if left * unit + slack >= way:
        return None if place % 2 else False
    return True


def _fill(text: str, current: Color) -> Color | None:
    """The colour of a fill; black for gradients and whatever else there may be, as only its presence counts."""
    try:
        paint = color(text, current)
    except SvgError:
        return (0.0, 0.0, 0.0)
    return paint[0] if paint and paint[1] > 0 else None


def _dashes(text: str, diagonal: float) -> tuple[float, ...]:
    """Dash, gap, dash...: an even number of them; empty for a solid line, as for values that are none."""
    if text.lower() == "none":
        return ()
    values, sound = numbers(text, 1000)
    try:
        values = values if sound else [length(part, diagonal) for part in text.replace(",", " ").split()[:1000]]
    except SvgError:
        return ()  # browsers do without what they cannot read
    if not values or min(values) < 0 or sum(values) <= 0:
        return ()
    return tuple(values if len(values) % 2 == 0 else values * 2)
