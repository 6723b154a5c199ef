"""Continuing a drawing: locked strokes stay exactly, the others move, and new strokes come where they help most."""

import re

import numpy as np
import pytest

import strokewise
from strokewise.bezier import evaluate
from strokewise.continuing import check_add, in_single_curves, kept, onto_photo
from strokewise.errors import SettingsError
from strokewise.photo.opening import open_photo
from strokewise.sketch import Sketch

FAST = {"candidates": 1, "steps": 3, "subject": "keep"}


def paths(sketch):
    return re.findall(r' d="([^"]*)"', sketch.to_svg())


@pytest.fixture
def photo(disc_image):
    return disc_image(240, 180, (150, 80), 50)


@pytest.fixture
def half():
    """Two quarters of the disc's outline, at uneven coordinates, and a stroke that lies astray."""
    quarter = np.array([[50, 0], [50, 27.6], [27.6, 50], [0, 50]]) * 1.0
    points = np.stack([quarter + (150, 80), quarter * (-1, 1) + (150, 80), np.linspace((20, 20), (60, 33.3), 4)])
    points += 0.1234567
    return Sketch.of((240, 180), points, widths=[2, 3, 4], colors=[[1, 0, 0], [0, 0, 1], [0, 0, 0]], paper=(1, 1, 0.6))


def test_locked_and_kept_strokes_stay_exactly_and_the_others_move(photo, half):
    given = strokewise.from_svg(half.to_svg().replace('stroke="#ff0000"', 'stroke="#ff0000" data-locked="true"'))
    result = strokewise.carry_on(photo, given, keep=(1,), **FAST)
    assert paths(result)[:2] == paths(half)[:2] and paths(result)[2] != paths(half)[2]
    assert len(result) == 3 and result.locked.tolist() == [True, True, False]
    np.testing.assert_allclose(result.widths, half.widths)
    np.testing.assert_allclose(result.colors, half.colors)
    assert result.paper == half.paper and result.canvas == (240, 180)
    assert result.metadata["carried_on"] == {"strokes": 3, "added": 0, "locked": [0, 1]}
    assert result.metadata["losses"]["total"] <= result.metadata["placement_losses"]["total"]


def test_the_setting_strokes_is_the_final_number(photo, half):
    assert len(strokewise.carry_on(photo, half, strokes=np.int64(5), **FAST)) == 5
    assert len(strokewise.carry_on(photo, half, strokes=3, keep=np.array([1]), **FAST)) == 3


def test_added_strokes_come_last_where_the_outline_is_missing(photo, half):
    given = half.reordered([0, 1])
    result = strokewise.carry_on(photo, given, keep=(0, 1), add=3, **FAST)
    assert len(result) == 5 and paths(result)[:2] == paths(given)
    assert result.locked.tolist() == [True] * 2 + [False] * 3
    new = evaluate(result.points[2:], np.linspace(0, 1, 30)).reshape(-1, 2)
    away = np.linalg.norm(new - (150, 80), axis=1)
    assert np.abs(away - 50).max() < 12
    upper = new[:, 1] < 80
    assert upper.mean() > 0.8  # the lower half was there
    np.testing.assert_allclose(result.widths[2:], 2.5)  # the median of those given
    assert result.metadata["settings"]["strokes"] == 5


def test_colours_can_be_optimised_while_locked_ones_stay(photo, half):
    result = strokewise.carry_on(photo, half, keep=(0,), optimize="color,width", **{**FAST, "steps": 6})
    np.testing.assert_allclose(result.colors[0], (1, 0, 0))
    assert result.widths[0] == 2
    assert not np.allclose(result.colors[1:], half.colors[1:]) and not np.allclose(result.widths[1:], half.widths[1:])


def test_a_canvas_of_another_size_is_scaled_and_of_another_aspect_centred(photo, half):
    opened, messages = open_photo(photo), []
    small = onto_photo(half.scaled(0.5), opened, messages.append)
    np.testing.assert_allclose(small.points, half.points)
    np.testing.assert_allclose(small.widths, half.widths)
    assert not messages
    square = Sketch.of((90, 90), half.points[:1] * 0 + (45, 45))
    centred = onto_photo(square, opened, messages.append)
    np.testing.assert_allclose(centred.points, np.full((1, 4, 2), (120, 90)))
    assert centred.canvas == (240, 180) and "centred" in messages[0] and "90 x 90" in messages[0]


def test_strokes_partly_and_wholly_outside(photo, half):
    across = np.linspace((-30, 80), (100, 80), 4)
    beyond = np.linspace((-500, -500), (-400, -450), 4)
    given = Sketch.of((240, 180), np.stack([half.points[0], across, beyond]))
    messages = []
    result = strokewise.carry_on(photo, given, notice=messages.append, **{**FAST, "steps": 15})
    assert paths(result)[2] == paths(given)[2] and paths(result)[1] != paths(given)[1]
    assert not result.locked.any()
    assert any("stay as they are: 1" in line for line in messages)


def test_chains_stay_chains_unless_strokes_are_added(photo, half):
    first, second = half.points[0], half.points[1][::-1] + (half.points[0][3] - half.points[1][3])
    chain = Sketch.of((240, 180), np.concatenate([first, second[1:]])[None], widths=3)
    assert strokewise.carry_on(photo, chain, **FAST).points.shape == (1, 7, 2)
    messages = []
    assert strokewise.carry_on(photo, chain, add=2, notice=messages.append, **FAST).points.shape == (4, 4, 2)
    assert any("are split" in line for line in messages)
    apart = in_single_curves(chain)
    np.testing.assert_array_equal(apart.points, np.stack([first, second]))
    assert apart.widths.tolist() == [3, 3]


def test_a_sketch_of_another_program(photo):
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 120 90"><g stroke="navy" fill="none" stroke-width="2">'
        '<polyline points="40,40 60,20 80,15"/><path d="M100 40 Q 95 60 75 65 t -10 3"/></g></svg>'
    )
    result = strokewise.carry_on(photo, strokewise.from_svg(text), add=1, **FAST)
    assert result.canvas == (240, 180) and len(result) == 5
    np.testing.assert_allclose(result.widths, 4)
    np.testing.assert_allclose(result.colors, np.tile([0, 0, 128 / 255], (5, 1)), atol=1e-6)


def test_stages_freeze_what_was_drawn(photo):
    first = strokewise.draw_in_stages(photo, (2,), **FAST)
    both = strokewise.draw_in_stages(photo, (2, 3), **FAST)
    assert len(first) == 2 and len(both) == 5
    assert paths(both)[:2] == paths(first)
    assert both.metadata["stages"] == [2, 3] and not both.locked.any()


def test_stages_end_where_one_is_asked_to_stop(photo):
    sketch = strokewise.draw_in_stages(photo, (2, 3), callback=lambda progress: progress.step >= 1, **FAST)
    assert sketch.metadata["stages"] == [2] and sketch.metadata["stopped"] == "asked"


@pytest.mark.parametrize(
    "ask, part",
    [
        ({"keep": (3,)}, "no stroke 3 in the sketch to keep: number them from 0 to 2"),
        ({"keep": (-1,)}, "no stroke -1"),
        ({"add": -1}, "from 0 to 256, not -1"),
        ({"add": 254}, "3 strokes and 254 more"),
        ({"keep": (0, 1, 2)}, "every stroke of the sketch is locked"),
        ({"schedule": "paper"}, "schedule paper"),
        ({"one_line": True}, "one line"),
        ({"steps": -1}, "steps must be"),
    ],
)
def test_wrong_requests_are_refused_before_the_photo_is_opened(half, ask, part):
    with pytest.raises(SettingsError, match=re.escape(part)):
        strokewise.carry_on("missing.png", half, **ask)


@pytest.mark.parametrize("stages", [(), (4, 0), (200, 100), (2.5,), (True,)])
def test_wrong_stages(stages):
    with pytest.raises(SettingsError, match="stages"):
        strokewise.draw_in_stages("missing.png", stages)


def test_a_sketch_without_strokes():
    with pytest.raises(SettingsError, match="no strokes"):
        check_add(kept(Sketch.of((10, 10), np.zeros((0, 4, 2))), ()), 3)
