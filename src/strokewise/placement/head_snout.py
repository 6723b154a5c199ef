"""The snout of an animal that looks at the viewer: the closed line around its nose, where people would mark one.

halves = find_snout(picture, chances, head, scale)      # the upper and the lower half, or none

A pig's nose is a disc of flesh with two holes, wider than the dark spot that other animals have. The closed line is the
best one by dynamic programming over rays from the nose (`best_path.py`) through the ridges of the map of boundaries.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array
from ..bezier import fit
from ..photo.heads import Head
from .best_path import best_ring
from .boundary_lines import ridge_strength
from .constants import DEFAULTS, PlacementConstants
from .lines import lab_planes, pixels

_RAYS, _STEPS = 48, 32
"""Rays from the nose, the first one across the head, and places along each."""
_TURN = 2
"""Most steps that the line goes in or out from one ray to the next."""


def find_snout(
    picture: NDArray[np.floating[Any]],
    chances: Array,
    head: Head,
    scale: float,
    constants: PlacementConstants = DEFAULTS,
) -> Array:
    """Both halves of the line around the nose.

    Args:
        picture: float [y, x, rgb] in [0, 1].
        chances: float [y, x] in [0, 1], how likely a pixel lies on a boundary.
        head: in its pixels.
        scale: pixels per pixel of a 224 px canvas.
        constants: how far from the nose the line may run, how clear it must be, and what flesh is.

    Returns:
        float64 [2, 4, xy], the upper and the lower half, each from one side of the head to the other; or [0, 4, xy].
    """
    rules, seen = constants.heads, constants.boundaries
    angles = np.linspace(0, 2 * np.pi, _RAYS, endpoint=False)
    rays = np.cos(angles)[:, None] * head.across + np.sin(angles)[:, None] * head.down
    near, far = max(head.nose_radius, rules.snout_nearest * head.size), rules.snout_farthest * head.size
    radii = np.linspace(near, far, _STEPS)
    places = head.nose + radii[None, :, None] * rays[:, None]
    room = round(4 * seen.ridge * scale)  # how far the ridges' blur sees
    left, top = np.maximum(np.floor(places.min((0, 1))).astype(int) - room, 0).tolist()
    right, bottom = (np.ceil(places.max((0, 1))).astype(int) + room).tolist()
    around = chances[top:bottom, left:right]
    if min(around.shape) < 3:
        return np.zeros((0, 4, 2))
    strength = np.clip(ridge_strength(around, seen.ridge * scale) / seen.ridge_full, 0, 1)
    at = [places[..., 1] - top - 0.5, places[..., 0] - left - 0.5]
    worth = ndimage.map_coordinates(strength, at, order=1, mode="constant")
    path = best_ring(worth, _TURN, rules.snout_stiff)
    clear = worth[np.arange(_RAYS), path]
    if clear.mean() < rules.snout_clear or (clear > rules.snout_faint).mean() < rules.snout_closed:
        return np.zeros((0, 4, 2))
    smooth = ndimage.gaussian_filter1d(radii[path], rules.snout_smooth, mode="wrap")
    ring = head.nose + smooth[:, None] * rays
    within = head.nose + (np.linspace(0, 0.85, 8) * smooth[:, None])[..., None] * rays[:, None]
    red = float(np.median(lab_planes(picture[pixels(within.reshape(-1, 2), chances.shape)][None])[1]))
    if red < rules.snout_red or np.abs((ring - head.nose) @ head.across).max() < rules.snout_wide * head.size:
        return np.zeros((0, 4, 2))
    half = _RAYS // 2
    upper, lower = ring[np.arange(half, 2 * half + 1) % _RAYS], ring[: half + 1]
    return fit(np.stack([upper, lower]))[0]
