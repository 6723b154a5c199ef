"""The lines along a skeleton's graph: through nodes where they run on."""

from __future__ import annotations

import dataclasses

import numpy as np

from .._arrays import Array
from .graph import Graph, Path, direction

THROUGH = -0.6
"""Highest cosine between two arms of a junction that are one line: they lie opposite."""
TRIM = 1.5
"""Part of a path that a junction has bent, in the junction's reaches."""

Arm = tuple[Path, int]


@dataclasses.dataclass
class Walk:
    """A line as it stands in the skeleton.

    Attributes:
        points: float64 [point, xy], pixels.
        closed: whether the last point is the first.
        joints: whether its first point, and its last, is at a node.
    """

    points: Array
    closed: bool
    joints: tuple[bool, bool]


def follow(graph: Graph, strength: Array | None = None, *, unlike: float = 0.0, through: float = THROUGH) -> list[Walk]:
    """The lines of a graph, each path in one of them.

    Args:
        graph: of a skeleton.
        strength: float64 [y, x] in [0, 1], how strong the lines are; None is all alike.
        unlike: what a difference in mean strength counts beside the cosine of two arms, when they are paired.
        through: highest sum of both for arms that are one line, where more than two meet.
    """
    partners = _partners(graph, strength, unlike, through)
    centres = [_meeting(graph, number, arms) for number, arms in enumerate(graph.arms())]
    return _walks(graph, partners, centres)


def _partners(graph: Graph, strength: Array | None, unlike: float, through: float) -> dict[Arm, Arm]:
    """Which arms of each node are one line."""
    mean = {path: 0.0 if strength is None else _mean_under(path, strength) for path in graph.paths}
    partners: dict[Arm, Arm] = {}
    for node, arms in zip(graph.nodes, graph.arms(), strict=True):
        if len(arms) < 2:
            continue
        ways = [direction(path, end, node.reach) for path, end in arms]
        pairs = sorted(
            (float(ways[i] @ ways[j]) + unlike * abs(mean[arms[i][0]] - mean[arms[j][0]]), i, j)
            for i in range(len(arms))
            for j in range(i)
            if arms[i] != arms[j]
        )
        for cost, i, j in pairs:
            if (cost < through or len(arms) == 2) and arms[i] not in partners and arms[j] not in partners:
                partners[arms[i]], partners[arms[j]] = arms[j], arms[i]
    return partners


def _mean_under(path: Path, strength: Array) -> float:
    """Mean of a picture [y, x] along a path."""
    columns, rows = path.points.astype(np.intp).T
    return float(strength[rows, columns].mean())


def _meeting(graph: Graph, number: int, arms: list[Arm]) -> Array:
    """The point nearest to the lines along which the arms of a node run, float64 [xy]."""
    node = graph.nodes[number]
    gram, right = 1e-2 * np.eye(2), 1e-2 * node.at
    for path, end in arms:
        way = direction(path, end, node.reach)
        points = path.outward(end)
        away = np.linalg.norm(points - node.at, axis=1)
        outside = points[min(int(np.argmax(away >= node.reach)), len(points) - 1)]
        across = np.eye(2) - np.outer(way, way)
        gram += across
        right = right + across @ outside
    at = np.asarray(np.linalg.solve(gram, right), dtype=np.float64)
    return at if np.linalg.norm(at - node.at) <= node.reach + 1 else node.at


def _walks(graph: Graph, partners: dict[Arm, Arm], centres: list[Array]) -> list[Walk]:
    """Follow the arms from path to path."""
    used: set[Path] = set()
    found = []
    free = [(path, end) for path in graph.paths for end in (0, 1) if (path, end) not in partners]
    for start in [*free, *((path, 0) for path in graph.paths)]:
        path, end = start
        if path in used:
            continue
        if path.ring:
            used.add(path)
            found.append(Walk(np.concatenate([path.points, path.points[:1]]), True, (False, False)))
            continue
        first = path.ends[end]
        parts = [centres[first][None]] if first >= 0 and start not in partners else []
        while path not in used:
            used.add(path)
            parts.append(_trimmed(path, end, graph))
            last, leaving = path.ends[1 - end], (path, 1 - end)
            if leaving not in partners:
                break
            path, end = partners[leaving]
        closed = (path, end) == start and len(parts) > 0 and start in partners
        if closed:
            parts.append(parts[0][:1])
        elif last >= 0:
            parts.append(centres[last][None])
        found.append(Walk(np.concatenate(parts), closed, (first >= 0 and not closed, last >= 0 and not closed)))
    return found


def _trimmed(path: Path, end: int, graph: Graph) -> Array:
    """A path's points from one end on, without those that a junction has bent; at least one is left."""
    keep = np.ones(len(path.points), dtype=bool)
    for node in path.ends:
        if node >= 0:
            away = np.linalg.norm(path.points - graph.nodes[node].at, axis=1)
            keep &= away > TRIM * graph.nodes[node].reach
    if not keep.any():
        keep[len(keep) // 2] = True
    # One stretch: a path may come back to its own node.
    places = np.flatnonzero(keep)
    points = path.points[places[0] : places[-1] + 1]
    return points if end == 0 else points[::-1]
