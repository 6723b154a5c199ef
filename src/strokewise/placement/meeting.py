"""Strokes that meet: one that ends shortly before another, or shortly behind it, ends on it.

    strokes = meet(strokes, scale)      # [stroke, 4, xy]

A line that stops a little short of the outline, or runs a little across it, looks like a slip of the hand.
"""

from __future__ import annotations

import numpy as np

from .._arrays import Array, Indices
from ..bezier import along, evaluate, split
from .constants import DEFAULTS, MeetingConstants

_SAMPLES = 49
"""Places along a stroke between which it counts as straight."""


def meet(points: Array, scale: float, constants: MeetingConstants = DEFAULTS.meeting) -> Array:
    """Strokes whose ends lie on the strokes that they nearly reach, or hardly cross.

    Args:
        points: float64 [stroke, 4, xy], pixels; the first ones are the first to move.
        scale: pixels per pixel of a 224 px canvas.
        constants: what is near.

    Returns:
        float64 [stroke, 4, xy]; the shape of a stroke changes near such an end only.
    """
    points = points.copy()
    seen = along(points, _SAMPLES)
    for i in range(len(points) if len(points) > 1 else 0):
        others = np.delete(seen, i, axis=0)
        for backwards in (False, True):
            own = points[i][::-1] if backwards else points[i]
            cut = _cut(own, others, scale, constants)
            own = _led_on(own, others, scale, constants) if cut is None else split(own, cut)[0]
            points[i] = own[::-1] if backwards else own
        seen[i] = along(points[i], _SAMPLES)
    return points


def _cut(own: Array, others: Array, scale: float, constants: MeetingConstants) -> float | None:
    """Where a stroke crosses another shortly before its last point, as its parameter; None where it does not."""
    line = along(own, _SAMPLES)
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    left = np.append(np.cumsum(steps[::-1])[::-1], 0)
    reach = min(constants.beyond * scale, constants.beyond_share * left[0])
    first = int(np.argmax(left < reach))
    if left[first] <= constants.touch * scale:
        return None
    crossed, share, _ = _crossings(line[first:-1], line[first + 1 :], others)
    if not len(crossed):
        return None
    at = int(np.argmin(crossed + share))  # of several, the one farthest from the end
    place = first + int(crossed[at]) + float(share[at])
    beyond = float(np.interp(place, np.arange(_SAMPLES), left))
    return place / (_SAMPLES - 1) if beyond > constants.touch * scale else None


def _led_on(own: Array, others: Array, scale: float, constants: MeetingConstants) -> Array:
    """A stroke whose last point lies on what it comes near to, if there is anything near."""
    end, reach = own[3], constants.reach * scale
    places = others.reshape(-1, 2)
    away = np.linalg.norm(places - end, axis=1)
    nearest = int(np.argmin(away))
    if not constants.touch * scale < away[nearest] <= reach:
        return own
    heading = end - evaluate(own[None], np.array([[0.9]]))[0, 0]
    heading = heading / max(float(np.linalg.norm(heading)), 1e-9)
    _, _, ahead = _crossings(end[None], (end + reach * heading)[None], others)
    target = ahead[np.argmin(np.linalg.norm(ahead - end, axis=1))] if len(ahead) else places[nearest]
    step = target - end
    if step @ heading < constants.ahead * np.linalg.norm(step):
        return own
    # Most of the way at the end, so that it keeps its direction there.
    return np.asarray(own + np.array([0, 1 / 3, 1, 1])[:, None] * step)


def _crossings(first: Array, last: Array, others: Array) -> tuple[Indices, Array, Array]:
    """Where segments from `first` to `last` [k, xy] cross polylines [n, m, xy].

    Returns:
        of each crossing the segment's number, the share of the way along it, and the place [xy].
    """
    begin, end = others[:, :-1].reshape(-1, 2), others[:, 1:].reshape(-1, 2)
    own, other = (last - first)[:, None], (end - begin)[None]
    between = begin[None] - first[:, None]
    turn = _cross(own, other)
    parallel = np.abs(turn) < 1e-12
    turn = np.where(parallel, 1.0, turn)
    share, other_share = _cross(between, other) / turn, _cross(between, own) / turn
    hit = ~parallel & (share >= 0) & (share <= 1) & (other_share >= 0) & (other_share <= 1)
    rows = np.nonzero(hit)[0]
    return rows, share[hit], first[rows] + share[hit][:, None] * (last - first)[rows]


def _cross(a: Array, b: Array) -> Array:
    """The cross product of vectors [..., xy]."""
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
