"""Sketch <-> SVG text.

    text = to_svg(sketch)      # one <path> of absolute cubics per stroke, deterministic to the byte
    sketch = from_svg(text)    # the same sketch, to the printed decimals

`from_svg` also reads stroked paths and lines of other programs. It reads in one pass over the XML parser's events:
nothing is fetched, no entity is expanded, and whatever it cannot draw faithfully is refused instead of guessed.
"""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..._text import quote
from ...errors import SvgError, UnsupportedSvgError
from ...sketch import Sketch, copy_json
from .path import FLOAT, Segment, number, parse_path, polyline
from .safety import SVG, check_element, parse

NAMESPACE = "urn:x-strokewise:drawing"
"""XML namespace of the element inside <metadata> that holds the sketch's metadata, as JSON."""
PAPER, LOCKED = "data-paper", "data-locked"
"""Attributes: of the rectangle that shows the paper, and of a locked stroke."""

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
"""The style sheet of an animated SVG, the only style sheet that `from_svg` accepts. It is the same in every such file,
so that several of them can stand in one web page.

A stroke is drawn by shifting one dash into it. The dash is a little longer than the stroke, so that rounding leaves no
gap at the end. The stroke is hidden until its time, as the round cap of a dash of length 0 would be a dot. `backwards`:
after the animation it is a plain stroke again.
"""

MAX_BYTES = 20_000_000
MAX_STROKES = 20_000
MAX_SEGMENTS = 200_000
MAX_COORDINATE = 1e7
MAX_DEPTH = 200
"""Limits of what is read: bytes, strokes, cubics, user units from the origin, nested elements."""
METADATA_DEPTH = 50
"""How deeply metadata may be nested: less than in a sketch, as a brushed SVG holds a sketch in its metadata."""


def to_svg(sketch: Sketch) -> str:
    """The drawing as SVG text.

    Lengths have at most 3 decimals. Colour, width and opacity are attributes of the group if all strokes share them.
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
    lines.append(f'<g fill="none" stroke-linecap="round" stroke-linejoin="round"{_attributes(shared)}>')
    for points, style in zip(sketch.points, styles, strict=True):
        own = {k: v for k, v in style.items() if k not in shared}
        lines.append(f'<path d="{path_data(points)}"{_attributes(own)}/>')
    return "\n".join([*lines, "</g>", "</svg>", ""])


def from_svg(source: str | bytes) -> Sketch:
    """A sketch from SVG text.

    Strokes come in document order, as cubics; if they differ in their number of segments, each segment becomes a
    stroke of its own. Fills and hidden elements are left out; every cap and join becomes round. `data-locked` on a path
    or a group locks its strokes.

    Raises:
        UnsupportedSvgError: the SVG has no strokes, or uses something that cannot be drawn faithfully (transforms,
            arcs, text, style sheets, clipping, dashes). The file is not read beyond that.
        SvgError: no SVG, broken, too large, or unsafe (entities, scripts, outside references).
    """
    if isinstance(source, os.PathLike) or (isinstance(source, str) and source.lower().endswith((".svg", ".json"))):
        raise SvgError(f"from_svg takes SVG text: read_sketch({quote(os.fspath(source))}) reads a file")
    data = source.encode("utf-8", "replace") if isinstance(source, str) else bytes(source)
    if len(data) > MAX_BYTES:
        raise SvgError(f"the SVG is larger than {MAX_BYTES // 1_000_000} MB: simplify it")
    reader = _Reader()
    parse(data, "utf-8" if isinstance(source, str) else None, reader)
    return reader.sketch()


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


def path_data(points: NDArray[np.float64]) -> str:
    """A stroke, float64 [4 or 7 or 10... points, xy], as the data of an SVG path, lengths in three decimals."""
    pairs = [f"{decimal(x)} {decimal(y)}" for x, y in points]
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


# Reading

_CONTAINERS = {"g", "a"}
_SILENT = {"title", "desc", "metadata", "style", "defs", "symbol", "clipPath", "mask", "marker", "pattern"}
_SHAPES = {"path", "line", "polyline", "polygon", "rect", "circle", "ellipse"}
_UNSUPPORTED = ("transform", "clip-path", "mask", "filter", "stroke-dasharray")
_VISIBILITY = {"visible": True, "initial": True, "hidden": False, "collapse": False}
_UNITS = {"": 1.0, "px": 1.0, "mm": 96 / 25.4, "cm": 96 / 2.54, "in": 96.0, "pt": 96 / 72, "pc": 16.0}
_LENGTH = re.compile(rf"\s*({FLOAT})\s*([a-z%]*)\s*\Z")


@dataclasses.dataclass(frozen=True)
class _Style:
    """The inherited style of a stroke."""

    color: tuple[float, float, float] | None = None
    current: tuple[float, float, float] = (0.0, 0.0, 0.0)
    width: float = 1.0
    opacity: float = 1.0  # of the stroke: inherited
    group: float = 1.0  # of the groups around: multiplied
    locked: bool = False
    displayed: bool = True  # no child can undo display="none"
    visible: bool = True  # a child may be visible inside a hidden group


def _styled(above: _Style, attributes: dict[str, str]) -> _Style:
    """The style of an element, from its presentation attributes and its style attribute, which wins."""
    own = dict(attributes)
    for declaration in attributes.get("style", "").split(";"):
        key, _, value = declaration.partition(":")
        own[key.strip().lower()] = value.replace("!important", "")
    own = {key: value.strip() for key, value in own.items() if value.strip() not in ("", "inherit")}
    for key in _UNSUPPORTED:
        if own.get(key, "none") != "none":
            raise UnsupportedSvgError(
                f"the SVG uses {key}, which is not supported: export it as plain paths without it"
            )
    style = above
    if "color" in own:
        style = dataclasses.replace(style, current=_color(own["color"], style.current) or style.current)
    if "stroke" in own:
        style = dataclasses.replace(style, color=_color(own["stroke"], style.current))
    if "stroke-width" in own:
        style = dataclasses.replace(style, width=_length(own["stroke-width"]))
    if "stroke-opacity" in own:
        style = dataclasses.replace(style, opacity=_fraction(own["stroke-opacity"]))
    if "opacity" in own:
        style = dataclasses.replace(style, group=style.group * _fraction(own["opacity"]))
    if LOCKED in own:
        style = dataclasses.replace(style, locked=own[LOCKED].lower() not in ("false", "no", "0"))
    if own.get("display", "").lower() == "none":
        style = dataclasses.replace(style, displayed=False)
    if own.get("visibility", "").lower() in _VISIBILITY:
        style = dataclasses.replace(style, visible=_VISIBILITY[own["visibility"].lower()])
    return style


def _color(text: str, current: tuple[float, float, float]) -> tuple[float, float, float] | None:
    """Red, green, blue in [0, 1], or None for no stroke."""
    if text in ("none", "transparent"):
        return None
    if text.lower() == "currentcolor":
        return current
    from PIL import ImageColor

    try:
        red, green, blue, *alpha = ImageColor.getrgb(text)
        if alpha:
            raise ValueError("translucent colour")
    except ValueError as error:
        raise UnsupportedSvgError(
            f"the SVG uses the colour {text[:40]!r}, which is not supported: use #rrggbb"
        ) from error
    return red / 255, green / 255, blue / 255


def _length(text: str) -> float:
    match = _LENGTH.match(text)
    if match is None or match[2] not in _UNITS:
        raise UnsupportedSvgError(f"the SVG has the length {text[:40]!r}, which is not supported: use plain numbers")
    return number(match[1]) * _UNITS[match[2]]


def _fraction(text: str) -> float:
    value = number(text[:-1]) / 100 if text.endswith("%") else number(text)
    return min(1.0, max(0.0, value))


def _metadata(text: str) -> dict[str, Any]:
    """The sketch's metadata; empty if it is not valid, as the strokes can be read without it."""
    try:
        value = copy_json(json.loads(text) if text else {}, METADATA_DEPTH)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


class _Reader:
    """Collects strokes from parser events; `stack` has a style for each open element, None inside undrawn ones."""

    def __init__(self) -> None:
        self.stack: list[_Style | None] = []
        self.canvas: tuple[float, float] | None = None
        self.origin = (0.0, 0.0)
        self.strokes: list[tuple[list[Segment], _Style]] = []
        self.segments = 0
        self.paper: tuple[float, float, float] | None = None
        self.in_drawing = False
        self.in_style = False
        self.json: list[str] = []
        self.sheet: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        space, _, name = tag.rpartition(" ")
        check_element(name, attributes)
        if len(self.stack) >= MAX_DEPTH:
            raise SvgError("the SVG is nested too deeply: export it as plain SVG")
        self.in_drawing = (space, name) == (NAMESPACE, "drawing")
        known = space in ("", SVG)
        if not self.stack:
            if not known or name != "svg":
                raise SvgError(f"this is no SVG but <{name}>: name an SVG file")
            self._size(attributes)
            self.stack.append(_styled(_Style(), attributes))
            return
        above = self.stack[-1]
        self.in_style = known and name == "style"
        if above is None or not known or name in _SILENT:
            self.stack.append(None)
            return
        if name not in _CONTAINERS | _SHAPES:
            raise UnsupportedSvgError(
                f"the SVG uses <{name}>, which is not supported: turn everything into plain paths"
            )
        style = _styled(above, attributes)
        self.stack.append(style)
        if name == "rect" and PAPER in attributes:
            self.paper = _color(attributes.get("fill", "none"), style.current)
        if name in _SHAPES and style.color is not None and style.displayed and style.visible and style.width > 0:
            self._shape(name, attributes, style)

    def end(self, tag: str) -> None:
        self.stack.pop()
        # A style sheet anywhere, even in <defs>, restyles the whole drawing. Our own only sets when strokes appear.
        if self.in_style and "".join(self.sheet).strip() not in ("", STYLE.strip()):
            raise UnsupportedSvgError(
                "the SVG uses a style sheet, which is not supported: export it with presentation attributes"
            )
        self.sheet.clear()
        self.in_drawing = self.in_style = False

    def text(self, data: str) -> None:
        if self.in_style:
            self.sheet.append(data)
        if self.in_drawing:
            self.json.append(data)

    def sketch(self) -> Sketch:
        metadata = _metadata("".join(self.json))
        if not self.strokes and "sketch" in metadata:
            raise UnsupportedSvgError("the SVG is drawn with a brush: read_sketch reads the strokes under it")
        if not self.strokes or self.canvas is None:
            raise UnsupportedSvgError("the SVG has no strokes: give its paths a stroke colour")
        strokes = self.strokes
        if len({len(segments) for segments, _ in strokes}) > 1:
            strokes = [([segment], style) for segments, style in strokes for segment in segments]
        points = np.array([np.concatenate([c[0], *(s[1:] for s in c[1:])]) for c, _ in strokes]) - self.origin
        if not np.isfinite(points).all() or np.abs(points).max() > MAX_COORDINATE:
            raise SvgError("the SVG has coordinates out of range: export it again")
        styles = [style for _, style in strokes]
        return Sketch.of(
            self.canvas,
            points,
            widths=[s.width for s in styles],
            colors=np.array([s.color for s in styles], dtype=np.float64).reshape(-1, 3),
            opacities=[s.opacity * s.group for s in styles],
            locked=[s.locked for s in styles],
            paper=self.paper,
            metadata=metadata,
        )

    def _size(self, attributes: dict[str, str]) -> None:
        box = attributes.get("viewBox")
        if box is not None:
            values = [number(v) for v in box.replace(",", " ").split()]
            if len(values) != 4:
                raise SvgError("the SVG's viewBox must be four numbers: export it again")
            self.origin, canvas = (values[0], values[1]), (values[2], values[3])
        elif "width" in attributes and "height" in attributes:
            canvas = (_length(attributes["width"]), _length(attributes["height"]))
        else:
            raise UnsupportedSvgError("the SVG has no size: give it a viewBox")
        if not (0 < canvas[0] <= MAX_COORDINATE and 0 < canvas[1] <= MAX_COORDINATE):
            raise SvgError("the SVG's size must be larger than 0: export it again")
        self.canvas = canvas

    def _shape(self, name: str, attributes: dict[str, str], style: _Style) -> None:
        if name == "path":
            found = parse_path(attributes.get("d", ""))
        elif name in ("line", "polyline", "polygon"):
            if name == "line":
                ends = [_length(attributes.get(k, "0")) for k in ("x1", "y1", "x2", "y2")]
            else:
                ends = [number(v) for v in attributes.get("points", "").replace(",", " ").split()]
            found = polyline(ends, closed=name == "polygon")
        else:
            raise UnsupportedSvgError(f"the SVG has a stroked <{name}>, which is not supported: turn it into a path")
        for segments in found:
            self.strokes.append((segments, style))
            self.segments += len(segments)
        if len(self.strokes) > MAX_STROKES or self.segments > MAX_SEGMENTS:
            raise SvgError(f"the SVG has more than {MAX_STROKES} strokes or {MAX_SEGMENTS} curves: simplify it")
