from __future__ import annotations

import dataclasses
import io
import re
import subprocess
import sys

import numpy as np
import pytest
import shapely
from PIL import Image

from strokewise.errors import OutputError
from strokewise.export import BRUSHES, ExportOptions, Look, brushed_svg, outlines, read_sketch, save, to_pixels, to_png
from strokewise.export.brush.brushes import MAX_CUBICS
from strokewise.export.svg.text import from_svg
from strokewise.sketch import Sketch

FILLING = [brush for brush in BRUSHES if brush != "round"]


@pytest.fixture(params=FILLING)
def brush(request):
    return request.param


def straight(length=200.0, width=8.0, slope=0.0, **more):
    """One straight stroke from (20, 50) on."""
    line = np.array([20.0, 50.0]) + np.linspace(0, length, 4)[:, None] * [np.cos(slope), np.sin(slope)]
    return Sketch.of((300, 200), [line], width, **more)


def area(shapes):
    """Filled shapes as one geometry, and that they are rings as promised."""
    parts = []
    for shape in shapes:
        assert all(len(ring) >= 3 for ring in shape.rings)
        rings = [shapely.LinearRing(ring) for ring in shape.rings]
        assert shapely.is_simple(rings).all()
        parts.append(shapely.build_area(shapely.GeometryCollection(rings)))  # by the even-odd rule
    return shapely.union_all(parts)


def thickness(geometry, x):
    """How much of the vertical line at x is covered."""
    return shapely.intersection(geometry, shapely.LineString([(x, -100), (x, 300)])).length


def test_round_outlines_are_the_plain_strokes(sketch):
    crossing = Sketch.of((200, 100), [[[20, 50], [220, 90], [-60, 90], [150, 40]]], 9, (0.8, 0.1, 0.1))
    for drawing in (sketch, crossing):
        shapes = outlines(drawing, "round")
        assert len(shapes) == len(drawing)
        filled = brushed_svg(drawing, "pen", carry=False)
        body = "".join(
            f'<path d="{"".join("M" + "L".join(f"{x} {y}" for x, y in ring) + "Z" for ring in s.rings)}" '
            f'fill="{"#" + "".join(f"{round(c * 255):02x}" for c in s.color)}"/>'
            for s in shapes
        )
        picture = rendered(filled[: filled.index("<g ")] + body + "</svg>")
        off = np.abs(picture - to_pixels(drawing, 800) / 255)
        assert off.mean() < 0.002 and np.percentile(off, 99.9) < 0.25


def rendered(svg):
    import resvg_py

    png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=800, height=400, background="white"))
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB")) / 255


def test_ink_tapers_to_points_and_swells():
    shape = area(outlines(straight(), "ink"))
    start, middle, end = (thickness(shape, x) for x in (21, 110, 219))
    assert start < 0.3 * middle and end < 0.3 * middle and 6 < middle < 14
    assert shape.bounds[0] > 18 and shape.bounds[2] < 222, "no round caps beyond the ends"


def test_ink_goes_on_where_another_stroke_does():
    line = straight().points[0]
    two = Sketch.of(
        (300, 200), [line[:1] + (line - line[0]) / 2, line[:1] + 100 * np.array([1.0, 0]) + (line - line[0]) / 2], 8
    )
    assert thickness(area(outlines(two, "ink")), 120) > 3.5
    apart = dataclasses.replace(two, points=two.points + np.array([[[0, 0]], [[0, 30]]]))
    assert thickness(area(outlines(apart, "ink")), 119.5) < 2


def test_ink_is_heavier_where_the_hand_goes_down():
    across, down = (area(outlines(straight(140, slope=slope), "ink")).area for slope in (-np.pi / 5, np.pi / 3.2))
    assert down > 1.3 * across


def test_pen_is_even_and_rests_at_its_ends():
    shape = area(outlines(straight(), "pen"))
    middle = [thickness(shape, x) for x in range(40, 200, 5)]
    assert min(middle) > 6.5 and max(middle) < 9.5
    assert thickness(shape, 20) > 8.5 and thickness(shape, 220) > 8.5
    assert len(outlines(straight(), "pen")) == 1


def test_marker_is_broad_across_its_slant_blunt_and_translucent():
    (shape,) = outlines(straight(opacities=0.5), "marker")
    assert 0.3 < shape.opacity < 0.5
    along, across = (
        area(outlines(straight(100, slope=s), "marker")).area for s in (np.pi * 52 / 180, -np.pi * 38 / 180)
    )
    assert max(along, across) > 1.5 * min(along, across)


def test_pencil_is_grainy_grey():
    shapes = outlines(straight(width=16), "pencil")
    assert len(shapes) >= 3 and all(shape.opacity < 0.7 for shape in shapes)
    pixels = to_pixels(straight(width=16), 1200, brush="pencil")[180:220, 200:700, 0]
    assert 40 < np.median(pixels) < 190 and pixels.std() > 12


def test_all_strokes_are_where_they_were(sketch, brush):
    for i in range(len(sketch)):
        one = sketch.reordered([i])
        plain, filled = (area(outlines(one, name)) for name in ("round", brush))
        assert filled.hausdorff_distance(plain) < 1.2 * sketch.widths[i]
        assert 0.4 < filled.area / plain.area < 1.6


def test_colors_and_opacities_are_kept(brush):
    points = straight().points[0]
    pair = Sketch.of((300, 200), [points, points + 20], 5, [[1, 0, 0], [0, 0.5, 1]], [0.5, 0])
    shapes = outlines(pair, brush)
    assert shapes and all(s.color == (1, 0, 0) and 0 < s.opacity <= 0.5 for s in shapes)


@pytest.mark.parametrize("points", [[[50, 50]] * 4, [[50, 50], [50, 50], [50.0001, 50], [50, 50]]])
def test_a_dot_is_a_dot(points, brush):
    shape = area(outlines(Sketch.of((100, 100), [points], 10), brush))
    assert 10 < shape.area < 100 and shape.centroid.distance(shapely.Point(50, 50)) < 1.5


@pytest.mark.parametrize("scale", [1e-3, 1, 1e4])
@pytest.mark.parametrize(
    "points",
    [
        [[10, 10], [90, 90], [10, 90], [90, 10]],
        [[10, 10], [90, 10], [-20, 10], [60, 10]],  # there and back on one line
        [[10, 50], [90, 50], [90, 50], [10, 50.0]],
        [[1e6, 1e6], [1e6, -1e6], [-1e6, 1e6], [5, 5]],
    ],
)
def test_cusps_turns_and_sizes(points, scale, brush):
    for width in (1e-4, 3, 60):
        drawing = Sketch.of((100, 100), [points], width).scaled(scale)
        assert area(outlines(drawing, brush)).area >= 0
        svg = brushed_svg(drawing, brush)
        assert "nan" not in svg and "inf" not in svg


def test_the_same_look_at_every_size(sketch, brush):
    small, large = (area(outlines(sketch.scaled(f), brush)).area / f**2 for f in (1, 7))
    assert small == pytest.approx(large, rel=0.02)


def test_brushed_svg_carries_the_strokes(sketch, brush, tmp_path):
    kept = dataclasses.replace(sketch, paper=(1, 0.9, 0.8), locked=np.array([True, False, False]))
    svg = brushed_svg(kept, brush)
    assert svg.count("<path") >= 3 and "stroke-width" not in svg and "Drawing in 3 strokes" in svg
    again = read_sketch(svg.encode())
    assert (again.points == kept.points).all() and again.to_svg() == kept.to_svg()
    assert again.metadata == kept.metadata
    path = save(kept, tmp_path / "a.svg", ExportOptions(look=Look(brush=brush)))
    assert path.read_text() == svg and (read_sketch(path).points == kept.points).all()
    with pytest.raises(Exception, match="no strokes"):
        from_svg(brushed_svg(kept, brush, carry=False))


def test_round_brush_is_the_plain_svg(sketch):
    assert brushed_svg(sketch, "round") == sketch.to_svg()


def test_same_bytes_in_another_process(sketch, brush, tmp_path):
    path = save(sketch, tmp_path / "a.svg")
    program = (
        "import sys; from strokewise.export import *;"
        "sys.stdout.buffer.write(brushed_svg(read_sketch(sys.argv[1]), sys.argv[2]).encode())"
    )
    run = subprocess.run([sys.executable, "-c", program, str(path), brush], capture_output=True, check=True)
    assert run.stdout == brushed_svg(read_sketch(path), brush).encode()


def test_png_shows_the_brush_on_its_paper(sketch, brush):
    on_paper = dataclasses.replace(sketch, paper=(0, 1, 0))
    pixels = to_pixels(on_paper, 400, brush=brush)
    assert pixels.shape == (200, 400, 3) and pixels[0, 399].tolist() == [0, 255, 0]
    assert (pixels != to_pixels(on_paper, 400)).any()
    alpha = np.asarray(Image.open(io.BytesIO(to_png(sketch, 400, transparent=True, brush=brush))).getchannel("A"))
    assert alpha[0, 399] == 0 and alpha.max() > 100


def test_bounds(sketch):
    with pytest.raises(OutputError, match="no brush 'quill'"):
        outlines(sketch, "quill")
    many = Sketch.of((100, 100), np.zeros((MAX_CUBICS + 1, 4, 2)))
    with pytest.raises(OutputError, match="too many for a brush: leave out the brush"):
        outlines(many, "pen")


def test_no_strokes(sketch, brush):
    assert outlines(sketch.reordered([]), brush) == []
    assert re.search(r"<g [^>]*>\n</g>", brushed_svg(sketch.reordered([]), brush))
