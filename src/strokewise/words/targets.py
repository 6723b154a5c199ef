"""What a text asks of a drawing, as an encoder takes it: classes to be read as, or directions of CLIP's embedding.

The engines turn either into a term of the loss, and its gradient.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array
from ..encoders import AnyEncoder, weights
from ..errors import Argument, SettingsError
from ..settings import Settings
from .prompts import sentences
from .vocabulary import find_word

READING = 0.15
"""What the negative logarithm of a word's probability costs at weight 1, in units of the photo's loss: a drawing that
is read as the word with a probability of 1 % costs 0.7, about as much as all that 8 strokes leave out of a photo."""
LIKENESS = 1.0
"""What the cosine distance of CLIP's embeddings costs at weight 1. Not tuned: CLIP's weights were not at hand."""
AWAY = 0.3
"""Share of that by which a negative text counts, as in CLIPDraw (Frans, Soros & Witkowski, 2021, section 3)."""
HANDICAP = float(np.log(10))
"""What is added to the logit of a word that is not wanted: it must be ten times less likely for the same cost."""
_NEVER = -1e4


@dataclasses.dataclass(frozen=True, eq=False)
class ClassTarget:
    """A drawing is to be read as one of some classes, among all that a recogniser knows, and nothing at all.

    Attributes:
        words: the vocabulary's words for them: what is asked for first, then what is not wanted.
        classes: places of the classes, at least one.
        unwanted: places of classes that it is to be read as least of all.
        weight: price of the negative logarithm of the probability; 0.15 is usual.
        keep: how much the photo's own terms count beside: 1 as always, 0 not at all.
    """

    words: tuple[str, ...]
    classes: tuple[int, ...]
    unwanted: tuple[int, ...] = ()
    weight: float = READING
    keep: float = 1.0

    def masks(self, count: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """What is added to the logits of `count` classes: of all of them, and where only the wanted ones count."""
        handicap = np.zeros((1, count), np.float32)
        handicap[0, list(self.unwanted)] = HANDICAP
        others = np.full((1, count), _NEVER, np.float32)
        others[0, list(self.classes)] = 0
        return handicap, others

    def costs(self, logits: NDArray[Any]) -> Array:
        """What it costs to read as something else: [picture] of logits [picture, class], calibrated."""
        from scipy.special import logsumexp  # only where words are asked for: it takes a while to load

        handicap, _ = self.masks(logits.shape[1])
        every = logits.astype(np.float64) + handicap
        wanted = logits[:, list(self.classes)].astype(np.float64)
        return np.asarray(self.weight * (logsumexp(every, axis=1) - logsumexp(wanted, axis=1)))


@dataclasses.dataclass(frozen=True, eq=False)
class SentenceTarget:
    """A drawing is to lie where a text lies in CLIP's embedding.

    Attributes:
        towards: the text, float32 [dimension], of length 1.
        away: other texts that it is to lie away from, float32 [any, dimension], each of length 1.
        weight: price of the cosine distance.
        keep: as of a `ClassTarget`.
    """

    towards: NDArray[np.float32]
    away: NDArray[np.float32]
    weight: float = LIKENESS
    keep: float = 1.0


Target: TypeAlias = "ClassTarget | SentenceTarget"


def find_target(encoder: AnyEncoder, name: str, settings: Settings) -> Target | None:
    """What the settings' text asks of a drawing that an encoder looks at; None where there is no text.

    Args:
        encoder: what compares.
        name: the name it is registered by.
        settings: with the text, what is not wanted, and how much both count.

    Raises:
        SettingsError: the encoder does not know the word, or understands no words.
        EncoderError: CLIP's text tower cannot be had.
    """
    if settings.text is None:
        return None
    labels: Sequence[str] | None = getattr(encoder, "labels", None)
    if labels is not None and hasattr(encoder, "recognizer"):
        return class_target(settings, labels)
    if name in weights.CATALOGUE:
        away = tuple(_listed(settings.not_text))
        towards, *others = _embeddings(name, (settings.text, *away))
        apart = np.stack(others) if others else np.zeros((0, len(towards)), np.float32)
        return SentenceTarget(towards, apart, LIKENESS * settings.text_weight)
    fix = ("use ", Argument("encoder", "embedded"), " or a CLIP")
    raise SettingsError(f"is not understood by the encoder {name}", setting="text", value=settings.text, fix=fix)


def class_target(settings: Settings, labels: Sequence[str]) -> ClassTarget:
    """What the settings' text asks of a recogniser with these classes.

    Raises:
        SettingsError: it does not know a word, or a word is both wanted and not wanted.
    """
    assert settings.text is not None
    wanted = find_word(settings.text, labels)
    unwanted = [find_word(one, labels, "not_text") for one in _listed(settings.not_text)]
    if any(set(one.classes) & set(wanted.classes) for one in unwanted):
        problem = f"names {wanted.word} too, which the drawing is to show: leave it out"
        raise SettingsError(problem, setting="not_text", value=settings.not_text)
    places = tuple(dict.fromkeys(place for one in unwanted for place in one.classes))
    words = (wanted.word, *(one.word for one in unwanted))
    return ClassTarget(words, wanted.classes, places, READING * settings.text_weight)


def _listed(text: str | None) -> list[str]:
    return [one.strip() for one in (text or "").split(",") if one.strip()]


@functools.lru_cache(maxsize=64)
def _embeddings(name: str, texts: tuple[str, ...]) -> list[NDArray[np.float32]]:
    """CLIP's embedding of each text, float32 [dimension], of length 1: the mean over several prompts."""
    from ..encoders.clip import load_text
    from ..encoders.registry import need_torch

    need_torch(f"the encoder {name}")
    path = weights.obtain(name)
    tower = load_text(name, path, path.with_name(weights.TOKENIZER))
    found = []
    for text in texts:
        each = tower.text(sentences(text)).double().cpu().numpy()
        each /= np.linalg.norm(each, axis=1, keepdims=True)
        mean = each.mean(0)
        found.append((mean / np.linalg.norm(mean)).astype(np.float32))
    return found
