"""The page of an SVG: its size, and the map from its user units to a drawing's canvas."""

from __future__ import annotations

from typing import NamedTuple

from ...errors import SvgError, UnsupportedSvgError
from .limits import MAX_COORDINATE
from .transforms import Affine, Box, fitted, view_box
from .values import length

SAME_ASPECT = 0.005
"""Largest relative difference of two aspect ratios that counts as rounding."""


class SvgPage(NamedTuple):
    """The page.

    Attributes:
        canvas: width and height of the drawing: those of the viewBox, if there is one, enlarged where the page has
            another shape.
        matrix: from the outermost user units to the canvas.
        viewport: what percentages refer to, user units.
        pixel: a pixel of the page, at 96 to the inch, in canvas units.
    """

    canvas: tuple[float, float]
    matrix: Affine
    viewport: tuple[float, float]
    pixel: float


def page_of(own: dict[str, str]) -> SvgPage:
    """The page of an SVG.

    Args:
        own: what its outermost element says about itself.

    Raises:
        UnsupportedSvgError: it says no size.
        SvgError: the size is out of range, or cannot be read.
    """
    if "viewBox" not in own:
        if "width" not in own or "height" not in own:
            raise UnsupportedSvgError("the SVG has no size: give it a viewBox")
        canvas = (length(own["width"]), length(own["height"]))
        _check(canvas)
        return SvgPage(canvas, (1.0, 0.0, 0.0, 1.0, 0.0, 0.0), canvas, 1.0)
    box = view_box(own["viewBox"])
    width, height = (_absolute(own.get(side, "")) for side in ("width", "height"))
    pixel = box[2] / width if width else box[3] / height if height else 1.0
    canvas, frame = box[2:], (0.0, 0.0, box[2], box[3])
    aspect = own.get("preserveAspectRatio", "")
    if width and height:
        across, down = width / box[2], height / box[3]
        if abs(across / down - 1) > SAME_ASPECT:
            # In units of the viewBox still, where its scale is the same in both directions.
            scale = max(across, down) if "slice" in aspect.split() else min(across, down)
            scale = 1.0 if "none" in aspect.split() else scale
            canvas, pixel = (width / scale, height / scale), 1 / scale
            frame = (0.0, 0.0, *canvas)
    _check(canvas)
    return SvgPage(canvas, fitted(box, frame, aspect), box[2:], pixel)


def nested_frame(own: dict[str, str], viewport: tuple[float, float], size: dict[str, str]) -> Box:
    """Where an <svg> inside another, or a symbol, is laid: left, top, width, height in the user units around it.

    Args:
        own: what it says about itself.
        viewport: what percentages refer to, user units.
        size: width and height that a <use> asks for, if it does.
    """
    said = {**own, **size}
    x, y = length(own.get("x", "0"), viewport[0]), length(own.get("y", "0"), viewport[1])
    width, height = said.get("width", "100%"), said.get("height", "100%")
    width, height = ("100%" if side == "auto" else side for side in (width, height))
    return x, y, length(width, viewport[0]), length(height, viewport[1])


def _absolute(text: str) -> float | None:
    """A length that does not depend on the place where the SVG is shown; None of any other.

    Raises:
        SvgError: it is not over 0.
    """
    try:
        value = length(text)
    except SvgError:
        return None
    if not 0 < value <= MAX_COORDINATE:
        raise SvgError("the SVG's size must be larger than 0: export it again")
    return value


def _check(canvas: tuple[float, float]) -> None:
    if not (0 < canvas[0] <= MAX_COORDINATE and 0 < canvas[1] <= MAX_COORDINATE):
        raise SvgError("the SVG's size must be larger than 0: export it again")
