"""Boundaries that people would mark: where one part of what a photo shows ends and another begins.

    chances = find_boundaries(picture)      # float32 [y, x] in [0, 1]

A small network answers (boundaries.md says what it has learnt from). It takes texture, shadows and
highlights for boundaries less often than contrast does, and finds soft ones between large parts, such as sleeves.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .._onnx import OnnxNetwork, load_shipped, unload_shipped
from .._resample import area, bilinear, resample

WEIGHTS = Path(__file__).with_name("boundaries.onnx")
STRIDE = 2
"""Pixels of what the network sees for each of its answers."""
SIDES = (448, 672)
"""What the network sees, in pixels: small parts show in the larger picture, and large ones are not lost among them."""
BAND, MARGIN = 384, 96
"""The larger picture is seen in bands of so many rows, for less memory; near a cut, so many are left to the next."""


def find_boundaries(picture: NDArray[np.float32], sides: Sequence[int] = SIDES) -> NDArray[np.float32]:
    """How likely each pixel lies on a boundary: the mean of what the network says of the picture at some sizes.

    Args:
        picture: float32 [side, side, rgb] in [0, 1], a square.
        sides: what the network sees, pixels; at least one.

    Returns:
        float32 [side, side] in [0, 1].

    Raises:
        StrokewiseError: the network's weights are missing or damaged.
    """
    side, layers = len(picture), picture.transpose(2, 0, 1)[None]
    found = np.zeros((side, side), dtype=np.float32)
    try:
        for size in sides:
            seen = resample(layers, area(side, size) if size < side else bilinear(side, size))
            maps = _in_bands(np.ascontiguousarray(seen, dtype=np.float32))
            found += resample(maps, bilinear(maps.shape[-1], side))[0, 0] / len(sides)
    finally:
        unload_shipped(_network)
    return found


def _in_bands(seen: NDArray[np.float32]) -> NDArray[np.float32]:
    """What the network says of a picture [1, rgb, y, x], float32 [1, 1, y / 2, x / 2], asked band by band."""
    rows, network = seen.shape[2], _network()
    height = BAND if rows > SIDES[0] else rows
    parts, top = [], 0
    while True:
        bottom = min(top + height, rows)
        (maps,) = network({"image": np.ascontiguousarray(seen[:, :, top:bottom])})
        first = MARGIN if top else 0
        last = bottom - top - (MARGIN if bottom < rows else 0)
        parts.append(maps[:, :, first // STRIDE : last // STRIDE])
        if bottom == rows:
            return np.concatenate(parts, axis=2)
        top += height - 2 * MARGIN


@functools.cache
def _network() -> OnnxNetwork:
    """One network for the process, loaded anew for each photo: its memory is wanted while the drawing is made.

    Raises:
        StrokewiseError: its file is missing or damaged.
    """
    return load_shipped(WEIGHTS, "the boundary network", keep_memory=True)
