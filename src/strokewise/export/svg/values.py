"""Values of SVG attributes: numbers, lengths, shares and colours."""

from __future__ import annotations

import math
import re

from ...errors import SvgError, UnsupportedSvgError

FLOAT = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
"""A number, as a regular expression."""
MAX_DIGITS = 64
"""Most characters of a number."""

_UNITS = {"": 1.0, "px": 1.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "pt": 96 / 72, "pc": 16.0, "q": 24 / 25.4}
_LENGTH = re.compile(rf"\s*({FLOAT})\s*([a-z%]*)\s*\Z", re.IGNORECASE)
_NUMBERS = re.compile(rf"[\s,]*({FLOAT})")
_RGB = re.compile(r"rgba?\(([^()]*)\)\Z")

Color = tuple[float, float, float]


def number(text: str) -> float:
    """The finite number that a text is.

    Raises:
        SvgError: it is not a number, or not finite.
    """
    text = text.strip()
    # Bounded: converting millions of digits takes minutes.
    if len(text) > MAX_DIGITS or re.fullmatch(FLOAT, text) is None or not math.isfinite(value := float(text)):
        raise SvgError(f"the SVG has {text[:40]!r} where a number should stand: export it again")
    return value


def numbers(text: str, most: int = 1_000_000) -> tuple[list[float], bool]:
    """The numbers of a list, up to its first mistake, and whether all of it was read.

    Raises:
        SvgError: there are more than `most` numbers.
    """
    found: list[float] = []
    at, end = 0, len(text.rstrip(" \t\r\n,"))
    while at < end:
        match = _NUMBERS.match(text, at)
        if match is None or len(match[1]) > MAX_DIGITS or not math.isfinite(value := float(match[1])):
            return found, False
        if len(found) == most:
            raise SvgError(f"the SVG has a list of more than {most} numbers: simplify it")
        found.append(value)
        at = match.end()
    return found, True


def length(text: str, whole: float | None = None) -> float:
    """A length in user units, at 96 to the inch.

    Args:
        text: such as "3", "2.5mm", "10%".
        whole: what 100 % is, user units; None allows no percentage.

    Raises:
        UnsupportedSvgError: another unit, or no length at all.
    """
    match = _LENGTH.match(text) if len(text) <= 2 * MAX_DIGITS else None
    unit = match[2].lower() if match else ""
    if match is not None and unit == "%" and whole is not None:
        return number(match[1]) / 100 * whole
    if match is None or unit not in _UNITS:
        raise UnsupportedSvgError(f"the SVG has the length {text[:40]!r}, which is not supported: use plain numbers")
    return number(match[1]) * _UNITS[unit]


def fraction(text: str) -> float:
    """A share in [0, 1], as a number or a percentage; what lies outside is cut off."""
    value = number(text[:-1]) / 100 if text.endswith("%") else number(text)
    return min(1.0, max(0.0, value))


def color(text: str, current: Color) -> tuple[Color, float] | None:
    """Red, green, blue and opacity in [0, 1], or None for no paint.

    Args:
        text: the value.
        current: what `currentColor` is.

    Raises:
        UnsupportedSvgError: it is no plain colour, such as a gradient.
    """
    text = text.strip().lower()
    if text in ("none", "transparent"):
        return None
    if text == "currentcolor":
        return current, 1.0
    if text.startswith("url("):
        raise UnsupportedSvgError(
            "the SVG has strokes painted with a gradient or a pattern, which is not supported: choose a plain colour "
            "(Inkscape: Object > Fill and Stroke > Stroke paint; Illustrator: Color panel)"
        )
    text = re.sub(r"\s*icc-color\(.*", "", text)
    found = _rgb(text) or _named(text)
    if found is None:
        raise UnsupportedSvgError(f"the SVG uses the colour {text[:40]!r}, which is not supported: use #rrggbb")
    return found


def _rgb(text: str) -> tuple[Color, float] | None:
    """rgb(12, 34, 56), rgb(10% 20% 30% / 50%), rgba(...); None if it is not that."""
    match = _RGB.match(text) if len(text) < 200 else None
    parts = re.split(r"[\s,/]+", match[1].strip()) if match else []
    if len(parts) not in (3, 4):
        return None
    try:
        red, green, blue = (fraction(part if part.endswith("%") else str(number(part) / 255)) for part in parts[:3])
        return (red, green, blue), fraction(parts[3]) if len(parts) == 4 else 1.0
    except SvgError:
        return None


def _named(text: str) -> tuple[Color, float] | None:
    """#rgb, #rrggbb, both with opacity, hsl(...), names; None if it is none of them."""
    from PIL import ImageColor

    try:
        red, green, blue, *alpha = ImageColor.getrgb(text)
    except ValueError:
        return None
    return (red / 255, green / 255, blue / 255), alpha[0] / 255 if alpha else 1.0
