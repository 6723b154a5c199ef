"""The strokes that a drawing starts from: placements for all its candidates, and what else the photo offers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array, Flags
from .._process import aside
from ..engines import saliency_map
from ..errors import Argument, PhotoError
from ..photo.boundaries import find_boundaries
from ..photo.faces import Face, find_faces
from ..photo.head_network import look_at
from ..photo.heads import Head, find_heads
from ..photo.preparing import Prepared
from ..photo.side_heads import SideHead, find_side_heads
from ..settings import Settings
from ..sketch import StrokeStyle
from . import ContourPlacement, PlacementInput, place_by_saliency
from .constants import DEFAULTS, PlacementConstants


class Placement(NamedTuple):
    """First strokes, canvas pixels.

    Attributes:
        candidates: drawings to start from, float64 [candidate, stroke, point, xy].
        pool: other strokes that the photo offers, float64 [any, 4, xy], those of the candidates among them; none where
            there are many strokes.
        finer: a drawing of more strokes, float64 [stroke, 4, xy], of which one more candidate is to be made; or none.
            The locked strokes come first in it, too.
        locked: bool [stroke], those that stay as they are (the features of faces, or rings); or none.
        style: what strokes are drawn with, [stroke]; None is a pen of the width that the settings say.
        trace: the lines that the photo holds, for drawings of fewer strokes; None where they were not traced.
    """

    candidates: Array
    pool: Array
    finer: Array | None = None
    locked: Flags | None = None
    style: StrokeStyle | None = None
    trace: ContourPlacement | None = None

    @property
    def fixed(self) -> int:
        """How many strokes are locked; they are the first."""
        return 0 if self.locked is None else int(self.locked.sum())

    @property
    def settled(self) -> bool:
        """Whether the strokes lie on the photo's lines, and are so many that no others are offered."""
        return self.trace is not None and not len(self.pool)


def place(
    prepared: Prepared,
    settings: Settings,
    constants: PlacementConstants = DEFAULTS,
    placed: Callable[[Array], object] | None = None,
    tracer: Callable[[PlacementInput, PlacementConstants], ContourPlacement] = ContourPlacement,
) -> Placement:
    """First strokes of all candidates, and what else could be drawn.

    Args:
        prepared: the photo.
        settings: what kind of placement, of how many strokes and candidates, from which seed.
        constants: its tuned numbers; only benchmarks change them.
        placed: called with the first candidate, float64 [1, stroke, point, xy], canvas pixels, as soon as it is there.
        tracer: what traces the lines; subjects of scenes have one of their own.

    Raises:
        PhotoError: the photo has no line worth drawing.
    """
    given = placement_input(prepared, settings, constants)
    pooled = constants.pool
    seeds = np.random.SeedSequence(settings.seed).spawn(settings.candidates + 1 + len(pooled.factors))[1:]
    generators = [np.random.default_rng(s) for s in seeds]
    scale = settings.size / prepared.framed.frame.size
    trace = None if settings.placement == "saliency" else tracer(given, constants)
    candidates = [_candidate(prepared, given, trace, settings, generators[0], constants)]
    if placed is not None:
        placed(candidates[0][None])
    if trace is None or settings.one_line:
        others = generators[1 : settings.candidates]
        candidates += [_candidate(prepared, given, trace, settings, rng, constants) for rng in others]
        return Placement(np.stack(candidates), np.zeros((0, 4, 2)))
    fixed = len(trace.fixed_strokes(settings.strokes)[0])
    locked = np.arange(settings.strokes) < fixed if fixed else None
    # Of a few strokes each matters so much that it pays to ask the encoder about others: the last candidate is made of
    # a finer drawing, and a pool is offered. Of many, nobody sees the difference.
    few = settings.strokes <= pooled.few and settings.steps > 0
    own = max(1, settings.candidates - 1) if few else settings.candidates
    candidates += [_candidate(prepared, given, trace, settings, rng, constants) for rng in generators[1:own]]
    if not few:
        return Placement(np.stack(candidates), np.zeros((0, 4, 2)), locked=locked, trace=trace)
    counts = [min(settings.strokes * more, max(settings.strokes, pooled.limit)) for more in pooled.factors]
    larger = [trace(count, rng) * scale for count, rng in zip(counts, generators[settings.candidates :], strict=True)]
    finer = None
    if own < settings.candidates:
        finer = larger[0]
        if fixed:  # those strokes as in the other candidates, and finer lines round them
            rng = np.random.default_rng(seeds[settings.candidates])
            finer = trace(counts[0], rng, face_budget=settings.strokes) * scale
    return Placement(np.stack(candidates), np.concatenate([*candidates, *larger]), finer, locked, trace=trace)


def place_draft(prepared: Prepared, settings: Settings) -> Array:
    """First strokes of one candidate, float64 [stroke, point, xy], canvas pixels, without asking the encoder.

    Raises:
        PhotoError: the photo has no line worth drawing.
    """
    given = placement_input(prepared, settings)
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed).spawn(2)[1])
    return _candidate(prepared, given, ContourPlacement(given), settings, rng, DEFAULTS)


def _candidate(
    prepared: Prepared,
    given: PlacementInput,
    trace: ContourPlacement | None,
    settings: Settings,
    rng: np.random.Generator,
    constants: PlacementConstants,
) -> Array:
    """First strokes of one candidate, canvas pixels; by saliency where there is no trace.

    Raises:
        PhotoError: the photo has no line worth drawing.
    """
    if trace is None:
        found = place_by_saliency(given, settings.strokes, rng, constants.saliency)
    elif settings.one_line:
        from .continuous import as_one
        from .one_line import one_line_placement

        line = one_line_placement(trace, settings.strokes, rng)
        found = as_one(line) if len(line) else line
    else:
        found = trace(settings.strokes, rng)
    if not len(found):
        raise _no_line(prepared)
    return found * (settings.size / prepared.framed.frame.size)


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
        # Half of a ring may be there already: edges are offered in all kinds of pieces, ellipses are not.
        trace = ContourPlacement(given, constants.changed("ellipses.most", 0))
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
    saliency = np.full((side, side), constants.pool.draft_saliency)
    drawn = settings.placement == "contour"
    with aside(lambda: find_boundaries(framed.image).astype(np.float64) if drawn else None) as boundaries:
        if not settings.draft:
            saliency = saliency_map(looking, framed.seen(encoder.input_size)[0], side, prepared.device)
        faces = _faces(framed.photo, constants.pool.most_faces) if drawn else ()
        chances = boundaries()
    return PlacementInput(
        image=framed.image.astype(np.float64),
        photo=framed.photo.astype(np.float64),
        mask=None if framed.mask is None else framed.mask.astype(np.float64),
        inside=framed.inside,
        saliency=saliency,
        scale=side / 224,
        faces=faces,
        boundaries=chances,
    )


def _faces(picture: NDArray[np.float32], most: int) -> tuple[Face | Head | SideHead, ...]:
    """The faces of people in a picture and the heads of animals, the largest of each first, so many at most."""
    people, looks = find_faces(picture), look_at(picture)
    heads = find_heads(looks, people)
    return (*people[:most], *heads[:most], *find_side_heads(looks, [*people, *heads])[:most])


def _no_line(prepared: Prepared) -> PhotoError:
    fix = ("try ", Argument("subject", "keep"), " or ", Argument("placement", "saliency"))
    return PhotoError(f"{prepared.photo.name} has no line worth drawing", fix=fix)
