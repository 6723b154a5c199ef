"""Heads of animals that look at the viewer: where their eyes and their noses are.

    for head in find_heads(picture):
        head.left_eye, head.right_eye, head.nose   # float64 [xy], pixels of the picture

A small network answers with maps of left eyes, right eyes and noses. It looks at the whole picture and at parts of it.
What three high places in the maps suggest is a head only if the network says the same when it looks again, closer and
upright, and once more in a mirror.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array
from .._onnx import OnnxNetwork
from ..errors import StrokewiseError
from .face_networks import Crop, Pyramid
from .faces import Face

WEIGHTS = Path(__file__).parent / "heads.onnx"
SIDE = 128
"""What the network sees, in pixels."""
LEAST_PEAK = 0.12
"""Values of the maps below this are not looked at."""
PEAKS = 3
"""Most places of a map that are looked at."""
LOOKED_AT = 8
"""Most suggestions of a picture that are looked at again."""
ON_BODY = 0.75
"""The same on the body of a person whose face is seen: letters and patterns of clothes look like heads, too."""
CLOSE = 4.0
"""Side of the crop of a second look over the extent of eyes and nose."""
LEAST_SCORE = 0.55
"""Least certainty of a head."""
DRIFT = 0.2
"""Most that an eye may move between two looks, over the distance between the eyes."""
EYE, NOSE = (0.075, 0.13, 0.21), (0.1, 0.15, 0.21)
"""Least, usual and largest radius over the head's size."""
CHANGE = 0.008
"""Least change of light from a circle to the next that tells where an eye ends."""
SCALES = ((1.6, 1), (1.0, 1), (0.7, 2), (0.45, 3))
"""Sides of the crops over the picture's longer side, and how many there are across and down."""


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


def find_heads(picture: NDArray[np.float32], faces: Sequence[Face] = ()) -> list[Head]:
    """The heads of animals in a picture, largest first.

    Args:
        picture: float32 [y, x, rgb] in [0, 1].
        faces: of people, whose heads are not those of animals.

    Raises:
        StrokewiseError: the network's weights are missing or damaged.
    """
    height, width = picture.shape[:2]
    if min(height, width) < 16 or float(np.ptp(picture)) < 0.02:
        return []
    pyramid = Pyramid(picture)
    found: list[Head] = []
    for guess in _suggested(pyramid, width, height):
        head = _look_again(pyramid, guess)
        if head is None or any(_is_same(head, other) for other in found):
            continue
        if not any(np.linalg.norm(head.centre - face.centre) < 0.6 * face.height for face in faces):
            if head.score < ON_BODY and any(_is_on_body(head, face) for face in faces):
                continue
            found.append(_measured(pyramid, head))
    return sorted(found, key=lambda head: -head.size)


def _is_on_body(head: Head, face: Face) -> bool:
    """Whether a head lies where the body of an upright person with that face is."""
    aside, below = (head.centre - face.centre) / face.height
    return bool(abs(aside) < 1.5 and 0.6 < below < 5)


def _suggested(pyramid: Pyramid, width: int, height: int) -> list[Head]:
    """What the maps of the whole picture and of its parts suggest, the surest first."""
    crops = []
    long = float(max(width, height))
    for share, count in SCALES:
        side = share * long
        xs, ys = (
            np.linspace(side / 2, n - side / 2, count) if side < n and count > 1 else [n / 2] for n in (width, height)
        )
        crops += [Crop((float(x), float(y)), side) for x in xs for y in ys]
    guesses = [head for crop, maps in zip(crops, _maps(pyramid, crops), strict=True) for head in _triples(crop, maps)]
    kept: list[Head] = []
    for head in sorted(guesses, key=lambda head: -head.score):
        if len(kept) < LOOKED_AT and not any(_is_same(head, other, 0.35) for other in kept):
            kept.append(head)
    return kept


def _look_again(pyramid: Pyramid, guess: Head) -> Head | None:
    """The head at a suggestion as two closer looks see it, or None where they do not agree."""
    head = guess
    for _ in range(2):
        crop = Crop((float(head.centre[0]), float(head.centre[1])), CLOSE * head.size, _roll(head))
        plain, mirrored = _maps(pyramid, [crop]), _maps(pyramid, [crop], mirrored=True)
        looks = [max(_triples(crop, maps[0]), key=lambda one: one.score, default=None) for maps in (plain, mirrored)]
        first, second = looks
        if first is None or second is None:
            return None
        moved = np.linalg.norm(first.landmarks - second.landmarks, axis=1)[:2].max()
        if moved > DRIFT * first.apart:
            return None
        places = (first.landmarks + second.landmarks) / 2
        head = Head(places[0], places[1], places[2], math.sqrt(first.score * second.score))
    if head.score < LEAST_SCORE or not _is_same(head, guess):
        return None
    return head


def _measured(pyramid: Pyramid, head: Head) -> Head:
    """The head with the sizes of its eyes and its nose: the radii of the circles across which the light changes most.

    Where no circle stands out they are those of most animals.
    """
    side = CLOSE * head.size
    crop = Crop((float(head.centre[0]), float(head.centre[1])), side, _roll(head))
    grey = pyramid.crop(crop, 2 * SIDE).mean(0).astype(np.float64)
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    shares = np.arange(0.03, 0.36, 0.015)
    radii = []
    for place, (least, usual, most) in zip(head.landmarks, (EYE, EYE, NOSE), strict=True):
        points = place + (shares * head.size)[:, None, None] * ring
        away = (points - np.array(crop.centre)) @ np.stack([head.across, head.down], axis=1)
        at = (away / side + 0.5) * 2 * SIDE - 0.5
        light = ndimage.map_coordinates(grey, [at[..., 1], at[..., 0]], order=1, mode="nearest").mean(1)
        change = ndimage.gaussian_filter1d(np.abs(np.gradient(light)), 1.0)
        change = np.where((shares >= least) & (shares <= most), change, 0) * np.exp(-(((shares - usual) / usual) ** 2))
        best = int(np.argmax(change))
        radii.append(float(shares[best] if change[best] > CHANGE else usual) * head.size)
    both = math.sqrt(radii[0] * radii[1])  # eyes of one head are of like size
    return dataclasses.replace(head, eye_radii=(both, both), nose_radius=radii[2])


def _roll(head: Head) -> float:
    return math.atan2(float(head.across[1]), float(head.across[0]))


def _is_same(head: Head, other: Head, reach: float = 0.8) -> bool:
    """Whether two heads lie on each other, all points within `reach` of the larger one's size."""
    away = np.linalg.norm(head.landmarks - other.landmarks, axis=1).max()
    return bool(away < reach * max(head.size, other.size))


def _triples(crop: Crop, maps: NDArray[np.float32]) -> list[Head]:
    """Heads that high places of three maps [3, y, x] could be, in pixels of the picture."""
    left, right, nose = (_peaks(crop, one) for one in maps)
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


def _peaks(crop: Crop, values: NDArray[np.float32]) -> list[tuple[Array, float]]:
    """The highest places of a map [y, x], in pixels of the picture, with their values."""
    tops = (values == ndimage.maximum_filter(values, 3)) & (values > LEAST_PEAK)
    rows, columns = np.nonzero(tops)
    order = np.argsort(-values[rows, columns], kind="stable")[:PEAKS]
    padded = np.pad(values, 1)
    found = []
    for y, x in zip(rows[order], columns[order], strict=True):
        near = padded[y : y + 3, x : x + 3].astype(np.float64)
        steps = np.arange(-1, 2)
        shift = np.array([(near.sum(0) * steps).sum(), (near.sum(1) * steps).sum()]) / near.sum()
        place = (np.array([x, y]) + 0.5 + shift) / values.shape[0]
        found.append((crop.to_photo(place), float(values[y, x])))
    return found


def _maps(pyramid: Pyramid, crops: list[Crop], mirrored: bool = False) -> NDArray[np.float32]:
    """The network's maps of left eyes, right eyes and noses: float32 [crop, 3, y, x] in [0, 1]."""
    seen = np.stack([pyramid.crop(crop, SIDE) for crop in crops])
    if not mirrored:
        return _network()({"image": seen})[0]
    found = _network()({"image": np.ascontiguousarray(seen[:, :, :, ::-1])})[0][:, :, :, ::-1]
    return np.ascontiguousarray(found[:, [1, 0, 2]])


@functools.cache
def _network() -> OnnxNetwork:
    """One network for the process: loading it takes longer than asking it.

    Raises:
        StrokewiseError: its file is missing or damaged.
    """
    if not WEIGHTS.is_file():
        raise StrokewiseError(f"the head network's weights are missing ({WEIGHTS}); install strokewise again")
    found = OnnxNetwork(lambda: WEIGHTS)
    try:
        found.load()
    except Exception as error:  # ONNX Runtime has one of its own for every way in which a file can be damaged
        raise StrokewiseError(
            f"{WEIGHTS} is not the weights of the head network ({type(error).__name__}); install strokewise again"
        ) from error
    return found
