from __future__ import annotations

import io
import os
import random
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import EpsImagePlugin, Image

from strokewise.errors import PhotoError, StrokewiseError
from strokewise.photo.opening import LONG_SIDE, Photo, check_drawable, open_photo


def centroid(pixels):
    """Centre (x, y) of the dark disc, in pixels of the array."""
    dark = np.clip(0.9 - pixels.mean(2), 0, 1)
    dark[dark < 0.3] = 0
    ys, xs = np.mgrid[: dark.shape[0], : dark.shape[1]] + 0.5
    return float((xs * dark).sum() / dark.sum()), float((ys * dark).sum() / dark.sum())


def test_repr_is_short():
    assert repr(Photo(np.zeros((8, 9, 3), np.float32), "a.png")) == "<Photo a.png 9 x 8>"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "TGA", "JPEG2000"])
def test_formats(kind, disc_image, encode):
    photo = open_photo(encode(disc_image(), kind))
    assert photo.size == (160, 120) == (photo.width, photo.height)
    assert photo.pixels.shape == (120, 160, 3) and photo.pixels.dtype == np.float32
    assert photo.scale == 1
    assert np.abs(photo.pixels - 230 / 255).min(axis=(0, 1)).max() < 0.05
    assert centroid(photo.pixels) == pytest.approx((100, 40), abs=0.3)


POSTSCRIPT = b"""%!PS-Adobe-3.0 EPSF-3.0
%%BoundingBox: 0 0 120 90
%%EndComments
newpath
20 20 moveto
100 70 lineto
stroke
showpage
%%EOF
"""


@pytest.mark.parametrize("name", ["cat.jpg", "cat.eps", None])
def test_postscript_never_reaches_ghostscript(name, tmp_path, monkeypatch):
    def ghostscript(*args, **kwargs):
        raise AssertionError("Ghostscript was started")

    monkeypatch.setattr(EpsImagePlugin, "Ghostscript", ghostscript)
    source = POSTSCRIPT
    if name:
        source = tmp_path / name
        source.write_bytes(POSTSCRIPT)
    with pytest.raises(PhotoError, match="is not a picture in a known format: save it as JPEG or PNG"):
        open_photo(source)


def test_a_postscript_image_of_the_caller_never_reaches_ghostscript():
    with pytest.raises(PhotoError, match="save the photo as JPEG or PNG"):
        open_photo(Image.open(io.BytesIO(POSTSCRIPT)))


def test_other_formats_of_pillow_are_refused(disc_image, encode):
    with pytest.raises(PhotoError, match="not a picture in a known format"):
        open_photo(encode(disc_image(mode="L"), "IM"))


def test_heic(disc_image):
    heif = pytest.importorskip("pillow_heif")
    buffer = io.BytesIO()
    heif.from_pillow(disc_image()).save(buffer, quality=90)
    assert centroid(open_photo(buffer.getvalue()).pixels) == pytest.approx((100, 40), abs=0.5)
    with pytest.raises(PhotoError, match="damaged|known format"):
        open_photo(buffer.getvalue()[:200])


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "CMYK", "YCbCr", "HSV", "LAB", "I", "F", "I;16"])
def test_modes_look_the_same(mode, disc_image):
    grey = disc_image(mode="L")
    if mode == "I;16":
        image = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    elif mode == "I":
        image = Image.fromarray(np.asarray(grey).astype(np.int32) * 257)
    elif mode == "F":
        image = Image.fromarray(np.asarray(grey).astype(np.float32) / 255)
    elif mode == "LAB":
        image = Image.merge("LAB", [grey, Image.new("L", grey.size, 128), Image.new("L", grey.size, 128)])
    elif mode == "P":
        image = grey.quantize(64, dither=Image.Dither.NONE)
    else:
        image = grey.convert("RGB").convert(mode, dither=Image.Dither.NONE)
    photo = open_photo(image)
    assert centroid(photo.pixels) == pytest.approx((100, 40), abs=0.6)
    if mode not in ("1", "LAB"):  # black and white only; another lightness scale
        assert np.abs(photo.pixels[:, :, 0] - np.asarray(grey) / 255).max() < 0.03


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA", "RGBa", "La", "P", "L", "1"])
def test_transparency_is_white(mode, disc_image, encode):
    black = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    black.paste((0, 0, 0, 255), (8, 8, 24, 24))
    if mode in ("P", "L", "1"):  # a palette index or a grey value that stands for transparent
        index = Image.new("L", (32, 32), 255 if mode == "1" else 7)
        index.paste(0, (8, 8, 24, 24))
        image = index.convert(mode, dither=Image.Dither.NONE) if mode != "P" else index.convert("RGB").quantize(2)
        image.info["transparency"] = {"P": image.getpixel((0, 0)), "L": 7, "1": 255}[mode]
    elif mode == "PA":
        image = Image.new("L", (32, 32)).convert("PA")
        image.putalpha(black.getchannel("A"))
    elif mode == "La":
        image = black.convert("LA").convert("La")
    else:
        image = black.convert(mode)
    pixels = open_photo(image).pixels
    assert pixels[0, 0].min() == 1
    assert pixels[16, 16].max() < 0.01


def test_half_transparent_edge():
    half = Image.new("RGBA", (16, 16), (0, 0, 0, 128))
    assert open_photo(half).pixels == pytest.approx(np.full((16, 16, 3), 127 / 255), abs=0.005)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation(orientation, kind, disc_image, encode):
    upright = disc_image()
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # Image.Transpose values that lay the picture as the camera did
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = open_photo(encode(stored, kind, exif=exif))
    assert photo.size == (160, 120)
    assert centroid(photo.pixels) == pytest.approx((100, 40), abs=0.3)


def test_damaged_exif_is_ignored(disc_image, encode):
    assert open_photo(encode(disc_image(), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")).size == (160, 120)


def test_first_frame(disc_image, encode):
    data = encode(disc_image(), "GIF", save_all=True, append_images=[Image.new("RGB", (160, 120), "white")])
    assert centroid(open_photo(data).pixels) == pytest.approx((100, 40), abs=0.3)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_large_photo_is_kept_reduced(kind, encode):
    image = Image.new("RGB", (5000, 1250), "white")
    image.paste("black", (2500, 0, 5000, 1250))
    photo = open_photo(encode(image, kind))
    assert photo.size == (5000, 1250)
    assert photo.pixels.shape == (LONG_SIDE // 4, LONG_SIDE, 3)
    assert photo.scale == LONG_SIDE / 5000
    assert photo.pixels[:, : LONG_SIDE // 2 - 4].min() > 0.9 and photo.pixels[:, LONG_SIDE // 2 + 4 :].max() < 0.1


def test_large_photo_with_orientation(encode):
    exif = Image.Exif()
    exif[0x0112] = 6
    photo = open_photo(encode(Image.new("L", (4000, 1000)), "JPEG", exif=exif))
    assert photo.size == (1000, 4000) and photo.pixels.shape == (2048, 512, 3)


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("channels", [0, 1, 2, 3, 4])
def test_arrays(dtype, channels):
    top = np.iinfo(dtype).max if np.issubdtype(dtype, np.integer) else 1
    array = np.full((20, 30, channels) if channels else (20, 30), top, dtype=dtype)
    array[:10] = 0
    if channels in (2, 4):
        array[..., -1] = top
    photo = open_photo(array)
    assert photo.size == (30, 20) and photo.name == "array"
    assert photo.pixels[:10].max() == 0 and photo.pixels[10:].min() == 1


@pytest.mark.parametrize(
    "array",
    [np.zeros((20, 20, 5)), np.zeros(20), np.zeros((20, 20), np.int64), np.full((20, 20), 255.0), np.zeros((0, 9))],
)
def test_arrays_refused(array):
    with pytest.raises(PhotoError, match="an array"):
        open_photo(array)


def test_the_callers_image_stays_as_it_was(disc_image, tmp_path):
    disc_image(3000, 400).save(tmp_path / "wide.jpg")
    with Image.open(tmp_path / "wide.jpg") as image:
        photo = open_photo(image)
        assert photo.name == "wide.jpg" and image.size == (3000, 400) == photo.size


BAD = {
    "empty.jpg": (b"", "is empty"),
    "text.jpg": (b"Dear diary, this is no picture.\n" * 20, "not a picture in a known format"),
    "svg.png": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a picture"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_files(name, tmp_path):
    data, reason = BAD[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(PhotoError, match=reason) as caught:
        open_photo(tmp_path / name)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_bad_places(tmp_path):
    with pytest.raises(PhotoError, match=r"nothing\.jpg does not exist"):
        open_photo(tmp_path / "nothing.jpg")
    with pytest.raises(PhotoError, match="is a folder"):
        open_photo(str(tmp_path))
    with pytest.raises(PhotoError, match="cannot be opened|does not exist"):
        open_photo("no\0name.jpg")
    with pytest.raises(PhotoError, match="cannot be opened|does not exist"):
        open_photo("x" * 5000)
    with pytest.raises(PhotoError, match="a photo is a path"):
        open_photo(3.5)  # type: ignore[arg-type]


def test_unreadable(disc_image, tmp_path, monkeypatch):
    path = tmp_path / "secret.png"
    disc_image().save(path)
    path.chmod(0)
    if os.access(path, os.R_OK):  # the superuser may read everything

        def refuse(*_, **__):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(PhotoError, match=r"secret\.png may not be read"):
        open_photo(path)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
def test_truncated(kind, disc_image, encode, tmp_path):
    data = encode(disc_image(), kind)
    (tmp_path / "cut.jpg").write_bytes(data[: len(data) // 2])
    with pytest.raises(PhotoError, match=r"cut\.jpg is (damaged or cut short|not a picture)"):
        open_photo(tmp_path / "cut.jpg")


@pytest.mark.parametrize(
    ("size", "reason"),
    [
        ((1, 1), "too small"),
        ((7, 100), "too small"),
        ((3, 2000), "too narrow"),
        ((2000, 3), "too narrow"),
        ((9, 2000), "crop"),
    ],
)
def test_too_small_or_narrow(size, reason, encode):
    with pytest.raises(PhotoError, match=reason):
        open_photo(encode(Image.new("RGB", size), "PNG"))


def test_smallest_that_is_drawn(encode):
    assert open_photo(encode(Image.new("RGB", (8, 8)), "PNG")).size == (8, 8)


@pytest.mark.parametrize("limit", [1000, 10_000, 20_000, 500_000_000])
def test_pixel_limit(limit, disc_image, encode):
    data = encode(disc_image(), "PNG")  # 19200 pixels
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if limit > 19_200:
            open_photo(data, max_pixels=limit)
        else:
            with pytest.raises(PhotoError, match="larger than"):
                open_photo(data, max_pixels=limit)


def test_bomb_is_refused_from_its_header():
    header = b"P5\n60000 60000\n255\n"
    with pytest.raises(PhotoError, match="larger than 100 million pixels"):
        open_photo(header)


def test_pillows_own_limit_is_restored(disc_image, encode):
    before = Image.MAX_IMAGE_PIXELS
    open_photo(encode(disc_image(), "PNG"))
    with pytest.raises(PhotoError):
        open_photo(b"P5\n60000 60000\n255\n")
    assert before == Image.MAX_IMAGE_PIXELS


def test_file_size_limit(disc_image, encode, monkeypatch, tmp_path):
    monkeypatch.setattr("strokewise.photo.opening.MAX_FILE_BYTES", 100)
    with pytest.raises(PhotoError, match="larger than"):
        open_photo(encode(disc_image(), "PNG"))
    disc_image().save(tmp_path / "heavy.png")
    with pytest.raises(PhotoError, match=r"heavy\.png is larger than"):
        open_photo(tmp_path / "heavy.png")


def _samples():
    image = Image.linear_gradient("L").resize((24, 16)).convert("RGB")
    found = []
    for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "ICO"):
        buffer = io.BytesIO()
        image.save(buffer, kind)
        found.append(buffer.getvalue())
    return found


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(_samples()), st.integers(0, 2**32), st.integers(0, 8), st.floats(0, 1))
def test_any_bytes_give_a_photo_or_our_error(data, seed, flips, keep):
    noise = random.Random(seed)
    damaged = bytearray(data)
    for _ in range(flips):
        damaged[noise.randrange(len(damaged))] = noise.randrange(256)
    try:
        photo = open_photo(bytes(damaged[: max(1, round(len(damaged) * max(keep, 0.3)))]), max_pixels=1_000_000)
    except StrokewiseError as error:
        assert "\n" not in str(error)
    else:
        assert np.isfinite(photo.pixels).all() and photo.pixels.min() >= 0 and photo.pixels.max() <= 1


@given(st.binary(min_size=1, max_size=200))
@settings(max_examples=100, deadline=None)
def test_random_bytes(data):
    with pytest.raises(PhotoError):
        open_photo(data)


@pytest.mark.parametrize("grey", [0.0, 0.5, 1.0])
def test_nothing_to_draw(grey):
    noise = np.random.default_rng(0).normal(0, 1 / 255, (400, 400, 3))
    pixels = np.clip(grey + noise, 0, 1).astype(np.float32)
    with pytest.raises(PhotoError, match=r"nothing to draw in blank\.jpg"):
        check_drawable(Photo(pixels, "blank.jpg"))


def test_a_thin_line_is_something_to_draw():
    pixels = np.ones((1000, 1000, 3), dtype=np.float32)
    pixels[:, 500] = 0
    check_drawable(Photo(pixels))


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4)])
def test_photo_checks_its_pixels(shape):
    with pytest.raises(ValueError, match="float32"):
        Photo(np.zeros(shape, dtype=np.float32))
