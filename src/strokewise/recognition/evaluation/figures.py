"""What an evaluation counts, from what a recogniser said of each drawing: the protocol of CLIPasso's survey (Vinker et
al., SIGGRAPH 2022), in which people name drawings, once forced to choose and once free to say "none of these".
"""

from __future__ import annotations

import dataclasses
import math
import statistics
from collections.abc import Sequence
from typing import Any

from ..._text import plural
from ..ranking import Recognition
from ..recognizers import NONE


def wilson(hits: int, count: int, z: float = 1.96) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson, 1927), its ends in [0, 1]; of none, everything from 0 to 1.

    Args:
        hits, count: how many were recognised, of how many.
        z: quantile of the normal distribution that stands for the level; 1.96 for 95 %.
    """
    if count == 0:
        return 0.0, 1.0
    p = hits / count
    middle = (p + z * z / (2 * count)) / (1 + z * z / count)
    reach = z / (1 + z * z / count) * math.sqrt(p * (1 - p) / count + z * z / (4 * count * count))
    return max(0.0, middle - reach), min(1.0, middle + reach)


@dataclasses.dataclass(frozen=True)
class Share:
    """A share: hits of a count, with its interval."""

    hits: int
    count: int

    @property
    def share(self) -> float:
        """From 0 to 1; 0 of 0 is 0."""
        return self.hits / max(1, self.count)

    @property
    def ci(self) -> tuple[float, float]:
        """Its 95 % interval."""
        return wilson(self.hits, self.count)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {"hits": self.hits, "count": self.count, "share": self.share, "ci": list(self.ci)}


@dataclasses.dataclass(frozen=True)
class Skipped:
    """A photo, or one drawing of it, that could not be made.

    Attributes:
        photo: relative to the folder.
        label: its class.
        reason: why, in one line.
        strokes: of which drawing; None stands for all of them.
    """

    photo: str
    label: str
    reason: str
    strokes: int | None = None

    @property
    def named(self) -> str:
        """Which one it is, for the reader: "cat/1.jpg", or "cat/1.jpg with 4 strokes"."""
        return self.photo if self.strokes is None else f"{self.photo} with {plural(self.strokes, 'stroke')}"


@dataclasses.dataclass(frozen=True)
class Result:
    """A drawing, or a photo itself, and what the recogniser said.

    Attributes:
        photo: relative to the folder of photos.
        label: what it shows.
        strokes: asked for; None where the photo itself was judged.
        file: what was judged, relative to the output folder.
        seconds: drawing took, or for a photo opening and framing; None where that is not known any more.
        forced: said when one of the labels had to be chosen.
        with_none: said when "none of these" was allowed.
    """

    photo: str
    label: str
    strokes: int | None
    file: str
    seconds: float | None
    forced: Recognition
    with_none: Recognition

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON; of each ranking the first three, and where the right label stands."""
        said = {
            name: {
                "top": [[label, p] for label, p in recognition.ranked[:3]],
                "place": recognition.place(self.label),
                "probability": recognition.probability(self.label),
            }
            for name, recognition in (("forced", self.forced), ("with_none", self.with_none))
        }
        return {
            "photo": self.photo,
            "label": self.label,
            "strokes": self.strokes,
            "file": self.file,
            "seconds": self.seconds,
            **said,
        }


@dataclasses.dataclass(frozen=True)
class Tally:
    """How often drawings were recognised.

    Attributes:
        forced_top1, forced_top3: the right label came first, or among the first three, when one had to be chosen.
        with_none_top1, with_none_top3: the same when "none of these" was one of the answers.
        none_said: "none of these" came first.
    """

    forced_top1: Share
    forced_top3: Share
    with_none_top1: Share
    with_none_top3: Share
    none_said: Share

    @classmethod
    def of(cls, results: Sequence[Result]) -> Tally:
        """The tally of some results."""

        def among(first: int, choice: str) -> Share:
            return Share(sum(getattr(r, choice).place(r.label) <= first for r in results), len(results))

        return cls(
            among(1, "forced"),
            among(3, "forced"),
            among(1, "with_none"),
            among(3, "with_none"),
            Share(sum(r.with_none.top == NONE for r in results), len(results)),
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {field.name: getattr(self, field.name).as_dict() for field in dataclasses.fields(self)}


@dataclasses.dataclass(frozen=True)
class Level:
    """All drawings of one stroke count.

    Attributes:
        strokes: how many each was given; None stands for the photos themselves.
        overall: the tally of all of them, each counting the same.
        classes: tally of each label that has photos.
        confusion: forced choice; for each such label, how often each label was said, in the order of the labels.
        confusion_with_none: the same with "none of these" as a last answer.
        seconds: median time of one; None where none is known.
        seconds_total: of all whose time is known.
    """

    strokes: int | None
    overall: Tally
    classes: dict[str, Tally]
    confusion: dict[str, list[int]]
    confusion_with_none: dict[str, list[int]]
    seconds: float | None
    seconds_total: float

    @classmethod
    def of(cls, strokes: int | None, results: Sequence[Result], labels: Sequence[str]) -> Level:
        """The level of some results, which are all of that stroke count."""
        present = [label for label in labels if any(r.label == label for r in results)]
        by_class = {label: [r for r in results if r.label == label] for label in present}
        seconds = [r.seconds for r in results if r.seconds is not None]
        return cls(
            strokes,
            Tally.of(results),
            {label: Tally.of(some) for label, some in by_class.items()},
            {label: _said([r.forced for r in some], labels) for label, some in by_class.items()},
            {label: _said([r.with_none for r in some], [*labels, NONE]) for label, some in by_class.items()},
            statistics.median(seconds) if seconds else None,
            math.fsum(seconds),
        )

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "strokes": self.strokes,
            **self.overall.as_dict(),
            "seconds_median": self.seconds,
            "seconds_total": self.seconds_total,
            "classes": {label: tally.as_dict() for label, tally in self.classes.items()},
            "confusion": self.confusion,
            "confusion_with_none": self.confusion_with_none,
        }


def _said(recognitions: Sequence[Recognition], answers: Sequence[str]) -> list[int]:
    tops = [recognition.top for recognition in recognitions]
    return [tops.count(answer) for answer in answers]


@dataclasses.dataclass(frozen=True)
class Figures:
    """All that was counted.

    Attributes:
        chance: share that blind guessing gets right in a forced choice.
        levels: one a stroke count, fewest first.
        photos: the photos themselves, as they were framed for drawing: no drawing can be expected to do better.
        classes: labels of which anything was judged, in the order of the labels.
    """

    chance: float
    levels: tuple[Level, ...]
    photos: Level
    classes: tuple[str, ...]

    @classmethod
    def of(cls, results: Sequence[Result], photos: Sequence[Result], labels: Sequence[str]) -> Figures:
        """Count results; stroke counts of which there is no drawing are left out."""
        counts = sorted({r.strokes for r in results if r.strokes is not None})
        levels = tuple(Level.of(n, [r for r in results if r.strokes == n], labels) for n in counts)
        seen = {r.label for r in (*results, *photos)}
        classes = tuple(label for label in labels if label in seen)
        return cls(1 / len(labels), levels, Level.of(None, photos, labels), classes)

    @property
    def everything(self) -> tuple[Level, ...]:
        """Levels, and the photos last."""
        return (*self.levels, self.photos)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {
            "chance": self.chance,
            "levels": [level.as_dict() for level in self.levels],
            "photos": self.photos.as_dict(),
        }
