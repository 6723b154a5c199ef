"""Pictures, and files of them that are out of the ordinary, made byte by byte."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from PIL import Image

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


def logo(color: tuple[int, int, int], hole: bool = True, mode: str = "RGBA") -> Image.Image:
    image = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    image.paste((*color, 255), (40, 30, 120, 90))
    if hole:
        image.paste((255, 255, 255, 0), (60, 40, 70, 50))
    return image.convert(mode)
