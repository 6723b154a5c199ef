"""Levels of abstraction: the same subject in fewer and fewer strokes, and the fewest that still read."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._text import plural, quote
from .drawing import draw_prepared, find_scorer, finish, refine
from .errors import SettingsError
from .export.files import check_writable
from .export.sheet import Sheet
from .optimize.candidates import Callback, Optimized, Progress
from .optimize.loop import Schedule
from .optimize.simplify import simplify
from .photo.frame import Frame
from .photo.opening import Photo, PhotoSource
from .photo.preparing import Prepared, prepare
from .placement.candidates import Placement, place
from .recognition.inputs import picture_array, sketch_picture
from .recognition.recognizers import Recognizer, check_labels, label_key, labels_of, load_recognizer
from .settings import Settings, with_changes
from .sketch import Sketch

COUNTS = (32, 16, 8, 4)
RUNGS = (256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)
"""Where `fewest` looks first on its way down; between the last that reads and the next it then goes one by one."""
PATIENCE = 2
"""So many rungs in a row that do not read end the search, once one above them did."""


@dataclasses.dataclass(frozen=True, eq=False)
class Ladder:
    """One subject in fewer and fewer strokes.

    Attributes:
        photo: what was drawn.
        square: the part of it that the strokes were placed on, float32 [y, x, rgb].
        frame: where that square lies in the photo.
        rungs: the drawings, most strokes first, in the photo's own pixels.
    """

    photo: Photo
    square: NDArray[np.float32]
    frame: Frame
    rungs: tuple[Sketch, ...]

    def __repr__(self) -> str:
        counts = ", ".join(str(rung.curves) for rung in self.rungs)
        return f"<Ladder {self.photo.name}, {counts} strokes>"

    def sheet(self) -> Sheet:
        """Photo and drawings in a row."""
        framed = [self.frame.shown(rung) for rung in self.rungs]
        captions = [plural(rung.curves, "stroke") for rung in framed]
        return Sheet(Path(self.photo.name).stem, self.square, tuple(zip(captions, framed, strict=True)))

    def save(self, folder: str | Path, *, force: bool = False) -> list[Path]:
        """Write each drawing and the contact sheet into a folder, which is made if need be.

        Returns:
            the paths: STEM-32.svg and so on, STEM-ladder.svg, STEM-ladder.png.

        Raises:
            OutputError: a file is there and `force` is not set, or it cannot be written.
        """
        folder = Path(folder)
        paths = ladder_paths(folder, self.photo.name, [rung.curves for rung in self.rungs])
        if not folder.exists() and folder.parent.is_dir():
            folder.mkdir(exist_ok=True)
        for path in paths:
            check_writable(path, force)
        sheet = self.sheet()
        for path, rung in zip(paths, self.rungs, strict=False):
            rung.save(path, force=force)
        sheet.save(paths[-2], force=force)
        sheet.save(paths[-1], force=force)
        return paths


def ladder_paths(folder: str | Path, name: str, counts: Sequence[int]) -> list[Path]:
    """The files that `Ladder.save` writes for a photo of that name: drawings, then the contact sheet twice."""
    stem = Path(name).stem or "drawing"
    ends = [*(f"{count}.svg" for count in counts), "ladder.svg", "ladder.png"]
    return [Path(folder) / f"{stem}-{end}" for end in ends]


def ladder(
    photo: PhotoSource | Photo | Prepared,
    counts: Sequence[int] = COUNTS,
    settings: Settings | None = None,
    *,
    independent: bool = False,
    callback: Callback | None = None,
    notice: Callable[[str], None] | None = None,
    **changes: Any,
) -> Ladder:
    """Draw a photo in several stroke counts, each drawing made of the one before.

    The first is drawn from the photo. For each next one strokes are merged and dropped by what the encoder says they
    contribute, and what is left is optimised again: the series reads as one hand abstracting.

        ladder("horse.png").save("horse-ladder")

    Args:
        photo: as for `draw`.
        counts: stroke counts, any order; each drawn once, most strokes first.
        settings: as for `draw`; its stroke count is not used. Single fields can be given by name.
        independent: draw each from scratch instead, as those of one line always are.
        callback: called after each step of each drawing; returning True ends the optimisation of that one.
        notice: told one-line remarks.

    Raises:
        SettingsError: no counts, or one that is no count.
        StrokewiseError: as for `draw`.
    """
    settings = with_changes(settings or Settings(), changes)
    if isinstance(counts, str) or not isinstance(counts, Iterable):
        raise SettingsError(f"counts must be a list of numbers of strokes, such as (32, 16, 8, 4), not {quote(counts)}")
    each = [dataclasses.replace(settings, strokes=n) for n in sorted(set(counts), reverse=True)]
    if not each:
        raise SettingsError("counts must name at least one number of strokes, such as (32, 16, 8, 4)")
    prepared = prepare(photo, each[0], notice)
    if independent or settings.one_line:
        rungs = [draw_prepared(prepared, one, callback) for one in each]
    else:
        way = Coarsening(prepared, each[0], callback)
        rungs = [way.sketch, *(way.down(one.strokes) for one in each[1:])]
    return Ladder(prepared.photo, prepared.framed.photo, prepared.framed.frame, tuple(rungs))


@dataclasses.dataclass(frozen=True, eq=False)
class Fewest:
    """The fewest strokes that still read.

    Attributes:
        sketch: the drawing; where none was recognised, the one that came nearest to it.
        label: what it is to be recognised as.
        confidence: the share of `of_photo` that was asked for.
        curve: stroke count and probability of the label, of every drawing looked at, most strokes first.
        reached: whether the sketch reads: the label is its likeliest, with that share at least.
        recognizer: who judged.
        of_photo: the probability of the label that the photo itself gets.
    """

    sketch: Sketch
    label: str
    confidence: float
    curve: tuple[tuple[int, float], ...]
    reached: bool
    recognizer: str
    of_photo: float

    def __repr__(self) -> str:
        how = "reached" if self.reached else "not reached"
        return f"<Fewest {plural(len(self.sketch), 'stroke')} for {self.label}, {how}>"


def fewest(
    photo: PhotoSource | Photo | Prepared,
    settings: Settings | None = None,
    *,
    label: str | None = None,
    labels: Sequence[str] | None = None,
    confidence: float = 0.8,
    most: int = 32,
    recognizer: str | Recognizer = "auto",
    callback: Callback | None = None,
    notice: Callable[[str], None] | None = None,
    **changes: Any,
) -> Fewest:
    """The drawing with the fewest strokes that is still recognised as what the photo shows.

    A drawing reads if nothing is likelier than the label, and the label is nearly as likely as it is of the photo: no
    drawing can be expected to say more than the photo does. Goes down a ladder of `RUNGS`, then one stroke at a time
    from the last rung that read.

        found = fewest("flamingo.png", label="flamingo")
        found.sketch.save("flamingo.svg")

    Args:
        photo: as for `draw`.
        settings: as for `draw`; its stroke count is not used. Single fields can be given by name.
        label: what it shows; None takes what the recogniser says of the photo.
        labels: among which it must be recognised; None takes all that the recogniser knows.
        confidence: how sure the recogniser must be of a drawing, as a share of how sure it is of the photo, over 0, at
            most 1: 0.5 forgives much, 0.95 asks for as much as the photo says.
        most: strokes of the first drawing, 1 to 256.
        recognizer: who judges: a name, or one at hand; "auto" takes another model than the one that compares drawing
            and photo, where there is one, and without labels one that knows classes.
        callback: called after each step of each drawing; returning True ends the search with what was found.
        notice: told one-line remarks.

    Raises:
        SettingsError: a number out of its range.
        StrokewiseError: as for `draw`; the recogniser does not know the label.
    """
    settings = dataclasses.replace(with_changes(settings or Settings(), changes), strokes=most)
    if settings.one_line:
        raise SettingsError("one_line does not go with the fewest strokes: it is one stroke of as many curves as asked")
    if isinstance(confidence, bool) or not 0 < confidence <= 1:
        raise SettingsError(f"confidence must be a number over 0, at most 1, not {confidence!r}")
    say = notice or (lambda text: None)
    prepared = prepare(photo, settings, notice)
    judge = recognizer
    if isinstance(judge, str):
        judge = load_recognizer(judge, drawn_with=prepared.encoder_name, listed=labels is None)
    label, known, of_photo = _label(prepared, judge, label, labels)
    say(f"looking for the fewest strokes that {judge.name} takes for {label}; of the photo it is {of_photo:.0%} sure")
    if of_photo < 0.5:
        say("that is a guess: a label, and labels to choose among, say what it shows")
    stopped = False

    def watch(told: Progress) -> bool:
        nonlocal stopped
        stopped = stopped or bool(callback is not None and callback(told))
        return stopped

    found: dict[int, tuple[float, Sketch]] = {}
    passed: list[int] = []

    def reads(sketch: Sketch) -> bool:
        """Whether a drawing is recognised; what the recogniser says of it is noted."""
        each = judge.probabilities(sketch_picture(sketch)[None], known)[0]
        sure = float(each[known.index(label)])
        found[len(sketch)] = (sure, sketch)
        if sure < max(confidence * of_photo, float(each.max())):
            return False
        passed.append(len(sketch))
        return True

    way = Coarsening(prepared, settings, watch)
    below: Coarsening | None = None  # a way that waits at the last rung that read
    unread = 0
    for count in (most, *(rung for rung in RUNGS if rung < most)):
        if count < most:
            way.down(count)
        if reads(way.sketch):
            below, unread = way.fork(), 0
        else:
            unread += 1
        if stopped or (below is not None and unread >= PATIENCE):
            break
    while below is not None and not stopped:
        count = len(below.sketch) - 1
        if count < 1 or count in found:  # down to the rung that does not read
            break
        if not reads(below.down(count)):
            break
    curve = tuple((count, found[count][0]) for count in sorted(found, reverse=True))
    best = min(passed) if passed else max(curve, key=lambda point: point[1])[0]
    return Fewest(found[best][1], label, confidence, curve, bool(passed), judge.name, of_photo)


def _label(
    prepared: Prepared, judge: Recognizer, label: str | None, labels: Sequence[str] | None
) -> tuple[str, tuple[str, ...], float]:
    """What the photo shows, all that it could be taken for, and how sure the recogniser is of the photo.

    Raises:
        StrokewiseError: the recogniser knows no list of its own, or not that label.
    """
    known = labels_of(judge, labels)
    if label is not None:
        (given,) = check_labels(judge, [label])
        label = next((one for one in known if label_key(one) == label_key(given)), given)
        known = known if label in known else (*known, label)
    sure = judge.probabilities(picture_array(prepared.framed.image)[None], known)[0]
    at = int(sure.argmax()) if label is None else known.index(label)
    return known[at], known, float(sure[at])


class Coarsening:
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
        self._critic = find_scorer(prepared, settings)
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
        placed = Placement(points[None], np.zeros((0, 4, 2)))
        # One candidate and nothing to exchange: strokes stay those of the drawing above.
        schedule = Schedule(settings.steps, views=getattr(self._prepared.encoder, "views", 0), race=(), exchange=())
        self.sketch = self._finished(refine(placed, self._prepared, settings, self._callback, schedule), settings)
        return self.sketch

    def fork(self) -> Coarsening:
        """Another way down from here."""
        return copy.copy(self)

    def _finished(self, result: Optimized, settings: Settings) -> Sketch:
        self._points = result.points
        sketch = finish(result, self._prepared, settings, self._critic)
        if self._above:
            sketch.metadata["rungs_above"] = list(self._above)
        self._above = (*self._above, settings.strokes)
        return sketch
