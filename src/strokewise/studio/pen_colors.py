"""Drawings in the colours of several pens, as `--pens` of the command line makes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np

from ..export.options import ExportOptions
from ..export.pens import Pen, nearest, photo_colors
from ..photo.opening import Photo
from ..sketch import Sketch
from ..tracing import trace
from .session import SheetDrawing


def for_pens(drawing: SheetDrawing, photo: Callable[[], Photo]) -> Sketch:
    """The drawing in the colours by which pens are chosen: its own where it has some, else those of the photo.

    Args:
        drawing: keeps what is found for it.
        photo: opens the photo, if it is needed.
    """
    if not drawing.colored:
        drawing.colored.append(_colored(drawing, photo))
    return drawing.colored[0]


def in_pens(drawing: SheetDrawing, options: ExportOptions, photo: Callable[[], Photo]) -> SheetDrawing:
    """The drawing as the pens of these options make it, its strokes in their order; without pens, as it is."""
    if not options.pens:
        return drawing
    sketch = for_pens(drawing, photo)
    return dataclasses.replace(drawing, sketch=_in_nearest(sketch, options.pens))


def _in_nearest(sketch: Sketch, pens: tuple[Pen, ...]) -> Sketch:
    if not len(sketch):
        return sketch
    colors = np.array([pen.color for pen in pens])[nearest(sketch.colors, pens)]
    return dataclasses.replace(sketch, colors=colors)


def _colored(drawing: SheetDrawing, photo: Callable[[], Photo]) -> Sketch:
    sketch = drawing.sketch
    if drawing.words:
        return sketch
    settings = sketch.metadata.get("settings", {})
    if "trace" in sketch.metadata:
        # The colour of its ink; a trace that was edited by hand is not made again.
        if settings.get("colors"):
            return sketch
        if drawing.command:
            return trace(photo(), **{**settings, "colors": True})
    elif "color" in str(settings.get("optimize", "")):
        return sketch
    return photo_colors(sketch, photo())
