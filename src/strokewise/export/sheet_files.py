"""What contact sheets and grids of drawings have in common: drawings within an SVG, and files of either kind."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from .._text import join_or
from ..errors import OutputError
from ..sketch import Sketch
from .files import write_file
from .png import to_png
from .svg.text import to_svg


def nested_svg(sketch: Sketch, x: float, y: float, width: float, height: float) -> str:
    """A drawing as an element of another SVG, fitted into a box in pixels of that one."""
    inside = to_svg(dataclasses.replace(sketch, metadata={})).split("\n", 2)[2].rstrip().removesuffix("</svg>")
    box = f"0 0 {sketch.canvas[0]:g} {sketch.canvas[1]:g}"
    return f'<svg x="{x}" y="{y}" width="{width}" height="{height}" viewBox="{box}">{inside}</svg>'


def picture_of(sketch: Sketch, size: int) -> Image.Image:
    """A drawing as a picture without transparency, `size` pixels on its long side."""
    return Image.open(io.BytesIO(to_png(sketch, size))).convert("RGB")


def png_of(picture: Image.Image) -> bytes:
    """A picture as the bytes of a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def save_sheet(
    path: str | Path, svg: Callable[[], str], png: Callable[[], bytes], *, kind: str, force: bool = False
) -> Path:
    """Write a sheet to a file, whole or not at all; the ending chooses the format (.svg, .png).

    Args:
        path: where to.
        svg, png: make its content.
        kind: what the sheet is called in errors.
        force: replace a file that is there.

    Raises:
        OutputError: as for `write_file`, or the ending is not one of these.
    """
    path = Path(path)
    ways: dict[str, Callable[[], bytes]] = {".svg": lambda: svg().encode("utf-8"), ".png": png}
    if path.suffix.lower() not in ways:
        raise OutputError(f"{path} is no {kind} that can be written: use {join_or([*ways])}")
    return write_file(path, ways[path.suffix.lower()], force=force)
