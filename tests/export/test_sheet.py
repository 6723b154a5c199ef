"""Contact sheets: the SVG and the PNG show the same."""

import io
import re

import numpy as np
import pytest
import resvg_py
from PIL import Image

from strokewise.errors import OutputError
from strokewise.export.sheet import CELL, GAP, Sheet


@pytest.fixture
def sheet(sketch):
    photo = np.zeros((50, 50, 3), np.float32)
    photo[:, :, 0] = 1
    tall = sketch.mapped((100, 200), 1.0, (-40.0, 0.0))
    return Sheet("a <horse> & more", photo, (("3 strokes", sketch), ("<b>", tall)))


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=float)


def test_both_formats_show_photo_and_drawings_at_the_same_places(sheet):
    width, height = sheet.size
    png = pixels(sheet.to_png())
    svg = pixels(bytes(resvg_py.svg_to_bytes(svg_string=sheet.to_svg(), skip_system_fonts=True)))
    assert png.shape == svg.shape == (height, width, 3)
    np.testing.assert_allclose(png[GAP + 20, GAP + 20], [255, 0, 0], atol=3)
    np.testing.assert_allclose(svg[GAP + 20, GAP + 20], [255, 0, 0], atol=8)
    # Without the captions, for whose fonts no two renderers agree.
    for place in range(3):
        left = GAP + place * (CELL + GAP)
        one, other = (picture[GAP : GAP + CELL, left : left + CELL] for picture in (png, svg))
        assert np.abs(one - other).mean() < 6
        if place:
            assert (one < 128).any() and one.mean() > 200


def test_repr_is_short(sheet):
    assert repr(sheet) == f"<Sheet {sheet.title}, 2 drawings>"


def test_captions_are_on_both(sheet):
    png = pixels(sheet.to_png())
    assert all((png[GAP + CELL :, GAP + p * (CELL + GAP) :][:, :CELL] < 128).any() for p in range(3))
    text = sheet.to_svg()
    assert "&lt;b&gt;" in text and "a &lt;horse&gt; &amp; more" in text
    assert len(re.findall("<text ", text)) == 3


def test_the_same_sheet_is_the_same_bytes(sheet, tmp_path):
    for ending in (".svg", ".png"):
        first, second = (sheet.save(tmp_path / f"{name}{ending}").read_bytes() for name in "ab")
        assert first == second
    with pytest.raises(OutputError, match="exists already"):
        sheet.save(tmp_path / "a.svg")
    with pytest.raises(OutputError, match="no contact sheet"):
        sheet.save(tmp_path / "a.gif")
