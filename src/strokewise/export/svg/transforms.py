"""Affine maps of SVG: the transform attribute, and how a viewBox is fitted into its frame.

A map is six numbers a, b, c, d, e, f as in SVG's matrix(): x' = a x + c y + e, y' = b x + d y + f.
"""

from __future__ import annotations

import math
import re

import numpy as np

from ..._arrays import Array
from ...errors import SvgError, UnsupportedSvgError
from .values import length, number, numbers

Affine = tuple[float, float, float, float, float, float]

IDENTITY: Affine = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_FUNCTION = re.compile(r"[\s,]*([a-zA-Z]+)\s*\(([^()]*)\)")
_ANGLES = {"": 1.0, "deg": 1.0, "rad": 180 / math.pi, "grad": 0.9, "turn": 360.0}
_ANGLE = re.compile(r"\s*([^a-z\s]*(?:e[+-]?[0-9]+)?)\s*(deg|grad|rad|turn)?\s*\Z")
_MOST = 1000


def times(outer: Affine, inner: Affine) -> Affine:
    """The map that does `inner` first, then `outer`."""
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (a * g + c * h, b * g + d * h, a * i + c * j, b * i + d * j, a * k + c * m + e, b * k + d * m + f)


def mapped(matrix: Affine, points: Array) -> Array:
    """Points [..., xy], mapped."""
    a, b, c, d, e, f = matrix
    return points @ np.array([[a, b], [c, d]]) + np.array([e, f])


def scales(matrix: Affine) -> tuple[float, float]:
    """The largest and the smallest scale of a map, over all directions."""
    a, b, c, d, _, _ = matrix
    plus, minus = math.hypot(a + d, b - c), math.hypot(a - d, b + c)
    return (plus + minus) / 2, abs(plus - minus) / 2


def parse_transform(text: str) -> Affine:
    """The map of a transform attribute, or of the CSS property with its units.

    Raises:
        UnsupportedSvgError: it moves in space, or uses a function that is not known.
        SvgError: it is malformed.
    """
    result, at, count = IDENTITY, 0, 0
    text = text.strip().rstrip(",")
    if text.lower() == "none":
        return result
    while at < len(text):
        match = _FUNCTION.match(text, at)
        count += 1
        if match is None or count > _MOST:
            raise SvgError(f"the SVG has the transform {text[:40]!r}, which cannot be read: export it again")
        result = times(result, _function(match[1], match[2]))
        at = match.end()
    if not all(math.isfinite(v) for v in result):
        raise SvgError("the SVG has a transform out of range: export it again")
    return result


def _function(name: str, inside: str) -> Affine:
    kind = name.lower()
    if kind in ("rotate", "skewx", "skewy"):
        return _turned(kind, inside)
    plain, sound = numbers(inside, 20)
    if not sound and kind.startswith("translate"):
        plain = [length(part) for part in re.split(r"[\s,]+", inside.strip())]
    elif not sound:
        plain = []
    v = plain
    if kind == "matrix" and len(v) == 6:
        return (v[0], v[1], v[2], v[3], v[4], v[5])
    if kind == "translate" and len(v) in (1, 2):
        return (1.0, 0.0, 0.0, 1.0, v[0], v[1] if len(v) == 2 else 0.0)
    if kind == "scale" and len(v) in (1, 2):
        return (v[0], 0.0, 0.0, v[-1], 0.0, 0.0)
    if len(v) == 1 and kind in ("translatex", "translatey", "scalex", "scaley"):
        move = kind.startswith("translate")
        x, y = (v[0], 0.0 if move else 1.0) if kind.endswith("x") else (0.0 if move else 1.0, v[0])
        return (1.0, 0.0, 0.0, 1.0, x, y) if move else (x, 0.0, 0.0, y, 0.0, 0.0)
    raise UnsupportedSvgError(
        f"the SVG uses the transform {f'{name}({inside})'[:40]!r}, which is not supported: apply it to the paths "
        "(Inkscape: Extensions > Modify Path; Illustrator: Object > Transform > Reset Bounding Box)"
    )


def _turned(kind: str, inside: str) -> Affine:
    parts = re.split(r"[\s,]+", inside.strip())
    match = _ANGLE.match(parts[0].lower())
    if match is None or len(parts) not in ((1, 3) if kind == "rotate" else (1,)):
        raise SvgError(f"the SVG has the transform {kind}({inside[:30]}), which cannot be read: export it again")
    angle = math.radians(math.fmod(number(match[1]) * _ANGLES[match[2] or ""], 360))
    if kind != "rotate":
        lean = math.tan(angle)
        return (1.0, 0.0, lean, 1.0, 0.0, 0.0) if kind == "skewx" else (1.0, lean, 0.0, 1.0, 0.0, 0.0)
    sine, cosine = math.sin(angle), math.cos(angle)
    x, y = (length(parts[1]), length(parts[2])) if len(parts) == 3 else (0.0, 0.0)
    return (cosine, sine, -sine, cosine, x - cosine * x + sine * y, y - sine * x - cosine * y)


Box = tuple[float, float, float, float]
"""Left, top, width, height."""


def view_box(text: str) -> Box:
    """The four numbers of a viewBox.

    Raises:
        SvgError: they are not four finite numbers, or width or height is not over 0.
    """
    values, sound = numbers(text, 10)
    if not sound or len(values) != 4:
        raise SvgError("the SVG's viewBox must be four numbers: export it again")
    if not (values[2] > 0 and values[3] > 0):
        raise SvgError("the SVG's size must be larger than 0: export it again")
    return values[0], values[1], values[2], values[3]


def fitted(box: Box, frame: Box, aspect: str) -> Affine:
    """The map that lays a viewBox into a frame.

    Args:
        box: the viewBox.
        frame: where it goes.
        aspect: preserveAspectRatio, such as "xMidYMid meet"; what cannot be read counts as that.
    """
    words = aspect.split()
    words = words[1:] if words[:1] == ["defer"] else words
    align = words[0] if words else "xMidYMid"
    across, down = frame[2] / box[2], frame[3] / box[3]
    shares = {"min": 0.0, "mid": 0.5, "max": 1.0}
    if align == "none":
        return (across, 0.0, 0.0, down, frame[0] - across * box[0], frame[1] - down * box[1])
    scale = max(across, down) if words[1:2] == ["slice"] else min(across, down)
    match = re.fullmatch(r"x(Min|Mid|Max)Y(Min|Mid|Max)", align)
    x, y = (shares[name.lower()] for name in match.groups()) if match else (0.5, 0.5)
    left = frame[0] + x * (frame[2] - scale * box[2]) - scale * box[0]
    top = frame[1] + y * (frame[3] - scale * box[3]) - scale * box[1]
    return (scale, 0.0, 0.0, scale, left, top)
