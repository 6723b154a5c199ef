import dataclasses

import numpy as np
import pytest

from strokewise.bezier import evaluate
from strokewise.placement import ContourPlacement, PlacementInput
from strokewise.placement.constants import DEFAULTS
from strokewise.placement.limbs import body_outline, cut_share
from strokewise.placement.lines import outline_lines, thin_lines

SIDE, SCALE = 448, 2.0
CENTRE, BODY = np.array([224.0, 224.0]), 60.0
ANGLES = np.deg2rad([20, 55, 90, 125, 160, 200, 235, 270, 305, 340])
ROWS, COLUMNS = np.indices((SIDE, SIDE))


def disc(middle, radius):
    return np.hypot(COLUMNS + 0.5 - middle[0], ROWS + 0.5 - middle[1]) < radius


def limb(angle, length, half):
    """A straight limb from the body's middle outwards, with a width of twice `half` pixels."""
    way = np.array([np.cos(angle), np.sin(angle)])
    x, y = COLUMNS + 0.5 - CENTRE[0], ROWS + 0.5 - CENTRE[1]
    along, aside = x * way[0] + y * way[1], np.abs(y * way[0] - x * way[1])
    return (along > 0) & (along < length) & (aside < half)


def scene(*parts):
    mask = np.any(parts, axis=0).astype(np.float64)
    picture = np.repeat((1 - 0.8 * mask)[:, :, None], 3, axis=2)
    solid = np.ones((SIDE, SIDE), dtype=bool)
    return PlacementInput(picture, picture, mask, solid, np.ones((SIDE, SIDE)), SCALE)


def spider():
    return scene(disc(CENTRE, BODY), *(limb(angle, 200, 3.0) for angle in ANGLES))


def parts_of(given, radius=4.0):
    _, thin = thin_lines(given.mask, radius)
    return thin, outline_lines(given.mask, given.inside, SCALE)


def test_the_outline_of_a_body_goes_on_across_the_roots_of_its_limbs():
    given = spider()
    thin, outline = parts_of(given)
    assert cut_share(given, thin, outline) > DEFAULTS.thin.limbs_share
    (body,) = body_outline(given, thin, 4.0, outline)
    away = np.linalg.norm(body.points - CENTRE, axis=1)
    assert np.abs(away - BODY).max() < 4
    turned = np.sort(np.arctan2(*(body.points - CENTRE).T[::-1]))
    assert np.diff(turned).max() < 0.1  # all the way round


def test_across_the_roots_it_is_worth_less_than_along_the_subject():
    given = spider()
    thin, outline = parts_of(given)
    (body,) = body_outline(given, thin, 4.0, outline, DEFAULTS.changed("thin.same", 1.0))
    angles = np.arctan2(*(body.points - CENTRE).T[::-1])
    apart = np.abs((angles[:, None] - ANGLES + np.pi) % (2 * np.pi) - np.pi).min(1)
    at_roots, between = body.weight[apart < 0.02], body.weight[apart > 0.25]
    assert at_roots.max() == pytest.approx(DEFAULTS.thin.root_worth) and between.min() == 1


@pytest.mark.parametrize(("half", "kept"), [(5.0, False), (14.0, True)])
def test_the_end_of_a_limb_is_a_body_where_it_is_much_thicker(half, kept):
    end = CENTRE + [200 * np.cos(ANGLES[0]), 200 * np.sin(ANGLES[0])]
    limbs = [limb(angle, 200, 3.0) for angle in ANGLES]
    given = scene(disc(CENTRE, BODY), *limbs, disc(end, half))
    thin, outline = parts_of(given)
    found = body_outline(given, thin, 4.0, outline)
    near = [line for line in found if np.linalg.norm(line.points.mean(0) - end) < 5]
    assert bool(near) == kept and len(found) == 1 + kept


def drawn(given, strokes, **changes):
    constants = DEFAULTS
    for name, value in changes.items():
        constants = constants.changed(f"thin.{name}", value)
    points = ContourPlacement(given, constants)(strokes, np.random.default_rng(0))
    return evaluate(points, np.broadcast_to(np.linspace(0, 1, 30), (len(points), 30))).reshape(-1, 2)


def share_of_body(samples):
    """Share of the body's circle that has a stroke beside it."""
    round_it = CENTRE + BODY * np.stack([np.cos(t := np.linspace(0, 2 * np.pi, 360)), np.sin(t)], axis=1)
    return (np.linalg.norm(round_it[:, None] - samples, axis=2).min(1) < 6).mean()


def test_a_subject_that_is_mostly_limbs_has_its_body_in_the_drawing():
    given = spider()
    assert share_of_body(drawn(given, 16)) > 0.8
    assert share_of_body(drawn(given, 16)) > share_of_body(drawn(given, 16, limbs_share=1.1)) + 0.2


def test_a_subject_with_few_limbs_is_drawn_as_if_there_were_no_such_rule():
    given = scene(disc(CENTRE, 1.6 * BODY), limb(ANGLES[0], 140, 3.0), limb(ANGLES[4], 140, 3.0))
    np.testing.assert_array_equal(drawn(given, 16), drawn(given, 16, limbs_share=1.1))


def test_without_an_outline_or_a_body_there_is_nothing():
    given = spider()
    thin, outline = parts_of(given)
    assert body_outline(given, thin, 4.0, []) == []
    assert body_outline(dataclasses.replace(given, mask=None), thin, 4.0, outline) == []
    assert body_outline(given, given.mask > 0.5, 4.0, outline) == []
    assert cut_share(given, thin, []) == cut_share(dataclasses.replace(given, mask=None), thin, outline) == 0


def test_what_the_pictures_border_cuts_counts_as_outline():
    given = spider()
    thin, outline = parts_of(given)
    whole = cut_share(given, thin, outline)
    inside = COLUMNS < 300  # limbs and body as before, but much of the picture's border belongs to the subject
    cut = dataclasses.replace(given, inside=inside, mask=np.maximum(given.mask, inside & (ROWS > 300)))
    assert cut_share(cut, thin, outline) < 0.85 * whole
