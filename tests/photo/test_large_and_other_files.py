"""Large JPEGs, kinds of files that are not read, and how remarks are told."""

from __future__ import annotations

import sys
import types

import numpy as np
import pytest
from odd_files import SIZE, close, logo, scene, uncompressed_tiff
from PIL import Image, ImageFile, JpegImagePlugin

from strokewise.errors import PhotoError
from strokewise.photo.opening import open_photo
from strokewise.photo.preparing import frame_photo
from strokewise.settings import Settings

# Large JPEGs


def test_a_large_jpeg_is_decoded_small_beyond_the_bound(encode):
    image = Image.new("L", (6000, 4000), 255)
    image.paste(0, (1500, 1000, 4500, 3000))
    data = encode(image, "JPEG")
    photo = open_photo(data, max_pixels=7_000_000)  # 24 million, decoded as 6
    assert photo.size == (6000, 4000) and photo.pixels.shape == (1365, 2048, 3)
    assert photo.pixels[680, 1024].max() < 0.05
    with pytest.raises(PhotoError, match=r"6000 x 4000 px, larger than 4 million pixels.*max_pixels=6000000"):
        open_photo(data, max_pixels=4_000_000)
    with pytest.raises(PhotoError, match=r"larger than 7 million pixels.*max_pixels=24000000"):
        open_photo(encode(image, "PNG"), max_pixels=7_000_000)


def test_a_progressive_jpeg_is_held_to_the_bound(encode):
    """It is decoded as a whole, whatever size is asked for."""
    data = encode(Image.new("L", (4000, 3000)), "JPEG", progressive=True)
    with pytest.raises(PhotoError, match="larger than 4 million pixels"):
        open_photo(data, max_pixels=4_000_000)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_large_jpeg_is_decoded_at_a_reduced_size(progressive, encode, monkeypatch):
    sizes = []
    load = JpegImagePlugin.JpegImageFile.load

    def watched(self):
        sizes.append(self.size)
        return load(self)

    monkeypatch.setattr(JpegImagePlugin.JpegImageFile, "load", watched)
    data = encode(scene().resize((4800, 3600)), "JPEG", progressive=progressive)
    sizes.clear()
    assert open_photo(data).size == (4800, 3600) and sizes[0] == (2400, 1800)


def test_a_jpeg_in_several_scans_is_held_to_the_bound(encode):
    data = encode(Image.new("RGB", (4000, 3000)), "JPEG")
    start = data.index(b"\xff\xda")
    one = data[:start] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + data[start + 14 :]
    with pytest.raises(PhotoError, match="larger than 4 million pixels"):
        open_photo(one, max_pixels=4_000_000)


# Reasons


def test_kinds_of_files_that_are_not_read_are_named(tmp_path):
    floats = np.zeros((16, 16, 3), np.float32)
    reasons = {
        b"\xff\x0a" + bytes(40): "JPEG XL",
        b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + bytes(40): "is a film",
        uncompressed_tiff(floats, {339: (3, [3, 3, 3])}): "a TIFF of a kind that is not read",
    }
    for data, reason in reasons.items():
        with pytest.raises(PhotoError, match=reason):
            open_photo(data)


def test_remarks_reach_who_prepares_a_photo(encode):
    from strokewise.photo.preparing import prepare

    told: list[str] = []
    prepared = prepare(encode(logo((255, 255, 255)), "PNG"), Settings(subject="keep"), told.append)
    assert told[0].startswith("photo is white on transparent") and prepared.photo.remarks
    assert frame_photo(open_photo(encode(scene(), "PNG")), Settings(subject="keep")).mask is None


def test_a_package_that_reads_jpeg_xl_is_used(monkeypatch):
    class Plugin(ImageFile.ImageFile):
        format = "JXL"

        def _open(self) -> None:
            self._mode, self._size = "RGB", SIZE
            tile = ("raw", (0, 0, *SIZE), 16, ("RGB", 0, 1))
            self.tile = [getattr(ImageFile, "_Tile", lambda *one: one)(*tile)]

    def load() -> types.ModuleType:
        Image.register_open("JXL", Plugin, lambda head: head[:2] == b"\xff\x0a")
        return types.ModuleType("pillow_jxl")

    monkeypatch.setattr(Image, "OPEN", dict(Image.OPEN))
    monkeypatch.setattr(Image, "ID", list(Image.ID))
    monkeypatch.setitem(sys.modules, "pillow_jxl", load())
    assert close(open_photo(b"\xff\x0a" + bytes(14) + scene().tobytes()), scene(), 0.01)
