"""The lines that make a place: straight ones exactly straight, calm curves, and the borders of large masses.

    lines = scene_lines(picture, region)        # horizon, ridges, walls, roofs, trunks; then tree tops and clouds

Edges are found and traced as in any placement. Here they are cut into straight stretches, those of one straight line
are joined across gaps (after von Gioi et al., LSD, PAMI 2010, and Burns et al., 1986, who grow such lines from
gradients), and each line is weighed by how much its two sides differ some way off: a ridge parts sky from rock, while
the same grass lies on both sides of a blade.
"""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags
from ..bezier import resample, runs
from .constants import EdgeConstants
from .lines import Line, edge_lines, gradient, joint_gradient, peaks_across, pixels, trace_mask
from .scene_constants import SCENE, SceneConstants

STRAIGHT, CALM, MASS, DETAIL = "straight", "calm", "mass", "detail"
"""Kinds of lines of a scene: exactly straight, a smooth curve, the soft border of something large, and what else there
is, for many strokes."""


def scene_lines(picture: Array, region: Flags, rules: SceneConstants = SCENE) -> list[Line]:
    """The lines of a place, each weighed by what it parts.

    Args:
        picture: float [y, x, rgb] in [0, 1], square.
        region: bool [y, x], where lines may lie: in the photo, and not on what stands before the place.
        rules: what is a line.
    """
    unit = len(picture) / 224
    sides = Sides(picture, rules)
    fine = edge_lines(picture, region, rules.fine * unit, rules.shortest_piece * unit, rules.surround * unit)
    pieces, arcs = straight_pieces(fine, unit, rules)
    segments = joined_segments(pieces, picture, rules)
    free = [part for segment in segments for part in _within(segment, region, rules.shortest_piece * unit)]
    found = [_straight(segment) for segment in free if _is_straight(segment, unit, rules)]
    curves = [(line, rules.beside * unit) for line in arcs]
    for kind, sigma, least in ((CALM, rules.calm, rules.shortest_curve), (MASS, rules.mass, rules.shortest_mass)):
        for points in sides.borders(region, sigma * unit, least * unit):
            smooth = resample(points, smooth=sigma * unit)
            curves.append((Line(smooth, np.ones(len(smooth)), kind), max(rules.beside, sigma) * unit))
    # The longest first: of one edge that was found at several scales, the one that was broken least.
    for line, beside in sorted(curves, key=lambda one: -len(one[0].points)):
        found += _apart([line], found, beside, rules.shortest_curve * unit, region.shape)
    blank = rules.detail_apart * unit
    details = [dataclasses.replace(line, kind=DETAIL) for line in sorted(fine, key=lambda line: -len(line.points))]
    for line in details:
        found += _apart([line], found, blank, rules.shortest_detail * unit, region.shape)
    return [dataclasses.replace(line, weight=sides.weigh(line)) for line in found]


def _within(segment: Array, region: Flags, shortest: float) -> list[Array]:
    """The parts of a segment in a region: one that was joined across a gap may lead through what stands before it."""
    line = _straight(segment).points
    inside = region[pixels(line, region.shape)]
    if inside.all():
        return [segment]
    return [line[[run.start, run.stop - 1]] for run in runs(inside) if run.stop - run.start > shortest]


def _is_straight(segment: Array, unit: float, rules: SceneConstants) -> bool:
    """Whether a segment is drawn as a straight line: a long one, or one that stands or lies as in a building."""
    length = _extent(segment) / unit
    if length >= rules.shortest:
        return True
    across, down = np.abs(segment[1] - segment[0])
    upright = np.degrees(np.arctan2(min(across, down), max(across, down))) < rules.upright
    return bool(upright and length >= rules.shortest_upright)


def straight_pieces(lines: list[Line], unit: float, rules: SceneConstants = SCENE) -> tuple[list[Array], list[Line]]:
    """The stretches of lines that are straight, and those that are arcs.

    Args:
        lines: polylines with evenly spaced samples, pixels.
        unit: pixels of theirs for one of a 224 px canvas.
        rules: what is straight.

    Returns:
        segments, float64 [2, xy] each, by total least squares; and lines along which straight pieces go on into each
        other at small angles, which is how an arc is cut.
    """
    segments, arcs = [], []
    for line in lines:
        pieces = sorted(_cut(line.points, rules.bow * unit, rules.shortest_piece * unit))
        while pieces:
            group = [pieces.pop(0)]
            while pieces and _goes_on(line.points, group[-1], pieces[0], unit, rules):
                group.append(pieces.pop(0))
            lengths = [last - first for first, last in group]
            if len(group) == 1 or max(lengths) >= rules.arc_share * sum(lengths):
                first, last = group[int(np.argmax(lengths))]
                segments.append(_fitted(line.points[first : last + 1]))
            else:
                run = slice(group[0][0], group[-1][1] + 1)
                arcs.append(Line(line.points[run], line.weight[run], CALM))
    return segments, arcs


def _cut(points: Array, bow: float, shortest: float) -> list[tuple[int, int]]:
    """First and last samples of a polyline's straight stretches, after Douglas & Peucker (1973); in pixels."""
    found = []
    left = [(0, len(points) - 1)]
    while left:
        first, last = left.pop()
        if last - first < shortest:
            continue
        run = points[first : last + 1]
        length = float(np.linalg.norm(run[-1] - run[0]))
        off = _off(run, run[0], run[-1]) if length > 1e-9 else np.linalg.norm(run - run[0], axis=1)
        worst = int(off.argmax())
        if off[worst] > bow:
            left += [(first, first + worst), (first + worst, last)]
        elif length >= shortest:
            found.append((first, last))
    return found


def _goes_on(
    points: Array, piece: tuple[int, int], following: tuple[int, int], unit: float, rules: SceneConstants
) -> bool:
    """Whether two straight stretches of one line may be pieces of an arc: near each other, and no corner between."""
    if following[0] - piece[1] > rules.arc_gap * unit:
        return False
    way, on = (points[last] - points[first] for first, last in (piece, following))
    cosine = float(way @ on) / max(float(np.linalg.norm(way) * np.linalg.norm(on)), 1e-9)
    return bool(np.degrees(np.arccos(np.clip(cosine, -1, 1))) < rules.corner)


def joined_segments(segments: list[Array], picture: Array, rules: SceneConstants = SCENE) -> list[Array]:
    """Segments [2, xy], those of one straight line joined across gaps, and of several side by side one.

    Args:
        segments: as `straight_pieces` gives them.
        picture: float [y, x, rgb]; a gap is bridged further where the picture has a faint edge along it.
        rules: which are taken for one line.
    """
    unit = len(picture) / 224
    strength, angle = gradient(picture, rules.fine * unit)
    floor = rules.faint * float(np.median(strength))
    left = sorted(segments, key=_extent, reverse=True)
    changed = True
    while changed:
        changed = False
        place = 0
        while place < len(left):
            own = left[place]
            for other in _in_line(own, left[place + 1 :], unit, rules):
                bridge = _bridge(own, other)
                gap = float(np.linalg.norm(bridge[1] - bridge[0]))
                longer, shorter = _extent(own), _extent(other)
                near = gap <= max(rules.gap * unit, rules.gap_share * shorter)
                if not near and gap <= rules.gap_most * (longer + shorter):
                    near = _supported(bridge, strength, angle, floor) >= rules.gap_support
                if near:
                    own = _spanning(own, other)
                    left = [one for one in left if one is not other and one is not left[place]]
                    left.insert(place, own)
                    changed = True
                    break
            else:
                place += 1
    return left


class Sides:
    """A picture's parts: what lies on the two sides of lines, and where parts of different colour or texture meet.

    Args:
        picture: float [y, x, rgb] in [0, 1], square.
        rules: what counts.
    """

    def __init__(self, picture: Array, rules: SceneConstants = SCENE) -> None:
        from skimage.color import rgb2lab

        lab = rgb2lab(picture) / 100
        self._unit, self._rules = len(picture) / 224, rules
        # Texture is a colour, too: trees before a meadow of the same green.
        fine = lab[..., 0] - ndimage.gaussian_filter(lab[..., 0], rules.texture_blur * self._unit)
        texture = np.sqrt(ndimage.gaussian_filter(np.square(fine), rules.side_blur * self._unit))
        self._planes = [*np.moveaxis(lab, -1, 0), rules.texture * texture]
        self._colors = np.stack([self._blurred(rules.side_blur, plane) for plane in self._planes], axis=-1)
        self._strength, _ = gradient(picture, rules.fine * self._unit)

    def _blurred(self, sigma: float, plane: Array) -> Array:
        return np.asarray(ndimage.gaussian_filter(plane, sigma * self._unit))

    def borders(self, region: Flags, sigma: float, least: float) -> list[Array]:
        """Where parts meet, as polylines [k, xy], by edges as broad as `sigma` pixels, at least so many pixels long."""
        from skimage.filters import apply_hysteresis_threshold
        from skimage.morphology import skeletonize

        if not region.any():
            return []
        # As differences of what lies a sigma to either side, so that all widths have one scale.
        gx, gy = (
            2 * sigma * np.stack([ndimage.gaussian_filter(plane, sigma, order=order) for plane in self._planes])
            for order in ((0, 1), (1, 0))
        )
        strength, angle = joint_gradient(gx, gy)
        peak = peaks_across(strength, angle) & region
        kept = apply_hysteresis_threshold(np.where(peak, strength, 0), *self._rules.border)
        links = EdgeConstants(link_gap=self._rules.link_gap * self._unit, link_reach=round(sigma) + 6)
        return trace_mask(skeletonize(kept), least, links)

    def weigh(self, line: Line) -> Array:
        """What each sample of a line is worth: [sample], from 0, 1 for a strong border between two different parts."""
        points, rules = line.points, self._rules
        tangent = np.gradient(points, axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
        normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
        least = np.full(len(points), np.inf)
        for reach in rules.side_reach:
            there, back = (self._at(points + sign * reach * self._unit * normal) for sign in (1, -1))
            least = np.minimum(least, np.linalg.norm(there - back, axis=1))
        part = np.minimum(least / rules.side_full, 1.0)
        sharp = np.minimum(self._strength[pixels(points, self._strength.shape)] * self._unit / rules.sharp_full, 1.0)
        share = rules.sharp_share
        return np.asarray((1 - share) * np.sqrt(part) + share * np.sqrt(sharp))

    def _at(self, points: Array) -> Array:
        return np.asarray(self._colors[pixels(points, self._colors.shape)])


def _apart(lines: list[Line], known: list[Line], beside: float, least: float, shape: tuple[int, ...]) -> list[Line]:
    """The stretches of lines that do not run beside lines that are known."""
    if not known:
        return lines
    drawn = np.ones(shape[:2], dtype=bool)
    for line in known:
        drawn[pixels(line.points, shape)] = False
    away = ndimage.distance_transform_edt(drawn)
    found = []
    for line in lines:
        free = away[pixels(line.points, shape)] > beside
        # A line that only crosses another goes on behind the crossing.
        free = ndimage.binary_closing(np.pad(free, 1, mode="edge"), np.ones(max(3, int(3 * beside))))[1:-1]
        found += [
            Line(line.points[run], line.weight[run], line.kind) for run in runs(free) if run.stop - run.start > least
        ]
    return found


def _straight(segment: Array) -> Line:
    """A segment as a line with a sample each pixel."""
    count = max(2, round(_extent(segment)) + 1)
    points = segment[0] + (segment[1] - segment[0]) * np.linspace(0, 1, count)[:, None]
    return Line(points, np.ones(count), STRAIGHT)


def _extent(segment: Array) -> float:
    return float(np.linalg.norm(segment[1] - segment[0]))


def _off(points: Array, start: Array, stop: Array) -> Array:
    """Distances of points [..., xy] from the endless line through two others."""
    way = (stop - start) / max(float(np.linalg.norm(stop - start)), 1e-9)
    away = points - start
    return np.abs(away[..., 0] * way[1] - away[..., 1] * way[0])


def _fitted(points: Array) -> Array:
    """The segment nearest to points, by total least squares, from the first to the last."""
    middle = points.mean(0)
    way = np.linalg.svd(points - middle, full_matrices=False)[2][0]
    along = (points - middle) @ way
    first, last = (along[0], along[-1])
    return np.asarray(middle + np.array([first, last])[:, None] * way)


def _in_line(own: Array, others: list[Array], unit: float, rules: SceneConstants) -> list[Array]:
    """Those of other segments that lie on the same endless line, the nearest first."""
    if not others:
        return []
    every = np.stack(others)
    way = (own[1] - own[0]) / max(_extent(own), 1e-9)
    ways = every[:, 1] - every[:, 0]
    lengths = np.maximum(np.linalg.norm(ways, axis=1), 1e-9)
    turn = np.degrees(np.arccos(np.clip(np.abs(ways @ way) / lengths, 0, 1)))
    off = np.stack([_off(every[:, k], own[0], own[1]) for k in (0, 1)], axis=1)
    back = np.stack([_off(own[k][None], e[0], e[1])[0] for e in every for k in (0, 1)]).reshape(-1, 2)
    good = (turn < rules.turn) & (off.max(1) < rules.lateral * unit)
    # The shorter one may point a little aside; from the longer one's view it must lie on the line.
    good &= (back.min(1) < 2 * rules.lateral * unit) | (lengths < 0.5 * _extent(own))
    gaps = [np.linalg.norm(np.subtract(*_bridge(own, e))) for e in every]
    return [others[i] for i in np.argsort(gaps, kind="stable") if good[i]]


def _bridge(first: Array, second: Array) -> Array:
    """The gap between two segments on one line: its ends [2, xy]; a point where they overlap."""
    way = (first[1] - first[0]) / max(_extent(first), 1e-9)
    own, other = np.sort((first - first[0]) @ way), np.sort((second - first[0]) @ way)
    low, high = min(own[1], other[1]), max(own[0], other[0])
    ends = np.array([low, high]) if high > low else np.array([low, low])
    return np.asarray(first[0] + ends[:, None] * way)


def _spanning(first: Array, second: Array) -> Array:
    """The one segment of two: through the samples of both, as long as both together."""
    samples = []
    for one in (first, second):
        count = max(2, round(_extent(one)))
        samples.append(one[0] + (one[1] - one[0]) * np.linspace(0, 1, count)[:, None])
    points = np.concatenate(samples)
    middle = points.mean(0)
    way = np.linalg.svd(points - middle, full_matrices=False)[2][0]
    along = (points - middle) @ way
    return np.asarray(middle + np.array([along.min(), along.max()])[:, None] * way)


def _supported(bridge: Array, strength: Array, angle: Array, floor: float) -> float:
    """Share of a gap along which the picture has an edge in its direction."""
    count = max(2, round(_extent(bridge)))
    points = bridge[0] + (bridge[1] - bridge[0]) * np.linspace(0, 1, count)[:, None]
    way = bridge[1] - bridge[0]
    across = np.arctan2(way[0], -way[1])
    at = pixels(points, strength.shape)
    turned = np.abs((angle[at] - across + np.pi / 2) % np.pi - np.pi / 2)
    return float(((strength[at] > floor) & (turned < 0.4)).mean())
