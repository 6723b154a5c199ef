import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strokewise.export.plot.travel import joined, shortest, travel
from strokewise.sketch import Sketch

SEEDS = st.integers(0, 2**32 - 1)


def brute_force(starts, stops, home):
    """Every order, every line either way round."""
    n = len(starts)
    best = np.inf
    for order in itertools.permutations(range(n)):
        for turned in itertools.product((False, True), repeat=n):
            at, way = np.array(home), 0.0
            for i, flip in zip(order, turned, strict=True):
                way += np.hypot(*(at - (stops if flip else starts)[i]))
                at = (starts if flip else stops)[i]
            best = min(best, way)
    return best


def lines(rng, n):
    """Lines as drawings have them: long ones, short ones, some ends in common."""
    starts = rng.uniform(0, 100, (n, 2))
    stops = starts + rng.normal(0, 1, (n, 2)) * rng.choice([2, 20, 60], (n, 1))
    for i in range(1, n):
        if rng.random() < 0.2:
            starts[i] = stops[i - 1]
    return starts, stops


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_against_every_tour(count):
    rng = np.random.default_rng(count)
    for _ in range(10):
        starts, stops = lines(rng, count)
        home = tuple(rng.uniform(0, 100, 2))
        found = travel(starts, stops, shortest(starts, stops, home), home)
        assert found == pytest.approx(brute_force(starts, stops, home))


def test_against_every_tour_of_five_lines():
    rng = np.random.default_rng(5)
    ratios = []
    for _ in range(8):
        starts, stops = lines(rng, 5)
        ratios.append(travel(starts, stops, shortest(starts, stops)) / brute_force(starts, stops, (0, 0)))
    assert min(ratios) > 1 - 1e-9 and max(ratios) < 1.02


def test_many_lines_whose_best_tour_is_known():
    # Rungs of a ladder: up and down in turns, and from each to the next.
    n = 40
    starts = np.stack([np.arange(n) * 10.0, np.zeros(n)], 1)
    stops = starts + [0, 100]
    shuffle = np.random.default_rng(0).permutation(n)
    starts, stops = starts[shuffle], stops[shuffle]
    tour = shortest(starts, stops)
    assert [int(shuffle[i]) for i, _ in tour] == list(range(n))
    assert [turned for _, turned in tour] == [False, True] * (n // 2)
    assert travel(starts, stops, tour) == pytest.approx(10 * (n - 1))


@given(SEEDS, st.integers(0, 20))
@settings(max_examples=15, deadline=None)
def test_a_tour_has_every_line_once_and_is_never_worse(seed, count):
    rng = np.random.default_rng(seed)
    starts, stops = rng.integers(0, 5, (2, count, 2)) * 10.0
    home = tuple(rng.uniform(-10, 60, 2))
    tour = shortest(starts, stops, home)
    assert sorted(i for i, _ in tour) == list(range(count))
    assert travel(starts, stops, tour, home) <= travel(starts, stops, home=home) + 1e-9
    assert shortest(starts, stops, home) == tour
    shuffled = [(int(i), bool(t)) for i, t in zip(rng.permutation(count), rng.integers(0, 2, count), strict=True)]
    better = shortest(starts, stops, home, given=shuffled)
    assert travel(starts, stops, better, home) <= travel(starts, stops, shuffled, home) + 1e-9


@given(SEEDS, st.integers(2, 12), st.floats(1, 200))
@settings(max_examples=15, deadline=None)
def test_lifting_costs(seed, count, lift):
    """Who pays for lifting lifts the pen no more often, or travels no farther, than who does not."""
    rng = np.random.default_rng(seed)
    starts, stops = rng.integers(0, 4, (2, count, 2)) * 10.0

    def cost(tour):
        ends = [((stops, starts) if t else (starts, stops)) for _, t in tour]
        ups = [e[1][i] for e, (i, _) in zip(ends, tour, strict=True)]
        downs = [e[0][i] for e, (i, _) in zip(ends, tour, strict=True)]
        ways = [np.hypot(*(d - u)) for u, d in zip([np.zeros(2), *ups], downs, strict=False)]
        return sum(ways) + lift * sum(way > 0.5 for way in ways)

    given = [(i, False) for i in range(count)]
    assert cost(shortest(starts, stops, lift=lift, touch=0.5, given=given)) <= cost(given) + 1e-9


def test_two_lines_that_meet_are_one():
    starts, stops = np.array([[0, 0], [50, 50], [20, 0.0]]), np.array([[10, 0], [60, 60], [10.3, 0.0]])
    assert joined(starts, stops, 0.5) == [[(0, False), (2, True)], [(1, False)]]
    assert joined(starts, stops, 0.2) == [[(0, False)], [(1, False)], [(2, False)]]


def test_a_ring_stays_open():
    corners = np.array([[0, 0], [10, 0], [10, 10], [0, 10.0]])
    (ring,) = joined(corners, np.roll(corners, -1, axis=0), 0.1)
    assert sorted(ring) == [(i, False) for i in range(4)]


def test_forks_are_left_to_the_tour():
    starts = np.zeros((3, 2))
    stops = np.array([[10, 0], [0, 10], [-10, 0.0]])
    assert joined(starts, stops, 0.1) == [[(i, False)] for i in range(3)]


def test_none_and_one():
    none, one = np.zeros((0, 2)), np.ones((1, 2))
    assert shortest(none, none) == [] and travel(none, none) == 0 and joined(none, none, 1) == []
    assert joined(one, one, 1) == [[(0, False)]] and travel(one, one + 1, shortest(one, one + 1)) == 2**0.5


@given(SEEDS, st.integers(1, 40), st.floats(0, 3))
@settings(deadline=None)
def test_chains_hold_every_line_once_and_meet(seed, count, tolerance):
    rng = np.random.default_rng(seed)
    starts, stops = rng.integers(0, 8, (2, count, 2)) + rng.uniform(0, 0.1, (2, count, 2))
    chains = joined(starts, stops, tolerance)
    assert sorted(i for chain in chains for i, _ in chain) == list(range(count))
    firsts = [min(i for i, _ in chain) for chain in chains]
    assert firsts == sorted(firsts)
    for chain in chains:
        for (i, one), (j, two) in itertools.pairwise(chain):
            assert np.hypot(*((starts if one else stops)[i] - (stops if two else starts)[j])) <= tolerance + 1e-12


def test_hundreds_of_lines():
    rng = np.random.default_rng(1)
    starts = rng.uniform(0, 1000, (600, 2))
    stops = starts + rng.normal(0, 5, (600, 2))
    tour = shortest(starts, stops)
    assert sorted(i for i, _ in tour) == list(range(600))
    # A random tour takes about 310 000, the best one about 0.7 times the root of area x count: 17 000.
    assert travel(starts, stops, tour) < 20_000


def test_thousands_of_ends_at_one_point():
    same = np.zeros((5_000, 2))
    assert len(joined(same, same, 0.1)) == 5_000


def test_another_process_finds_the_same_tour():
    program = (
        "import numpy as np; from strokewise.export.plot.travel import shortest;"
        "print(shortest(*np.random.default_rng(4).uniform(0, 100, (2, 30, 2))))"
    )
    told = {subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout for _ in "ab"}
    assert len(told) == 1
    assert told.pop().decode().strip() == str(shortest(*np.random.default_rng(4).uniform(0, 100, (2, 30, 2))))


def test_the_benchmark_tells_travel_before_and_after(tmp_path):
    rng = np.random.default_rng(6)
    for name in "ab":
        Sketch.of((200, 150), rng.uniform(0, 150, (12, 4, 2)), metadata={"order": "x"}).save(tmp_path / f"{name}.svg")
    benchmark = Path(__file__).parents[3] / "benchmarks" / "travel.py"
    command = [sys.executable, str(benchmark), str(tmp_path), "--json", str(tmp_path / "out" / "travel.json")]
    printed = subprocess.run(command, capture_output=True, check=True, text=True).stdout
    told = json.loads((tmp_path / "out" / "travel.json").read_text())
    assert list(told["rows"]) == ["a", "b"] and "median reduction: saved" in printed
    for row in told["rows"].values():
        assert row["saved order"] == "x" and 0 < row["after"] < min(row["saved"], row["hand"], row["longest"])
    shares = [1 - row["after"] / row["longest"] for row in told["rows"].values()]
    assert told["median"]["longest"] == pytest.approx(sum(shares) / 2)
