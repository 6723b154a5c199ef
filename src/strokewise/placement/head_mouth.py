"""The mouth of an animal that looks at the viewer: the dark line that runs from under its nose to both sides.

halves = find_mouth(picture, head)      # two cubics, or none

A mouth is a valley of light (Haralick, "Ridges and valleys on digital images", 1983), seldom an edge. The best path
through the valleys to either side of the middle line is found by dynamic programming; both begin at one point. Where
there is no such valley, there is no mouth.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array, Flags
from ..bezier import fit, resample
from ..photo.heads import Head
from .best_path import best_paths, followed
from .constants import DEFAULTS
from .face_constants import HeadConstants

_CELLS = 28
"""Cells of the grid from the middle line to a corner of the mouth."""
_STEEP = 3
"""Most rows that a path goes up or down from one column to the next."""


def find_mouth(picture: NDArray[np.floating[Any]], head: Head, constants: HeadConstants = DEFAULTS.heads) -> Array:
    """Both halves of the mouth line.

    Args:
        picture: float [y, x, rgb] in [0, 1].
        head: in its pixels.
        constants: how far the mouth may lie under the nose, and how clear it must be.

    Returns:
        float64 [2, 4, xy], the left and the right half as seen, each from the middle to the corner; or [0, 4, xy].
    """
    cell = constants.mouth_half * head.size / _CELLS
    columns = np.arange(-_CELLS, _CELLS + 1) * cell
    rows = np.arange(constants.mouth_nearest * head.size, constants.mouth_farthest * head.size, cell)
    places = head.nose + columns[None, :, None] * head.across + rows[:, None, None] * head.down
    if cell < constants.mouth_least_cell or not _within(places, picture.shape).all():
        return np.zeros((0, 4, 2))
    valley = _valleys(picture, places, cell)
    # The nearer to the nose, the likelier: under the mouth come a chin, a chest, a collar.
    valley *= np.exp(-((rows / (constants.mouth_usual * head.size)) ** 2))[:, None]
    left, right = (
        best_paths(half, _STEEP, constants.mouth_stiff) for half in (valley[:, _CELLS::-1], valley[:, _CELLS:])
    )
    middle = int(np.argmax(left[0] + right[0]))
    if left[0][middle] + right[0][middle] < constants.mouth_clear * 2 * _CELLS:
        return np.zeros((0, 4, 2))
    halves = []
    for side, (_, following) in ((-1, left), (1, right)):
        path = followed(middle, following)
        line = places[path, _CELLS + side * np.arange(len(path))]
        even = resample(line, smooth=constants.mouth_smooth * head.size)
        halves.append(fit(even[np.linspace(0, len(even) - 1, 16).round().astype(int)][None])[0][0])
    return np.stack(halves)


def _within(places: Array, shape: tuple[int, ...]) -> Flags:
    """Which places [..., xy] lie in a picture [y, x, ...]."""
    return np.asarray(((places >= 0) & (places < np.array(shape[1::-1]))).all(-1))


def _valleys(picture: NDArray[np.floating[Any]], places: Array, cell: float) -> Array:
    """How clearly a dark line runs through each place of the grid: float64 [row, column] in [0, 1]."""
    grey = ndimage.gaussian_filter(picture.mean(2).astype(np.float64), max(0.5, 0.6 * cell))
    seen = ndimage.map_coordinates(grey, [places[..., 1], places[..., 0]], order=1, mode="nearest")
    yy, xx, xy = (ndimage.gaussian_filter(seen, 2.0, order=order) for order in ((2, 0), (0, 2), (1, 1)))
    curving = 2.0 * (yy + xx + np.sqrt((yy - xx) ** 2 + 4 * xy**2))
    return np.asarray(np.clip(curving / (seen.std() + 0.02), 0, 1))
