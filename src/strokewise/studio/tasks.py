"""Work behind the page: open and frame photos, draw, cut out painted parts, lay photo and drawing side by side."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..drawing import draw_prepared
from ..errors import PhotoError
from ..optimize.candidates import Progress
from ..photo.frame import MARGIN, Frame
from ..photo.masks import SUBJECT_LEVEL
from ..photo.opening import Photo, open_photo
from ..photo.preparing import Prepared, prepare
from ..photo.subject import cut_out, find_subject
from ..settings import Settings
from ..sketch import Sketch, StrokeStyle
from .background import ProgressCallback
from .limits import Limits

DISPLAY_SIZE = 768
"""Long side of the photo for painting and comparing, pixels."""
PAINT_COLOR = (214, 72, 44)
"""RGB of the layer over the subject."""
PAINTED_ALPHA = 40
"""Pixels of a layer with more alpha than this, of 255, are painted."""


def open_file(path: Path, limits: Limits) -> Photo:
    """An uploaded photo.

    Raises:
        PhotoError: it is too large, or no photo.
    """
    if path.stat().st_size > limits.bytes:
        raise PhotoError(f"the file is larger than {limits.megabytes:g} MB: make it smaller")
    return dataclasses.replace(open_photo(path.read_bytes(), max_pixels=limits.pixels), name=path.name)


def prepare_photo(photo: Photo, settings: Settings) -> Prepared:
    """A photo ready to be drawn; it does not hold the photo's pixels, so that sessions can keep it."""
    return prepare(photo, settings)


def draw_watched(prepared: Prepared, settings: Settings, callback: ProgressCallback) -> Sketch:
    """`draw_prepared`, with the first placement of the strokes reported to the callback, too."""
    return draw_prepared(
        prepared, settings, callback, placed=lambda first: callback(_placement(first[0], settings, len(first)))
    )


def canvas_frame(prepared: Prepared, settings: Settings) -> Frame:
    """Where the working canvas lies in the photo."""
    return dataclasses.replace(prepared.framed.frame, size=settings.size)


def mask_layers(photo: Photo) -> dict[str, Any]:
    """The photo, and over it the subject that was found as a translucent layer to paint on.

    Both are squares with the photo in the middle: Gradio's editor misplaces a layer that is smaller than its canvas.
    """
    left, top, width, height = _middle(photo, DISPLAY_SIZE)
    background = Image.new("RGB", (DISPLAY_SIZE, DISPLAY_SIZE), "white")
    background.paste(_image(photo).resize((width, height), Image.Resampling.LANCZOS), (left, top))
    found = find_subject(photo) if photo.mask is None else photo.mask
    mask = Image.fromarray(np.round(found * 255).astype(np.uint8)).resize((width, height))
    alpha = Image.new("L", (DISPLAY_SIZE, DISPLAY_SIZE), 0)
    alpha.paste(mask.point(lambda level: 150 if level > 127 else 0), (left, top))
    layer = Image.new("RGBA", (DISPLAY_SIZE, DISPLAY_SIZE), (*PAINT_COLOR, 255))
    layer.putalpha(alpha)
    return {"background": background, "layers": [layer], "composite": None}


def crop_painted(photo: Photo, layers: list[NDArray[np.uint8]]) -> bytes:
    """The painted part of a photo on white, cropped to it with a margin, as a PNG.

    Args:
        photo: the photo.
        layers: uint8 [side, side, rgba], of any side, laid out as by `mask_layers`.

    Raises:
        PhotoError: nothing is painted.
    """
    height, width = photo.pixels.shape[:2]
    mask = np.zeros((height, width), np.float32)
    for layer in layers:
        left, top, across, down = _middle(photo, layer.shape[1])
        alpha = np.ascontiguousarray(layer[top : top + down, left : left + across, 3])
        sharp = Image.fromarray(alpha).point(lambda level: 255 if level > PAINTED_ALPHA else 0)
        painted = np.asarray(sharp.resize((width, height), Image.Resampling.BILINEAR), np.float32) / np.float32(255)
        mask = np.maximum(mask, painted)
    rows, columns = np.nonzero(mask > SUBJECT_LEVEL)
    if len(rows) == 0:
        raise PhotoError("nothing is painted: paint the part to draw")
    room = round(MARGIN * max(np.ptp(rows), np.ptp(columns))) + 1
    above, before = max(0, rows.min() - room), max(0, columns.min() - room)
    below, after = min(height, rows.max() + room + 1), min(width, columns.max() + room + 1)
    cropped = cut_out(photo, mask)[above:below, before:after]
    buffer = io.BytesIO()
    Image.fromarray(np.round(cropped * 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def comparison(photo: Photo, sketch: Sketch, brush: str) -> tuple[Image.Image, Image.Image]:
    """Photo and drawing as images of the same size."""
    from ..export.png import to_png

    small = _small(photo)
    drawn = Image.open(io.BytesIO(to_png(sketch, max(small.size), brush=brush))).convert("RGB")
    return small, drawn.resize(small.size)


def warm_up() -> None:
    """Load and compile everything that drawing needs, by drawing something small."""
    from PIL import ImageDraw

    image = Image.new("RGB", (96, 72), "white")
    ImageDraw.Draw(image).ellipse((20, 12, 70, 60), fill=(40, 60, 90))
    settings = Settings(strokes=4, steps=16, subject="auto")
    prepared = prepare_photo(Photo(np.asarray(image, np.float32) / np.float32(255), "warm"), settings)
    draw_watched(prepared, settings, lambda progress: False)


def _placement(points: NDArray[np.float64], settings: Settings, candidates: int) -> Progress:
    """Strokes as first placed, whose loss is not known yet."""
    style = StrokeStyle.pen(len(points), settings.canvas_width)
    return Progress(0, 0, settings.steps, np.inf, np.inf, points, candidates, style)


def _middle(photo: Photo, side: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of the photo, scaled to fit a square and centred in it."""
    height, width = photo.pixels.shape[:2]
    scale = side / max(width, height)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    return (side - across) // 2, (side - down) // 2, across, down


def _image(photo: Photo) -> Image.Image:
    return Image.fromarray(np.round(photo.pixels * 255).astype(np.uint8))


def _small(photo: Photo) -> Image.Image:
    image = _image(photo)
    image.thumbnail((DISPLAY_SIZE, DISPLAY_SIZE), Image.Resampling.LANCZOS)
    return image
