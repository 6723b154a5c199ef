"""Brushes: strokes as the filled outlines that a pen, an ink brush, a pencil or a marker draws.

for outline in outlines(sketch, "ink"):      # filled rings, in drawing order
    ...

The same sketch always gives the same outlines. How each brush works is in `brushwork`.
"""

from __future__ import annotations

import dataclasses
import hashlib
import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np

from ..._arrays import Array
from ..._text import escape
from ...errors import OutputError
from ...sketch import Sketch
from ..look import check_brush
from ..strokes_json import to_document
from ..svg.text import to_svg
from ..svg.values import FLOAT

MAX_CUBICS = 5_000
"""Most cubics of a drawing that is drawn with a brush, as outlines take long to compute."""
TOLERANCE = 5e-5
"""Largest error of outlines, as a share of the canvas's longer side: invisible even on a poster."""


@dataclasses.dataclass(frozen=True, eq=False)
class Outline:
    """A filled shape: a stroke or a part of one.

    Attributes:
        rings: each float64 [point, xy], canvas pixels, closed by its first point. Rings do not overlap, and holes run
            in the other direction, so that the nonzero and the even-odd rule fill the same area.
        color: rgb in [0, 1].
        opacity: in [0, 1].
    """

    rings: tuple[Array, ...]
    color: tuple[float, float, float]
    opacity: float


def outlines(sketch: Sketch, brush: str) -> list[Outline]:
    """The drawing as filled shapes, in drawing order.

    Args:
        sketch: the drawing.
        brush: "round" (the plain stroke), "pen" (even, resting at both ends), "ink" (swelling, with tapered ends),
            "pencil" (grainy, from several thin passes) or "marker" (a broad slanting tip, translucent).

    Raises:
        OutputError: no such brush, or the drawing has more than `MAX_CUBICS` cubics.
    """
    return [shape for shapes in stroke_outlines(sketch, brush) for shape in shapes]


def stroke_outlines(sketch: Sketch, brush: str) -> list[list[Outline]]:
    """`outlines`, as one list for each stroke; an invisible stroke has none.

    Raises:
        OutputError: as for `outlines`.
    """
    check_brush(brush)
    if sketch.curves > MAX_CUBICS:
        raise OutputError(f"the drawing has more than {MAX_CUBICS} curves, too many for a brush: leave out the brush")
    from .brushwork import brushed  # here, because shapely takes a while to load

    found: list[list[Outline]] = []
    for i, parts in enumerate(brushed(sketch, brush, TOLERANCE * max(sketch.canvas))):
        red, green, blue = (float(c) for c in np.clip(sketch.colors[i], 0, 1))
        opacity = float(np.clip(sketch.opacities[i], 0, 1))
        shapes = [Outline(rings, (red, green, blue), opacity * share) for rings, share in parts if rings]
        found.append([shape for shape in shapes if shape.opacity > 0])
    return found


def brushed_svg(sketch: Sketch, brush: str, *, carry: bool = True) -> str:
    """The drawing as SVG text, drawn with a brush; with the round one, `to_svg`.

    Args:
        sketch: the drawing.
        brush: one of `BRUSHES`.
        carry: keep the strokes themselves in the metadata, from which `read_sketch` can read them.

    Raises:
        OutputError: as for `outlines`.
    """
    if brush == "round":
        return to_svg(sketch)
    shapes = stroke_outlines(sketch, brush)
    metadata: dict[str, Any] = {"title": sketch.title, "brush": brush}
    if carry:
        metadata |= {"sketch": to_document(sketch), "outlines": _marks(sketch, shapes)}
    filled = [shape for those in shapes for shape in those]
    return outlined_svg(dataclasses.replace(sketch, metadata=metadata), filled, brush)


def mark(data: str, opacity: float) -> str:
    """A short text that tells an outline from others: of the numbers in its path data, however they are written, and
    of its opacity, if it is not 1."""
    numbers = " ".join(f"{float(number[:64]):.6g}" for number in re.findall(FLOAT, data))
    digest = hashlib.blake2s(numbers.encode("ascii"), digest_size=4).hexdigest()
    return digest if opacity == 1 else f"{digest}/{opacity:.3g}"


def outline_marks(sketch: Sketch, brush: str) -> list[list[str]]:
    """The marks of the outlines of each stroke, as `brushed_svg` writes them; see `carried`.

    Raises:
        OutputError: as for `outlines`.
    """
    return _marks(sketch, stroke_outlines(sketch, brush))


def _marks(sketch: Sketch, shapes: list[list[Outline]]) -> list[list[str]]:
    decimals = _decimals(sketch)
    return [[mark(_data(shape, decimals), float(f"{shape.opacity:.3g}")) for shape in those] for those in shapes]


def outlined_svg(sketch: Sketch, filled: Iterable[Outline], brush: str) -> str:
    """Filled shapes as SVG text, on a sketch's canvas and paper and with its metadata.

    Args:
        sketch: the sketch; its strokes are left out.
        filled: the shapes to draw in their place, the lowest first.
        brush: the brush that made them.
    """
    empty = to_svg(sketch.reordered([]))
    decimals = _decimals(sketch)
    lines = [f'<g stroke="none" fill-rule="evenodd" data-brush="{escape(brush)}">']
    for shape in filled:
        fill = "#" + "".join(f"{round(c * 255):02x}" for c in shape.color)
        clear = "" if shape.opacity == 1 else f' fill-opacity="{shape.opacity:.3g}"'
        lines.append(f'<path d="{_data(shape, decimals)}" fill="{fill}"{clear}/>')
    return "\n".join([empty[: empty.rindex("<g ")] + lines[0], *lines[1:], "</g>", "</svg>", ""])


def _decimals(sketch: Sketch) -> int:
    """Of the lengths in outlines."""
    return max(2, 5 - math.floor(math.log10(max(sketch.canvas))))


def _data(shape: Outline, decimals: int) -> str:
    return "".join(_path(ring, decimals) for ring in shape.rings)


def _path(ring: Array, decimals: int) -> str:
    texts = (f"{x:.{decimals}f} {y:.{decimals}f}" for x, y in ring)
    return f"M{'L'.join(texts)}Z"
