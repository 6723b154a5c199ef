"""The strokes that a drawing starts from: placements for all its candidates, and what else the photo offers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array, Flags
from ..engines import saliency_map
from ..errors import Argument, PhotoError
from ..photo.faces import Face, find_faces
from ..photo.heads import Head, find_heads
from ..photo.preparing import Prepared
from ..settings import Settings
from ..sketch import StrokeStyle
from . import ContourPlacement, PlacementInput, place_by_saliency
from .continuous import as_one
from .one_line import one_line_placement

POOL_FACTORS, POOL_LIMIT = (2, 4), 96
"""The pool holds placements of so many times the strokes, of no more than POOL_LIMIT unless that many are drawn."""
MOST_FACES = 8
"""Faces beyond the largest of a picture are too small to have features of their own."""


class Placement(NamedTuple):
    """First strokes, canvas pixels.

    Attributes:
        candidates: drawings to start from, float64 [candidate, stroke, point, xy].
        pool: other strokes that the photo offers, float64 [any, 4, xy]; those of the candidates are among them.
        finer: a drawing of more strokes, float64 [stroke, 4, xy], of which one more candidate is to be made; or none.
        locked: bool [stroke], those that stay as they are (the features of faces); or none.
        ink: what strokes are drawn with, [stroke]; None is a pen of the width that the settings say.
    """

    candidates: Array
    pool: Array
    finer: Array | None = None
    locked: Flags | None = None
    style: StrokeStyle | None = None


def place(prepared: Prepared, settings: Settings) -> Placement:
    """First strokes of all candidates, and what else could be drawn.

    Raises:
        PhotoError: the photo has no line worth drawing.
    """
    given = placement_input(prepared, settings)
    seeds = np.random.SeedSequence(settings.seed).spawn(settings.candidates + 1 + len(POOL_FACTORS))[1:]
    generators = [np.random.default_rng(s) for s in seeds]
    offered: list[Array] = []
    finer = locked = None
    scale = settings.size / prepared.framed.frame.size
    if settings.one_line:
        trace = ContourPlacement(given)
        lines = [one_line_placement(trace, settings.strokes, rng) for rng in generators[: settings.candidates]]
        placed = [as_one(line) if len(line) else line for line in lines]
    elif settings.placement == "contour":
        trace = ContourPlacement(given)
        fixed = len(trace.face_strokes(settings.strokes)[0])
        if fixed:
            locked = np.arange(settings.strokes) < fixed
        # With several candidates, the last one is made of a finer drawing by what the encoder says of it. It would
        # take the strokes of a face apart.
        own = settings.candidates if settings.steps == 0 or fixed else max(1, settings.candidates - 1)
        placed = [trace(settings.strokes, rng) for rng in generators[:own]]
        counts = [min(settings.strokes * more, max(settings.strokes, POOL_LIMIT)) for more in POOL_FACTORS]
        larger = [trace(count, rng) for count, rng in zip(counts, generators[settings.candidates :], strict=True)]
        offered = [*placed, *larger]
        if own < settings.candidates:
            finer = larger[0] * settings.size / prepared.framed.frame.size
    else:
        placed = [place_by_saliency(given, settings.strokes, rng) for rng in generators[: settings.candidates]]
    if any(len(p) == 0 for p in placed):
        raise _no_line(prepared)
    pool = np.concatenate([np.zeros((0, 4, 2)), *offered]) * scale
    return Placement(np.stack(placed) * scale, pool, finer, locked)


def offer(prepared: Prepared, settings: Settings, count: int) -> Array:
    """Strokes that the photo offers to a drawing that is there: float64 [any, 4, xy], canvas pixels.

    Args:
        prepared: the photo.
        settings: its stroke count is that of the whole drawing.
        count: how many are to be chosen; twice as many are offered, and no fewer than POOL_LIMIT.

    Raises:
        PhotoError: the photo has no line worth drawing.
    """
    given = placement_input(prepared, settings)
    rng = np.random.default_rng(settings.seed)
    many = max(POOL_LIMIT, 2 * count)
    if settings.placement == "contour":
        trace = ContourPlacement(given)
        found = np.concatenate([trace(n, rng) for n in (settings.strokes, 2 * settings.strokes, many)])
    else:
        found = place_by_saliency(given, many, rng)
    if not len(found):
        raise _no_line(prepared)
    return np.asarray(found * settings.size / prepared.framed.frame.size)


def placement_input(prepared: Prepared, settings: Settings) -> PlacementInput:
    """What a placement looks at: the framed photo, its subject, its faces, and what the encoder pays attention to."""
    framed, encoder = prepared.framed, prepared.encoder
    side = framed.frame.size
    looking = encoder if prepared.saliency_encoder is None else prepared.saliency_encoder
    square = framed.seen(encoder.input_size)[0]
    return PlacementInput(
        image=framed.image.astype(np.float64),
        photo=framed.photo.astype(np.float64),
        mask=None if framed.mask is None else framed.mask.astype(np.float64),
        inside=framed.inside,
        saliency=saliency_map(looking, square, side, prepared.device),
        scale=side / 224,
        faces=_faces(framed.photo) if settings.placement == "contour" else (),
    )


def _faces(picture: NDArray[np.float32]) -> tuple[Face | Head, ...]:
    """The faces of people in a picture, and the heads of animals, the largest of each first."""
    people = find_faces(picture)
    return (*people[:MOST_FACES], *find_heads(picture, people)[:MOST_FACES])


def _no_line(prepared: Prepared) -> PhotoError:
    fix = ("try ", Argument("subject", "keep"), " or ", Argument("placement", "saliency"))
    return PhotoError(f"{prepared.photo.name} has no line worth drawing", fix=fix)
