"""What is counted, against figures made by hand."""

import json

import pytest
from evaluation_shapes import said

from strokewise.recognition.evaluation import Evaluation, Figures, Result, Share, Skipped, Tally, wilson
from strokewise.recognition.recognizers import NONE
from strokewise.settings import Settings

LABELS = ("cat", "dog", "a|b, c", "horse")


def result(label: str, order: str, with_none: str, strokes: int | None = 4, seconds: float | None = 1.0) -> Result:
    """Answers by their letters: c, d, a, h, and n for none of these; best first."""
    names = {label[0]: label for label in (*LABELS, NONE)}

    def ranking(letters: str) -> list[tuple[str, float]]:
        return [(names[letter], (len(letters) - i) / 20) for i, letter in enumerate(letters)]

    forced, allowed = said(*ranking(order)), said(*ranking(with_none))
    return Result(f"{label}/1.jpg", label, strokes, f"drawings/{label}/1-{strokes}.svg", seconds, forced, allowed)


RESULTS = [
    result("cat", "cdah", "ncdah", seconds=1.0),
    result("cat", "dcah", "dcnah", seconds=4.0),
    result("dog", "dcah", "dncah", seconds=None),
    result("dog", "ahcd", "nahcd", seconds=2.0),
    result("dog", "dcah", "dncah", strokes=16, seconds=None),
]
PHOTOS = [result("cat", "cdah", "cdahn", strokes=None), result("dog", "dcah", "dcahn", strokes=None)]


@pytest.mark.parametrize("hits, count, low, high", [(10, 20, 0.299, 0.701), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0)])
def test_wilson_against_the_book(hits: int, count: int, low: float, high: float) -> None:
    assert wilson(hits, count) == pytest.approx((low, high), abs=1e-3)


def test_share_of_nothing_tells_nothing() -> None:
    assert Share(0, 0).share == 0
    assert Share(0, 0).ci == (0, 1)


def test_tally_counts_places_and_none() -> None:
    tally = Tally.of(RESULTS[:4])
    assert tally.forced_top1 == Share(2, 4)
    assert tally.forced_top3 == Share(3, 4)
    assert tally.with_none_top1 == Share(1, 4)
    assert tally.with_none_top3 == Share(3, 4)  # none of these takes one of the three places
    assert tally.none_said == Share(2, 4)


def test_figures_by_level_and_class() -> None:
    figures = Figures.of(RESULTS, PHOTOS, LABELS)
    four, sixteen = figures.levels
    assert figures.chance == 0.25
    assert (four.strokes, sixteen.strokes, figures.photos.strokes) == (4, 16, None)
    assert list(four.classes) == ["cat", "dog"] and list(sixteen.classes) == ["dog"]
    assert four.classes["cat"].forced_top1 == Share(1, 2)
    assert four.confusion == {"cat": [1, 1, 0, 0], "dog": [0, 1, 1, 0]}
    assert four.confusion_with_none == {"cat": [0, 1, 0, 0, 1], "dog": [0, 1, 0, 0, 1]}
    assert (four.seconds, four.seconds_total) == (2.0, 7.0)
    assert (sixteen.seconds, sixteen.seconds_total) == (None, 0.0)
    assert figures.photos.overall.forced_top1 == Share(2, 2)


@pytest.fixture
def evaluation() -> Evaluation:
    skipped = (Skipped("cat/2|x.jpg", "cat", "damaged", 4),)
    figures = Figures.of(RESULTS, PHOTOS, LABELS)
    settings = Settings(strokes=7, steps=3)
    return Evaluation(figures, tuple(RESULTS), tuple(PHOTOS), skipped, LABELS, (4, 16), settings, "eye", "spread")


def test_table_has_a_row_for_each_count(evaluation: Evaluation) -> None:
    head, rule, four, sixteen, photos = (
        [cell.strip() for cell in line.strip("|").split("|")] for line in evaluation.table().splitlines()
    )
    assert head[:4] == ["strokes", "drawings", "forced choice, top-1", "top-3"]
    assert len(rule) == len(head)
    low, high = (round(100 * end) for end in wilson(2, 4))
    assert four[:3] == ["4", "4", f"50 % ({low} to {high})"]
    assert four[-2:] == ["50 % (15 to 85)", "2.00"]
    assert sixteen[:2] == ["16", "1"] and sixteen[-1] == ""
    assert photos[:2] == ["photos", "2"]


def test_dictionary_is_json_that_tells_all(evaluation: Evaluation) -> None:
    document = json.loads(json.dumps(evaluation.as_dict(), allow_nan=False))
    assert document["settings"]["steps"] == 3 and "strokes" not in document["settings"]
    assert (document["encoder"], document["recognizer"], document["labels"]) == ("eye", "spread", list(LABELS))
    assert document["figures"]["levels"][0]["forced_top1"] == {
        "hits": 2,
        "count": 4,
        "share": 0.5,
        "ci": list(wilson(2, 4)),
    }
    assert document["results"][1]["forced"] == {
        "top": [["dog", 0.2], ["cat", 0.15], ["a|b, c", 0.1]],
        "place": 2,
        "probability": 0.15,
    }
    assert document["skipped"] == [{"photo": "cat/2|x.jpg", "label": "cat", "reason": "damaged", "strokes": 4}]


def test_what_was_skipped_is_named():
    names = [Skipped("cat/1.jpg", "cat", "torn", strokes).named for strokes in (None, 1, 4)]
    assert names == ["cat/1.jpg", "cat/1.jpg with 1 stroke", "cat/1.jpg with 4 strokes"]
