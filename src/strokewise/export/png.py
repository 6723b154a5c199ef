"""A drawing as pixels: the picture that an SVG viewer shows, on the drawing's paper, or on white without one."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from ..sketch import Sketch
from .brush.brushes import brushed_svg
from .files import write_file
from .options import MAX_SIZE

Pixels = NDArray[np.uint8]
"""A picture [y, x, rgb]."""

LONG_SIDE = 1024
"""Default long side of a picture, pixels."""


def to_png(sketch: Sketch, long_side: int = LONG_SIDE, *, transparent: bool = False, brush: str = "round") -> bytes:
    """The drawing as the bytes of a PNG file.

    Args:
        sketch: the drawing.
        long_side: width or height of the picture, whichever is larger, pixels, 1 to 16384; the other keeps the shape.
        transparent: without paper the background is transparent instead of white.
        brush: one of `BRUSHES`.

    Raises:
        OutputError: `long_side` is out of its range, or there is no such brush.
    """
    scaled = fitted(sketch, long_side)
    return _rendered(brushed_svg(scaled, brush, carry=False), scaled.canvas, None if transparent else "white")


def to_pixels(sketch: Sketch, long_side: int = LONG_SIDE, *, brush: str = "round") -> Pixels:
    """The drawing as pixels, uint8 [y, x, rgb], white without paper.

    Raises:
        OutputError: as for `to_png`.
    """
    scaled = fitted(sketch, long_side)
    return svg_pixels(brushed_svg(scaled, brush, carry=False), scaled.canvas)


def fitted(sketch: Sketch, long_side: int) -> Sketch:
    """The drawing scaled so that a canvas pixel is a pixel of a picture of that long side.

    Raises:
        OutputError: `long_side` is out of its range.
    """
    if not 1 <= long_side <= MAX_SIZE:
        raise OutputError(f"a PNG's long side must be from 1 to {MAX_SIZE} pixels, not {long_side}")
    return sketch.scaled(long_side / max(sketch.canvas))


def svg_pixels(svg: str, canvas: tuple[float, float]) -> Pixels:
    """SVG text that we wrote as pixels, uint8 [y, x, rgb], white without paper; the canvas is the picture's size."""
    from PIL import Image

    return np.array(Image.open(io.BytesIO(_rendered(svg, canvas, "white"))).convert("RGB"))


def write_png(sketch: Sketch, path: str | Path, long_side: int = LONG_SIDE, *, force: bool = False) -> Path:
    """Write the drawing as a PNG file, whole or not at all.

    Raises:
        OutputError: the file exists and `force` is not set, it cannot be written, or `long_side` is out of range.
    """
    return write_file(path, lambda: to_png(sketch, long_side), force=force)


def _rendered(svg: str, canvas: tuple[float, float], background: str | None) -> bytes:
    """The bytes of a PNG file; a background of None is transparent."""
    import resvg_py

    width, height = (max(1, round(side)) for side in canvas)
    return bytes(
        resvg_py.svg_to_bytes(svg_string=svg, width=width, height=height, background=background, skip_system_fonts=True)
    )
