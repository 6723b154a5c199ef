"""What `strokewise draw` is to do, of options that go together or do not."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import SettingsError
from ..settings import AUTO, Settings, parse_count
from .options import parse_keep, parse_stages
from .report import tell_drawing, tell_fewest
from .terminal import Watch

if TYPE_CHECKING:
    from ..export.film.timelapse import Timelapse
    from ..optimize.candidates import Progress
    from ..photo.opening import Photo
    from ..recognition.recognizers import Recognizer
    from ..sketch import Sketch


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to draw.

    Attributes:
        settings: how, and how many strokes of a fresh drawing.
        fewest: draw the fewest strokes that are still recognised.
        stages: stroke counts of the stages of a drawing in stages; none otherwise.
        sketch: the drawing that is carried on; none otherwise.
        keep: places of its strokes that stay as they are.
        add: how many strokes it gets.
    """

    settings: Settings
    fewest: bool = False
    stages: tuple[int, ...] = ()
    sketch: Sketch | None = None
    keep: tuple[int, ...] = ()
    add: int = 0

    def carry_out(
        self, photo: Photo, judge: Recognizer | None, watching: Watch, recorder: Timelapse | None = None
    ) -> Sketch:
        """Draw, and tell how it came out.

        Args:
            photo: what to draw.
            judge: who says what is recognised, where the fewest strokes are asked for.
            watching: told of each step, and asked whether to stop.
            recorder: told of each step, too.

        Raises:
            StrokewiseError: as for `draw`.
        """

        def told(step: Progress) -> bool:
            if recorder is not None:
                recorder(step)
            return watching.step(step)

        if judge is not None:
            from ..abstraction import fewest

            found = fewest(photo, self.settings, recognizer=judge, callback=told, notice=watching.notice)
            tell_fewest(found, watching)
            return found.sketch
        if self.sketch is not None or self.stages:
            from .. import continuing as carry

            if self.sketch is not None:
                drawing = carry.carry_on(
                    photo,
                    self.sketch,
                    self.settings,
                    keep=self.keep,
                    add=self.add,
                    callback=told,
                    notice=watching.notice,
                )
            else:
                drawing = carry.draw_in_stages(photo, self.stages, self.settings, callback=told, notice=watching.notice)
        else:
            from ..drawing import draw

            drawing = draw(photo, self.settings, callback=told, notice=watching.notice)
        tell_drawing(drawing, watching)
        return drawing


def make_plan(
    strokes: str | None, sketch: Path | None, keep: str | None, add: int | None, stage: str | None, settings: Settings
) -> Plan:
    """The plan behind the options of `strokewise draw`; None stands for one that was not given.

    Raises:
        StrokewiseError: they do not go together, one cannot be read, or the sketch cannot.
    """
    count = settings.strokes if strokes is None else parse_count(strokes)
    if sketch is None:
        for option, given in (("--keep", keep), ("--add", add)):
            if given is not None:
                raise SettingsError(f"{option} is for a sketch that is carried on: name it with --from SKETCH.svg")
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
        return _carried(sketch, keep, add, None if strokes is None else count, settings)
    if count is None:
        return Plan(settings, fewest=True)
    return Plan(dataclasses.replace(settings, strokes=count))


def _check_whole(settings: Settings, option: str) -> None:
    """Refuse what makes whole new drawings only, beside an option that does not.

    Raises:
        SettingsError: that; it names both.
    """
    for other, given in (("--one-line", settings.one_line), ("--schedule paper", settings.schedule == "paper")):
        if given:
            raise SettingsError(f"{other} and {option} do not go together: leave one of them out")


def _staged(stages: tuple[int, ...], settings: Settings) -> Plan:
    from ..continuing import check_settings, check_stages

    check_settings(settings)
    check_stages(stages)
    return Plan(settings, stages=stages)


def _carried(path: Path, keep: str | None, add: int | None, count: int | None, settings: Settings) -> Plan:
    """The plan of a sketch that is carried on; `count` is how many strokes there are to be in the end."""
    from ..continuing import check_add, check_settings, kept, missing
    from ..export import read_sketch

    check_settings(settings)
    sketch = read_sketch(path)
    places = () if keep is None else parse_keep(keep, len(sketch))
    if count is not None:
        add = missing(sketch, count, path.name)
    check_add(kept(sketch, places), add or 0)
    return Plan(settings, sketch=sketch, keep=places, add=add or 0)
