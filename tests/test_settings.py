from __future__ import annotations

import dataclasses
import inspect
import json
import typing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import strokewise
from strokewise import Settings, SettingsError
from strokewise.settings import PEN, SettingsChanges


def test_defaults_are_allowed_and_plain() -> None:
    values = Settings().as_dict()
    assert Settings(**values) == Settings()
    assert json.loads(json.dumps(values)) == values


@pytest.mark.parametrize(
    "name, low, high", [("strokes", 1, 256), ("seed", 0, 2**32 - 1), ("candidates", 1, 64), ("size", 64, 1024)]
)
def test_whole_numbers_have_bounds(name: str, low: int, high: int) -> None:
    for value in (low, high):
        assert getattr(Settings(**{name: value}), name) == value
    for wrong in (low - 1, high + 1, float(low), str(low), None, True):
        with pytest.raises(SettingsError, match=f"^{name} must be a whole number from {low} to {high}, not "):
            Settings(**{name: wrong})


def test_numbers_of_numpy_are_as_good() -> None:
    settings = Settings(strokes=np.int64(8), seed=np.uint32(3), width=np.float32(1.5))  # type: ignore[arg-type]
    assert settings == Settings(strokes=8, seed=3, width=1.5)
    assert {type(settings.strokes), type(settings.seed), type(settings.width)} == {int, float}
    with pytest.raises(SettingsError, match="^strokes must be"):
        Settings(strokes=np.True_)  # type: ignore[arg-type]


def test_width_is_automatic_unless_it_is_given_and_drawings_are_compared_with_a_pen() -> None:
    assert Settings().width == "auto" and Settings().pen == PEN == 1.5
    assert Settings(size=448).canvas_width == 3 and Settings(width=4).pen == 4
    with pytest.raises(SettingsError, match=r"^width must be auto or a number from 0\.1 to 20, not 'bold'$"):
        Settings(width="bold")  # type: ignore[arg-type]


@given(st.floats())
def test_width_is_in_range_or_refused(width: float) -> None:
    if 0.1 <= width <= 20:
        assert Settings(width=width).width == width
    else:
        with pytest.raises(SettingsError, match=r"^width must be auto or a number from 0\.1 to 20"):
            Settings(width=width)


@pytest.mark.parametrize("name", ["placement", "subject", "device"])
def test_choices_list_what_is_known(name: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} must be one of .*{getattr(Settings(), name)}.*, not 'other'"):
        Settings(**{name: "other"})


@pytest.mark.parametrize("size, expected", [(224, 1.5), (448, 3.0), (112, 0.75)])
def test_stroke_width_keeps_its_share_of_the_canvas(size: int, expected: float) -> None:
    assert Settings(width=1.5, size=size).canvas_width == expected


def test_settings_do_not_change() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().strokes = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    "given, kept",
    [
        ("", ""),
        ("width", "width"),
        (" color,Width , color", "width,color"),
        ("color,opacity,width", "width,opacity,color"),
    ],
)
def test_what_is_optimized_is_put_in_order(given: str, kept: str) -> None:
    settings = Settings(optimize=given)
    assert settings.optimize == kept and settings.vary == frozenset(kept.split(",")) - {""}
    assert dataclasses.replace(settings, seed=3) == Settings(optimize=kept, seed=3)


@pytest.mark.parametrize("wrong", ["colour", "width,", " ", ",", "width opacity", None, 3, ["width"]])
def test_what_cannot_be_optimized_is_refused(wrong: object) -> None:
    with pytest.raises(SettingsError, match="^optimize must be any of width, opacity, color, with commas between"):
        Settings(optimize=wrong)  # type: ignore[arg-type]


def test_the_papers_loop_moves_shapes_only() -> None:
    with pytest.raises(SettingsError, match="^optimize works with schedule swift"):
        Settings(optimize="width", schedule="paper")
    with pytest.raises(SettingsError, match="^one_line works with placement contour and schedule swift"):
        Settings.paper(one_line=True)


@pytest.mark.parametrize("wrong", ["yes", 1, None])
def test_one_line_is_true_or_false(wrong: object) -> None:
    with pytest.raises(SettingsError, match="^one_line must be true or false, not "):
        Settings(one_line=wrong)  # type: ignore[arg-type]


def test_settings_given_by_name_are_those_of_settings() -> None:
    assert typing.get_type_hints(SettingsChanges) == typing.get_type_hints(Settings)
    assert SettingsChanges.__required_keys__ == frozenset()


@pytest.mark.parametrize("name", ["draw", "carry_on", "draw_in_stages", "ladder", "fewest", "evaluate", "draw_many"])
def test_functions_type_the_settings_that_they_take_by_name(name: str) -> None:
    (last,) = [p for p in inspect.signature(getattr(strokewise, name)).parameters.values() if p.kind is p.VAR_KEYWORD]
    assert last.annotation == "Unpack[SettingsChanges]"


@pytest.mark.parametrize("name", ["text", "not_text"])
@pytest.mark.parametrize(
    "wrong", ["", "   ", "\t", "...", "a\nb", "a\x07b", "\ud800", "a\u202eb", "x" * 301, 7, b"cat"]
)
def test_what_is_no_text_is_refused_in_one_line(name: str, wrong: object) -> None:
    with pytest.raises(SettingsError, match=f"^{name} ") as caught:
        Settings(**{"text": "cat", name: wrong})  # type: ignore[arg-type]
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


@pytest.mark.parametrize("text", ["cat", "an angry cat", '"quoted"', "it's", "猫", "🐱", "👩\u200d🚀", "x" * 300])
def test_any_line_of_words_is_a_text(text: str) -> None:
    assert Settings(text=text).text == text
    assert Settings(text=f"  {text}  ").text == text


def test_a_text_is_noted_only_where_there_is_one() -> None:
    assert not {"text", "text_weight", "not_text"} & set(Settings().as_dict())
    noted = Settings(text="cat", not_text="a dog", text_weight=2).as_dict()
    assert (noted["text"], noted["not_text"], noted["text_weight"]) == ("cat", "a dog", 2.0)
    assert Settings(**noted) == Settings(text="cat", not_text="a dog", text_weight=2)


@pytest.mark.parametrize("weight", [-0.1, 10.1, float("nan"), "1", None, True])
def test_the_weight_of_a_text_has_bounds(weight: object) -> None:
    with pytest.raises(SettingsError, match="^text_weight must be a number from 0 to 10"):
        Settings(text="cat", text_weight=weight)  # type: ignore[arg-type]


def test_what_a_text_does_not_go_with() -> None:
    with pytest.raises(SettingsError, match="^not_text needs a text"):
        Settings(not_text="letters")
    with pytest.raises(SettingsError, match="^text is not looked at in a draft"):
        Settings(text="cat", draft=True)
