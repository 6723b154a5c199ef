"""The colours that strokes take from their photo."""

from __future__ import annotations

import numpy as np

from .._arrays import Array
from ..bezier import along
from ..engines.base import Images

BESIDE = 4.0
"""How far to either side of a line its colour is looked for, pixels of a 224 px canvas."""
LIGHT = 0.6
"""No colour is taken that is lighter than this: it would not be seen on white paper."""


def photo_colors(points: Array, photo: Images) -> Array:
    """The colours that lines would have in a photo: float64 [stroke, rgb].

    That of the pixels beside a line, where what is dark or full of colour counts and white paper does not, and dark
    enough to be seen on it.

    Args:
        points: float64 [stroke, point, xy], canvas pixels.
        photo: float [3, size, size] in [0, 1].
    """
    pixels = photo.astype(np.float64)
    size = pixels.shape[-1]
    reach = max(1, round(BESIDE * size / 224))
    offsets = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 2), axis=-1).reshape(-1, 2)
    offsets = offsets[np.hypot(*offsets.T) <= reach]
    found = np.zeros((len(points), 3))
    for stroke, curve in enumerate(along(points, 32)):
        column, row = np.clip(np.floor(curve[:, None] + offsets).astype(int), 0, size - 1).reshape(-1, 2).T
        beside = pixels[:, row, column]
        weight = np.square(1 - beside.min(0)) + 1e-6
        found[stroke] = (beside * weight).sum(1) / weight.sum()
    light = found @ np.array([0.2126, 0.7152, 0.0722])
    return np.clip(found * np.minimum(1, LIGHT / np.maximum(light, 1e-6))[:, None], 0, 1)
