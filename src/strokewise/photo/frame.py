"""Framing: the square working canvas, laid over the photo, and the way back to the photo's own coordinates."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from ..sketch import Sketch
from .masks import Mask, SubjectMask
from .opening import Photo

MARGIN = 0.06
"""Usual empty border around what is framed, as a share of the square's side: leaves room for strokes to move."""


@dataclasses.dataclass(frozen=True)
class Frame:
    """A square of the photo, seen on a canvas of `size` x `size` pixels: the one that is drawn on, or a finer one.

    Coordinates are continuous: a pixel's centre lies at its index + 0.5, the photo spans (0, 0) to (width, height).

    Attributes:
        size: side of that canvas, canvas pixels.
        x0: left edge of the square, pixels of the whole photo; the square may reach outside the photo.
        y0: its upper edge.
        side: its side, over 0.
    """

    size: int
    x0: float
    y0: float
    side: float

    @property
    def scale(self) -> float:
        """Photo pixels per canvas pixel: multiply a canvas length by it to get a length in the photo."""
        return self.side / self.size

    @property
    def square(self) -> tuple[float, float, float]:
        """`x0`, `y0` and `side`."""
        return self.x0, self.y0, self.side

    def to_photo(self, points: ArrayLike) -> NDArray[np.float64]:
        """Canvas points [..., xy] in the photo's coordinates."""
        return np.asarray(np.asarray(points, dtype=np.float64) * self.scale + np.array([self.x0, self.y0]))

    def to_canvas(self, points: ArrayLike) -> NDArray[np.float64]:
        """Photo points [..., xy] in canvas coordinates: the inverse of `to_photo`."""
        return np.asarray((np.asarray(points, dtype=np.float64) - np.array([self.x0, self.y0])) / self.scale)

    def shown(self, sketch: Sketch) -> Sketch:
        """What the square shows of a drawing in the photo's coordinates, on a canvas `side` pixels wide."""
        return sketch.mapped((self.side, self.side), 1.0, (-self.x0, -self.y0))

    def sample(
        self, array: NDArray[np.float32], fill: float | NDArray[np.float32] = 1.0, *, photo: Photo
    ) -> NDArray[np.float32]:
        """The framed square of `array`, resampled to the canvas without aliasing.

        Args:
            array: float [height, width] or [height, width, channel], spanning the whole photo at any resolution
                (the photo's pixels, a mask).
            fill: value outside the photo, or one for each channel.
            photo: the photo that `array` spans.

        Returns:
            float32 [size, size] or [size, size, channel], within the range of `array` and `fill`.
        """
        planes = array[:, :, None] if array.ndim == 2 else array
        sampled = np.stack([self._sample_plane(planes[:, :, c], photo) for c in range(planes.shape[2])], axis=2)
        sampled[~self.inside(photo)] = fill
        return np.asarray(sampled[:, :, 0] if array.ndim == 2 else sampled)

    def inside(self, photo: Photo) -> NDArray[np.bool_]:
        """bool [size, size]: the canvas pixels whose centres lie in the photo; elsewhere is only paper."""
        centres = np.arange(self.size) + 0.5
        xy = self.to_photo(np.stack([centres, centres], axis=1))
        across = (xy[:, 0] > 0) & (xy[:, 0] < photo.width)
        down = (xy[:, 1] > 0) & (xy[:, 1] < photo.height)
        return np.asarray(down[:, None] & across[None, :])

    def _sample_plane(self, plane: NDArray[np.float32], photo: Photo) -> NDArray[np.float32]:
        """One channel; beyond the photo its edge goes on, so that nothing from outside bleeds into it."""
        height, width = plane.shape
        sx, sy = width / photo.width, height / photo.height
        left, top = self.x0 * sx, self.y0 * sy
        right, bottom = left + self.side * sx, top + self.side * sy
        # Pillow resamples boxes inside the image only: pad by what the kernel reaches, and a little more.
        reach = 4 + int(3 * max((right - left), (bottom - top)) / self.size)
        x_low, x_high = math.floor(left) - reach, math.ceil(right) + reach
        y_low, y_high = math.floor(top) - reach, math.ceil(bottom) + reach
        x_first, x_end = min(max(0, x_low), width - 1), max(min(width, x_high), 1)
        y_first, y_end = min(max(0, y_low), height - 1), max(min(height, y_high), 1)
        across = (max(0, x_first - x_low), max(0, x_high - x_end))
        down = (max(0, y_first - y_low), max(0, y_high - y_end))
        seen = plane[y_first:y_end, x_first:x_end].astype(np.float32)
        padded = np.pad(seen, (down, across), mode="edge")
        x_start, y_start = x_first - across[0], y_first - down[0]
        box = (left - x_start, top - y_start, right - x_start, bottom - y_start)
        # Hamming averages over what becomes one pixel: no aliasing, and no ringing that would look like an edge.
        kernel = Image.Resampling.HAMMING if right - left >= self.size else Image.Resampling.BICUBIC
        image = Image.fromarray(padded).resize((self.size, self.size), kernel, box=box)
        return np.asarray(np.clip(np.asarray(image), float(seen.min()), float(seen.max())))


def frame_subject(photo: Photo, mask: Mask | SubjectMask | None, size: int, margin: float = MARGIN) -> Frame:
    """The square that shows the subject, or the whole photo.

    Args:
        photo: the photo.
        mask: float [height, width] in [0, 1] over the whole photo, measured or not; None fits the whole
            photo, centred.
        size: side of the frame's canvas, canvas pixels.
        margin: empty border around the subject, as a share of the canvas' side, 0 to 0.45: 0 touches the edge,
            0.06 leaves room for strokes to move, 0.2 makes a small drawing on a large sheet.

    Returns:
        a frame with the subject (or photo) centred; a mask without any subject frames the whole photo.

    Raises:
        ValueError: `margin` is out of its range.
    """
    if not 0 <= margin <= 0.45:
        raise ValueError(f"margin must be from 0 to 0.45, not {margin}")
    if mask is not None:
        found = SubjectMask.of(mask)
        box = found.box
        if box is not None:
            sx, sy = photo.width / found.mask.shape[1], photo.height / found.mask.shape[0]
            left, top, right, bottom = box[0] * sx, box[1] * sy, box[2] * sx, box[3] * sy
            side = max(right - left, bottom - top) / (1 - 2 * margin)
            return Frame(size, (left + right - side) / 2, (top + bottom - side) / 2, side)
    side = float(max(photo.size))
    return Frame(size, (photo.width - side) / 2, (photo.height - side) / 2, side)


def frame_strokes(sketches: Sequence[Sketch], size: int, margin: float = MARGIN) -> Frame:
    """The square around all strokes of some drawings of one photo, of one at least.

    Args:
        sketches: drawings in the photo's own coordinates; control points count, as they hold the curves.
        size: side of the frame's canvas, canvas pixels.
        margin: empty border, as a share of what is framed.

    Raises:
        ValueError: there is no stroke.
    """
    every = np.concatenate([sketch.points.reshape(-1, 2) for sketch in sketches])
    low, high = every.min(0), every.max(0)
    side = max(float((high - low).max()), 1.0) * (1 + 2 * margin)
    x0, y0 = (low + high - side) / 2
    return Frame(size, float(x0), float(y0), side)
