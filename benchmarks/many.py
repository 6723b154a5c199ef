"""Ten thousand photos in one run: does memory stay constant, and is the manifest exact?

python benchmarks/many.py --json benchmarks/figures/many.json             10,000 photos, a few minutes on two cores
python benchmarks/many.py --count 300

Photos are tiny and the encoder is that of the tests, so the rest is measured: the list, the workers, the journal, the
manifest. Workers report their peak memory after each photo; the driver's memory is read twice a second.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import importlib
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent.parent
STUBS = HERE / "tests" / "batch"
sys.path.insert(0, str(STUBS))


def memory_of(process: int) -> float:
    """Megabytes of a process; 0 if unknown or if the process has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1e3 for line in lines if line.startswith("VmRSS:")), 0.0)


def run(photos: Path, out: Path, workers: int) -> tuple[float, list[float]]:
    """Seconds of the command, and the driver's memory every half second."""
    options = importlib.import_module("batch_photos").OPTIONS

    paths = [str(STUBS), str(HERE / "src"), os.environ.get("PYTHONPATH", "")]
    command = [sys.executable, "-m", "strokewise", "batch", str(photos), "-o", str(out), "--quiet", *options]
    held: list[float] = []
    start = time.perf_counter()
    with subprocess.Popen(
        [*command, "--workers", str(workers)], env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    ) as process:

        def watch() -> None:
            while process.poll() is None:
                held.append(memory_of(process.pid))
                time.sleep(0.5)

        watcher = threading.Thread(target=watch)
        watcher.start()
        code = process.wait()
        watcher.join()
    if code:
        sys.exit(f"the batch ended with exit code {code}")
    return time.perf_counter() - start, [one for one in held if one]


def check(photos: Path, out: Path, count: int) -> None:
    """The manifest names every photo once, with its hash and that of its drawing, and nothing else.

    Raises:
        AssertionError: it does not.
    """
    with (out / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == count == len({row["input"] for row in rows}), "rows"
    for row in rows:
        for folder, name, digest in ((photos, "input", "content"), (out, "output", "output_sha256")):
            assert hashlib.sha256((folder / row[name]).read_bytes()).hexdigest() == row[digest], row
    assert {row["output"] for row in rows} == {str(p.relative_to(out)) for p in out.rglob("*.svg")}, "drawings"
    assert not list(out.rglob("*.part")), "drafts"


def measure(count: int, workers: int) -> dict[str, Any]:
    make_photos = importlib.import_module("batch_photos").make_photos
    with tempfile.TemporaryDirectory() as folder:
        photos, out = make_photos(Path(folder) / "photos", count), Path(folder) / "out"
        seconds, driver = run(photos, out, workers)
        check(photos, out, count)
        again, _ = run(photos, out, workers)
        lines = [json.loads(line) for line in (out / "journal.jsonl").read_bytes().splitlines()]
        sizes = {path.suffix: path.stat().st_size for path in out.glob("manifest.*")}
        drawings = sum(path.stat().st_size for path in out.rglob("*.svg"))
        journal = (out / "journal.jsonl").stat().st_size
    noted = [line for line in lines if "input" in line]
    assert len(noted) == count, "each was drawn once, and not again"
    tenth = max(1, count // 10)
    quarter = max(1, len(driver) // 4)
    first, last = noted[tenth // 2 : tenth], noted[-tenth:]
    return {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "photos": count,
        "workers": workers,
        "seconds": seconds,
        "again_seconds": again,
        "worker_mb_first_tenth": max(one["memory"] for one in first) / 1e6,
        "worker_mb_last_tenth": max(one["memory"] for one in last) / 1e6,
        "driver_mb_second_quarter": statistics.median(driver[quarter : 2 * quarter]),
        "driver_mb_last_quarter": statistics.median(driver[-quarter:]),
        "processes": len({one["process"] for one in noted}),
        "journal_bytes_each": journal / count,
        "drawing_bytes_each": drawings / count,
        **{f"manifest_bytes_each{suffix}": size / count for suffix, size in sizes.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = measure(arguments.count, arguments.workers)
    for name, value in figures.items():
        print(f"{name:26} {value:.1f}" if isinstance(value, float) else f"{name:26} {value}")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
