"""Drawings by `strokewise.draw` itself of photos held out of training: what the encoder will meet."""

from __future__ import annotations

import functools
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import strokewise

from .cache import Entry
from .framing import PLACEMENT_SIZE, frame
from .parallel import run_all, write_atomically
from .photos import Item

COUNTS = (16, 8, 4)


def draw_all(entries: list[Entry], folder: Path, workers: int) -> dict[int, list[NDArray[np.float32]]]:
    """Drawings of each number of strokes, in the order of the photos; those made before are read from `folder`.

    Strokes are float32 [stroke, 4, xy], shares of the framed square. Defaults but for the encoder, the plain one.
    """
    jobs = [(entry.item, count) for entry in entries for count in COUNTS]
    missing = [job for job in jobs if not _file(folder, *job).exists()]
    if missing:
        run_all(functools.partial(_draw, folder=folder), missing, workers, "drawings")
    return {count: [np.load(_file(folder, entry.item, count)) for entry in entries] for count in COUNTS}


def _draw(job: tuple[Item, int], *, folder: Path) -> None:
    item, count = job
    photo = strokewise.open_photo(item.path)
    sketch = strokewise.draw(photo, strokes=count, encoder="efficientnet-lite0", device="cpu")
    points = frame(photo).frame.to_canvas(sketch.points) / PLACEMENT_SIZE
    buffer = io.BytesIO()
    np.save(buffer, points.astype(np.float32))
    write_atomically(_file(folder, item, count), lambda part: part.write_bytes(buffer.getvalue()))


def _file(folder: Path, item: Item, count: int) -> Path:
    return folder / f"{item.key}-{count}.npy"
