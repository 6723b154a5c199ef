"""Tone under a drawing on the page, as `--tone` of the command line lays it, found once for each drawing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from ..errors import SettingsError
from ..export.pens import pen_for_tone
from ..photo.preparing import Framed
from ..settings import NO_TONE, Settings
from ..sketch import Sketch
from ..tone import with_tone
from ..tone_layer import ToneLayer
from .page_options import PageOptions
from .session import SheetDrawing

Framing = Callable[[Settings], Framed]
"""The photo as it is framed for drawings with these settings."""


def tone_missing(drawing: SheetDrawing, options: PageOptions, framing: Framing) -> str:
    """Why a drawing is shown without the tone that was asked for: a key of `TEXTS`; empty if it has it."""
    if options.tone == NO_TONE:
        return ""
    if drawing.words:
        return "tone_of_words"
    return "" if _layer(drawing, options, framing) is not None else "tone_no_dark"


def in_tone(drawing: SheetDrawing, sketch: Sketch, options: PageOptions, framing: Framing) -> Sketch:
    """The strokes with the tone of these options under them; as they are where there is none to lay.

    Args:
        drawing: keeps what is found for it.
        sketch: its strokes, by pens or not.
        options: with the tone. With pens it is in the colour of the pen that draws it.
        framing: frames the photo, if it is needed.
    """
    if options.tone == NO_TONE or drawing.words:
        return sketch
    layer = _layer(drawing, options, framing)
    if layer is not None and options.pens:
        layer = dataclasses.replace(layer, color=options.pens[pen_for_tone(options.pens) - 1].color)
    told = _settings(drawing.sketch)
    metadata = sketch.metadata
    if told is not None:  # as the command line, which draws with tone at once, has them
        told = dataclasses.replace(told, tone=options.tone, tone_lines=options.tone_lines)
        metadata = {**metadata, "settings": told.as_dict()}
    return dataclasses.replace(sketch, tone=layer, metadata=metadata)


def _layer(drawing: SheetDrawing, options: PageOptions, framing: Framing) -> ToneLayer | None:
    asked = (options.tone, options.tone_lines)
    if not drawing.toned or drawing.toned[0][0] != asked:
        settings = dataclasses.replace(
            _settings(drawing.sketch) or Settings(), tone=options.tone, tone_lines=options.tone_lines
        )
        found = with_tone(drawing.sketch, framing(settings), settings).tone
        drawing.toned[:] = [(asked, found)]
    return drawing.toned[0][1]


def _settings(sketch: Sketch) -> Settings | None:
    """What a drawing of a photo was drawn with; None for a trace, which has settings of another kind."""
    known = sketch.metadata.get("settings")
    if "trace" in sketch.metadata or not isinstance(known, dict):
        return None
    try:
        return Settings(**known)
    except (TypeError, SettingsError):
        return None
