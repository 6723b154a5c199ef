"""Drawings stay as good as they are: six free photos, 16 strokes, by the measures of `benchmarks/quality`.

A change that makes drawings better may need new figures here; one that makes them worse needs a reason, too.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from benchmarks.quality.features import measure_eyes
from benchmarks.quality.judges import JUDGE, choices_of, judge_picture, load_judge, picture_of
from strokewise import Recognizer, Settings, draw

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
    "chelsea": Expected("cat", 1.998, ((170, 114), (315, 133))),
    "coffee": Expected("cup", 0.918),
    "cow": Expected("cow", 0.947),
    "dog": Expected("dog", 0.756, ((507, 98), (541, 97))),
    "duck": Expected("duck", 1.004),
    "sheep": Expected("sheep", 1.405),
}


def measure(name: str, judge: Recognizer, seed: int = 0) -> dict[str, float]:
    """A drawing of a photo with default settings: loss, recognition, eyes."""
    expected = EXPECTED[name]
    sketch = draw(EXAMPLES / f"{name}.jpg", Settings(strokes=16, seed=seed, encoder="embedded", device="cpu"))
    choices = choices_of([one.label for one in EXPECTED.values()], judge.labels or ())
    picture = picture_of(sketch)
    assert picture is not None
    found = judge_picture(judge, picture, expected.label, choices)
    found["loss"] = sketch.metadata["losses"]["total"]
    return found if expected.eyes is None else found | measure_eyes(sketch, np.array(expected.eyes, dtype=float))


LOSS = 1.06
"""Most that a loss may rise. On one machine the same seed gives the same bytes; on another one sums are rounded
otherwise, and the optimisation can end elsewhere, as it does with another seed: the losses of seed 1 differ by 1 to
6 %."""
READ = ("coffee", "cow")
"""Drawings that the judge reads in a choice of ten, with seeds 0 and 1 alike: it takes the cat for a dog, and the dog,
the duck and the sheep for others of the ten."""
MISREAD = 1
"""Most of them that may be misread: one can be a matter of rounding, two are not."""
SURE, LESS_SURE = 0.32, 0.1
"""Mean probability of the right label in that choice, and how far it may fall: seed 1 differs by 0.03."""


@pytest.fixture(scope="module")
def measured() -> dict[str, dict[str, float]]:
    judge = load_judge(str(JUDGE))
    return {name: measure(name, judge) for name in EXPECTED}


@pytest.mark.slow
def test_losses_are_not_higher(measured: dict[str, dict[str, float]]) -> None:
    higher = {
        name: (found["loss"], EXPECTED[name].loss)
        for name, found in measured.items()
        if found["loss"] > LOSS * EXPECTED[name].loss
    }
    assert not higher


@pytest.mark.slow
def test_an_independent_network_reads_as_many(measured: dict[str, dict[str, float]]) -> None:
    sure = {name: round(found["sure"], 3) for name, found in measured.items()}
    assert sum(found["forced"] for found in measured.values()) >= len(READ) - MISREAD, sure
    assert np.mean(list(sure.values())) >= SURE - LESS_SURE, sure


@pytest.mark.slow
def test_eyes_are_drawn(measured: dict[str, dict[str, float]]) -> None:
    without = [name for name, one in EXPECTED.items() if one.eyes and not measured[name]["eyes_drawn"]]
    assert not without
