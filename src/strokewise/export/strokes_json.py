"""Sketch <-> JSON: strokes as plain numbers, for programs.

    text = to_json(sketch)       # {"format": "strokewise-sketch", "version": 1, "canvas": [...], "strokes": [...]}
    sketch = from_json(text)     # the same sketch, to the last bit

The schema is in docs/formats.md. The reader is strict: it refuses anything that the schema does not name.
"""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any, NoReturn

import numpy as np

from .._text import plural
from ..errors import StrokewiseError
from ..sketch import Sketch, copy_json, padded
from ..tone_layer import TONES, ToneLayer
from .svg.limits import MAX_BYTES, MAX_COORDINATE, MAX_SEGMENTS, MAX_STROKES, METADATA_DEPTH
from .svg.text import plain_json

FORMAT, VERSION = "strokewise-sketch", 1
_MAX_DIGITS = 64
_KEYS = {"format", "version", "canvas", "paper", "strokes", "tone", "metadata"}
_TONE_KEYS = {"kind", "width", "color", "opacity", "lines"}
_STROKE_KEYS = {"points", "width", "color", "opacity", "locked"}


class JsonError(StrokewiseError):
    """The JSON is no sketch this program can read."""


def to_json(sketch: Sketch) -> str:
    """The drawing as JSON text, one stroke a line, in ASCII; the same sketch gives the same bytes."""
    document = to_document(sketch)
    tone = document.pop("tone", None)
    strokes = ",\n".join(f"  {json.dumps(stroke)}" for stroke in document.pop("strokes"))
    metadata = json.dumps(document.pop("metadata"), allow_nan=False)
    head = "".join(f'"{key}": {json.dumps(value)},\n' for key, value in document.items())
    toned = ""
    if tone is not None:
        lines = ",\n".join(f"  {json.dumps(line)}" for line in tone.pop("lines"))
        toned = f'"tone": {json.dumps(tone)[:-1]}, "lines": [\n{lines}\n]}},\n'
    return f'{{{head}"strokes": [\n{strokes}\n],\n{toned}"metadata": {metadata}}}\n'


def to_document(sketch: Sketch) -> dict[str, Any]:
    """The drawing as plain values that JSON can hold; `from_document` reads them."""
    tone = sketch.tone
    toned = (
        {}
        if tone is None
        else {
            "tone": {
                "kind": tone.kind,
                "width": float(tone.width),
                "color": [float(c) for c in tone.color],
                "opacity": float(tone.opacity),
                "lines": [line.tolist() for line in tone.lines],
            }
        }
    )
    return {
        "format": FORMAT,
        "version": VERSION,
        "canvas": list(sketch.canvas),
        "paper": None if sketch.paper is None else list(sketch.paper),
        "strokes": [
            {
                "points": points.tolist(),
                "width": float(sketch.widths[i]),
                "color": sketch.colors[i].tolist(),
                "opacity": float(sketch.opacities[i]),
                "locked": bool(sketch.locked[i]),
            }
            for i, points in enumerate(sketch.chains)
        ],
        **toned,
        "metadata": plain_json(sketch.metadata),
    }


def from_json(source: str | bytes) -> Sketch:
    """A sketch from JSON text as `to_json` writes it.

    Raises:
        JsonError: the text is not such JSON, too large, or its numbers are out of range.
    """
    data = source.encode("utf-8", "replace") if isinstance(source, str) else bytes(source)
    if len(data) > MAX_BYTES:
        raise JsonError(f"the JSON is larger than {MAX_BYTES // 1_000_000} MB: split it into several drawings")
    try:
        document = json.loads(
            data.decode("utf-8-sig"),
            parse_int=_whole,
            parse_float=_number,
            parse_constant=_constant,
            object_pairs_hook=_once,
        )
    except (ValueError, RecursionError) as error:
        what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise JsonError(f"this is no JSON that can be read ({what}): export it again") from error
    return from_document(document)


def from_document(document: Any) -> Sketch:
    """A sketch from plain values as `to_document` gives them.

    Raises:
        JsonError: the values do not follow the schema.
    """
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise JsonError(f'this JSON is no sketch: it must hold "format": "{FORMAT}"')
    if document.get("version") != VERSION or isinstance(document["version"], bool):
        raise JsonError(f"this sketch is of version {str(document.get('version'))[:20]}: only {VERSION} can be read")
    _only(document, _KEYS, "the sketch", required={"canvas", "strokes"})
    canvas = _numbers(document["canvas"], 2, "canvas")
    if not all(0 < side <= MAX_COORDINATE for side in canvas):
        _refuse(f"canvas must be two numbers over 0, at most {MAX_COORDINATE:g}")
    paper = document.get("paper")
    strokes, metadata = document["strokes"], document.get("metadata", {})
    if not isinstance(metadata, dict):
        _refuse("metadata must be an object")
    try:
        metadata = copy_json(metadata, METADATA_DEPTH)
    except ValueError:
        _refuse(f"metadata must not be nested more than {METADATA_DEPTH} deep")
    if not isinstance(strokes, list) or not 0 < len(strokes) <= MAX_STROKES:
        _refuse(f"strokes must be a list of 1 to {MAX_STROKES}")
    read = [_stroke(stroke, f"stroke {i}") for i, stroke in enumerate(strokes)]
    tone = None if document.get("tone") is None else _tone(document["tone"])
    curves = sum(len(points) // 3 for points, *_ in read)
    if curves + sum(len(line) // 3 for line in (tone.lines if tone else ())) > MAX_SEGMENTS:
        _refuse(f"more than {MAX_SEGMENTS} cubics")
    filled, pieces = padded([np.array(points) for points, *_ in read])
    read = [read[piece] for piece in pieces]
    sketch = Sketch.of(
        (canvas[0], canvas[1]),
        filled,
        widths=[width for _, width, *_ in read],
        colors=np.array([color for _, _, color, *_ in read]),
        opacities=[opacity for *_, opacity, _ in read],
        locked=[locked for *_, locked in read],
        paper=None if paper is None else _fractions(paper, 3, "paper"),
        metadata=metadata,
    )
    return dataclasses.replace(sketch, tone=tone)


_Stroke = tuple[list[list[float]], float, list[float], float, bool]


def _stroke(stroke: Any, where: str) -> _Stroke:
    if not isinstance(stroke, dict):
        _refuse(f"{where} must be an object")
    _only(stroke, _STROKE_KEYS, where, required={"points", "width"})
    pairs = _points(stroke["points"], where)
    width = _width(stroke["width"], where)
    color = _fractions(stroke.get("color", [0, 0, 0]), 3, f"{where}: color")
    (opacity,) = _fractions([stroke.get("opacity", 1)], 1, f"{where}: opacity")
    locked = stroke.get("locked", False)
    if not isinstance(locked, bool):
        _refuse(f"{where}: locked must be true or false")
    return pairs, width, color, opacity, locked


def _tone(tone: Any) -> ToneLayer:
    if not isinstance(tone, dict):
        _refuse("tone must be an object")
    _only(tone, _TONE_KEYS, "tone", required={"kind", "width", "lines"})
    if not isinstance(tone["kind"], str) or tone["kind"] not in TONES:
        _refuse(f"the kind of tone must be one of {', '.join(TONES)}")
    width = _width(tone["width"], "tone")
    red, green, blue = _fractions(tone.get("color", [0, 0, 0]), 3, "tone: color")
    (opacity,) = _fractions([tone.get("opacity", 1)], 1, "tone: opacity")
    lines = tone["lines"]
    if not isinstance(lines, list) or not 0 < len(lines) <= MAX_STROKES:
        _refuse(f"the lines of tone must be a list of 1 to {MAX_STROKES}")
    read = tuple(np.array(_points(line, f"tone line {i}")) for i, line in enumerate(lines))
    return ToneLayer(read, width, (red, green, blue), opacity, tone["kind"])


def _points(points: Any, where: str) -> list[list[float]]:
    if not isinstance(points, list) or len(points) < 4 or len(points) % 3 != 1:
        _refuse(f"{where}: points must be 4, 7, 10... pairs, the control points of chained cubics")
    pairs = [_numbers(pair, 2, f"{where}: each of points") for pair in points]
    if max(abs(v) for pair in pairs for v in pair) > MAX_COORDINATE:
        _refuse(f"{where}: points must be within {MAX_COORDINATE:g}")
    return pairs


def _width(value: Any, where: str) -> float:
    (width,) = _numbers([value], 1, f"{where}: width")
    if not 0 < width <= MAX_COORDINATE:
        _refuse(f"{where}: width must be over 0, at most {MAX_COORDINATE:g}")
    return width


def _only(value: dict[str, Any], known: set[str], where: str, required: set[str]) -> None:
    for name in sorted(required - set(value)):
        _refuse(f"{where} has no {name}")
    for name in sorted(set(value) - known):
        _refuse(f"{where} has {name[:40]!r}, which is not known")


def _fractions(value: Any, count: int, where: str) -> list[float]:
    numbers = _numbers(value, count, where)
    if not all(0 <= v <= 1 for v in numbers):
        _refuse(f"{where} must be from 0 to 1")
    return numbers


def _numbers(value: Any, count: int, where: str) -> list[float]:
    if (
        not isinstance(value, list)
        or len(value) != count
        or not all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in value)
    ):
        _refuse(f"{where} must be {plural(count, 'number')}")
    return [float(v) for v in value]


def _refuse(what: str) -> NoReturn:
    raise JsonError(f"this sketch cannot be read: {what}")


# Hooks of the JSON parser


def _whole(text: str) -> int:
    if len(text) > _MAX_DIGITS:  # turning millions of digits into a number takes minutes
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _number(text: str) -> float:
    value = float(text) if len(text) <= _MAX_DIGITS else math.inf
    if not math.isfinite(value):
        raise ValueError(f"the number {text[:20]}")
    return value


def _constant(text: str) -> NoReturn:
    raise ValueError(f"the number {text}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name that appears twice in one object")
    return found
