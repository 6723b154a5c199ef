"""Heads of animals seen from the side: where the eye and the tip of the muzzle, the beak or the mouth are.

    for head in find_side_heads(looks, heads):
        head.eye, head.muzzle   # float64 [xy], pixels of the picture

The network and the second looks are those of `heads.py`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array
from .face_networks import Crop
from .faces import Face
from .head_network import CLOSE, MUZZLE, SIDE_EYE, Looks, find_maps, is_same, peaks, suggest
from .heads import EYE, Head, measure_circle

LOOKED_AT = 3
"""Most suggestions of a picture that are looked at again."""
LEAST_SCORE, SECOND = 0.65, 0.72
"""Least certainty of a head; and of one beside another head or a face, since most photos are of one animal."""
EYE_SAYS = 0.75
"""How much of the certainty is the eye's; the rest is the muzzle's, whose tip is less clear."""
DRIFT = 0.15
"""Most that the eye may move between two looks, over the distance from eye to muzzle."""
UNIT = 0.9
"""A head's size over the distance from eye to muzzle."""
NEAREST, FARTHEST = 0.05, 0.6
"""Least and largest distance from eye to muzzle over the side of what the network sees."""


@dataclasses.dataclass(frozen=True, eq=False)
class SideHead:
    """An animal's head of which one eye is seen; all lengths are pixels of the picture.

    Attributes:
        eye: its middle, float64 [xy].
        muzzle: the tip of the muzzle, the beak or the mouth, float64 [xy].
        score: how sure it is that this is a head, 0 to 1.
        eye_radius: of its eye.
    """

    eye: Array
    muzzle: Array
    score: float
    eye_radius: float = 0.0

    @property
    def size(self) -> float:
        """About what the distance between the eyes is from the front."""
        return UNIT * float(np.linalg.norm(self.muzzle - self.eye))

    @property
    def centre(self) -> Array:
        """float64 [xy]: the middle between eye and muzzle."""
        return np.asarray((self.eye + self.muzzle) / 2)

    @property
    def height(self) -> float:
        """About that of the head without ears."""
        return 2.0 * self.size

    @property
    def landmarks(self) -> Array:
        """float64 [2, xy]: eye, muzzle."""
        return np.stack([self.eye, self.muzzle])


def find_side_heads(looks: Looks, others: Sequence[Face | Head] = ()) -> list[SideHead]:
    """The heads of animals that are seen from the side, largest first.

    Args:
        looks: at the picture.
        others: faces of people and heads that look at the viewer, which are not found once more.

    Raises:
        StrokewiseError: the network's weights are missing or damaged.
    """
    found: list[SideHead] = []
    seen = [head for guess in suggest(looks, _pairs, LOOKED_AT) if (head := _look_again(looks, guess))]
    for head in sorted(seen, key=lambda head: -head.score):
        if any(np.linalg.norm(head.centre - one.centre) < max(one.size, head.size) for one in found):
            continue
        if head.score < SECOND and (found or others):
            continue
        if not any(np.linalg.norm(head.centre - one.centre) < 0.7 * one.height for one in others):
            eye, radius = measure_circle(looks.pyramid, _close(head), head.eye, EYE)
            found.append(dataclasses.replace(head, eye=eye, eye_radius=radius))
    return sorted(found, key=lambda head: -head.size)


def _look_again(looks: Looks, guess: SideHead) -> SideHead | None:
    """The head at a suggestion as two closer looks see it, or None where they do not agree."""
    head = guess
    for _ in range(2):
        crop = _close(head)
        both = [find_maps(looks.pyramid, [crop], mirrored=mirrored)[0] for mirrored in (False, True)]
        first, second = (max(_pairs(crop, maps), key=lambda one: one.score, default=None) for maps in both)
        if first is None or second is None:
            return None
        if np.linalg.norm(first.eye - second.eye) > DRIFT * first.size / UNIT:
            return None
        places = (first.landmarks + second.landmarks) / 2
        head = SideHead(places[0], places[1], math.sqrt(first.score * second.score))
    return head if head.score >= LEAST_SCORE and is_same(head, guess) else None


def _close(head: SideHead) -> Crop:
    return Crop((float(head.centre[0]), float(head.centre[1])), CLOSE * head.size)


def _pairs(crop: Crop, maps: NDArray[np.float32]) -> list[SideHead]:
    """Heads that high places of the last two maps [map, y, x] could be, in pixels of the picture."""
    found = []
    for eye, p in peaks(crop, maps[SIDE_EYE]):
        for muzzle, q in peaks(crop, maps[MUZZLE]):
            away = float(np.linalg.norm(muzzle - eye))
            if NEAREST * crop.side < away < FARTHEST * crop.side:
                found.append(SideHead(eye, muzzle, p**EYE_SAYS * q ** (1 - EYE_SAYS)))
    return found
