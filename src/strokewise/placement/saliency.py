"""The paper's placement: short strokes at points sampled from saliency x edges (CLIPasso, section 3.4)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .._arrays import Array
from .inputs import PlacementInput

TEMPERATURE = 0.3
"""Of the softmax over worth in [0, 1] by which points are drawn: 0.1 keeps to the best ones, 1 takes nearly any."""
REACH = 0.05
"""How far each control point strays from the one before it, along x and y, as a share of the scene's side."""


def xdog(
    grey: Array, sigma: float = 0.5, ratio: float = 4.5, sharpness: float = 19.0, threshold: float = 0.01
) -> Array:
    """Edges of a picture: up to 1 on dark lines, 0 elsewhere.

    Extended difference of Gaussians (Winnemöller, Kyprianidis & Olsen, 2012, eq. 7 and 5, with white set to 0).

    Args:
        grey: float [y, x] in [0, 1].
        sigma: width of the finer Gaussian, pixels.
        ratio: the coarser Gaussian's width over the finer's.
        sharpness: weight of the difference against the picture itself.
        threshold: least difference that is an edge.

    Returns:
        float64 [y, x] in [0, 1].
    """
    fine = ndimage.gaussian_filter(grey, sigma)
    coarse = ndimage.gaussian_filter(grey, sigma * ratio)
    difference = coarse - fine
    return np.where(difference > threshold, np.tanh(sharpness * np.maximum(difference, 0)), 0.0)


def place_by_saliency(given: PlacementInput, strokes: int, rng: np.random.Generator) -> Array:
    """First strokes, short and in no order.

    Where the picture has no edges at all, the saliency alone decides.

    Args:
        given: what is drawn.
        strokes: how many, at least 1.
        rng: draws the points at which they begin, and the control points after that.

    Returns:
        float64 [stroke, 4, xy], scene pixels.
    """
    size = given.saliency.shape[0]
    grey = given.image @ np.array([0.299, 0.587, 0.114])
    worth = given.saliency * xdog(grey, sigma=0.5 * given.scale) * given.inside
    if not (worth > 0).any():
        worth = given.saliency * given.inside + 1e-6
    places = np.flatnonzero(worth > 0)
    values = worth.flat[places] / worth.max()
    chance = np.exp((values - 1) / TEMPERATURE)
    chosen = rng.choice(places, strokes, replace=len(places) < strokes, p=chance / chance.sum())
    start = np.stack([chosen % size, chosen // size], axis=1) + 0.5
    stray = rng.uniform(-1, 1, (strokes, 3, 2)) * REACH * size
    return np.concatenate([start[:, None], start[:, None] + np.cumsum(stray, axis=1)], axis=1)
