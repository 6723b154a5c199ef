"""Faces through all stages: their strokes stay, in finer candidates and in ladders, too."""

import numpy as np
import pytest
from synthetic_face import face_at

from strokewise.coarsening import Coarsening
from strokewise.drawing import draw_prepared, refine
from strokewise.photo.preparing import prepare
from strokewise.placement import candidates
from strokewise.settings import Settings


@pytest.fixture
def prepared(disc_image, monkeypatch):
    """A disc with a face on it, of which only the landmarks are known."""
    monkeypatch.setattr(candidates, "_faces", lambda picture, most: (face_at(224, 224, 200),))
    return prepare(disc_image(448, 448, (224, 224), 190), Settings(subject="keep"))


def holds(points, features):
    """Whether all features are among the strokes, to the bit."""
    return all((points == one).all((1, 2)).any() for one in features)


def test_the_finer_candidate_has_the_features_of_the_others(prepared):
    settings = Settings(strokes=8, steps=2)
    placed = candidates.place(prepared, settings)
    fixed = int(placed.locked.sum())
    features = placed.candidates[0][:fixed]
    assert 3 <= fixed < 8 and len(placed.finer) == 16
    np.testing.assert_array_equal(placed.finer[:fixed], features)
    told = []
    result = refine(placed, prepared, settings, told.append)
    assert told[0].candidates == 3
    assert holds(result.points, features)


def test_the_first_candidate_is_shown_at_once(prepared):
    settings, shown = Settings(strokes=8, steps=0), []
    draw_prepared(prepared, settings, placed=shown.append)
    np.testing.assert_array_equal(shown[0], candidates.place(prepared, settings).candidates[:1])


def test_a_face_is_drawn_in_its_share_of_the_strokes_at_each_rung(prepared):
    settings = Settings(strokes=24, steps=2, candidates=1)
    first = Coarsening.start(prepared, settings)
    for level in (first, first.down(12), first.down(12).down(8)):
        features = level._features(len(level.points))
        assert len(features) >= 3 and holds(level.points, features)


def test_each_level_has_its_count_though_a_face_gives_strokes_back(prepared):
    level = Coarsening.start(prepared, Settings(strokes=18, steps=0, candidates=1))
    shares = set()
    for count in range(17, 3, -1):
        level = level.down(count)
        assert len(level.points) == len(level.sketch) == count
        shares.add(len(level._features(count)))
    assert len(shares) > 2
