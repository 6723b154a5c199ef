"""Parse SVG path data into chains of cubics, up to the first mistake, as browsers do.

chains, fault = parse_path("M1.5.5-3e-2 2a1 1 0 013 4z")     # each float64 [4 or 7 or 10... points, xy]; fault: ""
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..._arrays import Array
from ...errors import SvgError
from .limits import MAX_SEGMENTS
from .values import FLOAT, MAX_DIGITS

MAX_COMMANDS = 3 * MAX_SEGMENTS
"""Most commands in the path data of a drawing: those that only move count, too."""

_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7, "Z": 0}
_LETTER = re.compile(r"[\s,]*([A-Za-z])")
_NUMBER = re.compile(rf"[\s,]*({FLOAT})")
_FLAG = re.compile(r"[\s,]*([01])")
_GAP = re.compile(r"[\s,]*")

Point = tuple[float, float]


class ParsedPath(NamedTuple):
    """What path data draws.

    Attributes:
        chains: one for each subpath that draws something, float64 [4 or 7 or 10... points, xy]; a dot is a cubic whose
            points are all the same.
        fault: what is wrong at the place where reading stopped; empty if all was read.
        commands: how many commands were read.
    """

    chains: list[Array]
    fault: str
    commands: int


def parse_path(data: str, most: int = MAX_COMMANDS) -> ParsedPath:
    """The chains of cubics of path data, up to its first mistake.

    Args:
        data: the `d` of a path.
        most: how many commands it may have.

    Raises:
        SvgError: it has more commands.
    """
    pen = _Pen()
    count = 0
    try:
        for command, values in _commands(data):
            count += 1
            if count > most:
                raise SvgError(f"the SVG has paths of more than {MAX_COMMANDS} commands: simplify it")
            pen.draw(command, values)
    except _Mistake as mistake:
        return ParsedPath(pen.finished(), str(mistake), count)
    return ParsedPath(pen.finished(), "", count)


def polyline(values: list[float], closed: bool) -> list[Array]:
    """Points x, y, x, y... as one chain of straight cubics; a last x without its y is left out.

    A single point draws nothing, or a dot if `closed`.
    """
    points = [(values[k], values[k + 1]) for k in range(0, len(values) - 1, 2)]
    if not points:
        return []
    pen = _Pen()
    pen.draw("M", list(points[0]))
    for point in points[1:]:
        pen.draw("L", list(point))
    if closed:
        pen.draw("Z", [])
    return pen.finished()


def arc(start: Point, values: list[float], end: Point) -> list[Point]:
    """An elliptical arc as cubics, after the appendix "Elliptical arc implementation notes" of SVG 2.

    Args:
        start: where it starts.
        values: the two radii, the ellipse's rotation in degrees, and the flags large arc and sweep.
        end: where it ends.

    Returns:
        three points for each cubic; those of a straight line if a radius is 0, none if it ends where it starts.
    """
    if start == end:
        return []
    rx, ry = abs(values[0]), abs(values[1])
    turn = math.radians(math.fmod(values[2], 360))
    sine, cosine = math.sin(turn), math.cos(turn)
    half_x, half_y = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    if rx == 0 or ry == 0:
        return straight(start, end)
    x, y = (cosine * half_x + sine * half_y) / rx, (cosine * half_y - sine * half_x) / ry  # on a unit circle
    size = x * x + y * y
    if not 0 < size < math.inf:
        return straight(start, end)
    if size > 1:  # too far apart for the radii, which grow
        rx, ry, x, y, size = rx * math.sqrt(size), ry * math.sqrt(size), x / math.sqrt(size), y / math.sqrt(size), 1.0
    side = math.sqrt(max(0.0, 1 / size - 1)) * (-1 if bool(values[3]) == bool(values[4]) else 1)
    center_x, center_y = side * y, -side * x
    first = math.atan2(y - center_y, x - center_x)
    sweep = math.atan2(-y - center_y, -x - center_x) - first
    if values[4] and sweep < 0:
        sweep += 2 * math.pi
    elif not values[4] and sweep > 0:
        sweep -= 2 * math.pi
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    pieces = max(1, math.ceil(abs(sweep) / (math.pi / 2) - 1e-9))
    found: list[Point] = []
    for piece in range(pieces):
        angles = first + sweep * piece / pieces, first + sweep * (piece + 1) / pieces
        for u, v in _quarter(*angles):
            u, v = rx * (u + center_x), ry * (v + center_y)
            found.append((middle[0] + cosine * u - sine * v, middle[1] + sine * u + cosine * v))
    found[-1] = end
    return found


def straight(a: Point, b: Point) -> list[Point]:
    """The last three points of a straight cubic."""
    return [
        ((2 * a[0] + b[0]) / 3, (2 * a[1] + b[1]) / 3),
        ((a[0] + 2 * b[0]) / 3, (a[1] + 2 * b[1]) / 3),
        b,
    ]


def _quarter(first: float, last: float) -> list[Point]:
    """The last three points of the cubic for an arc of the unit circle, at most a quarter of it."""
    reach = 4 / 3 * math.tan((last - first) / 4)
    a, b = (math.cos(first), math.sin(first)), (math.cos(last), math.sin(last))
    return [(a[0] - reach * a[1], a[1] + reach * a[0]), (b[0] + reach * b[1], b[1] - reach * b[0]), b]


class _Mistake(Exception):
    """Where path data cannot be read any further."""


class _Pen:
    """Draws commands one after the other."""

    def __init__(self) -> None:
        self.chains: list[Array] = []
        self.chain: list[Point] = []
        self.here = self.start = (0.0, 0.0)
        self.control = (0.0, 0.0)  # the last control point, for S and T
        self.before = ""

    def draw(self, command: str, values: list[float]) -> None:
        kind = command.upper()
        x, y = self.here if command.islower() else (0.0, 0.0)
        if kind == "M" or self.before == "Z":
            self._lift()
        if kind == "M":
            self.here = self.start = (x + values[0], y + values[1])
        elif kind == "Z":
            if self.here != self.start:
                self._to(straight(self.here, self.start))
            elif not self.chain and self.before == "M":
                self._to([self.here] * 3)  # a dot
        elif kind in "LHV":
            across = self.here[0] if kind == "V" else x + values[0]
            down = self.here[1] if kind == "H" else y + values[-1]
            self._to(straight(self.here, (across, down)))
        elif kind == "A":
            self._to(arc(self.here, values, (x + values[5], y + values[6])))
        else:
            self._curve(kind, [(x + values[k], y + values[k + 1]) for k in range(0, len(values), 2)])
        self.before = kind

    def finished(self) -> list[Array]:
        """All chains that were drawn."""
        self._lift()
        return self.chains

    def _curve(self, kind: str, points: list[Point]) -> None:
        here = self.here
        if kind in "ST":
            smooth = self.before in (("C", "S") if kind == "S" else ("Q", "T"))
            mirrored = (2 * here[0] - self.control[0], 2 * here[1] - self.control[1]) if smooth else here
            points = [mirrored, *points]
        self.control, end = points[-2], points[-1]
        if kind in "QT":
            cx, cy = self.control
            points = [
                (here[0] + 2 / 3 * (cx - here[0]), here[1] + 2 / 3 * (cy - here[1])),
                (end[0] + 2 / 3 * (cx - end[0]), end[1] + 2 / 3 * (cy - end[1])),
                end,
            ]
        self._to(points)

    def _to(self, points: list[Point]) -> None:
        if points:
            if not self.chain:
                self.chain.append(self.here)
            self.chain += points
            self.here = points[-1]

    def _lift(self) -> None:
        if self.chain:
            self.chains.append(np.array(self.chain, dtype=np.float64))
            self.chain = []


def _commands(data: str) -> Iterator[tuple[str, list[float]]]:
    """Each command with its numbers; implied repetitions become commands of their own (a repeated M draws lines).

    Raises:
        _Mistake: no further command can be read.
    """
    at, end = 0, len(data.rstrip())
    command = ""
    while (at := _past_gap(data, at)) < end:
        match = _LETTER.match(data, at)
        if match is not None:
            if match[1].upper() not in _COUNTS:
                raise _Mistake(f"at {data[at : at + 12]!r}")
            if not command and match[1].upper() != "M":
                raise _Mistake("it does not start with M")
            command, at = match[1], match.end()
        elif not command:
            raise _Mistake("it does not start with M")
        elif command in "Zz":
            raise _Mistake(f"at {data[at : at + 12]!r}")
        elif command in "Mm":
            command = "l" if command == "m" else "L"
        values: list[float] = []
        for k in range(_COUNTS[command.upper()]):
            flag = command in "Aa" and k in (3, 4)
            found = (_FLAG if flag else _NUMBER).match(data, at)
            if found is None:
                rest = data[_past_gap(data, at) :][:12]
                raise _Mistake(f"at {rest!r}" if rest.strip() else "numbers are missing at its end")
            # Bounded: converting millions of digits takes minutes.
            value = float(found[1]) if len(found[1]) <= MAX_DIGITS else math.inf
            if not math.isfinite(value):
                raise _Mistake(f"at {found[1][:12]!r}")
            values.append(value)
            at = found.end()
        yield command, values


def _past_gap(data: str, at: int) -> int:
    match = _GAP.match(data, at)
    return match.end() if match else at
