"""Drawings stay as good as they are: six free photos, 16 strokes, by the measures of `benchmarks/quality`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.quality.features import measure_eyes
from benchmarks.quality.judges import JUDGE, choices_of, judge_picture, load_judge, picture_of
from strokewise import Settings, draw

EXAMPLES = Path(__file__).parent.parent / "examples"


class Expected(NamedTuple):
    """What was measured of a photo, and where its eyes are.

    Attributes:
        label: what it shows, as the judge calls it.
        loss: the final loss with seed 0.
        eyes: marked by hand, xy in pixels of the photo; None where an eye is not to be seen or too small to be drawn.
    """

    label: str
    loss: float
    eyes: tuple[tuple[int, int], tuple[int, int]] | None = None


EXPECTED = {
    "chelsea": Expected("cat", 9.9, ((170, 114), (315, 133))),
    "coffee": Expected("cup", 9.9),
    "cow": Expected("cow", 9.9),
    "dog": Expected("dog", 9.9),
    "duck": Expected("duck", 9.9),
    "sheep": Expected("sheep", 9.9, ((319, 89), (373, 84))),
}


def measure(name: str, seed: int = 0) -> dict[str, float]:
    """A drawing of a photo with default settings: loss, recognition, eyes."""
    expected = EXPECTED[name]
    sketch = draw(EXAMPLES / f"{name}.jpg", Settings(strokes=16, seed=seed, encoder="embedded", device="cpu"))
    judge = load_judge(str(JUDGE))
    choices = choices_of([one.label for one in EXPECTED.values()], judge.labels or ())
    picture = picture_of(sketch)
    assert picture is not None
    found = judge_picture(judge, picture, expected.label, choices)
    found["loss"] = sketch.metadata["losses"]["total"]
    return found if expected.eyes is None else found | measure_eyes(sketch, np.array(expected.eyes, dtype=float))
