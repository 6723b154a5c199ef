"""Several pens: who takes which stroke, and what each format makes of it."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from strokewise import Photo, from_svg
from strokewise.errors import OutputError
from strokewise.export import FORMATS, ExportOptions, Look, Machine, Page, parse_pens, photo_colors, save, with_pens
from strokewise.export.pens import INKSCAPE, MOST_PENS
from strokewise.export.plot.page import on_page
from strokewise.sketch import Sketch

PENS = parse_pens("black, red,#0a7")
COLORS = [(0.8, 0.1, 0.1), (0.1, 0.1, 0.1), (0.9, 0.2, 0.0), (0.1, 0.6, 0.5), (0.2, 0.2, 0.25)]
ROWS = Sketch.of(
    (200, 120), [[[20, y], [70, y], [120, y], [180, y]] for y in (20, 40, 60, 80, 100)], widths=2, colors=COLORS
)
"""Five rows: red, black, red, green, black."""
PAGE = Page("200x120mm", margin=0)


def written(ending: str, **options) -> bytes:
    return FORMATS[ending](ROWS, ExportOptions(pens=PENS, **options))


def layers(svg: bytes) -> dict[str, list[str]]:
    """The paths of each layer, by its label."""
    found = {}
    for group in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}g"):
        if group.get(f"{{{INKSCAPE}}}groupmode") == "layer":
            paths = group.iter("{http://www.w3.org/2000/svg}path")
            found[str(group.get(f"{{{INKSCAPE}}}label"))] = [str(path.get("d")) for path in paths]
    return found


def test_grey_is_drawn_in_black_and_not_in_a_green_as_light():
    grey = Sketch.of((9, 9), np.ones((1, 4, 2)), colors=(0.58, 0.58, 0.56))
    assert (with_pens(grey, PENS).colors == 0).all()


def test_strokes_take_the_nearest_pen_to_the_eye():
    drawn = with_pens(ROWS, PENS)
    assert drawn.points[:, 0, 1].tolist() == [40, 100, 20, 60, 80], "pen after pen, in the given order within each"
    assert {tuple(c) for c in drawn.colors.tolist()} == {pen.color for pen in PENS}
    assert with_pens(ROWS, PENS, only=2).points[:, 0, 1].tolist() == [20, 60]
    assert len(with_pens(ROWS.reordered([]), PENS)) == 0


def test_layers_of_an_svg_are_named_for_inkscape_and_axidraw():
    svg = written(".svg")
    assert {name: len(paths) for name, paths in layers(svg).items()} == {"1 black": 2, "2 red": 2, "3 #0a7": 1}
    again = from_svg(svg)
    assert again.colors == pytest.approx(with_pens(ROWS, PENS).colors, abs=0.003)
    assert list(layers(written(".svg", only_pen=3))) == ["3 #0a7"]


def test_a_plotters_svg_has_a_layer_for_each_pen_on_one_page():
    told: list[str] = []
    svg = FORMATS[".svg"](ROWS, ExportOptions(pens=PENS, page=PAGE))
    found = layers(svg)
    assert {name: len(paths) for name, paths in found.items()} == {"1 black": 2, "2 red": 2, "3 #0a7": 1}
    again = from_svg(svg)
    assert again.canvas == (200, 120) and sorted(again.points[:, 0, 1]) == pytest.approx([20, 40, 60, 80, 100])
    assert len({tuple(c) for c in again.colors.tolist()}) == 3
    assert told == []


def test_one_pen_alone_stays_where_it_lies_beside_the_others():
    spread = Sketch.of((200, 120), ROWS.points * 0.5 + 10, widths=2, colors=COLORS)
    page = Page("a4", fit="canvas")
    only = from_svg(FORMATS[".svg"](spread, ExportOptions(pens=PENS, page=page, only_pen=3)))
    placed = on_page(spread, page).points[3]
    assert np.sort(only.points[0, [0, 3], 0]) == pytest.approx(np.sort(placed[[0, 3], 0]), abs=0.01)


def test_each_pen_reports_its_travel(tmp_path):
    told: list[str] = []
    save(ROWS, tmp_path / "a.svg", ExportOptions(pens=PENS, page=PAGE), notice=told.append)
    assert [line.split(":")[0] for line in told] == ["pen 1 black", "pen 2 red", "pen 3 #0a7"]
    assert told[0].startswith("pen 1 black: 2 strokes in 2 lines; pen-up travel")


def test_hpgl_takes_the_pens_one_after_another():
    pytest.importorskip("vpype")
    text = written(".hpgl", page=PAGE).decode()
    assert re.findall(r"SP(\d)", text) == ["1", "2", "3", "0"], "0 puts the last pen away"
    assert [part.count("PD") for part in re.split(r"SP\d;", text)[1:4]] == [2, 2, 1]
    assert re.findall(r"SP(\d)", written(".hpgl", page=PAGE, only_pen=2).decode()) == ["2", "0"]
    eight = parse_pens("black,red,green,blue,yellow,cyan,magenta,white")
    with pytest.raises(OutputError, match="hp7475a holds 6 pens, not 7"):
        violet = Sketch.of((200, 120), ROWS.points, colors=(1.0, 0, 1.0))
        FORMATS[".hpgl"](violet, ExportOptions(pens=eight, page=Page("a4", margin=20), machine=Machine("hp7475a")))


def test_gcode_asks_for_each_pen_and_waits():
    pytest.importorskip("vpype_gcode")
    text = written(".gcode", page=PAGE).decode()
    asked = re.findall(r"^\(MSG, put in pen (\d): (.*)\)\nM0$", text, re.MULTILINE)
    assert asked == [("1", "black"), ("2", "red"), ("3", "0a7")]
    for before in re.split(r"^\(MSG", text, flags=re.MULTILINE)[:-1]:
        assert before.rstrip().endswith("G0 Z5"), "the pen is up while it is changed"
    changed = written(".gcode", page=PAGE, machine=Machine(pen_change="T{pen} M6")).decode()
    assert re.findall(r"^T\d M6$", changed, re.MULTILINE) == ["T1 M6", "T2 M6", "T3 M6"] and "M0" not in changed
    one = FORMATS[".gcode"](ROWS, ExportOptions(page=PAGE)).decode()
    assert "pen" not in one and "M0" not in one


def test_dxf_has_a_layer_for_each_pen():
    ezdxf = pytest.importorskip("ezdxf")
    document = ezdxf.read(io.StringIO(written(".dxf", page=PAGE).decode()))
    counts = {}
    for line in document.modelspace():
        counts[line.dxf.layer] = counts.get(line.dxf.layer, 0) + 1
    assert counts == {"1 black": 2, "2 red": 2, "3 0a7": 1}
    assert document.layers.get("2 red").color == 1, "AutoCAD's number of red"


def test_pictures_show_the_pens():
    from PIL import Image

    image = Image.open(io.BytesIO(written(".png", size=200))).convert("RGB")
    assert image.getpixel((100, 20)) == (255, 0, 0) and image.getpixel((100, 80)) == (0, 170, 119)


def test_black_strokes_take_the_colours_of_the_photo():
    pixels = np.ones((120, 200, 3), dtype=np.float32)
    for y, color in zip((20, 40, 60, 80, 100), COLORS, strict=True):
        pixels[y - 4 : y + 4] = color
    black = Sketch.of((200, 120), ROWS.points, widths=2)
    assert photo_colors(black, Photo(pixels)).colors == pytest.approx(np.array(COLORS), abs=0.01)
    edge = np.ones((120, 200, 3), dtype=np.float32)
    edge[40:] = (0.8, 0.1, 0.1)
    assert photo_colors(black.reordered([1]), Photo(edge)).colors == pytest.approx(
        np.array([[0.8, 0.1, 0.1]]), abs=0.01
    )
    half = Photo(pixels[::2, ::2].copy(), "photo", (200, 120))
    assert photo_colors(black, half).colors == pytest.approx(np.array(COLORS), abs=0.01)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "pens has '', which is no plain colour"),
        ("black,,red", "pens has ''"),
        ("black,blurple", "pens has 'blurple', which is no plain colour: use names like navy, or #rrggbb"),
        ("#0a7f", "no plain colour"),
        ("black,#000", "pens has black and #000, which are one colour"),
        ("black,red,green,blue,yellow,cyan,magenta,white,gray", f"pens must be 1 to {MOST_PENS} colours, not 9"),
        (3, "pens must be colours such as black,red,#0a7, not 3"),
    ],
)
def test_pens_that_are_none(text, match):
    with pytest.raises(OutputError, match=match):
        parse_pens(text)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"pens": PENS, "only_pen": 4}, "only_pen must be from 1 to 3, the number of pens, not 4"),
        ({"pens": PENS, "only_pen": 0}, "only_pen must be from 1 to 3"),
        ({"only_pen": 1}, "only_pen is for drawings of several pens"),
        ({"pens": PENS, "look": Look(color="navy")}, "pens have colours of their own: leave out color"),
    ],
)
def test_options_that_do_not_go_with_pens(options, match):
    with pytest.raises(OutputError, match=match):
        ExportOptions(**options)


def test_a_pen_without_strokes_writes_nothing_to_a_plotter():
    red = Sketch.of((200, 120), ROWS.points, colors=(1.0, 0, 0))
    with pytest.raises(OutputError, match="pen 1 black has no strokes: leave out only_pen, or choose 2"):
        FORMATS[".svg"](red, ExportOptions(pens=PENS, only_pen=1, page=PAGE))
