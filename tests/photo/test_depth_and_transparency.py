"""Levels of 10 to 16 bits, and white on transparent."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from odd_files import SIZE, chunk, close, grey, logo, raw_png, scene, uncompressed_tiff
from PIL import Image, TiffImagePlugin

from strokewise.errors import PhotoError
from strokewise.photo.opening import check_drawable, open_photo

# Depth, and transparency


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_grey_of_fewer_bits_in_16(bits, kind, encode):
    values = (grey().astype(np.int64) * (2**bits - 1) // 255).astype(np.uint16)
    photo = open_photo(encode(Image.fromarray(values), kind))
    assert np.abs(photo.pixels[..., 0] - grey() / 255).max() < 0.01


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "array"])
def test_colour_of_12_bits_in_16(channels, kind, order):
    eight = np.asarray(scene().convert("RGB")).astype(np.int64)
    alpha = np.full((*eight.shape[:2], channels - 3), 4095 if kind != "array" else 65535, np.uint16)
    values = np.concatenate([eight * 4095 // 255, alpha], axis=2).astype(np.uint16)
    if kind == "PNG":
        rows = values.astype(">u2").reshape(values.shape[0], -1).view(np.uint8)
        source = raw_png(2 if channels == 3 else 6, 16, rows)
    elif kind == "TIFF":
        source = uncompressed_tiff(values, {338: (3, [2])} if channels == 4 else {}, order)
    else:
        source = values
    assert np.abs(open_photo(source).pixels - eight / 255).max() < 0.01


def test_a_narrow_part_of_12_bits_is_stretched(encode):
    values = (800 + grey().astype(np.int64) * 390 // 255).astype(np.uint16)
    photo = open_photo(encode(Image.fromarray(values), "TIFF"))
    wanted = (values - values.min()) / np.ptp(values)
    assert np.abs(photo.pixels[..., 0] - wanted).max() < 0.01
    check_drawable(photo)


def test_noise_alone_is_not_stretched(encode):
    noise = np.random.default_rng(0).normal(1000, 3, (120, 160)).astype(np.uint16)
    with pytest.raises(PhotoError, match="all one colour"):
        check_drawable(open_photo(encode(Image.fromarray(noise), "PNG")))


@pytest.mark.parametrize(("low", "high"), [(0, 65535), (20000, 60000), (0, 20000), (30000, 40000)])
def test_a_true_16_bit_picture_keeps_its_scale(low, high, encode):
    values = (low + grey().astype(np.float64) / 255 * (high - low)).astype(np.uint16)
    photo = open_photo(encode(Image.fromarray(values), "PNG"))
    assert np.abs(photo.pixels[..., 0] - values / 65535).max() < 1e-3


def test_the_tag_of_the_largest_value_is_believed():
    values = (grey().astype(np.uint16) * 8).astype(np.uint16)
    photo = open_photo(uncompressed_tiff(values, {281: (3, [4095])}))
    assert photo.pixels.max() == pytest.approx(values.max() / 4095, abs=0.01)
    assert open_photo(uncompressed_tiff(values, {281: (3, [9])})).pixels.max() == pytest.approx(
        values.max() / 4095, abs=0.01
    )


def test_a_16_bit_tiff_in_which_white_is_zero():
    values = grey().astype(np.uint16) * 257
    photo = open_photo(uncompressed_tiff(65535 - values, {262: (3, [0])}))
    assert np.abs(photo.pixels[..., 0] - grey() / 255).max() < 0.01


def test_grey_of_16_bits_with_a_transparent_value():
    values = np.full((16, 16), 20000, ">u2")
    values[4:12, 4:12] = 40000
    data = raw_png(0, 16, values.view(np.uint8).reshape(16, -1), chunk(b"tRNS", struct.pack(">H", 20000)))
    photo = open_photo(data)
    assert photo.pixels[0, 0].min() == 1 and photo.pixels[8, 8].max() == pytest.approx(40000 / 65535, abs=0.01)


def test_colour_of_16_bits_with_a_transparent_value():
    values = np.full((16, 16, 3), 5000, ">u2")
    values[4:12, 4:12] = 60000, 1000, 1000
    data = raw_png(2, 16, values.view(np.uint8).reshape(16, -1), chunk(b"tRNS", struct.pack(">HHH", 5000, 5000, 5000)))
    photo = open_photo(data)
    assert photo.pixels[0, 0].min() == 1 and photo.pixels[8, 8] == pytest.approx([0.915, 0.013, 0.013], abs=0.01)


def test_grey_of_4_bits_with_a_transparent_value():
    values = np.full((16, 16), 0x33, np.uint8)
    values[4:12, 4:12] = 0x99
    photo = open_photo(raw_png(0, 4, values, chunk(b"tRNS", struct.pack(">H", 3))))
    assert photo.pixels[0, 0].min() == 1 and photo.pixels[8, 16].max() == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize("most", [255, 4095, 65535])
def test_grey_with_opacity_of_16_bits(most):
    values = np.zeros((16, 32, 2), np.uint16)
    values[..., 1] = most
    values[:, :16] = most // 2, 0
    values[4:12, 20:28, 0] = most // 2
    photo = open_photo(raw_png(4, 16, values.astype(">u2").reshape(16, -1).view(np.uint8)))
    assert photo.pixels[0, 0].min() == 1 and photo.pixels[0, 18].max() == 0
    assert photo.pixels[8, 24] == pytest.approx([0.5] * 3, abs=0.01)


@pytest.mark.parametrize("compression", ["none", "deflate"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("most", [4095, 65535])
def test_a_tiff_of_grey_with_opacity_of_16_bits(most, order, compression):
    values = np.zeros((16, 32, 2), np.uint16)
    values[..., 1] = most
    values[:, :16] = most // 2, 0
    values[4:12, 20:28, 0] = most // 2
    more = {338: (3, [2])}
    data = uncompressed_tiff(values, more, order)
    if compression == "deflate":
        packed = zlib.compress(values.astype(values.dtype.newbyteorder(order)).tobytes())
        plain = uncompressed_tiff(values, {**more, 259: (3, [8]), 279: (4, [len(packed)])}, order)
        data = plain[: -values.nbytes] + packed
    before = dict(TiffImagePlugin.OPEN_INFO)
    photo = open_photo(data)
    assert photo.pixels[0, 0].min() == 1 and photo.pixels[0, 18].max() == 0
    assert photo.pixels[8, 24] == pytest.approx([0.5] * 3, abs=0.01)
    assert before == TiffImagePlugin.OPEN_INFO


def test_a_tiff_of_grey_with_opacity_that_lacks_a_few_bytes():
    values = np.full((100, 32, 2), 65535, np.uint16)
    values[20:60, 8:24, 0] = 0
    data = uncompressed_tiff(values, {338: (3, [2])})
    assert np.array_equal(open_photo(data[:-4]).pixels, open_photo(data).pixels)


def test_a_psd_as_saved_for_other_programs():
    samples = np.asarray(scene()).transpose(2, 0, 1).tobytes()
    head = b"8BPS\0\x01" + bytes(6) + struct.pack(">HIIHH", 3, SIZE[1], SIZE[0], 8, 3)
    assert close(open_photo(head + bytes(12) + b"\0\0" + samples), scene(), 0.01)


# White on transparent


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_white_on_transparent_is_drawn_dark(kind, mode, encode):
    if (kind, mode) == ("WEBP", "LA"):
        pytest.skip("WebP has no such mode")
    photo = open_photo(encode(logo((255, 255, 255), mode=mode), kind))
    check_drawable(photo)
    assert photo.pixels[60, 80].max() < 0.1 and photo.pixels[45, 65].min() > 0.9 and photo.pixels[5, 5].min() == 1
    assert any("white on transparent" in remark for remark in photo.remarks)


def test_a_light_hue_keeps_its_hue(encode):
    red, green, blue = open_photo(encode(logo((255, 250, 220)), "PNG")).pixels[60, 80]
    assert red > green > blue and red < 0.2


@pytest.mark.parametrize("color", [(0, 0, 0), (200, 30, 30), (180, 180, 180), (90, 160, 255)])
def test_what_can_be_seen_on_white_stays_as_it_is(color, encode):
    photo = open_photo(encode(logo(color), "PNG"))
    assert photo.pixels[60, 80] == pytest.approx(np.array(color) / 255, abs=0.01) and photo.remarks == ()


def test_a_white_shape_with_a_dark_outline_stays_as_it_is(encode):
    image = logo((0, 0, 0), hole=False)
    image.paste((255, 255, 255, 255), (44, 34, 116, 86))
    photo = open_photo(encode(image, "PNG"))
    assert photo.pixels[60, 80].min() == 1 and photo.remarks == ()


def test_a_white_shape_with_an_interior_drawing_is_reversed(encode):
    image = logo((255, 255, 255), hole=False)
    image.paste((0, 0, 0, 255), (76, 56, 84, 64))
    photo = open_photo(encode(image, "PNG"))
    assert photo.pixels[40, 60].max() < 0.1 and photo.pixels[60, 80].min() > 0.9


def test_the_true_reason_of_a_wholly_transparent_picture(encode):
    with pytest.raises(PhotoError, match="it is wholly transparent"):
        check_drawable(open_photo(encode(Image.new("RGBA", SIZE, (255, 255, 255, 0)), "PNG")))
    hidden = scene()
    hidden.putalpha(0)
    photo = open_photo(encode(hidden, "PNG"))
    assert close(photo, scene(), 0.01) and "wholly transparent" in photo.remarks[0]


def test_a_faint_watermark_is_seen(encode):
    faint = logo((0, 0, 0))
    faint.putalpha(faint.getchannel("A").point(lambda value: min(value, 5)))
    photo = open_photo(encode(faint, "PNG"))
    check_drawable(photo)
    assert "nearly transparent" in photo.remarks[0]
