"""The weights of a checkpoint as one file: half precision, with words and calibration.

    python -m training.reader.export FOLDER... --checkpoint train.pt --output reader.safetensors

Calibration is fitted on the held-out generator's drawings of held-out photos: the temperature by the likelihood of the
right word, the background (the logit of "none of these") so that at most 5 % of the recognised drawings of 16 strokes
are lost. No drawing by people is used.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save
from torch import Tensor

from strokewise.encoders.embedded import METADATA, SLIM_FORMAT

from .. import heldout
from ..calibrate import calibration_error, fit_background, fit_temperature, random_strokes, shuffled
from ..parallel import write_atomically
from ..photos import share
from . import cache, judge
from .cache import Entry
from .evaluate import paint
from .judge import Judge
from .network import Reader
from .photos import list_photos
from .train import load_average

LARGEST = 12_000_000
"""Bytes that the file may have."""


def write(network: Reader, path: Path, calibration: dict[str, float], notes: dict[str, Any]) -> int:
    """Write the file; returns its bytes.

    Raises:
        SystemExit: a weight does not fit into half precision, or the file is too large.
    """
    tensors: dict[str, Tensor] = {}
    for name, tensor in network.state_dict().items():
        half = tensor.detach().to(torch.float16).contiguous(memory_format=torch.contiguous_format)
        if not bool(torch.isfinite(half).all()):
            raise SystemExit(f"{name} does not fit into half precision; train with a smaller rate")
        tensors[name] = half
    told = {"format": SLIM_FORMAT, "labels": network.labels, "calibration": calibration, "notes": notes}
    data = save(tensors, {METADATA: json.dumps(told, sort_keys=True)})
    if len(data) > LARGEST:
        raise SystemExit(f"the weights have {len(data)} bytes, {LARGEST} are allowed; use fewer channels or words")
    write_atomically(path, lambda part: part.write_bytes(data))
    return len(data)


def calibrate(entries: list[Entry], reader: Judge) -> tuple[dict[str, float], dict[str, Any]]:
    """Temperature and background, and figures of the half of the photos they were not fitted to.

    Raises:
        SystemExit: no photo held out has drawings, or none is recognised.
    """
    halves = {True: [e for e in entries if e.heldout and share(e.item.key, 3) < 0.5]}
    halves[False] = [e for e in entries if e.heldout and share(e.item.key, 3) >= 0.5]
    if not halves[True] or not halves[False]:
        raise SystemExit("too few photos are held out to fit on half of them; build the cache first")

    def logits(points: list[Any]) -> Any:
        return reader.name_logits(reader.embed([paint(p) for p in points])).double().numpy()

    found = {
        fit: [logits([e.heldout[k] for e in group]) for k in range(len(heldout.COUNTS))]
        for fit, group in halves.items()
    }
    truth = {fit: np.array([e.item.label for e in group]) for fit, group in halves.items()}
    times = len(heldout.COUNTS)
    temperature = fit_temperature(np.concatenate(found[True]), np.tile(truth[True], times))
    at = heldout.COUNTS.index(16)
    background = fit_background(found[True][at] / temperature, truth[True])
    every = np.concatenate(found[False])
    figures: dict[str, Any] = {
        "photos": {"fit": len(truth[True]), "report": len(truth[False])},
        "calibration error before": calibration_error(every, np.tile(truth[False], times)),
        "calibration error": calibration_error(every / temperature, np.tile(truth[False], times)),
        "caught": {},
    }
    rng = np.random.default_rng(0)
    for kind in ("random strokes", "shuffled drawings"):
        drawn = [
            random_strokes(16, rng) if kind == "random strokes" else shuffled(e.heldout[at], rng) for e in halves[False]
        ]
        figures["caught"][kind] = judge.share(logits(drawn).max(1) / temperature < background)
    return {"temperature": temperature, "background": background}, figures


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.reader.export", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("folders", type=Path, nargs="+", help="photo sets, as for the training")
    add("--checkpoint", type=Path, required=True)
    add("--output", type=Path, default=Path("out/reader.safetensors"))
    add("--work", type=Path, default=Path("out/reader"), help="folder of the training's cache")
    add("--cap", type=int, default=50)
    add("--cores", type=int, default=1)
    arguments = parser.parse_args(words)
    torch.set_num_threads(arguments.cores)
    labels, items = list_photos(arguments.folders, arguments.cap)
    network, step = load_average(arguments.checkpoint)
    if network.labels != labels:
        raise SystemExit(f"{arguments.checkpoint} was trained on other words than these folders have")
    tests = cache.read_all([item for item in items if item.test], arguments.work / "cache")
    calibration, figures = calibrate(tests, judge.new(arguments.checkpoint))
    notes = {"step": step, "calibration": figures, "photos": sum(not item.test for item in items)}
    size = write(network, arguments.output, calibration, notes)
    print(f"{arguments.output}: {size} bytes, step {step}; {json.dumps(calibration)}; {json.dumps(figures)}")


if __name__ == "__main__":
    main()
