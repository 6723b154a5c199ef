"""Carrying on: a drawing that is there already, by whomever, goes on.

    sketch = read_sketch("horse.svg")
    carry_on("horse.jpg", sketch, keep=(0, 3), add=8)       # two strokes stay as they are, eight come
    draw_in_stages("horse.jpg", (8, 8, 16))                 # the first eight stay as they are while the next come

Strokes keep their places: those that were there come first, as they were numbered, the new ones after them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._arrays import Array, Flags
from ._text import quote
from .bezier import cubics
from .drawing import draw_prepared, find_scorer, refine, to_sketch
from .errors import SettingsError
from .optimize.candidates import Callback, Progress
from .optimize.exchange import add as add_strokes
from .optimize.importance import by_importance
from .optimize.scorer import PhotoScorer, Strokes
from .optimize.style import photo_colors
from .photo.opening import Photo, PhotoSource
from .photo.preparing import Prepared, prepare
from .placement.candidates import Placement, offer
from .settings import MOST_STROKES, Settings, whole, with_changes
from .sketch import Sketch, StrokeStyle

Notice = Callable[[str], None]

SAME_ASPECT = 0.005
"""Difference of two aspects, as a share, that is rounding."""


def carry_on(
    photo: PhotoSource | Photo | Prepared,
    sketch: Sketch,
    settings: Settings | None = None,
    *,
    keep: Sequence[int] = (),
    add: int = 0,
    callback: Callback | None = None,
    notice: Notice | None = None,
    **changes: Any,
) -> Sketch:
    """Go on with a drawing of a photo: move the strokes that may move, and add some where they say most.

        carry_on("horse.jpg", read_sketch("horse.svg"), add=8).save("horse-24.svg")

    Args:
        photo: as for `draw`.
        sketch: the drawing, on a canvas that shows the photo. One of another size is scaled; one of another aspect is
            fitted into the photo's and centred. Widths and colours stay, unless they are optimised.
        settings: as for `draw`; its stroke count and width are not used. Single fields can be given by name: strokes is
            how many there are to be in the end, in place of `add`.
        keep: places of strokes, from 0, that stay as they are, beside those that are locked in the sketch.
        add: how many strokes to add, each where the loss falls most.
        callback: called after each step of the optimisation; returning True stops it with the best so far.
        notice: called with one-line remarks.

    Returns:
        the sketch in the photo's own pixels: the strokes given, in their order, then the new ones, most important
        first. What was kept or locked is locked. Where strokes are added to chains of curves, each curve is a stroke.

    Raises:
        SettingsError: a stroke to keep is not there, there are too many, or nothing is left to do.
        StrokewiseError: as for `draw`.
    """
    if not isinstance(sketch, Sketch):
        path = quote(str(sketch) if isinstance(sketch, Path) else sketch)
        raise SettingsError(f"the sketch must be a Sketch, not {path}: read it with read_sketch({path})")
    settings = check_settings(with_changes(settings or Settings(), changes))
    say = notice or (lambda text: None)
    given = kept(sketch, keep)
    if "strokes" in changes:
        if add:
            raise SettingsError("add and strokes do not go together: the one says how many come, the other the sum")
        add = missing(sketch, settings.strokes, "the sketch")
    if add:
        given = in_single_curves(given, say)
    check_add(given, add)
    prepared = prepare(photo, settings, notice)
    given = onto_photo(given, prepared.photo, say)
    result = _go_on(prepared, given, add, settings, callback, say)
    result.metadata["carried_on"] = {
        "strokes": len(given),
        "added": len(result) - len(given),
        "locked": np.flatnonzero(given.locked).tolist(),
    }
    return result


def draw_in_stages(
    photo: PhotoSource | Photo | Prepared,
    stages: Sequence[int],
    settings: Settings | None = None,
    *,
    callback: Callback | None = None,
    notice: Notice | None = None,
    **changes: Any,
) -> Sketch:
    """Draw a photo in stages: each adds strokes to those before, which stay as they are.

        draw_in_stages("horse.jpg", (4, 4, 8)).save("horse.svg")    # its first 4 and 8 strokes are drawings too

    Args:
        photo: as for `draw`.
        stages: how many strokes come in each, at least 1.
        settings: as for `draw`; its stroke count is not used. Single fields can be given by name.
        callback: called after each step of each stage; returning True ends the drawing with the best so far.
        notice: called with one-line remarks.

    Returns:
        the sketch: stage by stage, and within a stage the most important strokes first. Its metadata says how many
        strokes came in each.

    Raises:
        SettingsError: no stages, or one that is none.
        StrokewiseError: as for `draw`.
    """
    settings = check_settings(with_changes(settings or Settings(), changes))
    check_stages(stages)
    say = notice or (lambda text: None)
    stopped = False

    def watch(told: Progress) -> bool:
        nonlocal stopped
        stopped = stopped or bool(callback is not None and callback(told))
        return stopped

    prepared = prepare(photo, settings, notice)
    sketch = draw_prepared(prepared, dataclasses.replace(settings, strokes=stages[0]), watch)
    render_strokes = [len(sketch)]
    for count in stages[1:]:
        if stopped:
            break
        frozen = dataclasses.replace(sketch, locked=np.ones(len(sketch), dtype=bool))
        sketch = _go_on(prepared, frozen, count, settings, watch, say)
        render_strokes.append(len(sketch) - len(frozen))
    sketch.metadata.update(stages=render_strokes, order="importance, stage by stage")
    return dataclasses.replace(sketch, locked=np.zeros(len(sketch), dtype=bool))


def kept(sketch: Sketch, keep: Sequence[int]) -> Sketch:
    """The sketch with more of its strokes locked.

    Raises:
        SettingsError: one of them is not there, or they are no places.
    """
    if isinstance(keep, str) or not isinstance(keep, Iterable) or any(whole(i) is None for i in keep):
        raise SettingsError(f"keep must be a list of strokes, such as (0, 3, 4, 5), not {quote(keep)}")
    absent = [i for i in keep if not 0 <= i < len(sketch)]
    if absent:
        those = "0, its only stroke" if len(sketch) == 1 else f"from 0 to {len(sketch) - 1}, its {len(sketch)} strokes"
        raise SettingsError(f"there is no stroke {absent[0]} in the sketch to keep: number them {those}")
    locked = sketch.locked.copy()
    locked[[int(i) for i in keep]] = True
    return dataclasses.replace(sketch, locked=locked)


def in_single_curves(sketch: Sketch, say: Notice = lambda text: None) -> Sketch:
    """The same drawing with a stroke for each curve, since all strokes of a drawing have as many points.

    Args:
        sketch: of any strokes.
        say: told in one line, if there are chains to take apart.
    """
    if sketch.points.shape[1] == 4 or not len(sketch):
        return sketch
    pieces = cubics(sketch.points)
    each = pieces.shape[1]
    say(f"the sketch's chains of {each} curves are taken apart, a stroke for each curve, so that others can join them")
    result = sketch.reordered(np.repeat(np.arange(len(sketch)), each).tolist())
    return dataclasses.replace(result, points=pieces.reshape(-1, 4, 2))


def missing(sketch: Sketch, strokes: int, name: str) -> int:
    """How many strokes a sketch lacks of a number of them, counted as it is when some are added.

    Args:
        sketch: the drawing that is carried on.
        strokes: how many there are to be in the end.
        name: what to call it in a message.

    Raises:
        SettingsError: it has more.
    """
    there = len(sketch) if strokes == len(sketch) else len(in_single_curves(sketch))
    if strokes < there:
        raise SettingsError(f"strokes {strokes} is less than the {there} of {name}: none are taken away")
    return strokes - there


def check_settings(settings: Settings) -> Settings:
    """Settings that a drawing can be carried on with, as they are.

    Raises:
        SettingsError: they ask for what works with a fresh drawing only.
    """
    if settings.schedule != "swift" or settings.one_line:
        what = "one line" if settings.one_line else f"schedule {settings.schedule}"
        raise SettingsError(f"only a whole new drawing can be made with {what}: no strokes can be locked there")
    return settings


def check_add(sketch: Sketch, add: int) -> None:
    """Refuse to add a number of strokes to a sketch.

    Raises:
        SettingsError: it is no such number, there would be too many strokes, or nothing is left to do.
    """
    if not len(sketch):
        raise SettingsError("the sketch has no strokes to go on from")
    number = whole(add)
    if number is None or not 0 <= number <= MOST_STROKES:
        raise SettingsError(
            f"the number of strokes to add must be a whole number from 0 to {MOST_STROKES}, not {quote(add)}"
        )
    if len(sketch) + add > MOST_STROKES:
        more = f" and {add} more" if add else ""
        raise SettingsError(f"the sketch has {len(sketch)} strokes{more}; a drawing can have {MOST_STROKES} at most")
    if not add and bool(sketch.locked.all()):
        raise SettingsError("every stroke of the sketch is locked, and none is added: keep fewer, or add some")


def check_stages(stages: Sequence[int]) -> None:
    """Refuse what are no stages.

    Raises:
        SettingsError: there is none, one is no number of strokes, or together they are too many.
    """
    counts = [whole(n) for n in stages] if isinstance(stages, Iterable) and not isinstance(stages, str) else []
    if not counts or any(n is None or n < 1 for n in counts):
        raise SettingsError(
            f"stages must be whole numbers of strokes, each at least 1, such as 8,8,16, not {quote(stages)}"
        )
    if sum(stages) > MOST_STROKES:
        raise SettingsError(f"stages add up to {sum(stages)} strokes; a drawing can have {MOST_STROKES} at most")


def onto_photo(sketch: Sketch, photo: Photo, say: Notice = lambda text: None) -> Sketch:
    """A sketch on the photo's canvas, in its pixels; a canvas of another aspect is fitted into it and centred.

    Args:
        sketch: on any canvas.
        photo: the photo.
        say: told in one line, if the aspects differ.
    """
    across, down = photo.width / sketch.canvas[0], photo.height / sketch.canvas[1]
    size = (float(photo.width), float(photo.height))
    if abs(across / down - 1) <= SAME_ASPECT:
        scale = float(np.sqrt(across * down))
    else:
        scale = min(across, down)
        say(
            f"the sketch is {sketch.canvas[0]:g} x {sketch.canvas[1]:g}, the photo {photo.width} x {photo.height}: "
            "fitted into it and centred"
        )
    if sketch.canvas == size:
        return sketch
    offset = ((size[0] - scale * sketch.canvas[0]) / 2, (size[1] - scale * sketch.canvas[1]) / 2)
    return sketch.mapped(size, scale, offset)


def _go_on(
    prepared: Prepared, given: Sketch, add: int, settings: Settings, callback: Callback | None, say: Notice
) -> Sketch:
    """A sketch on the photo's canvas, optimised, with strokes added; the given strokes come first."""
    frame, size = prepared.framed.frame, settings.size
    scale = size / frame.side
    pen = float(np.clip(np.median(given.widths) * scale * 224 / size, 0.1, 20))
    settings = dataclasses.replace(settings, strokes=len(given) + add, width=pen)
    points = (given.points - np.array([frame.x0, frame.y0])) * scale
    outside = (points.min(1) > size).any(1) | (points.max(1) < 0).any(1)
    if outside.any():
        say(f"strokes outside of what is drawn of the photo stay as they are: {int(outside.sum())}")
    style = StrokeStyle(given.widths * scale, given.colors, given.opacities)
    scorer = find_scorer(prepared, settings)
    pool = np.zeros((0, points.shape[1], 2))
    if add:
        pool = offer(prepared, settings, add)
        fresh = _fresh(style, pool, settings, scorer)
        points = add_strokes(points, pool, add, scorer, style=style, fresh=fresh)
        style = StrokeStyle.joined([style, _fresh(style, points[len(given) :], settings, scorer)])
    locked = np.zeros(len(points), dtype=bool)
    locked[: len(given)] = given.locked | outside
    # Strokes that someone has drawn are moved, but never exchanged for others.
    offered = pool if locked[: len(given)].all() else pool[:0]
    result = refine(Placement(points[None], offered, None, locked, style), prepared, settings, callback)
    order = list(range(len(given)))
    if len(points) > len(given):
        order += [i for i in by_importance(Strokes(result.points, result.style), scorer) if i >= len(given)]
    sketch = to_sketch(result, prepared, settings, order)
    sketch.metadata["order"] = "as given, then importance"
    return _with_given(sketch, given, locked)


def _fresh(style: StrokeStyle, strokes: Array, settings: Settings, scorer: PhotoScorer) -> StrokeStyle:
    """StrokeStyle for strokes that come to others: what those mostly have, and the photo's colours if colours vary."""
    fresh = style.typical(len(strokes))
    if "color" in settings.vary:
        return fresh._replace(colors=photo_colors(strokes, scorer.engine.photos[0]))
    return fresh


def _with_given(sketch: Sketch, given: Sketch, held: Flags) -> Sketch:
    """A sketch whose held strokes, bool [stroke], are those given, to the last digit."""
    those = np.flatnonzero(held)
    parts = {name: getattr(sketch, name).copy() for name in ("points", "widths", "colors", "opacities")}
    for name, values in parts.items():
        values[those] = getattr(given, name)[those]
    locked = np.zeros(len(sketch), dtype=bool)
    locked[: len(given)] = given.locked
    return dataclasses.replace(sketch, **parts, locked=locked, paper=given.paper)
