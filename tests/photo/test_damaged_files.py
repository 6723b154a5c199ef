"""Metadata that is large or damaged, wrong indexes, missing ends: the picture is read as long as it can be seen."""

from __future__ import annotations

import random
import struct
import zlib

import numpy as np
import pytest
from odd_files import SIZE, chunk, close, scene, uncompressed_tiff, with_chunks
from PIL import Image, features

from strokewise.errors import PhotoError
from strokewise.photo.opening import open_photo

# Metadata that is large or damaged

LARGE = b"x" * 3_000_000
METADATA = {
    "zTXt": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LARGE)),
    "iTXt": chunk(b"iTXt", b"workflow\0\x01\0\0\0" + zlib.compress(LARGE)),
    "much tEXt": chunk(b"tEXt", b"a\0" + LARGE) * 30,
    "iCCP": chunk(b"iCCP", b"fat\0\0" + zlib.compress(random.Random(0).randbytes(9_000_000), 1)),
    "iCCP of zeros": chunk(b"iCCP", b"bomb\0\0" + zlib.compress(bytes(200_000_000), 1)),
    "iCCP of an unknown method": chunk(b"iCCP", b"odd\0\x07abc"),
    "wrong sum": chunk(b"tEXt", b"a\0b")[:-4] + b"\0\0\0\0",
    "wrong sum in eXIf": chunk(b"eXIf", b"MM\0*")[:-4] + b"\0\0\0\0",
    "cut zTXt": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LARGE)[:20]),
    "gAMA too short": chunk(b"gAMA", b"\0"),
    "pHYs too short": chunk(b"pHYs", b"\0\0"),
}


@pytest.mark.parametrize("name", METADATA)
def test_a_png_with_metadata_that_pillow_refuses(name, encode):
    photo = open_photo(with_chunks(encode(scene(), "PNG"), METADATA[name]))
    assert close(photo, scene(), 0.01) and photo.remarks == ()


def test_an_animated_png_with_large_text_keeps_its_frames(encode):
    data = encode(Image.new("RGB", SIZE, "white"), "PNG", save_all=True, append_images=[scene()])
    photo = open_photo(with_chunks(data, METADATA["iTXt"]))
    assert close(photo, scene(), 0.01) and "frame 2 was drawn" in photo.remarks[0]


def test_a_png_with_damaged_pixels_is_still_refused(encode):
    data = bytearray(with_chunks(encode(scene(), "PNG"), METADATA["zTXt"]))
    middle = data.index(b"IDAT") + 200
    data[middle : middle + 400] = bytes(400)
    with pytest.raises(PhotoError, match="damaged or cut short"):
        open_photo(bytes(data))


# The index of a JPEG's further pictures


def mpo(encode) -> bytes:
    return encode(scene(), "MPO", save_all=True, append_images=[scene(1)])


@pytest.mark.parametrize("change", ["count", "offsets", "cut", "type", "zeros"])
def test_a_jpeg_with_a_wrong_index_of_pictures(change, encode):
    data = bytearray(mpo(encode))
    start = data.index(b"MPF\0") + 4
    if change == "count":
        place = data.index(b"\x01\xb0", start)  # tag 0xB001, little-endian: how many there are
        data[place + 8 : place + 12] = struct.pack("<I", 7)
    elif change == "offsets":
        data[start + 60 : start + 90] = b"\xff" * 30
    elif change == "cut":
        data[start + 4 : start + 8] = struct.pack("<I", 60_000)
    elif change == "type":
        data[start + 8 : start + 20] = bytes(range(12))
    else:
        data[start : start + 80] = bytes(80)
    photo = open_photo(bytes(data))
    assert close(photo, scene(), 0.3) and photo.remarks == ()
    assert np.array_equal(photo.pixels, open_photo(mpo(encode)).pixels)


# Missing ends


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("missing", [1, 2, 3, 10, 40])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_jpeg_that_lacks_a_few_bytes(missing, mode, progressive, encode):
    data = encode(scene().convert(mode), "JPEG", progressive=progressive, quality=90)
    photo = open_photo(data[:-missing])
    whole = open_photo(data)
    assert np.abs(photo.pixels - whole.pixels).mean() < 0.01
    assert len(photo.remarks) == 1 and "lacks its last bytes" in photo.remarks[0]


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.9])
def test_a_jpeg_that_lacks_a_visible_part_is_refused(kept, encode):
    data = encode(scene(), "JPEG", quality=90)
    with pytest.raises(PhotoError, match=r"damaged or cut short \(\d+% of the picture is missing\)"):
        open_photo(data[: int(len(data) * kept)])


def test_a_grey_corner_of_a_whole_jpeg_is_no_gap(encode):
    image = scene()
    image.paste((128, 128, 128), (120, 100, 160, 120))
    data = encode(image, "JPEG", quality=95)
    assert open_photo(data).remarks == ()
    assert close(open_photo(data[:-2]), image, 0.3)


def test_a_large_jpeg_that_lacks_its_end(encode):
    large = scene().resize((3200, 2400))
    photo = open_photo(encode(large, "JPEG")[:-2])
    assert photo.size == (3200, 2400) and photo.pixels.shape == (1536, 2048, 3) and photo.remarks


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "TGA", "JPEG2000", "AVIF"])
def test_other_formats_that_lack_a_few_bytes(kind, encode):
    if kind == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow has no AVIF")
    data = encode(scene(), kind)
    if kind == "TIFF":  # its directory comes first, as a scanner writes it
        data = uncompressed_tiff(np.asarray(scene()), {})
    whole = open_photo(data)
    for missing in (1, 12):
        photo = open_photo(data[:-missing])
        assert np.abs(photo.pixels - whole.pixels).mean() < 0.02 and photo.size == SIZE
    with pytest.raises(PhotoError, match=r"damaged|not a picture"):
        open_photo(data[: len(data) // 2])


def test_all_of_the_kept_part_is_that_of_the_whole_picture(encode):
    data = encode(scene(), "PNG")
    photo, whole = open_photo(data[: len(data) - 400]), open_photo(data)
    rows = (photo.pixels != whole.pixels).any(axis=(1, 2))
    assert rows.any() and rows.sum() <= 4 and not rows[:-4].any()
