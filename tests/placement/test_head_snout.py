"""The closed line around a pig's nose: found where flesh is ringed by a boundary, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from strokewise.bezier import along
from strokewise.photo.heads import Head
from strokewise.placement.head_snout import find_snout
from strokewise.placement.head_strokes import covered_by_head, head_shapes

SIZE, APART = 448, 100
FLESH, DARK = (0.75, 0.4, 0.4), (0.08, 0.07, 0.07)


def head_at(x=224, y=224, apart=APART, roll=0.0):
    """A head around (x, y) with eyes `apart` pixels from each other, turned by `roll` radians."""
    cos, sin = np.cos(roll), np.sin(roll)
    points = np.array([[-0.5, -0.4], [0.5, -0.4], [0, 0.4]]) @ np.array([[cos, sin], [-sin, cos]]) * apart + (x, y)
    return Head(*points, 0.9, (0.12 * apart,) * 2, 0.15 * apart)


def nose(head, radius=0.37, colour=FLESH, closed=1.0, height=0.9):
    """A picture of a disc around the nose, and a map whose ridge runs along a share of its edge."""
    rows, columns = np.indices((SIZE, SIZE)) + 0.5
    x, y = columns - head.nose[0], rows - head.nose[1]
    away = np.hypot(x, y) / head.size
    picture = np.where((away < radius)[..., None], colour, (0.85, 0.75, 0.7)).astype(np.float32)
    chances = height * np.exp(-(((away - radius) * head.size / 3) ** 2))
    return picture, chances * (np.arctan2(y, x) % (2 * np.pi) < 2 * np.pi * closed)


@pytest.mark.parametrize("roll", [0.0, 0.5, np.pi])
def test_both_halves_follow_the_ring(roll):
    head = head_at(roll=roll)
    halves = find_snout(*nose(head), head, 2.0)
    assert halves.shape == (2, 4, 2)
    away = np.linalg.norm(along(halves, 40) - head.nose, axis=-1) / head.size
    assert np.abs(away - 0.37).max() < 0.03
    upper, lower = ((half[1] - head.nose) @ head.down for half in halves)
    assert upper < 0 < lower
    assert np.allclose(halves[0, [0, 3]], halves[1, [3, 0]], atol=2)


@pytest.mark.parametrize(
    "kind",
    [
        {"colour": DARK},  # the nose of a dog
        {"radius": 0.25},  # of a cat
        {"closed": 0.6},
        {"height": 0.1},
    ],
)
def test_other_noses_are_no_snout(kind):
    head = head_at()
    assert find_snout(*nose(head, **kind), head, 2.0).shape == (0, 4, 2)


@pytest.mark.parametrize(("y", "found"), [(380, 2), (440, 0), (700, 0)])  # the nose lies 40 below
def test_what_lies_beyond_the_picture_has_no_ridge(y, found):
    head = head_at(224, y)
    assert find_snout(*nose(head), head, 2.0).shape == (found, 4, 2)


def test_a_snout_has_two_nostrils_and_takes_the_place_of_the_nose():
    head = head_at()
    snout = find_snout(*nose(head), head, 2.0)
    low = head.nose + np.array([[0, 0.6], [0.1, 0.62], [0.2, 0.6], [0.3, 0.55]]) * head.size
    mouth = np.stack([low * [-1, 1] + [2 * head.nose[0], 0], low])
    within = mouth - [0, 0.5 * head.size]
    names = {count: [shape.name for shape in head_shapes(head, count, 2.0, mouth, snout)] for count in (5, 6, 7, 8, 10)}
    assert names[5][:3] == ["left_eye", "right_eye", "nose"]
    six = ["left_eye", "right_eye", "upper_snout", "lower_snout", "left_nostril", "right_nostril"]
    assert names[6] == names[7] == six
    assert names[8] == [*six, "left_mouth", "right_mouth"]
    assert all(len(found) <= count for count, found in names.items())
    # A line within the snout is its own edge, no mouth.
    assert not any("mouth" in shape.name for shape in head_shapes(head, 10, 2.0, within, snout))
    shapes = head_shapes(head, 6, 2.0, mouth, snout)
    nostrils = along(np.stack([shape.points for shape in shapes[4:]]), 20)
    assert (np.linalg.norm(nostrils - head.nose, axis=-1) < 0.37 * head.size).all()
    assert nostrils[0, :, 0].max() < head.nose[0] < nostrils[1, :, 0].min()
    taken = covered_by_head(head, shapes, (SIZE, SIZE))
    x, y = head.nose.astype(int)
    assert taken[y, x + int(0.45 * head.size)] and not taken[y, x + int(0.6 * head.size)]
