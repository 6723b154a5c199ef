"""Values at the edge of what an SVG file and a sketch can say: none, out of range, or left out."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest

from strokewise.errors import SvgError
from strokewise.export.svg.text import from_svg, to_svg
from strokewise.sketch import Sketch


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


@pytest.mark.parametrize(
    "text",
    [
        '<svg xmlns="http://www.w3.org/1999/xhtml" viewBox="0 0 9 9" stroke="red"><path d="M0 0L1 1"/></svg>',
        '<g xmlns="http://www.w3.org/2000/svg" stroke="red"><path d="M0 0L1 1"/></g>',  # no svg around it
    ],
)
def test_what_is_not_an_svg_at_its_root(text):
    with pytest.raises(SvgError):
        from_svg(text)


@pytest.mark.parametrize("size", ['width="9"', 'height="9"', ""])
def test_an_svg_that_does_not_say_how_large_it_is(size):
    with pytest.raises(SvgError, match="viewBox"):
        from_svg(f'<svg xmlns="http://www.w3.org/2000/svg" {size} stroke="red"><path d="M0 0L1 1"/></svg>')


def test_text_between_elements_is_no_metadata_and_no_style():
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" stroke="red"><title>a</title>'
    found = from_svg(f'{head}{{"seed": 1}} path {{ stroke: blue }}<path d="M0 0L1 1"/>more</svg>')
    assert found.metadata == {} and len(found) == 1


@pytest.mark.parametrize(("opacity", "written"), [(1.5, None), (1.0, None), (0.25, "0.25"), (0.0, "0"), (-0.5, "0")])
def test_opacities_out_of_range_are_the_nearest_that_can_be(opacity, written):
    sketch = Sketch.of((20, 20), [[[2, 10], [8, 10], [12, 10], [18, 10]]])
    text = to_svg(dataclasses.replace(sketch, opacities=np.array([opacity])))
    found = re.search(r'stroke-opacity="([^"]+)"', text)
    assert (found[1] if found else None) == written


@pytest.mark.parametrize("source", ["horse.svg", "horse.JSON", Path("horse.png")])
def test_a_path_is_no_svg(source):
    with pytest.raises(SvgError, match="read_sketch"):
        from_svg(source)


def test_an_svg_without_strokes_is_told_apart_from_one_with_a_brush():
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
    with pytest.raises(SvgError, match="no strokes") as plain:
        from_svg(f"{head}<path d='M0 0L1 1'/></svg>")
    assert "read_sketch" not in str(plain.value)
    sketch = Sketch.of((20, 20), [[[2, 10], [8, 10], [12, 10], [18, 10]]])
    brushed = to_svg(dataclasses.replace(sketch, metadata={"sketch": {"strokes": 1}}))
    assert len(from_svg(brushed)) == 1  # there are strokes to read
    with pytest.raises(SvgError, match="read_sketch"):
        from_svg(re.sub(r"<path[^>]*/>", "", brushed))
