"""Batches: a few photos each of some classes, two drawings of every photo, and drawings with altered inner strokes.

Batch k of a seed and a list of photos is always the same.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .. import views
from . import drawings
from .cache import Entry
from .drawings import Stroke

CROPPED = 0.15
"""How often photo and drawings show only the telling part (a head, a handle)."""
SIZES = (112, 128, 128, 144, 160)
"""Sides of the pictures, as often as they are named; the last steps are better taken at larger ones."""
Picture = NDArray[np.float32]


class Batch(NamedTuple):
    """A batch of n photos.

    Attributes:
        photos: float32 [n, 1, size, size], white = 1.
        drawings: float32 [2 n, 1, size, size]: drawing i and n + i show photo i.
        altered: float32 [k, 1, size, size]: drawings with other inner strokes than their photo's.
        of: int64 [k]: the photo, and the drawing, that each altered one comes from.
        labels: int64 [n].
        goals: float32 [n, 1280]: the older encoder's embeddings.
        aligned: bool [n]: the photo has no background, and each line of drawing i lies where it belongs.
    """

    photos: Tensor
    drawings: Tensor
    altered: Tensor
    of: Tensor
    labels: Tensor
    goals: Tensor
    aligned: Tensor


class Sampler:
    """Chooses photos: classes by the root of how many photos they have, then photos of them.

    Args:
        entries: training photos.
        classes: different classes of a batch.
        each: photos of each class, fewer if it has not so many.
        seed: of everything.
        altered: altered drawings of a batch, at most.
        sizes: sides of the pictures; a batch takes one of them.
    """

    def __init__(
        self,
        entries: list[Entry],
        classes: int = 8,
        each: int = 3,
        seed: int = 0,
        altered: int = 12,
        sizes: tuple[int, ...] = SIZES,
    ) -> None:
        self.groups: dict[int, list[Entry]] = {}
        for entry in entries:
            if entry.lines:
                self.groups.setdefault(entry.item.label, []).append(entry)
        if not self.groups:
            raise SystemExit("no training photo shows anything to draw")
        self.labels = sorted(self.groups)
        weights = np.array([len(self.groups[label]) for label in self.labels]) ** 0.5
        self.chances = weights / weights.sum()
        self.classes, self.each, self.seed = min(classes, len(self.labels)), each, seed
        self.altered, self.sizes = altered, sizes

    def batch(self, step: int) -> Batch:
        """The batch of a step."""
        rng = np.random.default_rng([self.seed, step])
        size = int(rng.choice(self.sizes))
        chosen: list[Entry] = []
        for label in rng.choice(self.labels, self.classes, replace=False, p=self.chances):
            group = self.groups[int(label)]
            picks = rng.permutation(len(group))[: self.each]
            chosen += [group[i] for i in picks]
        return make_batch(chosen, size, self.altered, rng)


def make_batch(entries: list[Entry], size: int, most: int, rng: np.random.Generator) -> Batch:
    """Views and drawings of photos."""
    photos: list[Picture] = []
    first: list[Picture] = []
    second: list[Picture] = []
    altered: list[Picture] = []
    of: list[int] = []
    aligned: list[bool] = []
    kept: list[list[Stroke]] = []
    for i, entry in enumerate(entries):
        matrix = views.random_matrix(rng)
        cropped = rng.random() < CROPPED
        if cropped:
            matrix = _crop(entry, rng) @ matrix
        bare = rng.random() < 0.6
        photos.append(_photo(entry, matrix, size, bare, rng))
        picture, strokes, true = _drawing(entry, matrix, size, rng)
        first.append(picture)
        aligned.append(bare and true)
        # Another drawing, seen from elsewhere, unless both show a part.
        other = matrix if cropped else views.random_matrix(rng)
        picture, more, _ = _drawing(entry, other, size, rng)
        second.append(picture)
        kept.append(strokes)
        source = strokes if len(strokes) >= len(more) else more
        if len(of) < most and source and i:
            changed = drawings.alter(source, kept[int(rng.integers(i))], rng)
            if changed is not None:
                view = matrix if source is strokes else other
                altered.append(drawings.render(changed, view, size, rng))
                of.append(i)
    return Batch(
        _stack(photos, size),
        _stack([*first, *second], size),
        _stack(altered, size),
        torch.tensor(of, dtype=torch.int64),
        torch.tensor([entry.item.label for entry in entries]),
        torch.from_numpy(np.stack([entry.goal for entry in entries])),
        torch.tensor(aligned),
    )


def _drawing(
    entry: Entry, matrix: views.Matrix, size: int, rng: np.random.Generator
) -> tuple[Picture, list[Stroke], bool]:
    style = drawings.choose_style(rng, pictures=True)
    if style in drawings.PICTURES:
        picture = views.see_picture(drawings.draw_picture(entry, style, rng), matrix, size)
        return picture, [], True
    strokes, true = drawings.draw(entry, rng, style)
    return drawings.render(strokes, matrix, size, rng), strokes, true


def _photo(entry: Entry, matrix: views.Matrix, size: int, bare: bool, rng: np.random.Generator) -> Picture:
    grey = drawings.cut(entry) if bare else np.asarray(entry.grey / 255, dtype=np.float32)
    seen = views.see_picture(grey, matrix, size)
    seen = np.clip(seen, 0, 1) ** float(np.exp(rng.uniform(-0.5, 0.5)))
    if rng.random() < 0.1:
        seen = np.asarray(cv2.GaussianBlur(seen, (0, 0), float(rng.uniform(0.4, 1.5)) * size / 224))
    return np.asarray(np.clip(1 - rng.uniform(0.6, 1.15) * (1 - seen), 0, 1), dtype=np.float32)


def _crop(entry: Entry, rng: np.random.Generator) -> views.Matrix:
    """From places of a view of the telling part to places of the square, both in [-1, 1]."""
    share = float(rng.uniform(0.38, 0.65))
    middle = np.clip(entry.part * 2 - 1 + rng.normal(0, 0.08, 2), -1 + share, 1 - share)
    return np.array([[share, 0, middle[0]], [0, share, middle[1]], [0, 0, 1]])


def _stack(pictures: list[Picture], size: int) -> Tensor:
    if not pictures:
        return torch.zeros(0, 1, size, size)
    return torch.from_numpy(np.stack(pictures)[:, None].copy())
