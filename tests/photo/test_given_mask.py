"""Masks that a person gives, and those that a photo's transparency is."""

from __future__ import annotations

import dataclasses
import struct

import numpy as np
import pytest
from odd_files import chunk, raw_png, uncompressed_tiff
from PIL import Image

import strokewise
from strokewise import PhotoError, Settings, SettingsError
from strokewise.photo import preparing, subject
from strokewise.photo.given_mask import with_mask
from strokewise.photo.opening import Photo, open_photo
from strokewise.photo.preparing import frame_photo, prepare

BOX = (120, 20, 150, 60)  # left, top, right, bottom


def photo(width=160, height=120):
    """Two dark boxes on grey; only the right one is what is meant."""
    pixels = np.full((height, width, 3), 0.8, np.float32)
    pixels[30:90, 20:70] = 0.1
    pixels[BOX[1] : BOX[3], BOX[0] : BOX[2]] = (0.6, 0.2, 0.1)
    return Photo(pixels, "boxes.png")


def mask_image(mode="L", scale=1, width=160, height=120):
    image = Image.new("L", (width * scale, height * scale), 0)
    image.paste(255, tuple(scale * v for v in BOX))
    if mode == "RGBA":  # black and opaque on the subject, white and transparent elsewhere
        painted = Image.merge("RGBA", [image.point(lambda v: 255 - v)] * 3 + [image])
        return painted
    return image.convert(mode)


@pytest.fixture
def never_looked_for(monkeypatch):
    def measure(*given):
        raise AssertionError("the subject is looked for")

    monkeypatch.setattr(preparing, "measure_subject", measure)


@pytest.mark.parametrize(("mode", "scale"), [("L", 1), ("L", 3), ("1", 1), ("RGB", 1), ("RGBA", 1), ("P", 2)])
def test_a_mask_says_what_the_subject_is(mode, scale, never_looked_for):
    masked = with_mask(photo(), mask_image(mode, scale))
    assert masked.mask.shape == (120, 160) and masked.mask.dtype == np.float32 and masked.mask_source == "given"
    framed = frame_photo(masked, Settings())
    assert framed.subject == "background removed (by the mask given; subject fills 6% of the picture)"
    assert framed.mask_source == "given"
    frame = framed.frame
    centre = (frame.x0 + frame.side / 2, frame.y0 + frame.side / 2)
    assert centre == pytest.approx((135, 40), abs=1) and 40 < frame.side < 50
    middle, corner = framed.image[224, 224], framed.image[30, 30]
    assert middle == pytest.approx((0.6, 0.2, 0.1), abs=0.01) and corner == pytest.approx((1, 1, 1))


def test_it_may_be_a_path_bytes_or_an_array(tmp_path, encode):
    mask_image().save(tmp_path / "mask.png")
    array = np.asarray(mask_image()) > 0
    found = [
        with_mask(photo(), one).mask
        for one in (tmp_path / "mask.png", encode(mask_image(), "PNG"), array, array.astype(np.float64), mask_image())
    ]
    assert all((one == found[0]).all() for one in found) and set(np.unique(found[0])) == {0, 1}


def test_of_the_photos_proportions_give_or_take_a_pixel():
    large = dataclasses.replace(photo(), size=(1601, 1199))  # kept smaller than it is
    for size in ((160, 120), (1601, 1199), (107, 80)):
        assert with_mask(large, mask_image().resize(size)).mask.shape == (120, 160)


@pytest.mark.parametrize(
    ("mask", "said"),
    [
        (lambda: mask_image().resize((120, 160)), "the mask is 120 x 160 px and the photo 160 x 120: make it of"),
        (lambda: mask_image().resize((160, 100)), "the mask is 160 x 100 px and the photo"),
        (lambda: Image.new("L", (160, 120), 0), "black all over: paint the subject white"),
        (lambda: Image.new("L", (160, 120), 90), "black all over"),
        (lambda: Image.new("L", (160, 120), 255), "white all over: paint the background black in it, or leave"),
        (lambda: b"no picture", "the mask cannot be used: photo is not a picture in a known format"),
        (lambda: "nowhere.png", "the mask cannot be used: nowhere.png does not exist: check the name"),
        (lambda: np.zeros((4, 5, 7)), "the mask cannot be used: an array must be"),
    ],
)
def test_masks_that_will_not_do(mask, said):
    with pytest.raises(PhotoError) as error:
        with_mask(photo(), mask())
    assert said in str(error.value) and "\n" not in str(error.value)


def test_a_mask_of_too_many_pixels_is_not_decoded():
    with pytest.raises(PhotoError, match="the mask cannot be used: image is 480 x 360 px, larger than"):
        with_mask(photo(), mask_image(scale=3), max_pixels=100_000)


def test_drawings_say_that_a_mask_was_given(never_looked_for):
    small = {"strokes": 2, "steps": 0, "candidates": 1, "size": 64}
    sketch = strokewise.draw(photo(), mask=mask_image(), **small)
    assert sketch.metadata["mask"] == "given" and "by the mask given" in sketch.metadata["subject"]
    assert sketch.points[:, :, 0].min() > 100  # nothing of the other box
    keep = strokewise.draw(photo(), subject="keep", **small)
    assert "mask" not in keep.metadata


def test_a_mask_where_the_background_is_kept():
    with pytest.raises(SettingsError) as error:
        strokewise.draw(photo(), mask=mask_image(), subject="keep")
    assert str(error.value) == "subject and a mask do not go together: leave one of them out"


def test_a_mask_for_a_prepared_photo_comes_too_late():
    prepared = prepare(photo(), Settings(subject="keep"))
    with pytest.raises(SettingsError, match="mask comes too late for a photo that is prepared: give it to prepare"):
        strokewise.draw(prepared, mask=mask_image())


def cut_out_photo(shade=(0.6, 0.2, 0.1), size=(160, 120)):
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    image.paste((*(round(255 * v) for v in shade), 255), BOX)
    image.paste((40, 40, 40, 255), (125, 30, 140, 40))
    return image


def test_transparency_is_the_mask(never_looked_for):
    opened = open_photo(cut_out_photo())
    assert opened.mask_source == "transparency" and opened.mask.sum() == 30 * 40
    framed = frame_photo(opened, Settings())
    assert framed.subject == "background removed (it was transparent; subject fills 6% of the picture)"
    assert framed.mask_source == "transparency" and 40 < framed.frame.side < 50
    inside = framed.mask > 0.99
    assert inside.mean() > 0.5 and framed.mask[:20].max() < 0.01


def test_a_light_subject_on_a_transparent_ground_is_framed(never_looked_for):
    framed = frame_photo(open_photo(cut_out_photo((0.99, 0.99, 0.99))), Settings())
    assert framed.frame.side < 50 and framed.mask.mean() > 0.5


def test_the_ground_of_a_transparent_photo_goes_on_outside_of_it(never_looked_for):
    opened = open_photo(cut_out_photo())
    alpha = opened.mask[:, :, None]
    grey = dataclasses.replace(opened, pixels=np.float32(opened.pixels * alpha + 0.5 * (1 - alpha)))
    tall = Image.new("L", (160, 120), 0)
    tall.paste(255, (0, 0, 160, 60))
    framed = frame_photo(dataclasses.replace(grey, mask=np.asarray(tall, np.float32) / 255), Settings())
    assert not framed.inside.all()
    assert framed.image[~framed.inside] == pytest.approx(0.5) and framed.photo[~framed.inside] == pytest.approx(0.5)


def test_a_mask_that_is_given_counts_more_than_transparency():
    other = Image.new("L", (160, 120), 0)
    other.paste(255, (0, 0, 80, 120))
    assert with_mask(open_photo(cut_out_photo()), other).mask_source == "given"


def test_transparent_corners_are_no_mask(monkeypatch):
    image = Image.fromarray(np.round(photo().pixels * 255).astype(np.uint8)).convert("RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 6, 6))
    opened = open_photo(image)
    assert opened.mask_source == "transparency"
    looked = []
    measure = subject.measure_subject
    monkeypatch.setattr(
        preparing, "measure_subject", lambda *given, **named: looked.append(1) or measure(*given, **named)
    )
    framed = frame_photo(opened, Settings())
    assert looked and framed.mask_source == ""


def wide(kind):
    """Dark on transparent, of 16 bits a channel, of which 12 are used; the subject is opaque."""
    values = np.zeros((120, 160, 4), np.uint16)
    left, top, right, bottom = BOX
    values[top:bottom, left:right] = (900, 300, 150, 4095)
    if kind == "TIFF":
        return uncompressed_tiff(values, {338: (3, [2])})
    if kind == "TIFF of grey":
        return uncompressed_tiff(values[:, :, 2:], {338: (3, [2])})
    return raw_png(6, 16, values.astype(">u2").reshape(120, -1).view(np.uint8))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "TIFF of grey"])
def test_transparency_of_16_bits_is_the_mask(kind, never_looked_for):
    opened = open_photo(wide(kind))
    assert opened.mask_source == "transparency" and set(np.unique(opened.mask)) == {0, 1}
    assert opened.mask.sum() == 30 * 40 and opened.mask[BOX[1] : BOX[3], BOX[0] : BOX[2]].all()
    assert frame_photo(opened, Settings()).mask_source == "transparency"


@pytest.mark.parametrize("channels", [2, 4])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.float32])
def test_transparency_of_an_array_is_the_mask(kind, channels):
    array = np.zeros((120, 160, channels), kind)
    array[BOX[1] : BOX[3], BOX[0] : BOX[2], -1] = 1 if kind is np.float32 else np.iinfo(kind).max
    opened = open_photo(array)
    assert opened.mask_source == "transparency" and opened.mask.sum() == 30 * 40


def test_a_grey_value_of_16_bits_that_stands_for_transparent():
    values = np.full((120, 160), 40000, np.uint16)
    values[BOX[1] : BOX[3], BOX[0] : BOX[2]] = 9000
    data = raw_png(0, 16, values.astype(">u2").view(np.uint8), chunk(b"tRNS", struct.pack(">H", 40000)))
    opened = open_photo(data)
    assert opened.mask_source == "transparency" and opened.mask.sum() == 30 * 40


def test_white_on_transparent_is_framed_as_it_is_drawn(never_looked_for):
    image = Image.new("RGBA", (160, 120), (0, 0, 0, 0))
    image.paste((255, 255, 255, 255), BOX)
    image.paste((0, 0, 0, 255), (130, 30, 136, 36))  # an eye, which becomes light
    framed = frame_photo(open_photo(image), Settings())
    assert framed.mask_source == "transparency"
    inside = framed.image[framed.mask > 0.99]
    assert inside.min() < 0.05 and inside.max() > 0.95 and (inside < 0.1).mean() > 0.8


def test_what_is_faint_counts_as_opaque():
    image = cut_out_photo()
    image.putalpha(image.getchannel("A").point(lambda value: min(value, 5)))
    assert open_photo(image).mask.sum() == 30 * 40


def test_a_wholly_transparent_mask_is_refused():
    with pytest.raises(PhotoError, match="black all over"):
        with_mask(photo(), Image.new("RGBA", (160, 120), (255, 255, 255, 0)))


def test_a_mask_that_lacks_its_last_bytes_is_told_of(encode):
    data = encode(mask_image(), "BMP")
    masked = with_mask(photo(), data[:-40])
    assert len(masked.remarks) == 1 and "has a mask that is damaged or lacks its last bytes" in masked.remarks[0]
    assert with_mask(photo(), mask_image("RGBA")).remarks == ()  # white on transparent is no fault of a mask


def test_an_opaque_photo_has_no_mask(disc_image):
    assert open_photo(disc_image(mode="RGBA")).mask is None and open_photo(disc_image()).mask is None


def test_transparency_turns_with_the_photo(encode):
    exif = Image.Exif()
    exif[0x0112] = 6
    image = cut_out_photo()
    opened = open_photo(encode(image, "PNG", exif=exif))
    turned = np.asarray(image.transpose(Image.Transpose.ROTATE_270).getchannel("A")) / 255
    assert opened.size == (120, 160) and (opened.mask == turned.astype(np.float32)).all()


def test_where_transparency_is_kept():
    framed = frame_photo(open_photo(cut_out_photo()), Settings(subject="keep"))
    assert framed.mask is None and framed.mask_source == "" and framed.subject == "background kept as asked"


def test_a_photos_mask_is_checked():
    pixels = photo().pixels
    with pytest.raises(ValueError, match="mask must be float32 of the size of pixels"):
        Photo(pixels, mask=np.zeros((3, 3), np.float32))
