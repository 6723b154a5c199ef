"""Contact sheet of a folder of photos at several stroke counts.

python benchmarks/gallery.py FOLDER --output sheet.png -n 32,16,8,4
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from PIL import Image, ImageDraw

import strokewise
from strokewise.export import to_png

CELL, LABEL = 224, 14
ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic"}


def cell(image: Image.Image) -> Image.Image:
    """A picture fitted into a square cell on white."""
    square = Image.new("RGB", (CELL, CELL), "white")
    image.thumbnail((CELL - 8, CELL - 8), Image.Resampling.LANCZOS)
    square.paste(image, ((CELL - image.width) // 2, (CELL - image.height) // 2))
    return square


def main() -> None:
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
        row = [cell(Image.fromarray((photo.pixels * 255).astype("uint8")))]
        for n in counts:
            start = time.perf_counter()
            sketch = strokewise.draw(photo, strokes=n, steps=arguments.steps, seed=arguments.seed)
            seconds = time.perf_counter() - start
            row.append(cell(png_image(sketch)))
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


def png_image(sketch: strokewise.Sketch) -> Image.Image:
    """The sketch as a picture, twice the cell's size."""
    import io

    return Image.open(io.BytesIO(to_png(sketch, long_side=2 * CELL))).convert("RGB")


if __name__ == "__main__":
    main()
