"""What the machines are told, read back by a small parser of their languages."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from strokewise.errors import OutputError
from strokewise.export.plot import machine as module
from strokewise.export.plot.machine import FLATNESS, Machine, flattened, to_gcode, to_hpgl
from strokewise.export.plot.page import Page
from strokewise.export.plot.plotter import for_plotter
from strokewise.export.svg.text import from_svg
from strokewise.sketch import Sketch

pytest.importorskip("vpype")
pytest.importorskip("vpype_gcode")

PAGE = Page("a4", margin=20)


def read_hpgl(data, unit=0.025):
    """Lines in millimetres from the plotter's origin, y up, and the numbers of the pens."""
    lines, pens, at, lowered = [], [], None, False
    for command in data.decode("ascii").strip().rstrip(";").split(";"):
        name, numbers = command[:2], [float(v) for v in command[2:].split(",") if v]
        pairs = np.array(numbers).reshape(-1, 2) * unit if name in ("PU", "PD") else None
        if name == "SP":
            pens.append(int(numbers[0]))
        elif name == "PU":
            at = pairs[-1] if len(pairs) else at
        elif name == "PD":
            lines.append(np.concatenate([lines.pop() if lowered else [at], pairs]))
            at = pairs[-1]
        else:
            assert name in ("IN", "DF", "PS", "VS"), command
        lowered = name == "PD"
    return lines, pens


def read_gcode(data, up, down):
    """Lines in millimetres, y up. Moving fast with the tool down, or drawing with it up, is an error."""
    text = data.decode("ascii")
    assert text.startswith(f"G21\nG17\nG90\n{up}\n") and text.endswith(f"{up}\nG0 X0 Y0\nM2\n")
    lines, lowered, at = [], False, None
    for block in text.replace(down, "DOWN").replace(up, "UP").splitlines()[3:-1]:
        move = re.fullmatch(r"G([01]) X(-?[\d.]+) Y(-?[\d.]+)( F\d+)?", block)
        if block in ("UP", "DOWN"):
            lowered = block == "DOWN"
            if lowered:
                lines.append([at])
        elif move:
            assert (move[1] == "1") == lowered, block
            at = (float(move[2]), float(move[3]))
            if lowered:
                lines[-1].append(at)
        else:
            assert re.fullmatch(r"G1 F\d+", block), block
    assert not lowered and at == (0, 0)
    return [np.array(line) for line in lines]


def distances(points, line):
    """How far each point is from a polyline."""
    a, b = line[:-1], line[1:]
    along = b - a
    squared = np.maximum((along**2).sum(1), 1e-12)
    t = np.clip(((points[:, None] - a) * along).sum(2) / squared, 0, 1)
    return np.linalg.norm(points[:, None] - (a + t[..., None] * along), axis=2).min(1)


def on_curve(line, count=200):
    """Points of chained cubics."""
    t = np.linspace(0, 1, count)[:, None]
    return np.concatenate(
        [
            (1 - t) ** 3 * line[k]
            + 3 * (1 - t) ** 2 * t * line[k + 1]
            + 3 * (1 - t) * t**2 * line[k + 2]
            + t**3 * line[k + 3]
            for k in range(0, len(line) - 1, 3)
        ]
    )


def same_drawing(told, sketch, page, resolution):
    """Lines that a machine draws are those of the plot, in its order, as near as it can place its pen."""
    plot = for_plotter(sketch, page, home="lower left")
    assert len(told) == len(plot.lines)
    height = plot.sketch.canvas[1]
    for line, curve in zip(told, plot.lines, strict=True):
        line = np.stack([line[:, 0], height - line[:, 1]], 1)
        assert np.abs(line[[0, -1]] - curve[[0, -1]]).max() <= resolution
        every = on_curve(curve)
        assert distances(every, line).max() <= FLATNESS + resolution
        assert distances(line, every).max() <= 0.3 + resolution  # the sampled curve is coarse


@pytest.fixture
def varied():
    """Strokes of two segments, some of which meet."""
    rng = np.random.default_rng(8)
    points = rng.uniform(0, 1, (8, 7, 2)) * (300, 200)
    points[3, 0], points[5, -1] = points[1, -1], points[6, -1]
    return Sketch.of((300, 200), points, colors=rng.uniform(0, 1, (8, 3)))


@pytest.mark.parametrize("page", [PAGE, Page("letter", landscape=False), Page("150x150mm", 0, fit="ink"), Page("a0")])
def test_hpgl(page, varied):
    lines, pens = read_hpgl(to_hpgl(varied, page))
    assert pens == [1, 0] and len(lines) == 6
    same_drawing(lines, varied, page, 0.013 * 2**0.5)


@pytest.mark.parametrize("page", [PAGE, Page("letter", landscape=False), Page("150x150mm", 0, fit="ink"), Page("a0")])
def test_gcode(page, varied):
    same_drawing(read_gcode(to_gcode(varied, page), "G0 Z5", "G1 Z0 F600"), varied, page, 0.001)


@pytest.mark.parametrize(
    ("machine", "up", "down"),
    [
        (Machine(tool="laser", power=350), "M5", "M4 S350"),
        (Machine(tool="servo"), "M3 S40\nG4 P0.2", "M3 S90\nG4 P0.2"),
        (Machine(pen_up="M280 P0 S{x}", pen_down="M280 P0 S90"), "M280 P0 S{x}", "M280 P0 S90"),
    ],
)
def test_tools(machine, up, down, sketch):
    data = to_gcode(sketch, PAGE, machine)
    same_drawing(read_gcode(data, up, down), sketch, PAGE, 0.001)
    assert data.count(down.encode()) == 3


def test_speeds(sketch):
    text = to_gcode(sketch, PAGE, Machine(speed=800, travel_speed=6000)).decode()
    assert len(re.findall(r"^G0 X\S+ Y\S+ F6000$", text, re.M)) == len(re.findall("^G1 F800$", text, re.M)) == 3
    assert b"VS20;" in to_hpgl(sketch, PAGE, Machine(velocity=20)) and b"VS" not in to_hpgl(sketch, PAGE)


def test_profiles_of_vpype_gcode(sketch, capsys):
    text = to_gcode(sketch, PAGE, Machine(tool="gcodemm")).decode()
    moves = np.array([[float(v) for v in pair] for pair in re.findall(r"G00 X(\S+) Y(\S+)", text)])
    plot = for_plotter(sketch, PAGE, home="lower left")
    starts = np.array([line[0] for line in plot.lines])
    assert moves == pytest.approx(np.stack([starts[:, 0], plot.sketch.canvas[1] - starts[:, 1]], 1), abs=1e-3)


@pytest.mark.parametrize(
    ("page", "turn"), [(Page("a4", 15, landscape=True), False), (Page("a4", 15, landscape=False), True)]
)
def test_hp_plotter(page, turn, sketch):
    """Its origin lies 10 mm from the left and 4 mm from the lower edge of the paper that lies in it."""
    data = to_hpgl(sketch, page, Machine(device="hp7475a"))
    assert b"PS4;" in data
    lines, _ = read_hpgl(data, 0.02488)
    plot = for_plotter(sketch, page, home="lower left")
    for line, curve in zip(lines, plot.lines, strict=True):
        x, y = line[[0, -1], 0] + 10, line[[0, -1], 1] + 4
        ends = np.stack([x, 210 - y], 1)
        if turn:  # the upright page is turned by a quarter to lie in the plotter
            ends = np.stack([210 - ends[:, 1], ends[:, 0]], 1)
        assert ends == pytest.approx(curve[[0, -1]], abs=0.02)


def test_nothing_is_cut_off_in_silence():
    sketch = Sketch.of((277, 190), [np.linspace((0, 0), (277, 190), 4), np.linspace((0, 190), (277, 0), 4)])
    for device in ("hp7475a", "artisan"):
        with pytest.raises(OutputError, match=rf"{device} cannot reach the outer .* use a margin of \d+") as caught:
            to_hpgl(sketch, Page("a4", margin=5), Machine(device=device))
        margin = int(str(caught.value).rsplit(" ", 1)[1])
        lines, _ = read_hpgl(to_hpgl(sketch, Page("a4", margin), Machine(device=device)), 0.02488)
        plot = for_plotter(sketch, Page("a4", margin), home="lower left")
        assert [len(line) for line in lines] == [len(flattened(line)) for line in plot.lines]


def test_papers_by_size(sketch):
    machine = Machine(device="hp7475a")
    assert to_hpgl(sketch, Page("297x210", 20), machine) == to_hpgl(sketch, PAGE, machine)


@pytest.mark.parametrize(
    ("page", "device", "match"),
    [
        (PAGE, "epson", "plotter 'epson' is unknown: use one of .*generic"),
        (Page("legal", 20), "hp7475a", "hp7475a does not take legal paper: use a4, a3, .*generic"),
        (PAGE, "designmate", "designmate"),
    ],
)
def test_plotters_that_cannot(page, device, match, sketch):
    with pytest.raises(OutputError, match=match) as caught:
        to_hpgl(sketch, page, Machine(device=device))
    assert "\n" not in str(caught.value)


def test_unknown_tool(sketch):
    with pytest.raises(OutputError, match="tool 'brush' is unknown: use pen, servo, laser, .*gcodemm") as caught:
        to_gcode(sketch, PAGE, Machine(tool="brush"))
    assert "default_profile" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"speed": 0}, "speed must be from 1 to 100000, not 0"),
        ({"travel_speed": float("inf")}, "travel_speed"),
        ({"power": -1}, "power must be"),
        ({"power": float("nan")}, "power must be"),
        ({"velocity": 200}, "velocity must be from 1 to 127"),
        ({"pen_up": ""}, "pen_up must be 1 to 200 plain characters"),
        ({"pen_down": "M3\x00"}, "pen_down"),
        ({"pen_down": "G1" * 200}, "pen_down"),
    ],
)
def test_bad_machines(options, match):
    with pytest.raises(OutputError, match=match):
        Machine(**options)


def test_nothing_to_draw():
    empty = Sketch.of((10, 20), np.zeros((0, 4, 2)))
    for write in (to_hpgl, to_gcode):
        with pytest.raises(OutputError, match="no strokes: there is nothing to plot"):
            write(empty)


def test_too_much_to_draw(sketch, monkeypatch):
    monkeypatch.setattr(module, "MOST_POINTS", 20)
    with pytest.raises(OutputError, match="more than 20 points: simplify it"):
        to_hpgl(sketch)


def test_flattened_curves_are_near():
    rng = np.random.default_rng(2)
    for scale in (0.01, 1, 300):
        line = rng.uniform(0, scale, (10, 2))
        assert distances(on_curve(line, 2000), flattened(line)).max() <= FLATNESS
    straight = np.linspace([0, 0], [100, 50], 4)
    assert flattened(straight).tolist() == [[0, 0], [100, 50]]
    # A dot stays a dot.
    assert flattened(np.zeros((4, 2))).shape == (2, 2)


def test_a_dot_is_told(sketch):
    dot = Sketch.of((10, 10), np.full((1, 4, 2), 5.0))
    ((hpgl, _), gcode) = read_hpgl(to_hpgl(dot)), read_gcode(to_gcode(dot), "G0 Z5", "G1 Z0 F600")
    for (line,) in (hpgl, gcode):
        assert line == pytest.approx(np.array([[105, 148.5]] * 2), abs=0.02)


def test_without_the_extra(sketch, monkeypatch):
    module._vpype.cache_clear()
    monkeypatch.setitem(sys.modules, "vpype", None)
    for write in (to_hpgl, to_gcode):
        with pytest.raises(OutputError, match=r"needs vpype: pip install 'strokewise\[plotter\]'"):
            write(sketch)


def test_vpype_is_loaded_only_when_asked_for_and_bytes_are_the_same(sketch, tmp_path):
    path = sketch.save(tmp_path / "a.svg")
    program = (
        "import sys; from strokewise.export.svg.text import from_svg;"
        "from strokewise.export.plot import machine, page, plotter, travel;"
        "s = from_svg(open(sys.argv[1], 'rb').read()); plotter.for_plotter(s).to_svg();"
        "assert not any(m.startswith('vpype') for m in sys.modules);"
        "sys.stdout.buffer.write(machine.to_hpgl(s) + machine.to_gcode(s))"
    )
    told = {
        subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=True).stdout for _ in "ab"
    }
    sketch = from_svg(path.read_bytes())
    assert told == {to_hpgl(sketch) + to_gcode(sketch)}


def test_settings_that_vpype_cannot_read(sketch, tmp_path):
    (tmp_path / ".vpype.toml").write_text("[device\n")
    program = (
        "import numpy as np; from strokewise.sketch import Sketch; from strokewise.export.plot.machine import to_hpgl;"
        "from strokewise.errors import OutputError\n"
        "try: to_hpgl(Sketch.of((9, 9), np.zeros((1, 4, 2))))\n"
        "except OutputError as e: print(e)"
    )
    home = {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    told = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, **home}, capture_output=True, check=True, text=True
    ).stdout
    assert "~/.vpype.toml" in told and told.count("\n") == 1


def test_hpgl_instructions_are_short_however_long_a_line_is():
    corners = np.stack([np.linspace(0, 100, 400), 50 + 20 * np.sin(np.linspace(0, 40, 400))], axis=1)
    pieces = [np.linspace(a, b, 4)[1:] for a, b in zip(corners[:-1], corners[1:], strict=True)]
    sketch = Sketch.of((100, 100), np.concatenate([corners[:1], *pieces])[None])
    data = to_hpgl(sketch, PAGE)
    assert data.count(b"PD") > 15 and max(len(one) for one in data.split(b";")) < 300
    lines, _ = read_hpgl(data)
    assert len(lines) == 1 and len(lines[0]) >= 400


def test_a_laser_moves_on_a_dot_and_a_pen_does_not():
    """In GRBL's mode M4 a laser that stands still is off."""
    sketch = Sketch.of((100, 100), [np.full((4, 2), 50.0), np.linspace((10, 10), (90, 10), 4)])
    (one, other) = read_gcode(to_gcode(sketch, PAGE, Machine(tool="laser", power=300)), "M5", "M4 S300")
    dot, line = sorted((one, other), key=lambda points: np.ptp(points, axis=0).max())
    assert 0.05 < np.ptp(dot, axis=0).max() < 0.2 and np.ptp(line, axis=0).max() > 50
    points = [np.ptp(line, axis=0).max() for line in read_gcode(to_gcode(sketch, PAGE), "G0 Z5", "G1 Z0 F600")]
    assert min(points) == 0
