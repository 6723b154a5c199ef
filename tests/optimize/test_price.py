"""The price of marks, loose ends and lines left out."""

import numpy as np
import pytest
from blur_encoder import SIZE, engine_of, line, photo_of

from strokewise.bezier import split
from strokewise.optimize.candidates import CandidatePool
from strokewise.optimize.price import MARK, USUAL, Price, loose_ends, shortness
from strokewise.optimize.scorer import PhotoScorer
from strokewise.optimize.simplify import simplify
from strokewise.sketch import StrokeStyle

NONE = {"mark": 0.0, "loose": 0.0, "missing": 0.0}


def straight(start, end):
    return np.linspace(start, end, 4)


@pytest.mark.parametrize("size", [224, 448])
def test_a_stroke_is_the_more_of_a_mark_the_shorter_it_is(size):
    unit = size / 224
    strokes = [straight((0, 0), (long * unit, 0)) for long in (0, MARK / 2, MARK, 4 * MARK)]
    usual = shortness(np.stack(strokes * (USUAL // 4)), size)
    np.testing.assert_allclose(usual[:4], [1, 0.5, 0, 0])
    many = shortness(np.stack(strokes * USUAL), size)
    np.testing.assert_allclose(many[:4], [1, 0, 0, 0])
    chain = np.concatenate([strokes[1], strokes[1][1:] + strokes[1][-1]])  # two curves, together no mark
    np.testing.assert_allclose(shortness(np.stack([chain] * USUAL), size), 0, atol=1e-12)


def test_an_end_is_loose_unless_it_meets_a_stroke_or_the_strokes_own_other_end():
    across, down = straight((20, 60), (120, 60)), straight((70, 62), (70, 150))
    assert loose_ends(np.stack([across]), 224) == 2
    assert loose_ends(np.stack([across, down]), 224) == 3  # it meets the middle of the other
    assert loose_ends(np.stack([across, down + [0, 9]]), 224) == 4
    assert loose_ends(np.stack([across, down + [0, 9]]) * 0.25, 56) == 4
    loop = np.array([[80, 80], [120, 40], [40, 40], [80, 80]], dtype=float)
    assert loose_ends(loop[None], 224) == 0
    halves = np.stack(split(across, 0.5))
    assert loose_ends(halves, 224) == 2


def test_what_is_left_out_costs_its_share_of_what_matters():
    left, right = straight((40, 20), (40, 200)), straight((160, 20), (160, 200))
    places = np.concatenate([np.linspace(one[0], one[-1], 10) for one in (left, right)])
    price = Price(places, np.repeat([3.0, 1.0], 10), **{**NONE, "missing": 0.5})
    both = np.stack([left, right])
    assert price(both, 224) == 0  # until it is known what a good drawing shows, nothing is missing
    known = price.beside([both[:1], both], 224)
    assert known.most == 40
    assert known(both, 224) == pytest.approx(0)
    assert known(both[:1], 224) == pytest.approx(0.5 / 4)
    assert known(both[1:], 224) == pytest.approx(0.5 * 3 / 4)
    assert known(both + [3, 0], 224) == pytest.approx(0) and known(both + [9, 0], 224) == pytest.approx(0.5)
    assert known(both[:0], 224) == 0


def test_marks_and_loose_ends_count_less_where_there_are_many_strokes():
    far = np.stack([straight((10 * k, 10), (10 * k, 90)) for k in range(USUAL)])
    price = Price(mark=0.0, loose=0.01)
    assert price(far, 224) == pytest.approx(2 * USUAL * 0.01)
    assert price(far[: USUAL // 2], 224) == pytest.approx(2 * USUAL * 0.01)  # half of them, each twice as dear


def test_the_race_is_won_with_the_price():
    points = np.stack([np.stack([line(20), line(40)]), np.stack([line(20), line(50)])])
    style = StrokeStyle.pen(2, 1.0).spread(2, 2)
    terms = np.array([[0, 1.0, 1.0], [0, 0.95, 0.95]])
    for prices, winner in ((None, 1), (np.array([0.0, 0.03]), 1), (np.array([0.0, 0.2]), 0)):
        pool = CandidatePool(points, style, prices=prices)
        pool.record(points, terms)
        assert pool.leaders(1) == [winner]
        outcome = pool.outcome(0, "steps")
        assert outcome.candidate == winner and outcome.losses["total"] == terms[winner, 2]
        assert pool.history == [terms[winner, 2]]


def test_a_piece_of_the_outline_is_not_the_first_to_go():
    """The encoder would rather miss the shorter line; but that one is to be shown."""
    short, long = line(20) * [1, 0.5] + [0, 20], line(44)
    photo = photo_of(short, long, line(8))
    drawing = np.stack([short, long])
    (kept,) = simplify(drawing, 1, PhotoScorer(engine_of(photo), price=Price(**NONE)), thrift=0)
    np.testing.assert_allclose(kept, long)
    price = Price(np.linspace(short[0], short[-1], 9), np.ones(9), mark=0.0, loose=0.0, missing=10.0)
    scorer = PhotoScorer(engine_of(photo), price=price.beside([drawing], SIZE))
    (kept,) = simplify(drawing, 1, scorer, thrift=0)
    np.testing.assert_allclose(kept, short)
