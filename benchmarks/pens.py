"""What a plot with several pens costs: pen-down length, travel, lifts and pen changes, for the photos of a folder.

python benchmarks/pens.py examples --pens black,red,#0a7,orange -n 48 --steps 0

Drawn with the photo's colours, laid on A4, and compared with the same strokes for one pen.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import strokewise
from strokewise._process import tune_process
from strokewise.bezier import lengths, split_chain
from strokewise.export import Page, parse_pens, photo_colors, with_pens
from strokewise.export.plot.pen_plots import PenPlot, plots
from strokewise.photo.formats import ENDINGS


def costs(found: list[PenPlot]) -> tuple[float, float, int]:
    """Pen-down length and pen-up travel in millimetres, and how often the pen is lifted."""
    drawn = sum(float(lengths(split_chain(line)).sum()) for one in found for line in one.plot.lines)
    return drawn, sum(one.plot.travel_after for one in found), sum(len(one.plot.lines) for one in found)


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pens", default="black,red,#0a7,orange")
    parser.add_argument("-n", "--strokes", type=int, default=48)
    parser.add_argument("--steps", type=int, default=strokewise.Settings().steps)
    given = parser.parse_args()
    pens = parse_pens(given.pens)
    photos = sorted(path for path in given.folder.iterdir() if path.suffix.lower() in ENDINGS)
    print("| photo | strokes a pen | changes | down, mm | travel, mm (one pen) | lifts (one pen) |")
    print("|---|---|---|---|---|---|")
    rows = []
    for path in photos:
        photo = strokewise.open_photo(path)
        sketch = photo_colors(strokewise.draw(photo, strokes=given.strokes, steps=given.steps), photo)
        several = plots(with_pens(sketch, pens), pens, Page("a4"))
        drawn, travel, lifts = costs(several)
        _, alone, fewer = costs(plots(sketch, (), Page("a4")))
        shares = {one.number: len(one.plot.sketch) for one in several}
        rows.append((len(several) - 1, drawn, travel, alone, lifts, fewer))
        counts = " ".join(str(shares.get(number + 1, 0)) for number in range(len(pens)))
        print(
            f"| {path.name} | {counts} | {len(several) - 1} | {drawn:.0f} | {travel:.0f} ({alone:.0f}) "
            f"| {lifts} ({fewer}) |",
            flush=True,
        )
    middle = np.median(np.array(rows, dtype=float), axis=0)
    print(
        f"| median | | {middle[0]:g} | {middle[1]:.0f} | {middle[2]:.0f} ({middle[3]:.0f}) "
        f"| {middle[4]:g} ({middle[5]:g}) |"
    )


if __name__ == "__main__":
    main()
