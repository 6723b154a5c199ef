"""Evenly spaced lines along a field of directions, after Jobard and Lefer, "Creating Evenly-Spaced Streamlines of
Arbitrary Density" (1997).

A line grows from a seed to both sides until it leaves the area, or comes too near to another line. New seeds lie beside
the lines that there are, one spacing away. The spacing may differ from place to place: it is what shows how dark a
place is.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags

STEP = 1.0
"""Pixels between two points of a line."""
ENDED = 0.55
"""A line ends where another is nearer than this share of the spacing."""
SEEDED = 0.92
"""A seed is taken if no line is nearer than this share of the spacing."""
EVERY = 4
"""Points of a line from one seed beside it to the next."""
STRAIGHT = math.cos(math.radians(25))
"""A line ends where its direction turns by more within one step: no form does that, only noise."""


class Streamlines:
    """Lines that are placed one after another.

    Args:
        spacing: float64 [y, x], distance between lines, pixels.
        allowed: bool [y, x], where lines may lie.
        least: shortest line that is kept, pixels.
    """

    def __init__(self, spacing: Array, allowed: Flags, least: float) -> None:
        self.spacing, self.allowed, self.least = spacing, allowed, least
        self.height, self.width = spacing.shape
        self._nearest2 = np.full(spacing.shape, np.inf)  # squared distance of each pixel's centre from the next line
        self.lines: list[Array] = []
        # A wider spacing nearby looks farther for lines than this one.
        wide = ndimage.maximum_filter(np.where(allowed, spacing, 0.0), 2 * math.ceil(float(spacing.max()) / 2) + 1)
        self._reach = (np.ceil(wide).astype(int) + 1).tolist()
        self._inside = allowed.tolist()
        self._spacing = spacing.tolist()

    def fill(self, field: Array, first: tuple[float, float], limit: int) -> None:
        """Lines all over the area.

        Args:
            field: float64 [y, x, 2], cosine and sine of the doubled angle.
            first: the first seed, x and y.
            limit: most lines.
        """
        angle = np.arctan2(field[..., 1], field[..., 0]) / 2
        self._cos, self._sin = np.cos(angle).tolist(), np.sin(angle).tolist()
        waiting: deque[Array] = deque()
        if (line := self._grown(*first)) is not None:
            waiting.append(line)
        # Where no line leads to: from places all over the area.
        rest = deque(self._grid())
        while len(self.lines) < limit:
            if waiting:
                line = waiting.popleft()
                for x, y in self._beside(line):
                    if len(self.lines) < limit and (new := self._grown(x, y)) is not None:
                        waiting.append(new)
            elif rest:
                if (new := self._grown(*rest.popleft())) is not None:
                    waiting.append(new)
            else:
                break

    def _grid(self) -> list[tuple[float, float]]:
        rows, columns = np.nonzero(self.allowed)
        keep = (rows % 4 == 2) & (columns % 4 == 2)
        return [(x + 0.5, y + 0.5) for y, x in zip(rows[keep].tolist(), columns[keep].tolist(), strict=True)]

    def _beside(self, line: Array) -> list[tuple[float, float]]:
        """Seeds one spacing away from a line, on both sides."""
        way = np.gradient(line, axis=0)
        across = np.stack([-way[:, 1], way[:, 0]], axis=1)
        across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
        places = np.arange(len(line) // 2 % EVERY, len(line), EVERY)
        points = line[places]
        x = np.clip(points[:, 0].astype(int), 0, self.width - 1)
        y = np.clip(points[:, 1].astype(int), 0, self.height - 1)
        away = self.spacing[y, x][:, None] * across[places]
        # From the middle outward: the middle of a line has the longest neighbours.
        order = np.argsort(np.abs(places - len(line) / 2), kind="stable")
        return [tuple(p) for side in (1, -1) for p in (points + side * away)[order].tolist()]

    def _free(self, x: float, y: float, share: float) -> bool:
        if not (0 <= x < self.width and 0 <= y < self.height):
            return False
        i, j = int(y), int(x)
        return bool(self._inside[i][j] and self._nearest2[i, j] >= (share * self._spacing[i][j]) ** 2)

    def _grown(self, x: float, y: float) -> Array | None:
        """The line through a seed, kept if it is long enough, or None."""
        if not self._free(x, y, SEEDED):
            return None
        visited: dict[tuple[int, int], int] = {}
        forth = self._half(x, y, 1.0, visited)
        back = self._half(x, y, -1.0, visited)
        points = back[::-1] + [(x, y)] + forth
        if len(points) * STEP < self.least:
            return None
        line = np.array(points)
        self.lines.append(line)
        self._cover(line)
        return line

    def _half(self, x: float, y: float, sense: float, visited: dict[tuple[int, int], int]) -> list[tuple[float, float]]:
        """A line from a seed to one side, without the seed."""
        i, j = int(y), int(x)
        cos, sin = self._cos, self._sin
        dx, dy = sense * cos[i][j], sense * sin[i][j]
        found: list[tuple[float, float]] = []
        cell = max(1.0, 0.7 * self._spacing[i][j])
        for number in range(4 * (self.width + self.height)):
            # Half a step, then a whole one by the direction found there (midpoint rule).
            mx, my = x + STEP / 2 * dx, y + STEP / 2 * dy
            if not (0 <= mx < self.width and 0 <= my < self.height):
                break
            i, j = int(my), int(mx)
            nx, ny = cos[i][j], sin[i][j]
            dot = nx * dx + ny * dy
            if dot < 0:
                nx, ny, dot = -nx, -ny, -dot
            if dot < STRAIGHT:
                break
            dx, dy = nx, ny
            x, y = x + STEP * dx, y + STEP * dy
            if not self._free(x, y, ENDED):
                break
            # A line that comes back to itself ends: a cell that it left some steps ago.
            place = (int(x / cell), int(y / cell))
            stamp = number if sense > 0 else -number
            before = visited.setdefault(place, stamp)
            if abs(stamp - before) > 4 * cell:
                break
            visited[place] = stamp
            found.append((x, y))
        return found

    def _cover(self, line: Array) -> None:
        """Tell the pixels around a line how near it is."""
        columns, rows = np.arange(self.width) + 0.5, np.arange(self.height) + 0.5
        for x, y in line[::2].tolist():
            reach = self._reach[int(y)][int(x)]
            across = slice(max(0, int(x) - reach), int(x) + reach + 1)
            down = slice(max(0, int(y) - reach), int(y) + reach + 1)
            window = self._nearest2[down, across]
            far2 = ((rows[down] - y) ** 2)[:, None] + ((columns[across] - x) ** 2)[None]
            np.minimum(window, far2, out=window)
