"""Lines along the ridges of a map of boundaries."""

import dataclasses

import numpy as np
from scipy import ndimage

from strokewise.placement import ContourPlacement, PlacementInput
from strokewise.placement.boundary_lines import across_ridges, boundary_lines, ridge_strength
from strokewise.placement.constants import DEFAULTS
from strokewise.placement.lines import OUTLINE, Line

SIDE = 448


def ridge(height=0.9):
    """A ring of radius 100 in the middle, as a network would answer: float64 [y, x]."""
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    away = np.hypot(columns - 224, rows - 224)
    return height * np.exp(-(((away - 100) / 4) ** 2)), away


def everywhere():
    return np.ones((SIDE, SIDE), dtype=bool)


def lines_of(chances, outline=(), solid=None):
    return boundary_lines(chances, outline, everywhere() if solid is None else solid, everywhere(), 2.0)


def test_a_line_runs_along_a_ridge():
    lines = lines_of(ridge()[0])
    points = np.concatenate([line.points for line in lines])
    assert np.abs(np.hypot(*(points - 224).T) - 100).max() < 2
    assert abs(sum(len(line.points) for line in lines) - 2 * np.pi * 100) < 40
    assert all((line.weight > 0.9).all() and (line.weight <= 1).all() for line in lines)


def test_what_is_unlikely_or_outside_gives_no_line():
    assert lines_of(ridge(0.2)[0]) == []
    chances, away = ridge()
    assert lines_of(chances, solid=away < 80) == []
    assert lines_of(np.zeros((SIDE, SIDE))) == []


def test_a_weak_ridge_beside_a_strong_one_is_a_line():
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    inside = np.abs(rows - 224) < 100
    strong, weak = (height * np.exp(-(((columns - x) / 3) ** 2)) for height, x in ((0.9, 200), (0.55, 220)))
    lines = lines_of(np.maximum(strong, weak) * inside)
    assert sorted(round(float(line.points[:, 0].mean())) for line in lines) == [200, 220]


def circle(radius=100):
    turn = np.linspace(0, 2 * np.pi, round(2 * np.pi * radius))
    points = 224 + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return Line(points, np.ones(len(points)), OUTLINE)


def test_lines_within_the_outline_are_led_on_to_it():
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    spoke = 0.9 * np.exp(-(((rows - 224) / 3) ** 2)) * (columns > 224) * (columns < 323)
    away = np.hypot(columns - 224, rows - 224)
    chances = np.maximum(ridge()[0], ndimage.gaussian_filter(spoke, 1))
    (line,) = lines_of(chances, [circle()], away < 100)
    assert abs(line.points[:, 0].max() - 324) < 2 and abs(line.points[:, 0].min() - 224) < 8
    assert np.abs(line.points[:, 1] - 224).max() < 2
    # Coming to meet the outline is not running beside it; where they meet, the map curves down less.
    assert (line.weight[len(line.weight) // 2 : -6] > 0.9).all() and line.weight.min() > 0.6


def test_what_runs_beside_the_outline_counts_less():
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    away = np.hypot(columns - 224, rows - 224)
    inner = 0.9 * np.exp(-(((away - 94) / 1.5) ** 2)) * (rows < 200)
    lines = lines_of(inner, [circle()], away < 100)
    assert all(line.weight.mean() < 0.7 for line in lines)
    assert np.mean([line.weight.mean() for line in lines_of(inner, (), away < 100)]) > 0.8


def test_where_the_picture_ends_is_no_boundary():
    chances = np.zeros((SIDE, SIDE))
    chances[:, 3:5] = 0.9
    assert lines_of(ndimage.gaussian_filter(chances, 1.5)) == []


def test_ridges_are_where_a_map_curves_down():
    columns = np.indices((60, 60))[1] - 30.0
    found = ridge_strength(np.exp(-((columns / 4) ** 2)), 2.0)
    assert found[30].argmax() == 30 and found[30, 50] < 0.01
    assert ridge_strength(columns / 30, 2.0)[10:-10, 10:-10].max() < 1e-3  # a slope is none


def test_a_ridge_is_crossed_at_a_right_angle():
    rows, columns = np.indices((60, 60)).astype(float)
    slanted = np.exp(-(((columns - rows) / 4) ** 2))
    angle = across_ridges(slanted, 2.0)[30, 30]
    assert abs(np.cos(angle - 3 * np.pi / 4)) > 0.99


def test_edges_give_way_to_boundaries_and_count_less_without_them():
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    image = np.full((SIDE, SIDE, 3), 0.8)
    image[(np.abs(rows - 150) < 20) & (np.abs(columns - 224) < 120)] = 0.2
    image[(np.abs(rows - 300) < 20) & (np.abs(columns - 224) < 120)] = 0.2
    image = ndimage.gaussian_filter(image, (1, 1, 0))
    mask = ndimage.gaussian_filter((np.hypot(columns - 224, rows - 224) < 200).astype(float), 1)
    plain = PlacementInput(image, image, mask, everywhere(), np.ones((SIDE, SIDE)), 2.0)
    marked = np.zeros((SIDE, SIDE))
    marked[129:132, 104:344] = 1.0
    told = dataclasses.replace(plain, boundaries=ndimage.gaussian_filter(marked, 1.5))
    before, after = ContourPlacement(plain).edges, ContourPlacement(told).edges
    low, high = [sum(line.weight[line.points[:, 1] > 220].sum() for line in lines) for lines in (after, before)]
    assert abs(low / high - DEFAULTS.boundaries.doubt) < 0.05
    top = [line for line in after if abs(line.points[:, 1].mean() - 130) < 4]
    assert len(top) == 1 and len(top[0].points) > 200
