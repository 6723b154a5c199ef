"""Is it recognised? Which of some labels a drawing shows, and how likely each is.

    recognize("drawing.svg", ["cat", "dog", "elephant"]).ranked  # (("elephant", 0.91), ("dog", 0.06), ("cat", 0.03))
    recognize("drawing.svg", ["cat", "dog"], none=True).top      # "none of these"

Who judges is a matter of `recognizers`.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np

from .._text import quote
from ..errors import Argument, RecognizeError
from ..photo.opening import Photo, PhotoSource
from ..sketch import Sketch
from .inputs import Picture, picture_array, read_drawing, sketch_picture
from .recognizers import NONE, Recognizer, label_key, labels_of, load_recognizer

DrawingSource: TypeAlias = "Sketch | Photo | PhotoSource"

BATCH = 32
"""Pictures that are judged at once."""


@dataclasses.dataclass(frozen=True)
class Recognition:
    """The answer of a recogniser for one drawing.

    Attributes:
        ranked: label and probability, the likeliest first; `NONE` is among them if it was allowed. They sum to 1.
        recognizer: name of the model that judged.
    """

    ranked: tuple[tuple[str, float], ...]
    recognizer: str

    @property
    def top(self) -> str:
        """The likeliest label."""
        return self.ranked[0][0]

    def probability(self, label: str) -> float:
        """How likely a label is, 0 to 1.

        Raises:
            RecognizeError: it was not asked for.
        """
        return self.ranked[self.place(label) - 1][1]

    def place(self, label: str) -> int:
        """Where a label stands, 1 for the likeliest.

        Raises:
            RecognizeError: it was not asked for.
        """
        for place, (known, _) in enumerate(self.ranked, 1):
            if label_key(known) == label_key(label):
                return place
        asked = ", ".join(known for known, _ in self.ranked)
        raise RecognizeError(f"{label!r} was not among the labels; they were {asked}")


def recognize(
    drawing: DrawingSource,
    labels: Iterable[str] | None = None,
    *,
    none: bool = False,
    recognizer: str | Recognizer = "auto",
) -> Recognition:
    """Which of some labels a drawing shows.

    Args:
        drawing: a `Sketch`, a `Photo`, or a path, a file's bytes, a Pillow image or an array of an SVG or a picture.
        labels: at least two, or one with `none`; None takes all classes the recogniser knows. Case does not matter,
            nor do spaces, hyphens and underscores.
        none: allow "none of these".
        recognizer: a name, a path of weights, or one that `load_recognizer` gave; "auto" avoids the network that a
            sketch says it was drawn with, and without labels takes one that knows classes.

    Raises:
        StrokewiseError: the drawing, a label or the recogniser will not do; the message says how to fix it.
    """
    return recognize_all([drawing], labels, none=none, recognizer=recognizer)[0]


def recognize_all(
    drawings: Iterable[DrawingSource],
    labels: Iterable[str] | None = None,
    *,
    none: bool = False,
    recognizer: str | Recognizer = "auto",
) -> list[Recognition]:
    """`recognize` for many drawings, in their order, all judged by one network.

    Raises:
        StrokewiseError: as for `recognize`; the first drawing that will not do ends it.
    """
    if isinstance(drawings, (str, Path, bytes, Sketch, Photo)):
        one = drawings if isinstance(drawings, str) else "drawing.svg"
        raise RecognizeError(f"drawings must be a list: write recognize_all([{quote(one)}]), or recognize for one")
    seen = [_read(drawing) for drawing in drawings]
    judge = recognizer
    if isinstance(judge, str):
        judge = load_recognizer(judge, drawn_with=_drawn_with(seen), listed=labels is None)
    asked = labels_of(judge, labels)
    if len(asked) < 2 and not none:
        fix = (f"give more than {asked[0]!r}, or allow none of these with ", Argument("none", True))
        raise RecognizeError("one label is no choice", fix=fix)
    answers = (*asked, NONE) if none else asked
    found: list[Recognition] = []
    for start in range(0, len(seen), BATCH):
        some = seen[start : start + BATCH]
        images = np.stack([sketch_picture(one) if isinstance(one, Sketch) else one for one in some])
        for row in judge.probabilities(images, asked, none=none):
            order = np.argsort(-row, kind="stable")
            found.append(Recognition(tuple((answers[i], float(row[i])) for i in order), judge.name))
    return found


def _read(drawing: DrawingSource) -> Sketch | Picture:
    """A sketch, or a picture as it is looked at: in full size, many of them would not fit into memory."""
    if isinstance(drawing, Sketch):
        return drawing
    found = drawing.pixels if isinstance(drawing, Photo) else read_drawing(drawing)
    return found if isinstance(found, Sketch) else picture_array(found)


def _drawn_with(seen: Sequence[Sketch | Picture]) -> str:
    """The encoder that most of the sketches were drawn with, by their metadata; empty if none names one."""
    named = [one.metadata.get("encoder") for one in seen if isinstance(one, Sketch)]
    counts = Counter(name for name in named if isinstance(name, str))
    return counts.most_common(1)[0][0] if counts else ""
