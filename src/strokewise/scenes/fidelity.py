"""Fidelity: from geometry, where each line lies as in the photo, to meaning, where it only has to read as the same.

At 1 lines are as they are seen. From step to step the comparison leaves the shallow maps for the deep ones and the
embedding, curves may cut more corners, ends run past each other as in a quick sketch, and strokes may leave their
places further. Each step is made of the one before.
"""

from __future__ import annotations

import copy
import dataclasses

import numpy as np

from .._arrays import Array, Flags
from ..bezier import evaluate, lengths
from ..encoders import AnyEncoder


@dataclasses.dataclass(frozen=True)
class FidelityStep:
    """What changes at one step of fidelity. Lengths in pixels of a 224 px canvas.

    Attributes:
        maps: weight of the maps against the embedding, as a share of the encoder's own.
        shallow: weight of the shallowest map against the deepest, as a share of the encoder's own.
        leave: how far a control point may get from where the step before had it.
        overshoot: how much longer strokes get at each end, as a share of their length.
        bow: how far their middle is bent aside, as a share of their length.
        tolerance: how much of a double bend is given up, 0 to 1: 0.9 leaves nearly an arc.
        stiffness: price of bending; see `Schedule`.
    """

    maps: float = 1.0
    shallow: float = 1.0
    leave: float = 1.5
    overshoot: float = 0.0
    bow: float = 0.0
    tolerance: float = 0.0
    stiffness: float = 2.0


STEPS = (
    FidelityStep(),
    FidelityStep(0.7, 0.5, 3.0, 0.02, 0.015, 0.35, 1.5),
    FidelityStep(0.4, 0.2, 5.0, 0.03, 0.025, 0.6, 1.0),
    FidelityStep(0.2, 0.0, 7.5, 0.04, 0.04, 0.9, 0.7),
)
"""Fidelity 1 to 4: faithful to loose."""
LONGEST_OVERSHOOT = 5.0
"""Pixels of a 224 px canvas."""
MEETING = 1.5
"""Ends this near to each other meet, and stay where they are: pixels of a 224 px canvas."""


def weighed(encoder: AnyEncoder, step: FidelityStep) -> AnyEncoder:
    """The encoder with other weights of its maps: the same network, and no copy of it."""
    count = len(encoder.map_weights)
    depth = np.linspace(0, 1, count) if count > 1 else np.ones(count)
    factors = step.maps * (step.shallow + (1 - step.shallow) * depth)
    other = copy.copy(encoder)
    other.map_weights = tuple(float(w * f) for w, f in zip(encoder.map_weights, factors, strict=True))
    return other


def loosened(points: Array, step: FidelityStep, fixed: Flags, size: int, rng: np.random.Generator) -> Array:
    """Strokes as a quicker hand would draw them: rounder, a little bent, past their ends.

    Args:
        points: float64 [stroke, 4, xy], canvas pixels.
        step: how much of that.
        fixed: bool [stroke], those that stay: the features of faces.
        size: side of the canvas, pixels.
        rng: to which side strokes are bent.

    Returns:
        float64 [stroke, 4, xy].
    """
    unit = size / 224
    start, stop = points[:, 0], points[:, 3]
    # The arc through both ends and the middle has no double bend.
    middle = evaluate(points, np.full((len(points), 1), 0.5))[:, 0]
    top = 2 * middle - (start + stop) / 2
    arcs = np.stack([start, start + (top - start) * 2 / 3, stop + (top - stop) * 2 / 3, stop], axis=1)
    moved = points + step.tolerance * (arcs - points)
    size_of = lengths(moved)
    ways = [moved[:, 0] - moved[:, 1], moved[:, 3] - moved[:, 2]]
    further = np.minimum(step.overshoot * size_of, LONGEST_OVERSHOOT * unit)[:, None]
    share = rng.uniform(0.3, 1.0, (2, len(points), 1)) * ~_meeting(points, MEETING * unit)[:, :, None]
    for end, way, part in zip((0, 3), ways, share, strict=True):
        moved[:, end] += part * further * way / np.maximum(np.linalg.norm(way, axis=1, keepdims=True), 1e-9)
    chord = moved[:, 3] - moved[:, 0]
    normal = np.stack([-chord[:, 1], chord[:, 0]], axis=1) / np.maximum(
        np.linalg.norm(chord, axis=1, keepdims=True), 1e-9
    )
    bend = (rng.uniform(-1, 1, len(points)) * step.bow * np.linalg.norm(chord, axis=1))[:, None, None]
    moved[:, 1:3] += bend * normal[:, None]
    return np.where(fixed[:, None, None], points, moved)


def _meeting(points: Array, near: float) -> Flags:
    """bool [end, stroke]: which ends lie at an end of another stroke, pixels."""
    ends = np.concatenate([points[:, 0], points[:, 3]])
    gaps = np.linalg.norm(ends[:, None] - ends[None], axis=2)
    np.fill_diagonal(gaps, np.inf)
    return np.asarray((gaps < near).any(1).reshape(2, -1))


def held(points: Array, before: Array, leave: float) -> Array:
    """Strokes brought back to within a distance of where their control points were, pixels."""
    change = points - before
    far = np.linalg.norm(change, axis=2, keepdims=True)
    return np.asarray(before + change * np.minimum(1, leave / np.maximum(far, 1e-9)))
