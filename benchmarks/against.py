"""Times whole commands of this checkout against those of an older one, in turns: A B A B.

python benchmarks/against.py OLD_CHECKOUT PHOTOS            # six photos of the folder, 16 and 32 strokes
python benchmarks/against.py OLD_CHECKOUT PHOTOS --photos 2 --strokes 16 --rounds 2 --sheet out/against.png

Both run in this Python, so it needs the packages of both. Run it where nothing else runs. It prints medians of wall
time, processor time and peak memory of each command, the ratio of new to old with its least and greatest, and the ratio
of the final losses. The first table, a drawing of one stroke without steps, is what start-up takes: imports, photo,
mask and encoder.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageOps

HERE = Path(__file__).resolve().parents[1]
ENDINGS = {".jpg", ".jpeg", ".png"}
SIDE = 300
"""Side of a picture on the contact sheet, pixels."""


class Run(NamedTuple):
    """What one command took."""

    wall: float
    cpu: float
    memory: float
    loss: float


def draw(checkout: Path, photo: Path, strokes: int, steps: int | None, drawing: Path) -> Run:
    """One `strokewise draw` of a checkout; the drawing goes to a file that ends in .svg."""
    command = [sys.executable, "-m", "strokewise", "draw", str(photo), "-n", str(strokes), "-o", str(drawing)]
    command += ["--seed", "0", "--encoder", "embedded", "--force", "--quiet"]
    command += [] if steps is None else ["--steps", str(steps), "--candidates", "1"]
    environment = {**os.environ, "PYTHONPATH": str(checkout / "src")}
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, cwd=checkout)
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    if status:
        raise SystemExit(f"{' '.join(command)} failed in {checkout}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, _loss(drawing))


def _loss(drawing: Path) -> float:
    from strokewise import read_sketch

    losses = read_sketch(drawing).metadata["losses"]
    return float(losses["total"])


def compare(old: Path, photos: list[Path], strokes: int, steps: int | None, rounds: int, folder: Path) -> None:
    """Print a table for one kind of command."""
    runs: dict[str, list[list[Run]]] = {"old": [], "new": []}
    for photo in photos:
        each: dict[str, list[Run]] = {"old": [], "new": []}
        for _ in range(rounds):
            for name, checkout in (("old", old), ("new", HERE)):
                each[name].append(draw(checkout, photo, strokes, steps, folder / f"{photo.stem}-{strokes}-{name}.svg"))
        for name, found in each.items():
            runs[name].append(found)
    title = f"draw -n {strokes}" + ("" if steps is None else f" --steps {steps} --candidates 1")
    print(f"\n{title}: {len(photos)} photos, {rounds} rounds, medians (least to greatest)")
    for field, unit in (("wall", "s"), ("cpu", "s"), ("memory", "MB"), ("loss", "")):
        medians = {
            name: [statistics.median(getattr(run, field) for run in photo) for photo in found]
            for name, found in runs.items()
        }
        ratios = [new / before for new, before in zip(medians["new"], medians["old"], strict=True) if before]
        middle = {name: statistics.median(values) for name, values in medians.items()}
        print(
            f"{field:7} old {middle['old']:8.2f} {unit:2}  new {middle['new']:8.2f} {unit:2}  "
            f"ratio {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})"
        )


def sheet(photos: list[Path], strokes: int, folder: Path, path: Path) -> None:
    """Photos, old and new drawings in rows."""
    from strokewise import read_sketch
    from strokewise.export import to_pixels

    rows = []
    for photo in photos:
        row = [Image.open(photo).convert("RGB")]
        for name in ("old", "new"):
            pixels = to_pixels(read_sketch(folder / f"{photo.stem}-{strokes}-{name}.svg"), SIDE * 2)
            row.append(Image.fromarray(pixels[..., :3]))
        rows.append([ImageOps.pad(image, (SIDE, SIDE), color="white") for image in row])
    page = Image.new("RGB", (3 * SIDE, len(rows) * SIDE), "white")
    for y, row in enumerate(rows):
        for x, image in enumerate(row):
            page.paste(image, (x * SIDE, y * SIDE))
    path.parent.mkdir(parents=True, exist_ok=True)
    page.save(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path, help="a checkout of the older version")
    parser.add_argument("folder", type=Path, help="folder of photos")
    parser.add_argument("--photos", type=int, default=6, help="how many of them")
    parser.add_argument("--strokes", default="16,32")
    parser.add_argument("--rounds", type=int, default=2, help="commands of each version for each photo")
    parser.add_argument("--sheet", type=Path, help="write the drawings of the last stroke count here, as PNG")
    arguments = parser.parse_args()
    photos = sorted(p for p in arguments.folder.iterdir() if p.suffix.lower() in ENDINGS)
    chosen = photos[:: max(1, len(photos) // arguments.photos)][: arguments.photos]
    counts = [int(count) for count in arguments.strokes.split(",")]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for checkout in (arguments.old, HERE):  # compiled code and caches are there before anything is timed
            draw(checkout, chosen[0], 4, 1, folder / "warm.svg")
        compare(arguments.old, chosen[:3], 1, 0, arguments.rounds, folder)
        for count in counts:
            compare(arguments.old, chosen, count, None, arguments.rounds, folder)
        if arguments.sheet:
            sheet(chosen, counts[-1], folder, arguments.sheet)
    print(json.dumps({"python": sys.version.split()[0], "cpus": os.cpu_count()}))


if __name__ == "__main__":
    main()
