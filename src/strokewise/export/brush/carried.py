"""The strokes that a brushed SVG carries in its metadata, and what was changed in its outlines since.

The metadata holds a mark for each outline. Another program that leaves an outline as it is keeps its mark; so outlines
that were deleted, moved or coloured can be told, and their strokes follow.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

import numpy as np

from ..._arrays import Array
from ..._text import plural
from ...errors import OutputError, SvgError, UnsupportedSvgError
from ...sketch import Sketch
from ..strokes_json import from_document
from ..svg.contents import Filled, Line, Reading, joined
from ..svg.path import parse_path
from ..svg.text import hex_color
from ..svg.transforms import IDENTITY, Affine, mapped, scales
from ..svg.values import FLOAT
from .brushes import mark, outline_marks, stroke_outlines

SAME = 1e-6
"""Largest difference of two maps, or of two opacities, that is rounding."""
MOVED = 1e-3
"""How far the corners of a moved outline may be from where the map has them, as a share of the canvas."""


def restored(reading: Reading) -> tuple[Sketch, list[str]]:
    """The strokes under a brush, with the edits that were made to their outlines, and strokes that were added.

    Args:
        reading: of an SVG whose metadata holds a sketch.

    Returns:
        the sketch, and one line for each kind of edit that is left out or followed.

    Raises:
        JsonError: what the metadata holds is no sketch.
        UnsupportedSvgError: nothing is left of it.
    """
    sketch = from_document(reading.metadata.get("sketch"))
    marks = _marks(reading.metadata, sketch)
    found, strangers = _matched(reading.fills, marks)
    if any(not fill.faint for fill in strangers):
        missing = [i for i in range(len(sketch)) if len(found.get(i, ())) < len(marks[i])]
        strangers = _moved(strangers, found, missing, sketch, str(reading.metadata.get("brush")))
    strange = sum(not fill.faint for fill in strangers)
    if not found and any(marks) and strange:
        told = ["another program redrew all outlines: the strokes that they were made from are read, without edits"]
        return _together(sketch, {}, reading, list(range(len(sketch)))), told
    kept = [i for i in range(len(sketch)) if i in found or not marks[i]]
    told = []
    if gone := len(sketch) - len(kept):
        told.append(f"{plural(gone, 'brushed stroke')} deleted or redrawn in another program: left out")
    if cut := sum(len(found[i]) < len(marks[i]) for i in found):
        told.append(f"{plural(cut, 'brushed stroke')} partly deleted in another program: read as a whole")
    if strange:
        told.append(
            f"{plural(strange, 'filled shape')} added or redrawn in another program: left out, only strokes are read"
        )
    if reading.lines:
        told.append(
            f"{plural(len(reading.lines), 'stroke')} added in another program to {len(kept)} brushed: all are read"
        )
    return _together(sketch, found, reading, kept), told


def _marks(metadata: dict[str, Any], sketch: Sketch) -> list[list[str]]:
    """The marks of each stroke's outlines; made anew where a file has none."""
    marks = metadata.get("outlines")
    if isinstance(marks, list) and len(marks) == len(sketch):
        return [[str(one) for one in those] if isinstance(those, list) else [] for those in marks]
    try:
        return outline_marks(sketch, str(metadata.get("brush")))
    except OutputError:
        return [["unknown"]] * len(sketch)


_Found = dict[int, list[tuple[Filled, float]]]
"""The filled shapes of each stroke, with the opacities that they had."""


def _matched(fills: list[Filled], marks: list[list[str]]) -> tuple[_Found, list[Filled]]:
    """The filled shapes of each stroke, and those of none."""
    places: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for i, those in enumerate(marks):
        for one in those:
            digest, _, clear = one.partition("/")
            places[digest].append((i, float(clear) if re.fullmatch(FLOAT, clear) else 1.0))
    found: _Found = defaultdict(list)
    strangers = []
    for fill in fills:
        candidates = places.get(mark(fill.data, 1)) if fill.data else None
        if candidates:
            i, opacity = candidates.pop(0)
            found[i].append((fill, opacity))
        else:
            strangers.append(fill)
    return dict(found), strangers


def _moved(strangers: list[Filled], found: _Found, missing: list[int], sketch: Sketch, brush: str) -> list[Filled]:
    """Add shapes that are outlines with every corner moved in the same way, as programs write what was moved there.

    Args:
        strangers: shapes of no stroke.
        found: the shapes of each stroke, to which some are added.
        missing: strokes of which shapes are missing.
        sketch: the strokes.
        brush: that they were drawn with.

    Returns:
        shapes that still are of no stroke.
    """
    try:
        shapes = stroke_outlines(sketch, brush)
    except OutputError:
        return strangers
    places: dict[int, list[tuple[int, Array, float]]] = defaultdict(list)
    for i in missing:
        for shape in shapes[i]:
            corners = np.concatenate(shape.rings)
            places[len(corners)].append((i, corners, shape.opacity))
    left = []
    for fill in strangers:
        corners = _corners(fill)
        for candidate in places.get(len(corners), ()):
            i, before, opacity = candidate
            matrix = _affine(before, corners, MOVED * max(sketch.canvas))
            if matrix is not None:
                found.setdefault(i, []).append((fill._replace(matrix=matrix), opacity))
                places[len(corners)].remove(candidate)
                break
        else:
            left.append(fill)
    return left


def _corners(fill: Filled) -> Array:
    """The corners of a shape, float64 [corner, xy], canvas units; none if its path data cannot be read."""
    try:
        chains, fault, _ = parse_path(fill.data)
    except SvgError:
        return np.zeros((0, 2))
    rings = [chain[:-1:3] if (chain[0] == chain[-1]).all() else chain[::3] for chain in chains]
    return mapped(fill.matrix, np.concatenate(rings)) if rings and not fault else np.zeros((0, 2))


def _affine(before: Array, after: Array, slack: float) -> Affine | None:
    """The map that takes corners to others, to within `slack`; None if there is none."""
    design = np.concatenate([before, np.ones((len(before), 1))], axis=1)
    solution = np.linalg.lstsq(design, after, rcond=None)[0]
    if not np.isfinite(solution).all() or np.abs(design @ solution - after).max() > slack:
        return None
    (a, b), (c, d), (e, f) = solution.tolist()
    return (a, b, c, d, e, f)


def _together(sketch: Sketch, found: _Found, reading: Reading, kept: list[int]) -> Sketch:
    """The kept strokes as their outlines are now, and the added ones, the lowest first."""
    paper = sketch.paper
    if (reading.paper and hex_color(reading.paper)) != (paper and hex_color(paper)):
        paper = reading.paper
    lines: list[Line] = []
    order = -1
    for i in kept:
        line = Line(
            order, sketch.chains[i], float(sketch.widths[i]), tuple(sketch.colors[i].tolist()),
            float(sketch.opacities[i]), bool(sketch.locked[i]),
        )  # fmt: skip
        if i in found:
            line = _edited(line, found[i])
        order = line.order
        lines.append(line)
    lines = sorted([*lines, *reading.lines], key=lambda line: line.order)
    if not lines:
        raise UnsupportedSvgError("the SVG has no strokes: all brushed ones were deleted; draw some, or take a copy")
    return joined(lines, reading, paper, sketch.metadata)


def _edited(line: Line, outlines: list[tuple[Filled, float]]) -> Line:
    """A stroke as its outlines are now: moved, scaled and coloured as the first of them."""
    fill, opacity = outlines[0]
    line = line._replace(order=fill.order)
    if np.abs(np.subtract(fill.matrix, IDENTITY)).max() > SAME:
        largest, smallest = scales(fill.matrix)
        points: Array = mapped(fill.matrix, line.points)
        line = line._replace(points=points, width=line.width * (largest * smallest) ** 0.5)
    if hex_color(fill.color) != hex_color(line.color):
        line = line._replace(color=fill.color)
    if opacity > 0 and abs(fill.opacity - opacity) > SAME:
        line = line._replace(opacity=min(1.0, line.opacity * fill.opacity / opacity))
    return line
