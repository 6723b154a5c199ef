"""The hairline and the jaw of a person's face, from the photo: where its skin ends.

    pieces = find_face_contour(picture, face, depth, scale)       # {"hairline": [point, xy], "jaw": [point, xy]}

The face mesh knows the jaw, but not where hair, a hat or a scarf begins. The best closed line around the face, with
colours of the skin inside and others outside, is found by dynamic programming over rays from the middle of the face
(`best_path.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .._arrays import Array
from ..bezier import runs
from ..photo.faces import Face
from .best_path import best_ring
from .constants import DEFAULTS
from .face_constants import FaceContourConstants
from .lines import lab_planes, pixels

_RAYS, _STEPS = 72, 40
"""Rays from the middle of the face, and places along each."""
_TURN = 3
"""Most steps that the line goes in or out from one ray to the next."""


def find_face_contour(
    picture: NDArray[np.floating[Any]],
    face: Face,
    depth: Array,
    scale: float,
    constants: FaceContourConstants = DEFAULTS.face_contour,
) -> dict[str, Array] | None:
    """The parts of the line around a face that are not the subject's outline.

    Args:
        picture: float [y, x, rgb] in [0, 1].
        face: in its pixels.
        depth: float [y, x], distance from the border of what is drawn, pixels.
        scale: pixels per pixel of a 224 px canvas.
        constants: where the line may run, and what is clear.

    Returns:
        "hairline" and "jaw", float64 [point, xy], without what is not clear; None for a face that is turned aside, or
        very small.
    """
    if abs(face.yaw) > constants.turned or face.height < constants.least_height * scale:
        return None
    angles = np.linspace(0, 2 * np.pi, _RAYS, endpoint=False)  # 0 is up, then clockwise
    line, clear = _best_ring(picture, face, angles, constants)
    free = depth[pixels(line, depth.shape)] > constants.margin * scale
    found = {}
    half = round(constants.temple / (2 * np.pi) * _RAYS)
    for name, places in (("hairline", np.arange(-half, half + 1)), ("jaw", np.arange(half, _RAYS - half + 1))):
        places = places % _RAYS
        best = max(runs(free[places]), key=lambda run: run.stop - run.start, default=slice(0, 0))
        kept = places[best]
        if len(kept) < constants.least_rays:
            continue
        if name == "jaw" or clear[kept].mean() > constants.clear:
            found[name] = ndimage.gaussian_filter1d(line[kept], constants.smooth, axis=0, mode="nearest")
    return found


def _best_ring(
    picture: NDArray[np.floating[Any]], face: Face, angles: Array, constants: FaceContourConstants
) -> tuple[Array, Array]:
    """The best line around a face, float64 [ray, xy], and how clearly the skin ends there, [ray]."""
    right, left, _, mouth = face.sites()
    down = mouth - (right + left) / 2
    down = down / max(float(np.linalg.norm(down)), 1e-9)
    across = np.array([-down[1], down[0]])
    middle = face.centre
    rays = -np.cos(angles)[:, None] * down + np.sin(angles)[:, None] * across
    oval = face.lines["oval"][:-1] - middle
    turn = np.arctan2(oval @ across, -(oval @ down)) % (2 * np.pi)
    order = np.argsort(turn)
    radius = np.interp(angles, turn[order], np.linalg.norm(oval, axis=1)[order], period=2 * np.pi)
    # The mesh knows the jaw nearly exactly, the forehead's height hardly at all.
    begin, end = constants.upper
    upper = np.clip((np.cos(angles) - begin) / (end - begin), 0, 1)
    (low, high), (top_low, top_high) = constants.jaw_range, constants.hair_range
    least, most = low + (top_low - low) * upper, high + (top_high - high) * upper
    shares = least[:, None] + (most - least)[:, None] * np.linspace(0, 1, _STEPS)
    places = middle + (shares * radius[:, None])[..., None] * rays[:, None]
    step = max(constants.least_beside, constants.beside * face.height)
    sigma = max(constants.least_blur, constants.blur * face.height)
    colours = np.stack([ndimage.gaussian_filter(plane, sigma) for plane in lab_planes(picture)])
    inside, outside = (_at(colours, places + side * step * rays[:, None]) for side in (-1, 1))
    within = middle + (np.linspace(*constants.skin, 12) * radius[:, None])[..., None] * rays[:, None]
    skin = _at(colours, within).reshape(-1, 3)
    usual = np.median(skin, 0)
    spread = constants.spread * np.median(np.abs(skin - usual), 0) + constants.least_spread
    far = constants.other
    off = [np.minimum(np.sqrt((((seen - usual) / spread) ** 2).mean(-1)), far) / far for seen in (inside, outside)]
    change = np.clip(np.linalg.norm(outside - inside, axis=-1), 0, constants.full_change)
    clear = np.clip(off[1] - off[0] + constants.change * change, constants.least_clear, 1)
    worth = clear - constants.stray * np.abs(shares - 1) * (1 - constants.upper_free * upper[:, None])
    path = best_ring(worth, _TURN, constants.stiff)
    ray = np.arange(_RAYS)
    return places[ray, path], clear[ray, path]


def _at(planes: Array, places: Array) -> Array:
    """The values of planes [plane, y, x] at places [..., xy]: [..., plane]."""
    where = [places[..., 1] - 0.5, places[..., 0] - 0.5]
    return np.stack([ndimage.map_coordinates(plane, where, order=1, mode="nearest") for plane in planes], axis=-1)
