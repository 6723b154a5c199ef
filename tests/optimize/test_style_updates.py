"""Ink that moves: its gradients, its bounds, and that there is only so much of it."""

import numpy as np
import pytest
from blur_encoder import SIZE, line
from hypothesis import given, settings
from hypothesis import strategies as st

from strokewise.optimize.style_updates import (
    COLOR_RANGE,
    OPACITIES,
    START_OPACITY,
    START_OPACITY_COLOR,
    WIDTHS,
    StyleParameters,
    _balanced,
    meeting,
)
from strokewise.sketch import StrokeStyle

ALL = frozenset({"width", "opacity", "color"})
POINTS = np.stack([line(10), line(30), line(50)])


def moving(style=None, locked=(False, False, False), vary=ALL, points=POINTS):
    style = style or StrokeStyle(
        np.full(3, 2.0), np.array([[0.5, 0.1, 0.1], [0.2, 0.2, 0.2], [0.0, 0.3, 0.9]]), np.ones(3)
    )
    both = style.spread(2, 3)
    still = np.array([locked, locked])
    return StyleParameters(both, np.stack([points] * 2), still, vary, width=2.0, size=SIZE)


def now(style):
    return style.style


def push(style, steps, **slopes):
    """So many steps with the same gradient [stroke, ...] in both drawings; that of widths is of their logarithms."""
    points = np.stack([POINTS] * 2)
    for _ in range(steps):
        style_now = style.style
        gradients = {
            "width": np.zeros(style_now.widths.shape),
            "opacity": np.zeros(style_now.opacities.shape),
            "color": np.zeros(style_now.colors.shape),
        }
        gradients |= {name: np.stack([slope] * 2) for name, slope in slopes.items()}
        gradients["width"] = gradients["width"] / style_now.widths
        style.move(points, gradients, np.ones(2))


def test_what_does_not_vary_or_is_locked_keeps_all_its_bits():
    given_ink = StrokeStyle(np.array([1.1, 2.1, 3.3]), np.array([[0.1, 0.7, 0.3]] * 3), np.array([0.7, 0.9, 0.3]))
    style = moving(given_ink, locked=(True, False, False), vary=frozenset({"width"}))
    push(style, 10, width=[-1.0, -2.0, 3.0])
    found = now(style)
    assert found.widths[:, 0].tolist() == [1.1, 1.1] and (found.widths[:, 1:] != [2.1, 3.3]).all()
    assert np.array_equal(found.colors[0], given_ink.colors) and np.array_equal(found.opacities[0], given_ink.opacities)
    style = moving(given_ink, locked=(True, False, False))
    push(style, 10, opacity=[-1.0, -2.0, 3.0], color=np.random.default_rng(0).normal(size=(3, 3)))
    found = now(style)
    assert found.opacities[0, 0] == 0.7 and found.colors[0, 0].tolist() == [0.1, 0.7, 0.3]
    assert found.opacities[0, 1] != 0.9 and (found.colors[0, 1:] != given_ink.colors[1:]).any()


def test_there_is_only_so_much_ink():
    style = moving(vary=frozenset({"width", "opacity"}))
    push(style, 40, width=[-3.0, -2.0, 0.5], opacity=[-3.0, -2.0, 0.5])
    found = now(style)
    # Three lines of one length: all would like to swell, those swell that gain most by it.
    assert found.widths[0].mean() == pytest.approx(2.0, rel=1e-3) and (np.diff(found.widths[0]) < 0).all()
    assert (
        found.opacities[0].mean() == pytest.approx(START_OPACITY, rel=1e-3) and (np.diff(found.opacities[0]) <= 0).all()
    )
    assert found.opacities[0, 2] < 0.5
    assert (found.widths >= 2 * WIDTHS[0] - 1e-6).all() and (found.widths <= 2 * WIDTHS[1] + 1e-6).all()


def test_opacities_begin_where_some_can_come_forward():
    assert now(moving(vary=frozenset({"opacity"}))).opacities[0] == pytest.approx([START_OPACITY] * 3)
    assert now(moving(vary=frozenset({"width"}))).opacities[0].tolist() == [1] * 3
    locked = now(moving(vary=ALL, locked=(True, False, False))).opacities[0]
    assert locked == pytest.approx([1, START_OPACITY_COLOR, START_OPACITY_COLOR])


def test_colours_stay_near_those_they_began_with():
    style = moving()
    before = now(style).colors
    push(style, 200, color=np.random.default_rng(0).normal(size=(3, 3)))
    change = now(style).colors - before
    assert 0.01 < np.abs(change).max() <= COLOR_RANGE + 1e-6
    assert now(style).colors.min() >= 0 and now(style).colors.max() <= 1


def test_strokes_that_meet_are_inked_alike():
    joined = np.stack([line(10), line(10) + [0, 44], line(50)])
    matrix = meeting(joined)
    assert matrix.tolist() == [[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 1]]
    apart, together = moving(), moving(points=joined)
    for style in (apart, together):
        push(style, 20, width=[-4.0, 2.0, 0.0])
    assert np.ptp(now(apart).widths[0, :2]) > 0.5
    assert np.ptp(now(together).widths[0, :2]) < 1e-3


def test_carried_ink_may_lie_beyond_the_bounds_and_only_comes_nearer():
    style = moving(StrokeStyle(np.array([9.0, 2.0, 0.2]), np.zeros((3, 3)), np.array([0.05, 0.5, 0.6])))
    before = now(style)
    assert before.opacities[0] == pytest.approx([0.05, 0.5, 0.6])  # as light as they are, they are not lightened
    push(style, 30, width=[-5.0, 0.0, 5.0], opacity=[5.0, 0.0, -5.0])
    found = now(style)
    assert found.widths[0, 0] <= 9.001 and found.widths[0, 2] >= 0.199
    assert found.opacities.min() >= 0.0499 and found.opacities.max() <= OPACITIES[1] + 1e-6


def test_another_drawing_in_the_place_of_one():
    style = moving()
    push(style, 5, width=[-3.0, -2.0, 0.5], color=np.ones((3, 3)))
    style.keep([1])
    fresh = style.fresh(0, np.stack([line(20), line(40)]), np.full((3, SIZE, SIZE), 0.3))
    assert fresh.widths.tolist() == [2, 2] and fresh.opacities.tolist() == [START_OPACITY_COLOR] * 2
    assert fresh.colors == pytest.approx(np.full((2, 3), 0.3))
    better = StrokeStyle.joined([now(style).at(0).at([2, 1]), fresh.at([0])])
    style.restart(0, POINTS, better, np.array([False, False, True]))
    for mine, its in zip(now(style), better, strict=True):
        assert mine[0] == pytest.approx(its, abs=1e-6)


def test_new_strokes_take_what_the_others_mostly_have_where_nothing_varies():
    given_ink = StrokeStyle(np.array([3.0, 3.0, 8.0]), np.array([[0, 0, 1.0]] * 3), np.array([0.5, 0.5, 1.0]))
    fresh = moving(given_ink, vary=frozenset()).fresh(0, POINTS[:2], np.zeros((3, SIZE, SIZE)))
    assert fresh.widths.tolist() == [3, 3] and fresh.opacities.tolist() == [0.5, 0.5]
    assert fresh.colors.tolist() == [[0, 0, 1]] * 2


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(0, 2**32 - 1), st.sampled_from([np.exp, np.positive]))
def test_balanced_values_keep_their_mean_and_their_order(strokes, seed, measure):
    rng = np.random.default_rng(seed)
    low, high = np.full((2, strokes), -1.0), np.full((2, strokes), 1.0)
    start = rng.uniform(-1, 1, (2, strokes))
    share = rng.dirichlet(np.ones(strokes), 2)
    mean = (share * measure(start)).sum(1)
    values = start + rng.normal(size=(2, strokes))
    found = _balanced(values, share, mean, low, high, measure)
    assert (found >= low).all() and (found <= high).all()
    np.testing.assert_allclose((share * measure(found)).sum(1), mean, atol=1e-4, rtol=1e-3)
    order = values.argsort(1)
    assert (np.diff(np.take_along_axis(found, order, 1), axis=1) >= 0).all()
