"""Strokewise turns a photo into a drawing of a few strokes.

import strokewise

strokewise.draw("horse.png", strokes=16).save("horse.svg")
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._lazy import lazily
from ._version import __version__

if TYPE_CHECKING:
    from .abstraction import Fewest, Ladder, fewest, ladder
    from .batch import draw_many
    from .carry import carry_on, draw_in_stages
    from .drawing import draw
    from .encoders import Encoder, Features, encoder_names, load_encoder, register
    from .errors import (
        EncoderError,
        OutputError,
        PhotoError,
        RecognizeError,
        SettingsError,
        StrokewiseError,
        SvgError,
        UnsupportedSvgError,
    )
    from .evaluation import Evaluation, evaluate
    from .export import ExportOptions, Look, read_sketch
    from .photo import Photo, open_photo
    from .race import Progress
    from .raster import render, render_reference
    from .recognition import Recognition, recognize, recognize_all
    from .recognizers import Recognizer, load_recognizer
    from .settings import Settings
    from .sketch import Sketch
    from .svg import from_svg, to_svg

# Loaded on first use, so that `strokewise --help` need not wait for torch.
_PLACES = {
    "Fewest": "abstraction",
    "Ladder": "abstraction",
    "fewest": "abstraction",
    "ladder": "abstraction",
    "draw_many": "batch",
    "carry_on": "carry",
    "draw_in_stages": "carry",
    "draw": "drawing",
    "Encoder": "encoders",
    "Features": "encoders",
    "encoder_names": "encoders",
    "load_encoder": "encoders",
    "register": "encoders",
    "EncoderError": "errors",
    "OutputError": "errors",
    "PhotoError": "errors",
    "RecognizeError": "errors",
    "SettingsError": "errors",
    "StrokewiseError": "errors",
    "SvgError": "errors",
    "UnsupportedSvgError": "errors",
    "Evaluation": "evaluation",
    "evaluate": "evaluation",
    "ExportOptions": "export",
    "Look": "export",
    "read_sketch": "export",
    "Progress": "race",
    "Photo": "photo",
    "open_photo": "photo",
    "render": "raster",
    "render_reference": "raster",
    "Recognition": "recognition",
    "recognize": "recognition",
    "recognize_all": "recognition",
    "Recognizer": "recognizers",
    "load_recognizer": "recognizers",
    "Settings": "settings",
    "Sketch": "sketch",
    "from_svg": "svg",
    "to_svg": "svg",
}

__all__ = [
    "Encoder",
    "EncoderError",
    "Evaluation",
    "ExportOptions",
    "Features",
    "Fewest",
    "Ladder",
    "Look",
    "OutputError",
    "Photo",
    "PhotoError",
    "Progress",
    "Recognition",
    "RecognizeError",
    "Recognizer",
    "Settings",
    "SettingsError",
    "Sketch",
    "StrokewiseError",
    "SvgError",
    "UnsupportedSvgError",
    "__version__",
    "carry_on",
    "draw",
    "draw_in_stages",
    "draw_many",
    "encoder_names",
    "evaluate",
    "fewest",
    "from_svg",
    "ladder",
    "load_encoder",
    "load_recognizer",
    "open_photo",
    "read_sketch",
    "recognize",
    "recognize_all",
    "register",
    "render",
    "render_reference",
    "to_svg",
]

__getattr__ = lazily(__name__, _PLACES, globals())


def __dir__() -> list[str]:
    return sorted(__all__)
