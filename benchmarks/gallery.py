"""Contact sheet of a folder of photos at several stroke counts.

python benchmarks/gallery.py FOLDER --output sheet.png -n 32,16,8,4
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import strokewise
from strokewise._process import tune_process
from strokewise.export import to_png
from strokewise.photo.formats import ENDINGS
from strokewise.photo.frame import Frame, frame_strokes

CELL, LABEL = 224, 14


def photo_cell(photo: strokewise.Photo, frame: Frame) -> Image.Image:
    """What a square of the photo shows, white around it."""
    return Image.fromarray((frame.sample(photo.pixels, 1.0, photo=photo) * 255).astype("uint8"))


def sketch_cell(sketch: strokewise.Sketch, frame: Frame) -> Image.Image:
    """What a square of the sketch shows."""
    png = to_png(frame.shown(sketch), long_side=2 * frame.size)
    return Image.open(io.BytesIO(png)).convert("RGB").resize((frame.size, frame.size), Image.Resampling.LANCZOS)


def captioned(pictures: Sequence[Image.Image], captions: Sequence[str], across: int, side: int) -> Image.Image:
    """Pictures of at most `side` pixels in rows, each centred in a square, with its caption below."""
    band = 28
    sheet = Image.new("RGB", (side * across, (side + band) * -(-len(pictures) // across)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for place, (picture, caption) in enumerate(zip(pictures, captions, strict=True)):
        x, y = place % across * side, place // across * (side + band)
        sheet.paste(picture, (x + (side - picture.width) // 2, y + (side - picture.height) // 2))
        pen.text((x + side / 2, y + side + band / 2), caption, fill="#333333", font=font, anchor="mm")
    return sheet


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("out/gallery.png"))
    parser.add_argument("-n", "--strokes", default="32,16,8,4", help="stroke counts, separated by commas")
    parser.add_argument("--steps", type=int, default=strokewise.Settings().steps, help="0 shows the placements")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="only photos whose name holds one of these, separated by commas")
    parser.add_argument("--rows", type=int, default=9, help="photos to a sheet")
    parser.add_argument("--svg", type=Path, help="folder to keep every drawing in")
    arguments = parser.parse_args()
    counts = [int(n) for n in arguments.strokes.split(",")]
    photos = sorted(p for p in arguments.folder.iterdir() if p.suffix.lower() in ENDINGS)
    photos = [p for p in photos if any(word in p.name for word in arguments.only.split(","))]
    rows = []
    for path in photos:
        photo = strokewise.open_photo(path)
        row: list[Image.Image] = []
        for n in counts:
            start = time.perf_counter()
            sketch = strokewise.draw(photo, strokes=n, steps=arguments.steps, seed=arguments.seed)
            seconds = time.perf_counter() - start
            if not row:
                frame = frame_strokes([sketch], CELL)
                row.append(photo_cell(photo, frame))
            row.append(sketch_cell(sketch, frame))
            before, after = sketch.metadata["placement_losses"]["total"], sketch.metadata["losses"]["total"]
            print(
                f"{path.name:24} {n:3} strokes {seconds:5.1f} s  {sketch.metadata['stopped']:9} "
                f"{sketch.metadata['steps']:3} steps  loss {before:.3f} -> {after:.3f}",
                flush=True,
            )
            if arguments.svg:
                arguments.svg.mkdir(parents=True, exist_ok=True)
                sketch.save(arguments.svg / f"{path.stem}-{n}.svg", force=True)
        rows.append((path.name, row))
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    for first in range(0, len(rows), arguments.rows):
        part = rows[first : first + arguments.rows]
        sheet = Image.new("RGB", (CELL * (len(counts) + 1), (CELL + LABEL) * len(part)), "white")
        writer = ImageDraw.Draw(sheet)
        for j, (name, row) in enumerate(part):
            for i, picture in enumerate(row):
                sheet.paste(picture, (i * CELL, j * (CELL + LABEL)))
            writer.text((4, (j + 1) * (CELL + LABEL) - LABEL), name, fill="black")
        number = f"-{first // arguments.rows + 1}" if len(rows) > arguments.rows else ""
        output = arguments.output.with_stem(arguments.output.stem + number)
        sheet.save(output)
        print(output)


if __name__ == "__main__":
    main()
