"""The face networks on a photo in the public domain, and what is no face."""

import hashlib
import re

import numpy as np
import pytest
from PIL import Image
from skimage import data
from synthetic_face import face_at

from strokewise.errors import StrokewiseError
from strokewise.photo import face_networks
from strokewise.photo.face_networks import FOLDER, Crop, Pyramid
from strokewise.photo.face_points import KEYS, MIRRORED_KEYS, OVAL
from strokewise.photo.faces import find_faces

EYES, MOUTH = ((203, 101), (248, 103)), (224, 146)
"""Of the astronaut, in pixels, by eye."""


@pytest.fixture(scope="module")
def astronaut():
    return data.astronaut().astype(np.float32) / 255


def test_eyes_and_mouth_lie_where_the_photo_has_them(astronaut):
    (face,) = find_faces(astronaut)
    right, left, nose, mouth = face.sites()
    assert np.abs(right - EYES[0]).max() < 4 and np.abs(left - EYES[1]).max() < 4
    assert np.abs(mouth - MOUTH).max() < 4
    assert right[0] < nose[0] < left[0] and right[1] < nose[1] < mouth[1]
    assert face.landmarks.shape == (468, 2)
    assert face.score > 0.8 and abs(face.yaw) < 0.3
    low, high = face.landmarks[list(OVAL)].min(0), face.landmarks[list(OVAL)].max(0)
    assert face.box == (*low, *high)


def test_the_lids_hold_the_iris(astronaut):
    (face,) = find_faces(astronaut)
    for side in ("right", "left"):
        upper, lower, iris = (face.lines[f"{side}_{part}"] for part in ("upper_lid", "lower_lid", "iris"))
        assert (upper[[0, -1]] == lower[[0, -1]]).all()
        assert upper[4, 1] < iris[:, 1].mean() < lower[4, 1]
        assert lower[:, 0].min() < iris[:, 0].mean() < lower[:, 0].max()


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_has_the_same_face(turns, astronaut):
    (face,) = find_faces(astronaut)
    (turned,) = find_faces(np.ascontiguousarray(np.rot90(astronaut, turns)))
    x, y = turned.sites().T
    for _ in range(turns):
        x, y = 512 - y, x
    assert np.abs(np.stack([x, y], axis=1) - face.sites()).max() < 6
    assert abs((turned.roll - face.roll + turns * np.pi / 2 + np.pi) % (2 * np.pi) - np.pi) < 0.1


def test_a_small_face_in_a_wide_picture(astronaut):
    small = Image.fromarray((255 * astronaut).astype(np.uint8)).resize((150, 150), Image.Resampling.LANCZOS)
    wide = np.full((400, 900, 3), 0.6, dtype=np.float32)
    wide[220:370, 610:760] = np.asarray(small, dtype=np.float32) / 255
    (face,) = find_faces(wide)
    assert np.abs(face.sites()[0] - (np.array(EYES[0]) * 150 / 512 + (610, 220))).max() < 4


def test_grey_and_dark(astronaut):
    grey = np.repeat(0.4 * astronaut.mean(2, keepdims=True), 3, axis=2)
    assert len(find_faces(grey)) == 1


@pytest.mark.parametrize("name", ["coffee", "rocket", "cat", "brick"])
def test_there_is_no_face_where_there_is_none(name):
    picture = getattr(data, name)()
    picture = np.repeat(picture[:, :, None], 3, axis=2) if picture.ndim == 2 else picture[:, :, :3]
    assert find_faces(picture.astype(np.float32) / 255) == []


@pytest.mark.parametrize("shape", [(120, 120), (8, 8), (1, 300), (40, 2000)])
def test_a_plain_or_tiny_picture_has_no_face(shape):
    assert find_faces(np.full((*shape, 3), 0.5, dtype=np.float32)) == []
    assert find_faces(np.random.default_rng(0).random((*shape, 3), dtype=np.float32)) == []


def test_the_square_of_a_face_holds_eyes_and_mouth():
    face = face_at(200, 150, 180, roll=0.3)
    x, y, side = face.square()
    inside = (face.sites() - (x, y)) / side
    assert (inside > 0.1).all() and (inside < 0.95).all()


def test_a_crop_is_read_and_written_in_the_same_place():
    picture = np.zeros((200, 300, 3), dtype=np.float32)
    picture[118:123, 158:163] = 1
    crop = Crop((140.0, 100.0), 120.0, 0.5)
    seen = Pyramid(picture).crop(crop, 120)[0]
    rows, columns = np.nonzero(seen > 0.5)
    middle = np.array([columns.mean() + 0.5, rows.mean() + 0.5]) / 120
    assert np.abs(crop.to_photo(middle) - (160.5, 120.5)).max() < 0.5


def test_mirrored_points_are_pairs():
    pairs = dict(zip(KEYS, MIRRORED_KEYS, strict=True))
    assert all(pairs[pairs[key]] == key for key in KEYS)
    face = face_at(0, 0, 1)
    ours, theirs = face.landmarks[list(KEYS)], face.landmarks[list(MIRRORED_KEYS)]
    assert np.abs(ours * (-1, 1) - theirs).max() < 1e-9


def test_a_missing_network_is_said_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(face_networks, "FOLDER", tmp_path)
    face_networks._network.cache_clear()
    with pytest.raises(StrokewiseError, match="weights are missing .*install strokewise again"):
        find_faces(np.random.default_rng(0).random((64, 64, 3), dtype=np.float32))
    (tmp_path / "face_short_range.onnx").write_bytes(b"damaged")
    with pytest.raises(StrokewiseError, match="is not the weights of a face network"):
        find_faces(np.random.default_rng(0).random((64, 64, 3), dtype=np.float32))
    face_networks._network.cache_clear()


def test_the_card_has_the_hashes_of_the_files():
    card = (FOLDER / "faces.md").read_text("utf-8")
    rows = re.findall(r"`(\w+\.onnx)` .* (\d+) \| `(\w{64})`", card)
    assert len(rows) == 4
    for name, size, digest in rows:
        held = (FOLDER / name).read_bytes()
        assert (len(held), hashlib.sha256(held).hexdigest()) == (int(size), digest)
