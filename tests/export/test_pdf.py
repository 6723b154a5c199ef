"""That a PDF shows the drawing is looked at in test_table.py."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
import pytest

from strokewise.errors import OutputError
from strokewise.export import BRUSHES, Page, save, to_pdf, to_pixels
from strokewise.sketch import Sketch

pdfium = pytest.importorskip("pypdfium2")


def opened(data, pixels=None):
    """Width and height in points, and the page as floats [y, x, rgb], so many pixels wide."""
    document = pdfium.PdfDocument(data)
    page = document[0]
    size = page.get_size()
    picture = page.render(scale=(pixels or 300) / size[0]).to_numpy()[..., 2::-1] / 255
    page.close()
    document.close()
    return size, picture


@pytest.mark.parametrize("brush", BRUSHES)
def test_same_picture_as_the_png(brush, sketch):
    sketch = dataclasses.replace(
        sketch,
        paper=(1, 0.95, 0.8),
        colors=np.array([[0.8, 0, 0], [0, 0, 1], [0, 0.5, 0]]),
        opacities=np.array([0.5, 1, 0.8]),
    )
    _, picture = opened(to_pdf(sketch, 800, brush=brush), 800)
    off = np.abs(picture - to_pixels(sketch, 800, brush=brush) / 255)
    assert off.mean() < 0.003 and np.percentile(off, 99.9) < 0.35


def test_it_is_vectors(sketch):
    small, large = to_pdf(sketch, 100), to_pdf(sketch, 16384)
    assert abs(len(small) - len(large)) < 500 and len(small) < 3000 and b"/Subtype /Image" not in small


def test_page_sizes(sketch):
    assert opened(to_pdf(sketch, 960))[0] == pytest.approx((720, 360))
    assert opened(to_pdf(sketch, page=Page("a4")))[0] == pytest.approx((841.89, 595.28), abs=0.01)
    (width, height), picture = opened(
        to_pdf(dataclasses.replace(sketch, paper=(0, 1, 0)), page=Page("a5", landscape=False))
    )
    assert (width, height) == pytest.approx((419.53, 595.28), abs=0.01)
    assert picture[2, 2].tolist() == picture[-3, -3].tolist() == [0, 1, 0]


def test_odd_drawings(sketch):
    assert opened(to_pdf(sketch.reordered([])))[1].min() == 1
    odd = Sketch.of((7, 3000), [[[-1e6, 5], [9, 9], [1e6, -1e6], [3, 3]], np.full((4, 2), 4.0)], 1e-4, 1.5, 1.5)
    assert opened(to_pdf(odd, 1))[0][1] == pytest.approx(0.75, abs=0.01)
    titled = dataclasses.replace(sketch, metadata={"title": "Fluß (\\) \0 猫"})
    assert to_pdf(titled).startswith(b"%PDF")


def test_a_dot_shows():
    dot = Sketch.of((10, 10), np.full((1, 4, 2), 5.0), 4)
    picture = opened(to_pdf(dot, 400), 400)[1]
    assert picture[200, 200].max() < 0.1 and (picture < 0.5).mean() == pytest.approx(np.pi * 0.04, abs=0.01)


@pytest.mark.parametrize("long_side", [0, 16385])
def test_size_range(long_side, sketch):
    with pytest.raises(OutputError, match="from 1 to 16384"):
        to_pdf(sketch, long_side)


def test_without_reportlab(sketch, monkeypatch):
    monkeypatch.setitem(sys.modules, "reportlab", None)
    with pytest.raises(OutputError, match=r"needs reportlab: pip install 'strokewise\[pdf\]'"):
        to_pdf(sketch)


def test_same_bytes_in_another_process(sketch, tmp_path):
    path = save(sketch, tmp_path / "a.svg")
    program = "import sys; from strokewise.export import *; sys.stdout.buffer.write(to_pdf(read_sketch(sys.argv[1])))"
    from strokewise.export import read_sketch

    run = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=True)
    assert run.stdout == to_pdf(read_sketch(path))
