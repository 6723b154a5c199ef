"""Travel with several pens: where each begins."""

from __future__ import annotations

import dataclasses
import re

import numpy as np
import pytest

from strokewise.export import ExportOptions, Machine, Page, parse_pens, save, with_pens
from strokewise.export.plot.pen_plots import plots
from strokewise.sketch import Sketch
from strokewise.tone_layer import ToneLayer

PENS = parse_pens("black,red")
PAGE = Page("200x100mm", margin=0)
SKETCH = Sketch.of(
    (200, 100),
    [[[10, 50], [70, 50], [120, 50], [150, 50]], [[160, 50], [165, 50], [170, 50], [180, 50]]],
    2,
    [(0, 0, 0), (1, 0, 0)],
)
"""A black line from 10 to 150, and a red one from 160 to 180, in one row in the middle of the page."""
TONE = ToneLayer((np.array([[180.0, 90], [150, 90], [120, 90], [100, 90]]),), 1.0)


def travels(sketch=SKETCH, park=None, pens=PENS) -> list[float]:
    drawn = with_pens(sketch, pens) if pens else sketch
    return [one.plot.travel_after for one in plots(drawn, pens, PAGE, park=park)]


def test_a_pen_begins_where_the_one_before_stopped():
    first, second = travels()
    assert first == pytest.approx(np.hypot(10, 50), abs=0.01)
    assert second == pytest.approx(10, abs=0.01), "from 150 to 160, and not from home"


def test_a_machine_that_parks_travels_there_and_begins_there():
    first, second = travels(park=(0.0, 50.0))
    assert first == pytest.approx(np.hypot(10, 50) + 150, abs=0.01), "there and on to the park"
    assert second == pytest.approx(160, abs=0.01)


def test_the_way_to_the_park_counts_before_sorting_too():
    black, red = plots(with_pens(SKETCH, PENS), PENS, PAGE, park=(0.0, 50.0))
    assert black.plot.travel_before == pytest.approx(np.hypot(10, 50) + 150, abs=0.01)
    assert red.plot.travel_before == pytest.approx(160, abs=0.01)


def test_tone_begins_where_the_strokes_of_its_pen_stopped():
    toned = dataclasses.replace(SKETCH, tone=TONE)
    black, tone, red = travels(toned, park=(0.0, 50.0))
    assert black == pytest.approx(np.hypot(10, 50), abs=0.01)
    assert tone == pytest.approx(50 + np.hypot(100, 40), abs=0.01), "from 150, 50 at once, and then to the park"
    assert red == pytest.approx(160, abs=0.01)
    strokes, tone = travels(toned, pens=())
    assert strokes == pytest.approx(np.hypot(10, 50) + 10, abs=0.01)
    assert tone == pytest.approx(40, abs=0.01)


def told(tmp_path, name: str, **options) -> list[float]:
    lines: list[str] = []
    save(SKETCH, tmp_path / name, ExportOptions(page=PAGE, pens=PENS, **options), notice=lines.append)
    return [float(re.findall(r"-> (\d+) mm", line)[0]) for line in lines]


def test_an_axidraw_goes_home_after_each_layer(tmp_path):
    assert told(tmp_path, "a.svg") == [round(np.hypot(10, 50) + np.hypot(150, 50)), round(np.hypot(160, 50))]


def test_gcode_waits_where_it_is_or_where_its_own_lines_move_it(tmp_path):
    pytest.importorskip("vpype_gcode")
    assert told(tmp_path, "a.gcode") == [51, 10]
    assert told(tmp_path, "b.gcode", machine=Machine(pen_change="T{pen} M6")) == [51, 10]
    parked = Machine(pen_change="G0 X0 Y50\nM0")
    assert told(tmp_path, "c.gcode", machine=parked) == [51 + 150, 160]
    assert "G0 X0 Y50\nM0" in (tmp_path / "c.gcode").read_text()
    low = Machine(pen_change="G0 X0 Y0\nM0")  # counted from the lower left
    assert told(tmp_path, "d.gcode", machine=low)[1] == round(np.hypot(160, 50))


def test_hpgl_is_counted_from_where_the_pen_was(tmp_path):
    pytest.importorskip("vpype")
    assert told(tmp_path, "a.hpgl") == [51, 10]
