"""Drawings of words alone: what they start from, that they read, and what is said of those that do not."""

import dataclasses

import numpy as np
import pytest

import strokewise
from strokewise import Settings, SettingsError, imagining
from strokewise.encoders import embedded
from strokewise.imagining import first_strokes, imagine, scatter
from strokewise.words.targets import ClassTarget

QUICK = {"steps": 4, "candidates": 2, "encoder": "embedded", "device": "cpu"}


def start(word="cup", seed=0, **changes):
    settings = Settings(text=word, seed=seed, **changes)
    return first_strokes(ClassTarget((word,), (0,)), settings, np.random.default_rng(seed))


def test_a_word_is_drawn_and_reads_as_it():
    said = []
    sketch = imagine("a mug", strokes=8, notice=said.append, **QUICK)
    assert len(sketch) == 8 and sketch.canvas == (224, 224)
    known = sketch.metadata
    assert known["settings"]["text"] == "a mug" and known["encoder"] == "embedded"
    assert known["read"]["asked"] == known["read"]["as"] == "cup" and known["read"]["probability"] > 0.5
    assert any("the drawing reads as 'cup'" in line for line in said)
    again = imagine("a mug", strokes=8, **QUICK)
    assert again.to_svg() == sketch.to_svg()
    assert strokewise.from_svg(sketch.to_svg()).metadata["settings"]["text"] == "a mug"


@pytest.mark.parametrize("strokes", [1, 5, 8, 33])
def test_any_number_of_strokes(strokes):
    assert len(imagine("cup", strokes=strokes, **{**QUICK, "steps": 1})) == strokes


def test_seeds_differ_and_the_first_has_the_most_typical_ones_as_they_are():
    first = start()
    assert len(first.candidates) == 3 and first.candidates[0].shape == (1, 16, 4, 2)
    inner = [points for points in first.finest if ((points > -30) & (points < 254)).all()]
    assert len(inner) == 3
    assert not np.allclose(start(seed=1).candidates[0], start(seed=2).candidates[0])
    # More candidates than there are drawings of the word: those that come again are varied.
    many = start(candidates=30).candidates
    assert len({points.tobytes() for points in many}) == 30


def test_a_word_without_a_typical_drawing_is_refused(monkeypatch):
    monkeypatch.setattr(imagining, "typical_words", lambda: ("dog",))
    with pytest.raises(
        SettingsError, match="^'cup' has no typical drawing to start from: strokewise models words --im"
    ):
        imagine("a mug", strokes=3, **QUICK)


def test_scattered_strokes_are_calm_and_lie_within():
    points = scatter(40, 100, np.random.default_rng(0))
    assert points.shape == (40, 4, 2)
    assert ((points.mean(1) > 10) & (points.mean(1) < 90)).all()
    legs = np.diff(points, axis=1)
    cosines = (legs[:, 1:] * legs[:, :-1]).sum(2) / (
        np.linalg.norm(legs[:, 1:], axis=2) * np.linalg.norm(legs[:, :-1], axis=2)
    )
    assert np.median(cosines) > 0.8


def test_a_drawing_that_does_not_read_says_so(monkeypatch):
    """Nothing but a blank sheet of dots is asked to be a cup."""
    dots = np.zeros((1, 3, 4, 2)) + np.linspace(100, 101, 4)[:, None]
    fake = imagining.Start([dots], [np.zeros((0, 4, 2))], [dots[0]], "cup")
    monkeypatch.setattr(imagining, "first_strokes", lambda *given: fake)
    said = []
    sketch = imagine("cup", strokes=3, notice=said.append, **{**QUICK, "steps": 0})
    assert sketch.metadata["read"]["as"] != "cup"
    assert any(line.startswith(imagining.UNREAD) and "'cup'" in line and "which drew it" in line for line in said)


def test_a_drawing_that_is_carried_on_keeps_its_words():
    pixels = np.ones((64, 64, 3), np.float32)
    pixels[20:44, 16:48] = 0.2
    quick = {"steps": 1, "candidates": 1, "encoder": "embedded", "size": 64, "subject": "keep"}
    sketch = strokewise.draw(pixels, strokes=2, text="a dog", text_weight=0.5, **quick)

    def told(given, **changes):
        return strokewise.carry_on(pixels, given, **{**quick, **changes}).metadata["settings"].get("text")

    assert told(sketch) == "a dog" and told(sketch, text="cat") == "cat"
    # What a file says may be anything, and what another encoder understood may mean nothing to this one.
    for text, remarks in (("an angry dog", 1), ("a\nb", 0), (7, 0)):
        settings = {**sketch.metadata["settings"], "text": text}
        said = []
        other = dataclasses.replace(sketch, metadata={**sketch.metadata, "settings": settings})
        assert told(other, notice=said.append) is None
        assert sum("the sketch's own text is left out" in line for line in said) == remarks


def test_stopping_keeps_the_best_so_far():
    sketch = imagine("cup", strokes=4, callback=lambda progress: True, **QUICK)
    assert sketch.metadata["stopped"] == "asked" and len(sketch) == 4


@pytest.mark.parametrize("name, value", [("one_line", True), ("optimize", "width"), ("placement", "saliency")])
def test_settings_for_photos_are_refused(name, value):
    with pytest.raises(SettingsError, match=f"^{name} is for drawings of photos"):
        imagine("cup", **{name: value})


@pytest.mark.parametrize("text", ["", " ", "\n", "a\0b", 7, None, "x" * 301])
def test_what_is_no_text_is_refused(text):
    with pytest.raises(SettingsError, match="^text "):
        imagine(text)


def test_words_that_are_not_known_are_refused_before_any_work():
    with pytest.raises(SettingsError, match="did you mean 'cup'"):
        imagine("cupp", encoder="embedded")


def test_clip_takes_any_sentence_and_comes_nearer_to_it(clip_shelf):
    changes = {**QUICK, "encoder": "clip-vit-b-32", "size": 64, "strokes": 5}
    begun = imagine("an angry cat on the moon", **{**changes, "steps": 0})
    sketch = imagine("an angry cat on the moon", not_text="letters", **{**changes, "steps": 12})
    assert len(sketch) == 5 and "read" not in sketch.metadata
    assert begun.metadata["losses"]["geometric"] == 0
    assert sketch.metadata["losses"]["total"] < sketch.metadata["placement_losses"]["total"]
    assert sketch.metadata["settings"]["not_text"] == "letters"


def test_clip_starts_from_what_a_word_looks_like(clip_shelf):
    settings = Settings(text="a flamingo", encoder="clip-vit-b-32")
    target = imagining.find_target(imagining.load_encoder_on("clip-vit-b-32", "cpu"), "clip-vit-b-32", settings)
    assert first_strokes(target, settings, np.random.default_rng(0)).word == "flamingo"
    other = dataclasses.replace(settings, text="a flamingo on a bicycle")
    assert first_strokes(target, other, np.random.default_rng(0)).word == ""


def test_the_embedded_encoder_is_the_default_without_clip(empty_hub_cache, monkeypatch):
    monkeypatch.setenv("STROKEWISE_OFFLINE", "1")
    assert imagine("cup", strokes=1, steps=0, candidates=1).metadata["encoder"] == embedded.Embedded.name
