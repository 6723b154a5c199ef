"""SVG that is refused: unsafe, unsupported, broken or too large."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from svg_texts import PATH, drawing, stroke

from strokewise.errors import SvgError
from strokewise.export.svg import limits, text
from strokewise.export.svg.text import from_svg

UNSAFE = {
    "entities": '<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + drawing("<title>&b;</title>" + PATH),
    "outside entity": '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + drawing("<title>&a;</title>"),
    "style sheet link": f'<?xml-stylesheet href="a.css"?>{drawing(PATH)}',
    "script": drawing(f"<script>alert(1)</script>{PATH}"),
    "script in defs": drawing(f"<defs><script/></defs>{PATH}"),
    "foreign": drawing(f"<foreignObject/>{PATH}"),
    "handler": drawing(PATH.replace("/>", ' onclick="x()"/>')),
    "href": drawing(f'<a href="javascript:x()">{PATH}</a>'),
    "url": drawing(PATH.replace("/>", " style=\"fill: url( 'http://example.org/a.svg#a')\"/>")),
    "import": drawing(PATH.replace("/>", ' style="@import foo"/>')),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_unsafe(name):
    with pytest.raises(SvgError, match="not safe to read"):
        from_svg(UNSAFE[name])


UNSUPPORTED = {
    "clip": drawing(f'<clipPath id="a"><rect width="1" height=".5"/></clipPath><g clip-path="url(#a)">{PATH}</g>'),
    "round clip": drawing(f'<clipPath id="a"><circle r="99"/></clipPath><g clip-path="url(#a)">{PATH}</g>'),
    "mask": drawing(f'<mask id="a"><rect width="99" height="99"/></mask><g mask="url(#a)">{PATH}</g>'),
    "filter": drawing(f'<filter id="a"/><g filter="url(#a)">{PATH}</g>'),
    "dashes": drawing(PATH.replace("/>", ' stroke-dasharray=".3 .2"/>')),
    "turned in space": drawing(f'<g style="transform: rotateX(20deg)">{PATH}</g>'),
    "rule": drawing(f"<style>path:nth-child(2) {{ stroke: blue }}</style>{PATH}"),
    "em": drawing(PATH.replace("/>", ' stroke-width="3em"/>')),
    "gradient": drawing(PATH.replace("red", "url(#a)")),
    "colour": drawing(PATH.replace("red", "reddish")),
    "text": drawing(f"<text>hello</text>{PATH}"),
    "size": drawing(PATH, 'width="100%" height="3"'),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_unsupported(name):
    with pytest.raises(SvgError, match="not supported: "):
        from_svg(UNSUPPORTED[name])


BROKEN = {
    "empty": "",
    "text": "hello",
    "html": "<html><svg/></html>",
    "cut": drawing(PATH)[:-20],
    "no strokes": drawing(""),
    "fills only": drawing('<path d="M0 0L1 1" fill="red"/>'),
    "no size": drawing(PATH, ""),
    "flat": drawing(PATH, 'viewBox="0 0 9 0"'),
    "narrow": drawing(PATH, 'viewBox="0 0 0 9"'),
    "infinite": drawing(PATH, 'viewBox="0 0 1e999 9"'),
    "wide": drawing(PATH, 'viewBox="0 0 1e8 9"'),
    "tall": drawing(PATH, 'viewBox="0 0 9 1e8"'),
    "short box": drawing(PATH, 'viewBox="0 0 9"'),
    "far away": drawing(PATH.replace("1 1", "1e8 1")),
    "odd": drawing('<polyline points="1 2 3" stroke="red"/>'),
    "unknown entity": drawing(f"<title>&nbsp;</title>{PATH}"),
    "deep": drawing("<g>" * 1000 + "</g>" * 1000),
    "codec": b'<?xml version="1.0" encoding="klingon"?>' + drawing(PATH).encode(),
    "utf-7": b'<?xml version="1.0" encoding="utf-7"?>' + drawing(PATH).encode(),
    "bytes": b"\xff\xfe\x00\x01",
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken(name):
    with pytest.raises(SvgError) as caught:
        from_svg(BROKEN[name])
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 200


def test_bounds(monkeypatch):
    monkeypatch.setattr(limits, "MAX_STROKES", 3)
    assert len(from_svg(drawing(PATH * 3))) == 3
    with pytest.raises(SvgError, match="simplify"):
        from_svg(drawing(PATH * 4))
    monkeypatch.setattr(limits, "MAX_SEGMENTS", 3)
    with pytest.raises(SvgError, match="simplify"):
        stroke("M0 0" + "L1 1" * 4)
    monkeypatch.setattr(text, "MAX_BYTES", 30)
    with pytest.raises(SvgError, match="larger than"):
        from_svg(drawing(PATH))


def test_hostile_paths_take_no_time():
    start = time.perf_counter()
    for d in (
        "M" + " " * 300_000 + "x",
        "M0 0L" + "1" * 300_000,
        "M0 0" + "," * 300_000 + "x",
        "M" + "1 " * 50_000 + "x",
    ):
        with pytest.raises(SvgError):
            stroke(d)
    assert time.perf_counter() - start < 5


@settings(deadline=None)
@given(st.text(alphabet="MmLlHhVvCcSsQqTtZzAa0123456789.,-+eE \t", max_size=60))
def test_any_path_data_is_read_or_refused(d):
    try:
        points = stroke(d)
    except SvgError:
        return
    assert np.isfinite(points).all() and points.shape[1] % 3 == 1


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300))
def test_any_text_is_refused(data):
    with pytest.raises(SvgError):
        from_svg(data)


@pytest.mark.parametrize(
    "d",
    ["L1 2", "1 2", "M1", "M1 2L", "M1 2L3", "M1 2C1 2 3 4 5", "M1 2X3 4", "M1 2L3 nan", "M1 2L1e999 0",
     "M0 0L1 " + "9" * 5000, "M1 2LL3 4", "é", "M1 2A1 1 0 2 0 3 4"],
)  # fmt: skip
def test_malformed_paths(d):
    with pytest.raises(SvgError, match="export it again"):
        stroke(d)
