"""`strokewise trace` beside autotrace's centre lines and potrace's outlines, on ten scans whose strokes are known.

pip install pyautotrace potracer
python benchmarks/trace.py --output out/trace.png --json out/trace.json

For each scan: how many cubics, how far they are from the strokes that were drawn, and how much of these they cover.
Autotrace gets the scan as it is, and once more the same ink mask that we trace, since shadows and noise are not its
task. Potrace draws outlines, so only its curves are counted. Seconds are of processor time, best of three.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from gallery import captioned
from numpy.typing import NDArray
from PIL import Image
from scans import Scan, scans
from scipy.spatial import cKDTree

from strokewise import Sketch, open_photo, trace
from strokewise.bezier import evaluate, lengths
from strokewise.export import to_pixels
from strokewise.tracing.ink import find_ink

SIDE = 360


def samples(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points about a pixel apart on cubics [stroke, 4, xy]: [sample, xy]."""
    counts = np.maximum(2, lengths(points).astype(int))
    return np.concatenate([evaluate(p, np.linspace(0, 1, n)) for p, n in zip(points, counts, strict=True)])


def judged(points: NDArray[np.float64], scan: Scan) -> dict[str, float]:
    """How far cubics [stroke, 4, xy] are from a scan's strokes, pixels, and which share of these they cover."""
    if not len(points):
        return {"strokes": 0, "mean": float("nan"), "p95": float("nan"), "covered": 0.0}
    drawn, truth = samples(points), samples(scan.sketch.points)
    off = cKDTree(truth).query(drawn)[0]
    near = cKDTree(drawn).query(truth)[0] < max(1.5, 0.5 * float(scan.sketch.widths[0]))
    return {
        "strokes": len(points),
        "mean": float(off.mean()),
        "p95": float(np.quantile(off, 0.95)),
        "covered": float(near.mean()),
    }


def by_autotrace(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Autotrace's centre lines as cubics, straight pieces too."""
    import autotrace

    svg = autotrace.Bitmap(pixels).trace(color_count=2, centerline=True).encode(autotrace.VectorFormat.SVG)
    text = svg.decode() if isinstance(svg, bytes) else str(svg)
    found = []
    # Paper comes out as lines too; ink is the darker of the two colours.
    shapes = re.findall(r'<path[^>]*?style="[^"]*?stroke:#([0-9a-fA-F]{6})[^"]*"[^>]*? d="([^"]*)"', text)
    darkest = min((sum(bytes.fromhex(color)) for color, _ in shapes), default=0)
    for color, path in shapes:
        if sum(bytes.fromhex(color)) > darkest + 60:
            continue
        here = np.zeros(2)
        for command, rest in re.findall(r"([MLCz])([^MLCz]*)", path):
            numbers = np.array(re.findall(r"-?\d+(?:\.\d+)?", rest), dtype=float).reshape(-1, 2)
            if command == "M":
                here = numbers[0]
            elif command == "L":
                found.append(here + (numbers[0] - here) * np.linspace(0, 1, 4)[:, None])
                here = numbers[0]
            elif command == "C":
                found.append(np.concatenate([here[None], numbers[:3]]))
                here = numbers[2]
    return np.array(found).reshape(-1, 4, 2)


def potrace_curves(mask: NDArray[np.bool_]) -> int:
    """How many pieces potrace's outlines of a mask have."""
    import potrace

    return sum(len(curve.segments) for curve in potrace.Bitmap(mask).trace())


def timed(job: Callable[[], Any]) -> tuple[Any, float]:
    """What a job returns, and its processor time, seconds, best of three."""
    times = []
    for _ in range(3):
        start = time.process_time()
        result = job()
        times.append(time.process_time() - start)
    return result, min(times)


def picture(points: NDArray[np.float64], scan: Scan) -> Image.Image:
    """Cubics in colours that tell them apart."""
    colors = np.random.default_rng(0).uniform(0, 0.75, (len(points), 3))
    sketch = Sketch.of(scan.sketch.canvas, points, widths=np.full(len(points), 4.0), colors=colors.reshape(-1, 3))
    return Image.fromarray(to_pixels(sketch, SIDE))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("out/trace.png"), help="contact sheet")
    parser.add_argument("--json", type=Path, help="file for the figures")
    parser.add_argument("--alone", action="store_true", help="without autotrace and potrace")
    given = parser.parse_args()
    pictures, captions, rows = [], [], []
    trace(scans()[0].picture)  # loads what is loaded once
    for scan in scans():
        shown = Image.fromarray(scan.picture)
        shown.thumbnail((SIDE, SIDE))
        pictures.append(shown)
        captions.append(f"{scan.name}: {len(scan.sketch)} cubics")
        ink = find_ink(open_photo(scan.picture))
        assert ink.scale == 1
        clean = np.repeat(np.where(ink.mask, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
        jobs: dict[str, Callable[[], NDArray[np.float64]]] = {
            "all lines": lambda scan=scan: trace(scan.picture, "all", widths=True).points,  # type: ignore[misc]
            "half as many": lambda scan=scan: trace(scan.picture, max(1, len(scan.sketch) // 2)).points,  # type: ignore[misc]
        }
        if not given.alone:
            jobs["autotrace"] = lambda scan=scan: by_autotrace(scan.picture)  # type: ignore[misc]
            jobs["autotrace, our mask"] = lambda clean=clean: by_autotrace(clean)  # type: ignore[misc]
        row: dict[str, Any] = {"scan": scan.name, "truth": len(scan.sketch), "width": float(scan.sketch.widths[0])}
        for name, job in jobs.items():
            points, seconds = timed(job)
            row[name] = {**judged(points, scan), "seconds": seconds}
            pictures.append(picture(points, scan))
            captions.append(f"{name}: {len(points)}")
        if not given.alone:
            row["potrace"] = potrace_curves(ink.mask)
        thick = trace(scan.picture, "all", widths=True).widths
        row["width found"] = float(np.median(thick))
        rows.append(row)
        print(*(f"{key}: {short(value)}" for key, value in row.items()), sep=" | ", flush=True)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    captioned(pictures, captions, len(pictures) // len(rows), SIDE).save(given.output, optimize=True)
    print(given.output)
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1) + "\n")


def short(value: Any) -> str:
    """A value for the terminal."""
    if not isinstance(value, dict):
        return f"{value:g}" if isinstance(value, float) else str(value)
    return (
        f"{value['strokes']} strokes, {value['mean']:.2f} px off, p95 {value['p95']:.2f}, "
        f"{value['covered']:.0%} covered, {value['seconds']:.2f} s"
    )


if __name__ == "__main__":
    main()
