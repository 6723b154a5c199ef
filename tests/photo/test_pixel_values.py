"""Levels of all kinds of pixels become 0 to 1."""

import numpy as np
import pytest
from PIL import Image

from strokewise.errors import PhotoError
from strokewise.photo.opening import check_drawable, open_photo


def test_16_bit_png_keeps_its_scale(encode):
    ramp = np.tile(np.linspace(0, 20000, 64).astype(np.uint16), (16, 1))
    pixels = open_photo(encode(Image.fromarray(ramp), "PNG")).pixels
    assert pixels.max() == pytest.approx(20000 / 65535, abs=1e-4)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 0.5, 1.0, 1.2], [0, 0.5, 1, 1]),
        ([0.0, 51.0, 102.0, 255.0], [0, 0.2, 0.4, 1]),
        ([0.0, 13107.0, 65535.0, 65535.0], [0, 0.2, 1, 1]),
        ([-10.0, 0.0, 10.0, 10.0], [0, 0.5, 1, 1]),
        ([float("nan"), 0.0, 0.5, float("inf")], [1, 0, 0.5, 1]),
        ([float("nan")] * 4, [1, 1, 1, 1]),
    ],
)
def test_float_tiff_range(values, expected, encode):
    grey = np.tile(np.repeat(np.array(values, dtype=np.float32), 4), (16, 1))
    pixels = open_photo(encode(Image.fromarray(grey), "TIFF")).pixels
    assert pixels[0, ::4, 0] == pytest.approx(expected, abs=1e-5)


def test_signed_integers_are_stretched():
    grey = np.tile(np.repeat(np.array([-1000, 0, 1000, 3000], dtype=np.int32), 4), (16, 1))
    assert open_photo(Image.fromarray(grey)).pixels[0, ::4, 0] == pytest.approx([0, 0.25, 0.5, 1])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 51, 102, 255], [0, 0.2, 0.4, 1]),
        ([0, 1, 1, 0], [0, 1, 1, 0]),
        ([0, 13107, 65535, 256], [0, 0.2, 1, 256 / 65535]),
        ([70000, 80000, 90000, 70000], [0, 0.5, 1, 0]),
    ],
)
def test_integers_have_the_range_they_seem_to_be_meant_in(values, expected, encode):
    grey = np.tile(np.repeat(np.array(values, dtype=np.int32), 4), (16, 1))
    for source in (Image.fromarray(grey), encode(Image.fromarray(grey), "TIFF")):
        assert open_photo(source).pixels[0, ::4, 0] == pytest.approx(expected, abs=1e-5)


def test_one_integer_everywhere_is_one_colour():
    photo = open_photo(Image.fromarray(np.full((16, 16), 70000, dtype=np.int32)))
    assert np.isfinite(photo.pixels).all()
    with pytest.raises(PhotoError, match="all one colour"):
        check_drawable(photo)


@pytest.mark.parametrize(("top", "range_"), [(63, 255), (800, 1023), (3000, 4095), (9000, 16383), (17000, 65535)])
def test_16_bits_have_the_range_of_so_many_bits_as_they_need(top, range_, encode):
    ramp = np.tile(np.linspace(0, top, 64).astype(np.uint16), (16, 1))
    for kind in ("PNG", "TIFF", "PPM"):
        assert open_photo(encode(Image.fromarray(ramp), kind)).pixels.max() == pytest.approx(top / range_, abs=1e-3)


@pytest.mark.parametrize("scale", [1e-3, 1.0])
def test_floats_in_a_tiny_part_of_the_range_are_stretched(scale, encode):
    ramp = np.tile(np.linspace(0.3, 0.3 + scale / 100, 64).astype(np.float32), (16, 1))
    photo = open_photo(encode(Image.fromarray(ramp), "TIFF"))
    assert photo.pixels.min() < 0.01 and photo.pixels.max() > 0.99
