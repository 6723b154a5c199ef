"""Draws the strips of docs/images/values: one picture per option, with small and large values of it side by side.

python docs/make_pictures.py                 # all strips, from the photos in examples/
python docs/make_pictures.py --only width    # the named ones, with commas between

Each drawing is made by a command that anybody can type, once, and is kept in out/values, as is what is made of it: a
second run draws only what is not there. Delete that folder to draw all anew, which takes some ten minutes of one core.
The same version gives the same bytes. What is to be seen in each strip stands in docs/make_commands.py.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import dataclasses
import io
import json
import os
import re
import shlex
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image
from shapely import LineString

from strokewise import Settings, Sketch, from_svg
from strokewise.cli import main as strokewise
from strokewise.export.film.motion import stroke_times, trim
from strokewise.export.svg.text import SVG

ROOT = Path(__file__).parents[1]
FOLDER, KEPT, EXAMPLES = ROOT / "docs" / "images" / "values", ROOT / "out" / "values", ROOT / "examples"
PHOTOS = {"coffee": "62 0 436 400", "chelsea": "0 0 400 300"}
"""Photos of examples/, and the part of each that the strips show: x, y, width, height in its pixels."""
CELL, HIGH, GAP, LINE = 200, 188, 14, 19
"""Width and height of a drawing in a strip, what is between two, and the height of a line of text; pixels."""


class Panel(NamedTuple):
    """One drawing of a strip."""

    caption: str
    """Lines that stand below; {n} is the number of strokes."""
    command: str = "draw"
    """Without photo and output; {draw -n 8} is the file of that drawing, and "ladder 8" the ladder's of 8 strokes."""
    export: str = ""
    """Options of `strokewise export`, if the drawing goes through that; with "PNG" first, into a picture."""
    photo: str = "coffee"
    whole: bool = False
    """Show all of the canvas, or of the page, with its edge."""
    change: Callable[[Sketch], Sketch] | None = None
    """What is done to the strokes before they are shown."""
    judge: str | None = None
    """Options of `strokewise recognize`, whose three likeliest labels then stand below, too."""


def panels(caption: str, *values: object, of: str = "draw {}", export: str = "", **more: Any) -> tuple[Panel, ...]:
    """A panel for each value, which replaces {} in the caption; its first line then replaces {} in the options."""
    texts = [caption.replace("{}", str(value)) for value in values]
    pairs = [(text, text.split("\n")[0]) for text in texts]
    return tuple(Panel(text, of.replace("{}", one), export.replace("{}", one), **more) for text, one in pairs)


def kept_in_red(sketch: Sketch) -> Sketch:
    """The drawing with its locked strokes in red."""
    return dataclasses.replace(sketch, colors=np.where(sketch.locked[:, None], (0.82, 0.18, 0.12), sketch.colors))


def still(sketch: Sketch, share: float) -> Sketch:
    """What an SVG that draws itself shows after a share of its time."""
    times = stroke_times(sketch)
    left = share * float(times.sum()) - (np.cumsum(times) - times)
    begun = np.flatnonzero(left > 0)
    ends = [trim(sketch.points[place], min(1.0, float(left[place] / times[place]))) for place in begun]
    return dataclasses.replace(sketch.reordered(begun.tolist()), points=np.stack(ends))


CARRIED, AMONG = "draw --from {draw -n 8} {}", "fewest --labels cup,pizza --most 16 {}"
STRIPS = {
    "strokes": panels("-n {}", 4, 8, 16, 32),
    "add": (Panel("the sketch, 8 strokes", "draw -n 8"), *panels("--add {}", 2, 8, 24, of=CARRIED)),
    "keep": panels("{}", "--add 8", "--keep 0-3 --add 8", "--keep 0-7 --add 8", of=CARRIED, change=kept_in_red),
    "stage": (
        Panel("--stage 4,4,8\nthe first 4", "draw --stage 4,4,8", change=partial(Sketch.reordered, order=range(4))),
        Panel("--stage 4,4,8\nthe first 8", "draw --stage 4,4,8", change=partial(Sketch.reordered, order=range(8))),
        Panel("--stage 4,4,8\nall 16", "draw --stage 4,4,8"),
    ),
    "seed": panels("--seed {}", 0, 1, 2),
    "candidates": panels("--candidates {}", 1, 3, 8),
    "steps": panels("-n 8 --steps {}", 0, 20, 100),
    "placement": panels("--placement {}", "contour", "saliency"),
    "schedule": (
        Panel("--schedule swift\nstock settings"),
        Panel("--schedule swift\n--placement saliency", "draw --placement saliency"),
        Panel(
            "--schedule paper\n--placement saliency\n--steps 2001",
            "draw --schedule paper --placement saliency --steps 2001",
        ),
    ),
    "subject": panels("--subject {}", "remove", "keep", whole=True),
    "width": panels("--width {}", 0.7, 1.5, 4),
    "size": panels("--size {}", 112, 224, 448),
    "optimize": (
        Panel("not given", "draw -n 32", photo="chelsea"),
        *panels("--optimize {}", "width", "opacity", "color", of="draw -n 32 {}", photo="chelsea"),
    ),
    "one-line": panels("--one-line -n {}", 8, 24),
    "tone": panels("--tone {}", "hatch", "cross", "contour", "scribble", photo="chelsea"),
    "tone-lines": panels("--tone-lines {}", 60, 120, 250, of="draw --tone contour {}"),
    "tone-steps": panels("--tone-steps {}", 2, 3, 5, of="draw --tone hatch {}"),
    "stroke-width": panels("--stroke-width {}", 0.7, 1.5, 4, 10, of="draw", export="{}"),
    "color": panels("--color {}", "black", "navy", '"#d1495b"', of="draw", export="{}"),
    "paper": (Panel("not given"), *panels("--paper {}", "ivory", '"#2d3a33" --color white', of="draw", export="{}")),
    "opacity": panels("--opacity {}", 0.2, 0.6, 1, of="draw", export="{} --stroke-width 6"),
    "brush": panels("--brush {}", "round", "pen", "ink", of="draw -n 8", export="{} --stroke-width 5"),
    "brush-rough": panels("--brush {}", "pencil", "marker", of="draw -n 8", export="{} --stroke-width 5"),
    "picture-size": panels("--size {}", 32, 96, 512, of="draw", export="PNG {}"),
    "animate": (
        Panel("--animate\nafter 30 % of its time", change=partial(still, share=0.3)),
        Panel("--animate\nafter 70 %", change=partial(still, share=0.7)),
        Panel("--animate\nat the end"),
    ),
    "page": panels("--page {}", "a4", "100x200mm", "200x200mm", of="draw", export="--plotter {}", whole=True),
    "margin": panels("--margin {}", 0, 10, 40, of="draw", export="--plotter {}", whole=True),
    "fit": panels("--fit {}", "canvas", "ink", of="draw", export="--plotter {}", whole=True),
    "ladder": tuple(Panel(f"{count} strokes", f"ladder {count}") for count in (32, 16, 8, 4)),
    "confidence": panels("--confidence {}\n{n} strokes", 0.5, 0.9, of=AMONG),
    "recognize": tuple(Panel("{n} strokes", f"draw -n {count}", judge="") for count in (4, 8, 16)),
    "labels": tuple(
        Panel(options, judge=options) for options in ("--labels cat,cup", "--labels cat,dog", "--labels cat,dog --none")
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", help="names of strips, with commas between")
    given = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # another number of threads gives slightly other drawings
    KEPT.mkdir(parents=True, exist_ok=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in given.only.split(",") if given.only else STRIPS:
        path = FOLDER / f"{name}.svg"
        path.write_text(strip(STRIPS[name]), encoding="utf-8")
        print(f"{path.stat().st_size:8} bytes  {path.relative_to(ROOT)}", flush=True)


def strip(panels: tuple[Panel, ...]) -> str:
    """Drawings side by side with their captions, on white paper, as SVG text."""
    captions = [captioned(panel) for panel in panels]
    width = GAP + len(panels) * (CELL + GAP)
    height = 2 * GAP + HIGH + LINE * max(len(lines) for lines in captions)
    size = f'width="{width}" height="{height}"'
    look = f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="14" text-anchor="middle"'
    parts = [f'<svg xmlns="{SVG}" {size} {look}>', f'<rect {size} fill="#fff"/>']
    for place, (panel, lines) in enumerate(zip(panels, captions, strict=True)):
        left = GAP + place * (CELL + GAP)
        box, body = shown(panel)
        parts.append(f'<svg x="{left}" y="{GAP}" width="{CELL}" height="{HIGH}" viewBox="{box}">\n{body}\n</svg>')
        for row, line in enumerate(lines):
            where = f'x="{left + CELL // 2}" y="{GAP + HIGH + LINE * (row + 1)}"'
            parts.append(f'<text {where} fill="{"#555" if row else "#111"}">{escape(line)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def captioned(panel: Panel) -> list[str]:
    """The lines below a drawing."""
    path = drawing(panel.command, panel.photo)
    lines = panel.caption.format(n=from_svg(path.read_bytes()).curves).split("\n")
    if panel.judge is not None:
        (told,) = json.loads(run(["recognize", str(path), "--json", "--top", "3", *shlex.split(panel.judge)]))
        lines += [f"{one['label'].replace('_', ' ')} {100 * one['probability']:.0f} %" for one in told["ranked"]]
    return lines


def shown(panel: Panel) -> tuple[str, str]:
    """The part of the canvas that is shown, and what is on it: a file the program wrote, without metadata, rounded."""
    path = exported(panel)
    if path.suffix == ".png":
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        across, down = from_svg(drawing(panel.command, panel.photo).read_bytes()).canvas
        look = "auto" if Image.open(path).width > CELL else "pixelated"
        size = f'width="{across:g}" height="{down:g}" style="image-rendering:{look}"'
        return PHOTOS[panel.photo], f'<image {size} href="data:image/png;base64,{data}"/>'
    text = path.read_text(encoding="utf-8")
    if panel.change is not None:
        text = panel.change(from_svg(text)).to_svg()
    text = re.sub(r"<(title|metadata)>.*?</\1>\n", "", text, flags=re.DOTALL)
    head, body = text.strip().removesuffix("</svg>").split("\n", 1)
    body = re.sub(r'(?<= d=")[^"]+', lambda path: rounded(path[0]), body.strip())
    if not panel.whole:
        return PHOTOS[panel.photo], body
    box = head.split('viewBox="')[1].split('"')[0]
    return box, f'<rect width="100%" height="100%" fill="none" stroke="#888"/>\n{body}'


def rounded(data: str) -> str:
    """Path data with one decimal, a twentieth of a pixel of a strip; outlines without the points they can spare."""
    if "L" in data:
        rings = (np.array(re.findall(r"[-\d.]+", ring), float).reshape(-1, 2) for ring in data.split("Z")[:-1])
        thin = (LineString(ring).simplify(0.2).coords for ring in rings)
        data = "".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in thin)
    return re.sub(r"-?\d+\.\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), data)


def drawing(command: str, photo: str) -> Path:
    """The file of a drawing, made unless it is there."""
    command = re.sub(r"\{(.+?)\}", lambda other: shlex.quote(str(drawing(other[1], photo))), command)
    name, *options = shlex.split(command)
    for field, value in Settings().as_dict().items():  # what is stock need not be said, nor drawn twice
        option = "-n" if field == "strokes" else f"--{field}"
        if option in options and options[options.index(option) + 1] == str(value):
            del options[options.index(option) : options.index(option) + 2]
    given = str(EXAMPLES / f"{photo}.jpg")
    if name == "ladder":
        folder = KEPT / f"{photo}-ladder"
        if not folder.exists():
            run(["ladder", given, "-o", str(folder), "--force"])
        return folder / f"{photo}-{options[0]}.svg"
    path = KEPT / f"{slug(photo, name, *(Path(one).name for one in options))}.svg"
    if not path.exists():
        run([name, given, "-o", str(path), "--force", *options])
    return path


def exported(panel: Panel) -> Path:
    """The file of a drawing as it is to be shown."""
    path = drawing(panel.command, panel.photo)
    if not panel.export:
        return path
    options = shlex.split(panel.export.removeprefix("PNG "))
    name = slug(path.stem, "export", *options)
    made = KEPT / (f"{name}.png" if panel.export.startswith("PNG ") else f"{name}.svg")
    if not made.exists():
        run(["export", str(path), "-o", str(made), "--force", *options])
    return made


def slug(*words: str) -> str:
    return re.sub(r"[^a-zA-Z0-9.]+", "-", " ".join(words)).strip("-")


def run(command: list[str]) -> str:
    """What a command prints; ends the script if the command fails."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = strokewise([*command, *([] if command[0] == "recognize" else ["--quiet"])])
    if code:
        sys.exit(f"strokewise {shlex.join(command)} ended with {code}")
    return out.getvalue()


if __name__ == "__main__":
    main()
