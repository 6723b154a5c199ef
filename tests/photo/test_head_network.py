"""The network for animals' heads: its file, its places, and what it says of a mirror image."""

import hashlib
import re

import numpy as np
import pytest
from skimage import data

from strokewise.errors import StrokewiseError
from strokewise.photo import head_network
from strokewise.photo.face_networks import Crop, Pyramid
from strokewise.photo.head_network import LEFT, RIGHT, find_maps, look_at, peaks


def test_a_picture_is_looked_at_whole_and_in_parts():
    looks = look_at(data.chelsea().astype(np.float32) / 255)
    assert len(looks.crops) == len(looks.maps) > 5
    assert looks.maps.shape[1:] == (5, 32, 32) and looks.maps.min() >= 0 and looks.maps.max() <= 1
    assert len(look_at(np.full((100, 80, 3), 0.5, dtype=np.float32)).crops) == 0


def test_a_high_place_is_found_where_it_is():
    rows, columns = np.indices((32, 32))
    bump = 0.9 * np.exp(-((columns + 0.5 - 10.2) ** 2 + (rows + 0.5 - 20.6) ** 2) / (2 * 1.4**2))
    ((place, value),) = peaks(Crop((50.0, 60.0), 64.0), bump.astype(np.float32))
    assert np.abs(place - (50 - 32 + 2 * 10.2, 60 - 32 + 2 * 20.6)).max() < 0.5 and 0.8 < value < 0.9


def test_a_mirror_image_has_its_left_eye_on_the_right():
    cat = data.chelsea().astype(np.float32) / 255
    crop = Crop((cat.shape[1] / 2, cat.shape[0] / 2), 300.0)
    plain = find_maps(Pyramid(cat), [crop])[0]
    mirrored = find_maps(Pyramid(cat), [crop], mirrored=True)[0]
    for eye in (LEFT, RIGHT):
        places = [peaks(crop, maps[eye])[0][0] for maps in (plain, mirrored)]
        assert np.linalg.norm(places[0] - places[1]) < 20


def test_a_missing_or_damaged_network_is_said_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(head_network, "WEIGHTS", tmp_path / "heads.onnx")
    head_network._network.cache_clear()
    noise = np.random.default_rng(0).random((64, 64, 3), dtype=np.float32)
    with pytest.raises(StrokewiseError, match="weights are missing .*install strokewise again"):
        look_at(noise)
    (tmp_path / "heads.onnx").write_bytes(b"damaged")
    with pytest.raises(StrokewiseError, match="is not the weights of the head network"):
        look_at(noise)
    head_network._network.cache_clear()


def test_the_card_names_the_file_that_is_shipped():
    content = head_network.WEIGHTS.read_bytes()
    card = head_network.WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    assert re.search(r"\b" + hashlib.sha256(content).hexdigest() + r"\b", card)
    assert str(len(content)) in card and len(content) < 1_500_000
