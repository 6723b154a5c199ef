"""A scene drawn faithfully, and made simpler step by step: its subjects merged and dropped, its place dropped."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable

import numpy as np
from scipy import ndimage

from .._arrays import Array, Flags
from ..bezier import evaluate, runs, split
from ..coarsening import Coarsening
from ..drawing import find_scorer, finish, refine
from ..optimize.candidates import Callback, Progress
from ..photo.frame import Frame
from ..photo.preparing import Prepared
from ..photo.scene_frames import FramedScene
from ..placement.candidates import place
from ..placement.lines import Line, pixels
from ..placement.scene_choice import along_drawn, choose_background
from ..placement.scene_constants import SCENE
from ..placement.scene_lines import scene_lines
from ..placement.scene_subject import SubjectTrace
from ..settings import Settings
from ..sketch import StrokeStyle
from .budget import Budget

FRONT, PLACE = (1.0, 0.75, 0.55, 0.4), (1.0, 0.55, 0.3, 0.15)
"""Share of the strokes of the subjects, and of the place, that are left at simplicity 1 to 4."""
WIDEST = 3.0
"""How much wider the pen may be in a subject's close-up than on the whole canvas: it shows how little room there is."""
DOWN_STEPS = 30
"""Most steps of optimisation of a subject that was made simpler."""


def simpler(budget: Budget, simplicity: int) -> Budget:
    """What is left of a budget at simplicity 1 to 4; at least one stroke."""
    front, place = FRONT[simplicity - 1], PLACE[simplicity - 1]
    subjects = tuple(max(1, round(front * count)) if count else 0 for count in budget.subjects)
    return Budget(subjects, max(0 if budget.subjects else 1, round(place * budget.place)))


@dataclasses.dataclass(frozen=True, eq=False)
class Level:
    """A faithful drawing of a scene at one simplicity.

    Attributes:
        subjects: the drawing of each subject that has strokes, in its own close-up.
        budget: strokes of each part.
        scene: what all levels share.
        place_counts: strokes of the place of the levels from the first to this one.
    """

    subjects: tuple[Coarsening, ...]
    budget: Budget
    scene: SceneDrawing
    place_counts: tuple[int, ...]

    def down(self, budget: Budget) -> Level:
        """The next level, in fewer strokes, made of this one."""
        counts = [count for count in budget.subjects if count]
        subjects = [
            one if count >= len(one.points) else dataclasses.replace(one, settings=_short(one.settings)).down(count)
            for one, count in zip(self.subjects, counts, strict=True)
        ]
        return Level(tuple(subjects), budget, self.scene, (*self.place_counts, budget.place))

    def points(self) -> tuple[Array, Flags, int]:
        """All strokes on the canvas of the whole, the subjects' first; which are features of faces; those in front."""
        own = [self.scene.on_whole(one.points, one.prepared.framed.frame) for one in self.subjects]
        faces = [np.arange(len(one.points)) < one.placed.fixed for one in self.subjects]
        place = self.scene.place(self.place_counts)
        count = sum(len(one) for one in own)
        every = np.concatenate([*own, place])
        fixed = np.concatenate([*faces, np.zeros(len(place), dtype=bool)])
        return every, fixed, count


class SceneDrawing:
    """What all levels of a scene share: its frames, its lines, who compares.

    Args:
        framed: the scene.
        prepared: the whole of it, and who compares.
        settings: how to draw; the stroke count is that of the whole drawing.
        callback: called after each step, with strokes on the canvas of the whole.
    """

    def __init__(
        self, framed: FramedScene, prepared: Prepared, settings: Settings, callback: Callback | None = None
    ) -> None:
        self.framed, self.prepared, self.settings = framed, prepared, settings
        self.callback = callback
        self._lines: list[Line] | None = None
        self._cut: dict[tuple[int, ...], Array] = {}

    @property
    def lines(self) -> list[Line]:
        """The lines of the place, none behind a subject; pixels of the square."""
        if self._lines is None:
            whole = self.framed.whole
            unit = len(whole.image) / 224
            inside = ndimage.distance_transform_edt(np.pad(whole.inside, 1))[1:-1, 1:-1] > SCENE.border_margin * unit
            free = ndimage.distance_transform_edt(self.framed.covered < 0.5) > SCENE.gap_before * unit
            self._lines = scene_lines(whole.image.astype(np.float64), inside & free)
        return self._lines

    def place(self, counts: tuple[int, ...]) -> Array:
        """The strokes of the place at one simplicity, float64 [any, 4, xy], canvas pixels, the most telling first.

        Args:
            counts: how many at each simplicity from 1 to that one; there may be fewer lines. Each is made of those of
                the one before: only along them, in longer strokes.
        """
        if counts not in self._cut:
            side, shape = len(self.framed.whole.image), self.framed.whole.inside.shape
            lines = self.lines
            if len(counts) > 1:
                before = self.place(counts[:-1]) * (side / self.settings.size)
                lines = along_drawn(lines, before, side / 224, shape)
            rng = np.random.default_rng(np.random.SeedSequence(self.settings.seed).spawn(3)[2])
            found = choose_background(lines, counts[-1], side / 224, shape, rng)
            self._cut[counts] = self.before_subjects(found * (self.settings.size / side))
        return self._cut[counts]

    def before_subjects(self, points: Array) -> Array:
        """Strokes of the place, the longest part of each that no subject covers; canvas pixels."""
        scale = len(self._covered) / self.settings.size
        return np.stack([_free_part(stroke, self._covered, scale) for stroke in points]) if len(points) else points

    @functools.cached_property
    def _covered(self) -> Flags:
        """bool [y, x]: where the subjects are, and a little around them."""
        gap = SCENE.gap_kept * len(self.framed.covered) / 224
        return np.asarray(ndimage.distance_transform_edt(self.framed.covered < 0.5) <= gap)

    def on_whole(self, points: Array, frame: Frame) -> Array:
        """Strokes of a close-up's canvas on the canvas of the whole."""
        whole, size = self.framed.whole.frame, self.settings.size
        in_photo = points * (frame.side / size) + np.array([frame.x0, frame.y0])
        return np.asarray((in_photo - np.array([whole.x0, whole.y0])) * (size / whole.side))

    def start(self, budget: Budget) -> Level:
        """The first level, drawn from the photo.

        Raises:
            StrokewiseError: as for `draw`.
        """
        drawn: list[Coarsening] = []
        counts = [(one, count) for one, count in zip(self.framed.subjects, budget.subjects, strict=True) if count]
        behind = self.place((budget.place,))
        for framed, count in counts:
            wider = min(WIDEST, self.framed.whole.frame.side / framed.frame.side)
            candidates = max(1, self.settings.candidates // len(counts))
            settings = dataclasses.replace(
                self.settings,
                strokes=count,
                subject="auto",
                candidates=candidates,
                width=min(20.0, self.settings.pen * wider),
            )
            close = self.prepared._replace(framed=framed)
            done = [self.on_whole(one.points, one.prepared.framed.frame) for one in drawn]
            follow = self._following(framed.frame, [*done, behind])
            scorer = find_scorer(close, settings)
            placed = place(close, settings, tracer=SubjectTrace)
            result = refine(placed, close, settings, follow)
            sketch = finish(result, close, settings, scorer)
            drawn.append(Coarsening(sketch, result.points, placed, (), settings, close, scorer, follow))
        return Level(tuple(drawn), budget, self, (budget.place,))

    def _following(self, frame: Frame, others: list[Array]) -> Callback | None:
        """The callback for a subject's own steps: with what else is drawn, on the canvas of the whole."""
        if self.callback is None:
            return None
        callback: Callable[[Progress], bool | None] = self.callback

        def follow(progress: Progress) -> bool | None:
            points = np.concatenate([self.on_whole(progress.points, frame), *others])
            style = StrokeStyle.pen(len(points), self.settings.canvas_width)
            return callback(dataclasses.replace(progress, points=points, style=style))

        return follow


def _free_part(stroke: Array, covered: Flags, scale: float) -> Array:
    """The longest part of a cubic [4, xy] outside an area; all of it where there is none.

    Args:
        stroke: in its own pixels.
        covered: bool [y, x], the area.
        scale: pixels of the area for one of the stroke's.
    """
    t = np.linspace(0, 1, 65)
    free = ~covered[pixels(evaluate(stroke, t) * scale, covered.shape)]
    parts = runs(free)
    if free.all() or not parts:
        return stroke
    longest = max(parts, key=lambda run: run.stop - run.start)
    first, last = float(t[longest.start]), float(t[longest.stop - 1])
    if last - first < 0.05:
        return stroke
    _, rest = split(stroke, first) if first > 0 else (stroke, stroke)
    return split(rest, (last - first) / (1 - first))[0] if last < 1 else rest


def _short(settings: Settings) -> Settings:
    return dataclasses.replace(settings, steps=min(settings.steps, DOWN_STEPS))
