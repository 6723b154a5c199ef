"""Moving the strokes: gradient descent on several candidates at once, the poor ones dropped on the way."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .._arrays import Array, Flags
from ..settings import Stopped
from ..sketch import StrokeStyle
from .candidates import Callback, CandidatePool, Optimized, to_arrays
from .exchange import Exchange, exchange
from .losses import PhotoLoss
from .scorer import PhotoScorer
from .strokes import StrokeParameters
from .style import photo_colors
from .style_updates import StyleParameters

STALL_SPEEDUP = 4
"""How much faster the clock of a schedule runs while there is no progress."""


@dataclasses.dataclass(frozen=True)
class Schedule:
    """How the loop goes. Lengths in pixels of a 224 px canvas.

    Attributes:
        steps: most steps.
        rate: how far a control point moves in a step, at first; the rate falls to a tenth along a cosine.
        stiffness: price of bending a stroke out of the shape it was placed in: 0 lets small strokes scribble, 10
            only lets strokes slide.
        views: random views a step besides the picture itself.
        race: after these steps only so many candidates go on, {step: candidates}.
        exchange: after these steps strokes are exchanged; from the first on, only the best candidate goes on.
        patience: steps without progress after which the rate falls STALL_SPEEDUP times as fast, until there is
            progress; once it has fallen to its end, the loop has converged.
        progress: relative fall of the best loss that counts as progress.
    """

    steps: int = 220
    rate: float = 0.75
    stiffness: float = 0.5
    views: int = 0
    race: tuple[tuple[int, int], ...] = ((4, 1),)
    exchange: tuple[int, ...] = (14,)
    patience: int = 10
    progress: float = 0.002


def optimize(
    points: Array,
    loss: PhotoLoss,
    schedule: Schedule,
    *,
    width: float,
    size: int,
    rng: np.random.Generator,
    device: torch.device,
    pool: Array | None = None,
    locked: Flags | None = None,
    style: StrokeStyle | None = None,
    vary: frozenset[str] = frozenset(),
    callback: Callback | None = None,
) -> Optimized | None:
    """Move the strokes of all candidates downhill, and return the best by the un-augmented loss.

    Never returns strokes that are worse than the best placement by that measure.

    Args:
        points: placements, float64 [candidate, stroke, point, xy], canvas pixels; point = 4, 7, 10... in chains.
        loss: against the photo, under its views.
        schedule: how the loop goes.
        width: stroke width, canvas pixels.
        size: side of the canvas, pixels.
        rng: chooses the views of each step.
        device: where to compute; that of the loss's photos and views.
        pool: strokes offered for exchange, float64 [any, point, xy], canvas pixels; no more points than above.
        locked: [stroke], those that stay as they are, to the bit, in points and ink. Strokes that are joined to one
            keep that end.
        ink: what strokes are drawn with, [stroke] or [candidate, stroke]; None is a black pen of `width`, or of the
            photo's own colours where colours vary.
        vary: what of the ink is optimised with the points, of "width", "opacity" and "color".
        callback: called after each step; returning True stops the loop with the best so far.

    Returns:
        the outcome; None if not even a placement has a finite loss.
    """
    options: dict[str, Any] = {"width": width, "size": size, "rng": rng, "device": device, "callback": callback}
    singles = {"pools": pool, "locked": locked, "styles": style}
    options |= {name: [one] for name, one in singles.items() if one is not None}
    return optimize_together([points], loss, schedule, vary=vary, **options)[0]


def optimize_together(
    placements: Sequence[Array],
    loss: PhotoLoss,
    schedule: Schedule,
    *,
    width: float,
    size: int,
    rng: np.random.Generator,
    device: torch.device,
    pools: Sequence[Array] | None = None,
    locked: Sequence[Flags] | None = None,
    styles: Sequence[StrokeStyle] | None = None,
    vary: frozenset[str] = frozenset(),
    callback: Callback | None = None,
) -> list[Optimized | None]:
    """`optimize` for several photos in one batch: what keeps a GPU busy. Each photo's race is its own.

    Args:
        placements: those of each photo; all with as many strokes.
        loss: against as many photos, under views they share.
        pools: strokes that each photo offers for exchange, float64 [any, point, xy], canvas pixels.
        locked: those of each photo, [stroke].
        inks: that of each photo.
        callback: told of each photo after each step; returning True stops that photo.
        schedule, width, size, rng, device, vary: as for `optimize`.

    Returns:
        the outcome of each photo; None where not even a placement has a finite loss.
    """
    common: dict[str, Any] = {"width": width, "size": size, "device": device}
    vary = vary if schedule.steps else frozenset()
    begun = [_begin(points, loss, photo, styles, vary, width) for photo, points in enumerate(placements)]
    running = [
        CandidatePool(points, style, photo) for photo, (points, style) in enumerate(zip(placements, begun, strict=True))
    ]
    outcomes: list[Optimized | None] = [None] * len(running)
    owners = np.repeat(np.arange(len(running)), [len(points) for points in placements])
    every = np.concatenate(placements)
    fixed = np.zeros(every.shape[:2], dtype=bool)
    if locked is not None:
        fixed |= np.stack(list(locked))[owners]
    strokes = StrokeParameters(every, fixed, device)
    style = StyleParameters(
        None if styles is None and not vary else StrokeStyle.joined(begun), every, fixed, vary, **common
    )
    placed = strokes.points
    drops = {**dict(schedule.race), **({step: 1 for step in schedule.exchange} if pools else {})}
    step = 0
    while True:
        moving = step < schedule.steps
        x = strokes.points.detach().requires_grad_(moving)
        levels = style.leaves(moving)
        # The picture itself is always among the views, so each step measures where it starts from.
        random = schedule.views if moving and len(loss.views) > 1 else 0
        extra = [int(v) for v in rng.integers(1, len(loss.views), random)] if random else []
        terms = loss(style.draw(x, levels), (0, *extra), owners)
        values, points, *levels_now = to_arrays(terms[0], x, *levels.values())
        points, inks_now = strokes.exact(points), style.exact(dict(zip(levels, levels_now, strict=True)))
        keep = []
        for race in list(running):
            rows = np.flatnonzero(owners == race.photo)
            stopped = _record(race, points[rows], values[rows], inks_now.at(rows), step, schedule, callback)
            if stopped:
                outcomes[race.photo] = race.outcome(step, stopped)
                running.remove(race)
                continue
            leading = list(range(len(rows)))
            if drops.get(step + 1, len(rows)) < len(rows):
                leading = race.leaders(drops[step + 1])
                race.ids = [race.ids[r] for r in leading]
            keep += [int(rows[r]) for r in leading]
        if not running:
            break
        total = torch.stack([t.total for t in terms]).mean(0).sum()
        total = total + schedule.stiffness * bending(x, placed).sum()
        gradient, *slopes = torch.autograd.grad(total, [x, *levels.values()])
        clocks = {race.photo: race.clock for race in running}
        fades = [0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * min(clocks.get(int(o), 1.0), 1.0))) for o in owners]
        fade = torch.tensor(fades, device=device)
        style.move(strokes.points, dict(zip(levels, slopes, strict=True)), fade)
        strokes.move(gradient, schedule.rate * size / 224 * fade[:, None, None, None])
        for race in running:
            race.clock += (STALL_SPEEDUP if race.stale >= schedule.patience else 1) / schedule.steps
        if len(keep) < len(owners):
            strokes.keep(keep)
            style.keep(keep)
            placed, owners, fixed = placed[keep], owners[keep], fixed[keep]
        step += 1
        if pools and step in schedule.exchange:
            for row, race in enumerate(running):
                better = _exchanged(race, pools[race.photo], loss, style, row, fixed[row], common)
                if better.came.any():
                    strokes.restart(row, better.points)
                    style.restart(row, better.points, better.style or race.best_style, better.came)
            placed = strokes.points  # what strokes may be bent out of, from here on
    return outcomes


def _begin(
    points: Array, loss: PhotoLoss, photo: int, styles: Sequence[StrokeStyle] | None, vary: frozenset[str], width: float
) -> StrokeStyle:
    """What a photo's candidates are drawn with at first: [candidate, stroke]."""
    if styles is not None:
        return styles[photo].spread(*points.shape[:2])
    pen = StrokeStyle.pen(points.shape[1], width).spread(*points.shape[:2])
    if "color" not in vary:
        return pen
    return pen._replace(colors=np.stack([photo_colors(drawing, loss.photos[photo]) for drawing in points]))


def _exchanged(
    race: CandidatePool,
    pool: Array,
    loss: PhotoLoss,
    style: StyleParameters,
    row: int,
    locked: Flags,
    common: dict[str, Any],
) -> Exchange:
    """The best drawing of a photo after `exchange`, drawn as it is."""
    styles: dict[str, Any] = {}
    if not style.plain:
        styles = {"style": race.best_style, "fresh": style.fresh(row, pool, loss.photos[race.photo])}
    return exchange(race.best, pool, PhotoScorer(loss, race.photo, **common), locked=locked, **styles)


def _record(
    race: CandidatePool,
    points: Array,
    values: Array,
    style: StrokeStyle,
    step: int,
    schedule: Schedule,
    callback: Callback | None,
) -> Stopped | None:
    """Note where a photo's candidates stand; why its race is over, or None."""
    if not np.isfinite(values).all():
        return "diverged"
    race.record(points, values, schedule.progress, style)
    if callback is not None and callback(race.told(step, schedule.steps)):
        return "asked"
    if step >= schedule.steps:
        return "steps"
    return "converged" if race.clock > 1 else None


def bending(points: Tensor, placed: Tensor) -> Tensor:
    """How far strokes have left the shape they were placed in: [candidate], 0 for strokes that only slid.

    The squared change of each leg of the control polygon, as a share of the polygon's length, mean over strokes: a
    given change in pixels costs an eye more than an outline.
    """
    legs, before = torch.diff(points, dim=2), torch.diff(placed, dim=2)
    length = before.norm(dim=3).sum(2).clamp_min(1.0)
    return ((legs - before).square().sum((2, 3)) / length.square()).mean(1)
