"""The way down from one drawing to coarser ones made of it."""

from __future__ import annotations

import copy
import dataclasses

import numpy as np

from .drawing import find_critic, finish, refine
from .errors import SettingsError
from .first_strokes import Placed, place
from .optimize import Schedule
from .preparing import Prepared
from .race import Callback, Optimized
from .settings import Settings
from .simplify import simplify
from .sketch import Sketch


class Descent:
    """The way down: a drawing that is made coarser, rung by rung.

    Args:
        prepared: the photo.
        settings: of the first drawing, stroke count included.
        callback: told of each step.

    Raises:
        SettingsError: it is to be one line, which is not made of a finer one.
        StrokewiseError: as for `draw`.

    Attributes:
        sketch: the drawing as it stands; its metadata names the stroke counts of those it was made of.
    """

    def __init__(self, prepared: Prepared, settings: Settings, callback: Callback | None = None) -> None:
        if settings.one_line:
            raise SettingsError("one_line is for single drawings: one line is not made of another with more curves")
        self._prepared, self._settings, self._callback = prepared, settings, callback
        self._critic = find_critic(prepared, settings)
        placed = place(prepared, settings)
        self._above: tuple[int, ...] = ()
        self.sketch = self._finished(refine(placed, prepared, settings, callback), settings)

    def down(self, count: int) -> Sketch:
        """The drawing in fewer strokes.

        Raises:
            ValueError: it has fewer already, or `count` is less than 1.
            StrokewiseError: the encoder makes no number of what is left.
        """
        if count > len(self._points):
            raise ValueError(f"the way leads down: {count} strokes are more than {len(self._points)}")
        settings = dataclasses.replace(self._settings, strokes=count)
        points = simplify(self._points, count, self._critic)
        placed = Placed(points[None], np.zeros((0, 4, 2)))
        # One candidate and nothing to exchange: strokes stay those of the drawing above.
        schedule = Schedule(settings.steps, views=getattr(self._prepared.encoder, "views", 0), race=(), exchange=())
        self.sketch = self._finished(refine(placed, self._prepared, settings, self._callback, schedule), settings)
        return self.sketch

    def fork(self) -> Descent:
        """Another way down from here."""
        return copy.copy(self)

    def _finished(self, result: Optimized, settings: Settings) -> Sketch:
        self._points = result.points
        sketch = finish(result, self._prepared, settings, self._critic)
        if self._above:
            sketch.metadata["rungs_above"] = list(self._above)
        self._above = (*self._above, settings.strokes)
        return sketch
