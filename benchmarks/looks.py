"""The gallery: every photo of a folder at four stroke counts, and one of them in every look.

python benchmarks/looks.py examples --looks dog --output docs/gallery

Each drawing is made by an ordinary command. Writes a strip for each photo, a picture of each look, sheets of both, the
drawings, and README.md with the commands, seeds and times.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gallery import captioned
from PIL import Image

from strokewise import __version__, from_svg, open_photo
from strokewise.cli import main as strokewise
from strokewise.export.sheet import CAPTION, CELL, GAP, Sheet
from strokewise.photo.frame import frame_strokes

COUNTS = (32, 16, 8, 4)
ACROSS = 4


class Look(NamedTuple):
    """A drawing of the gallery: its name, and the commands that make it, without the photo and the output."""

    name: str
    caption: str
    draw: str
    export: str = ""
    first: int = 0
    """Number of its strokes that are shown; 0 shows all."""


LOOKS = [
    Look("pen", "brush pen", "-n 16", "--brush pen"),
    Look("ink", "brush ink", "-n 16", "--brush ink --stroke-width 3"),
    Look("pencil", "brush pencil", "-n 32", "--brush pencil --stroke-width 3 --color #333333"),
    Look("marker", "brush marker", "-n 16", "--brush marker --stroke-width 7 --color #d1495b"),
    Look("width", "optimised width and opacity", "-n 32 --optimize width,opacity"),
    Look("color", "optimised colour", "-n 32 --optimize color --width 3"),
    Look("all", "width, opacity, colour", "-n 48 --optimize width,opacity,color --width 2.5"),
    Look("one-line", "one line", "-n 32 --one-line"),
    Look("chalk", "chalk on a blackboard", "-n 16", "--color white --paper #2d3a33 --brush pencil --stroke-width 4"),
    Look("fine", "a fine pen", "-n 48 --width 0.7"),
    Look("stages", "stages of 8, 8 and 16", "--stage 8,8,16"),
    Look("prefix", "the first 8 of 32 strokes", "-n 32", first=8),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", type=Path, help="folder of .jpg photos")
    parser.add_argument("--looks", default="", help="name of the photo that goes through the looks; none if left out")
    parser.add_argument("--output", type=Path, default=Path("out/looks"))
    parser.add_argument("--only", help="names of photos and looks, with commas between: the others stay as they are")
    given = parser.parse_args()
    photos = sorted(given.photos.glob("*.jpg"))
    looks = LOOKS if given.looks else []
    names = [*(photo.stem for photo in photos), *(look.name for look in looks)]
    wanted = set(given.only.split(",")) if given.only else set(names)
    (given.output / "drawings").mkdir(parents=True, exist_ok=True)
    noted = given.output / "seconds.json"
    seconds: dict[str, float] = json.loads(noted.read_text()) if noted.is_file() else {}
    for photo in photos:
        if photo.stem in wanted:
            for count in COUNTS:
                seconds[f"{photo.stem} {count}"] = draw(photo, f"-n {count}", given.output)
            write_strip(photo, given.output)
    for look in looks:
        if look.name in wanted:
            seconds[look.name] = make(look, given.photos / f"{given.looks}.jpg", given.output, seconds)
    noted.write_text(json.dumps(seconds, indent=1, sort_keys=True) + "\n")
    stack([given.output / f"{photo.stem}.png" for photo in photos], given.output / "photos.png")
    if looks:
        write_sheet(looks, given.output)
    write_page(photos, looks, given, seconds)


def drawing_of(photo: Path, options: str, folder: Path) -> Path:
    """Path of the drawing of a photo with these options."""
    kept = "".join(letter for letter in options.removeprefix("-n ") if letter not in " ,")
    return folder / "drawings" / f"{photo.stem}-{kept}.svg"


def draw(photo: Path, options: str, folder: Path) -> float:
    """Draw a photo into the folder; the seconds it took, with the networks already loaded."""
    start = time.perf_counter()
    sketch = drawing_of(photo, options, folder)
    run(["draw", str(photo), "-o", str(sketch), "--force", "--quiet", *shlex.split(options)])
    took = time.perf_counter() - start
    print(f"{sketch.stem:48} {took:6.1f} s", flush=True)
    return took


def make(look: Look, photo: Path, folder: Path, seconds: dict[str, float]) -> float:
    """Picture of a look; seconds of its drawing. Looks that differ only in the export share a drawing."""
    sketch = drawing_of(photo, look.draw, folder)
    known = f"{photo.stem} {look.draw.removeprefix('-n ')}"
    took = seconds[known] if known in seconds and sketch.is_file() else draw(photo, look.draw, folder)
    picture = folder / f"{look.name}.png"
    if look.first:
        from_svg(sketch.read_bytes()).reordered(range(look.first)).save(picture, force=True)
    else:
        run(["export", str(sketch), "-o", str(picture), "--force", "--quiet", "--size", "640"]
            + shlex.split(look.export))  # fmt: skip
    return took


def run(command: list[str]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        code = strokewise(command)
    if code:
        sys.exit(f"strokewise {shlex.join(command)} ended with {code}")


def write_strip(photo: Path, folder: Path) -> None:
    """Photo and drawings side by side, cropped to a square around all strokes."""
    sketches = [from_svg(drawing_of(photo, f"-n {count}", folder).read_bytes()) for count in COUNTS]
    frame = frame_strokes(sketches, CELL)
    opened = open_photo(photo)
    drawings = tuple((f"{len(sketch)} strokes", frame.shown(sketch)) for sketch in sketches)
    Sheet(photo.stem, frame.sample(opened.pixels, 1.0, photo=opened), drawings).save(
        folder / f"{photo.stem}.png", force=True
    )


def stack(paths: Sequence[Path], output: Path) -> None:
    """Strips stacked vertically; only the last keeps its captions."""
    strips = [Image.open(path).convert("RGB") for path in paths if path.is_file()]
    last = len(strips) - 1
    height = [strip.height - (CAPTION + GAP if place < last else 0) for place, strip in enumerate(strips)]
    sheet = Image.new("RGB", (strips[0].width, sum(height)), "white")
    for place, strip in enumerate(strips):
        sheet.paste(strip, (0, sum(height[:place])))
    sheet.resize((sheet.width * 3 // 4, sheet.height * 3 // 4), Image.Resampling.LANCZOS).save(output, optimize=True)


def write_sheet(looks: Sequence[Look], folder: Path) -> None:
    """All looks in one picture."""
    pictures = []
    for look in looks:
        with Image.open(folder / f"{look.name}.png") as opened:
            pictures.append(opened.convert("RGB"))
            pictures[-1].thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    captioned(pictures, [look.caption for look in looks], ACROSS, CELL).save(folder / "looks.png", optimize=True)


def write_page(
    photos: Sequence[Path], looks: Sequence[Look], given: argparse.Namespace, seconds: dict[str, float]
) -> None:
    """The page with the commands."""
    command = f"python benchmarks/looks.py {given.photos.as_posix()} --looks {given.looks}"
    lines = [
        "# Gallery",
        "",
        f"Strokewise {__version__}, the encoder `embedded`, seed 0, two cores without a GPU. One command makes this",
        f"page and all that is on it: `{command} --output {given.output.as_posix()}`.",
        "Seconds are those of a drawing in a process that has the networks loaded.",
        "",
        "## Photos",
        "",
        "![each photo, and drawings of it in 32, 16, 8 and 4 strokes](photos.png)",
        "",
        "Each is `strokewise draw PHOTO -n STROKES --seed 0` and nothing else. The photos are in `examples`, and",
        "[free](../licences.md#photos).",
        "",
        "| photo | " + " | ".join(f"{count} strokes" for count in COUNTS) + " |",
        "|---|" + "---|" * len(COUNTS),
    ]
    for photo in photos:
        cells = []
        for count in COUNTS:
            sketch = drawing_of(photo, f"-n {count}", given.output).relative_to(given.output).as_posix()
            took = seconds.get(f"{photo.stem} {count}")
            cells.append(f"[{took:.1f} s]({sketch})" if took is not None else "")
        lines.append(f"| [{photo.name}]({photo.stem}.png) | " + " | ".join(cells) + " |")
    if looks:
        lines += ["", "## Looks", "", "![all looks](looks.png)", "", "| look | command | seconds |", "|---|---|---|"]
        lines += [
            f"| [{look.caption}]({look.name}.png) | {commands(look, f'{given.looks}.jpg')} | {seconds[look.name]:.1f} |"
            for look in looks
        ]
    (given.output / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def commands(look: Look, photo: str) -> str:
    """The commands of a look."""
    if look.first:
        return f"`strokewise draw {photo} {look.draw}`, and of its strokes the first {look.first}"
    if look.export:
        export = shlex.join(shlex.split(look.export))
        return f"`strokewise draw {photo} {look.draw} -o a.svg`, `strokewise export a.svg -o a.png {export}`"
    return f"`strokewise draw {photo} {look.draw} -o a.png`"


if __name__ == "__main__":
    main()
