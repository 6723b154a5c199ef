"""Photos of ellipses, wide or tall, and a recogniser that tells them apart by how the ink spreads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from strokewise import Sketch
from strokewise._version import __version__
from strokewise.photo.preparing import Prepared
from strokewise.recognition.ranking import Recognition
from strokewise.settings import Settings

SMALL: dict[str, Any] = {"size": 64, "candidates": 1, "steps": 0, "subject": "keep"}


def ellipse(width: float, height: float, shade: int = 40) -> Image.Image:
    """A dark ellipse on white, 96 x 96 px."""
    image = Image.new("RGB", (384, 384), "white")
    box = [192 - 2 * width, 192 - 2 * height, 192 + 2 * width, 192 + 2 * height]
    ImageDraw.Draw(image).ellipse(box, fill=(shade, shade, shade))
    return image.resize((96, 96), Image.Resampling.BOX)


def make_photos(folder: Path, each: int = 2) -> Path:
    """FOLDER/wide/*.png and FOLDER/tall/*.png."""
    for name in ("wide", "tall"):
        (folder / name).mkdir(parents=True)
        for i in range(each):
            sides = (80 - 4 * i, 36) if name == "wide" else (36, 80 - 4 * i)
            ellipse(*sides).save(folder / name / f"{i}.png")
    return folder


class Spread:
    """Says "wide" or "tall" by which way the ink spreads; "none of these" of what spreads alike both ways."""

    name = "spread"

    def __init__(self, labels: tuple[str, ...] | None = None) -> None:
        self.labels = labels
        self.judged = 0

    def probabilities(
        self, images: NDArray[np.float32], labels: Sequence[str], *, none: bool = False
    ) -> NDArray[np.float64]:
        self.judged += len(images)
        rows = []
        for image in images.astype(np.float64):
            ink = np.abs(image - image[:, :1, :1]).mean(0)
            there = [
                np.average((np.arange(len(line)) - len(line) / 2) ** 2, weights=line)
                for line in (ink.sum(0), ink.sum(1))
            ]
            lead = float(np.log(there[0] / there[1]))
            scores = {"wide": lead, "tall": -lead}
            row = [scores.get(label.casefold(), -5.0) for label in labels] + ([0.2] if none else [])
            rows.append(np.exp(row) / np.exp(row).sum())
        return np.array(rows)


def quick_drawing(prepared: Prepared, settings: Settings) -> Sketch:
    """Stands for `draw_prepared`, which takes most of a second: strokes along the sides of the dark part's box."""
    ys, xs = np.nonzero(prepared.framed.photo[:, :, 1] < 0.95)
    left, top, right, bottom = xs.min(), ys.min(), xs.max(), ys.max()
    corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom], [left, top]], dtype=np.float64)
    corners = prepared.framed.frame.to_photo(corners)
    t = np.linspace(0, 1, 4)[:, None]
    sides = [corners[i % 4] * (1 - t) + corners[i % 4 + 1] * t for i in range(settings.strokes)]
    metadata = {"version": __version__, "settings": settings.as_dict(), "encoder": prepared.encoder_name}
    return Sketch.of((96, 96), np.array(sides), metadata=metadata)


def said(*ranked: tuple[str, float]) -> Recognition:
    """A recognition, best first."""
    return Recognition(tuple(ranked), "spread")
