"""The fewest strokes that still read, for each photo of a folder: a table, their distribution, and a sheet.

python benchmarks/fewest.py FOLDER --output out/fewest
python benchmarks/fewest.py FOLDER --output out/fewest-of-10 --subjects horse=horse,tabby=cat

Without subjects, the label of each photo is the class that the recogniser gives it, among all that it knows. With
subjects, only the named photos are drawn, and the labels are these subjects.

Saves OUT/STEM.svg and OUT/STEM.json and continues from them when it is run again, so several processes may share the
work (--part 1/2, --part 2/2). The sheet, OUT/fewest.png, shows the drawings only, fewest strokes first.
"""

from __future__ import annotations

import argparse
import collections
import io
import json
from pathlib import Path
from typing import Any

from gallery import CELL, sketch_cell
from PIL import Image, ImageDraw, ImageFont

import strokewise
from strokewise._process import tune_process
from strokewise._text import plural
from strokewise.abstraction import RUNGS, fewest
from strokewise.export.files import write_file
from strokewise.photo.formats import ENDINGS
from strokewise.photo.frame import frame_strokes

COLUMNS, GAP, LABEL = 5, 12, 24


def look(path: Path, output: Path, **options: Any) -> dict[str, Any]:
    """Find the fewest strokes for a photo, or read what was found before."""
    known = output / f"{path.stem}.json"
    if known.exists():
        found: dict[str, Any] = json.loads(known.read_text(encoding="utf-8"))
        return found
    said: list[str] = []
    result = fewest(path, notice=said.append, **options)
    result.sketch.save(output / f"{path.stem}.svg", force=True)
    found = {
        "photo": path.name,
        "label": result.label,
        "strokes": len(result.sketch),
        "reached": result.reached,
        "curve": result.curve,
        "recognizer": result.recognizer,
        "of_photo": result.of_photo,
        "said": said[-1],
    }
    write_file(known, lambda: json.dumps(found, indent=1).encode(), force=True)
    print(f"{path.name}: {found['strokes']} strokes, {found['label']}, {'reached' if found['reached'] else 'never'}")
    return found


def describe(one: dict[str, Any]) -> str:
    """The caption of a drawing."""
    sure = dict(map(tuple, one["curve"]))[one["strokes"]]
    said = f"{plural(one['strokes'], 'stroke')}, {one['label']} {sure:.0%} of {one['of_photo']:.0%}"
    return said + ("" if one["reached"] else ", never")


def distribution(found: list[dict[str, Any]]) -> str:
    """A Markdown table: number of strokes, number of photos."""
    counts = collections.Counter(
        next(rung for rung in sorted(RUNGS) if rung >= one["strokes"]) for one in found if one["reached"]
    )
    lines = ["| strokes | photos |", "|---|---|"]
    rungs = [0, *sorted(RUNGS)]
    for low, high in zip(rungs, rungs[1:], strict=False):
        if counts[high]:
            lines.append(f"| {high if high == low + 1 else f'{low + 1} to {high}'} | {counts[high]} |")
    return "\n".join([*lines, f"| never | {sum(not one['reached'] for one in found)} |"])


def save_sheet(found: list[dict[str, Any]], output: Path) -> Path:
    """All drawings on one sheet."""
    rows = -(-len(found) // COLUMNS)
    sheet = Image.new("L", (COLUMNS * (CELL + GAP) + GAP, rows * (CELL + GAP + LABEL) + GAP), 255)
    writer, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for place, one in enumerate(found):
        sketch = strokewise.from_svg((output / f"{Path(one['photo']).stem}.svg").read_bytes())
        left = GAP + place % COLUMNS * (CELL + GAP)
        top = GAP + place // COLUMNS * (CELL + GAP + LABEL)
        sheet.paste(sketch_cell(sketch, frame_strokes([sketch], CELL)).convert("L"), (left, top))
        writer.text((left + CELL / 2, top + CELL + LABEL / 2), describe(one), fill=60, font=font, anchor="mm")
    path = output / "fewest.png"
    buffer = io.BytesIO()
    sheet.quantize(16).save(buffer, "PNG", optimize=True)
    return write_file(path, buffer.getvalue, force=True)


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("out/fewest"))
    parser.add_argument("--confidence", type=float, default=0.8)
    parser.add_argument("--most", type=int, default=32, help="strokes of the first drawing")
    parser.add_argument("--steps", type=int, default=strokewise.Settings().steps)
    parser.add_argument("--subjects", default="", help="STEM=LABEL,... of the photos to draw")
    parser.add_argument("--part", default="1/1", help="K/N: only this part of the photos, and no sheet")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    photos = sorted(p for p in arguments.folder.iterdir() if p.suffix.lower() in ENDINGS)
    options: dict[str, Any] = {"confidence": arguments.confidence, "most": arguments.most, "steps": arguments.steps}
    subjects = dict(pair.split("=") for pair in arguments.subjects.split(",") if pair)
    if subjects:
        photos = [path for path in photos if path.stem in subjects]
        options["labels"] = sorted(set(subjects.values()))
    part, parts = map(int, arguments.part.split("/"))
    found = [
        look(path, arguments.output, label=subjects.get(path.stem), **options) for path in photos[part - 1 :: parts]
    ]
    if parts > 1:
        return
    found.sort(key=lambda one: (not one["reached"], one["strokes"]))
    print(distribution(found))
    print(save_sheet(found, arguments.output))


if __name__ == "__main__":
    main()
