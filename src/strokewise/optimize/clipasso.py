"""The paper's own loop, kept runnable as the yardstick: slow, and exactly as published (CLIPasso, section 3.3)."""

from __future__ import annotations

import numpy as np
import torch

from .._arrays import Array
from ..raster import render
from ..settings import Stopped
from ..sketch import StrokeStyle
from .candidates import Callback, CandidatePool, Optimized, to_arrays
from .losses import PhotoLoss
from .views import random_view, sampling_grids

VIEWS, DISTORTION, AREA = 4, 0.5, 0.8
"""Fresh views a step: a perspective, then a crop (supplement A)."""
RATE = 1.0
"""Adam's step, pixels of a 224 px canvas."""
EVERY = 10
"""Steps from one look at the un-augmented loss to the next."""


def optimize_as_paper(
    points: Array,
    loss: PhotoLoss,
    steps: int,
    *,
    width: float,
    size: int,
    rng: np.random.Generator,
    device: torch.device,
    photo: int = 0,
    callback: Callback | None = None,
) -> Optimized | None:
    """Adam on every control point by itself, four new views a step, the photo encoded anew with each of them.

    Candidates run side by side to the end, and the best by the un-augmented loss is kept. Arguments and outcome are
    those of `optimize`, but the un-augmented loss, and so the history, has an entry for every tenth step and the end.

    Args:
        points, loss, width, size, rng, device, callback: as for `optimize`; one photo, nothing locked.
        steps: how many; all are taken.
        photo: its number, for the callback.
    """
    race = CandidatePool(points, StrokeStyle.pen(points.shape[1], width).spread(*points.shape[:2]), photo)
    x = torch.tensor(points, dtype=torch.float32, device=device, requires_grad=True)
    adam = torch.optim.Adam([x], lr=RATE * size / 224)
    stopped: Stopped = "steps"
    for step in range(steps + 1):
        if step % EVERY == 0 or step == steps:
            with torch.no_grad():
                values, now = to_arrays(loss(render(x, width, size=size), (0,))[0], x)
            if not np.isfinite(values).all():
                stopped = "diverged"
                break
            race.record(now, values)
        if callback is not None and callback(race.told(step, steps)):
            stopped = "asked"
            break
        if step == steps:
            break
        views = [random_view(rng, DISTORTION, AREA) for _ in range(VIEWS)]
        grids = sampling_grids(np.stack(views), size).to(device)
        total = loss.afresh(render(x, width, size=size), grids).total.sum()
        if not bool(torch.isfinite(total)):
            stopped = "diverged"
            break
        adam.zero_grad()
        total.backward()
        adam.step()
    return race.outcome(step, stopped)
