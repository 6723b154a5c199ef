"""Polylines as few smooth cubics."""

from __future__ import annotations

import numpy as np

from .._arrays import Array
from ..bezier import evaluate, resample

TOLERANCE = 0.35
"""Largest distance of a tone line's cubics from the line that was found, scene pixels."""
LONGEST_PIECE = 0.35
"""No cubic is longer than this share of the scene's side."""


def smooth_chain(points: Array, side: float, smooth: float = 4.0) -> Array:
    """A polyline as chained cubics that run smoothly into each other.

    Args:
        points: float64 [sample, xy], about a pixel apart, scene pixels.
        side: of the scene, pixels.
        smooth: sigma of a Gaussian along the line, pixels.

    Returns:
        float64 [4 or 7 or 10... points, xy]; as few cubics as are nowhere farther than `TOLERANCE` from the line.
    """
    line = resample(points, spacing=1.0, smooth=smooth)
    if len(line) < 3:
        return np.linspace(line[0], line[-1], 4)
    tangents = np.gradient(line, axis=0)
    tangents /= np.maximum(np.linalg.norm(tangents, axis=1, keepdims=True), 1e-9)
    knots = [0]
    waiting = [(0, len(line) - 1)]
    while waiting:
        a, b = waiting.pop()
        error, worst = _deviation(line, tangents, a, b)
        if b - a > 2 and (error > TOLERANCE or b - a > LONGEST_PIECE * side):
            # Not at the worst place itself where that is near an end: short pieces beside long ones show.
            middle = min(max(worst, a + (b - a) // 4), b - (b - a) // 4)
            waiting += [(middle, b), (a, middle)]
        else:
            knots.append(b)
    pieces = [_cubic(line, tangents, a, b)[1:] for a, b in zip(knots[:-1], knots[1:], strict=True)]
    return np.concatenate([line[:1], *pieces])


def _cubic(line: Array, tangents: Array, a: int, b: int) -> Array:
    """The cubic [4, xy] with the line's own points and tangents at two of its samples."""
    handle = float(np.linalg.norm(np.diff(line[a : b + 1], axis=0), axis=1).sum()) / 3
    return np.stack([line[a], line[a] + handle * tangents[a], line[b] - handle * tangents[b], line[b]])


def _deviation(line: Array, tangents: Array, a: int, b: int) -> tuple[float, int]:
    """The largest distance of that cubic from the line, and at which sample."""
    curve = evaluate(_cubic(line, tangents, a, b), np.linspace(0, 1, b - a + 1))
    far = np.linalg.norm(curve - line[a : b + 1], axis=1)
    worst = int(far.argmax())
    return float(far[worst]), a + worst
