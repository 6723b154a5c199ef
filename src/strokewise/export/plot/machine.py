"""HPGL and G-code, written by vpype and its plugin vpype-gcode (the extra `plotter`); loaded only when asked for.

    data = to_hpgl(sketch, Page("a4", margin=15), Machine(device="hp7475a"))
    data = to_gcode(sketch, Page("200x200mm"), Machine(tool="laser", power=300))

Both use millimetres from the lower left of the page, y up; the pen starts there.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import math
import re
import threading
from pathlib import Path
from typing import Any

import numpy as np

from ..._arrays import Array
from ..._text import is_number, quote
from ...errors import Argument, OutputError
from ...sketch import Sketch
from ..options import Notice, check_installed
from ..pens import Pen
from .page import Page, on_page
from .pen_plots import Place, plots

GENERIC, ANY, PROFILE = "generic", "any", "strokewise"
"""Names in `machine.toml`: of its plotter, of that plotter's paper, and of its G-code profile."""

TOOLS = {
    "pen": ("G0 Z5", "G1 Z0 F600"),
    "servo": ("M3 S40\nG4 P0.2", "M3 S90\nG4 P0.2"),
    "laser": ("M5", "M4 S{power}"),
}
"""G-code that lifts and lowers each tool: a pen on a Z axis, a pen on a servo, and a laser, in GRBL's mode M4, which
reduces its power at low speed."""

PAUSE = "(MSG, put in pen {pen}: {name})\nM0"
"""G-code that shows a text to the operator, and waits until he goes on."""

FLATNESS = 0.02
"""Largest distance of a machine's straight pieces from the curve, millimetres: finer than any pen."""
MOST_PIECES = 500
"""Most straight pieces of one cubic."""
MOST_POINTS = 2_000_000

MOST_PAIRS = 20
"""Most points in one HPGL instruction, some 250 characters: old plotters lose what their buffer does not hold."""
BURNT = 0.1
"""How far a laser moves on a dot, millimetres: in GRBL's mode M4 it is off while it stands still."""

_one_at_a_time = threading.Lock()  # vpype keeps state in its classes


@dataclasses.dataclass(frozen=True)
class Machine:
    """A plotter, or a G-code machine and its tool.

    Attributes:
        device: HPGL: a plotter that vpype knows (hp7475a, hp7550, hp7440a, dxy, sketchmate, artisan...), or "generic",
            with its origin at the lower left of the page and paper of any size.
        velocity: HPGL: speed of the pen, 1 to 127 cm/s; None leaves it to the plotter.
        tool: G-code: "pen" (on a Z axis), "servo" or "laser"; or a profile of vpype-gcode's own, such as "gcodemm",
            which ignores the attributes below.
        speed, travel_speed: G-code: millimetres a minute with the tool down and up, 1 to 100000.
        power: G-code: S of the laser, 0 to 100000; most controllers take 1000 for full power.
        pen_up, pen_down: G-code: lines that replace the tool's own, such as "M3 S30", at most 200 characters.
        pen_change: G-code: lines before each of several pens, such as "T{pen} M6"; {pen} and {name} stand for its
            number and its colour. None shows which pen to put in, and waits. Travel is counted from where they move
            the pen, as "G0 X0 Y0" does, or from where it was.

    Raises:
        OutputError: a number out of its range, or lines that are no G-code.
    """

    device: str = GENERIC
    velocity: int | None = None
    tool: str = "pen"
    speed: float = 1500.0
    travel_speed: float = 3000.0
    power: float = 200.0
    pen_up: str | None = None
    pen_down: str | None = None
    pen_change: str | None = None

    def __post_init__(self) -> None:
        for name, low, high in (
            ("velocity", 1, 127),
            ("speed", 1, 100_000),
            ("travel_speed", 1, 100_000),
            ("power", 0, 100_000),
        ):
            value = getattr(self, name)
            if value is not None and not (is_number(value) and low <= value <= high):
                given = f"{value:g}" if is_number(value) else quote(value)
                raise OutputError(f"must be from {low} to {high}, not {given}", setting=name, value=value)
        for name in ("device", "tool"):
            value = getattr(self, name)
            if not isinstance(value, str):
                raise OutputError(f"must be a name, not {quote(value)}", setting=name, value=value)
        for name in ("pen_up", "pen_down", "pen_change"):
            text = getattr(self, name)
            if text is not None and not isinstance(text, str):
                raise OutputError(f"must be lines of G-code, not {quote(text)}", setting=name, value=text)
            if text is not None and not (0 < len(text) <= 200 and all(" " <= c <= "~" or c == "\n" for c in text)):
                problem = f"must be 1 to 200 plain characters of G-code, not {text[:40]!r}"
                raise OutputError(problem, setting=name, value=text)


def to_hpgl(
    sketch: Sketch,
    page: Page | None = None,
    machine: Machine | None = None,
    *,
    pens: tuple[Pen, ...] = (),
    notice: Notice | None = None,
) -> bytes:
    """The drawing as HPGL: absolute coordinates, the lines of each pen together, SP1 to SP8.

    Args:
        sketch: the drawing.
        page: the page; None is A4.
        machine: the plotter; None is any.
        pens: those of the strokes, as `with_pens` coloured them; none is one pen.
        notice: called with one line about how far each pen travels.

    Raises:
        OutputError: vpype is not installed, the plotter is unknown or cannot draw on that page, or there is nothing to
            draw.
    """
    page, machine = page or Page(), machine or Machine()
    check_installed(".hpgl")
    vpype, _ = _vpype()
    canvas, layers = _layers(sketch, page, pens, notice)
    paper = _paper(vpype, machine.device, page, canvas, [line for lines in layers.values() for line in lines])
    holds = vpype.config_manager.get_plotter_config(machine.device).pen_count
    if max(layers) > holds:
        raise OutputError(
            f"{machine.device} holds {holds} pens, not {max(layers)}", fix=("name fewer with ", Argument("pens"))
        )
    output = io.StringIO()
    vpype.write_hpgl(
        output,
        _document(vpype, canvas, layers),
        page_size=paper,
        landscape=canvas[0] > canvas[1],
        center=False,
        device=machine.device,
        velocity=machine.velocity,
        absolute=True,
        quiet=True,
    )
    return _in_short_instructions(output.getvalue()).encode("ascii")


def _in_short_instructions(hpgl: str) -> str:
    """HPGL with each PD of many points as several, which draw the same line."""
    found = []
    for instruction in hpgl.split(";"):
        start = len(instruction) - len(instruction.lstrip())
        values = instruction[start + 2 :].split(",") if instruction.startswith("PD", start) else []
        for k in range(0, max(1, len(values)), 2 * MOST_PAIRS):
            some = ",".join(values[k : k + 2 * MOST_PAIRS])
            found.append(f"{instruction[:start] if k == 0 else ''}PD{some}" if values else instruction)
    return ";".join(found)


def to_gcode(
    sketch: Sketch,
    page: Page | None = None,
    machine: Machine | None = None,
    *,
    pens: tuple[Pen, ...] = (),
    notice: Notice | None = None,
) -> bytes:
    """The drawing as G-code: millimetres, absolute coordinates, tool up between lines and at both ends.

    Args:
        sketch, page, pens, notice: as for `to_hpgl`. Before each pen the machine tells which one to put in, and waits.
        machine: the tool and its speeds; None is a pen on a Z axis.

    Raises:
        OutputError: vpype is not installed, the tool is unknown, or there is nothing to draw.
    """
    machine = machine or Machine()
    check_installed(".gcode")
    vpype, gwrite = _vpype()
    known = vpype.config_manager.config["gwrite"]
    profile = PROFILE if machine.tool in TOOLS else machine.tool
    if profile not in known:
        others = sorted(name for name, value in known.items() if isinstance(value, dict) and name != PROFILE)
        raise OutputError(f"the tool {machine.tool[:40]!r} is unknown: use {', '.join([*TOOLS, *others])}")
    up, down = TOOLS.get(machine.tool, ("", ""))
    values = {
        "pen_up": machine.pen_up or up,
        "pen_down": machine.pen_down or down.format(power=f"{machine.power:g}"),
        "speed": f"{machine.speed:g}",
        "travel_speed": f"{machine.travel_speed:g}",
    }
    canvas, layers = _layers(sketch, page or Page(), pens, notice, machine)
    if machine.tool == "laser":
        layers = {number: [_burnt(line) for line in lines] for number, lines in layers.items()}
    output = _Named()
    from vpype_cli import State

    with _one_at_a_time:
        write = gwrite.callback(output=output, profile=profile, default=tuple(values.items()))
        write(State(_document(vpype, canvas, layers)))
    return _with_changes(output.getvalue(), pens, machine).encode("utf-8")


class _Named(io.StringIO):
    """Text in memory with a file name, which profiles may print."""

    name = "drawing"


@functools.cache
def _vpype() -> tuple[Any, Any]:
    """vpype, and the G-code command of its plugin, with `machine.toml` loaded."""
    try:
        import vpype
        from vpype_gcode.gwrite import gwrite
    except (OSError, ValueError) as error:  # it reads the user's own settings as it is imported
        raise OutputError(
            f"vpype cannot read its settings, ~/.vpype.toml ({error}): correct or remove that file"
        ) from error
    vpype.config_manager.load_config_file(str(Path(__file__).with_name("machine.toml")))
    return vpype, gwrite


def _with_changes(text: str, pens: tuple[Pen, ...], machine: Machine) -> str:
    """G-code in which the marks at the beginning of layers are changes of pens, or gone."""

    def change(mark: re.Match[str]) -> str:
        if not pens:
            return ""
        number = int(mark[1])
        # Parentheses would end the comment, and the # of a colour names a parameter.
        name = re.sub(r"[^A-Za-z0-9 .-]", "", pens[number - 1].name)
        given = machine.pen_change or PAUSE
        return given.replace("{pen}", str(number)).replace("{name}", name) + "\n"

    return re.sub(r"^\(strokewise pen (\d)\)\n", change, text, flags=re.MULTILINE)


def _document(vpype: Any, canvas: tuple[float, float], layers: dict[int, list[Array]]) -> Any:
    """A vpype document with a layer of polylines for each pen; vpype uses CSS pixels."""
    pixel = vpype.convert_length("1mm")
    document = vpype.Document(page_size=(canvas[0] * pixel, canvas[1] * pixel))
    for number, lines in layers.items():
        document.add(vpype.LineCollection([(line[:, 0] + 1j * line[:, 1]) * pixel for line in lines]), number)
    return document


def _layers(
    sketch: Sketch, page: Page, pens: tuple[Pen, ...], notice: Notice | None, machine: Machine | None = None
) -> tuple[tuple[float, float], dict[int, list[Array]]]:
    """The page's size, and by the number of the pen its lines as straight pieces, float64 [point, xy] each, mm."""
    if not len(sketch) and sketch.tone is None:
        raise OutputError("the drawing has no strokes: there is nothing to plot")
    found = plots(sketch, pens, page, home="lower left", park=None if machine is None else _park(machine, sketch, page))
    layers: dict[int, list[Array]] = {}
    for one in found:
        layers.setdefault(one.number, []).extend(flattened(line) for line in one.plot.lines)
    if notice is not None:
        for one in found:
            notice(one.summary)
    if sum(len(line) for lines in layers.values() for line in lines) > MOST_POINTS:
        raise OutputError(f"the drawing takes more than {MOST_POINTS} points: simplify it")
    return found[0].plot.sketch.canvas, layers


def _park(machine: Machine, sketch: Sketch, page: Page) -> Place | None:
    """Where a machine changes pens, millimetres from the upper left: where its own lines for that move it to; None is
    where it stands, as it does while it waits."""
    words = [re.findall(rf"\b{axis}(-?\d+(?:\.\d+)?)", machine.pen_change or "") for axis in "XY"]
    if not all(words):
        return None
    return float(words[0][-1]), on_page(sketch, page).canvas[1] - float(words[1][-1])


def _burnt(line: Array) -> Array:
    """The line, or a short stroke of the laser in place of a dot, millimetres."""
    if float(np.ptp(line, axis=0).max()) >= BURNT:
        return line
    return line.mean(0) + np.array([[-BURNT / 2, 0], [BURNT / 2, 0]])


def flattened(line: Array, flatness: float = FLATNESS) -> Array:
    """Chained cubic Béziers as a polyline that is nowhere farther than `flatness` from them, in millimetres.

    Args:
        line: float64 [4 or 7 or 10... points, xy].
    """
    found = [line[:1]]
    for k in range(0, len(line) - 1, 3):
        a, b, c, d = line[k : k + 4]
        # A chord over 1 / n of a curve is at most |B''| / (8 n²) from it, and |B''| at most 6 times this bend.
        bend = max(float(np.linalg.norm(a - 2 * b + c)), float(np.linalg.norm(b - 2 * c + d)))
        n = min(MOST_PIECES, max(1, math.ceil(math.sqrt(0.75 * bend / flatness))))
        t = np.linspace(0, 1, n + 1)[1:, None]
        found.append((1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d)
    return np.concatenate(found)


def _paper(vpype: Any, device: str, page: Page, canvas: tuple[float, float], lines: list[Array]) -> str:
    """vpype's name of the page for a plotter, once it is certain that the pen reaches all lines."""
    try:
        plotter = vpype.config_manager.get_plotter_config(device)
    except (KeyError, ValueError) as error:
        raise OutputError(f"vpype's settings of the plotter {device[:40]!r} are broken: use another") from error
    if plotter is None:
        known = ", ".join(sorted(vpype.config_manager.get_plotter_list()))
        raise OutputError(f"the plotter {device[:40]!r} is unknown: use one of {known}")
    if device == GENERIC:
        return ANY
    paper = plotter.paper_config(page.paper.strip().lower()) or _same_size(vpype, plotter, canvas)
    if paper is None or paper.paper_size is None:
        names = ", ".join(p.name for p in plotter.paper_configs if p.paper_size is not None)
        raise OutputError(f"{device} does not take {page.paper} paper: use {names}, or the plotter {GENERIC}")
    if paper.x_range is None or paper.y_range is None:
        return str(paper.name)
    # vpype cuts off lines that the pen cannot reach. The widest of the four unreachable edges counts for all four, as
    # how the paper lies depends on the plotter.
    pixel, unit = vpype.convert_length("1mm"), plotter.plotter_unit_length
    (width, height), (x, y) = paper.paper_size, paper.origin_location
    if paper.origin_location_reference == "botleft":
        y = height - y
    up = -1 if paper.y_axis_up else 1
    across = sorted(x + unit * u for u in paper.x_range)
    along = sorted(y + up * unit * u for u in paper.y_range)
    edge = max(0.0, across[0], width - across[1], along[0], height - along[1]) / pixel
    every = np.concatenate(lines)
    if every.min() < edge or (every > np.array(canvas) - edge).any():
        raise OutputError(
            f"{device} cannot reach the outer {edge:.1f} mm of {page.paper} paper: use a margin of {math.ceil(edge)}"
        )
    return str(paper.name)


def _same_size(vpype: Any, plotter: Any, canvas: tuple[float, float]) -> Any:
    """The plotter's paper of that size to a millimetre, in either orientation, or None."""
    pixel = vpype.convert_length("1mm")
    for paper in plotter.paper_configs:
        sides = sorted(side / pixel for side in paper.paper_size or (0, 0))
        if np.allclose(sides, sorted(canvas), rtol=0, atol=1):
            return paper
    return None
