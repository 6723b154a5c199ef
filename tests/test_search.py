"""Exchanging strokes, with an encoder that only looks at ink."""

import numpy as np
import pytest
import torch
from ink import CPU, SIZE, Ink, line

from strokewise.augment import ViewBank
from strokewise.losses import PhotoLoss
from strokewise.raster import render
from strokewise.search import _along, _covered, exchange


def against(*strokes):
    drawn = render(torch.tensor(np.stack(strokes)[None], dtype=torch.float32), 4.0, size=SIZE)
    bank = ViewBank(1, SIZE, np.random.default_rng(0), distortion=0, area=1, device=CPU)
    return PhotoLoss(Ink(), drawn.expand(1, 3, -1, -1), bank)


def swap(points, pool, loss, **options):
    return exchange(np.stack(points), np.stack(pool), loss, width=4.0, size=SIZE, device=CPU, **options)


def test_the_useless_stroke_goes_and_the_missing_one_comes():
    drawing, history = swap([line(10), line(40)], [line(25), line(55), line(33)], against(line(40), line(55)))
    np.testing.assert_array_equal(drawing, [line(55), line(40)])
    assert len(history) == 2 and history[0] > 0.1 and history[1] == pytest.approx(0, abs=1e-6)


def test_several_are_exchanged_one_after_the_other():
    wanted = [line(x) for x in (12, 30, 50)]
    drawing, history = swap([line(20), line(40), line(30)], [*wanted, line(5)], against(*wanted))
    assert sorted(drawing[:, 0, 0]) == [12, 30, 50]
    assert len(history) == 3 and (np.diff(history) < 0).all()


def test_of_many_strokes_the_gradient_says_which_to_try_without():
    wanted = [line(x) for x in (8, 16, 24, 32, 40)]
    drawing, history = swap([*wanted, line(60)], [line(50), line(3)], against(*wanted, line(50)), probed=2)
    np.testing.assert_array_equal(drawing, [*wanted, line(50)])
    assert len(history) == 2 and history[1] == pytest.approx(0, abs=1e-6)


def test_a_good_drawing_stays_as_it_is():
    wanted = [line(12), line(50)]
    drawing, history = swap(wanted, [line(20), line(33)], against(*wanted))
    np.testing.assert_array_equal(drawing, wanted)
    assert len(history) == 1


def test_rounds_bound_the_work_and_an_empty_pool_is_no_work():
    wanted = [line(x) for x in (12, 30, 50)]
    assert len(swap([line(20), line(40), line(5)], wanted, against(*wanted), rounds=1)[1]) == 2
    drawing, history = exchange(
        np.stack(wanted), np.zeros((0, 4, 2)), against(*wanted), width=4.0, size=SIZE, device=CPU
    )
    np.testing.assert_array_equal(drawing, wanted)
    assert history == []


def test_what_is_drawn_already_is_not_drawn_again():
    drawing = np.stack([line(10), line(40)])
    half = line(40) * [1, 0.5] + [0, 20]
    pool = np.stack([line(41), line(46), half, line(10) + [0, 60]])
    assert _covered(pool, drawing, 3).tolist() == [True, False, True, False]
    # Two strokes in the same place would cost nothing to a blunt encoder, but say nothing either.
    result, _ = swap([line(10), line(40)], [line(41), line(39)], against(line(40)), near=7)
    np.testing.assert_array_equal(result, drawing)


def test_line_integrals():
    picture = np.zeros((SIZE, SIZE))
    picture[:, 30:] = 2.0
    straight = np.array([[10, 20], [20, 20], [30, 20], [40, 20.0]])
    assert _along(picture, np.stack([straight, line(10), line(40), line(40) + 500])) == pytest.approx(
        [20, 0, 88, 0], abs=1.0
    )
