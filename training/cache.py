"""The cache: what is costly about a photo, made once. One file for each photo, so that a killed run goes on.

    build(items, folder, CacheOptions())      # about a second a photo and core
    entries = [read(folder, item) for item in items]

A file holds the photo three times (whole; framed on its subject; the same without background), and its drawings as
strokes. Same photo and options, same bytes.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from strokewise.encoders import Encoder, load_encoder
from strokewise.engines import torch_encoder
from strokewise.photo.opening import open_photo
from strokewise.photo.preparing import Prepared
from strokewise.placement import ContourPlacement

from . import framing, generators, heldout
from .parallel import run_all, write_atomically
from .photos import Item

SIDE = 176
"""Side of the photos kept, pixels."""
HELDOUT = "heldout"
KINDS = (*generators.STROKES, HELDOUT)


@dataclasses.dataclass(frozen=True)
class CacheOptions:
    """What the cache holds.

    Attributes:
        seed: of the drawings.
        optimized: how many training photos our own optimiser draws; the slowest part, 3 to 5 s a photo.
        steps: steps it takes.
    """

    seed: int = 0
    optimized: int = 250
    steps: int = 15


@dataclasses.dataclass(frozen=True)
class Drawing:
    """Who drew it, and its strokes, float32 [stroke, 4, xy] as shares of the framed square."""

    kind: str
    points: NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Entry:
    """One photo with its drawings.

    Attributes:
        item: which.
        whole, framed, cut: JPEG files of the whole photo, of the framed square, and of that without its background.
        place: left, top and side of the framed square as shares of the whole one.
        drawings: for training photos those of `generators.STROKES`, for test photos the held-out ones.
    """

    item: Item
    whole: bytes
    framed: bytes
    cut: bytes
    place: NDArray[np.float32]
    drawings: tuple[Drawing, ...]

    def heldout(self, count: int) -> Drawing:
        """The held-out drawing of so many strokes; without any if the photo shows no edge."""
        return self.drawings[heldout.COUNTS.index(count)]


def decode(jpeg: bytes) -> NDArray[np.float32]:
    """float32 [y, x, rgb] in [0, 1]."""
    return np.asarray(Image.open(io.BytesIO(jpeg)), dtype=np.float32) / np.float32(255)


def build(items: list[Item], folder: Path, options: CacheOptions, workers: int | None = None) -> None:
    """Make the files that are missing, one process a core.

    Raises:
        SystemExit: the folder holds a cache made with other options.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _same_options(folder, options)
    chosen = sorted((i for i in items if not i.test), key=lambda i: i.key[16:])[: options.optimized]
    optimized = {item.key for item in chosen}
    # The costly ones first, so that no core is left alone with one at the end.
    missing = sorted((i for i in items if not _file(folder, i).exists()), key=lambda i: i.key not in optimized)
    jobs = [(item, item.key in optimized) for item in missing]
    if jobs:
        run_all(functools.partial(_make, folder=folder, options=options), jobs, workers or os.cpu_count() or 1, "cache")


def read(folder: Path, item: Item) -> Entry:
    """What the cache holds of a photo."""
    with np.load(_file(folder, item)) as data:
        drawings, at = [], 0
        for kind, count in zip(data["kinds"].tolist(), data["counts"].tolist(), strict=True):
            drawings.append(Drawing(KINDS[kind], data["points"][at : at + count].astype(np.float32)))
            at += count
        whole, framed, cut = (data[name].tobytes() for name in ("whole", "framed", "cut"))
        return Entry(item, whole, framed, cut, data["place"], tuple(drawings))


def make(item: Item, options: CacheOptions, optimized: bool, encoder: Encoder) -> dict[str, NDArray[Any]]:
    """What is kept of one photo, as arrays."""
    photo = open_photo(item.path)
    framed = framing.frame(photo)
    rng = np.random.default_rng([options.seed, int(item.key[:16], 16)])
    drawings: list[tuple[str, NDArray[np.float64]]] = []
    if item.test:
        drawings += [(HELDOUT, points) for points in heldout.draw_by_edges(framed.image, framed.mask)]
    else:
        scene = framing.scene(framed, encoder)
        trace = ContourPlacement(scene)
        drawings += [("contour", points) for points in generators.by_contour(trace, rng)]
        drawings += [("outline", points) for points in generators.by_outline(trace, rng)]
        if optimized:
            prepared = Prepared(photo.info, framed, encoder, encoder.name, "cpu")
            found = generators.by_optimizer(prepared, scene, trace, rng, options.steps)
            drawings += [("optimized", points) for points in found]
        drawings = [(kind, points) for kind, points in drawings if len(points)]
    points = [p / framing.PLACEMENT_SIZE for _, p in drawings]
    return {
        "whole": _jpeg(framing.whole(photo)),
        "framed": _jpeg(framed.photo),
        "cut": _jpeg(framed.image),
        "place": framing.place_in_whole(photo, framed),
        "kinds": np.array([KINDS.index(kind) for kind, _ in drawings], dtype=np.uint8),
        "counts": np.array([len(p) for p in points], dtype=np.int16),
        "points": np.concatenate([np.zeros((0, 4, 2)), *points]).astype(np.float16),
    }


def _make(job: tuple[Item, bool], *, folder: Path, options: CacheOptions) -> None:
    item, optimized = job
    arrays = make(item, options, optimized, _encoder())
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    write_atomically(_file(folder, item), lambda part: part.write_bytes(buffer.getvalue()))


@functools.cache
def _encoder() -> Encoder:
    return torch_encoder(load_encoder("efficientnet-lite0"))


def _jpeg(image: NDArray[np.float32]) -> NDArray[np.uint8]:
    buffer = io.BytesIO()
    small = Image.fromarray(np.round(image * 255).astype(np.uint8)).resize((SIDE, SIDE), Image.Resampling.BOX)
    small.save(buffer, "JPEG", quality=93, subsampling=0)
    return np.frombuffer(buffer.getvalue(), dtype=np.uint8)


def _file(folder: Path, item: Item) -> Path:
    return folder / f"{item.key}.npz"


def _same_options(folder: Path, options: CacheOptions) -> None:
    note = folder / "options.json"
    mine = dataclasses.asdict(options)
    if note.exists() and json.loads(note.read_text("utf-8")) != mine:
        raise SystemExit(f"{folder} was made with other options ({note.name}); name another --work folder")
    write_atomically(note, lambda part: part.write_text(json.dumps(mine) + "\n", "utf-8"))
