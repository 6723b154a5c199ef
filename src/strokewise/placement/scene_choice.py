"""Which lines of a place are drawn: the strokes that say most, none beside another, none a crumb."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import ndimage

from .._arrays import Array
from ..bezier import evaluate, lengths, runs
from .lines import Line, pixels
from .scene_constants import SCENE, SceneConstants
from .scene_lines import DETAIL, MASS, STRAIGHT
from .selection import choose


def choose_background(
    lines: list[Line],
    strokes: int,
    unit: float,
    shape: tuple[int, ...],
    rng: np.random.Generator,
    rules: SceneConstants = SCENE,
) -> Array:
    """Strokes along the lines of a place, the most telling first.

    Args:
        lines: as `scene_lines` gives them.
        strokes: how many at most.
        unit: pixels of theirs for one of a 224 px canvas.
        shape: of the picture they are in, [y, x].
        rng: where curves are cut.
        rules: what is worth how much.

    Returns:
        float64 [stroke, 4, xy], pixels; straight lines exactly straight. Fewer where the place offers no more.
    """
    if not lines or strokes < 1:
        return np.zeros((0, 4, 2))
    worth = [dataclasses.replace(line, weight=line.weight * _bonus(line, unit, rules)) for line in lines]
    straight = [line for line in worth if line.kind == STRAIGHT]
    curves = [line for line in worth if line.kind != STRAIGHT]
    offered = [_third(line.points[0], line.points[-1]) for line in straight]
    values = [float(line.weight.sum()) for line in straight]
    if curves:
        near = max(rules.tolerance, rules.tolerance_few / np.sqrt(strokes))
        # Curves are cut into broad strokes: more of them would only follow more closely, one behind the other.
        usual = unit * (rules.stroke_length + rules.stroke_length_gain * near)
        many = round(sum(len(line.points) for line in curves) / usual) + 1
        cubics = choose(curves, min(many, rules.offered * strokes), near * unit, rules.apart * unit, rng)
        ground = np.zeros(shape)
        for line in curves:
            at = pixels(line.points, shape)
            ground[at] = np.maximum(ground[at], line.weight)
        ground = ndimage.maximum_filter(ground, 2 * round(near * unit) + 1)
        for cubic in cubics:
            points = _samples(cubic[None])[0]
            offered.append(cubic)
            values.append(float(ground[pixels(points, shape)].mean() * lengths(cubic[None])[0]))
    return _spread(np.stack(offered), np.array(values), strokes, unit, shape, rules)


def along_drawn(lines: list[Line], drawn: Array, unit: float, shape: tuple[int, ...]) -> list[Line]:
    """The stretches of lines that strokes were drawn along, so that fewer strokes can be made of these.

    Args:
        lines: as `scene_lines` gives them.
        drawn: the strokes, float64 [stroke, 4, xy], pixels of the lines.
        unit, shape: as for `choose_background`.
    """
    if not len(drawn):
        return []
    ink = np.ones(shape, dtype=bool)
    for curve in _samples(drawn):
        ink[pixels(curve, shape)] = False
    near = ndimage.distance_transform_edt(ink) <= 4 * unit
    found = []
    for line in lines:
        if line.kind == STRAIGHT:  # never cut: it is drawn or it is not
            if near[pixels(line.points, shape)].mean() > 0.8:
                found.append(line)
            continue
        kept = ndimage.binary_closing(
            np.pad(near[pixels(line.points, shape)], 1, mode="edge"), np.ones(round(12 * unit))
        )
        found += [
            Line(line.points[run], line.weight[run], line.kind)
            for run in runs(kept[1:-1])
            if run.stop - run.start > 6 * unit
        ]
    return found


def _bonus(line: Line, unit: float, rules: SceneConstants) -> float:
    """How much more a pixel of a line is worth: the long ones make the place."""
    extent = float(np.linalg.norm(np.ptp(line.points, axis=0))) / unit
    worth = {STRAIGHT: rules.straight_worth, MASS: rules.mass_worth, DETAIL: rules.detail_worth}
    own = worth.get(line.kind, 1.0)
    return own * float(np.clip((extent / rules.long) ** rules.long_power, *rules.long_limits))


def _spread(
    offered: Array, values: Array, strokes: int, unit: float, shape: tuple[int, ...], rules: SceneConstants
) -> Array:
    """The most valuable strokes one by one, each next one the less worth the more is drawn around it."""
    rows, columns = pixels(_samples(offered).reshape(-1, 2), shape)
    rows, columns = (part.reshape(len(offered), -1) for part in (rows, columns))
    size = lengths(offered) / unit
    least = float(np.clip(rules.crumb / np.sqrt(strokes), *rules.crumb_limits))
    apart = max(rules.apart, rules.apart_few / np.sqrt(strokes))
    chosen: list[int] = []
    ink = np.zeros(shape, dtype=bool)
    away = np.full(rows.shape, np.inf)  # of the samples of each stroke from what is drawn
    # Where no good one is left: nearer ones, then shorter ones.
    for shortest, near in ((least, apart), (least, rules.apart), (min(least, rules.crumb_rich), rules.apart)):
        while len(chosen) < strokes:
            # What runs beside a drawn line for most of its length says the same once more.
            free = (size >= shortest) & ((away < near).mean(1) < rules.doubled)
            free[chosen] = False
            left = np.flatnonzero(free)
            if not len(left):
                break
            crowd = np.exp(-np.square(away[left] / rules.crowd_reach)).mean(1)
            chosen.append(int(left[(values[left] / (1 + rules.crowding * crowd)).argmax()]))
            ink[rows[chosen[-1]], columns[chosen[-1]]] = True
            away = (ndimage.distance_transform_edt(~ink) / unit)[rows, columns]
    return offered[chosen]


def _third(start: Array, stop: Array) -> Array:
    """A straight cubic [4, xy]."""
    return np.asarray(start + (stop - start) * (np.arange(4) / 3)[:, None])


def _samples(cubics: Array, count: int = 96) -> Array:
    return evaluate(cubics, np.broadcast_to(np.linspace(0, 1, count), (len(cubics), count)))
