"""Networks that name drawings: which of some labels a picture shows, and how likely each is.

Two kinds: the embedded network, which knows the classes it was taught and needs nothing else, and CLIP, which takes any
words. A network that helped to draw rates its own drawing too high: by default, another one judges wherever two are
installed.
"""

from __future__ import annotations

import contextlib
import difflib
import importlib.util
import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .._text import join_or, quote
from ..encoders import embedded, weights
from ..encoders.registry import need_torch
from ..errors import Argument, EncoderError, RecognizeError

Images = NDArray[np.float32]

NONE = "none of these"
"""The answer beside all labels, where it is allowed."""
EMBEDDED = "embedded"
CLIPS = ("clip-vit-b-32", "clip-vit-b-16", "clip-rn101", "clip-rn50")
"""The one to prefer first: drawings are made with residual networks, so that a ViT is the more independent judge."""
FEW = 10
"""Most classes that a message lists."""


class Recognizer(Protocol):
    """A network that names drawings.

    Attributes:
        name: of the network, for the reader.
        labels: the classes it knows; None where it takes any words.
    """

    @property
    def name(self) -> str: ...

    @property
    def labels(self) -> tuple[str, ...] | None: ...

    def probabilities(self, images: Images, labels: Sequence[str], *, none: bool = False) -> NDArray[np.float64]:
        """Probabilities, float64 [picture, label], of images, float32 [picture, 3, y, x] in [0, 1].

        Each row sums to 1; with `none` there is one column more, the last, for all that is none of the labels.

        Raises:
            RecognizeError: the labels will not do, see `check_labels`.
        """
        ...


class EmbeddedRecognizer:
    """The embedded network's own head.

    `choose_among` says how it chooses. Temperature and background lie in the weights' file: they were fitted to
    drawings held out of training, by `training/calibrate.py`.
    """

    def __init__(self, network: embedded.Embedded, name: str = EMBEDDED) -> None:
        self.network, self.name = network, name
        self.labels: tuple[str, ...] | None = network.labels

    def probabilities(self, images: Images, labels: Sequence[str], *, none: bool = False) -> NDArray[np.float64]:
        """As of any `Recognizer`."""
        asked = places_of(self, labels)
        logits = self.network.recognize(images).astype(np.float64) / self.network.temperature
        return choose_among(logits, asked, self.network.background if none else None)


def choose_among(
    logits: NDArray[np.float64], asked: Sequence[int], background: float | None = None
) -> NDArray[np.float64]:
    """Probabilities of the labels asked for, from a network that knows a list of classes.

    Without a background it is a forced choice: the softmax over those classes. With one, `NONE` is one answer more. Its
    logit is that of the likeliest class that was not asked for, or the background, where that is higher: a drawing that
    the network would rather call something else, or nothing, is none of the labels.

    Args:
        logits: float64 [picture, class].
        asked: places of the classes that it may choose from.
        background: logit of what is no class at all, -inf where the network has no idea of that; None forces a choice.

    Returns:
        float64 [picture, asked], and a last column for `NONE` where there is a background; rows sum to 1.
    """
    from scipy.special import softmax

    chosen = logits[:, list(asked)]
    if background is not None:
        nothing = np.full((len(logits), 1), background)
        known = np.concatenate([logits, nothing], axis=1)
        other = np.ones(known.shape[1], dtype=bool)
        other[list(asked)] = False
        chosen = np.concatenate([chosen, known[:, other].max(1, keepdims=True)], axis=1)
    return np.asarray(softmax(chosen, axis=1))


def recognizer_names() -> list[str]:
    """Names that `--recognizer` takes, without "auto"."""
    return [EMBEDDED, *sorted(CLIPS)]


def load_recognizer(
    name: str = "auto",
    *,
    drawn_with: str = "",
    listed: bool = False,
    notice: Callable[[str], None] | None = None,
) -> Recognizer:
    """A recogniser by its name, loaded on the CPU.

    Args:
        name: "auto", "embedded", a CLIP, or the path of a file of the embedded kind, ending in .safetensors. "auto"
            takes what is on this disk, and never fetches anything; a CLIP asked for by its name is fetched if need be.
        drawn_with: name of the encoder that drew: "auto" takes another one if it can. See `describe` for what to say.
        listed: "auto" takes one that knows a list of classes: where nobody says what to choose from, CLIP cannot judge.
        notice: called with one line if something is fetched, or if weights were skipped.

    Raises:
        RecognizeError: unknown name; the message lists the known ones.
        EncoderError: weights that cannot be had, or are another network's.
    """
    if name == "auto":
        return _best_at_hand(drawn_with, listed, notice or (lambda text: None))
    if name == EMBEDDED:
        return EmbeddedRecognizer(embedded.load())
    if name.endswith(".safetensors"):
        if not os.path.exists(name):
            raise EncoderError(f"{name} does not exist: check the name and the folder")
        return EmbeddedRecognizer(embedded.load(Path(name)), Path(name).name)
    if name in CLIPS:
        return _clip(name, _obtained(name, notice))
    known = ", ".join(recognizer_names())
    raise RecognizeError(f"unknown recogniser {name[:100]!r}; known are auto, {known}, or a .safetensors file")


def describe(recognizer: Recognizer, drawn_with: str = "") -> str:
    """One line for the user: which network judged, and whether it also drew."""
    if drawn_with and recognizer.name == drawn_with:
        return f"recognised by {recognizer.name}, the same network that compared drawing and photo"
    if drawn_with:
        return f"recognised by {recognizer.name}; {drawn_with} compared drawing and photo"
    return f"recognised by {recognizer.name}"


def check_labels(recognizer: Recognizer, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels, without spaces around them, otherwise as they were spelled.

    Raises:
        RecognizeError: none at all, an empty one, one given twice, or one that the recogniser does not know;
            then the message tells some that it knows.
    """
    if isinstance(labels, str):
        words = [word.strip() for word in labels.split(",")]
        raise RecognizeError("must be a list of strings", setting="labels", value=labels, fix=f"write {quote(words)}")
    found: dict[str, str] = {}
    known = None if recognizer.labels is None else {label_key(label) for label in recognizer.labels}
    for label in labels:
        if not isinstance(label, str) or not label_key(label):
            raise RecognizeError(f"{label!r} is no label: give a word")
        if any(unicodedata.category(c) in ("Cc", "Cs") for c in label) or len(label) > 200:
            raise RecognizeError(f"{label[:40]!r} is no label: give a word or a few, in one line")
        key = label_key(label)
        if key == label_key(NONE):
            raise RecognizeError(f"{NONE!r} is no label of its own", fix=("allow it with ", Argument("none", True)))
        if key in found:
            raise RecognizeError(f"the label {label.strip()!r} is there twice: leave one out")
        if known is not None and key not in known:
            classes = recognizer.labels or ()
            near = difflib.get_close_matches(key, [label_key(name) for name in classes], n=3)
            it_knows = f"did you mean {join_or(near)}?" if near else f"it knows {_few(classes)}"
            raise RecognizeError(f"{recognizer.name} does not know the label {label.strip()!r}: {it_knows}")
        found[key] = label.strip()
    if not found:
        raise RecognizeError("there are no labels to choose from: give at least two")
    return tuple(found.values())


def places_of(recognizer: Recognizer, labels: Iterable[str]) -> list[int]:
    """Where labels stand among the classes of a recogniser that has a list of them.

    Raises:
        RecognizeError: as for `check_labels`.
    """
    places = {label_key(label): i for i, label in enumerate(recognizer.labels or ())}
    return [places[label_key(label)] for label in check_labels(recognizer, labels)]


def _few(classes: Sequence[str]) -> str:
    """Classes that a recogniser knows; of many the first, and which command lists all."""
    if len(classes) <= FEW:
        return ", ".join(classes)
    rest = len(classes) - FEW
    return f"{', '.join(classes[:FEW])} and {rest} more, which strokewise models labels lists; a CLIP takes any words"


def labels_of(recognizer: Recognizer, labels: Iterable[str] | None) -> tuple[str, ...]:
    """What a recogniser may choose from: the labels, or all classes it knows where they are None.

    Raises:
        RecognizeError: as for `check_labels`; or none are given and it takes any words.
    """
    if labels is None and recognizer.labels is None:
        problem = f"must be given, such as cat,dog,elephant, since {recognizer.name} knows no list"
        raise RecognizeError(problem, setting="labels")
    return check_labels(recognizer, (recognizer.labels or ()) if labels is None else labels)


def label_key(label: str) -> str:
    """What two spellings of one label have in common: case, spaces, hyphens and underscores make no difference."""
    return re.sub(r"[\s_-]+", "_", unicodedata.normalize("NFKC", label).casefold()).strip("_")


def _best_at_hand(drawn_with: str, listed: bool, say: Callable[[str], None]) -> Recognizer:
    clips = () if listed else CLIPS
    at_hand = [(name, path) for name in clips if (path := _clip_at_hand(name, say)) is not None]
    if embedded.WEIGHTS.is_file():
        at_hand.append((EMBEDDED, embedded.WEIGHTS))
    at_hand.sort(key=lambda one: one[0] == drawn_with)  # stable: the one that drew goes last
    problem: EncoderError | None = None
    for name, path in at_hand:
        try:
            return EmbeddedRecognizer(embedded.load(path)) if name == EMBEDDED else _clip(name, path)
        except EncoderError as error:
            problem = problem or error
            say(f"{name} is passed over: {error}")
    if problem is not None:
        raise problem
    raise EncoderError(f"no recogniser is here; install strokewise again, or: strokewise models fetch {CLIPS[0]}")


def _clip_at_hand(name: str, say: Callable[[str], None]) -> Path | None:
    """The weights of a CLIP on this disk that can read both pictures and words."""
    try:
        path = weights.find(name)
    except EncoderError as error:
        say(f"{name} is passed over: {error}")
        return None
    if path is None:
        return None
    if not path.with_name(weights.TOKENIZER).is_file():
        say(f"{name} is passed over: {weights.TOKENIZER} is not beside its weights; strokewise models fetch {name}")
        return None
    for package in ("torch", "tokenizers"):
        if importlib.util.find_spec(package) is None:
            say(f"{name} is passed over: it needs the package {package}; pip install 'strokewise[clip]'")
            return None
    return path


def _obtained(name: str, notice: Callable[[str], None] | None) -> Path:
    """The weights of a CLIP, with the tokenizer beside them, fetched if need be."""
    path = weights.obtain(name, notice=notice)
    if not path.with_name(weights.TOKENIZER).is_file():
        # Where it cannot be had, reading it says in one line what to do.
        with contextlib.suppress(EncoderError):
            path = weights.fetch(name, notice=notice)
    return path


def _clip(name: str, path: Path) -> Recognizer:
    need_torch(f"the recogniser {name}")
    from .clip_recognizer import load_clip

    return load_clip(name, path)
