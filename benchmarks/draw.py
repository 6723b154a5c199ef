"""The whole command, timed from outside and split into its parts, from start-up to saving.

python benchmarks/draw.py [PHOTO] -n 16 --runs 5 --json out/draw.json

Each run is a separate process. "whole command" is the time a user waits. The parts are measured in processes that call
the same functions one after another. Medians, with minimum and maximum.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PARTS = ("start-up", "photo and subject", "encoder", "placement", "optimisation", "order", "saving")


def parts(photo: Path, strokes: int) -> dict[str, float]:
    """Seconds of each part, measured in this process, which must be new."""
    marks = [time.perf_counter()]

    def mark() -> None:
        marks.append(time.perf_counter())

    from strokewise._process import tune_process

    tune_process()  # as the command does
    from strokewise import Settings, encoders, open_photo
    from strokewise.drawing import finish, refine
    from strokewise.engines import find_device
    from strokewise.export import save
    from strokewise.photo.preparing import Prepared, frame_photo
    from strokewise.placement.candidates import place

    settings = Settings(strokes=strokes)
    device = find_device(settings.device)
    mark()
    opened = open_photo(photo)
    framed = frame_photo(opened, settings)
    mark()
    encoder = encoders.load_encoder()
    mark()
    prepared = Prepared(opened.info, framed, encoder, encoder.name, device)
    placed = place(prepared, settings)
    mark()
    result = refine(placed, prepared, settings)
    mark()
    sketch = finish(result, prepared, settings)
    mark()
    with tempfile.TemporaryDirectory() as folder:
        save(sketch, Path(folder) / "sketch.svg")
    mark()
    seconds = dict(zip(PARTS, (b - a for a, b in zip(marks[:-1], marks[1:], strict=True)), strict=True))
    return {**seconds, "steps": result.steps, "loss": result.losses["total"]}


def whole(photo: Path, strokes: int) -> float:
    """Seconds of `strokewise draw`, start-up included."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "strokewise", "draw", str(photo), "-n", str(strokes), "--quiet"]
        start = time.perf_counter()
        subprocess.run([*command, "-o", str(Path(folder) / "sketch.svg")], check=True)
        return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(__file__).parent.parent / "examples" / "chelsea.png"
    parser.add_argument("photo", type=Path, nargs="?", default=default)
    parser.add_argument("-n", "--strokes", type=int, default=16)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--parts", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.parts:
        print(json.dumps(parts(arguments.photo, arguments.strokes)))
        return
    whole(arguments.photo, arguments.strokes)  # compiles the kernels, and fills the disk cache
    rows: dict[str, list[float]] = {"whole command": []}
    again = [sys.executable, __file__, str(arguments.photo), "-n", str(arguments.strokes), "--parts"]
    for _ in range(arguments.runs):
        rows["whole command"].append(whole(arguments.photo, arguments.strokes))
        output = subprocess.run(again, check=True, capture_output=True, text=True).stdout
        for name, value in json.loads(output).items():
            rows.setdefault(name, []).append(value)
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024**2 if sys.platform != "darwin" else 1024**3)
    machine = f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores"
    print(f"{arguments.photo.name}, {arguments.strokes} strokes, {arguments.runs} runs, {machine}")
    for name, values in rows.items():
        print(f"{name:20} {statistics.median(values):8.3f}   ({min(values):.3f} to {max(values):.3f})")
    print(f"{'peak memory, GB':20} {memory:8.3f}")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(
            json.dumps({"photo": arguments.photo.name, "rows": rows, "peak_gb": memory}, indent=1)
        )


if __name__ == "__main__":
    main()
