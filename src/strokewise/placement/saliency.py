"""The paper's placement: short strokes at points sampled from saliency x edges (CLIPasso, section 3.4)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from ..arrays import Array
from .scene import Scene

TEMPERATURE = 0.3
REACH = 0.05
"""How far each control point strays from the one before it, as a share of the canvas."""


def xdog(
    grey: Array, sigma: float = 0.5, ratio: float = 4.5, sharpness: float = 19.0, threshold: float = 0.01
) -> Array:
    """Edges of a picture, 1 on dark lines, 0 elsewhere.

    Extended difference of Gaussians (Winnemöller, Kyprianidis & Olsen, 2012, eq. 7 and 5, with white set to 0).

    Args:
        grey: float [y, x] in [0, 1].
        sigma: width of the finer Gaussian, pixels.
        ratio: the coarser Gaussian's width over the finer's.
        sharpness: weight of the difference against the picture itself.
        threshold: above it there is no line.
    """
    fine = ndimage.gaussian_filter(grey, sigma)
    coarse = ndimage.gaussian_filter(grey, sigma * ratio)
    difference = coarse - fine
    dark = difference > threshold
    return np.where(dark, np.tanh(sharpness * np.maximum(difference, 0)), 0.0)


def place_by_saliency(scene: Scene, strokes: int, rng: np.random.Generator) -> Array:
    """First strokes in scene pixels, float64 [stroke, 4, xy]; short and jittered.

    Where the picture has no edges at all, the saliency alone decides.
    """
    size = scene.saliency.shape[0]
    grey = scene.image @ np.array([0.299, 0.587, 0.114])
    worth = scene.saliency * xdog(grey, sigma=0.5 * scene.scale) * scene.inside
    if not (worth > 0).any():
        worth = scene.saliency * scene.inside + 1e-6
    places = np.flatnonzero(worth > 0)
    values = worth.flat[places] / worth.max()
    chance = np.exp((values - 1) / TEMPERATURE)
    few = len(places) < strokes
    chosen = rng.choice(places, strokes, replace=few, p=chance / chance.sum())
    start = np.stack([chosen % size, chosen // size], axis=1) + 0.5
    stray = rng.uniform(-0.5, 0.5, (strokes, 3, 2)) * REACH * size * 2
    return np.concatenate([start[:, None], start[:, None] + np.cumsum(stray, axis=1)], axis=1)
