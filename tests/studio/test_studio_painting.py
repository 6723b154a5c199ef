"""A mask that is painted stroke by stroke, and what a page may send as a stroke."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from strokewise.photo.given_mask import with_mask
from strokewise.photo.opening import Photo, open_photo
from strokewise.studio.painting import (
    MOST_POINTS,
    MOST_STROKES,
    MOST_UNDONE,
    SIDE,
    SIZES,
    BrushStroke,
    Painting,
    parse_strokes,
)


@pytest.fixture
def photo(disc_image: Callable[..., Image.Image]) -> Photo:
    """A disc of 40 pixels around (100, 40), on 160 x 120."""
    return open_photo(disc_image())


def blank(photo: Photo) -> Painting:
    return Painting.of(photo, np.zeros(photo.pixels.shape[:2], np.float32))


def share(painting: Painting) -> float:
    return float((painting.mask > 127).mean())


def test_a_rough_stroke_over_the_disc_gives_the_disc(photo: Photo) -> None:
    painting = blank(photo)
    truth = np.abs(photo.pixels - photo.pixels[0, 0]).max(2) > 0.2
    across = np.flatnonzero(truth.any(0))
    middle, height = 0.5 * (across[0] + across[-1]) / 160, np.flatnonzero(truth.any(1)).mean() / 120
    wobbly = [(middle + dx / 160, height + dy / 120) for dx, dy in ((-7, 1), (-2, -4), (3, 3), (7, -1))]
    painting.stroke(BrushStroke(wobbly, SIZES[1], True, True))
    found = with_mask(photo, painting.png()).mask
    assert found is not None
    overlap = ((found > 0.5) & truth).sum() / ((found > 0.5) | truth).sum()
    assert overlap > 0.95
    painting.stroke(BrushStroke(wobbly, SIZES[1], False, True))
    assert painting.is_empty


def test_a_round_brush_adds_takes_away_and_is_undone(photo: Photo) -> None:
    painting = blank(photo)
    assert painting.size == (SIDE, SIDE * 3 // 4) and painting.is_empty and not painting.undo()
    painting.stroke(BrushStroke([(0.5, 0.5)], 100, True, False))
    circle = np.pi * 50**2 / (SIDE * SIDE * 0.75)
    assert share(painting) == pytest.approx(circle, rel=0.02)
    painting.stroke(BrushStroke([(0.0, 0.5), (1.0, 0.5)], 10, False, False))
    assert share(painting) < 0.9 * circle
    assert painting.undo() and share(painting) == pytest.approx(circle, rel=0.02)
    assert painting.undo() and painting.is_empty and not painting.undo()


def test_soft_edges_stay_where_nothing_is_painted(photo: Photo) -> None:
    soft = np.full(photo.pixels.shape[:2], 0.3, np.float32)
    painting = Painting.of(photo, soft)
    painting.stroke(BrushStroke([(0.1, 0.1)], 40, True, False))
    assert painting.mask[-1, -1] == round(0.3 * 255) and painting.mask.max() == 255
    assert painting.is_empty is False and painting.is_full is False
    assert Painting.of(photo, np.ones_like(soft)).is_full


def test_only_so_many_strokes_are_kept_to_take_back(photo: Photo) -> None:
    painting = blank(photo)
    for i in range(MOST_UNDONE + 5):
        painting.stroke(BrushStroke([(i / 40, 0.5)], 8, True, False))
    assert sum(painting.undo() for _ in range(MOST_UNDONE + 5)) == MOST_UNDONE
    assert not painting.is_empty


@pytest.mark.parametrize("size", [(8, 8), (400, 13), (13, 400), (3000, 2000)])
def test_photos_of_any_size_and_their_masks(size: tuple[int, int]) -> None:
    photo = open_photo(Image.effect_noise(size, 60))
    painting = blank(photo)
    assert max(painting.size) == SIDE
    painting.stroke(BrushStroke([(0.5, 0.5)], SIZES[0], True, True))
    painting.stroke(BrushStroke([(0.2, 0.5), (0.4, 0.5)], SIZES[1], True, False))
    mask = with_mask(photo, painting.png()).mask if not painting.is_full else np.ones(photo.pixels.shape[:2])
    assert mask is not None and mask.shape == photo.pixels.shape[:2]


def test_sizes_beyond_the_bounds_are_brought_back(photo: Photo) -> None:
    small, large = blank(photo), blank(photo)
    small.stroke(BrushStroke([(0.5, 0.5)], -7, True, False))
    large.stroke(BrushStroke([(0.5, 0.5)], 1e12, True, False))
    assert 0 < share(small) < 0.0002 and share(large) < 0.05


def test_what_the_page_shows(photo: Photo) -> None:
    painting = blank(photo)
    painting.stroke(BrushStroke([(0.5, 0.5)], 100, True, False))
    sizes = []
    for url, start in ((painting.photo_url, "data:image/jpeg;base64,"), (painting.layer_url, "data:image/png;base64,")):
        assert url.startswith(start)
        with Image.open(io.BytesIO(base64.b64decode(url[len(start) :]))) as image:
            sizes.append(image.size)
            last = image.convert("RGBA").getpixel((SIDE // 2, SIDE * 3 // 8))
    assert sizes == [painting.size] * 2 and last == (214, 72, 44, 150)


@pytest.mark.parametrize(
    ("points", "found"),
    [
        ([[0.5, 0.25], [1, 0]], [(0.5, 0.25), (1.0, 0.0)]),
        ([[-5, 2], [1e200, -1e200]], [(0.0, 1.0), (1.0, 0.0)]),
        ([[float("nan"), 0], [float("inf"), 0], [10**400, 0], ["a", 1], [True, 0], [1], [1, 2, 3], None, "xy"], None),
        (None, None),
        ("0.5,0.5", None),
        ({"x": 1}, None),
        ([[0, 0]] * 5000, [(0.0, 0.0)] * MOST_POINTS),
    ],
)
def test_whatever_comes_as_a_path(points: Any, found: list[tuple[float, float]] | None) -> None:
    strokes = parse_strokes([{"points": points, "size": 20, "add": False, "follow": False}])
    assert strokes == ([] if found is None else [BrushStroke(found, 20.0, False, False)])


@pytest.mark.parametrize("sent", [None, "x", 5, {"points": [[0, 0]]}, [None, "x", 5, [], {}], [[[0, 0]]]])
def test_what_are_no_strokes(sent: Any) -> None:
    assert parse_strokes(sent) == []


def test_strokes_that_lack_something() -> None:
    point = {"points": [[0, 0]]}
    for size in ({}, {"size": "a"}, {"size": float("nan")}, {"size": 10**400}):
        assert parse_strokes([point | size]) == [BrushStroke([(0.0, 0.0)], SIZES[0], True, True)]
    assert len(parse_strokes([point] * 500)) == MOST_STROKES
