"""The loop, with an encoder that only looks at ink: fast, and its answers are known."""

import math

import numpy as np
import pytest
from blur_encoder import SIZE, BlurEncoder, engine_of, line, photo_of

from strokewise.engines import Terms
from strokewise.optimize.loop import Schedule, bending, bending_gradient, optimize_together
from strokewise.raster import rasterize
from strokewise.sketch import StrokeStyle


def run(points, schedule, callback=None, encoder=None):
    engine = engine_of(photo_of(line(32)), encoder, views=3)
    (result,) = optimize_together([points], engine, schedule, np.random.default_rng(0), callback=callback)
    return result


def test_strokes_move_to_the_ink():
    result = run(np.stack([line(22)[None]]), Schedule(steps=80, rate=3.0, patience=80))
    assert result.losses["total"] < 0.5 * result.placement_losses["total"]
    assert np.abs(result.points[..., 0] - 32).max() < 3


def test_the_best_candidate_wins_and_history_never_rises():
    points = np.stack([line(x)[None] for x in (12, 30, 55)])
    result = run(points, Schedule(steps=12, race=((4, 2), (8, 1))))
    assert result.candidate == 1
    assert (np.diff(result.history) <= 0).all()
    assert result.history[0] >= result.losses["total"]


def test_the_race_thins_out():
    seen = []
    points = np.stack([line(x)[None] for x in (12, 30, 55)])
    run(points, Schedule(steps=12, race=((4, 2), (8, 1)), patience=99), lambda p: seen.append(p.candidates))
    assert seen[0] == 3 and seen[5] == 2 and seen[-1] == 1


def test_a_perfect_placement_is_returned_untouched():
    points = np.stack([line(32)[None]])
    result = run(points, Schedule(steps=5, rate=8.0))
    assert np.array_equal(result.points, points[0])
    assert result.losses == result.placement_losses


def test_it_stops_when_nothing_gets_better():
    result = run(np.stack([line(32)[None]]), Schedule(steps=500, patience=5, rate=0.01))
    assert result.stopped == "converged" and result.steps < 150


def test_at_a_higher_pace_the_loop_rests_sooner():
    slow, fast = (
        run(np.stack([line(22)[None]]), Schedule(steps=60, rate=0.1, pace=pace, patience=99)) for pace in (1, 3)
    )
    assert slow.steps >= 59 and 19 <= fast.steps <= 22 and fast.stopped == "converged"


@pytest.mark.parametrize("join", [0.05, 20.0])
def test_ends_within_reach_move_as_one(join):
    first, second = (
        line(
            22,
        ),
        line(26),
    )
    upper = first.copy()
    upper[:, 1] = np.linspace(8, 30, 4)
    lower = second.copy()
    lower[:, 1] = np.linspace(32, 56, 4)
    points = np.stack([np.stack([upper, lower])])
    result = run(points, Schedule(steps=20, rate=1.0, patience=99, join=join))
    apart = [float(np.linalg.norm(p[0, -1] - p[1, 0])) for p in (points[0], result.points)]
    assert abs(apart[0] - apart[1]) < 1e-9 if join > 1 else abs(apart[0] - apart[1]) > 0.1


def test_no_steps_measures_the_placement():
    points = np.stack([line(x)[None] for x in (12, 30)])
    result = run(points, Schedule(steps=0))
    assert result.steps == 0 and result.candidate == 1 and np.array_equal(result.points, points[1])
    assert math.isfinite(result.losses["total"])


def test_a_callback_can_stop_it_and_is_told_of_each_step():
    told = []

    def callback(progress):
        told.append(progress)
        return progress.step == 3

    result = run(np.stack([line(22)[None]]), Schedule(steps=50), callback)
    assert result.stopped == "asked" and result.steps == 3 and [p.step for p in told] == [0, 1, 2, 3]
    assert told[-1].loss == result.losses["total"]
    np.testing.assert_array_equal(told[-1].points, result.points)


def test_a_loss_that_is_not_finite_keeps_the_last_good_sketch():
    encoder = BlurEncoder()
    encoder.broken_after = 6  # the photo, then five steps
    result = run(np.stack([line(22)[None]]), Schedule(steps=50), encoder=encoder)
    assert result.stopped == "diverged" and result.steps == 5
    assert np.isfinite(result.points).all() and math.isfinite(result.losses["total"])


def test_a_placement_without_a_finite_loss_is_nothing():
    encoder = BlurEncoder()
    encoder.broken_after = 0
    assert run(np.stack([line(22)[None]]), Schedule(steps=5), encoder=encoder) is None


def test_same_seed_same_bytes():
    points = np.stack([line(x)[None] for x in (20, 40)])
    a, b = (run(points, Schedule(steps=10)) for _ in range(2))
    assert np.array_equal(a.points, b.points) and a.history == b.history


def test_a_stroke_that_gradients_cannot_reach_comes_from_the_pool():
    far = np.stack([line(5), line(32)])
    images = photo_of(line(32), line(58))
    pool = np.stack([line(16), line(57), line(30)])
    schedule = Schedule(steps=30, exchange=(5,))
    alone = among(far[None], images, schedule)
    helped = among(far[None], images, schedule, pools=[pool])
    assert helped.losses["total"] < 0.1 * alone.losses["total"]
    assert helped.history[:5] == alone.history[:5] and helped.history[5] < 0.1 * alone.history[5]
    assert helped.candidate == 0 and helped.placement_losses == alone.placement_losses


def among(points, images, schedule, **options):
    (result,) = optimize_together([points], engine_of(images), schedule, np.random.default_rng(0), **options)
    return result


def test_locked_strokes_stay_to_the_bit_and_are_never_exchanged():
    # The locked stroke is the worst of the three, and neither place nor ink of it can be held in float32.
    points = np.stack([line(5) / 3, line(20), line(33)])
    points[1, 0] = points[0, -1]
    images = photo_of(line(18), line(58))
    style = StrokeStyle(np.array([1.1, 4, 4]), np.full((3, 3), 0.1), np.array([0.7, 1, 1]))
    told = []
    result = among(
        np.stack([points, points + [[[0.5, 0]], [[0.5, 0]], [[0.5, 0]]] * np.array([[[0]], [[1]], [[1]]])]),
        images,
        Schedule(steps=25, rate=2.0, exchange=(5,), patience=99),
        pools=[np.stack([line(57), line(30)])],
        locked=[np.array([True, False, False])],
        styles=[style],
        vary=frozenset({"width", "opacity"}),
        callback=lambda progress: told.append(progress),
    )
    for progress in (*told, result):
        assert np.array_equal(progress.points[0], points[0])
        assert [part[0].tolist() for part in progress.style] == [1.1, [0.1] * 3, 0.7]
    assert result.losses["total"] < 0.5 * result.placement_losses["total"]
    assert np.abs(result.points[2, :, 0] - 58).max() < 6  # exchanged, unlike the locked one
    assert result.style.widths[1] != 4 and result.style.opacities[2] != 1


def test_where_all_is_locked_nothing_moves():
    points = np.stack([line(5) / 3, line(20)])
    result = among(points[None], photos(32), Schedule(steps=4), pools=[line(32)[None]], locked=[np.array([True, True])])
    assert np.array_equal(result.points, points) and result.losses == result.placement_losses


@pytest.mark.parametrize("count", [7, 10])
def test_chains_go_through_the_whole_loop(count):
    images = photo_of(line(32), line(58))
    points = np.stack([np.stack([np.full(count, x), np.linspace(10, 54, count)], axis=1) for x in (5.0, 28.0)])
    result = among(points[None], images, Schedule(steps=30, rate=2.0, exchange=(5,)), pools=[line(57)[None]])
    assert result.points.shape == (2, count, 2)
    assert result.losses["total"] < 0.1 * result.placement_losses["total"]


@pytest.mark.parametrize("names", ["width", "opacity", "color", "width,opacity,color"])
def test_ink_goes_where_the_photo_has_it(names):
    colors = np.array([[[0.1, 0.1, 0.1], [0.6, 0.1, 0.1]]])
    widths, opacities = np.array([[7.0, 2.0]]), np.array([[1.0, 0.5]])
    image = rasterize(np.stack([line(16), line(48)])[None], widths, colors, opacities, size=SIZE).picture
    vary = frozenset(names.split(","))
    points = np.stack([line(16), line(48)])[None]
    result = among(points, image, Schedule(steps=60, patience=99), vary=vary)
    assert result.losses["total"] < result.placement_losses["total"]
    style = result.style
    assert (style.widths[0] > 1.3 * style.widths[1]) if "width" in vary else (style.widths == 4).all()
    assert (style.opacities[0] > 1.2 * style.opacities[1]) if "opacity" in vary else (style.opacities == 1).all()
    assert (style.colors[1, 0] > style.colors[1, 1] + 0.2) if "color" in vary else (style.colors == 0).all()
    again = among(points, image, Schedule(steps=60, patience=99), vary=vary)
    assert all(np.array_equal(a, b) for a, b in zip(style, again.style, strict=True))


def test_without_steps_no_ink_varies():
    result = among(line(30)[None, None], photos(32), Schedule(steps=0), vary=frozenset({"opacity"}))
    assert result.style.opacities.tolist() == [1.0]


def photos(*places):
    return np.concatenate([photo_of(line(x)) for x in places])


def together(images, placements, schedule, callback=None, encoder=None):
    engine = engine_of(images, encoder, views=3)
    return optimize_together(placements, engine, schedule, np.random.default_rng(0), callback=callback)


def test_photos_drawn_together_end_as_they_do_alone():
    images = photos(32, 20, 44)
    placements = [np.stack([line(x)[None] for x in xs]) for xs in ((22, 30, 50), (12, 26), (52, 40, 30, 20))]
    schedule = Schedule(steps=30, views=1, race=((4, 2), (8, 1)))
    results = together(images, placements, schedule)
    for i, result in enumerate(results):
        (alone,) = together(images[i : i + 1], placements[i : i + 1], schedule)
        np.testing.assert_allclose(result.points, alone.points, atol=1e-3)
        assert result.losses == pytest.approx(alone.losses, rel=1e-4)
        assert (result.candidate, result.steps, result.stopped) == (alone.candidate, alone.steps, alone.stopped)
        np.testing.assert_allclose(result.history, alone.history, rtol=1e-4)


def test_a_photo_that_stops_or_breaks_leaves_the_others_alone():
    images = photos(32, 20, 44)
    images[1] = math.nan
    placements = [line(x)[None, None] for x in (28, 20, 52)]
    told = []

    def callback(progress):
        told.append((progress.photo, progress.step))
        return progress.photo == 0 and progress.step == 2

    first, broken, last = together(images, placements, Schedule(steps=10, patience=99), callback)
    assert (first.stopped, first.steps) == ("asked", 2) and broken is None
    assert (last.stopped, last.steps) == ("steps", 10) and last.losses["total"] < last.placement_losses["total"]
    assert [t for t in told if t[0] == 0] == [(0, 0), (0, 1), (0, 2)] and (1, 0) not in told and (2, 10) in told


def test_strokes_that_were_one_line_stay_joined():
    line_a = np.array([[10, 10], [20, 10], [30, 12], [40, 20.0]])
    line_b = np.array([[40, 20], [45, 30], [45, 40], [40, 54.0]])
    result = run(np.stack([np.stack([line_a, line_b])]), Schedule(steps=20, rate=2.0, patience=99))
    assert not np.array_equal(result.points[0, 3], line_a[3])
    np.testing.assert_allclose(result.points[0, 3], result.points[1, 0], atol=1e-4)


def test_bending_is_free_for_strokes_that_slide_and_dear_for_small_ones():
    placed = np.stack([line(10), line(10) * 0.2])[None]
    assert bending(placed + 7, placed).item() == pytest.approx(0, abs=1e-9)
    large, small = placed.copy(), placed.copy()
    large[0, 0, 1, 0] += 3
    small[0, 1, 1, 0] += 3
    assert bending(small, placed) > 20 * bending(large, placed)


def test_the_gradient_of_bending_beside_finite_differences():
    rng = np.random.default_rng(2)
    before, points = rng.uniform(0, 60, (2, 3, 7, 2)), rng.uniform(0, 60, (2, 3, 7, 2))
    found = bending_gradient(points, before)
    for at in ((0, 0, 0, 0), (1, 2, 3, 1), (0, 1, 6, 0)):
        ends = []
        for side in (1, -1):
            moved = points.copy()
            moved[at] += side * 1e-4
            ends.append(bending(moved, before)[at[0]])
        assert found[at] == pytest.approx((ends[0] - ends[1]) / 2e-4, rel=1e-5)


class Breaking:
    """An engine that breaks for drawings whose first stroke begins left of 20, in the value or in the gradient."""

    def __init__(self, engine, part):
        self.engine, self.part = engine, part
        self.size, self.width, self.photos, self.view_count = SIZE, 4.0, engine.photos, 1

    def value_and_gradient(self, points, *arguments, **options):
        terms, gradients = self.engine.value_and_gradient(points, *arguments, **options)
        broken = points[:, 0, 0, 0] < 20
        if self.part == "value":
            return Terms(*(np.where(broken, math.nan, term) for term in terms)), gradients
        return terms, {name: np.where(broken[:, None, None, None], math.inf, part) for name, part in gradients.items()}

    def values(self, points, *arguments):
        return self.engine.values(points, *arguments)


@pytest.mark.parametrize("part", ["value", "gradient"])
def test_a_candidate_that_is_not_finite_does_not_end_the_others(part):
    engine = Breaking(engine_of(photo_of(line(32))), part)
    points = np.stack([line(x)[None] for x in (10, 24, 50)])
    (result,) = optimize_together([points], engine, Schedule(steps=20, patience=99), np.random.default_rng(0))
    assert result.candidate == 1 and result.stopped == "steps"
    assert result.losses["total"] < result.placement_losses["total"]
    (broken,) = optimize_together([points[:1]], engine, Schedule(steps=20), np.random.default_rng(0))
    assert broken is None if part == "value" else broken.stopped == "diverged" and broken.steps == 0
