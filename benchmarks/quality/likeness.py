"""How like its photo a drawing is, as the encoder of this checkout sees it: the loss, and which photo it finds.

Both sides are measured by the same code, whatever encoder they drew with. The encoder is what drawings are made to
please, so this is no independent judge.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from strokewise import Settings, Sketch, StrokewiseError, open_photo
from strokewise.drawing import find_scorer
from strokewise.encoders import AnyEncoder
from strokewise.encoders.embedded import Embedded
from strokewise.photo.preparing import Prepared, frame_photo, prepare
from strokewise.raster import rasterize

from .draw import HERE, digest_sources

Embedding = NDArray[np.float32]


@dataclasses.dataclass(frozen=True)
class Framing:
    """A photo, framed as this checkout frames it for drawing."""

    prepared: Prepared
    settings: Settings

    @classmethod
    def of(cls, path: Path) -> Framing:
        """A photo with default settings.

        Raises:
            StrokewiseError: it cannot be drawn.
        """
        settings = Settings(device="cpu", encoder="embedded")
        return cls(prepare(path, settings), settings)

    def on_canvas(self, sketch: Sketch) -> NDArray[np.float64]:
        """A drawing's strokes, float64 [stroke, point, xy], in pixels of the canvas."""
        frame = self.prepared.framed.frame
        return frame.to_canvas(sketch.points) * (self.settings.size / frame.size)

    def loss(self, sketch: Sketch) -> float:
        """The total of the drawing, by a black pen of the usual width."""
        return float(find_scorer(self.prepared, self.settings).totals([self.on_canvas(sketch)])[0])

    def embedding(self, sketch: Sketch) -> Embedding:
        """What the encoder sees in the drawing, float32 [dimension]."""
        size = self.settings.size
        points = self.on_canvas(sketch)
        widths = np.full((1, len(points)), self.settings.canvas_width)
        picture = rasterize(points[None], widths, size=size).picture[0]
        return _embedding(self.prepared.encoder, np.ascontiguousarray(np.broadcast_to(picture, (3, size, size))))


def _embedding(encoder: AnyEncoder, picture: NDArray[np.float32]) -> Embedding:
    if not isinstance(encoder, Embedded):
        raise TypeError("photos are ranked by the embedded encoder")
    return np.asarray(encoder.features(picture[None]).embedding[0], dtype=np.float32)


class Gallery:
    """Photos among which a drawing has to find its own, by the cosine of embeddings.

    Args:
        work: folder where their embeddings are kept.
    """

    def __init__(self, work: Path) -> None:
        self.folder = work / "embeddings"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.version = digest_sources(HERE / "src" / "strokewise")
        self.names: dict[Path, int] = {}
        self.rows: list[Embedding] = []
        self._encoder: AnyEncoder | None = None

    def add(self, path: Path) -> bool:
        """One more photo; False if it cannot be read, or is there already."""
        content = hashlib.sha256(path.read_bytes()).hexdigest()[:24]
        kept = self.folder / f"{self.version}-{content}.npy"
        if not kept.is_file():
            try:
                found = self._embed(path)
            except StrokewiseError:
                return False
            part = kept.with_suffix(".part")
            with part.open("wb") as file:
                np.save(file, found)
            part.replace(kept)
        row = np.load(kept)
        row /= max(float(np.linalg.norm(row)), 1e-12)
        if any(np.array_equal(row, other) for other in self.rows):
            return False  # the same photo twice would make a tie
        self.names[path] = len(self.rows)
        self.rows.append(row)
        return True

    def _embed(self, path: Path) -> Embedding:
        settings = Settings(device="cpu", encoder="embedded")
        if self._encoder is None:
            self._encoder = prepare(path, settings).encoder
        seen = frame_photo(open_photo(path), settings)
        return _embedding(self._encoder, np.ascontiguousarray(seen.seen(settings.size)[0]))

    def rank(self, path: Path, drawing: Embedding) -> int | None:
        """Place of a photo among all by likeness to a drawing of it, 1 for the nearest; None if it is not there."""
        own = self.names.get(path)
        return None if own is None else place_of(drawing, np.stack(self.rows), own)


def place_of(drawing: Embedding, photos: Embedding, own: int) -> int:
    """Place of a photo by cosine, 1 for the nearest; one that is as near counts as nearer.

    Args:
        drawing: float32 [dimension].
        photos: float32 [photo, dimension], of length 1 each.
        own: which of them is drawn.
    """
    likeness = photos @ drawing
    return int((likeness >= likeness[own]).sum())


def spread(paths: Sequence[Path], most: int) -> list[Path]:
    """So many of some photos, taken evenly."""
    if len(paths) <= most:
        return list(paths)
    return [paths[k * len(paths) // most] for k in range(most)]
