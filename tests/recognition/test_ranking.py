"""Drawings of any kind in, labels out, the likeliest first."""

import dataclasses

import numpy as np
import pytest
from networks import LABELS, write_network
from PIL import Image, ImageDraw

from strokewise.errors import RecognizeError, StrokewiseError
from strokewise.recognition import ranking as module
from strokewise.recognition.inputs import sketch_picture
from strokewise.recognition.ranking import Recognition, recognize, recognize_all
from strokewise.recognition.recognizers import NONE, load_recognizer
from strokewise.sketch import Sketch


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    return load_recognizer(str(write_network(folder / "mine.safetensors", temperature=2.0, background=0.25)))


def test_any_kind_of_drawing_is_ranked(judge, sketch, tmp_path):
    (tmp_path / "a.svg").write_text(sketch.to_svg())
    image = Image.new("RGB", (90, 90), "white")
    ImageDraw.Draw(image).line((20, 20, 70, 50), fill="black", width=3)
    drawings = [sketch, tmp_path / "a.svg", sketch.to_svg().encode(), image, np.asarray(image)]
    found = recognize_all(drawings, ["Cat", "dog", "Grand Piano"], none=True, recognizer=judge)
    assert [one.recognizer for one in found] == ["mine.safetensors"] * 5
    for one in found:
        assert {label for label, _ in one.ranked} == {"Cat", "dog", "Grand Piano", NONE}
        chances = [chance for _, chance in one.ranked]
        assert sum(chances) == pytest.approx(1) and chances == sorted(chances, reverse=True)
        assert one.place(one.top) == 1 and one.probability("grand_piano") == dict(one.ranked)["Grand Piano"]
    assert dict(found[0].ranked) == pytest.approx(dict(found[1].ranked), abs=1e-3)
    assert found[3].ranked == found[4].ranked
    by_hand = judge.probabilities(sketch_picture(sketch)[None], ["Cat", "dog", "Grand Piano"], none=True)[0]
    assert dict(found[0].ranked) == pytest.approx(dict(zip(["Cat", "dog", "Grand Piano", NONE], by_hand, strict=True)))


def test_all_classes_unless_labels_are_given_and_batches_change_nothing(judge, sketch, monkeypatch):
    others = [dataclasses.replace(sketch, points=sketch.points * [1, k]) for k in (1, 2, 3)]
    alone = [recognize(one, recognizer=judge) for one in others]
    assert {label for label, _ in alone[0].ranked} == set(LABELS)
    monkeypatch.setattr(module, "BATCH", 2)
    for one, together in zip(alone, recognize_all(others, recognizer=judge), strict=True):
        assert dict(one.ranked) == pytest.approx(dict(together.ranked), rel=1e-4)
    assert recognize_all([], recognizer=judge) == []


def test_one_label_is_no_choice_unless_none_is_allowed(judge, sketch):
    with pytest.raises(RecognizeError, match="one label is no choice"):
        recognize(sketch, ["cat"], recognizer=judge)
    assert {label for label, _ in recognize(sketch, ["cat"], none=True, recognizer=judge).ranked} == {"cat", NONE}


def test_a_recognition_knows_only_what_it_was_asked():
    found = Recognition((("horse", 0.75), (NONE, 0.25)), "a judge")
    assert (found.top, found.place("HORSE"), found.place(NONE), found.probability(NONE)) == ("horse", 1, 2, 0.25)
    with pytest.raises(RecognizeError, match="'cow' was not among the labels; they were horse, none of these"):
        found.probability("cow")


def test_nothing_to_recognise_is_one_line(judge):
    for nothing in (
        Sketch.of((9, 9), np.zeros((0, 4, 2))),
        b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'/>",
    ):
        with pytest.raises(StrokewiseError, match="nothing"):
            recognize(nothing, recognizer=judge)
