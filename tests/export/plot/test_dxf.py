"""DXF: read back by ezdxf, and the same bytes each time."""

from __future__ import annotations

import io

import numpy as np
import pytest

from strokewise.errors import OutputError
from strokewise.export import Page, to_dxf
from strokewise.export.plot.plotter import for_plotter
from strokewise.sketch import Sketch

ezdxf = pytest.importorskip("ezdxf")

SKETCH = Sketch.of(
    (200, 100),
    [[[20, 30], [80, 10], [120, 50], [180, 30]], [[180, 30], [190, 40], [190, 60], [180, 70]], [[20, 90]] * 4],
)


def lines(data: bytes) -> list[np.ndarray]:
    document = ezdxf.read(io.StringIO(data.decode("ascii")))
    assert not document.audit().errors
    found = document.modelspace().query("LWPOLYLINE")
    assert len(found) == len(document.modelspace()) and {line.dxf.layer for line in found} == {"strokes"}
    return [np.array(line.get_points("xy")) for line in found]


def test_lines_are_joined_and_in_millimetres_from_the_lower_left():
    page = Page("a5", margin=5)
    told: list[str] = []
    read = lines(to_dxf(SKETCH, page, notice=told.append))
    plot = for_plotter(SKETCH, page, home="lower left")
    assert len(read) == len(plot.lines) == 2 and told == [plot.summary]
    for line, given in zip(read, plot.lines, strict=True):
        ends = np.stack([given[0], given[-1]]) * [1, -1] + [0, plot.sketch.canvas[1]]
        assert line[[0, -1]] == pytest.approx(ends, abs=1e-3)


def test_the_same_drawing_gives_the_same_bytes():
    before = ezdxf.options.write_fixed_meta_data_for_testing
    assert to_dxf(SKETCH) == to_dxf(SKETCH)
    assert ezdxf.options.write_fixed_meta_data_for_testing is before


def test_nothing_to_cut():
    with pytest.raises(OutputError, match="the drawing has no strokes: there is nothing to cut"):
        to_dxf(SKETCH.reordered([]))
