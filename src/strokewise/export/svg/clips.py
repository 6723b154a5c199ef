"""Clips of SVG that cut nothing off, as many programs lay them round the whole page.

Strokes are not cut: a clip is accepted where it holds all of the strokes in it, or all of the page.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable

import numpy as np

from ..._arrays import Array
from ...errors import SvgError, UnsupportedSvgError
from .path import parse_path, polyline
from .transforms import Affine, mapped, parse_transform, times
from .tree import Element
from .values import Color, color, length, numbers

_MOST_SHAPES, _MOST_DATA = 100, 1000

RELEASE = {
    "clip-path": "release the clip (Inkscape: Object > Clip > Release; Illustrator: Object > Clipping Mask > Release)",
    "mask": "release the mask (Inkscape: Object > Mask > Release; Illustrator: Transparency panel > Release)",
    "filter": "remove it (Inkscape: Filters > Remove Filters; Illustrator: Appearance panel > Clear Appearance)",
}
"""Property -> where to click to be rid of it."""


def refused(name: str) -> UnsupportedSvgError:
    """The error for a clip, a mask or a filter that changes what is seen."""
    return UnsupportedSvgError(f"the SVG uses {name}, which is not supported: {RELEASE[name]}")


@dataclasses.dataclass(frozen=True, eq=False)
class Clip:
    """What may be seen of the strokes in an element.

    Attributes:
        name: of the property.
        areas: quadrilaterals, float64 [corner, xy] each, canvas units; what lies in one of them is seen whole.
        strict: refuse what is cut off; else it may be told.
    """

    name: str
    areas: tuple[Array, ...]
    strict: bool = True

    def refused(self) -> UnsupportedSvgError:
        """The error for strokes that it cuts."""
        return refused(self.name)

    def holds(self, points: Array, slack: float) -> bool:
        """Whether points [point, xy] lie in one of the areas, to within `slack`, all in canvas units."""
        return any(_inside(area, points, slack) for area in self.areas)


def frame_clip(matrix: Affine, x: float, y: float, width: float, height: float) -> Clip:
    """The clip of the frame of an <svg> inside another, or of a symbol."""
    corners = np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    return Clip("overflow", (mapped(matrix, corners),), strict=False)


def read_clip(
    name: str,
    value: str,
    matrix: Affine,
    viewport: tuple[float, float],
    named: dict[str, Element],
    values_of: Callable[[Element], dict[str, str]],
) -> Clip | None:
    """A clip-path or a mask.

    Args:
        name: "clip-path", "mask" or "filter"; a filter is always refused.
        value: of that property.
        matrix: from the element's user units to the canvas.
        viewport: what percentages refer to, user units.
        named: elements by their ids.
        values_of: what an element says about itself.

    Returns:
        the clip; None if it refers to nothing, as browsers have it.

    Raises:
        UnsupportedSvgError: it is made of more than rectangles.
    """
    match = re.fullmatch(r"url\(\s*[\"']?#([^\"')]*)[\"']?\s*\)", value)
    if match is None:
        raise refused(name)
    target = named.get(match[1].strip())
    if target is None:
        return None
    own = values_of(target)
    expected, units = ("clipPath", "clipPathUnits") if name == "clip-path" else ("mask", "maskContentUnits")
    boxed = own.get(units, "userSpaceOnUse") != "userSpaceOnUse"
    if target.name != expected or boxed or own.get(name, "none") != "none" or len(target.children) > _MOST_SHAPES:
        raise refused(name)
    matrix = times(matrix, parse_transform(own.get("transform", ""))) if name == "clip-path" else matrix
    lit = own.get("mask-type", "luminance") == "luminance"
    areas = []
    for shape in target.children:
        said = values_of(shape)
        place = times(matrix, parse_transform(said.get("transform", "")))
        if shape.name == "use" and (used := named.get(said.get("href", "").strip()[1:])) is not None:
            # Illustrator keeps the rectangle elsewhere.
            move = length(said.get("x", "0"), viewport[0]), length(said.get("y", "0"), viewport[1])
            shape, said = used, values_of(used)
            place = times(times(place, (1.0, 0.0, 0.0, 1.0, *move)), parse_transform(said.get("transform", "")))
        if name == "mask" and not _shows(said, values_of(target), lit):
            raise refused(name)
        area = quadrilateral(shape.name, said, viewport)
        if area is not None:
            areas.append(mapped(place, area))
    if not areas or not all(np.isfinite(area).all() for area in areas):
        raise refused(name)
    return Clip(name, tuple(areas))


def _shows(said: dict[str, str], above: dict[str, str], lit: bool) -> bool:
    """Whether a shape in a mask shows all that is under it: opaque, and white where light counts."""
    both = {**above, **said}
    clear = any(both.get(key, "1") not in ("1", "100%") for key in ("opacity", "fill-opacity"))
    black: Color = (0.0, 0.0, 0.0)
    try:
        paint = color(both.get("fill", "black"), black)
    except SvgError:
        return False
    white = paint is not None and (min(paint[0]) > 0.99 or not lit) and paint[1] == 1
    return white and not clear


def quadrilateral(name: str, own: dict[str, str], viewport: tuple[float, float]) -> Array | None:
    """A shape with four straight sides as its corners, float64 [corner, xy]; None of any other.

    Args:
        name: of the element.
        own: what it says about itself.
        viewport: what percentages refer to, user units.
    """
    if name == "rect":
        if "rx" in own or "ry" in own:
            return None
        try:
            x, y, width, height = (
                length(own.get(key, "0"), viewport[k % 2]) for k, key in enumerate(("x", "y", "width", "height"))
            )
        except SvgError:
            return None
        return np.array([[x, y], [x + width, y], [x + width, y + height], [x, y + height]])
    if name == "path" and len(own.get("d", "")) <= _MOST_DATA:
        chains, fault, _ = parse_path(own.get("d", ""))
    elif name == "polygon":
        chains, fault = polyline(numbers(own.get("points", "")[:_MOST_DATA])[0], closed=True), ""
    else:
        return None
    if fault or len(chains) != 1:
        return None
    chain = chains[0]
    corners, thirds = chain[::3], np.diff(chain[::3], axis=0) / 3
    bent = np.abs(chain[1::3] - corners[:-1] - thirds).max() + np.abs(corners[1:] - chain[2::3] - thirds).max()
    if bent > 1e-6 * (1 + np.abs(chain).max()):
        return None
    corners = corners[np.concatenate([[True], np.abs(np.diff(corners, axis=0)).max(1) > 0])]
    corners = corners[:-1] if len(corners) > 1 and (corners[0] == corners[-1]).all() else corners
    return corners if len(corners) == 4 else None


def _inside(area: Array, points: Array, slack: float) -> bool:
    """Whether points lie in a convex area, whichever way its corners run; nothing lies in one that is not convex."""
    sides = np.roll(area, -1, axis=0) - area
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    if not (lengths > 0).all():
        return False
    normals = np.stack([-sides[:, 1], sides[:, 0]], axis=1) / lengths[:, None]
    turns = sides[:, 0] * np.roll(sides[:, 1], -1) - sides[:, 1] * np.roll(sides[:, 0], -1)
    if not ((turns > 0).all() or (turns < 0).all()):
        return False
    far = ((points[:, None] - area[None]) * normals[None]).sum(2) * np.sign(turns[0])
    return bool((far >= -slack).all())
