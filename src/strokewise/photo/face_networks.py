"""The networks that find faces: two detectors, a mesh of 468 points, and the points of an eye.

They are MediaPipe's, run by onnxruntime (`faces.md` says where they come from). Each looks at square crops of the
photo, upright or turned; everything here answers in pixels of the photo.
"""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .._arrays import Array
from .._onnx import OnnxNetwork, load_shipped

FOLDER = Path(__file__).parent
SHORT_RANGE, FULL_RANGE, MESH, IRIS = "face_short_range", "face_full_range", "face_mesh", "iris"
SIDES = {SHORT_RANGE: 128, FULL_RANGE: 192, MESH: 192, IRIS: 64}
"""What each network sees, in pixels."""
STRIDES = {SHORT_RANGE: ((8, 2), (16, 6)), FULL_RANGE: ((4, 1),)}
"""Spacing of a detector's anchors, in its pixels, and how many lie at one place."""
POINTS = 468


@dataclasses.dataclass(frozen=True)
class Crop:
    """A square of the photo, turned.

    Attributes:
        centre: (x, y), pixels of the photo.
        side: pixels of the photo.
        angle: by which the crop's own x axis is turned from the photo's, radians, clockwise as seen.
    """

    centre: tuple[float, float]
    side: float
    angle: float = 0.0

    def to_photo(self, points: Array) -> Array:
        """Points [..., xy] in shares of the crop, 0 to 1 from its upper left corner, in pixels of the photo."""
        away = (np.asarray(points, dtype=np.float64) - 0.5) * self.side
        cos, sin = np.cos(self.angle), np.sin(self.angle)
        turned = np.stack([cos * away[..., 0] - sin * away[..., 1], sin * away[..., 0] + cos * away[..., 1]], axis=-1)
        return np.asarray(turned + np.array(self.centre))


class Pyramid:
    """A photo at full size, half, a quarter, ..., from which small crops are taken without aliasing."""

    def __init__(self, picture: NDArray[np.float32]) -> None:
        """picture: float32 [y, x, rgb] in [0, 1]."""
        self.levels = [Image.fromarray(np.round(np.clip(picture, 0, 1) * 255).astype(np.uint8))]
        while min(self.levels[-1].size) >= 32:
            self.levels.append(self.levels[-1].reduce(2))

    def crop(self, crop: Crop, size: int) -> NDArray[np.float32]:
        """float32 [rgb, size, size] in [0, 1]; black outside the photo."""
        level = 0
        while level + 1 < len(self.levels) and crop.side / 2 ** (level + 1) >= size:
            level += 1
        image = self.levels[level]
        factor = np.array(image.size) / np.array(self.levels[0].size)
        corner, right, down = crop.to_photo(np.array([[0, 0], [1, 0], [0, 1]])) * factor
        across, along = (right - corner) / size, (down - corner) / size
        matrix = (across[0], along[0], corner[0], across[1], along[1], corner[1])
        seen = image.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
        return np.asarray(seen, dtype=np.float32).transpose(2, 0, 1) / np.float32(255)


def detect(pyramid: Pyramid, crops: list[Crop], network: str, least: float) -> list[tuple[float, Array]]:
    """What a detector takes for faces in some crops.

    Args:
        pyramid: the photo.
        crops: where to look.
        network: SHORT_RANGE, for faces of a fifth of the crop or more, or FULL_RANGE, from a twentieth.
        least: lowest score, 0 to 1.

    Returns:
        (score, float64 [8, xy]) of each, pixels of the photo: centre of its box, a corner of it, right and left eye,
        nose tip, mouth, right and left ear. The same face is there many times.
    """
    size = SIDES[network]
    seen = np.stack([pyramid.crop(crop, size) for crop in crops]) * 2 - 1
    boxes, scores = _run(network, seen)
    chances = 1 / (1 + np.exp(-np.clip(scores[:, :, 0], -80, 80)))
    values = boxes.reshape(*boxes.shape[:2], 8, 2).astype(np.float64) / size
    anchors = _anchors(network)
    found = []
    for which, anchor in zip(*np.nonzero(chances >= least), strict=True):
        points = values[which, anchor] + anchors[anchor]
        points[1] = points[0] + np.abs(values[which, anchor, 1]) / 2
        found.append((float(chances[which, anchor]), crops[which].to_photo(points)))
    return found


def mesh(pyramid: Pyramid, crop: Crop, mirrored: bool = False) -> tuple[float, Array]:
    """The face mesh in a crop that holds one face, upright, two thirds of its side tall.

    Args:
        pyramid: the photo.
        crop: where to look.
        mirrored: look at its mirror image; the answer is for the photo as it is, points in the mirror's order.

    Returns:
        how sure the network is that a face is there, 0 to 1; and float64 [468, xyz], x and y pixels of the photo, z in
        pixels too, smaller towards the viewer.
    """
    seen = pyramid.crop(crop, SIDES[MESH])
    points, flag = _run(MESH, np.ascontiguousarray(seen[:, :, ::-1] if mirrored else seen)[None])
    shares = points.reshape(POINTS, 3).astype(np.float64) / SIDES[MESH]
    if mirrored:
        shares[:, 0] = 1 - shares[:, 0]
    placed = np.concatenate([crop.to_photo(shares[:, :2]), shares[:, 2:] * crop.side], axis=1)
    return float(1 / (1 + np.exp(-np.clip(flag[0, 0], -80, 80)))), placed


def eye_points(pyramid: Pyramid, crop: Crop, left: bool) -> tuple[Array, Array]:
    """The points of an eye in a crop around it, 2.3 times as wide.

    Args:
        pyramid: the photo.
        crop: where to look.
        left: it is the person's left eye.

    Returns:
        float64 [16, xy]: lower lid from the outer to the inner corner (9), upper lid without corners (7, outer first);
        and float64 [5, xy]: centre of the iris and four points of its edge; pixels of the photo.
    """
    seen = pyramid.crop(crop, SIDES[IRIS])
    contour, iris = _run(IRIS, np.ascontiguousarray(seen[:, :, ::-1] if left else seen)[None])
    shares = np.concatenate([contour.reshape(-1, 3)[:16], iris.reshape(5, 3)])[:, :2].astype(np.float64) / SIDES[IRIS]
    if left:
        shares[:, 0] = 1 - shares[:, 0]
    placed = crop.to_photo(shares)
    return placed[:16], placed[16:]


@functools.cache
def _anchors(network: str) -> Array:
    """Places that a detector's answers refer to: float64 [answer, xy] in shares of the crop."""
    found = []
    for stride, times in STRIDES[network]:
        count = SIDES[network] // stride
        centres = (np.arange(count) + 0.5) / count
        grid = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)
        found.append(np.repeat(grid, times, axis=0))
    return np.concatenate(found)


def _run(network: str, images: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """A network's answers for images [batch, rgb, y, x]."""
    return _network(network)({"image": images})


@functools.cache
def _network(network: str) -> OnnxNetwork:
    """One network for the process: loading it takes longer than asking it.

    Raises:
        StrokewiseError: its file is missing or damaged.
    """
    return load_shipped(FOLDER / f"{network}.onnx", "a face network")
