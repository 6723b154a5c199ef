import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokewise.bezier import along, evaluate, lengths
from strokewise.placement.constants import DEFAULTS
from strokewise.placement.lines import EDGE, Line
from strokewise.placement.selection import BATCH, Table, arc_share, choose, fill_up, fit_stretches


def ring(radius=50.0, centre=100.0, weight=1.0):
    angle = np.linspace(0, 2 * np.pi, int(2 * np.pi * radius) + 1)
    points = centre + radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return Line(points, np.full(len(points), weight), "outline")


def segment(start, stop, weight=1.0):
    count = int(np.linalg.norm(np.subtract(stop, start))) + 1
    return Line(np.linspace(start, stop, count).astype(float), np.full(count, weight), "edge")


def rng():
    return np.random.default_rng(0)


def test_two_cubics_make_a_ring():
    points = choose([ring()], 2, tolerance=4, apart=2, rng=rng())
    assert points.shape == (2, 4, 2)
    t = np.broadcast_to(np.linspace(0, 1, 50), (2, 50))
    assert np.abs(np.linalg.norm(evaluate(points, t) - 100, axis=2) - 50).max() < 4
    assert lengths(points).sum() == pytest.approx(2 * np.pi * 50, rel=0.03)


def test_more_strokes_follow_more_closely():
    zigzag = np.concatenate(
        [np.linspace([20 * i, 40 * (i % 2)], [20 * i + 20, 40 * ((i + 1) % 2)], 45) for i in range(8)]
    )
    line = Line(zigzag, np.ones(len(zigzag)), "outline")
    t = np.linspace(0, 1, 60)

    def gap(points):
        curves = evaluate(points, np.broadcast_to(t, (len(points), 60))).reshape(-1, 2)
        return np.linalg.norm(zigzag[:, None] - curves[None], axis=2).min(1).mean()

    few, many = (choose([line], n, tolerance=4, apart=1, rng=rng()) for n in (2, 8))
    assert gap(many) < 0.5 * gap(few)


def test_the_weightier_line_comes_first():
    light, heavy = segment((0, 0), (100, 0), 0.3), segment((0, 50), (60, 50), 1.0)
    (only,) = choose([light, heavy], 1, tolerance=3, apart=2, rng=rng())
    assert only[:, 1] == pytest.approx([50] * 4)


def test_joined_strokes_share_their_end():
    points = choose([ring()], 4, tolerance=2, apart=1, rng=rng())
    ends = np.concatenate([points[:, 0], points[:, 3]])
    nearest = np.sort(np.linalg.norm(ends[:, None] - ends[None], axis=2), axis=1)[:, 1]
    assert (nearest < 1e-9).all()


def test_a_line_beside_a_stronger_one_is_left_out():
    strong, echo, other = (
        segment((0, 0), (100, 0), 1.0),
        segment((0, 1), (100, 1), 0.9),
        segment((0, 60), (50, 60), 0.5),
    )
    points = choose([strong, echo, other], 2, tolerance=3, apart=3, rng=rng())
    assert sorted(points[:, :, 1].mean(1)) == pytest.approx([0, 60], abs=0.01)


def test_seeds_differ_and_repeat():
    lines = [ring(), segment((0, 0), (90, 30))]
    a, b, c = (choose(lines, 5, tolerance=3, apart=2, rng=np.random.default_rng(s)) for s in (1, 1, 2))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_nothing_to_choose_from():
    assert choose([], 4, tolerance=3, apart=2, rng=rng()).shape == (0, 4, 2)
    assert fill_up(np.zeros((0, 4, 2)), 4).shape == (0, 4, 2)


def test_filling_up_cuts_the_longest_and_changes_no_shape():
    points = np.array([[[0, 0], [10, 0], [20, 0], [30, 0]], [[0, 9], [1, 9], [2, 9], [3, 9]]], dtype=float)
    filled = fill_up(points, 5)
    assert filled.shape == (5, 4, 2)
    assert lengths(filled).sum() == pytest.approx(33)
    assert lengths(filled).max() < 16


def stairs(step=30, count=3):
    """A flight of stairs, [sample, xy]."""
    corners = [(0, 0)]
    for _ in range(count):
        corners += [(corners[-1][0], corners[-1][1] + step), (corners[-1][0] + step, corners[-1][1] + step)]
    pieces = [np.linspace(a, b, step, endpoint=False) for a, b in itertools.pairwise(corners)]
    return Line(np.concatenate(pieces).astype(float), np.ones(step * 2 * count), "outline")


def test_many_strokes_end_at_corners_and_few_go_round_them():
    def stretches(count):
        joints, corners = np.unique(np.arange(0, 186, 6).clip(max=179)), range(30, 180, 30)
        (cuts,) = fit_stretches([stairs()], [joints])
        table = Table(stairs(), count, 12.0, cuts, corners=corners, arcs=arc_share(count))
        return [(pick.start, pick.stop) for pick in table.picks(min(count, 6), 0)][::-1]

    assert stretches(32) == [(30 * k, min(30 * k + 30, 179)) for k in range(6)]
    assert stretches(2) == [(0, 90), (90, 179)]


def test_of_many_strokes_one_that_waves_is_worth_less():
    x = np.linspace(0, 100, 101)
    wave = Line(np.stack([x, 20 * np.sin(x * 2 * np.pi / 100)], axis=1), np.ones(101), "outline")
    joints = np.array([0, 50, 100])
    (cuts,) = fit_stretches([wave], [joints])
    tables = [Table(wave, n, 6.0, cuts, arcs=arc_share(n)) for n in (1, 32)]
    few, many = (table.worth[0, 2] for table in tables)
    assert many < 0.9 * few
    arcs = [table.worth[0, 1] for table in tables]
    assert arcs[0] == pytest.approx(arcs[1], rel=0.02)


def test_waves_and_corners_cost_nothing_by_themselves():
    line = stairs()
    (cuts,) = fit_stretches([line], [np.arange(0, 180, 30)])
    plain = Table(line, 6, 12.0, cuts).worth
    np.testing.assert_array_equal(Table(line, 6, 12.0, cuts, corners=range(30, 180, 30)).worth, plain)
    assert (Table(line, 6, 12.0, cuts, corners=range(30, 180, 30), arcs=1.0).worth <= plain).all()


def test_lines_fitted_together_are_fitted_as_each_alone():
    rng = np.random.default_rng(0)
    lines, joints = [], []
    for count in (40, 9, 300, 120, 200):
        lines.append(Line(np.cumsum(rng.normal(size=(count, 2)), axis=0), np.ones(count), "outline"))
        joints.append(np.unique(rng.integers(0, count, 70)))
    assert sum(len(its) * (len(its) - 1) // 2 for its in joints) > BATCH
    for line, its, found in zip(lines, joints, fit_stretches(lines, joints), strict=True):
        (alone,) = fit_stretches([line], [its])
        for part, same in zip(found, alone, strict=True):
            np.testing.assert_array_equal(part, same)


def marks(length, count, weight=0.2, kind=EDGE):
    """Level lines far from each other."""
    x = np.arange(length + 1.0)
    places = [np.stack([x, np.full(length + 1, 40.0 * i)], axis=1) for i in range(count)]
    return [Line(points, np.full(length + 1, weight), kind) for points in places]


def test_a_long_faint_mark_is_drawn_where_short_ones_are_not():
    strong = Line(np.stack([np.arange(200.0), np.full(200, 2000.0)], axis=1), np.ones(200), "outline")

    def marks_drawn(lines, long_cost):
        chosen = choose([*lines, strong], 6, 3.0, 4.0, np.random.default_rng(0), mark_cost=15, long_cost=long_cost)
        return int((chosen[:, 0, 1] < 1000).sum())

    assert marks_drawn(marks(30, 6), 0.4) == 0  # each is worth 6
    assert marks_drawn(marks(70, 1), 0.4) == 1  # 14, at a cost of 15 * 40 / 70
    assert marks_drawn(marks(70, 1), 1.0) == 0


def test_an_outline_of_many_strokes_is_drawn_on_over_a_weak_stretch():
    x = np.arange(301.0)
    points = np.stack([x, 30 * np.sin(x / 40)], axis=1)
    weak = (x > 130) & (x < 170)

    def longest_gap(gap):
        rules = DEFAULTS.changed("selection.outline_gap", gap).selection
        line = Line(points, np.where(weak, -0.3, 1.0), "outline")  # a stroke there loses more than it says
        chosen = choose([line], 32, 3.0, 1.0, np.random.default_rng(0), rules)
        at = np.sort(along(chosen, 40)[..., 0].ravel())
        return float(np.diff(at).max())

    assert longest_gap(0.0) > 25
    assert longest_gap(20.0) < 10


@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.7, 3.0]))
def test_the_best_cubics_are_those_of_all_ways_to_cut(seed, gap):
    rng = np.random.default_rng(seed)
    (line,) = marks(25, 1)
    line = Line(line.points, rng.normal(0.2, 1, 26), EDGE)
    (cuts,) = fit_stretches([line], [np.arange(0, 26, 5)])
    table = Table(line, 5, 3.0, cuts, cost=1.0, gap=gap)
    best = [0.0] * 6  # of at most so many

    def go_on(joint, count, value, touching):
        best[count] = max(best[count], value)
        for i, j in itertools.combinations(range(joint, len(table.joints)), 2):
            begin = 0.0 if touching and i == joint else gap
            go_on(j, count + 1, value + table.worth[i, j] - begin, True)

    go_on(0, 0, 0.0, False)
    np.testing.assert_allclose(table.best[:, -1], np.maximum.accumulate(best), atol=1e-6)
    for count in range(6):
        picks = table.picks(count, 0)[::-1]
        begun = sum(a is None or a.stop != b.start for a, b in zip([None, *picks], picks, strict=False))
        assert sum(pick.value for pick in picks) - gap * begun == pytest.approx(table.best[count, -1], abs=1e-6)
