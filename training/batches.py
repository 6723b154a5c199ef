"""Batches of photos with one drawing of each, made while training. Batch k of a seed is always the same."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from strokewise.raster import render

from . import generators, views
from .cache import Entry, decode
from .parallel import one_thread

PHOTO_SHARES = (0.5, 0.25, 0.25)
"""How often a photo is shown without its background, framed with it, and whole."""
WIDTHS = (0.7, 4.0)
"""Stroke widths, pixels of a 224 px canvas."""


class Batch(NamedTuple):
    """A batch.

    Attributes:
        photos: float32 [batch, 3, size, size] in [0, 1].
        drawings: float32 [batch, 1, size, size]: drawing i shows photo i from the same place.
        labels: int64 [batch].
        aligned: bool [batch]: the photo shows nothing but what the drawing shows, and every line lies where it
            belongs, so that their maps can be compared.
    """

    photos: Tensor
    drawings: Tensor
    labels: Tensor
    aligned: Tensor


class Sheet(NamedTuple):
    """A drawing before it is rendered: strokes [stroke, 4, xy] in pixels, or a picture [y, x]."""

    points: NDArray[np.float32] | None
    picture: NDArray[np.float32] | None
    true: bool


class Batches(Dataset[Batch]):
    """All batches of a training, by their number.

    Args:
        entries: training photos.
        batch: photos of a batch.
        sizes: sides of the pictures, pixels; each batch takes one of them at random.
        seed: of everything.
    """

    def __init__(self, entries: list[Entry], batch: int, sizes: tuple[int, ...], seed: int) -> None:
        self.entries = [entry for entry in entries if entry.drawings]
        if not self.entries:
            raise SystemExit("no training photo shows anything to draw")
        self.batch = min(batch, len(self.entries))
        self.sizes, self.seed = sizes, seed

    @property
    def epoch(self) -> int:
        """Batches until every photo was shown once; what doesn't fill a batch waits for the next epoch."""
        return len(self.entries) // self.batch

    def __getitem__(self, step: int) -> Batch:
        order = np.random.default_rng([self.seed, step // self.epoch, 1]).permutation(len(self.entries))
        start = step % self.epoch * self.batch
        rng = np.random.default_rng([self.seed, step, 2])
        size = int(rng.choice(self.sizes))
        chosen = [self.entries[i] for i in order[start : start + self.batch]]
        return make_batch(chosen, size, rng)

    def from_step(self, first: int, last: int, workers: int) -> DataLoader[Batch]:
        """Batches `first` to `last`, made by that many processes beside this one."""
        order = list(range(first, last))
        # Spawned, since a fork would inherit the states of this process's thread pools, but not their threads.
        how: dict[str, Any] = {"multiprocessing_context": "spawn", "worker_init_fn": one_thread} if workers else {}
        return DataLoader(self, batch_size=None, sampler=order, num_workers=workers, **how)


def make_batch(entries: list[Entry], size: int, rng: np.random.Generator) -> Batch:
    """One view of each photo, and a drawing of it from the same place."""
    photos, sheets, aligned = [], [], []
    for entry in entries:
        matrix = views.random_matrix(rng)
        shown = int(rng.choice(3, p=PHOTO_SHARES))
        in_frame = matrix if shown < 2 else _frame_in_whole(entry) @ matrix
        photo = decode((entry.cut, entry.framed, entry.whole)[shown])
        photos.append(views.vary_colors(views.see_picture(photo, matrix, size), rng))
        sheet = draw(entry, in_frame, size, rng)
        sheets.append(sheet)
        aligned.append(shown == 0 and sheet.true)
    drawings = render_sheets(sheets, size, rng)
    pictures = torch.from_numpy(np.stack(photos).transpose(0, 3, 1, 2).copy())
    labels = torch.tensor([entry.item.label for entry in entries])
    return Batch(pictures, drawings, labels, torch.tensor(aligned))


def draw(entry: Entry, matrix: views.Matrix, size: int, rng: np.random.Generator, kind: str = "") -> Sheet:
    """A drawing by one of the training generators, chosen at random or by name, under a view."""
    if not kind:
        kinds = sorted({d.kind for d in entry.drawings} | set(generators.PICTURES))
        chances = np.array([generators.SHARES[k] for k in kinds])
        kind = str(rng.choice(kinds, p=chances / chances.sum()))
    if kind in generators.PICTURES:
        maker = generators.draw_xdog if kind == "xdog" else generators.draw_gradient
        picture = maker(decode(entry.cut), rng)
        return Sheet(None, views.see_picture(picture, matrix, size), True)
    options = [d for d in entry.drawings if d.kind == kind]
    points, true = views.vary_strokes(options[int(rng.integers(len(options)))].points, rng)
    return Sheet(views.see_strokes(points, matrix, size), None, true)


def render_sheets(sheets: list[Sheet], size: int, rng: np.random.Generator) -> Tensor:
    """Drawings as pictures [batch, 1, size, size], each with a pen, a grey and a sharpness of its own."""
    strokes = max((len(s.points) for s in sheets if s.points is not None), default=1)
    points = np.zeros((len(sheets), strokes, 4, 2), dtype=np.float32)
    widths = np.ones((len(sheets), strokes), dtype=np.float32)
    greys = np.zeros((len(sheets), strokes, 1), dtype=np.float32)
    there = np.zeros((len(sheets), strokes), dtype=bool)
    for i, sheet in enumerate(sheets):
        pen = np.exp(rng.uniform(*np.log(WIDTHS))) * size / 224
        uneven = np.exp(rng.normal(0, rng.choice((0.0, 0.2)), strokes))
        widths[i] = pen * uneven
        greys[i] = rng.choice((0.0, rng.uniform(0, 0.5)))
        if sheet.points is not None:
            count = len(sheet.points)
            points[i, :count], there[i, :count] = sheet.points, True
    images = render(
        torch.from_numpy(points),
        torch.from_numpy(widths),
        torch.from_numpy(greys),
        size=size,
        mask=torch.from_numpy(there),
    ).numpy()
    for i, sheet in enumerate(sheets):
        if sheet.picture is not None:
            images[i, 0] = greys[i, 0, 0] + (1 - greys[i, 0, 0]) * sheet.picture
        if rng.random() < 0.2:
            images[i, 0] = cv2.GaussianBlur(images[i, 0], (0, 0), float(rng.uniform(0.4, 1.2)) * size / 224)
    return torch.from_numpy(images)


def _frame_in_whole(entry: Entry) -> views.Matrix:
    """From places of the whole photo to places of the framed square, both in [-1, 1]."""
    left, top, side = entry.place.tolist()
    return np.array([[1 / side, 0, (1 - 2 * left) / side - 1], [0, 1 / side, (1 - 2 * top) / side - 1], [0, 0, 1]])
