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


def head(score, shift=0.0, x=100.0):
    """A head whose eyes are 40 pixels apart, moved to the right by a share of that."""
    x += 40 * shift
    return Head(np.array([x, 100.0]), np.array([x + 40, 100.0]), np.array([x + 20, 130.0]), score)


@pytest.mark.parametrize(
    ("score", "shift", "found"),
    [(0.6, 0.15, True), (0.5, 0.15, False), (0.5, 0.05, True), (0.4, 0.05, False), (0.9, 0.3, False)],
)
def test_looks_that_agree_well_make_up_for_some_doubt(monkeypatch, score, shift, found):
    monkeypatch.setattr(heads, "find_maps", lambda pyramid, crops, *, mirrored=False: [mirrored])
    monkeypatch.setattr(heads, "_triples", lambda crop, mirrored: [head(score, shift if mirrored else 0.0)])
    assert (heads._look_again(Pyramid(np.zeros((200, 200, 3), dtype=np.float32)), head(0.5)) is not None) == found


def test_a_doubtful_head_counts_only_where_no_other_is(monkeypatch, cat):
    looks = look_at(cat)
    monkeypatch.setattr(heads, "_look_again", lambda pyramid, guess: guess)
    for guesses, count in (([0.8, 0.45], 1), ([0.45], 1), ([0.8, 0.7], 2)):
        given = [head(score, x=100 + 200 * i) for i, score in enumerate(guesses)]
        monkeypatch.setattr(heads, "suggest", lambda looks, find, most, given=given: given)
        found = find_heads(looks)
        assert len(found) == count and found[0].score == guesses[0]
