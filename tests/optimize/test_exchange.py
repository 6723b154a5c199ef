"""Exchanging strokes, with an encoder that only looks at ink."""

import numpy as np
import pytest
from blur_encoder import SIZE, engine_of, line, photo_of

from strokewise.engines import Terms
from strokewise.optimize.exchange import _covered, add, exchange
from strokewise.optimize.price import Price
from strokewise.optimize.scorer import PhotoScorer, Strokes, _along
from strokewise.raster import rasterize
from strokewise.sketch import StrokeStyle


def against(*strokes, price=None):
    return PhotoScorer(engine_of(photo_of(*strokes)), price=price or Price())


def swap(points, pool, scorer, **options):
    return exchange(np.stack(points), np.stack(pool), scorer, **options)


def test_the_useless_stroke_goes_and_the_missing_one_comes():
    drawing, _, _, history = swap([line(10), line(40)], [line(25), line(55), line(33)], against(line(40), line(55)))
    np.testing.assert_array_equal(drawing, [line(55), line(40)])
    assert len(history) == 2 and history[0] > 0.1 and history[1] == pytest.approx(0, abs=1e-6)


def test_several_are_exchanged_one_after_the_other():
    wanted = [line(x) for x in (12, 30, 50)]
    drawing, _, _, history = swap([line(20), line(40), line(30)], [*wanted, line(5)], against(*wanted))
    assert sorted(drawing[:, 0, 0]) == [12, 30, 50]
    assert len(history) == 3 and (np.diff(history) < 0).all()


def test_of_many_strokes_the_gradient_says_which_to_try_without():
    wanted = [line(x) for x in (8, 16, 24, 32, 40)]
    drawing, _, _, history = swap([*wanted, line(60)], [line(50), line(3)], against(*wanted, line(50)), probed=2)
    np.testing.assert_array_equal(drawing, [*wanted, line(50)])
    assert len(history) == 2 and history[1] == pytest.approx(0, abs=1e-6)


def test_a_good_drawing_stays_as_it_is():
    wanted = [line(12), line(50)]
    drawing, _, _, history = swap(wanted, [line(20), line(33)], against(*wanted))
    np.testing.assert_array_equal(drawing, wanted)
    assert len(history) == 1


def test_rounds_bound_the_work_and_an_empty_pool_is_no_work():
    wanted = [line(x) for x in (12, 30, 50)]
    assert len(swap([line(20), line(40), line(5)], wanted, against(*wanted), rounds=1).history) == 2
    drawing, _, _, history = exchange(np.stack(wanted), np.zeros((0, 4, 2)), against(*wanted))
    np.testing.assert_array_equal(drawing, wanted)
    assert history == []


def test_what_is_drawn_already_is_not_drawn_again():
    drawing = np.stack([line(10), line(40)])
    half = line(40) * [1, 0.5] + [0, 20]
    pool = np.stack([line(41), line(46), half, line(10) + [0, 60]])
    assert _covered(pool, drawing, 3).tolist() == [True, False, True, False]
    # Two strokes in the same place would cost nothing to a blunt encoder, but say nothing either.
    result, *_ = swap([line(10), line(40)], [line(41), line(39)], against(line(40)), near=7)
    np.testing.assert_array_equal(result, drawing)


def test_line_integrals():
    picture = np.zeros((SIZE, SIZE))
    picture[:, 30:] = 2.0
    straight = np.array([[10, 20], [20, 20], [30, 20], [40, 20.0]])
    assert _along(picture, np.stack([straight, line(10), line(40), line(40) + 500])) == pytest.approx(
        [20, 0, 88, 0], abs=1.0
    )


def test_locked_strokes_are_not_given_up():
    drawing, _, came, history = swap(
        [line(10), line(40)], [line(25), line(55)], against(line(40), line(55)), locked=np.array([True, False])
    )
    assert np.array_equal(drawing[0], line(10)) and not came[0] and len(history) >= 1
    kept = swap([line(10), line(40)], [line(55)], against(line(55)), locked=np.array([True, True]))
    assert np.array_equal(kept.points, [line(10), line(40)]) and kept.history == []


def test_strokes_come_with_their_ink_and_those_that_stay_keep_theirs():
    style = StrokeStyle(np.array([4.0, 2.0]), np.array([[0.0, 0, 0], [0.3, 0, 0]]), np.array([1.0, 0.9]))
    fresh = StrokeStyle(np.full(2, 5.0), np.array([[0, 0.2, 0], [0, 0, 0.2]]), np.full(2, 0.8))
    found = swap([line(10), line(40)], [line(25), line(55)], against(line(40), line(55)), style=style, fresh=fresh)
    np.testing.assert_array_equal(found.points, [line(55), line(40)])
    assert found.came.tolist() == [True, False]
    assert found.style.widths.tolist() == [5, 2] and found.style.opacities.tolist() == [0.8, 0.9]
    assert found.style.colors.tolist() == [[0, 0, 0.2], [0.3, 0, 0]]


def test_strokes_of_fewer_points_are_offered_to_chains():
    chain = np.stack([np.stack([np.full(7, x), np.linspace(10, 54, 7)], axis=1) for x in (10.0, 40.0)])
    drawing, *_ = swap(chain, [line(25), line(55)], against(line(40), line(55)))
    assert drawing.shape == (2, 7, 2) and drawing[0, :, 0].tolist() == [55] * 7


def put(points, pool, count, scorer, **options):
    return add(np.array(points).reshape(-1, 4, 2), np.stack(pool), count, scorer, **options)


def test_strokes_are_added_where_the_loss_falls_most():
    wanted = [line(12), line(30), line(50)]
    pool = [line(20), line(50), line(5), line(30), line(60)]
    drawing = put([line(12)], pool, 2, against(*wanted), tries=3)
    np.testing.assert_array_equal(drawing[0], line(12))
    assert sorted(drawing[1:, 0, 0]) == [30, 50]
    assert sorted(put([], pool, 2, against(line(30), line(50)))[:, 0, 0]) == [30, 50]


def test_as_many_are_added_as_were_asked_for_or_as_there_are():
    pool = [line(12), line(13), line(40)]
    assert [s[0, 0] for s in put([line(12)], pool, 3, against(line(40)))][1:2] == [40]
    assert put([line(12)], pool, 3, against(line(12))).shape == (4, 4, 2)
    assert put([line(12)], pool, 9, against(line(12))).shape == (4, 4, 2)
    np.testing.assert_array_equal(put([line(12)], pool, 0, against(line(12))), [line(12)])


def test_a_stroke_in_the_right_colour_is_added_first():
    scorer = PhotoScorer(engine_of(photo_of(line(20), line(44), colors=np.array([[[1.0, 0, 0], [0, 0, 1.0]]]))))
    red = np.array([[1.0, 0, 0]] * 2)
    options = {"style": StrokeStyle.pen(1, 4.0), "fresh": StrokeStyle(np.full(2, 4.0), red, np.ones(2))}
    assert put([line(58)], [line(44), line(20)], 1, scorer, **options)[1, 0, 0] == 20
    options["fresh"] = options["fresh"]._replace(colors=red[:, ::-1].copy())
    assert put([line(58)], [line(20), line(44)], 1, scorer, **options)[1, 0, 0] == 44


class Weighing:
    """A loss that is linear in the pixels, and smooth: what a change does is known."""

    size, width = SIZE, 4.0
    x, y = np.meshgrid(*[np.arange(SIZE) / SIZE] * 2)
    weights = np.stack([1 + x, 2 - y, 0.5 + x * y])

    def values(self, points, style, photos):
        pictures = rasterize(points, style.widths, style.colors, style.opacities, size=SIZE).picture
        total = (pictures * self.weights).sum((1, 2, 3))
        return Terms(total, total, total)

    def pixel_gradient(self, points, style, photo):
        one = style.spread(1, len(points))
        return rasterize(points[None], one.widths, one.colors, one.opacities, size=SIZE).picture[0], self.weights


@pytest.mark.parametrize("removed", [False, True])
def test_estimated_changes_say_what_a_trace_of_ink_would_do(removed):
    """Beside finite differences: a little of the stroke's ink over the drawing, or of white where it is drawn."""
    scorer = PhotoScorer(Weighing())
    inked = StrokeStyle(np.array([4.0, 2.0]), np.array([[0.2] * 3, [0.9, 0.1, 0.4]]), np.array([1.0, 0.6]))
    strokes = Strokes(np.stack([line(22), line(50)]), inked._replace(opacities=np.ones(2)) if removed else inked)
    drawing = strokes if removed else Strokes(line(10)[None], inked.at([0]))
    changes = scorer.estimated_changes(drawing, strokes, removed=removed)
    trace = 0.05
    for stroke in range(2):
        style = strokes.style.at([stroke])
        style = style._replace(opacities=style.opacities * trace, colors=np.ones((1, 3)) if removed else style.colors)
        over = drawing.followed_by(strokes.at([stroke])._replace(style=style))
        before, after = scorer.totals([drawing])[0], scorer.totals([over])[0]
        assert (after - before) / trace == pytest.approx(changes[stroke], rel=0.12)


def test_a_mark_comes_only_if_it_says_more_than_a_stroke_of_like_use_would():
    """The photo shows two strokes and a speck; one stroke of the drawing is of little use."""
    useless, speck = line(40), line(10) * [1, 0.05] + [0, 20]
    drawing = [line(25), line(55), useless]
    free = against(line(25), line(55), speck, price=Price(mark=0.0, loose=0.0))
    paid = against(line(25), line(55), speck, price=Price(mark=10.0, loose=0.0))
    assert swap(drawing, [speck], free).came.any() and not swap(drawing, [speck], paid).came.any()
    # In the place of another mark it costs nothing.
    other = swap([line(25), line(55), speck + [30, 0]], [speck], paid)
    np.testing.assert_allclose(other.points[2], speck)


def test_lines_that_matter_are_not_given_up_for_a_little_of_the_loss():
    """The one stroke that could go shows a line that matters; another says a little more to the encoder."""
    kept, better = line(40), line(25)
    shown = Price(np.linspace(kept[0], kept[-1], 9), np.ones(9), missing=100.0)
    assert swap([kept, line(55)], [better], against(better, line(55), price=Price(loose=0.0))).came.any()
    scorer = against(better, line(55), price=shown.beside([np.stack([kept, line(55)])], SIZE))
    assert not swap([kept, line(55)], [better], scorer).came.any()


def test_the_loss_never_rises_for_a_lower_price():
    """A mark that is all that the photo shows stays, however dear it is."""
    speck = line(10) * [1, 0.05] + [0, 20]
    scorer = against(speck, line(55), price=Price(mark=100.0))
    found = swap([speck, line(55)], [line(40)], scorer)
    assert not found.came.any() and len(found.history) == 1
