"""The paper's loop, with an encoder whose answers are known."""

import numpy as np
import pytest
from blur_encoder import SIZE, BlurEncoder, engine_of, line, photo_of

from strokewise import Settings
from strokewise.optimize.clipasso import EVERY, VIEWS, optimize_as_paper


def run(points, steps, encoder=None, callback=None, **options):
    engine = engine_of(photo_of(line(32)), encoder)
    return optimize_as_paper(points, engine, steps, np.random.default_rng(0), callback=callback, **options)


def test_strokes_move_to_the_ink_and_the_best_look_is_kept():
    points = np.stack([line(x)[None] for x in (20, 24)])
    result = run(points, 85)
    assert result.losses["total"] < 0.5 * result.placement_losses["total"]
    assert np.abs(result.points[..., 0] - 32).max() < 5
    assert result.steps == 85 and result.stopped == "steps" and len(result.history) == 85 // EVERY + 2
    assert (np.diff(result.history) <= 0).all()


def test_photo_and_drawing_are_encoded_under_fresh_views_each_step():
    class Counting(BlurEncoder):
        batches = ()

        def features(self, images):
            self.batches = (*self.batches, len(images))
            return super().features(images)

    encoder = Counting()
    run(np.stack([line(20)[None]] * 2), 3, encoder)
    # The two placements, the photo once; then two drawings and the photo in each view, three times; and the end.
    assert encoder.batches == (2, 1, *(2 * VIEWS, VIEWS) * 3, 2)


def test_the_first_step_of_adam_moves_every_coordinate_by_its_rate():
    result = run(np.stack([line(20)[None]]), 1)
    moved = np.abs(result.points - line(20))
    if result.losses != result.placement_losses:
        assert moved.max() == pytest.approx(SIZE / 224, rel=1e-3)


def test_the_callback_is_told_which_photo_it_is_about():
    told = []
    run(np.stack([line(20)[None]]), 2, callback=lambda progress: told.append(progress.photo), photo=3)
    assert told == [3, 3, 3]


def test_it_stops_when_asked_and_at_a_loss_that_is_no_number():
    assert run(np.stack([line(20)[None]]), 50, callback=lambda p: p.step >= 7).steps == 7
    encoder = BlurEncoder()
    encoder.broken_after = 12
    result = run(np.stack([line(20)[None]]), 50, encoder)
    assert result.stopped == "diverged" and np.isfinite(result.points).all()
    broken = BlurEncoder()
    broken.broken_after = 1
    assert run(np.stack([line(20)[None]]), 5, broken) is None


def test_the_settings_are_the_papers():
    settings = Settings.paper(strokes=8)
    assert (settings.schedule, settings.placement, settings.steps) == ("paper", "saliency", 2001)
    assert settings.candidates == 3 and settings.strokes == 8
