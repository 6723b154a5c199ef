"""Speed of the rasterizer: forward + backward, in one table, and as JSON.

    python benchmarks/raster.py --output out/raster.json

Medians, after warm-up, with the tenth and ninetieth percentile. "long" strokes have control points spread over the
canvas, "short" ones within about 20 px; width 1.5 px. pydiffvg is timed too if it is installed.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from strokewise.raster import available_backends, render, render_reference

#: name: strokes, length, canvas px, time limit in ms.
BARS: dict[str, tuple[int, str, int, float]] = {
    "16 short, 224 px": (16, "short", 224, 1.5),
    "32 long, 224 px": (32, "long", 224, 5.0),
    "64 long, 224 px": (64, "long", 224, 10.0),
    "32 long, 448 px": (32, "long", 448, 20.0),
    "32 long, 896 px": (32, "long", 896, 80.0),
}
#: diffvg's CPU build on two cores, forward + backward, ms: measured once on another machine, with 2x2 samples a pixel.
DIFFVG_PUBLISHED = {
    "16 short, 224 px": 151.0,
    "32 long, 224 px": 515.0,
    "64 long, 224 px": 973.0,
    "32 long, 448 px": 2056.0,
    "32 long, 896 px": 8463.0,
}
GPU_BAR_MS = 2.0

MEMORY_PROBE = """
import sys, torch
sys.path[:0] = {path!r}
from raster import make_points
from strokewise.raster import render
def once(strokes, size, batch):
    points = make_points(strokes, "long", size, batch).requires_grad_()
    render(points, 1.5, size=size).sum().backward()
def status(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key))
once(1, 16, 1)
with open("/proc/self/clear_refs", "w") as peak:
    peak.write("5")
before = status("VmRSS")
once({strokes}, {size}, {batch})
print((status("VmHWM") - before) / 1024)
"""


def make_points(strokes: int, length: str, size: int, batch: int = 1, seed: int = 0) -> Tensor:
    """Control points float32 [batch, stroke, 4, xy]; random, so never evenly spaced on a line."""
    g = torch.Generator().manual_seed(seed)
    if length == "long":
        return torch.rand(batch, strokes, 4, 2, generator=g) * size
    here = torch.rand(batch, strokes, 1, 2, generator=g) * size
    return here + (torch.rand(batch, strokes, 4, 2, generator=g) - 0.5) * 20


def timed(run: Callable[[], None], rounds: int, seconds: float = 8.0) -> dict[str, float]:
    """Median, tenth and ninetieth percentile of `run`, ms; stops after `seconds`, but not before three rounds."""
    run()
    run()
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < rounds and (len(times) < 3 or time.perf_counter() < end):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    times.sort()
    n = len(times)
    return {"median": statistics.median(times), "p10": times[n // 10], "p90": times[(9 * n) // 10], "rounds": n}


def round_trip(points: Tensor, size: int, backend: str) -> Callable[[], None]:
    """Forward + backward of one picture with a random gradient, gradients to points and widths."""
    x = points.clone().requires_grad_()
    widths = torch.full(points.shape[:2], 1.5, device=points.device, requires_grad=True)
    grad = torch.rand(len(points), 1, size, size, device=points.device)

    def run() -> None:
        x.grad = widths.grad = None
        if backend == "reference":
            image = render_reference(x, widths, size=size)
        else:
            image = render(x, widths, size=size, backend=backend)  # type: ignore[arg-type]
        image.backward(grad)

    return run


def diffvg_round_trip(points: Tensor, size: int) -> Callable[[], None] | None:
    """The same with pydiffvg (2x2 samples, its stroke_width is half of ours), or None if it is not installed."""
    try:
        import pydiffvg
    except ImportError:
        return None
    pydiffvg.set_use_gpu(False)
    grad = torch.rand(size, size, 4)
    leaves = [stroke.clone().requires_grad_() for stroke in points[0]]
    half = [torch.tensor(0.75, requires_grad=True) for _ in leaves]

    def run() -> None:
        shapes, groups = [], []
        for i, leaf in enumerate(leaves):
            leaf.grad = None
            counts = torch.tensor([2])
            shapes.append(pydiffvg.Path(counts, leaf, stroke_width=half[i], is_closed=False))
            groups.append(
                pydiffvg.ShapeGroup(torch.tensor([i]), fill_color=None, stroke_color=torch.tensor([0.0, 0.0, 0.0, 1.0]))
            )
        scene = pydiffvg.RenderFunction.serialize_scene(size, size, shapes, groups)
        image = pydiffvg.RenderFunction.apply(size, size, 2, 2, 0, None, *scene)
        image.backward(grad)

    return run


def peak_memory(strokes: int, size: int, batch: int) -> float | None:
    """Peak resident memory that one forward + backward adds in a new process, MiB; Linux only."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    path = [str(Path(__file__).resolve().parent), *sys.path]
    code = MEMORY_PROBE.format(path=path, strokes=strokes, size=size, batch=batch)
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(out.stdout)


def bars(rounds: int) -> list[dict[str, Any]]:
    """The five scenes that have a time limit."""
    print(f"{'scene':<18} {'bar':>6} {'median':>8} {'p10':>7} {'p90':>7}   diffvg")
    rows = []
    for name, (strokes, length, size, bar) in BARS.items():
        points = make_points(strokes, length, size)
        row: dict[str, Any] = {"scene": name, "bar": bar, **timed(round_trip(points, size, "auto"), rounds)}
        beside = diffvg_round_trip(points, size)
        if beside is not None:
            row["diffvg"] = timed(beside, 5)["median"]
            note = f"{row['diffvg']:.0f} ms, {row['diffvg'] / row['median']:.0f} times"
        else:
            row["diffvg_published"] = DIFFVG_PUBLISHED[name]
            ratio = DIFFVG_PUBLISHED[name] / row["median"]
            note = f"not installed; published {DIFFVG_PUBLISHED[name]:.0f} ms on another machine, {ratio:.0f} times"
        row["met"] = row["median"] <= bar
        rows.append(row)
        print(f"{name:<18} {bar:6.1f} {row['median']:8.2f} {row['p10']:7.2f} {row['p90']:7.2f}   {note}")
    return rows


def paths(rounds: int) -> list[dict[str, Any]]:
    """Each path that this machine's CPU can use."""
    print("\npath, 32 long, 224 px (reference: 2 long, 96 px)")
    rows = []
    for backend in available_backends("cpu"):
        strokes, size = (2, 96) if backend == "reference" else (32, 224)
        row = {"path": backend, "strokes": strokes, "size": size}
        row |= timed(round_trip(make_points(strokes, "long", size), size, backend), rounds, seconds=4)
        rows.append(row)
        print(f"{backend:<18} {row['median']:8.2f} ms   ({row['p10']:.2f} to {row['p90']:.2f})")
    return rows


def growth(rounds: int) -> list[dict[str, Any]]:
    """Time and memory over strokes, canvas and batch."""
    print("\ngrowth, long strokes:  strokes  canvas   batch        ms   peak memory")
    rows = []
    cases = [(n, 224, 1) for n in (1, 8, 32, 128, 256)]
    cases += [(32, size, 1) for size in (56, 112, 448, 896)] + [(32, 224, batch) for batch in (4, 16, 64)]
    for strokes, size, batch in cases:
        row: dict[str, Any] = {"strokes": strokes, "size": size, "batch": batch}
        row |= timed(round_trip(make_points(strokes, "long", size, batch), size, "auto"), rounds, seconds=3)
        row["memory_mib"] = peak_memory(strokes, size, batch)
        rows.append(row)
        print(f"{'':<21} {strokes:9d} {size:7d} {batch:7d} {row['median']:9.2f}   "
              + ("not measured" if row["memory_mib"] is None else f"{row['memory_mib']:6.1f} MiB"))  # fmt: skip
    return rows


def share_of_a_step(rounds: int) -> dict[str, Any] | None:
    """The rasterizer's share of render + encoder + backward: 3 candidates of 16 strokes, 224 px."""
    try:
        from strokewise.encoders import load_encoder
        from strokewise.engines import torch_encoder

        encoder = torch_encoder(load_encoder("auto"))
    except Exception as error:  # the rest of the table does not need the encoder
        print(f"\nshare of a step: not measured, no encoder ({error})")
        return None
    points = make_points(16, "long", 224, batch=3).requires_grad_()

    def step() -> None:
        points.grad = None
        features = encoder.features(render(points, 1.5, size=224).expand(-1, 3, -1, -1))
        loss = features.embedding.square().sum() + sum((m.square().mean() for m in features.maps), torch.zeros(()))
        loss.backward()

    whole = timed(step, rounds)
    alone = timed(round_trip(points.detach(), 224, "auto"), rounds)
    share = alone["median"] / whole["median"]
    print(f"\nshare of a step (3 x 16 long strokes, {encoder.name}, one view): {alone['median']:.2f} of "
          f"{whole['median']:.1f} ms, {100 * share:.1f}%")  # fmt: skip
    return {"step": whole, "rasterizer": alone, "share": share}


def gpu(rounds: int) -> list[dict[str, Any]]:
    """64 scenes of 16 strokes at 224 px on CUDA, called directly and as a captured graph; limit by bandwidth."""
    if not torch.cuda.is_available():
        print("\nCUDA: none here, not measured")
        return []
    rows = []

    def cuda_ms(run: Callable[[], object], count: int) -> float:
        times = []
        for _ in range(count):
            start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            start.record()
            run()
            end.record()
            torch.cuda.synchronize()
            times.append(start.elapsed_time(end))
        return statistics.median(times)

    def fill_bandwidth() -> float:
        """Bytes a second that the device writes."""
        big = torch.empty(1 << 28, device="cuda")
        return big.numel() * 4 / (cuda_ms(lambda: torch.Tensor.zero_(big), 20) / 1000)

    bandwidth = fill_bandwidth()
    canvas = 64 * 224 * 224 * 4
    floor = 2 * canvas / bandwidth * 1000  # the images are written once, their gradient is read once
    print(f"\nCUDA, 64 scenes x 16 long strokes x 224 px; floor {floor:.3f} ms at {bandwidth / 1e9:.0f} GB/s")
    for backend in available_backends("cuda"):
        if backend == "reference":
            continue
        run = round_trip(make_points(16, "long", 224, batch=64).cuda(), 224, backend)
        side = torch.cuda.Stream()
        with torch.cuda.stream(side):
            run()
            run()
        torch.cuda.synchronize()
        eager = cuda_ms(run, rounds)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            run()
        captured = cuda_ms(graph.replay, rounds)
        rows.append({"path": backend, "eager": eager, "captured": captured, "floor": floor, "bar": GPU_BAR_MS})
        print(f"{backend:<18} {eager:8.2f} ms as called, {captured:8.2f} ms captured (bar {GPU_BAR_MS} ms)")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, help="JSON file for the figures")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=60, help="repetitions of each figure, at most")
    parser.add_argument("--no-share", action="store_true", help="leave out the share of an optimisation step")
    parser.add_argument("--quick", action="store_true", help="only the scenes with a bar")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    start = time.perf_counter()
    round_trip(make_points(2, "long", 32), 32, "auto")()
    first = time.perf_counter() - start
    print(f"first call {first:.2f} s (compiles if nothing is cached); {arguments.threads} threads\n")
    report: dict[str, Any] = {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "processor": platform.processor() or platform.machine(),
        "threads": arguments.threads,
        "first_call_s": first,
        "bars": bars(arguments.rounds),
    }
    if not arguments.quick:
        report["paths"] = paths(arguments.rounds)
        report["growth"] = growth(arguments.rounds)
        report["share"] = None if arguments.no_share else share_of_a_step(arguments.rounds)
        report["cuda"] = gpu(arguments.rounds)
    if arguments.output:
        arguments.output.parent.mkdir(parents=True, exist_ok=True)
        arguments.output.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
