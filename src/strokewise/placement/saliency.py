"""The paper's placement: short strokes at points sampled from saliency x edges (CLIPasso, section 3.4)."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from .._arrays import Array
from .constants import DEFAULTS, SaliencyConstants
from .inputs import PlacementInput


def xdog(
    grey: Array,
    sigma: float = DEFAULTS.saliency.edge_sigma,
    ratio: float = DEFAULTS.saliency.edge_ratio,
    sharpness: float = DEFAULTS.saliency.edge_sharpness,
    threshold: float = DEFAULTS.saliency.edge_threshold,
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


def place_by_saliency(
    given: PlacementInput, strokes: int, rng: np.random.Generator, constants: SaliencyConstants = DEFAULTS.saliency
) -> Array:
    """First strokes, short and in no order.

    Where the picture has no edges at all, the saliency alone decides.

    Args:
        given: what is drawn.
        strokes: how many, at least 1.
        rng: draws the points at which they begin, and the control points after that.
        constants: its tuned numbers.

    Returns:
        float64 [stroke, 4, xy], scene pixels.
    """
    size = given.saliency.shape[0]
    grey = given.image @ np.array([0.299, 0.587, 0.114])
    sigma = constants.edge_sigma * given.scale
    edges = xdog(grey, sigma, constants.edge_ratio, constants.edge_sharpness, constants.edge_threshold)
    worth = given.saliency * edges * given.inside
    if not (worth > 0).any():
        worth = given.saliency * given.inside + 1e-6
    places = np.flatnonzero(worth > 0)
    values = worth.flat[places] / worth.max()
    chance = np.exp((values - 1) / constants.temperature)
    chosen = rng.choice(places, strokes, replace=len(places) < strokes, p=chance / chance.sum())
    start = np.stack([chosen % size, chosen // size], axis=1) + 0.5
    stray = rng.uniform(-1, 1, (strokes, 3, 2)) * constants.reach * size
    return np.concatenate([start[:, None], start[:, None] + np.cumsum(stray, axis=1)], axis=1)
