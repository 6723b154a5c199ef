"""The same random view of a photo and of its drawing, and the ways in which drawings differ.

Coordinates of pictures are [-1, 1]; a view is a homography from where one looks to what is there.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from strokewise.engines.views import random_view

Matrix = NDArray[np.float64]
Picture = NDArray[np.float32]
Points = NDArray[np.float32]


def random_matrix(rng: np.random.Generator) -> Matrix:
    """A view: mirrored or not, turned by some degrees, nearer or farther, not quite in the middle, in perspective."""
    angle = np.deg2rad(rng.normal(0, 8))
    zoom = np.exp(rng.uniform(-0.2, 0.3)) * np.exp(rng.uniform(-0.08, 0.08, 2) * [1, -1])
    mirrored = rng.choice((-1.0, 1.0))
    turn = np.array([[np.cos(angle), -np.sin(angle), 0], [np.sin(angle), np.cos(angle), 0], [0, 0, 1]])
    scale = np.diag([zoom[0] * mirrored, zoom[1], 1])
    shift = np.eye(3)
    shift[:2, 2] = rng.uniform(-0.12, 0.12, 2)
    return np.asarray(shift @ turn @ scale @ random_view(rng, 0.15, 1.0))


def see_picture(image: Picture, matrix: Matrix, size: int) -> Picture:
    """A picture [y, x] or [y, x, channel] under a view, at `size` x `size`; white around it."""
    side = len(image)
    to_view = np.array([[2 / size, 0, 1 / size - 1], [0, 2 / size, 1 / size - 1], [0, 0, 1]])
    to_pixels = np.array([[side / 2, 0, side / 2 - 0.5], [0, side / 2, side / 2 - 0.5], [0, 0, 1]])
    there = to_pixels @ matrix @ to_view
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpPerspective(image, there, (size, size), flags=flags, borderValue=(1.0, 1.0, 1.0)), dtype=np.float32
    )


def see_strokes(points: Points, matrix: Matrix, size: int) -> Points:
    """Control points [stroke, 4, xy], shares of the square, under a view: pixels of `size` x `size`.

    Exact but for the perspective, which is mild.
    """
    flat = np.concatenate([points * 2 - 1, np.ones((*points.shape[:2], 1))], axis=2) @ np.linalg.inv(matrix).T
    return np.asarray((flat[..., :2] / flat[..., 2:] + 1) / 2 * size, dtype=np.float32)


def vary_strokes(points: Points, rng: np.random.Generator) -> tuple[Points, bool]:
    """Strokes as another hand would draw them: some left out, shaken, shortened.

    Args:
        points: control points [stroke, 4, xy], shares of the square, the most telling first.

    Returns:
        the strokes, and whether they still lie where the lines are (nothing was shaken).
    """
    count = len(points)
    if rng.random() < 0.25:  # the first so many of a drawing are a drawing too
        points = points[: int(rng.integers(min(count, max(3, count // 3)), count + 1))]
    if rng.random() < 0.5:
        kept = rng.random(len(points)) >= rng.uniform(0, 0.35)
        kept[: min(2, len(points))] = True
        points = points[kept]
    if rng.random() < 0.3:
        cut = rng.uniform(0, 0.2, (2, len(points)))
        points = stretch(points, cut[0], 1 - cut[1])
    if rng.random() < 0.4:
        shift = rng.normal(0, rng.uniform(0, 0.012), (len(points), 1, 2))
        bend = rng.normal(0, rng.uniform(0, 0.01), points.shape)
        return np.asarray(points + shift + bend, dtype=np.float32), False
    return points, True


def stretch(points: Points, start: NDArray[np.float64], stop: NDArray[np.float64]) -> Points:
    """The part of each cubic [stroke, 4, xy] between two parameters, each [stroke], by its blossom."""

    def blossom(a: NDArray, b: NDArray, c: NDArray) -> NDArray:
        p: NDArray = points
        for t in (a, b, c):
            p = p[:, :-1] + t[:, None, None] * np.diff(p, axis=1)
        return p[:, 0]

    corners = [(start, start, start), (start, start, stop), (start, stop, stop), (stop, stop, stop)]
    return np.stack([blossom(*abc) for abc in corners], axis=1).astype(np.float32)


def vary_colors(image: Picture, rng: np.random.Generator) -> Picture:
    """A photo in another light; sometimes without its colours. White stays white, as the paper around a subject."""
    grey = (image @ np.array([0.299, 0.587, 0.114], dtype=np.float32))[..., None]
    colourful = 0.0 if rng.random() < 0.1 else rng.uniform(0.6, 1.4)
    mixed = np.clip(grey + colourful * (image - grey), 0, 1) ** np.exp(rng.uniform(-0.4, 0.4))
    return np.asarray(np.clip(1 - rng.uniform(0.7, 1.15) * (1 - mixed), 0, 1), dtype=np.float32)
