"""An animal's head as a few closed shapes, each one stroke: both eyes, the nose, the pupils.

    shapes = head_shapes(head, count)     # the most important first

Eyes and nose come together or not at all: an animal with one eye looks like a mistake. An eye is a closed drop with its
point towards the nose; a small one looks like a dot.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .._arrays import Array, Flags
from ..photo.heads import Head
from .face_strokes import LEAST_COUNT, FaceShape

PUPILS_COUNT = 7
"""A head with so many strokes or more has pupils, if its eyes have room for them."""
PUPIL_RADIUS = 5.0
"""Least radius of an eye with a pupil, pixels of a 224 px canvas."""
LEAST_RADIUS = 1.6
"""Eyes are drawn no smaller than this, pixels of a 224 px canvas: a smaller loop would be a blot."""
LEAST_APART = 8.0
"""Eyes nearer to each other than this would run together, pixels of a 224 px canvas."""
EYE_HEIGHT = 0.85
"""Height of an eye over its width."""
CLEAR_EYE, CLEAR_NOSE = 2.0, 1.3
"""How far around the middle of an eye, and of the nose, other lines are left out, over its radius: the mouth begins
right under the nose."""


def head_shapes(head: Head, count: int, scale: float) -> list[FaceShape]:
    """The shapes of a head for a number of strokes.

    Args:
        head: in any pixels.
        count: most strokes; fewer than LEAST_COUNT give none, and neither does a very small head.
        scale: pixels of the head per pixel of a 224 px canvas.

    Returns:
        none, or three, or five with the pupils.
    """
    if count < LEAST_COUNT or head.apart < LEAST_APART * scale:
        return []
    across, down = head.across, head.down
    eyes = [(head.left_eye, across, head.eye_radii[0]), (head.right_eye, -across, head.eye_radii[1])]
    shapes = []
    for name, (eye, inward, radius) in zip(("left_eye", "right_eye"), eyes, strict=True):
        radius = max(radius, LEAST_RADIUS * scale)
        point = eye + 1.1 * radius * inward
        shapes.append(FaceShape(name, _drop(point, -inward, down, 2.2 * radius, 2 * EYE_HEIGHT * radius), 1))
    wide = max(head.nose_radius, LEAST_RADIUS * scale)
    shapes.append(FaceShape("nose", _drop(head.nose + 0.8 * wide * down, -down, across, 1.4 * wide, 2.1 * wide), 2))
    if count >= PUPILS_COUNT and min(head.eye_radii) > PUPIL_RADIUS * scale:
        for name, (eye, inward, radius) in zip(("left_pupil", "right_pupil"), eyes, strict=True):
            shapes.append(
                FaceShape(name, _drop(eye - 0.4 * radius * down, down, inward, 0.8 * radius, 0.7 * radius), 3)
            )
    return shapes


def covered_by_head(head: Head, shapes: Sequence[FaceShape], size: tuple[int, ...]) -> Flags:
    """bool [y, x]: where a head's shapes say what is to be said, so that no other line belongs there.

    Args:
        head: with the shapes, in pixels of the picture.
        shapes: those that are drawn.
        size: height and width of the picture.
    """
    taken = np.zeros(size, dtype=bool)
    if not shapes:
        return taken
    rows, columns = np.indices(taken.shape)
    reach = (*(CLEAR_EYE * radius for radius in head.eye_radii), CLEAR_NOSE * head.nose_radius)
    for (x, y), radius in zip(head.landmarks, reach, strict=True):
        taken |= (columns + 0.5 - x) ** 2 + (rows + 0.5 - y) ** 2 < radius**2
    return taken


def _drop(point: Array, along: Array, aside: Array, length: float, width: float) -> Array:
    """A closed cubic, float64 [4, xy]: a drop of a length and a width, from its point in the direction `along`."""
    # Control points at (k, -h), (k, h) reach 3/4 k along and, between the two sides, h / sqrt(3) aside.
    k, h = length / 0.75, width * np.sqrt(3)
    return np.stack([point, point + k * along - h * aside, point + k * along + h * aside, point])
