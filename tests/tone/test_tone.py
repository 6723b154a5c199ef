"""Tone: where its lines lie, how many there are, how dense, and which way they run."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.spatial import cKDTree

from strokewise import Photo, SettingsError, StrokewiseError, add_tone, draw
from strokewise.bezier import along
from strokewise.sketch import Sketch
from strokewise.tone import NO_DARK
from strokewise.tone_layer import TONES, ToneLayer

SIDE = 448
Y, X = np.mgrid[:SIDE, :SIDE] + 0.5
FROM_CENTRE = np.hypot(X - 224, Y - 224)
DISC = FROM_CENTRE < 190
"""The subject: nearly as large as the photo."""


def shot(darkness: np.ndarray, subject: np.ndarray = DISC) -> Photo:
    """A photo of something so dark, 0 to 1, with its mask."""
    grey = np.where(subject, 1 - darkness, 1.0).astype(np.float32)
    return Photo(np.repeat(grey[..., None], 3, axis=2), mask=subject.astype(np.float32), mask_source="given")


def ball() -> Photo:
    """A ball lit from the upper left."""
    return shot(np.clip(np.hypot(X - 150, Y - 150) / 300, 0.05, 0.95))


CROSSED = Sketch.of((SIDE, SIDE), [[[40, 224], [150, 200], [300, 250], [410, 224]]], 3.0)
"""One stroke across the subject."""


def samples(tone: ToneLayer, spacing: float = 2.0) -> list[np.ndarray]:
    """Points [sample, xy] along each line."""
    found = []
    for line in tone.lines:
        length = float(np.linalg.norm(np.diff(line, axis=0), axis=1).sum())
        found.append(along(line[None], max(4, int(length / spacing / (len(line) // 3)) + 1))[0])
    return found


@pytest.fixture(scope="module", params=TONES)
def toned(request) -> Sketch:
    return add_tone(CROSSED, ball(), request.param, 80)


def test_tone_is_no_stroke(toned):
    assert len(toned) == 1 and (toned.points == CROSSED.points).all()
    assert toned.tone is not None and toned.tone.width < toned.widths[0]
    assert dataclasses.replace(toned, tone=None).to_svg() == CROSSED.to_svg()


def test_lines_stay_on_the_subject_and_away_from_strokes(toned):
    points = np.concatenate(samples(toned.tone))
    assert np.hypot(*(points - 224).T).max() < 190
    stroke = along(CROSSED.points, 400)[0]
    assert cKDTree(stroke).query(points)[0].min() > 4, "the gap beside a stroke"


@pytest.mark.parametrize("lines", [1, 30, 250])
@pytest.mark.parametrize("kind", TONES)
def test_lines_keep_to_their_number(kind, lines):
    found = add_tone(CROSSED, ball(), kind, lines).tone
    if lines == 1:  # a line alone would be a scratch
        assert found is None or len(found) == 1
        return
    assert found is not None and len(found) <= lines
    if kind != "scribble" and lines < 250:
        assert len(found) > 0.7 * lines, "most of what is allowed is used"


def test_a_scribble_lifts_the_pen_less():
    hatch, scribble = (add_tone(CROSSED, ball(), kind, 120).tone for kind in ("hatch", "scribble"))
    assert len(scribble) < 0.5 * len(hatch)


@pytest.mark.parametrize("kind", TONES)
def test_the_same_again(kind):
    assert add_tone(CROSSED, ball(), kind).to_svg() == add_tone(CROSSED, ball(), kind).to_svg()


@pytest.mark.parametrize("steps", [2, 5])
@pytest.mark.parametrize("kind", ["hatch", "cross", "contour"])
def test_darker_is_denser(kind, steps):
    """Stripes of more and more darkness: ink in each, and none in the white one."""
    square = (np.abs(X - 224) < 200) & (np.abs(Y - 224) < 200)
    stripe = np.clip(((X - 24) // 80).astype(int), 0, 4)
    photo = shot(np.array([0.0, 0.3, 0.5, 0.7, 0.95])[stripe], square)
    tone = add_tone(Sketch.of((SIDE, SIDE), np.zeros((0, 4, 2))), photo, kind, 150, steps).tone
    points = np.concatenate(samples(tone))
    ink = np.histogram(points[:, 0], [34, 94, 114, 174, 194, 254, 274, 334, 354, 414])[0][::2]
    assert ink[0] == 0, "light stays white"
    # With two steps, two of the stripes have the same.
    assert all(b >= 0.85 * a for a, b in zip(ink[1:], ink[2:], strict=False)), ink
    assert ink[4] > 1.4 * max(ink[1], 1) and ink[4] > ink[2]


def test_lines_are_evenly_spaced():
    """On a grey disc of one darkness, most points are as far from the next line as the others."""
    tone = add_tone(Sketch.of((SIDE, SIDE), np.zeros((0, 4, 2))), shot(np.full_like(X, 0.7)), "hatch", 60).tone
    lines = samples(tone)
    far = np.concatenate(
        [cKDTree(np.concatenate(lines[:i] + lines[i + 1 :])).query(line[4:-4])[0] for i, line in enumerate(lines)]
    )
    low, middle, high = np.quantile(far, [0.05, 0.5, 0.95])
    assert low > 0.6 * middle and high < 1.5 * middle, (low, middle, high)


def test_hatching_runs_at_one_angle_and_contours_along_the_form():
    rings = shot(0.6 + 0.3 * np.sin(FROM_CENTRE / 9))
    empty = Sketch.of((SIDE, SIDE), np.zeros((0, 4, 2)))

    def directions(kind: str) -> tuple[np.ndarray, np.ndarray]:
        lines = samples(add_tone(empty, rings, kind, 120).tone)
        ways = np.concatenate([np.diff(line, axis=0) for line in lines])
        keep = np.linalg.norm(ways, axis=1) > 1e-6
        places = np.concatenate([line[:-1] for line in lines])[keep] - 224
        return places, ways[keep] / np.linalg.norm(ways[keep], axis=1, keepdims=True)

    _, ways = directions("hatch")
    slope = np.abs(ways @ (np.array([1, -1]) / 2**0.5))
    assert np.quantile(slope, 0.1) > np.cos(np.deg2rad(24)), "a right hand's angle, and little more"
    places, ways = directions("contour")
    radial = np.abs((places * ways).sum(1)) / np.maximum(np.linalg.norm(places, axis=1), 1)
    assert np.median(radial) < 0.2, "round the rings"


def test_lines_are_smooth_and_of_few_cubics(toned):
    for line in toned.tone.lines:
        before, after = line[3:-1:3] - line[2:-2:3], line[4::3] - line[3:-1:3]
        cosine = (before * after).sum(1) / np.maximum(
            np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1), 1e-9
        )
        assert (cosine > 0.999).all(), "cubics run into each other"
    cubics = sum(len(line) // 3 for line in toned.tone.lines)
    assert cubics < 5 * 80, "a few for each line, or each swing of a scribble"


def test_the_whole_picture_where_the_background_is_kept():
    photo = Photo(np.full((300, 448, 3), 0.25, dtype=np.float32))
    photo.pixels[:40] = 0.9
    tone = add_tone(Sketch.of((448, 300), np.zeros((0, 4, 2))), photo, "hatch", subject="keep").tone
    points = np.concatenate(samples(tone))
    assert points.min(0)[0] < 10 and points.max(0)[0] > 438 and points.max(0)[1] > 290
    assert points.min() > 0 and (points.max(0) < [448, 300]).all()
    assert points.min(0)[1] > 30, "the light strip stays white"


def test_a_drawing_of_another_size_takes_it_too():
    small = CROSSED.scaled(0.5)
    big, found = (add_tone(sketch, ball(), "hatch").tone for sketch in (CROSSED, small))
    assert len(found) == len(big) and found.width == pytest.approx(big.width / 2)
    assert np.concatenate(found.lines) == pytest.approx(np.concatenate(big.lines) / 2)


def test_a_photo_without_dark_parts_is_told_in_one_line():
    told: list[str] = []
    pale = shot(np.full_like(X, 0.05) + (X > 300) * 0.03)
    sketch = add_tone(CROSSED, pale, "hatch", notice=told.append)
    assert sketch.tone is None and told == [NO_DARK] and len(sketch) == 1
    told.clear()
    drawn = draw(pale, strokes=3, draft=True, tone="hatch", notice=told.append)
    assert drawn.tone is None and len(drawn) and told[-1] == NO_DARK


def test_no_tone_takes_it_away():
    toned = add_tone(CROSSED, ball(), "hatch")
    assert add_tone(toned, ball(), "none").tone is None


def test_draw_has_tone_beside_the_strokes():
    plain = draw(ball(), strokes=4, draft=True)
    sketch = draw(ball(), strokes=4, draft=True, tone="contour", tone_lines=40, tone_steps=3)
    assert len(sketch) == len(plain) and (sketch.points == plain.points).all()
    assert sketch.tone.kind == "contour" and 10 < len(sketch.tone) <= 40
    assert sketch.metadata["settings"]["tone_lines"] == 40 and "tone" not in plain.metadata["settings"]
    assert "tone" not in plain.to_svg()


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: add_tone(CROSSED, ball(), "dots"), "tone must be one of none, hatch"),
        (lambda: add_tone(CROSSED, ball(), lines=0), "tone_lines must be a whole number from 1 to 2000, not 0"),
        (lambda: add_tone(CROSSED, ball(), steps=6), "tone_steps must be a whole number from 2 to 5, not 6"),
        (lambda: draw(ball(), tone_lines=30), "tone_lines is for tone: choose a kind with tone: hatch"),
    ],
)
def test_bad_settings(call, match):
    with pytest.raises(SettingsError, match=match):
        call()


def test_a_photo_of_other_proportions():
    with pytest.raises(StrokewiseError, match="the drawing is 448 x 448, the photo 200 x 100: give the photo that was"):
        add_tone(CROSSED, Photo(np.ones((100, 200, 3), dtype=np.float32)))


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"lines": ()}, "at least one line"),
        ({"lines": (np.zeros((5, 2)),)}, "must be \\[4 or 7"),
        ({"lines": (np.full((4, 2), np.nan),)}, "not finite"),
        ({"width": 0.0}, "over 0"),
        ({"opacity": 1.5}, "in \\[0, 1\\]"),
        ({"kind": "dots"}, "must be one of hatch"),
    ],
)
def test_a_layer_checks_what_it_is_given(changes, match):
    with pytest.raises(ValueError, match=match):
        ToneLayer(**{"lines": (np.zeros((4, 2)),), "width": 1.0, **changes})
