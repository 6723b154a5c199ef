"""What is read from an SVG looks like that SVG: both are rendered by resvg, and compared as pictures."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from strokewise.export.svg.text import from_svg

PEN = 'fill="none" stroke="#000" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"'
HEAD = 'width="200" height="120" viewBox="0 0 200 120"'
CURVE = "M20 30C60 0 100 60 140 30"


def svg(body, head=HEAD):
    spaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    return f"<svg {spaces} {head} {PEN}>{body}</svg>"


def rendered(text, size=(400, 240)):
    import resvg_py

    png = resvg_py.svg_to_bytes(
        svg_string=text, width=size[0], height=size[1], background="white", skip_system_fonts=True, dpi=96
    )
    return np.asarray(Image.open(io.BytesIO(bytes(png))).convert("RGB"), dtype=np.float64) / 255


def difference(text, size=(400, 240)):
    """Mean difference of both pictures as a share of the ink; also checks that there is some."""
    told = []
    picture, ours = rendered(text, size), rendered(from_svg(text, told.append).to_svg(), size)
    assert picture.shape == ours.shape
    ink = float((1 - picture).mean())
    assert ink > 1e-3
    return float(np.abs(picture - ours).mean()) / ink


SAME = {
    "translate": f'<g transform="translate(10,20)"><path d="{CURVE}"/></g>',
    "nested": f'<g transform="translate(5 -10)"><g transform="matrix(0,1,-1,0,160,0)"><path d="{CURVE}"/></g></g>',
    "list": f'<path transform="translate(30) rotate(20, 50 ,50)scale(.5),skewX(0)" d="{CURVE}"/>',
    "mirrored": f'<path transform="translate(200) scale(-1 1)" d="{CURVE}"/>',
    "scaled pen": f'<g transform="scale(2)"><path d="{CURVE}" stroke-width="4"/></g>',
    "root transform": f'<g transform="rotate(-30)"><g transform="translate(-10 60)"><path d="{CURVE}"/></g></g>',
    "arcs": '<path d="M10 60A40 25 30 0 1 90 60A40 25 -30 1 0 150 60a10 10 0 1 1 20 0"/>',
    "arc flags together": '<path d="M10 60a40 25 30 01 80 0 40 25-30 1060 0"/>',
    "arc of small radii": '<path d="M10 60A1 1 0 0 1 90 60A3 1 45 0 0 150 90"/>',
    "arc of no radius": '<path d="M10 60A0 5 0 0 1 90 60"/>',
    "full circles": '<circle cx="50" cy="60" r="30"/><ellipse cx="140" cy="60" rx="40" ry="15"/>',
    "circle of percents": '<circle cx="50%" cy="50%" r="20%"/>',
    "rectangles": '<rect x="10" y="10" width="60" height="40"/><rect x="90" y="10" width="60" height="40" rx="10"/>'
    '<rect x="10" y="65" width="60" height="40" rx="50" ry="8"/><rect x="90" y="65" width="60" height="40" ry="90"/>',
    "polygon": '<polygon points="10,10 100 20,90,100"/><polyline points="110 10 180 20 170 100 9"/>',
    "numbers close together": '<path d="M10.5.5.5 20l3.e1-.5-1-1e1.5.5h20v-.5z"/>',
    "smooth": '<path d="M10 60Q40 10 70 60T130 60t60 0M10 100S60 60 100 100s40 10 80 0"/>',
    "dots": '<path d="M30 50z" stroke-width="9"/><path d="M60 50h0M90 50L90 50" stroke-width="9"/>',
    "dot and nothing": '<path d="M150 50M20 20L40 40" stroke-width="9"/>',
    "use": f'<defs><path id="p" d="{CURVE}"/></defs><use xlink:href="#p" x="20" y="30"/><use href="#p" y="60"/>',
    "use of use": f'<g id="a"><path d="{CURVE}"/></g><g id="b"><use href="#a" y="20"/></g><use href="#b" x="30"/>',
    "use inherits": f'<defs><path id="p" d="{CURVE}" stroke="inherit"/></defs><use href="#p" stroke="red"/>',
    "symbol": f'<symbol id="s" viewBox="0 0 160 60"><path d="{CURVE}"/></symbol><use href="#s" x="20" y="10" '
    'width="80" height="90"/><use href="#s" x="100" y="60" width="80" height="30"/>',
    "inner svg": f'<svg x="40" y="30" width="80" height="60" viewBox="0 0 160 100"><path d="{CURVE}"/></svg>',
    "inner svg without a box": f'<svg x="40" y="30"><path d="{CURVE}"/></svg>',
    "inner svg stretched": f'<svg x="9" width="90" height="110" viewBox="0 0 160 60" preserveAspectRatio="xMaxYMax '
    f'slice" overflow="visible"><path d="{CURVE}"/></svg>',
    "switch": f'<switch><path systemLanguage="xx" d="M0 0L9 9"/><g requiredExtensions="urn:a"><path d="M0 0L9 99"/></g>'
    f'<path d="{CURVE}"/><path d="M0 99L9 9"/></switch>',
    "rules": f"<style>.a{{stroke:#d00;stroke-width:5}} g > .b, #c {{ stroke: blue }} * {{stroke-linecap:round}} "
    f"path.d{{display:none}} @media print {{ path {{ stroke: red }} }} @font-face {{ font-family: x }}</style>"
    f'<path class="x a" d="{CURVE}"/><g><path class="b" d="M10 60H90"/></g><path class="b" d="M10 80H90"/>'
    '<path id="c" d="M10 100H90"/><path class="d" d="M0 0L99 99"/>',
    "strength of rules": f"<style>.a{{stroke:red}} path{{stroke:blue !important}} #b.a{{stroke:lime}}</style>"
    f'<path class="a" d="{CURVE}"/><path id="b" class="a" d="M10 60H90" style="stroke: aqua"/>'
    '<line class="a" x1="10" y1="90" x2="90" y2="90" stroke="green"/>',
    "rules inside each other": "<style>svg g .a{stroke:red}g g path{stroke-width:8}</style>"
    '<g><g><path class="a" d="M10 60H90"/></g><path class="a" d="M10 80H90"/></g>',
    "colours": '<path d="M9 9H90" stroke="rgb(20%,40.5%,0%)"/><path d="M9 30H90" stroke="rgba(255,0,0,.5)"/>'
    '<path d="M9 50H90" stroke="#0f08"/><path d="M9 70H90" stroke="hsl(120,50%,50%)"/>'
    '<path d="M9 90H90" stroke="currentColor" color="orange"/>',
    "hidden": f'<g visibility="hidden"><path visibility="visible" d="{CURVE}"/><path d="M0 0L99 99"/></g>'
    '<g display="none"><path display="inline" d="M0 99L99 0"/><text fill="red">a</text><image href="a.png"/></g>',
    "dashes that are none": f'<path d="{CURVE}" stroke-dasharray="0"/><path d="M10 60H90" stroke-dasharray="5,0"/>'
    '<path d="M10 80H90" stroke-dasharray="200 10"/><path d="M10 100H90" stroke-dasharray="90" stroke-dashoffset="5"/>',
    "dashed out": f'<path d="{CURVE}"/><path d="M10 80H90" stroke-dasharray="100" stroke-dashoffset="-100" '
    'stroke-linecap="butt"/>',
    "page clip": f'<clipPath id="c"><rect width="200" height="120"/></clipPath><g clip-path="url(#c)">'
    f'<path d="{CURVE}"/></g>',
    "clip drawn as a path": f'<clipPath id="c"><path d="M0 0L0 120 200 120 200 0z"/></clipPath><g clip-path="url(#c)">'
    f'<g transform="translate(9 9)" clip-path="url(#nowhere)"><path d="{CURVE}"/></g></g>',
    "clip of another program": '<style>.st0{clip-path:url(#b);fill:none;stroke:#d00}</style><defs><rect id="a" x="-5" '
    'y="-5" width="210" height="130"/></defs><clipPath id="b"><use xlink:href="#a" x="1" style="overflow:visible"/>'
    f'</clipPath><g><path class="st0" d="{CURVE}"/></g>',
    "clip of the lines alone": f'<clipPath id="c"><rect x="10" y="5" width="140" height="40"/></clipPath>'
    f'<g clip-path="url(#c)"><path d="{CURVE}"/></g>',
    "white mask": f'<mask id="m" maskUnits="userSpaceOnUse" x="0" y="0" width="200" height="120"><rect width="200" '
    f'height="120" fill="#fff"/></mask><g mask="url(#m)"><path d="{CURVE}"/></g>',
    "lengths": '<line x1="5mm" y1="1cm" x2="1in" y2="60pt" stroke-width="1mm"/>'
    '<line x1="50%" y1="10%" x2="90%" y2="5pc"/>',
    "pen in percent": f'<path d="{CURVE}" stroke-width="3%"/>',
    "opacity": f'<g opacity=".5"><path d="{CURVE}" stroke-opacity="50%"/></g>',
}


@pytest.mark.parametrize("name", SAME)
def test_it_looks_the_same(name):
    assert difference(svg(SAME[name])) < 0.02


HEADS = {
    "wider page": 'width="400" height="120" viewBox="0 0 200 120"',
    "higher page, low": 'width="200" height="300" viewBox="0 0 200 120" preserveAspectRatio="xMinYMax"',
    "cut page": 'width="100" height="120" viewBox="0 0 200 120" preserveAspectRatio="xMinYMid slice"',
    "page elsewhere": 'width="5in" height="76.2mm" viewBox="-20 -10 200 120"',
    "page in pixels": 'width="200" height="120"',
    "page of percents": 'width="100%" height="100%" viewBox="0 0 200 120"',
}


@pytest.mark.parametrize("name", HEADS)
def test_the_page_is_the_same(name):
    text = svg(f'<path d="{CURVE}"/><circle cx="30" cy="90" r="20"/>', HEADS[name])
    across, down = from_svg(text).canvas
    assert difference(text, (400, round(400 * down / across))) < 0.02


def test_a_page_that_is_stretched_has_the_mean_width():
    text = svg(f'<path d="{CURVE}"/>', 'width="400" height="120" viewBox="0 0 200 120" preserveAspectRatio="none"')
    told = []
    sketch = from_svg(text, told.append)
    assert sketch.canvas == (400, 120) and sketch.points[0, -1].tolist() == [280, 30]
    assert sketch.widths[0] == pytest.approx(3 * 2**0.5) and "mean" in told[0]


def test_units_in_transforms():
    text = svg('<path style="transform: translate(10px, 1in) rotate(0.25turn)" d="M1 2L3 2"/>')
    assert from_svg(text).points[0, [0, -1]] == pytest.approx(np.array([[8, 97], [8, 99]]))


def test_a_pen_that_does_not_scale():
    text = svg('<g transform="scale(3)"><path d="M5 5L50 30" vector-effect="non-scaling-stroke"/></g>')
    assert from_svg(text).widths.tolist() == [3]
