"""The shapes of a face, on faces made of points alone."""

import dataclasses

import numpy as np
import pytest
from scipy.spatial import cKDTree
from synthetic_face import face_at

from strokewise.bezier import evaluate
from strokewise.placement import ContourPlacement, PlacementInput
from strokewise.placement.face_strokes import covered, face_shapes, share_strokes

SIZE = 448


def curve(points):
    return evaluate(points, np.linspace(0, 1, 60))


def names(face, count, **options):
    return [shape.name for shape in face_shapes(face, count, **options)]


def furthest(line, points):
    """The largest distance from a polyline to the nearest of some points."""
    return cKDTree(points).query(line)[0].max()


def test_eyes_and_mouth_come_first_and_together():
    face = face_at(200, 200, 200)
    assert [names(face, count) for count in (0, 1, 2)] == [[], [], []]
    assert names(face, 3) == ["right_eye", "left_eye", "mouth"]
    assert names(face, 4) == ["right_eye", "left_eye", "mouth", "nose_underside"]
    assert names(face, 5) == ["right_upper_lid", "left_upper_lid", "mouth", "right_iris", "left_iris"]
    assert names(face, 6)[5:] == ["nose_underside"]


def test_lips_come_before_what_surrounds_a_face():
    assert names(face_at(200, 200, 200), 8)[5:] == ["nose_underside", "lower_lip", "jaw"]
    above = face_at(200, 200, 200).lines["oval"][:5]
    found = names(face_at(200, 200, 200), 9, contour={"hairline": above, "jaw": above})
    assert found[6:] == ["lower_lip", "jaw", "hairline"]


def test_pairs_are_not_torn_apart():
    face = face_at(200, 200, 200)
    for count in range(3, 14):
        found = names(face, count)
        assert len(found) <= count
        for part in ("eye", "upper_lid", "iris", "brow", "lower_lid"):
            assert (f"right_{part}" in found) == (f"left_{part}" in found)


def test_priorities_rise():
    shapes = face_shapes(face_at(200, 200, 200), 12)
    assert [shape.priority for shape in shapes] == list(range(1, len(shapes) + 1))


@pytest.mark.parametrize("roll", [0, 0.7, np.pi / 2, np.pi])
@pytest.mark.parametrize("height", [20, 200])
def test_shapes_lie_on_the_lines_they_stand_for(height, roll):
    face = face_at(200, 200, height, roll)
    for shape in face_shapes(face, 12):
        if shape.name.endswith("iris"):
            continue
        assert shape.points.shape == (4, 2)
        line = face.lines[shape.name]
        if shape.name == "lower_lip":
            line = line[2:-2]
        if shape.name.endswith("lower_lid"):
            line = line[1:-1]
        assert furthest(line, curve(shape.points)) < 0.02 * height, shape.name


@pytest.mark.parametrize("roll", [0, 0.7, np.pi])
def test_an_iris_hangs_from_the_lid_and_stays_between_the_lids(roll):
    face = face_at(200, 200, 200, roll)
    for shape in face_shapes(face, 5):
        if not shape.name.endswith("iris"):
            continue
        side = shape.name.split("_")[0]
        drawn = curve(shape.points)
        upper, lower = (face.lines[f"{side}_{part}"] for part in ("upper_lid", "lower_lid"))
        dense = np.concatenate([np.linspace(a, b, 20) for a, b in zip(upper[:-1], upper[1:], strict=True)])
        assert furthest(drawn[[0, -1]], dense) < 0.01 * 200
        down = (lower[4] - upper[4]) / np.linalg.norm(lower[4] - upper[4])
        depth = (drawn - upper[4]) @ down
        assert depth.min() > -0.01 * 200 and depth.max() < (lower[4] - upper[4]) @ down + 0.01 * 200


def test_an_almond_closes():
    for shape in face_shapes(face_at(200, 200, 200), 3)[:2]:
        drawn = curve(shape.points)
        assert np.linalg.norm(drawn[0] - drawn[-1]) < 0.05 * 200
        assert furthest(face_at(200, 200, 200).lines[shape.name.replace("eye", "upper_lid")], drawn) < 0.02 * 200


def test_a_closed_eye_is_one_line():
    face = face_at(200, 200, 200, opening=0.05)
    found = names(face, 14)
    assert "right_upper_lid" in found and not any("iris" in name or "lower_lid" in name for name in found)
    assert names(face, 3) == ["right_upper_lid", "left_upper_lid", "mouth"]


def test_an_open_mouth_is_two_lines_where_there_are_strokes():
    face = face_at(200, 200, 200)
    marks = face.landmarks.copy()
    from strokewise.photo.face_points import MOUTH

    across = np.linspace(-1, 1, 11)
    marks[list(MOUTH[1])] += np.stack([np.zeros(11), 20 * (1 - across**2)], axis=1)
    lines = {**face.lines, "mouth": (marks[list(MOUTH[0])] + marks[list(MOUTH[1])]) / 2}
    face = dataclasses.replace(face, landmarks=marks, lines=lines)
    assert "lower_mouth" not in names(face, 6)
    few, more = face_shapes(face, 6), {shape.name: shape for shape in face_shapes(face, 12)}
    assert "lower_lip" not in more
    assert furthest(lines["mouth"], curve(few[2].points)) < 2
    assert furthest(marks[list(MOUTH[0])], curve(more["mouth"].points)) < 2
    assert furthest(marks[list(MOUTH[1])], curve(more["lower_mouth"].points)) < 2


def test_a_profile_has_no_far_eye():
    assert not any(name.startswith("left") for name in names(face_at(200, 200, 200, yaw=0.7), 12))
    assert not any(name.startswith("right") for name in names(face_at(200, 200, 200, yaw=-0.7), 12))


def test_a_small_face_has_no_iris():
    assert names(face_at(60, 60, 40), 6, small=True) == ["right_upper_lid", "left_upper_lid", "mouth", "jaw"]


def test_strokes_are_shared_by_size():
    large, small, speck = face_at(150, 150, 200), face_at(350, 150, 80), face_at(350, 300, 10)
    assert share_strokes([large], 4, 2.0) == [0]
    assert share_strokes([large], 8, 2.0) == [3]
    few = share_strokes([small, large, speck], 16, 2.0)
    assert few == [0, 9, 0]
    assert share_strokes([large], 14, 2.0) == [6]
    many = share_strokes([small, large, speck], 48, 2.0)
    assert many[1] > many[0] >= 3 and many[2] == 0
    crowd = [face_at(20 * k, 50, 30) for k in range(30)]
    assert sum(share_strokes(crowd, 32, 1.0)) <= 16


def test_nothing_doubles_a_hairline():
    face = face_at(224, 224, 200)
    shapes = face_shapes(face, 9, contour={"hairline": face.lines["oval"][:5]})
    x, y = curve(next(shape.points for shape in shapes if shape.name == "hairline"))[20]
    taken = covered(face, shapes, (SIZE, SIZE))
    assert taken[int(y) - 10, int(x)] and not taken[int(y) - 20, int(x)]


def test_what_is_covered_is_around_what_is_drawn():
    face = face_at(224, 224, 200)
    taken = covered(face, face_shapes(face, 5), (SIZE, SIZE))
    x, y = face.sites()[0].astype(int)
    assert taken[y, x] and not taken[20, 20] and not taken[int(face.lines["jaw"][10, 1]), 224]
    assert not covered(face, [], (SIZE, SIZE)).any()
    away = face_at(2000, 2000, 200)
    assert not covered(away, face_shapes(away, 5), (SIZE, SIZE)).any()


def scene(faces):
    y, x = np.indices((SIZE, SIZE)) + 0.5
    mask = ((x - 224) ** 2 / 150**2 + (y - 224) ** 2 / 190**2 < 1).astype(float)
    image = np.where(mask[..., None] > 0.5, (0.9, 0.7, 0.6), 1.0)
    scribble = (np.hypot(x - 170, y - 190) < 24) & (np.random.default_rng(0).random((SIZE, SIZE)) < 0.5)
    image[scribble] = 0.1
    return PlacementInput(image, image, mask, np.ones((SIZE, SIZE), bool), mask, 2.0, tuple(faces))


@pytest.mark.parametrize("strokes", [8, 16, 32])
def test_a_drawing_begins_with_its_face_and_has_nothing_else_there(strokes):
    face = face_at(224, 224, 300)
    placement = ContourPlacement(scene([face]))
    fixed, taken = placement.fixed_strokes(strokes)
    points = placement(strokes, np.random.default_rng(0))
    assert points.shape == (strokes, 4, 2)
    assert len(fixed) >= 3 and (points[: len(fixed)] == fixed).all()
    for stroke in points[len(fixed) :]:
        x, y = curve(stroke).T.astype(int).clip(0, SIZE - 1)
        assert taken[y, x].mean() < 0.35


def test_a_face_outside_the_subject_is_not_drawn():
    placement = ContourPlacement(scene([face_at(30, 30, 80), face_at(600, 224, 200)]))
    assert len(placement.fixed_strokes(32)[0]) == 0


@pytest.mark.parametrize(("yaw", "free"), [(0.0, False), (0.3, True)])
def test_a_nose_has_a_ridge_only_from_the_side(yaw, free):
    face = dataclasses.replace(face_at(224, 224, 200), yaw=yaw)
    shapes = face_shapes(face, 7)
    x, y = face.lines["nose_ridge"][len(face.lines["nose_ridge"]) // 2]
    assert covered(face, shapes, (SIZE, SIZE))[int(y), int(x)] != free


def test_the_photo_gives_jaw_and_hairline():
    face = face_at(200, 200, 200)
    above = face.lines["oval"][:5]
    found = {shape.name: shape for shape in face_shapes(face, 14, contour={"hairline": above})}
    assert "jaw" not in found and "hairline" in found
    assert furthest(above, curve(found["hairline"].points)) < 4
    assert "jaw" in names(face, 14)
    assert names(face, 5, small=True, contour={"hairline": above, "jaw": above}) == [
        *("right_upper_lid", "left_upper_lid", "mouth", "jaw", "hairline")
    ]
