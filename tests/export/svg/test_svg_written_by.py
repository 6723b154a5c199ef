"""Files that other programs wrote, read and compared as pictures.

Those in written_by/ were made for these tests, by Inkscape 1.2 (layers, an arc, a clone, turned, moved and clipped
objects; saved as its own SVG and as a plain one), cairo, Graphviz and svgwrite. matplotlib writes its own here.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from test_svg_pictures import rendered

from strokewise.export.svg.text import from_svg

FOLDER = Path(__file__).with_name("written_by")
STROKES = {
    "inkscape": (5, (150, 100)),
    "inkscape-plain": (5, (150, 100)),
    "inkscape-clip": (5, (150, 100)),
    "cairo": (4, (200, 120)),
    "graphviz": (8, (89, 188)),
    "svgwrite": (2, (100, 60)),
}


def compared(text, told):
    """The sketch, and how far its picture is from the file's, as a share of the ink."""
    sketch = from_svg(text, told.append)
    size = (600, round(600 * sketch.canvas[1] / sketch.canvas[0]))
    picture, ours = (rendered(t, size) for t in (text, sketch.to_svg()))
    height = min(len(picture), len(ours))
    assert abs(len(picture) - len(ours)) <= 2
    return sketch, float(np.abs(picture[:height] - ours[:height]).mean() / (1 - picture).mean())


@pytest.mark.parametrize("name", STROKES)
def test_it_looks_as_it_did(name):
    told: list[str] = []
    sketch, off = compared((FOLDER / f"{name}.svg").read_text("utf-8"), told)
    assert (len(sketch), sketch.canvas) == STROKES[name]
    # Graphviz fills its two arrowheads, and ends lines flat; pages in points and millimetres are rounded to pixels.
    assert off < (0.5 if name == "graphviz" else 0.1 if name == "svgwrite" else 0.03)
    assert told == (["2 stroked shapes drawn without the fill"] if name == "graphviz" else [])


def test_matplotlib():
    figures = pytest.importorskip("matplotlib.figure")
    pytest.importorskip("matplotlib.backends.backend_svg")
    figure = figures.Figure(figsize=(6, 4.5))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    x = np.linspace(0, 6, 50)
    axes.plot(x, np.sin(x), linewidth=3, solid_capstyle="round")
    axes.scatter(x[::10], np.cos(x[::10]), facecolors="none", edgecolors="red", s=300)
    file = io.BytesIO()
    figure.savefig(file, format="svg")
    told: list[str] = []
    sketch, off = compared(file.getvalue().decode(), told)
    assert len(sketch) == 6 and off < 0.05 and not told
    assert sorted(len(chain) // 3 for chain in sketch.chains)[-1] >= 40
