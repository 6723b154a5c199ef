"""Numbers of any range as levels from 0 to 1: 8, 10, 12, 14 or 16 bits, wider integers, floats."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_TOPS = (1, 255, 1023, 4095, 16383, 65535)
"""The largest numbers of 1, 8, 10, 12, 14 and 16 bits."""
_NARROW = 8
"""Values of 10 to 14 bits that fill less than this part of their range are stretched: they come from instruments."""
_EMPTY = 64
"""Values of the whole range that fill less than this part of it are stretched, too: else nothing could be seen."""
_NOISE = 0.5
"""Neighbouring pixels of a picture differ less than this part of what pixels anywhere differ; those of noise, by 1."""


def integer_levels(values: NDArray[Any], stated: int | None = None) -> NDArray[np.float32]:
    """Integers in the range they seem to be meant in.

    That is 0 to the largest number of so many bits as they need: 1, 8, 10, 12, 14 or 16. Where they fill only a small
    part of it, and wherever a number is negative or larger, it is least to greatest. Noise alone is not stretched.

    Args:
        values: [height, width] or [height, width, channel].
        stated: the largest value as the file states it; not believed if a value is larger.
    """
    low, high = int(values.min()), int(values.max())
    if low >= 0 and high <= 65535:
        if stated is not None and 0 < stated <= 65535 and high <= stated:
            top = stated
        else:
            top = next(top for top in _TOPS if high <= top)
        parts = _NARROW if 255 < top < 65535 else _EMPTY
        if (high - low) * parts >= top or not _is_picture(values):
            low, high = 0, top
    scaled = values.astype(np.float32) if low > -(2**24) and high < 2**24 else values.astype(np.float64)
    return np.asarray((scaled - low) / max(high - low, 1), np.float32)


def float_levels(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Floats in the range they seem to be meant in: 0 to 1, 255 or 65535, else least to greatest; no value is white."""
    known = np.isfinite(values)
    if not known.any():
        return np.ones_like(values)
    finite = values[known].astype(np.float64)
    least, greatest = float(finite.min()), float(finite.max())
    low, high = 0.0, 1.0
    if least < -0.5 or greatest > 65535:
        low, high = least, greatest
    elif greatest > 2:  # a little over 1 is only a highlight or a resampling overshoot
        high = 255.0 if greatest <= 255 else 65535.0
    if 0 < (greatest - least) * _EMPTY < high - low and _is_picture(np.where(known, values, least)):
        low, high = least, greatest
    scaled = (values.astype(np.float64) - low) / max(high - low, 1e-300)
    return np.clip(np.where(known, scaled, 1.0), 0, 1).astype(np.float32)


def _is_picture(values: NDArray[Any]) -> bool:
    """Whether there is more to see than noise: neighbours are alike (von Neumann's ratio, Ann. Math. Stat. 1941)."""
    plane = values.astype(np.float64)
    if plane.ndim == 3:
        plane = plane.mean(axis=2)
    spread = 2 * float(plane.var())
    if spread <= 0:
        return False
    steps = [float((np.diff(plane, axis=axis) ** 2).mean()) for axis in (0, 1) if plane.shape[axis] > 1]
    return bool(steps) and min(steps) < _NOISE * spread
