"""Mutated pictures: a photo or one line, within seconds and a bound of memory.

A short run is part of the tests. For a long one, with other mutations each time:

    STROKEWISE_FUZZ_SECONDS=600 python -m pytest tests/photo/test_fuzz_photos.py -s
"""

from __future__ import annotations

import faulthandler
import io
import os
import struct
import sys
import time

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from strokewise.errors import StrokewiseError
from strokewise.photo.opening import check_drawable, open_photo

SECONDS = float(os.environ.get("STROKEWISE_FUZZ_SECONDS", "0"))
MOST_SECONDS, MOST_MEGABYTES = 5.0, 500
MAX_PIXELS = 20_000_000
KINDS = (
    "JPEG",
    "PNG",
    "GIF",
    "TIFF",
    "WEBP",
    "BMP",
    "ICO",
    "JPEG2000",
    "PPM",
    "TGA",
    "AVIF",
    "QOI",
    "DDS",
    "PCX",
    "SGI",
)


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _pictures() -> list[bytes]:
    """Small pictures of every kind, among them the uncommon ways of writing the common formats."""
    color = Image.linear_gradient("L").resize((40, 32)).convert("RGB")
    color.paste((200, 30, 60), (10, 8, 30, 24))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clear = color.copy()
    clear.putalpha(Image.radial_gradient("L").resize(color.size))
    wide = Image.fromarray(np.asarray(color.convert("L")).astype(np.uint16) * 16)
    frames = [Image.new("RGB", color.size, "white"), color, color.rotate(90)]
    text = PngImagePlugin.PngInfo()
    text.add_itxt("Comment", "words " * 500, zip=True)
    found = []
    for kind in KINDS:
        try:
            found.append(_saved(color, kind, **({"sizes": [color.size]} if kind == "ICO" else {})))
        except (OSError, KeyError, SystemError):  # this Pillow cannot write it
            continue
    found += [
        _saved(color, "JPEG", progressive=True, icc_profile=profile, quality=60),
        _saved(color.convert("CMYK"), "JPEG"),
        _saved(color, "MPO", save_all=True, append_images=[color]),
        _saved(clear, "PNG", pnginfo=text, icc_profile=profile),
        _saved(wide, "PNG"),
        _saved(color.quantize(16), "PNG", transparency=3),
        _saved(frames[0], "PNG", save_all=True, append_images=frames[1:]),
        _saved(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=50),
        _saved(wide, "TIFF"),
        _saved(color, "TIFF", compression="tiff_lzw"),
        _saved(color, "TIFF", compression="tiff_adobe_deflate", icc_profile=profile),
        _saved(color, "TIFF", compression="jpeg"),
        _saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]),
        _saved(clear, "WEBP", lossless=True, icc_profile=profile),
        _saved(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
    ]
    return found


PICTURES = _pictures()
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_places = st.floats(0, 1, exclude_max=True)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("byte"), _places, st.integers(0, 255)),
        st.tuples(st.just("word"), _places, st.sampled_from(_EXTREMES)),
        st.tuples(st.just("cut"), _places, st.integers(1, 64)),
        st.tuples(st.just("twice"), _places, st.integers(1, 64)),
        st.tuples(st.just("end"), _places, st.integers(0, 1)),
        st.tuples(st.just("head"), st.floats(0, 0.05), st.integers(0, 255)),
    ),
    min_size=1,
    max_size=8,
)


def mutated(data: bytes, changes: list[tuple[str, float, int]]) -> bytes:
    """The bytes with those changes."""
    found = bytearray(data)
    for what, where, value in changes:
        place = int(where * len(found))
        if what in ("byte", "head"):
            found[place : place + 1] = bytes([value])
        elif what == "word":
            order = "<I" if place % 2 else ">I"
            found[place : place + 4] = struct.pack(order, value)
        elif what == "cut":
            del found[place : place + value]
        elif what == "twice":
            found[place:place] = found[place : place + value]
        elif where > 0.3:
            del found[place:]
    return bytes(found)


def read(data: bytes) -> None:
    """Open it as a photo; anything but a photo, our error, a slow or a large one fails."""
    begin = time.perf_counter()
    try:
        photo = open_photo(data, max_pixels=MAX_PIXELS)
        assert np.isfinite(photo.pixels).all() and photo.pixels.min() >= 0 and photo.pixels.max() <= 1
        assert all("\n" not in remark for remark in photo.remarks)
        check_drawable(photo)
    except StrokewiseError as error:
        assert "\n" not in str(error)
    assert time.perf_counter() - begin < MOST_SECONDS


@pytest.mark.parametrize("data", PICTURES)
def test_the_pictures_themselves_are_read(data: bytes) -> None:
    assert open_photo(data).size == (40, 32)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from(PICTURES), CHANGES)
def test_any_change_gives_a_photo_or_our_error(data: bytes, changes: list[tuple[str, float, int]]) -> None:
    read(mutated(data, changes))


@pytest.mark.skipif(not SECONDS, reason="STROKEWISE_FUZZ_SECONDS is not set")
def test_many_changes() -> None:
    import resource

    tried = 0

    @settings(
        max_examples=1000, deadline=None, database=None, phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.sampled_from(PICTURES), CHANGES)
    def one(data: bytes, changes: list[tuple[str, float, int]]) -> None:
        nonlocal tried
        tried += 1
        faulthandler.dump_traceback_later(6 * MOST_SECONDS, exit=True, file=sys.__stderr__)
        read(mutated(data, changes))
        faulthandler.cancel_dump_traceback_later()

    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        one()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    print(f"{tried} pictures in {SECONDS:g} s, peak {peak:.0f} MB")
    assert peak < MOST_MEGABYTES
