"""The paper's own loop, kept runnable as the yardstick: slow, and exactly as published (CLIPasso, section 3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .._arrays import Array
from ..engines.views import random_view
from ..settings import Stopped
from ..sketch import StrokeStyle
from .candidates import Callback, CandidatePool, Optimized
from .strokes import Adam

if TYPE_CHECKING:
    from ..engines.torch_engine import TorchEngine

VIEWS, DISTORTION, AREA = 4, 0.5, 0.8
"""Fresh views a step: a perspective, then a crop (supplement A)."""
RATE = 1.0
"""Adam's step, pixels of a 224 px canvas."""
EVERY = 10
"""Steps from one look at the un-augmented loss to the next."""


def optimize_as_paper(
    points: Array,
    engine: TorchEngine,
    steps: int,
    rng: np.random.Generator,
    *,
    photo: int = 0,
    callback: Callback | None = None,
) -> Optimized | None:
    """Adam on every control point by itself, four new views a step, the photo encoded anew with each of them.

    Candidates run side by side to the end, and the best by the un-augmented loss is kept. The outcome is that of
    `optimize_together`, but the un-augmented loss, and so the history, has an entry for every tenth step and the end.

    Args:
        points: placements, float64 [candidate, stroke, point, xy], canvas pixels.
        engine: compares with one photo.
        steps: how many; all are taken.
        rng: draws the views.
        photo: number of the photo, for the callback.
        callback: as for `optimize_together`.
    """
    pool = CandidatePool(points, StrokeStyle.pen(points.shape[1], engine.width).spread(*points.shape[:2]), photo)
    x = points.copy()
    adam = Adam(x, beta1=0.9, beta2=0.999, epsilon=1e-8)
    stopped: Stopped = "steps"
    for step in range(steps + 1):
        if step % EVERY == 0 or step == steps:
            values = np.stack(engine.values(x, None, [0] * len(x)), axis=1)
            if not np.isfinite(values).all():
                stopped = "diverged"
                break
            pool.record(x, values)
        if callback is not None and callback(pool.progress(step, steps)):
            stopped = "asked"
            break
        if step == steps:
            break
        views = np.stack([random_view(rng, DISTORTION, AREA) for _ in range(VIEWS)])
        totals, gradient = engine.gradient_under_new_views(x, views)
        if not (np.isfinite(totals).all() and np.isfinite(gradient).all()):
            stopped = "diverged"
            break
        x = adam.step(x, gradient, RATE * engine.size / 224)
    return pool.outcome(step, stopped)
