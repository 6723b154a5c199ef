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
from .constants import DEFAULTS, PlacementConstants
from .continuous import as_one
from .one_line import one_line_placement


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


def place(prepared: Prepared, settings: Settings, constants: PlacementConstants = DEFAULTS) -> Placement:
    """First strokes of all candidates, and what else could be drawn.

    Args:
        prepared: the photo.
        settings: what kind of placement, of how many strokes and candidates, from which seed.
        constants: its tuned numbers; only benchmarks change them.

    Raises:
        PhotoError: the photo has no line worth drawing.
    """
    given = placement_input(prepared, settings, constants)
    pooled = constants.pool
    seeds = np.random.SeedSequence(settings.seed).spawn(settings.candidates + 1 + len(pooled.factors))[1:]
    generators = [np.random.default_rng(s) for s in seeds]
    offered: list[Array] = []
    finer = locked = None
    scale = settings.size / prepared.framed.frame.size
    if settings.one_line:
        trace = ContourPlacement(given, constants)
        lines = [one_line_placement(trace, settings.strokes, rng) for rng in generators[: settings.candidates]]
        placed = [as_one(line) if len(line) else line for line in lines]
    elif settings.placement == "contour":
        trace = ContourPlacement(given, constants)
        fixed = len(trace.face_strokes(settings.strokes)[0])
        if fixed:
            locked = np.arange(settings.strokes) < fixed
        # With several candidates, the last one is made of a finer drawing by what the encoder says of it. It would
        # take the strokes of a face apart.
        own = settings.candidates if settings.steps == 0 or fixed else max(1, settings.candidates - 1)
        placed = [trace(settings.strokes, rng) for rng in generators[:own]]
        counts = [min(settings.strokes * more, max(settings.strokes, pooled.limit)) for more in pooled.factors]
        larger = [trace(count, rng) for count, rng in zip(counts, generators[settings.candidates :], strict=True)]
        offered = [*placed, *larger]
        if own < settings.candidates:
            finer = larger[0] * settings.size / prepared.framed.frame.size
    else:
        chosen = generators[: settings.candidates]
        placed = [place_by_saliency(given, settings.strokes, rng, constants.saliency) for rng in chosen]
    if any(len(p) == 0 for p in placed):
        raise _no_line(prepared)
    pool = np.concatenate([np.zeros((0, 4, 2)), *offered]) * scale
    return Placement(np.stack(placed) * scale, pool, finer, locked)


def offer(prepared: Prepared, settings: Settings, count: int, constants: PlacementConstants = DEFAULTS) -> Array:
    """Strokes that the photo offers to a drawing that is there: float64 [any, 4, xy], canvas pixels.

    Args:
        prepared: the photo.
        settings: its stroke count is that of the whole drawing.
        count: how many are to be chosen; more are offered, so that there is a choice.
        constants: as for `place`.

    Raises:
        PhotoError: the photo has no line worth drawing.
    """
    given = placement_input(prepared, settings, constants)
    rng = np.random.default_rng(settings.seed)
    factor = constants.pool.offer_factor
    many = max(constants.pool.limit, factor * count)
    if settings.placement == "contour":
        trace = ContourPlacement(given, constants)
        found = np.concatenate([trace(n, rng) for n in (settings.strokes, factor * settings.strokes, many)])
    else:
        found = place_by_saliency(given, many, rng, constants.saliency)
    if not len(found):
        raise _no_line(prepared)
    return np.asarray(found * settings.size / prepared.framed.frame.size)


def placement_input(prepared: Prepared, settings: Settings, constants: PlacementConstants = DEFAULTS) -> PlacementInput:
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
        faces=_faces(framed.photo, constants.pool.most_faces) if settings.placement == "contour" else (),
    )


def _faces(picture: NDArray[np.float32], most: int) -> tuple[Face | Head, ...]:
    """The faces of people in a picture, and the heads of animals, the largest of each first, so many at most."""
    people = find_faces(picture)
    return (*people[:most], *find_heads(picture, people)[:most])


def _no_line(prepared: Prepared) -> PhotoError:
    fix = ("try ", Argument("subject", "keep"), " or ", Argument("placement", "saliency"))
    return PhotoError(f"{prepared.photo.name} has no line worth drawing", fix=fix)
