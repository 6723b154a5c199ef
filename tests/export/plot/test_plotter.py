import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strokewise.errors import OutputError
from strokewise.export.plot.page import Page, on_page
from strokewise.export.plot.plotter import for_plotter
from strokewise.export.png import to_png
from strokewise.export.svg.text import from_svg
from strokewise.sketch import Sketch


def straight(canvas, *pairs, **options):
    return Sketch.of(canvas, [np.linspace(a, b, 4) for a, b in pairs], **options)


def as_set(points):
    """The strokes whatever their order and direction."""
    return sorted(min(p.ravel().tolist(), p[::-1].ravel().tolist()) for p in points)


def pen_up(plot, home):
    """Travel of the lines as they are written, added up anew."""
    at, way = np.array(home), 0.0
    for line in plot.lines:
        way += float(np.hypot(*(line[0] - at)))
        at = line[-1]
    return way


def test_pieces_of_a_line_become_one():
    # On a page of 100 x 100 mm without margins a canvas unit is a millimetre.
    sketch = straight((100, 100), ((60, 10), (90, 10)), ((90, 80), (10, 80)), ((10, 10), (59.8, 10)))
    plot = for_plotter(sketch, Page("100x100", margin=0), tolerance=0.5)
    assert len(plot.lines) == 2 and len(plot.sketch) == 3
    joined, back = plot.lines
    # The gap of 0.2 is bridged, and the way back starts at the near end.
    assert joined.shape == (10, 2) and joined[[0, 3, 6, 9]] == pytest.approx(
        np.array([[10, 10], [59.8, 10], [60, 10], [90, 10]])
    )
    assert back[[0, -1]].tolist() == [[90, 80], [10, 80]]
    assert plot.travel_after == pytest.approx(200**0.5 + 70)
    before = np.hypot(60, 10) + 70 + 70
    assert plot.travel_before == pytest.approx(before)
    less = round(100 * (1 - plot.travel_after / before))
    assert plot.summary == f"3 strokes in 2 lines; pen-up travel {before:.0f} mm -> 84 mm, {less} % less"
    assert len(for_plotter(sketch, Page("100x100", margin=0), tolerance=0).lines) == 3


def test_touching_ends_have_no_bridge():
    plot = for_plotter(straight((100, 100), ((10, 10), (50, 10)), ((90, 30), (50, 10))), Page("100x100", 0))
    (line,) = plot.lines
    assert line[[0, 3, 6]] == pytest.approx(np.array([[10, 10], [50, 10], [90, 30]])) and len(line) == 7


def test_a_ring_opens_where_the_pen_arrives():
    corners = [(80, 80), (20, 80), (20, 20), (80, 20)]
    sketch = straight((100, 100), *zip(corners, corners[1:] + corners[:1], strict=True))
    plot = for_plotter(sketch, Page("100x100", 0))
    (ring,) = plot.lines
    assert ring[0] == pytest.approx([20, 20]) and ring[-1] == pytest.approx([20, 20])
    assert plot.travel_after == pytest.approx(800**0.5)


@pytest.mark.parametrize(
    ("home", "corner"),
    [("upper left", (0, 0)), ("lower left", (0, 50)), ("upper right", (100, 0)), ("lower right", (100, 50))],
)
def test_travel_counts_from_home(home, corner):
    plot = for_plotter(straight((100, 50), ((30, 20), (70, 40))), Page("100x50", 0), home=home)
    expected = min(np.hypot(30 - corner[0], 20 - corner[1]), np.hypot(70 - corner[0], 40 - corner[1]))
    assert plot.travel_after == pytest.approx(expected)


def test_one_pen():
    sketch = straight(
        (100, 100),
        ((0, 0), (9, 9)),
        ((50, 0), (70, 9)),
        ((5, 90), (80, 70)),
        widths=[1, 2, 9],
        colors=[[1, 0, 0], [1, 0, 0], [0, 0, 1]],
        opacities=[0.5, 1, 0.2],
        locked=True,
        paper=(1, 1, 0),
        metadata={"title": "x"},
    )
    plot = for_plotter(sketch, Page("100x100", 0)).sketch
    assert plot.widths.tolist() == [2] * 3 and not plot.colors.any() and (plot.opacities == 1).all()
    assert plot.paper is None and not plot.metadata and not plot.locked.any()
    assert for_plotter(sketch.reordered([0, 1])).sketch.colors.tolist() == [[1, 0, 0]] * 2


@given(st.integers(0, 2**32 - 1), st.integers(1, 14), st.sampled_from([0, 0.5, 5]))
@settings(max_examples=15, deadline=None)
def test_the_ink_stays_the_same_and_travel_never_grows(seed, count, tolerance):
    rng = np.random.default_rng(seed)
    sketch = Sketch.of((100, 70), rng.integers(0, 6, (count, 4, 2)) * 15 + rng.uniform(0, 1, (count, 4, 2)))
    page = Page("a5")
    plot = for_plotter(sketch, page, tolerance=tolerance)
    laid = on_page(sketch, page).points
    assert as_set(plot.sketch.points) == as_set(laid)
    assert plot.travel_after <= plot.travel_before
    assert pen_up(plot, (0, 0)) == pytest.approx(plot.travel_after, abs=0.001 * count)
    # The lines hold the same strokes one after the other; between them is a bridge no longer than the tolerance.
    segments = [line[k : k + 4] for line in plot.lines for k in range(0, len(line) - 1, 3)]
    strokes = iter(plot.sketch.points)
    expected = next(strokes)
    for segment in segments:
        if expected is not None and np.allclose(segment, expected, atol=0.001):
            expected = next(strokes, None)
        else:
            bridge = segment[-1] - segment[0]
            assert np.hypot(*bridge) <= tolerance + 1e-9
            assert np.allclose(segment, np.linspace(segment[0], segment[-1], 4))
    assert expected is None
    again = for_plotter(sketch, page, tolerance=tolerance)
    assert again.to_svg() == plot.to_svg()


def test_no_line_is_cut_to_save_a_little_way():
    # Cut at (100, 0), where the dash is near, the pen would travel 9 mm instead of 18, but be lifted twice.
    sketch = straight((200, 100), ((0, 0), (100, 0)), ((100, 0), (120, 0)), ((102, 3), (102, 5)))
    plot = for_plotter(sketch, Page("200x100", 0))
    assert sorted(len(line) for line in plot.lines) == [4, 7]


def test_svg_is_plain(sketch):
    text = for_plotter(sketch, Page("a4", margin=20)).to_svg()
    root = ET.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert {e.tag for e in root.iter()} == {f"{space}svg", f"{space}g", f"{space}path"}
    assert root.attrib == {"width": "297mm", "height": "210mm", "viewBox": "0 0 297 210"}
    (group,) = root
    assert group.attrib["fill"] == "none" and group.attrib["stroke"] == "#000000"
    assert all(set(path.attrib) == {"d"} and set(path.attrib["d"]) <= set("MC0123456789. -") for path in group)
    # Read back it is the same drawing, in millimetres.
    plot = for_plotter(sketch, Page("a4", margin=20))
    again = from_svg(text)
    assert again.canvas == (297, 210) and again.points == pytest.approx(np.array(plot.lines), abs=0.0006)
    assert again.widths == pytest.approx(2.5 * 257 / 200, abs=0.0006)


def test_svg_shows_the_same_picture(sketch):
    """The page without its margins is the drawing."""
    from PIL import Image

    text = for_plotter(sketch, Page("210x110", margin=5)).to_svg()
    page = Image.open(io.BytesIO(to_png(from_svg(text), 840))).convert("L")
    drawing = Image.open(io.BytesIO(to_png(sketch, 800))).convert("L")
    difference = np.abs(np.asarray(page.crop((20, 20, 820, 420)), float) - np.asarray(drawing, float))
    assert difference.mean() < 0.5 and np.asarray(drawing).min() == 0


def test_vpype_reads_it_in_millimetres(sketch):
    vpype = pytest.importorskip("vpype")
    plot = for_plotter(sketch, Page("a4", margin=20))
    lines, width, height = vpype.read_svg(io.StringIO(plot.to_svg()), quantization=0.1)
    pixel = vpype.convert_length("1mm")
    assert (width / pixel, height / pixel) == pytest.approx((297, 210))
    assert len(lines) == len(plot.lines)
    for read, line in zip(lines, plot.lines, strict=True):
        ends = np.array([read[0], read[-1]]) / pixel
        assert np.stack([ends.real, ends.imag], 1) == pytest.approx(line[[0, -1]], abs=0.001)
    x0, y0, x1, y1 = (value / pixel for value in lines.bounds())
    assert x0 >= 20 and x1 <= 277 and y0 >= 20 and y1 <= 190


def test_empty_drawing():
    plot = for_plotter(Sketch.of((10, 20), np.zeros((0, 4, 2))))
    assert plot.lines == () and plot.travel_before == plot.travel_after == 0
    assert plot.summary == "0 strokes in 0 lines; pen-up travel 0 mm -> 0 mm"
    assert len(ET.fromstring(plot.to_svg())[0]) == 0


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"home": "middle"}, "home must be one of upper left, .*not 'middle'"),
        ({"tolerance": -0.1}, "tolerance must be from 0 to 10 mm, not -0.1"),
        ({"tolerance": float("nan")}, "tolerance"),
    ],
)
def test_bad_options(options, match, sketch):
    with pytest.raises(OutputError, match=match):
        for_plotter(sketch, **options)
