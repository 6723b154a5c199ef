"""Colours are those that the profile of a file means."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from odd_files import close, logo, scene
from PIL import Image, ImageCms

from strokewise.photo.opening import open_photo

# Colour profiles


def icc(matrix: np.ndarray, gamma: float) -> bytes:
    """A display profile, ICC 2.4: columns of the matrix are XYZ of the primaries, D50; one gamma for all."""

    def number(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(values: np.ndarray) -> bytes:
        return b"XYZ " + bytes(4) + b"".join(number(value) for value in values)

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    tags = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(79),
        b"cprt": b"text" + bytes(4) + b"none\0\0\0\0",
        b"wtpt": xyz(np.array([0.9642, 1.0, 0.8249])),
        b"rXYZ": xyz(matrix[:, 0]), b"gXYZ": xyz(matrix[:, 1]), b"bXYZ": xyz(matrix[:, 2]),
        b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }  # fmt: skip
    table, data, begin = b"", b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        value += bytes(-len(value) % 4)
        table += name + struct.pack(">II", begin + len(data), len(value))
        data += value
    length = begin + len(data)
    head = struct.pack(">I4sI4s4s4s", length, b"lcms", 0x02400000, b"mntr", b"RGB ", b"XYZ ") + bytes(12) + b"acsp"
    head += bytes(28) + number(0.9642) + number(1.0) + number(0.8249)
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + data


SRGB = np.array([[0.4361, 0.3851, 0.1431], [0.2225, 0.7169, 0.0606], [0.0139, 0.0971, 0.7141]])
DISPLAY_P3 = np.array([[0.5151, 0.2920, 0.1571], [0.2412, 0.6922, 0.0666], [-0.0011, 0.0419, 0.7841]])
ADOBE_RGB = np.array([[0.6097, 0.2053, 0.1492], [0.3111, 0.6257, 0.0632], [0.0195, 0.0609, 0.7446]])


def srgb_of(rgb: np.ndarray, matrix: np.ndarray, gamma: float) -> np.ndarray:
    linear = np.clip(np.linalg.solve(SRGB, matrix @ (rgb / 255) ** gamma), 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
@pytest.mark.parametrize("space", ["Display P3", "Adobe RGB", "swapped"])
def test_colours_are_those_of_the_profile(space, kind, encode):
    matrix = {"Display P3": DISPLAY_P3, "Adobe RGB": ADOBE_RGB, "swapped": SRGB[:, [1, 2, 0]]}[space]
    color = np.array([160, 90, 60])
    image = Image.new("RGB", (32, 32), tuple(color.tolist()))
    options = {"lossless": True} if kind == "WEBP" else {}
    found = open_photo(encode(image, kind, icc_profile=icc(matrix, 2.2), **options)).pixels[16, 16]
    assert found == pytest.approx(srgb_of(color, matrix, 2.2), abs=0.02)
    assert np.abs(found - color / 255).max() > 0.03


def test_a_profile_heeds_transparency(encode):
    image = logo((160, 90, 60))
    photo = open_photo(encode(image, "PNG", icc_profile=icc(ADOBE_RGB, 2.2)))
    assert photo.pixels[60, 80] == pytest.approx(srgb_of(np.array([160, 90, 60]), ADOBE_RGB, 2.2), abs=0.02)
    assert photo.pixels[5, 5].min() == 1


def test_srgb_by_any_name_changes_nothing(encode):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    plain, named = (open_photo(encode(scene(), "PNG", **more)) for more in ({}, {"icc_profile": profile}))
    assert np.array_equal(plain.pixels, named.pixels)


@pytest.mark.parametrize(
    "profile",
    [b"", b"no profile" * 20, icc(ADOBE_RGB, 2.2)[:300], bytes(200), icc(ADOBE_RGB, 2.2).replace(b"RGB ", b"CMYK")],
)
def test_a_broken_profile_or_one_of_other_channels_is_ignored(profile, encode):
    photo = open_photo(encode(scene(), "PNG", icc_profile=profile))
    assert close(photo, scene(), 0.01) and photo.remarks == ()


def of_camera(name: bytes, space: int) -> bytes:
    """An EXIF block with a colour space and the name of the rules that the file follows (DCF 2.0)."""
    main = struct.pack("<HHHIII", 1, 0x8769, 4, 1, 26, 0)
    exif = struct.pack("<HHHIHHHHIII", 2, 0xA001, 3, 1, space, 0, 0xA005, 4, 1, 56, 0)
    return b"Exif\0\0II*\0" + struct.pack("<I", 8) + main + exif + struct.pack("<HHHI", 1, 1, 2, 4) + name + bytes(4)


@pytest.mark.parametrize(("name", "space"), [(b"R03\0", 65535), (b"R98\0", 1), (b"R03\0", 1), (b"abc\0", 65535)])
def test_adobe_rgb_by_the_exif_block_alone(name, space, encode):
    color = np.array([160, 90, 60])
    image = Image.new("RGB", (32, 32), tuple(color.tolist()))
    found = open_photo(encode(image, "JPEG", quality=100, exif=of_camera(name, space))).pixels[16, 16]
    adobe = (name, space) == (b"R03\0", 65535)
    assert found == pytest.approx(srgb_of(color, ADOBE_RGB, 563 / 256) if adobe else color / 255, abs=0.015)
