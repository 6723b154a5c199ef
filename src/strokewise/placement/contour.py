"""Contour placement: strokes along the subject's outline, its thin parts and its strong inner edges."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array, Flags
from ..bezier import runs
from ..photo.faces import Face
from ..photo.heads import Head
from .face_strokes import DOT_HEIGHT, covered, face_shapes, share_strokes
from .head_strokes import covered_by_head, head_shapes
from .inputs import PlacementInput
from .lines import EDGE, FEATURE, OUTLINE, THIN, Line, edge_lines, gradient, outline_lines, pixels, thin_lines
from .selection import choose, fill_up, turning

INNER = 0.7
"""Worth of a full-contrast inner edge beside the outline's 1."""
ROUND = 3.0
"""How much more a small round feature (an eye, a nostril) counts where the saliency is highest."""
FACE = 45.0
"""Worth of an eye, a nose or a mouth, as pixels of outline on a 224 px canvas."""
FEATURES = 4
"""How many such features there are at most; more of a kind are a texture."""
JITTER = {OUTLINE: 0.03, THIN: 0.03, FEATURE: 0.1, EDGE: 0.12}
"""How much the worth of a line varies from seed to seed (sigma of its logarithm)."""
APART = 2.0
"""Distance below which two strokes are one, in pixels of a 224 px canvas."""


def tolerance(strokes: int) -> float:
    """Deviation a stroke may have, in pixels of a 224 px canvas: few strokes are broad gestures."""
    return float(np.clip(12 / np.sqrt(strokes), 1.2, 6.0))


def thin_radius(strokes: int) -> float:
    """Half the thickness below which a limb becomes a single line, in pixels of a 224 px canvas."""
    return float(np.clip(8 / np.sqrt(strokes), 1.2, 2.2))


class ContourPlacement:
    """Traces a scene once, then gives strokes for any number of seeds and counts.

        placement = ContourPlacement(scene)
        points = placement(strokes=16, rng=np.random.default_rng(0))  # [16, 4, xy], scene pixels

    Attributes:
        scene: what was traced.
        outline: the subject's outline; none where the whole picture is drawn.
        edges: lines within the subject, or the picture.
    """

    def __init__(self, given: PlacementInput) -> None:
        self.given = given
        unit = given.scale
        solid = given.inside if given.mask is None else given.inside & (given.mask > 0.5)
        depth = ndimage.distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1]
        self.outline = [] if given.mask is None else outline_lines(given.mask, given.inside, smooth=unit)
        region = depth > 4 * unit
        inner = edge_lines(given.image, region, 1.25 * unit, min_length=7 * unit, surround=12 * unit)
        if given.mask is None:
            # With no outline to lean on, the soft edges between large parts (a head before a dim room) count too.
            region &= ndimage.distance_transform_edt(~self._drawn(inner)) > 8 * unit
            soft = edge_lines(given.image, region, 4 * unit, min_length=25 * unit, surround=24 * unit)
            inner += [dataclasses.replace(line, weight=np.maximum(line.weight, 0.5)) for line in soft]
        self.edges = self._weighed(inner)
        for face in given.faces:
            if isinstance(face, Face):
                self._draw_face(face, depth > unit)
        self.faces = [face for face in given.faces if _holds(solid, face)]
        self.outline = self._supported(self.outline)

    def __call__(self, strokes: int, rng: np.random.Generator, *, face_budget: int | None = None) -> Array:
        """The strokes that say most about the scene.

        Args:
            strokes: how many, at least 1; the fewer, the broader they are, and the more the outline comes first.
            rng: varies what lines are worth, and where they are cut.
            face_budget: faces get the strokes that they get in a drawing of so many; None is `strokes`.

        Returns:
            float64 [stroke, 4, xy], scene pixels, most valuable first; no stroke where the scene holds no line at all.
        """
        unit = self.given.scale
        features, taken = self.face_strokes(face_budget or strokes)
        loose = float(np.exp(rng.normal(0, 0.12)))
        share = {OUTLINE: 1.0, THIN: 1.0, FEATURE: 1.0, EDGE: float(np.clip(np.sqrt(strokes / 16), 0.5, 1.1))}
        lines = [
            dataclasses.replace(line, weight=line.weight * share[line.kind] * np.exp(rng.normal(0, JITTER[line.kind])))
            for line in self._with_thin_parts(thin_radius(strokes) * unit)
        ]
        near = tolerance(strokes) * unit * loose
        left = strokes - len(features)
        if taken.any():
            lines = self._without(lines, taken)
        chosen = fill_up(choose(lines, left, near, APART * unit, rng), left)
        return fill_up(np.concatenate([features, chosen]), strokes)

    def face_strokes(self, strokes: int) -> tuple[Array, Flags]:
        """What faces are given first in a drawing of so many strokes.

        Returns:
            float64 [any, 4, xy], scene pixels, the largest face's first; and bool [y, x], where no other line belongs.
        """
        unit = self.given.scale
        found, taken = [np.zeros((0, 4, 2))], np.zeros(self.given.inside.shape, dtype=bool)
        for face, count in zip(self.faces, share_strokes(self.faces, strokes, unit), strict=True):
            if isinstance(face, Head):
                shapes = head_shapes(face, count, unit)
                taken |= covered_by_head(face, shapes, taken.shape)
            else:
                shapes = face_shapes(face, count, small=face.height < DOT_HEIGHT * unit)
                taken |= covered(face, shapes, taken.shape)
            found += [shape.points[None] for shape in shapes]
        return np.concatenate(found), taken

    def _with_thin_parts(self, radius: float) -> list[Line]:
        """All lines, limbs thinner than twice `radius` scene pixels by their middle lines."""
        if self.given.mask is None:
            return self.outline + self.edges
        middle, thin = thin_lines(self.given.mask, radius)
        return middle + self._without(self.outline + self.edges, thin)

    def _without(self, lines: list[Line], area: Flags) -> list[Line]:
        """Lines cut where they pass through an area: not made cheap, as a stroke would leap over it for nothing."""
        left = []
        shortest = 6 * self.given.scale
        for line in lines:
            free = runs(~_under(line, area))
            if sum(run.stop - run.start for run in free) == len(line.points):
                left.append(line)
                continue
            left += [
                Line(line.points[run], line.weight[run], line.kind) for run in free if run.stop - run.start > shortest
            ]
        return left

    def _draw_face(self, face: Face, solid: Flags) -> None:
        """Put finer lines in place of the edges within a face, and lift one for each eye, the nose and the mouth."""
        unit = self.given.scale
        left, top, side = face.square()
        rows, columns = np.indices(solid.shape)
        across, down = (columns - left) / side, (rows - top) / side
        square = solid & (across > 0.08) & (across < 0.92) & (down > 0.08) & (down < 0.98)
        self.edges = [line for line in self.edges if _under(line, square).mean() < 0.5]
        sigma = float(np.clip(side / 60, 0.5 * unit, 1.25 * unit))
        found = edge_lines(self.given.image, square, sigma, min_length=side / 14, surround=side / 5, local=0.5)
        lines = [dataclasses.replace(line, weight=INNER * line.weight) for line in found]
        for site in face.sites():
            near = [
                float((np.exp(-(((line.points - site) / (0.11 * side)) ** 2).sum(1)) * line.weight).sum())
                for line in lines
            ]
            best = int(np.argmax(near)) if near else -1
            if best >= 0 and near[best] > 0.02 * side:
                line = lines[best]
                # Worth as much as a fair piece of outline, however small the face is.
                lift = FACE * unit / max(1.0, float(line.weight.sum()))
                lines[best] = Line(line.points, line.weight * max(1.0, lift), FEATURE)
        self.edges += lines

    def _drawn(self, lines: list[Line]) -> Flags:
        """bool [y, x]: the pixels that lines pass through."""
        drawn = np.zeros(self.given.inside.shape, dtype=bool)
        for line in lines:
            drawn[pixels(line.points, drawn.shape)] = True
        return drawn

    def _supported(self, lines: list[Line]) -> list[Line]:
        """The outline by saliency, by the contrast the photo shows there (the mask may have guessed), and by how calm
        it runs: ragged stretches are hair, grass, or a mask that was unsure."""
        unit = self.given.scale
        strength, _ = gradient(self.given.photo, unit)
        strength = ndimage.maximum_filter(strength, 2 * round(2 * unit) + 1)
        found = np.concatenate([_under(line, strength) for line in lines]) if lines else np.ones(1)
        full = max(float(np.median(found)), 0.01)
        weighed = []
        for line in lines:
            support = np.minimum(_under(line, strength) / full, 1.0)
            calm = _straightness(line.points, round(12 * unit), 15 * unit)
            weight = (0.75 + 0.5 * _under(line, self.given.saliency)) * (0.5 + 0.5 * support) * calm
            weighed.append(dataclasses.replace(line, weight=line.weight * weight))
        return weighed

    def _weighed(self, lines: list[Line]) -> list[Line]:
        """Inner edges by contrast and saliency; crowds of short ones are texture, a few round ones are features."""
        unit = self.given.scale
        crowd = ndimage.gaussian_filter(self._drawn(lines).astype(np.float64), 8 * unit) * unit
        weighed, features = [], []
        for line in lines:
            length = len(line.points) / unit
            texture = 1 / (1 + (_under(line, crowd) / 0.12) ** 2)
            texture = texture + (1 - texture) * min(1.0, length / 60)
            saliency = _under(line, self.given.saliency)
            weighed.append(dataclasses.replace(line, weight=INNER * line.weight * texture * (0.2 + 0.8 * saliency)))
            spread = float(np.ptp(line.points, axis=0).max()) / unit
            round_one = 4 < spread < 40 and _total_turning(line.points, max(2, round(1.5 * unit))) > 3.3
            features.append(float((line.weight * saliency * texture).mean()) if round_one else 0.0)
        lifted: list[int] = []
        for i in np.argsort(-np.array(features), kind="stable").tolist():
            # A pupil within an eye that is drawn already is not another feature.
            if features[i] > 0.15 and len(lifted) < FEATURES and not any(_within(lines[i], lines[j]) for j in lifted):
                lifted.append(i)
                more = 1 + ROUND * _under(lines[i], self.given.saliency)
                weighed[i] = dataclasses.replace(weighed[i], weight=weighed[i].weight * more)
        return weighed


def _holds(solid: Flags, face: Face | Head) -> bool:
    """Whether a face lies in what is drawn, for the most part."""
    inside = ((face.landmarks >= 0) & (face.landmarks < solid.shape[::-1])).all(1)
    return bool((inside & solid[pixels(face.landmarks, solid.shape)]).mean() > 0.7)


def _under(line: Line, picture: NDArray[Any]) -> NDArray[Any]:
    """The pixels of a picture [y, x] that the samples of a line lie in: [sample]."""
    return picture[pixels(line.points, picture.shape)]


def _within(line: Line, other: Line) -> bool:
    """Whether the middle of a line lies in the box around another, or the other way round."""
    a, b = line.points, other.points
    return any(bool(((q.min(0) <= p.mean(0)) & (p.mean(0) <= q.max(0))).all()) for p, q in ((a, b), (b, a)))


def _straightness(points: Array, reach: int, spread: float) -> Array:
    """Chord over arc in (0, 1] around each sample, averaged along the line with sigma `spread`; both in samples."""
    if len(points) <= 2 * reach:
        return np.ones(len(points))
    i = np.arange(len(points))
    low, high = np.maximum(i - reach, 0), np.minimum(i + reach, len(points) - 1)
    chord = np.linalg.norm(points[high] - points[low], axis=1)
    return ndimage.gaussian_filter1d(np.minimum(chord / (high - low), 1.0), spread, mode="nearest")


def _total_turning(points: Array, reach: int) -> float:
    """Sum of the angles a polyline turns by, radians: 0 for a straight line, 2 pi for a ring."""
    every = points[::reach]
    return float(turning(every, 1).sum()) if len(every) > 2 else 0.0
