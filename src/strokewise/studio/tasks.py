"""Work behind the page: open and frame photos, find subjects, draw, lay photo and drawing side by side."""

from __future__ import annotations

import base64
import dataclasses
import io
from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..drawing import draw_prepared
from ..errors import PhotoError
from ..imagining import imagine
from ..optimize.candidates import Progress
from ..photo.formats import HEAD_BYTES, format_of
from ..photo.frame import Frame
from ..photo.opening import Photo, open_photo
from ..photo.preparing import Prepared, prepare
from ..photo.subject import measure_subject
from ..scenes.single import check_level, scene, scene_settings
from ..settings import Settings
from ..sketch import Sketch, StrokeStyle
from ..words.targets import find_target
from .background import ProgressCallback
from .limits import Limits
from .page_options import Levels
from .painting import Painting

SHOWN_BY_BROWSERS = ("JPEG", "PNG", "GIF", "BMP", "WEBP", "AVIF")
"""Formats that today's browsers show."""
PREVIEW_SIZE = 480
"""Long side of a photo that is converted for the page, pixels."""
DISPLAY_SIZE = 768
"""Long side of the photo for comparing, pixels."""


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


def draw_scene(photo: Photo, settings: Settings, levels: Levels, callback: ProgressCallback) -> Sketch:
    """`scene`, of a photo that is open, with the mask that it has."""
    return scene(photo, settings, fidelity=levels.fidelity, simplicity=levels.simplicity, callback=callback)


def draw_words(settings: Settings, callback: ProgressCallback) -> Sketch:
    """`imagine`, of the text of the settings."""
    assert settings.text is not None
    return imagine(settings.text, settings, callback=callback)


def check_scene(settings: Settings, levels: Levels) -> None:
    """Refuse what does not go with scenes.

    Raises:
        SettingsError: a setting is of another kind of drawing, or a level is out of its range.
    """
    scene_settings(settings, {})
    for name, level in levels._asdict().items():
        check_level(name, level)


def check_words(prepared: Prepared, settings: Settings) -> None:
    """Refuse a text that the encoder does not understand.

    Raises:
        StrokewiseError: it does not.
    """
    find_target(prepared.encoder, prepared.encoder_name, settings)


def canvas_frame(prepared: Prepared, settings: Settings) -> Frame:
    """Where the working canvas lies in the photo."""
    return dataclasses.replace(prepared.framed.frame, size=settings.size)


def shown_photo(photo: Photo, data: bytes) -> str:
    """The photo as an HTML picture, if browsers cannot show its file themselves; else nothing.

    Args:
        photo: opened from the file.
        data: the file.
    """
    if format_of(data[:HEAD_BYTES]) in SHOWN_BY_BROWSERS:
        return ""
    image = _image(photo)
    image.thumbnail((PREVIEW_SIZE, PREVIEW_SIZE), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    url = f"data:image/jpeg;base64,{base64.b64encode(buffer.getvalue()).decode('ascii')}"
    return f'<img src="{url}" alt="{escape(photo.name)}">'


def start_painting(photo: Photo, model: str) -> Painting:
    """A photo to paint the subject on, from the mask that it has or that a network finds.

    Raises:
        StrokewiseError: as for `measure_subject`.
    """
    return Painting.of(photo, measure_subject(photo, model).mask if photo.mask is None else photo.mask)


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


def _image(photo: Photo) -> Image.Image:
    return Image.fromarray(np.round(photo.pixels * 255).astype(np.uint8))


def _small(photo: Photo) -> Image.Image:
    image = _image(photo)
    image.thumbnail((DISPLAY_SIZE, DISPLAY_SIZE), Image.Resampling.LANCZOS)
    return image
