"""Contour placement: strokes along the subject's outline, its thin parts and its strong inner edges."""

from __future__ import annotations

import dataclasses
import functools

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags
from ..bezier import near_pixels, resample, runs
from ..photo.faces import Face
from ..photo.heads import Head
from ..photo.side_heads import SideHead
from .boundary_lines import boundary_lines
from .closed_mask import closed_mask
from .constants import DEFAULTS, PlacementConstants, StrokeConstants, ThinPartConstants
from .ellipses import clearest, find_ellipses
from .face_parts import draw_face_parts, find_face_parts
from .face_strokes import LEAST_COUNT, share_strokes
from .inputs import PlacementInput
from .limbs import body_outline, cut_share
from .lines import (
    EDGE,
    FEATURE,
    OUTLINE,
    THIN,
    Line,
    edge_lines,
    outline_lines,
    pixels,
    straightness,
    supported,
    thin_lines,
    under,
)
from .meeting import meet
from .selection import choose, fill_up, turning


def tolerance(strokes: int, constants: StrokeConstants = DEFAULTS.strokes) -> float:
    """Deviation a stroke may have, in pixels of a 224 px canvas: few strokes are broad gestures."""
    single = constants.tolerance * _if_many(strokes, constants.many_tolerance, constants)
    return float(np.clip(single / np.sqrt(strokes), *constants.tolerance_limits))


def thin_radius(strokes: int, constants: ThinPartConstants = DEFAULTS.thin) -> float:
    """Half the thickness below which a limb becomes a single line, in pixels of a 224 px canvas."""
    return float(np.clip(constants.radius / np.sqrt(strokes), *constants.radius_limits))


class ContourPlacement:
    """Traces a scene once, then gives strokes for any number of seeds and counts.

        placement = ContourPlacement(scene)
        points = placement(strokes=16, rng=np.random.default_rng(0))  # [16, 4, xy], scene pixels

    Attributes:
        given: what was traced.
        constants: by which numbers.
        outline: the subject's outline; none where the whole picture is drawn.
        edges: lines within the subject, or the picture.
        rings: its round parts.
        faces: the faces and heads in it, with their parts.
    """

    def __init__(self, given: PlacementInput, constants: PlacementConstants = DEFAULTS) -> None:
        if given.mask is not None and given.boundaries is not None:
            closed = closed_mask(given.mask, given.photo, given.boundaries, given.scale, constants.boundaries)
            given = dataclasses.replace(given, mask=closed)
        self.given, self.constants = given, constants
        unit, rules = given.scale, constants.inner
        solid = given.inside if given.mask is None else given.inside & (given.mask > 0.5)
        depth = ndimage.distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1]
        smooth = constants.outline.smooth * unit
        self.outline = [] if given.mask is None else outline_lines(given.mask, given.inside, smooth, constants.outline)
        region = depth > rules.margin * unit
        # Nearer to the border there is nothing but the outline, which faces leave as it is.
        self._inner = region if given.mask is not None else np.ones_like(solid)
        inner = self._edges(region, rules.blur * unit, rules.least_length * unit, rules.surround * unit)
        if given.mask is None:
            # With no outline to lean on, the soft edges between large parts (a head before a dim room) count too.
            apart = ndimage.distance_transform_edt(~self._drawn(inner)) > rules.soft_apart * unit
            soft = self._edges(
                region & apart, rules.soft_blur * unit, rules.soft_least_length * unit, rules.soft_surround * unit
            )
            inner += [dataclasses.replace(line, weight=np.maximum(line.weight, rules.soft_worth)) for line in soft]
        self.edges = self._weighed(inner)
        if given.boundaries is not None:
            self.edges = self._with_boundaries(given.boundaries, solid)
        rings = find_ellipses(given.image, depth, unit, constants.ellipses)
        # A head is no ring: hair and ears would be missing.
        heads = [face.landmarks for face in given.faces]
        self.rings = [ring for ring in rings if not any(ring.holds(marks).mean() > 0.5 for marks in heads)]
        self._draw_rings()
        for face in given.faces:
            if isinstance(face, Face):
                self._draw_face(face, depth > constants.faces.margin * unit)
        self.faces = find_face_parts(given, solid, depth, constants)
        self.outline = supported(self.outline, given, constants.outline)
        self._thin: dict[float, list[Line]] = {}

    def __call__(self, strokes: int, rng: np.random.Generator, *, face_budget: int | None = None) -> Array:
        """The strokes that say most about the scene.

        Args:
            strokes: how many, at least 1; the fewer, the broader they are, and the more the outline comes first.
            rng: varies what lines are worth, and where they are cut.
            face_budget: faces get the strokes that they get in a drawing of so many; None is `strokes`.

        Returns:
            float64 [stroke, 4, xy], scene pixels, most valuable first; no stroke where the scene holds no line at all.
        """
        unit, rules = self.given.scale, self.constants.strokes
        features, taken = self.fixed_strokes(face_budget or strokes)
        loose = float(np.exp(rng.normal(0, rules.tolerance_jitter)))
        share = {OUTLINE: 1.0, THIN: 1.0, FEATURE: 1.0, EDGE: self._edge_share(strokes)}
        jitter = {OUTLINE: rules.outline_jitter, THIN: rules.outline_jitter}
        jitter |= {FEATURE: rules.feature_jitter, EDGE: rules.edge_jitter}
        lines = [
            dataclasses.replace(line, weight=line.weight * share[line.kind] * np.exp(rng.normal(0, jitter[line.kind])))
            for line in self._with_thin_parts(thin_radius(strokes, self.constants.thin) * unit)
        ]
        near, left = tolerance(strokes, rules) * unit * loose, strokes - len(features)
        if taken.any():
            lines = self._without(lines, taken)
        chosen = choose(
            lines,
            left,
            near,
            rules.apart * unit,
            rng,
            self.constants.selection,
            mark_cost=rules.mark_cost * unit * _if_many(strokes, rules.many_marks, rules),
            long_cost=rules.long_marks if any(isinstance(parts.face, Head | SideHead) for parts in self.faces) else 1.0,
        )
        if strokes > rules.gestures:
            chosen = meet(chosen, unit, self.constants.meeting)
        chosen = fill_up(chosen, left)
        return fill_up(np.concatenate([features, chosen]), strokes)

    def worths(self, strokes: int) -> tuple[Array, Array]:
        """Places along all lines, and what each is worth in a drawing of so many strokes.

        Returns:
            float64 [place, xy], scene pixels, and float64 [place].
        """
        _, taken = self.fixed_strokes(strokes)
        lines = self._without(self.outline + self.edges, taken) if taken.any() else self.outline + self.edges
        step, share = max(1, round(self.constants.strokes.worth_step * self.given.scale)), self._edge_share(strokes)
        points = [line.points[::step] for line in lines]
        weights = [line.weight[::step] * (share if line.kind == EDGE else 1.0) for line in lines]
        return np.concatenate([np.zeros((0, 2)), *points]), np.concatenate([np.zeros(0), *weights])

    def _edge_share(self, strokes: int) -> float:
        """What edges are worth beside the outline: the more strokes, the more."""
        rules = self.constants.strokes
        many = _if_many(strokes, rules.many_edges, rules)
        return many * float(np.clip(np.sqrt(strokes / rules.edge_share_strokes), *rules.edge_share_limits))

    def fixed_strokes(self, strokes: int) -> tuple[Array, Flags]:
        """What comes first in a drawing of so many strokes and stays as it is: faces; where there are none, rings,
        beside which the one eye of a head seen from the side may stand.

        Returns:
            float64 [any, 4, xy], scene pixels, the largest face's first; and bool [y, x], where no other line belongs.
        """
        found, taken = [np.zeros((0, 4, 2))], np.zeros(self.given.inside.shape, dtype=bool)
        every = [parts.face for parts in self.faces]
        shares = share_strokes(every, strokes, self.given.scale, self.constants.faces)
        for parts, count in zip(self.faces, shares, strict=True):
            shapes, around = draw_face_parts(parts, count, self.given, self.constants)
            taken |= around
            found += [shape.points[None] for shape in shapes]
        taken &= self._inner
        features = np.concatenate(found)
        if max(shares, default=0) >= LEAST_COUNT and len(features):
            return features, taken
        rings, taken = self._rings_first(strokes, taken)
        return np.concatenate([features, rings]), taken

    def _rings_first(self, strokes: int, taken: Flags) -> tuple[Array, Flags]:
        """The rings that come first in a drawing of so many strokes that shows no face from the front, as
        `fixed_strokes`; none around an eye that is drawn."""
        unit, rules = self.given.scale, self.constants.ellipses
        left, found, eyes = int(rules.share * strokes), [np.zeros((0, 4, 2))], taken
        for one in clearest(self.rings, unit, rules):
            shape = one.loop() if one.radii[1] < rules.loop * unit else one.halves()
            if len(shape) <= left and not eyes[pixels(one.centre[None], eyes.shape)].any():
                left -= len(shape)
                found.append(shape)
                taken = taken | self._near([Line(one.ring(512), np.ones(512), FEATURE)], rules.cover * unit)
        return np.concatenate(found), taken

    def _with_thin_parts(self, radius: float) -> list[Line]:
        """All lines, limbs thinner than twice `radius` scene pixels by their middle lines, the body without them."""
        if self.given.mask is None:
            return self.outline + self.edges
        if radius not in self._thin:
            middle, thin = thin_lines(self.given.mask, radius, self.constants)
            if middle and self._mostly_limbs:
                outline = body_outline(self.given, thin, radius, self.outline, self.constants)
            else:
                outline = self._without(self.outline, thin)
            self._thin[radius] = middle + outline + self._without(self.edges, thin)
        return self._thin[radius]

    @functools.cached_property
    def _mostly_limbs(self) -> bool:
        """Whether thin limbs take so much of the outline that the body needs one of its own, in any drawing."""
        if self.given.mask is None:
            return False
        rules = self.constants.thin
        _, limbs = thin_lines(self.given.mask, rules.limbs_radius * self.given.scale, self.constants)
        return cut_share(self.given, limbs, self.outline) >= rules.limbs_share

    def _without(self, lines: list[Line], area: Flags) -> list[Line]:
        """Lines cut where they pass through an area: not made cheap, as a stroke would leap over it for nothing."""
        left = []
        shortest = self.constants.strokes.shortest * self.given.scale
        for line in lines:
            free = runs(~under(line, area))
            if sum(run.stop - run.start for run in free) == len(line.points):
                left.append(line)
                continue
            left += [
                Line(line.points[run], line.weight[run], line.kind) for run in free if run.stop - run.start > shortest
            ]
        return left

    def _with_boundaries(self, chances: Array, solid: Flags) -> list[Line]:
        """Lines where people would mark a boundary, and the edges elsewhere, which are doubtful."""
        unit, rules = self.given.scale, self.constants.boundaries
        found = []
        for line in boundary_lines(chances, self.outline, solid, self.given.inside, unit, rules):
            noticed = rules.salience_floor + (1 - rules.salience_floor) * under(line, self.given.saliency)
            calm = straightness(line.points, round(rules.calm_reach * unit), rules.calm_reach * unit) ** 2
            found.append(dataclasses.replace(line, weight=rules.worth * line.weight * noticed * calm))
        near = ndimage.maximum_filter(chances, 2 * round(rules.apart * unit) + 1) / rules.full
        trust = rules.doubt + (1 - rules.doubt) * np.clip(near, 0, 1)
        others = self._without(self.edges, self._near(found, rules.apart * unit))
        return found + [dataclasses.replace(line, weight=line.weight * under(line, trust)) for line in others]

    def _draw_rings(self) -> None:
        """Put ellipses in place of edges and outline along round parts: a wheel is round, whatever is beside it."""
        unit, rules = self.given.scale, self.constants.ellipses
        rings, large = [], []
        beside = self._near(self.outline, rules.cover * unit)
        for one in self.rings:
            points = one.ring(128)
            noticed = self.constants.inner.salience_floor
            noticed = noticed + (1 - noticed) * float(self.given.saliency[pixels(points, beside.shape)].mean())
            weight = rules.worth * min(1.0, one.contrast / rules.full_contrast) * noticed
            # One cubic makes a small loop, or half a ring, but no round ring.
            small = one.radii[1] < rules.loop * unit
            for part in (points,) if small else (points[:65], points[64:]):
                line = resample(part)
                # Where it stands for the outline, it has the outline's worth.
                worth = np.where(beside[pixels(line, beside.shape)] & (not small), 1.0, weight)
                rings.append(Line(line, worth, FEATURE))
                large += [] if small else rings[-1:]
        if rings:
            self.edges = self._without(self.edges, self._near(rings, rules.cover * unit)) + rings
        if large:
            self.outline = self._without(self.outline, self._near(large, rules.cover * unit))

    def _draw_face(self, face: Face, solid: Flags) -> None:
        """Put finer lines in place of the edges within a face, and lift one for each eye, the nose and the mouth."""
        unit, rules = self.given.scale, self.constants.faces
        left, top, side = face.square()
        rows, columns = np.indices(solid.shape)
        across, down = (columns - left) / side, (rows - top) / side
        square = solid & (across > rules.left) & (across < rules.right) & (down > rules.top) & (down < rules.bottom)
        self.edges = [line for line in self.edges if under(line, square).mean() < rules.replaced]
        finest, broadest = rules.blur_limits
        sigma = float(np.clip(side / rules.blur, finest * unit, broadest * unit))
        found = self._edges(square, sigma, side / rules.least_length, side / rules.surround, rules.local)
        lines = [dataclasses.replace(line, weight=self.constants.inner.worth * line.weight) for line in found]
        for site in face.sites():
            near = [
                float((np.exp(-(((line.points - site) / (rules.site_reach * side)) ** 2).sum(1)) * line.weight).sum())
                for line in lines
            ]
            best = int(np.argmax(near)) if near else -1
            if best >= 0 and near[best] > rules.site_least * side:
                line = lines[best]
                # Worth as much as a fair piece of outline, however small the face is.
                lift = rules.worth * unit / max(1.0, float(line.weight.sum()))
                lines[best] = Line(line.points, line.weight * max(1.0, lift), FEATURE)
        self.edges += lines

    def _edges(
        self, region: Flags, sigma: float, min_length: float, surround: float, local: float | None = None
    ) -> list[Line]:
        """`edge_lines` of what is drawn."""
        return edge_lines(self.given.image, region, sigma, min_length, surround, local, self.constants.edges)

    def _near(self, lines: list[Line], distance: float) -> Flags:
        """bool [y, x]: the pixels nearer than so many pixels to a line; none where there is no line."""
        shape = self.given.inside.shape
        if not lines:
            return np.zeros(shape, dtype=bool)
        rows, columns = pixels(np.concatenate([line.points for line in lines]), shape)
        return near_pixels(np.stack([columns, rows], axis=1), distance, shape)

    def _drawn(self, lines: list[Line]) -> Flags:
        """bool [y, x]: the pixels that lines pass through."""
        drawn = np.zeros(self.given.inside.shape, dtype=bool)
        for line in lines:
            drawn[pixels(line.points, drawn.shape)] = True
        return drawn

    def _weighed(self, lines: list[Line]) -> list[Line]:
        """Inner edges by contrast and saliency; crowds of short ones are texture, a few round ones are features."""
        unit, rules = self.given.scale, self.constants.inner
        crowd = ndimage.gaussian_filter(self._drawn(lines).astype(np.float64), rules.crowd_blur * unit) * unit
        weighed, features = [], []
        for line in lines:
            length = len(line.points) / unit
            texture = 1 / (1 + (under(line, crowd) / rules.crowd) ** 2)
            texture = texture + (1 - texture) * min(1.0, length / rules.crowd_exempt)
            saliency = under(line, self.given.saliency)
            noticed = rules.salience_floor + (1 - rules.salience_floor) * saliency
            weighed.append(dataclasses.replace(line, weight=rules.worth * line.weight * texture * noticed))
            least, most = rules.feature_extent
            extent = float(np.ptp(line.points, axis=0).max()) / unit
            turned = _total_turning(line.points, max(2, round(rules.feature_step * unit)))
            round_one = least < extent < most and turned > rules.feature_turn
            features.append(float((line.weight * saliency * texture).mean()) if round_one else 0.0)
        lifted: list[int] = []
        # Where faces are known, their eyes are; another round one is a mark in the coat.
        most_lifted = 0 if self.given.faces else rules.features
        for i in np.argsort(-np.array(features), kind="stable").tolist():
            # A pupil within an eye that is drawn already is not another feature.
            known = len(lifted) >= most_lifted or any(_within(lines[i], lines[j]) for j in lifted)
            if features[i] > rules.feature_least and not known:
                lifted.append(i)
                more = 1 + rules.feature_lift * under(lines[i], self.given.saliency)
                weighed[i] = Line(weighed[i].points, weighed[i].weight * more, FEATURE)
        return weighed


def _if_many(strokes: int, factor: float, constants: StrokeConstants) -> float:
    """A factor of drawings of more strokes than gestures have; 1 in drawings of fewer."""
    return factor if strokes > constants.gestures else 1.0


def _within(line: Line, other: Line) -> bool:
    """Whether the middle of a line lies in the box around another, or the other way round."""
    a, b = line.points, other.points
    return any(bool(((q.min(0) <= p.mean(0)) & (p.mean(0) <= q.max(0))).all()) for p, q in ((a, b), (b, a)))


def _total_turning(points: Array, reach: int) -> float:
    """Sum of the angles a polyline turns by, radians: 0 for a straight line, 2 pi for a ring."""
    every = points[::reach]
    return float(turning(every, 1).sum()) if len(every) > 2 else 0.0
