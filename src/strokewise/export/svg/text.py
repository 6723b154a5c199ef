"""Sketch <-> SVG text.

    text = to_svg(sketch)      # one <path> of absolute cubics per stroke, deterministic to the byte
    sketch = from_svg(text)    # the same sketch, to the printed decimals

`from_svg` also reads what other programs draw with strokes: see `reader`. Nothing is fetched, and whatever it cannot
draw faithfully is refused instead of guessed.
"""

from __future__ import annotations

import functools
import json
import math
import os
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._text import escape, plural, quote
from ...errors import SvgError, UnsupportedSvgError
from ...sketch import Sketch, cubic_counts
from ..tone import STROKES, layer_attributes, tone_group
from .contents import Reading, sketch_of
from .limits import MAX_BYTES
from .reader import PAPER, read_svg
from .safety import SVG
from .style import LOCKED
from .tree import NAMESPACE
from .unpacking import unpacked

CLASS = "strokewise-drawn"
STYLE = f"""
@keyframes strokewise-line {{
from {{ visibility: hidden; stroke-dasharray: 1.01 2; stroke-dashoffset: 1.01 }}
to {{ visibility: visible; stroke-dasharray: 1.01 2; stroke-dashoffset: 0 }}
}}
@keyframes strokewise-dot {{
from {{ visibility: hidden }}
to {{ visibility: visible }}
}}
@media (prefers-reduced-motion: no-preference) {{
.{CLASS} path {{ animation: strokewise-dot 0s linear backwards }}
.{CLASS} path[pathLength] {{ animation-name: strokewise-line }}
}}
"""
"""The style sheet of an animated SVG. It is the same in every such file, so that several of them can stand in one web
page.

A stroke is drawn by shifting one dash into it. The dash is a little longer than the stroke, so that rounding leaves no
gap at the end. The stroke is hidden until its time, as the round cap of a dash of length 0 would be a dot. `backwards`:
after the animation it is a plain stroke again.
"""


def to_svg(sketch: Sketch) -> str:
    """The drawing as SVG text.

    Lengths have at most 3 decimals. Colour, width and opacity are attributes of the group if all strokes share them.
    Tone is a group of its own, under the strokes, and both are layers in Inkscape.
    The same sketch gives the same bytes.
    """
    width, height = (decimal(v) for v in sketch.canvas)
    styles = [_style(sketch, i) for i in range(len(sketch))]
    shared = {k: v for k, v in (styles[0] if styles else {}).items() if all(s.get(k) == v for s in styles)}
    lines = [
        f'<svg xmlns="{SVG}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<title>{escape(_printable(sketch.title))}</title>",
    ]
    if sketch.metadata:
        data = json.dumps(plain_json(sketch.metadata), ensure_ascii=True, allow_nan=False)
        lines.append(f'<metadata><drawing xmlns="{NAMESPACE}">{escape(data)}</drawing></metadata>')
    if sketch.paper is not None:
        paper = hex_color(np.array(sketch.paper))
        lines.append(f'<rect {PAPER}="" width="{width}" height="{height}" fill="{paper}"/>')
    layer = ""
    if sketch.tone is not None:
        lines += tone_group(sketch.tone)
        layer = layer_attributes(STROKES)
    lines.append(f'<g{layer} fill="none" stroke-linecap="round" stroke-linejoin="round"{_attributes(shared)}>')
    for data, style in zip(paths_data(sketch.points), styles, strict=True):
        own = {k: v for k, v in style.items() if k not in shared}
        lines.append(f'<path d="{data}"{_attributes(own)}/>')
    return "\n".join([*lines, "</g>", "</svg>", ""])


def from_svg(source: str | bytes, notice: Callable[[str], None] | None = None) -> Sketch:
    """A sketch from SVG text.

    Strokes come in document order, as chains of cubics, with all transforms applied. Read are paths and all other
    shapes, groups, <use>, inner <svg>, <switch>, and style sheets of plain rules. Hidden elements are left out; every
    cap and join becomes round. `data-locked` on a path or a group locks its strokes. A path is read up to its first
    mistake.

    Args:
        source: the text.
        notice: called with one line for each kind of thing that is left out or changed: fills, pictures, markers,
            mistakes in paths, uneven scales. None: they become Python warnings.

    Raises:
        UnsupportedSvgError: the SVG has no strokes, or shows something that cannot be drawn faithfully (text, dashes,
            gradients as strokes, clips that cut, filters).
        SvgError: no SVG, broken, too large, or unsafe (entities, scripts, outside references).
    """
    reading = reading_of(source)
    if not reading.lines and "sketch" in reading.metadata:
        raise UnsupportedSvgError("the SVG is drawn with a brush: read_sketch reads the strokes under it")
    sketch, lines = told_sketch(reading)
    tell(lines, notice)
    return sketch


def reading_of(source: str | bytes) -> Reading:
    """What an SVG shows.

    Raises:
        UnsupportedSvgError, SvgError: as for `from_svg`, but for what has no strokes.
    """
    if isinstance(source, os.PathLike) or (isinstance(source, str) and source.lower().endswith((".svg", ".json"))):
        raise SvgError(f"from_svg takes SVG text: read_sketch({quote(os.fspath(source))}) reads a file")
    data = source.encode("utf-8", "replace") if isinstance(source, str) else unpacked(bytes(source))
    if len(data) > MAX_BYTES:
        raise SvgError(f"the SVG is larger than {MAX_BYTES // 1_000_000} MB: simplify it")
    data = data.lstrip() if data[:1].isspace() else data  # white space before <?xml is a mistake that does no harm
    return read_svg(data, "utf-8" if isinstance(source, str) else None)


def told_sketch(reading: Reading) -> tuple[Sketch, list[str]]:
    """The strokes of an SVG, and one line for each kind of thing that is left out or changed.

    Raises:
        UnsupportedSvgError, SvgError: it has no strokes.
    """
    sketch = sketch_of(reading)
    lines = reading.remarks()
    if reading.lost_fills:
        lines.append(f"{plural(reading.lost_fills, 'filled shape')} left out: only strokes are read")
    return sketch, lines


def tell(lines: list[str], notice: Callable[[str], None] | None) -> None:
    """Pass remarks on: to the notice; without one, as Python warnings about the caller of the caller."""
    for line in lines:
        if notice is not None:
            notice(line)
        else:
            warnings.warn(line, UserWarning, stacklevel=3)


# Writing


def _style(sketch: Sketch, i: int) -> dict[str, str]:
    style = {"stroke": hex_color(sketch.colors[i]), "stroke-width": decimal(sketch.widths[i], least=True)}
    opacity = decimal(min(1.0, max(0.0, sketch.opacities[i])))
    if opacity != "1":
        style["stroke-opacity"] = opacity
    if sketch.locked[i]:
        style[LOCKED] = "true"
    return style


def _attributes(style: dict[str, str]) -> str:
    return "".join(f' {name}="{value}"' for name, value in style.items())


def paths_data(points: NDArray[np.float64]) -> list[str]:
    """Strokes, float64 [stroke, 4 or 7 or 10... points, xy], as the data of SVG paths, lengths in three decimals.

    Where a stroke is shorter than the longest one, and ends in cubics that as printed are mere repetitions of its last
    point, these are left out.
    """
    full = points.shape[1] // 3
    printed = [
        _printed(stroke[: 3 * count + 1].tobytes()) for stroke, count in zip(points, cubic_counts(points), strict=True)
    ]
    if max((count for _, count in printed), default=full) < full:
        return [path_data(stroke) for stroke in points]
    return [data for data, _ in printed]


@functools.lru_cache(maxsize=1024)  # the strokes of a film are the same in most of its pictures
def _printed(stroke: bytes) -> tuple[str, int]:
    """A stroke's path data without cubics at its end that as printed are mere repetitions, and how many are left."""
    pairs = [f"{decimal(x)} {decimal(y)}" for x, y in np.frombuffer(stroke).reshape(-1, 2).tolist()]
    count = len(pairs) // 3
    while count > 1 and pairs[3 * count - 3] == pairs[3 * count - 2] == pairs[3 * count - 1] == pairs[-1]:
        count -= 1
    return _joined(pairs[: 3 * count + 1]), count


def path_data(points: NDArray[np.float64]) -> str:
    """A stroke, float64 [4 or 7 or 10... points, xy], as the data of an SVG path, lengths in three decimals."""
    return _joined([f"{decimal(x)} {decimal(y)}" for x, y in points])


def _joined(pairs: list[str]) -> str:
    return f"M{pairs[0]}" + "".join(f"C{' '.join(pairs[i : i + 3])}" for i in range(1, len(pairs), 3))


def hex_color(color: ArrayLike) -> str:
    """#rrggbb of red, green and blue; values outside [0, 1] are clipped."""
    return "#" + "".join(f"{round(float(c) * 255):02x}" for c in np.clip(np.asarray(color, dtype=np.float64), 0, 1))


def decimal(value: float, least: bool = False) -> str:
    """A number with at most 3 decimals and no trailing zeros; with `least`, small ones get more decimals, never 0."""
    decimals = 3
    if least and 0 < value < 0.01:
        decimals = min(15, 2 - math.floor(math.log10(value)))
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _printable(text: str) -> str:
    """The text with a space for each character that XML cannot hold."""
    return "".join(c if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff" else " " for c in text)


def plain_json(value: Any) -> Any:
    """Plain JSON values: NumPy values become Python's, numbers that are not finite become null, other objects text."""
    if isinstance(value, dict):
        return {str(k): plain_json(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_json(v) for v in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return plain_json(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, (bool, int, str)) else str(value)
