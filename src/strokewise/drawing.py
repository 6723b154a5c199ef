"""The main job, from photo to sketch; read it from top to bottom.

A photo is made ready (`preparing`), first strokes are placed on it (`first_strokes`), and here they are moved until the
encoder sees the photo in them, and become a sketch.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ._arrays import Array
from ._process import give_back_memory
from ._version import __version__
from .encoders import AnyEncoder
from .encoders.registry import need_torch
from .engines import Engine, make_engine, torch_encoder
from .engines.views import view_bank
from .errors import Argument, StrokewiseError
from .optimize.candidates import Callback, Optimized
from .optimize.clipasso import optimize_as_paper
from .optimize.importance import by_importance
from .optimize.loop import Schedule, optimize_together
from .optimize.pen_width import with_suited_pen
from .optimize.price import Price
from .optimize.scorer import PhotoScorer, Strokes
from .optimize.simplify import simplify
from .photo.opening import Photo, PhotoSource
from .photo.preparing import Prepared, prepare
from .placement.candidates import Placement, place, place_draft
from .settings import AUTO, NO_TONE, Settings, SettingsChanges, Unpack, with_changes
from .sketch import Sketch, StrokeStyle, in_drawing_order
from .tone import NO_DARK, with_tone
from .words.targets import find_target

if TYPE_CHECKING:
    from .engines.torch_engine import TorchEngine

VIEWS, DISTORTION, AREA = 8, 0.25, 0.9
"""The bank of views: milder than the paper's, since strokes that are placed well need no shaking up."""
BEND_COST = 1.0
"""Price of bending each stroke, or each curve of a single line; see `Schedule.stiffness`."""
SETTLED_RATE, SETTLED_PACE, SETTLED_JOIN = 0.13, 7.0, 1.5
"""Many strokes that lie on the photo's lines move very little, 0.4 pixels in the mean, ends that are near each other
move as one, and they soon rest. Judged blind, drawings of 32 strokes are the better the less they moved: of so little
nobody sees anything, and the loss falls by two fifths of what it falls by at the full rate. Nine larger steps do what
25 small ones did."""


def draw(
    photo: PhotoSource | Photo | Prepared,
    settings: Settings | None = None,
    *,
    mask: PhotoSource | None = None,
    callback: Callback | None = None,
    notice: Callable[[str], None] | None = None,
    **changes: Unpack[SettingsChanges],
) -> Sketch:
    """Draw a photo with a few strokes.

        draw("horse.png", strokes=16).save("horse.svg")

    Args:
        photo: a path, a file's bytes, a Pillow image, an array, a `Photo`, or what `prepare` made of one, with the
            encoder and the background that were chosen then.
        settings: how to draw; single fields can be given by name instead or on top.
        mask: what the subject is, instead of looking for it: a picture, as `photo` can be, white or opaque on the
            subject, of the photo's size or proportions.
        callback: called after each step of the optimisation; returning True stops it with the best so far.
        notice: called with one-line remarks, such as what was done about the background.

    Returns:
        the sketch, in the photo's own pixels, the most important strokes first; its metadata holds version, settings,
        encoder and losses.

    Raises:
        StrokewiseError: the photo, a setting or the encoder will not do; the message says how to fix it.
    """
    settings = with_changes(settings or Settings(), changes)
    sketch = draw_prepared(prepare(photo, settings, notice, mask=mask), settings, callback)
    tell_of_tone(sketch, settings, notice)
    return sketch


def draw_prepared(
    prepared: Prepared,
    settings: Settings,
    callback: Callback | None = None,
    *,
    placed: Callable[[Array], object] | None = None,
) -> Sketch:
    """`draw`, after `prepare`. What `prepare` has used of the settings is not looked at again.

    Args:
        prepared: the photo.
        settings: how to draw.
        callback: as for `draw`.
        placed: called with the first strokes, float64 [candidate, stroke, point, xy], as soon as there are any.

    Raises:
        StrokewiseError: as for `draw`.
    """
    if settings.draft:
        points = place_draft(prepared, settings)
        if placed is not None:
            placed(points[None])
        return with_tone(to_sketch(_unscored(points, settings), prepared, settings), prepared.framed, settings)
    first = place(prepared, settings, placed=placed)
    result = refine(first, prepared, settings, callback)
    return with_tone(finish(result, prepared, settings), prepared.framed, settings)


def tell_of_tone(sketch: Sketch, settings: Settings, notice: Callable[[str], None] | None) -> None:
    """Say it where tone was asked for and the photo has no dark parts."""
    if notice is not None and settings.tone != NO_TONE and sketch.tone is None:
        notice(NO_DARK)


def refine(
    placed: Placement,
    prepared: Prepared,
    settings: Settings,
    callback: Callback | None = None,
    schedule: Schedule | None = None,
) -> Optimized:
    """Move the strokes until the encoder sees the photo in them, and keep the best candidate.

    Args:
        placed: where they begin.
        prepared: the photo.
        settings: how to draw.
        callback: as for `draw`.
        schedule: how the swift loop goes; None is what the settings and the encoder ask for.

    Raises:
        StrokewiseError: the encoder makes no number of the placement.
    """
    (result,) = refine_together([placed], [prepared], settings, callback, schedule)
    return finite(result, "placement")


def finite(result: Optimized | None, what: str) -> Optimized:
    """The outcome, if there is one.

    Args:
        result: of the optimisation.
        what: was optimised.

    Raises:
        StrokewiseError: there is none, since the encoder made no number of it.
    """
    if result is None:
        fix = ("try another encoder or ", Argument("device", "cpu"))
        raise StrokewiseError(f"the loss of the {what} is not finite", fix=fix)
    return result


def refine_together(
    placed: Sequence[Placement],
    prepared: Sequence[Prepared],
    settings: Settings,
    callback: Callback | None = None,
    schedule: Schedule | None = None,
) -> list[Optimized | None]:
    """`refine` for several photos in one batch; None stands for a photo whose placement has no finite loss.

    Args:
        placed: where the strokes of each photo begin; all with as many strokes, and all with a style or none.
        prepared: the photos, with one encoder, on one device.
        settings, callback, schedule: as for `refine`; the callback names each photo by its number.
    """
    encoder = prepared[0].encoder
    rng = np.random.default_rng(np.random.SeedSequence(settings.seed).spawn(1)[0])
    if schedule is None:
        # The price of bending is a mean over strokes, or over the whole of one line: so each stroke has the same.
        stiffness = BEND_COST * settings.strokes
        schedule = Schedule(settings.steps, stiffness=stiffness, views=views_a_step(encoder, settings))
        if settings.one_line:
            schedule = dataclasses.replace(schedule, exchange=())
        elif all(one.settled for one in placed) and not (settings.vary or settings.text):
            schedule = dataclasses.replace(schedule, rate=SETTLED_RATE, pace=SETTLED_PACE, join=SETTLED_JOIN)
    views = view_bank(VIEWS if schedule.views else 1, rng, distortion=DISTORTION, area=AREA)
    if settings.schedule == "paper":
        return [
            optimize_as_paper(
                one.candidates,
                _torch_engine([photo], settings, views),
                settings.steps,
                rng,
                photo=number,
                callback=callback,
            )
            for number, (one, photo) in enumerate(zip(placed, prepared, strict=True))
        ]
    engine = _engine(prepared, settings, views)
    candidates = [one.candidates for one in placed]
    prices = [find_price(one, photo, settings) for one, photo in zip(placed, prepared, strict=True)]
    for photo, one in enumerate(placed):
        if one.finer is not None:
            scorer = PhotoScorer(engine, photo, prices[photo])
            made = simplify(one.finer, settings.strokes, scorer, fixed=one.fixed, share=0.5)
            candidates[photo] = np.concatenate([one.candidates, made[None]])
    none = np.zeros(candidates[0].shape[1], dtype=bool)
    results = optimize_together(
        candidates,
        engine,
        schedule,
        rng,
        pools=[one.pool for one in placed],
        locked=[none if one.locked is None else one.locked for one in placed],
        styles=[one.style for one in placed if one.style is not None] or None,
        vary=settings.vary,
        prices=prices,
        callback=callback,
    )
    if not settings.one_line:
        return results
    from .placement.continuous import retraced

    # What goes over a line that is drawn already does so to the hair, after the descent too.
    return [
        dataclasses.replace(result, points=retraced(result.points, points[result.candidate])) if result else None
        for result, points in zip(results, candidates, strict=True)
    ]


def views_a_step(encoder: AnyEncoder, settings: Settings) -> int:
    """Random views a step besides the picture itself: those that the encoder asks for; words take one at least."""
    asked: int = getattr(encoder, "views", 0)
    return asked if settings.text is None else max(1, asked)


def find_price(placed: Placement, prepared: Prepared, settings: Settings) -> Price:
    """What drawings of a photo cost beside the loss: where its lines were traced, they are to be shown.

    Args:
        placed: where its strokes begin.
        prepared: the photo.
        settings: of how many strokes the drawings are, and of which size.
    """
    if placed.trace is None or settings.one_line:
        return Price()
    places, weights = placed.trace.worths(settings.strokes)
    price = Price(places * (settings.size / prepared.framed.frame.size), weights)
    return price.beside(list(placed.candidates), settings.size)


def _unscored(points: Array, settings: Settings) -> Optimized:
    """First strokes [stroke, point, xy] as an outcome, without any loss."""
    style = StrokeStyle.pen(len(points), settings.canvas_width)
    return Optimized(points, 0, {}, {}, [], steps=0, stopped="steps", style=style)


def find_scorer(prepared: Prepared, settings: Settings) -> PhotoScorer:
    """What the encoder says of drawings of the photo as it is, without any view."""
    return PhotoScorer(_engine([prepared], settings, np.eye(3)[None]))


def _engine(prepared: Sequence[Prepared], settings: Settings, views: Array) -> Engine:
    """What compares drawings with these photos."""
    give_back_memory()  # of the networks that were asked once, for the one that is asked at every step
    photos = np.concatenate([one.framed.seen(settings.size) for one in prepared])
    first = prepared[0]
    target = find_target(first.encoder, first.encoder_name, settings)
    width = settings.canvas_width
    return make_engine(first.encoder, photos, width=width, views=views, device=first.device, target=target)


def _torch_engine(prepared: Sequence[Prepared], settings: Settings, views: Array) -> TorchEngine:
    """The same in PyTorch, which the paper's loop needs for its new views.

    Raises:
        EncoderError: PyTorch is not installed.
    """
    need_torch("the schedule paper")
    from .engines.torch_engine import TorchEngine

    first = prepared[0]
    encoder = torch_encoder(first.encoder)
    photos = np.concatenate([one.framed.seen(settings.size) for one in prepared])
    target = find_target(first.encoder, first.encoder_name, settings)
    width = settings.canvas_width
    return TorchEngine(encoder, photos, width=width, views=views, device=first.device, target=target)


def finish(result: Optimized, prepared: Prepared, settings: Settings, scorer: PhotoScorer | None = None) -> Sketch:
    """The outcome as a sketch, the most important strokes first; a single line is in the order of the hand.

    Args:
        result: what `refine` gave.
        prepared: the photo.
        settings: what it was drawn with.
        scorer: of the photo, where there is one already.
    """
    order = None
    if not settings.one_line:
        scorer = scorer or find_scorer(prepared, settings)
        order = by_importance(Strokes(result.points, result.style), scorer)
    return to_sketch(result, prepared, settings, order)


def to_sketch(result: Optimized, prepared: Prepared, settings: Settings, order: Sequence[int] | None = None) -> Sketch:
    """The outcome as a sketch in the photo's own pixels, with all that is known of it.

    Args:
        result: what `refine` gave.
        prepared: the photo.
        settings: what it was drawn with.
        order: places of the strokes, the most important first; None puts them in the order a hand would draw them in.
    """
    photo, framed = prepared.photo, prepared.framed
    scale = framed.frame.side / settings.size
    about = outcome_metadata(result, settings, prepared.encoder_name, subject=framed.subject)
    metadata = {**about, "order": "hand" if order is None else "importance"}
    if framed.mask_source:
        metadata["mask"] = framed.mask_source
    if settings.draft:  # nothing was compared
        for name in ("encoder", "losses", "placement_losses"):
            del metadata[name]
    widths, colors, opacities = result.style
    canvas = Sketch.of((settings.size,) * 2, result.points, widths, colors, opacities, metadata=metadata)
    size = (float(photo.width), float(photo.height))
    sketch = canvas.mapped(size, scale, (framed.frame.x0, framed.frame.y0))
    sketch = in_drawing_order(sketch) if order is None else sketch.reordered(order)
    return with_own_pen(sketch, prepared, settings)


def outcome_metadata(result: Optimized, settings: Settings, encoder: str, **about: str) -> dict[str, Any]:
    """What a sketch says of how it was made.

    Args:
        result: what the optimisation gave.
        settings: how to draw.
        encoder: the name of what compared.
        about: of what it was made.
    """
    return {
        "version": __version__,
        "settings": settings.as_dict(),
        "seed": settings.seed,
        "encoder": encoder,
        **about,
        "losses": result.losses,
        "placement_losses": result.placement_losses,
        "steps": result.steps,
        "stopped": result.stopped,
    }


def with_own_pen(sketch: Sketch, prepared: Prepared, settings: Settings) -> Sketch:
    """The sketch as bold as suits it where the width is automatic, else as it is.

    Args:
        sketch: in the photo's own pixels, as wide as it was compared.
        prepared: the photo.
        settings: with the width that was asked for.
    """
    if settings.width != AUTO:
        return sketch
    told = {**sketch.metadata["settings"], "width": AUTO}
    sketch = dataclasses.replace(sketch, metadata={**sketch.metadata, "settings": told})
    return with_suited_pen(sketch, prepared.framed.frame.square)
