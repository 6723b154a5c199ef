"""Strokes of several cubics in a row, each beginning where the one before ends: 4, 7, 10... points a stroke."""

from __future__ import annotations

import numpy as np

from .arrays import Array
from .placement.fitting import evaluate, lengths, split


def cubics(points: Array) -> Array:
    """The cubics of chains [..., point, xy]: [..., cubic, 4, xy]."""
    first = np.arange(0, points.shape[-2] - 1, 3)
    return points[..., first[:, None] + np.arange(4), :]


def chained(cubics: Array) -> Array:
    """Cubics [cubic, 4, xy], each beginning where the one before ended, as a chain [3 cubic + 1, xy]."""
    return np.concatenate([cubics[0, :1], *(cubic[1:] for cubic in cubics)])


def along(points: Array, samples: int) -> Array:
    """Points on chains [..., point, xy]: `samples` on each cubic, evenly in its parameter, [..., any, xy]."""
    curves = evaluate(cubics(points), np.linspace(0, 1, samples))
    return curves.reshape(*points.shape[:-2], curves.shape[-3] * samples, 2)


def lengthened(points: Array, count: int) -> Array:
    """The same curves in `count` points a stroke: the longest cubics of each are cut in two, again and again.

    Args:
        points: float64 [stroke, point, xy].
        count: 4, 7, 10..., at least as many as there are.

    Raises:
        ValueError: there are more points already, or no chain has so many.
    """
    if count % 3 != 1 or count < points.shape[1]:
        raise ValueError(f"strokes of {points.shape[1]} points cannot have {count}")
    found = np.zeros((len(points), count, 2))
    for stroke, pieces in enumerate(cubics(points)):
        parts = list(pieces)
        while 3 * len(parts) + 1 < count:
            longest = int(np.argmax(lengths(np.stack(parts))))
            parts[longest : longest + 1] = split(parts[longest], 0.5)
        found[stroke] = chained(np.stack(parts))
    return found
