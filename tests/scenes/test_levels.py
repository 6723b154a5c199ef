"""Levels of simplicity, and strokes that end before what stands in front."""

import numpy as np
import pytest
from scene_pictures import house_photo

from strokewise import Settings
from strokewise.bezier import evaluate
from strokewise.photo.given_mask import with_mask
from strokewise.photo.opening import open_photo
from strokewise.photo.scene_frames import frame_scene
from strokewise.scenes.budget import Budget
from strokewise.scenes.levels import SceneDrawing, simpler


@pytest.fixture(scope="module")
def drawing():
    photo, mask = house_photo()
    return SceneDrawing(frame_scene(with_mask(open_photo(photo), mask), Settings()), None, Settings(size=240))


def straight(start, stop):
    return np.linspace(start, stop, 4)


def test_each_simplicity_has_fewer_strokes_and_none_has_none():
    budget = Budget((26, 8), 30)
    levels = [simpler(budget, one) for one in (1, 2, 3, 4)]
    assert levels[0] == budget
    totals = [sum(one.split) for one in levels]
    assert totals == sorted(totals, reverse=True) and totals[3] < 0.35 * totals[0]
    assert simpler(Budget((1,), 1), 4) == Budget((1,), 0) and simpler(Budget((), 2), 4) == Budget((), 1)
    assert simpler(Budget((0, 5), 0), 2).subjects[0] == 0


def test_a_stroke_that_leads_behind_a_subject_keeps_its_longest_free_part(drawing):
    # The photo is 240 x 180 and lies 30 pixels down on the square; the house spans 140 to 210 across, 80 to 140 down.
    y = 30 + 120
    (cut,) = drawing.before_subjects(straight((20, y), (230, y))[None])
    assert cut[0] == pytest.approx([20, y]) and 125 < cut[3, 0] < 139
    np.testing.assert_allclose(cut, straight(cut[0], cut[3]), atol=1e-9)
    (cut,) = drawing.before_subjects(straight((100, y), (239, y))[None])
    assert 125 < cut[3, 0] < 139
    (cut,) = drawing.before_subjects(straight((190, y), (239, y))[None])
    assert cut[3] == pytest.approx([239, y]) and 211 < cut[0, 0] < 222


def test_a_stroke_that_is_free_stays_as_it_is_and_so_does_a_hidden_one(drawing):
    free, hidden = straight((10, 60), (100, 70)), straight((160, 130), (190, 140))
    np.testing.assert_array_equal(drawing.before_subjects(np.stack([free, hidden])), [free, hidden])
    assert drawing.before_subjects(np.zeros((0, 4, 2))).shape == (0, 4, 2)


def test_the_place_of_a_simpler_level_is_made_of_that_of_the_one_before(drawing):
    rich, sparse = drawing.place((12,)), drawing.place((12, 3))
    assert len(sparse) == 3 < len(rich) <= 12
    t = np.linspace(0, 1, 60)
    there = evaluate(rich, np.broadcast_to(t, (len(rich), 60))).reshape(-1, 2)
    for stroke in sparse:
        ends = np.linalg.norm(there[None] - stroke[[0, 3]][:, None], axis=2).min(1)
        assert ends.max() < 12
