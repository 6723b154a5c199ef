"""Films: pictures as a GIF, an animated WebP or an MP4.

Pictures are taken one at a time, and only the changes from one to the next are written, so that memory stays bounded
and films of line drawings stay small. The same pictures give the same bytes.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import GifImagePlugin, Image

from ..._arrays import Flags
from ..._text import join_or
from ...errors import OutputError
from ...sketch import Sketch
from ..options import MOVING, ExportOptions, check_motion
from ..png import Pixels, to_pixels
from .ffmpeg import encode
from .motion import hand_pictures

HOLD = 1.0
"""How long the last picture stays before the film starts again, seconds."""
MAX_SIDE = 3840
"""Longest side of a picture, pixels: a film in 4K."""
MAX_PIXELS = 2 * 10**10
"""Most pixels of all pictures together: 1.5 minutes in 4K, or 2 minutes of 60 pictures a second at 1600 pixels."""
GIF_FPS = 50
"""Most pictures a second of a GIF: its clock counts hundredths, and browsers show one hundredth as ten."""
COLORS, NEAR = 255, 8
"""Most colours of a GIF, and the largest error of a colour in any channel, of 255."""
SOLID = 0.02
"""A colour of at least this share of the pixels that are not paper is kept exactly."""


def animated(sketch: Sketch, ending: str, options: ExportOptions) -> bytes:
    """The drawing being drawn by hand, as the bytes of such a file; the last picture stays for a second.

    Args:
        sketch: the drawing, in its final look.
        ending: ".gif", ".webp" or ".mp4".
        options: size, seconds, pictures a second and brush.

    Raises:
        OutputError: it would be too large, or ffmpeg, which writes MP4, is not installed or fails.
    """
    fps, count = check_film(ending, options.size, options.seconds, options.fps, sketch.canvas)
    brush = options.look.brush
    sample = to_pixels(sketch, options.size, brush=brush)
    return to_film(hand_pictures(sketch, count, options.size, brush), ending, fps, sample=sample)


def check_film(
    ending: str, size: int, seconds: float, fps: int, canvas: tuple[float, float] = (1.0, 1.0)
) -> tuple[int, int]:
    """Check the size and length of a film, before any picture of it is drawn.

    Args:
        ending: of the file.
        size: long side, pixels.
        seconds: length, without the pause at the end.
        fps: pictures a second.
        canvas: of the drawing, width and height; only their proportion counts.

    Returns:
        pictures a second as the format has them, and how many there are.

    Raises:
        OutputError: no such format, a value is out of its range, or the film has too many pixels.
    """
    if ending not in MOVING:
        raise OutputError(f"a {ending or 'nameless'} file cannot move: use {join_or(MOVING)}")
    if not 16 <= size <= MAX_SIDE:
        raise OutputError(f"a film's long side must be from 16 to {MAX_SIDE} pixels, not {size}")
    check_motion(seconds, fps)
    if ending == ".gif":
        fps = min(fps, GIF_FPS)
    count = max(2, round(seconds * fps) + 1)
    short = max(1, round(size * min(canvas) / max(canvas)))
    if count * size * short > MAX_PIXELS:
        raise OutputError(
            f"the film would have {count} pictures of {size} x {short} pixels: make it smaller, shorter, "
            "or of fewer pictures a second"
        )
    return fps, count


def to_film(frames: Iterable[Pixels], ending: str, fps: int, hold: float = HOLD, *, sample: Pixels) -> bytes:
    """Pictures as the bytes of a file of one of the `MOVING` formats; arguments and errors are theirs."""
    if ending == ".gif":
        return to_gif(frames, fps, hold, sample=sample)
    return to_webp(frames, fps, hold) if ending == ".webp" else to_mp4(frames, fps, hold)


def to_gif(frames: Iterable[Pixels], fps: int, hold: float = HOLD, *, sample: Pixels) -> bytes:
    """Pictures as a GIF that repeats for ever, with one small palette for all of them.

    Args:
        frames: uint8 [y, x, rgb], at least one, all of one size.
        fps: pictures a second, 1 to 50.
        hold: how long the last one stays, seconds.
        sample: a picture that has all the colours, uint8 [y, x, rgb]; its most common one is the paper.

    Raises:
        ValueError: no pictures, or `fps` is out of its range.
    """
    if not 1 <= fps <= GIF_FPS:
        raise ValueError(f"a GIF has 1 to {GIF_FPS} pictures a second, not {fps}")
    palette = _palette(sample)
    same = len(palette)  # the entry for pixels that stay as they are
    entries = np.concatenate([palette, palette[:1]]).tobytes()
    nearest = _Nearest(palette)
    buffer = io.BytesIO()
    for number, change in enumerate(_changes((nearest(frame) for frame in frames), fps, hold, 100)):
        picture = Image.fromarray(np.where(change.changed, change.pixels, np.uint8(same)))
        picture.putpalette(entries)
        # Each picture stays below the next one (disposal 1): nothing is cleared, so nothing flickers.
        timing = {"duration": 10 * min(change.ticks, 0xFFFF), "disposal": 1}
        if number == 0:
            picture.save(buffer, "GIF", loop=0, optimize=False, **timing)
            buffer.seek(-1, io.SEEK_CUR)  # back over the trailer
        else:
            place = (change.left, change.top)
            buffer.writelines(GifImagePlugin.getdata(picture, place, transparency=same, **timing))
    buffer.write(b";")
    return buffer.getvalue()


def to_webp(frames: Iterable[Pixels], fps: int, hold: float = HOLD) -> bytes:
    """Pictures as a lossless animated WebP that repeats for ever.

    Args:
        frames: uint8 [y, x, rgb], at least one, all of one size.
        fps: pictures a second.
        hold: how long the last one stays, seconds.

    Raises:
        ValueError: no pictures.
    """
    body, height, width = io.BytesIO(), 0, 0
    for number, change in enumerate(_changes(frames, fps, hold, 1000, align=2)):
        rows, columns = change.changed.shape
        if number == 0:
            height, width = rows, columns
        opacity = np.where(change.changed, np.uint8(255), np.uint8(0))[:, :, None]
        still = io.BytesIO()
        Image.fromarray(np.concatenate([change.pixels, opacity], axis=2)).save(
            still, "WEBP", lossless=True, quality=60, method=4
        )
        bits = still.getvalue()[12:]  # after "RIFF", its size and "WEBP"
        # A picture is laid over what was there before, which stays where it is transparent.
        head = b"".join(_24(n) for n in (change.left // 2, change.top // 2, columns - 1, rows - 1, change.ticks))
        body.write(_chunk(b"ANMF", head + b"\0" + bits))
    animation, alpha = 0x02, 0x10
    size = bytes([animation | alpha, 0, 0, 0]) + _24(width - 1) + _24(height - 1)
    paper, forever = b"\xff\xff\xff\xff", b"\0\0"
    parts = _chunk(b"VP8X", size) + _chunk(b"ANIM", paper + forever) + body.getvalue()
    return _chunk(b"RIFF", b"WEBP" + parts)


def to_mp4(frames: Iterable[Pixels], fps: int, hold: float = HOLD) -> bytes:
    """Pictures as an MP4 (H.264) that every player knows; odd sizes get one more row or column of their edge.

    Args:
        frames: uint8 [y, x, rgb], at least one, all of one size.
        fps: pictures a second.
        hold: how long the last one stays, seconds.

    Raises:
        OutputError: ffmpeg is not installed, or fails.
        ValueError: no pictures.
    """
    return encode((_even(frame) for frame in _held(frames, max(1, round(hold * fps)))), fps)


class _Change(NamedTuple):
    """The changed part of a picture.

    Attributes:
        left, top: corner of the changed box, pixels.
        pixels: of the box, [y, x, ...].
        changed: bool [y, x], the pixels of the box that changed.
        ticks: how long the picture stays.
    """

    left: int
    top: int
    pixels: Pixels
    changed: Flags
    ticks: int


def _changes(frames: Iterable[Pixels], fps: int, hold: float, ticks: int, align: int = 1) -> Iterator[_Change]:
    """The changes from picture to picture; one without changes prolongs the one before.

    Args:
        frames: [y, x] or [y, x, channel].
        ticks: of the format's clock in a second.
        align: left and top are multiples of it.
    """
    previous: Pixels | None = None
    waiting: _Change | None = None
    since, number = 0, -1
    for number, frame in enumerate(frames):
        differs = np.ones(frame.shape[:2], dtype=bool) if previous is None else frame != previous
        if differs.ndim == 3:
            differs = differs.any(2)
        previous = frame
        if not differs.any():
            continue
        now = round(number * ticks / fps)
        if waiting is not None:
            yield waiting._replace(ticks=now - since)
        rows, columns = np.flatnonzero(differs.any(1)), np.flatnonzero(differs.any(0))
        top, left = int(rows[0]) // align * align, int(columns[0]) // align * align
        box = (slice(top, int(rows[-1]) + 1), slice(left, int(columns[-1]) + 1))
        waiting, since = _Change(left, top, frame[box], differs[box], 0), now
    if waiting is None:
        raise ValueError("a film has at least one picture")
    yield waiting._replace(ticks=max(1, round(number * ticks / fps) - since + round(hold * ticks)))


def _held(frames: Iterable[Pixels], count: int) -> Iterator[Pixels]:
    """The pictures, the last one `count` times."""
    last: Pixels | None = None
    for frame in frames:
        if last is not None:
            yield last
        last = frame
    if last is None:
        raise ValueError("a film has at least one picture")
    for _ in range(count):
        yield last


def _even(frame: Pixels) -> Pixels:
    """The picture with an even number of rows and columns, as H.264 stores colours for blocks of 2 x 2 pixels."""
    height, width, _ = frame.shape
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def _chunk(name: bytes, data: bytes) -> bytes:
    """A RIFF chunk."""
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _24(number: int) -> bytes:
    """Three bytes, the least significant first, as WebP counts."""
    return struct.pack("<I", number)[:3]


# The colours of a GIF


def _palette(sample: Pixels) -> Pixels:
    """Colours that represent those of a picture, uint8 [color, rgb]: the paper first, then colours of large areas, then
    repeatedly the colour farthest from all chosen so far."""
    codes, counts = np.unique(_codes(sample), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    colors = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)[order].astype(np.int16)
    counts = counts[order]
    solid = counts[1:] >= max(2.0, SOLID * float(counts[1:].sum()))
    chosen = [0, *(np.flatnonzero(solid)[: COLORS // 4] + 1)]
    distance = np.min([_distance(colors, colors[i]) for i in chosen], axis=0)
    while len(chosen) < COLORS and distance.max() > NEAR:
        chosen.append(int(np.argmax(distance)))
        distance = np.minimum(distance, _distance(colors, colors[chosen[-1]]))
    return colors[chosen].astype(np.uint8)


def _distance(colors: NDArray[np.int16], color: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.asarray(np.abs(colors - color).max(1))


def _codes(frame: Pixels) -> NDArray[np.int32]:
    """One number for each colour, int32 [y, x]."""
    red, green, blue = (frame[:, :, c].astype(np.int32) for c in range(3))
    return np.asarray(red << 16 | green << 8 | blue)


class _Nearest:
    """Pictures [y, x, rgb] -> nearest palette entries [y, x]; each colour is looked up once."""

    def __init__(self, palette: Pixels) -> None:
        self._palette = palette.astype(np.int32)
        self._known = np.full(2**24, COLORS, dtype=np.uint8)

    def __call__(self, frame: Pixels) -> Pixels:
        codes = _codes(frame)
        found = self._known[codes]
        unknown = np.unique(codes[found == COLORS])
        if len(unknown):
            for some in np.array_split(unknown, 1 + len(unknown) // 4096):
                colors = np.stack([some >> 16, some >> 8 & 255, some & 255], axis=1)
                far = np.square(colors[:, None] - self._palette[None]).sum(2)
                self._known[some] = far.argmin(1)
            found = self._known[codes]
        return found
