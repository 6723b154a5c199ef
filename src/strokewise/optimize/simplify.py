"""Fewer strokes that say nearly the same: neighbours become one stroke, and what the encoder can do without goes.

This is how a hand abstracts: the next coarser drawing is made of the one before, not of the photo again.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from .._arrays import Array
from ..bezier import evaluate, fit, interpolated, lengths
from .scorer import PhotoScorer

SAMPLES = 24
"""Points along two strokes that one is fitted to."""


@dataclasses.dataclass(frozen=True)
class _Option:
    """Strokes that go, and the one that comes for them, float64 [0 or 1, 4, xy]."""

    strokes: tuple[int, ...]
    instead: Array


def simplify(
    points: Array,
    count: int,
    scorer: PhotoScorer,
    *,
    fixed: int = 0,
    thrift: float = 0.5,
    gap: float = 8.0,
    merges: int = 24,
    drops: int = 12,
    share: float = 1 / 3,
) -> Array:
    """A drawing of `count` strokes made of one that has more.

    Round by round, each way to have one stroke less is tried by a forward pass, and the cheapest that do not touch
    each other are taken, a share of what is still to go at a time.

    Args:
        points: the drawing, float64 [stroke, 4, xy], canvas pixels.
        count: how many strokes to keep, at least 1.
        scorer: what the encoder says of drawings of the photo.
        fixed: so many of the first strokes stay as they are, and first.
        thrift: price of ink that is lost, as a share of all the drawing's ink, beside the relative rise of the loss:
            at 0 limbs go whose strokes the encoder hardly misses, at 2 strokes are merged wherever they can be.
        gap: ends this near to each other can become one stroke, pixels of a 224 px canvas.
        merges, drops: most of either that are tried in a round: the merges that fit best, and the strokes whose
            pixels the gradient of the loss would miss least.
        share: of the strokes that are still to go, what is taken in a round, over 0 to 1: 1 is quick and blind to what
            a change does to the next, 1 / 3 careful.

    Returns:
        float64 [count, 4, xy]; the drawing as it was where it has no more strokes than that.

    Raises:
        ValueError: `count` is less than 1.
    """
    if count < max(1, fixed):
        least = "one stroke" if fixed < 2 else f"{fixed} strokes"
        raise ValueError(f"a drawing has at least {least}, not {count}")
    drawing = points.copy()
    while len(drawing) > count:
        options = _merges(drawing, fixed, gap * scorer.size / 224, merges) + _drops(drawing, fixed, scorer, drops)
        results = [_apply(drawing, [option]) for option in options]
        style = np.array([lengths(result).sum() for result in results]) / max(lengths(drawing).sum(), 1e-9)
        now = float(scorer.totals([drawing])[0])
        prices = scorer.totals(results) / max(now, 1e-9) - thrift * np.minimum(style, 1)
        prices += scorer.prices(results)
        most = math.ceil((len(drawing) - count) * share)
        chosen: list[_Option] = []
        for i in np.argsort(prices, kind="stable"):
            touched = {stroke for option in chosen for stroke in option.strokes}
            if len(chosen) < most and not touched & set(options[i].strokes):
                chosen.append(options[i])
        drawing = _apply(drawing, chosen)
    return drawing


def _apply(drawing: Array, options: list[_Option]) -> Array:
    """What is left, then what came instead; all options together."""
    gone = [stroke for option in options for stroke in option.strokes]
    return np.concatenate([np.delete(drawing, gone, axis=0), *(option.instead for option in options)])


def _drops(drawing: Array, fixed: int, scorer: PhotoScorer, most: int) -> list[_Option]:
    changes = scorer.estimated_changes(drawing, drawing[fixed:], removed=True)
    likely = fixed + np.argsort(changes, kind="stable")[:most]
    return [_Option((int(i),), np.zeros((0, 4, 2))) for i in likely]


def _merges(drawing: Array, fixed: int, gap: float, most: int) -> list[_Option]:
    """Pairs with ends near each other, as the one cubic that fits both; the best fits first."""
    pairs, ways = [], []
    for i in range(fixed, len(drawing)):
        for j in range(i + 1, len(drawing)):
            for first in (drawing[i], drawing[i][::-1]):
                for second in (drawing[j], drawing[j][::-1]):
                    if np.linalg.norm(first[-1] - second[0]) <= gap:
                        pairs.append((i, j))
                        ways.append((first, second))
    if not pairs:
        return []
    t = np.linspace(0, 1, SAMPLES)
    runs = np.stack([_even(np.concatenate([evaluate(a, t), evaluate(b, t)])) for a, b in ways])
    cubics, deviations = fit(runs)
    length = np.linalg.norm(np.diff(runs, axis=1), axis=2).sum(1)
    off = np.sqrt(np.square(deviations).mean(1)) / np.maximum(length, 1e-9)
    found: dict[tuple[int, int], int] = {}
    for k in np.argsort(off, kind="stable"):
        found.setdefault(pairs[k], int(k))
    return [_Option(pairs[k], cubics[k : k + 1]) for k in list(found.values())[:most]]


def _even(run: Array) -> Array:
    """A polyline [k, xy] in as many points, evenly spaced along it."""
    steps = np.linalg.norm(np.diff(run, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    return interpolated(run, along, np.linspace(0, along[-1], len(run)))
