import numpy as np
import torch

from strokewise.bezier import evaluate
from strokewise.raster import render
from training import views

POINTS = np.array(
    [[[0.3, 0.3], [0.5, 0.2], [0.6, 0.4], [0.7, 0.3]], [[0.3, 0.7], [0.4, 0.5], [0.6, 0.9], [0.7, 0.6]]], np.float32
)


def picture(points, size, width):
    return render(torch.from_numpy(points * size)[None].float(), width, size=size)[0, 0].numpy()


def test_picture_and_strokes_are_seen_from_the_same_place():
    for seed in range(5):
        matrix = views.random_matrix(np.random.default_rng(seed))
        seen = views.see_picture(picture(POINTS, 256, 6.0), matrix, 128)
        drawn = picture(views.see_strokes(POINTS, matrix, 128) / 128, 128, 3.0)
        assert np.corrcoef(seen.ravel(), drawn.ravel())[0, 1] > 0.85


def test_the_plain_view_changes_nothing():
    image = np.random.default_rng(0).random((32, 32, 3)).astype(np.float32)
    np.testing.assert_allclose(views.see_picture(image, np.eye(3), 32), image, atol=1e-5)
    np.testing.assert_allclose(views.see_strokes(POINTS, np.eye(3), 32), POINTS * 32, atol=1e-4)


def test_a_part_of_a_stroke_lies_on_it():
    part = views.stretch(POINTS, np.array([0.0, 0.25]), np.array([1.0, 0.75]))
    t = np.linspace(0, 1, 9)
    np.testing.assert_allclose(part[0], POINTS[0], atol=1e-6)
    np.testing.assert_allclose(evaluate(part[1], t), evaluate(POINTS[1], 0.25 + 0.5 * t), atol=1e-6)


def test_strokes_are_left_out_and_shaken_but_some_remain():
    many = np.repeat(POINTS, 8, axis=0)
    found = [views.vary_strokes(many, np.random.default_rng(seed)) for seed in range(60)]
    assert min(len(p) for p, _ in found) >= 2 and max(len(p) for p, _ in found) == 16
    assert {true for _, true in found} == {True, False}
    assert all(p.dtype == np.float32 and np.isfinite(p).all() for p, _ in found)


def test_white_paper_stays_white_in_another_light():
    image = np.ones((8, 8, 3), np.float32)
    image[2:5] = 0.4
    for seed in range(8):
        seen = views.vary_colors(image, np.random.default_rng(seed))
        np.testing.assert_allclose(seen[6:], 1, atol=1e-6)
        assert 0 <= seen.min() < 0.8
