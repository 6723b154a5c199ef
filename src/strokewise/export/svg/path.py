"""Parse SVG path data and point lists into chains of cubics."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from ...errors import SvgError, UnsupportedSvgError

Segment = NDArray[np.float64]
"""One cubic: [4, xy]."""

FLOAT = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_TOKEN = re.compile(rf"[\s,]*(?:([A-Za-z])|({FLOAT}))")
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "Z": 0}
_MAX_DIGITS = 64


def number(text: str) -> float:
    """The finite number that a text is.

    Raises:
        SvgError: it is not a number, or not finite.
    """
    text = text.strip()
    # Bounded: converting millions of digits takes minutes.
    if len(text) > _MAX_DIGITS or re.fullmatch(FLOAT, text) is None or not math.isfinite(value := float(text)):
        raise SvgError(f"the SVG has {text[:40]!r} where a number should stand: export it again")
    return value


def polyline(values: list[float], closed: bool) -> list[list[Segment]]:
    """Points x, y, x, y... as one chain of straight cubics; none for fewer than two points.

    Raises:
        SvgError: an odd number of values.
    """
    if len(values) % 2:
        raise SvgError("the SVG has a point without its y: export it again")
    points = np.array(values, dtype=np.float64).reshape(-1, 2)
    if closed and len(points) > 1 and (points[0] != points[-1]).any():
        points = np.concatenate([points, points[:1]])
    chain = [_line(a, b) for a, b in zip(points[:-1], points[1:], strict=True)]
    return [chain] if chain else []


def parse_path(data: str) -> list[list[Segment]]:
    """The chains of cubics of path data, one for each subpath that draws something.

    Raises:
        UnsupportedSvgError: the data has elliptical arcs.
        SvgError: it is malformed.
    """
    chains: list[list[Segment]] = []
    chain: list[Segment] = []
    here = start = np.zeros(2)
    control: NDArray[np.float64] | None = None  # last control point, for S and T
    before = ""
    for command, values in _commands(data):
        kind = command.upper()
        base = here if command.islower() else np.zeros(2)
        if not before and kind != "M":
            raise SvgError("the SVG has a path that does not start with M: export it again")
        if kind == "M" or (chain and before == "Z"):
            if chain:
                chains.append(chain)
            chain = []
        if kind == "M":
            here = start = base + values
        elif kind == "Z":
            if (here != start).any():
                chain.append(_line(here, start))
            here = start
        elif kind in "LHV":
            x = here[0] if kind == "V" else base[0] + values[0]
            y = here[1] if kind == "H" else base[1] + values[-1]
            end = np.array([x, y])
            chain.append(_line(here, end))
            here = end
        else:
            points = base + np.array(values).reshape(-1, 2)
            if kind in "ST":
                smooth = control is not None and before in ("CS" if kind == "S" else "QT")
                mirrored = 2 * here - control if smooth and control is not None else here
                points = np.concatenate([[mirrored], points])
            control, end = points[-2], points[-1]
            if kind in "QT":
                points = np.array([here + 2 / 3 * (control - here), end + 2 / 3 * (control - end), end])
            chain.append(np.concatenate([[here], points]))
            here = end
        before = kind
    return [*chains, chain] if chain else chains


def _commands(data: str) -> list[tuple[str, list[float]]]:
    """Each command with its numbers; implied repetitions become commands of their own (a repeated M draws lines)."""
    found: list[tuple[str, list[float]]] = []
    command, values, at = "", list[float](), 0
    fresh = False  # a command letter still waits for its numbers
    data = data.rstrip()
    while at < len(data):
        match = _TOKEN.match(data, at)
        if match is None:
            raise SvgError(f"the SVG has a path with {data[at : at + 20]!r} in it: export it again")
        at = match.end()
        if match[1]:
            if values or fresh:
                break
            command, fresh = match[1], True
            if command.upper() == "A":
                raise UnsupportedSvgError("the SVG has elliptical arcs, which are not supported: turn them into curves")
            if command.upper() not in _COUNTS:
                raise SvgError(f"the SVG has a path with {command!r} in it: export it again")
        else:
            values.append(number(match[2]))
        count = _COUNTS.get(command.upper(), 0)
        if (count and len(values) == count) or (fresh and command in "Zz"):
            if command in "Mm" and not fresh:
                found.append(("l" if command == "m" else "L", values))
            else:
                found.append((command, values))
            values, fresh = [], False
        elif values and not count:
            break
    if values or fresh:
        raise SvgError("the SVG has a path with numbers missing or left over: export it again")
    return found


def _line(a: NDArray[np.float64], b: NDArray[np.float64]) -> Segment:
    return np.array([a, (2 * a + b) / 3, (a + 2 * b) / 3, b])
