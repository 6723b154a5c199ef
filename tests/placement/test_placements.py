"""Both placements on a synthetic scene: a disc with two round eyes and a leg."""

import numpy as np
import pytest
from scipy import ndimage
from synthetic_face import face_at

from strokewise.bezier import evaluate
from strokewise.placement import ContourPlacement, PlacementInput, place_by_saliency
from strokewise.placement.contour import tolerance
from strokewise.placement.saliency import xdog

SIZE = 448


def round_spot(centre, radius):
    y, x = np.indices((SIZE, SIZE)) + 0.5
    return (x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2


@pytest.fixture(scope="module")
def scene():
    mask = round_spot((224, 180), 130)
    mask[290:420, 220:228] = True
    image = np.ones((SIZE, SIZE, 3))
    image[mask] = (0.9, 0.6, 0.3)
    for eye in ((180, 150), (268, 150)):
        image[round_spot(eye, 14)] = 0.1
    image = ndimage.gaussian_filter(image, (1, 1, 0))
    soft = ndimage.gaussian_filter(mask.astype(float), 1)
    return PlacementInput(image, image, soft, np.ones((SIZE, SIZE), dtype=bool), soft, 2.0)


def samples(points):
    return evaluate(points, np.broadcast_to(np.linspace(0, 1, 40), (len(points), 40)))


@pytest.mark.parametrize("strokes", [1, 4, 16, 64])
def test_contour_places_as_many_as_asked_on_the_subject(scene, strokes):
    points = ContourPlacement(scene)(strokes, np.random.default_rng(0))
    assert points.shape == (strokes, 4, 2)
    # One stroke alone has to cut corners, but not by much more than the tolerance for its count.
    outside = ndimage.distance_transform_edt(scene.mask < 0.5)
    x, y = samples(points).reshape(-1, 2).T.astype(int).clip(0, SIZE - 1)
    assert outside[y, x].max() < 1.5 * scene.scale * tolerance(strokes)


def test_both_eyes_are_drawn(scene):
    points = samples(ContourPlacement(scene)(8, np.random.default_rng(0)))
    for eye in ((180, 150), (268, 150)):
        around = np.linalg.norm(points - np.array(eye), axis=2)
        assert (around.max(1) < 25).any(), "no stroke that is an eye"


def test_the_leg_is_one_line(scene):
    points = samples(ContourPlacement(scene)(8, np.random.default_rng(0)))
    down = points[points[..., 1].max(1) > 340]
    assert len(down) == 1
    assert np.abs(down[0][:, 0] - 224).max() < 4


def test_seeds_give_different_drawings_and_repeat(scene):
    place = ContourPlacement(scene)
    a, b, c = (place(12, np.random.default_rng(s)) for s in (0, 0, 1))
    assert np.array_equal(a, b) and not np.array_equal(a, c)


def test_a_faces_features_outrank_its_surroundings(scene):
    # Nothing round is asked for here: the boxes alone lift what lies where an eye should be.
    faint = scene.image.copy()
    faint[:] = (0.9, 0.6, 0.3)
    for eye in ((180, 150), (268, 150)):
        faint[148:152, eye[0] - 12 : eye[0] + 12] = (0.6, 0.4, 0.2)
    image = np.where(scene.mask[..., None] > 0.5, faint, 1.0)
    face = face_at(224, 175, 259)
    plain = PlacementInput(image, image, scene.mask, scene.inside, 0.1 * scene.saliency, 2.0, (face,))
    points = samples(ContourPlacement(plain)(8, np.random.default_rng(0)))
    for eye in ((180, 150), (268, 150)):
        assert (np.linalg.norm(points - np.array(eye), axis=2).max(1) < 25).any()


def test_an_empty_scene_has_no_strokes():
    blank = np.ones((SIZE, SIZE, 3))
    scene = PlacementInput(blank, blank, None, np.ones((SIZE, SIZE), bool), np.ones((SIZE, SIZE)), 2.0)
    assert len(ContourPlacement(scene)(4, np.random.default_rng(0))) == 0


def test_saliency_samples_edges_where_the_meaning_is(scene):
    left = scene.saliency.copy()
    left[:, 224:] = 0
    there = PlacementInput(scene.image, scene.photo, scene.mask, scene.inside, left, 2.0)
    points = place_by_saliency(there, 16, np.random.default_rng(0))
    assert points.shape == (16, 4, 2)
    assert points[:, 0, 0].max() <= 224
    assert np.abs(np.diff(points, axis=1)).max() <= 0.05 * SIZE


def test_saliency_works_without_any_edge():
    blank = np.full((SIZE, SIZE, 3), 0.5)
    scene = PlacementInput(blank, blank, None, np.ones((SIZE, SIZE), bool), np.ones((SIZE, SIZE)), 2.0)
    assert place_by_saliency(scene, 4, np.random.default_rng(0)).shape == (4, 4, 2)


def test_xdog_marks_the_dark_side_of_an_edge():
    grey = np.ones((40, 40))
    grey[:, 20:] = 0
    lines = xdog(grey)
    assert lines[20, 20:22].max() > 0.5 and lines[20, :19].max() == 0 and lines[20, 30:].max() == 0
