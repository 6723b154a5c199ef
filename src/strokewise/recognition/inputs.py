"""A drawing from any source, as the pixels that a recogniser looks at.

    drawing = read_drawing("cat.svg")        # a Sketch, or pixels where the file is no drawing of strokes alone
    image = sketch_picture(drawing)          # float32 [3, 224, 224]: framed on what is drawn; else picture_array

What can be read as strokes is drawn anew, in black on white, at a size where its lines can be seen. An SVG that is
more than strokes (filled shapes, gradients, dashes) is rendered as it is, in a process of its own: a renderer that was
not made for files from strangers may crash, or never end.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .._files import is_pipe, open_plain_file, read_bounded, read_pipe
from .._text import quote
from ..bezier import along
from ..errors import RecognizeError, SvgError, UnsupportedSvgError
from ..export.reading import text_start
from ..export.svg.limits import MAX_BYTES
from ..export.svg.safety import check_renderable
from ..export.svg.text import from_svg
from ..export.svg.unpacking import GZIP, unpacked
from ..optimize.pen_width import thin_widths
from ..photo.frame import frame_subject
from ..photo.opening import MAX_FILE_BYTES, Photo, PhotoSource, open_photo
from ..raster import rasterize
from ..sketch import Sketch

Picture = NDArray[np.float32]

SIZE = 224
"""Side of what a recogniser looks at, pixels."""
MARGIN = 0.06
"""Empty border around the drawing, as a share of the side."""
WIDTHS = (0.8, 4.0)
"""Thinnest and thickest line, pixels of a 224 px picture: those of the embedded recogniser's training."""
RENDERED = 768
"""Long side of an SVG taken as a picture, pixels."""
SECONDS = 30.0
"""How long rendering an SVG may take."""
MEMORY = 2 * 2**30
"""Bytes that rendering an SVG may take, where the system can bound them."""

LINES = 0.4
"""Share of its bounding box: what covers less is drawn with lines, what covers more is filled, or a photo."""

_INK = 0.12
"""A pixel that differs from the paper by more than this, in any channel, is drawn on."""
_RENDERER = f"""
import sys
sys.path[:] = sys.argv[1:]
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
except Exception:
    pass
import resvg_py
text = sys.stdin.buffer.read().decode("utf-8")
png = resvg_py.svg_to_bytes(
    svg_string=text, width={RENDERED}, height={RENDERED}, background="white", skip_system_fonts=True, dpi=96
)
sys.stdout.buffer.write(bytes(png))
"""


def read_drawing(source: PhotoSource) -> Sketch | Picture:
    """A drawing from a file or from memory.

    Args:
        source: an SVG or a picture: a path, a file's bytes, a Pillow image or an array, as for `open_photo`.

    Returns:
        the sketch, or, where strokes would not show all that is drawn, pixels, float32 [y, x, rgb] in [0, 1].

    Raises:
        StrokewiseError: it cannot be read, is unsafe or too large, or nothing is drawn on it.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        data = bytes(source)
        drawn = text_start(data).startswith(b"<") or data.startswith(GZIP)
        return _read_svg(data, "the SVG") if drawn else _read_picture(data)
    if isinstance(source, str) and source.lstrip().startswith("<"):
        raise RecognizeError(f"{quote(source)} is SVG text, not a path: give from_svg(text)")
    if isinstance(source, (str, Path)):
        path = Path(source)
        with contextlib.suppress(OSError, ValueError):  # left to `open_photo`, which says why
            if is_pipe(path.stat().st_mode):
                return read_drawing(read_pipe(path, MAX_FILE_BYTES))
        content = _svg_bytes(path)
        if content is not None:
            return _read_svg(content, path.name)
    return _read_picture(source)


def sketch_picture(sketch: Sketch, size: int = SIZE) -> Picture:
    """Strokes as a recogniser sees them best: black on white, as large as fits.

    Framed on the curves, wherever on the canvas they lie; colours are left out, and widths, which grow and shrink
    with the drawing, stay between hair and felt pen. What was made bolder by itself is shown as it was compared.
    Strokes of no opacity are not drawn.

    Returns:
        float32 [3, size, size] in [0, 1].

    Raises:
        RecognizeError: no stroke can be seen.
    """
    seen = sketch.opacities > 0
    if not seen.any():
        raise RecognizeError("nothing is drawn: the drawing has no strokes that can be seen")
    points, widths = sketch.points[seen], thin_widths(sketch)[seen]
    low, high = _extent(points)
    # A dot has no extent, but it has a width.
    side = float(max((high - low).max(), widths.min(), 1e-6)) / (1 - 2 * MARGIN)
    scale = size / side
    framed = (points - (low + high) / 2) * scale + size / 2
    pens = np.clip(widths * scale, WIDTHS[0] * size / SIZE, WIDTHS[1] * size / SIZE)
    image = rasterize(framed[None], pens[None], size=size).picture[0]
    return np.ascontiguousarray(np.broadcast_to(image, (3, size, size)))


def picture_array(picture: Picture, size: int = SIZE) -> Picture:
    """A picture as a recogniser sees it best: framed on what is drawn on it, dark on light.

    Where the border is all of one colour, that is the paper, and what differs from it is framed. If that is mere
    lines, they become black on white, whatever their colour and the paper's, and however pale they have gone in
    shrinking. A picture without such a border, as most photos are, is shown whole.

    Args:
        picture: float32 [y, x, rgb] in [0, 1].
        size: side of the result, pixels.

    Returns:
        float32 [3, size, size] in [0, 1].

    Raises:
        RecognizeError: it is all one colour.
    """
    photo = Photo(picture)
    paper = _paper(picture)
    if paper is None:
        return _planes(frame_subject(photo, None, size).sample(picture, 1.0, photo=photo))
    ink = (np.abs(picture - paper).max(2) > _INK).astype(np.float32)
    if not ink.any():
        raise RecognizeError("nothing is drawn: the picture is all one colour")
    square = frame_subject(photo, ink, size, MARGIN)
    framed = np.stack([square.sample(picture[:, :, c], float(paper[c]), photo=photo) for c in range(3)], axis=2)
    rows, columns = np.nonzero(ink)
    box = ink[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    if float(box.mean()) >= LINES:
        return _planes(framed)
    lines = np.abs(framed - paper).mean(2, keepdims=True)
    return _planes(np.repeat(1 - lines / max(float(lines.max()), 0.05), 3, axis=2))


# Reading


def _svg_bytes(path: Path) -> bytes | None:
    """The content of a file that is an SVG, no more than one byte over the limit; None of any other file."""
    # What cannot be opened is left to `open_photo`, which says why.
    with contextlib.suppress(OSError, ValueError), open_plain_file(path) as file:
        head = file.read(1024)
        drawn = text_start(head).startswith(b"<") or head.startswith(GZIP)
        if not head or (path.suffix.lower() not in (".svg", ".svgz") and not drawn):
            return None
        if os.fstat(file.fileno()).st_size > MAX_BYTES:
            raise SvgError(f"{path.name} is larger than {MAX_BYTES // 1_000_000} MB: simplify it")
        return head + read_bounded(file, MAX_BYTES - len(head))
    return None


def _read_svg(data: bytes, name: str) -> Sketch | Picture:
    try:
        sketch, picture = _strokes_or_picture(data)
    except SvgError as error:
        raise type(error)(f"{name}: {error}" if name != "the SVG" else str(error)) from error
    if sketch is not None:
        return sketch
    if picture is None or bool((picture > 1 - _INK).all()):
        raise SvgError(f"{name} has nothing drawn on it that can be seen: give its paths a stroke colour")
    return picture


def _strokes_or_picture(data: bytes) -> tuple[Sketch | None, Picture | None]:
    sketch: Sketch | None = None
    data = unpacked(data)
    try:
        # What is left out is seen below, where both are compared as pictures.
        sketch = from_svg(data, lambda _: None)
        if sketch.metadata and "sketch" not in sketch.metadata:  # our own, without a brush
            return sketch, None
    except UnsupportedSvgError:
        pass
    try:
        text = _text(data)
        check_renderable(text)
        picture = _rendered(text)
    except SvgError:
        if sketch is None:
            raise
        return sketch, None  # read completely and found safe
    if sketch is not None and _alike(_rendered(sketch.to_svg()), picture):
        return sketch, None
    return None, picture


def _read_picture(source: PhotoSource) -> Picture:
    photo = open_photo(source)
    paper = _paper(photo.pixels)
    if paper is not None and not bool((np.abs(photo.pixels - paper) > _INK).any()):
        raise RecognizeError(f"{photo.name} has nothing drawn on it: it is all one colour")
    return photo.pixels


def _text(data: bytes) -> str:
    """XML as text, so that the checks and the renderer read the same."""
    encoding = "utf-8-sig"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif data[:2] in (b"<\x00", b"\x00<"):
        encoding = "utf-16-le" if data[0] else "utf-16-be"
    elif declared := re.match(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([\w.-]{1,40})[\"']", data[:300]):
        encoding = declared[1].decode("ascii")
    try:
        return data.decode(encoding)
    except (LookupError, ValueError) as error:
        raise SvgError("this is no SVG that can be read (its encoding): export it again, as UTF-8") from error


def _rendered(text: str) -> Picture:
    """An SVG that has been checked, as pixels on white; its long side is `RENDERED`."""
    # Isolated, so that no module beside the user's files is taken for the renderer.
    command = [sys.executable, "-I", "-c", _RENDERER, *(p for p in sys.path if p)]
    try:
        done = subprocess.run(command, input=text.encode("utf-8"), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise SvgError(f"the SVG takes more than {SECONDS:.0f} s to render: simplify it") from error
    except OSError as error:
        raise SvgError(f"the SVG cannot be rendered ({error.strerror}): turn everything into plain paths") from error
    if done.returncode or not done.stdout:
        raise SvgError("the SVG cannot be rendered: turn everything into plain paths")
    image = Image.open(io.BytesIO(done.stdout)).convert("RGB")
    return np.asarray(image, dtype=np.float32) / np.float32(255)


def _alike(a: Picture, b: Picture) -> bool:
    """Whether two renderings show the same but for caps, joins and rounding."""
    if np.abs(np.subtract(a.shape, b.shape)).max() > 2:
        return False
    small = [_shrunk(picture) for picture in (a, b)]
    ink = max(float((1 - picture).mean()) for picture in small)
    return float(np.abs(small[0] - small[1]).mean()) <= 0.2 * ink + 1e-6


def _shrunk(picture: Picture, side: int = 96) -> Picture:
    image = Image.fromarray(np.round(picture * 255).astype(np.uint8))
    return np.asarray(image.resize((side, side), Image.Resampling.BOX), dtype=np.float32) / np.float32(255)


# Framing


def _extent(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The least and the greatest x and y, each [xy], of the curves of strokes [stroke, point, xy]."""
    curves = along(points, 33)
    return curves.min((0, 1)), curves.max((0, 1))


def _paper(picture: Picture) -> Picture | None:
    """The colour [rgb] of a border that is all one colour, or nearly; None where it is not."""
    border = np.concatenate([picture[0], picture[-1], picture[1:-1, 0], picture[1:-1, -1]])
    paper = np.median(border, axis=0).astype(np.float32)
    plain = np.abs(border - paper).max(1) <= _INK
    return paper if float(plain.mean()) >= 0.9 else None


def _planes(picture: Picture) -> Picture:
    return np.ascontiguousarray(picture.transpose(2, 0, 1), dtype=np.float32)
