"""What the page has drawn: a photo looked at, a drawing, one carried on, a ladder, the fewest strokes."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..abstraction import Fewest, fewest, ladder
from ..continuing import carry_on
from ..drawing import draw_prepared
from ..errors import PhotoError
from ..optimize.candidates import Progress
from ..photo.frame import Frame
from ..photo.masks import SUBJECT_LEVEL
from ..photo.opening import Photo, open_photo
from ..photo.preparing import Prepared, prepare
from ..photo.subject import find_subject
from ..settings import Settings
from ..sketch import Sketch, StrokeStyle
from .job import Tell
from .limits import Limits

SHOWN = 768
"""Long side of the photo where it is shown for painting or comparing, pixels."""
PAINT = (214, 72, 44)
"""What the subject is painted over with."""
_MARGIN = 0.06


def open_file(path: Path, limits: Limits) -> Photo:
    """An uploaded photo.

    Raises:
        PhotoError: it is too large, or no photo.
    """
    if path.stat().st_size > limits.bytes:
        raise PhotoError(f"the file is larger than {limits.megabytes:g} MB: make it smaller")
    return dataclasses.replace(open_photo(path.read_bytes(), max_pixels=limits.pixels), name=path.name)


def look_at(photo: Photo, settings: Settings) -> Prepared:
    """A photo made ready to be drawn, without its pixels, which drawing does not need."""
    prepared = prepare(photo, settings)
    return prepared._replace(photo=dataclasses.replace(photo, pixels=np.ones((1, 1, 3), np.float32), size=photo.size))


def draw_watched(prepared: Prepared, settings: Settings, tell: Tell) -> Sketch:
    """`draw_prepared` that also tells of the strokes as first placed, before anything has been compared."""
    return draw_prepared(
        prepared, settings, tell, placed=lambda first: tell(_unmeasured(first[0], settings, len(first)))
    )


def canvas_frame(prepared: Prepared, settings: Settings) -> Frame:
    """Where the working canvas lies in the photo."""
    return dataclasses.replace(prepared.framed.frame, size=settings.size)


def continue_drawing(prepared: Prepared, sketch: Sketch, settings: Settings, add: int, tell: Tell) -> Sketch:
    """A drawing carried on: locked strokes stay, the others move on, and some may be added."""
    return carry_on(prepared, sketch, settings, add=add, callback=tell)


def draw_ladder(prepared: Prepared, counts: tuple[int, ...], settings: Settings, tell: Tell) -> tuple[Sketch, ...]:
    """A ladder's drawings, most strokes first."""
    return ladder(prepared, counts, settings, callback=tell).rungs


def find_fewest(prepared: Prepared, label: str, sure: float, settings: Settings, tell: Tell) -> Fewest:
    """The fewest strokes that still read."""
    return fewest(prepared, settings, label=label or None, confidence=sure, callback=tell)


def mask_layers(photo: Photo) -> dict[str, Any]:
    """The photo, and what is taken for its subject as a translucent layer over it, to be painted on.

    Both are squares, the photo in their middle: the field puts a layer that is not as large as its canvas elsewhere.
    """
    left, top, width, height = _middle(photo, SHOWN)
    background = Image.new("RGB", (SHOWN, SHOWN), "white")
    background.paste(_image(photo).resize((width, height), Image.Resampling.LANCZOS), (left, top))
    mask = Image.fromarray(np.round(find_subject(photo) * 255).astype(np.uint8)).resize((width, height))
    alpha = Image.new("L", (SHOWN, SHOWN), 0)
    alpha.paste(mask.point(lambda level: 150 if level > 127 else 0), (left, top))
    layer = Image.new("RGBA", (SHOWN, SHOWN), (*PAINT, 255))
    layer.putalpha(alpha)
    return {"background": background, "layers": [layer], "composite": None}


def cut_painted(photo: Photo, layers: list[NDArray[np.uint8]]) -> bytes:
    """The painted part of a photo on white, cropped to it with a margin, as a PNG.

    Args:
        layers: uint8 [side, side, rgba], of any side, laid out as by `mask_layers`: opaque where it is painted.

    Raises:
        PhotoError: nothing is painted.
    """
    height, width = photo.pixels.shape[:2]
    mask = np.zeros((height, width), np.float32)
    for layer in layers:
        left, top, across, down = _middle(photo, layer.shape[1])
        alpha = np.ascontiguousarray(layer[top : top + down, left : left + across, 3])
        sharp = Image.fromarray(alpha).point(lambda level: 255 if level > 40 else 0)
        painted = np.asarray(sharp.resize((width, height), Image.Resampling.BILINEAR), np.float32) / np.float32(255)
        mask = np.maximum(mask, painted)
    rows, columns = np.nonzero(mask > SUBJECT_LEVEL)
    if len(rows) == 0:
        raise PhotoError("nothing is painted: paint over what is to be drawn")
    room = round(_MARGIN * max(np.ptp(rows), np.ptp(columns))) + 1
    above, before = max(0, rows.min() - room), max(0, columns.min() - room)
    below, after = min(height, rows.max() + room + 1), min(width, columns.max() + room + 1)
    share = mask[above:below, before:after, None]
    cut = photo.pixels[above:below, before:after] * share + (1 - share)
    buffer = io.BytesIO()
    Image.fromarray(np.round(cut * 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def comparison(photo: Photo, sketch: Sketch, brush: str) -> tuple[Image.Image, Image.Image]:
    """Photo and drawing, as large as each other."""
    from ..export.png import to_png

    small = _small(photo)
    drawn = Image.open(io.BytesIO(to_png(sketch, max(small.size), brush=brush))).convert("RGB")
    return small, drawn.resize(small.size)


def warm() -> None:
    """Load and compile all that a first drawing needs, by drawing something small."""
    from PIL import ImageDraw

    image = Image.new("RGB", (96, 72), "white")
    ImageDraw.Draw(image).ellipse((20, 12, 70, 60), fill=(40, 60, 90))
    settings = Settings(strokes=4, steps=16, subject="auto")
    prepared = look_at(Photo(np.asarray(image, np.float32) / np.float32(255), "warm"), settings)
    draw_watched(prepared, settings, lambda told: False)


def file_stem(name: str) -> str:
    """A photo's name without its ending, as the beginning of other names; control characters left out."""
    return "".join(c for c in Path(name).stem if c.isprintable() and c not in '/\\:*?"<>|')[:80] or "drawing"


def _unmeasured(points: NDArray[np.float64], settings: Settings, candidates: int) -> Progress:
    ink = StrokeStyle.pen(len(points), settings.canvas_width)
    return Progress(0, 0, settings.steps, np.inf, np.inf, points, candidates, ink)


def _middle(photo: Photo, side: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of a photo that is as large as a square allows, in the middle of it."""
    height, width = photo.pixels.shape[:2]
    scale = side / max(width, height)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    return (side - across) // 2, (side - down) // 2, across, down


def _image(photo: Photo) -> Image.Image:
    return Image.fromarray(np.round(photo.pixels * 255).astype(np.uint8))


def _small(photo: Photo) -> Image.Image:
    image = _image(photo)
    image.thumbnail((SHOWN, SHOWN), Image.Resampling.LANCZOS)
    return image
