"""Heads of animals that look at the viewer: where their eyes and their noses are.

    for head in find_heads(look_at(picture)):
        head.left_eye, head.right_eye, head.nose   # float64 [xy], pixels of the picture

A small network answers with maps of left eyes, right eyes and noses of the whole picture and of its parts. What three
high places in the maps suggest is a head only if the network says the same when it looks again, closer and upright, and
once more in a mirror.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array
from .face_networks import Crop, Pyramid
from .faces import Face
from .head_network import CLOSE, SIDE, Looks, find_maps, is_same, peaks, suggest

LOOKED_AT = 8
"""Most suggestions of a picture that are looked at again."""
ON_BODY = 0.75
"""The same on the body of a person whose face is seen: letters and patterns of clothes look like heads, too."""
LEAST_SCORE = 0.55
"""Least certainty of a head."""
DRIFT = 0.2
"""Most that an eye may move between two looks, over the distance between the eyes."""
AGREED, AGREED_SCORE = 0.1, 0.42
"""Where eyes and nose move no more than this, two looks agree so well that a head may be less certain."""
EYE, NOSE = (0.075, 0.13, 0.21), (0.1, 0.15, 0.21)
"""Least, usual and largest radius over the head's size."""
SHIFT = 0.05
"""How far the middle of an eye may lie from where the network sees it, over the head's size."""
OUTER = 0.6
"""Share of the greatest change at which a wider circle counts as clear, too."""
CHANGE = 0.008
"""Least change of light from a circle to the next that tells where an eye ends."""


@dataclasses.dataclass(frozen=True, eq=False)
class Head:
    """An animal's head with both eyes to be seen; all lengths are pixels of the picture.

    Attributes:
        left_eye, right_eye: their middles, float64 [xy], left and right as seen when the head is upright.
        nose: its middle, or the beak's, float64 [xy].
        score: how sure it is that this is a head, 0 to 1.
        eye_radii: of the left and the right eye.
        nose_radius: half its width.
    """

    left_eye: Array
    right_eye: Array
    nose: Array
    score: float
    eye_radii: tuple[float, float] = (0.0, 0.0)
    nose_radius: float = 0.0

    @property
    def apart(self) -> float:
        """Distance between the eyes."""
        return float(np.linalg.norm(self.right_eye - self.left_eye))

    @property
    def across(self) -> Array:
        """Unit vector from the left to the right eye."""
        return np.asarray((self.right_eye - self.left_eye) / max(self.apart, 1e-9))

    @property
    def down(self) -> Array:
        """Unit vector at a right angle to `across`, on the side of the nose."""
        return np.array([-self.across[1], self.across[0]])

    @property
    def size(self) -> float:
        """Distance between the eyes, or more where that is small beside the distance to the nose."""
        eyes = (self.left_eye + self.right_eye) / 2
        return max(self.apart, 0.6 * float(np.linalg.norm(self.nose - eyes)))

    @property
    def centre(self) -> Array:
        """float64 [xy]: the middle between eyes and nose."""
        return np.asarray((self.left_eye + self.right_eye) / 4 + self.nose / 2)

    @property
    def height(self) -> float:
        """About that of the face without ears, from the forehead to the chin."""
        return 3.0 * self.size

    @property
    def landmarks(self) -> Array:
        """float64 [3, xy]: left eye, right eye, nose."""
        return np.stack([self.left_eye, self.right_eye, self.nose])


def find_heads(looks: Looks, faces: Sequence[Face] = ()) -> list[Head]:
    """The heads of animals that look at the viewer, largest first.

    Args:
        looks: at the picture.
        faces: of people, whose heads are not those of animals.

    Raises:
        StrokewiseError: the network's weights are missing or damaged.
    """
    pyramid = looks.pyramid
    found: list[Head] = []
    for guess in suggest(looks, _triples, LOOKED_AT):
        head = _look_again(pyramid, guess)
        if head is None or any(is_same(head, other) for other in found):
            continue
        if not any(np.linalg.norm(head.centre - face.centre) < 0.6 * face.height for face in faces):
            if head.score < ON_BODY and any(_is_on_body(head, face) for face in faces):
                continue
            found.append(head)
    # Beside a sure head a doubtful one is a part of it, such as the nostrils of a pig, or nothing.
    sure = [head for head in found if head.score >= LEAST_SCORE] or found
    return sorted((_measured(pyramid, head) for head in sure), key=lambda head: -head.size)


def _is_on_body(head: Head, face: Face) -> bool:
    """Whether a head lies where the body of an upright person with that face is."""
    aside, below = (head.centre - face.centre) / face.height
    return bool(abs(aside) < 1.5 and 0.6 < below < 5)


def _look_again(pyramid: Pyramid, guess: Head) -> Head | None:
    """The head at a suggestion as two closer looks see it, or None where they do not agree."""
    head, least = guess, LEAST_SCORE
    for _ in range(2):
        crop = Crop((float(head.centre[0]), float(head.centre[1])), CLOSE * head.size, _roll(head))
        plain, mirrored = find_maps(pyramid, [crop]), find_maps(pyramid, [crop], mirrored=True)
        looks = [max(_triples(crop, maps[0]), key=lambda one: one.score, default=None) for maps in (plain, mirrored)]
        first, second = looks
        if first is None or second is None:
            return None
        moved = np.linalg.norm(first.landmarks - second.landmarks, axis=1) / first.apart
        if moved[:2].max() > DRIFT:
            return None
        least = AGREED_SCORE if moved.max() <= AGREED else LEAST_SCORE
        places = (first.landmarks + second.landmarks) / 2
        head = Head(places[0], places[1], places[2], math.sqrt(first.score * second.score))
    if head.score < least or not is_same(head, guess):
        return None
    return head


def _measured(pyramid: Pyramid, head: Head) -> Head:
    """The head with its eyes and nose where they are roundest, and their sizes."""
    crop = Crop((float(head.centre[0]), float(head.centre[1])), CLOSE * head.size, _roll(head))
    left, right = (measure_circle(pyramid, crop, eye, EYE) for eye in (head.left_eye, head.right_eye))
    _, nose_radius = measure_circle(pyramid, crop, head.nose, NOSE)
    both = math.sqrt(left[1] * right[1])  # eyes of one head are of like size
    return dataclasses.replace(
        head, left_eye=left[0], right_eye=right[0], eye_radii=(both, both), nose_radius=nose_radius
    )


def measure_circle(
    pyramid: Pyramid, crop: Crop, place: Array, limits: tuple[float, float, float]
) -> tuple[Array, float]:
    """The circle at a place across which the light changes most.

    Args:
        pyramid: the picture.
        crop: a close look at a head.
        place: float64 [xy], in the picture; the circle's middle is no further away than SHIFT sizes of the head.
        limits: least, usual and largest radius over the head's size; where no circle stands out it is the usual one,
            at the place itself.

    Returns:
        its middle, float64 [xy], and its radius, pixels of the picture.
    """
    size = crop.side / CLOSE
    grey = pyramid.crop(crop, 2 * SIDE).mean(0).astype(np.float64)
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    shares = np.arange(0.03, 0.36, 0.015)
    steps = np.linspace(-SHIFT, SHIFT, 5) * size
    middles = place + np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 1, 1, 2)
    points = middles + (shares * size)[:, None, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    cos, sin = math.cos(crop.angle), math.sin(crop.angle)
    away = (points - np.array(crop.centre)) @ np.array([[cos, -sin], [sin, cos]])
    at = (away / crop.side + 0.5) * 2 * SIDE - 0.5
    light = ndimage.map_coordinates(grey, [at[..., 1], at[..., 0]], order=1, mode="nearest").mean(-1)
    change = ndimage.gaussian_filter1d(np.abs(np.gradient(light, axis=1)), 1.0, axis=1)
    least, usual, most = limits
    change = np.where((shares >= least) & (shares <= most), change, 0) * np.exp(-(((shares - usual) / usual) ** 2))
    where, best = np.unravel_index(int(np.argmax(change)), change.shape)
    if change[where, best] <= CHANGE:
        return place, usual * size
    # Around a pupil lies an iris: of several clear circles the outer one is the eye.
    outer = int(np.flatnonzero(change[where] >= OUTER * change[where, best])[-1])
    return np.asarray(middles[where, 0, 0]), float(shares[outer]) * size


def _roll(head: Head) -> float:
    return math.atan2(float(head.across[1]), float(head.across[0]))


def _triples(crop: Crop, maps: NDArray[np.float32]) -> list[Head]:
    """Heads that high places of the first three maps [map, y, x] could be, in pixels of the picture."""
    left, right, nose = (peaks(crop, one) for one in maps[:3])
    found = []
    for a, p in left:
        for b, q in right:
            for c, r in nose:
                head = Head(a, b, c, (p * q * r) ** (1 / 3))
                if _is_plausible(head, crop):
                    found.append(head)
    return found


def _is_plausible(head: Head, crop: Crop) -> bool:
    """Whether eyes and nose lie as those of a head do that looks at the viewer."""
    if not 0.06 * crop.side < head.apart < 0.7 * crop.side:
        return False
    away = (head.nose - (head.left_eye + head.right_eye) / 2) / head.apart
    aside, below = float(away @ head.across), float(away @ head.down)
    turn = abs((_roll(head) - crop.angle + math.pi) % (2 * math.pi) - math.pi)
    return abs(aside) < 0.8 and 0.12 < below < 2.2 and turn < math.radians(60)
