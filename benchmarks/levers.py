"""An ablation: final loss and cost of variants of the loop, or of drawings with another constant of placement.

python benchmarks/levers.py FOLDER --only camel,snail -n 16 --seeds 2
python benchmarks/levers.py FOLDER --constants measured --candidates 1 --steps 20 --loop "steps only"
python benchmarks/levers.py FOLDER --constants inner.worth,thin.radius --factors 0.5,2

Each constant is varied alone: it is multiplied by the factors. Of quantiles and cosines it is the distance from 1 that
is divided by them, so that larger still means larger. A photo that is named for a class of the embedded recogniser
(flamingo.png) also tells how sure that network is of the drawing, and how often the class is its first choice.

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

from strokewise import Settings, Sketch, encoders
from strokewise._process import tune_process
from strokewise.drawing import find_scorer, refine
from strokewise.engines import torch_encoder
from strokewise.optimize.loop import Schedule
from strokewise.photo.preparing import Prepared, prepare
from strokewise.placement.candidates import place
from strokewise.placement.constants import DEFAULTS, MEASURED
from strokewise.raster import rasterize
from strokewise.recognition.inputs import sketch_picture
from strokewise.recognition.recognizers import EMBEDDED, Recognizer, label_key, load_recognizer
from strokewise.settings import MOST_STROKES, with_changes

VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "placement only": {"steps": 0},
    "no exchange": {"exchange": ()},
    "steps only": {"exchange": (), "patience": 999},
    "as few strokes": {"few": MOST_STROKES},
    "two exchanges": {"few": MOST_STROKES, "exchange": (8, 40)},
    "three exchanges": {"few": MOST_STROKES, "exchange": (8, 35, 60)},
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

SPECIAL = ("faces", "face_contour", "heads", "one_line", "saliency")
"""Topics whose constants matter to some photos or placements only: "usual" leaves them out."""


def scaled(name: str, factor: float) -> Any:
    """A constant of placement multiplied by a factor, as far as its kind allows."""
    value = DEFAULTS.value(name)
    if name.endswith(("quantile", "cosine")):
        return 1 - (1 - value) / factor
    if isinstance(value, tuple):
        return tuple(type(one)(factor * one) for one in value)
    return max(1, round(factor * value)) if isinstance(value, int) else factor * value


def constant_variants(chosen: str, factors: list[float], loop: str = "default") -> dict[str, dict[str, Any]]:
    """Variants that change one constant of placement each, after the default.

    Args:
        chosen: names as "topic.constant", separated by commas; or "measured", "usual", "all".
        factors: by which each is multiplied.
        loop: the variant of the loop that all are optimised with.

    Raises:
        ValueError: no constant, or no variant of the loop, has such a name.
    """
    usual = tuple(name for name in DEFAULTS.names() if not name.startswith(SPECIAL))
    known = {"measured": MEASURED, "usual": usual, "all": DEFAULTS.names()}
    names = known.get(chosen) or tuple(chosen.split(","))
    if loop not in VARIANTS:
        raise ValueError(f"no variant of the loop is called {loop!r}; there are {', '.join(VARIANTS)}")
    variants: dict[str, dict[str, Any]] = {"default": VARIANTS[loop]}
    for name in names:
        for factor in factors:
            value = scaled(name, factor)
            if value != DEFAULTS.value(name):
                changed = {"constants": DEFAULTS.changed(name, value), **VARIANTS[loop]}
                variants[f"{name} x{factor:g} = {_short(value)}"] = changed
    return variants


def _short(value: Any) -> str:
    return "/".join(f"{one:.3g}" for one in (value if isinstance(value, tuple) else (value,)))


def recognized(recognizer: Recognizer, points: Any, settings: Settings, label: str) -> dict[str, float]:
    """How sure a recogniser is that a drawing shows what the photo is named for; nothing for classes it lacks."""
    labels = recognizer.labels or ()
    places = [i for i, known in enumerate(labels) if label_key(known) == label_key(label)]
    if not places:
        return {}
    sketch = Sketch.of((settings.size, settings.size), points, settings.canvas_width)
    row = recognizer.probabilities(sketch_picture(sketch)[None], labels)[0]
    return {"confidence": float(row[places[0]]), "first": float(row.argmax() == places[0])}


def run(variant: dict[str, Any], prepared: Prepared, encoder: Counted, settings: Settings) -> dict[str, Any]:
    """One drawing by a variant of the loop; uses the photo's encoder."""
    options = dict(variant)
    for name in ("placement", "candidates"):
        if name in options:
            settings = with_changes(settings, {name: options.pop(name)})
    side = options.pop("side", encoder.full_size)
    constants = options.pop("constants", DEFAULTS)
    constants = constants.changed("pool.few", options.pop("few", constants.pool.few))
    placed = place(prepared, settings, constants)
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
        "points": result.points,
        "picture": picture,
    }


def _confidence(rows: list[dict[str, Any]]) -> str:
    """Mean confidence of the recogniser, and its first choices, of the photos whose class it knows."""
    known = [row for row in rows if "confidence" in row]
    if not known:
        return ""
    sure = statistics.mean(row["confidence"] for row in known)
    return f"  {sure:.2f} sure, {sum(row['first'] for row in known):.0f}/{len(known)} first"


def main() -> None:
    tune_process()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="only photos whose name holds one of these, separated by commas")
    parser.add_argument("--encoder", default="efficientnet-lite0")
    parser.add_argument("-n", "--strokes", type=int, default=16)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--variants", default="", help="only variants whose name holds one of these (and the default)")
    parser.add_argument("--constants", default="", help="constants of placement instead: names, measured, usual or all")
    parser.add_argument("--factors", default="0.67,1.5", help="by which each of them is multiplied")
    parser.add_argument("--loop", default="default", help="the variant of the loop that constants are measured with")
    parser.add_argument("--candidates", type=int, default=3)
    parser.add_argument("--steps", type=int, default=Settings().steps, help="0 measures the placement itself")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--sheet", type=Path, help="write the drawings here, a row a photo, a column a variant")
    arguments = parser.parse_args()
    photos = sorted(p for p in arguments.folder.iterdir() if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    photos = [p for p in photos if any(word in p.name for word in arguments.only.split(","))]
    # All variants, unless some are named.
    variants = VARIANTS
    if arguments.constants:
        try:
            factors = [float(factor) for factor in arguments.factors.split(",")]
            variants = constant_variants(arguments.constants, factors, arguments.loop)
        except ValueError as error:
            parser.error(str(error))
    names = [v for v in variants if v == "default" or any(word in v for word in arguments.variants.split(","))]
    recognizer = load_recognizer(EMBEDDED)
    encoder = Counted(torch_encoder(encoders.load_encoder(arguments.encoder)))
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for photo in photos:
        prepared = prepare(photo, Settings(encoder=arguments.encoder, device="cpu"))._replace(encoder=encoder)
        for seed in range(arguments.seeds):
            settings = Settings(
                strokes=arguments.strokes, seed=seed, candidates=arguments.candidates, steps=arguments.steps
            )
            for name in names:
                row = {"photo": photo.name, "seed": seed, **run(variants[name], prepared, encoder, settings)}
                points = row.pop("points")
                found[name].append({**row, **recognized(recognizer, points, settings, photo.stem)})
    runs = len(found["default"])
    print(f"{len(photos)} photos x {arguments.seeds} seeds, {arguments.strokes} strokes, {encoder.name}")
    if arguments.seeds > 1:
        by_photo = [[row["loss"] for row in found["default"] if row["photo"] == photo.name] for photo in photos]
        spread = statistics.median(max(losses) / min(losses) for losses in by_photo)
        print(f"the default's own seeds: worst loss over best, median of the photos {spread:.3f}")
    print("loss relative to the default's: median (least to most); runs that end better; median steps and encodings")
    for name, rows in found.items():
        ratios = [a["loss"] / b["loss"] for a, b in zip(rows, found["default"], strict=True)]
        better = sum(r < 1 for r in ratios)
        print(
            f"{name:{max(map(len, names))}} {statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f})  "
            f"{better:2}/{runs} better  "
            f"{statistics.median(r['steps'] for r in rows):4.0f} steps  "
            f"{statistics.median(r['encodings'] for r in rows):5.0f} encodings" + _confidence(rows)
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
