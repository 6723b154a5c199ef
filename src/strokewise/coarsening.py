"""A drawing made coarser step by step: each level of the one before, not of the photo again."""

from __future__ import annotations

import dataclasses

import numpy as np

from ._arrays import Array
from .drawing import find_price, find_scorer, finish, refine, views_a_step
from .errors import SettingsError
from .optimize.candidates import Callback
from .optimize.loop import Schedule
from .optimize.scorer import PhotoScorer
from .optimize.simplify import simplify
from .photo.preparing import Prepared
from .placement.candidates import Placement, place
from .placement.selection import fill_up
from .settings import Settings
from .sketch import Sketch


@dataclasses.dataclass(frozen=True, eq=False)
class Coarsening:
    """One level of a drawing that is made coarser step by step.

    Attributes:
        sketch: the drawing; its metadata names the stroke counts of the levels above it.
        points: its strokes on the working canvas, float64 [stroke, point, xy], pixels; locked ones first.
        placed: where its optimisation began.
        above: stroke counts of the levels above, most strokes first.
        settings: of this drawing, stroke count included.
        prepared: the photo.
        scorer: scores drawings of that photo.
        callback: called after each step of the optimisation.
    """

    sketch: Sketch
    points: Array
    placed: Placement
    above: tuple[int, ...]
    settings: Settings
    prepared: Prepared
    scorer: PhotoScorer
    callback: Callback | None = None

    @classmethod
    def start(cls, prepared: Prepared, settings: Settings, callback: Callback | None = None) -> Coarsening:
        """The first level, drawn from the photo.

        Args:
            prepared: the photo.
            settings: of the drawing, stroke count included.
            callback: called after each step of the optimisation of each level.

        Raises:
            SettingsError: the settings ask for one line, which cannot be made of a finer one.
            StrokewiseError: as for `draw`.
        """
        if settings.one_line:
            problem = "is for single drawings: one line is not made of another with more curves"
            raise SettingsError(problem, setting="one_line", value=True)
        scorer = find_scorer(prepared, settings)
        placed = place(prepared, settings)
        result = refine(placed, prepared, settings, callback)
        sketch = finish(result, prepared, settings, scorer)
        return cls(sketch, result.points, placed, (), settings, prepared, scorer, callback)

    def down(self, count: int) -> Coarsening:
        """The next level, in fewer strokes; this one stays as it is.

        Raises:
            ValueError: it has fewer strokes already, or `count` is less than 1.
            StrokewiseError: the encoder gives no finite loss for the coarser drawing.
        """
        if count > len(self.points):
            raise ValueError(f"the next level must have fewer strokes: {count} are more than {len(self.points)}")
        settings = dataclasses.replace(self.settings, strokes=count)
        # A face is drawn anew in its share of the strokes; all else is made of the level above.
        features = self._features(count)
        others = fill_up(self.points[self.placed.fixed :], count - len(features))
        scorer = dataclasses.replace(self.scorer, price=find_price(self.placed, self.prepared, settings))
        points = simplify(np.concatenate([features, others]), count, scorer, fixed=len(features))
        # One candidate and no exchange: the strokes remain those of the level above.
        views = views_a_step(self.prepared.encoder, settings)
        schedule = Schedule(settings.steps, views=views, race=(), exchange=())
        locked = np.arange(len(points)) < len(features)
        placed = Placement(points[None], np.zeros((0, 4, 2)), locked=locked, trace=self.placed.trace)
        result = refine(placed, self.prepared, settings, self.callback, schedule)
        sketch = finish(result, self.prepared, settings, self.scorer)
        above = (*self.above, self.settings.strokes)
        sketch = dataclasses.replace(sketch, metadata={**sketch.metadata, "rungs_above": list(above)})
        return dataclasses.replace(
            self, sketch=sketch, points=result.points, placed=placed, above=above, settings=settings
        )

    def _features(self, count: int) -> Array:
        """What comes first, and stays, in a drawing of so many strokes: float64 [any, 4, xy], canvas pixels."""
        if self.placed.trace is None:
            return np.zeros((0, 4, 2))
        return self.placed.trace.fixed_strokes(count)[0] * (self.settings.size / self.prepared.framed.frame.size)
