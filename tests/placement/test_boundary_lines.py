"""Lines along the ridges of a map of boundaries."""

import dataclasses

import numpy as np
from scipy import ndimage

from strokewise.placement import ContourPlacement, PlacementInput
from strokewise.placement.boundary_lines import across_ridges, boundary_lines
from strokewise.placement.constants import DEFAULTS

SIDE = 448


def ridge(height=0.9):
    """A ring of radius 100 in the middle, as a network would answer: float64 [y, x]."""
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    away = np.hypot(columns - 224, rows - 224)
    return height * np.exp(-(((away - 100) / 4) ** 2)), away


def everywhere():
    return np.ones((SIDE, SIDE), dtype=bool)


def test_a_line_runs_along_a_ridge():
    chances, _ = ridge()
    lines = boundary_lines(chances, everywhere(), 2.0)
    points = np.concatenate([line.points for line in lines])
    assert np.abs(np.hypot(*(points - 224).T) - 100).max() < 2
    assert abs(sum(len(line.points) for line in lines) - 2 * np.pi * 100) < 40
    assert all((line.weight > 0.9).all() and (line.weight <= 1).all() for line in lines)


def test_what_is_unlikely_or_outside_gives_no_line():
    assert boundary_lines(ridge(0.4)[0], everywhere(), 2.0) == []
    chances, away = ridge()
    assert boundary_lines(chances, away < 80, 2.0) == []
    assert boundary_lines(np.zeros((SIDE, SIDE)), everywhere(), 2.0) == []


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
