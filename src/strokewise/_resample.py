"""Resampling of square images as products with small matrices, so that a gradient goes back the same way."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]


def resample(images: NDArray[Any], matrix: Matrix) -> NDArray[np.float32]:
    """Images [..., y, x] resampled along both axes by a matrix [new side, old side]: float32 [..., new y, new x]."""
    return np.asarray(matrix @ images.astype(np.float32, copy=False) @ matrix.T)


@functools.cache
def area(old: int, new: int) -> Matrix:
    """Each new pixel is the mean of the old ones it touches: [new, old]."""
    matrix = np.zeros((new, old), np.float32)
    for row in range(new):
        first, end = row * old // new, -(-(row + 1) * old // new)
        matrix[row, first:end] = 1 / (end - first)
    return matrix


@functools.cache
def bilinear(old: int, new: int) -> Matrix:
    """A triangle as wide as one pixel, of the new image where that is smaller, so that nothing aliases: [new, old]."""
    scale = max(old / new, 1.0)
    centres = (np.arange(new) + 0.5) * old / new
    away = np.abs(np.arange(old) + 0.5 - centres[:, None]) / scale
    matrix = np.maximum(1 - away, 0)
    if new >= old:  # beyond the last centres the edge goes on
        matrix[centres < 0.5, 0] = 1
        matrix[centres > old - 0.5, -1] = 1
    return np.asarray(matrix / matrix.sum(1, keepdims=True), dtype=np.float32)


@functools.cache
def bicubic(old: int, new: int) -> Matrix:
    """Cubic convolution (Keys, 1981) with a = -0.75; the edge goes on beyond the image. For enlarging: [new, old]."""
    matrix = np.zeros((new, old))
    centres = (np.arange(new) + 0.5) * old / new - 0.5
    base = np.floor(centres).astype(int)
    for tap in range(-1, 3):
        away = np.abs(centres - (base + tap))
        near = (1.25 * away - 2.25) * away * away + 1
        far = -0.75 * (((away - 5) * away + 8) * away - 4)
        weight = np.where(away <= 1, near, np.where(away < 2, far, 0))
        np.add.at(matrix, (np.arange(new), np.clip(base + tap, 0, old - 1)), weight)
    return np.asarray(matrix, dtype=np.float32)
