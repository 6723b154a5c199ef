"""The line around a face, on painted faces whose hair and skin are known."""

import dataclasses

import numpy as np
import pytest
from scipy import ndimage
from synthetic_face import face_at

from strokewise.placement.face_contour import find_face_contour

SIZE = 448
SKIN, HAIR, GROUND = (0.85, 0.65, 0.55), (0.2, 0.12, 0.1), (0.9, 0.95, 1.0)


def painted(face, fringe, hair=True):
    """A picture of a face in an ellipse of hair, which begins `fringe` face heights above the middle of the face."""
    rows, columns = np.indices((SIZE, SIZE)) + 0.5
    across, down = (columns - face.centre[0]) / face.height, (rows - face.centre[1]) / face.height
    picture = np.broadcast_to(GROUND, (SIZE, SIZE, 3)).copy()
    head = np.hypot(across / 0.75, down / 0.9) < 1
    oval = face.lines["oval"][:-1] - face.centre
    turn = np.arctan2(oval[:, 1], oval[:, 0])
    order = np.argsort(turn)
    radius = np.interp(
        np.arctan2(down, across), turn[order], np.linalg.norm(oval, axis=1)[order] / face.height, period=2 * np.pi
    )
    skin = (np.hypot(across, down) < radius) & (down > -fringe)
    if hair:
        picture[head] = HAIR
    picture[skin] = SKIN
    drawn = head if hair else skin
    noise = np.random.default_rng(0).normal(0, 0.01, picture.shape)
    return np.clip(picture + noise, 0, 1), ndimage.distance_transform_edt(drawn)


@pytest.fixture
def face():
    return face_at(224, 224, 160)


def test_the_hairline_is_where_the_skin_ends(face):
    for fringe in (0.4, 0.46):
        picture, depth = painted(face, fringe)
        found = find_face_contour(picture, face, depth, 2.0)
        assert set(found) == {"hairline", "jaw"}
        above = found["hairline"][np.abs(found["hairline"][:, 0] - 224) < 0.15 * face.height]
        assert np.abs((face.centre[1] - above[:, 1]) / face.height - fringe).max() < 0.03


def test_the_jaw_is_that_of_the_face(face):
    picture, depth = painted(face, 0.35)
    jaw = find_face_contour(picture, face, depth, 2.0)["jaw"]
    oval = face.lines["oval"]
    gaps = np.linalg.norm(jaw[:, None] - oval[None], axis=2).min(1)
    assert gaps.max() < 0.06 * face.height and jaw[:, 1].max() > face.centre[1] + 0.4 * face.height


def test_what_is_the_outline_is_left_to_it(face):
    picture, depth = painted(face, 1.0, hair=False)
    assert find_face_contour(picture, face, depth, 2.0) == {}


def test_hair_like_skin_gives_no_hairline(face):
    picture, depth = painted(face, 0.35)
    picture[depth > 0] = SKIN
    assert "hairline" not in find_face_contour(picture, face, depth, 2.0)


def test_faces_turned_aside_or_tiny_are_not_looked_at(face):

    picture, depth = painted(face, 0.35)
    assert find_face_contour(picture, dataclasses.replace(face, yaw=0.6), depth, 2.0) is None
    assert find_face_contour(picture, face_at(224, 224, 20), depth, 2.0) is None
