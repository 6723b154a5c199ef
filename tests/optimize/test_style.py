"""What strokes are drawn with, and the colours that lines have in a photo."""

import numpy as np
import pytest
from blur_encoder import SIZE, line, photo_of

from strokewise.optimize.style import LIGHT, photo_colors
from strokewise.sketch import StrokeStyle

BLUE = StrokeStyle(np.array([2.0, 5.0]), np.array([[0.0, 0, 1], [0, 0, 0.5]]), np.array([1.0, 0.5]))


def test_ink_is_cut_and_joined_like_the_strokes():
    both = StrokeStyle.joined([BLUE, StrokeStyle.pen(1, 3.0)])
    assert both.widths.tolist() == [2, 5, 3] and both.opacities.tolist() == [1, 0.5, 1]
    picked = both.at([2, 0])
    assert picked.widths.tolist() == [3, 2] and picked.colors.tolist() == [[0, 0, 0], [0, 0, 1]]
    assert StrokeStyle.joined([BLUE, BLUE.at([0])]).typical(4).colors.tolist() == [[0, 0, 1]] * 4


def test_one_ink_serves_several_drawings_and_a_wrong_one_none():
    several = BLUE.spread(3, 2)
    assert several.colors.shape == (3, 2, 3)
    several.widths[0] = 9
    assert several.widths.tolist() == [[9, 9], [2, 5], [2, 5]] and BLUE.widths.tolist() == [2, 5]
    assert several.spread(3, 2).widths.tolist() == several.widths.tolist()
    with pytest.raises(ValueError):
        BLUE.spread(3, 4)


@pytest.mark.parametrize("beside", [30.0, 34.0])
def test_a_line_takes_the_colour_beside_it_and_not_that_of_the_paper(beside):
    photo = np.ones((3, 224, 224), np.float32)
    photo[:, :, :32] = np.array([0.7, 0.2, 0.1])[:, None, None]
    stroke = np.array([[beside, y] for y in (20, 80, 140, 200.0)])[None]
    (found,) = photo_colors(stroke, photo)
    assert found == pytest.approx([0.7, 0.2, 0.1], abs=0.12)


def test_no_colour_is_too_light_for_paper_and_lines_outside_have_one_too():
    photo = np.ones((3, SIZE, SIZE), np.float32)
    found = photo_colors(np.stack([line(20), line(500)]), photo)
    assert found @ np.array([0.2126, 0.7152, 0.0722]) == pytest.approx([LIGHT, LIGHT])
    assert photo_colors(line(32)[None], photo_of(line(32))[0]).max() < 0.05
