"""The most important strokes first, with an encoder that only looks at ink."""

import numpy as np
import pytest
from blur_encoder import SIZE, engine_of, line, photo_of
from hypothesis import given, settings
from hypothesis import strategies as st

from strokewise.optimize.importance import by_importance
from strokewise.optimize.scorer import PhotoScorer, Strokes
from strokewise.sketch import StrokeStyle


class Counting(PhotoScorer):
    """A critic that counts the drawings it is shown."""

    shown = 0

    def totals(self, drawings):
        Counting.shown += len(drawings)
        return super().totals(drawings)


def critic_of(*strokes):
    return Counting(engine_of(photo_of(*strokes)))


def test_what_the_photo_shows_comes_before_what_it_does_not():
    order = by_importance(np.stack([line(8), line(20), line(34), line(56)]), critic_of(line(20), line(56)))
    assert sorted(order[:2]) == [1, 3]


def test_a_stroke_that_another_says_too_comes_late():
    twin = line(20) + 0.5
    order = by_importance(np.stack([line(20), twin, line(50)]), critic_of(line(20), line(50)))
    assert order[2] in (0, 1) and 2 in order[:2]


def test_ink_counts():
    points = np.stack([line(20), line(50)])
    style = StrokeStyle(np.array([0.5, 4.0]), np.zeros((2, 3)), np.ones(2))
    critic = critic_of(line(20), line(50))
    assert by_importance(Strokes(points, style), critic) == [1, 0]
    assert by_importance(Strokes(points, style.at([1, 0])), critic) == [0, 1]


def test_any_prefix_is_a_better_drawing_than_chance_would_make():
    rng = np.random.default_rng(4)
    shown = rng.uniform(4, 60, (10, 4, 2))
    critic = critic_of(*shown)
    drawing = np.concatenate([shown + rng.normal(size=shown.shape), rng.uniform(4, 60, (6, 4, 2))])
    order = by_importance(drawing, critic)
    for count in (4, 8, 12):
        chance = critic.totals([drawing[rng.permutation(16)[:count]] for _ in range(20)])
        assert critic.totals([drawing[order[:count]]])[0] < np.quantile(chance, 0.05)


@pytest.mark.parametrize("strokes, most", [(1, 0), (16, 70), (32, 140), (100, 300)])
def test_it_costs_so_many_looks(strokes, most):
    drawing = np.random.default_rng(0).uniform(0, SIZE, (strokes, 4, 2))
    Counting.shown = 0
    assert sorted(by_importance(drawing, critic_of(line(20)))) == list(range(strokes))
    assert Counting.shown <= most


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 40), st.sampled_from([4, 7]), st.integers(0, 2**32 - 1))
def test_each_stroke_has_its_place_and_the_same_one_each_time(strokes, count, seed):
    drawing = np.random.default_rng(seed).uniform(-10, SIZE + 10, (strokes, count, 2))
    critic = critic_of(line(20))
    order = by_importance(drawing, critic)
    assert sorted(order) == list(range(strokes)) and order == by_importance(drawing, critic)
