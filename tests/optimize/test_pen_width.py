"""How bold the finished drawing may be: the rule, on strokes made here."""

import numpy as np
import pytest

from strokewise.optimize.pen_width import BOLDEST, THINNEST, boldest, suited_width, with_suited_pen
from strokewise.placement.head_strokes import drop
from strokewise.settings import PEN
from strokewise.sketch import Sketch

DOWN, ACROSS = np.array([0.0, 1.0]), np.array([1.0, 0.0])


def line(x0, y0, x1, y1):
    t = np.linspace(0, 1, 4)[:, None]
    return np.array([x0, y0]) * (1 - t) + np.array([x1, y1]) * t


def arc(x, y, rx, ry, start, stop):
    """A cubic along an ellipse, degrees; at most a half of it."""
    a, b = np.deg2rad([start, stop])
    k = 4 / 3 * np.tan((b - a) / 4)
    unit = [(np.cos(a), np.sin(a)), (np.cos(a) - k * np.sin(a), np.sin(a) + k * np.cos(a))]
    unit += [(np.cos(b) + k * np.sin(b), np.sin(b) - k * np.cos(b)), (np.cos(b), np.sin(b))]
    return np.array(unit) * (rx, ry) + (x, y)


def ring(x, y, rx, ry):
    return [arc(x, y, rx, ry, 0, 180), arc(x, y, rx, ry, 180, 360)]


def face(height):
    """Oval, brows, lids, irises, nose and mouth of a face in the middle of a 224 px canvas."""
    h, x, y = height, 112.0, 112.0
    strokes = ring(x, y, 0.36 * h, 0.5 * h)
    for side in (-1, 1):
        ex, ey = x + side * 0.17 * h, y - 0.08 * h
        strokes += [arc(ex, ey, 0.09 * h, 0.045 * h, 0, 180), arc(ex, ey, 0.09 * h, 0.045 * h, 180, 360)]
        strokes += [*ring(ex, ey, 0.03 * h, 0.03 * h), arc(ex, ey - 0.05 * h, 0.11 * h, 0.05 * h, 200, 340)]
    strokes += [arc(x, y + 0.1 * h, 0.06 * h, 0.03 * h, 0, 180)]
    strokes += [arc(x, y + 0.23 * h, 0.13 * h, k * h, 0, 180) for k in (0.03, 0.07)]
    return np.array(strokes)


def width_of(points, most=BOLDEST):
    points = np.asarray(points)
    return suited_width(points, np.full(len(points), PEN), most)


OUTLINE = np.array(ring(112, 112, 90, 80))


def test_fewer_strokes_are_bolder_and_all_stay_in_the_range():
    widths = [boldest(count) for count in (1, 4, 8, 16, 32, 64, 256)]
    assert widths == sorted(widths, reverse=True)
    assert [boldest(count) for count in (4, 8, 16, 32, 64)] == pytest.approx([2.8, 2.6, 2.4, 2.2, 2.0])
    assert all(THINNEST <= boldest(count, share) <= BOLDEST for count in (1, 16, 256) for share in (0.001, 0.5, 1.2))


def test_a_subject_that_is_small_in_its_photo_is_bolder():
    assert boldest(16, 0.3) > boldest(16, 0.7) > boldest(16, 1.0) == boldest(16, 1.15)


def test_a_clean_outline_is_as_bold_as_its_strokes_allow():
    assert width_of(OUTLINE) == BOLDEST
    assert width_of(OUTLINE, 2.4) == 2.4


def test_gaps_that_a_bold_pen_would_close_keep_it_thin():
    apart = [line(30, 40 + 40 * k, 190, 40 + 40 * k) for k in range(4)]
    beside = [line(30, 42.2 + 40 * k, 190, 42.2 + 40 * k) for k in range(4)]  # 0.7 px of white between
    assert width_of(apart, 2.4) == 2.4
    assert THINNEST <= width_of(apart + beside, 2.4) < 2.3
    assert width_of([*apart, beside[0]], 2.4) == 2.4  # a single one does not hold for the whole drawing


def test_the_smaller_a_face_the_thinner_its_pen():
    large, middle, small = (width_of(face(height)) for height in (180, 90, 60))
    assert large > middle >= small >= THINNEST
    assert small <= 2.0


def test_a_small_ring_that_is_alone_may_become_a_dot():
    eyes = [*ring(90, 80, 2, 2), *ring(140, 80, 2, 2)]
    assert width_of([*OUTLINE, *eyes]) == BOLDEST


def test_no_stroke_and_strokes_outside_of_the_picture():
    assert width_of(np.zeros((0, 4, 2))) == BOLDEST
    assert width_of(OUTLINE + 1000) == BOLDEST


def test_the_same_strokes_get_the_same_width_wherever_and_however_large_they_are():
    sketch = Sketch.of((224, 224), face(120), PEN)
    one = with_suited_pen(sketch, (0, 0, 224))
    again = with_suited_pen(sketch, (0, 0, 224))
    large = with_suited_pen(sketch.mapped((1120, 1120), 5.0, (0, 0)), (0, 0, 1120))
    assert one.widths.tolist() == again.widths.tolist()
    assert large.widths == pytest.approx(5 * one.widths)
    assert one.metadata["pen"] == large.metadata["pen"] == pytest.approx(one.widths[0])


def test_widths_grow_in_proportion_and_points_stay():
    widths = np.array([1.0, 2.0])
    sketch = Sketch.of((224, 224), OUTLINE, widths)
    bold = with_suited_pen(sketch, (0, 0, 224))
    assert bold.widths[1] / bold.widths[0] == pytest.approx(2)
    assert bold.widths == pytest.approx(widths * bold.metadata["pen"] / PEN)
    assert (bold.points == sketch.points).all() and (bold.opacities == sketch.opacities).all()


def test_strokes_that_cannot_be_seen_close_nothing():
    beside = np.array([line(30, 40.0 + 2.4 * k, 190, 40.0 + 2.4 * k) for k in range(20)])
    opacities = np.zeros(20)
    opacities[::10] = 1
    crowded = Sketch.of((224, 224), beside, PEN)
    sparse = Sketch.of((224, 224), beside, PEN, opacities=opacities)
    assert with_suited_pen(crowded, (0, 0, 224)).metadata["pen"] == THINNEST
    assert with_suited_pen(sparse, (0, 0, 224)).metadata["pen"] == pytest.approx(round(boldest(20), 1))


def test_a_pupil_may_fill_its_eye_but_no_open_stroke_in_it():
    lines = [line(20, 150.0 + 2 * k, 20.1, 150.0 + 2 * k) for k in range(26)]  # only counted

    def pen(*extra):
        return with_suited_pen(Sketch.of((224, 224), np.array([*OUTLINE, *lines, *extra]), PEN), (0, 0, 224)).metadata

    eyes = [drop(np.array([x, 84.0]), DOWN, ACROSS, 11, 10) for x in (90.0, 130.0)]
    pupils = [drop(np.array([x, 87.0]), DOWN, ACROSS, 5, 4) for x in (90.0, 130.0)]
    halves = [*ring(90, 89, 2.5, 2.5), *ring(130, 89, 2.5, 2.5)]
    assert pen(*eyes, *pupils)["pen"] == pen(*eyes)["pen"] > pen(*eyes, *halves)["pen"]
