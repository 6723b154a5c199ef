"""A drawing that draws itself as Lottie (JSON): vectors that move in apps and web pages, by Lottie's own players.

The format: https://lottie.github.io/lottie-spec/. Only what every player knows is used: shape layers, strokes, trimmed
paths.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from ..._arrays import Array
from ...sketch import Sketch
from ..options import check_motion
from ..svg.text import hex_color
from ..tone import LABEL, STROKES, tone_strokes
from .motion import spans

RATE = 60
"""Frames a second in which times are given; players show as many as they like."""
DECIMALS = 3
ROUND = 2
"""Lottie's number of round caps, and of round joins."""


def to_lottie(sketch: Sketch, seconds: float = 6.0) -> str:
    """The drawing as a Lottie animation: stroke after stroke in their order, at an even speed, then the
    tone in a layer of its own, on its paper.

    Args:
        sketch: the drawing.
        seconds: how long that takes, 0.5 to 120; the last frame is the finished drawing.

    Returns:
        JSON in one line; the same sketch gives the same bytes.

    Raises:
        OutputError: `seconds` is out of its range.
    """
    check_motion(seconds)
    last = round(seconds * RATE)
    # One frame is left over, so that the drawing is whole before a player begins anew.
    times, tone_times = spans(sketch, last - 1)
    groups = [_stroke(sketch, i, times[i]) for i in range(len(sketch))]
    still = {"o": _fixed(100), "r": _fixed(0), "p": _fixed([0, 0, 0]), "a": _fixed([0, 0, 0]), "s": _fixed([100] * 3)}
    every = {"ip": 0, "op": last, "st": 0, "sr": 1, "bm": 0, "ddd": 0, "ao": 0, "ks": still}
    width, height = (_short(side) for side in sketch.canvas)
    # Of layers and of shapes the first lies on top.
    layers: list[dict[str, Any]] = [{**every, "ty": 4, "nm": STROKES, "ind": 1, "shapes": groups[::-1]}]
    if sketch.tone is not None:
        tone = tone_strokes(sketch)
        shapes = [_stroke(tone, i, tone_times[i], "line") for i in range(len(tone))]
        layers.append({**every, "ty": 4, "nm": LABEL, "ind": 2, "shapes": shapes[::-1]})
    if sketch.paper is not None:
        box = {"ty": "rc", "d": 1, "p": _fixed([width / 2, height / 2]), "s": _fixed([width, height]), "r": _fixed(0)}
        fill = {"ty": "fl", "c": _fixed(_color(np.array(sketch.paper))), "o": _fixed(100), "r": 1}
        sheet = {"ty": "gr", "nm": hex_color(np.array(sketch.paper)), "it": [box, fill, _unmoved()]}
        layers.append({**every, "ty": 4, "nm": "paper", "ind": len(layers) + 1, "shapes": [sheet]})
    document = {
        "v": "5.7.0",
        "nm": sketch.title,
        "fr": RATE,
        "ip": 0,
        "op": last,
        "w": max(1, round(sketch.canvas[0])),
        "h": max(1, round(sketch.canvas[1])),
        "ddd": 0,
        "assets": [],
        "layers": layers,
    }
    return json.dumps(document, separators=(",", ":"), allow_nan=False) + "\n"


def _stroke(sketch: Sketch, number: int, times: Array, name: str = "stroke") -> dict[str, Any]:
    """One stroke, which grows from one time to another, float64 [2], in frames."""
    start, end = times.tolist()
    points = sketch.chains[number] if name != "stroke" else sketch.points[number]
    width = float(sketch.widths[number])
    dot = float(np.ptp(points, axis=0).max()) < 0.002 * max(1.0, width)
    if dot:  # players leave out what has no length
        points = points + np.linspace(-0.05, 0.05, len(points))[:, None] * [1.0, 0.0]
    opacity = _short(100 * float(np.clip(sketch.opacities[number], 0, 1)))
    hidden = [{"t": 0, "s": [0], "h": 1}, {"t": _short(start), "s": [opacity], "h": 1}]
    paint = {
        "ty": "st",
        "c": _fixed(_color(sketch.colors[number])),
        "o": {"a": 1, "k": hidden} if start >= 0.5 else _fixed(opacity),
        "w": _fixed(_short(width)),
        "lc": ROUND,
        "lj": ROUND,
    }
    items: list[dict[str, Any]] = [{"ty": "sh", "ks": _fixed(_path(points))}]
    if not dot:
        even = {"i": {"x": [1], "y": [1]}, "o": {"x": [0], "y": [0]}}
        growing = [{"t": _short(start), "s": [0], **even}, {"t": _short(max(end, start + 0.01)), "s": [100]}]
        items.append({"ty": "tm", "s": _fixed(0), "e": {"a": 1, "k": growing}, "o": _fixed(0), "m": 1})
    return {"ty": "gr", "nm": f"{name} {number + 1}", "it": [*items, paint, _unmoved()]}


def _path(points: Array) -> dict[str, Any]:
    """Chained cubics [point, xy] as Lottie has them: corners, and both handles of each relative to it."""
    corners = points[::3]
    into, out = np.zeros_like(corners), np.zeros_like(corners)
    into[1:] = points[2::3] - corners[1:]
    out[:-1] = points[1::3] - corners[:-1]
    return {
        "c": False,
        **{name: np.round(a, DECIMALS).tolist() for name, a in (("i", into), ("o", out), ("v", corners))},
    }


def _color(color: Array) -> list[float]:
    """A colour, float64 [rgb], with its opacity. Rounded up, as some players cut off to the next of 256 levels."""
    return [*(np.ceil(np.clip(color, 0, 1) * 1e5 - 1e-6) / 1e5).tolist(), 1]


def _fixed(value: Any) -> dict[str, Any]:
    """A property that does not move."""
    return {"a": 0, "k": value}


def _unmoved() -> dict[str, Any]:
    """The transform that every group has to have."""
    return {
        "ty": "tr",
        "p": _fixed([0, 0]),
        "a": _fixed([0, 0]),
        "s": _fixed([100, 100]),
        "r": _fixed(0),
        "o": _fixed(100),
    }


def _short(value: float) -> float:
    return round(float(value), DECIMALS)
