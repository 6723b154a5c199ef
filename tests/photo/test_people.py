"""People in the mask: what is missing of them is added where a face says that it is theirs."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from strokewise import StrokewiseError
from strokewise.photo import people
from strokewise.photo.masks import SubjectMask

BODY, ARM = (slice(100, 220), slice(100, 150)), (slice(60, 110), slice(140, 210))
FACE = (105, 130)  # y, x
PREDICT = people._predict


class Found:
    """A face by its middle alone."""

    def __init__(self, y, x):
        self.centre = np.array([x, y], dtype=np.float64)


def picture(*people, faces=(), height=256, width=320, value=0.95):
    """What the networks are made to see: people in red, the middles of faces in green."""
    pixels = np.zeros((height, width, 3), np.float32)
    for area in people:
        pixels[(*area, 0)] = value
    for y, x in faces:
        pixels[y, x, 1] = 1
    return pixels


def salient(*areas, shape=(256, 320)):
    mask = np.zeros(shape, np.float32)
    for area in areas:
        mask[area] = 1
    return SubjectMask.of(mask)


@pytest.fixture(autouse=True)
def asked(monkeypatch):
    """Networks that see what `picture` shows; how often faces were looked for."""
    asked = []

    def find(pixels):
        asked.append(pixels.shape)
        return [Found(y + 0.5, x + 0.5) for y, x in zip(*np.nonzero(pixels[:, :, 1]), strict=True)]

    monkeypatch.setattr(people, "_predict", lambda pixels: people._resized(pixels[:, :, 0], (people.SIDE,) * 2))
    monkeypatch.setattr(people, "find_faces", find)
    return asked


def test_the_arm_that_is_missing_is_added(asked):
    mask = people.with_people(salient(BODY), picture(BODY, ARM, faces=[FACE])).mask
    assert (mask[BODY] == 1).all() and mask.dtype == np.float32 and len(asked) == 1
    assert mask[66:104, 156:204].min() > 0.85
    assert mask[:50].max() < 0.05 and mask[228:].max() == 0 and mask.max() <= 1


def test_without_a_face_nothing_is_added(asked):
    found = salient(BODY)
    assert people.with_people(found, picture(BODY, ARM)) is found and len(asked) == 1
    assert people.with_people(found, picture(BODY, ARM, faces=[(180, 200)])) is found  # somebody else's


def test_faces_are_not_looked_for_where_nothing_is_missing(asked):
    found = salient(BODY)
    rim = (slice(97, 223), slice(97, 153))  # three pixels more on each side
    for shown in (picture(BODY, faces=[FACE]), picture(rim, faces=[FACE])):
        assert people.with_people(found, shown) is found
    assert asked == []


def test_a_part_that_the_network_is_unsure_of_is_left_out(asked):
    shown = picture(BODY, faces=[FACE])
    shown[(*ARM, 0)] = np.maximum(shown[(*ARM, 0)], 0.7)
    found = salient(BODY)
    assert people.with_people(found, shown) is found and asked == []


def test_people_in_the_background_stay_there(asked):
    other = (slice(100, 220), slice(165, 190))
    found = salient(BODY)
    assert people.with_people(found, picture(BODY, other, faces=[FACE, (110, 170)])) is found and asked == []


def test_two_people_of_whom_something_is_missing():
    left, right = (slice(100, 220), slice(60, 100)), (slice(100, 220), slice(160, 200))
    tops = [(slice(100, 150), one[1]) for one in (left, right)]
    mask = people.with_people(salient(*tops), picture(left, right, faces=[(110, 80), (110, 180)])).mask
    assert mask[155:212, 66:94].min() > 0.85 and mask[155:212, 166:194].min() > 0.85
    only = people.with_people(salient(*tops), picture(left, right, faces=[(110, 80)])).mask
    assert only[155:212, 66:94].min() > 0.85 and only[160:212, 166:194].max() == 0


def test_what_else_is_in_the_mask_stays():
    guitar = (slice(150, 200), slice(140, 260))
    mask = people.with_people(salient(BODY, guitar), picture(BODY, ARM, faces=[FACE])).mask
    assert (mask[guitar] == 1).all()


def test_a_small_person_is_looked_at_from_near_by(monkeypatch):
    crops = []
    monkeypatch.setattr(people, "_predict", lambda seen: crops.append(seen.shape) or np.zeros((256, 256), np.float32))
    mask = np.zeros((900, 1200), np.float32)
    mask[400:500, 600:640] = 1
    people.with_people(SubjectMask.of(mask), picture(height=900, width=1200))
    assert crops == [(220, 160, 3)]  # a box of 100 x 40 with 60 on each side


def test_no_mask_no_people(asked):
    found = SubjectMask.of(np.zeros((40, 50), np.float32))
    assert people.with_people(found, picture(height=40, width=50)) is found and asked == []


def test_the_network_sees_a_person_in_front_of_a_wall():
    """A drawn head and shoulders; the wall is none of it."""
    height = width = 256
    y, x = np.mgrid[:height, :width] + 0.5
    head = np.hypot((x - 128) / 40, (y - 90) / 52) < 1
    body = (np.hypot((x - 128) / 95, (y - 260) / 115) < 1) & (y > 145)
    pixels = np.full((height, width, 3), (0.75, 0.78, 0.8), np.float32)
    pixels[body] = (0.1, 0.15, 0.35)
    pixels[head] = (0.85, 0.65, 0.55)
    pixels[head & (y < 62)] = (0.2, 0.12, 0.08)
    for eye in (112, 144):
        pixels[np.hypot((x - eye) / 6, (y - 85) / 3) < 1] = 0.1
    found = PREDICT(pixels)
    assert found.shape == (256, 256) and found.min() >= 0 and found.max() <= 1
    assert found[head | body].mean() > 0.8 and found[:30].max() < 0.2


def test_the_weights_are_those_of_the_card():
    digest = hashlib.sha256(people.WEIGHTS.read_bytes()).hexdigest()
    card = people.WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    assert digest in card and str(people.WEIGHTS.stat().st_size) in card


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "weights are missing"), (b"", "is not the weights of the people network")],
)
def test_weights_that_cannot_be_had(content, said, tmp_path, monkeypatch):
    path = tmp_path / "people.onnx"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setattr(people, "WEIGHTS", path)
    people._network.cache_clear()
    with pytest.raises(StrokewiseError, match=said) as error:
        PREDICT(picture())
    assert 'subject="keep"' in str(error.value) and "\n" not in str(error.value)
    people._network.cache_clear()
