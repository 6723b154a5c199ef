"""The best way through a grid, against all ways."""

import itertools

import numpy as np
import pytest

from strokewise.placement.best_path import best_paths, best_ring, followed


@pytest.mark.parametrize("seed", range(5))
def test_no_way_is_better(seed):
    values = np.random.default_rng(seed).uniform(0, 1, (4, 5))
    totals, following = best_paths(values, 2, 0.2)
    for row in range(4):
        ways = [(row, *way) for way in itertools.product(range(4), repeat=4)]
        steps = np.abs(np.diff(ways, axis=1))
        worth = values[ways, np.arange(5)].sum(1) - 0.2 * steps.sum(1)
        worth[(steps > 2).any(1)] = -np.inf
        assert totals[row] == pytest.approx(worth.max())
        assert tuple(followed(row, following)) == ways[int(worth.argmax())]


@pytest.mark.parametrize("seed", range(5))
def test_a_ring_is_closed_and_the_same_from_whichever_ray_it_begins(seed):
    values = np.random.default_rng(seed).uniform(0, 0.5, (24, 10))
    values[np.arange(24), np.round(4 + 3 * np.sin(np.arange(24) / 24 * 2 * np.pi)).astype(int)] += 1
    ring = best_ring(values, 2, 0.1)
    assert ring.shape == (24,) and np.abs(np.diff(ring, append=ring[0])).max() <= 2
    for turn in (5, 17):
        assert (best_ring(np.roll(values, turn, axis=0), 2, 0.1) == np.roll(ring, turn)).all()
