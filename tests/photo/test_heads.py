"""Heads of animals: on a cat in the public domain, on pictures made here, and where there is none."""

import hashlib
import re

import numpy as np
import pytest
from skimage import data
from synthetic_face import face_at

from strokewise.errors import StrokewiseError
from strokewise.photo import heads
from strokewise.photo.heads import Head, find_heads

LEFT, RIGHT, NOSE = (180, 120), (314, 142), (258, 224)
"""Of scikit-image's cat, in pixels, by eye."""


@pytest.fixture(scope="module")
def cat():
    return data.chelsea().astype(np.float32) / 255


def test_eyes_and_nose_lie_where_the_photo_has_them(cat):
    (head,) = find_heads(cat)
    for found, marked in zip(head.landmarks, (LEFT, RIGHT, NOSE), strict=True):
        assert np.linalg.norm(found - marked) < 0.15 * head.apart
    assert 0.05 < head.eye_radii[0] / head.apart < 0.25
    assert 0 < head.score <= 1


def test_a_mirrored_picture_has_the_same_head(cat):
    (head,) = find_heads(cat)
    (mirrored,) = find_heads(np.ascontiguousarray(cat[:, ::-1]))
    expected = (cat.shape[1], 0) + head.landmarks[[1, 0, 2]] * (-1, 1)
    assert np.abs(mirrored.landmarks - expected).max() < 0.12 * head.apart


def test_the_face_of_a_person_is_not_the_head_of_an_animal(cat):
    (head,) = find_heads(cat)
    x, y = head.centre
    assert find_heads(cat, [face_at(x, y, 2 * head.size)]) == []
    assert len(find_heads(cat, [face_at(x + 10 * head.size, y, 2 * head.size)])) == 1


@pytest.mark.parametrize("name", ["coffee", "rocket", "brick", "coins"])
def test_there_is_no_head_where_there_is_none(name):
    picture = getattr(data, name)()
    picture = np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture[:, :, :3]
    assert find_heads(picture.astype(np.float32) / 255) == []


@pytest.mark.parametrize("shape", [(120, 120), (8, 8), (1, 300), (40, 2000)])
def test_a_plain_or_tiny_picture_has_no_head(shape):
    assert find_heads(np.full((*shape, 3), 0.5, dtype=np.float32)) == []
    assert find_heads(np.random.default_rng(0).random((*shape, 3), dtype=np.float32)) == []


def test_eyes_are_as_large_as_their_circles():
    rows, columns = np.indices((400, 400))
    picture = np.full((400, 400, 3), 0.8, dtype=np.float32)
    for x, y, radius in ((150, 180, 16), (250, 180, 16), (200, 270, 19)):
        picture[(columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 < radius**2] = 0.1
    head = Head(np.array([150.0, 180]), np.array([250.0, 180]), np.array([200.0, 270]), 1.0)
    measured = heads._measured(heads.Pyramid(picture), head)
    assert np.abs(np.array(measured.eye_radii) - 16).max() < 3
    assert abs(measured.nose_radius - 19) < 4


def test_a_missing_or_damaged_network_is_said_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(heads, "WEIGHTS", tmp_path / "heads.onnx")
    heads._network.cache_clear()
    noise = np.random.default_rng(0).random((64, 64, 3), dtype=np.float32)
    with pytest.raises(StrokewiseError, match="weights are missing .*install strokewise again"):
        find_heads(noise)
    (tmp_path / "heads.onnx").write_bytes(b"damaged")
    with pytest.raises(StrokewiseError, match="is not the weights of the head network"):
        find_heads(noise)
    heads._network.cache_clear()


def test_the_card_names_the_file_that_is_shipped():
    content = heads.WEIGHTS.read_bytes()
    card = heads.WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    assert re.search(r"\b" + hashlib.sha256(content).hexdigest() + r"\b", card)
    assert str(len(content)) in card and len(content) < 1_500_000
