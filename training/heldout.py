"""The generator that training never sees: edges by Canny (1986) and the mask's border, peeled greedily into n cubics.

It shares nothing with `strokewise.placement`, so that reading its drawings can't be a matter of having learnt that
placement's habits. Chains of edge pixels are broken where Douglas and Peucker (1973) put their corners; every stretch
between two corners is fitted with one cubic; again and again the stretch that explains most is taken.
"""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np
from numpy.typing import NDArray

# Of its own, as everything here: this module shares no code with the package.
Array = NDArray[np.float64]
Flags = NDArray[np.bool_]
Indices = NDArray[np.intp]

COUNTS = (32, 16, 8, 4)
SAMPLES = 14
"""Points a stretch is resampled to."""
SHORTEST = 6.0
"""Chains and strokes under this length are left out, pixels of a 224 px square."""
INNER = 0.6
"""Worth of the strongest inner edge, where the outline has 1."""


@dataclasses.dataclass(frozen=True)
class Chain:
    """Neighbouring edge pixels in order: points [k, xy], worth of each [k]."""

    points: Array
    worth: Array


@dataclasses.dataclass(frozen=True)
class Stretches:
    """All stretches of one chain: cubics [m, 4, xy], their deviations [m], and where each begins and ends."""

    curves: Array
    deviations: Array
    first: Indices
    last: Indices


def draw_by_edges(
    image: NDArray[np.float32], mask: NDArray[np.float32] | None, counts: tuple[int, ...] = COUNTS
) -> list[Array]:
    """Drawings of one picture, float64 [stroke, 4, xy] in its pixels, one for each count.

    Args:
        image: float [y, x, rgb] in [0, 1], background taken away.
        mask: float [y, x] in [0, 1], the subject, or None.
        counts: strokes of each drawing; it has that many unless the picture shows no edge at all, then none.
    """
    chains = _chains(image, mask)
    stretches = [_stretches(chain) for chain in chains]
    return [_peel(chains, stretches, n, len(image) / 224) for n in counts]


def _chains(image: NDArray[np.float32], mask: NDArray[np.float32] | None) -> list[Chain]:
    unit = len(image) / 224
    grey = cv2.cvtColor(np.round(image * 255).astype(np.uint8), cv2.COLOR_RGB2GRAY)
    grey = cv2.GaussianBlur(grey, (0, 0), 1.4 * unit)
    across, down = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    strength = np.hypot(across, down)
    strong = strength[strength > 20]
    if not len(strong):
        return []
    high = float(np.quantile(strong, 0.7))
    edges = cv2.Canny(grey, 0.4 * high, high, L2gradient=True) > 0
    chains = []
    if mask is not None:
        solid = (cv2.GaussianBlur(mask, (0, 0), unit) > 0.5).astype(np.uint8)
        for border in cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
            chains += _border(border[:, 0].astype(np.float64), len(image))
        rim = cv2.dilate(solid, np.ones((3, 3))) - cv2.erode(solid, np.ones((3, 3)))
        edges &= cv2.dilate(rim, np.ones((5, 5))) == 0
        edges &= solid > 0
    full = float(np.quantile(strong, 0.9))
    for path in _walks(edges):
        rows, columns = path[:, 1].astype(int), path[:, 0].astype(int)
        chains.append(Chain(_smooth(path), INNER * np.minimum(strength[rows, columns] / full, 1)))
    return [c for c in chains if len(c.points) >= max(SAMPLES // 2, SHORTEST * unit)]


def _border(points: Array, size: int) -> list[Chain]:
    """A closed border, begun at its sharpest corner and cut where it is only the picture's own edge."""
    count = len(points)
    if count < 12:
        return []
    reach = max(3, count // 30)
    before, after = points - np.roll(points, reach, 0), np.roll(points, -reach, 0) - points
    cosine = (before * after).sum(1) / (np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1) + 1e-9)
    points = np.roll(points, -int(np.argmin(cosine)), 0)
    free: Flags = np.all((points > 2) & (points < size - 3), axis=1)
    points, free = np.concatenate([points, points[:1]]), np.append(free, free[0])
    cuts = np.flatnonzero(np.diff(free.astype(int))) + 1
    pieces = zip(np.split(points, cuts), np.split(free, cuts), strict=True)
    return [Chain(_smooth(p), np.ones(len(p))) for p, f in pieces if f[0] and len(p) > 3]


def _walks(edges: Flags) -> list[Array]:
    """Edge pixels as paths [k, xy], begun at loose ends, going straight on where there is a choice."""
    rest = set(zip(*(i.tolist() for i in np.nonzero(edges)), strict=True))
    around = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if dy or dx]

    def near(p: tuple[int, int]) -> list[tuple[int, int]]:
        return [(p[0] + dy, p[1] + dx) for dy, dx in around if (p[0] + dy, p[1] + dx) in rest]

    paths = []
    for start in [*sorted(p for p in rest if len(near(p)) == 1), *sorted(rest)]:
        if start not in rest:
            continue
        path, way = [start], (0.0, 0.0)
        rest.discard(start)
        while choices := near(path[-1]):
            here, heading = path[-1], way
            ahead = max(choices, key=lambda q: (q[0] - here[0]) * heading[0] + (q[1] - here[1]) * heading[1])
            way = (0.7 * way[0] + ahead[0] - here[0], 0.7 * way[1] + ahead[1] - here[1])
            path.append(ahead)
            rest.discard(ahead)
        paths.append(np.array(path, dtype=np.float64)[:, ::-1])
    return paths


def _smooth(points: Array) -> Array:
    """A path without its pixel steps, its ends kept, moved to pixel centres."""
    if len(points) > 8:
        kernel = cv2.getGaussianKernel(7, 1.5)[:, 0]
        padded = np.concatenate([2 * points[0] - points[3:0:-1], points, 2 * points[-1] - points[-2:-5:-1]])
        points = np.stack([np.convolve(padded[:, i], kernel, mode="valid") for i in (0, 1)], axis=1)
    return points + 0.5


def _stretches(chain: Chain) -> Stretches:
    """The cubics of all stretches between two corners of a chain, least squares at arc-length parameters."""
    count = len(chain.points)
    corners = cv2.approxPolyDP(chain.points.astype(np.float32)[:, None], 1.5, False)[:, 0]
    distance = np.linalg.norm(chain.points[:, None] - corners[None], axis=2)
    joints = np.unique([0, count - 1, *distance.argmin(0)])
    if len(joints) < 6:
        joints = np.unique([*joints, *np.linspace(0, count - 1, 6).astype(int)])
    i, j = np.triu_indices(len(joints), 1)
    first, last = joints[i], joints[j]
    at = first[:, None] + (last - first)[:, None] * np.linspace(0, 1, SAMPLES)
    runs = np.stack([np.interp(at, np.arange(count), chain.points[:, k]) for k in (0, 1)], axis=2)
    t = np.linspace(0, 1, SAMPLES)
    basis = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3], axis=1)
    ends = runs[:, [0, -1]]
    inner = np.linalg.pinv(basis[:, 1:3]) @ (runs - basis[:, [0, 3]] @ ends)
    curves = np.concatenate([ends[:, :1], inner, ends[:, 1:]], axis=1)
    deviations = np.linalg.norm(basis @ curves - runs, axis=2).max(1)
    return Stretches(curves, deviations, first, last)


def _peel(chains: list[Chain], stretches: list[Stretches], strokes: int, unit: float) -> Array:
    """Take, as often as there are strokes, the stretch that explains most of what is not drawn yet."""
    tolerance = float(np.clip(10 / np.sqrt(strokes), 1.5, 5.0)) * unit
    left = [chain.worth.copy() for chain in chains]
    chosen: list[Array] = []
    while len(chosen) < strokes:
        best, where = 0.0, (-1, -1)
        for c, s in enumerate(stretches):
            total = np.concatenate([[0.0], np.cumsum(left[c])])
            gain = total[s.last + 1] - total[s.first]
            taken = (left[c] == 0).astype(np.float64)
            covered = np.concatenate([[0.0], np.cumsum(taken)])
            gain = gain - 0.7 * (covered[s.last + 1] - covered[s.first])
            gain = np.where((s.deviations < tolerance) & (s.last - s.first >= SHORTEST * unit), gain, 0)
            if gain.max(initial=0) > best:
                best, where = float(gain.max()), (c, int(gain.argmax()))
        if best <= 0:
            break
        c, k = where
        chosen.append(stretches[c].curves[k])
        left[c][stretches[c].first[k] : stretches[c].last[k] + 1] = 0
    while chosen and len(chosen) < strokes:
        spans = [float(np.linalg.norm(np.diff(p, axis=0), axis=1).sum()) for p in chosen]
        i = int(np.argmax(spans))
        chosen[i : i + 1] = _halves(chosen[i])
    return np.stack(chosen) if chosen else np.zeros((0, 4, 2))


def _halves(points: Array) -> list[Array]:
    a, b, c, d = points
    ab, bc, cd = (a + b) / 2, (b + c) / 2, (c + d) / 2
    abc, bcd = (ab + bc) / 2, (bc + cd) / 2
    middle = (abc + bcd) / 2
    return [np.stack([a, ab, abc, middle]), np.stack([middle, bcd, cd, d])]
