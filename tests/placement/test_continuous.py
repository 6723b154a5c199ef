"""Rows of cubics that follow each other: cut from a polyline, made to flow, put onto themselves."""

import numpy as np
import pytest

from strokewise.bezier import evaluate, split
from strokewise.placement.continuous import as_one, fit_chain, flowing, overlaid, retraced, retracing

ARCH = np.array([[0.0, 0], [0, 80], [100, 80], [100, 0]])


def along(cubics):
    return evaluate(cubics, np.linspace(0, 1, 50)).reshape(-1, 2)


def wave(count=300):
    x = np.linspace(0, 300, count)
    return np.stack([x, 40 * np.sin(x / 30)], axis=1)


def cut_up(points, strokes, weight=None, tips=()):
    weight = np.ones(len(points)) if weight is None else weight
    return fit_chain(points, weight, np.array(tips, dtype=np.intp), strokes, 3.0)


def test_a_wave_is_cut_into_cubics_that_lie_on_it():
    line, _, worth = cut_up(wave(), 8)
    assert line.shape == (8, 4, 2)
    np.testing.assert_allclose(line[[0, -1], [0, 3]], wave()[[0, -1]], atol=1e-9)
    x, y = along(line).T
    assert np.abs(y - 40 * np.sin(x / 30)).max() < 1.5
    # Fewer cubics say less.
    assert cut_up(wave(), 3)[2] < worth


def test_cubics_go_to_what_matters():
    weight = np.where(np.arange(300) < 150, 1.0, 0.0)
    where = [cut_up(wave(), 4, w)[0][:, 3, 0] for w in (weight, weight[::-1])]
    assert (where[0] < 160).sum() > (where[1] < 160).sum()


def test_what_goes_over_a_drawn_line_is_told():
    out_and_back = np.concatenate([wave(100), wave(100)[-2::-1]])
    weight = np.where(np.arange(199) < 99, 1.0, -1.0)
    line, over, _ = cut_up(out_and_back, 12, weight, tips=[99])
    back = np.cumsum(np.linalg.norm(line[:, 3] - wave(100)[-1], axis=1) < 1e-9) > 0
    assert over.sum() >= 3 and not over[~back].any()


def test_more_cubics_than_samples_and_no_way_round_a_dead_end():
    assert cut_up(wave(8), 20)[0].shape == (20, 4, 2)
    out_and_back = np.concatenate([wave(100), wave(100)[-2::-1]])
    assert cut_up(out_and_back, 1, tips=[99])[2] == -np.inf
    line, _, worth = cut_up(out_and_back, 12, tips=[99])
    assert np.isfinite(worth)
    assert np.linalg.norm(line[:, 3] - wave(100)[-1], axis=1).min() < 1e-9


def test_handles_are_aligned_but_for_corners():
    first, second = split(ARCH, 0.5)
    second = second + 0.0
    second[1] += (0, 9)
    smooth = flowing(np.stack([first, second]))
    arriving, leaving = smooth[0, 3] - smooth[0, 2], smooth[1, 1] - smooth[1, 0]
    assert np.cross(np.append(arriving, 0), np.append(leaving, 0))[2] == pytest.approx(0, abs=1e-9)
    corner = np.stack([np.linspace((0, 0), (30, 0), 4), np.linspace((30, 0), (30, 30), 4)])
    np.testing.assert_array_equal(flowing(corner), corner)


def test_a_line_that_goes_back_is_put_onto_itself():
    back = ARCH[::-1] + np.array([[0, 0], [0, 2.5], [0, 2.5], [0, 0]])
    line = np.stack([ARCH, back])
    assert retracing(line, 3.0).tolist() == [False, True] and not retracing(line, 0.1).any()
    put = overlaid(line, retracing(line, 3.0))
    np.testing.assert_array_equal(put[0], ARCH)
    gaps = np.linalg.norm(along(put[1:])[:, None] - evaluate(ARCH, np.linspace(0, 1, 2000)), axis=2).min(1)
    assert gaps.max() < 0.3
    third = np.linspace(back[3], back[3] + 30, 4)
    longer = overlaid(np.stack([*line, third]), np.array([False, True, False]))
    np.testing.assert_allclose(longer[2, 0], longer[1, 3], atol=1e-9)


def test_after_the_descent_only_what_was_one_line_becomes_one_again():
    placed = as_one(np.stack([ARCH, ARCH[::-1], ARCH + (0, 4)]))
    assert placed.shape == (1, 10, 2)
    moved = placed.copy()
    moved[0, 4:6] += (0, 3)
    there = retraced(moved, placed)
    back = there[0, 3:7]
    gaps = np.linalg.norm(along(back[None])[:, None] - evaluate(ARCH, np.linspace(0, 1, 2000)), axis=2).min(1)
    assert gaps.max() < 0.3
    np.testing.assert_allclose(there[0, 7:], placed[0, 7:], atol=0.3)
