"""The order of strokes by what they matter, so that the first of a drawing's strokes are a good coarser drawing."""

from __future__ import annotations

import numpy as np

from .._arrays import Array
from .scorer import PhotoScorer, Strokes

ROUND_SHARE = 1 / 2
"""Of the strokes that are left, what is taken away in a round."""
TRIAL_LIMIT = 32
"""Most strokes that are left out for trial in a round; of more, those that the gradient holds for the weakest."""


def by_importance(drawing: Array | Strokes, scorer: PhotoScorer) -> list[int]:
    """Places of a drawing's strokes, the most important first.

    Round by round, each stroke is left out for trial, and those that the encoder misses least go to the end of the
    order. 16 strokes take 30 forward passes, 32 take 62.

    Args:
        drawing: float64 [stroke, point, xy], canvas pixels, or with their style.
        scorer: what the encoder says of drawings of the photo.
    """
    whole = Strokes.of(drawing)
    left = np.arange(len(whole.points))
    last: list[int] = []
    while len(left) > 1:
        now = whole.at(left)
        likely = np.arange(len(left))
        if len(left) > TRIAL_LIMIT:
            likely = np.argsort(scorer.estimated_changes(now, now, removed=True), kind="stable")[:TRIAL_LIMIT]
        losses = scorer.totals([now.without(int(i)) for i in likely])
        weakest = likely[np.argsort(losses, kind="stable")[: max(1, int(len(left) * ROUND_SHARE))]]
        last = [*(int(i) for i in left[weakest[::-1]]), *last]
        left = np.delete(left, weakest)
    return [*(int(i) for i in left), *last]
