"""What counts as a drawing, and how it is framed for a recogniser."""

import gzip
import io
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from strokewise.errors import PhotoError, RecognizeError, StrokewiseError, SvgError
from strokewise.export import brushed_svg
from strokewise.export.svg import safety as svgsafe
from strokewise.recognition import inputs as pictures
from strokewise.recognition.inputs import picture_array, read_drawing, sketch_picture
from strokewise.sketch import Sketch


def svg(body, head='viewBox="0 0 100 100"'):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {head}>{body}</svg>'
    ).encode()


STROKE = '<path d="M10 10L90 90" stroke="#000" fill="none" stroke-width="3"/>'
FILLED = '<circle cx="50" cy="50" r="30" fill="#222"/>'


def ink_box(image, level=0.5):
    """Left, top, right, bottom of what is darker than `level`, pixels."""
    ys, xs = np.nonzero(image.mean(0) < level)
    return xs.min(), ys.min(), xs.max() + 1, ys.max() + 1


def png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


# Reading


def test_our_own_svg_comes_back_as_the_sketch_without_a_renderer(sketch, tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "_rendered", lambda text: pytest.fail("rendered"))
    path = tmp_path / "a.svg"
    path.write_text(sketch.to_svg())
    for source in (path, str(path), path.read_bytes()):
        found = read_drawing(source)
        assert isinstance(found, Sketch) and found.metadata == sketch.metadata
        np.testing.assert_allclose(found.points, sketch.points, atol=1e-3)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_plain_strokes_of_another_program_are_a_sketch(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?>' + svg(f"<title>é</title>{STROKE}").decode()
    found = read_drawing(text.encode(encoding))
    assert isinstance(found, Sketch) and len(found) == 1


FOREIGN = {
    "fills only": FILLED,
    "strokes on fills": FILLED + STROKE,
    "white strokes on black": '<rect width="100" height="100"/>' + STROKE.replace("#000", "#fff"),
    "text beside strokes": f"<text>hello</text>{STROKE}",
    "dashes": STROKE.replace("/>", ' stroke-dasharray="4 4"/>'),
    "gradient": '<linearGradient id="g"><stop stop-color="red"/></linearGradient><rect width="50" height="9" '
    'fill="url(#g)"/>',
    "clip": f'<clipPath id="c"><rect width="60" height="60"/></clipPath><g clip-path="url(#c)">{STROKE}</g>',
}


STROKES = {
    "transform": f'<g transform="scale(.5)">{STROKE}</g>',
    "arc": '<path d="M10 50A40 40 0 0 1 90 50" stroke="red" fill="none" stroke-linecap="round"/>',
    "style sheet": "<style>.a{stroke:red;fill:none}</style><path class='a' d='M1 1L80 50'/>",
    "use": f'<defs><g id="a">{STROKE}</g></defs><use xlink:href="#a"/>',
}


@pytest.mark.parametrize("name", STROKES)
def test_strokes_written_in_other_ways_are_read_as_strokes(name):
    for data in (svg(STROKES[name]), gzip.compress(svg(STROKES[name])), b"<!DOCTYPE svg>" + svg(STROKES[name])):
        found = read_drawing(data)
        assert isinstance(found, Sketch) and len(found) == 1


def test_a_stroke_added_to_a_brushed_drawing_is_seen_with_it(sketch):
    """Not that stroke alone, though it is the only one that is no outline."""
    brushed = brushed_svg(sketch, "ink")
    added = brushed.replace("</svg>", '<path d="M10 90L20 90" fill="none" stroke="red" stroke-width="2"/></svg>')
    assert isinstance(read_drawing(added.encode()), np.ndarray)


@pytest.mark.parametrize("name", FOREIGN)
def test_what_strokes_cannot_show_is_taken_as_a_picture(name):
    picture = read_drawing(svg(FOREIGN[name]))
    assert isinstance(picture, np.ndarray) and picture.dtype == np.float32
    assert picture.shape == (pictures.RENDERED, pictures.RENDERED, 3)
    assert 0 <= picture.min() < 0.5 < picture.max() == 1


def test_a_page_in_millimetres_is_rendered():
    picture = read_drawing(svg(FILLED, 'viewBox="0 0 100 50" width="20mm" height="1cm"'))
    assert picture.shape == (pictures.RENDERED // 2, pictures.RENDERED, 3)


def test_a_picture_is_where_the_svg_drew_it():
    picture = read_drawing(svg(FILLED, 'viewBox="0 0 100 50" width="1000" height="500"'))
    assert picture.shape == (pictures.RENDERED // 2, pictures.RENDERED, 3)
    scale = pictures.RENDERED / 100
    dark = picture[:, :, 0] < 0.5
    assert np.nonzero(dark.any(0))[0][0] == pytest.approx(20 * scale, abs=1)
    assert np.nonzero(dark.any(1))[0][0] == pytest.approx(20 * scale, abs=1)


DEFS = '<g id="a0"><path d="M1 1L9 9" stroke="red"/></g>'
HOSTILE = {
    "entities": b'<!DOCTYPE svg [<!ENTITY a "aa">]>' + svg(f"<title>&a;</title>{STROKE}"),
    "late script": svg(f"{FILLED}<text>a</text><script>x()</script>"),
    "late handler": svg('<text>a</text><rect onload="x()"/>'),
    "late image": svg('<text>a</text><image href="file:///etc/passwd"/>'),
    "late data": svg('<text>a</text><image xlink:href="data:image/png;base64,AAAA"/>'),
    "late url": svg('<text>a</text><rect style="fill:url(http://example.org/a.svg#b)"/>'),
    "late import": svg(f"<text>a</text><style>@import 'http://example.org/a.css';</style>{FILLED}"),
    "sheet url": svg(f"<style>rect{{fill:url(//example.org/a)}}</style>{FILLED}"),
    "spelled sheet": svg(f"<style>@\\69mport 'a.css';</style>{FILLED}"),
    "late style sheet": svg(f"<text>a</text><?xml-stylesheet href='a.css'?>{FILLED}"),
    "foreign object": svg("<text>a</text><foreignObject/>"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_wherever_it_stands(name, monkeypatch):
    monkeypatch.setattr(pictures, "_rendered", lambda text: pytest.fail("rendered"))
    with pytest.raises(SvgError, match="not safe to read"):
        read_drawing(HOSTILE[name])


def doubled(levels):
    uses = "".join(f'<g id="a{i}"><use href="#a{i - 1}"/><use href="#a{i - 1}"/></g>' for i in range(1, levels + 1))
    return svg(DEFS + uses)


ENDLESS = {
    "doubling": doubled(30),
    "doubling in patterns": svg(
        '<pattern id="p0"/>'
        + "".join(
            f'<pattern id="p{i}"><rect fill="url(#p{i - 1})"/><rect style="fill:url(#p{i - 1})"/></pattern>'
            for i in range(1, 30)
        )
    ),
    "long chain": svg(DEFS + "".join(f'<g id="a{i}"><use xlink:href="#a{i - 1}"/></g>' for i in range(1, 3000))),
    "itself": svg('<g id="a"><use href="#a"/></g><text>a</text>'),
    "each other": svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'),
    "deep": svg("<g>" * 150 + "<text/>" + "</g>" * 150),
    "many elements": svg("<text/>" * 20_000),
    "masks": svg('<mask id="m"><rect/></mask>' + '<rect mask="url(#m)"/>' * 1000),
    "masks by a sheet": svg('<style>rect{mask:url(#m)}</style><mask id="m"><rect/></mask>' + "<rect/>" * 1000),
    "markers": svg(f'<marker id="m"><rect/></marker><path marker-mid="url(#m)" d="M0 0{"L1 1" * 9000}"/>'),
    "turbulence": svg('<filter id="f"><feTurbulence numOctaves="100000000"/></filter><rect filter="url(#f)"/>'),
}


@pytest.mark.parametrize("name", ENDLESS)
def test_what_would_be_endless_to_render_is_refused_at_once(name, monkeypatch):
    monkeypatch.setattr(pictures, "_rendered", lambda text: pytest.fail("rendered"))
    start = time.perf_counter()
    with pytest.raises(SvgError) as caught:
        read_drawing(ENDLESS[name])
    assert time.perf_counter() - start < 5
    assert "\n" not in str(caught.value) and "not safe" not in str(caught.value)


def test_what_is_used_is_counted_as_often_as_it_is_used():
    levels = next(i for i in range(1, 30) if _refused(doubled(i)))
    # Level k holds 1 + 2 * (1 + level k-1): all levels stand in the file, so their costs add up.
    costs = [2]
    for _ in range(29):
        costs.append(1 + 2 * (1 + costs[-1]))
    totals = [1 + sum(costs[: i + 1]) for i in range(30)]
    assert totals[levels] > svgsafe.MAX_ELEMENTS >= totals[levels - 1]


def _refused(data):
    try:
        svgsafe.check_renderable(data.decode())
    except SvgError:
        return True
    return False


def test_a_renderer_that_crashes_or_never_ends_is_one_line(monkeypatch):
    monkeypatch.setattr(pictures, "_RENDERER", "import os\nos.abort()")
    with pytest.raises(SvgError, match="cannot be rendered"):
        read_drawing(svg(FILLED))
    monkeypatch.setattr(pictures, "_RENDERER", "import time\ntime.sleep(60)")
    monkeypatch.setattr(pictures, "SECONDS", 0.5)
    with pytest.raises(SvgError, match="takes more than"):
        read_drawing(svg(FILLED))


def test_no_module_of_the_users_folder_is_taken_for_the_renderer(tmp_path):
    (tmp_path / "resvg_py.py").write_text("raise SystemExit(3)")
    (tmp_path / "a.svg").write_bytes(svg(FILLED))
    source = str(Path(pictures.__file__).parents[2])
    code = f"import sys; sys.path[:] = [p for p in sys.path if p] + [{source!r}, '']\n"
    code += "from strokewise.recognition.inputs import read_drawing; print(read_drawing('a.svg').shape)"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == f"({pictures.RENDERED}, {pictures.RENDERED}, 3)", done.stderr


@pytest.mark.parametrize(
    "body", ["", "<text>hello</text>", STROKE.replace("#000", "none"), FILLED.replace("#222", "white"), "<g/><defs/>"]
)
def test_an_svg_with_nothing_to_see_is_refused(body):
    with pytest.raises(SvgError, match="nothing drawn"):
        read_drawing(svg(body))


def test_a_hundred_megabytes_are_refused_unread(tmp_path):
    path = tmp_path / "big.svg"
    with path.open("wb") as file:
        file.write(svg(STROKE))
        file.truncate(100_000_000)
    start = time.perf_counter()
    with pytest.raises(SvgError, match="big.svg is larger than 20 MB"):
        read_drawing(path)
    assert time.perf_counter() - start < 1
    with pytest.raises(SvgError, match="larger than 20 MB"):
        read_drawing(svg(STROKE) + b" " * 20_000_000)


def test_refusals_name_the_file(tmp_path):
    path = tmp_path / "bad.svg"
    path.write_bytes(HOSTILE["late script"])
    with pytest.raises(SvgError, match=r"^bad.svg: the SVG holds <script>"):
        read_drawing(path)
    with pytest.raises(PhotoError, match="does not exist"):
        read_drawing(tmp_path / "missing.svg")
    with pytest.raises(PhotoError, match="folder"):
        read_drawing(tmp_path)


def test_pictures_of_all_sorts_and_blank_ones(tmp_path):
    image = Image.new("RGB", (120, 80), "white")
    with pytest.raises(RecognizeError, match="blank.png has nothing drawn"):
        image.save(tmp_path / "blank.png")
        read_drawing(tmp_path / "blank.png")
    ImageDraw.Draw(image).line((20, 20, 90, 60), fill="black", width=2)
    image.save(tmp_path / "drawing.svg.png")
    for source in (image, np.asarray(image), png(image), tmp_path / "drawing.svg.png"):
        picture = read_drawing(source)
        assert picture.shape == (80, 120, 3) and picture.dtype == np.float32
    with pytest.raises(PhotoError, match="not a picture"):
        read_drawing(b"milk and bread" * 20)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_end_in_an_error_of_ours(data):
    for content in (data, b"<" + data):
        with pytest.raises(StrokewiseError) as caught:
            read_drawing(content)
        assert "\n" not in str(caught.value)


pieces = st.sampled_from(
    [STROKE, FILLED, "<text>a</text>", '<use href="#a"/>', '<g id="a">', "</g>", '<rect fill="url(#a)"/>', "&amp;",
     '<path d="M1 1A3" stroke="red"/>', "<style>a{}</style>", "<script/>", "<a", '<g transform="x">', "<!--", "é"]
)  # fmt: skip


@settings(deadline=None, max_examples=15)
@given(st.lists(pieces, max_size=8))
def test_any_jumble_is_read_or_refused(parts):
    try:
        found = read_drawing(svg("".join(parts)))
    except StrokewiseError as error:
        assert "\n" not in str(error)
        return
    assert isinstance(found, Sketch) or 0 <= found.min() < found.max() <= 1


# Framing


@pytest.mark.parametrize("size", [224, 96])
def test_a_sketch_is_framed_on_its_curves_wherever_they_lie(size):
    # The control points reach to y = 40, the curve only to y = 30 (three quarters of the way).
    arch = np.array([[[0, 0], [0, 40], [60, 40], [60, 0]]]) + 500
    for scale in (1, 0.01):
        image = sketch_picture(Sketch.of((5000, 5000), arch * scale, widths=1e-3), size)
        assert image.shape == (3, size, size) and (image[0] == image[2]).all()
        left, top, right, bottom = ink_box(image, 0.9)
        assert left == pytest.approx(0.06 * size, abs=1.5) and right == pytest.approx(0.94 * size, abs=1.5)
        assert bottom - top == pytest.approx(0.44 * size, abs=3)
        assert (top + bottom) / 2 == pytest.approx(size / 2, abs=1)


def test_lines_are_neither_too_thin_nor_too_thick():
    line = [[[0, 5], [3, 5], [7, 5], [10, 5]]]
    for width, expected in ((1e-4, 0.8), (0.1, 0.1 * 0.88 * 22.4), (8, 4)):
        image = sketch_picture(Sketch.of((10, 10), line, widths=width))
        assert (1 - image[0, :, 112]).sum().item() == pytest.approx(expected, rel=0.02)


def test_colours_are_left_out_and_invisible_strokes_not_drawn(sketch):
    plain = sketch_picture(sketch)
    coloured = Sketch.of(sketch.canvas, sketch.points, widths=2.5, colors=1.0, opacities=[0.2, 1, 0.7])
    assert (sketch_picture(coloured) == plain).all()
    hidden = Sketch.of(sketch.canvas, sketch.points, widths=2.5, opacities=[1, 1, 0])
    assert (sketch_picture(hidden) == sketch_picture(sketch.reordered([0, 1]))).all()
    for empty in (Sketch.of((9, 9), sketch.points, opacities=0.0), Sketch.of((9, 9), np.zeros((0, 4, 2)))):
        with pytest.raises(RecognizeError, match="no strokes"):
            sketch_picture(empty)


def test_chained_strokes_and_dots():
    chain = np.array([[[0, 0], [1, 0], [2, 0], [3, 0], [3, 1], [3, 2], [3, 3]]], dtype=float)
    image = sketch_picture(Sketch.of((4, 4), chain, widths=0.05))
    assert image[0, :20, 112].min() < 0.2 and image[0, 112, -20:].min() < 0.2 and image[0, 100:, :100].min() == 1
    dot = sketch_picture(Sketch.of((4, 4), np.full((1, 4, 2), 3.0), widths=1))
    assert 4 < (1 - dot[0]).sum() < 20


def drawn(paper, ink, size=(400, 300), width=3):
    image = Image.new("RGB", size, paper)
    ImageDraw.Draw(image).line((250, 100, 300, 150, 250, 200), fill=ink, width=width)
    return np.asarray(image, dtype=np.float32) / np.float32(255)


@pytest.mark.parametrize(
    ("paper", "ink"),
    [("white", "black"), ("black", "white"), ("#eeeeee", "#777777"), ("white", "red"), ("#142", "#9f9")],
)
def test_lines_of_any_colour_become_black_on_white_and_fill_the_frame(paper, ink):
    image = picture_array(drawn(paper, ink))
    assert image.shape == (3, 224, 224) and image.min() == 0 and image[0, 0, 0] > 0.99
    left, top, right, bottom = ink_box(image)
    assert bottom - top == pytest.approx(0.88 * 224, abs=4) and 80 < right - left < 120
    assert (left + right) / 2 == pytest.approx(112, abs=2)


def test_hairlines_of_a_large_picture_stay_dark():
    image = Image.new("RGB", (2000, 2000), "white")
    ImageDraw.Draw(image).ellipse((100, 100, 1900, 1900), outline="black", width=1)
    assert picture_array(np.asarray(image, dtype=np.float32) / np.float32(255)).min() == 0


def test_filled_shapes_keep_their_colours_and_photos_are_shown_whole():
    image = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(image).rectangle((50, 30, 89, 69), fill=(200, 40, 40))
    seen = picture_array(np.asarray(image, dtype=np.float32) / np.float32(255))
    np.testing.assert_allclose(seen[:, 112, 112], np.array([200, 40, 40]) / 255, atol=0.01)
    rng = np.random.default_rng(0)
    photo = rng.uniform(0, 1, (100, 200, 3)).astype(np.float32)
    whole = picture_array(photo)
    assert (whole[:, :50] == 1).all() and (whole[:, 60:160] < 1).mean() > 0.95
    with pytest.raises(RecognizeError, match="one colour"):
        picture_array(np.full((20, 30, 3), 0.4, dtype=np.float32))
