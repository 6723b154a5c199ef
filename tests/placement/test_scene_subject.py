"""Subjects of scenes: houses in straight lines, animals not."""

import dataclasses

import numpy as np
from PIL import Image, ImageDraw
from scene_pictures import SIDE, UNIT, smooth

from strokewise.photo.heads import Head
from strokewise.photo.side_heads import SideHead
from strokewise.placement.inputs import PlacementInput
from strokewise.placement.scene_subject import SubjectTrace


def given(shape):
    picture, mask = Image.new("RGB", (4 * SIDE,) * 2, (220, 225, 235)), Image.new("L", (4 * SIDE,) * 2, 0)
    for pen, fill in ((ImageDraw.Draw(picture), (150, 40, 40)), (ImageDraw.Draw(mask), 255)):
        shape(pen, fill)
    photo, covered = smooth(picture), smooth(mask)
    image = photo * covered[..., None] + 1 - covered[..., None]
    flat = np.full((SIDE, SIDE), 0.5)
    return PlacementInput(image, photo, covered, np.ones((SIDE, SIDE), bool), flat, UNIT)


def box(pen, fill):
    pen.polygon([(400, 600), (1300, 560), (1340, 1300), (420, 1340)], fill=fill)


def disc(pen, fill):
    pen.ellipse([400, 400, 1400, 1400], fill=fill)


def straight(points):
    middle = points[:, 0] + (points[:, 3] - points[:, 0]) / 3
    return np.abs(points[:, 1] - middle).max(1) < 1e-6


def test_a_built_subject_has_straight_strokes_first_and_no_other_beside_them():
    trace = SubjectTrace(given(box))
    assert trace.straightness > 0.6
    features, taken = trace.fixed_strokes(8)
    assert 3 <= len(features) <= 4 and straight(features).all() and taken.any()
    drawn = trace(8, np.random.default_rng(0))
    assert len(drawn) == 8
    np.testing.assert_array_equal(drawn[: len(features)], features)


def test_fewer_strokes_have_the_first_of_more():
    trace = SubjectTrace(given(box))
    more, fewer = trace.fixed_strokes(12)[0], trace.fixed_strokes(4)[0]
    assert len(fewer) <= len(more)
    np.testing.assert_array_equal(fewer, more[: len(fewer)])


def test_a_round_subject_has_none():
    trace = SubjectTrace(given(disc))
    assert trace.straightness < 0.1 and len(trace.fixed_strokes(16)[0]) == 0


def test_an_animal_has_none_however_straight_its_fur_is():
    outside = np.array([-90.0, -90.0])
    head = Head(outside, outside + (20, 0), outside + (10, 15), 0.9)
    side = SideHead(outside, outside + (20, 0), 0.9)
    for face in (head, side):
        assert SubjectTrace(dataclasses.replace(given(box), faces=(face,))).straightness == 0
