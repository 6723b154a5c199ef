"""Layers of a PDF, as another program's renderer shows and hides them."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from strokewise.export import FORMATS, ExportOptions, Page, parse_pens
from strokewise.sketch import Sketch
from strokewise.tone_layer import ToneLayer

pytest.importorskip("reportlab")
pdfium = pytest.importorskip("pypdfium2")
ROWS = [[[20, y], [70, y], [120, y], [180, y]] for y in (20, 40, 60)]
SKETCH = Sketch.of((200, 100), ROWS, 4, [(0, 0, 0), (1, 0, 0), (0, 0, 0)])
TONED = dataclasses.replace(SKETCH, tone=ToneLayer((np.array(ROWS[0]) + [0, 60],), 4.0))
PENS = parse_pens("black,red,#999")


def written(sketch: Sketch, **options) -> bytes:
    data = FORMATS[".pdf"](sketch, ExportOptions(**options))
    assert FORMATS[".pdf"](sketch, ExportOptions(**options)) == data
    return data


def names(data: bytes) -> list[str]:
    """The layers, in the order viewers list them."""
    numbers = re.search(rb"/Order \[ ([^\]]*)\]", data)
    found = []
    for number in re.findall(rb"(\d+) 0 R", numbers[1]) if numbers else []:
        group = re.search(rb"\n%s 0 obj.*?/Name \(([^)]*)\)" % number, data, re.DOTALL)
        found.append(group[1].decode())
    return found


def without(data: bytes, name: str) -> bytes:
    """The file with a layer switched off, as a viewer's list of layers does; no byte changes its place."""
    place = names(data).index(name)
    numbers = re.search(rb"/ON \[ ([^\]]*)\]", data)
    number = re.findall(rb"\d+ 0 R", numbers[1])[place]
    off = b"/OFF[%s]" % number
    listed = numbers[0]
    return data.replace(listed, off.ljust(len(listed)))


def inked(data: bytes) -> list[bool]:
    """Which of the rows at 20, 40, 60 and 80 are seen."""
    document = pdfium.PdfDocument(data)
    page = document[0]
    picture = page.render(scale=200 / page.get_width()).to_numpy()[..., :3]
    found = [bool(picture[y, 100].min() < 200) for y in (20, 40, 60, 80)]
    page.close()
    document.close()
    return found


def test_strokes_and_tone_are_layers():
    data = written(TONED)
    assert data.startswith(b"%PDF-1.5") and names(data) == ["tone", "strokes"]
    assert inked(data) == [True] * 4
    assert inked(without(data, "tone")) == [True, True, True, False]
    assert inked(without(data, "strokes")) == [False, False, False, True]


def test_each_pen_is_a_layer():
    data = written(SKETCH, pens=PENS)
    assert names(data) == ["1 black", "2 red"] and inked(data) == [True, True, True, False]
    assert inked(without(data, "1 black")) == [False, True, False, False]
    assert inked(without(data, "2 red")) == [True, False, True, False]
    toned = written(TONED, pens=PENS, page=Page("200x100mm", margin=0))
    assert names(toned) == ["3 #999 tone", "1 black", "2 red"]
    assert inked(without(toned, "3 #999 tone")) == [True, True, True, False]


def test_an_ordinary_pdf_has_no_layers():
    data = written(SKETCH)
    assert names(data) == [] and b"OCProperties" not in data and inked(data) == [True, True, True, False]
