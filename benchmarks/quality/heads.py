"""Faces and heads: are the eyes of animals drawn, and is a face found where there is none?

    python -m benchmarks.quality.heads eyes FOLDER --sheet out/eyes.png
    python -m benchmarks.quality.heads eyes FOLDER --side
    python -m benchmarks.quality.heads false FOLDER... --without doll,mask,suit --sheet out/false.png

`eyes` draws the photos that `training/heads.json` marks for testing, FOLDER/<photo>, which nothing has learnt from, and
says how many of the finished drawings show both eyes: some ink at each (inked), and a mark of its own for each (drawn);
see `measure_eyes` of `benchmarks/quality/features.py`. `--side` takes heads seen from the side, which have one eye.

`false` looks for people's faces and animals' heads in photos that are taken by chance from all in the folders, and
lists where it found any; the sheet shows them, with the points that were found. Photos of people, dolls, masks and
clothes are best left out, by words that their paths hold. Whether a find is false is for a person to say.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from strokewise import Settings, draw, open_photo
from strokewise.export import to_pixels
from strokewise.photo.faces import Face, find_faces
from strokewise.photo.formats import ENDINGS
from strokewise.photo.head_network import look_at
from strokewise.photo.heads import Head, find_heads
from strokewise.photo.preparing import frame_photo
from strokewise.photo.side_heads import UNIT, SideHead, find_side_heads
from strokewise.recognition.evaluation.figures import wilson

from .features import HEADS, measure_eyes

CELL, ACROSS = 200, 8
"""Side of a picture on a sheet, pixels, and how many there are in a row."""


def show_eyes(folder: Path, strokes: int, most: int, side: bool = False) -> list[Image.Image]:
    """Draw the marked photos, print the figures, and return the drawings.

    Raises:
        SystemExit: the folder has none of the photos.
    """
    marked = [
        one
        for one in json.loads(HEADS.read_text("utf-8"))["test_side" if side else "test"]
        if (folder / one["photo"]).is_file()
    ]
    if not marked:
        raise SystemExit(f"{folder} has none of the photos that {HEADS.name} marks: give the folder they lie in")
    inked, drawn, pictures = [], [], []
    for one in marked[:most]:
        sketch = draw(folder / one["photo"], Settings(strokes=strokes, encoder="embedded"))
        points = np.array(one["points"]) * sketch.canvas
        apart = UNIT * float(np.linalg.norm(points[1] - points[0])) if side else None
        found = measure_eyes(sketch, points[: 1 if side else 2], apart)
        inked.append(found["eyes_inked"])
        drawn.append(found["eyes_drawn"])
        print(f"{one['photo']}: inked {found['eyes_inked']:.0f}, drawn {found['eyes_drawn']:.0f}", flush=True)
        pictures.append(Image.fromarray(to_pixels(sketch)).convert("RGB"))
    what = "the eye" if side else "both eyes"
    for name, values in (("inked", inked), ("drawn", drawn)):
        low, high = wilson(int(sum(values)), len(values))
        print(f"{what} {name}: {np.mean(values):.0%} [{low:.0%}, {high:.0%}] of {len(values)}")
    return pictures


def find_false(folders: Sequence[Path], without: Sequence[str], count: int, seed: int) -> list[Image.Image]:
    """Look for faces and heads, print where there are any, and return those photos with the points.

    Raises:
        SystemExit: there are no photos.
    """
    photos = [p for folder in folders for p in sorted(folder.rglob("*")) if p.suffix.lower() in ENDINGS]
    photos = [p for p in photos if not any(word and word in p.as_posix() for word in without)]
    if not photos:
        raise SystemExit("there are no photos to look at: check the folders, and what --without leaves out")
    photos = random.Random(seed).sample(photos, min(count, len(photos)))
    found, counts = [], [0, 0, 0]
    for path in photos:
        picture = frame_photo(open_photo(path), Settings()).photo
        for k, (kind, those) in enumerate(_found(picture)):
            if those:
                counts[k] += 1
                print(f"{kind}: {path} ({', '.join(f'{one.score:.2f}' for one in those)})", flush=True)
                found.append(_pointed(picture, [one.landmarks for one in those]))
    print(
        f"{counts[0]} photos with faces, {counts[1]} with heads, {counts[2]} with heads from the side, of {len(photos)}"
    )
    return found


def _found(picture: NDArray[np.float32]) -> list[tuple[str, Sequence[Face | Head | SideHead]]]:
    """People's faces, then animals' heads, then those seen from the side."""
    faces, looks = find_faces(picture), look_at(picture)
    heads = find_heads(looks, faces)
    return [("face", faces), ("head", heads), ("side head", find_side_heads(looks, [*faces, *heads]))]


def _pointed(picture: NDArray[np.float32], landmarks: Sequence[NDArray[np.float64]]) -> Image.Image:
    image = Image.fromarray(np.round(picture * 255).clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    for points in landmarks:
        for x, y in points if len(points) < 9 else points[::6]:
            pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=(255, 0, 0))
    return image


def write_sheet(pictures: Sequence[Image.Image], path: Path) -> None:
    """All pictures side by side."""
    sheet = Image.new("RGB", (ACROSS * CELL, max(1, -(-len(pictures) // ACROSS)) * CELL), "white")
    for k, picture in enumerate(pictures):
        picture.thumbnail((CELL - 6, CELL - 6))
        sheet.paste(picture, (k % ACROSS * CELL, k // ACROSS * CELL))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.heads", description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest="kind", required=True)
    eyes = kinds.add_parser("eyes", help="are the eyes of animals drawn?")
    eyes.add_argument("folder", type=Path, help="what the paths in training/heads.json begin in")
    eyes.add_argument("--strokes", type=int, default=16)
    eyes.add_argument("--side", action="store_true", help="heads seen from the side")
    eyes.add_argument("--most", type=int, default=60, help="photos at most")
    false = kinds.add_parser("false", help="is a face found where there is none?")
    false.add_argument("folders", type=Path, nargs="+", help="with photos, at any depth")
    false.add_argument("--without", default="", help="leave out photos whose path holds one of these words")
    false.add_argument("--count", type=int, default=500, help="photos taken by chance")
    false.add_argument("--seed", type=int, default=5)
    for kind in (eyes, false):
        kind.add_argument("--sheet", type=Path, help="a PNG of the drawings, or of the photos with finds")
    given = parser.parse_args()
    if given.kind == "eyes":
        pictures = show_eyes(given.folder, given.strokes, given.most, given.side)
    else:
        pictures = find_false(given.folders, given.without.split(","), given.count, given.seed)
    if given.sheet:
        write_sheet(pictures, given.sheet)


if __name__ == "__main__":
    main()
