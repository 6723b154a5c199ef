"""The way down from one drawing to coarser ones made of it."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable

import numpy as np

from .drawing import Placed, Prepared, find_judge, finish, place, refine, refine_together
from .errors import SettingsError, StrokewiseError
from .optimize import Schedule
from .race import Optimized, Progress
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

    def __init__(
        self, prepared: Prepared, settings: Settings, callback: Callable[[Progress], bool | None] | None = None
    ) -> None:
        if settings.one_line:
            raise SettingsError("one_line is for single drawings: one line is not made of another with more curves")
        self._prepared, self._settings, self._callback = prepared, settings, callback
        _, framed, encoder, _, device = prepared
        self._judge = find_judge(framed, encoder, settings, device)
        placed = place(framed, encoder, settings, device, prepared.photo.name)
        self._above: tuple[int, ...] = ()
        self.sketch = self._stand(refine(placed, framed, encoder, settings, device, callback), settings)

    def down(self, count: int) -> Sketch:
        """The drawing in fewer strokes.

        Raises:
            ValueError: it has fewer already, or `count` is less than 1.
        """
        if count > len(self._points):
            raise ValueError(f"the way leads down: {count} strokes are more than {len(self._points)}")
        settings = dataclasses.replace(self._settings, strokes=count)
        points = simplify(self._points, count, self._judge)
        placed = Placed(points[None], np.zeros((0, 4, 2)))
        # One candidate and nothing to exchange: strokes stay those of the drawing above.
        schedule = Schedule(settings.steps, views=getattr(self._prepared.encoder, "views", 0), race=(), exchange=())
        (result,) = refine_together(
            [placed],
            [self._prepared.framed],
            self._prepared.encoder,
            settings,
            self._prepared.device,
            self._callback,
            schedule,
        )
        if result is None:
            raise StrokewiseError("the loss is not finite; try another encoder or --device cpu")
        self.sketch = self._stand(result, settings)
        return self.sketch

    def fork(self) -> Descent:
        """Another way down from here."""
        return copy.copy(self)

    def _stand(self, result: Optimized, settings: Settings) -> Sketch:
        self._points = result.points
        sketch = finish(result, self._prepared, settings, self._judge)
        if self._above:
            sketch.metadata["rungs_above"] = list(self._above)
        self._above = (*self._above, settings.strokes)
        return sketch
