"""A sheet of drawings in rows and columns, each row and each column with its caption."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from .._text import escape, plural
from ..sketch import Sketch
from .sheet_files import nested_svg, picture_of, png_of, save_sheet
from .svg.text import SVG

CELL, GAP, CAPTION = 300, 14, 34
"""Long side of a picture, gap between two, and room for a caption, pixels."""


@dataclasses.dataclass(frozen=True, eq=False, repr=False)
class Grid:
    """Drawings of one photo in rows and columns.

    Attributes:
        title: of the sheet.
        columns: caption of each column.
        rows: caption of each row.
        drawings: a sketch for each row and column; all of one size.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    drawings: tuple[tuple[Sketch, ...], ...]

    def __repr__(self) -> str:
        return f"<Grid {self.title}, {plural(len(self.rows) * len(self.columns), 'drawing')}>"

    @property
    def cell(self) -> tuple[int, int]:
        """Width and height of a drawing, pixels."""
        across, down = self.drawings[0][0].canvas
        scale = CELL / max(across, down)
        return max(1, round(across * scale)), max(1, round(down * scale))

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        (across, down), columns, rows = self.cell, len(self.columns), len(self.rows)
        return 2 * GAP + CAPTION + columns * (across + GAP), 2 * GAP + CAPTION + rows * (down + GAP)

    def _corner(self, row: int, column: int) -> tuple[int, int]:
        across, down = self.cell
        return GAP + CAPTION + column * (across + GAP) + GAP // 2, GAP + CAPTION + row * (down + GAP) + GAP // 2

    def to_svg(self) -> str:
        """The sheet as SVG text."""
        (width, height), (across, down) = self.size, self.cell
        lines = [
            f'<svg xmlns="{SVG}" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
            f"<title>{escape(self.title)}</title>",
            f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        ]
        style = 'font-family="sans-serif" font-size="17" fill="#333333" text-anchor="middle"'
        for column, caption in enumerate(self.columns):
            middle = self._corner(0, column)[0] + across / 2
            lines.append(f'<text x="{middle:g}" y="{GAP + CAPTION / 2 + 6:g}" {style}>{escape(caption)}</text>')
        for row, caption in enumerate(self.rows):
            left, middle = GAP + CAPTION / 2 + 6, self._corner(row, 0)[1] + down / 2
            turn = f'transform="rotate(-90 {left:g} {middle:g})"'
            lines.append(f'<text x="{left:g}" y="{middle:g}" {turn} {style}>{escape(caption)}</text>')
        for row, sketches in enumerate(self.drawings):
            for column, sketch in enumerate(sketches):
                x, y = self._corner(row, column)
                lines.append(nested_svg(sketch, x, y, across, down))
        return "\n".join([*lines, "</svg>", ""])

    def to_png(self) -> bytes:
        """The sheet as the bytes of a PNG file."""
        across, down = self.cell
        sheet = Image.new("RGB", self.size, "white")
        writer, font = ImageDraw.Draw(sheet), ImageFont.load_default(17)
        for column, caption in enumerate(self.columns):
            middle = self._corner(0, column)[0] + across / 2
            writer.text((middle, GAP + CAPTION / 2), caption, fill="#333333", font=font, anchor="mm")
        for row, caption in enumerate(self.rows):
            turned = Image.new("RGB", (down, CAPTION), "white")
            ImageDraw.Draw(turned).text((down / 2, CAPTION / 2), caption, fill="#333333", font=font, anchor="mm")
            sheet.paste(turned.rotate(90, expand=True), (GAP, self._corner(row, 0)[1]))
        for row, sketches in enumerate(self.drawings):
            for column, sketch in enumerate(sketches):
                picture = picture_of(sketch, max(across, down))
                sheet.paste(picture.resize((across, down)), self._corner(row, column))
        return png_of(sheet)

    def save(self, path: str | Path, *, force: bool = False) -> Path:
        """Write the sheet to a file, whole or not at all; the ending chooses the format (.svg, .png).

        Raises:
            OutputError: as for `write_file`, or the ending is not one of these.
        """
        return save_sheet(path, self.to_svg, self.to_png, kind="sheet", force=force)
