"""Skeletons as graphs, and the lines that run through them."""

import numpy as np
import pytest
from scipy import ndimage

from strokewise.skeleton import follow, skeleton_graph

SIDE = 120


def bars(*ends, half=2.0):
    """Straight bars, each from one point to another: bool [y, x]."""
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    mask = np.zeros((SIDE, SIDE), dtype=bool)
    for (ax, ay), (bx, by) in ends:
        along = np.clip(
            ((columns - ax) * (bx - ax) + (rows - ay) * (by - ay)) / ((bx - ax) ** 2 + (by - ay) ** 2), 0, 1
        )
        mask |= np.hypot(columns - ax - along * (bx - ax), rows - ay - along * (by - ay)) < half
    return mask


def spans(walks):
    """The ends of each line, rounded to 10 pixels and in one order, as tuples."""
    ends = [sorted(tuple(10 * round(float(v) / 10) for v in walk.points[i]) for i in (0, -1)) for walk in walks]
    return sorted(tuple(pair) for pair in ends)


def test_two_bars_that_cross_are_two_lines():
    graph = skeleton_graph(bars(((10, 60), (110, 60)), ((60, 10), (60, 110))))
    assert len(graph.paths) == 4
    assert spans(follow(graph)) == [((10, 60), (110, 60)), ((60, 10), (60, 110))]


def test_a_bar_that_meets_another_ends_there():
    walks = follow(skeleton_graph(bars(((10, 60), (110, 60)), ((60, 60), (60, 110)))))
    assert spans(walks) == [((10, 60), (110, 60)), ((60, 60), (60, 110))]
    through, ends = sorted(walks, key=lambda walk: -len(walk.points))
    assert not any(through.joints) and sorted(ends.joints) == [False, True]


def test_a_ring_is_one_closed_line():
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    (walk,) = follow(skeleton_graph(np.abs(np.hypot(columns - 60, rows - 60) - 40) < 2))
    assert walk.closed and (walk.points[0] == walk.points[-1]).all()
    assert np.abs(np.hypot(*(walk.points - 60).T) - 40).max() < 1.5


def test_a_bump_is_no_line():
    walks = follow(skeleton_graph(bars(((10, 60), (110, 60)), ((60, 60), (60, 63)))))
    assert spans(walks) == [((10, 60), (110, 60))]


@pytest.mark.parametrize(("unlike", "partner"), [(0.0, "straight"), (0.8, "strong")])
def test_lines_that_are_alike_run_on_into_each_other(unlike, partner):
    strong, straight = ((60, 60), (110, 85)), ((60, 60), (110, 60))
    mask = bars(((10, 60), (60, 60)), strong, straight)
    rows, columns = np.indices((SIDE, SIDE))
    strength = np.where((columns > 64) & (np.abs(rows - 60) < 4), 0.1, 1.0)
    walks = follow(skeleton_graph(mask), strength, unlike=unlike)
    (longest,) = [walk for walk in walks if len(walk.points) > 70]
    last = max(longest.points, key=lambda point: point[0])
    assert abs(last[1] - (60 if partner == "straight" else 85)) < 4


def test_each_path_is_in_one_line():
    noise = ndimage.gaussian_filter(np.random.default_rng(0).random((SIDE, SIDE)), 3)
    graph = skeleton_graph(noise > np.quantile(noise, 0.6))
    walks = follow(graph)
    # A line may lose some pixels where lines meet, and gains the meeting point.
    found = sum(len(walk.points) for walk in walks)
    assert 0.5 < found / sum(len(path.points) for path in graph.paths) < 1.2
