"""The skeleton of the ink as a graph: junctions and ends, and the paths of pixels between them."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags

SPUR, CORNER_SPUR = 1.0, 1.6
"""Longest side branch that is taken for a bump in the edge of a line, and for the corner of a line's end or of a bend,
in half widths of the line it branches from; a pixel is added."""
CLOSE = 1.5
"""Longest path between two junctions that are one, in half widths: two lines that cross meet twice in the skeleton."""
_AROUND = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)]
_EIGHT = np.ones((3, 3), dtype=bool)


@dataclasses.dataclass(eq=False)
class Path:
    """Pixels between two nodes.

    Attributes:
        points: float64 [k, xy], pixel centres in their order, without those of the nodes.
        ends: the nodes at its first and its last pixel; -1 is a free end. A ring has two free ends.
        ring: whether it is closed and meets no node.
    """

    points: Array
    ends: list[int]
    ring: bool = False

    @property
    def length(self) -> float:
        """Pixels along it."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum()) + 1.0

    def outward(self, end: int) -> Array:
        """Its points from one of its ends on: 0 is the first, 1 the last."""
        return self.points if end == 0 else self.points[::-1]


@dataclasses.dataclass
class Node:
    """Where paths meet.

    Attributes:
        at: float64 [xy], pixels.
        reach: distance within which the skeleton is bent by the meeting, pixels.
    """

    at: Array
    reach: float


@dataclasses.dataclass
class Graph:
    """Paths and the nodes where they meet.

    Attributes:
        paths: all that are left.
        nodes: by number; some may have lost their paths.
        half: float64 [y, x], distance of each pixel of the ink to its edge.
    """

    paths: list[Path]
    nodes: list[Node]
    half: Array

    def arms(self) -> list[list[tuple[Path, int]]]:
        """The paths that meet at each node, each with the end by which it does."""
        found: list[list[tuple[Path, int]]] = [[] for _ in self.nodes]
        for path in self.paths:
            for end, node in enumerate(path.ends):
                if node >= 0:
                    found[node].append((path, end))
        return found


def skeleton_graph(mask: Flags) -> Graph:
    """The graph of a mask's skeleton, without the short branches that bumps and corners have.

    Args:
        mask: bool [y, x].
    """
    from skimage.morphology import skeletonize

    half = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    skeleton = np.pad(skeletonize(mask), 1)[1:-1, 1:-1]
    graph = _read(skeleton, half)
    _prune(graph)
    _merge_close(graph)
    return graph


def _read(skeleton: Flags, half: Array) -> Graph:
    """Paths and nodes of a skeleton one pixel wide."""
    crossings, _ = ndimage.label(skeleton & (_degree(skeleton) > 2), structure=_EIGHT)
    nodes = []
    for number, box in enumerate(ndimage.find_objects(crossings), start=1):
        rows, columns = np.nonzero(crossings[box] == number)
        rows, columns = rows + box[0].start, columns + box[1].start
        at = np.array([columns.mean(), rows.mean()]) + 0.5
        reach = float(half[rows, columns].max()) + 0.5 * float(max(np.ptp(rows), np.ptp(columns)))
        nodes.append(Node(at, reach))
    padded = np.pad(crossings, 1)
    return Graph([_path(walk, padded) for walk in unbranched(skeleton)], nodes, half)


def unbranched(skeleton: Flags) -> list[list[tuple[int, int]]]:
    """The curves of a skeleton between the places where more than two meet: of each its pixels, row and column, in
    their order.

    Args:
        skeleton: bool [y, x], one pixel wide.
    """
    labels, count = ndimage.label(skeleton & (_degree(skeleton) <= 2), structure=_EIGHT)
    rows, columns = np.nonzero(labels)
    order = np.argsort(labels[rows, columns], kind="stable")
    rows, columns = rows[order], columns[order]
    starts = np.searchsorted(labels[rows, columns], np.arange(1, count + 2)).tolist()
    each = zip(starts[:-1], starts[1:], strict=True)
    return [_walk(list(zip(rows[a:b].tolist(), columns[a:b].tolist(), strict=True))) for a, b in each]


def _degree(skeleton: Flags) -> Array:
    """How many of the eight pixels around each belong to the skeleton: int [y, x]."""
    return np.asarray(ndimage.convolve(skeleton.astype(np.int8), _EIGHT.astype(np.int8), mode="constant") - 1)


def _walk(pixels: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pixels of one unbranched path, in their order."""
    rest = set(pixels)
    ends = [p for p in pixels if sum((p[0] + y, p[1] + x) in rest for y, x in _AROUND) <= 1]
    here = ends[0] if ends else pixels[0]
    path = [here]
    rest.discard(here)
    while rest:
        following = next(((here[0] + y, here[1] + x) for y, x in _AROUND if (here[0] + y, here[1] + x) in rest), None)
        if following is None:
            break
        path.append(following)
        rest.discard(following)
        here = following
    return path


def _path(walk: list[tuple[int, int]], padded: Array) -> Path:
    """A path with the nodes at its ends; `padded` holds their numbers from 1, with one pixel around the picture."""
    near = []
    for row, column in (walk[0], walk[-1]):
        around = padded[row : row + 3, column : column + 3]
        near.append(sorted({int(n) - 1 for n in around[around > 0]}))
    if len(walk) == 1:
        # A single pixel between two nodes, or beside one.
        both = near[0]
        ends = [both[0], both[-1]] if len(both) > 1 else [both[0] if both else -1, -1]
    else:
        ends = [found[0] if found else -1 for found in near]
    points = np.array(walk, dtype=np.float64)[:, ::-1] + 0.5
    (y, x), (v, u) = walk[0], walk[-1]
    ring = ends == [-1, -1] and len(walk) > 6 and max(abs(y - v), abs(x - u)) <= 1
    return Path(points, ends, ring)


def _prune(graph: Graph) -> None:
    """Take away side branches that do not stick out of the line they branch from."""
    for _ in range(3):
        gone: set[Path] = set()
        for node, arms in zip(graph.nodes, graph.arms(), strict=True):
            if len(arms) < 3:
                continue
            spurs = []
            for path, end in arms:
                if path.ends[1 - end] >= 0 or path.ring:
                    continue
                tip = path.points[-1 if end == 0 else 0]
                # At the corner of an end or of a bend the ink gets thinner towards the tip; a real end stays as thick.
                thin = graph.half[int(tip[1]), int(tip[0])] < 0.75 * node.reach
                if np.linalg.norm(tip - node.at) < (CORNER_SPUR if thin else SPUR) * node.reach + 1:
                    spurs.append(path)
            left = len(arms) - len(spurs)
            if left == 0:  # a small star: its two longest arms stay
                spurs = sorted(spurs, key=lambda path: path.length)[:-2]
            gone.update(spurs)
        if not gone:
            return
        graph.paths = [path for path in graph.paths if path not in gone]
        _join_pairs(graph)


def _join_pairs(graph: Graph) -> None:
    """Make one path of two that meet where no third does."""
    arms = graph.arms()
    live = dict.fromkeys(graph.paths)
    for number, pair in enumerate(arms):
        if len(pair) != 2:
            continue
        (one, end), (two, other) = pair
        at = graph.nodes[number].at[None]
        del live[one]
        if one is two:
            joined = Path(np.concatenate([one.points, at, one.points[:1]]), [-1, -1], ring=True)
        else:
            del live[two]
            points = np.concatenate([one.outward(end)[::-1], at, two.outward(other)])
            joined = Path(points, [one.ends[1 - end], two.ends[1 - other]])
            for place, (old, side) in enumerate(((one, 1 - end), (two, 1 - other))):
                if (node := old.ends[side]) >= 0:
                    arms[node] = [(joined, place) if arm == (old, side) else arm for arm in arms[node]]
        live[joined] = None
    graph.paths = list(live)


def _merge_close(graph: Graph) -> None:
    """Make one node of two that a short path, or none, separates."""
    arms = graph.arms()
    now = list(range(len(graph.nodes)))

    def found(number: int) -> int:
        while now[number] != number:
            number = now[number]
        return number

    gone = set()
    for path in sorted(graph.paths, key=lambda path: path.length):
        if min(path.ends) < 0 or path.length > 100:
            continue
        a, b = (found(end) for end in path.ends)
        if a == b:
            continue
        one, two = graph.nodes[a], graph.nodes[b]
        thin = min(one.reach, two.reach)
        apart = float(np.linalg.norm(one.at - two.at))
        if apart > CLOSE * thin + 1 and not (apart < 6 * thin and _crosses(graph, path, arms)):
            continue
        graph.nodes[a] = Node((one.at + two.at) / 2, apart / 2 + max(one.reach, two.reach))
        now[b] = a
        gone.add(path)
    graph.paths = [path for path in graph.paths if path not in gone]
    for path in graph.paths:
        path.ends = [end if end < 0 else found(end) for end in path.ends]


def _crosses(graph: Graph, path: Path, arms: list[list[tuple[Path, int]]]) -> bool:
    """Whether two lines share a path because they cross at a small angle: on both sides they run on straight."""
    a, b = path.ends
    sides = [[(p, e) for p, e in arms[node] if p is not path] for node in (a, b)]
    if [len(side) for side in sides] != [2, 2]:
        return False
    ways = [
        [direction(p, e, graph.nodes[node].reach) for p, e in side] for side, node in zip(sides, (a, b), strict=True)
    ]
    (one, two), (three, four) = ways
    straight = max(min(-(one @ three), -(two @ four)), min(-(one @ four), -(two @ three)))
    return bool(straight > 0.94 and one @ two < 0.98)


def direction(path: Path, end: int, reach: float) -> Array:
    """Unit vector in which a path leaves a node, seen outside of the node's reach: float64 [xy]."""
    points = path.outward(end)
    away = np.linalg.norm(points - points[0], axis=1)
    first = min(int(np.searchsorted(np.maximum.accumulate(away), reach)), len(points) - 1)
    last = min(int(np.searchsorted(np.maximum.accumulate(away), 2.5 * reach + 4)), len(points) - 1)
    if last - first < 2:
        first = 0
    way = points[last] - points[first]
    return way / max(float(np.linalg.norm(way)), 1e-9)
