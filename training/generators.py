"""Makers of line drawings to learn from. Those that give strokes are run once; the others draw afresh every time.

Strokes are float64 [stroke, 4, xy] in pixels of the scene; pictures are float32 [y, x] in [0, 1], white = 1.
The drawings to be tested on come from another place: heldout.py.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from strokewise.drawing import refine
from strokewise.photo.preparing import Prepared
from strokewise.placement import ContourPlacement, PlacementInput, place_by_saliency
from strokewise.placement.candidates import Placement
from strokewise.placement.contour import tolerance
from strokewise.placement.saliency import xdog
from strokewise.placement.selection import choose, fill_up
from strokewise.settings import Settings

Strokes = NDArray[np.float64]
Picture = NDArray[np.float32]

STROKES = ("contour", "outline", "optimized")
"""Generators that give strokes, as they are numbered in the cache."""
PICTURES = ("xdog", "gradient")
SHARES = {"contour": 0.5, "outline": 0.1, "optimized": 0.5, "xdog": 0.12, "gradient": 0.08}
"""How often each generator draws, of those that a photo has; few have drawings by the optimiser."""
COUNTS = ((4, 6, 8), (12, 16, 24), (32, 48, 64))
"""From each of these, one number of strokes for each photo."""
OUTLINE_COUNTS = (4, 6, 8, 12, 16, 24, 32)


def by_contour(trace: ContourPlacement, rng: np.random.Generator) -> list[Strokes]:
    """Our contour placement, at a few, some and many strokes."""
    return [trace(int(rng.choice(counts)), rng) for counts in COUNTS]


def by_outline(trace: ContourPlacement, rng: np.random.Generator) -> list[Strokes]:
    """The subject's outline alone; nothing where the photo has no clear subject."""
    if not trace.outline:
        return []
    count = int(rng.choice(OUTLINE_COUNTS))
    unit = trace.given.scale
    return [fill_up(choose(trace.outline, count, tolerance(count) * unit, 2 * unit, rng), count)]


def by_optimizer(
    prepared: Prepared, scene: PlacementInput, trace: ContourPlacement, rng: np.random.Generator, steps: int
) -> list[Strokes]:
    """Our own optimiser, a short run from either placement.

    Args:
        prepared, scene, trace: the photo, with the plain encoder; what a placement sees of it; and its contours.
        steps: how many; a drawing of 16 strokes has most of its gain after 20.
    """
    size = scene.image.shape[0]
    drawings = []
    for contour in (True, False):
        # A few short strokes strewn about show nothing yet after so few steps.
        count = int(rng.choice((4, 8, 12, 16, 24, 32) if contour else (24, 32, 48, 64)))
        first = trace(count, rng) if contour else place_by_saliency(scene, count, rng)
        if len(first):
            settings = Settings(strokes=count, candidates=1, steps=steps, size=size, seed=int(rng.integers(1 << 30)))
            placed = Placement(first[None], np.zeros((0, 4, 2)))
            drawings.append(refine(placed, prepared, settings).points)
    return drawings


def draw_xdog(image: Picture, rng: np.random.Generator) -> Picture:
    """Extended difference of Gaussians (Winnemöller, Kyprianidis and Olsen, 2012), fine to coarse.

    Args:
        image: float32 [y, x, rgb] in [0, 1], background taken away.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    lines = xdog(
        grey.astype(np.float64),
        sigma=float(rng.uniform(0.5, 1.3)) * len(grey) / 224,
        sharpness=float(rng.uniform(12, 40)),
        threshold=float(rng.uniform(0.01, 0.04)),
    )
    return np.asarray(1 - lines, dtype=np.float32)


def draw_gradient(image: Picture, rng: np.random.Generator) -> Picture:
    """The strongest gradients, cut off at a random level, hard or soft.

    Args:
        image: float32 [y, x, rgb] in [0, 1], background taken away.
    """
    blurred = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.7, 1.8)) * len(image) / 224)
    across, down = cv2.Sobel(blurred, cv2.CV_32F, 1, 0), cv2.Sobel(blurred, cv2.CV_32F, 0, 1)
    strength = np.sqrt((across**2 + down**2).max(2))
    seen = strength[strength > 0.05]
    if not len(seen):
        return np.ones_like(strength)
    level = float(np.quantile(seen, rng.uniform(0.5, 0.85)))
    return np.asarray(1 - np.clip((strength - level) / (level * rng.uniform(0.1, 0.8)), 0, 1), dtype=np.float32)
