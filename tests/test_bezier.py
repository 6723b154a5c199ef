import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokewise.bezier import bernstein, evaluate, fit, lengths, split, waviness

seeds = st.integers(0, 2**32 - 1)


def curve(points, count=40):
    return evaluate(points[None], np.linspace(0, 1, count)[None])[0]


@given(seeds)
def test_bernstein_weights_sum_to_one(seed):
    assert bernstein(np.random.default_rng(seed).uniform(0, 1, 9)).sum(1) == pytest.approx(np.ones(9))


def test_a_half_circle_is_fitted_closely():
    angle = np.linspace(0, np.pi, 30)
    run = 50 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points, deviations = fit(run[None])
    assert deviations.max() < 1.0
    assert np.abs(np.linalg.norm(curve(points[0]), axis=1) - 50).max() < 1.5


def test_a_straight_run_gives_a_straight_stroke():
    run = np.linspace([0, 0], [30, 40], 16)
    points, deviations = fit(run[None])
    assert deviations.max() < 1e-6
    assert lengths(points)[0] == pytest.approx(50)


@given(seeds)
def test_ends_stay_where_they_are_and_nothing_explodes(seed):
    rng = np.random.default_rng(seed)
    runs = np.cumsum(rng.normal(0, 3, (5, 16, 2)), axis=1)
    runs[0] = runs[0, 0]  # all samples in one place
    points, deviations = fit(runs)
    np.testing.assert_allclose(points[:, 0], runs[:, 0])
    np.testing.assert_allclose(points[:, 3], runs[:, -1])
    assert np.isfinite(points).all() and np.isfinite(deviations).all()
    reach = np.linalg.norm(np.diff(runs, axis=1), axis=2).sum(1)
    assert (np.linalg.norm(points - runs[:, :1], axis=2).max(1) <= 2 * reach + 1e-6).all()


@given(seeds)
def test_a_run_that_is_a_gentle_cubic_is_found_again(seed):
    rng = np.random.default_rng(seed)
    true = np.array([[0, 0], [30, 20], [60, 20], [100, 0]]) + rng.uniform(-8, 8, (4, 2))
    t = np.linspace(0, 1, 400)
    dense = evaluate(true[None], t[None])[0]
    s = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(dense, axis=0), axis=1))])
    even = np.linspace(0, s[-1], 24)
    run = np.stack([np.interp(even, s, dense[:, i]) for i in (0, 1)], axis=1)
    # The method closes in slowly: one percent of the length at once, half of that in time.
    assert fit(run[None])[1].max() < 1.0
    assert fit(run[None], iterations=40)[1].max() < 0.5


@given(seeds, st.floats(0.05, 0.95))
def test_the_halves_of_a_cubic_are_the_cubic(seed, t):
    points = np.random.default_rng(seed).uniform(0, 100, (4, 2))
    left, right = split(points, t)
    u = np.linspace(0, 1, 7)
    np.testing.assert_allclose(evaluate(left[None], u[None]), evaluate(points[None], t * u[None]), atol=1e-9)
    np.testing.assert_allclose(evaluate(right[None], u[None]), evaluate(points[None], t + (1 - t) * u[None]), atol=1e-9)


def test_an_arc_has_no_waves_and_an_s_has_the_smaller_of_its_turns():
    arc = np.array([[0, 0], [1, 1], [2, 1], [3, 0.0]])
    wave = np.array([[0, 0], [1, 1], [2, -1], [3, 0.0]])
    flat = np.array([[0, 0], [1, 1], [2, 1], [3, 1.5]])
    found = waviness(np.stack([arc, wave, flat]))
    assert found[0] == 0
    assert found[1] == pytest.approx(np.pi / 4 + np.arctan(2))
    assert found[2] == pytest.approx(np.arctan(0.5))
    np.testing.assert_allclose(waviness(wave[::-1]), found[1])
