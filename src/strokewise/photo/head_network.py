"""The network that finds the eyes and noses of animals' heads: what it says of a picture, whole and in parts.

looks = look_at(picture)
for crop, maps in zip(looks.crops, looks.maps): ...     # maps: float32 [5, y, x] in [0, 1]
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array
from .._onnx import OnnxNetwork, load_shipped
from .face_networks import Crop, Pyramid

WEIGHTS = Path(__file__).parent / "heads.onnx"
SIDE = 128
"""What the network sees, in pixels."""
LEFT, RIGHT, NOSE, SIDE_EYE, MUZZLE = range(5)
"""Its maps: left eyes, right eyes (as seen) and noses of heads that look at the viewer; eyes and tips of the muzzle,
the beak or the mouth of heads seen from the side."""
LEAST_PEAK = 0.12
"""Values of the maps below this are not looked at."""
PEAKS = 3
"""Most places of a map that are looked at."""
CLOSE = 4.0
"""Side of the crop of a second look over the head's size."""
SCALES = ((1.6, 1), (1.0, 1), (0.7, 2), (0.45, 3))
"""Sides of the crops over the picture's longer side, and how many there are across and down."""


@dataclasses.dataclass(frozen=True, eq=False)
class Looks:
    """What the network says of a picture.

    Attributes:
        pyramid: the picture.
        crops: the whole picture, and its parts; none where there is nothing to see.
        maps: float32 [crop, 5, y, x] in [0, 1].
    """

    pyramid: Pyramid
    crops: list[Crop]
    maps: NDArray[np.float32]


def look_at(picture: NDArray[np.float32]) -> Looks:
    """Ask the network about the whole picture and about its parts.

    Args:
        picture: float32 [y, x, rgb] in [0, 1].

    Raises:
        StrokewiseError: the network's weights are missing or damaged.
    """
    height, width = picture.shape[:2]
    if min(height, width) < 16 or float(np.ptp(picture)) < 0.02:
        return Looks(Pyramid(picture), [], np.zeros((0, 5, 32, 32), dtype=np.float32))
    pyramid, crops, long = Pyramid(picture), [], float(max(width, height))
    for share, count in SCALES:
        side = share * long
        xs, ys = (
            np.linspace(side / 2, n - side / 2, count) if side < n and count > 1 else [n / 2] for n in (width, height)
        )
        crops += [Crop((float(x), float(y)), side) for x in xs for y in ys]
    return Looks(pyramid, crops, find_maps(pyramid, crops))


def find_maps(pyramid: Pyramid, crops: list[Crop], mirrored: bool = False) -> NDArray[np.float32]:
    """The network's maps of some crops: float32 [crop, 5, y, x] in [0, 1]; `mirrored` asks it about mirror images.

    Raises:
        StrokewiseError: the network's weights are missing or damaged.
    """
    seen = np.stack([pyramid.crop(crop, SIDE) for crop in crops])
    if not mirrored:
        return _network()({"image": seen})[0]
    found = _network()({"image": np.ascontiguousarray(seen[:, :, :, ::-1])})[0][:, :, :, ::-1]
    return np.ascontiguousarray(found[:, [RIGHT, LEFT, NOSE, SIDE_EYE, MUZZLE]])


def peaks(crop: Crop, values: NDArray[np.float32]) -> list[tuple[Array, float]]:
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


class Sighting(Protocol):
    """A head that the maps may show."""

    @property
    def score(self) -> float: ...
    @property
    def size(self) -> float: ...
    @property
    def landmarks(self) -> Array: ...


Found = TypeVar("Found", bound=Sighting)


def suggest(looks: Looks, read: Callable[[Crop, NDArray[np.float32]], list[Found]], most: int) -> list[Found]:
    """The heads that the maps of the whole picture and of its parts suggest, each once, the surest first.

    Args:
        looks: at the picture.
        read: the heads that the maps of one crop could show.
        most: how many at most.
    """
    guesses = [head for crop, maps in zip(looks.crops, looks.maps, strict=True) for head in read(crop, maps)]
    kept: list[Found] = []
    for head in sorted(guesses, key=lambda head: -head.score):
        if len(kept) < most and not any(is_same(head, other, 0.35) for other in kept):
            kept.append(head)
    return kept


def is_same(head: Sighting, other: Sighting, reach: float = 0.8) -> bool:
    """Whether two heads lie on each other, all points within `reach` of the larger one's size."""
    away = np.linalg.norm(head.landmarks - other.landmarks, axis=1).max()
    return bool(away < reach * max(head.size, other.size))


@functools.cache
def _network() -> OnnxNetwork:
    """One network for the process: loading it takes longer than asking it.

    Raises:
        StrokewiseError: its file is missing or damaged.
    """
    return load_shipped(WEIGHTS, "the head network")
