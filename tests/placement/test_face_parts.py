"""Faces and heads with what was found around them, and the shapes that come of it."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic_face import face_at

from strokewise.photo.heads import Head
from strokewise.photo.side_heads import SideHead
from strokewise.placement import PlacementInput
from strokewise.placement.face_parts import draw_face_parts, find_face_parts

SIZE = 448
HEAD = Head(np.array([180.0, 180]), np.array([268.0, 180]), np.array([224.0, 230]), 0.9, (14.0, 14.0), 12.0)
SIDE = SideHead(np.array([240.0, 190]), np.array([160.0, 220]), 0.9, 9.0)
FACE = face_at(224, 224, 200)


def scene_with(face):
    """A grey picture with dark lines where mouths may be, and a dark eye for the head from the side."""
    image = np.full((SIZE, SIZE, 3), 0.7)
    image[258:261, 180:268] = 0.2
    for x in range(160, 225):
        image[228 + (x - 160) // 8 : 231 + (x - 160) // 8, x] = 0.2
    image[184:196, 234:246] = 0.1
    everywhere = np.ones((SIZE, SIZE))
    return PlacementInput(image, image, everywhere, everywhere > 0, everywhere, 2.0, (face,), 0 * everywhere)


def parts_of(face, solid=None):
    solid = np.ones((SIZE, SIZE), dtype=bool) if solid is None else solid
    given = scene_with(face)
    return given, find_face_parts(given, solid, np.full((SIZE, SIZE), 100.0))


@pytest.mark.parametrize(
    ("face", "names"),
    [
        (HEAD, ["left_eye", "right_eye", "nose", "left_mouth", "right_mouth"]),
        (SIDE, ["eye", "side_mouth", "pupil"]),
        (FACE, ["right_eye", "left_eye", "mouth", "nose_underside"]),
    ],
    ids=["head", "side", "face"],
)
def test_each_kind_of_face_has_its_shapes_and_keeps_others_away(face, names):
    given, (parts,) = parts_of(face)
    shapes, taken = draw_face_parts(parts, 5 if face is HEAD else 4, given)
    assert [shape.name for shape in shapes] == names
    assert taken.any() and not taken.all()
    nothing, free = draw_face_parts(parts, 0, given)
    assert nothing == [] and not free.any()


@pytest.mark.parametrize("face", [HEAD, SIDE, FACE], ids=["head", "side", "face"])
def test_a_face_outside_of_what_is_drawn_has_no_parts(face):
    solid = np.zeros((SIZE, SIZE), dtype=bool)
    solid[400:, 400:] = True
    assert parts_of(face, solid)[1] == []
