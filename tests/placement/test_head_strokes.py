"""The shapes of an animal's head, on heads made of points alone."""

import dataclasses

import numpy as np
import pytest

from strokewise.bezier import evaluate
from strokewise.photo.heads import Head
from strokewise.photo.side_heads import SideHead
from strokewise.placement import ContourPlacement, PlacementInput
from strokewise.placement.head_strokes import (
    covered_by_head,
    eyes_are_dark,
    eyes_within,
    head_shapes,
    side_head_shapes,
)

SIZE = 448


def head_at(x, y, apart, roll=0.0, radius=0.15):
    """A head around (x, y) with eyes `apart` pixels from each other, turned by `roll` radians."""
    cos, sin = np.cos(roll), np.sin(roll)
    points = np.array([[-0.5, -0.4], [0.5, -0.4], [0, 0.4]]) @ np.array([[cos, sin], [-sin, cos]]) * apart + (x, y)
    return Head(*points, 0.9, (radius * apart,) * 2, 0.2 * apart)


def curve(shape):
    return evaluate(shape.points, np.linspace(0, 1, 200))


def test_eyes_and_nose_come_together_or_not_at_all():
    head = head_at(200, 200, 100)
    assert [len(head_shapes(head, count, 2.0)) for count in range(12)] == [0] * 3 + [3] * 4 + [5] * 5
    assert [shape.name for shape in head_shapes(head, 9, 2.0)] == [
        *("left_eye", "right_eye", "nose", "left_pupil", "right_pupil")
    ]
    small, tiny = head_at(200, 200, 50), head_at(200, 200, 26)
    assert [len(head_shapes(small, count, 2.0, dark=True)) for count in (7, 8)] == [
        3,
        5,
    ]  # few strokes have more to say
    assert len(head_shapes(tiny, 9, 2.0, dark=True)) == 3  # no room for pupils


@pytest.mark.parametrize("apart", [50, 100, 180])
def test_a_pupil_lies_in_its_eye(apart):
    head = head_at(200, 200, apart)
    left_eye, right_eye, _, left_pupil, right_pupil = head_shapes(head, 9, 2.0, dark=True)
    for eye, pupil, middle in ((left_eye, left_pupil, head.left_eye), (right_eye, right_pupil, head.right_eye)):
        outer, inner = curve(eye), curve(pupil)
        assert (inner.min(0) > outer.min(0)).all() and (inner.max(0) < outer.max(0)).all()
        assert np.linalg.norm(inner.mean(0) - middle) < 0.2 * head.eye_radii[0]


@pytest.mark.parametrize("roll", [0, 0.7, np.pi])
def test_eyes_are_closed_and_lie_around_their_middles(roll):
    head = head_at(200, 200, 100, roll)
    for shape, middle in zip(head_shapes(head, 3, 2.0)[:2], head.landmarks, strict=False):
        points = curve(shape)
        assert (shape.points[0] == shape.points[3]).all()
        away = (points - middle) @ np.stack([head.across, head.down], axis=1)
        assert np.abs(away.max(0) + away.min(0)).max() < 0.1 * head.eye_radii[0]
        assert np.linalg.norm(away, axis=1).max() < 1.3 * head.eye_radii[0]
        assert np.ptp(points @ head.across) == pytest.approx(2.2 * head.eye_radii[0], rel=0.1)


def test_a_small_eye_is_no_blot():
    assert head_shapes(head_at(200, 200, 15), 3, 2.0) == []
    points = curve(head_shapes(head_at(200, 200, 17, radius=0.1), 3, 2.0)[0])
    assert np.ptp(points, axis=0).min() > 4  # two pixels of a 224 px canvas


def test_what_is_covered_holds_the_shapes_and_little_else():
    head = head_at(200, 200, 100)
    shapes = head_shapes(head, 3, 2.0)
    taken = covered_by_head(head, shapes, (SIZE, SIZE))
    for shape in shapes:
        x, y = np.floor(curve(shape)).astype(int).T
        assert taken[y, x].mean() > 0.95
    assert not taken[200, 300] and taken.mean() < 0.07
    assert not covered_by_head(head, [], (SIZE, SIZE)).any()


@pytest.mark.parametrize(("strokes", "expected"), [(4, 0), (8, 3), (16, 5), (32, 5)])
def test_a_placement_puts_the_head_first(strokes, expected):
    image = np.ones((SIZE, SIZE, 3))
    rows, columns = np.indices((SIZE, SIZE))
    mask = ((rows - 224) ** 2 + (columns - 224) ** 2 < 180**2).astype(float)
    image[mask > 0] = 0.6
    head = head_at(224, 224, 90)
    given = PlacementInput(
        image, image, mask, np.ones((SIZE, SIZE), dtype=bool), np.ones((SIZE, SIZE)), SIZE / 224, (head,)
    )
    trace = ContourPlacement(given)
    first, taken = trace.fixed_strokes(strokes)
    assert len(first) == expected and taken.any() == (expected > 0)
    points = trace(strokes, np.random.default_rng(0))
    assert (points[:expected] == first).all() and len(points) == strokes


def test_a_head_outside_the_subject_is_left_out():
    image = np.full((SIZE, SIZE, 3), 0.8)
    mask = np.zeros((SIZE, SIZE))
    mask[250:420, 40:400] = 1
    given = PlacementInput(
        image, image, mask, np.ones((SIZE, SIZE), dtype=bool), np.ones((SIZE, SIZE)), 2.0, (head_at(224, 100, 60),)
    )
    assert len(ContourPlacement(given).fixed_strokes(32)[0]) == 0


def test_eyes_stay_clear_of_the_outline():
    depth = np.minimum(np.arange(SIZE), 200.0)[None, :] * np.ones((SIZE, 1))  # the outline is the left side
    head = head_at(60, 200, 100)  # its left eye is 10 pixels from there
    moved = eyes_within(head, depth, 2.0)
    assert moved.right_eye == pytest.approx(head.right_eye) and moved.eye_radii[1] == head.eye_radii[1]
    assert 3 <= moved.eye_radii[0] < head.eye_radii[0]
    assert moved.left_eye[0] - moved.eye_radii[0] + 4 >= 10 and moved.left_eye[0] >= head.left_eye[0]
    deep = np.full((SIZE, SIZE), 200.0)
    same = eyes_within(head, deep, 2.0)
    assert same.eye_radii == head.eye_radii and (same.landmarks == head.landmarks).all()


@pytest.mark.parametrize(
    ("eye", "fur", "dark"), [(0.1, 0.6, True), (0.1, 0.12, True), (0.5, 0.55, False), (0.7, 0.2, False)]
)
@pytest.mark.parametrize("side", [False, True])
def test_dark_eyes_are_told_from_pale_ones(eye, fur, dark, side):
    head = head_at(200, 200, 50)
    if side:
        head = SideHead(head.left_eye, head.nose, 0.9, head.eye_radii[0])
    picture = np.full((SIZE, SIZE, 3), fur)
    rows, columns = np.indices((SIZE, SIZE)) + 0.5
    for x, y in head.landmarks[:-1]:
        picture[np.hypot(columns - x, rows - y) < 8] = eye
    assert eyes_are_dark(picture, head) is dark
    draw = side_head_shapes if side else head_shapes
    pupils = [shape for shape in draw(head, 9, 2.0, dark=dark) if shape.name.endswith("pupil")]
    assert len(pupils) == (dark and len(head.landmarks) - 1)


def test_eyes_beyond_the_picture_are_not_dark():
    assert not eyes_are_dark(np.zeros((30, 30, 3)), head_at(200, 200, 50))


@pytest.mark.parametrize("side", [False, True])
def test_a_small_dark_eye_without_a_pupil_is_a_dot_that_the_pen_fills(side):
    head = head_at(200, 200, 60)
    if side:
        head = SideHead(head.left_eye, head.nose, 0.9, head.eye_radii[0])
    draw = side_head_shapes if side else head_shapes
    ring, dot = (curve(draw(head, 1 + 2 * (not side), 2.0, dark=dark)[0]) for dark in (False, True))
    assert np.ptp(ring, axis=0).max() > 9 * 2.0 * 0.9 and np.ptp(dot, axis=0).max() < 4.5 * 2.0
    assert np.linalg.norm((dot.max(0) + dot.min(0)) / 2 - head.landmarks[0]) < 2
    large = dataclasses.replace(head, **({"eye_radius": 14.0} if side else {"eye_radii": (14.0, 14.0)}))
    assert np.ptp(curve(draw(large, 1 + 2 * (not side), 2.0, dark=True)[0]), axis=0).max() > 25
