"""What each lever of the optimisation is worth: final loss and cost of variants of the loop, on the same placements.

python benchmarks/levers.py FOLDER --only camel,snail -n 16 --seeds 2

Cost is counted in encodings (one image forward and backward at the encoder's full size), which does not depend on
what else the machine is doing. Losses are un-augmented, given relative to those of the first variant.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F

from strokewise import Settings, drawing, encoders, open_photo
from strokewise.augment import ViewBank
from strokewise.encoders import Features
from strokewise.losses import PhotoLoss
from strokewise.optimize import Schedule, optimize

VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "placement only": {"steps": 0},
    "no random view": {"views": 0},
    "two random views": {"views": 2},
    "four random views": {"views": 4},
    "no race": {"race": ()},
    "early race": {"race": ((4, 2), (8, 1))},
    "one candidate": {"candidates": 1},
    "30 steps": {"steps": 30},
    "120 steps": {"steps": 120},
    "rate 0.25": {"rate": 0.25},
    "rate 1": {"rate": 1.0},
    "stiffness 0": {"stiffness": 0.0},
    "stiffness 2": {"stiffness": 2.0},
    "160 px": {"coarse": (160, 1.0)},
    "112 px, then 224": {"coarse": (112, 0.5)},
    "160 px, then 224": {"coarse": (160, 0.5)},
    "saliency placement": {"placement": "saliency"},
}


class Counted:
    """An encoder that counts what it encodes, and can look at smaller pictures."""

    def __init__(self, encoder: encoders.Encoder) -> None:
        self.encoder, self.count, self.side = encoder, 0.0, encoder.input_size
        self.name, self.input_size = encoder.name, encoder.input_size
        self.map_weights, self.semantic_weight = encoder.map_weights, encoder.semantic_weight
        self.saliency = encoder.saliency

    def features(self, images: torch.Tensor) -> Features:
        if images.requires_grad:
            self.count += len(images) * (images.shape[2] / self.side) ** 2
        return self.encoder.features(images)

    @contextmanager
    def looking_at(self, side: int) -> Iterator[None]:
        self.input_size = side
        yield
        self.input_size = self.side


def run(variant: dict[str, Any], encoder: Counted, framed: drawing.Framed, settings: Settings) -> dict[str, Any]:
    """One drawing by a variant of the loop."""
    options = dict(variant)
    for name in ("placement", "candidates"):
        if name in options:
            settings = drawing.with_changes(settings, {name: options.pop(name)})
    side, share = options.pop("coarse", (encoder.side, 0.0))
    device = torch.device("cpu")
    points = drawing.place(framed, encoder, settings, device, "photo")
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed).spawn(1)[0])
    views = ViewBank(drawing.VIEWS, settings.size, rng, distortion=drawing.DISTORTION, area=drawing.AREA, device=device)
    target = F.interpolate(drawing.to_tensor(framed.image, device), (settings.size,) * 2, mode="area")
    common: dict[str, Any] = {"width": settings.canvas_width, "size": settings.size, "rng": rng, "device": device}
    schedule = Schedule(**{"steps": settings.steps, **options})
    encoder.count, steps = 0.0, 0
    if share:
        with encoder.looking_at(side):
            coarse = Schedule(**{"steps": int(schedule.steps * share), **options})
            result = optimize(points, PhotoLoss(encoder, target, views), coarse, **common)
        points, steps = result.points[None], result.steps
        schedule = Schedule(steps=max(0, schedule.steps - coarse.steps), rate=schedule.rate / 2)
    result = optimize(points, PhotoLoss(encoder, target, views), schedule, **common)
    return {
        "losses": result.losses,
        "steps": steps + result.steps,
        "encodings": encoder.count,
        "stopped": result.stopped,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only photos whose name holds one of these, separated by commas")
    parser.add_argument("--encoder", default="efficientnet-lite0")
    parser.add_argument("-n", "--strokes", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--variants", default="", help="only variants whose name holds one of these (and the default)")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    photos = sorted(p for p in arguments.folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    photos = [p for p in photos if any(word in p.name for word in arguments.only.split(","))]
    names = [v for v in VARIANTS if v == "default" or any(word in v for word in arguments.variants.split(","))]
    encoder = Counted(encoders.load_encoder(arguments.encoder))
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for photo in photos:
        framed = drawing.frame_photo(open_photo(photo), Settings())
        for seed in range(arguments.seeds):
            settings = Settings(strokes=arguments.strokes, seed=seed)
            for name in names:
                found[name].append(
                    {"photo": photo.name, "seed": seed, **run(VARIANTS[name], encoder, framed, settings)}
                )
    runs = len(found["default"])
    print(f"{len(photos)} photos x {arguments.seeds} seeds, {arguments.strokes} strokes, {encoder.name}")
    print("loss relative to the default's: median (least to most); runs that end better; median steps and encodings")
    for name, rows in found.items():
        ratios = [a["losses"]["total"] / b["losses"]["total"] for a, b in zip(rows, found["default"], strict=True)]
        better = sum(r < 1 for r in ratios)
        print(
            f"{name:20} {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})  "
            f"{better:2}/{runs} better  "
            f"{statistics.median(r['steps'] for r in rows):4.0f} steps  "
            f"{statistics.median(r['encodings'] for r in rows):5.0f} encodings"
        )
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
