"""What a plot costs with and without tone and pens, for the photos of a folder.

python benchmarks/plots.py examples --tone hatch,contour,scribble --tone-lines 60,120,250 --pens black,#888 -n 24

Pen-down length, travel, lifts and pen changes on A4. Each photo is drawn once; the same strokes are plotted alone, with
each kind and number of lines of tone, and with pens. The medians of all photos come last.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import strokewise
from strokewise._process import tune_process
from strokewise.bezier import lengths, split_chain
from strokewise.drawing import draw_prepared
from strokewise.export import Page, parse_pens, photo_colors, with_pens
from strokewise.export.pens import Pen
from strokewise.export.plot.pen_plots import PenPlot, plots
from strokewise.photo.formats import ENDINGS
from strokewise.photo.preparing import Framed, prepare
from strokewise.settings import NO_TONE, Settings
from strokewise.tone import with_tone

COLUMNS = "| photo | tone | pens | tone lines | down, mm | travel, mm | lifts | pen changes |"


def costs(found: list[PenPlot]) -> tuple[float, float, int, int]:
    """Pen-down length and pen-up travel in millimetres, and how often the pen is lifted and changed."""
    drawn = sum(float(lengths(split_chain(line)).sum()) for one in found for line in one.plot.lines)
    travel = sum(one.plot.travel_after for one in found)
    return drawn, travel, sum(len(one.plot.lines) for one in found), len({one.number for one in found}) - 1


def variants(
    sketch: strokewise.Sketch, framed: Framed, kinds: list[str], counts: list[int]
) -> Iterator[tuple[str, strokewise.Sketch]]:
    """The drawing without tone, then with each kind and number of lines."""
    yield NO_TONE, sketch
    for kind in kinds:
        for count in counts:
            yield f"{kind} {count}", with_tone(sketch, framed, Settings(tone=kind, tone_lines=count))


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tone", default="hatch,cross,contour,scribble,spiral")
    parser.add_argument("--tone-lines", default="120")
    parser.add_argument("--pens", default="black,#888")
    parser.add_argument("-n", "--strokes", type=int, default=24)
    parser.add_argument("--limit", type=int, help="how many photos, the first by name")
    parser.add_argument("--draft", action="store_true", help="leave the strokes as they are placed")
    given = parser.parse_args()
    pens = parse_pens(given.pens)
    kinds, counts = given.tone.split(","), [int(count) for count in given.tone_lines.split(",")]
    paths = sorted(path for path in given.folder.iterdir() if path.suffix.lower() in ENDINGS)[: given.limit]
    print(COLUMNS, "|---|---|---|---|---|---|---|---|", sep="\n")
    rows: dict[tuple[str, str], list[tuple[float, ...]]] = {}
    for path in paths:
        photo = strokewise.open_photo(path)
        settings = Settings(strokes=given.strokes, draft=given.draft)
        prepared = prepare(photo, settings)
        sketch = photo_colors(draw_prepared(prepared, settings), photo)
        for name, toned in variants(sketch, prepared.framed, kinds, counts):
            named: tuple[tuple[str, tuple[Pen, ...]], ...] = (("one", ()), (given.pens, pens))
            for label, those in named:
                drawn = with_pens(toned, those) if those else toned
                lines = 0 if toned.tone is None else len(toned.tone)
                row = (lines, *costs(plots(drawn, those, Page("a4"))))
                rows.setdefault((name, label), []).append(row)
                print(line(path.name, name, label, row), flush=True)
    for (name, label), every in rows.items():
        print(line("**median**", name, label, tuple(np.median(np.array(every), axis=0))))


def line(photo: str, tone: str, pens: str, row: tuple[float, ...]) -> str:
    """A row of the table."""
    return f"| {photo} | {tone} | {pens} | " + " | ".join(f"{value:.0f}" for value in row) + " |"


if __name__ == "__main__":
    main()
