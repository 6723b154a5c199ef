"""Few lines of many points, as handwriting and plotter art have them: lines stay lines, and nothing takes long."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest

from strokewise import Settings, SettingsError, continuing
from strokewise.export import ExportOptions, Page, for_plotter, read_sketch, to_json
from strokewise.export.files import to_bytes
from strokewise.export.film.motion import hand_frames
from strokewise.export.svg.text import from_svg


def scribbles(lines, points, side=1000):
    """An SVG of polylines: spirals of `points[0]` to `points[1]` points, in rows."""
    rng = np.random.default_rng(0)
    across = int(np.ceil(np.sqrt(lines)))
    cell = side / across
    found = []
    for k in range(lines):
        t = np.linspace(0, 20, int(rng.integers(points[0], points[1] + 1)))
        x = (k % across + 0.5) * cell + t * cell / 50 * np.cos(t + k)
        y = (k // across + 0.5) * cell + t * cell / 50 * np.sin(t + k)
        found.append(" ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True)))
    body = "".join(f'<polyline points="{one}"/>' for one in found)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}"><g fill="none" stroke="#000" '
        f'stroke-width="1.2">{body}</g></svg>'
    )


@pytest.fixture(scope="module")
def handwriting():
    return from_svg(scribbles(300, (60, 140)))


def test_lines_stay_lines_in_every_file(handwriting):
    assert len(handwriting) == 300 and handwriting.curves > 25_000
    assert handwriting.to_svg().count("<path") == 300
    assert from_svg(handwriting.to_svg()).curves == handwriting.curves
    again = read_sketch(to_json(handwriting).encode())
    assert (again.points == handwriting.points).all()
    # Nothing is written of what only makes chains equally long.
    assert handwriting.to_svg().count("C") == handwriting.curves


def test_a_plot_of_it_takes_seconds_and_has_as_many_lines(handwriting):
    start = time.process_time()
    plot = for_plotter(handwriting, Page("a4"))
    text = plot.to_svg()
    assert time.process_time() - start < 5
    assert plot.summary.startswith("300 strokes in 300 lines") and text.count("<path") == 300
    assert sorted(len(line) for line in plot.lines) == sorted(len(chain) for chain in handwriting.chains)
    assert plot.travel_after < plot.travel_before


def test_a_plotter_that_is_turned_at_its_end_draws_the_line_backwards(handwriting):
    lines = for_plotter(handwriting, Page("a4")).lines
    scale = 190 / 1000
    ends = {tuple(np.round(np.sort([c[0] * scale, c[-1] * scale], axis=0).ravel(), 3)) for c in handwriting.chains}
    low = np.array([10, 297 / 2 - 95])
    found = {tuple(np.round(np.sort([c[0] - low, c[-1] - low], axis=0).ravel(), 3)) for c in lines}
    assert len(found & ends) > 290


def test_machines_get_each_line_once(handwriting):
    pytest.importorskip("vpype")
    data = to_bytes(".hpgl", handwriting, ExportOptions(page=Page("a4")))
    assert len(re.findall(rb"PU[^;]+;PD", data)) == 300
    assert max(len(one) for one in data.split(b";")) < 300
    assert to_bytes(".gcode", handwriting, ExportOptions(page=Page("a4"))).count(b"G1 Z0") == 300


def test_a_film_draws_line_after_line(handwriting):
    frames = list(hand_frames(handwriting, 31))
    counts = [len(frame) for frame in frames]
    assert counts[0] == 0 and counts[-1] == 300 and counts == sorted(counts)
    assert counts[15] == pytest.approx(150, abs=40)
    begun = frames[15].chains[-1]
    assert any((chain[:4] == begun[:4]).all() for chain in handwriting.chains)


def test_a_film_of_it_takes_less_than_a_minute(handwriting):
    start = time.process_time()
    data = to_bytes(".gif", handwriting, ExportOptions(size=200, seconds=2))
    assert data.startswith(b"GIF8") and time.process_time() - start < 30


def test_what_is_too_much_to_carry_on_is_counted_in_lines(handwriting):
    with pytest.raises(SettingsError, match="the sketch has 300 strokes; a drawing can have 256"):
        continuing.check_add(handwriting, 0)
    few = handwriting.reordered(range(100))
    with pytest.raises(SettingsError, match="100 lines of up to 1.. curves, too many to move: simplify"):
        continuing.in_equal_chains(few)


def test_chains_of_several_lengths_are_carried_on_as_chains(photo_like):
    sketch = from_svg(scribbles(3, (3, 6), side=96))
    told: list[str] = []
    drawn = continuing.carry_on(photo_like, sketch, Settings(steps=2, encoder="embedded"), notice=told.append)
    assert len(drawn) == 3 and drawn.curves == 3 * max(len(chain) // 3 for chain in sketch.chains)
    more = continuing.carry_on(photo_like, sketch, Settings(steps=2, encoder="embedded"), add=2, notice=told.append)
    assert len(more) == sketch.curves + 2 and any("chains of up to" in line for line in told)


@pytest.fixture
def photo_like():
    """A dark disc on white, uint8 [y, x, rgb]."""
    y, x = np.mgrid[:96, :96]
    disc = ((x - 48) ** 2 + (y - 48) ** 2 < 900)[:, :, None]
    return np.where(disc, np.uint8(40), np.uint8(255)).repeat(3, axis=2)


def test_equal_chains_are_the_same_curves():
    sketch = from_svg(scribbles(4, (3, 9)))
    equal = continuing.in_equal_chains(sketch)
    assert equal.points.shape == sketch.points.shape and equal.curves == 4 * (sketch.points.shape[1] // 3)
    for before, after in zip(sketch.chains, equal.chains, strict=True):
        corners = {tuple(p) for p in np.round(after[::3], 6)}
        assert all(tuple(p) in corners for p in np.round(before[::3], 6))
