"""The four kinds of request that `strokewise draw` takes, and which options go together."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ..errors import SettingsError
from ..settings import AUTO, Settings, parse_count
from .options import parse_keep, parse_stages
from .report import report_drawing, report_fewest, tells_of_tone
from .terminal import Watch

if TYPE_CHECKING:
    from ..continuing import Notice
    from ..export.film.timelapse import Timelapse
    from ..optimize.candidates import Callback, Progress
    from ..photo.opening import Photo
    from ..recognition.recognizers import Recognizer
    from ..sketch import Sketch


@dataclasses.dataclass(frozen=True)
class FreshDrawing:
    """Draw with a given number of strokes.

    Attributes:
        settings: how, and how many strokes.
    """

    settings: Settings


@dataclasses.dataclass(frozen=True)
class FewestStrokes:
    """Draw with the fewest strokes that are still recognised.

    Attributes:
        settings: how; its number of strokes is not used.
    """

    settings: Settings


@dataclasses.dataclass(frozen=True)
class StagedDrawing:
    """Draw in stages.

    Attributes:
        settings: how; its number of strokes is not used.
        stages: how many strokes come in each stage.
    """

    settings: Settings
    stages: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class ContinuedDrawing:
    """Continue from a drawing.

    Attributes:
        settings: how; its number of strokes is not used.
        sketch: the drawing.
        keep: places of its strokes that stay as they are.
        add: how many strokes it gets.
    """

    settings: Settings
    sketch: Sketch
    keep: tuple[int, ...]
    add: int


DrawRequest: TypeAlias = FreshDrawing | FewestStrokes | StagedDrawing | ContinuedDrawing


def carry_out(
    request: DrawRequest,
    photo: Photo,
    judge: Recognizer | None,
    watching: Watch,
    recorder: Timelapse | None = None,
) -> Sketch:
    """Draw, and report the result.

    Args:
        request: what to draw.
        photo: the photo.
        judge: recogniser for the fewest strokes; None takes "auto". Other requests need none.
        watching: called with each step, and asked whether to stop.
        recorder: called with each step, too.

    Raises:
        StrokewiseError: as for `draw`.
    """

    def follow(progress: Progress) -> bool:
        if recorder is not None:
            recorder(progress)
        return watching.step(progress)

    notice = tells_of_tone(watching)
    if isinstance(request, FewestStrokes):
        from ..abstraction import fewest

        found = fewest(photo, request.settings, recognizer=judge or "auto", callback=follow, notice=notice)
        report_fewest(found, watching)
        return found.sketch
    drawing = _drawn(request, photo, follow, notice)
    report_drawing(drawing, watching)
    return drawing


def _drawn(
    request: FreshDrawing | StagedDrawing | ContinuedDrawing, photo: Photo, callback: Callback, notice: Notice
) -> Sketch:
    """The drawing of a request that needs no recogniser."""
    from .. import continuing, drawing

    settings = request.settings
    if isinstance(request, StagedDrawing):
        return continuing.draw_in_stages(photo, request.stages, settings, callback=callback, notice=notice)
    if isinstance(request, ContinuedDrawing):
        return continuing.carry_on(
            photo, request.sketch, settings, keep=request.keep, add=request.add, callback=callback, notice=notice
        )
    if settings.subject == "scene":
        from ..scenes import scene

        return scene(photo, settings, callback=callback, notice=notice)
    return drawing.draw(photo, settings, callback=callback, notice=notice)


def make_request(
    strokes: str | None,
    sketch: Path | None,
    keep: str | None,
    add: int | None,
    stage: str | None,
    settings: Settings,
    notice: Notice,
) -> DrawRequest:
    """The request behind the options of `strokewise draw`; None stands for one that was not given.

    Args:
        notice: called with one line for each kind of thing in the sketch's file that is left out.
        strokes, sketch, keep, add, stage, settings: the options.

    Raises:
        StrokewiseError: they do not go together, one cannot be read, or the sketch cannot.
    """
    count = settings.strokes if strokes is None else parse_count(strokes)
    if sketch is None:
        for option, given in (("--keep", keep), ("--add", add)):
            if given is not None:
                raise SettingsError(f"{option} is for continuing a sketch: name it with --from SKETCH.svg")
    if stage is not None:
        for option, beside in (("--from", sketch), ("--strokes", strokes)):
            if beside is not None:
                raise SettingsError(f"--stage and {option} do not go together: leave one of them out")
        _check_whole(settings, "--stage")
        return _staged(parse_stages(stage), settings)
    if sketch is not None:
        if count is None:
            raise SettingsError(f"--strokes {AUTO} is for a fresh drawing: with --from give a number, or none")
        if strokes is not None and add is not None:
            raise SettingsError("--add and --strokes do not go together: the one says how many come, the other the sum")
        _check_whole(settings, "--from")
        return _carried(sketch, keep, add, None if strokes is None else count, settings, notice)
    if count is None:
        if settings.draft:
            raise SettingsError("--strokes auto and --draft do not go together: give a number of strokes")
        return FewestStrokes(settings)
    return FreshDrawing(dataclasses.replace(settings, strokes=count))


def _check_whole(settings: Settings, option: str) -> None:
    """Refuse what makes whole new drawings only, beside an option that does not.

    Raises:
        SettingsError: that; it names both.
    """
    for other, given in (
        ("--one-line", settings.one_line),
        ("--schedule paper", settings.schedule == "paper"),
        ("--draft", settings.draft),
    ):
        if given:
            raise SettingsError(f"{other} and {option} do not go together: leave one of them out")


def _staged(stages: tuple[int, ...], settings: Settings) -> StagedDrawing:
    from ..continuing import check_settings, check_stages

    check_settings(settings)
    check_stages(stages)
    return StagedDrawing(settings, stages)


def _carried(
    path: Path, keep: str | None, add: int | None, count: int | None, settings: Settings, notice: Notice
) -> ContinuedDrawing:
    """The request to continue from a sketch; `count` is how many strokes there are to be in the end."""
    from ..continuing import check_add, check_settings, kept, missing
    from ..export import read_sketch

    check_settings(settings)
    sketch = read_sketch(path, notice)
    places = () if keep is None else parse_keep(keep, len(sketch))
    if count is not None:
        add = missing(sketch, count, path.name)
    check_add(kept(sketch, places), add or 0)
    return ContinuedDrawing(settings, sketch, places, add or 0)
