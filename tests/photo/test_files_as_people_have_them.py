"""Sound photos that are out of the ordinary: each is read, with a remark where it is not quite what its owner sees."""

from __future__ import annotations

import random
import struct
import sys
import types
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFile, JpegImagePlugin, TiffImagePlugin, features

from strokewise.errors import PhotoError
from strokewise.photo.opening import check_drawable, open_photo
from strokewise.photo.preparing import frame_photo
from strokewise.settings import Settings

SIZE = (160, 120)


def scene(seed: int = 0) -> Image.Image:
    """A picture with much in it, so that its file has data all over."""
    noise = np.random.default_rng(seed).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    image = Image.fromarray(noise).resize(SIZE, Image.Resampling.BICUBIC)
    image.paste((250, 20, 20), (60, 20, 120, 70))
    return image


def close(photo, image, most=0.1):
    wanted = np.asarray(image.convert("RGB"), np.float32) / 255
    return np.abs(photo.pixels - wanted).mean() < most / 4 and photo.pixels.shape == wanted.shape


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """A PNG with further chunks after its header."""
    return png[:33] + b"".join(chunks) + png[33:]


def raw_png(kind: int, bits: int, rows: np.ndarray, *chunks: bytes) -> bytes:
    """A PNG of samples as they are: rows is big-endian [height, bytes of a row]."""
    height, width = rows.shape[0], rows.shape[1] * 8 // (bits * {0: 1, 2: 3, 4: 2, 6: 4}[kind])
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
    data = b"".join(b"\0" + row.tobytes() for row in rows)
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(chunks) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


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


# Depth, and transparency


def uncompressed_tiff(samples: np.ndarray, more: dict[int, tuple[int, list[int]]], order: str = "<") -> bytes:
    """A TIFF of one strip: samples [height, width(, channel)], and further tags (type, values)."""
    height, width = samples.shape[:2]
    channels = 1 if samples.ndim == 2 else samples.shape[2]
    bits = samples.dtype.itemsize * 8
    data = samples.astype(samples.dtype.newbyteorder(order)).tobytes()
    tags: dict[int, tuple[int, list[int]]] = {
        256: (4, [width]), 257: (4, [height]), 258: (3, [bits] * channels), 259: (3, [1]),
        262: (3, [2 if channels > 2 else 1]), 277: (3, [channels]), 278: (4, [height]), 279: (4, [len(data)]), **more,
    }  # fmt: skip
    codes = {1: "B", 3: "H", 4: "I"}
    values = {tag: struct.pack(f"{order}{len(v)}{codes[kind]}", *v) for tag, (kind, v) in tags.items()}
    begin = 8 + 2 + 12 * (len(tags) + 1) + 4
    tags[273] = (4, [begin + sum(len(v) for v in values.values() if len(v) > 4)])
    values[273] = struct.pack(f"{order}I", *tags[273][1])
    directory, beyond = struct.pack(f"{order}H", len(tags)), b""
    for tag in sorted(tags):
        value = values[tag]
        if len(value) > 4:
            value, beyond = struct.pack(f"{order}I", begin + len(beyond)), beyond + value
        directory += struct.pack(f"{order}HHI", tag, tags[tag][0], len(tags[tag][1])) + value.ljust(4, b"\0")
    mark = b"II*\0" if order == "<" else b"MM\0*"
    return mark + struct.pack(f"{order}I", 8) + directory + bytes(4) + beyond + data


def grey() -> np.ndarray:
    return np.asarray(scene().convert("L"))


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


def logo(color: tuple[int, int, int], hole: bool = True, mode: str = "RGBA") -> Image.Image:
    image = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    image.paste((*color, 255), (40, 30, 120, 90))
    if hole:
        image.paste((255, 255, 255, 0), (60, 40, 70, 50))
    return image.convert(mode)


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
            self.tile = [ImageFile._Tile("raw", (0, 0, *SIZE), 16, ("RGB", 0, 1))]

    def load() -> types.ModuleType:
        Image.register_open("JXL", Plugin, lambda head: head[:2] == b"\xff\x0a")
        return types.ModuleType("pillow_jxl")

    monkeypatch.setattr(Image, "OPEN", dict(Image.OPEN))
    monkeypatch.setattr(Image, "ID", list(Image.ID))
    monkeypatch.setitem(sys.modules, "pillow_jxl", load())
    assert close(open_photo(b"\xff\x0a" + bytes(14) + scene().tobytes()), scene(), 0.01)
