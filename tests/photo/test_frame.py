from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from strokewise.photo.frame import Frame, frame_strokes, frame_subject
from strokewise.photo.masks import SubjectMask
from strokewise.photo.opening import Photo, open_photo


def disc_mask(photo, level=0.5):
    return (photo.pixels.mean(2) < level).astype(np.float32)


def centre_of(canvas):
    """Centre (x, y) of the dark disc on the canvas, canvas coordinates."""
    dark = np.clip(0.8 - canvas, 0, 1)
    ys, xs = np.mgrid[: canvas.shape[0], : canvas.shape[1]] + 0.5
    return np.array([(xs * dark).sum(), (ys * dark).sum()]) / dark.sum()


SHAPES = {
    "wide": ((400, 100), (330, 30)),
    "tall": ((90, 500), (40, 420)),
    "square": ((224, 224), (60, 150)),
    "small": ((40, 30), (12, 20)),
    "large": ((3600, 1500), (2900, 400)),
}


@pytest.mark.parametrize("framed", [False, True])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_place_on_the_canvas_maps_back_to_the_photo(shape, framed, disc_image):
    (width, height), centre = SHAPES[shape]
    photo = open_photo(disc_image(width, height, centre, radius=min(width, height) / 6))
    frame = frame_subject(photo, disc_mask(photo) if framed else None, 224)
    canvas = frame.sample(photo.pixels, photo=photo)
    assert canvas.shape == (224, 224, 3) and canvas.dtype == np.float32
    assert frame.to_photo(centre_of(canvas.mean(2))) == pytest.approx(centre, abs=max(1, 0.5 / photo.scale))


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_rotated_photo(orientation, disc_image, encode):
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = disc_image(200, 100, (150, 30), 12)
    expected = {3: (50, 70), 6: (70, 150), 8: (30, 50)}[orientation]
    photo = open_photo(encode(stored, "JPEG", exif=exif, quality=95))
    frame = frame_subject(photo, disc_mask(photo), 128)
    assert frame.to_photo(centre_of(frame.sample(photo.pixels, photo=photo).mean(2))) == pytest.approx(expected, abs=1)


def test_whole_photo_is_letterboxed_on_white(disc_image):
    photo = open_photo(disc_image(400, 100, (200, 50), 20))
    frame = frame_subject(photo, None, 200)
    assert (frame.x0, frame.y0, frame.side, frame.scale) == (0, -150, 400, 2)
    canvas = frame.sample(photo.pixels, photo=photo)
    inside = frame.inside(photo)
    assert inside.sum() == 200 * 50 and inside[75:125].all()
    assert canvas[:75].min() == 1 and canvas[125:].min() == 1
    assert canvas[75] == pytest.approx(np.full((200, 3), 230 / 255), abs=0.01)


def test_subject_fills_the_canvas_but_for_the_margin(disc_image):
    photo = open_photo(disc_image(600, 400, (500, 300), 25))
    frame = frame_subject(photo, disc_mask(photo), 224, margin=0.1)
    assert frame.side == pytest.approx(50 / 0.8, abs=1)
    assert (frame.x0 + frame.side / 2, frame.y0 + frame.side / 2) == pytest.approx((500, 300), abs=1)
    tight = frame_subject(photo, disc_mask(photo), 224, margin=0)
    assert tight.side == pytest.approx(50, abs=1)


def test_subject_at_the_edge_reaches_over_it(disc_image):
    photo = open_photo(disc_image(200, 200, (195, 100), 30))
    frame = frame_subject(photo, disc_mask(photo), 100)
    inside = frame.inside(photo)
    assert not inside[:, -1].any() and inside[50, 0]
    assert frame.sample(photo.pixels, photo=photo)[:, -5:].min() == 1


def test_margin_is_checked(disc_image):
    with pytest.raises(ValueError, match="margin"):
        frame_subject(open_photo(disc_image()), None, 224, margin=0.5)


def test_empty_mask_frames_the_whole_photo(disc_image):
    photo = open_photo(disc_image())
    assert frame_subject(photo, np.zeros((120, 160), np.float32), 224) == frame_subject(photo, None, 224)


def test_specks_do_not_widen_the_frame():
    mask = np.zeros((200, 300), np.float32)
    mask[50:150, 100:200] = 1
    expected = SubjectMask.of(mask).box
    mask[5:8, 5:8] = 1
    mask[190, 290] = 0.9
    mask[20:40, 250:290] = 0.3  # haze
    assert SubjectMask.of(mask).box == expected == (100, 50, 200, 150)
    clean = SubjectMask.of(mask).without_specks().mask
    assert clean.sum() == 100 * 100


def test_drop_specks_keeps_large_parts_and_faint_rims():
    mask = np.zeros((100, 100), np.float32)
    mask[10:40, 10:40] = 1
    mask[40:44, 10:40] = 0.3
    mask[60:80, 60:80] = 0.8
    assert (SubjectMask.of(mask).without_specks().mask == mask).all()
    assert SubjectMask.of(np.zeros((9, 9), np.float32)).box is None


def test_reducing_does_not_alias():
    stripes = np.zeros((1000, 1000, 3), np.float32)
    stripes[:, ::2] = 1
    photo = Photo(stripes)
    canvas = frame_subject(photo, None, 100).sample(stripes, photo=photo)
    assert np.abs(canvas[5:-5, 5:-5] - 0.5).max() < 0.02


def test_sample_keeps_the_range_and_takes_masks():
    step = np.zeros((50, 50), np.float32)
    step[:, 25:] = 1
    photo = Photo(np.ones((50, 50, 3), np.float32))
    canvas = frame_subject(photo, None, 333).sample(step, 0.0, photo=photo)
    assert canvas.shape == (333, 333) and canvas.min() == 0 and canvas.max() == 1
    assert canvas[:, :155].max() < 0.08 and canvas[:, 178:].min() > 0.92


def test_mask_and_pixels_may_be_smaller_than_the_photo():
    pixels = np.ones((100, 200, 3), np.float32)
    pixels[40:60, 140:160] = 0
    photo = Photo(pixels, size=(2000, 1000))
    frame = frame_subject(photo, disc_mask(photo), 100, margin=0)
    assert (frame.x0, frame.y0, frame.side) == (1400, 400, 200)
    assert frame.sample(pixels, photo=photo)[20:80, 20:80].max() < 0.01


def test_a_square_far_outside_is_blank():
    photo = Photo(np.zeros((20, 20, 3), np.float32))
    frame = Frame(32, 500, -900, 40)
    assert frame.sample(photo.pixels, 0.7, photo=photo).min() == pytest.approx(0.7)
    assert not frame.inside(photo).any()


number = st.floats(-1e4, 1e4)


@settings(deadline=None)
@given(st.integers(64, 1024), number, number, st.floats(1, 1e5), st.lists(st.tuples(number, number), min_size=1))
def test_round_trip(size, x0, y0, side, points):
    frame = Frame(size, x0, y0, side)
    assert np.allclose(frame.to_photo(frame.to_canvas(points)), points, atol=1e-6)
    assert np.allclose(frame.to_canvas(frame.to_photo(points)), points, atol=1e-6 * size)
    assert frame.to_photo([0, 0]) == pytest.approx([x0, y0])
    assert frame.to_photo([size, size]) == pytest.approx([x0 + side, y0 + side], abs=1e-6)


def test_strokes_are_framed_with_a_margin_and_shown_on_a_canvas_of_their_own(sketch):
    beside = sketch.mapped(sketch.canvas, 1.0, (40.0, 0.0))
    frame = frame_strokes([sketch, beside], 224, margin=0.1)
    low, high = sketch.points.min((0, 1)), beside.points.max((0, 1))
    assert frame.side == pytest.approx(1.2 * (high - low).max())
    assert (frame.x0 + frame.side / 2, frame.y0 + frame.side / 2) == pytest.approx(tuple((low + high) / 2))
    shown = frame.shown(beside)
    assert shown.canvas == (frame.side, frame.side) and (shown.widths == sketch.widths).all()
    np.testing.assert_allclose(frame.to_canvas(beside.points), shown.points / frame.scale)
