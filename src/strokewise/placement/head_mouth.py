"""The mouth of an animal: the dark line that runs from under its nose to both sides; from the side, from the tip of its
muzzle or its beak backward.

halves = find_mouth(picture, head)                          # two cubics, or none
line = find_side_mouth(picture, side_head, depth, scale)    # one, or none

A mouth is a valley of light (Haralick, "Ridges and valleys on digital images", 1983), seldom an edge. The best path
through the valleys is found by dynamic programming. Where there is no such valley, there is no mouth.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array, Flags
from ..bezier import fit, resample, runs
from ..photo.heads import Head
from ..photo.side_heads import SideHead
from .best_path import best_paths, followed
from .constants import DEFAULTS
from .face_constants import HeadConstants
from .lines import pixels

_CELLS = 28
"""Cells of the grid from the middle line to a corner of the mouth."""
_STEEP = 3
"""Most rows that a path goes up or down from one column to the next;"""
_SIDE_STEEP = 2
"""and in a head from the side, where the mouth is longer."""


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


def find_side_mouth(
    picture: NDArray[np.floating[Any]],
    head: SideHead,
    depth: Array,
    scale: float,
    constants: HeadConstants = DEFAULTS.heads,
) -> Array:
    """The mouth line of a head that is seen from the side, or the line between the halves of a beak.

    Args:
        picture: float [y, x, rgb] in [0, 1].
        head: in its pixels.
        depth: float64 [y, x], distance from the border of what is drawn, pixels: a line along it is the outline.
        scale: pixels per pixel of a 224 px canvas.
        constants: where the mouth may lie, and how clear it must be.

    Returns:
        float64 [1, 4, xy], from the tip of the muzzle backward; or [0, 4, xy].
    """
    rules, none = constants, np.zeros((0, 4, 2))
    long = float(np.linalg.norm(head.eye - head.muzzle))
    cell = rules.side_mouth_length * long / _CELLS
    if cell < rules.mouth_least_cell:
        return none
    back = (head.eye - head.muzzle) / long
    below = np.array([-back[1], back[0]])
    below = below if below[1] > 0 else -below
    columns = np.arange(_CELLS + 1) * cell
    rows = np.arange(-rules.side_mouth_above * long, rules.side_mouth_below * long, cell)
    places = head.muzzle + columns[None, :, None] * back + rows[:, None, None] * below
    places = np.clip(places, 0, np.array(picture.shape[1::-1]) - 1)
    seen = _valleys(picture, places, cell)
    inside = depth[pixels(places.reshape(-1, 2), depth.shape)].reshape(seen.shape)
    # Beside a line that is the outline there is its flank, which is no line.
    flank = seen < ndimage.maximum_filter1d(seen, 2 * _SIDE_STEEP + 1, axis=0)
    seen[flank] *= rules.side_mouth_flank
    margin = max(rules.side_mouth_gap * scale, rules.side_mouth_margin * long)
    seen *= inside > np.minimum(margin, rules.side_mouth_tip * columns)  # at the tip, it meets the outline
    usual = rules.side_mouth_begin * long + rules.side_mouth_slope * columns
    spread = rules.side_mouth_spread * long + rules.side_mouth_widening * columns
    likely = np.exp(-(((rows[:, None] - usual) / spread) ** 2))
    total, following = best_paths(seen * likely, _SIDE_STEEP, rules.side_mouth_stiff)
    path = followed(int(np.argmax(total)), following)
    clear = ndimage.gaussian_filter1d(seen[path, np.arange(len(path))], 1.0)
    kept = max(runs(clear > rules.side_mouth_faint), key=lambda run: run.stop - run.start, default=slice(0, 0))
    line = places[path, np.arange(len(path))][kept]
    if len(line) < rules.side_mouth_least * _CELLS or clear[kept].mean() < rules.side_mouth_clear:
        return none
    if np.linalg.norm(line[-1] - line[0]) < rules.side_mouth_shortest * scale:
        return none
    even = resample(line, smooth=rules.mouth_smooth * long)
    return fit(even[np.linspace(0, len(even) - 1, 16).round().astype(int)][None])[0]


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
