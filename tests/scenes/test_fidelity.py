"""From faithful to loose."""

import itertools

import numpy as np
import pytest

from strokewise.encoders import embedded
from strokewise.scenes.fidelity import LONGEST_OVERSHOOT, STEPS, FidelityStep, held, loosened, weighed

LINES = np.stack([np.linspace((20.0, y), (180.0, y + 20), 4) for y in (30.0, 90.0, 150.0)])
FREE = np.zeros(3, dtype=bool)


def test_each_step_is_looser_than_the_one_before():
    for before, after in itertools.pairwise(STEPS):
        assert after.maps < before.maps and after.shallow < before.shallow and after.stiffness < before.stiffness
        assert after.leave > before.leave and after.tolerance > before.tolerance and after.bow > before.bow


def test_the_weights_move_to_the_deep_maps_and_the_encoder_stays_as_it_was():
    encoder = embedded.load()
    own = encoder.map_weights
    loose = weighed(encoder, STEPS[2])
    shares = np.array(loose.map_weights) / np.array(own)
    assert encoder.map_weights == own and loose.network is encoder.network
    assert shares == pytest.approx([0.4 * 0.2, 0.4 * 0.6, 0.4])


def test_strokes_get_longer_and_bent_and_features_of_faces_do_not():
    fixed = np.array([True, False, False])
    moved = loosened(LINES, STEPS[3], fixed, 224, np.random.default_rng(0))
    np.testing.assert_array_equal(moved[0], LINES[0])
    for new, old in zip(moved[1:], LINES[1:], strict=True):
        longer = np.linalg.norm(new[3] - new[0]) - np.linalg.norm(old[3] - old[0])
        assert 1 < longer <= 2 * LONGEST_OVERSHOOT
        assert np.abs(new[1:3] - old[1:3]).max() > 0.1
    again = loosened(LINES, STEPS[3], fixed, 224, np.random.default_rng(0))
    np.testing.assert_array_equal(moved, again)


def test_ends_that_meet_stay_together():
    corner = np.stack([np.linspace((20.0, 100.0), (100.0, 30.0), 4), np.linspace((100.0, 30.0), (180.0, 100.0), 4)])
    moved = loosened(corner, STEPS[3], FREE[:2], 224, np.random.default_rng(0))
    np.testing.assert_allclose(moved[0, 3], moved[1, 0], atol=1e-9)
    assert np.linalg.norm(moved[0, 0] - corner[0, 0]) > 1 < np.linalg.norm(moved[1, 3] - corner[1, 3])


def test_a_double_bend_becomes_an_arc():
    bent = np.array([[[0.0, 0.0], [60.0, 60.0], [60.0, -60.0], [120.0, 0.0]]])
    arc = loosened(bent, FidelityStep(tolerance=1.0), FREE[:1], 224, np.random.default_rng(0))[0]
    assert np.abs(arc[:, 1]).max() < 1e-9  # its middle lies on the chord


def test_strokes_are_held_near_where_they_were():
    far = LINES + np.array([30.0, 40.0])
    back = held(far, LINES, 5.0)
    np.testing.assert_allclose(back - LINES, np.broadcast_to([3.0, 4.0], LINES.shape))
    np.testing.assert_allclose(held(LINES + 0.5, LINES, 5.0), LINES + 0.5)
