"""Lottie: what the JSON holds, and how it moves in a player."""

from __future__ import annotations

import json

import numpy as np
import pytest

from strokewise.errors import OutputError
from strokewise.export import save, to_lottie
from strokewise.sketch import Sketch

TWO = Sketch.of(
    (200, 100),
    [[[20, 30], [80, 30], [120, 30], [180, 30]], [[20, 70], [80, 70], [120, 70], [180, 70]]],
    widths=[4, 8],
    colors=[(1, 0, 0), (0, 0, 1)],
    opacities=[1, 0.5],
)


def frame(sketch: Sketch, share: float, seconds: float = 2.0) -> np.ndarray:
    """uint8 [y, x, rgba] of a player at a share of the time."""
    rlottie = pytest.importorskip("rlottie_python")
    with rlottie.LottieAnimation.from_data(to_lottie(sketch, seconds)) as animation:
        last = animation.lottie_animation_get_totalframe() - 1
        return np.asarray(animation.render_pillow_frame(round(share * last), width=200, height=100).convert("RGBA"))


def test_strokes_grow_one_after_another():
    quarter, half, whole = (frame(TWO, share)[..., 3] > 60 for share in (0.25, 0.5, 1.0))
    assert quarter[30, 25:90].all() and not quarter[30, 115:].any() and not quarter[70].any()
    assert half[30, 25:170].all() and not half[70, 30:].any()
    assert whole[30, 20:180].all() and whole[70, 20:180].all()


def test_times_colours_and_order():
    document = json.loads(to_lottie(TWO, 2.0))
    assert (document["fr"], document["op"], document["w"], document["h"]) == (60, 120, 200, 100)
    (layer,) = document["layers"]
    assert [group["nm"] for group in layer["shapes"]] == ["stroke 2", "stroke 1"], "the first lies on top"
    top = {item["ty"]: item for item in layer["shapes"][0]["it"]}
    assert top["st"]["c"]["k"] == [0, 0, 1, 1] and top["st"]["w"]["k"] == 8
    assert [key["t"] for key in top["tm"]["e"]["k"]] == pytest.approx([59.5, 119], abs=0.01)
    assert [key["s"] for key in top["st"]["o"]["k"]] == [[0], [50]]


def test_paper_lies_below():
    document = json.loads(to_lottie(Sketch.of((200, 100), TWO.points, paper=(1, 0.5, 0)), 1.0))
    assert [layer["nm"] for layer in document["layers"]] == ["strokes", "paper"]
    corner = frame(Sketch.of((200, 100), TWO.points, paper=(1, 0.6, 0)), 0.0)[5, 5]
    assert corner.tolist() == [255, 153, 0, 255]


def test_a_dot_is_seen():
    dot = Sketch.of((200, 100), np.full((1, 4, 2), 50.0), widths=20)
    assert frame(dot, 1.0)[50, 50, 3] > 250 and frame(dot, 1.0)[50, 70, 3] == 0


def test_no_strokes_are_an_empty_page():
    assert frame(TWO.reordered([]), 1.0).max() == 0


@pytest.mark.parametrize("seconds", [0, 121, float("nan")])
def test_length_out_of_range(seconds):
    with pytest.raises(OutputError, match="seconds must be from 0.5 to 120"):
        to_lottie(TWO, seconds)


def test_the_double_ending_chooses_the_format(tmp_path):
    path = save(TWO, tmp_path / "Two.Lottie.JSON")
    assert json.loads(path.read_text())["layers"]
    assert "layers" not in json.loads(save(TWO, tmp_path / "lottie.json").read_text())
