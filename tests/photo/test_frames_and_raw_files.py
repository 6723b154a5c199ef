"""Files of several pictures: blank first frames, pages, cameras' raw files with previews."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from odd_files import SIZE, close, scene, uncompressed_tiff
from PIL import Image

from strokewise.errors import PhotoError
from strokewise.photo.opening import check_drawable, open_photo

# Frames


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("first", ["white", "black", "clear"])
def test_a_blank_first_frame_is_passed_over(kind, first, encode):
    blank = Image.new("RGBA", SIZE, {"white": "white", "black": "black", "clear": (0, 0, 0, 0)}[first])
    frames = [blank, blank, scene().convert("RGBA")]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    photo = open_photo(data)
    assert close(photo, scene(), 0.2)
    assert "nothing on its first frame" in photo.remarks[0]


def test_of_a_fade_a_clear_frame_is_taken(encode):
    frames = [Image.blend(Image.new("RGB", SIZE, "white"), scene(), share) for share in (0, 0.02, 0.1, 0.7, 1)]
    photo = open_photo(encode(frames[0], "PNG", save_all=True, append_images=frames[1:]))
    assert photo.remarks == ("has nothing on its first frame; frame 4 was drawn",)


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_an_animation_that_is_blank_throughout(kind, encode):
    frames = [Image.new("RGB", SIZE, color) for color in ("white", "black", "white")]
    photo = open_photo(encode(frames[0], kind, save_all=True, append_images=frames[1:]))
    with pytest.raises(PhotoError, match="all one colour"):
        check_drawable(photo)


def test_the_first_frame_with_something_on_it_is_taken_as_ever(encode):
    data = encode(scene(), "GIF", save_all=True, append_images=[scene(1)])
    assert open_photo(data).remarks == () and close(open_photo(data), scene(), 0.3)


def test_pages_of_different_sizes(encode):
    data = encode(Image.new("RGB", (80, 60), "white"), "TIFF", save_all=True, append_images=[scene()])
    assert open_photo(data).size == SIZE


# Cameras' raw files


def preview(tags: dict[int, tuple[int, list[int]]]) -> bytes:
    return uncompressed_tiff(np.asarray(scene().resize((16, 12))), tags)


RAW = {
    "DNG": preview({50706: (1, [1, 4, 0, 0])}),
    "sensor": preview({262: (3, [32803])}),
    "linear": preview({262: (3, [34892])}),
    "NEF": preview({259: (3, [34713])}),
    "ARW": preview({259: (3, [32767])}),
    "filter array": preview({33422: (1, [0, 1, 1, 2])}),
    "CR2": b"II*\0\x10\0\0\0CR\x02\0" + bytes(60),
    "CR3": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(60),
    "ORF": b"IIRO\x08\0\0\0" + bytes(60),
    "RW2": b"IIU\0\x18\0\0\0" + bytes(60),
    "RAF": b"FUJIFILMCCD-RAW 0201" + bytes(60),
}


@pytest.mark.parametrize("ending", ["dng", "tif", "jpg"])
@pytest.mark.parametrize("kind", RAW)
def test_raw_files_are_refused_whatever_they_are_called(kind, ending, tmp_path):
    (tmp_path / f"shot.{ending}").write_bytes(RAW[kind])
    with pytest.raises(PhotoError, match="is a camera's raw file: develop it to JPEG"):
        open_photo(tmp_path / f"shot.{ending}")


def with_second(first: np.ndarray, second: np.ndarray, kind: int) -> bytes:
    """A TIFF whose picture points to another one, as a preview or as the whole of a pyramid does."""
    inner = uncompressed_tiff(second, {254: (4, [1 - kind])})
    outer = uncompressed_tiff(first, {254: (4, [kind]), 330: (4, [0])})
    shift = len(outer) - 8  # the inner directory with its offsets moved
    directory = bytearray(inner[8:])
    (count,) = struct.unpack_from("<H", directory)
    for number in range(count):
        tag, type_, many = struct.unpack_from("<HHI", directory, 2 + 12 * number)
        if tag == 273 or many * {1: 1, 3: 2, 4: 4}[type_] > 4:
            place = 2 + 12 * number + 8
            struct.pack_into("<I", directory, place, struct.unpack_from("<I", directory, place)[0] + shift)
    found = bytearray(outer + directory)
    (count,) = struct.unpack_from("<H", found, 8)
    for number in range(count):
        if struct.unpack_from("<H", found, 10 + 12 * number)[0] == 330:
            struct.pack_into("<I", found, 10 + 12 * number + 8, len(outer))
    return bytes(found)


def test_a_preview_of_a_larger_picture_is_refused_and_a_pyramid_is_read():
    large, small = np.asarray(scene()), np.asarray(scene().resize((16, 12)))
    with pytest.raises(PhotoError, match="raw file"):
        open_photo(with_second(small, large, 1))
    assert open_photo(with_second(large, small, 0)).size == SIZE
