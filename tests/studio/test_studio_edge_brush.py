"""The brush that follows edges, on pictures whose parts are known."""

from __future__ import annotations

import time

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from strokewise._arrays import Flags
from strokewise.studio.edge_brush import REACH, follow_edges, plain_stroke

WIDTH, HEIGHT = 480, 360
ARM = (180, 150, 420, 190)
ROUGH = [(float(x), 170 + 9 * float(np.sin(x / 23))) for x in range(215, 415, 6)]
"""Along the arm, up and down by nearly half its half width."""


def scene(noise: float = 0.0, blur: float = 0.0) -> tuple[NDArray[np.float32], Flags]:
    """A body with one arm on a plain ground, and where they are."""
    image, mask = Image.new("RGB", (WIDTH, HEIGHT), (205, 195, 170)), Image.new("L", (WIDTH, HEIGHT), 0)
    for picture, fill in ((image, (120, 70, 60)), (mask, 255)):
        pen = ImageDraw.Draw(picture)
        pen.ellipse((60, 60, 200, 300), fill=fill)
        pen.rectangle(ARM, fill=fill)
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(blur)), np.float32) / np.float32(255)
    pixels = pixels + np.random.default_rng(0).normal(0, noise, pixels.shape).astype(np.float32)
    return np.clip(pixels, 0, 1).astype(np.float32), np.asarray(mask) > 127


def overlap(one: Flags, other: Flags) -> float:
    """Intersection over union of two parts, right of the body."""
    away = np.arange(WIDTH) >= 230
    return float((one & other & away).sum() / ((one | other) & away).sum())


@pytest.mark.parametrize(("noise", "blur"), [(0.0, 0.0), (0.03, 0.0), (0.08, 1.0), (0.0, 2.0)])
@pytest.mark.parametrize("radius", [18.0, 28.0])
def test_a_rough_stroke_gives_exactly_the_arm(noise: float, blur: float, radius: float) -> None:
    pixels, truth = scene(noise, blur)
    assert overlap(plain_stroke((HEIGHT, WIDTH), ROUGH, radius), truth) < 0.8
    assert overlap(follow_edges(pixels, ROUGH, radius), truth) > 0.98


@pytest.mark.parametrize("noise", [0.0, 0.03])
def test_a_stroke_that_slips_off_the_arm_does_not_take_the_ground(noise: float) -> None:
    pixels, truth = scene(noise)
    for ends in ([(300.0, 90.0)], [(300.0, 250.0)]):
        assert overlap(follow_edges(pixels, [*ROUGH[3:20], *ends], 28), truth & (np.arange(WIDTH) < 350)) > 0.8
        inside = follow_edges(pixels, [*ROUGH[3:20], *ends], 28) & ~truth & (np.arange(WIDTH) >= 230)
        assert inside.sum() < 300


def test_what_hangs_together_with_the_arm_far_from_the_stroke_is_not_taken() -> None:
    pixels, _ = scene()
    assert not follow_edges(pixels, ROUGH, 20)[:, : 215 - int(REACH * 20)].any()


def test_where_there_is_no_edge_it_is_a_plain_brush() -> None:
    pixels = np.full((200, 300, 3), 0.6, np.float32)
    path = [(80.0, 100.0), (220.0, 110.0)]
    found, plain = follow_edges(pixels, path, 20), plain_stroke((200, 300), path, 20)
    assert (found & plain).sum() / (found | plain).sum() > 0.93


def test_small_holes_are_filled_and_large_ones_stay() -> None:
    pixels, _ = scene()
    pixels[166:174, 300:308] = 1.0  # a button on the arm
    assert overlap(follow_edges(pixels, ROUGH, 24), scene()[1]) > 0.98
    ring = np.full((200, 200, 3), 0.9, np.float32)
    y, x = np.mgrid[:200, :200]
    away = np.hypot(x - 100, y - 100)
    ring[(away > 50) & (away < 70)] = 0.2
    around = [(100 + 60 * float(np.cos(t)), 100 + 60 * float(np.sin(t))) for t in np.linspace(0, 2 * np.pi, 60)]
    found = follow_edges(ring, around, 14)
    assert found[100, 160] and not found[100, 100]


def test_strokes_at_the_border_and_outside() -> None:
    pixels, _ = scene()
    assert not follow_edges(pixels, [(-500.0, -500.0), (-400.0, -450.0)], 20).any()
    assert not plain_stroke((HEIGHT, WIDTH), [(-500.0, -500.0)], 20).any()
    assert not follow_edges(pixels, [(-25.0, 100.0)], 20).any()
    assert follow_edges(pixels, [(0.0, 0.0)], 10)[:3, :3].all()
    assert follow_edges(pixels, [(479.0, 359.0)], 10)[-3:, -3:].all()
    assert follow_edges(pixels, [(240.0, 180.0)], 400).all()  # a brush larger than the photo
    assert follow_edges(pixels, [(240.0, 170.0)], 0.5).any()


def test_the_same_stroke_gives_the_same_part_in_bounded_time() -> None:
    pixels, _ = scene(0.05)
    places = np.random.default_rng(1).random((2000, 2)) * [WIDTH, HEIGHT]
    scribble = [(float(x), float(y)) for x, y in places]
    start = time.process_time()
    first = follow_edges(pixels, scribble, 2)
    assert time.process_time() - start < 20
    assert np.array_equal(first, follow_edges(pixels, scribble, 2))
