"""What an independent network takes the drawings for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from strokewise import Photo, RecognizeError, Sketch, StrokewiseError
from strokewise.encoders.embedded import METADATA
from strokewise.recognition import load_recognizer
from strokewise.recognition.inputs import picture_array, read_drawing, sketch_picture
from strokewise.recognition.recognizers import NONE, Recognizer, label_key
from training import linear, third
from training.reader.classes import word_of

JUDGE = Path(__file__).with_name("judge.safetensors")
"""The judge in the repository: `judge.md` says what it learnt from."""
CHOICES = 10
"""Fewest labels of a forced choice; those of the photos are filled up with others that the judge knows."""


def load_judge(name: str) -> Recognizer:
    """Who reads the drawings.

    Args:
        name: a file made by `training/linear.py` or `training/third.py`, or what `strokewise recognize --recognizer`
            takes.

    Raises:
        SystemExit: it cannot be had.
    """
    try:
        if not name.endswith(".safetensors"):
            return load_recognizer(name)
        kind = _format(Path(name))
        if kind == linear.FORMAT:
            return linear.load(name)
        return third.load(name) if kind == third.FORMAT else load_recognizer(name)
    except StrokewiseError as error:
        raise SystemExit(f"the judge {name} cannot be had: {error}") from error


def _format(path: Path) -> str:
    """What kind of weights a file says that it holds; nothing if it cannot be read."""
    from safetensors import safe_open

    try:
        with safe_open(path, framework="np") as file:
            return str(json.loads((file.metadata() or {})[METADATA])["format"])
    except Exception:  # a missing or damaged file; who loads it says what is wrong
        return ""


def label_of(path: Path, known: Sequence[str], folders: bool) -> str | None:
    """What a photo shows, by the name of its class folder, or of its file; None if the judge knows no such word.

    A name such as `controlsketch-dog-18` or `king_penguin` is the longest run of its words that the judge knows, the
    last one of several as long: in `sports_car` the car.

    Args:
        path: of the photo.
        known: the judge's labels.
        folders: the photos lie in class folders.
    """
    names = {label_key(label): label for label in known}

    def find(words: Sequence[str]) -> str | None:
        name = "_".join(words)
        for one in (name, word_of(name) or "", name.removesuffix("s")):
            if one and label_key(one) in names:
                return names[label_key(one)]
        return None

    words = [w for w in re.split(r"[\s_.-]+", (path.parent.name if folders else path.stem).lower()) if w]
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length, -1, -1):
            found = find(words[start : start + length])
            if found is not None:
                return found
    return None


def choices_of(labels: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    """The labels of a forced choice: those of the photos, and others from all over the list up to `CHOICES`."""
    chosen = sorted(set(labels))
    others = [label for label in known if label not in chosen]
    missing = max(0, min(CHOICES - len(chosen), len(others)))
    picked = [others[(2 * k + 1) * len(others) // (2 * missing)] for k in range(missing)]
    return tuple(sorted({*chosen, *picked}))


def read_labels(path: Path) -> dict[str, str]:
    """A file with the label of each photo, {"name.jpg": "label"}.

    Raises:
        SystemExit: it holds something else.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise SystemExit(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(v, str) for v in found.values()):
        raise SystemExit(f'{path} must hold the label of each photo: {{"name.jpg": "label"}}')
    return found


def judge_picture(
    judge: Recognizer, picture: NDArray[np.float32], label: str, choices: Sequence[str]
) -> dict[str, Any]:
    """What the judge says of one picture.

    Args:
        judge: who reads.
        picture: float32 [3, y, x] in [0, 1].
        label: the right answer, one of the choices.
        choices: what it chooses among.

    Returns:
        forced: 1 if the right label is the likeliest of the choices, else 0; sure: its probability there; none: 1 if it
        is the likeliest with "none of these" allowed, else 0; said: the answer where "none of these" is allowed.
    """
    right = list(choices).index(label)
    forced = judge.probabilities(picture[None], choices)[0]
    free = judge.probabilities(picture[None], choices, none=True)[0]
    said = int(free.argmax())
    return {
        "forced": float(int(forced.argmax()) == right),
        "sure": float(forced[right]),
        "none": float(said == right),
        "said": NONE if said == len(choices) else choices[said],
    }


def picture_of(drawing: Sketch | Photo | Path) -> NDArray[np.float32] | None:
    """A drawing or a photo as a judge looks at it, float32 [3, y, x]; None if nothing can be seen."""
    try:
        found = read_drawing(drawing) if isinstance(drawing, Path) else drawing
        if isinstance(found, Sketch):
            return sketch_picture(found)
        return picture_array(found.pixels if isinstance(found, Photo) else found)
    except RecognizeError:
        return None


def labels_for(
    photos: Sequence[Path], judge: Recognizer, folders: bool, given: Mapping[str, str] | None
) -> dict[Path, str]:
    """The labels of photos; those that the judge knows no word for are left out.

    Raises:
        SystemExit: a given label is none that the judge knows.
    """
    known = judge.labels or tuple(sorted(set((given or {}).values())))
    names = {label_key(label): label for label in known}
    found: dict[Path, str] = {}
    for path in photos:
        label = (given or {}).get(path.name)
        if label is not None and label_key(label) not in names:
            raise SystemExit(f"{judge.name} does not know the label {label!r} of {path.name}: leave it out")
        label = names[label_key(label)] if label is not None else label_of(path, known, folders)
        if label is not None:
            found[path] = label
    return found
