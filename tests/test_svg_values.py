"""Values at the edge of what an SVG file and a sketch can say: none, out of range, or left out."""

from __future__ import annotations

import numpy as np
import pytest

from strokewise.sketch import Sketch
from strokewise.svg import from_svg, to_svg


def test_widths_have_three_decimals_and_small_ones_are_not_nothing():
    text = to_svg(Sketch.of((1, 1), np.zeros((4, 4, 2)), widths=[5, 0.123456, 0.0099999, 0.000012345]))
    said = [part.split('"')[0] for part in text.split('stroke-width="')[1:]]
    assert said == ["5", "0.123", "0.01", "0.0000123"]


def test_values_out_of_range_are_written_as_the_nearest_in_range():
    points = np.zeros((2, 4, 2))
    sketch = Sketch.of((9, 9), points, colors=[[1.5, -0.5, 1], [0, 9, 0.5]], opacities=[1.5, -0.5])
    again = from_svg(to_svg(sketch))
    assert again.colors == pytest.approx(np.array([[1, 0, 1], [0, 1, 0.5]]), abs=0.5 / 255)
    assert again.opacities.tolist() == [1, 0]


def test_what_is_not_said_is_as_svg_has_it():
    """One pixel wide and opaque; the current colour is black, and no file's opacity leaves [0, 1]."""
    sketch = from_svg(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50">'
        '<path d="M0 0L1 1" stroke="currentColor"/><path d="M0 0L1 1" stroke="#ff0080" opacity="7"/>'
        '<path d="M0 0L1 1" stroke="red" stroke-opacity="-20%"/>'
        '<path d="M0 0L1 1" stroke="red" stroke-opacity="150%" opacity="20%"/></svg>'
    )
    assert sketch.widths.tolist() == [1] * 4 and sketch.opacities.tolist() == pytest.approx([1, 1, 0, 0.2])
    assert sketch.colors[:2] == pytest.approx(np.array([[0, 0, 0], [1, 0, 128 / 255]]))
    assert not sketch.locked.any() and sketch.paper is None
