"""Ladder and fewest strokes, with a recogniser whose answers are given beforehand."""

import numpy as np
import pytest
from PIL import Image

from strokewise import Settings
from strokewise.abstraction import fewest, ladder
from strokewise.bezier import evaluate
from strokewise.coarsening import Coarsening
from strokewise.errors import OutputError, RecognizeError, SettingsError
from strokewise.export.svg.text import from_svg
from strokewise.photo.preparing import prepare

FAST = {"steps": 2, "candidates": 1, "size": 96, "subject": "keep"}


class ScriptedRecognizer:
    """Takes the photo for `photo`, and each drawing for a horse with the next of the given probabilities."""

    name = "scripted"
    labels = ("cat", "dog", "horse")

    def __init__(self, answers, photo="horse", of_photo=0.9):
        self.answers, self.photo, self.of_photo, self.seen = list(answers), photo, of_photo, 0

    def probabilities(self, images, labels, *, none=False):
        assert images.shape == (1, 3, 224, 224) and not none
        if self.photo is not None:  # the first question is what the photo shows
            name, confidence, self.photo = self.photo, self.of_photo, None
        else:
            name, confidence = "horse", self.answers[self.seen]
            self.seen += 1
        rest = (1 - confidence) / (len(labels) - 1)
        return np.array([[confidence if label == name else rest for label in labels]])


def apart(sketch, above):
    """Mean distance of the strokes of one drawing from those of another, pixels."""
    t = np.linspace(0, 1, 50)
    curves, others = (evaluate(s.points, np.broadcast_to(t, (len(s), 50))).reshape(-1, 2) for s in (sketch, above))
    return np.linalg.norm(curves[:, None] - others[None], axis=2).min(1).mean()


def test_each_rung_is_made_of_the_one_above(disc_image):
    steps = ladder(disc_image(), (3, 12, 6, 6), **FAST)
    assert [len(rung) for rung in steps.rungs] == [12, 6, 3]
    assert [rung.metadata.get("rungs_above") for rung in steps.rungs] == [None, [12], [12, 6]]
    assert [rung.metadata["settings"]["strokes"] for rung in steps.rungs] == [12, 6, 3]
    for above, rung in zip(steps.rungs, steps.rungs[1:], strict=False):
        assert rung.canvas == (160, 120)
        assert apart(rung, above) < 2.0


def test_independent_rungs_are_the_drawings_of_their_own(disc_image):
    import strokewise

    alone = ladder(disc_image(), (5, 2), independent=True, **FAST)
    assert [len(rung) for rung in alone.rungs] == [5, 2]
    for rung in alone.rungs:
        own = strokewise.draw(disc_image(), strokes=len(rung), **FAST)
        assert rung.to_svg() == own.to_svg()


def test_the_same_seed_gives_the_same_files(disc_image, tmp_path):
    path = tmp_path / "disc.png"
    disc_image().save(path)
    first, second = (ladder(path, (6, 3), **FAST).save(tmp_path / name) for name in ("a", "b"))
    assert [p.name for p in first] == ["disc-6.svg", "disc-3.svg", "disc-ladder.svg", "disc-ladder.png"]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert len(from_svg(first[1].read_bytes())) == 3
    with Image.open(first[3]) as sheet:
        assert sheet.size[0] > 3 * 320


def test_files_are_replaced_only_with_force(disc_image, tmp_path):
    steps = ladder(disc_image(), (3, 2), **FAST)
    steps.save(tmp_path / "out")
    before = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    (tmp_path / "out" / "drawing-3.svg").unlink(missing_ok=True)
    with pytest.raises(OutputError, match="exists already"):
        steps.save(tmp_path / "out")
    left = {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()}
    assert left.items() <= before.items()
    steps.save(tmp_path / "out", force=True)
    assert {p.name: p.read_bytes() for p in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize("counts", [8, "8,4", None])
def test_counts_must_be_a_list(disc_image, counts):
    with pytest.raises(SettingsError, match="counts must be a list of numbers of strokes"):
        ladder(disc_image(), counts)


def test_short_forms(disc_image):
    assert repr(ladder(disc_image(), (3, 2), **FAST)) == "<Ladder image, 3, 2 strokes>"
    found = fewest(disc_image(), most=1, recognizer=ScriptedRecognizer([0.9]), **FAST)
    assert repr(found) == "<Fewest 1 stroke for horse, reached>"


@pytest.mark.parametrize("wrong", [0, "16", 2.5, None, [4]])
def test_counts_must_be_numbers_of_strokes(disc_image, wrong):
    with pytest.raises(SettingsError, match="counts must name"):
        ladder(disc_image(), ())
    with pytest.raises(SettingsError, match="strokes must be a whole number"):
        ladder(disc_image(), (4, wrong))


def test_a_coarser_drawing_leaves_the_finer_one_as_it_is(disc_image):
    settings = Settings(strokes=6, **FAST)
    first = Coarsening.start(prepare(disc_image(), settings), settings)
    before, points = first.sketch.to_svg(), first.points.copy()
    second = first.down(3)
    assert len(second.sketch) == 3 and second.above == (6,) and second.down(2).above == (6, 3)
    assert first.sketch.to_svg() == before and (first.points == points).all() and first.above == ()
    assert first.down(3).sketch.to_svg() == second.sketch.to_svg()
    with pytest.raises(ValueError, match="7 are more than 6"):
        first.down(7)


def test_a_callback_ends_each_drawing_and_the_ladder_is_whole(disc_image):
    steps_done = []
    steps = ladder(disc_image(), (6, 3), callback=lambda p: steps_done.append(p) or True, **{**FAST, "steps": 50})
    assert [len(rung) for rung in steps.rungs] == [6, 3] and len(steps_done) == 2


def test_below_the_last_recognised_count_it_goes_down_one_by_one(disc_image):
    # 12, 8 and 6 are recognised, 4 and 3 are not; then 5 is.
    judge = ScriptedRecognizer([0.95, 0.9, 0.85, 0.3, 0.2, 0.81])
    found = fewest(disc_image(), most=12, recognizer=judge, **FAST)
    assert found.label == "horse" and found.recognizer == "scripted" and found.reached and found.confidence == 0.8
    assert found.curve == ((12, 0.95), (8, 0.9), (6, 0.85), (5, 0.81), (4, 0.3), (3, 0.2))
    assert len(found.sketch) == 5
    assert found.sketch.metadata["rungs_above"] == [12, 8, 6]


def test_a_drawing_is_compared_with_the_confidence_in_the_photo(disc_image):
    judge = ScriptedRecognizer([0.45, 0.41, 0.39, 0.1], of_photo=0.5)
    found = fewest(disc_image(), most=4, recognizer=judge, **FAST)
    assert found.curve == ((4, 0.45), (3, 0.41), (2, 0.39), (1, 0.1)) and len(found.sketch) == 3
    assert found.reached and found.of_photo == 0.5
    found = fewest(disc_image(), most=2, confidence=1, recognizer=ScriptedRecognizer([0.89, 0.1]), **FAST)
    assert not found.reached


def test_a_drawing_taken_for_something_else_is_not_recognised(disc_image):
    said = []
    judge = ScriptedRecognizer([0.35, 0.33, 0.34], of_photo=0.4)  # of three labels: below a third, another is likelier
    found = fewest(disc_image(), most=3, recognizer=judge, notice=said.append, **FAST)
    assert found.curve == ((3, 0.35), (2, 0.33), (1, 0.34)) and len(found.sketch) == 1
    found = fewest(disc_image(), most=1, recognizer=ScriptedRecognizer([0.33], of_photo=0.4), **FAST)
    assert not found.reached
    assert any("that is a guess" in line for line in said)


def test_one_miss_does_not_end_the_search(disc_image):
    judge = ScriptedRecognizer([0.9, 0.5, 0.9, 0.1, 0.1])
    found = fewest(disc_image(), most=8, recognizer=judge, **FAST)
    assert found.curve == ((8, 0.9), (6, 0.5), (4, 0.9), (3, 0.1), (2, 0.1)) and len(found.sketch) == 4


def test_all_the_way_down(disc_image):
    found = fewest(disc_image(), most=3, recognizer=ScriptedRecognizer([0.9] * 3), **FAST)
    assert [count for count, _ in found.curve] == [3, 2, 1] and len(found.sketch) == 1 and found.reached


def test_without_a_recognised_drawing_the_nearest_is_given(disc_image):
    found = fewest(disc_image(), most=3, recognizer=ScriptedRecognizer([0.2, 0.4, 0.1]), **FAST)
    assert not found.reached and len(found.sketch) == 2


def test_a_callback_ends_the_search(disc_image):
    found = fewest(disc_image(), most=6, recognizer=ScriptedRecognizer([0.9]), callback=lambda p: True, **FAST)
    assert [count for count, _ in found.curve] == [6]


@pytest.mark.parametrize("confidence", [0, -1, 1.5, True, float("nan"), "0.8", None])
def test_confidence_out_of_range(disc_image, confidence):
    with pytest.raises(SettingsError, match="confidence must be"):
        fewest(disc_image(), confidence=confidence, recognizer=ScriptedRecognizer([]), **FAST)


def test_a_recogniser_without_labels_needs_some(disc_image):
    judge = ScriptedRecognizer([0.9] * 3)
    judge.labels = None
    with pytest.raises(RecognizeError, match="labels must be given"):
        fewest(disc_image(), recognizer=judge, **FAST)
    found = fewest(disc_image(), most=2, recognizer=judge, labels=("horse", "cow"), **FAST)
    assert found.label == "horse"


def test_a_label_is_found_however_it_is_spelt(disc_image):
    found = fewest(disc_image(), most=1, label=" Horse", recognizer=ScriptedRecognizer([0.9]), **FAST)
    assert found.label == "horse" and found.reached
