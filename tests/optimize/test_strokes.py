"""How strokes take a step: Adam, what is joined, what is locked, what bends smoothly."""

import numpy as np
import pytest
import torch
from blur_encoder import line
from hypothesis import given, settings
from hypothesis import strategies as st

from strokewise.optimize.strokes import Adam, StrokeParameters, _SmoothJoints, joining

FREE = np.zeros(2, dtype=bool)


def test_adam_is_adam():
    value = torch.tensor([[1.0, -2.0, 3.0]])
    theirs = value.clone().requires_grad_()
    optimizer = torch.optim.Adam([theirs], lr=0.1, betas=(0.8, 0.95), eps=1e-12)
    mine, adam = value.numpy().astype(float), Adam(value.numpy())
    for step in range(20):
        gradient = torch.cos(theirs.detach() * 3 + step)
        theirs.grad = gradient.clone()
        mine = adam.step(mine, gradient.numpy(), 0.1)
        optimizer.step()
    np.testing.assert_allclose(mine, theirs.detach().numpy(), rtol=1e-5, atol=1e-6)


def test_of_numbers_that_are_measured_alike_those_with_little_effect_move_little():
    value, gradient = np.zeros((2, 2)), np.array([[1.0, 0.01], [0.02, 0.0002]])
    apart = Adam(value).step(value, gradient, 1.0)
    alike = Adam(value, alike=True).step(value, gradient, 1.0)
    assert apart.flatten().tolist() == pytest.approx([-1] * 4, rel=1e-4)
    assert (alike[:, 0] / alike[:, 1]).tolist() == pytest.approx([100, 100], rel=1e-4)
    np.testing.assert_allclose(alike[0], alike[1])  # each drawing by its own measure


def test_joining_averages_only_ends_that_meet():
    points = np.array([line(10), line(10) + [0, 44], line(50)])
    matrix = joining(points)
    assert matrix.sum(1).tolist() == pytest.approx([1] * 12)
    assert matrix[3, 4] == matrix[4, 3] == 0.5 and (matrix > 0).sum() == 12 + 2


def test_ends_between_which_others_lead_are_joined_too():
    """Each is near the next, the first is not near the last: one average for all, or they would drift apart."""
    points = np.array([line(10), line(10) + [0.04, 44], line(50)])
    points[2, 0] = points[1, 0] + [0.04, 0]
    matrix = joining(points)
    assert matrix[[3, 4, 8]][:, [3, 4, 8]] == pytest.approx(np.full((3, 3), 1 / 3))


def test_locked_strokes_hold_the_ends_that_lie_on_them_and_no_others():
    points = np.array([line(10), line(10) + [0, 44], line(50)])
    matrix = joining(points, locked=np.array([True, False, False]))
    assert np.abs(matrix[:5]).sum() == 0  # the locked stroke, and the end that is joined to it
    assert np.array_equal(matrix[5:], joining(points)[5:])


@pytest.mark.parametrize("count", [4, 7, 10])
def test_locked_strokes_never_move_by_one_bit(count):
    rng = np.random.default_rng(0)
    points = rng.uniform(0, 60, (2, 3, count, 2)) / 3  # not what float32 can hold
    points[:, 1, 0] = points[:, 0, -1]
    locked = np.array([[True, False, False], [False, False, True]])
    strokes = StrokeParameters(points, locked)
    before = strokes.points.copy()
    for _ in range(5):
        strokes.move(rng.normal(size=points.shape), np.full((2, 1, 1, 1), 0.7))
    found = strokes.points
    assert np.array_equal(found[locked], points[locked])
    assert np.array_equal(found[0, 1, 0], before[0, 1, 0])  # joined to a locked one
    assert not np.array_equal(found[1, 1, 0], before[1, 1, 0])
    np.testing.assert_allclose(found[1, 1, 0], found[1, 0, -1], atol=1e-4)
    assert (np.abs(found - points)[~locked].max((1, 2)) > 0.5).all()


def smooth_chain(turn=0.0):
    """Two cubics that go on into each other at (30, 30), up to a turn in radians."""
    ahead = np.array([np.cos(turn), np.sin(turn)])
    return np.array([[5, 10], [10, 25], [22, 30], [30, 30], [30, 30] + 4 * ahead, [50, 40], [55, 55.0]])


def kink(points):
    """Sine of the turn at the point between, and where it lies between its handles."""
    back, on = points[3] - points[2], points[4] - points[3]
    sine = (back[0] * on[1] - back[1] * on[0]) / np.linalg.norm(back) / np.linalg.norm(on)
    return sine, np.linalg.norm(back) / (np.linalg.norm(back) + np.linalg.norm(on))


def test_smooth_chains_stay_smooth_and_corners_stay_free():
    rng = np.random.default_rng(3)
    points = np.stack([smooth_chain(), smooth_chain(1.2)])[None]
    strokes = StrokeParameters(points, FREE[None])
    np.testing.assert_array_equal(strokes.points, points)
    for _ in range(20):
        strokes.move(rng.normal(size=points.shape), np.full((1, 1, 1, 1), 0.5))
    bend, corner = strokes.points[0]
    assert np.abs(bend - points[0, 0]).max() > 1 and np.abs(corner - points[0, 1]).max() > 1
    sine, share = kink(bend)
    assert abs(sine) < 1e-3 and share == pytest.approx(2 / 3, abs=1e-3)
    assert abs(kink(corner)[0] - kink(points[0, 1])[0]) > 0.02


@settings(deadline=None)
@given(st.sampled_from([4, 7, 10, 16]), st.integers(0, 2**32 - 1), st.booleans())
def test_the_gradient_of_what_follows_is_passed_on(count, seed, degenerate):
    rng = np.random.default_rng(seed)
    points = np.linspace(0, 60, count)[None, :, None] * [1, 0.5] + rng.normal(size=(2, count, 2)) * 0.3
    if degenerate:
        points[:, 2:5] = points[:, 2:3]  # handles of no length have no direction to keep
    bends = _SmoothJoints(points, np.array([False, True]))
    assert len(bends) <= (count - 4) // 3 and not (len(bends) and degenerate and count == 7)
    weights, way = rng.normal(size=points.shape), rng.normal(size=points.shape)
    # What follows is affine in the points, so that the gradient is exact in any direction.
    change = ((bends.follow(points + way) - bends.follow(points)) * weights).sum()
    assert (bends.pass_on(weights) * way).sum() == pytest.approx(change, rel=1e-9, abs=1e-9)
    np.testing.assert_allclose(bends.follow(points), points, atol=1e-9)


def test_another_drawing_in_the_place_of_one():
    points = np.stack([np.stack([line(10), line(10) + [0, 44]]), np.stack([line(20), line(50)])])
    strokes = StrokeParameters(points, np.zeros((2, 2), dtype=bool))
    gradient, rate = np.ones_like(strokes.points), np.ones((2, 1, 1, 1))
    strokes.move(gradient, rate)
    strokes.keep([1])
    strokes.restart(0, points[0])
    np.testing.assert_array_equal(strokes.points[0], points[0])
    gradient = np.zeros((1, 2, 4, 2))
    gradient[0, 0, 3] = 1.0
    strokes.move(gradient, rate[:1])
    np.testing.assert_allclose(strokes.points[0, 0, 3], strokes.points[0, 1, 0])  # joined, as that drawing is
    assert strokes.points[0, 0, 3, 0] < 10
