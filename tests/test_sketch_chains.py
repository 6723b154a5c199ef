"""Chains of several lengths in one sketch."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokewise.sketch import Sketch, cubic_counts, in_drawing_order, padded, turned


def chain(cubics, start=0.0):
    return np.stack([np.arange(3 * cubics + 1) + start, np.arange(3 * cubics + 1) ** 2 + start], axis=1)


@given(st.lists(st.integers(1, 12), min_size=1, max_size=8))
def test_padding_adds_nothing(counts):
    chains = [chain(count, k) for k, count in enumerate(counts)]
    points, pieces = padded(chains)
    assert points.shape == (len(counts), 3 * max(counts) + 1, 2) and pieces == list(range(len(counts)))
    sketch = Sketch.of((9, 9), points)
    assert sketch.curves == sum(counts) and all((a == b).all() for a, b in zip(sketch.chains, chains, strict=True))
    back = Sketch.of((9, 9), turned(points)).chains
    assert all((a == b[::-1]).all() for a, b in zip(back, chains, strict=True))


def test_what_would_take_too_much_is_cut():
    points, pieces = padded([chain(40), chain(1), chain(1)], most=20)
    assert len(points) * (points.shape[1] // 3) <= 60 and pieces.count(0) > 1 and pieces[-2:] == [1, 2]
    kept = [p for p, piece in zip(Sketch.of((9, 9), points).chains, pieces, strict=True) if piece == 0]
    assert (np.concatenate([kept[0], *(p[1:] for p in kept[1:])]) == chain(40)).all()


def test_strokes_that_all_repeat_their_end_are_taken_as_they_are():
    points = np.zeros((2, 10, 2))
    assert cubic_counts(points).tolist() == [3, 3] and Sketch.of((9, 9), points).curves == 6
    points[1, 9] = 1
    assert cubic_counts(points).tolist() == [1, 3]
    assert cubic_counts(np.zeros((0, 4, 2))).tolist() == []


def test_a_part_of_a_drawing_is_no_longer_than_it_needs():
    sketch = Sketch.of((9, 9), padded([chain(1), chain(5), chain(2)])[0])
    assert sketch.reordered([0, 2]).points.shape == (2, 7, 2)
    assert sketch.reordered([2, 1, 0]).points.shape == (3, 16, 2)
    assert len(sketch.reordered([])) == 0


def test_drawing_order_keeps_the_ends_of_chains():
    chains = [chain(1), chain(6) + 100, chain(3) + 300]
    ordered = in_drawing_order(Sketch.of((900, 900), padded([c[::-1] for c in chains])[0]))
    assert sorted(len(c) for c in ordered.chains) == [4, 10, 19]
    found = {len(c): c for c in ordered.chains}
    for given_chain in chains:
        drawn = found[len(given_chain)]
        assert (drawn == given_chain).all() or (drawn == given_chain[::-1]).all()


def test_maps_keep_chains():
    sketch = Sketch.of((9, 9), padded([chain(1), chain(4)])[0])
    assert [len(c) for c in sketch.scaled(1 / 3).chains] == [4, 13]
    assert [len(c) for c in dataclasses.replace(sketch, points=sketch.points + 0.1).chains] == [4, 13]
    assert Sketch.of((9, 9), np.zeros((1, 4, 2))).curves == 1
    assert sketch.scaled(3).chains[1] == pytest.approx(3 * chain(4))
