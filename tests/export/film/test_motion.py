from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strokewise.export.film.motion import MANY, hand_frames, hand_pictures, stroke_times, trim
from strokewise.export.png import to_pixels
from strokewise.sketch import Sketch


def straight(*pairs, **style):
    return Sketch.of((100, 100), [np.linspace(a, b, 4) for a, b in pairs], **style)


def along(points, count=2001):
    """Points of chained cubics, by the textbook formula."""
    t = np.linspace(0, 1, count)[:, None]
    parts = [points[k : k + 4] for k in range(0, len(points) - 1, 3)]
    return np.concatenate(
        [(1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d for a, b, c, d in parts]
    )


def length(points):
    return float(np.linalg.norm(np.diff(along(points), axis=0), axis=1).sum())


def test_the_frames_begin_blank_and_end_whole(sketch):
    frames = list(hand_frames(sketch, 7))
    assert len(frames) == 7 and len(frames[0]) == 0 and frames[-1] is sketch
    assert all(frame.canvas == sketch.canvas for frame in frames)
    assert [len(frame) for frame in frames] == sorted(len(frame) for frame in frames)
    assert [frame is sketch for frame in hand_frames(sketch, 1)] == [True]


def test_ink_grows_evenly(sketch):
    whole = sum(length(points) for points in sketch.points)
    for k, frame in enumerate(hand_frames(sketch, 12)):
        drawn = sum(length(points) for points in frame.points)
        assert drawn == pytest.approx(whole * k / 11, abs=1e-3 * whole)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.floats(0, 1), st.sampled_from([1, 2, 5]))
def test_a_cut_stroke_is_the_beginning_of_it(seed, share, segments):
    points = np.random.default_rng(seed).uniform(0, 100, (3 * segments + 1, 2))
    begun = trim(points, share)
    assert begun.shape == points.shape and begun[0].tolist() == points[0].tolist()
    assert length(begun) == pytest.approx(share * length(points), abs=0.02 * length(points))
    whole = along(points)
    for place in along(begun, 8):
        assert np.linalg.norm(whole - place, axis=1).min() < 0.3


def test_the_ends_of_a_cut():
    points = np.array([[0, 0], [10, 0], [20, 0], [30, 0], [30, 10], [30, 20], [30, 30]], dtype=float)
    assert trim(points, 1.0) == pytest.approx(points)
    assert trim(points, 0.0) == pytest.approx(np.zeros((7, 2)))
    assert trim(points, 0.5)[3:] == pytest.approx(np.tile([30.0, 0.0], (4, 1)))
    assert trim(np.full((4, 2), 5.0), 0.3) == pytest.approx(np.full((4, 2), 5.0))


def test_strokes_are_followed_as_a_hand_would():
    # The second and the first are one line; the dot comes last.
    sketch = straight(((60, 0), (90, 0)), ((60, 0), (0, 0)), ((50, 50), (51, 50)))
    early, late = list(hand_frames(sketch, 5))[1:3]
    assert len(early) == 1 and early.points[0, 0].tolist() == [0, 0] and 10 < early.points[0, -1, 0] < 30
    assert len(late) == 1 and late.points[0, -1, 0] > 40


def test_what_lies_over_what_stays():
    sketch = straight(((40, 50), (60, 50)), ((0, 50), (100, 50)), colors=np.array([[1, 0, 0], [0, 0, 1]]), widths=10)
    late = list(hand_frames(sketch, 9))[-2]
    # The long one is drawn first, but still lies over the short one.
    assert late.colors.tolist() == sketch.colors.tolist()


def test_dots_and_unseen_strokes():
    sketch = straight(((10, 10), (10, 10)), ((0, 50), (100, 50)), ((0, 80), (100, 80)), opacities=[1, 0, 0.5], widths=4)
    assert stroke_times(sketch) == pytest.approx([4, 0, 100])
    frames = list(hand_frames(sketch, 30))
    assert len(frames) == 30 and frames[-1] is sketch
    # The line takes 100 of 104 parts of the time, and then comes the dot.
    dots = [bool((np.ptp(frame.points, axis=(1, 2))[frame.opacities == 1] == 0).any()) for frame in frames[:-1]]
    assert dots == [False] * 28 + [True]
    assert all((frame.opacities == 0.5).any() for frame in frames[1:])


@pytest.mark.parametrize("opacities", [0.0, 1.0])
def test_nothing_to_draw(opacities):
    sketch = straight(((10, 10), (90, 10)), opacities=opacities).reordered([] if opacities else [0])
    frames = list(hand_frames(sketch, 3))
    assert len(frames) == 3 and len(frames[-1]) == len(sketch)


def test_very_many_strokes_come_in_their_own_order():
    rng = np.random.default_rng(1)
    sketch = Sketch.of((100, 100), rng.uniform(0, 100, (MANY + 1, 4, 2)))
    half = list(hand_frames(sketch, 3))[1]
    assert half.points[:-1].tolist() == sketch.points[: len(half) - 1].tolist()


def test_no_frames(sketch):
    with pytest.raises(ValueError, match="at least one picture"):
        list(hand_frames(sketch, 0))


@pytest.mark.parametrize("brush", ["round", "ink", "pencil"])
def test_pictures_only_ever_gain_ink(brush, sketch):
    sketch = dataclasses.replace(sketch, paper=(1.0, 0.9, 0.8), widths=np.full(3, 6.0))
    pictures = [p.astype(int) for p in hand_pictures(sketch, 9, 100, brush)]
    assert {p.shape for p in pictures} == {(50, 100, 3)}
    assert (pictures[0] == [255, 230, 204]).all()
    assert (pictures[-1] == to_pixels(sketch, 100, brush=brush)).all()
    ink = [int((255 - p).sum()) for p in pictures]
    assert all(a < b for a, b in itertools.pairwise(ink))
    # What is there stays, but for the rim of a pixel where the pen is.
    lost = [np.clip(b - a, 0, None) for a, b in itertools.pairwise(pictures)]
    assert max(int(diff.sum()) for diff in lost) < 0.02 * ink[-1]


def test_a_brushed_stroke_is_uncovered_alone():
    # Two strokes cross: while the first one is drawn, nothing of the second one can be seen.
    sketch = straight(((0, 50), (100, 50)), ((50, 20), (50, 80)), widths=6)
    first = straight(((0, 50), (100, 50)), widths=6)
    early = list(hand_pictures(sketch, 9, 100, "ink"))[1:5]
    whole = to_pixels(first, 100, brush="ink").astype(int)
    assert all((p.astype(int) >= whole - 1).all() for p in early)
