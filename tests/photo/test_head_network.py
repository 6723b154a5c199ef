"""The network for animals' heads: its file, its places, and what it says of a mirror image."""

import numpy as np
from shipped_network import check_card, check_missing_and_damaged
from skimage import data

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
    noise = np.random.default_rng(0).random((64, 64, 3), dtype=np.float32)
    check_missing_and_damaged(head_network, lambda: look_at(noise), "the head network", monkeypatch, tmp_path)


def test_the_card_names_the_file_that_is_shipped():
    check_card(head_network)
