"""Heads of animals seen from the side: on a duck, on the duck in a mirror, and where there is none."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data
from synthetic_face import face_at

from strokewise.photo import side_heads
from strokewise.photo.head_network import look_at
from strokewise.photo.side_heads import find_side_heads

DUCK = Path(__file__).parents[2] / "examples" / "duck.jpg"
EYE, BEAK = (436, 161), (509, 244)
"""In pixels, by eye."""


@pytest.fixture(scope="module")
def duck():
    return np.asarray(Image.open(DUCK).convert("RGB"), dtype=np.float32) / 255


def test_the_eye_and_the_tip_of_the_beak_lie_where_the_photo_has_them(duck):
    (head,) = find_side_heads(look_at(duck))
    long = np.linalg.norm(np.subtract(BEAK, EYE))
    assert np.linalg.norm(head.eye - EYE) < 0.1 * long and np.linalg.norm(head.muzzle - BEAK) < 0.35 * long
    assert 0.03 * long < head.eye_radius < 0.2 * long and 0 < head.score <= 1


def test_a_mirrored_picture_has_the_same_head(duck):
    (head,) = find_side_heads(look_at(duck))
    (mirrored,) = find_side_heads(look_at(np.ascontiguousarray(duck[:, ::-1])))
    expected = (duck.shape[1], 0) + head.landmarks * (-1, 1)
    assert np.abs(mirrored.landmarks - expected).max() < 0.1 * head.height


def test_a_head_that_is_known_already_is_not_found_again(duck):
    looks = look_at(duck)
    (head,) = find_side_heads(looks)
    x, y = head.centre
    assert find_side_heads(looks, [face_at(x, y, 2 * head.size)]) == []


def test_beside_another_head_it_must_be_surer(duck, monkeypatch):
    looks = look_at(duck)
    (head,) = find_side_heads(looks)
    far = [face_at(head.centre[0], head.centre[1] + 10 * head.size, 2 * head.size)]
    monkeypatch.setattr(side_heads, "SECOND", head.score - 0.01)
    assert len(find_side_heads(looks, far)) == 1
    monkeypatch.setattr(side_heads, "SECOND", head.score + 0.01)
    assert find_side_heads(looks, far) == []


@pytest.mark.parametrize("name", ["coffee", "rocket", "brick", "coins"])
def test_there_is_no_head_where_there_is_none(name):
    picture = getattr(data, name)()
    picture = np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture[:, :, :3]
    assert find_side_heads(look_at(picture.astype(np.float32) / 255)) == []
