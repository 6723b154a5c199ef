"""Labels in, probabilities out: arithmetic by hand for the embedded head and for CLIP."""

import dataclasses
import math
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import write_network

from strokewise.encoders import clip, embedded, weights
from strokewise.errors import EncoderError, RecognizeError
from strokewise.recognition.clip_recognizer import NEUTRAL, prompts
from strokewise.recognition.ranking import recognize
from strokewise.recognition.recognizers import (
    EmbeddedRecognizer,
    check_labels,
    choose_among,
    describe,
    label_key,
    load_recognizer,
    recognizer_names,
)

sys.path.insert(0, str(Path(__file__).parents[1] / "encoders"))

from tiny_clip import TINY, write

TOKENIZER = Path(__file__).parents[1] / "encoders" / "golden" / "tokenizer.json"
IMAGES = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0)).numpy()
IMAGES[2] = 1


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write_network(tmp_path_factory.mktemp("network") / "mine.safetensors", temperature=2.0, background=0.25)


@pytest.fixture(scope="module")
def judge(file):
    return load_recognizer(str(file))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A folder with a CLIP of tiny-vit's sizes under a published name, and its tokenizer."""
    folder = tmp_path_factory.mktemp("clip")
    write(folder / "clip-vit-b-32.safetensors", TINY["tiny-vit"])
    shutil.copy(TOKENIZER, folder / weights.TOKENIZER)
    return folder


@pytest.fixture
def shelf(tiny, empty_hub_cache, monkeypatch):
    """That CLIP is the only one at hand."""
    monkeypatch.setattr(clip, "CLIPS", {"clip-vit-b-32": TINY["tiny-vit"]})
    monkeypatch.setenv(weights.VARIABLE, str(tiny))
    monkeypatch.setenv("STROKEWISE_OFFLINE", "1")
    return tiny


@pytest.fixture
def clip_judge(shelf):
    return load_recognizer("clip-vit-b-32")


# The embedded head


def softmax(values):
    shares = [math.exp(v) for v in values]
    return [share / sum(shares) for share in shares]


def test_forced_choice_is_the_softmax_over_the_asked_classes(judge):
    logits = (judge.network.recognize(IMAGES).astype(float) / 2).tolist()
    found = judge.probabilities(IMAGES, ["Dog", "cat"])
    assert found.shape == (3, 2) and found.dtype == np.float64
    for row, logit in zip(found, logits, strict=True):
        assert row == pytest.approx(softmax([logit[3], logit[0]]))


def test_none_is_the_background_or_the_likeliest_class_not_asked_for(judge):
    logits = (judge.network.recognize(IMAGES).astype(float) / 2).tolist()
    found = judge.probabilities(IMAGES, ["Dog", "cat"], none=True)
    for row, (cat, piano, car, dog) in zip(found, logits, strict=True):
        assert row == pytest.approx(softmax([dog, cat, max(piano, car, 0.25)]))
    assert any(max(piano, car) > 0.25 for _, piano, car, _ in logits) and any(
        max(piano, car) < 0.25 for _, piano, car, _ in logits
    )


class Fixed:
    """A network whose logits are given."""

    def __init__(self, logits, temperature, background):
        self.labels = tuple(f"class_{i}" for i in range(logits.shape[1]))
        self.logits, self.temperature, self.background = logits, temperature, background

    def recognize(self, images):
        return self.logits


@settings(deadline=None)
@given(st.data())
def test_probabilities_sum_to_one_and_none_only_takes_away(data):
    classes = data.draw(st.integers(2, 6))
    numbers = st.floats(-300, 300, width=32)
    logits = np.array(
        data.draw(st.lists(st.lists(numbers, min_size=classes, max_size=classes), min_size=1, max_size=3))
    )
    temperature, background = data.draw(st.floats(0.05, 20)), data.draw(st.floats(-50, 50))
    recognizer = EmbeddedRecognizer(Fixed(logits, temperature, background))
    asked = data.draw(st.lists(st.sampled_from(recognizer.labels), min_size=1, unique=True))
    forced = recognizer.probabilities(IMAGES, asked)
    free = recognizer.probabilities(IMAGES, asked, none=True)
    assert forced.shape == (len(logits), len(asked)) and free.shape == (len(logits), len(asked) + 1)
    for found in (forced, free):
        assert np.isfinite(found).all() and (found >= 0).all()
        assert found.sum(1) == pytest.approx(np.ones(len(found)))
    assert (free[:, :-1] <= forced + 1e-12).all()
    lower = EmbeddedRecognizer(Fixed(logits, temperature, background - 1)).probabilities(IMAGES, asked, none=True)
    assert (lower[:, -1] <= free[:, -1] + 1e-12).all()
    if len(asked) > 1:
        fewer = recognizer.probabilities(IMAGES, asked[:-1], none=True)
        assert (fewer[:, -1] >= free[:, -1] - 1e-12).all()


@pytest.mark.parametrize(
    "calibration",
    [{"temperature": 0}, {"temperature": math.nan}, {"background": 1e9}, {"temperature": "hot"}, {"mood": 1.0},
     {"background": True}],
)  # fmt: skip
def test_a_calibration_out_of_range_is_refused(tmp_path, calibration):
    with pytest.raises(EncoderError, match="not the weights"):
        embedded.load(write_network(tmp_path / "w.safetensors", **calibration))


def test_without_a_calibration_the_logits_stand_as_they_are(tmp_path, judge):
    network = embedded.load(write_network(tmp_path / "w.safetensors"))
    assert (network.temperature, network.background) == (1.0, 0.0)
    assert (judge.network.temperature, judge.network.background) == (2.0, 0.25)
    np.testing.assert_array_equal(network.recognize(IMAGES), judge.network.recognize(IMAGES))


def test_without_an_idea_of_nothing_the_other_classes_alone_are_none_of_these():
    logits = np.array([[1.0, 3.0, 2.0]])
    assert choose_among(logits, [2], -math.inf)[0] == pytest.approx(softmax([2.0, 3.0]))
    assert choose_among(logits, [2], 5.0)[0] == pytest.approx(softmax([2.0, 5.0]))
    assert choose_among(logits, [2, 0, 1], -math.inf)[0] == pytest.approx([*softmax([2.0, 1.0, 3.0]), 0])


# CLIP


def test_clip_weighs_prompts_as_by_hand(clip_judge):
    assert clip_judge.labels is None and clip_judge.encoder.dtype == torch.float32
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    seen = clip_judge.encoder.features(images).embedding.numpy().astype(float)

    def unit(v):
        return v / np.linalg.norm(v)

    def words(label):
        return unit(np.mean([unit(v) for v in clip_judge.text.text(prompts(label)).numpy().astype(float)], axis=0))

    neutral = [unit(v) for v in clip_judge.text.text(list(NEUTRAL)).numpy().astype(float)]
    forced = clip_judge.probabilities(images.numpy(), ["horse", "two cats"])
    free = clip_judge.probabilities(images.numpy(), ["horse", "two cats"], none=True)
    for i in range(2):
        cosines = [unit(seen[i]) @ words(label) for label in ("horse", "two cats")]
        assert forced[i] == pytest.approx(softmax([100 * c for c in cosines]), rel=1e-3)
        best = max(unit(seen[i]) @ v for v in neutral)
        assert free[i] == pytest.approx(softmax([100 * c for c in [*cosines, best]]), rel=1e-3)


def test_clip_takes_pictures_of_any_size_and_any_words(clip_judge):
    image = np.ones((1, 3, 100, 100), np.float32)
    found = clip_judge.probabilities(image, ["猫", "a cat, sitting", "naïve"], none=True)
    assert found.shape == (1, 4) and found.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("label", "first"),
    [
        ("cat", "a sketch of a cat."),
        ("Umbrella", "a sketch of an Umbrella."),
        ("unicorn", "a sketch of a unicorn."),
        ("hourglass", "a sketch of an hourglass."),
        ("unidentified object", "a sketch of an unidentified object."),
        ("x-ray", "a sketch of an x-ray."),
        ("u-boat", "a sketch of a u-boat."),
        ("grand_piano", "a sketch of a grand piano."),
        ("eiffel  tower", "a sketch of an eiffel tower."),
    ],
)
def test_prompts_are_english(label, first):
    found = prompts(label)
    assert found[0] == first and len(found) == len(set(found)) >= 4


# Which one judges


def test_auto_takes_another_network_than_the_one_that_drew(shelf, file, monkeypatch):
    monkeypatch.setattr(embedded, "WEIGHTS", file)
    assert load_recognizer().name == "clip-vit-b-32"
    assert load_recognizer(drawn_with="clip-vit-b-32").name == "embedded"
    assert load_recognizer(drawn_with="embedded").name == "clip-vit-b-32"
    assert load_recognizer("embedded", drawn_with="embedded").name == "embedded"


def test_auto_makes_do_with_the_only_one_and_says_so(empty_hub_cache, file, monkeypatch, tmp_path):
    monkeypatch.setattr(embedded, "WEIGHTS", file)
    judge = load_recognizer(drawn_with="embedded")
    assert judge.name == "embedded"
    assert describe(judge, "embedded").endswith("the same network that compared drawing and photo")
    assert describe(judge, "clip-rn101") == "recognised by embedded; clip-rn101 compared drawing and photo"
    assert describe(judge) == "recognised by embedded"
    monkeypatch.setattr(embedded, "WEIGHTS", tmp_path / "nowhere")
    with pytest.raises(EncoderError, match="no recogniser is here"):
        load_recognizer()


def test_auto_passes_over_a_clip_that_cannot_read_and_says_why(shelf, tiny, file, tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "WEIGHTS", file)
    said = []
    shutil.copy(tiny / "clip-vit-b-32.safetensors", tmp_path)
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    assert load_recognizer(notice=said.append).name == "embedded"
    assert "tokenizer.json is not beside its weights" in said[0]
    (tmp_path / weights.TOKENIZER).write_text("{}")
    assert load_recognizer(notice=said.append).name == "embedded"
    assert "is no tokenizer" in said[1]
    (tmp_path / "clip-vit-b-32.safetensors").write_text("<html>")
    assert load_recognizer(notice=said.append).name == "embedded"
    assert "a web page" in said[2] and len(said) == 3
    with pytest.raises(EncoderError, match="a web page"):
        load_recognizer("clip-vit-b-32")


def test_auto_never_asks_the_network_and_a_name_does(empty_hub_cache, file, monkeypatch):
    asked = []
    monkeypatch.setattr(embedded, "WEIGHTS", file)
    monkeypatch.setattr(weights, "fetch", lambda name, *a, **o: asked.append(name) or file)
    assert load_recognizer().name == "embedded" and not asked
    with pytest.raises(EncoderError):
        load_recognizer("clip-vit-b-16")
    assert asked[0] == "clip-vit-b-16"


def test_a_clip_asked_for_by_name_without_its_tokenizer_says_what_to_do(shelf, tiny, tmp_path, monkeypatch):
    shutil.copy(tiny / "clip-vit-b-32.safetensors", tmp_path)
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    with pytest.raises(EncoderError, match="tokenizer.json is missing; put the model's"):
        load_recognizer("clip-vit-b-32")


def test_names(file):
    assert recognizer_names() == ["embedded", *sorted(weights.CATALOGUE)]
    assert load_recognizer(str(file)).name == "mine.safetensors"
    with pytest.raises(RecognizeError) as caught:
        load_recognizer("owl")
    assert all(name in str(caught.value) for name in ("owl", "auto", *recognizer_names()))
    with pytest.raises(EncoderError, match=r"^nowhere\.safetensors does not exist: check the name and the folder$"):
        load_recognizer("nowhere.safetensors")


def test_a_sketch_is_not_judged_by_the_network_it_was_drawn_with(shelf, file, sketch, tmp_path, monkeypatch):
    monkeypatch.setattr(embedded, "WEIGHTS", file)
    drawn = dataclasses.replace(sketch, metadata={"encoder": "clip-vit-b-32"})
    (tmp_path / "a.svg").write_text(drawn.to_svg())
    assert recognize(drawn, ["cat", "dog"]).recognizer == "embedded"
    assert recognize(tmp_path / "a.svg", ["cat", "dog"]).recognizer == "embedded"
    clip_is_free = dataclasses.replace(sketch, metadata={"encoder": ["nonsense"]})
    assert recognize(clip_is_free, ["cat", "dog"]).recognizer == "clip-vit-b-32"
    with pytest.raises(RecognizeError, match="labels must be given"):
        recognize(clip_is_free, recognizer="clip-vit-b-32")


def test_without_labels_auto_takes_one_that_knows_classes(shelf, file, sketch, monkeypatch):
    monkeypatch.setattr(embedded, "WEIGHTS", file)
    assert (load_recognizer().name, load_recognizer(listed=True).name) == ("clip-vit-b-32", "embedded")
    assert recognize(sketch).recognizer == "embedded"


# Labels


def test_labels_keep_the_spelling_of_the_user(judge):
    assert check_labels(judge, [" Grand Piano ", "CAR-side", "dog"]) == ("Grand Piano", "CAR-side", "dog")


words = st.text(st.characters(categories=["L", "N"], max_codepoint=0x24F), min_size=1, max_size=5)


@settings(deadline=None)
@given(st.lists(words, min_size=1, max_size=4), st.data())
def test_spellings_of_one_label_match(parts, data):
    gaps = st.sampled_from([" ", "_", "-", "  ", " - "])
    ours, theirs = parts[0], parts[0].upper().lower()
    for part in parts[1:]:
        ours, theirs = ours + data.draw(gaps) + part, theirs + data.draw(gaps) + part
    expected = "_".join(label_key(part) for part in parts)
    assert label_key(ours) == label_key(f" {ours}_") == expected
    if parts[0] == theirs[: len(parts[0])]:
        assert label_key(theirs) == expected


@pytest.mark.parametrize(
    ("labels", "problem"),
    [
        ([], "no labels"),
        (["cat", " "], "is no label"),
        (["cat", "_-"], "is no label"),
        (["cat", "CAT "], "there twice"),
        (["grand piano", "grand_piano"], "there twice"),
        (
            ["cat", "zebra"],
            "mine.safetensors does not know the label 'zebra': it knows cat, grand_piano, car_side, dog",
        ),
        (["cat", "None of these"], "allow it"),
        (["cat", "a\nb"], "in one line"),
        (["cat", "\ud800"], "is no label"),
        (["x" * 1000, "cat"], "is no label"),
        (["cat", 3], "is no label"),
        ("cat, dog", r"must be a list of strings: write \['cat', 'dog'\]"),
        (["cat", "doge"], r"does not know the label 'doge': did you mean dog\?$"),
    ],
)
def test_labels_that_will_not_do(judge, labels, problem):
    with pytest.raises(RecognizeError, match=problem) as caught:
        check_labels(judge, labels)
    assert "\n" not in str(caught.value)


@settings(deadline=None)
@given(st.lists(st.text(max_size=20), max_size=4))
def test_any_labels_are_taken_as_they_are_or_refused(labels):
    class AnyWords:
        name, labels = "any", None

    try:
        found = check_labels(AnyWords(), labels)
    except RecognizeError as error:
        assert "\n" not in str(error)
    else:
        assert found == tuple(label.strip() for label in labels)
