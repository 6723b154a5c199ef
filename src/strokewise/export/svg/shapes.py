"""The outlines of SVG's shapes as chains of cubics."""

from __future__ import annotations

import math

import numpy as np

from ..._arrays import Array
from .limits import MAX_SEGMENTS
from .path import Point, arc, parse_path, polyline, straight
from .values import length, numbers

SHAPES = frozenset({"path", "line", "polyline", "polygon", "rect", "circle", "ellipse"})


def outline(name: str, own: dict[str, str], viewport: tuple[float, float], most: int) -> tuple[list[Array], str, int]:
    """The outline of a shape.

    Args:
        name: of the element, one of `SHAPES`.
        own: what it says about itself.
        viewport: what percentages refer to, user units.
        most: how many commands its path data may have.

    Returns:
        chains, float64 [4 or 7 or 10... points, xy]; what is wrong with it, or an empty text; and how many commands
        were read.

    Raises:
        SvgError: a length cannot be read, or there are more commands.
    """
    if name == "path":
        return parse_path(own.get("d", ""), most)
    if name in ("polyline", "polygon"):
        values, sound = numbers(own.get("points", ""), 2 * MAX_SEGMENTS + 2)
        # Browsers draw nothing of a list with a mistake in it, but do without a last x that has no y.
        chains = polyline(values, name == "polygon") if sound else []
        return chains, "" if sound else "its points are no numbers", len(values) // 2
    diagonal = math.hypot(*viewport) / math.sqrt(2)

    def said(key: str, whole: float) -> float:
        return length(own.get(key, "0"), whole)

    if name == "line":
        ends = [said(key, viewport[k % 2]) for k, key in enumerate(("x1", "y1", "x2", "y2"))]
        return polyline(ends, closed=False), "", 2
    if name == "rect":
        x, y, width, height = (said(key, viewport[k % 2]) for k, key in enumerate(("x", "y", "width", "height")))
        if not (width > 0 and height > 0):
            return [], "", 1
        return [_rectangle(x, y, width, height, *_radii(own, viewport))], "", 8
    x, y = said("cx", viewport[0]), said("cy", viewport[1])
    rx, ry = (said("r", diagonal),) * 2 if name == "circle" else _radii(own, viewport)
    if not (rx > 0 and ry > 0):
        return [], "", 1
    return [_ellipse(x, y, rx, ry)], "", 4


def _radii(own: dict[str, str], viewport: tuple[float, float]) -> tuple[float, float]:
    """rx and ry, user units; one that is not said, or "auto", is the other."""
    found = [
        length(own[key], whole) if own.get(key, "auto") != "auto" else None
        for key, whole in zip(("rx", "ry"), viewport, strict=True)
    ]
    rx, ry = (value if value is not None and value >= 0 else None for value in found)
    both = rx if rx is not None else ry if ry is not None else 0.0
    return both if rx is None else rx, both if ry is None else ry


def _ellipse(x: float, y: float, rx: float, ry: float) -> Array:
    corners = [(x + rx, y), (x, y + ry), (x - rx, y), (x, y - ry), (x + rx, y)]
    chain: list[Point] = [corners[0]]
    for start, end in zip(corners[:-1], corners[1:], strict=True):
        chain += arc(start, [rx, ry, 0, 0, 1], end)
    return np.array(chain)


def _rectangle(x: float, y: float, width: float, height: float, rx: float, ry: float) -> Array:
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if not (rx > 0 and ry > 0):
        rx = ry = 0.0
    right, bottom = x + width, y + height
    sides = [
        ((x + rx, y), (right - rx, y)),
        ((right, y + ry), (right, bottom - ry)),
        ((right - rx, bottom), (x + rx, bottom)),
        ((x, bottom - ry), (x, y + ry)),
    ]
    chain: list[Point] = [sides[0][0]]
    for k, (start, end) in enumerate(sides):
        if start != end:
            chain += straight(start, end)
        chain += arc(end, [rx, ry, 0, 0, 1], sides[(k + 1) % 4][0]) if rx else []
    return np.array(chain)
