"""How far a plotter's pen travels without drawing, before and after strokes are joined and ordered.

python benchmarks/travel.py FOLDER -n 32 --svg out/travel --json out/travel.json

FOLDER holds photos, which are drawn first, or SVGs; single files may be named too. Prints millimetres on A4; the pen
starts at the upper left. Before: each stroke is drawn separately, in three orders:
  saved    as the file has them
  hand     as a hand would draw them, lines followed from end to end (strokewise.sketch)
  longest  longest first, as a substitute for "most important first" in drawings without that order
After: strokes joined, ordered and turned round (strokewise.export.plot.plotter), starting from the saved order.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path

import numpy as np

import strokewise
from strokewise._process import tune_process
from strokewise.export.plot.page import Page, on_page
from strokewise.export.plot.plotter import for_plotter
from strokewise.export.plot.travel import travel
from strokewise.sketch import in_drawing_order

PHOTOS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".heic"}
ORDERS = ("saved", "hand", "longest")


def measure(sketch: strokewise.Sketch) -> dict[str, float | int | str]:
    """Travel before and after, millimetres, and in how many lines the strokes are drawn."""
    laid = on_page(sketch, Page())
    lengths = np.linalg.norm(np.diff(laid.points, axis=1), axis=2).sum(1)
    orders = {
        "saved": laid,
        "hand": in_drawing_order(laid),
        "longest": laid.reordered(np.argsort(-lengths, kind="stable").tolist()),
    }
    plot = for_plotter(sketch)
    return {
        "strokes": len(sketch),
        "lines": len(plot.lines),
        "saved order": str(sketch.metadata.get("order", "not said")),
        **{name: travel(one.points[:, 0], one.points[:, -1]) for name, one in orders.items()},
        "after": plot.travel_after,
    }


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("-n", "--strokes", type=int, default=32)
    parser.add_argument("--steps", type=int, default=strokewise.Settings().steps)
    parser.add_argument("--candidates", type=int, default=strokewise.Settings().candidates)
    parser.add_argument("--svg", type=Path, help="folder to keep the drawings in; what is there is not drawn again")
    parser.add_argument("--json", type=Path, default=Path("out/travel.json"))
    arguments = parser.parse_args()
    paths = [f for p in arguments.paths for f in (sorted(p.iterdir()) if p.is_dir() else [p])]
    paths = [p for p in paths if p.suffix.lower() in PHOTOS | {".svg"}]
    if not paths:
        parser.error("there are no photos and no SVGs")
    print(
        f"{'drawing':20} strokes lines {'saved':>7} {'hand':>7} {'longest':>7}   after   less than saved, hand, longest"
    )
    rows: dict[str, dict[str, float | int | str]] = {}
    reductions: list[dict[str, float]] = []
    for path in paths:
        kept = arguments.svg / f"{path.stem}.svg" if arguments.svg else None
        if path.suffix.lower() == ".svg":
            sketch = strokewise.from_svg(path.read_bytes())
        elif kept is not None and kept.exists():
            sketch = strokewise.from_svg(kept.read_bytes())
        else:
            options = {"strokes": arguments.strokes, "steps": arguments.steps, "candidates": arguments.candidates}
            sketch = strokewise.draw(strokewise.open_photo(path), **options)
            if kept is not None:
                kept.parent.mkdir(parents=True, exist_ok=True)
                sketch.save(kept)
        row = measure(sketch)
        after = float(row["after"])
        less = {name: 1 - after / float(row[name]) if float(row[name]) else 0.0 for name in ORDERS}
        rows[path.stem] = row
        reductions.append(less)
        befores = " ".join(f"{float(row[name]):7.0f}" for name in ORDERS)
        shares = " ".join(f"{less[name]:5.0%}" for name in ORDERS)
        print(f"{path.stem:20} {row['strokes']:7} {row['lines']:5} {befores} {after:7.0f}   {shares}", flush=True)
    medians = {name: statistics.median(less[name] for less in reductions) for name in ORDERS}
    print(f"median reduction: {', '.join(f'{name} {medians[name]:.1%}' for name in ORDERS)}")
    arguments.json.parent.mkdir(parents=True, exist_ok=True)
    arguments.json.write_text(json.dumps({"rows": rows, "median": medians}, indent=1))


if __name__ == "__main__":
    main()
