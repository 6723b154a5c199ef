import numpy as np
import pytest
from scipy import ndimage

from strokewise.bezier import resample, runs
from strokewise.placement.lines import edge_lines, link, outline_lines, thin_lines, trace_mask


def disc(size=200, centre=(100, 100), radius=60):
    y, x = np.indices((size, size)) + 0.5
    return ((x - centre[0]) ** 2 + (y - centre[1]) ** 2 < radius**2).astype(float)


def soft(mask):
    return ndimage.gaussian_filter(mask, 1.0)


def inside(size=200):
    return np.ones((size, size), dtype=bool)


def test_outline_of_a_disc_is_one_closed_ring():
    (line,) = outline_lines(soft(disc()), inside(), smooth=2.0)
    assert np.abs(np.linalg.norm(line.points - 100, axis=1) - 60).max() < 0.7
    assert np.allclose(line.points[0], line.points[-1])


def test_the_pictures_own_border_is_no_contour():
    (line,) = outline_lines(soft(disc(centre=(100, 190))), inside(), smooth=2.0)
    assert not np.allclose(line.points[0], line.points[-1])
    assert line.points[:, 1].max() < 198
    # One continuous line from border to border, not two that begin somewhere on the disc.
    assert line.points[[0, -1], 1].min() > 190


def test_the_edge_of_the_photo_within_the_square_is_no_contour_either():
    shown = inside()
    shown[:, :80] = False
    lines = outline_lines(soft(disc()) * shown, shown, smooth=2.0)
    assert lines and all(line.points[:, 0].min() > 82 for line in lines)


def test_thin_parts_become_their_middle_line():
    mask = disc(radius=40)
    mask[138:190, 98:102] = 1
    lines, thin = thin_lines(mask, radius=3)
    (line,) = lines
    assert np.abs(line.points[:, 0] - 100).max() < 2
    assert line.points[:, 1].min() < 150 and line.points[:, 1].max() > 180
    assert thin[160, 100] and not thin[100, 100]


def test_a_corner_is_no_limb():
    mask = np.zeros((200, 200))
    mask[50:150, 50:150] = 1
    lines, thin = thin_lines(mask, radius=4)
    assert not lines and not thin.any()


def test_edges_between_colours_of_equal_brightness_are_found():
    image = np.zeros((100, 100, 3))
    image[:, :50] = (0.80, 0.40, 0.40)
    image[:, 50:] = (0.40, 0.58, 0.40)
    lines = edge_lines(image, inside(100), sigma=2.0, min_length=20, surround=20)
    assert lines
    longest = max(lines, key=lambda line: len(line.points))
    assert np.abs(longest.points[:, 0] - 50).max() < 1.5 and len(longest.points) > 80


def test_edges_outside_the_region_do_not_count():
    image = np.ones((100, 100, 3))
    image[20:40, 20:40] = 0
    image[60:80, 60:80] = 0
    region = inside(100)
    region[50:] = False
    lines = edge_lines(image, region, sigma=1.5, min_length=10, surround=20)
    assert lines and all(line.points[:, 1].max() < 52 for line in lines)


def test_a_plain_picture_has_no_edges():
    assert edge_lines(np.full((60, 60, 3), 0.5), inside(60), sigma=1.5, min_length=5, surround=20) == []


def test_tracing_follows_a_line_from_end_to_end():
    mask = np.zeros((50, 50), dtype=bool)
    mask[np.arange(5, 45), np.arange(5, 45)] = True
    (path,) = trace_mask(mask, 6.0)
    assert len(path) == 40
    assert {tuple(path[0]), tuple(path[-1])} == {(5.5, 5.5), (44.5, 44.5)}


def test_lines_that_run_on_are_linked_and_corners_are_not():
    east = np.stack([np.arange(0.0, 20), np.zeros(20)], axis=1)
    further = east + [22, 0]
    north = np.stack([np.full(20, 43.0), np.arange(2.0, 22)], axis=1)
    joined = link([east, further[::-1], north])
    assert sorted(len(p) for p in joined) == [20, 40]


def test_resampling_keeps_ends_and_spacing():
    zigzag = np.array([[0, 0], [10, 0], [10, 0], [10, 10.0]])
    even = resample(zigzag, spacing=1.0, smooth=1.0)
    assert even[0] == pytest.approx([0, 0]) and even[-1] == pytest.approx([10, 10])
    assert np.diff(even, axis=0).max() < 1.1


def test_runs_of_flags():
    flags = np.array([True, True, False, True, False, False, True])
    assert [(r.start, r.stop) for r in runs(flags)] == [(0, 2), (3, 4), (6, 7)]
    assert runs(np.zeros(3, dtype=bool)) == []
