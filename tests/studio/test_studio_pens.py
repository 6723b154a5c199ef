"""Drawings by several pens, and line art that is traced."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_optimizer import FakeOptimizer
from handler_visitor import LOOK, Visitor, look, values
from PIL import Image, ImageDraw

gr = pytest.importorskip("gradio", reason="the studio is an extra: pip install 'strokewise[studio]'")

from strokewise import cli, from_svg  # noqa: E402
from strokewise.studio import pen_colors  # noqa: E402
from strokewise.studio.tab_pages import TabPages  # noqa: E402

PENS = look("black, red")
TRACE = (32, False, False, False, "auto")


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """A red line and a black one on white paper."""
    image = Image.new("RGB", (200, 160), "white")
    pen = ImageDraw.Draw(image)
    pen.line((20, 30, 180, 40), fill=(210, 20, 20), width=5)
    pen.line((20, 130, 180, 110), fill=(10, 10, 10), width=5)
    image.save(tmp_path / "lines.png")
    return tmp_path / "lines.png"


def svg_of(visitor: Visitor, shown: tuple[Any, ...]) -> bytes:
    """The first download, an SVG."""
    return base64.b64decode(visitor.studio.download(visitor.request, 0, *shown)["data"])


def traced(visitor: Visitor, picture: Path, given: tuple[Any, ...] = TRACE, pens: str = "") -> None:
    visitor.choose_photo(str(picture))
    visitor.finish(TabPages(visitor.studio).trace(visitor.request, *given, *values(pens=pens)))


def test_line_art_is_traced_as_the_command_line_does(
    visitor: Visitor, lines: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for given, pens in ((TRACE, ""), ((8, True, True, True, "dark"), ""), (TRACE, "black,red")):
        traced(visitor, lines, given, pens)
        assert re.search(r"2 strokes, \d+% of the length", visitor.page["note"])
        program, *arguments = visitor.page["command"].split()
        assert program == "strokewise" and arguments[:2] == ["trace", "lines.png"]
        assert cli.main([*arguments, "--quiet", "--force"]) == 0
        assert (tmp_path / "lines.svg").read_bytes() == svg_of(visitor, look(pens))


def test_a_trace_is_a_drawing_like_others(visitor: Visitor, lines: Path, optimizer: FakeOptimizer) -> None:
    visitor.draw(count=2)
    traced(visitor, lines)
    assert len(visitor.session.drawings) == 1 and visitor.page["sheet"].count('class="sw-hit"') == 2
    visitor.page.update(visitor.studio.delete(visitor.request, [0], *LOOK))
    assert "edited by hand" in visitor.page["command"]
    visitor.page.update(visitor.studio.undo(visitor.request, *LOOK))
    assert visitor.page["command"].startswith("strokewise trace lines.png -n 32")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((0, False, False, False, "auto"), "from 1 to 256"),
        ((None, False, False, False, "auto"), "from 1 to 256"),
        ((300, False, False, False, "auto"), "from 1 to 256"),
        ((8, False, False, False, "grey"), "must be auto, dark or light"),
    ],
)
def test_what_cannot_be_traced_is_one_line(visitor: Visitor, lines: Path, given: tuple[Any, ...], said: str) -> None:
    with pytest.raises(gr.Error, match=said):
        traced(visitor, lines, given)


def test_a_photo_is_not_line_art(visitor: Visitor, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    Image.fromarray((rng.random((30, 40, 3)) * 255).astype(np.uint8)).resize((400, 300)).save(tmp_path / "photo.png")
    with pytest.raises(gr.Error, match=r"photo\.png"):
        traced(visitor, tmp_path / "photo.png")
    assert visitor.session.drawings == []


def test_pens_take_the_colours_of_the_photo(visitor: Visitor, optimizer: FakeOptimizer) -> None:
    visitor.draw()
    plain = svg_of(visitor, LOOK)
    visitor.page.update(visitor.studio.show(visitor.request, *PENS))
    assert visitor.page["command"].endswith("--pens black,red")
    svg = svg_of(visitor, PENS).decode()
    assert 'inkscape:groupmode="layer"' in svg
    assert {"#000000", "#ff0000"} >= set(stroke_colors(svg)) and svg != plain.decode()
    assert visitor.session.drawing is not None
    places = [visitor.session.drawing.sketch.points.tolist()]
    assert visitor.page["sheet"].count("data-stroke=") == len(places[0])
    assert svg_of(visitor, LOOK) == plain  # the drawing itself is as it was


def stroke_colors(svg: str) -> list[str]:
    from strokewise.export.svg.text import hex_color

    return [hex_color(color) for color in from_svg(svg).colors]


def test_strokes_on_the_sheet_keep_their_numbers(visitor: Visitor, lines: Path) -> None:
    traced(visitor, lines, pens="red,black")
    drawing = visitor.session.drawing
    assert drawing is not None
    plain = visitor.studio.show(visitor.request, *LOOK)["sheet"]
    shown = visitor.studio.show(visitor.request, *look("red,black"))["sheet"]
    numbers = [part.split('d="')[1].split('"')[0] for part in plain.split('data-stroke="')[1:]]
    assert numbers == [part.split('d="')[1].split('"')[0] for part in shown.split('data-stroke="')[1:]]
    assert "#ff0000" in shown and "#000000" in shown


def test_a_trace_without_colours_is_asked_for_them_when_there_are_pens(visitor: Visitor, lines: Path) -> None:
    traced(visitor, lines)
    assert set(stroke_colors(svg_of(visitor, LOOK).decode())) == {"#000000"}
    assert sorted(stroke_colors(svg_of(visitor, PENS).decode())) == ["#000000", "#ff0000"]


def test_colours_are_found_once(visitor: Visitor, optimizer: FakeOptimizer, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    find = pen_colors.photo_colors
    monkeypatch.setattr(pen_colors, "photo_colors", lambda *given: asked.append(1) or find(*given))
    visitor.draw()
    for _ in range(3):
        visitor.studio.show(visitor.request, *PENS)
        svg_of(visitor, PENS)
    assert asked == [1]


@pytest.mark.parametrize(
    ("pens", "said"),
    [("black, nocolour", "no plain colour"), ("a,b,c", "no plain colour"), ("red," * 9 + "red", "one colour")],
)
def test_pens_that_are_no_pens(visitor: Visitor, optimizer: FakeOptimizer, pens: str, said: str) -> None:
    visitor.draw()
    with pytest.raises(gr.Error, match=said):
        visitor.studio.show(visitor.request, *look(pens))
    with pytest.raises(gr.Error, match=said):
        visitor.finish(visitor.studio.draw(visitor.request, 1, *values(pens=pens)))


def test_pens_replace_the_ink(visitor: Visitor, lines: Path) -> None:
    traced(visitor, lines, pens="black,red")
    sheet = visitor.studio.show(visitor.request, 0, "#123456", "night", "round", "black,red", "none", 120)["sheet"]
    assert "#123456" not in sheet and "#ff0000" in sheet and "--paper:#1f2430" in sheet
