"""Contact sheets: photo, old drawing, new drawing, and a rival's drawing where there is one."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from strokewise import open_photo, read_sketch
from strokewise.export import to_pixels

CELL, BAND, HEAD = 300, 22, 26
ROWS = 8
"""Photos on a sheet."""
RIVAL = ".drawing.png"
"""How the files of rivals' drawings end: `dog-18.drawing.png` is of `dog-18.jpg`."""


@dataclasses.dataclass(frozen=True)
class Row:
    """One row of a sheet: files, and what to write below each of the four; what has no drawing is None."""

    photo: Path
    old: Path | None
    new: Path | None
    rival: Path | None
    captions: Sequence[str]


def find_rival(photo: Path, folder: Path | None) -> Path | None:
    """The rival's drawing of a photo, in that folder or beside the photo."""
    for place in (folder, photo.parent):
        if place is not None and (place / (photo.stem + RIVAL)).is_file():
            return place / (photo.stem + RIVAL)
    return None


def write_sheets(rows: Sequence[Row], heads: Sequence[str], path: Path) -> list[Path]:
    """Sheets of some rows each, as PNG; their names get numbers if there are several.

    Args:
        rows: what to show.
        heads: four titles of the columns; the last column is left out where no photo has a rival's drawing.
        path: of the sheet.

    Returns:
        the files.
    """
    columns = 4 if any(row.rival for row in rows) else 3
    font, bold = ImageFont.load_default(13), ImageFont.load_default(15)
    written = []
    for first in range(0, len(rows), ROWS):
        part = rows[first : first + ROWS]
        sheet = Image.new("RGB", (CELL * columns, HEAD + (CELL + BAND) * len(part)), "white")
        pen = ImageDraw.Draw(sheet)
        for k in range(columns):
            pen.text((k * CELL + CELL / 2, HEAD / 2), heads[k], fill="black", font=bold, anchor="mm")
        for j, row in enumerate(part):
            top = HEAD + j * (CELL + BAND)
            for k, picture in enumerate(_pictures(row)[:columns]):
                if picture is not None:
                    fitted = ImageOps.contain(picture, (CELL - 4, CELL - 4), Image.Resampling.LANCZOS)
                    place = (k * CELL + (CELL - fitted.width) // 2, top + (CELL - fitted.height) // 2)
                    sheet.paste(fitted, place)
                    pen.rectangle(
                        (place[0] - 1, place[1] - 1, place[0] + fitted.width, place[1] + fitted.height),
                        outline="#dddddd",
                    )
                said = row.captions[k]
                pen.text((k * CELL + CELL / 2, top + CELL + BAND / 2), said, fill="#333333", font=font, anchor="mm")
        number = f"-{first // ROWS + 1}" if len(rows) > ROWS else ""
        output = path.with_stem(path.stem + number)
        output.parent.mkdir(parents=True, exist_ok=True)
        sheet.save(output)
        written.append(output)
    return written


def _pictures(row: Row) -> list[Image.Image | None]:
    photo = Image.fromarray((open_photo(row.photo).pixels * 255).astype("uint8"))
    drawn = [
        None if path is None else Image.fromarray(to_pixels(read_sketch(path), 2 * CELL)) for path in (row.old, row.new)
    ]
    rival = None if row.rival is None else Image.open(row.rival).convert("RGB")
    return [photo, *drawn, rival]
