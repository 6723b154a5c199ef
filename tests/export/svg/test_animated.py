from __future__ import annotations

import io
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from strokewise.errors import OutputError
from strokewise.export.png import to_pixels
from strokewise.export.svg.animated import STYLE, to_animated_svg
from strokewise.sketch import Sketch

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
RIM = 48
"""How far two renderers may be apart in a pixel at the rim of a stroke, of 255."""
SVG = "{http://www.w3.org/2000/svg}"


def rows(count, **style):
    """Level strokes of 80 pixels, one under the other, every 20 pixels."""
    strokes = [np.linspace((10, 20 * i + 10), (90, 20 * i + 10), 4) for i in range(count)]
    return Sketch.of((100, 20 * count), strokes, **{"widths": 6, **style})


def times(svg):
    """Delay and duration of each path, seconds, as written."""
    found = []
    for path in ET.fromstring(svg).iter(f"{SVG}path"):
        style = dict(part.split(":") for part in path.get("style", "").split(";"))
        found.append((float(style["animation-delay"][:-1]), float(style["animation-duration"][:-1])))
    return found


def test_strokes_follow_each_other_in_proportion_to_their_lengths(sketch):
    lengths = [float(np.linalg.norm(np.diff(curve(p), axis=0), axis=1).sum()) for p in sketch.points]
    found = times(to_animated_svg(sketch, 4))
    assert [d for _, d in found] == pytest.approx([4 * n / sum(lengths) for n in lengths], abs=2e-3)
    assert [s for s, _ in found] == pytest.approx([0, found[0][1], found[0][1] + found[1][1]], abs=2e-3)


def curve(p):
    t = np.linspace(0, 1, 500)[:, None]
    return (1 - t) ** 3 * p[0] + 3 * (1 - t) ** 2 * t * p[1] + 3 * (1 - t) * t**2 * p[2] + t**3 * p[3]


def test_it_is_the_drawing_and_a_style_sheet(sketch):
    text = to_animated_svg(sketch)
    assert text == to_animated_svg(sketch, 6.0)
    plain, moving = ET.fromstring(sketch.to_svg()), ET.fromstring(text)
    assert moving.find(f"{SVG}style").text == STYLE
    moving.remove(moving.find(f"{SVG}style"))
    del moving.find(f"{SVG}g").attrib["class"]
    for path in moving.iter(f"{SVG}path"):
        del path.attrib["style"], path.attrib["pathLength"]
    assert ET.canonicalize(ET.tostring(plain)) == ET.canonicalize(ET.tostring(moving))
    assert "script" not in text and "http" not in STYLE


def test_texts_that_look_like_strokes_are_left_alone(sketch):
    sketch.metadata["title"] = 'one\n<path d="M0 0"/>\n<g fill="none">'
    assert len(times(to_animated_svg(sketch))) == 3


def test_a_viewer_without_animations_shows_the_drawing(sketch):
    import resvg_py

    stills = [
        bytes(resvg_py.svg_to_bytes(svg_string=svg, background="white", skip_system_fonts=True))
        for svg in (to_animated_svg(sketch), sketch.to_svg())
    ]
    assert stills[0] == stills[1]


@pytest.mark.parametrize("seconds", [0.4, 121, float("nan"), float("inf")])
def test_length_range(seconds, sketch):
    with pytest.raises(OutputError, match=r"from 0\.5 to 120"):
        to_animated_svg(sketch, seconds)


def test_empty_drawing():
    assert times(to_animated_svg(rows(1).reordered([]))) == []


# In a browser


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed here")
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed here")
    options = "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking disable-component-update"
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[f"--{o}" for o in options.split()])
        yield browser
        browser.close()


def photograph(page, more=2):
    """A screenshot as PNG; asked for again where a busy browser had no frame to show."""
    try:
        return page.screenshot()
    except Exception as error:
        if not more or "Unable to capture screenshot" not in str(error):
            raise
    return photograph(page, more - 1)


@pytest.fixture
def film(browser, tmp_path):
    """film(svg, *moments): pixels, uint8 [y, x, rgb], at times in seconds; at None, as it is when just opened."""
    pages = []

    def film(svg, *moments, motion="no-preference"):
        path = Path(tmp_path / "film.svg")
        path.write_text(svg)
        root = ET.fromstring(svg)
        size = {"width": round(float(root.get("width"))), "height": round(float(root.get("height")))}
        page = browser.new_page(viewport=size, reduced_motion=motion)
        pages.append(page)
        page.goto(path.as_uri())
        pictures = []
        for moment in moments:
            if moment is not None:
                page.evaluate(
                    "t => document.getAnimations().forEach(a => { a.pause(); a.currentTime = t })", 1000 * moment
                )
            shot = Image.open(io.BytesIO(photograph(page))).convert("RGB")
            pictures.append(np.asarray(shot).astype(int))
        return pictures

    yield film
    for page in pages:
        page.close()


def test_none_half_and_all_of_the_strokes(film):
    sketch = rows(4)
    start, half, end = film(to_animated_svg(sketch, 2), 0, 1, 2)
    whole = to_pixels(sketch, 100).astype(int)
    # Not even the dots of round caps before, and no gap where a dash ends after.
    assert (start == 255).all()
    assert np.abs(end - whole).max() <= RIM and np.abs(end - whole).mean() < 0.5
    assert (half[40:] == 255).all() and np.abs(half[:40] - whole[:40]).max() <= RIM


def test_a_stroke_grows_from_its_start(film):
    (picture,) = film(to_animated_svg(rows(1), 1), 0.5)
    assert (picture[10, 10:48] == 0).all() and (picture[10, 55:] == 255).all()


def test_after_the_end_it_is_the_plain_drawing(film, sketch):
    (plain,) = film(sketch.to_svg(), None)
    (end,) = film(to_animated_svg(sketch, 0.5), 3)
    assert np.abs(plain - end).max() <= 16


def test_it_moves_by_itself(film, browser):
    film(to_animated_svg(rows(2), 60), None)
    page = browser.contexts[-1].pages[-1]
    states = page.evaluate("document.getAnimations().map(a => a.playState)")
    assert states == ["running", "running"]
    ends = page.evaluate("document.getAnimations().map(a => a.effect.getComputedTiming().endTime)")
    assert ends == pytest.approx([30_000, 60_000])


def test_reduced_motion_shows_the_finished_drawing_at_once(film, browser, sketch):
    (plain,) = film(sketch.to_svg(), None)
    (still,) = film(to_animated_svg(sketch, 60), None, motion="reduce")
    assert (plain == still).all()
    assert browser.contexts[-1].pages[-1].evaluate("document.getAnimations().length") == 0


def test_paper_color_and_opacity(film):
    sketch = rows(2, colors=[1, 0, 0], opacities=0.5, paper=(0, 0, 1))
    start, half = film(to_animated_svg(sketch, 2), 0, 1)
    assert (start == [0, 0, 255]).all()
    assert half[10, 50] == pytest.approx([128, 0, 128], abs=2) and half[30, 50].tolist() == [0, 0, 255]


def test_dots_appear_when_it_is_their_turn(film):
    points = [np.linspace((10, 10), (90, 10), 4), np.full((4, 2), (50, 30)), np.linspace((10, 50), (90, 50), 4)]
    before, after = film(to_animated_svg(Sketch.of((100, 60), points, widths=8), 2.1), 0.9, 1.9)
    assert (before[25:35] == 255).all() and (after[30, 50] == 0).all()


def test_several_in_one_page(browser):
    page = browser.new_page()
    page.set_content(to_animated_svg(rows(2), 5) + to_animated_svg(rows(3), 9) + "<svg><path d='M0 0L9 9'/></svg>")
    names = page.evaluate("document.getAnimations().map(a => a.animationName)")
    assert names == ["strokewise-line"] * 5
    page.close()
