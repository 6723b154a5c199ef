"""A drawing as pixels: the picture an SVG viewer shows, on white paper."""

from __future__ import annotations

from pathlib import Path

from ..errors import OutputError
from ..sketch import Sketch
from .files import write_file

LONG_SIDE = 1024
MAX_LONG_SIDE = 16384


def to_png(sketch: Sketch, long_side: int = LONG_SIDE) -> bytes:
    """The drawing as the bytes of a PNG file.

    Args:
        sketch: the drawing.
        long_side: width or height of the picture, whichever is larger, pixels, 1 to 16384; the other keeps the shape.

    Raises:
        OutputError: `long_side` is out of its range.
    """
    if not 1 <= long_side <= MAX_LONG_SIDE:
        raise OutputError(f"a PNG's long side must be from 1 to {MAX_LONG_SIDE} pixels, not {long_side}")
    import resvg_py

    scale = long_side / max(sketch.canvas)
    width, height = (max(1, round(side * scale)) for side in sketch.canvas)
    svg = sketch.scaled(scale).to_svg()
    return bytes(
        resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, background="white", skip_system_fonts=True)
    )


def write_png(sketch: Sketch, path: str | Path, long_side: int = LONG_SIDE, *, force: bool = False) -> Path:
    """Write the drawing as a PNG file, whole or not at all.

    Raises:
        OutputError: the file exists and `force` is not set, it cannot be written, or `long_side` is out of range.
    """
    return write_file(path, lambda: to_png(sketch, long_side), force=force)
