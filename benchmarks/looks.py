"""One photo through every look, each drawing made by a command that anybody can type.

python benchmarks/looks.py examples/chelsea.jpg --output docs/gallery

Writes a picture of each, a sheet of all, and README.md with the commands, seeds and times.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import shlex
import sys
import time
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from strokewise import __version__
from strokewise.cli import main as strokewise

SIDE, CAPTION, ACROSS = 320, 28, 4


class Look(NamedTuple):
    """A drawing of the gallery: its name, and the commands that make it, without the photo and the output."""

    name: str
    caption: str
    draw: str
    export: str = ""


LOOKS = [
    Look("strokes-32", "32 strokes", "-n 32"),
    Look("strokes-16", "16 strokes", "-n 16"),
    Look("strokes-8", "8 strokes", "-n 8"),
    Look("strokes-4", "4 strokes", "-n 4"),
    Look("pen", "brush pen", "-n 16", "--brush pen"),
    Look("ink", "brush ink", "-n 16", "--brush ink --stroke-width 2.5"),
    Look("pencil", "brush pencil", "-n 32", "--brush pencil --stroke-width 2.5 --color #333333"),
    Look("marker", "brush marker", "-n 16", "--brush marker --stroke-width 5 --color #d1495b"),
    Look("width", "optimised width and opacity", "-n 32 --optimize width,opacity"),
    Look("color", "optimised colour", "-n 32 --optimize color --width 3"),
    Look("all", "width, opacity, colour", "-n 48 --optimize width,opacity,color --width 2.5"),
    Look("one-line", "one line", "-n 32 --one-line"),
    Look("chalk", "chalk on a blackboard", "-n 16", "--color white --paper #2d3a33 --brush pencil --stroke-width 3"),
    Look("fine", "a fine pen", "-n 48 --width 0.7"),
    Look("stages", "stages of 8, 8 and 16", "--stage 8,8,16"),
    Look("prefix", "the first 8 of 32 strokes", "-n 32", "FIRST 8"),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--output", type=Path, default=Path("out/looks"))
    parser.add_argument("--only", help="names of looks, with commas between")
    given = parser.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    wanted = set(given.only.split(",")) if given.only else {look.name for look in LOOKS}
    figures: dict[str, float] = {}
    noted = given.output / "seconds.json"
    if noted.is_file():
        figures = json.loads(noted.read_text())
    drawn: dict[str, float] = {}
    for look in LOOKS:
        if look.name in wanted:
            figures[look.name] = make(look, given.photo, given.output, drawn)
            print(f"{look.name:12} {figures[look.name]:6.1f} s", flush=True)
    noted.write_text(json.dumps(figures, indent=1) + "\n")
    write_sheet(given.output)
    write_page(given.photo, given.output, figures)


def make(look: Look, photo: Path, folder: Path, drawn: dict[str, float]) -> float:
    """Draw and export it; seconds of the drawing. Looks that differ in the export only share a drawing."""
    sketch = folder / "drawings" / f"{photo.stem}{look.draw.replace(' ', '').replace(',', '')}.svg"
    sketch.parent.mkdir(exist_ok=True)
    if look.draw not in drawn:
        start = time.perf_counter()
        run(["draw", str(photo), "-o", str(sketch), "--force", "--quiet", *shlex.split(look.draw)])
        drawn[look.draw] = time.perf_counter() - start
    picture = folder / f"{look.name}.png"
    if look.export.startswith("FIRST"):
        from strokewise import from_svg

        whole = from_svg(sketch.read_bytes())
        whole.reordered(range(int(look.export.split()[1]))).save(picture, force=True)
    else:
        run(
            [
                "export",
                str(sketch),
                "-o",
                str(picture),
                "--force",
                "--quiet",
                "--size",
                "640",
                *shlex.split(look.export),
            ]
        )
    return drawn[look.draw]


def run(command: list[str]) -> None:
    with contextlib.redirect_stdout(io.StringIO()):
        code = strokewise(command)
    if code:
        sys.exit(f"strokewise {shlex.join(command)} ended with {code}")


def write_sheet(folder: Path) -> None:
    """All looks in one picture."""
    down = -(-len(LOOKS) // ACROSS)
    sheet = Image.new("RGB", (SIDE * ACROSS, (SIDE + CAPTION) * down), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(15)
    for place, look in enumerate(LOOKS):
        x, y = place % ACROSS * SIDE, place // ACROSS * (SIDE + CAPTION)
        picture = folder / f"{look.name}.png"
        if picture.is_file():
            with Image.open(picture) as opened:
                image = opened.convert("RGB")
                image.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
                sheet.paste(image, (x + (SIDE - image.width) // 2, y + (SIDE - image.height) // 2))
        pen.text((x + SIDE / 2, y + SIDE + CAPTION / 2), look.caption, fill="#333333", font=font, anchor="mm")
    sheet.save(folder / "sheet.png", optimize=True)


def write_page(photo: Path, folder: Path, figures: dict[str, float]) -> None:
    """The commands, for readers."""
    lines = [
        "# Gallery",
        "",
        f"`{photo.as_posix()}` through every look, seed 0, Strokewise {__version__}, the encoder `embedded`. Made by",
        f"`python benchmarks/looks.py {photo.as_posix()} --output {folder.as_posix()}`; seconds are those of the",
        "drawing on the machine that made this page.",
        "",
        "![all looks](sheet.png)",
        "",
        "| look | command | seconds |",
        "|---|---|---|",
    ]
    for look in LOOKS:
        if look.export.startswith("FIRST"):
            command = (
                f"`strokewise draw {photo.name} {look.draw}`, and of its strokes the first {look.export.split()[1]}"
            )
        elif look.export:
            command = (
                f"`strokewise draw {photo.name} {look.draw} -o a.svg`, "
                f"`strokewise export a.svg -o a.png {shlex.join(shlex.split(look.export))}`"
            )
        else:
            command = f"`strokewise draw {photo.name} {look.draw} -o a.png`"
        seconds = f"{figures[look.name]:.1f}" if look.name in figures else ""
        lines.append(f"| [{look.caption}]({look.name}.png) | {command} | {seconds} |")
    (folder / "README.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
