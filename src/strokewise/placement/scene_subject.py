"""What stands before a place, traced: as any subject, but the straight lines of houses and boats exactly straight."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags
from ..photo.heads import Head
from ..photo.side_heads import SideHead
from .constants import DEFAULTS, PlacementConstants
from .contour import ContourPlacement
from .inputs import PlacementInput
from .lines import Line, edge_lines, pixels
from .scene_choice import choose_background
from .scene_constants import SCENE, SceneConstants
from .scene_lines import STRAIGHT, scene_lines


class SubjectTrace(ContourPlacement):
    """As `ContourPlacement`; of a subject that is built of straight lines, these come first, after faces.

    Attributes:
        straightness: share of the subject's edges that is straight, 0 to 1: 0.1 for animals, 0.5 for houses.
    """

    def __init__(
        self, given: PlacementInput, constants: PlacementConstants = DEFAULTS, rules: SceneConstants = SCENE
    ) -> None:
        super().__init__(given, constants)
        self._rules = rules
        solid = given.inside if given.mask is None else given.inside & (given.mask > 0.5)
        unit = given.scale
        # Its outline, too, but not where the photo ends.
        within = ndimage.distance_transform_edt(np.pad(given.inside, 1))[1:-1, 1:-1] > rules.border_margin * unit
        region = (ndimage.distance_transform_edt(~solid) <= rules.beside * unit) & within
        edges = edge_lines(given.photo, region, rules.fine * unit, rules.shortest_piece * unit, rules.surround * unit)
        self._straight = [line for line in scene_lines(given.photo, region, rules) if line.kind == STRAIGHT]
        long = [line for line in self._straight if len(line.points) >= rules.built_length * unit]
        self.straightness = min(1.0, _length(long) / max(_length(edges), 1.0))
        if any(isinstance(face, (Head, SideHead)) for face in given.faces):  # fur lies in straight strands, too
            self.straightness = 0.0
        self._chosen: dict[int, Array] = {}

    def fixed_strokes(self, strokes: int) -> tuple[Array, Flags]:
        """As there, and then the straight lines."""
        features, taken = super().fixed_strokes(strokes)
        share = float(
            np.clip((self.straightness - self._rules.built) * self._rules.built_gain, 0, self._rules.built_most)
        )
        count = int(share * (strokes - len(features)))
        chosen = self._lines(count)
        if not len(chosen):
            return features, taken
        drawn = np.zeros(taken.shape, dtype=bool)
        for cubic in chosen:
            length = float(np.linalg.norm(cubic[3] - cubic[0]))
            drawn[pixels(np.linspace(cubic[0], cubic[3], max(2, round(length))), drawn.shape)] = True
        near = ndimage.distance_transform_edt(~drawn) <= self._rules.beside * self.given.scale
        return np.concatenate([features, chosen]), taken | near

    def _lines(self, count: int) -> Array:
        """So many of the straight lines at most, those that say most."""
        if count not in self._chosen:
            shape = self.given.inside.shape
            rng = np.random.default_rng(0)  # straight lines are not cut
            self._chosen[count] = choose_background(self._straight, count, self.given.scale, shape, rng, self._rules)
        return self._chosen[count]


def _length(lines: list[Line]) -> float:
    return float(sum(len(line.points) for line in lines))
