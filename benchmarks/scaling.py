"""Photos a minute against cores and against photos in one encoder step; fills the tables of docs/scaling.md.

python benchmarks/scaling.py --json benchmarks/figures/scaling.json           on an idle machine: about ten minutes
python benchmarks/scaling.py --device cuda --json benchmarks/figures/scaling-cuda.json
python benchmarks/scaling.py --fill docs/scaling.md                           from all saved figures

Workers are those of `strokewise batch`, warmed up before timing starts. "floor" is the time of the encodings'
arithmetic at the rate of a large matrix product on the same device. Batches are timed without opening, subject and
placement, which run photo by photo; "before" is the time of these."""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import itertools
import json
import math
import os
import platform
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from strokewise._process import tune_process
from strokewise.batch.dispatch import dispatch
from strokewise.batch.drawer import init_worker
from strokewise.batch.job import DRAWN, BatchJob, Ready, Task
from strokewise.batch.local import LocalPool
from strokewise.batch.photos import LocalFile
from strokewise.batch.resources import cores
from strokewise.batch.sources import list_photos
from strokewise.settings import Settings

HERE = Path(__file__).parent
FIGURES = HERE / "figures"
MISSING = "not measured yet"


class _Kept(LocalPool):
    """Workers that are kept when a dispatch ends."""

    def close(self) -> None:
        pass

    def end(self) -> None:
        super().close()


def throughput(job: BatchJob, photos: Sequence[Path], workers: int, rounds: int) -> dict[str, Any]:
    """Photos a minute of a number of workers, after all are warmed up."""
    total = rounds * workers
    tasks = [Task(i, LocalFile(str(path))) for i, path in enumerate(itertools.islice(itertools.cycle(photos), total))]
    ready: list[Ready] = []
    pool = _Kept(job, workers)
    try:
        while len(ready) < workers:
            list(dispatch(pool, tasks[:1], on_ready=ready.append))
        list(dispatch(pool, tasks[:1] * workers))
        start = time.perf_counter()
        results = list(dispatch(pool, tasks))
        taken = time.perf_counter() - start
    finally:
        pool.end()
    for result in results:
        if result.status != DRAWN:
            raise SystemExit(f"a photo could not be drawn: {result.error}")
    seconds = [result.seconds for result in results]
    digests = {(tasks[result.number].photo, hashlib.sha256(result.svg).hexdigest()) for result in results}
    return {
        "workers": workers,
        "threads": job.threads,
        "photos": total,
        "seconds": taken,
        "per_minute": 60 * total / taken,
        "seconds_each": statistics.mean(seconds),
        "spread_log": statistics.stdev([math.log(one) for one in seconds]) if total > 1 else 0.0,
        "svg_bytes": statistics.mean(len(result.svg) for result in results),
        "memory_mb": max(int(result.facts["memory"] or 0) for result in results) / 1e6,
        "bytes_of": hashlib.sha256(repr(sorted(map(str, digests))).encode()).hexdigest()[:16],
    }


def batches(job: BatchJob, photos: Sequence[Path], sizes: Sequence[int]) -> dict[str, Any]:
    """Seconds of a photo by number of photos in an encoder step, with the floor of the encodings alone."""
    import torch
    from counted import Counted
    from runs import operations, rate, wait

    from strokewise.drawing import refine_together
    from strokewise.encoders import load_encoder
    from strokewise.engines import find_device, torch_encoder
    from strokewise.photo.opening import open_photo
    from strokewise.photo.preparing import Prepared, frame_photo
    from strokewise.placement.candidates import place
    from strokewise.settings import with_changes

    init_worker(job)
    settings = job.settings
    device = torch.device(find_device(settings.device))
    loaded: Any = torch_encoder(load_encoder(settings.encoder))
    encoder = Counted(loaded.to(device))
    start = wait(device)
    ready = []
    for path in itertools.islice(itertools.cycle(photos), min(max(sizes), 2 * len(photos))):
        photo = open_photo(path)
        prepared = Prepared(photo.info, frame_photo(photo, settings), encoder, settings.encoder, device.type)
        ready.append((place(prepared, settings), prepared))
    before = (wait(device) - start) / len(ready)
    speed = rate(device, getattr(loaded, "dtype", torch.float32))
    there, back = operations(encoder.inner, device)
    rows = []
    for size in sizes:
        some = list(itertools.islice(itertools.cycle(ready), size))
        few = with_changes(settings, {"steps": 2})
        refine_together([placed for placed, _ in some], [photo for _, photo in some], few)  # warm-up
        encoder.reset()
        start = wait(device)
        refine_together([placed for placed, _ in some], [photo for _, photo in some], settings)
        taken = wait(device) - start
        floor = (encoder.there * there + encoder.back * back) / speed
        rows.append(
            {"together": size, "seconds_each": taken / size, "per_minute": 60 * size / taken, "floor": floor / size}
        )
        print(f"{size:4} together: {taken / size:.3f} s each, floor {floor / size:.3f} s", flush=True)
    name = torch.cuda.get_device_name() if device.type == "cuda" else "cpu"
    return {"device": name, "before": before, "gflops": speed / 1e9, "rows": rows}


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    tune_process()
    photos = [
        Path(item.photo.path) for item in list_photos(arguments.photos).items if isinstance(item.photo, LocalFile)
    ]
    modules = tuple(arguments.modules)
    settings = Settings(strokes=arguments.strokes, encoder=arguments.encoder, device=arguments.device)
    if arguments.steps is not None:
        settings = dataclasses.replace(settings, steps=arguments.steps)
    figures: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, {cores()} cores",
        "settings": settings.as_dict(),
        "kinds": len(photos),
    }
    count = cores()
    plans = [(1, 1), (1, count), (count, 1)] if arguments.device == "cpu" else [(1, 1), (2, 1), (4, 1), (8, 1)]
    rows = []
    for workers, threads in dict.fromkeys(plans):
        row = throughput(BatchJob(settings, threads=threads, modules=modules), photos, workers, arguments.rounds)
        rows.append(row)
        print(
            f"{workers} workers of {threads} threads: {row['per_minute']:.2f} a minute, {row['seconds_each']:.2f} s "
            f"each, {row['memory_mb']:.0f} MB a worker, bytes {row['bytes_of']}",
            flush=True,
        )
    figures["cores"] = rows
    figures["seconds_each"] = next(r["seconds_each"] for r in reversed(rows) if r["threads"] == 1)
    if arguments.together:
        figures["batches"] = batches(BatchJob(settings, modules=modules), photos, arguments.together)
    return figures


def fill(text: str, tables: dict[str, str]) -> str:
    """The document with its tables between `<!-- NAME -->` and `<!-- end -->` replaced."""
    for name, table in tables.items():
        pattern = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        if not pattern.search(text):
            raise SystemExit(f"the document has no place for {name}")
        text = pattern.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", text)  # type: ignore[misc]
    return text


def tables(folder: Path = FIGURES) -> dict[str, str]:
    """The document's tables by name, from the saved figures."""
    cpu, cuda, many, schedule = (
        json.loads(path.read_text()) if path.exists() else None
        for path in (folder / f"{name}.json" for name in ("scaling", "scaling-cuda", "many", "schedule"))
    )
    return {
        "cores": _cores(cpu),
        "batches": _batches(cpu),
        "gpu": f"{_cores(cuda)}\n\n{_batches(cuda)}" if cuda else MISSING,
        "many": _many(many),
        "million": _million(cpu, cuda, many),
        "schedule": _schedule(schedule),
    }


def _cores(found: dict[str, Any] | None) -> str:
    if not found:
        return MISSING
    one = found["cores"][0]["per_minute"]
    lines = [f"{found['machine']}, {found['settings']['strokes']} strokes, {found['kinds']} photos in turn:", ""]
    lines += ["| processes x threads | photos a minute | times one | seconds each | MB each |", "|---|---|---|---|---|"]
    lines += [
        f"| {r['workers']} x {r['threads']} | {r['per_minute']:.1f} | {r['per_minute'] / one:.2f} | "
        f"{r['seconds_each']:.2f} | {r['memory_mb']:.0f} |"
        for r in found["cores"]
    ]
    return "\n".join(lines)


def _batches(found: dict[str, Any] | None) -> str:
    if not found or "batches" not in found:
        return MISSING
    b = found["batches"]
    lines = [f"{b['device']}, {b['before']:.2f} s a photo before, whatever the batch:", ""]
    lines += ["| photos in a step | seconds each | photos a minute | floor, seconds |", "|---|---|---|---|"]
    lines += [
        f"| {r['together']} | {r['seconds_each']:.3f} | {r['per_minute']:.1f} | {r['floor']:.3f} |" for r in b["rows"]
    ]
    return "\n".join(lines)


def _many(found: dict[str, Any] | None) -> str:
    if not found:
        return MISSING
    rows = [
        ("photos", f"{found['photos']}"),
        ("processes", f"{found['workers']}"),
        ("worker's peak, first tenth, MB", f"{found['worker_mb_first_tenth']:.0f}"),
        ("worker's peak, last tenth, MB", f"{found['worker_mb_last_tenth']:.0f}"),
        ("driver, second quarter, MB", f"{found['driver_mb_second_quarter']:.0f}"),
        ("driver, last quarter, MB", f"{found['driver_mb_last_quarter']:.0f}"),
        ("machinery and tiny drawings, ms a photo", f"{1000 * found['seconds'] / found['photos']:.1f}"),
        ("the same command again, all finished, ms a photo", f"{1000 * found['again_seconds'] / found['photos']:.2f}"),
        ("journal, bytes a photo", f"{found['journal_bytes_each']:.0f}"),
        ("manifest.csv, bytes a photo", f"{found['manifest_bytes_each.csv']:.0f}"),
    ]
    if "manifest_bytes_each.parquet" in found:
        rows.append(("manifest.parquet, bytes a photo", f"{found['manifest_bytes_each.parquet']:.0f}"))
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _million(cpu: dict[str, Any] | None, cuda: dict[str, Any] | None, many: dict[str, Any] | None) -> str:
    lines = ["| a million photos | from measured figures |", "|---|---|"]
    if cpu:
        best = max(cpu["cores"], key=lambda r: r["per_minute"])
        used = best["workers"] * best["threads"]
        lines.append(f"| core-hours, CPU alone | {1e6 / best['per_minute'] / 60 * used:,.0f} |")
        each = best["svg_bytes"] + (many["journal_bytes_each"] + many["manifest_bytes_each.csv"] if many else 0)
        lines.append(f"| drawings, journal and manifest | {each * 1e6 / 1e9:.1f} GB |")
        lines.append(f"| memory a worker | {best['memory_mb'] / 1e3:.1f} GB |")
    else:
        lines += [f"| core-hours, CPU alone | {MISSING} |", f"| drawings, journal and manifest | {MISSING} |"]
    if cuda:
        best = max(cuda["cores"], key=lambda r: r["per_minute"])
        lines.append(f"| GPU-hours | {1e6 / best['per_minute'] / 60:,.0f} |")
    else:
        lines.append(f"| GPU-hours | {MISSING} |")
    return "\n".join(lines)


def _schedule(found: dict[str, Any] | None) -> str:
    if not found:
        return MISSING
    c = found["cluster"]
    lines = [
        f"{c['photos']:,} photos of {c['seconds']:.1f} s ({found['seconds_are']}), {c['nodes']} nodes of "
        f"{c['per_node']} workers, a node preempted {c['preempted'] or 0.2:g} times an hour where any is:",
        "",
        "| | hours | ideal | tail, min | wasted | given up | wrongly |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {name} | {r['hours']:.2f} | {r['ideal']:.2f} | {60 * r['tail']:.1f} | {r['wasted']:.2%} | "
        f"{r['given_up']} | {r['wrongly']} |"
        for name, r in found["rows"].items()
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="?", default=str(HERE.parent / "examples"))
    parser.add_argument("-n", "--strokes", type=int, default=16)
    parser.add_argument("--steps", type=int, help="fewer make it quicker, and mean nothing")
    parser.add_argument("--encoder", default="embedded")
    parser.add_argument("--import", dest="modules", nargs="*", default=[], help="modules that register encoders")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--rounds", type=int, default=6, help="photos that each worker draws")
    parser.add_argument("--together", type=int, nargs="*", default=[1, 2, 4], help="photos in an encoder step")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--fill", type=Path, metavar="DOCUMENT", help="measure nothing; make its tables anew")
    arguments = parser.parse_args()
    if arguments.fill:
        arguments.fill.write_text(fill(arguments.fill.read_text(encoding="utf-8"), tables()), encoding="utf-8")
        return
    figures = measure(arguments)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", str(cores()))
    main()
