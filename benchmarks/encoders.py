"""What a step costs with each encoder: rasterizer, views, encoder, loss and the gradient at the strokes.

    python benchmarks/encoders.py --json out/encoders.json

CLIP's weights are random, in files of the published sizes and key names; speed does not depend on their values. A
step draws 16 strokes at 224 px and compares them under 5 views (the picture itself and 4 others) with a photo that was
encoded once. Each row is a separate process on --threads threads. Columns: the fastest round, ms; "own", the least CPU
time of the main thread, an estimate of the fastest round on an idle machine; load and photo (encoding it under 5 views,
and compiling), s; the process's peak memory.

"gradient" is the cosine between the gradient at the strokes and that of float32. "0.01 px" is the same for float32
after every stroke has moved by a hundredth of a pixel, for comparison."""

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
from typing import Any

BAR = ("clip-rn101", "1 x 5", 0.9)
"""Encoder, candidates x views, seconds per step on two cores of a CPU."""
VIEWS, STROKES, SIZE = 5, 16, 224


def write_weights(name: str, path: Path) -> None:
    """A file as on the hub: both towers, float32, random values."""
    import torch
    from safetensors.torch import save_file

    from strokewise.encoders.clip import CLIPS

    torch.manual_seed(0)
    with torch.device("meta"):
        image, text = CLIPS[name].image_tower().state_dict(), CLIPS[name].text_tower().state_dict()
    state = {}
    for key, value in ({f"visual.{k}": v for k, v in image.items()} | text).items():
        if value.dim() > 1:
            state[key] = torch.randn(value.shape) * (2 / value[0].numel()) ** 0.5
        elif ".bn3.weight" in key and "layer" in key:
            state[key] = torch.full(value.shape, 0.3)  # keeps the residual sums within float16
        else:
            state[key] = torch.full(value.shape, float(key.endswith(("weight", "running_var"))))
    save_file(state, path)


class Step:
    """One step of the loop for some candidates, as `optimize` takes it."""

    def __init__(self, encoder: Any, device: Any) -> None:
        import numpy as np
        import torch

        from strokewise.engines.losses import PhotoLoss, ViewBank
        from strokewise.engines.views import view_bank

        self.device = device
        y, x = torch.meshgrid(torch.arange(SIZE), torch.arange(SIZE), indexing="ij")
        disc = ((x - 120) ** 2 + (y - 100) ** 2 < 3000).float() * (0.5 + 0.4 * torch.sin(x / 9) * torch.cos(y / 7))
        photo = (1 - disc).expand(1, 3, -1, -1).to(device)
        matrices = view_bank(VIEWS, np.random.default_rng(0), distortion=0.25, area=0.9)
        views = ViewBank(matrices, SIZE, device)
        self.loss = PhotoLoss(encoder, photo, views)
        with torch.no_grad():
            self.loss(photo, tuple(range(VIEWS)))

    def __call__(self, candidates: int, moved: float = 0.0) -> Any:
        """The gradient at the control points, float32 [candidate, stroke, 4, xy]."""
        import torch

        from strokewise.raster import render

        points = torch.rand(candidates, STROKES, 4, 2, generator=torch.Generator().manual_seed(1)) * SIZE + moved
        points = points.to(self.device).requires_grad_()
        terms = self.loss(render(points, 1.5, size=SIZE), tuple(range(VIEWS)))
        gradient = torch.autograd.grad(torch.stack([t.total for t in terms]).mean(0).sum(), points)[0]
        return gradient.cpu()


def measure(name: str, path: str, device_name: str, precision: str, rounds: int, threads: int) -> dict[str, Any]:
    """One row, measured in this process, which must be new."""
    import torch
    from torch.nn.functional import cosine_similarity

    from strokewise.encoders import load_encoder
    from strokewise.encoders.clip import CLIPS, load
    from strokewise.engines import torch_encoder

    torch.set_num_threads(threads)
    device = torch.device(device_name)

    def make(dtype: Any) -> Any:
        if name in CLIPS:
            return load(name, path, device=device, dtype=dtype)
        encoder: Any = torch_encoder(load_encoder(name))
        return encoder.to(device)

    start = time.perf_counter()
    encoder = make(getattr(torch, precision) if precision else None)
    row: dict[str, Any] = {"load_s": time.perf_counter() - start}
    row["precision"] = str(getattr(encoder, "dtype", torch.float32)).removeprefix("torch.")
    start = time.perf_counter()
    step = Step(encoder, device)
    row["photo_s"] = time.perf_counter() - start
    for candidates in (1, 3):
        times, own = [], []
        step(candidates)
        for _ in range(rounds):
            start, start_own = time.perf_counter(), time.thread_time()
            step(candidates)
            times.append(time.perf_counter() - start)
            own.append(time.thread_time() - start_own)
        row[f"{candidates} x {VIEWS}"] = {
            "least_s": min(times),
            "median_s": statistics.median(times),
            "own_s": min(own),
        }
    if device.type == "cuda":
        row["peak_gb"] = torch.cuda.max_memory_allocated() / 1024**3
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        row["peak_gb"] = peak / (1024**2 if sys.platform != "darwin" else 1024**3)
    if row["precision"] != "float32":
        exact = Step(make(torch.float32), device)
        of = exact(1).flatten()
        row["gradient_cosine"] = float(cosine_similarity(of, step(1).flatten(), dim=0))
        row["moved_cosine"] = float(cosine_similarity(of, exact(1, moved=0.01).flatten(), dim=0))
    return row


def devices() -> list[str]:
    """ "cpu", and "cuda" where there is one."""
    import torch

    return ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", action="append", help="only this one; may be repeated")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quick", action="store_true", help="two rounds, each encoder in its own precision only")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--row", nargs=4, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    rounds = 2 if arguments.quick else arguments.rounds
    if arguments.row:
        name, path, device, precision = arguments.row
        print(json.dumps(measure(name, path, device, precision, rounds, arguments.threads)))
        return

    from strokewise.encoders.clip import CLIPS

    threads = str(arguments.threads)
    environment = {"OMP_WAIT_POLICY": "passive"} | dict(os.environ) | {"NUMBA_NUM_THREADS": threads}
    load_average = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"{platform.processor() or platform.machine()}, {threads} threads, {rounds} rounds, load {load_average:.1f}")
    print(f"{'encoder':<14} {'device':<6} {'precision':<9}    1 x 5: least, own     3 x 5: least, own"
          "   load  photo   peak GB   gradient  0.01 px")  # fmt: skip
    rows: list[dict[str, Any]] = []
    for name in arguments.encoder or ["embedded", *CLIPS]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "open_clip_model.safetensors"
            if name in CLIPS:
                write_weights(name, path)
            for device in devices():
                for precision in ("",) if arguments.quick or name not in CLIPS else ("", "float32"):
                    command = [sys.executable, __file__, "--rounds", str(rounds), "--threads", threads, "--row", name]
                    command += [str(path), device, precision]
                    finished = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
                    row = {"encoder": name, "device": device, **json.loads(finished.stdout)}
                    if precision and rows and rows[-1]["precision"] == precision:
                        continue
                    rows.append(row)
                    print_row(row)
    _, steps, bar = BAR
    for row in rows:
        if row["encoder"] == BAR[0] and row["device"] == "cpu":
            least = row[steps]["least_s"]
            verdict = "met" if least <= bar else "missed"
            print(f"bar: {BAR[0]} in {row['precision']}, {steps}: least {least:.2f} s of {bar} s, {verdict}")
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        report = {"threads": arguments.threads, "rounds": rounds, "load_average": load_average, "rows": rows}
        arguments.json.write_text(json.dumps(report, indent=1) + "\n")


def print_row(row: dict[str, Any]) -> None:
    """One line of the table; steps in ms, the rest in seconds."""
    cells = [row[f"{n} x {VIEWS}"][kind] * 1000 for n in (1, 3) for kind in ("least_s", "own_s")]
    line = f"{row['encoder']:<14} {row['device']:<6} {row['precision']:<9} "
    line += "".join(f" {value:10.1f}" for value in cells)
    line += f" {row['load_s']:6.2f} {row['photo_s']:6.2f} {row['peak_gb']:9.2f}"
    if "gradient_cosine" in row:
        line += f" {row['gradient_cosine']:10.4f} {row['moved_cosine']:8.4f}"
    print(line, flush=True)


if __name__ == "__main__":
    main()
