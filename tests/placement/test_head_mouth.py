"""The mouth of an animal, under its nose or along its muzzle: found where a dark line runs, and nowhere else."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import ndimage

from strokewise.bezier import evaluate
from strokewise.photo.heads import Head
from strokewise.photo.side_heads import SideHead
from strokewise.placement.head_mouth import find_mouth, find_side_mouth
from strokewise.placement.head_strokes import covered_by_head, head_shapes, side_head_shapes

SIZE = 448


def head_at(x, y, apart, roll=0.0):
    """A head around (x, y) with eyes `apart` pixels from each other, turned by `roll` radians."""
    cos, sin = np.cos(roll), np.sin(roll)
    points = np.array([[-0.5, -0.4], [0.5, -0.4], [0, 0.4]]) @ np.array([[cos, sin], [-sin, cos]]) * apart + (x, y)
    return Head(*points, 0.9, (0.15 * apart,) * 2, 0.2 * apart)


def face(head, *lines, dark=0.25):
    """A light picture with dark lines, each float64 [point, xy] in sizes of the head from its nose."""
    rng = np.random.default_rng(0)
    picture = 0.7 + 0.02 * ndimage.gaussian_filter(rng.standard_normal((SIZE, SIZE)), 2)
    for line in lines:
        places = head.nose + (line[:, :1] * head.across + line[:, 1:] * head.down) * head.size
        for x, y in places:
            picture[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2] = dark
    return np.repeat(ndimage.gaussian_filter(picture, 1)[:, :, None], 3, axis=2).astype(np.float32)


def smile(depth=0.3):
    across = np.linspace(-0.5, 0.5, 400)
    return np.stack([across, depth + 0.12 * np.cos(6 * across)], axis=1)


@pytest.mark.parametrize("roll", [0, 0.6, np.pi])
def test_both_halves_follow_the_dark_line_from_its_middle(roll):
    head, line = head_at(224, 224, 90, roll), smile()
    halves = find_mouth(face(head, line), head)
    assert halves.shape == (2, 4, 2) and (halves[0, 0] == halves[1, 0]).all()
    true = head.nose + (line[:, :1] * head.across + line[:, 1:] * head.down) * head.size
    points = evaluate(halves, np.tile(np.linspace(0, 1, 50), (2, 1)))
    away = np.linalg.norm(points[:, :, None] - true, axis=3).min(2)
    assert away.max() < 0.04 * head.size
    ends = (halves[:, 3] - head.nose) @ head.across / head.size
    assert ends[0] < -0.25 and ends[1] > 0.25


def test_the_line_nearer_to_the_nose_is_the_mouth():
    head = head_at(224, 200, 90)
    collar = np.stack([np.linspace(-0.5, 0.5, 400), np.full(400, 0.68)], axis=1)
    halves = find_mouth(face(head, smile(0.2), collar), head)
    assert ((halves[:, :, 1] - head.nose[1]) / head.size).max() < 0.45


def test_there_is_no_mouth_in_smooth_fur_on_a_tiny_head_or_beyond_the_picture():
    head = head_at(224, 224, 90)
    smooth = np.full((SIZE, SIZE, 3), 0.5, np.float32)
    assert len(find_mouth(smooth, head)) == 0
    assert len(find_mouth(face(head_at(224, 224, 12), smile()), head_at(224, 224, 12))) == 0
    low = head_at(224, 430, 90)
    assert len(find_mouth(smooth, low)) == 0


def test_a_head_with_strokes_enough_has_its_mouth_before_its_pupils():
    head = head_at(224, 224, 90)
    mouth = find_mouth(face(head, smile()), head)
    names = [[shape.name for shape in head_shapes(head, count, 2.0, mouth)] for count in range(3, 10)]
    assert [len(one) for one in names] == [3, 3, 5, 5, 7, 7, 7]
    assert names[2][3:] == ["left_mouth", "right_mouth"] and names[4][5:] == ["left_pupil", "right_pupil"]
    shapes = head_shapes(head, 9, 2.0, mouth)
    taken = covered_by_head(head, shapes, (SIZE, SIZE))
    x, y = np.floor(mouth[0, 3]).astype(int)
    assert taken[y, x] and not covered_by_head(head, shapes[:3], (SIZE, SIZE))[y, x]


EYE = {"right": np.array([200.0, 180]), "left": np.array([250.0, 180])}
MUZZLE = {"right": np.array([290.0, 215]), "left": np.array([160.0, 215])}
DEEP = np.full((SIZE, SIZE), 60.0)


def side_head(way):
    return SideHead(EYE[way], MUZZLE[way], 0.9, 9.0)


def muzzle_line(way, below=0.0):
    """Points of a mouth that begins at the tip of the muzzle, float64 [point, xy], and the picture that shows it."""
    step = -1 if way == "right" else 1
    far = np.linspace(0, 90, 300)
    line = MUZZLE[way] + np.stack([step * far, 6 + 0.1 * far + below], axis=1)
    picture = np.full((SIZE, SIZE), 0.7)
    for x, y in line:
        picture[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2] = 0.25
    return line, np.repeat(ndimage.gaussian_filter(picture, 1)[:, :, None], 3, axis=2).astype(np.float32)


@pytest.mark.parametrize("way", ["left", "right"])
def test_a_mouth_from_the_side_runs_back_from_the_tip_of_the_muzzle(way):
    line, picture = muzzle_line(way)
    mouth = find_side_mouth(picture, side_head(way), DEEP, 2.0)
    assert mouth.shape == (1, 4, 2)
    points = evaluate(mouth, np.linspace(0, 1, 50)[None])[0]
    assert np.linalg.norm(points[:, None] - line, axis=2).min(1).max() < 4
    assert abs(points[0, 0] - MUZZLE[way][0]) < 20 and abs(points[-1, 0] - points[0, 0]) > 40


def test_there_is_no_mouth_from_the_side_in_smooth_fur_on_the_outline_or_on_a_tiny_head():
    _, picture = muzzle_line("left")
    head = side_head("left")
    assert len(find_side_mouth(np.full_like(picture, 0.7), head, DEEP, 2.0)) == 0
    outline = np.abs(np.indices((SIZE, SIZE))[0] - 225.0)  # it runs where the line does
    assert len(find_side_mouth(picture, head, outline, 2.0)) == 0
    assert len(find_side_mouth(picture, head, DEEP, 20.0)) == 0
    tiny = SideHead(EYE["left"], EYE["left"] + (-5, 3), 0.9, 2.0)
    assert len(find_side_mouth(picture, tiny, DEEP, 0.1)) == 0


def test_a_head_from_the_side_has_its_mouth_after_its_eye():
    _, picture = muzzle_line("left")
    head = side_head("left")
    mouth = find_side_mouth(picture, head, DEEP, 2.0)
    names = [[shape.name for shape in side_head_shapes(head, count, 2.0, mouth, dark=True)] for count in range(4)]
    assert names == [[], ["eye"], ["eye", "side_mouth"], ["eye", "side_mouth", "pupil"]]
    assert [shape.name for shape in side_head_shapes(head, 3, 2.0, dark=True)] == ["eye", "pupil"]
    small = dataclasses.replace(head, eye_radius=4.0)
    assert [shape.name for shape in side_head_shapes(small, 3, 2.0, dark=True)] == ["eye"]  # its line makes it dark
    assert [shape.name for shape in side_head_shapes(head, 2, 2.0)] == ["eye"]
    shapes = side_head_shapes(head, 2, 2.0, mouth)
    x, y = np.floor(mouth[0, 0]).astype(int)
    assert covered_by_head(head, shapes, (SIZE, SIZE))[y, x]
    assert not covered_by_head(head, shapes[:1], (SIZE, SIZE))[y, x]
