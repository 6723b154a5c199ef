"""A mask that goes by colour, closed by boundaries where subject and ground are alike."""

import numpy as np
import pytest
from scipy import ndimage

from strokewise.placement.closed_mask import closed_mask

SIDE = 448


def away(x, y):
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    return np.hypot(columns - x, rows - y)


@pytest.fixture
def saucer():
    """A white saucer on white with a grey cup on it: mask (the cup, and some pieces of the rim), photo, chances."""
    photo = np.ones((SIDE, SIDE, 3))
    cup = away(224, 224) < 60
    photo[cup] = 0.4
    mask = cup.astype(float)
    chances = np.exp(-(((away(224, 224) - 150) / 3) ** 2))
    for x, y in ((100, 224), (224, 100), (224, 340), (330, 224)):
        mask[away(x, y) < 5] = 1.0
        photo[away(x, y) < 5] = 0.9
    return mask, photo, chances


def test_what_a_boundary_encloses_belongs_to_the_subject(saucer):
    mask, photo, chances = saucer
    closed = closed_mask(mask, photo, chances, 2.0) > 0.5
    assert closed[away(224, 224) < 140].all() and not closed[away(224, 224) > 160].any()


def test_without_pieces_it_may_be_a_gap(saucer):
    mask, photo, chances = saucer
    mask = np.where(away(224, 224) < 60, mask, 0.0)
    assert np.array_equal(closed_mask(mask, photo, chances, 2.0), mask)


def test_another_colour_is_no_part_of_the_subject(saucer):
    mask, photo, chances = saucer
    photo[(away(224, 224) < 150) & (mask < 0.5)] = (0.2, 0.5, 0.2)
    assert np.array_equal(closed_mask(mask, photo, chances, 2.0), mask)


def test_small_holes_are_filled_unless_they_have_a_rim():
    mask = (away(224, 224) < 120).astype(float)
    mask[away(180, 224) < 6] = mask[away(260, 224) < 6] = mask[away(224, 160) < 20] = 0.0
    chances = ndimage.gaussian_filter((away(260, 224) < 9).astype(float), 1)
    closed = closed_mask(mask, np.ones((SIDE, SIDE, 3)), chances, 2.0) > 0.5
    assert closed[224, 180] and not closed[224, 260] and not closed[160, 224]
    slit = (away(224, 224) < 120).astype(float)
    slit[200:203, 200:260] = 0.0
    assert (closed_mask(slit, np.ones((SIDE, SIDE, 3)), 1.0 - slit, 2.0) > 0.5)[201, 230]
    nothing = np.zeros((SIDE, SIDE))
    assert np.array_equal(closed_mask(nothing, np.ones((SIDE, SIDE, 3)), chances, 2.0), nothing)
