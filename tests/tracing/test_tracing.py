"""Line art as strokes: in the middle of the lines, joined, sharp, as wide as they are; photos are refused."""

from __future__ import annotations

import numpy as np
import pytest
from line_art import circle, off, photographed, picture, sketch_of, straight
from PIL import Image

import strokewise
from strokewise import PhotoError, SettingsError, Sketch
from strokewise.export import to_pixels
from strokewise.tracing import trace

SQUARE = straight((80, 60), (320, 60), (320, 240), (80, 240), (80, 60))
SCENES = {
    "circle": circle(200, 150, 100),
    "square": SQUARE,
    "cross": [*straight((60, 60), (340, 240)), *straight((60, 240), (340, 60))],
    "tee": [*straight((60, 100), (340, 100)), *straight((200, 100), (200, 260))],
    "zigzag": straight((40, 200), (100, 100), (160, 200), (220, 100), (280, 200), (340, 100)),
    "wave": [np.array([(40, 150), (140, 20), (240, 280), (360, 150)], dtype=float)],
}
COUNTS = {"circle": 4, "square": 4, "cross": 2, "tee": 2, "zigzag": 5, "wave": 3}
"""Most strokes that each takes."""


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("width", [2.5, 6])
def test_strokes_lie_in_the_middle_of_the_lines(name, width):
    truth = sketch_of(SCENES[name], width)
    traced = trace(picture(truth), "all")
    assert len(traced) <= COUNTS[name]
    mean, most = off(traced, truth)
    assert mean < 0.8 and most < 2.5, "nothing is drawn where there is no line"
    mean, most = off(truth, traced)
    assert mean < 0.8 and most < 3, "every line is drawn"
    assert np.median(traced.widths) == pytest.approx(width, rel=0.2)
    assert traced.canvas == truth.canvas and traced.metadata["trace"]["drawn"] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("name", SCENES)
def test_a_photographed_page_with_a_shadow_is_read_like_a_clean_one(name):
    truth = sketch_of(SCENES[name], 4)
    traced = trace(photographed(picture(truth)), "all")
    assert len(traced) <= COUNTS[name] + 1
    assert off(traced, truth)[0] < 0.9 and off(truth, traced)[0] < 0.9
    assert off(traced, truth)[1] < 3


def test_light_lines_on_dark_paper():
    truth = sketch_of(SCENES["zigzag"], 5)
    board = 255 - picture(truth) * np.array([0.9, 0.8, 0.85])
    traced = trace(board.astype(np.uint8), "all")
    assert traced.metadata["trace"]["lines"] == "light" and traced.paper == (0, 0, 0)
    assert (traced.colors == 1).all() and len(traced) == 5 and off(traced, truth)[1] < 3


def test_corners_are_sharp_and_shared():
    traced = trace(picture(sketch_of(SQUARE, 6)), "all")
    assert len(traced) == 4
    ends = traced.points[:, [0, 3]].reshape(-1, 2)
    for corner in ((80, 60), (320, 60), (320, 240), (80, 240)):
        away = np.linalg.norm(ends - corner, axis=1)
        near = ends[away < 5]
        assert len(near) == 2 and (near[0] == near[1]).all() and away.min() < 1.2


def test_lines_are_joined_where_they_meet():
    traced = trace(picture(sketch_of(SCENES["tee"], 5)), "all")
    across, down = traced.reordered([0]), traced.reordered([1])
    top = down.points[0, 0] if down.points[0, 0, 1] < 150 else down.points[0, 3]
    gap = off(Sketch.of(traced.canvas, [np.repeat(top[None], 4, axis=0)]), across)[0]
    assert gap < 0.5


def test_widths_are_kept_only_when_asked_for():
    lines = [*straight((40, 80), (360, 80)), *straight((40, 200), (360, 200))]
    pixels = picture(Sketch.of((400, 300), lines, widths=[4, 16]))
    kept, one = trace(pixels, widths=True), trace(pixels)
    assert sorted(kept.widths) == pytest.approx([4, 16], rel=0.12)
    assert len(set(one.widths)) == 1


def test_colors_are_kept_only_when_asked_for():
    lines = [*straight((40, 80), (360, 80)), *straight((40, 200), (360, 200))]
    colors = [(0.8, 0.1, 0.1), (0.1, 0.2, 0.7)]
    pixels = picture(Sketch.of((400, 300), lines, widths=6, colors=colors))
    kept, one = trace(pixels, colors=True), trace(pixels)
    order = np.argsort(kept.points[:, 0, 1])
    assert kept.colors[order] == pytest.approx(np.array(colors), abs=0.02)
    assert (one.colors == 0).all()


def test_yellow_on_white_is_seen():
    truth = sketch_of(SCENES["zigzag"], 5, colors=(1.0, 0.9, 0.1))
    assert off(truth, trace(picture(truth), "all"))[1] < 3


def test_the_number_of_strokes_is_a_bound_and_the_longest_lines_come_first():
    lines = [line for y in range(20, 280, 20) for line in straight((20, y), (20 + y, y))]
    pixels = picture(sketch_of(lines, 3))
    five = trace(pixels, 5)
    lengths = np.abs(five.points[:, 3, 0] - five.points[:, 0, 0])
    assert len(five) == 5 and lengths.min() > 170 and (np.diff(lengths) <= 1).all()
    assert five.metadata["trace"]["found"] == 13 and 0.4 < five.metadata["trace"]["drawn"] < 0.7
    assert len(trace(pixels, 256)) == len(trace(pixels, "all")) == 13


def test_a_dot_is_a_stroke():
    lines = [*straight((200, 60), (200, 200)), *straight((199.9, 240), (200.1, 240))]
    traced = trace(picture(sketch_of(lines, 8)), "all")
    assert len(traced) == 2
    assert np.linalg.norm(traced.points[1] - (200, 240), axis=1).max() < 3


def test_a_small_picture_and_a_large_one_are_traced_on_their_own_canvas():
    truth = sketch_of(SCENES["zigzag"], 5)
    for scale in (0.3, 5.0):
        scaled = truth.scaled(scale)
        traced = trace(picture(scaled), "all")
        assert traced.canvas == scaled.canvas
        assert off(scaled, traced)[1] < 3 * scale + 0.5 and traced.widths[0] == pytest.approx(5 * scale, rel=0.25)


def test_the_same_picture_gives_the_same_strokes():
    pixels = photographed(picture(sketch_of(SCENES["cross"], 4)))
    assert trace(pixels).to_svg() == trace(pixels).to_svg()


def test_a_photo_is_refused_unless_the_lines_are_named():
    rng = np.random.default_rng(0)
    field = sum(
        np.kron(rng.random((2**k, 2**k)), np.ones((256 // 2**k, 256 // 2**k))) / 2 ** (k / 2) for k in range(1, 8)
    )
    photo = np.asarray(Image.fromarray((field / field.max() * 255).astype(np.uint8)).resize((400, 400)))
    with pytest.raises(PhotoError, match='looks like a photo: strokewise draw draws photos.*lines="dark"'):
        trace(photo)
    assert len(trace(photo, 4, lines="dark")) == 4


@pytest.mark.parametrize(
    "pixels", [np.full((90, 90), 255), np.zeros((90, 90)), np.full((90, 90, 3), (200, 190, 180))], ids=str
)
def test_empty_paper_is_refused(pixels):
    with pytest.raises(PhotoError, match="there are no lines in array"):
        trace(pixels.astype(np.uint8))


def test_noise_alone_is_refused():
    noise = np.random.default_rng(0).normal(200, 6, (300, 300)).clip(0, 255).astype(np.uint8)
    with pytest.raises(PhotoError, match="no lines|looks like a photo"):
        trace(noise)


def test_a_texture_is_refused_before_it_takes_long():
    y, x = np.mgrid[0:1200, 0:1200]
    dots = np.where((y % 6 < 2) & (x % 6 < 2), 0, 255).astype(np.uint8)
    with pytest.raises(PhotoError):
        trace(dots, lines="dark")


@pytest.mark.parametrize("strokes", [0, 257, -1, 2.5, True, None, "many", "4.5", ""])
def test_a_wrong_number_of_strokes(strokes):
    with pytest.raises(SettingsError, match="strokes must be a whole number from 1 to 256, or all, not"):
        trace(picture(sketch_of(SQUARE)), strokes)


def test_wrong_lines():
    with pytest.raises(SettingsError, match="lines must be auto, dark or light, not 'red'"):
        trace(picture(sketch_of(SQUARE)), lines="red")


def test_it_is_a_function_of_the_package_and_its_sketch_is_saved(tmp_path):
    traced = strokewise.trace(picture(sketch_of(SQUARE)))
    path = traced.save(tmp_path / "square.svg")
    again = strokewise.read_sketch(path)
    assert (to_pixels(again, 400) == to_pixels(traced, 400)).mean() > 0.99
    assert again.metadata["trace"]["lines"] == "dark"
