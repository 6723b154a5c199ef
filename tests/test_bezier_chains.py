"""Chains of cubics: the pieces are the curve, and cutting them changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strokewise.bezier import along, evaluate, lengthened, split_chain


def chain(strokes, points, seed=0):
    return np.random.default_rng(seed).uniform(0, 100, (strokes, points, 2))


def test_a_chain_is_its_cubics():
    points = chain(3, 10)
    pieces = split_chain(points)
    assert pieces.shape == (3, 3, 4, 2)
    np.testing.assert_array_equal(pieces[:, 1], points[:, 3:7])
    np.testing.assert_array_equal(pieces[:, :-1, 3], pieces[:, 1:, 0])


def test_one_cubic_is_the_simplest_chain():
    points = chain(5, 4)
    np.testing.assert_array_equal(along(points, 9), evaluate(points, np.linspace(0, 1, 9)))
    assert along(np.zeros((0, 4, 2)), 9).shape == (0, 9, 2)
    assert along(np.zeros((0, 7, 2)), 9).shape == (0, 18, 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(0, 3), st.integers(0, 2**32 - 1))
def test_more_points_draw_the_same_curve(cubic_count, more, seed):
    points = chain(2, 3 * cubic_count + 1, seed)
    longer = lengthened(points, points.shape[1] + 3 * more)
    assert longer.shape == (2, points.shape[1] + 3 * more, 2)
    np.testing.assert_allclose(longer[:, [0, -1]], points[:, [0, -1]])
    for old, new in zip(along(points, 400), along(longer, 60), strict=True):
        gaps = np.linalg.norm(new[:, None] - old, axis=2).min(1)
        assert gaps.max() < 1.0  # of 100, between samples of the old curve


def test_as_many_points_are_the_same_bits():
    points = chain(4, 7)
    np.testing.assert_array_equal(lengthened(points, 7), points)


@pytest.mark.parametrize("count", [1, 4, 6, 8, 9])
def test_no_chain_has_so_many(count):
    with pytest.raises(ValueError, match=f"strokes of 7 points cannot have {count}"):
        lengthened(chain(1, 7), count)
