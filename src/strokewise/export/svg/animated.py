"""An SVG that draws itself, with a style sheet and nothing else: no script, so it moves within <img>, too.

Without the style sheet the file is the plain drawing: programs that cannot animate, and users who asked their system
for less motion, see it finished at once.
"""

from __future__ import annotations

import numpy as np

from ..._arrays import Array
from ...sketch import Sketch
from ..film.motion import spans
from ..options import check_motion
from ..tone import tone_group, tone_strokes, without_tone
from .text import CLASS, STYLE, to_svg


def to_animated_svg(sketch: Sketch, seconds: float = 6.0) -> str:
    """The drawing as an SVG that draws itself once: stroke after stroke in their order, at an even speed, and
    then the tone.

    Args:
        sketch: the drawing.
        seconds: how long that takes, 0.5 to 120.

    Returns:
        SVG text; the same sketch gives the same bytes.

    Raises:
        OutputError: `seconds` is out of its range.
    """
    check_motion(seconds)
    strokes, tone = spans(sketch, seconds)
    lines = _timed(without_tone(sketch), strokes)
    if sketch.tone is not None:
        timed = _timed(tone_strokes(sketch), tone)
        group = iter([line for line in timed if line.startswith("<path ")])
        layer = [next(group) if one.startswith("<path ") else one for one in tone_group(sketch.tone)]
        layer[0] = f'<g class="{CLASS}"{layer[0][2:]}'
        place = next(number for number, line in enumerate(lines) if line.startswith("<g "))
        lines[place:place] = layer
    return "\n".join(lines)


def _timed(sketch: Sketch, times: Array) -> list[str]:
    """The lines of the SVG, each stroke with the times [stroke, 2] at which it begins and is done, seconds."""
    lines, number = [], 0
    # `to_svg` writes one element a line, and nothing else begins a line with "<path": texts in it have one line.
    for line in to_svg(sketch).split("\n"):
        if line.startswith("<g "):
            lines.append(f"<style>{STYLE}</style>")
            line = f'<g class="{CLASS}"{line[2:]}'
        elif line.startswith("<path "):
            start, length = round(float(times[number, 0]), 3), round(float(times[number, 1] - times[number, 0]), 3)
            dash = "" if _is_dot(sketch, number) else ' pathLength="1"'
            line = f'<path{dash} style="animation-delay:{start:g}s;animation-duration:{length:g}s"{line[5:]}'
            number += 1
        lines.append(line)
    return lines


def _is_dot(sketch: Sketch, number: int) -> bool:
    """Whether a stroke is so short that no part of it can be drawn."""
    extent = float(np.ptp(sketch.points[number], axis=0).max())
    return extent < 0.002 * max(1.0, float(sketch.widths[number]))
