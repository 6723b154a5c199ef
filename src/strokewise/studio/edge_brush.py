"""A brush that follows edges: what a rough stroke means, by the edges of the photo around it.

    region = follow_edges(pixels, path, radius=24)    # bool [height, width], the part that the stroke means
    region = plain_stroke(pixels.shape[:2], path, 24)    # without looking at the photo

The middle of the stroke is meant for sure, and what lies beyond its reach is not. In between, each pixel goes with the
one that is nearer to it by a way that is longer where it crosses edges (a geodesic distance, as in Bai and Sapiro, A
geodesic framework for fast interactive image and video segmentation and matting, ICCV 2007). So the border lies on an
edge if there is one near it, and elsewhere where that of a plain brush would be. Last, a watershed of the same edges
between the cores of both sides puts it on the very ridge of an edge. Pieces of the stroke that slipped off the thing
count for nothing, where edges and colours tell.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from .._arrays import Array, Flags

SURE, REACH = 0.25, 2.0
"""What is meant for sure and what is not, as distances from the middle of the stroke, in radii of the brush."""
BARRIER = 12.0
"""How much longer, in radii, the way across each pixel of the strongest edge is."""
BLUR = 1.0
"""Standard deviation of the blur before edges are measured, pixels."""
CLEAR = 4.0
"""Change of colour across a pixel, CIE Lab, that counts as a strong edge wherever nothing stronger is near."""
STRONG = 95.0
"""Percentile of the changes of colour near the stroke from which on an edge is as strong as any."""
NOISE = 2.0
"""Changes below so many times their median near the stroke are noise or texture, and no edges."""
SETTLE = 4
"""How far, in pixels, the border may still move onto the ridge of an edge."""
CUT = 0.5
"""Edges at least this strong cut the middle of a stroke into pieces."""
RIM = 0.6
"""Width of the rim just beyond the reach, in radii, whose colour is taken for that of the background."""
SLIPPED = 0.4
"""How much nearer its colour is to that of the rim, where a piece of the stroke lies off the thing."""
HOLE = 0.5
"""A hole smaller than a circle of so many radii is filled."""
Path = Sequence[tuple[float, float]]
"""(x, y) of the points of a stroke in pixels, at least one; straight between them."""


def plain_stroke(shape: tuple[int, int], path: Path, radius: float) -> Flags:
    """Where a round brush goes: bool [height, width].

    Args:
        shape: height and width, pixels.
        path: of the middle of the brush.
        radius: of the brush, pixels, over 0.
    """
    found = np.zeros(shape, dtype=bool)
    window = _around(shape, path, radius + 2)
    if window is not None:
        found[window] = _away(window, path) <= radius
    return found


def follow_edges(pixels: NDArray[np.float32], path: Path, radius: float) -> Flags:
    """The part of a photo that a stroke of the brush means.

    Args:
        pixels: float32 [height, width, rgb] in [0, 1].
        path: of the middle of the brush.
        radius: of the brush, pixels, over 0.

    Returns:
        bool [height, width]; false everywhere if the stroke lies outside the photo.
    """
    shape = (pixels.shape[0], pixels.shape[1])
    found = np.zeros(shape, dtype=bool)
    window = _around(shape, path, (REACH + RIM) * radius + 4)
    if window is None:
        return found
    away = _away(window, path) / radius
    core, beyond = away <= max(SURE, 0.75 / radius), away > REACH
    if not core.any() or not beyond.any():
        found[window] = away <= 1
        return found
    lab = _lab(pixels[window])
    edges = _edges(lab, ~beyond)
    core = _on_the_thing(core, beyond & (away <= REACH + RIM), edges, lab)
    meant = _nearer(1 + BARRIER * radius * edges, core, beyond)
    found[window] = _without_holes(_settled(edges, meant, core, beyond), radius)
    return found


def _around(shape: tuple[int, int], path: Sequence[tuple[float, float]], room: float) -> tuple[slice, slice] | None:
    """Rows and columns of the photo around a stroke; None if it is outside."""
    places = np.array(path, dtype=np.float64)
    low, high = places.min(0) - room, places.max(0) + room
    left, top = (max(0, math.floor(one)) for one in low)
    right, bottom = min(shape[1], math.ceil(high[0]) + 1), min(shape[0], math.ceil(high[1]) + 1)
    return (slice(top, bottom), slice(left, right)) if left < right and top < bottom else None


def _away(window: tuple[slice, slice], path: Path) -> Array:
    """Distance of each pixel of a window from a path, pixels; infinite if the path is outside."""
    rows, columns = window
    drawn = Image.new("1", (columns.stop - columns.start, rows.stop - rows.start), 1)
    pen = ImageDraw.Draw(drawn)
    moved = [(math.floor(x) - columns.start, math.floor(y) - rows.start) for x, y in path]
    pen.line(moved, fill=0)
    pen.point(moved, fill=0)
    if np.asarray(drawn).all():  # the path lies outside
        return np.full((drawn.height, drawn.width), np.inf)
    return np.asarray(ndimage.distance_transform_edt(np.asarray(drawn)), dtype=np.float64)


def _lab(pixels: NDArray[np.float32]) -> Array:
    """Slightly blurred CIE Lab, float64 [height, width, 3]."""
    from skimage.color import rgb2lab

    return np.asarray(ndimage.gaussian_filter(rgb2lab(pixels), (BLUR, BLUR, 0)), dtype=np.float64)


def _edges(lab: Array, near: Flags) -> Array:
    """How strong the edge at each pixel is, by what there is near the stroke: float64 [height, width] in [0, 1]."""
    change = np.sqrt(sum(ndimage.sobel(lab, axis=axis, mode="nearest") ** 2 for axis in (0, 1)).sum(2)) / 8
    noise = NOISE * float(np.median(change[near]))
    strong = max(CLEAR, float(np.percentile(change[near], STRONG)) - noise)
    return np.asarray(np.clip((change - noise) / strong, 0, 1), dtype=np.float64)


def _on_the_thing(core: Flags, rim: Flags, edges: Array, lab: Array) -> Flags:
    """The middle of the stroke without pieces that slipped off the thing.

    Edges cut it into pieces. One that is not the largest, and whose colour is clearly nearer to that of the rim beside
    it than to that of the largest, is off the thing.

    Args:
        core: bool [height, width], the middle of the stroke.
        rim: what is just beyond the reach of the brush.
        edges: as from `_edges`.
        lab: as from `_lab`.
    """
    pieces, count = ndimage.label(core & (edges < CUT))
    if count < 2:
        return core
    numbers = np.arange(1, count + 1)
    beside = pieces[tuple(ndimage.distance_transform_edt(pieces == 0, return_distances=False, return_indices=True))]
    with np.errstate(invalid="ignore"):
        own, around = (
            np.stack([ndimage.mean(lab[..., c], labels, numbers) for c in range(3)], axis=1)
            for labels in (pieces, np.where(rim, beside, 0))
        )
    largest = own[int(np.bincount(pieces.ravel())[1:].argmax())]
    # Where a piece has no rim beside it, the comparison is with a NaN, and false.
    off = np.linalg.norm(own - around, axis=1) < SLIPPED * np.linalg.norm(own - largest, axis=1)
    return core if not off.any() else (pieces > 0) & ~np.concatenate([[False], off])[pieces]


def _nearer(costs: Array, core: Flags, beyond: Flags) -> Flags:
    """Pixels that are nearer to the core than to what is beyond, by ways that cost so much a pixel.

    Without edges, the border is a radius away from the middle of the stroke.
    """
    from skimage.graph import MCP_Geometric

    ways = MCP_Geometric(costs)
    to_core, _ = ways.find_costs(np.argwhere(core))
    to_beyond, _ = MCP_Geometric(costs).find_costs(np.argwhere(beyond))
    return np.asarray(to_core * (REACH - 1) < to_beyond * (1 - SURE))


def _settled(edges: Array, meant: Flags, core: Flags, beyond: Flags) -> Flags:
    """The same part, its border on the ridges of the edges that are within a few pixels of it."""
    from skimage.segmentation import watershed

    inner = ndimage.binary_erosion(meant, iterations=SETTLE, border_value=1) | core
    outer = ndimage.binary_erosion(~meant, iterations=SETTLE, border_value=1) | beyond
    marks = np.where(inner, 1, np.where(outer, 2, 0))
    return np.asarray(watershed(edges, marks) == 1)


def _without_holes(meant: Flags, radius: float) -> Flags:
    """The same part without small holes: an eye, a window, a button."""
    holes, count = ndimage.label(ndimage.binary_fill_holes(meant) & ~meant)
    small = np.bincount(holes.ravel(), minlength=count + 1) < np.pi * (HOLE * radius) ** 2
    small[0] = False
    return meant | small[holes]
