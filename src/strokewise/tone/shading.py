"""How dark a photo is, in a few steps, and where tone may lie: on the subject, and not beside its strokes."""

from __future__ import annotations

import dataclasses

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags, Indices
from ..bezier import along, near_pixels

SMOOTH = 0.012
"""Sigma of the darkness, as a share of the scene's side: hairs and pores are lost, a nose's shadow is not."""
EDGE = 0.008
"""How far tone stays inside the subject's outline, as a share of the scene's side."""
STRETCH = 0.6
"""How much the subject's own range of darkness counts, beside the absolute one: a white swan is shaded too, and a black
one has lights."""
WHITE = 0.28
"""Up to this darkness, of a range from 0 to 1, the paper is left bare: lights are what makes tone look like form."""
LEAST = 0.12
"""A subject whose darkest parts are lighter than this has none: 0 is white, 1 black."""
SPECK = 0.0008
"""Smaller areas of one step become that of what is around them, as a share of the scene."""


@dataclasses.dataclass(frozen=True, eq=False)
class Shading:
    """Where tone may lie, and how dense.

    Attributes:
        darkness: float64 [y, x], 0 is white and 1 the darkest, smooth.
        steps: int [y, x], from 0, no tone, to `count`, the densest.
        count: how many steps there are besides white.
        allowed: bool [y, x], where tone may lie: on the subject, and not beside a stroke.
    """

    darkness: Array
    steps: Indices
    count: int
    allowed: Flags

    @property
    def toned(self) -> Flags:
        """Where tone lies: bool [y, x]."""
        return self.allowed & (self.steps > 0)


def luminance(image: Array) -> Array:
    """Lightness [y, x] in [0, 1] of a picture [y, x, rgb]: L of CIE Lab, as the eye has it."""
    from skimage.color import rgb2lab

    return np.asarray(rgb2lab(np.clip(image, 0, 1))[..., 0] / 100.0)


def find_shading(image: Array, subject: Flags, gaps: Flags, count: int) -> Shading:
    """The shading of a scene.

    Args:
        image: float [y, x, rgb] in [0, 1].
        subject: bool [y, x], what is drawn.
        gaps: bool [y, x], too near to a stroke.
        count: how many steps of darkness.
    """
    side = max(image.shape[:2])
    inside = subject.astype(np.float64)
    sigma = SMOOTH * side
    weight = ndimage.gaussian_filter(inside, sigma)
    dark = ndimage.gaussian_filter((1 - luminance(image)) * inside, sigma) / np.maximum(weight, 1e-3)
    dark = np.where(subject, dark, 0.0)
    allowed = ndimage.binary_erosion(subject, iterations=max(1, round(EDGE * side))) & ~gaps
    steps = np.zeros(subject.shape, dtype=np.intp)
    if subject.any():
        low, high = np.quantile(dark[subject], [0.08, 0.95])
        if high >= LEAST:
            own = np.clip((dark - low) / max(high - low, 0.15), 0, 1)
            dark = np.where(subject, STRETCH * own + (1 - STRETCH) * np.clip(dark / 0.9, 0, 1), 0.0)
            steps = np.clip(1 + np.floor((dark - WHITE) / (1 - WHITE) * count), 0, count).astype(np.intp)
            steps = _without_specks(steps, subject, count)
    return Shading(dark, steps, count, allowed)


def _without_specks(steps: Indices, subject: Flags, count: int) -> Indices:
    """The steps without small islands."""
    least = SPECK * steps.size
    found = np.zeros_like(steps)
    for step in range(1, count + 1):
        at_least = steps >= step
        for wanted in (True, False):  # islands, then holes
            labels, number = ndimage.label(at_least == wanted)
            sizes = np.bincount(labels.ravel(), minlength=number + 1)
            small = sizes < least
            small[0] = False
            at_least = at_least ^ small[labels]
        found += at_least & subject
    return found


def near_strokes(chains: list[Array], distance: float, shape: tuple[int, int]) -> Flags:
    """Pixels nearer than `distance` to strokes, bool [y, x].

    Args:
        chains: chained cubics, float64 [point, xy] each, scene pixels.
        distance: scene pixels.
        shape: of the scene.
    """
    places = [np.zeros((0, 2), dtype=np.intp)]
    for chain in chains:
        cubics = max(1, (len(chain) - 1) // 3)
        extent = float(np.abs(np.diff(chain, axis=0)).sum())
        places.append(along(chain[None], min(4000, max(8, int(2 * extent / cubics))))[0].astype(np.intp))
    return near_pixels(np.concatenate(places), distance, shape)
