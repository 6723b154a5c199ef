"""The order in which a hand would draw the strokes."""

from __future__ import annotations

import dataclasses

import numpy as np

from .arrays import Array
from .sketch import Sketch


def in_drawing_order(sketch: Sketch, joined: float = 0.01) -> Sketch:
    """The same strokes, large shapes first, each line followed from end to end, small details last.

    Strokes that run on into each other become one run; runs go from long to short; a stroke is turned round where
    the hand would arrive at its other end.

    Args:
        sketch: in any order.
        joined: gap between ends that still counts as one line, as a share of the canvas's longer side.
    """
    gap = joined * max(sketch.canvas)
    starts, stops = sketch.points[:, 0], sketch.points[:, -1]
    lengths = np.linalg.norm(np.diff(sketch.points, axis=1), axis=2).sum(1)
    left = set(range(len(sketch)))
    runs: list[list[tuple[int, bool]]] = []
    while left:
        first = max(sorted(left), key=lambda i: lengths[i])
        left.discard(first)
        run = [(first, False)]
        for forward in (True, False):
            tip = stops[first] if forward else starts[first]
            while (following := _nearest(tip, left, starts, stops, gap)) is not None:
                i, at_stop = following
                left.discard(i)
                if forward:
                    run.append((i, at_stop))
                else:
                    run.insert(0, (i, not at_stop))
                tip = starts[i] if at_stop else stops[i]
        runs.append(run)
    runs.sort(key=lambda run: -float(sum(lengths[i] for i, _ in run)))
    order, flipped = [], []
    hand = np.zeros(2)
    for run in runs:
        # Begin at the end nearer to where the hand is, and at first at the upper left.
        if np.linalg.norm(_tip(run[-1], starts, stops, last=True) - hand) < np.linalg.norm(
            _tip(run[0], starts, stops, last=False) - hand
        ):
            run = [(i, not flip) for i, flip in reversed(run)]
        hand = _tip(run[-1], starts, stops, last=True)
        order += [i for i, _ in run]
        flipped += [flip for _, flip in run]
    result = sketch.reordered(order)
    turned = np.where(np.array(flipped, dtype=bool)[:, None, None], result.points[:, ::-1], result.points)
    return dataclasses.replace(result, points=turned)


def _tip(stroke: tuple[int, bool], starts: Array, stops: Array, last: bool) -> Array:
    """Where a stroke, perhaps turned round, begins or ends."""
    i, flip = stroke
    return stops[i] if last != flip else starts[i]


def _nearest(tip: Array, left: set[int], starts: Array, stops: Array, gap: float) -> tuple[int, bool] | None:
    """The stroke that begins or ends within `gap` of a point, and whether it is its last point that does."""
    found: tuple[float, int, bool] | None = None
    for i in sorted(left):
        for at_stop, end in ((False, starts[i]), (True, stops[i])):
            distance = float(np.linalg.norm(end - tip))
            if distance <= gap and (found is None or distance < found[0]):
                found = (distance, i, at_stop)
    return None if found is None else (found[1], found[2])
