"""Which n cubics say most about a set of weighted lines.

Every line is cut at a set of possible joints; every stretch between two joints is fitted with one cubic and given a
value: the weighted length that the cubic explains within a tolerance. Dynamic programming finds the best 1, 2, ... n
cubics of each line (gaps allowed), a second one shares the n strokes out among the lines.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from .._arrays import Array, Indices
from ..bezier import evaluate, fit, interpolated, lengths, split, waviness
from .constants import DEFAULTS, SelectionConstants
from .lines import EDGE, OUTLINE, Line

BATCH = 4000
"""Stretches that are fitted at once: some megabytes."""


@dataclasses.dataclass(frozen=True)
class Pick:
    """A chosen cubic.

    Attributes:
        points: float64 [4, xy], pixels.
        value: what it is worth: pixels of a line of weight 1.
        line: number of the line it is of.
        start, stop: first and last sample of the stretch it stands for.
    """

    points: Array
    value: float
    line: int
    start: int
    stop: int


def choose(
    lines: list[Line],
    strokes: int,
    tolerance: float,
    apart: float,
    rng: np.random.Generator,
    constants: SelectionConstants = DEFAULTS.selection,
    *,
    mark_cost: float = 0.0,
    long_cost: float = 1.0,
) -> Array:
    """The best `strokes` cubics of a set of lines.

    Args:
        lines: weighted polylines, pixels.
        strokes: how many cubics, at least 1.
        tolerance: deviation at which a sample counts as missed, pixels.
        apart: two strokes closer than this all along say the same thing, pixels; the lesser one is left out.
        rng: shifts the joints a little, so that each seed finds cuts of its own.
        constants: where lines may be cut, and which strokes are doubled.
        mark_cost: what each stroke on an inner edge costs, pixels of a line of weight 1: a mark that is worth less
            means nothing by itself.
        long_cost: share of that cost that a long mark has at least: it falls as one over the length.

    Returns:
        points, float64 [stroke, 4, xy], most valuable first; fewer than `strokes` where the lines hold no more.
    """
    # Lines that could not win a single stroke need not be fitted.
    total = np.array([line.weight.sum() for line in lines])
    order = np.sort(np.argsort(-total, kind="stable")[: constants.lines_per_stroke * strokes + constants.spare_lines])
    arcs = arc_share(strokes, constants)
    kept = [lines[i] for i in order]
    corners = [_corners(line, constants) for line in kept]
    joints = [_joints(line, its, rng, constants) for line, its in zip(kept, corners, strict=True)]
    costs = [mark_cost * (line.kind == EDGE) for line in kept]
    gaps = [arcs * constants.outline_gap * (line.kind == OUTLINE) for line in kept]
    tables = [
        Table(line, strokes, tolerance, its, constants, cost, corners=bends, arcs=arcs, long_cost=long_cost, gap=gap)
        for line, its, cost, gap, bends in zip(
            kept, fit_stretches(kept, joints, constants), costs, gaps, corners, strict=True
        )
    ]
    picks = _picks(tables, strokes)
    for _ in range(constants.double_rounds):
        doubled = _doubled(picks, apart, constants)
        if not doubled:
            break
        for pick in doubled:
            tables[pick.line].erase(pick.start, pick.stop)
        picks = _picks(tables, strokes)
    else:
        doubled = _doubled(picks, apart, constants)
        picks = [p for p in picks if not any(p is d for d in doubled)]
    if not picks and mark_cost > 0:  # faint marks are better than none
        return choose(lines, strokes, tolerance, apart, rng, constants)
    return np.stack([p.points for p in picks]) if picks else np.zeros((0, 4, 2))


def arc_share(strokes: int, constants: SelectionConstants = DEFAULTS.selection) -> float:
    """How much strokes are to be arcs from corner to corner, 0 to 1: a few are gestures, which go round corners."""
    return min(1.0, strokes / constants.arcs_strokes) ** 2


def fill_up(points: Array, strokes: int) -> Array:
    """Strokes [any, 4, xy], the longest cut in half until there are `strokes` of them; none stay none."""
    pieces = list(points)
    while pieces and len(pieces) < strokes:
        i = int(np.argmax(lengths(np.stack(pieces))))
        pieces[i : i + 1] = split(pieces[i], 0.5)
    return np.stack(pieces) if pieces else points


def turning(points: Array, reach: int) -> Array:
    """Angle by which a polyline [k, xy] turns at each sample, seen over `reach` samples to either side.

    Returns:
        [k] in radians, 0 straight on, pi back again; 0 within `reach` of the ends.
    """
    before = points - np.roll(points, reach, axis=0)
    after = np.roll(points, -reach, axis=0) - points
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    angle = np.abs(np.arctan2(cross, (before * after).sum(1)))
    angle[:reach] = angle[-reach:] = 0
    return angle


class Stretches(NamedTuple):
    """All stretches of a line between two of its joints, and the cubics that fit them.

    Attributes:
        joints: samples of the line at which it may be cut, rising.
        first, last: [stretch], numbers of the joints where it begins and ends.
        at: float64 [stretch, k], places along it, in samples of the line.
        curves: float64 [stretch, 4, xy], the cubics.
        deviations: float64 [stretch, k], how far each of the places lies from the cubic.
    """

    joints: Indices
    first: Indices
    last: Indices
    at: Array
    curves: Array
    deviations: Array


def fit_stretches(
    lines: Sequence[Line], joints: Sequence[Indices], constants: SelectionConstants = DEFAULTS.selection
) -> list[Stretches]:
    """The stretches of each line, fitted together: one large batch is quicker than many small ones.

    Args:
        lines: polylines, pixels.
        joints: for each, samples at which it may be cut, rising.
        constants: how finely stretches are fitted.
    """
    share = np.linspace(0, 1, constants.samples)
    found: list[Stretches] = []
    for few in _batches([len(its) * (len(its) - 1) // 2 for its in joints]):
        ends = [np.triu_indices(len(its), 1) for its in joints[few]]
        starts = [its[first] for its, (first, _) in zip(joints[few], ends, strict=True)]
        spans = [its[last] - its[first] for its, (first, last) in zip(joints[few], ends, strict=True)]
        at = [start[:, None] + span[:, None] * share for start, span in zip(starts, spans, strict=True)]
        runs = [
            interpolated(line.points, np.arange(len(line.points)), its)
            for line, its in zip(lines[few], at, strict=True)
        ]
        curves, deviations = fit(np.concatenate(runs))
        marks = np.cumsum([len(run) for run in runs])[:-1]
        parts = zip(joints[few], ends, at, np.split(curves, marks), np.split(deviations, marks), strict=True)
        found += [Stretches(its, first, last, places, c, d) for its, (first, last), places, c, d in parts]
    return found


def _batches(sizes: Sequence[int]) -> Iterator[slice]:
    """Runs of neighbours, of about BATCH in all, or of one that is larger."""
    start, total = 0, 0
    for i, size in enumerate(sizes):
        if total and total + size > BATCH:
            yield slice(start, i)
            start, total = i, 0
        total += size
    if start < len(sizes):
        yield slice(start, len(sizes))


class Table:
    """All cubics of one line, and the best ways to cut it into 0, 1, ... of them.

    Args:
        line: weighted polyline, pixels.
        strokes: most cubics.
        tolerance: deviation at which a sample counts as missed, pixels.
        stretches: those between places at which it may be cut.
        constants: what waves, corners and long marks cost.
        cost: of each cubic, pixels of a line of weight 1; of a long one `long_cost` of it at least.
        corners: samples at which the line has a corner, rising.
        arcs: how much cubics are to be arcs from corner to corner, 0 to 1; at 0 waves and corners cost nothing.
        long_cost: see `cost`.
        gap: what it costs to begin anew, pixels of a line of weight 1: a cubic that does not go on where another ends.

    Attributes:
        joints: samples at which the line may be cut.
        best: float64 [count, joint], the most that `count` cubics up to there are worth.
        ending: the same of those that end exactly there.
    """

    def __init__(
        self,
        line: Line,
        strokes: int,
        tolerance: float,
        stretches: Stretches,
        constants: SelectionConstants = DEFAULTS.selection,
        cost: float = 0.0,
        *,
        corners: Sequence[int] = (),
        arcs: float = 0.0,
        long_cost: float = 1.0,
        gap: float = 0.0,
    ) -> None:
        self.strokes = strokes
        self.weight = line.weight.copy()
        self.joints, self.first, self.last, self.at, self.curves, deviations = stretches
        start, stop = self.joints[self.first], self.joints[self.last]
        self.gap = gap
        self.kept = np.clip(1 - (deviations / tolerance) ** 2, constants.missed, 1.0)
        self.arc = 1 - arcs * constants.wave_cost * np.minimum(1.0, waviness(self.curves))
        near = constants.corner_reach
        cost = cost * np.clip(constants.long / np.maximum(stop - start, 1), long_cost, 1)
        self.cost = cost + arcs * constants.corner_cost * tolerance * _between(corners, start + near, stop - near)
        self.solve()

    def erase(self, start: int, stop: int) -> None:
        """Take all worth from a stretch of the line."""
        self.weight[start : stop + 1] = 0
        self.solve()

    def solve(self) -> None:
        """Fill `best`, `ending`, and `back`: the joint where the last of those that end there begins."""
        m = len(self.joints)
        weight = np.interp(self.at, np.arange(len(self.weight)), self.weight)
        span = (self.joints[self.last] - self.joints[self.first]).astype(float)
        self.worth = np.full((m, m), -np.inf)
        self.worth[self.first, self.last] = span * (weight * self.kept).mean(1) * self.arc - self.cost
        most = min(self.strokes, m - 1)
        self.best = np.zeros((most + 1, m))
        self.ending = np.full((most + 1, m), -np.inf)
        self.back = np.full((most + 1, m), -1, dtype=np.intp)
        for j in range(1, m):
            before = np.maximum(self.ending[:-1, :j], self.best[:-1, :j] - self.gap)
            options = before + self.worth[:j, j]
            self.back[1:, j] = options.argmax(1)
            self.ending[1:, j] = options[np.arange(most), self.back[1:, j]]
            self.best[:, j] = np.maximum(self.best[:, j - 1], self.ending[:, j])

    def picks(self, count: int, line: int) -> list[Pick]:
        """The best `count` cubics."""
        which = np.full(self.worth.shape, -1, dtype=np.intp)
        which[self.first, self.last] = np.arange(len(self.first))
        found = []
        j, joined = len(self.joints) - 1, False
        while count > 0 and j > 0:
            if not joined and self.ending[count, j] < self.best[count, j - 1] + 1e-9:
                j -= 1
                continue
            i = int(self.back[count, j])
            curve = self.curves[which[i, j]]
            found.append(Pick(curve, float(self.worth[i, j]), line, int(self.joints[i]), int(self.joints[j])))
            count, j = count - 1, i
            joined = bool(self.ending[count, j] > self.best[count, j] - self.gap)
        return found


def _joints(line: Line, corners: Sequence[int], rng: np.random.Generator, constants: SelectionConstants) -> Indices:
    """Places where a line may be cut: its corners, and evenly between them."""
    count = len(line.points)
    spacing = max(constants.least_spacing, count / constants.joints)
    even = np.arange(rng.uniform(0, spacing), count - 1, spacing).astype(int)
    marks = [0, count - 1, *corners]
    apart = constants.joint_apart * spacing
    marks += [int(e) for e in even if min(abs(int(e) - m) for m in marks) > apart]
    return np.unique(np.array(marks, dtype=np.intp))


def _corners(line: Line, constants: SelectionConstants) -> list[int]:
    from scipy.ndimage import maximum_filter1d

    reach = constants.corner_reach
    if len(line.points) < 3 * reach:
        return []
    angle = turning(line.points, reach)
    peaks = (angle == maximum_filter1d(angle, 2 * reach + 1)) & (angle > constants.corner)
    return [int(i) for i in np.flatnonzero(peaks)]


def _between(places: Sequence[int], first: Indices, last: Indices) -> Array:
    """How many of some rising places lie in each of the ranges from `first` to `last`, both included: [range]."""
    found = np.array(places, dtype=np.intp)
    before = np.searchsorted(found, first)
    return np.asarray(np.maximum(np.searchsorted(found, last, side="right") - before, 0), dtype=np.float64)


def _picks(tables: list[Table], strokes: int) -> list[Pick]:
    """The best cubics of all lines together, most valuable first."""
    shares = share_out([t.best[:, -1] for t in tables], strokes)
    picks = [p for i, (t, share) in enumerate(zip(tables, shares, strict=True)) for p in t.picks(share, i)]
    return sorted(picks, key=lambda p: -p.value)


def share_out(values: list[Array], strokes: int) -> list[int]:
    """How many strokes each line gets, so that the sum of values is largest."""
    total = np.zeros(1)
    choices = []
    for v in values:
        size = min(strokes, len(total) + len(v) - 2) + 1
        options = np.full((len(v), size), -np.inf)
        for k in range(min(len(v), size)):
            part = total[: size - k]
            options[k, k : k + len(part)] = part + v[k]
        choices.append(options.argmax(0))
        total = options.max(0)
    left = int(total.argmax())
    shares = []
    for choice in reversed(choices):
        k = int(choice[left])
        shares.append(k)
        left -= k
    return shares[::-1]


def _doubled(picks: list[Pick], apart: float, constants: SelectionConstants) -> list[Pick]:
    """Picks that run beside a more valuable one for nearly all of their length."""
    if len(picks) < 2:
        return []
    t = np.linspace(0, 1, constants.double_samples)
    curves = evaluate(np.stack([p.points for p in picks]), np.broadcast_to(t, (len(picks), len(t))))
    gone: list[Pick] = []
    for i in range(1, len(picks)):
        above = [j for j in range(i) if not any(picks[j] is g for g in gone)]
        distance = np.linalg.norm(curves[i][None, :, None] - curves[above][:, None], axis=3).min(2)
        # Along a line the next stroke touches only with its end; beside one, it is near all along.
        if ((distance < apart).mean(1) > constants.double_share).any():
            gone.append(picks[i])
    return gone
