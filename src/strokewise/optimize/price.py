"""What people dislike in a drawing and a network does not mind: specks, lines that break off, outlines left out.

A network is pleased by specks that mean nothing to people, and does not miss an ear where the line leads from one
stroke to the next. So wherever strokes are chosen, all three have a price beside the loss.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from .._arrays import Array
from ..bezier import along, lengths, split_chain

MARK = 25.0
"""A stroke shorter than this is only a mark, pixels of a 224 px canvas, in a drawing of USUAL strokes."""
USUAL = 16
"""The more strokes there are, the less each of them counts, and the shorter they are."""
REACH = 5.0
"""An end this near to another stroke, or to the stroke's other end, is not loose, pixels of a 224 px canvas."""
SHOWN = 4.0
"""A place on a line this near to a stroke is shown by it, pixels of a 224 px canvas."""
SAMPLES = 32
"""Points along each stroke."""


@dataclasses.dataclass(frozen=True, eq=False)
class Price:
    """What drawings of one photo cost beside the loss.

    Attributes:
        places: of the photo's lines, float64 [place, xy], canvas pixels; there may be none.
        weights: how much each of them matters, float64 [place].
        most: the weight of all that a good drawing shows; 0 where lines have no price.
        mark: price of a mark of no length, as a share of the loss, in a drawing of USUAL strokes; less of a longer one.
        loose: the same of an end that meets nothing.
        missing: price of showing none of the lines that matter, as a share of the loss.
    """

    places: Array = dataclasses.field(default_factory=lambda: np.zeros((0, 2)))
    weights: Array = dataclasses.field(default_factory=lambda: np.zeros(0))
    most: float = 0.0
    mark: float = 0.1
    loose: float = 0.025
    missing: float = 0.5

    def beside(self, placements: Sequence[Array], size: int) -> Price:
        """The same price, where as much as the best of some placements shows is all that can be asked for."""
        return dataclasses.replace(self, most=max((self._shown(one, size) for one in placements), default=0.0))

    def __call__(self, strokes: Array, size: int) -> float:
        """Of a drawing, as a share of its loss.

        Args:
            strokes: float64 [stroke, point, xy], canvas pixels; point = 4, 7, 10... in chains.
            size: side of the canvas, pixels.
        """
        if not len(strokes):
            return 0.0
        own = self.mark * float(shortness(strokes, size).sum()) + self.loose * loose_ends(strokes, size)
        missing = 1 - self._shown(strokes, size) / self.most if self.most > 0 else 0.0
        return own * USUAL / len(strokes) + self.missing * missing

    def _shown(self, strokes: Array, size: int) -> float:
        if not len(self.places):
            return 0.0
        from scipy.spatial import cKDTree  # takes a while to load, and a draft has no price

        tree = cKDTree(along(strokes, SAMPLES).reshape(-1, 2))
        near, _ = tree.query(self.places, distance_upper_bound=SHOWN * size / 224)
        return float(self.weights[np.isfinite(near)].sum())


def shortness(strokes: Array, size: int) -> Array:
    """How much strokes are only marks: [stroke], 1 for no length, falling to 0 for a length of `MARK`; for less where
    there are many strokes. Arguments as for a `Price`."""
    least = MARK * size / 224 * np.sqrt(USUAL / max(1, len(strokes)))
    return np.asarray(np.maximum(0.0, 1 - lengths(split_chain(strokes)).sum(-1) / least))


def loose_ends(strokes: Array, size: int) -> int:
    """How many ends of strokes meet nothing; arguments as for a `Price`."""
    from scipy.spatial.distance import cdist

    count = len(strokes)
    ends, lines = strokes[:, [0, -1]], along(strokes, SAMPLES)
    gaps = cdist(ends.reshape(-1, 2), lines.reshape(-1, 2)).reshape(count, 2, count, -1).min(-1)
    own = np.arange(len(strokes))
    gaps[own, :, own] = np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)[:, None]
    return int((gaps.min(-1) > REACH * size / 224).sum())
