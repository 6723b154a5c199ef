"""Errors hold the arguments they name as values, and each front end words them."""

from __future__ import annotations

import pickle

import pytest

from strokewise import Settings
from strokewise.cli.messages import message_of
from strokewise.errors import Argument, OutputError, PhotoError, SettingsError, StrokewiseError

NO_LINE = PhotoError(
    "cat.png has no line worth drawing",
    fix=("try ", Argument("subject", "keep"), " or ", Argument("placement", "saliency")),
)


@pytest.mark.parametrize(
    ("argument", "python", "typed"),
    [
        (Argument("steps"), "steps", "--steps"),
        (Argument("max_pixels"), "max_pixels", "--max-pixels"),
        (Argument("max_pixels", 108_000_000, typed="108"), "max_pixels=108000000", "--max-pixels 108"),
        (Argument("seed", 3), "seed=3", "--seed 3"),
        (Argument("force", True), "force=True", "--force"),
        (Argument("device", "cpu"), 'device="cpu"', "--device cpu"),
        (Argument("labels", ["cat", "dog"]), 'labels=["cat", "dog"]', "--labels cat,dog"),
        (Argument("labels", ["salt, pepper", "é"]), 'labels=["salt, pepper", "é"]', "--labels '\"salt, pepper\",é'"),
        (Argument("pen_up", "M5"), 'pen_up="M5"', "pen_up M5"),  # which is no option
    ],
    ids=str,
)
def test_one_argument_in_two_front_ends(argument: Argument, python: str, typed: str) -> None:
    error = StrokewiseError("it does not work", fix=("give ", argument))
    assert str(error) == f"it does not work: give {python}"
    assert message_of(error) == f"it does not work: give {typed}"


def test_a_setting_is_a_field_and_begins_the_sentence() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(steps=-1)
    error = caught.value
    assert (error.setting, error.value) == ("steps", -1)
    assert str(error) == "steps must be a whole number from 0 to 100000, not -1"
    assert message_of(error) == "--steps must be a whole number from 0 to 100000, not -1"


def test_text_that_looks_like_an_argument_stays_as_it_is() -> None:
    error = OutputError("force=True/a.svg exists already", fix=("replace it with ", Argument("force", True)))
    assert message_of(error) == "force=True/a.svg exists already: replace it with --force"


def test_a_message_alone() -> None:
    assert str(StrokewiseError("a, b")) == message_of(StrokewiseError("a, b")) == "a, b"
    assert str(StrokewiseError("a", fix="do b")) == "a: do b"
    assert str(StrokewiseError()) == ""


def test_errors_pass_between_processes() -> None:
    for error in (NO_LINE, SettingsError("must be 1", setting="seed", value=0, fix="write 1")):
        there = pickle.loads(pickle.dumps(error))
        assert type(there) is type(error)
        assert (str(there), there.setting, there.value) == (str(error), error.setting, error.value)
        assert message_of(there) == message_of(error)


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", 'cat.png has no line worth drawing: try Background: Keep or placement="saliency"'),
        ("zh", 'cat.png has no line worth drawing: try 背景: 保留 or placement="saliency"'),
    ],
)
def test_the_studio_names_its_labels(language: str, expected: str) -> None:
    pytest.importorskip("gradio")
    from strokewise.studio.errors import message_of as message_on_page
    from strokewise.studio.translations import translate

    assert message_on_page(NO_LINE, language) == expected
    wrong = SettingsError("must be from 1 to 64", setting="candidates")
    assert message_on_page(wrong, "en") == f"{translate('en', 'starts')} must be from 1 to 64"
