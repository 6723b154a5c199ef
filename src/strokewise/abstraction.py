"""Levels of abstraction: one subject in fewer and fewer strokes, and the fewest that are still recognised."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ._text import is_number, plural, quote
from .coarsening import Coarsening
from .continuing import LastingStop, Notice
from .drawing import draw_prepared, tell_of_tone
from .errors import SettingsError
from .export.files import check_writable
from .export.sheet import Sheet
from .optimize.candidates import Callback
from .photo.frame import Frame
from .photo.opening import Photo, PhotoInfo, PhotoSource
from .photo.preparing import Prepared, prepare
from .recognition.inputs import picture_array, sketch_picture
from .recognition.recognizers import Recognizer, check_labels, label_key, labels_of, load_recognizer
from .settings import Settings, SettingsChanges, Unpack, with_changes
from .sketch import Sketch
from .tone import with_tone

COUNTS = (32, 16, 8, 4)
RUNGS = (256, 192, 128, 96, 64, 48, 32, 24, 16, 12, 8, 6, 4, 3, 2, 1)
"""Stroke counts that `fewest` tries first; below the last one that is recognised it then goes down one by one."""
PATIENCE = 2
"""The search ends after this many counts in a row that are not recognised, once a higher count was."""
GUESS = 0.5
"""Confidence in the photo itself below which its label counts as a guess."""


@dataclasses.dataclass(frozen=True, eq=False)
class Ladder:
    """One subject in fewer and fewer strokes.

    Attributes:
        photo: name and size of the photo.
        square: the part of it that the strokes were placed on, float32 [y, x, rgb] in [0, 1].
        frame: where that square lies in the photo.
        rungs: the drawings, most strokes first, in the photo's own pixels.
    """

    photo: PhotoInfo
    square: NDArray[np.float32]
    frame: Frame
    rungs: tuple[Sketch, ...]

    def __repr__(self) -> str:
        counts = ", ".join(str(rung.curves) for rung in self.rungs)
        return f"<Ladder {self.photo.name}, {counts} strokes>"

    def sheet(self) -> Sheet:
        """A contact sheet: photo and drawings in a row."""
        framed = [self.frame.shown(rung) for rung in self.rungs]
        captions = [plural(rung.curves, "stroke") for rung in framed]
        return Sheet(Path(self.photo.name).stem, self.square, tuple(zip(captions, framed, strict=True)))

    def save(self, folder: str | Path, *, force: bool = False) -> list[Path]:
        """Write each drawing and the contact sheet into a folder, which is created if needed.

        Returns:
            the paths: STEM-32.svg and so on, STEM-ladder.svg, STEM-ladder.png.

        Raises:
            OutputError: a file exists and `force` is not set, or it cannot be written.
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
    mask: PhotoSource | None = None,
    callback: Callback | None = None,
    notice: Notice | None = None,
    **changes: Unpack[SettingsChanges],
) -> Ladder:
    """Draw a photo in several stroke counts, each drawing made of the one before.

    The first is drawn from the photo. For each next one the strokes that contribute least, by the encoder, are merged
    or dropped, and the others are optimised again.

        ladder("horse.png").save("horse-ladder")

    Args:
        photo: as for `draw`.
        counts: stroke counts, any order; each drawn once, most strokes first.
        settings: as for `draw`; its stroke count is not used. Single fields can be given by name.
        independent: draw each from scratch instead, as those of one line always are.
        mask: as for `draw`.
        callback: called after each step of each drawing; returning True ends the optimisation of that one.
        notice: called with one-line messages.

    Raises:
        SettingsError: no counts, or one that is not a number of strokes.
        StrokewiseError: as for `draw`.
    """
    settings = with_changes(settings or Settings(), changes)
    if isinstance(counts, str) or not isinstance(counts, Iterable):
        problem = f"must be a list of numbers of strokes, such as (32, 16, 8, 4), not {quote(counts)}"
        raise SettingsError(problem, setting="counts", value=counts)
    asked = [dataclasses.replace(settings, strokes=count) for count in counts]
    if not asked:
        raise SettingsError("must name at least one number of strokes, such as (32, 16, 8, 4)", setting="counts")
    each = sorted({one.strokes: one for one in asked}.values(), key=lambda one: one.strokes, reverse=True)
    prepared = prepare(photo, each[0], notice, mask=mask)
    if independent or settings.one_line or settings.draft:
        rungs = [draw_prepared(prepared, one, callback) for one in each]
    else:
        level = Coarsening.start(prepared, each[0], callback)
        rungs = [level.sketch]
        for one in each[1:]:
            level = level.down(one.strokes)
            rungs.append(level.sketch)
        rungs = [with_tone(rung, prepared.framed, settings) for rung in rungs]
    tell_of_tone(rungs[0], settings, notice)
    return Ladder(prepared.photo, prepared.framed.photo, prepared.framed.frame, tuple(rungs))


@dataclasses.dataclass(frozen=True, eq=False)
class Fewest:
    """The drawing with the fewest strokes that is still recognised.

    Attributes:
        sketch: the drawing; if none was recognised, the one with the highest probability of the label.
        label: what it is to be recognised as.
        confidence: the share of `of_photo` that was asked for.
        curve: stroke count and probability of the label, of every drawing tried, most strokes first.
        reached: whether the sketch is recognised: the label is its likeliest, with that share at least.
        recognizer: the recogniser's name.
        of_photo: the probability that the recogniser gives the label for the photo itself.
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
    mask: PhotoSource | None = None,
    callback: Callback | None = None,
    notice: Notice | None = None,
    **changes: Unpack[SettingsChanges],
) -> Fewest:
    """The drawing with the fewest strokes that is still recognised as what the photo shows.

    A drawing is recognised if no label is likelier than the wanted one, and its probability is nearly that of the
    photo: no drawing can be expected to show more than the photo does. The search tries the stroke counts of `RUNGS`,
    then goes down one stroke at a time from the last count that was recognised.

        found = fewest("flamingo.png", label="flamingo")
        found.sketch.save("flamingo.svg")

    Args:
        photo: as for `draw`.
        settings: as for `draw`; its stroke count is not used. Single fields can be given by name.
        label: what the photo shows; None takes the recogniser's likeliest label for the photo.
        labels: labels to choose from; None takes all that the recogniser knows.
        confidence: least probability of the label for a drawing, as a share of that for the photo, over 0, at most 1:
            0.5 is lenient, 0.95 strict.
        most: strokes of the first drawing, 1 to 256.
        recognizer: a recogniser or its name; "auto" prefers another model than the one that compares drawing and photo,
            and without labels one that has classes.
        mask: as for `draw`.
        callback: called after each step of each drawing; returning True ends the search with what was found.
        notice: called with one-line messages.

    Raises:
        SettingsError: a number out of its range.
        StrokewiseError: as for `draw`; the recogniser does not know the label.
    """
    settings = dataclasses.replace(with_changes(settings or Settings(), changes), strokes=most)
    if settings.one_line:
        problem = "does not go with the fewest strokes: it is one stroke of as many curves as asked"
        raise SettingsError(problem, setting="one_line", value=True)
    if settings.draft:
        problem = "does not go with the fewest strokes: each drawing that is looked at is optimised"
        raise SettingsError(problem, setting="draft", value=True)
    if not is_number(confidence) or not 0 < confidence <= 1:
        problem = f"must be a number over 0, at most 1, not {quote(confidence)}"
        raise SettingsError(problem, setting="confidence", value=confidence)
    prepared = prepare(photo, settings, notice, mask=mask)
    judge = recognizer
    if isinstance(judge, str):
        judge = load_recognizer(judge, drawn_with=prepared.encoder_name, listed=labels is None)
    label, known, photo_confidence = _label(prepared, judge, label, labels)
    if notice is not None:
        notice(
            f"looking for the fewest strokes that {judge.name} takes for {label}; "
            f"of the photo it is {photo_confidence:.0%} sure"
        )
        if photo_confidence < GUESS:
            notice("that is a guess: give a label, or labels to choose from")
    trials = _Trials(judge, label, known, confidence * photo_confidence)
    lasting = LastingStop(callback)
    _search(Coarsening.start(prepared, settings, lasting), trials, lasting)
    sketch, reached = trials.best()
    sketch = with_tone(sketch, prepared.framed, settings)
    tell_of_tone(sketch, settings, notice)
    return Fewest(sketch, label, confidence, trials.curve(), reached, judge.name, photo_confidence)


def _label(
    prepared: Prepared, judge: Recognizer, label: str | None, labels: Sequence[str] | None
) -> tuple[str, tuple[str, ...], float]:
    """What the photo shows, all labels to choose from, and the probability of the label for the photo itself.

    Raises:
        StrokewiseError: the recogniser has no labels of its own, or does not know that label.
    """
    known = labels_of(judge, labels)
    if label is not None:
        (given,) = check_labels(judge, [label])
        label = next((one for one in known if label_key(one) == label_key(given)), given)
        known = known if label in known else (*known, label)
    probabilities = judge.probabilities(picture_array(prepared.framed.image)[None], known)[0]
    at = int(probabilities.argmax()) if label is None else known.index(label)
    return known[at], known, float(probabilities[at])


class _Trials:
    """Drawings shown to the recogniser, by their stroke count.

    Args:
        judge: the recogniser.
        label: what drawings are to be recognised as.
        known: all labels to choose from.
        least: the least probability of the label that a recognised drawing has.
    """

    def __init__(self, judge: Recognizer, label: str, known: tuple[str, ...], least: float) -> None:
        self._judge, self._label, self._known, self._least = judge, label, known, least
        self._confidence: dict[int, float] = {}
        self._sketches: dict[int, Sketch] = {}
        self._recognised: list[int] = []

    def recognised(self, sketch: Sketch) -> bool:
        """Whether the drawing is recognised; the answer is kept."""
        probabilities = self._judge.probabilities(sketch_picture(sketch)[None], self._known)[0]
        confidence = float(probabilities[self._known.index(self._label)])
        self._confidence[len(sketch)], self._sketches[len(sketch)] = confidence, sketch
        if confidence < max(self._least, float(probabilities.max())):
            return False
        self._recognised.append(len(sketch))
        return True

    def __contains__(self, count: int) -> bool:
        return count in self._sketches

    def curve(self) -> tuple[tuple[int, float], ...]:
        """Stroke count and probability of the label of every drawing, most strokes first."""
        return tuple(sorted(self._confidence.items(), reverse=True))

    def best(self) -> tuple[Sketch, bool]:
        """The recognised drawing with the fewest strokes, and True; or else the one that came nearest, and False."""
        if self._recognised:
            return self._sketches[min(self._recognised)], True
        return self._sketches[max(self.curve(), key=lambda point: point[1])[0]], False


def _search(first: Coarsening, trials: _Trials, lasting: LastingStop) -> None:
    """Try coarser and coarser drawings, then one stroke fewer at a time below the last one that was recognised."""
    level, recognised, misses = first, None, 0
    most = first.settings.strokes
    for count in (most, *(rung for rung in RUNGS if rung < most)):
        if count < most:
            level = level.down(count)
        if trials.recognised(level.sketch):
            recognised, misses = level, 0
        else:
            misses += 1
        if lasting.stopped or (recognised is not None and misses >= PATIENCE):
            break
    while recognised is not None and not lasting.stopped:
        count = len(recognised.sketch) - 1
        if count < 1 or count in trials:  # down to the next count that was tried before
            break
        recognised = recognised.down(count)
        if not trials.recognised(recognised.sketch):
            break
