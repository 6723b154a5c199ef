import ast
from pathlib import Path

import numpy as np
import pytest
import torch
from training_shapes import PLACEMENT_SIZE, draw_shape

from strokewise.encoders import load_encoder
from strokewise.photo.opening import Photo, open_photo
from strokewise.photo.preparing import Prepared
from strokewise.placement import ContourPlacement
from training import framing, generators, heldout


@pytest.fixture(scope="module")
def framed(small_scenes):
    return framing.frame(open_photo(draw_shape("house", np.random.default_rng(1))))


@pytest.fixture(scope="module")
def scene(framed):
    return framing.scene(framed, load_encoder("efficientnet-lite0"))


@pytest.fixture(scope="module")
def trace(scene):
    return ContourPlacement(scene)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def near_edges(points, framed, within):
    """Share of the strokes' ends that lie near the rim of the mask or an edge within it."""
    from scipy import ndimage

    grey = ndimage.gaussian_filter(framed.image.mean(2), 1)
    edges = np.hypot(*np.gradient(grey)) > 0.05
    away = ndimage.distance_transform_edt(~edges)
    ends = np.clip(points[:, [0, 3]].reshape(-1, 2).astype(int), 0, len(grey) - 1)
    return (away[ends[:, 1], ends[:, 0]] < within).mean()


def test_the_frame_holds_the_subject_on_white(framed):
    assert framed.image.shape == (PLACEMENT_SIZE, PLACEMENT_SIZE, 3)
    assert 0.3 < framed.mask.mean() < 0.9
    assert framed.image[2, 2].min() > 0.99 > framed.photo[2, 2].min()


def test_contour_drawings_have_few_some_and_more_strokes(trace, framed, rng):
    drawings = generators.by_contour(trace, rng)
    assert [len(d) in counts for d, counts in zip(drawings, generators.COUNTS, strict=True)] == [True, True]
    assert all(near_edges(d, framed, 5) > 0.8 for d in drawings)


def test_outlines_follow_the_mask_only(trace, framed, rng):
    (drawing,) = generators.by_outline(trace, rng)
    assert len(drawing) in generators.OUTLINE_COUNTS
    middle = (np.abs(drawing.mean(1) - PLACEMENT_SIZE / 2) < 0.2 * PLACEMENT_SIZE).all(1)  # the door is there
    assert not middle.any() and near_edges(drawing, framed, 4) > 0.9


def test_without_a_subject_there_is_no_outline(trace, rng, monkeypatch):
    monkeypatch.setattr(trace, "outline", [])
    assert generators.by_outline(trace, rng) == []


def test_the_optimizer_draws_from_both_placements(framed, scene, trace, rng):
    encoder = load_encoder("efficientnet-lite0")
    prepared = Prepared(Photo(framed.photo).info, framed, encoder, encoder.name, torch.device("cpu"))
    by_contour, by_saliency = generators.by_optimizer(prepared, scene, trace, rng, steps=1)
    assert len(by_contour) >= 4 and len(by_saliency) >= 24
    assert np.isfinite(by_contour).all() and np.isfinite(by_saliency).all()


@pytest.mark.parametrize("maker", [generators.draw_xdog, generators.draw_gradient])
def test_pictures_are_dark_at_edges_and_white_elsewhere(maker, framed, rng):
    picture = maker(framed.image, rng)
    assert picture.shape == (PLACEMENT_SIZE, PLACEMENT_SIZE) and picture.dtype == np.float32
    assert 0 <= picture.min() < 0.3 and picture.max() == 1
    assert picture[:4].min() > 0.9 and 0.5 < picture.mean() < 0.97


@pytest.mark.parametrize("maker", [generators.draw_xdog, generators.draw_gradient])
def test_a_picture_of_nothing_is_white(maker, rng):
    assert (maker(np.ones((32, 32, 3), dtype=np.float32), rng) == 1).all()


@pytest.mark.parametrize("kind", ["disc", "house", "star"])
def test_the_heldout_generator_makes_exactly_as_many_strokes_as_asked(kind, small_scenes):
    framed = framing.frame(open_photo(draw_shape(kind, np.random.default_rng(2))))
    drawings = heldout.draw_by_edges(framed.image, framed.mask)
    assert [len(d) for d in drawings] == list(heldout.COUNTS) == [32, 16, 8, 4]
    assert all(near_edges(d, framed, 4) > 0.8 for d in drawings)
    again = heldout.draw_by_edges(framed.image, framed.mask)
    assert all((a == b).all() for a, b in zip(drawings, again, strict=True))


def test_the_heldout_generator_draws_without_a_mask_and_nothing_of_nothing(framed):
    assert [len(d) for d in heldout.draw_by_edges(framed.photo, None)] == list(heldout.COUNTS)
    assert [len(d) for d in heldout.draw_by_edges(np.ones((64, 64, 3), np.float32), None)] == [0] * 4


def test_the_heldout_generator_shares_no_code_with_the_others():
    tree = ast.parse(Path(heldout.__file__).read_text("utf-8"))
    names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert set(names) == {"__future__", "cv2", "dataclasses", "numpy", "numpy.typing"}
