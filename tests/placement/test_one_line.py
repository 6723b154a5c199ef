"""One continuous line on a synthetic scene: a disc on a leg, with two round eyes."""

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial import cKDTree

import strokewise
from strokewise.bezier import evaluate, split_chain
from strokewise.errors import SettingsError
from strokewise.placement import ContourPlacement, PlacementInput
from strokewise.placement.one_line import joined_up, one_line_placement

SIZE = 448
EYES = ((180, 150), (268, 150))


def round_spot(centre, radius):
    y, x = np.indices((SIZE, SIZE)) + 0.5
    return (x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2


@pytest.fixture(scope="module")
def placement():
    mask = round_spot((224, 180), 130)
    mask[290:420, 214:234] = True
    image = np.ones((SIZE, SIZE, 3))
    image[mask] = (0.9, 0.6, 0.3)
    for eye in EYES:
        image[round_spot(eye, 16)] = 0.1
    image = ndimage.gaussian_filter(image, (1, 1, 0))
    soft = ndimage.gaussian_filter(mask.astype(float), 1)
    return ContourPlacement(PlacementInput(image, image, soft, np.ones((SIZE, SIZE), dtype=bool), soft, 2.0))


def along(line):
    return evaluate(line, np.linspace(0, 1, 60)).reshape(-1, 2)


@pytest.mark.parametrize("strokes", [1, 2, 4, 9, 16, 40])
def test_each_curve_begins_where_the_one_before_ended(placement, strokes):
    line = one_line_placement(placement, strokes, np.random.default_rng(0))
    assert line.shape == (strokes, 4, 2) and np.isfinite(line).all()
    np.testing.assert_allclose(line[1:, 0], line[:-1, 3], atol=1e-9)
    assert along(line).min() > -20 and along(line).max() < SIZE + 20


def test_it_draws_the_outline_and_goes_to_both_eyes(placement):
    line = along(one_line_placement(placement, 16, np.random.default_rng(0)))
    angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    angle = angle[np.abs(angle - np.pi / 2) > 0.3]  # but for where the leg is
    outline = np.array([224, 180]) + 130 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    assert np.quantile(cKDTree(line).query(outline)[0], 0.95) < 6
    for eye in EYES:
        rim = np.array(eye) + 16 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        assert np.median(cKDTree(line).query(rim)[0]) < 6


def test_it_is_mostly_smooth_and_crosses_little_white(placement):
    line = one_line_placement(placement, 16, np.random.default_rng(0))
    arriving, leaving = line[:-1, 3] - line[:-1, 2], line[1:, 1] - line[1:, 0]
    cosine = (arriving * leaving).sum(1) / np.linalg.norm(arriving, axis=1) / np.linalg.norm(leaving, axis=1)
    assert (cosine > 0.999).mean() >= 0.6
    worth = np.concatenate([one.points for one in placement.outline + placement.edges])
    points = along(line)
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    travelled = steps[cKDTree(worth).query(points[1:])[0] > 8].sum()
    # The way from the outline to the eyes and from one eye to the other is 300 px or so; all is 1200 px at least.
    assert 0 < travelled < 450 < 900 < steps.sum()


def test_the_same_seed_gives_the_same_line_and_another_one_another(placement):
    a, b, c = (one_line_placement(placement, 12, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(a, b)
    assert not np.array_equal(a, c)


def test_no_line_worth_drawing_gives_none():
    white = np.ones((SIZE, SIZE, 3))
    inside = np.ones((SIZE, SIZE), dtype=bool)
    scene = PlacementInput(white, white, None, inside, np.ones((SIZE, SIZE)), 2.0)
    assert one_line_placement(ContourPlacement(scene), 5, np.random.default_rng(0)).shape == (0, 4, 2)


def test_strokes_that_meet_become_one_polyline_whichever_way_they_run():
    first, second = (np.linspace(a, b, 4) for a, b in (((0, 0), (30, 0)), ((60, 0), (30.5, 0))))
    apart = np.linspace((0, 50), (30, 50), 4)
    found = joined_up(np.stack([first, apart, second]), 1.0)
    assert len(found) == 2
    assert sorted(found[0][[0, -1], 0]) == [0, 60] and sorted(found[1][[0, -1], 0]) == [0, 30]


def test_drawn_as_a_single_stroke_that_stays_smooth_while_it_moves(disc_image):
    sketch = strokewise.draw(disc_image(), strokes=6, one_line=True, steps=8, candidates=2)
    assert sketch.points.shape == (1, 19, 2)
    assert sketch.metadata["settings"]["strokes"] == 6 and sketch.metadata["order"] == "hand"
    assert sketch.metadata["losses"]["total"] < sketch.metadata["placement_losses"]["total"]
    curves = split_chain(sketch.points[0])
    arriving, leaving = curves[:-1, 3] - curves[:-1, 2], curves[1:, 1] - curves[1:, 0]
    cosine = (arriving * leaving).sum(1) / np.linalg.norm(arriving, axis=1) / np.linalg.norm(leaving, axis=1)
    assert np.median(cosine) > 0.99


@pytest.mark.parametrize("change", [{"placement": "saliency"}, {"schedule": "paper"}])
def test_one_line_needs_contours_and_the_swift_loop(disc_image, change):
    with pytest.raises(SettingsError, match="one_line works with placement contour and schedule swift"):
        strokewise.draw(disc_image(), one_line=True, steps=0, **change)
