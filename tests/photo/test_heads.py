"""Heads of animals: on a cat in the public domain, on pictures made here, and where there is none."""

import numpy as np
import pytest
from skimage import data
from synthetic_face import face_at

from strokewise.photo import heads
from strokewise.photo.face_networks import Pyramid
from strokewise.photo.head_network import look_at
from strokewise.photo.heads import Head, find_heads

LEFT, RIGHT, NOSE = (180, 120), (314, 142), (258, 224)
"""Of scikit-image's cat, in pixels, by eye."""


@pytest.fixture(scope="module")
def cat():
    return data.chelsea().astype(np.float32) / 255


def test_eyes_and_nose_lie_where_the_photo_has_them(cat):
    (head,) = find_heads(look_at(cat))
    for found, marked in zip(head.landmarks, (LEFT, RIGHT, NOSE), strict=True):
        assert np.linalg.norm(found - marked) < 0.15 * head.apart
    assert 0.05 < head.eye_radii[0] / head.apart < 0.25
    assert 0 < head.score <= 1


def test_a_mirrored_picture_has_the_same_head(cat):
    (head,) = find_heads(look_at(cat))
    (mirrored,) = find_heads(look_at(np.ascontiguousarray(cat[:, ::-1])))
    expected = (cat.shape[1], 0) + head.landmarks[[1, 0, 2]] * (-1, 1)
    assert np.abs(mirrored.landmarks - expected).max() < 0.12 * head.apart


def test_the_face_of_a_person_is_not_the_head_of_an_animal(cat):
    (head,) = find_heads(look_at(cat))
    x, y = head.centre
    assert find_heads(look_at(cat), [face_at(x, y, 2 * head.size)]) == []
    assert len(find_heads(look_at(cat), [face_at(x + 10 * head.size, y, 2 * head.size)])) == 1


@pytest.mark.parametrize("name", ["coffee", "rocket", "brick", "coins"])
def test_there_is_no_head_where_there_is_none(name):
    picture = getattr(data, name)()
    picture = np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture[:, :, :3]
    assert find_heads(look_at(picture.astype(np.float32) / 255)) == []


@pytest.mark.parametrize("shape", [(120, 120), (8, 8), (1, 300), (40, 2000)])
def test_a_plain_or_tiny_picture_has_no_head(shape):
    assert find_heads(look_at(np.full((*shape, 3), 0.5, dtype=np.float32))) == []
    assert find_heads(look_at(np.random.default_rng(0).random((*shape, 3), dtype=np.float32))) == []


def test_eyes_are_as_large_as_their_circles():
    rows, columns = np.indices((400, 400))
    picture = np.full((400, 400, 3), 0.8, dtype=np.float32)
    for x, y, radius in ((150, 180, 16), (250, 180, 16), (200, 270, 19)):
        picture[(columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 < radius**2] = 0.1
    head = Head(np.array([150.0, 180]), np.array([250.0, 180]), np.array([200.0, 270]), 1.0)
    measured = heads._measured(Pyramid(picture), head)
    assert np.abs(np.array(measured.eye_radii) - 16).max() < 3
    assert abs(measured.nose_radius - 19) < 4
