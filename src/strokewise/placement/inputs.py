"""What a placement may look at: the framed photo, its subject, and where its meaning lies."""

from __future__ import annotations

import dataclasses

from .._arrays import Array, Flags
from ..photo.faces import Face
from ..photo.heads import Head
from ..photo.side_heads import SideHead


@dataclasses.dataclass(frozen=True)
class PlacementInput:
    """One photo, framed on a square. Pixels of the scene are finer than those of the canvas.

    Attributes:
        image: float [y, x, rgb] in [0, 1], background taken away (white) where that was asked for.
        photo: the same with its background.
        mask: float [y, x] in [0, 1], the subject; None where the whole picture is drawn.
        inside: bool [y, x], the pixels that belong to the photo (the square may reach beyond it).
        saliency: float [y, x] in [0, 1], where the encoder finds the picture's meaning.
        faces: the faces of people in it, then the heads of animals, scene pixels.
        scale: scene pixels per pixel of a 224 px canvas.
        boundaries: float [y, x] in [0, 1], how likely people would mark a boundary there; None goes by contrast alone.
    """

    image: Array
    photo: Array
    mask: Array | None
    inside: Flags
    saliency: Array
    scale: float
    faces: tuple[Face | Head | SideHead, ...] = ()
    boundaries: Array | None = None
