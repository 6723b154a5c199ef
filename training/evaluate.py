"""What was learnt, on photos and a generator that training never saw.

    figures = evaluate(train_entries, test_entries, labels, weights, EvaluateOptions())

Three readers of the held-out generator's drawings: the plain encoder with a linear probe on photos, the plain encoder
with a probe on drawings (by the generators of the training), and the trained encoder with its own head.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from strokewise.encoders import efficientnet_lite
from strokewise.encoders.efficientnet_lite import EfficientNetLite0
from strokewise.engines.losses import geometric_loss
from strokewise.raster import render

from . import drawn, heldout, model, views
from .batches import draw, render_sheets
from .cache import Entry, decode
from .measures import Probe, accuracy, retrieval

Pictures = Iterable[NDArray[np.float32]]
Some = TypeVar("Some")

SHIFT = 6
"""How far drawings are moved aside to see whether the maps notice, pixels of a 224 px canvas."""


@dataclasses.dataclass(frozen=True)
class EvaluateOptions:
    """What to measure.

    Attributes:
        size: side of the pictures, pixels.
        gallery: photos among which a drawing must find its own.
        probe_drawings: drawings of each training photo that the probe on drawings learns from.
        width: of the held-out strokes, pixels of a 224 px canvas.
        drawn: test photos that `strokewise.draw` draws with its defaults and the plain encoder, at 16, 8 and 4
            strokes; 20 s a photo and core. 0 leaves it out.
        seed: of the choice of photos and of the probe's drawings.
    """

    size: int = 224
    gallery: int = 500
    probe_drawings: int = 2
    width: float = 1.5
    drawn: int = 0
    seed: int = 0


class Readers:
    """The plain encoder with its two probes, and the trained one."""

    def __init__(self, train: list[Entry], classes: int, weights: Path, options: EvaluateOptions, device: str) -> None:
        self.options, self.device = options, device
        self.plain = efficientnet_lite.load().to(device)
        self.ours = model.load(weights).to(device)
        labels = torch.tensor([e.item.label for e in train])
        photos = torch.cat(
            [self.embed(self.plain, photo_pictures(train, part, options.size)) for part in ("whole", "cut")]
        )
        groups = torch.arange(len(train))
        self.photo_probe = Probe(photos, labels.repeat(2), groups.repeat(2), classes)
        with_drawings = [e for e in train if e.drawings]
        drawings = self.embed(self.plain, _training_drawings(with_drawings, options))
        drawn_labels = torch.tensor([e.item.label for e in with_drawings])
        drawn_groups = torch.arange(len(with_drawings))
        times = options.probe_drawings
        self.drawing_probe = Probe(drawings, drawn_labels.repeat(times), drawn_groups.repeat(times), classes)

    @torch.no_grad()
    def embed(self, encoder: EfficientNetLite0, pictures: Pictures) -> Tensor:
        """Embeddings [picture, dimension] of pictures [y, x] or [y, x, rgb]."""
        found = []
        for group in in_groups(pictures, 32):
            batch = torch.stack([as_tensor(p) for p in group]).to(self.device)
            found.append(encoder.features(batch).embedding.float().cpu())
        return torch.cat(found)

    def encoders(self) -> list[tuple[str, EfficientNetLite0]]:
        return [("plain", self.plain), ("ours", self.ours)]

    def read(self, plain: Tensor, ours: Tensor, labels: Tensor) -> dict[str, Any]:
        """Top-1 of the three readers, from the embeddings of both encoders."""
        named = self.ours.recognizer(ours.to(self.device)).argmax(1).cpu()
        return {
            "plain, probe on photos": accuracy(self.photo_probe(plain), labels),
            "plain, probe on drawings": accuracy(self.drawing_probe(plain), labels),
            "ours": accuracy(named, labels),
        }


def evaluate(
    train: list[Entry],
    test: list[Entry],
    labels: tuple[str, ...],
    weights: Path,
    options: EvaluateOptions,
    *,
    device: str = "cpu",
    drawings: Path = Path("out/training/drawn"),
    cores: int = 1,
) -> dict[str, Any]:
    """All figures, as JSON takes them; `drawings` is where those of `strokewise.draw` are kept."""
    readers = Readers(train, len(labels), weights, options, device)
    test = [e for e in test if len(e.heldout(4).points)]
    names = torch.tensor([e.item.label for e in test])
    figures: dict[str, Any] = {
        "classes": len(labels),
        "training photos": len(train),
        "test photos": len(test),
        "options": dataclasses.asdict(options),
        "photos": {},
        "drawings": {},
        "retrieval": {},
        "geometry": {name: _geometry(test, encoder, options, device) for name, encoder in readers.encoders()},
    }
    rng = np.random.default_rng(options.seed)
    gallery = torch.from_numpy(np.sort(rng.permutation(len(test))[: options.gallery]))
    photos: dict[str, tuple[Tensor, Tensor]] = {}
    for part in ("whole", "cut"):
        plain = readers.embed(readers.plain, photo_pictures(test, part, options.size))
        ours = readers.embed(readers.ours, photo_pictures(test, part, options.size))
        photos[part] = plain[gallery], ours[gallery]
        figures["photos"][part] = readers.read(plain, ours, names)
    for count in heldout.COUNTS:
        plain = readers.embed(readers.plain, heldout_pictures(test, count, options))
        ours = readers.embed(readers.ours, heldout_pictures(test, count, options))
        figures["drawings"][str(count)] = readers.read(plain, ours, names)
        for part, (plain_photos, our_photos) in photos.items():
            figures["retrieval"][f"{count} strokes, {part} photos"] = {
                "plain": retrieval(plain[gallery], plain_photos),
                "ours": retrieval(ours[gallery], our_photos),
            }
    if options.drawn:
        chosen = [test[int(i)] for i in rng.permutation(len(test))[: options.drawn]]
        figures["strokewise.draw"] = _drawn(chosen, readers, drawn.draw_all(chosen, drawings, cores))
    return figures


def _drawn(entries: list[Entry], readers: Readers, drawings: dict[int, list[NDArray[np.float32]]]) -> dict[str, Any]:
    """The same three readers of what `strokewise.draw` makes."""
    labels = torch.tensor([e.item.label for e in entries])
    result = {}
    for count, points in drawings.items():
        pictures = [_picture(p, readers.options) for p in points]
        result[str(count)] = readers.read(
            readers.embed(readers.plain, pictures), readers.embed(readers.ours, pictures), labels
        )
    return result


@torch.no_grad()
def _geometry(
    entries: list[Entry], encoder: EfficientNetLite0, options: EvaluateOptions, device: str
) -> dict[str, Any]:
    """Whether the maps still tell where a line lies: the geometric loss of held-out drawings of 16 strokes where they
    belong, `SHIFT` pixels aside, and against another photo; and how often the first is the least."""
    shift = SHIFT * options.size // 224
    found = []
    for group in in_groups(
        zip(photo_pictures(entries, "cut", options.size), heldout_pictures(entries, 16, options), strict=True), 32
    ):
        photos = encoder.features(torch.stack([as_tensor(photo) for photo, _ in group]).to(device)).maps
        drawings = torch.stack([as_tensor(drawing) for _, drawing in group]).to(device)
        moved = [drawings, torch.roll(drawings, shift, 3), torch.roll(drawings, 1, 0)]
        found.append(
            torch.stack([geometric_loss(encoder.features(d).maps, photos, encoder.map_weights) for d in moved]).cpu()
        )
    here, aside, other = torch.cat(found, 1)
    first = torch.zeros(len(here), dtype=torch.long)
    return {
        "in place": float(here.mean()),
        "aside": float(aside.mean()),
        "other photo": float(other.mean()),
        "shift": SHIFT,
        "less than aside": accuracy((here >= aside).long(), first),
        "less than other photo": accuracy((here >= other).long(), first),
    }


def _picture(points: NDArray[np.floating], options: EvaluateOptions) -> NDArray[np.float32]:
    """Strokes [stroke, 4, xy], shares of the square, as a picture [y, x]."""
    on_canvas = torch.from_numpy(np.asarray(points, dtype=np.float32) * options.size)[None]
    image: NDArray[np.float32] = render(on_canvas, options.width * options.size / 224, size=options.size)[0, 0].numpy()
    return image


def heldout_pictures(entries: list[Entry], count: int, options: EvaluateOptions) -> Iterator[NDArray[np.float32]]:
    """The held-out drawings of so many strokes, float32 [y, x] each."""
    return (_picture(e.heldout(count).points, options) for e in entries)


def photo_pictures(entries: list[Entry], part: str, size: int) -> Iterator[NDArray[np.float32]]:
    """The photos, "whole", "framed" or "cut" as in the cache, float32 [y, x, rgb] each."""
    return (views.see_picture(decode(getattr(e, part)), np.eye(3), size) for e in entries)


def _training_drawings(entries: list[Entry], options: EvaluateOptions) -> Iterator[NDArray[np.float32]]:
    """Drawings by the generators of the training, seen straight."""
    for k in range(options.probe_drawings):
        for i, entry in enumerate(entries):
            rng = np.random.default_rng([options.seed, k, i])
            sheet = draw(entry, np.eye(3), options.size, rng)
            yield render_sheets([sheet], options.size, rng)[0, 0].numpy()


def in_groups(things: Iterable[Some], most: int) -> Iterator[list[Some]]:
    """Things in their order, at most so many at once."""
    group: list[Some] = []
    for thing in things:
        group.append(thing)
        if len(group) == most:
            yield group
            group = []
    if group:
        yield group


def as_tensor(picture: NDArray[np.float32]) -> Tensor:
    """A picture [y, x] or [y, x, rgb] as float32 [3, y, x]."""
    tensor = torch.from_numpy(np.ascontiguousarray(picture))
    return tensor.permute(2, 0, 1) if tensor.ndim == 3 else tensor.expand(3, -1, -1)
