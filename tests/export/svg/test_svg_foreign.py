"""SVG as other programs and people write it: what is read, what is told, what is refused and how."""

from __future__ import annotations

import gzip
import sys
import time

import numpy as np
import pytest
from svg_texts import PATH, drawing

from strokewise.errors import SvgError, UnsupportedSvgError
from strokewise.export import read_sketch
from strokewise.export.svg import limits, unpacking
from strokewise.export.svg.path import parse_path
from strokewise.export.svg.text import from_svg
from strokewise.sketch import Sketch

LINE = '<path d="M10 10L90 40" stroke="red" fill="none"/>'


def read(body, head='viewBox="0 0 100 50"'):
    """The sketch, and what is told about it."""
    told: list[str] = []
    return from_svg(body if body.startswith("<!") else drawing(body, head), told.append), told


# Around the drawing

DOCTYPES = {
    "bare": "<!DOCTYPE svg>",
    "public": '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">',
    "system": '<!DOCTYPE svg SYSTEM "http://example.org/a.dtd">',
    "namespaces": '<!DOCTYPE svg PUBLIC "x" "y" [<!ENTITY ns_a "http://ns.adobe.com/AdobeIllustrator/10.0/">'
    '<!ENTITY ns_b "urn:other">]>',
}


@pytest.mark.parametrize("name", DOCTYPES)
def test_a_doctype_is_passed_over(name, monkeypatch):
    monkeypatch.setattr("socket.socket", lambda *_: pytest.fail("fetched"))
    assert len(read(DOCTYPES[name] + drawing(LINE))[0]) == 1


def test_namespaces_may_be_entities():
    text = '<!DOCTYPE svg [<!ENTITY s "http://www.w3.org/2000/svg"><!ENTITY i "http://ns.adobe.com/AI/">]>'
    text += f'<svg xmlns="&s;" xmlns:i="&i;" viewBox="0 0 100 50"><g i:layer="yes">{LINE}<i:pgf>abc</i:pgf></g></svg>'
    assert len(from_svg(text)) == len(from_svg(text.encode())) == 1


def test_a_file_as_illustrator_keeps_it_for_editing():
    text = """<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd" [
      <!ENTITY ns_ai "http://ns.adobe.com/AdobeIllustrator/10.0/"> <!ENTITY ns_svg "http://www.w3.org/2000/svg"> ]>
    <svg xmlns:i="&ns_ai;" xmlns="&ns_svg;" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 160 100"
      width="160px" height="100px" style="enable-background:new 0 0 160 100;" xml:space="preserve">
    <style type="text/css">.st0{fill:none;stroke:#231F20;stroke-width:2;stroke-miterlimit:10;}
    .st1{display:none;}</style><switch><foreignObject requiredExtensions="&ns_ai;" width="1" height="1">
    <i:pgfRef xlink:href="#pgf"/></foreignObject>
    <g i:extraneous="self"><g class="st1"><text>guide</text></g><path class="st0" d="M20,30c40-30,80,30,120,0"/>
    <ellipse transform="matrix(0.7071 -0.7071 0.7071 0.7071 -20 50)" class="st0" cx="60" cy="60" rx="10" ry="5"/></g>
    </switch><i:pgf id="pgf"><![CDATA[eJzsvWmT]]></i:pgf></svg>"""
    sketch, told = read(text)
    assert [len(chain) for chain in sketch.chains] == [4, 13] and sketch.widths == pytest.approx([2, 2], abs=1e-3)
    assert sketch.points[0, 3].tolist() == [140, 30] and sketch.colors[0, 0] == 0x23 / 255 and not told


ENTITIES = {
    "words": '<!ENTITY a "aaaa">',
    "elements": '<!ENTITY a "<path/>">',
    "nested": '<!ENTITY a "urn:a"><!ENTITY b "urn:&a;&a;">',
    "outside": '<!ENTITY a SYSTEM "file:///etc/passwd">',
    "parameter": '<!ENTITY % a "urn:a">',
    "long": f'<!ENTITY a "urn:{"a" * 500}">',
    "many": "".join(f'<!ENTITY a{i} "urn:a">' for i in range(200)),
    "often": f'<!ENTITY a "urn:{"a" * 150}">',
}


@pytest.mark.parametrize("name", ENTITIES)
def test_other_entities_are_refused_with_a_line_about_them(name):
    body = f"<desc>{'&a;' * 10_000}</desc>" if name == "often" else ""
    with pytest.raises(SvgError, match="entities.*Illustrator") as caught:
        from_svg(f"<!DOCTYPE svg [{ENTITIES[name]}]>" + drawing(body + LINE))
    assert "not safe to read" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-16", "cp037"])
def test_entities_in_other_encodings_are_refused(encoding):
    text = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE svg [<!ENTITY a "urn:a">]>' + drawing(LINE)
    with pytest.raises(SvgError):
        from_svg(text.encode(encoding))


def test_compressed_files(tmp_path):
    packed = gzip.compress(drawing(LINE).encode())
    (tmp_path / "a.svgz").write_bytes(packed)
    assert len(read_sketch(tmp_path / "a.svgz")) == len(read_sketch(packed)) == len(from_svg(packed)) == 1
    for broken, match in ((packed[:-9], "cut short"), (packed[:-8] + b"\xff" * 8, "damaged"), (packed[:3], "cut sho")):
        with pytest.raises(SvgError, match=match):
            read_sketch(broken)
    with pytest.raises(SvgError, match="photo has to be drawn"):
        read_sketch(gzip.compress(b"hello"))


def test_a_compressed_bomb_is_unpacked_no_further_than_the_limit():
    bomb = gzip.compress(b"<" + b" " * 300_000_000)
    assert len(unpacking.unpacked(bomb)) == limits.MAX_BYTES + 1
    with pytest.raises(SvgError, match="larger than 20 MB"):
        read_sketch(bomb)


# What is left out, and told


@pytest.mark.parametrize("reference", ["photo.jpg", "file:///etc/passwd", "data:image/png;base64,AAAA", "http://a.b/c"])
@pytest.mark.parametrize("name", ["href", "xlink:href"])
def test_pictures_beside_the_strokes_are_left_out_and_not_opened(name, reference, monkeypatch):
    monkeypatch.setattr("PIL.Image.open", lambda *_: pytest.fail("opened"))
    sketch, told = read(f'<g><image width="9" height="9" {name}="{reference}"/></g>{LINE}')
    assert len(sketch) == 1 and told == ["1 picture in the SVG left out, and not opened: only strokes are read"]
    sketch, told = read(f'<g display="none"><image {name}="{reference}"/></g><defs><image/></defs>{LINE}')
    assert len(sketch) == 1 and not told


def test_hidden_layers_are_skipped_whatever_is_in_them():
    inside = (
        '<text>a</text><g filter="url(#f)" mask="url(#m)"><path d="M0 0L9 9" stroke="url(#g)"/></g><path d="Mx" '
        'stroke="red"/><path d="M0 0L9 9" stroke="red" stroke-dasharray="1"/><g transform="nonsense(1)"/><unknown/>'
    )
    for hide in ('display="none"', 'style="display : none"', 'class="off"'):
        sketch, told = read(f"<style>.off{{display:none}}</style><g {hide}>{inside}</g>{LINE}")
        assert len(sketch) == 1 and not told


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ('<rect width="9" height="9" fill="#00f"/>', "1 filled shape left out"),
        ('<path d="M0 0H9V9z" stroke="red" fill="#00f"/>', "1 stroked shape drawn without the fill"),
        ('<path d="M0 0H9" stroke="red" marker-end="url(#m)"/>', "1 marked line drawn without arrowheads"),
        ('<path d="M5 5z" stroke="red"/>', "1 flat dot left out"),
        ('<path transform="scale(1 4)" d="M0 0H9" stroke="red"/>', "1 uneven line scaled unevenly"),
        ('<path d="M0 0H9" stroke="red" stroke-dasharray="20" stroke-dashoffset="20"/>', "1 hidden line left out"),
        ('<svg width="9" height="9"><path d="M0 0H30" stroke="red"/></svg>', "1 clipped line"),
    ],
)
def test_what_is_left_out_is_told(body, word):
    _, told = read(body + LINE)
    assert len(told) == 1 and told[0].startswith(word)


@pytest.mark.parametrize(
    "body",
    [
        '<rect width="100%" height="100%" fill="beige"/>',  # the paper's colour
        '<path d="M0 0V50H100V0z" fill="beige"/>',
        '<rect width="9" height="9" fill="white"/>',
        '<path d="M0 0L9 9"/>',  # a line has no inside
        '<path d="M0 0H9V9z" stroke="red" fill="none"/>',
        '<g fill="none"><path d="M0 0H9V9z" stroke="red" fill-opacity="1"/></g>',
        "<text/><text> </text>",
    ],
)
def test_nothing_is_told_where_nothing_is_lost(body):
    assert read(body + LINE)[1] == []


def test_python_warns_where_nobody_listens(tmp_path):
    (tmp_path / "a.svg").write_text(drawing(f"<image/>{LINE}"))
    with pytest.warns(UserWarning, match=r"^a\.svg: 1 picture") as caught:
        read_sketch(tmp_path / "a.svg")
    assert caught[0].filename == __file__


def test_a_width_of_uneven_scale_is_the_mean():
    sketch, _ = read('<g transform="scale(1 4)"><path d="M1 1H9" stroke="red" stroke-width="2"/></g>')
    assert sketch.widths[0] == pytest.approx(4)


# Faulty paths


@pytest.mark.parametrize(
    ("data", "ends"),
    [
        ("M20 40L60 50 100 40 140", [(100, 40)]),
        ("M20 80C60 60 100 100 140 80 Cnan,0", [(140, 80)]),
        ("M0 0L9 9 Linf 3", [(9, 9)]),
        ("M0 0L9 9zM5 5L6 6x", [(0, 0), (6, 6)]),
        ("M0 0a5 5 0 2 0 9 9", []),
        ("M0 0h1e400", []),
        ("L5 5", []),
        ("", []),
    ],
)
def test_a_path_is_read_up_to_its_first_mistake(data, ends):
    chains, fault, _ = parse_path(data)
    assert [tuple(chain[-1]) for chain in chains] == ends and bool(fault) == bool(data)


def test_a_faulty_path_is_named_and_the_others_are_kept():
    sketch, told = read(
        f'{LINE}<path d="M1 1L2 2 3" stroke="red"/><path id="nose" d="MNaN 1" stroke="red"/>'
        '<polyline points="1 1 2 2 a" stroke="red"/><polyline points="1 1 5 5 9" fill="none" stroke="red"/>'
        + '<path d="M1 1L" stroke="red"/>'
        * 3
    )
    assert sketch.points[:, -1].tolist() == [[90, 40], [2, 2], [5, 5]]
    assert told[0] == "path number 2 is read up to its mistake (numbers are missing at its end)"
    assert told[1].startswith("path 'nose' is left out") and told[2].startswith("polyline number 1 is left out")
    assert told[3] == "3 more paths have mistakes and are read up to them" and len(told) == 4


def test_if_all_paths_are_faulty_the_first_is_named():
    with pytest.raises(SvgError, match=r"'nose' cannot be read \(at 'x'\): export it again"):
        read('<path id="nose" d="Mx" stroke="red"/>')


# What is refused

REFUSED = {
    "text": "<text>a</text>",
    "no stroke": None,
    "gradient": '<path d="M0 0L9 9" stroke="url(#g)"/>',
    "dashes": '<path d="M0 0L90 9" stroke="red" stroke-dasharray="4 4"/>',
    "clip": '<clipPath id="c"><rect width="20" height="20"/></clipPath><g clip-path="url(#c)">' + LINE + "</g>",
    "two clips": '<clipPath id="c"><rect width="20" height="50"/><rect x="20" width="80" height="50"/></clipPath>'
    f'<g clip-path="url(#c)">{LINE}</g>',
    "clip by a function": f'<g style="clip-path: inset(1px)">{LINE}</g>',
    "dark mask": f'<mask id="c"><rect width="999" height="999" fill="black"/></mask><g mask="url(#c)">{LINE}</g>',
    "blur": f'<filter id="f"><feGaussianBlur stdDeviation="3"/></filter><g filter="url(#f)">{LINE}</g>',
    "style sheet": f"<style>path:not(.a){{stroke:blue}}</style>{LINE}",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_is_one_line_that_says_where_to_click(name):
    body = '<path d="M0 0H9V9z" fill="red"/>' if REFUSED[name] is None else LINE + REFUSED[name]
    with pytest.raises(UnsupportedSvgError) as caught:
        read(body)
    line = str(caught.value)
    assert "Inkscape: " in line and "Illustrator: " in line and "\n" not in line and len(line) < 220


def test_clips_masks_and_filters_of_other_things_do_not_matter():
    for what in ('clip-path="url(#c)"', 'mask="url(#c)"', 'filter="url(#f)"'):
        body = f'<clipPath id="c"><circle r="3"/></clipPath><filter id="f"/><g {what}><image/></g>{LINE}'
        assert len(read(body)[0]) == 1


def test_links_are_followed_by_nobody_and_scripts_are_refused():
    assert len(read(f'<a xlink:href="https://example.org/">{LINE}</a>')[0]) == 1
    for link in ("javascript:x()", " java\tscript:x()", "data:text/html,x"):
        with pytest.raises(SvgError, match="not safe to read"):
            read(f'<a href="{link}">{LINE}</a>')


def test_small_faults_of_other_programs():
    odd = '<path d="M1 1H9" stroke="red" stroke-dasharray="null" stroke-width="undefined" stroke-dashoffset="NaN"/>'
    sketch, told = read(odd)
    assert sketch.widths.tolist() == [1] and not told
    assert len(from_svg(f"\n \n<?xml version='1.0'?>{drawing(LINE)}")) == 1
    sketch, told = read(f'<g opacity="0"><path d="M0 0L9 9" stroke="red"/></g>{LINE}')
    assert len(sketch) == 1 and not told


# Bounds

BOMBS = {
    "doubling": '<g id="a0"><path d="M0 0L9 9" stroke="red"/></g>'
    + "".join(f'<g id="a{i}"><use href="#a{i - 1}"/><use href="#a{i - 1}"/></g>' for i in range(1, 30)),
    "long chain": '<g id="a0"/>' + "".join(f'<g id="a{i}"><use href="#a{i - 1}"/></g>' for i in range(1, 3000))
    + '<use href="#a2999"/>',
    "itself": '<g id="a"><use href="#a"/></g>',
    "each other": '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
    "itself by symbols": '<symbol id="a"><use href="#b"/></symbol><symbol id="b"><use href="#a"/></symbol>'
    '<use href="#a"/>',
    "elements": "<g/>" * 150_000,
    "rules": "<style>" + "*{stroke:red}" * 9000 + "</style>" + "<g/>" * 9000,
    "many rules": "<style>" + ".a{stroke:red}" * 20_000 + "</style>",
    "blocks": "<style>" + "@media screen{" * 50_000 + "</style>",
    "selectors": "<style>" + "a," * 100_000 + "b{stroke:red}</style>",
    "long selector": "<style>" + "a " * 100_000 + "{stroke:red}</style>" + LINE,
    "transforms": f'<g transform="{"scale(1)" * 5000}">{LINE}</g>',
    "moves": f'<path d="{"M0 0" * 700_000}" stroke="red"/>',
    "clips": '<clipPath id="c" clip-path="url(#c)"><rect width="9" height="9"/></clipPath>'
    f'<g clip-path="url(#c)">{LINE}</g>',
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_would_take_for_ever_is_refused_or_read_at_once(name):
    start = time.process_time()
    try:
        read(BOMBS[name])
    except SvgError as error:
        assert "\n" not in str(error) and len(str(error)) < 250
    if sys.gettrace() is None:  # what measures coverage takes most of the time
        assert time.process_time() - start < 5


def test_lines_of_very_different_lengths_are_cut_rather_than_filling_the_memory():
    long = "M0 0" + "".join(f"L{k % 97} {k % 31}" for k in range(20_000))
    sketch, told = read(f'<path d="{long}" fill="none" stroke="red"/>' + PATH * 2000)
    assert sketch.points.nbytes < 60_000_000 and sketch.curves == 22_000
    assert told == ["1 long line cut in pieces: lines of so different lengths take too much memory together"]
    pieces = sketch.chains[: len(sketch) - 2000]
    assert all((a[-1] == b[0]).all() for a, b in zip(pieces[:-1], pieces[1:], strict=True))


def test_what_is_read_is_written_and_read_again():
    body = LINE + '<circle cx="50" cy="25" r="9" stroke="blue" fill="none"/><path d="M5 5z" stroke="red" '
    sketch, _ = read(body + 'stroke-linecap="round"/>')
    again = from_svg(sketch.to_svg())
    assert isinstance(again, Sketch) and np.abs(again.points - sketch.points).max() < 1e-3
    assert [len(chain) for chain in again.chains] == [4, 13, 4]
