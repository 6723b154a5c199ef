"""Boundaries: where two parts meet, not within a texture; and the file that is shipped."""

import numpy as np
from scipy import ndimage
from shipped_network import check_card, check_missing_and_damaged
from skimage import data

from strokewise.photo import boundaries
from strokewise.photo.boundaries import find_boundaries

SIDE = 448


def picture(inside, outside):
    """A disc of one colour on another: float32 [SIDE, SIDE, rgb], and the pixels near its rim."""
    rows, columns = np.indices((SIDE, SIDE)) + 0.5
    away = np.hypot(columns - 224, rows - 224)
    colours = np.where((away < 110)[..., None], inside, outside)
    soft = ndimage.gaussian_filter(colours.astype(np.float32), (1, 1, 0))
    return soft, np.abs(away - 110) < 4, np.abs(away - 110) > 25


def test_a_boundary_lies_between_two_parts():
    seen, rim, elsewhere = picture((0.8, 0.5, 0.2), (0.2, 0.3, 0.5))
    found = find_boundaries(seen)
    assert found.shape == (SIDE, SIDE) and found.dtype == np.float32
    assert found.min() >= 0 and found.max() <= 1
    assert found[rim].mean() > 0.5 > 5 * found[elsewhere].mean()


def test_texture_has_fewer_boundaries_than_the_edge_of_a_thing():
    cup = data.coffee()[:400, 100:500].astype(np.float32) / 255
    bricks = np.repeat(data.gravel()[:400, :400, None], 3, axis=2).astype(np.float32) / 255
    assert find_boundaries(cup).max() > 0.8
    assert np.quantile(find_boundaries(bricks), 0.9) < 0.5 * find_boundaries(cup).max()


def test_a_picture_seen_in_bands_gives_the_same_as_seen_whole(monkeypatch):
    cup = data.coffee()[:400, 100:500].astype(np.float32) / 255
    in_bands = find_boundaries(cup)
    monkeypatch.setattr(boundaries, "BAND", 672)
    whole = find_boundaries(cup)
    assert in_bands.shape == whole.shape == (400, 400)
    assert np.abs(in_bands - whole).max() < 0.1 and np.abs(in_bands - whole).mean() < 0.002


def test_a_missing_or_damaged_network_is_said_in_one_line(monkeypatch, tmp_path):
    plain = np.zeros((64, 64, 3), dtype=np.float32)
    check_missing_and_damaged(boundaries, lambda: find_boundaries(plain), "the boundary network", monkeypatch, tmp_path)


def test_the_card_names_the_file_that_is_shipped():
    check_card(boundaries, largest=3_000_000)
