"""The best way through a grid from its first column to its last, or round a place, by dynamic programming.

Amini, Weymouth & Jain, "Using dynamic programming for solving variational problems in vision", PAMI 1990.
"""

from __future__ import annotations

import numpy as np

from .._arrays import Array, Indices


def best_paths(values: Array, steep: int, price: float) -> tuple[Array, list[Indices]]:
    """The path with the greatest sum of values from each row of the first column to the last column.

    Args:
        values: float64 [row, column].
        steep: most rows that a path goes up or down from one column to the next.
        price: of each such row.

    Returns:
        float64 [row], the sum along each path less its price; and for each step which row it goes to from each row.
    """
    rows = len(values)
    steps = np.arange(-steep, steep + 1)
    to = np.arange(rows)[:, None] + steps
    inside = (to >= 0) & (to < rows)
    to = np.clip(to, 0, rows - 1)
    total, following = values[:, -1], []
    for column in range(values.shape[1] - 2, -1, -1):
        options = np.where(inside, total[to] - price * np.abs(steps), -np.inf)
        best = options.argmax(1)
        following.append(to[np.arange(rows), best])
        total = values[:, column] + options[np.arange(rows), best]
    return total, following[::-1]


def followed(row: int, following: list[Indices]) -> Indices:
    """The rows of the path that begins in a row of the first column: int [column]; `following` as of `best_paths`."""
    path = [row]
    for step in following:
        path.append(int(step[path[-1]]))
    return np.array(path)


def best_ring(values: Array, steep: int, price: float) -> Indices:
    """The closed path with the greatest sum of values around a place.

    Args:
        values: float64 [ray, step], on rays from the place to all sides, in their order.
        steep, price: as of `best_paths`, from one ray to the next.

    Returns:
        [ray], the step on each.
    """
    # Three times round, of which the middle one is closed.
    total, following = best_paths(np.concatenate([values] * 3)[::-1].T, steep, price)
    return followed(int(total.argmax()), following)[::-1][len(values) : 2 * len(values)]
