"""Tone lines on a scene: as many as the budget has, evenly spaced, the darkest and longest of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags
from .directions import along_form, around, bent, blended
from .scribble import swung
from .shading import Shading
from .streamlines import STEP, Streamlines

ANGLE = -45.0
"""Direction of hatching, degrees, x right and y down: as a right hand draws it."""
CROSSING = 65.0
"""Angle between the two directions of cross-hatching, degrees: lines at right angles look like a net."""
CROSSED = 0.005
"""Smallest place that has the second direction, as a share of the scene."""
BENDING = 20.0
"""How far hatching turns with the form, degrees."""
SIDE = 448.0
HATCH_CALM = 0.06
"""Sigma by which the form is smoothed for hatching, as a share of the scene's side: its lines bend slowly."""
CENTRE = 0.08
"""A spiral's middle is the darkest place, seen this blurred: sigma, as a share of the scene's side."""
CLOSEST, WIDEST = 3.0, 48.0
"""Least and greatest distance of the densest lines, scene pixels, of a scene `SIDE` pixels long."""
SHORTEST = 15.0
"""Least length of a line, scene pixels: shorter ones look like dirt, and cost a plotter a lift each."""
RATIO = 0.75
"""How the spacing falls with the step of darkness: with its power of this. 1 would be the ink of true greys; less keeps
the lightest step from being a few lone lines."""
LONE, BESIDE = 0.35, 1.7
"""A line that has no neighbour within `BESIDE` spacings along this share of its length is left out: it looks like a
scratch."""
TRIES = 6
"""How often a spacing is tried until the number of lines fits the budget."""
LENGTH, SLOPE = 16.0, 0.6
"""First guess: the mean length of a line, in spacings; and the power of their number with which spacing falls."""
OVER, ENOUGH = 1.1, 0.95
"""How many lines may be found, of the budget: if more, the least worthy ones are left out."""


def parallel_lines(
    kind: str, lightness: Array, subject: Flags, inside: Flags, shading: Shading, budget: int
) -> list[Array]:
    """The lines of a kind of tone.

    Args:
        kind: one of `TONES`.
        lightness: float64 [y, x] in [0, 1].
        subject, inside: bool [y, x], what is drawn, and where there is a photo.
        shading: of the same scene.
        budget: most lines.

    Returns:
        float64 [sample, xy] each, scene pixels.
    """
    layers = _layers(kind, lightness, subject, inside, shading)
    scale = max(lightness.shape) / SIDE
    low, high = CLOSEST * scale, WIDEST * scale
    # As many lines as the area and the spacing suggest, if they are as long as usual; then by what was found.
    ink = sum(float(_toned(shading, first).sum()) for _, first in layers)
    closest = math.sqrt(max(ink, 1.0) / (LENGTH * budget))
    best: list[_Line] = []
    used = closest
    for _ in range(TRIES):
        closest = min(max(closest, low), high)
        found = _laid(layers, shading, closest, SHORTEST * scale, math.ceil(1.6 * budget))
        if len(found) <= OVER * budget:
            high = closest
            if len(found) >= len(best):
                best, used = found, closest
            if len(found) >= ENOUGH * budget or closest <= low:
                break
        else:
            low = closest
        if high <= 1.01 * low:
            break
        guess = closest * max(len(found), 1) ** SLOPE / (0.98 * budget) ** SLOPE
        # Where the count was cut off, or the guess leaves the bounds: half way between them.
        closest = guess if low < guess < high and len(found) < 1.6 * budget else math.sqrt(low * high)
    lines = worthiest(_in_company(best), shading.darkness, budget)
    return swung(lines, shading, spacing_of(shading, used)) if kind == "scribble" else lines


def _layers(kind: str, lightness: Array, subject: Flags, inside: Flags, shading: Shading) -> list[tuple[Array, int]]:
    """The directions of a kind of tone, each with the first step of darkness that has such lines."""
    if kind == "spiral":
        dark = ndimage.gaussian_filter(np.where(shading.toned, shading.darkness, 0.0), CENTRE * max(lightness.shape))
        y, x = np.unravel_index(int(dark.argmax()), dark.shape)
        return [(around((x + 0.5, y + 0.5), lightness.shape), 1)]
    form = along_form(lightness, subject, inside, ANGLE)
    if kind == "contour":
        return [(form, 1)]
    form = blended(form, HATCH_CALM * max(lightness.shape))
    hatched = (bent(ANGLE, form, BENDING), 1)
    if kind == "cross":
        return [hatched, (bent(ANGLE + CROSSING, form, BENDING), shading.count // 2 + 1)]
    return [hatched]


class _Line(NamedTuple):
    """A line, the spacing where it lies, and the number of its direction.

    Attributes:
        points: float64 [sample, xy], scene pixels.
        spacing: float64 [y, x], scene pixels.
        layer: lines of another cross this one.
    """

    points: Array
    spacing: Array
    layer: int


def _toned(shading: Shading, first: int) -> Flags:
    """Where lines that begin with a step of darkness lie: bool [y, x]. A second direction leaves small places out: few
    crosses are no shade."""
    toned = shading.allowed & (shading.steps >= first)
    if first == 1:
        return toned
    labels, number = ndimage.label(toned)
    small = np.bincount(labels.ravel(), minlength=number + 1) < CROSSED * toned.size
    return toned & ~small[labels]


def spacing_of(shading: Shading, closest: float) -> Array:
    """The distance of lines, float64 [y, x], scene pixels, where that of the darkest step is `closest`."""
    return np.asarray(closest * (shading.count / np.maximum(shading.steps, 1)) ** RATIO)


def _laid(layers: list[tuple[Array, int]], shading: Shading, closest: float, shortest: float, most: int) -> list[_Line]:
    """Lines of each direction, at most `most` of all; `closest` is the spacing of the darkest step."""
    found: list[_Line] = []
    spacing = spacing_of(shading, closest)
    for number, (field, first) in enumerate(layers):
        toned = _toned(shading, first)
        if not toned.any():
            continue
        lines = Streamlines(spacing, toned, max(shortest, 2.5 * closest))
        dark = np.where(toned, shading.darkness, -1)
        y, x = np.unravel_index(int(dark.argmax()), dark.shape)
        lines.fill(field, (x + 0.5, y + 0.5), most - len(found))
        found += [_Line(line, spacing, number) for line in lines.lines]
    return found


def _in_company(lines: list[_Line]) -> list[Array]:
    """The lines that have others beside them."""
    thin = [line.points[::3] for line in lines]
    owner = np.repeat(np.arange(len(thin)), [len(points) for points in thin])
    layer = np.repeat([line.layer for line in lines], [len(points) for points in thin])
    kept = []
    for number, (line, points) in enumerate(zip(lines, thin, strict=True)):
        others = np.concatenate(thin)[(owner != number) & (layer == line.layer)]
        if not len(others):
            continue
        from scipy.spatial import cKDTree  # not for drawings without tone: it takes long to load

        far, _ = cKDTree(others).query(points)
        reach = BESIDE * line.spacing[points[:, 1].astype(int), points[:, 0].astype(int)]
        if float((far <= reach).mean()) >= LONE:
            kept.append(line.points)
    return kept


def worthiest(lines: list[Array], darkness: Array, budget: int) -> list[Array]:
    """The lines of the greatest worth, darkness times length, in their order.

    Args:
        lines: float64 [sample, xy] each, evenly sampled.
        darkness: float64 [y, x].
        budget: how many.
    """
    if len(lines) <= budget:
        return lines
    worth = [float(darkness[line[:, 1].astype(int), line[:, 0].astype(int)].sum()) * STEP for line in lines]
    keep = sorted(np.argsort(-np.array(worth), kind="stable")[:budget].tolist())
    return [lines[i] for i in keep]
