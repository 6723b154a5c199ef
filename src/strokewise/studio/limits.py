"""What visitors may do: limits on sizes, times and numbers."""

from __future__ import annotations

import dataclasses
import math

from ..errors import SettingsError
from ..settings import MOST_STROKES


@dataclasses.dataclass(frozen=True)
class Limits:
    """Limits of a studio. Every value is checked on construction.

    Attributes:
        megabytes: largest upload, 1 to 500.
        megapixels: largest photo, million pixels, 1 to 500; refused before it is decoded.
        seconds: longest time for one drawing, 1 to 86400; then the best so far is kept.
        waiting: most drawings that wait for their turn, 1 to 1000.
        visitors: most visitors whose photo and drawings are kept, 1 to 10000; then those of the visitor who was
            inactive for longest are removed.
        scene_strokes: most strokes of a scene, 1 to 256: scenes take several times as long as other drawings.
        fetching: whether visitors may have larger networks that find subjects fetched; `serve` allows it where only
            this machine reaches the page. Those that are on the disk can be chosen in any case.

    Raises:
        SettingsError: a value is out of its range.
    """

    megabytes: float = 20.0
    megapixels: float = 50.0
    seconds: float = 180.0
    waiting: int = 16
    visitors: int = 64
    scene_strokes: int = 64
    fetching: bool = False

    def __post_init__(self) -> None:
        # Described in words, because the command line has other names for them.
        for name, description, high, unit in (
            ("megabytes", "the largest upload", 500, " MB"),
            ("megapixels", "the largest photo", 500, " million pixels"),
            ("seconds", "the longest time for a drawing", 86_400, " s"),
            ("waiting", "the most drawings that wait", 1000, ""),
            ("visitors", "the most visitors remembered", 10_000, ""),
            ("scene_strokes", "the most strokes of a scene", MOST_STROKES, ""),
        ):
            value = getattr(self, name)
            if not (math.isfinite(value) and 1 <= value <= high):
                raise SettingsError(f"{description} must be from 1 to {high}{unit}, not {value:g}")

    @property
    def bytes(self) -> int:
        """Largest upload, bytes."""
        return int(self.megabytes * 1_000_000)

    @property
    def pixels(self) -> int:
        """Most pixels of a photo."""
        return int(self.megapixels * 1_000_000)
