"""Strokewise turns a photo into a drawing of a few strokes.

import strokewise

strokewise.draw("horse.png", strokes=16).save("horse.svg")
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .drawing import draw
    from .encoders import Encoder, Features, encoder_names, load_encoder, register
    from .errors import EncoderError, OutputError, PhotoError, SettingsError, StrokewiseError, SvgError
    from .photo import Photo, open_photo
    from .race import Progress
    from .raster import render, render_reference
    from .settings import Settings
    from .sketch import Sketch
    from .svg import from_svg, to_svg

# Loaded on first use, so that `strokewise --help` need not wait for torch.
_PLACES = {
    "draw": "drawing",
    "Encoder": "encoders",
    "Features": "encoders",
    "encoder_names": "encoders",
    "load_encoder": "encoders",
    "register": "encoders",
    "EncoderError": "errors",
    "OutputError": "errors",
    "PhotoError": "errors",
    "SettingsError": "errors",
    "StrokewiseError": "errors",
    "SvgError": "errors",
    "Progress": "race",
    "Photo": "photo",
    "open_photo": "photo",
    "render": "raster",
    "render_reference": "raster",
    "Settings": "settings",
    "Sketch": "sketch",
    "from_svg": "svg",
    "to_svg": "svg",
}

__all__ = [
    "Encoder",
    "EncoderError",
    "Features",
    "OutputError",
    "Photo",
    "PhotoError",
    "Progress",
    "Settings",
    "SettingsError",
    "Sketch",
    "StrokewiseError",
    "SvgError",
    "__version__",
    "draw",
    "encoder_names",
    "from_svg",
    "load_encoder",
    "open_photo",
    "register",
    "render",
    "render_reference",
    "to_svg",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{_PLACES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
