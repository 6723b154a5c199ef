"""Whatever an SVG holds: a sketch or one line, in bounded time and memory.

FUZZ_EXAMPLES=200000 python -m pytest tests/export/svg/test_svg_fuzz.py     # as long as you like
"""

from __future__ import annotations

import gzip
import os
import time

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strokewise.errors import StrokewiseError
from strokewise.export import read_sketch
from strokewise.export.svg.path import parse_path
from strokewise.export.svg.transforms import parse_transform

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
relaxed = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))

numbers = st.sampled_from(
    ["0", "1", "-3", "9.5", ".5", "1e3", "1e30", "1e400", "nan", "50%", "3mm", "2em", "", "-0", "x"]
)
colours = st.sampled_from(
    ["red", "none", "#123", "url(#a)", "rgb(1%,2%,3)", "currentColor", "inherit", "#0f08", "rgb("]
)
ids = st.sampled_from(["a", "b", "c"])
data = st.text(alphabet="MmLlHhVvCcSsQqTtAaZz0123456789.-+eE, ", max_size=40)
VALUES = {
    "d": data, "points": data, "stroke": colours, "fill": colours, "color": colours, "stroke-width": numbers,
    "opacity": numbers, "stroke-opacity": numbers, "fill-opacity": numbers, "id": ids, "class": ids,
    "href": ids.map("#{}".format), "xlink:href": ids.map("#{}".format),
    "clip-path": ids.map("url(#{})".format), "mask": ids.map("url(#{})".format),
    "filter": st.sampled_from(["none", "url(#a)", "blur(2px)"]),
    "display": st.sampled_from(["none", "inline"]), "visibility": st.sampled_from(["hidden", "visible"]),
    "stroke-dasharray": st.lists(numbers, max_size=3).map(" ".join), "stroke-dashoffset": numbers,
    "pathLength": numbers,
    "stroke-linecap": st.sampled_from(["round", "butt"]), "vector-effect": st.just("non-scaling-stroke"),
    "viewBox": st.lists(numbers, min_size=3, max_size=5).map(" ".join), "overflow": st.just("visible"),
    "preserveAspectRatio": st.sampled_from(["none", "xMinYMax slice", "x", ""]),
    "transform": st.tuples(st.sampled_from(["translate", "scale", "rotate", "skewX", "matrix", "spin"]),
                           st.lists(numbers, max_size=6).map(",".join)).map(lambda t: f"{t[0]}({t[1]})"),
    "transform-origin": numbers, "data-locked": st.just("true"), "data-paper": st.just(""),
    "systemLanguage": st.sampled_from(["en", "de"]), "requiredExtensions": st.just("x"),
    "marker-end": st.just("url(#a)"),
    "style": st.sampled_from(["stroke:red", "stroke:blue !important;d:x", ";;:", "display:none", "transform:none"]),
    **dict.fromkeys(("x", "y", "width", "height", "rx", "ry", "r", "cx", "cy", "x1", "y1", "x2", "y2"), numbers),
}  # fmt: skip
NAMES = [
    "g", "svg", "use", "symbol", "switch", "path", "path", "path", "line", "polyline", "polygon", "rect", "circle",
    "ellipse", "clipPath", "mask", "defs", "image", "a", "text", "foreignObject", "unknown", "marker",
]  # fmt: skip
attributes = st.dictionaries(st.sampled_from(sorted(VALUES)), st.none(), max_size=7).flatmap(
    lambda chosen: st.fixed_dictionaries({key: VALUES[key] for key in chosen})
)
HEADS = ['viewBox="0 0 100 50"', 'width="10mm" height="9" viewBox="0 0 9 9"', 'width="9" height="9"']
SHEETS = ["", "path{stroke:red}", ".a>.b,#c{stroke-width:3;display:none}", "@media all{*{opacity:.5}}", "}{", "@x;a{"]


@st.composite
def elements(draw, depth=3):
    name = draw(st.sampled_from(NAMES))
    said = "".join(f' {key}="{value}"' for key, value in draw(attributes).items())
    inside = "".join(draw(st.lists(elements(depth - 1), max_size=3))) if depth else draw(st.sampled_from(["", "a"]))
    return f"<{name}{said}>{inside}</{name}>"


@st.composite
def documents(draw):
    head = draw(
        st.sampled_from(['viewBox="0 0 100 50"', 'width="10mm" height="9" viewBox="0 0 9 9"', 'width="9" height="9"'])
    )
    sheet = draw(st.sampled_from(SHEETS))
    body = "".join(draw(st.lists(elements(), max_size=4)))
    line = draw(st.sampled_from(["", '<path d="M1 1L9 9" stroke="red"/>']))
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {spaces} {head}><style>{sheet}</style>{body}{line}</svg>"


def read(text):
    """Read it, or check that the refusal is one line; it takes no time, and what is read can be written."""
    start = time.process_time()
    told: list[str] = []
    try:
        sketch = read_sketch(text, told.append)
    except StrokewiseError as error:
        assert "\n" not in str(error) and len(str(error)) < 300
        return None
    finally:
        assert time.process_time() - start < 5
    assert all("\n" not in line and len(line) < 200 for line in told)
    assert np.isfinite(sketch.points).all() and len(sketch) > 0
    again = read_sketch(sketch.to_svg().encode(), told.append)
    assert len(again) == len(sketch)
    return sketch


@relaxed
@given(documents())
def test_any_document(text):
    read(text.encode())


@relaxed
@given(documents(), st.data())
def test_any_damage(text, data):
    raw = bytearray(text.encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(raw) - 1))
        if data.draw(st.booleans()):
            raw[place] = data.draw(st.integers(0, 255))
        else:
            del raw[place : place + data.draw(st.integers(1, 30))]
        raw = raw or bytearray(b"<")
    read(bytes(raw))
    read(gzip.compress(bytes(raw))[: data.draw(st.integers(1, 200))])


@relaxed
@given(data)
def test_any_path_data(text):
    chains, _, _ = parse_path("M1 1" + text)
    assert all(len(chain) % 3 == 1 and len(chain) >= 4 for chain in chains)


@relaxed
@given(st.text(alphabet="matrixslecoang()0123456789., -+deg\n", max_size=40))
def test_any_transform(text):
    try:
        assert np.isfinite(parse_transform(text)).all()
    except StrokewiseError as error:
        assert "\n" not in str(error)
