"""One continuous line: the drawing as a hand makes it that never leaves the paper.

    placement = ContourPlacement(scene)
    points = one_line_placement(placement, strokes=16, rng=np.random.default_rng(0))  # each stroke begins where
                                                                                      # the one before ended

The lines worth drawing are strung up one after the other, each where that costs the least detour. On the way from one
to the next the hand prefers to go over what is drawn already, then along fainter lines of the photo, and crosses white
paper last. The way is then smoothed, tightly where it draws and loosely where it only travels, and cut into cubics.
"""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter1d
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from .._arrays import Array, Flags, Indices
from ..bezier import evaluate, interpolated, resample
from .constants import DEFAULTS
from .continuous import fit_chain, overlaid, retracing
from .contour import ContourPlacement, tolerance
from .lines import Line
from .one_line_constants import OneLineConstants
from .selection import choose, turning


def one_line_placement(placement: ContourPlacement, strokes: int, rng: np.random.Generator) -> Array:
    """One line of `strokes` cubics through the most valuable lines of a scene.

    Args:
        placement: the traced scene, by whose constants it is done.
        strokes: how many cubics, at least 1.
        rng: varies what is worth drawing a little.

    Returns:
        float64 [stroke, 4, xy], scene pixels; each begins where the one before ended. No stroke where the scene holds
        no line at all.
    """
    unit, constants = placement.given.scale, placement.constants
    rules = constants.one_line
    lines = [
        dataclasses.replace(line, weight=line.weight * np.exp(rng.normal(0, rules.jitter)))
        for line in placement.outline + placement.edges
    ]
    near = tolerance(strokes, constants.strokes) * unit
    picks = choose(lines, strokes, near, constants.strokes.apart * unit, rng, constants.selection)
    if not len(picks):
        return picks
    web = _Web(lines, joined_up(picks, rules.join * unit, rules.join_samples), unit, rules)
    return web.string_up(strokes, near)


def joined_up(picks: Array, gap: float, samples: int = DEFAULTS.one_line.join_samples) -> list[Array]:
    """Polylines [k, xy] of cubics [stroke, 4, xy]; those whose ends lie within `gap` of each other become one."""
    t = np.linspace(0, 1, samples)
    left = [evaluate(p, t) for p in picks]
    found = []
    while left:
        run = left.pop(0)
        grown = True
        while grown:
            grown = False
            for _ in range(2):  # at its one end, then at its other
                if not left:
                    break
                run = run[::-1]
                gaps = np.array([[np.linalg.norm(run[-1] - other[end]) for end in (0, -1)] for other in left])
                if gaps.min() <= gap:
                    i, at_stop = np.unravel_index(int(gaps.argmin()), gaps.shape)
                    other = left.pop(int(i))
                    run = np.concatenate([run, other[::-1] if at_stop else other])
                    grown = True
        found.append(run)
    return found


class _Detour(NamedTuple):
    """A way from the walk to a run and back.

    Attributes:
        cost: of the way there and back, without what its turns cost.
        leave: place in the walk that it starts from; -1 where the run comes before the walk.
        rejoin: place in the walk that it comes back to; the walk's length where the run comes after it.
        entry: place in the web at which it comes to the run.
        turned: whether it goes along the run backwards.
    """

    cost: float
    leave: int
    rejoin: int
    entry: int
    turned: bool


class _Web:
    """Where the way may lead: places on the lines, and what it costs to go from one to another.

    A run, like the walk that strings runs up, is a row of numbers of places; a ring ends with the place it begins with.

    Args:
        lines: all that the photo offers, with their weights.
        runs: polylines that are to be drawn, the most valuable first.
        unit: scene pixels per pixel of a 224 px canvas.
        rules: the constants of the continuous line.

    Attributes:
        places: float64 [place, xy], scene pixels: those on the runs, then those on lines that no run draws.
        drawn: how many of them lie on the runs.
        weight: [place], what a pixel of line is worth there.
        runs: of places.
        costs: [row, place], of the cheapest way from a place where a run may be entered to any other.
        before: [row, place], the place before it on that way; negative where it is a leap.
        row_of: place where a run may be entered -> its row in `costs` and `before`.
    """

    def __init__(self, lines: list[Line], runs: list[Array], unit: float, rules: OneLineConstants) -> None:
        self.unit, self.rules = unit, rules
        spacing = rules.spacing * unit
        known = cKDTree(np.concatenate([line.points for line in lines]))
        weights = np.concatenate([line.weight for line in lines])
        self.runs: list[Indices] = []
        places, price_pairs = [], []
        count = 0
        for run in runs:
            even = resample(run, spacing)
            closed = bool(np.linalg.norm(even[0] - even[-1]) <= rules.join * unit and len(even) > rules.least_ring)
            ids = np.arange(count, count + len(even))
            places.append(even)
            count += len(even)
            price_pairs.append((ids[:-1], ids[1:], rules.price_again))
            if closed:
                price_pairs.append((ids[-1:], ids[:1], rules.price_again))
                ids = np.append(ids, ids[0])
            self.runs.append(ids)
        self.drawn = count
        drawn = cKDTree(np.concatenate(places))
        for line in lines:
            even = resample(line.points, rules.faint_spacing * spacing)
            free = drawn.query(even)[0] > spacing
            ids = np.full(len(even), -1)
            ids[free] = np.arange(count, count + int(free.sum()))
            count += int(free.sum())
            places.append(even[free])
            both = (ids[:-1] >= 0) & (ids[1:] >= 0)
            price_pairs.append((ids[:-1][both], ids[1:][both], rules.price_faint))
        self.places = np.concatenate(places)
        self.weight = np.minimum(weights[known.query(self.places)[1]], rules.most_worth)
        pairs = cKDTree(self.places).query_pairs(rules.reach * unit, output_type="ndarray")
        length = np.linalg.norm(self.places[pairs[:, 0]] - self.places[pairs[:, 1]], axis=1)
        rows, columns, costs = [pairs[:, 0]], [pairs[:, 1]], [self._across(length)]
        for a, b, price in price_pairs:
            rows.append(a)
            columns.append(b)
            costs.append(price * np.linalg.norm(self.places[a] - self.places[b], axis=1) + 1e-6)
        row, column, cost = (np.concatenate(x) for x in (rows, columns, costs))
        # Of two ways between the same places the cheaper one counts.
        order = np.argsort(cost, kind="stable")
        low, high = np.minimum(row, column)[order], np.maximum(row, column)[order]
        _, first = np.unique(low * count + high, return_index=True)
        graph = coo_array((cost[order][first], (low[first], high[first])), shape=(count, count)).tocsr()
        sources = np.unique(np.concatenate([self._entries(run) for run in self.runs]))
        self.row_of = {int(source): row for row, source in enumerate(sources)}
        self.costs, self.before = dijkstra(graph, directed=False, indices=sources, return_predecessors=True)
        # Islands can be reached by a leap.
        straight = np.linalg.norm(self.places[sources][:, None] - self.places[None], axis=2)
        self.costs = np.where(np.isfinite(self.costs), self.costs, rules.leap * self._across(straight))

    def _across(self, length: Array) -> Array:
        """What it costs to cross white paper, by the length of the stretch."""
        rules, unit = self.rules, self.unit
        return rules.price_white * length * (1 + length / (rules.far * unit)) + rules.crossing * unit

    def string_up(self, strokes: int, near: float) -> Array:
        """The most valuable run, and into it run after run, as long as `strokes` cubics say more with it than without.

        Args:
            strokes: how many cubics.
            near: deviation at which a sample counts as missed, scene pixels.

        Returns:
            float64 [stroke, 4, xy], scene pixels.
        """
        values = [self._value(run) for run in self.runs]
        first = int(np.argmax(values))
        walk = self._from_corner(self.runs[first]).tolist()
        cubics, over, worth = fit_chain(*self._way(walk), strokes, near, self.rules)
        left = [i for i in range(len(self.runs)) if i != first]
        while left:
            found = [self._insertion(walk, self.runs[i]) for i in left]
            ranks = [values[i] / (values[i] + cost) for i, (cost, _) in zip(left, found, strict=True)]
            chosen = int(np.argmax(ranks))
            left.pop(chosen)
            _, longer = found[chosen]
            longer_cubics, longer_over, longer_worth = fit_chain(*self._way(longer), strokes, near, self.rules)
            if longer_worth > worth:
                walk, cubics, over, worth = longer, longer_cubics, longer_over, longer_worth
        over = over | retracing(cubics, self.rules.beside * self.unit, self.rules)
        return overlaid(cubics, over, self.rules)

    def _from_corner(self, run: Indices) -> Indices:
        """A ring begins where it turns most, for where it begins it may have a corner."""
        if run[0] != run[-1]:
            return run
        ring, reach = self.places[run[:-1]], self.rules.turn_reach
        more = reach + 1
        angle = turning(np.concatenate([ring[-more:], ring, ring[:more]]), reach)[more:-more]
        return self._turned(run, int(run[int(angle.argmax())]), False)

    def _value(self, run: Indices) -> float:
        """What drawing a run is worth: pixels of a line of weight 1."""
        steps = np.linalg.norm(np.diff(self.places[run], axis=0), axis=1)
        return float((steps * (self.weight[run[1:]] + self.weight[run[:-1]]) / 2).sum())

    def _entries(self, run: Indices) -> Indices:
        """Places where a run may be entered: its ends, or anywhere on a ring."""
        return run[: -1 : self.rules.ring_step] if run[0] == run[-1] else run[[0, -1]]

    def _turned(self, run: Indices, entry: int, turned: bool) -> Indices:
        """A run as it is gone along: a ring from `entry` on, and backwards if it is to be turned."""
        if run[0] == run[-1]:
            k = int(np.flatnonzero(run[:-1] == entry)[0])
            run = np.append(np.roll(run[:-1], -k), entry)
        return run[::-1] if turned else run

    def _insertion(self, walk: list[int], run: Indices) -> tuple[float, list[int]]:
        """The cheapest detour to a run: its cost, and the walk with it."""
        best, found = np.inf, walk
        for detour in sorted(self._detours(walk, run))[: self.rules.close_options * self.rules.options]:
            if detour.cost >= best:
                break
            head, tail = walk[: detour.leave + 1], walk[detour.rejoin :]
            middle = self._turned(run, detour.entry, detour.turned).tolist()
            there = self._path(middle[0], head[-1])[::-1] if head else middle[:1]
            back = self._path(middle[-1], tail[0]) if tail else middle[-1:]
            middle = [*there[:-1], *middle, *back[1:]]
            # Where it leaves the walk and where it comes back to it are places of the walk already.
            middle = middle[1 if head else 0 : len(middle) - 1 if tail else None]
            cost = detour.cost + self._turns(head, middle, tail)
            if cost < best:
                best, found = cost, [*head, *middle, *tail]
        return best, found

    def _detours(self, walk: list[int], run: Indices) -> list[_Detour]:
        """Ways to a run and back, or from either end of the walk to it, those that may be cheap."""
        at = np.array(walk)
        ring = run[0] == run[-1]
        found: list[_Detour] = []
        for entry in self._entries(run).tolist():
            start = self.costs[self.row_of[entry]]
            leaving = entry if ring else int(run[-1] if entry == run[0] else run[0])
            stop = self.costs[self.row_of[leaving]]
            backwards = not ring and entry != run[0]
            for turned in (False, True) if ring else (backwards,):
                found.append(_Detour(float(start[at[-1]]), len(walk) - 1, len(walk), entry, turned))
                found.append(_Detour(float(stop[at[0]]), -1, 0, entry, turned))
                both = start[at] + stop[at]
                for k in np.argsort(both, kind="stable")[: self.rules.options].tolist():
                    found.append(_Detour(float(both[k]), k, k, entry, turned))
        return found

    def _turns(self, head: list[int], middle: list[int], tail: list[int]) -> float:
        """What the turns cost where a detour leaves the walk, comes to the run, leaves that, and comes to the walk."""
        rules, reach = self.rules, self.rules.turn_reach
        spots = self.places[np.array([*head[-2 * reach :], *middle, *tail[: 2 * reach]])]
        if len(spots) <= 2 * reach:
            return 0.0
        coming, going = spots[reach:-reach] - spots[: -2 * reach], spots[2 * reach :] - spots[reach:-reach]
        product = np.linalg.norm(coming, axis=1) * np.linalg.norm(going, axis=1)
        sharp = (1 - (coming * going).sum(1) / np.maximum(product, 1e-9)) / 2
        # Where the hand goes back on its own line nobody sees a turn.
        sharp[np.linalg.norm(spots[2 * reach :] - spots[: -2 * reach], axis=1) < rules.turn_unseen * self.unit] = 0
        high = [(i, x) for i, x in enumerate(sharp) if x > rules.turn_least]
        peaks = [x for i, x in high if x == sharp[max(0, i - reach) : i + reach + 1].max()]
        return rules.turn * self.unit * float(np.sum(peaks))

    def _path(self, source: int, goal: int) -> list[int]:
        """Places from `source` to `goal`, both included."""
        row, path = self.before[self.row_of[source]], [goal]
        while path[-1] != source:
            previous = int(row[path[-1]])
            if previous < 0:
                return [source, goal]
            path.append(previous)
        return path[::-1]

    def _way(self, walk: list[int]) -> tuple[Array, Array, Indices]:
        """The smoothed polyline of a walk, [k, xy], how much each of its samples matters, [k], and its dead ends.

        A sample that only travels has 0, one that goes over a drawn line again -1. Dead ends are samples.
        """
        rules, ids = self.rules, np.array(walk)
        points = self.places[ids]
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        seen: set[tuple[int, int]] = set()
        matters = []
        for a, b, step in zip(walk[:-1], walk[1:], steps, strict=True):
            leg = (min(a, b), max(a, b))
            if not (a < self.drawn and b < self.drawn and step < rules.step * rules.spacing * self.unit):
                matters.append(0.0)
            else:
                matters.append(-1.0 if leg in seen else (self.weight[a] + self.weight[b]) / 2)
            seen.add(leg)
        along = np.concatenate([[0.0], np.cumsum(steps)])
        back = np.zeros(len(ids), dtype=bool)
        back[1:-1] = ids[2:] == ids[:-2]
        angle, around = turning(points, rules.turn_reach), 2 * rules.turn_reach + 1
        back |= (angle > rules.cusp) & (angle == maximum_filter1d(angle, around)) & ~maximum_filter1d(back, around)
        turns = along[back]
        # Dead ends are samples of their own, so that the hand goes all the way.
        stops = np.unique(np.concatenate([[0.0], turns, along[-1:]]))
        parts = [
            np.linspace(a, b, max(2, round((b - a) / self.unit) + 1))[:-1]
            for a, b in zip(stops[:-1], stops[1:], strict=True)
        ]
        at = np.concatenate([*parts, along[-1:]])
        tips = np.cumsum([len(part) for part in parts[:-1]], dtype=np.intp)
        even = interpolated(points, along, at)
        legs = np.clip(np.searchsorted(along, at, side="right") - 1, 0, len(matters) - 1)
        weight = np.array(matters)[legs]
        return _smoothed(even, weight != 0, tips, rules), weight, tips


def _smoothed(points: Array, drawing: Flags, tips: Indices, rules: OneLineConstants) -> Array:
    """The smoothing spline of a polyline [k, xy] that is stiffer where it only travels (Reinsch, 1967).

    It does not bend at dead ends, where it turns back.
    """
    from scipy.sparse import diags_array
    from scipy.sparse.linalg import spsolve

    count = len(points)
    if count < 5:
        return points
    held = np.where(drawing, rules.stiff_drawing**-4, rules.stiff_travel**-4 * rules.held_travel)
    held[[0, -1]] = held[tips] = 1.0
    bend = diags_array([1.0, -2.0, 1.0], offsets=[0, 1, 2], shape=(count - 2, count)).tocsr()
    stiff = np.ones(count - 2)
    stiff[np.clip(tips - 1, 0, count - 3)] = 0
    system = (diags_array(held) + bend.T @ diags_array(stiff) @ bend).tocsc()
    return np.asarray(spsolve(system, held[:, None] * points))
