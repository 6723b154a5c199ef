"""A contact sheet: the photo first, then drawings of it, each with its caption."""

from __future__ import annotations

import base64
import dataclasses
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .._text import escape, plural
from ..sketch import Sketch
from .sheet_files import nested_svg, picture_of, png_of, save_sheet
from .svg.text import SVG

CELL, GAP, CAPTION = 320, 16, 32
"""Side of a picture, gap between two, and height of a caption, pixels."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Sheet:
    """A photo and drawings of it in a row.

    Attributes:
        title: of the sheet.
        photo: float32 [y, x, rgb] in [0, 1].
        drawings: caption and sketch of each; every canvas is fitted into a square.
    """

    title: str
    photo: NDArray[np.float32]
    drawings: tuple[tuple[str, Sketch], ...]

    def __repr__(self) -> str:
        return f"<Sheet {self.title}, {plural(len(self.drawings), 'drawing')}>"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return GAP + (1 + len(self.drawings)) * (CELL + GAP), CELL + CAPTION + 2 * GAP

    def to_svg(self) -> str:
        """The sheet as SVG text, the photo within it as a JPEG."""
        width, height = self.size
        buffer = io.BytesIO()
        self._picture(2 * CELL).save(buffer, "JPEG", quality=90)
        data = base64.b64encode(buffer.getvalue()).decode("ascii")
        title = escape(self.title)
        lines = [
            f'<svg xmlns="{SVG}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            f"<title>{title}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
            f'<image x="{GAP}" y="{GAP}" width="{CELL}" height="{CELL}" href="data:image/jpeg;base64,{data}"/>',
            self._text(0, "photo"),
        ]
        for place, (caption, sketch) in enumerate(self.drawings, 1):
            lines.append(nested_svg(sketch, self._left(place), GAP, CELL, CELL))
            lines.append(self._text(place, caption))
        return "\n".join([*lines, "</svg>", ""])

    def to_png(self) -> bytes:
        """The sheet as the bytes of a PNG file."""
        sheet = Image.new("RGB", self.size, "white")
        sheet.paste(self._picture(CELL), (GAP, GAP))
        writer, font = ImageDraw.Draw(sheet), ImageFont.load_default(18)
        for place, (caption, sketch) in enumerate((("photo", None), *self.drawings)):
            left = self._left(place)
            if sketch is not None:
                picture = picture_of(sketch, CELL)
                sheet.paste(picture, (left + (CELL - picture.width) // 2, GAP + (CELL - picture.height) // 2))
            writer.text((left + CELL / 2, GAP + CELL + CAPTION / 2), caption, fill="#333333", font=font, anchor="mm")
        return png_of(sheet)

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the sheet to a file, whole or not at all; the ending chooses the format (.svg, .png).

        Raises:
            OutputError: as for `write_file`, or the ending is not one of these.
        """
        return save_sheet(path, self.to_svg, self.to_png, kind="contact sheet", force=force)

    def _left(self, place: int) -> int:
        return GAP + place * (CELL + GAP)

    def _text(self, place: int, caption: str) -> str:
        middle, base = self._left(place) + CELL / 2, GAP + CELL + CAPTION / 2 + 6
        return (
            f'<text x="{middle:g}" y="{base:g}" font-family="sans-serif" font-size="18" fill="#333333" '
            f'text-anchor="middle">{escape(caption)}</text>'
        )

    def _picture(self, side: int) -> Image.Image:
        pixels = np.round(np.clip(self.photo, 0, 1) * 255).astype(np.uint8)
        return Image.fromarray(pixels).resize((side, side), Image.Resampling.LANCZOS)
