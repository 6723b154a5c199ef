"""What an SVG shows: its strokes on a canvas, its filled shapes, and what is left out of it.

reading = read_svg(data)
reading.lines, reading.remarks()

The tree is walked as a browser would draw it. Nothing is fetched; elements are counted as often as they are used.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import numpy as np

from ..._arrays import Array
from ...errors import SvgError, UnsupportedSvgError
from ...sketch import copy_json
from ...tone_layer import TONES
from ..tone import TONE
from . import limits
from .clips import Clip, frame_clip, quadrilateral, read_clip
from .contents import Filled, Line, Reading
from .page import SvgPage, nested_frame, page_of
from .path import MAX_COMMANDS
from .shapes import SHAPES, outline
from .style import Style, is_dashed, own_values, styled
from .stylesheet import StyleSheet
from .transforms import Affine, fitted, mapped, parse_transform, scales, times, view_box
from .tree import MAX_DEPTH, Document, Element, read_document
from .values import length

PAPER = "data-paper"
"""Attribute of the rectangle that shows the paper."""

UNEVEN = 1.01
"""A scale that differs by more between two directions is told, as the width of a pen has no one value there."""

_SHORT, _MOST_LOOKS = 1000, 2000
"""Characters of path data that is looked at to see whether a fill has an area, and how many are looked at."""

_CLIPPING = frozenset({"clip-path", "mask", "filter"})
_GROUPS = frozenset({"g", "a", "svg", "switch", "use"})
_SILENT = frozenset([
    "title", "desc", "metadata", "style", "defs", "symbol", "clipPath", "mask", "marker", "pattern",
    "linearGradient", "radialGradient", "stop", "filter", "view", "script", "animate", "animateTransform",
    "animateMotion", "animateColor", "set", "mpath", "cursor", "font", "font-face", "glyph", "missing-glyph",
    "color-profile", "discard", "solidcolor", "hatch", "mesh", "meshgradient",
])  # fmt: skip
_FIX = {
    "text": "turn it into lines or delete it (Inkscape: Path > Object to Path; Illustrator: Type > Create Outlines)",
}


class _Frame(NamedTuple):
    """An element to visit, and what it stands in."""

    element: Element
    style: Style
    matrix: Affine
    viewport: tuple[float, float]
    clips: tuple[Clip, ...]
    used: tuple[Element, ...] = ()  # elements that are being used around it
    depth: int = 1
    tone: bool = False  # whether it is in a group that holds tone
    size: dict[str, str] = {}  # noqa: RUF012  # width and height that a <use> asks for; never changed


def read_svg(data: bytes, encoding: str | None = None) -> Reading:
    """What an SVG shows.

    Args:
        data: the file.
        encoding: of the data; None is what the file declares.

    Raises:
        UnsupportedSvgError: it shows something that cannot be drawn faithfully, or that is no stroke.
        SvgError: no SVG, broken, too large, or unsafe (entities, scripts, outside references).
    """
    document = read_document(data, encoding)
    walk = _Walk(document)
    walk.run()
    return walk.reading


class _Walk:
    """Visits the elements of a document in the order they are drawn."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.sheet = StyleSheet(document.sheet)
        self.known: dict[Element, dict[str, str]] = {}
        self.page: SvgPage = page_of(self.values(document.root))
        self.reading = Reading(self.page.canvas, _metadata(document.metadata))
        width, height = self.page.canvas
        self.corners = np.array([[0.0, 0.0], [width, 0.0], [width, height], [0.0, height]])
        self.slack = 1e-3 * max(self.page.canvas)
        self.commands = self.segments = self.visits = self.order = 0

    def run(self) -> None:
        root = _Frame(self.document.root, Style(), self.page.matrix, self.page.viewport, ())
        stack = [root]
        while stack:
            frame = stack.pop()
            self.visits += 1
            if self.visits > limits.MAX_VISITS:
                raise SvgError(
                    f"the SVG has more than {limits.MAX_VISITS} elements with those that it uses: simplify it"
                )
            if frame.depth > 2 * MAX_DEPTH:
                raise SvgError("the SVG is nested too deeply: export it as plain SVG")
            stack += reversed(self.visit(frame))

    def values(self, element: Element) -> dict[str, str]:
        if element not in self.known:
            self.known[element] = own_values(element, self.sheet)
        return self.known[element]

    def visit(self, frame: _Frame) -> list[_Frame]:
        """Draw an element; what is inside it comes next."""
        element, name = frame.element, frame.element.name
        direct = frame.used and frame.used[-1] is element
        if name in _SILENT and not (name == "symbol" and direct):
            return []
        own = self.values(element)
        style = styled(frame.style, own, frame.viewport) if own else frame.style
        if not style.displayed or not _applies(own):
            return []
        matrix = frame.matrix
        if "transform" in own:
            matrix = times(matrix, _transform(own))
        frame = frame._replace(style=style, matrix=matrix, clips=self.clipped(own, frame, matrix))
        if name in SHAPES:
            self.shape(frame, own)
        elif name == "image":
            if style.visible and style.group > 0:
                self.count("picture")
        elif name in ("text", "foreignObject") or name not in _GROUPS | {"symbol"}:
            seen = style.visible and style.group > 0 and (style.fill is not None or style.stroked)
            if seen and (element.has_text or name != "text"):
                fix = _FIX.get(name, "turn everything into plain paths")
                raise UnsupportedSvgError(f"the SVG uses <{name[:40]}>, which is not supported: {fix}")
        elif name == "use":
            return self.used(frame, own)
        else:
            if TONE in element.attributes:
                frame = frame._replace(tone=True)
                kind = element.attributes[TONE]
                self.reading.tone_kind = kind if kind in TONES else ""
            if element is not self.document.root and name in ("svg", "symbol"):
                inner = self.framed(frame, own)
                if inner is None:
                    return []
                frame = inner
            children = element.children
            if name == "switch":
                children = [c for c in children if c.name not in _SILENT and _applies(self.values(c))][:1]
            return [frame._replace(element=child, depth=frame.depth + 1, size={}) for child in children]
        return []

    def clipped(self, own: dict[str, str], frame: _Frame, matrix: Affine) -> tuple[Clip, ...]:
        """The clips around an element, with its own; they are refused only where they cut a stroke."""
        clips = frame.clips
        for name in _CLIPPING.intersection(own):
            if own[name].lower() == "none":
                continue
            try:
                clip = read_clip(name, own[name], matrix, frame.viewport, self.document.named, self.values)
            except SvgError:
                clip = Clip(name, ())
            if clip is not None and not clip.holds(self.corners, self.slack):
                clips = (*clips, clip)
        return clips

    def used(self, frame: _Frame, own: dict[str, str]) -> list[_Frame]:
        """What a <use> refers to."""
        target = self.document.named.get(own.get("href", "").strip()[1:])
        if target is None:
            return []
        if target in frame.used or any(above is target for above in _parents(frame.element)):
            raise SvgError("the SVG uses a part of itself inside that part: export it again")
        x = length(own["x"], frame.viewport[0]) if "x" in own else 0.0
        y = length(own["y"], frame.viewport[1]) if "y" in own else 0.0
        size: dict[str, str] = {key: own[key] for key in ("width", "height") if key in own}
        matrix = times(frame.matrix, (1.0, 0.0, 0.0, 1.0, x, y))
        following = frame._replace(element=target, matrix=matrix, used=(*frame.used, target), size=size)
        return [following._replace(depth=frame.depth + 1)]

    def framed(self, frame: _Frame, own: dict[str, str]) -> _Frame | None:
        """The inside of an <svg> in another, or of a symbol; None if it has no size."""
        x, y, width, height = nested_frame(own, frame.viewport, frame.size)
        if not (width > 0 and height > 0):
            return None
        clips = frame.clips
        if own.get("overflow", "hidden") not in ("visible", "auto"):
            clips = (*clips, frame_clip(frame.matrix, x, y, width, height))
        if "viewBox" not in own:
            matrix = times(frame.matrix, (1.0, 0.0, 0.0, 1.0, x, y))
            return frame._replace(matrix=matrix, viewport=(width, height), clips=clips)
        box = view_box(own["viewBox"])
        inner = fitted(box, (x, y, width, height), own.get("preserveAspectRatio", ""))
        return frame._replace(matrix=times(frame.matrix, inner), viewport=box[2:], clips=clips)

    def shape(self, frame: _Frame, own: dict[str, str]) -> None:
        """A shape: its strokes, or its fill."""
        style, name = frame.style, frame.element.name
        self.order += 1
        if name == "rect" and PAPER in frame.element.attributes and style.filled:
            self.reading.paper = style.fill
            return
        if style.stroked:
            chains, fault, commands = outline(name, own, frame.viewport, MAX_COMMANDS - self.commands)
            self.commands += commands
            if fault:
                self.reading.faults.append((frame.element.title, fault, bool(chains)))
            for chain in chains:
                self.line(chain, frame, own)
            if style.filled and style.fill and min(style.fill) <= 0.99 and any(_has_area(chain) for chain in chains):
                self.count("stroked shape")
        elif style.filled and style.fill is not None:
            self.fill(frame, own)

    def line(self, chain: Array, frame: _Frame, own: dict[str, str]) -> None:
        style = frame.style
        largest, smallest = scales(frame.matrix)
        if not smallest > 1e-9 * largest or style.color is None:
            return
        dot = bool((chain == chain[0]).all())
        if dot and not style.capped:
            self.count("flat dot")
            return
        points = mapped(frame.matrix, chain)
        width = style.width * (self.page.pixel if style.fixed_width else (largest * smallest) ** 0.5)
        top = limits.MAX_COORDINATE
        if not (np.isfinite(points).all() and np.abs(points).max() <= top and width <= top):
            raise SvgError("the SVG has coordinates out of range: export it again")
        if style.dashes and not self.solid(chain, style, own):
            return
        for clip in frame.clips:
            # The curve lies within its control points; only where these do not fit is it looked at itself.
            if not (clip.holds(points, self.slack) or clip.holds(_along(points).reshape(-1, 2), self.slack)):
                if clip.strict:
                    raise clip.refused()
                self.count("clipped line")
        if largest > UNEVEN * smallest and not style.fixed_width:
            self.count("uneven line")
        if style.marked:
            self.count("marked line")
        opacity = style.clear * style.opacity * style.group
        found = self.reading.tone if frame.tone else self.reading.lines
        found.append(Line(self.order, points, width, style.color, opacity, style.locked))
        self.segments += len(points) // 3
        if len(self.reading.lines) + len(self.reading.tone) > limits.MAX_STROKES or self.segments > limits.MAX_SEGMENTS:
            raise SvgError(
                f"the SVG has more than {limits.MAX_STROKES} strokes or {limits.MAX_SEGMENTS} curves: simplify it"
            )

    def solid(self, chain: Array, style: Style, own: dict[str, str]) -> bool:
        """Whether a line with dashes is seen whole; False if it is not seen at all.

        Raises:
            UnsupportedSvgError: it has gaps.
        """
        dashed = is_dashed(style, _way(chain), length(own.get("pathLength", "0")))
        if dashed:
            raise UnsupportedSvgError(
                "the SVG uses dashed strokes (stroke-dasharray), which is not supported: make them solid (Inkscape: "
                "Object > Fill and Stroke > Stroke style; Illustrator: Stroke panel)"
            )
        if dashed is None:
            self.count("hidden line")
        return dashed is not None

    def fill(self, frame: _Frame, own: dict[str, str]) -> None:
        style = frame.style
        if style.fill is None or scales(frame.matrix)[1] == 0:
            return
        name, data = frame.element.name, own.get("d", "")
        covers = False
        # Of many shapes the later ones count as seen, whatever they are: looking at each takes time.
        if len(self.reading.fills) < _MOST_LOOKS and len(data) + len(own.get("points", "")) < _SHORT:
            try:
                chains = outline(name, own, frame.viewport, _SHORT)[0]
            except SvgError:  # a length that cannot be read is no matter here
                chains = []
            if not any(_has_area(chain) for chain in chains):
                return
            area = quadrilateral(name, own, frame.viewport)
            covers = area is not None and Clip("", (mapped(frame.matrix, area),)).holds(self.corners, self.slack)
        faint = covers or min(style.fill) > 0.99
        opacity = style.fill_opacity * style.group
        data = data if name == "path" else ""
        self.reading.fills.append(Filled(self.order, data, frame.matrix, style.fill, opacity, faint))

    def count(self, what: str) -> None:
        self.reading.counts[what] = self.reading.counts.get(what, 0) + 1


def _parents(element: Element) -> list[Element]:
    found = []
    at = element.parent
    while at is not None:
        found.append(at)
        at = at.parent
    return found


def _applies(own: dict[str, str]) -> bool:
    """Whether an element is meant for us: for an English reader, and for no other program alone."""
    if "requiredExtensions" not in own and "systemLanguage" not in own:
        return True
    languages = [one.strip().lower() for one in own.get("systemLanguage", "en").split(",")]
    return "requiredExtensions" not in own and any(one.split("-")[0] == "en" for one in languages)


def _transform(own: dict[str, str]) -> Affine:
    matrix = parse_transform(own["transform"])
    origin = own.get("transform-origin", "0").split()[:2]
    if all(part in ("0", "0px", "0%", "left", "top") for part in origin):
        return matrix
    try:
        x, y = length(origin[0]), length(origin[-1]) if len(origin) == 2 else 0.0
    except SvgError as error:
        raise UnsupportedSvgError(
            f"the SVG uses the transform-origin {own['transform-origin'][:30]!r}, which is not supported: "
            "use lengths, or apply the transform to the paths"
        ) from error
    return times((1.0, 0.0, 0.0, 1.0, x, y), times(matrix, (1.0, 0.0, 0.0, 1.0, -x, -y)))


def _along(chain: Array) -> Array:
    """Points on each cubic of a chain [point, xy]: [cubic, 17, xy]."""
    a, b, c, d = (chain[k : len(chain) - 3 + k : 3, None] for k in range(4))
    t = np.linspace(0, 1, 17)[None, :, None]
    s = 1 - t
    return np.asarray(s**3 * a + 3 * s * s * t * b + 3 * s * t * t * c + t**3 * d)


def _way(chain: Array) -> float:
    """The length of a chain [point, xy], by chords."""
    return float(np.hypot(*np.moveaxis(np.diff(_along(chain), axis=1), 2, 0)).sum())


def _has_area(chain: Array) -> bool:
    """Whether the inside of a chain [point, xy] has an area: whether its points do not lie on one line."""
    away = chain - chain[0]
    far = away[np.argmax(np.abs(away).max(1))]
    return bool(np.abs(away[:, 0] * far[1] - away[:, 1] * far[0]).max() > 1e-9 * float((far**2).sum()))


def _metadata(text: str) -> dict[str, Any]:
    """The sketch's metadata; empty if it is not valid, as the strokes can be read without it."""
    try:
        value = copy_json(json.loads(text) if text else {}, limits.METADATA_DEPTH)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
