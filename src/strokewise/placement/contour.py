"""Contour placement: strokes along the subject's outline, its thin parts and its strong inner edges."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .choice import choose, fill_up, turning
from .lines import EDGE, Line, edge_lines, outline_lines, runs, thin_lines
from .scene import Scene

Array = NDArray[np.float64]

INNER = 0.55
"""Worth of a full-contrast inner edge beside the outline's 1."""
FEATURE = 5.0
"""How much more a small round feature (an eye, a nostril) counts where the saliency is highest."""

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
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        unit = scene.scale
        solid = scene.inside if scene.mask is None else scene.inside & (scene.mask > 0.5)
        depth = ndimage.distance_transform_edt(np.pad(solid, 1))[1:-1, 1:-1]
        self.outline = [] if scene.mask is None else outline_lines(scene.mask, scene.inside, smooth=unit)
        inner = edge_lines(scene.image, depth > 4 * unit, sigma=1.25 * unit, min_length=7 * unit)
        self.edges = self._weighed(inner)
        self.outline = [self._salient(line, 0.75, 0.5) for line in self.outline]

    def __call__(self, strokes: int, rng: np.random.Generator) -> Array:
        """Strokes in scene pixels, float64 [stroke, 4, xy], most valuable first.

        There are `strokes` of them, unless the scene holds no line at all: then none.
        """
        unit = self.scene.scale
        loose = float(np.exp(rng.normal(0, 0.12)))
        lines = [
            dataclasses.replace(line, weight=line.weight * np.exp(rng.normal(0, 0.12 if line.kind == EDGE else 0.03)))
            for line in self._with_thin_parts(thin_radius(strokes) * unit)
        ]
        near = tolerance(strokes) * unit * loose
        return fill_up(choose(lines, strokes, near, APART * unit, rng), strokes)

    def _with_thin_parts(self, radius: float) -> list[Line]:
        if self.scene.mask is None:
            return self.outline + self.edges
        middle, thin = thin_lines(self.scene.mask, radius)
        lines = list(middle)
        shortest = 6 * self.scene.scale
        for line in self.outline + self.edges:
            # What the middle line stands for is cut out, not made cheap: a stroke would leap over it for nothing.
            free = runs(~self._at(thin, line))
            if sum(run.stop - run.start for run in free) == len(line.points):
                lines.append(line)
                continue
            lines += [
                Line(line.points[run], line.weight[run], line.kind) for run in free if run.stop - run.start > shortest
            ]
        return lines

    def _at(self, picture: NDArray, line: Line) -> NDArray:
        y, x = (np.clip(line.points[:, i].astype(int), 0, picture.shape[1 - i] - 1) for i in (1, 0))
        return picture[y, x]

    def _salient(self, line: Line, base: float, more: float) -> Line:
        return dataclasses.replace(line, weight=line.weight * (base + more * self._at(self.scene.saliency, line)))

    def _weighed(self, lines: list[Line]) -> list[Line]:
        """Inner edges by contrast and saliency; crowds of short ones are texture, small round ones are features."""
        unit = self.scene.scale
        drawn = np.zeros(self.scene.inside.shape)
        for line in lines:
            np.add.at(drawn, tuple(np.clip(line.points[:, i].astype(int), 0, drawn.shape[0] - 1) for i in (1, 0)), 1.0)
        crowd = ndimage.gaussian_filter(drawn, 8 * unit) * unit
        spread = [float(np.ptp(line.points, axis=0).max()) / unit for line in lines]
        round_ones = [
            bool(4 < s < 40 and _total_turning(line.points, max(2, round(1.5 * unit))) > 4.0)
            for line, s in zip(lines, spread, strict=True)
        ]
        rarity = min(1.0, 4 / max(1, sum(round_ones)))
        weighed = []
        for line, is_round in zip(lines, round_ones, strict=True):
            length = len(line.points) / unit
            texture = 1 / (1 + (self._at(crowd, line) / 0.12) ** 2)
            texture = texture + (1 - texture) * min(1.0, length / 60)
            saliency = self._at(self.scene.saliency, line)
            weight = INNER * line.weight * texture * (0.2 + 0.8 * saliency)
            if is_round:
                weight = weight * (1 + FEATURE * rarity * saliency)
            weighed.append(dataclasses.replace(line, weight=weight))
        return weighed


def _total_turning(points: Array, reach: int) -> float:
    """Sum of the angles a polyline turns by, radians: 0 for a straight line, 2 pi for a ring."""
    every = points[::reach]
    return float(turning(every, 1).sum()) if len(every) > 2 else 0.0
