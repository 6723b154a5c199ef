"""Budgets of subjects and place."""

import dataclasses

import numpy as np
import pytest
from PIL import Image
from scene_pictures import house_photo

from strokewise import Settings
from strokewise.encoders import embedded
from strokewise.errors import SettingsError
from strokewise.photo.given_mask import with_mask
from strokewise.photo.opening import open_photo
from strokewise.photo.preparing import Prepared
from strokewise.photo.scene_frames import frame_scene
from strokewise.scenes.budget import LEAST, MOST, Budget, check_split, divided, parse_split, share_budget


@pytest.fixture(scope="module")
def framed():
    photo, mask = house_photo()
    return frame_scene(with_mask(open_photo(photo), mask), Settings())


def test_a_budget_lies_between_the_limits_and_adds_up(framed):
    prepared = Prepared(None, framed.whole, embedded.load(), "embedded", "cpu")
    for strokes in (8, 64):
        budget = share_budget(strokes, framed, prepared)
        front, place = budget.split
        assert front + place == strokes and LEAST - 0.1 <= front / strokes <= MOST + 0.1


def test_a_scene_without_subjects_is_all_place(framed):
    empty = dataclasses.replace(framed, subjects=(), areas=())
    assert share_budget(20, empty, None) == Budget((), 20)


def test_strokes_are_shared_out_by_size_and_a_small_subject_has_room_for_few():
    photo, mask = Image.new("RGB", (400, 200), (230, 230, 230)), Image.new("L", (400, 200), 0)
    for box in ((20, 20, 180, 180), (300, 70, 360, 130)):
        photo.paste((30, 30, 60), box)
        mask.paste(255, box)
    two = frame_scene(with_mask(open_photo(photo), mask), Settings())
    large, small = divided(40, 24, two).subjects
    assert large > 2 * small >= 6 and large + small <= 40
    rich = divided(120, 24, two)
    assert rich.subjects[1] <= 16 and sum(rich.subjects) + rich.place == 144  # the place has what has no room
    assert sum(divided(120, 24, two, asked=True).subjects) == 120
    assert divided(4, 24, two).subjects == (4, 0)  # too few to be seen


@pytest.mark.parametrize("text", ["4", "4,5,6", "a,b", "0,0", "-1,5", "200,100", ""])
def test_a_split_is_two_numbers_of_strokes(text):
    with pytest.raises(SettingsError, match="two numbers of strokes"):
        parse_split(text)


def test_a_good_split():
    assert parse_split("40, 24") == (40, 24) and check_split([np.int64(0), 5]) == (0, 5)
    with pytest.raises(SettingsError):
        check_split("40")
