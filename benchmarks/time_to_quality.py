"""How soon the default settings reach the final loss of the paper's schedule, on your own photos.

python benchmarks/time_to_quality.py --record          the paper's schedule; saves its curves (20 minutes a photo)
python benchmarks/time_to_quality.py                   ours, against the saved curves
python benchmarks/time_to_quality.py --quick           a minute: a few steps of both, to check that it runs

The paper's schedule is `Settings.paper()`, one run for each of its three seeds; the best counts. Curves hold the loss
without random views against steps. The time of the paper's schedule is its steps times the seconds of one step, which
is measured in the same process as ours, so curves from another machine can be used. Times start from the framed photo:
placement, views and photo features, and steps."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from strokewise import Settings, encoders, open_photo
from strokewise._process import tune_process
from strokewise.drawing import refine
from strokewise.encoders import Encoder
from strokewise.engines import find_device, torch_encoder
from strokewise.optimize.candidates import Optimized, Progress
from strokewise.optimize.clipasso import EVERY
from strokewise.photo.preparing import Prepared, frame_photo
from strokewise.placement.candidates import place

HERE = Path(__file__).parent
SHARED = HERE.parent.parent / "shared" / "photos"
CURVES = HERE / "curves"
PAPER_SEEDS = 3
ENDINGS = {".jpg", ".jpeg", ".png"}


class Clock:
    """A callback that records the best loss without random views, and the time, after each step."""

    def __init__(self) -> None:
        self.start = time.perf_counter()
        self.seconds: list[float] = []
        self.losses: list[float] = []

    def __call__(self, progress: Progress) -> None:
        self.seconds.append(time.perf_counter() - self.start)
        self.losses.append(progress.loss)


def ready(path: Path, encoder: Encoder, settings: Settings) -> Prepared:
    """The photo, ready to be drawn with that encoder."""
    photo = open_photo(path)
    return Prepared(photo.info, frame_photo(photo, settings), encoder, encoder.name, find_device(settings.device))


def run(prepared: Prepared, settings: Settings) -> tuple[Optimized, Clock]:
    """One drawing from the framed photo on."""
    clock = Clock()
    return refine(place(prepared, settings), prepared, settings, clock), clock


def load_curves(path: Path) -> dict[str, Any]:
    return dict(json.loads(path.read_text())) if path.exists() else {}


def record(photos: list[Path], encoder: Encoder, strokes: int, steps: int, path: Path) -> None:
    """Run the paper's schedule for photos without a saved curve; saves each run when it ends."""
    for seed in range(PAPER_SEEDS):
        for photo in photos:
            curves = load_curves(path)
            entry = curves.get(photo.name, {"sha256": digest(photo), "runs": {}})
            if entry["sha256"] != digest(photo):
                raise SystemExit(f"{photo} is another picture than the one {path} was recorded with")
            if str(seed) in entry["runs"]:
                continue
            settings = Settings.paper(strokes=strokes, candidates=1, seed=seed, steps=steps)
            result, clock = run(ready(photo, encoder, settings), settings)
            # Read again: another process may have saved other photos meanwhile.
            curves = load_curves(path)
            entry = curves.setdefault(photo.name, entry)
            entry["runs"][str(seed)] = {
                "steps": result.steps,
                "seconds": round(clock.seconds[-1], 1),
                "losses": {name: round(value, 5) for name, value in result.losses.items()},
                "every": EVERY,
                "curve": [round(value, 5) for value in result.history],
                "points": [[[round(v, 2) for v in xy] for xy in stroke] for stroke in result.points.tolist()],
            }
            path.parent.mkdir(exist_ok=True)
            partial = path.with_suffix(f".{os.getpid()}")
            partial.write_text(json.dumps(curves, indent=None, separators=(",", ":")) + "\n")
            partial.replace(path)
            print(f"{photo.name} seed {seed}: {result.losses['total']:.4f} in {clock.seconds[-1]:.0f} s", flush=True)


def digest(photo: Path) -> str:
    return hashlib.sha256(photo.read_bytes()).hexdigest()[:16]


def paper_step_seconds(prepared: Prepared, strokes: int, steps: int) -> float:
    """Median seconds of one step of the paper's schedule, one candidate, on this machine."""
    settings = Settings.paper(strokes=strokes, candidates=1, steps=steps)
    _, clock = run(prepared, settings)
    # The mean over the steps between two evaluations of the loss without random views.
    marks = clock.seconds[1::EVERY]
    return statistics.median((b - a) / EVERY for a, b in zip(marks[:-1], marks[1:], strict=True))


def compare(photos: list[Path], encoder: Encoder, strokes: int, seeds: int, probe: int, path: Path) -> dict[str, Any]:
    """Ours against the saved curves of the same photos."""
    curves = load_curves(path)
    photos = [p for p in photos if curves.get(p.name, {}).get("sha256") == digest(p)]
    if not photos:
        raise SystemExit(f"{path} holds no curve of these photos; record them first: --record")
    rows: list[dict[str, Any]] = []
    for photo in photos:
        settings = Settings(strokes=strokes)
        prepared = ready(photo, encoder, settings)
        if not rows:
            run(prepared, settings)  # warm-up: compilation and first allocations
        step_seconds = paper_step_seconds(prepared, strokes, probe)
        runs = curves[photo.name]["runs"]
        best = min(runs.values(), key=lambda r: r["losses"]["total"])
        target = best["losses"]["total"]
        paper_seconds = sum(r["steps"] for r in runs.values()) * step_seconds
        ours = []
        for seed in range(seeds):
            result, clock = run(prepared, Settings(strokes=strokes, seed=seed))
            reached = [t for t, value in zip(clock.seconds, clock.losses, strict=True) if value <= target]
            ours.append(
                {
                    "seed": seed,
                    "seconds": clock.seconds[-1],
                    "steps": result.steps,
                    "stopped": result.stopped,
                    "losses": result.losses,
                    "reached": reached[0] if reached else None,
                    "curve": [clock.seconds, clock.losses],
                }
            )
        rows.append(
            {
                "photo": photo.name,
                "paper": {"losses": best["losses"], "seeds": len(runs), "steps": best["steps"]},
                "paper_step_seconds": step_seconds,
                "paper_seconds": paper_seconds,
                "paper_curves": [[r["every"], r["curve"]] for r in runs.values()],
                "ours": ours,
            }
        )
        print_row(rows[-1])
    return summary(rows)


def print_row(row: dict[str, Any]) -> None:
    ours = row["ours"]
    totals = [r["losses"]["total"] for r in ours]
    reached = [r["reached"] for r in ours]
    soonest = "/".join("never" if r is None else f"{r:.2f}" for r in reached)
    paper = row["paper"]["losses"]
    print(
        f"{row['photo']:22} paper {paper['total']:.3f} ({paper['semantic']:.3f} {paper['geometric']:.3f}), "
        f"{row['paper']['seeds']} seeds, {row['paper_seconds']:6.0f} s | ours {statistics.median(totals):.3f} "
        f"({min(totals):.3f} to {max(totals):.3f}), {statistics.median(r['seconds'] for r in ours):.1f} s, "
        f"{statistics.median(r['steps'] for r in ours):.0f} steps; passed the paper after {soonest} s",
        flush=True,
    )


def summary(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures over all photos. A run that never reaches the paper's loss counts as a ratio of 0."""
    pairs = [(row, one) for row in rows for one in row["ours"]]
    ratios = {
        row["photo"]: [row["paper_seconds"] / r["reached"] if r["reached"] else 0.0 for r in row["ours"]]
        for row in rows
    }
    medians = sorted(statistics.median(values) for values in ratios.values())
    better = sum(one["losses"]["total"] < row["paper"]["losses"]["total"] for row, one in pairs)
    figures = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}",
        "photos": len(rows),
        "pairs": len(pairs),
        "better": better,
        "ratio_median": statistics.median(medians),
        "ratio_least": medians[0],
        "ratio_most": medians[-1],
        "ours_seconds": statistics.median(one["seconds"] for _, one in pairs),
        "paper_seconds": statistics.median(row["paper_seconds"] for row in rows),
    }
    print(
        f"\n{figures['photos']} photos, {figures['pairs']} photo-seed pairs: ours ends better in {better}; "
        f"reaches the paper's final loss {figures['ratio_median']:.0f} times sooner (median of photos, "
        f"{medians[0]:.0f} to {medians[-1]:.0f}); {figures['ours_seconds']:.1f} s against "
        f"{figures['paper_seconds']:.0f} s (medians)\n{figures['machine']}"
    )
    return {"summary": figures, "rows": rows}


def plot(rows: list[dict[str, Any]], path: Path) -> None:
    """Loss against time, one panel a photo, logarithmic time axis."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    columns = min(3, len(rows))
    lines = -(-len(rows) // columns)
    figure, axes = pyplot.subplots(
        lines, columns, figsize=(4 * columns, 3 * lines), squeeze=False, layout="constrained"
    )
    for axis in axes.flat[len(rows) :]:
        axis.remove()
    for axis, row in zip(axes.flat, rows, strict=False):
        step = row["paper_step_seconds"]
        for i, (every, curve) in enumerate(row["paper_curves"]):
            seconds = [max(step, min(j * every, row["paper"]["steps"]) * step) for j in range(len(curve))]
            axis.plot(seconds, curve, color="0.6", label="paper schedule" if i == 0 else None)
        for i, one in enumerate(row["ours"]):
            axis.plot(*one["curve"], color="tab:red", linewidth=1, label="strokewise" if i == 0 else None)
        axis.set(xscale="log", title=row["photo"], xlabel="seconds", ylabel="un-augmented loss")
    axes[0, 0].legend()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=SHARED if SHARED.is_dir() else HERE.parent / "examples")
    parser.add_argument("--only", default="", help="only photos whose name holds one of these, separated by commas")
    parser.add_argument("--encoder", default="efficientnet-lite0")
    parser.add_argument("-n", "--strokes", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=5, help="seeds of ours")
    parser.add_argument("--record", action="store_true", help="run the paper's schedule and keep its curves")
    parser.add_argument("--curves", type=Path, help="file of curves [benchmarks/curves/ENCODER-STROKES.json]")
    parser.add_argument("--quick", action="store_true", help="few steps of both on the first photo; keeps nothing")
    parser.add_argument("--json", type=Path, help="write all figures and curves here")
    parser.add_argument("--plot", type=Path, help="write loss against time here, .png or .svg")
    arguments = parser.parse_args()
    photos = sorted(p for p in arguments.folder.iterdir() if p.suffix.lower() in ENDINGS)
    photos = [p for p in photos if any(word in p.name for word in arguments.only.split(","))]
    encoder = torch_encoder(encoders.load_encoder(arguments.encoder))
    path = arguments.curves or CURVES / f"{arguments.encoder}-{arguments.strokes}.json"
    probe = 51
    if arguments.quick:
        photos, probe = photos[:1], 21
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "curves.json"
            record(photos, encoder, arguments.strokes, 20, path)
            figures = compare(photos, encoder, arguments.strokes, 1, probe, path)
    elif arguments.record:
        record(photos, encoder, arguments.strokes, Settings.paper().steps, path)
        return
    else:
        figures = compare(photos, encoder, arguments.strokes, arguments.seeds, probe, path)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(figures) + "\n")
    if arguments.plot:
        plot(figures["rows"], arguments.plot)


if __name__ == "__main__":
    main()
