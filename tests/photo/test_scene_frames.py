"""Scenes framed: the whole photo, and each subject close up."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from strokewise import Settings
from strokewise.errors import PhotoError
from strokewise.photo.given_mask import with_mask
from strokewise.photo.opening import open_photo
from strokewise.photo.scene_frames import frame_scene


def discs(*each, size=(300, 160), paint=True):
    photo, mask = Image.new("RGB", size, (210, 220, 230)), Image.new("L", size, 0)
    for x, y, r in each:
        for pen, fill in ((ImageDraw.Draw(photo), (40, 60, 20)), (ImageDraw.Draw(mask), 255)):
            pen.ellipse([x - r, y - r, x + r, y + r], fill=fill)
    return with_mask(open_photo(photo), mask)


def test_two_subjects_are_framed_each_by_itself():
    framed = frame_scene(discs((60, 60, 30), (230, 90, 45)), Settings())
    assert len(framed.subjects) == 2 and framed.areas[0] > framed.areas[1]
    for one, (x, r) in zip(framed.subjects, ((230, 45), (60, 30)), strict=True):
        assert one.frame.x0 + one.frame.side / 2 == pytest.approx(x, abs=1.5)
        assert one.frame.side == pytest.approx(2 * r / 0.88, rel=0.05)
        assert one.mask is not None and one.image[0, 0].min() > 0.99 > one.photo[0, 0].min()
    assert framed.whole.mask is None and framed.whole.frame.side == 300
    # Both are covered on the whole, and nothing else: the corners of what is inside are free.
    share = framed.covered[framed.whole.inside].mean()
    assert share == pytest.approx(np.pi * (30**2 + 45**2) / (300 * 160), rel=0.05)


def test_what_nearly_touches_is_one_subject_and_specks_are_none():
    framed = frame_scene(discs((100, 80, 40), (144, 80, 5), (250, 20, 3)), Settings())
    assert len(framed.subjects) == 1
    assert framed.subjects[0].frame.side == pytest.approx((149 - 60) / 0.88, rel=0.05)


def test_a_photo_of_nothing_clear_is_all_place():
    slope = np.tile(np.linspace(0.2, 0.8, 200, dtype=np.float32)[None, :, None], (120, 1, 3))
    framed = frame_scene(open_photo(slope), Settings())
    assert framed.subjects == () and not framed.covered.any() and "all drawn as background" in framed.whole.subject


def test_a_photo_of_one_colour_is_refused():
    with pytest.raises(PhotoError):
        frame_scene(open_photo(Image.new("RGB", (80, 60), "grey")), Settings())
