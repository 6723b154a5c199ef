"""A contact sheet of what every generator draws, to be looked at before training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from strokewise.raster import render

from . import batches, generators, heldout
from .cache import Entry, decode

CELL = 128
COLUMNS = 9
LABEL = 12


def contact_sheet(train: list[Entry], test: list[Entry], path: Path, rows: int = 12) -> None:
    """Write a picture: half the rows are training photos with the generators' drawings, half are test photos.

    The last four columns of a training row are samples as training sees them: photo and drawing, twice.
    """
    sheet = Image.new("L", (COLUMNS * CELL, rows * (CELL + LABEL)), 255)
    pens = ImageDraw.Draw(sheet)
    optimized = [e for e in train if any(d.kind == "optimized" for d in e.drawings)]
    shown = (_spread(optimized or train, rows // 4) + _spread(train, rows))[: rows // 2]
    lines = [_training_row(entry, i) for i, entry in enumerate(shown)]
    lines += [_test_row(entry) for entry in _spread(test, rows - len(lines))]
    for y, cells in enumerate(lines):
        for x, (name, picture) in enumerate(cells[:COLUMNS]):
            cell = Image.fromarray(np.round(picture * 255).astype(np.uint8)).convert("L").resize((CELL, CELL))
            sheet.paste(cell, (x * CELL, y * (CELL + LABEL)))
            pens.text((x * CELL + 2, y * (CELL + LABEL) + CELL), name, fill=0)
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def _training_row(entry: Entry, seed: int) -> list[tuple[str, NDArray[np.float32]]]:
    rng = np.random.default_rng(seed)
    cells = [("photo", decode(entry.cut))]
    for drawing in entry.drawings:
        cells.append((f"{drawing.kind} {len(drawing.points)}", _picture(drawing.points)))
    if len(cells) >= 7:  # few and many strokes by contour, and both drawings by the optimiser
        cells = [cells[0], cells[1], cells[3], *cells[-2:]]
    cells = cells[: COLUMNS - 4]
    for kind in generators.PICTURES[: COLUMNS - 4 - len(cells)]:
        cells.append((kind, _drawn_afresh(entry, kind, rng)))
    for _ in range(2):
        batch = batches.make_batch([entry], CELL, rng)
        cells.append(("seen photo", batch.photos[0].permute(1, 2, 0).numpy()))
        cells.append(("seen drawing", batch.drawings[0, 0].numpy()))
    return cells


def _test_row(entry: Entry) -> list[tuple[str, NDArray[np.float32]]]:
    cells = [("whole", decode(entry.whole)), ("cut", decode(entry.cut))]
    cells += [(f"held out {n}", _picture(entry.heldout(n).points)) for n in heldout.COUNTS]
    rng = np.random.default_rng(0)
    for kind in generators.PICTURES:
        cells.append((kind, _drawn_afresh(entry, kind, rng)))
    return cells


def _drawn_afresh(entry: Entry, kind: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """What a generator of pictures makes of a photo, seen straight: float32 [y, x]."""
    sheet = batches.draw(entry, np.eye(3), CELL, rng, kind)
    picture: NDArray[np.float32] = batches.render_sheets([sheet], CELL, rng)[0, 0].numpy()
    return picture


def _picture(points: NDArray[np.float32]) -> NDArray[np.float32]:
    image: NDArray[np.float32] = render(torch.from_numpy(points * CELL)[None], 1.2, size=CELL)[0, 0].numpy()
    return image


def _spread(entries: list[Entry], count: int) -> list[Entry]:
    """So many entries, evenly from the list."""
    return [entries[i * len(entries) // count] for i in range(count)] if entries and count else []
