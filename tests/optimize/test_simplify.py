"""Fewer strokes, with an encoder that only looks at ink."""

import numpy as np
import pytest
from blur_encoder import SIZE, engine_of, line, photo_of
from hypothesis import given, settings
from hypothesis import strategies as st

from strokewise.bezier import evaluate, split
from strokewise.optimize.scorer import PhotoScorer
from strokewise.optimize.simplify import simplify

ARC = np.array([[8.0, 50], [10, 10], [54, 10], [56, 50]])


def critic_of(*strokes):
    return PhotoScorer(engine_of(photo_of(*strokes)))


def off(curve, other):
    """Farthest that a curve lies from another one, pixels."""
    t = np.linspace(0, 1, 200)
    return np.linalg.norm(evaluate(curve, t)[:, None] - evaluate(other, t)[None], axis=2).min(1).max()


@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True), (True, True)])
def test_two_halves_of_an_arc_become_the_arc(turned):
    halves = [half[::-1] if back else half for half, back in zip(split(ARC, 0.4), turned, strict=True)]
    (merged,) = simplify(np.stack(halves), 1, critic_of(ARC))
    assert off(ARC, merged) < 0.5


def test_four_pieces_in_any_order_become_one():
    first, second = split(ARC, 0.5)
    pieces = np.stack([split(second, 0.5)[1], split(first, 0.5)[0], split(second, 0.5)[0], split(first, 0.5)[1]])
    (merged,) = simplify(pieces, 1, critic_of(ARC))
    assert off(ARC, merged) < 1


def test_what_the_photo_does_not_show_goes_first():
    kept = simplify(np.stack([line(12), line(30), line(50)]), 2, critic_of(line(12), line(50)))
    np.testing.assert_array_equal(kept, [line(12), line(50)])


def test_strokes_that_only_touch_are_not_merged_where_the_photo_has_a_corner_between_them():
    across = np.array([[8.0, 54], [24, 54], [40, 54], [56, 54]])
    cross = np.array([[30.0, 4], [32, 4], [34, 4], [36, 4]])
    kept = simplify(np.stack([line(8), across, cross]), 2, critic_of(line(8), across))
    np.testing.assert_array_equal(kept, [line(8), across])


def test_a_drawing_that_is_simple_enough_stays():
    drawing = np.stack([line(12), line(50)])
    np.testing.assert_array_equal(simplify(drawing, 2, critic_of(line(12))), drawing)
    np.testing.assert_array_equal(simplify(drawing, 5, critic_of(line(12))), drawing)


def test_no_stroke_at_all_is_no_drawing():
    with pytest.raises(ValueError, match="at least one stroke"):
        simplify(line(3)[None], 0, critic_of(line(3)))


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_any_drawing_comes_down_to_the_count_and_the_same_one_each_time(strokes, count, seed):
    rng = np.random.default_rng(seed)
    drawing = rng.uniform(-10, SIZE + 10, (strokes, 4, 2))
    if seed % 3 == 0:
        drawing[:, 1:] = drawing[:, :1]  # dots
    critic = critic_of(line(20), ARC)
    found = simplify(drawing, count, critic)
    assert found.shape == (min(strokes, count), 4, 2) and np.isfinite(found).all()
    np.testing.assert_array_equal(found, simplify(drawing, count, critic))


def test_fixed_strokes_stay_first_and_as_they_are():
    drawing = np.stack([line(30), *split(ARC, 0.5), line(31)])
    found = simplify(drawing, 2, critic_of(ARC), fixed=1)
    np.testing.assert_array_equal(found[0], drawing[0])
    assert off(ARC, found[1]) < 0.5
    with pytest.raises(ValueError, match="at least 2"):
        simplify(drawing, 1, critic_of(ARC), fixed=2)
