"""Programs that trace a picture, compared with a drawing of it: shapes, bytes, seconds, and whether runs are equal.

pip install vtracer pyautotrace
python benchmarks/tracers.py examples/duck.jpg --output docs/images/tracers.png

They solve another task, quickly: the whole picture in as many shapes as it needs. The contact sheet shows the result of
each, rendered by resvg.
"""

from __future__ import annotations

import argparse
import io
import re
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import resvg_py
from gallery import captioned
from PIL import Image

import strokewise
from strokewise._process import tune_process

SIDE = 400


def by_vtracer(photo: Path, mode: str) -> str:
    """Filled shapes, stacked."""
    import vtracer

    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder, "traced.svg")
        vtracer.convert_image_to_svg_py(str(photo), str(output), colormode=mode)
        return output.read_text(encoding="utf-8")


def by_autotrace(photo: Path, **options: Any) -> str:
    """Outlines of areas, or middle lines of dark areas."""
    import autotrace

    with Image.open(photo) as opened:
        pixels = np.asarray(opened.convert("RGB"))
    svg = autotrace.Bitmap(pixels).trace(**options).encode(autotrace.VectorFormat.SVG)
    return svg.decode() if isinstance(svg, bytes) else str(svg)


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path)
    parser.add_argument("--output", type=Path, default=Path("out/tracers.png"))
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    programs: dict[str, Callable[[], str]] = {
        "vtracer, colour": lambda: by_vtracer(given.photo, "color"),
        "vtracer, binary": lambda: by_vtracer(given.photo, "binary"),
        "autotrace, 8 colours": lambda: by_autotrace(given.photo, color_count=8),
        "autotrace, centreline": lambda: by_autotrace(given.photo, color_count=2, centerline=True),
        "Strokewise": lambda: strokewise.draw(given.photo, strokes=16).to_svg(),
    }
    with Image.open(given.photo) as opened:
        pictures = [("photo", opened.convert("RGB"))]
    print(f"{'':24}{'shapes':>8}{'bytes':>10}{'seconds':>9}  same bytes each time")
    for name, run in programs.items():
        seconds, outputs = [], []
        for _ in range(given.rounds):
            start = time.perf_counter()
            outputs.append(run())
            seconds.append(time.perf_counter() - start)
        svg, same = outputs[-1], len(set(outputs)) == 1
        shapes = len(re.findall(r"<path\b", svg))
        print(f"{name:24}{shapes:8}{len(svg.encode()):10}{statistics.median(seconds):9.2f}  {same}", flush=True)
        png = resvg_py.svg_to_bytes(svg_string=svg, width=pictures[0][1].width, background="white")
        pictures.append((f"{name}: {shapes} shapes", Image.open(io.BytesIO(bytes(png))).convert("RGB")))
    for _, picture in pictures:
        picture.thumbnail((SIDE - 16, SIDE - 16), Image.Resampling.LANCZOS)
    sheet = captioned([picture for _, picture in pictures], [name for name, _ in pictures], 3, SIDE)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(given.output, optimize=True)
    print(given.output)


if __name__ == "__main__":
    main()
