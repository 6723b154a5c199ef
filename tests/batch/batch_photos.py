"""Small photos of ellipses on grounds of several colours, and what tests say about a run."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

RED, BLUE, GREEN = (230, 20, 20), (20, 20, 230), (20, 200, 20)
"""Grounds of photos on which the encoder of the tests hangs, kills its process, and raises an error."""
SMALL: dict[str, Any] = {
    "strokes": 3,
    "encoder": "stub",
    "placement": "saliency",  # the quicker one
    "size": 64,
    "candidates": 1,
    "steps": 0,
    "subject": "keep",
}
OPTIONS = [part for name, value in SMALL.items() for part in (f"--{name}", str(value))] + ["--import", "batch_stub"]


def picture(number: int, ground: tuple[int, int, int] = (250, 250, 250), side: int = 48) -> Image.Image:
    """A dark ellipse, another for each number."""
    rng = np.random.default_rng(number)
    image = Image.new("RGB", (side * 2, side * 2), ground)
    x, y, w, h = rng.uniform(0.2, 0.4), rng.uniform(0.2, 0.4), rng.uniform(0.3, 0.5), rng.uniform(0.3, 0.5)
    box = [2 * side * v for v in (x, y, x + w, y + h)]
    shade = int(rng.integers(20, 120))
    ImageDraw.Draw(image).ellipse(box, fill=(shade, shade, int(rng.integers(0, 40))))
    return image.resize((side, side), Image.Resampling.BOX)


def make_photos(folder: Path, count: int, start: int = 0) -> Path:
    """FOLDER/a/0.png, FOLDER/b/1.png, FOLDER/c/2.png, FOLDER/a/3.png..."""
    for i in range(start, start + count):
        path = folder / "abc"[i % 3] / f"{i}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        picture(i).save(path)
    return folder


def read_manifest(out: Path, suffix: str = "") -> list[dict[str, str]]:
    """Rows of the CSV manifest; where there is a Parquet one, it says the same."""
    with (out / f"manifest{suffix}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    parquet = out / f"manifest{suffix}.parquet"
    if parquet.exists():
        from pyarrow.parquet import read_table

        same = [{k: "" if v is None else str(v) for k, v in row.items()} for row in read_table(parquet).to_pylist()]
        assert same == rows
    return rows


def times_drawn(out: Path) -> Counter[str]:
    """How often each photo was drawn, by the journals."""
    lines = [line for path in out.glob("journal*.jsonl") for line in path.read_bytes().splitlines()]
    drawn: Counter[str] = Counter()
    for line in lines:
        record = json.loads(line)
        if record.get("status") == "drawn" and not record.get("again"):
            drawn[record["input"]] += 1
    return drawn


def tree(out: Path, ending: str = ".svg") -> dict[str, bytes]:
    """All files with that ending, by their path in the folder."""
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob(f"*{ending}"))}
