"""The lines of a place: what is straight, what is an arc, what is joined, and what it is worth."""

import numpy as np
from PIL import Image, ImageDraw
from scene_pictures import SIDE, UNIT, coast, smooth

from strokewise.placement.scene_lines import STRAIGHT, Sides, joined_segments, scene_lines

EVERYWHERE = np.ones((SIDE, SIDE), dtype=bool)
INSIDE = np.zeros_like(EVERYWHERE)
INSIDE[8:-8, 8:-8] = True


def straight(lines):
    return [line.points[[0, -1]] for line in lines if line.kind == STRAIGHT]


def test_a_horizon_is_one_straight_line():
    lines = scene_lines(coast(), INSIDE)
    (horizon,) = straight(lines)
    assert np.abs(horizon[:, 1] - 200).max() < 0.7 and np.ptp(horizon[:, 0]) > 0.9 * SIDE
    assert all(line.kind == STRAIGHT for line in lines)


def test_a_line_that_something_narrow_interrupts_goes_on_behind_it():
    spans = sorted(straight(scene_lines(coast(pole=8), INSIDE)), key=lambda s: -np.ptp(s[:, 0]))
    assert np.ptp(spans[0][:, 0]) > 0.9 * SIDE
    # Before a wide one both parts stay as they are.
    spans = [s for s in straight(scene_lines(coast(pole=150), INSIDE)) if np.ptp(s[:, 0]) > 50]
    assert len(spans) == 2 and all(np.ptp(s[:, 0]) < 0.6 * SIDE for s in spans)


def test_a_round_border_is_not_cut_into_straight_lines():
    picture = Image.new("RGB", (4 * SIDE, 4 * SIDE), "white")
    ImageDraw.Draw(picture).ellipse([400, 400, 1400, 1400], fill=(20, 40, 90))
    lines = scene_lines(smooth(picture), EVERYWHERE)
    assert lines and not straight(lines)
    off = np.concatenate([np.linalg.norm(line.points - 225, axis=1) for line in lines]) - 125
    assert np.abs(off).mean() < 3


def test_nothing_lies_outside_the_region():
    region = INSIDE.copy()
    region[:, 200:300] = False
    for line in scene_lines(coast(), region):
        assert ((line.points[:, 0] < 203) | (line.points[:, 0] > 297)).all()
    assert scene_lines(coast(), np.zeros_like(region)) == []
    assert scene_lines(np.ones((SIDE, SIDE, 3)), INSIDE) == []


def test_a_line_between_two_different_parts_is_worth_more_than_one_within_a_part():
    picture = coast()
    picture[300:304, 20:-20] += 0.5  # a thin bright line in the sea
    found = {round(float(line.points[:, 1].mean()), -2): line for line in scene_lines(picture, INSIDE)}
    assert found[200].weight.mean() > 1.2 * found[300].weight.mean()


def test_segments_of_one_line_are_joined_and_others_are_not():
    row, below = np.array([[20.0, 100.0], [120.0, 100.0]]), np.array([[140.0, 101.0], [240.0, 101.0]])
    aside, turned = below + [0, 9], np.array([[150.0, 100.0], [180.0, 160.0]])
    blank = np.ones((SIDE, SIDE, 3))
    (one,) = joined_segments([row, below], blank)
    assert np.ptp(one[:, 0]) > 215 and np.ptp(one[:, 1]) < 2
    assert len(joined_segments([row, aside], blank)) == 2
    assert len(joined_segments([row, turned], blank)) == 2


def test_borders_of_parts_are_found_by_texture_too():
    rng = np.random.default_rng(0)
    picture = np.full((SIDE, SIDE, 3), 0.5)
    picture[:, 224:] += rng.choice([-0.3, 0.3], (SIDE, 224, 1))
    borders = Sides(picture).borders(INSIDE, 4 * UNIT, 40 * UNIT)
    assert any(np.abs(points[:, 0] - 224).mean() < 8 for points in borders)
