"""What a text asks of a drawing: classes of the recogniser, or directions of CLIP's embedding."""

import numpy as np
import pytest
from blur_encoder import BlurEncoder

import strokewise
from strokewise import Settings, SettingsError
from strokewise.encoders import clip, embedded, embedded_torch, weights
from strokewise.words import targets
from strokewise.words.prompts import sentences
from strokewise.words.targets import ClassTarget, SentenceTarget, find_target


@pytest.fixture(scope="module")
def network():
    return embedded.load()


def test_no_text_asks_nothing(network):
    assert find_target(network, "embedded", Settings()) is None


@pytest.mark.parametrize("load", [embedded.load, embedded_torch.load])
def test_words_are_classes_of_the_embedded_encoder(load):
    encoder = load()
    settings = Settings(text="flamingo", not_text="a dog, birds of prey"[:5], text_weight=2)
    target = find_target(encoder, "embedded", settings)
    assert isinstance(target, ClassTarget) and target.words == ("flamingo", "dog")
    assert [encoder.labels[place] for place in target.classes] == ["flamingo"]
    assert [encoder.labels[place] for place in target.unwanted] == ["dog"]
    assert target.weight == pytest.approx(2 * targets.READING) and target.keep == 1


def test_what_is_wanted_cannot_be_unwanted(network):
    with pytest.raises(SettingsError, match="^not_text names cat too"):
        find_target(network, "embedded", Settings(text="cat", not_text="dog, kitten"))


def test_an_unknown_word_that_is_not_wanted_is_named(network):
    with pytest.raises(SettingsError, match="^not_text 'leters' is none of"):
        find_target(network, "embedded", Settings(text="cat", not_text="leters"))


def test_an_encoder_without_words_is_refused():
    with pytest.raises(SettingsError, match='^text is not understood by the encoder blur: use encoder="embedded" or a'):
        find_target(BlurEncoder(), "blur", Settings(text="cat"))


def test_clip_takes_any_sentence_as_the_mean_of_its_prompts(clip_shelf):
    name = "clip-vit-b-32"
    encoder = clip.load(name, clip_shelf / f"{name}.safetensors")
    target = find_target(encoder, name, Settings(text="an angry cat", not_text="text, letters", text_weight=0.5))
    assert isinstance(target, SentenceTarget) and target.away.shape == (2, len(target.towards))
    assert target.weight == pytest.approx(0.5 * targets.LIKENESS)
    tower = clip.load_text(name, clip_shelf / f"{name}.safetensors", clip_shelf / weights.TOKENIZER)
    for found, text in zip([target.towards, *target.away], ["an angry cat", "text", "letters"], strict=True):
        each = tower.text(sentences(text)).numpy()
        mean = (each / np.linalg.norm(each, axis=1, keepdims=True)).mean(0)
        assert found == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


@pytest.mark.parametrize("schedule", ["swift", "paper"])
def test_a_photo_is_drawn_with_a_sentence_by_clip(clip_shelf, schedule):
    pixels = np.ones((64, 64, 3), np.float32)
    pixels[20:44, 16:48] = 0.2
    changes = {"strokes": 2, "steps": 3, "candidates": 1, "size": 64, "subject": "keep", "encoder": "clip-vit-b-32"}
    plain = strokewise.draw(pixels, schedule=schedule, **changes)
    told = strokewise.draw(pixels, schedule=schedule, text="an angry cat", text_weight=10, not_text="text", **changes)
    assert told.metadata["settings"]["text"] == "an angry cat"
    assert told.metadata["losses"]["total"] > plain.metadata["losses"]["total"] + 1  # the words cost something, too
    assert not np.allclose(told.points, plain.points)


def test_prompts_of_sentences_keep_their_own_articles():
    assert sentences("an angry cat.")[:2] == ["an angry cat.", "a sketch of an angry cat."]
    assert sentences("umbrella")[1] == "a sketch of an umbrella."
    assert sentences("two cats")[1] == "a sketch of two cats."
