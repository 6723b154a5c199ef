"""Strokes that nearly meet end on each other; all others stay as they are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from strokewise.bezier import evaluate
from strokewise.placement.constants import DEFAULTS
from strokewise.placement.meeting import meet

WALL = [[0.0, 40.0], [30.0, 40.0], [60.0, 40.0], [100.0, 40.0]]
RULES = DEFAULTS.meeting


def upright(first: float, last: float, x: float = 50.0) -> list[list[float]]:
    """A straight stroke down or up at x, from one y to another."""
    return [[x, y] for y in np.linspace(first, last, 4)]


def away(points: np.ndarray, place: np.ndarray) -> float:
    """Distance of a place from a stroke."""
    drawn = evaluate(points[None], np.linspace(0, 1, 2001)[None])[0]
    return float(np.linalg.norm(drawn - place, axis=1).min())


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("short", [1.5, 4.5])
def test_a_line_that_stops_short_is_led_on(scale, short):
    strokes = np.array([WALL, upright(5, 40 - short)]) * scale
    made = meet(strokes, scale)
    assert np.array_equal(made[0], strokes[0])
    assert away(made[0], made[1, 3]) < 0.05 * scale
    assert np.array_equal(made[1, 0], strokes[1, 0])


def test_both_ends_are_led_on():
    strokes = np.array([WALL, np.array(WALL) - [0, 30], upright(13, 37)])
    made = meet(strokes, 1.0)
    assert away(made[0], made[2, 3]) < 0.05 and away(made[1], made[2, 0]) < 0.05


@pytest.mark.parametrize("beyond", [1.5, 5.5])
def test_a_line_that_goes_on_behind_another_is_cut(beyond):
    strokes = np.array([WALL, upright(5, 40 + beyond)])
    made = meet(strokes, 1.0)
    assert np.array_equal(made[0], strokes[0])
    assert made[1, 3] == pytest.approx([50, 40], abs=0.05)
    assert made[1, 0] == pytest.approx([50, 5])


@pytest.mark.parametrize(
    "stroke",
    [
        upright(5, 40 - RULES.reach - 1),  # too far
        upright(5, 40 + RULES.beyond + 1),  # a cross
        upright(36, 44),  # half of it lies behind
        [[10.0, 37.0], [30.0, 37.0], [50.0, 37.0], [80.0, 37.0]],  # beside, not towards
        upright(5, 40),  # meets already
    ],
)
def test_others_stay(stroke):
    strokes = np.array([WALL, stroke])
    assert np.array_equal(meet(strokes, 1.0), strokes)


def test_a_loop_does_not_meet_itself():
    loop = np.array([[[50.0, 50.0], [90.0, 20.0], [90.0, 80.0], [50.0, 53.0]]])
    assert np.array_equal(meet(loop, 1.0), loop)


def test_none_stay_none():
    assert meet(np.zeros((0, 4, 2)), 1.0).shape == (0, 4, 2)


@given(arrays(np.float64, (5, 4, 2), elements=st.floats(0, 224, width=32)))
def test_no_end_goes_far(points):
    made = meet(points, 1.0)
    assert made.shape == points.shape and np.isfinite(made).all()
    # An end is led on by no more than `reach`, or cut back to a place on its own stroke.
    for before, after in zip(points, made, strict=True):
        for end in (0, 3):
            moved = np.linalg.norm(after[end] - before[end])
            assert moved <= RULES.reach + 1e-6 or away(before, after[end]) < 2.0 + RULES.reach
