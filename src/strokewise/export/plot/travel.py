"""Find an order and directions of lines so that a pen travels little between them.

    tour = shortest(starts, stops)             # [(line, whether it is reversed), ...]
    travel(starts, stops, tour)                # how far the pen travels without drawing

Nearest neighbour from several first lines, then 2-opt (Croes 1958) and or-opt (Or 1976) until neither improves the
tour; every move may reverse lines. The best tour is then perturbed and improved again a few times (Martin, Otto and
Felten 1991), with a fixed random seed. The pen starts at `home` and may stop anywhere. The same lines give the same
tour. Internally points are complex numbers, x + iy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..._arrays import Array, Flags, Indices

Tour = list[tuple[int, bool]]
"""Indices of lines in the order they are drawn, each with whether it is reversed."""

ComplexArray = NDArray[np.complex128]

EPSILON = 1e-9
TRIALS, MOST_PERTURBED = 30, 40
"""How often the best tour is perturbed, and the most lines for which that is done."""
WINDOW, MOST_LOOKS = 500, 30_000
"""Largest distance in a tour of two lines that a move combines, and the most lines examined for moves: that takes some
ten seconds. 32 lines need about 200."""
MOST_FREE = 200
"""Up to this number of lines, or-opt moves pieces of any length; beyond, pieces of at most three lines."""


def travel(starts: Array, stops: Array, tour: Tour | None = None, home: tuple[float, float] = (0.0, 0.0)) -> float:
    """How far the pen travels without drawing, from `home` to the end of the last line, in the points' unit.

    Args:
        starts, stops: float64 [line, xy], where each line begins and ends.
        tour: order and directions of the lines; None keeps those given.
    """
    a, b = _complex(starts), _complex(stops)
    return _total(a, b, [(i, False) for i in range(len(a))] if tour is None else tour, _Pen(complex(*home)))


def shortest(
    starts: Array,
    stops: Array,
    home: tuple[float, float] = (0.0, 0.0),
    *,
    lift: float = 0.0,
    touch: float = 0.0,
    given: Tour | None = None,
) -> Tour:
    """A tour of low cost: travel, plus `lift` for each gap over `touch`; it never costs more than `given`.

    Args:
        starts, stops: float64 [line, xy], where each line begins and ends.
        home: where the pen starts.
        lift: cost of lifting and lowering the pen, as travel.
        touch: longest gap for which the pen is not lifted.
        given: a tour to improve; None starts from the given order and from many others.
    """
    a, b, pen = _complex(starts), _complex(stops), _Pen(complex(*home), lift, touch)
    n = len(a)
    if n == 0:
        return []
    tours = (
        [given] if given else [[(i, False) for i in range(n)], *(_nearest(a, b, f) for f in _firsts(a, b, pen.home))]
    )
    best = tours[0]
    least = _total(a, b, best, pen)
    if n > 512:  # too slow to improve more than one tour, and the given order is rarely near the best
        tours = [min(tours, key=lambda tour: _total(a, b, tour, pen))]
    rng = np.random.default_rng(0)
    for k in range(len(tours) + (TRIALS if 4 <= n <= MOST_PERTURBED else 0)):
        tour = _improved(a, b, pen, tours[k] if k < len(tours) else _perturbed(best, rng))
        # By more than rounding errors, so that the result is the same on every machine.
        if (total := _total(a, b, tour, pen)) < least - EPSILON:
            best, least = tour, total
    return best


def joined(starts: Array, stops: Array, tolerance: float) -> list[Tour]:
    """Chains of lines that meet end to end, which are drawn without lifting the pen.

    Two ends are joined only if no third end meets them; at a fork the tour decides. A ring stays open at one point.

    Args:
        starts, stops: float64 [line, xy], where each line begins and ends.
        tolerance: largest gap between two ends that meet, in the points' unit.

    Returns:
        the chains, sorted by the first of their lines; a line that meets no other is a chain by itself.
    """
    n = len(starts)
    mates = _mates(np.concatenate([starts, stops]), tolerance) if n else {}
    chains: list[Tour] = []
    done: set[int] = set()
    for line in range(n):
        if line in done:
            continue
        # Back to a free end, then forward along the whole chain. End e < n is a start, e >= n a stop.
        end = line
        while (before := mates.get(end)) is not None:
            end = (before + n) % (2 * n)
        chain: Tour = []
        while True:
            chain.append((end % n, end >= n))
            following = mates.get((end + n) % (2 * n))
            if following is None:
                break
            end = following
        # The tour decides on the direction later; until then keep the first line's.
        if dict(chain)[line]:
            chain = [(i, not turned) for i, turned in reversed(chain)]
        done.update(i for i, _ in chain)
        chains.append(chain)
    return chains


def _mates(ends: Array, tolerance: float) -> dict[int, int]:
    """For each end that meets exactly one other, that other. ends: float64 [end, xy], all starts, then all stops."""
    from scipy.spatial import cKDTree

    n = len(ends) // 2
    # The end itself, the end it meets, and a third one that makes it a fork.
    gaps, places = cKDTree(ends).query(ends, k=3)
    meets = gaps <= tolerance
    fork = meets[:, 2]
    me = np.arange(2 * n)
    mate = np.where(places[:, 0] == me, places[:, 1], places[:, 0])
    pairs = me[meets[:, 1] & ~fork & (me < mate)]
    far = list(range(n, 2 * n)) + list(range(n))  # the other end of the chain that ends here
    mates: dict[int, int] = {}
    for one, two in zip(pairs.tolist(), mate[pairs].tolist(), strict=True):
        if not fork[two] and far[one] != two:
            mates[one], mates[two] = two, one
            first, last = far[one], far[two]
            far[first], far[last] = last, first
    return mates


def _complex(points: Array) -> ComplexArray:
    p = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    return p[:, 0] + 1j * p[:, 1]


class _Pen(NamedTuple):
    """Cost of the gap between two lines."""

    home: complex
    lift: float = 0.0
    touch: float = 0.0

    def cost(self, way: ComplexArray) -> Array:
        far = np.abs(way)
        return far + self.lift * (far > self.touch) if self.lift else far


def _total(a: ComplexArray, b: ComplexArray, tour: Tour, pen: _Pen) -> float:
    into, out = _ends(a, b, *_arrays(tour))
    return float(pen.cost(into - np.concatenate([[pen.home], out[:-1]])).sum()) if len(into) else 0.0


def _arrays(tour: Tour) -> tuple[Indices, Flags]:
    return np.array([i for i, _ in tour], dtype=np.intp), np.array([turned for _, turned in tour], dtype=bool)


def _ends(a: ComplexArray, b: ComplexArray, order: Indices, turned: Flags) -> tuple[ComplexArray, ComplexArray]:
    """The first and last points of the lines along a tour."""
    return np.where(turned, b[order], a[order]), np.where(turned, a[order], b[order])


def _firsts(a: ComplexArray, b: ComplexArray, home: complex) -> Sequence[tuple[int, bool]]:
    """First lines to try: all if they are few, else the nearest one and others evenly from near to far."""
    n = len(a)
    near = np.argsort(np.abs(np.concatenate([a, b]) - home), kind="stable")
    tries = 2 * n if n <= 8 else 12 if n <= MOST_PERTURBED else 4 if n <= 512 else 1
    picked = near[np.linspace(0, 2 * n - 1, tries).astype(int)]
    return [(int(e) % n, bool(e >= n)) for e in picked]


def _nearest(a: ComplexArray, b: ComplexArray, first: tuple[int, bool]) -> Tour:
    """The tour from a first line to the nearest end each time."""
    n = len(a)
    ends = np.concatenate([a, b])
    tour = [first]
    for _ in range(n - 1):
        i, turned = tour[-1]
        ends[[i, i + n]] = np.inf
        e = int(np.argmin(np.abs(ends - (a[i] if turned else b[i]))))
        tour.append((e % n, e >= n))
    return tour


def _perturbed(tour: Tour, rng: np.random.Generator) -> Tour:
    """The tour with two neighbouring pieces exchanged, each reversed or not: a change that no single move makes."""
    i, j, k = sorted(rng.choice(len(tour) + 1, 3, replace=False).tolist())
    one, two = (
        [(line, not turned) for line, turned in reversed(piece)] if flip else piece
        for piece, flip in zip((tour[i:j], tour[j:k]), rng.integers(0, 2, 2).tolist(), strict=True)
    )
    return [*tour[:i], *two, *one, *tour[k:]]


def _improved(a: ComplexArray, b: ComplexArray, pen: _Pen, tour: Tour) -> Tour:
    """2-opt and or-opt until no move improves the tour."""
    order, turned = _arrays(tour)
    into, out = _ends(a, b, order, turned)
    n, looks, gained = len(order), 0, True
    while gained and looks < MOST_LOOKS:
        gained = False
        for i in range(n):
            looks += 1
            while (stop := _two_opt(into, out, pen, i)) is not None:
                order[i:stop] = order[i:stop][::-1].copy()
                turned[i:stop] = ~turned[i:stop][::-1]
                into, out = _ends(a, b, order, turned)
                gained = True
            if (move := _or_opt(into, out, pen, i)) is not None:
                stop, place, flip = move
                piece, sense = order[i:stop], turned[i:stop]
                if flip:
                    piece, sense = piece[::-1], ~sense[::-1]
                kept, senses = np.delete(order, slice(i, stop)), np.delete(turned, slice(i, stop))
                place -= stop - i if place > i else 0
                order = np.concatenate([kept[:place], piece, kept[place:]])
                turned = np.concatenate([senses[:place], sense, senses[place:]])
                into, out = _ends(a, b, order, turned)
                gained = True
    return [(int(i), bool(t)) for i, t in zip(order, turned, strict=True)]


def _two_opt(into: ComplexArray, out: ComplexArray, pen: _Pen, i: int) -> int | None:
    """The end of a piece of the tour that begins at `i` and is better reversed, or None."""
    before = pen.home if i == 0 else out[i - 1]
    last = min(len(into), i + WINDOW)
    exits, nexts = out[i:last], into[i + 1 : last + 1]
    gain = np.full(len(exits), pen.cost(before - into[i])) - pen.cost(before - exits)
    # There is no travel after the last line.
    gain[: len(nexts)] += pen.cost(exits[: len(nexts)] - nexts) - pen.cost(into[i] - nexts)
    j = int(np.argmax(gain))
    return i + j + 1 if gain[j] > EPSILON else None


def _or_opt(into: ComplexArray, out: ComplexArray, pen: _Pen, i: int) -> tuple[int, int, bool] | None:
    """A piece of the tour that begins at `i` and is better placed elsewhere: its end, the line it is put before, and
    whether it is reversed; or None."""
    n = len(into)
    count = min(n - i, n if n <= MOST_FREE else 3)
    before = pen.home if i == 0 else out[i - 1]
    low, high = max(0, i - WINDOW), min(n, i + count + WINDOW)
    # Place k lies between lines k - 1 and k; there is no travel after the last line.
    ups = np.concatenate([[pen.home] if low == 0 else out[low - 1 : low], out[low:high]])
    downs = into[low : high + 1]
    m = len(downs)
    gaps = pen.cost(ups[:m] - downs)
    leave = out[i : i + count]
    follow = into[i + 1 : i + count + 1]
    freed = np.full(count, pen.cost(before - into[i]))
    freed[: len(follow)] += pen.cost(leave[: len(follow)] - follow) - pen.cost(before - follow)
    cost = np.empty((2, count, len(ups)))  # [backwards, piece, place]
    cost[0] = pen.cost(ups - into[i])
    cost[0, :, :m] += pen.cost(leave[:, None] - downs) - gaps
    cost[1] = pen.cost(leave[:, None] - ups)
    cost[1, :, :m] += pen.cost(into[i] - downs) - gaps
    places = np.arange(low, low + len(ups))
    cost[:, (places >= i) & (places <= i + 1 + np.arange(count)[:, None])] = np.inf
    gain = freed[:, None] - cost
    flip, piece, place = np.unravel_index(int(np.argmax(gain)), gain.shape)
    if gain[flip, piece, place] <= EPSILON:
        return None
    return i + int(piece) + 1, low + int(place), bool(flip)
