"""Tone in files: a layer of its own under the strokes."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from .._text import quoted_value
from ..sketch import Sketch, padded
from .pens import INKSCAPE

if TYPE_CHECKING:
    from ..tone_layer import ToneLayer


TONE = "data-tone"
"""Attribute of the group that holds tone; its value is the kind."""
LABEL, STROKES = "tone", "strokes"
"""Names of the layers in Inkscape, in a PDF, in Lottie and in DXF."""


def without_tone(sketch: Sketch) -> Sketch:
    """The strokes alone."""
    return sketch if sketch.tone is None else dataclasses.replace(sketch, tone=None)


def tone_strokes(sketch: Sketch) -> Sketch:
    """The lines of a drawing's tone as the strokes of a sketch without paper; no strokes where it has none."""
    tone = sketch.tone
    if tone is None:
        return dataclasses.replace(sketch.reordered([]), paper=None, metadata={})
    points, pieces = padded(tone.lines)
    color, opacity = np.array(tone.color), tone.opacity
    return Sketch.of(sketch.canvas, points, np.full(len(pieces), tone.width), color, opacity)


def layer_attributes(label: str) -> str:
    """Attributes that make a group a layer in Inkscape, with the namespace that they need."""
    return f' xmlns:inkscape="{INKSCAPE}" inkscape:groupmode="layer" inkscape:label={quoted_value(label)}'


def tone_group(tone: ToneLayer, label: str = LABEL, more: str = "") -> list[str]:
    """The lines of SVG text that hold tone.

    Args:
        tone: the lines.
        label: name of the layer.
        more: attributes of the group.
    """
    from .svg.text import decimal, hex_color, path_data

    clear = "" if tone.opacity == 1 else f' stroke-opacity="{decimal(tone.opacity)}"'
    return [
        f'<g {TONE}="{tone.kind}"{layer_attributes(label)}{more} fill="none" stroke-linecap="round" '
        f'stroke-linejoin="round" stroke="{hex_color(tone.color)}" '
        f'stroke-width="{decimal(tone.width, least=True)}"{clear}>',
        *(f'<path d="{path_data(line)}"/>' for line in tone.lines),
        "</g>",
    ]
