"""Drawings as SVG text, and strokes read from it."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from svg_texts import PATH, drawing, stroke

from strokewise.export.svg import text as svg
from strokewise.export.svg.text import from_svg, to_svg
from strokewise.sketch import Sketch


def test_written_form(sketch):
    assert to_svg(sketch.reordered([0, 1])) == (
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100" viewBox="0 0 200 100">\n'
        "<title>Drawing in 2 strokes</title>\n"
        '<metadata><drawing xmlns="urn:x-strokewise:drawing">'
        '{"version": "1.0", "settings": {"strokes": 3}}</drawing></metadata>\n'
        '<g fill="none" stroke-linecap="round" stroke-linejoin="round" stroke="#000000" stroke-width="2.5">\n'
        '<path d="M10 10C40.5 5.25 70 30 90 20"/>\n'
        '<path d="M20 80C60 95 120 90 180.123 60"/>\n'
        "</g>\n</svg>\n"
    )


def test_own_attributes_where_strokes_differ(sketch):
    text = to_svg(
        Sketch.of(
            (9, 9), sketch.points, widths=[1, 2, 1], colors=np.outer([0, 0.5, 1], [1, 1, 1]), opacities=[1, 0.25, 1]
        )
    )
    assert text.count('stroke="#') == 3 and text.count("stroke-width") == 3 and text.count("stroke-opacity") == 1
    assert 'stroke="#808080" stroke-width="2" stroke-opacity="0.25"' in text
    assert "metadata" not in text


def test_polybeziers_have_several_curves():
    sketch = Sketch.of((9, 9), np.arange(14, dtype=float).reshape(1, 7, 2))
    assert 'd="M0 1C2 3 4 5 6 7C8 9 10 11 12 13"' in to_svg(sketch)
    assert (from_svg(to_svg(sketch)).points == sketch.points).all()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.0001, "0"),
        (1e-9, "0"),
        (1.0, "1"),
        (100, "100"),
        (1.23456, "1.235"),
        (1e6, "1000000"),
        (-2.5, "-2.5"),
    ],
)
def test_numbers(value, text):
    assert svg.decimal(value) == text


def test_hair_widths_do_not_vanish():
    sketch = Sketch.of((1, 1), np.zeros((1, 4, 2)), widths=0.00012345)
    assert 'stroke-width="0.000123"' in to_svg(sketch)


finite = st.floats(-1e4, 1e4)


@st.composite
def sketches(draw):
    n, segments = draw(st.integers(1, 5)), draw(st.integers(1, 3))
    points = draw(hnp.arrays(np.float64, (n, 1 + 3 * segments, 2), elements=finite))
    unit = st.floats(0, 1)
    return Sketch.of(
        (draw(st.floats(1, 1e4)), draw(st.floats(1, 1e4))),
        points,
        widths=draw(hnp.arrays(np.float64, n, elements=st.floats(0.01, 100))),
        colors=draw(hnp.arrays(np.float64, (n, 3), elements=unit)),
        opacities=draw(hnp.arrays(np.float64, n, elements=unit)),
        locked=draw(hnp.arrays(np.bool_, n)),
        paper=draw(st.none() | st.tuples(unit, unit, unit)),
        metadata=draw(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | finite | st.text())),
    )


@settings(deadline=None, max_examples=150)
@given(sketches())
def test_round_trip(sketch):
    text = to_svg(sketch)
    assert "e+" not in text.split("</metadata>")[-1] and "e-0" not in text.split("</metadata>")[-1]
    again = from_svg(text)
    assert np.abs(again.points - sketch.points).max() <= 0.00051
    assert np.abs(again.widths - sketch.widths).max() <= 0.00051
    assert np.abs(again.opacities - sketch.opacities).max() <= 0.00051
    assert np.abs(again.colors - sketch.colors).max() <= 0.5 / 255 + 1e-9
    assert np.abs(np.subtract(again.canvas, sketch.canvas)).max() <= 0.00051
    assert again.locked.tolist() == sketch.locked.tolist()
    assert (again.paper is None) == (sketch.paper is None)
    if sketch.paper is not None:
        assert np.abs(np.subtract(again.paper, sketch.paper)).max() <= 0.5 / 255 + 1e-9
    assert again.metadata == sketch.metadata
    assert to_svg(again) == text == to_svg(from_svg(text.encode()))


def test_metadata_becomes_plain_json(sketch):
    metadata = {"loss": np.float32(0.5), "losses": np.array([1.0, np.nan]), 3: (1, float("inf")), "path": object}
    again = from_svg(to_svg(Sketch.of((9, 9), sketch.points, metadata=metadata))).metadata
    assert again == {"loss": 0.5, "losses": [1.0, None], "3": [1, None], "path": str(object)}


@pytest.mark.parametrize(
    "text", ["</drawing><script>", "]]>", "<!--", "&lt;", "\x00\x1b", "\udfff\ud800", "\ufffe\uffff", "ünï😀"]
)
def test_hostile_metadata_and_titles(text, sketch):
    written = to_svg(Sketch.of((9, 9), sketch.points, metadata={"title": text, text: [text]}))
    assert "<script" not in written
    written.encode("utf-8")
    assert from_svg(written).metadata == {"title": text, text: [text]}


@pytest.mark.parametrize("text", ["{", "[1]", "[" * 100_000, '{"a":' * 99 + "1" + "}" * 99, "NaN", ""])
def test_nonsense_metadata_is_ignored(text, sketch):
    edited = to_svg(sketch).replace(json.dumps(sketch.metadata), text)
    assert from_svg(edited).metadata == {}


@pytest.mark.parametrize(
    ("d", "ends"),
    [
        ("M1 2L4 8", [[1, 2], [4, 8]]),
        ("m1,2l3,6", [[1, 2], [4, 8]]),
        ("M1 2 4 8", [[1, 2], [4, 8]]),
        ("m1 2 3 6", [[1, 2], [4, 8]]),
        ("M1 2H4", [[1, 2], [4, 2]]),
        ("M1 2h3", [[1, 2], [4, 2]]),
        ("M1 2V4", [[1, 2], [1, 4]]),
        ("M1 2v3", [[1, 2], [1, 5]]),
        ("M-1-2L.5.5", [[-1, -2], [0.5, 0.5]]),
        ("M1e1 2E-1L+4 8", [[10, 0.2], [4, 8]]),
    ],
)
def test_lines_become_straight_cubics(d, ends):
    (points,) = stroke(d)
    a, b = np.array(ends)
    assert points == pytest.approx(np.array([a, (2 * a + b) / 3, (a + 2 * b) / 3, b]))


@pytest.mark.parametrize(
    ("d", "expected"),
    [
        ("M0 0C1 2 3 4 5 6", [[0, 0], [1, 2], [3, 4], [5, 6]]),
        ("M1 1c1 2 3 4 5 6", [[1, 1], [2, 3], [4, 5], [6, 7]]),
        ("M0 0S3 4 5 6", [[0, 0], [0, 0], [3, 4], [5, 6]]),
        ("M1 1s3 4 5 6", [[1, 1], [1, 1], [4, 5], [6, 7]]),
        ("M0 0C1 2 3 4 5 6S9 9 8 8", [[0, 0], [1, 2], [3, 4], [5, 6], [7, 8], [9, 9], [8, 8]]),
        ("M0 0Q3 6 6 0", [[0, 0], [2, 4], [4, 4], [6, 0]]),
        ("M1 1q3 6 6 0", [[1, 1], [3, 5], [5, 5], [7, 1]]),
        ("M0 0Q3 6 6 0T12 0", [[0, 0], [2, 4], [4, 4], [6, 0], [8, -4], [10, -4], [12, 0]]),
        ("M0 0Q3 6 6 0t6 0", [[0, 0], [2, 4], [4, 4], [6, 0], [8, -4], [10, -4], [12, 0]]),
        ("M0 0T3 0", [[0, 0], [0, 0], [1, 0], [3, 0]]),
    ],
)
def test_curves(d, expected):
    assert stroke(d)[0] == pytest.approx(np.array(expected, dtype=float))


def test_closing_and_subpaths():
    closed = stroke("M0 0L3 0L3 3Z")
    assert closed.shape == (1, 10, 2) and (closed[0, 0] == closed[0, -1]).all()
    assert stroke("M0 0L3 0L0 0Z").shape == (1, 7, 2)
    two = stroke("M0 0L3 0M9 9m1 1l3 0")
    assert two.shape == (2, 4, 2) and two[1, 0].tolist() == [10, 10]
    after = stroke("m1 1l3 0l0 3zl9 0l0 9z")
    assert after.shape == (2, 10, 2) and after[1, 0].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("body", "seen"),
    [
        ('<g visibility="hidden"><path d="M0 0L1 1"/><path d="M0 0L2 2" visibility="visible"/></g>', [2]),
        ('<g visibility="hidden"><g visibility="inherit"><path d="M0 0L2 2" style="visibility:Visible"/></g></g>', [2]),
        ('<g style="visibility: collapse"><path d="M0 0L1 1" visibility="nonsense"/></g><path d="M0 0L2 2"/>', [2]),
        ('<g display="none"><path d="M0 0L1 1" display="inline" visibility="visible"/></g><path d="M0 0L2 2"/>', [2]),
        ('<path d="M0 0L1 1"/><g visibility="visible"><path d="M0 0L2 2" visibility="hidden"/></g>', [1]),
    ],
)
def test_a_visible_child_of_a_hidden_group_is_visible(body, seen):
    assert from_svg(drawing(f'<g stroke="red">{body}</g>')).points[:, -1, 0].tolist() == seen


def test_chains_of_differing_length_stay_chains():
    text = drawing('<g stroke="red" fill="none"><path d="M0 0L3 0L3 3"/><path d="M9 9L8 8"/></g>')
    sketch = from_svg(text)
    assert sketch.points.shape == (2, 7, 2) and sketch.curves == 3
    assert [chain[[0, -1]].tolist() for chain in sketch.chains] == [[[0, 0], [3, 3]], [[9, 9], [8, 8]]]
    assert [len(chain) for chain in sketch.chains] == [7, 4]
    assert [d.count("C") for d in re.findall(r' d="([^"]*)"', to_svg(sketch))] == [2, 1]


def test_other_shapes_and_inheritance():
    sketch = from_svg(
        drawing(
            '<rect width="100%" height="100%" fill="white"/>'
            '<g stroke="rgb(255,0,0)" stroke-width="2px" opacity="0.5" color="blue">'
            '<line x1="1" y1="2" x2="3" y2="4"/>'
            '<polyline points="0,0 5,5" style="stroke: #0f0; stroke-width:3 !important; fill:none" stroke="red"/>'
            '<polyline points="0,0 5,5" stroke="currentColor" stroke-opacity="50%" stroke-width="inherit"/>'
            '<path d="M0 0L1 1" stroke="none"/><path d="M0 0L1 1" display="none"/>'
            '<path d="M0 0L1 1" stroke-width="0"/><g visibility="hidden"><path d="M0 0L1 1"/></g>'
            '</g><defs><path d="M0 0L1 1" stroke="red"/></defs>'
            '<other xmlns="urn:x"><path d="M0 0L1 1" stroke="red"/></other>'
        )
    )
    assert sketch.widths.tolist() == [2, 3, 2]
    assert sketch.colors.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert sketch.opacities.tolist() == [0.5, 0.5, 0.25]
    polygon = from_svg(drawing('<polygon points="0 0 4 0 4 4" stroke="black" fill="none"/>')).points
    assert polygon.shape == (1, 10, 2) and (polygon[0, 0] == polygon[0, -1]).all()


@pytest.mark.parametrize(
    ("head", "canvas", "first"),
    [
        ('viewBox="0 0 100 50"', (100, 50), [1, 2]),
        ('viewBox="-10,-20,100,50" width="5cm"', (100, 50), [11, 22]),
        ('width="300" height="200px"', (300, 200), [1, 2]),
        ('width="1in" height="25.4mm"', (96, 96), [1, 2]),
        ('width="2.54cm" height="72pt"', (96, 96), [1, 2]),
        ('width="6pc" height="1px"', (96, 1), [1, 2]),
    ],
)
def test_canvas(head, canvas, first):
    sketch = from_svg(drawing('<path d="M1 2L3 4" stroke="red"/>', head))
    assert sketch.canvas == pytest.approx(canvas) and sketch.points[0, 0].tolist() == first


def test_an_empty_style_and_other_instructions_do_no_harm():
    assert len(from_svg(f"<?xpacket begin=''?>{drawing('<style/>' + PATH)}")) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_encodings(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + drawing(f"<title>é</title>{PATH}")
    assert len(from_svg(text.encode(encoding))) == len(from_svg(text)) == 1


def test_a_group_locks_its_strokes_and_a_stroke_can_say_no():
    text = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" stroke="red"><g data-locked="true">'
        '<path d="M0 0L1 1"/><path data-locked="false" d="M0 0L1 2"/></g><path d="M0 0L1 3"/></svg>'
    )
    assert from_svg(text).locked.tolist() == [True, False, False]


def test_paper_is_drawn_below_the_strokes():
    sketch = Sketch.of((20, 20), [[[2, 10], [8, 10], [12, 10], [18, 10]]], paper=(1, 0, 0))
    text = to_svg(sketch)
    assert text.index("<rect") < text.index("<path") and 'fill="#ff0000"' in text


def test_only_a_rectangle_that_says_so_is_paper():
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" stroke="black" fill="none">'
    line = '<path d="M0 0L1 1"/>'
    assert from_svg(f'{head}<rect {svg.PAPER}="" stroke="none" fill="blue" width="9" height="9"/>{line}</svg>').paper
    plain = from_svg(f'{head}<rect stroke="none" fill="blue" width="9" height="9"/>{line}</svg>')
    group = from_svg(f'{head}<g {svg.PAPER}="" fill="blue">{line}</g></svg>')
    assert plain.paper is None and group.paper is None


def test_our_own_style_sheet_changes_nothing_and_others_do():
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" stroke="red">'
    body = '<path d="M0 0L1 1"/></svg>'
    assert from_svg(f"{head}<style>{svg.STYLE}</style>{body}").colors.tolist() == [[1, 0, 0]]
    other = from_svg(f"{head}<style>{svg.STYLE} path {{ stroke: blue }}</style>{body}")
    assert other.colors.tolist() == [[0, 0, 1]]
