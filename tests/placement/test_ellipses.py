"""Round parts as ellipses."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from scipy import ndimage

from strokewise.bezier import evaluate
from strokewise.photo.heads import Head
from strokewise.placement import ContourPlacement, PlacementInput
from strokewise.placement.constants import DEFAULTS
from strokewise.placement.ellipses import Ellipse, _moments, clearest, find_ellipses

SIDE = 224


def picture(draw, ground=(200, 200, 200)):
    """A picture float [y, x, rgb]; `draw` gets a pen for one of four times the size."""
    image = Image.new("RGB", (4 * SIDE, 4 * SIDE), ground)
    draw(ImageDraw.Draw(image))
    return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX), dtype=np.float64) / 255


def box(x, y, across, down):
    return [4 * (x - across), 4 * (y - down), 4 * (x + across), 4 * (y + down)]


def found_in(image, solid):
    return find_ellipses(image, ndimage.distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1], 1.0)


def everywhere():
    return np.ones((SIDE, SIDE), dtype=bool)


@given(st.floats(2, 40), st.floats(0.3, 1), st.floats(0, 3.1), st.floats(-50, 50), st.floats(-50, 50))
def test_moments_of_an_ellipse(radius, ratio, turned, x, y):
    t = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    way = np.array([[np.cos(turned), np.sin(turned)], [-np.sin(turned), np.cos(turned)]])
    points = np.stack([radius * np.cos(t), ratio * radius * np.sin(t)], 1) @ way + [x, y]
    area, centre, spread = _moments(points)
    assert area == pytest.approx(np.pi * ratio * radius**2, rel=1e-3)
    assert centre == pytest.approx([x, y], abs=1e-6)
    assert 2 * np.sqrt(np.linalg.eigvalsh(spread)) == pytest.approx([ratio * radius, radius], rel=1e-3)
    assert _moments(points[::-1])[0] == pytest.approx(area)


def test_two_wheels_and_a_hub_are_found_where_they_are():
    def draw(pen):
        pen.rectangle([160, 240, 740, 480], fill=(60, 90, 160))
        for x in (60, 160):
            pen.ellipse(box(x, 120, 24, 24), fill=(20, 20, 20))
        pen.ellipse(box(160, 120, 10, 10), fill=(230, 230, 230))

    found = found_in(picture(draw), everywhere())
    seen = sorted((round(float(one.centre[0])), round(float(one.radii.mean()))) for one in found)
    assert len(seen) == 3
    for (x, radius), (wanted, size) in zip(seen, [(60, 24), (160, 10), (160, 24)], strict=True):
        assert abs(x - wanted) <= 1 and abs(radius - size) <= 2


def test_a_tilted_plate_is_an_ellipse_whose_ring_lies_on_its_border():
    found = found_in(picture(lambda pen: pen.ellipse(box(110, 90, 50, 22), fill=(40, 40, 40))), everywhere())
    assert len(found) == 1
    assert found[0].radii == pytest.approx([50, 22], abs=1)
    ring = found[0].ring(40)
    assert ring[0] == pytest.approx(ring[-1])
    assert np.hypot((ring[:, 0] - 110) / 50, (ring[:, 1] - 90) / 22) == pytest.approx(np.ones(40), abs=0.05)


@pytest.mark.parametrize("shape", ["square", "bar", "half", "dot", "nothing", "noise"])
def test_what_is_not_round_is_no_ellipse(shape):
    def draw(pen):
        if shape == "square":
            pen.rectangle(box(110, 110, 30, 30), fill=(30, 30, 30))
        elif shape == "bar":
            pen.ellipse(box(110, 110, 60, 12), fill=(30, 30, 30))
        elif shape == "half":
            pen.pieslice(box(110, 110, 40, 40), 0, 180, fill=(30, 30, 30))
        elif shape == "dot":
            pen.ellipse(box(110, 110, 3, 3), fill=(30, 30, 30))

    image = picture(draw)
    if shape == "noise":
        image = np.clip(image + np.random.default_rng(0).normal(0, 0.05, image.shape), 0, 1)
    assert found_in(image, everywhere()) == []


def test_the_outline_itself_is_no_round_part():
    image = picture(lambda pen: pen.ellipse(box(112, 112, 90, 90), fill=(60, 20, 20)), (255, 255, 255))
    y, x = np.indices((SIDE, SIDE))
    solid = np.hypot(x - 111.5, y - 111.5) < 90
    assert found_in(image, solid) == [] and found_in(image, np.zeros_like(solid)) == []


def test_a_lens_is_drawn_by_two_strokes():
    image = picture(lambda pen: (pen.rectangle(box(112, 112, 80, 60), fill=(120, 120, 120)),
                                 pen.ellipse(box(112, 112, 30, 30), fill=(10, 10, 10))), (255, 255, 255))  # fmt: skip
    mask = (image[..., 0] < 0.8).astype(np.float64)
    scene = PlacementInput(image, image, mask, everywhere(), np.full((SIDE, SIDE), 0.5), 1.0)
    drawn = ContourPlacement(scene, DEFAULTS)(8, np.random.default_rng(0))
    away = np.abs(np.linalg.norm(drawn[:, [0, 3]] - 112, axis=2) - 30)
    on_ring = (away < 3).all(1)
    assert on_ring.sum() == 2


def ellipse(x, radius, contrast):
    return Ellipse(np.array([float(x), 50.0]), radius * np.eye(2), contrast)


def test_pairs_come_first_then_what_is_large_and_clear():
    eyes = [ellipse(20, 6, 0.7), ellipse(60, 6.5, 0.75)]
    lens, faint, alone = ellipse(120, 20, 0.9), ellipse(150, 20, 0.5), ellipse(190, 9, 2.0)
    found = clearest([lens, alone, *eyes, faint], 1.0)
    assert [id(one) for one in found] == [id(one) for one in (*eyes, lens)]
    assert clearest([ellipse(20, 6, 0.7), ellipse(28, 6, 0.7)], 1.0) == []  # one over the other
    assert clearest([ellipse(20, 6, 0.5), ellipse(60, 6, 0.5)], 1.0) == []  # too faint for their size
    assert len(clearest([ellipse(40, 20, 0.5), ellipse(90, 16, 0.5)], 1.0)) == 2


def test_halves_and_loop_lie_on_the_ring():
    one = Ellipse(np.array([30.0, 40.0]), np.array([[10.0, 6.0], [-3.0, 5.0]]), 1.0)
    t = np.broadcast_to(np.linspace(0, 1, 50), (2, 50))
    for shape, off in ((one.halves(), 0.03), (one.loop(), 0.3)):
        assert shape[0, 0] == pytest.approx(shape[-1, -1])
        away = (evaluate(shape, t[: len(shape)]).reshape(-1, 2) - one.centre) @ np.linalg.inv(one.axes)
        assert np.linalg.norm(away, axis=1) == pytest.approx(np.ones(len(away)), abs=off)


def test_a_pair_of_lamps_comes_first_and_only_where_there_is_no_face():
    def draw(pen):
        pen.rectangle(box(112, 112, 80, 60), fill=(120, 120, 120))
        for x in (70, 150):
            pen.ellipse(box(x, 112, 16, 16), fill=(245, 245, 245))

    image = picture(draw, (255, 255, 255))
    solid = np.zeros((SIDE, SIDE))
    solid[52:172, 32:192] = 1
    scene = PlacementInput(image, image, solid, everywhere(), np.full((SIDE, SIDE), 0.5), 1.0)
    fixed, taken = ContourPlacement(scene, DEFAULTS).fixed_strokes(16)
    assert len(fixed) == 4 and taken[112, 54] and not taken[112, 112]
    assert len(ContourPlacement(scene, DEFAULTS).fixed_strokes(8)[0]) == 2
    assert len(ContourPlacement(scene, DEFAULTS).fixed_strokes(6)[0]) == 0
    head = Head(np.array([70.0, 112]), np.array([150.0, 112]), np.array([110.0, 150]), 0.9, (8.0, 8.0), 9.0)
    faced, _ = ContourPlacement(dataclasses.replace(scene, faces=(head,)), DEFAULTS).fixed_strokes(16)
    assert len(faced) >= 3 and not np.allclose(faced[0], fixed[0])
