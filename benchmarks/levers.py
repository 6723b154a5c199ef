"""An ablation of the optimisation: final loss and cost of variants of the loop, on the same placements.

python benchmarks/levers.py FOLDER --only camel,snail -n 16 --seeds 2

Cost is counted in encodings (one image forward and backward at the encoder's full size), which does not depend on how
busy the machine is. Losses are those without random views, relative to the first variant.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

import numpy as np
from counted import Counted
from PIL import Image

from strokewise import Settings, encoders
from strokewise._process import tune_process
from strokewise.drawing import find_scorer, refine
from strokewise.engines import torch_encoder
from strokewise.optimize.loop import Schedule
from strokewise.photo.preparing import Prepared, prepare
from strokewise.placement.candidates import place
from strokewise.raster import rasterize
from strokewise.settings import with_changes

VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "placement only": {"steps": 0},
    "no exchange": {"exchange": ()},
    "two exchanges": {"exchange": (8, 40)},
    "three exchanges": {"exchange": (8, 35, 60)},
    "one random view": {"views": 1},
    "one random view, half the steps": {"views": 1, "steps": 50},
    "no hurry": {"patience": 999},
    "three to the end": {"race": (), "exchange": ()},
    "slow race": {"race": ((8, 2),)},
    "one candidate": {"candidates": 1},
    "six candidates": {"candidates": 6},
    "50 steps": {"steps": 50},
    "200 steps": {"steps": 200},
    "rate 0.35": {"rate": 0.35},
    "rate 0.5": {"rate": 0.5},
    "rate 0.75": {"rate": 0.75},
    "rate 1.5": {"rate": 1.5},
    "rate 2": {"rate": 2.0},
    "stiffness 0": {"stiffness": 0.0},
    "stiffness 0.2": {"stiffness": 0.2},
    "stiffness 1": {"stiffness": 1.0},
    "stiffness 2": {"stiffness": 2.0},
    "160 px": {"side": 160},
    "saliency placement": {"placement": "saliency"},
}


def run(variant: dict[str, Any], prepared: Prepared, encoder: Counted, settings: Settings) -> dict[str, Any]:
    """One drawing by a variant of the loop; uses the photo's encoder."""
    options = dict(variant)
    for name in ("placement", "candidates"):
        if name in options:
            settings = with_changes(settings, {name: options.pop(name)})
    side = options.pop("side", encoder.full_size)
    placed = place(prepared, settings)
    encoder.reset()
    encoder.input_size = side
    schedule = Schedule(**{"steps": settings.steps, **options})
    result = refine(placed, prepared, settings, schedule=schedule)
    encoder.input_size = encoder.full_size
    # A forward pass alone takes about 0.4 of the time of a forward and backward pass.
    count = encoder.back + 0.4 * encoder.there
    # At the encoder's full size, whatever size the loop used.
    final = find_scorer(prepared, settings).totals([result.points])[0]
    picture = rasterize(2 * result.points[None], 2 * settings.canvas_width, size=2 * settings.size).picture[0, 0]
    return {
        "loss": float(final),
        "steps": result.steps,
        "encodings": count,
        "stopped": result.stopped,
        "picture": picture,
    }


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only photos whose name holds one of these, separated by commas")
    parser.add_argument("--encoder", default="efficientnet-lite0")
    parser.add_argument("-n", "--strokes", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--variants", default="", help="only variants whose name holds one of these (and the default)")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path, help="write the drawings here, a row a photo, a column a variant")
    arguments = parser.parse_args()
    photos = sorted(p for p in arguments.folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    photos = [p for p in photos if any(word in p.name for word in arguments.only.split(","))]
    # All variants, unless some are named.
    names = [v for v in VARIANTS if v == "default" or any(word in v for word in arguments.variants.split(","))]
    encoder = Counted(torch_encoder(encoders.load_encoder(arguments.encoder)))
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for photo in photos:
        prepared = prepare(photo, Settings(encoder=arguments.encoder, device="cpu"))._replace(encoder=encoder)
        for seed in range(arguments.seeds):
            settings = Settings(strokes=arguments.strokes, seed=seed)
            for name in names:
                found[name].append(
                    {"photo": photo.name, "seed": seed, **run(VARIANTS[name], prepared, encoder, settings)}
                )
    runs = len(found["default"])
    print(f"{len(photos)} photos x {arguments.seeds} seeds, {arguments.strokes} strokes, {encoder.name}")
    print("loss relative to the default's: median (least to most); runs that end better; median steps and encodings")
    for name, rows in found.items():
        ratios = [a["loss"] / b["loss"] for a, b in zip(rows, found["default"], strict=True)]
        better = sum(r < 1 for r in ratios)
        print(
            f"{name:32} {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})  "
            f"{better:2}/{runs} better  "
            f"{statistics.median(r['steps'] for r in rows):4.0f} steps  "
            f"{statistics.median(r['encodings'] for r in rows):5.0f} encodings"
        )
    pictures = {name: [row.pop("picture") for row in rows] for name, rows in found.items()}
    if arguments.sheet:
        sheet = np.concatenate([np.concatenate(column, axis=0) for column in pictures.values()], axis=1)
        Image.fromarray((sheet * 255).clip(0, 255).astype(np.uint8)).save(arguments.sheet)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
