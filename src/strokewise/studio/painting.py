"""The subject as the visitor paints it: a mask over a reduced photo, changed stroke by stroke of a brush.

painting = Painting.of(photo, mask)
painting.stroke(parse_path([[0.2, 0.5], [0.7, 0.5]]), size=32, add=True, follow=True)
painting.png()                       # the mask as a file, white on the subject
"""

from __future__ import annotations

import base64
import io
import zlib
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..photo.masks import SUBJECT_LEVEL, Mask
from ..photo.opening import Photo
from .edge_brush import Path, follow_edges, plain_stroke

SIDE = 768
"""Long side of what is painted on, pixels; sizes of the brush are in these."""
COLOR, OPACITY = (214, 72, 44), 150
"""RGB and alpha, of 255, of the layer over the subject."""
SIZES = (4, 160)
"""Diameters of the brush, pixels."""
MOST_POINTS = 2000
"""Most points of one stroke."""
MOST_STROKES = 20
"""Most strokes in one message of the page; `paint.js` sends no more."""
MOST_UNDONE = 30
"""Most strokes that can be taken back."""


class BrushStroke(NamedTuple):
    """A stroke of the brush.

    Attributes:
        path: of its middle, in shares of width and height, at least one point.
        size: diameter of the brush, pixels.
        add: whether it adds to the subject, or takes away from it.
        follow: whether it goes to the edges of the photo near it, or is round.
    """

    path: Path
    size: float
    add: bool
    follow: bool


class Painting:
    """A photo, reduced, and the mask on it.

    Attributes:
        size: width and height, pixels.
        mask: uint8 [height, width], 255 on the subject.
        last: the page's number of the last stroke that is in the mask; 0 before the first.
    """

    def __init__(self, picture: bytes, size: tuple[int, int], mask: NDArray[np.uint8]) -> None:
        self.size, self.mask, self.last = size, mask, 0
        self._picture = picture
        self._before: list[bytes] = []

    @classmethod
    def of(cls, photo: Photo, mask: Mask) -> Painting:
        """A photo with a mask to begin with, float32 [height, width] in [0, 1], of the size of `photo.pixels`."""
        shrink = SIDE / max(photo.width, photo.height)
        size = (max(1, round(photo.width * shrink)), max(1, round(photo.height * shrink)))
        image = Image.fromarray(np.round(photo.pixels * 255).astype(np.uint8)).resize(size, Image.Resampling.LANCZOS)
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=92, subsampling=0)
        grey = Image.fromarray(np.round(mask * 255).astype(np.uint8)).resize(size, Image.Resampling.BILINEAR)
        return cls(buffer.getvalue(), size, np.asarray(grey).copy())

    @property
    def is_empty(self) -> bool:
        """Whether nothing is painted."""
        return not (self.mask > 255 * SUBJECT_LEVEL).any()

    @property
    def is_full(self) -> bool:
        """Whether all is painted."""
        return bool((self.mask > 255 * SUBJECT_LEVEL).all())

    def stroke(self, stroke: BrushStroke) -> None:
        """Change the mask by a stroke of the brush, whose size is brought within bounds."""
        width, height = self.size
        places = [(x * (width - 1), y * (height - 1)) for x, y in stroke.path]
        radius = min(max(stroke.size, SIZES[0]), SIZES[1]) / 2
        if stroke.follow:
            with Image.open(io.BytesIO(self._picture)) as image:
                pixels = np.asarray(image, dtype=np.float32) / np.float32(255)
            meant = follow_edges(pixels, places, radius)
        else:
            meant = plain_stroke((height, width), places, radius)
        self._before = [*self._before, zlib.compress(self.mask.tobytes(), 1)][-MOST_UNDONE:]
        self.mask = np.where(meant, np.uint8(255 if stroke.add else 0), self.mask)

    def undo(self) -> bool:
        """Take the last stroke back. Returns whether there was one."""
        if not self._before:
            return False
        before = np.frombuffer(zlib.decompress(self._before.pop()), dtype=np.uint8)
        self.mask = before.reshape(self.mask.shape)
        return True

    def png(self) -> bytes:
        """The mask as a PNG, white on the subject."""
        return _png(Image.fromarray(self.mask))

    @property
    def photo_url(self) -> str:
        """The photo, as an address that holds it."""
        return f"data:image/jpeg;base64,{base64.b64encode(self._picture).decode('ascii')}"

    @property
    def layer_url(self) -> str:
        """The layer that shows the mask, as an address that holds it."""
        layer = np.empty((*self.mask.shape, 4), dtype=np.uint8)
        layer[..., :3] = COLOR
        layer[..., 3] = np.round(self.mask * (OPACITY / 255))
        return f"data:image/png;base64,{base64.b64encode(_png(Image.fromarray(layer))).decode('ascii')}"


def parse_strokes(sent: Any) -> list[BrushStroke]:
    """The strokes that a page sent, within the photo; whatever is none is left out.

    Args:
        sent: a list of {"points": [[x, y], ...] in shares of width and height, "size": a number, "add", "follow"}.
    """
    found = []
    for one in sent[:MOST_STROKES] if isinstance(sent, list) else []:
        path = _parse_path(one.get("points")) if isinstance(one, dict) else []
        if path:
            size = one.get("size")
            size = float(size) if _is_finite(size) else float(SIZES[0])
            found.append(BrushStroke(path, size, one.get("add") is not False, one.get("follow") is not False))
    return found


def _parse_path(points: Any) -> list[tuple[float, float]]:
    found = []
    for point in points[:MOST_POINTS] if isinstance(points, list) else []:
        if isinstance(point, list) and len(point) == 2 and all(_is_finite(one) for one in point):
            x, y = (min(max(float(one), 0.0), 1.0) for one in point)
            found.append((x, y))
    return found


def _is_finite(value: Any) -> bool:
    # A whole number may be too large for a float.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
