"""The faces and heads of a scene, what the photo shows of each, and the shapes that come first in a drawing.

for parts in find_face_parts(given, solid, depth):
    shapes, taken = draw_face_parts(parts, count, given)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np

from .._arrays import Array, Flags
from ..photo.faces import Face
from ..photo.heads import Head
from ..photo.side_heads import SideHead
from .constants import DEFAULTS, PlacementConstants
from .face_contour import find_face_contour
from .face_strokes import FaceShape, covered, face_shapes
from .head_mouth import find_mouth, find_side_mouth
from .head_snout import find_snout
from .head_strokes import covered_by_head, eyes_are_dark, eyes_within, head_shapes, side_head_shapes
from .inputs import PlacementInput
from .lines import pixels

_NONE: Array = np.zeros((0, 4, 2))


@dataclasses.dataclass(frozen=True, eq=False)
class FaceParts:
    """A face or a head, and what was found around it; all lengths are scene pixels.

    Attributes:
        face: a person's face, or an animal's head.
        mouth: float64 [any, 4, xy], the mouth line of an animal.
        snout: float64 [2 or 0, 4, xy], both halves of an animal's snout.
        contour: hairline and jaw of a person; None as the face mesh has them.
        dark_eyes: whether an animal's eyes are darker than what is around them.
    """

    face: Face | Head | SideHead
    mouth: Array = dataclasses.field(default_factory=_NONE.copy)
    snout: Array = dataclasses.field(default_factory=_NONE.copy)
    contour: Mapping[str, Array] | None = None
    dark_eyes: bool = False


def find_face_parts(
    given: PlacementInput, solid: Flags, depth: Array, constants: PlacementConstants = DEFAULTS
) -> list[FaceParts]:
    """The faces that lie in what is drawn, with their parts.

    Args:
        given: the scene.
        solid: bool [y, x], what is drawn.
        depth: float64 [y, x], distance from its border, scene pixels.
        constants: where parts may lie, and how clear they must be.
    """
    return [
        _look_at(face, given, depth, constants) for face in given.faces if _held(solid, face) > constants.faces.held
    ]


def _look_at(
    face: Face | Head | SideHead, given: PlacementInput, depth: Array, constants: PlacementConstants
) -> FaceParts:
    unit = given.scale
    if isinstance(face, Head):
        head = eyes_within(face, depth, unit, constants.heads)
        mouth = find_mouth(given.image, head, constants.heads)
        dark = eyes_are_dark(given.image, head, constants.heads)
        if given.boundaries is None:
            return FaceParts(head, mouth, dark_eyes=dark)
        snout = find_snout(given.photo, given.boundaries, head, unit, constants)
        return FaceParts(head, mouth, snout, dark_eyes=dark)
    if isinstance(face, SideHead):
        mouth = find_side_mouth(given.image, face, depth, unit, constants.heads)
        return FaceParts(face, mouth, dark_eyes=eyes_are_dark(given.image, face, constants.heads))
    return FaceParts(face, contour=find_face_contour(given.photo, face, depth, unit, constants.face_contour))


def draw_face_parts(
    parts: FaceParts, count: int, given: PlacementInput, constants: PlacementConstants = DEFAULTS
) -> tuple[list[FaceShape], Flags]:
    """The shapes of a face for a number of strokes.

    Args:
        parts: of the face.
        count: most strokes.
        given: the scene.
        constants: how large shapes are, and how far around them nothing else belongs.

    Returns:
        the most important first; and bool [y, x], where no other line belongs.
    """
    unit, size, face = given.scale, given.inside.shape, parts.face
    if isinstance(face, Head):
        shapes = head_shapes(face, count, unit, parts.mouth, parts.snout, constants.heads, dark=parts.dark_eyes)
        return shapes, covered_by_head(face, shapes, size, constants.heads)
    if isinstance(face, SideHead):
        shapes = side_head_shapes(face, count, unit, parts.mouth, constants.heads, dark=parts.dark_eyes)
        return shapes, covered_by_head(face, shapes, size, constants.heads)
    small = face.height < constants.faces.dot_height * unit
    shapes = face_shapes(face, count, small, parts.contour, constants.faces)
    return shapes, covered(face, shapes, size, constants.faces)


def _held(solid: Flags, face: Face | Head | SideHead) -> float:
    """Share of a face's landmarks that lie in what is drawn; a muzzle from the side ends where the drawing does."""
    places = np.stack([face.eye, face.centre]) if isinstance(face, SideHead) else face.landmarks
    inside = ((places >= 0) & (places < solid.shape[::-1])).all(1)
    return float((inside & solid[pixels(places, solid.shape)]).mean())
