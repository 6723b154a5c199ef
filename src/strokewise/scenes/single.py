"""One scene as a drawing: `scene`, from faithful to loose and from rich to sparse."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._arrays import Array, Flags
from .._text import quote
from ..drawing import find_scorer, finish, refine, tell_of_tone, views_a_step
from ..errors import PhotoError, SettingsError
from ..optimize.candidates import Callback, Optimized
from ..optimize.loop import Schedule
from ..optimize.scorer import PhotoScorer
from ..photo.given_mask import with_mask
from ..photo.opening import Photo, PhotoSource, open_photo
from ..photo.preparing import Prepared, prepare
from ..photo.scene_frames import frame_scene
from ..photo.subject_models import prepare_subject_model
from ..placement.candidates import Placement
from ..placement.selection import fill_up
from ..settings import Settings, SettingsChanges, Unpack, whole, with_changes
from ..sketch import Sketch, StrokeStyle
from ..tone import with_tone
from .budget import Budget, check_split, divided, share_budget
from .fidelity import STEPS, held, loosened, weighed
from .levels import Level, SceneDrawing, simpler

MOST_STEPS = 20
"""Most steps of optimisation of the whole at one fidelity, after the subjects have been drawn."""


def scene(
    photo: PhotoSource | Photo,
    settings: Settings | None = None,
    *,
    fidelity: int = 1,
    simplicity: int = 1,
    split: Sequence[int] | None = None,
    mask: PhotoSource | None = None,
    callback: Callback | None = None,
    notice: Callable[[str], None] | None = None,
    **changes: Unpack[SettingsChanges],
) -> Sketch:
    """Draw a whole scene: its subjects, and the lines that make the place they are in, with strokes of their own.

        scene("house.jpg", strokes=64).save("house.svg")

    Args:
        photo: as for `draw`, but none that is prepared.
        settings: as for `draw`; 64 strokes unless they or `changes` say otherwise. `strokes` is the number at
            simplicity 1.
        fidelity: 1 keeps each line where it is seen, 4 is a loose sketch of the same thing; each is made of the one
            before.
        simplicity: 1 has all strokes, 2 to 4 about 60, 37 and 23 % of them; each is made of the one before.
        split: strokes of the subjects and of the background, such as (40, 24), instead of finding out; `strokes` is
            then not used.
        mask: what the subjects are, as for `draw`.
        callback: as for `draw`; the strokes are those of all that is drawn so far.
        notice: as for `draw`.

    Returns:
        the sketch, in the photo's own pixels, the most important strokes first. Its metadata has what `draw` puts
        there, and under "scene" fidelity, simplicity, the strokes in front and of the place.

    Raises:
        SettingsError: a number out of its range, or a setting that scenes do not have.
        StrokewiseError: as for `draw`.
    """
    settings = scene_settings(settings, changes)
    fidelity, simplicity = check_level("fidelity", fidelity), check_level("simplicity", simplicity)
    drawing, budget = open_scene(photo, settings, split, mask, callback, notice)
    level = drawing.start(budget)
    for step in range(2, simplicity + 1):
        level = level.down(simpler(budget, step))
    cell = faithful(level)
    for step in range(2, fidelity + 1):
        cell = looser(cell, step)
    sketch = to_scene_sketch(cell, simplicity)
    tell_of_tone(sketch, settings, notice)
    return sketch


def scene_settings(settings: Settings | None, changes: SettingsChanges | dict[str, Any]) -> Settings:
    """Settings of a scene: 64 strokes unless told.

    Raises:
        SettingsError: one is of another kind of drawing.
    """
    found = with_changes(settings or Settings(strokes=64), changes)
    for name, given in (
        ("one_line", found.one_line),
        ("draft", found.draft),
        ("optimize", found.optimize),
        ("schedule", found.schedule if found.schedule != "swift" else ""),
        ("placement", found.placement if found.placement != "contour" else ""),
    ):
        if given:
            raise SettingsError("does not go with scenes: leave it out", setting=name, value=given)
    if found.subject == "keep":
        raise SettingsError(
            "does not go with scenes, which draw subjects and background", setting="subject", value="keep"
        )
    return dataclasses.replace(found, subject="scene")


def check_level(name: str, value: object) -> int:
    """A fidelity or simplicity.

    Raises:
        SettingsError: it is no whole number from 1 to 4.
    """
    number = whole(value)
    if number is None or not 1 <= number <= 4:
        raise SettingsError(f"must be a whole number from 1 to 4, not {quote(value)}", setting=name, value=value)
    return number


def open_scene(
    photo: PhotoSource | Photo,
    settings: Settings,
    split: Sequence[int] | None = None,
    mask: PhotoSource | None = None,
    callback: Callback | None = None,
    notice: Callable[[str], None] | None = None,
) -> tuple[SceneDrawing, Budget]:
    """Open and frame a scene, load the encoder, and share out the strokes; arguments as for `scene`.

    Raises:
        SettingsError: a split of no two numbers; a photo that is prepared already.
        PhotoError: there is no line at all.
    """
    if isinstance(photo, Prepared):
        raise SettingsError("give scene the photo itself, not one that is prepared", setting="photo")
    asked = None if split is None else check_split(split)
    say = notice or (lambda text: None)
    auto = dataclasses.replace(settings, subject="auto")
    opened = photo if isinstance(photo, Photo) else open_photo(photo)
    if mask is not None:
        opened = with_mask(opened, mask)
    prepare_subject_model(settings.subject_model, notice)
    framed = frame_scene(opened, auto)
    prepared = prepare(opened, dataclasses.replace(settings, subject="keep"), _without_framing(say))
    prepared = prepared._replace(framed=framed.whole)
    say(framed.whole.subject)
    if asked is not None:
        settings = dataclasses.replace(settings, strokes=sum(asked))
        budget = divided(*asked, framed, asked=True) if framed.subjects else Budget((), sum(asked))
    else:
        budget = share_budget(settings.strokes, framed, prepared)
    drawing = SceneDrawing(framed, prepared, settings, callback)
    return drawing, _offered(drawing, budget, opened.name, asked is not None)


def _offered(drawing: SceneDrawing, budget: Budget, name: str, asked: bool) -> Budget:
    """The budget, where the place has fewer lines than that: the subjects get what is left."""
    found = len(drawing.place((budget.place,))) if budget.place else 0
    if not found and not sum(budget.subjects):
        raise PhotoError(f"{name} has no line worth drawing")
    spare = budget.place - found
    if asked or not spare or not sum(budget.subjects):
        return budget
    front = divided(sum(budget.subjects) + spare, found, drawing.framed, asked=True)
    return front


def _without_framing(say: Callable[[str], None]) -> Callable[[str], None]:
    """Remarks but the one about the background, which is another in a scene."""
    return lambda text: None if text.startswith("background ") else say(text)


@dataclasses.dataclass(frozen=True, eq=False)
class Cell:
    """A drawing of a scene at one simplicity and one fidelity.

    Attributes:
        level: the simplicity's faithful drawing.
        fidelity: 1 to 4.
        points: its strokes, float64 [stroke, 4, xy], canvas pixels, the subjects' first.
        fixed: bool [stroke], features of faces.
        front: how many strokes are the subjects'.
        result: losses, steps.
    """

    level: Level
    fidelity: int
    points: Array
    fixed: Flags
    front: int
    result: Optimized


def faithful(level: Level) -> Cell:
    """The drawing of fidelity 1: as the subjects were drawn, and the lines of the place as they are seen."""
    points, fixed, front = level.points()
    points, fixed, front = _complete(points, fixed, front, level)
    # Straight lines stay straight, and subjects as they were drawn in their close-ups: only curves of the place move.
    place = np.arange(len(points)) >= front
    locked = ~place | _straight(points)
    return _refined(Cell(level, 1, points, fixed, front, _unmoved(points)), points, locked)


def looser(cell: Cell, fidelity: int) -> Cell:
    """The next fidelity, made of the one before."""
    step = STEPS[fidelity - 1]
    level = cell.level
    seeds = np.random.SeedSequence(level.scene.settings.seed).spawn(3 + fidelity)
    rng = np.random.default_rng(seeds[-1])
    points = loosened(cell.points, step, cell.fixed, level.scene.settings.size, rng)
    return _refined(dataclasses.replace(cell, fidelity=fidelity), points, cell.fixed)


def _complete(points: Array, fixed: Flags, front: int, level: Level) -> tuple[Array, Flags, int]:
    """All strokes that were asked for, as `Level.points`: where there are too few lines, the longest are cut."""
    wanted = sum(level.budget.subjects) + level.budget.place
    if len(points) >= wanted:
        return points, fixed, front
    kept = points[:front]
    if len(points) == front:  # no line of the place at all: the subjects' own are cut, but no features
        kept, front = points[fixed], wanted
    others = fill_up(points[len(kept) :] if front < wanted else points[~fixed], wanted - len(kept))
    flags = np.zeros(wanted, dtype=bool)
    flags[: len(kept)] = fixed[: len(kept)] if front < wanted else True
    return np.concatenate([kept, others]), flags, front


def _straight(points: Array) -> Flags:
    """bool [stroke]: those that are exactly straight."""
    thirds = points[:, :1] + (points[:, 3:] - points[:, :1]) * np.array([1 / 3, 2 / 3])[:, None]
    return np.asarray(np.abs(points[:, 1:3] - thirds).max((1, 2)) < 1e-6)


def _refined(cell: Cell, points: Array, locked: Flags) -> Cell:
    """Strokes moved by what the encoder says of the whole, no further than the fidelity lets them."""
    scene_, step = cell.level.scene, STEPS[cell.fidelity - 1]
    settings = dataclasses.replace(scene_.settings, strokes=len(points))
    settings = dataclasses.replace(settings, steps=min(settings.steps, MOST_STEPS))
    if locked.all() or not settings.steps:
        points = _behind_nothing(points, cell)
        return dataclasses.replace(cell, points=points, result=_unmoved(points, cell.result))
    prepared = scene_.prepared
    if cell.fidelity > 1:
        prepared = prepared._replace(encoder=weighed(prepared.encoder, step))
    views = views_a_step(prepared.encoder, settings)
    schedule = Schedule(settings.steps, stiffness=step.stiffness, views=views, race=(), exchange=())
    placed = Placement(points[None], np.zeros((0, 4, 2)), locked=locked)
    result = refine(placed, prepared, settings, scene_.callback, schedule)
    moved = _behind_nothing(held(result.points, points, step.leave * settings.size / 224), cell)
    return dataclasses.replace(cell, points=moved, result=dataclasses.replace(result, points=moved))


def _behind_nothing(points: Array, cell: Cell) -> Array:
    """All strokes, those of the place cut where they lead behind a subject."""
    return np.concatenate([points[: cell.front], cell.level.scene.before_subjects(points[cell.front :])])


def _unmoved(points: Array, before: Optimized | None = None) -> Optimized:
    style = StrokeStyle.pen(len(points), 1.0)
    if before is not None:
        return dataclasses.replace(before, points=points)
    return Optimized(points, 0, {}, {}, [], steps=0, stopped="steps", style=style)


def to_scene_sketch(cell: Cell, simplicity: int, scorer: PhotoScorer | None = None) -> Sketch:
    """The cell as a sketch in the photo's own pixels, with what is known of it.

    Args:
        cell: the drawing.
        simplicity: of it.
        scorer: of the whole photo, where there is one already.
    """
    scene_ = cell.level.scene
    settings = scene_.settings
    scorer = scorer or find_scorer(scene_.prepared, settings)
    terms = scorer.engine.values(cell.points[None], None, [scorer.photo])
    losses = {name: float(part[0]) for name, part in zip(terms._fields, terms, strict=True)}
    style = StrokeStyle.pen(len(cell.points), settings.canvas_width)
    placement = losses if not cell.result.placement_losses else cell.result.placement_losses
    result = dataclasses.replace(
        cell.result, points=cell.points, style=style, losses=losses, placement_losses=placement
    )
    sketch = with_tone(finish(result, scene_.prepared, settings, scorer), scene_.prepared.framed, settings)
    about = {
        "fidelity": cell.fidelity,
        "simplicity": simplicity,
        "split": [cell.front, len(cell.points) - cell.front],
        "subjects": [len(one.points) for one in cell.level.subjects],
    }
    return dataclasses.replace(sketch, metadata={**sketch.metadata, "scene": about})
