"""A scribble: hatching drawn to and fro without lifting the pen, with round turns."""

from __future__ import annotations

import numpy as np

from .._arrays import Array, Flags
from .shading import Shading

REACH, LEAST, MOST = 1.8, 6.0, 18.0
"""Longest way from the end of one line to the next, in spacings there, and its bounds in pixels of a scene 448 pixels
long."""
SHARE = 0.5
"""It is no longer than this share of both lines: else the scribble would be made of corners."""
BACK = -0.2
"""Highest cosine between the direction a line ends in and the one the next begins with: the hand turns round."""


def swung(lines: list[Array], shading: Shading, spacing: Array) -> list[Array]:
    """Lines joined to long ones, each drawn in the other direction than the one before.

    Args:
        lines: float64 [sample, xy] each, about a pixel apart, scene pixels.
        shading: of the scene; no turn leaves what it allows.
        spacing: float64 [y, x], of the lines, scene pixels.

    Returns:
        float64 [sample, xy] each, fewer and longer.
    """
    left = set(range(len(lines)))
    starts, stops = (np.array([line[k] for line in lines]).reshape(-1, 2) for k in (0, -1))
    found = []
    while left:
        first = min(left, key=lambda i: (starts[i, 1], i))  # from the top downward
        left.discard(first)
        run = [lines[first]]
        for forward in (True, False):
            while left:
                following = _next(run[-1] if forward else run[0][::-1], left, starts, stops, lines, shading, spacing)
                if following is None:
                    break
                i, flip = following
                left.discard(i)
                line = lines[i][::-1] if flip else lines[i]
                run = [*run, line] if forward else [line[::-1], *run]
        found.append(_turned(run))
    return found


def _next(
    line: Array,
    left: set[int],
    starts: Array,
    stops: Array,
    lines: list[Array],
    shading: Shading,
    spacing: Array,
) -> tuple[int, bool] | None:
    """The line that a hand at the end of `line` turns into, and whether it is drawn from its end; None without."""
    tip = line[-1]
    scale = max(shading.allowed.shape) / 448
    wanted = REACH * float(spacing[int(tip[1]), int(tip[0])])
    reach = min(max(LEAST * scale, wanted), MOST * scale, SHARE * len(line))
    way = tip - line[max(0, len(line) - 6)]
    best: tuple[float, int, bool] | None = None
    for i in sorted(left):
        for flip, end in ((False, starts[i]), (True, stops[i])):
            far = float(np.linalg.norm(end - tip))
            if far > min(reach, SHARE * len(lines[i])) or (best is not None and far >= best[0]):
                continue
            points = lines[i][::-1] if flip else lines[i]
            onward = points[min(5, len(points) - 1)] - points[0]
            cosine = float(way @ onward) / max(float(np.linalg.norm(way) * np.linalg.norm(onward)), 1e-9)
            if cosine <= BACK and _stays(tip, end, shading.allowed):
                best = (far, i, flip)
    return None if best is None else (best[1], best[2])


def _stays(a: Array, b: Array, allowed: Flags) -> bool:
    """Whether the straight way between two points lies where tone may."""
    points = a + np.linspace(0, 1, max(2, int(np.abs(b - a).max()) + 1))[:, None] * (b - a)
    return bool(allowed[points[:, 1].astype(int), points[:, 0].astype(int)].all())


def _turned(run: list[Array]) -> Array:
    """Lines as one: float64 [sample, xy]."""
    pieces = [run[0]]
    for line in run[1:]:
        a, b = pieces[-1][-1], line[0]
        count = max(1, int(np.linalg.norm(b - a)))
        pieces += [a + np.linspace(0, 1, count + 1)[1:-1, None] * (b - a), line]
    return np.concatenate(pieces)
