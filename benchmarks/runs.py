"""Whole default runs with an encoder, compared with the paper's schedule and with the cost of the encoder alone.

python benchmarks/runs.py --encoder clip-rn101                          one drawing on the CPU
python benchmarks/runs.py --encoder clip-rn101 --device cuda --together 64 --profile

CLIP's weights are random, of the published sizes; times do not depend on their values. With random weights a run may
end early, so the seconds of all steps are given too. "floor" is the time of the encodings' arithmetic at the rate of a
large matrix product on the same device in the encoder's precision. The paper's schedule is timed for a few steps and
extrapolated to 2001 steps and three seeds."""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, cast

import torch
from counted import Counted
from encoders import write_weights
from torch.utils.flop_counter import FlopCounterMode

from strokewise import Settings, open_photo
from strokewise._process import tune_process
from strokewise.drawing import refine, refine_together
from strokewise.encoders import Encoder, load_encoder
from strokewise.encoders.clip import CLIPS
from strokewise.encoders.clip import load as load_clip
from strokewise.engines import torch_encoder
from strokewise.optimize.candidates import Progress
from strokewise.optimize.clipasso import EVERY
from strokewise.photo.preparing import Prepared, frame_photo
from strokewise.placement.candidates import place
from strokewise.settings import with_changes

EXAMPLE = Path(__file__).parent.parent / "examples" / "coffee.jpg"


def make(name: str, device: torch.device) -> Encoder:
    """The encoder; CLIP with random weights."""
    if name not in CLIPS:
        found: Any = torch_encoder(load_encoder(name))
        return cast(Encoder, found.to(device) if isinstance(found, torch.nn.Module) else found)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "weights.safetensors"
        write_weights(name, path)
        return load_clip(name, path, device=device)


def wait(device: torch.device) -> float:
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def rate(device: torch.device, dtype: torch.dtype) -> float:
    """Floating-point operations a second of a large matrix product, best of a few runs."""
    side = 8192 if device.type == "cuda" else 2048
    a = torch.randn(side, side, device=device).to(dtype)
    times = []
    for _ in range(6):
        start = wait(device)
        a @ a
        times.append(wait(device) - start)
    return 2 * side**3 / min(times)


def operations(encoder: Encoder, device: torch.device) -> tuple[float, float]:
    """Floating-point operations of encoding one image, forward, and forward and backward."""
    size = encoder.input_size
    images = torch.rand(1, 3, size, size, device=device)
    with FlopCounterMode(display=False) as there, torch.no_grad():
        encoder.features(images)
    with FlopCounterMode(display=False) as back:
        seen = encoder.features(images.requires_grad_())
        loss = seen.embedding.float().sum() + torch.stack([m.float().sum() for m in seen.maps]).sum()
        torch.autograd.grad(loss, images)
    return there.get_total_flops(), back.get_total_flops()


class Marks:
    """A callback that notes when each step ended."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.seconds = [wait(device)]
        self.steps = 0

    def __call__(self, progress: Progress) -> None:
        self.seconds.append(wait(self.device))
        self.steps = max(self.steps, progress.step)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    device = torch.device(arguments.device)
    encoder = Counted(make(arguments.encoder, device))
    dtype = getattr(encoder.inner, "dtype", torch.float32)
    settings = Settings(strokes=arguments.strokes, device=arguments.device)
    photo = open_photo(arguments.photo)
    prepared = Prepared(photo.info, frame_photo(photo, settings), encoder, arguments.encoder, arguments.device)
    start = wait(device)
    placed = place(prepared, settings)
    print(f"placement {wait(device) - start:.2f} s")
    refine(placed, prepared, with_changes(settings, {"steps": 20}))  # warm-up

    speed = rate(device, dtype)
    there, back = operations(encoder.inner, device)
    figures: dict[str, Any] = {
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}",
        "device": torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
        "encoder": arguments.encoder,
        "precision": str(dtype).removeprefix("torch."),
        "matrix_gflops_per_s": speed / 1e9,
        "gflops_forward": there / 1e9,
        "gflops_forward_backward": back / 1e9,
    }
    rows = [1, *([arguments.together] if arguments.together > 1 else [])]
    for photos in rows:
        times, steps = [], []
        for _ in range(arguments.runs):
            encoder.reset()
            marks = Marks(device)
            refine_together([placed] * photos, [prepared] * photos, settings, marks)
            times.append(wait(device) - marks.seconds[0])
            steps.append(marks.steps)
        median, most = statistics.median(times), statistics.median(steps)
        floor = (encoder.there * there + encoder.back * back) / speed
        figures[f"{photos} together"] = {
            "seconds": median,
            "least": min(times),
            "most": max(times),
            "steps": most,
            "seconds_for_all_steps": median * settings.steps / most,
            "floor": floor,
            "per_minute": 60 * photos / median,
        }
        print(
            f"{photos:3} photo(s), {settings.candidates} candidates: {median:.2f} s "
            f"({min(times):.2f} to {max(times):.2f}), "
            f"{most:.0f} steps, {60 * photos / median:.0f} drawings a minute; floor {floor:.2f} s; "
            f"all {settings.steps} steps would take {median * settings.steps / most:.1f} s",
            flush=True,
        )
    if arguments.paper_steps:
        paper = Settings.paper(
            strokes=arguments.strokes, candidates=1, steps=arguments.paper_steps, device=arguments.device
        )
        # The paper takes the saliency of another network; for the time of a step any saliency serves.
        own = with_changes(paper, {"schedule": "swift"})
        start_points = place(prepared, own)
        marks = Marks(device)
        refine(start_points, prepared, paper, marks)
        at = marks.seconds[2::EVERY]
        step = statistics.median((b - a) / EVERY for a, b in zip(at[:-1], at[1:], strict=True))
        whole = 3 * Settings.paper().steps * step
        figures["paper"] = {"step": step, "whole": whole}
        ours = figures["1 together"]["seconds_for_all_steps"]
        print(
            f"paper's schedule: {step:.3f} s a step, {whole / 3600:.2f} h for three seeds; {whole / ours:.0f} of ours"
        )
    if arguments.profile:
        activities = [torch.profiler.ProfilerActivity.CPU]
        if device.type == "cuda":
            activities.append(torch.profiler.ProfilerActivity.CUDA)
        with torch.profiler.profile(activities=activities) as profile:
            few = with_changes(settings, {"steps": 12})
            refine_together([placed] * rows[-1], [prepared] * rows[-1], few)
        key = "self_cuda_time_total" if device.type == "cuda" else "self_cpu_time_total"
        print(profile.key_averages().table(sort_by=key, row_limit=15, max_name_column_width=60))
    return figures


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photo", type=Path, nargs="?", default=EXAMPLE)
    parser.add_argument("--encoder", default="clip-rn101")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("-n", "--strokes", type=int, default=16)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--together", type=int, default=1, help="also so many photos in one batch")
    parser.add_argument("--paper-steps", type=int, default=31, help="steps of the paper's schedule to time; 0 for none")
    parser.add_argument("--profile", action="store_true", help="print where the time of a few steps goes")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    figures = measure(arguments)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
