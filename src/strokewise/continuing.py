"""Continue an existing drawing: move its strokes and add new ones; or draw in stages.

sketch = read_sketch("horse.svg")
carry_on("horse.jpg", sketch, keep=(0, 3), add=8)       # strokes 0 and 3 stay as they are, 8 are added
draw_in_stages("horse.jpg", (8, 8, 16))                 # each stage adds strokes and leaves the others as they are
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ._arrays import Array, Flags
from ._text import quote
from .bezier import lengthened
from .drawing import draw_prepared, find_scorer, refine, tell_of_tone, to_sketch, with_own_pen
from .errors import SettingsError
from .optimize.candidates import Callback, Progress
from .optimize.exchange import add as add_strokes
from .optimize.importance import by_importance
from .optimize.scorer import PhotoScorer, Strokes
from .optimize.style import photo_colors
from .photo.opening import Photo, PhotoInfo, PhotoSource
from .photo.preparing import Prepared, prepare
from .placement.candidates import Placement, offer
from .settings import MOST_STROKES, NO_TONE, Settings, SettingsChanges, Unpack, whole, with_changes
from .sketch import Sketch, StrokeStyle, cubic_counts
from .tone import LEFT_OUT, with_tone

Notice = Callable[[str], None]
"""Called with one line for the user."""

MOST_CURVES = 4_096
"""Most cubics of the chains of a drawing that is continued: moving more would take hours."""
SAME_ASPECT = 0.005
"""Largest relative difference of two aspect ratios that counts as rounding."""


def carry_on(
    photo: PhotoSource | Photo | Prepared,
    sketch: Sketch,
    settings: Settings | None = None,
    *,
    keep: Sequence[int] = (),
    add: int = 0,
    mask: PhotoSource | None = None,
    callback: Callback | None = None,
    notice: Notice | None = None,
    **changes: Unpack[SettingsChanges],
) -> Sketch:
    """Continue a drawing of a photo: move the strokes that are not locked, and add some where they help most.

        carry_on("horse.jpg", read_sketch("horse.svg"), add=8).save("horse-24.svg")

    Args:
        photo: as for `draw`.
        sketch: the drawing, on a canvas that shows the photo. A canvas of another size is scaled; one of another aspect
            ratio is fitted into the photo's and centred. Widths and colours stay, unless they are optimised.
        settings: as for `draw`; its stroke count and width are not used. Without a text, that of the sketch goes on.
            Single fields can be given by name: strokes is the final number of strokes, in place of `add`.
        keep: indices of strokes, from 0, that stay as they are, in addition to those locked in the sketch.
        add: how many strokes to add, each where the loss falls most.
        mask: as for `draw`.
        callback: called after each step of the optimisation; returning True stops it with the best so far.
        notice: called with one-line messages.

    Returns:
        the sketch in the photo's own pixels: the given strokes in their order, then the new ones, most important
        first. Kept and locked strokes are locked. Adding strokes to chains of curves makes each curve a stroke.

    Raises:
        SettingsError: a stroke to keep does not exist, there are too many strokes, or nothing is left to do.
        StrokewiseError: as for `draw`.
    """
    if not isinstance(sketch, Sketch):
        path = quote(str(sketch) if isinstance(sketch, Path) else sketch)
        raise SettingsError(f"the sketch must be a Sketch, not {path}: read it with read_sketch({path})")
    settings = check_settings(with_changes(settings or Settings(), changes))
    notice = notice or _ignore
    given = kept(sketch, keep)
    if "strokes" in changes:
        if add:
            raise SettingsError("add and strokes do not go together: the one says how many come, the other the sum")
        add = missing(sketch, settings.strokes, "the sketch")
    given = in_single_curves(given, notice) if add else in_equal_chains(given)
    check_add(given, add)
    told = _told_as(sketch, settings)
    try:
        prepared = prepare(photo, told, notice, mask=mask)
        settings = told
    except SettingsError as error:
        if told is settings or error.setting not in ("text", "not_text"):
            raise
        notice(f"the sketch's own text is left out: {error}")
        prepared = prepare(photo, settings, notice, mask=mask)
    given = onto_photo(given, prepared.photo, notice)
    result = with_tone(_continued(prepared, given, add, settings, callback, notice), prepared.framed, settings)
    tell_of_tone(result, settings, notice)
    if given.tone is not None and settings.tone == NO_TONE:
        notice(LEFT_OUT)
    return _with_metadata(
        result,
        carried_on={
            "strokes": len(given),
            "added": len(result) - len(given),
            "locked": np.flatnonzero(given.locked).tolist(),
        },
    )


def _told_as(sketch: Sketch, settings: Settings) -> Settings:
    """The settings with the words that a sketch was drawn with, unless they have their own or it has none."""
    known = sketch.metadata.get("settings")
    if settings.text is not None or not isinstance(known, dict) or known.get("text") is None:
        return settings
    words = {name: known[name] for name in ("text", "text_weight", "not_text") if name in known}
    try:
        return with_changes(settings, words)
    except SettingsError:  # a file may say anything
        return settings


def draw_in_stages(
    photo: PhotoSource | Photo | Prepared,
    stages: Sequence[int],
    settings: Settings | None = None,
    *,
    mask: PhotoSource | None = None,
    callback: Callback | None = None,
    notice: Notice | None = None,
    **changes: Unpack[SettingsChanges],
) -> Sketch:
    """Draw a photo in stages: each adds strokes and leaves the earlier ones as they are.

        draw_in_stages("horse.jpg", (4, 4, 8)).save("horse.svg")    # its first 4 and 8 strokes are drawings too

    Args:
        photo: as for `draw`.
        stages: how many strokes each stage adds, at least 1.
        settings: as for `draw`; its stroke count is not used. Single fields can be given by name.
        mask: as for `draw`.
        callback: called after each step of each stage; returning True ends the drawing with the best so far.
        notice: called with one-line messages.

    Returns:
        the sketch: stage by stage, and within a stage the most important strokes first. Its metadata holds the number
        of strokes of each stage.

    Raises:
        SettingsError: no stages, or a stage that is not a number of strokes.
        StrokewiseError: as for `draw`.
    """
    settings = check_settings(with_changes(settings or Settings(), changes))
    check_stages(stages)
    lasting = LastingStop(callback)
    prepared = prepare(photo, settings, notice, mask=mask)
    thin = dataclasses.replace(settings, width=settings.pen)  # until all stages are there
    sketch = draw_prepared(prepared, dataclasses.replace(thin, strokes=stages[0]), lasting)
    drawn = [len(sketch)]
    for count in stages[1:]:
        if lasting.stopped:
            break
        before = dataclasses.replace(sketch, locked=np.ones(len(sketch), dtype=bool))
        sketch = _continued(prepared, before, count, thin, lasting, notice or _ignore)
        drawn.append(len(sketch) - len(before))
    sketch = _with_metadata(sketch, stages=drawn, order="importance, stage by stage")
    sketch = with_tone(with_own_pen(sketch, prepared, settings), prepared.framed, settings)
    tell_of_tone(sketch, settings, notice)
    return dataclasses.replace(sketch, locked=np.zeros(len(sketch), dtype=bool))


class LastingStop:
    """A callback for several optimisations in a row: once the user's callback asks to stop, all of them stop.

    Attributes:
        stopped: whether it has asked to stop.
    """

    def __init__(self, callback: Callback | None) -> None:
        self._callback = callback
        self.stopped = False

    def __call__(self, progress: Progress) -> bool:
        self.stopped = self.stopped or bool(self._callback is not None and self._callback(progress))
        return self.stopped


def kept(sketch: Sketch, keep: Sequence[int]) -> Sketch:
    """The sketch with more of its strokes locked.

    Args:
        sketch: the drawing.
        keep: indices of the strokes to lock, from 0.

    Raises:
        SettingsError: a stroke does not exist, or `keep` is not a list of indices.
    """
    if isinstance(keep, str) or not isinstance(keep, Iterable) or any(whole(i) is None for i in keep):
        problem = f"must be a list of strokes, such as (0, 3, 4, 5), not {quote(keep)}"
        raise SettingsError(problem, setting="keep", value=keep)
    absent = [i for i in keep if not 0 <= i < len(sketch)]
    if absent:
        those = "0, its only stroke" if len(sketch) == 1 else f"from 0 to {len(sketch) - 1}, its {len(sketch)} strokes"
        raise SettingsError(f"there is no stroke {absent[0]} in the sketch to keep: number them {those}")
    locked = sketch.locked.copy()
    locked[[int(i) for i in keep]] = True
    return dataclasses.replace(sketch, locked=locked)


def _ignore(message: str) -> None:
    """A notice that nobody reads."""


def in_single_curves(sketch: Sketch, notice: Notice = _ignore) -> Sketch:
    """The same drawing with a stroke for each curve, as all strokes of a sketch must have the same number of points.

    Args:
        sketch: the drawing.
        notice: called with one line if there are chains to split.
    """
    if sketch.points.shape[1] == 4 or not len(sketch):
        return sketch
    counts = cubic_counts(sketch.points)
    most = f"{counts.max()}" if counts.min() == counts.max() else f"up to {counts.max()}"
    notice(f"the sketch's chains of {most} curves are split: each curve becomes a stroke, so that strokes can be added")
    pieces = [chain[k : k + 4] for chain in sketch.chains for k in range(0, len(chain) - 1, 3)]
    result = sketch.reordered(np.repeat(np.arange(len(sketch)), counts).tolist())
    return dataclasses.replace(result, points=np.stack(pieces))


def in_equal_chains(sketch: Sketch) -> Sketch:
    """The same curves with the same number of cubics in every stroke, none of them a dot: those of shorter chains are
    cut in two, so that all of them can be moved.

    Raises:
        SettingsError: there would be more than `MOST_CURVES`.
    """
    full = sketch.points.shape[1] // 3
    if len(sketch) * full > MOST_CURVES and full > 1:
        raise SettingsError(
            f"the sketch has {len(sketch)} lines of up to {full} curves, too many to move: simplify them "
            "(Inkscape: Path > Simplify; Illustrator: Object > Path > Simplify)"
        )
    if not len(sketch) or bool((cubic_counts(sketch.points) == full).all()):
        return sketch
    chains = [lengthened(chain[None], sketch.points.shape[1])[0] for chain in sketch.chains]
    return dataclasses.replace(sketch, points=np.stack(chains))


def missing(sketch: Sketch, strokes: int, name: str) -> int:
    """How many strokes to add to reach a final number; chains count as single curves if any are added.

    Args:
        sketch: the drawing that is continued.
        strokes: the final number of strokes.
        name: of the sketch, for the message.

    Raises:
        SettingsError: the sketch has more strokes.
    """
    there = len(sketch) if strokes == len(sketch) else len(in_single_curves(sketch))
    if strokes < there:
        problem = f"{strokes} is less than the {there} of {name}: none are taken away"
        raise SettingsError(problem, setting="strokes", value=strokes)
    return strokes - there


def check_settings(settings: Settings) -> Settings:
    """The settings, if a drawing can be continued with them.

    Raises:
        SettingsError: they ask for one line, or for the published loop, which cannot lock strokes.
    """
    for what, asked in (
        ("one line", settings.one_line),
        (f"schedule {settings.schedule}", settings.schedule != "swift"),
        ("draft", settings.draft),
    ):
        if asked:
            raise SettingsError(f"only a new drawing can be made with {what}: it cannot lock strokes")
    return settings


def check_add(sketch: Sketch, add: int) -> None:
    """Check the number of strokes to add to a sketch.

    Raises:
        SettingsError: it is out of its range, there would be too many strokes, or nothing is left to do.
    """
    if not len(sketch):
        raise SettingsError("the sketch has no strokes: draw the photo first")
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
    """Check the numbers of strokes of stages.

    Raises:
        SettingsError: there is none, one is not a number of strokes, or their sum is too large.
    """
    counts = [whole(n) for n in stages] if isinstance(stages, Iterable) and not isinstance(stages, str) else []
    if not counts or any(n is None or n < 1 for n in counts):
        raise SettingsError(
            f"stages must be whole numbers of strokes, each at least 1, such as 8,8,16, not {quote(stages)}"
        )
    if sum(stages) > MOST_STROKES:
        raise SettingsError(f"stages add up to {sum(stages)} strokes; a drawing can have {MOST_STROKES} at most")


def onto_photo(sketch: Sketch, photo: Photo | PhotoInfo, notice: Notice = _ignore) -> Sketch:
    """A sketch on the photo's canvas, in its pixels; a canvas of another aspect ratio is fitted into it and centred.

    Args:
        sketch: on any canvas.
        photo: the photo.
        notice: called with one line if the aspect ratios differ.
    """
    across, down = photo.width / sketch.canvas[0], photo.height / sketch.canvas[1]
    size = (float(photo.width), float(photo.height))
    if abs(across / down - 1) <= SAME_ASPECT:
        scale = float(np.sqrt(across * down))
    else:
        scale = min(across, down)
        notice(
            f"the sketch is {sketch.canvas[0]:g} x {sketch.canvas[1]:g}, the photo {photo.width} x {photo.height}: "
            "fitted into it and centred"
        )
    if sketch.canvas == size:
        return sketch
    offset = ((size[0] - scale * sketch.canvas[0]) / 2, (size[1] - scale * sketch.canvas[1]) / 2)
    return sketch.mapped(size, scale, offset)


def _with_metadata(sketch: Sketch, **more: Any) -> Sketch:
    """The sketch with more entries in its metadata."""
    return dataclasses.replace(sketch, metadata={**sketch.metadata, **more})


def _continued(
    prepared: Prepared, given: Sketch, add: int, settings: Settings, callback: Callback | None, notice: Notice
) -> Sketch:
    """A sketch on the photo's canvas, optimised, with strokes added; the given strokes come first."""
    frame, size = prepared.framed.frame, settings.size
    scale = size / frame.side
    pen = float(np.clip(np.median(given.widths) * scale * 224 / size, 0.1, 20))
    settings = dataclasses.replace(settings, strokes=len(given) + add, width=pen)
    points = (given.points - np.array([frame.x0, frame.y0])) * scale
    outside = (points.min(1) > size).any(1) | (points.max(1) < 0).any(1)
    if outside.any():
        notice(f"strokes outside of the drawn part of the photo stay as they are: {int(outside.sum())}")
    style = StrokeStyle(given.widths * scale, given.colors, given.opacities)
    scorer = find_scorer(prepared, settings)
    pool = np.zeros((0, points.shape[1], 2))
    if add:
        pool = offer(prepared, settings, add)
        new = _style_of_new(style, pool, settings, scorer)
        points = add_strokes(points, pool, add, scorer, style=style, fresh=new)
        style = StrokeStyle.joined([style, _style_of_new(style, points[len(given) :], settings, scorer)])
    locked = np.zeros(len(points), dtype=bool)
    locked[: len(given)] = given.locked | outside
    # The given strokes are moved, but never replaced by candidates.
    offered = pool if locked[: len(given)].all() else pool[:0]
    result = refine(Placement(points[None], offered, None, locked, style), prepared, settings, callback)
    order = list(range(len(given)))
    if len(points) > len(given):
        order += [i for i in by_importance(Strokes(result.points, result.style), scorer) if i >= len(given)]
    sketch = _with_metadata(to_sketch(result, prepared, settings, order), order="as given, then importance")
    return _with_given(sketch, given, locked)


def _style_of_new(style: StrokeStyle, strokes: Array, settings: Settings, scorer: PhotoScorer) -> StrokeStyle:
    """The style of new strokes: the median of the others, and the photo's colours if colours are optimised."""
    new = style.typical(len(strokes))
    if "color" in settings.vary:
        return new._replace(colors=photo_colors(strokes, scorer.engine.photos[0]))
    return new


def _with_given(sketch: Sketch, given: Sketch, held: Flags) -> Sketch:
    """The sketch with its held strokes, bool [stroke], exactly as they were given."""
    parts = {name: getattr(sketch, name).copy() for name in ("points", "widths", "colors", "opacities")}
    for name, values in parts.items():
        values[held] = getattr(given, name)[np.flatnonzero(held)]
    locked = np.zeros(len(sketch), dtype=bool)
    locked[: len(given)] = given.locked
    return dataclasses.replace(sketch, **parts, locked=locked, paper=given.paper)
