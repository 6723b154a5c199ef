"""A third recogniser, of another architecture and other ImageNet weights, which no drawing was made to please.

python -m training.third FOLDER --work out/training --output out/third.safetensors

It learns to name photos and drawings of the cache that `python -m training` made, and nothing else: no distillation,
no contrast. It writes the weights and `third.json`, its accuracy on photos and on the generator held out of training.
A run that was killed goes on where it was.

    third = load(path)
    third.probabilities(images, third.labels)        # float64 [picture, label]
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from strokewise.encoders.embedded import read_file
from strokewise.errors import EncoderError, StrokewiseError
from strokewise.recognition.recognizers import choose_among, places_of

from . import cache, evaluate, heldout
from .cache import Entry
from .classify import ClassifyOptions, name_classes, train
from .lite import EfficientNetLite2
from .measures import accuracy
from .model import fill, write_half
from .parallel import write_atomically
from .photos import list_photos

FORMAT = "strokewise-third-1"


class Third:
    """The recogniser.

    Args:
        network: with one output a class.
        labels: names of the classes.
        size: side at which pictures are read, pixels; others are resized.
    """

    name = "third"

    def __init__(self, network: EfficientNetLite2, labels: tuple[str, ...], size: int) -> None:
        self.network, self.labels, self.size = network, labels, size

    @torch.no_grad()
    def probabilities(
        self, images: NDArray[np.float32], labels: Sequence[str], *, none: bool = False
    ) -> NDArray[np.float64]:
        """How likely each label is, [picture, label]; rows sum to 1.

        Args:
            images: float32 [picture, 1 or 3, y, x] in [0, 1].
            labels: some of its classes.
            none: add a last column, "none of these", which takes what the likeliest of its other classes does.

        Raises:
            RecognizeError: a label is no class of it.
        """
        asked = places_of(self, labels)
        found = []
        device = next(self.network.parameters()).device
        for part in torch.from_numpy(images).to(device).split(32):
            if part.shape[2:] != (self.size, self.size):
                part = F.interpolate(part, (self.size,) * 2, mode="bilinear", align_corners=False, antialias=True)
            found.append(name_classes(self.network, part.expand(-1, 3, -1, -1)).double().cpu())
        logits = torch.cat(found) if found else torch.zeros(0, len(self.labels), dtype=torch.float64)
        return choose_among(logits.numpy(), asked, -math.inf if none else None)


def write(network: EfficientNetLite2, labels: tuple[str, ...], size: int, path: Path, notes: dict[str, Any]) -> None:
    """The recogniser as half-precision safetensors.

    Raises:
        ValueError: a weight is too large for half precision, or not a number.
    """
    write_half(network, path, {"format": FORMAT, "labels": labels, "size": size, "notes": notes})


def load(path: Path | str, device: str = "cpu") -> Third:
    """The recogniser from its file.

    Raises:
        EncoderError: the file is missing, damaged, or holds another network.
    """
    path = Path(path)
    fix = "make it with python -m training.third"
    if not path.is_file():
        raise EncoderError(f"the third recogniser's weights are missing ({path}); {fix}")
    try:
        labels, notes, tensors = read_file(path, FORMAT)
        size = notes["size"]
        if not isinstance(size, int) or not 32 <= size <= 1024:
            raise ValueError("no side of pictures")
        network = EfficientNetLite2(len(labels))
        fill(network, tensors)
    except Exception as error:  # a damaged file can make the reader raise nearly anything
        raise EncoderError(f"{path} is not the third recogniser ({type(error).__name__}); {fix}") from error
    return Third(network.to(device), labels, size)


def measure(third: Third, entries: list[Entry], device: str = "cpu") -> dict[str, Any]:
    """Top-1 over all classes, of test photos and of the held-out generator's drawings of them."""
    entries = [e for e in entries if len(e.heldout(min(heldout.COUNTS)).points)]
    labels = torch.tensor([e.item.label for e in entries])
    how = evaluate.EvaluateOptions(size=third.size)

    def read(pictures: Iterable[NDArray[np.float32]]) -> dict[str, Any]:
        found = [
            third.probabilities(torch.stack([evaluate.as_tensor(p) for p in group]).numpy(), third.labels).argmax(1)
            for group in evaluate.in_groups(pictures, 32)
        ]
        return accuracy(torch.from_numpy(np.concatenate(found)) if found else labels, labels)

    return {
        "test photos": len(entries),
        "photos": {part: read(evaluate.photo_pictures(entries, part, third.size)) for part in ("whole", "cut")},
        "drawings": {str(n): read(evaluate.heldout_pictures(entries, n, how)) for n in heldout.COUNTS},
    }


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.third", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("folder", type=Path, help="labelled photos, FOLDER/<class>/*.jpg")
    add("-o", "--output", type=Path, default=Path("out/third.safetensors"), help="the weights")
    add("--work", type=Path, default=Path("out/training"), help="folder with the cache that python -m training made")
    add("--cap", type=int, default=45, help="most photos of a class, as when the cache was made; 0 takes all")
    add("--epochs", type=int, default=ClassifyOptions.epochs)
    add("--batch", type=int, default=ClassifyOptions.batch)
    add("--sizes", default=",".join(map(str, ClassifyOptions.sizes)), help="picture sides; one a batch, at random")
    add("--rate", type=float, default=ClassifyOptions.rate)
    add("--seed", type=int, default=ClassifyOptions.seed)
    add("--device", default="cuda" if torch.cuda.is_available() else "cpu", choices=("cpu", "cuda"))
    add("--workers", type=int, help="processes that make batches; default: 0 on the CPU, else all cores but one")
    add("--cores", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args(words)
    torch.set_num_threads(arguments.cores)
    device: str = arguments.device
    workers = arguments.workers
    if workers is None:
        workers = 0 if device == "cpu" else (os.cpu_count() or 1) - 1
    labels, items = list_photos(arguments.folder, arguments.cap)
    try:
        entries = [cache.read(arguments.work / "cache", item) for item in items]
    except FileNotFoundError as error:
        raise SystemExit(f"{error.filename} is missing; first run python -m training --stages cache") from error
    learn, test = [e for e in entries if not e.item.test], [e for e in entries if e.item.test]
    options = ClassifyOptions(
        epochs=arguments.epochs,
        batch=arguments.batch,
        sizes=tuple(int(size) for size in arguments.sizes.split(",")),
        rate=arguments.rate,
        seed=arguments.seed,
    )
    output: Path = arguments.output
    try:
        network = train(learn, labels, arguments.work / "third.pt", options, device=device, workers=workers)
        notes = {"photos": len(learn), **dataclasses.asdict(options)}
        write(network, labels, max(options.sizes), output, notes)
        figures: dict[str, Any] = {
            "classes": len(labels),
            "training photos": len(learn),
            "options": dataclasses.asdict(options),
        }
        figures |= measure(load(output, device), test, device)
    except StrokewiseError as error:
        raise SystemExit(str(error)) from error
    text = json.dumps(figures, indent=1) + "\n"
    write_atomically(output.with_suffix(".json"), lambda part: part.write_text(text, "utf-8"))
    for kind in ("photos", "drawings"):
        for name, found in figures[kind].items():
            low, high = found["ci"]
            print(f"{kind[:-1]:8} {name:6} {100 * found['share']:5.1f}%  ({100 * low:.1f} to {100 * high:.1f})")
    print(output, output.with_suffix(".json"), sep="\n")


if __name__ == "__main__":
    main()
