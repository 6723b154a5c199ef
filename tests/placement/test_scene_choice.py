"""Which lines of a place become strokes."""

import numpy as np
from scene_pictures import SIDE, UNIT, coast

from strokewise.bezier import lengths
from strokewise.placement.lines import Line
from strokewise.placement.scene_choice import along_drawn, choose_background
from strokewise.placement.scene_lines import CALM, STRAIGHT, scene_lines

SHAPE = (SIDE, SIDE)


def line(start, stop, weight=1.0, kind=STRAIGHT):
    count = round(float(np.linalg.norm(np.subtract(stop, start)))) + 1
    return Line(np.linspace(start, stop, count).astype(float), np.full(count, weight), kind)


def choose(lines, strokes):
    return choose_background(lines, strokes, UNIT, SHAPE, np.random.default_rng(0))


def test_straight_lines_become_exactly_straight_strokes():
    strokes = choose(scene_lines(coast(), np.ones(SHAPE, dtype=bool)), 4)
    across = strokes[:, 3] - strokes[:, 0]
    for share, point in ((1 / 3, 1), (2 / 3, 2)):
        np.testing.assert_allclose(strokes[:, point], strokes[:, 0] + share * across, atol=1e-9)


def test_long_lines_come_first_and_crumbs_only_where_there_is_room():
    long, short = line((20, 50), (400, 50), 0.6), line((20, 300), (40, 300), 1.0)
    assert np.ptp(choose([short, long], 1)[0, :, 0]) > 300
    few = choose([short, *(line((20, y), (400, y)) for y in (50, 100, 150, 200))], 4)
    assert lengths(few).min() > 300
    rich = choose([short, long], 30)
    assert len(rich) == 2  # the crumb is drawn, too, as nothing else is left


def test_no_stroke_runs_beside_another():
    strokes = choose([line((20, 100), (400, 100)), line((30, 104), (390, 104), 0.9), line((20, 300), (300, 300))], 3)
    assert sorted(round(float(y)) for y in strokes[:, 0, 1]) == [100, 300]


def test_where_much_is_drawn_the_next_stroke_is_worth_less():
    crowd = [line((20, 100 + 14 * k), (400, 100 + 14 * k), 1.0) for k in range(4)]
    alone = line((60, 380), (340, 380), 0.9)
    assert 380 in [round(float(y)) for y in choose([*crowd, alone], 3)[:, 0, 1]]


def test_curves_are_cut_into_few_broad_strokes():
    t = np.linspace(0, 2 * np.pi, 500)
    wave = np.stack([30 + 60 * t, 200 + 30 * np.sin(t)], axis=1)
    strokes = choose([Line(wave, np.ones(500), CALM)], 40)
    assert 2 <= len(strokes) <= 12 and lengths(strokes).sum() > 300


def test_the_next_level_keeps_to_what_was_drawn():
    high, low = line((20, 50), (400, 50)), line((20, 300), (400, 300))
    bow = Line(np.stack([np.arange(20.0, 400), np.full(380, 180.0)], axis=1), np.ones(380), CALM)
    drawn = np.stack([np.linspace((20, 50), (400, 50), 4), np.linspace((20, 180), (200, 180), 4)])
    left = along_drawn([high, low, bow], drawn, UNIT, SHAPE)
    assert [one.kind for one in left] == [STRAIGHT, CALM]
    assert left[0].points[0, 1] == 50 and left[1].points[:, 0].max() < 220
    assert along_drawn([high], np.zeros((0, 4, 2)), UNIT, SHAPE) == []


def test_nothing_gives_no_stroke():
    assert choose([], 4).shape == (0, 4, 2) and choose([line((0, 0), (99, 0))], 0).shape == (0, 4, 2)
