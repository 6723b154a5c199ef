"""Words that the embedded recogniser knows, in English, Chinese and Japanese, and what a text means to it.

    find_word("a kitten", labels)     # Word("cat", (14,))
    find_word("貓", labels)           # the same

The table is a file, `vocabulary.txt`, which is read when it is first needed.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from .._text import join_or, quote
from ..errors import Argument, Fix, SettingsError

TABLE = Path(__file__).with_name("vocabulary.txt")
LANGUAGES = ("en", "zh-Hant", "zh-Hans", "ja")
"""Of the columns of other words."""
LIST = "strokewise models words"
"""The command that lists all words."""
CLIP: tuple[str | Argument, ...] = (
    "for any sentence, strokewise models fetch clip-rn101 and ",
    Argument("encoder", "clip-rn101"),
)
"""How to be understood without a list."""
_NEAR = 3
"""Most words that a message proposes."""
_LIKE = 0.7
"""Least likeness of such a word, as `difflib` measures it: at 0.6 a bicycle would be a mobile."""
_ARTICLES = re.compile(r"(?:(?:a|an|the|some|my|one)\s+)+")
_PICTURES = re.compile(r"(?:an?\s+|the\s+)?(?:line drawing|drawing|sketch|picture|photo|doodle|image)s?\s+of\s+")


class Word(NamedTuple):
    """A word as a recogniser knows it.

    Attributes:
        word: its name in the vocabulary, such as "cat".
        classes: places of the classes that it stands for, at least one.
    """

    word: str
    classes: tuple[int, ...]


@dataclasses.dataclass(frozen=True)
class Entry:
    """A line of the table.

    Attributes:
        word: its name.
        classes: other names of it among a recogniser's classes.
        others: other words for it, by language.
    """

    word: str
    classes: tuple[str, ...]
    others: dict[str, tuple[str, ...]]


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """The table.

    Attributes:
        entries: by word.
        names: what a word may be called, as `word_key` has it, to the word.
        meanings: of words that mean several things: what, and the word for that, empty where there is none.
    """

    entries: dict[str, Entry]
    names: dict[str, str]
    meanings: dict[str, tuple[tuple[str, str], ...]]


@functools.cache
def vocabulary() -> Vocabulary:
    """The table of the package."""
    return read_table(TABLE.read_text("utf-8"))


def read_table(text: str) -> Vocabulary:
    """A table as `vocabulary.txt` has it.

    Raises:
        ValueError: a line has another form.
    """
    entries: dict[str, Entry] = {}
    meanings: dict[str, tuple[tuple[str, str], ...]] = {}
    for line in text.splitlines():
        if line.startswith("? "):
            word, found = line[2:].split("|")
            each = [one.partition(" = ") for one in _listed(found)]
            meanings[word_key(word)] = tuple((what, named) for what, _, named in each)
        elif line.strip() and not line.startswith("#"):
            word, classes, *others = line.split("|")
            columns = zip(LANGUAGES, map(_listed, others), strict=True)
            entries[word] = Entry(word, _listed(classes), dict(columns))
    names: dict[str, str] = {}
    # A word's own name comes before any other's synonym.
    for entry in entries.values():
        names[word_key(entry.word)] = entry.word
    for entry in entries.values():
        for other in (*entry.classes, *(one for some in entry.others.values() for one in some)):
            names.setdefault(word_key(other), entry.word)
    return Vocabulary(entries, names, meanings)


def find_word(text: str, labels: Sequence[str], setting: str = "text") -> Word:
    """The word that a text names.

    Args:
        text: in English, with or without "a" or "a drawing of", in the singular or plural; or in Chinese or Japanese.
        labels: classes of the recogniser.
        setting: which setting the text is, for the message.

    Raises:
        SettingsError: the recogniser knows no such word, and the message names near ones; or it means several things.
    """
    table = vocabulary()
    for key in _spellings(text):
        name = table.names.get(key)
        if name is not None and key == word_key(name) and (found := _classes(name, labels)):
            return Word(name, found)
        if key in table.meanings:
            problem, fix = _which(text, table.meanings[key], labels)
            raise SettingsError(problem, setting=setting, value=text, fix=fix)
        places = {word_key(label): place for place, label in enumerate(labels)}
        if key in places:
            return Word(name or labels[places[key]], (places[key],))
        if name is not None and (found := _classes(name, labels)):
            return Word(name, found)
    problem, fix = _unknown(text, labels)
    raise SettingsError(problem, setting=setting, value=text, fix=fix)


def known_words(labels: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """All words that a recogniser with these classes knows, and their classes; first those of the table.

    Args:
        labels: classes of the recogniser.
    """
    found = {name: classes for name in vocabulary().entries if (classes := _classes(name, labels))}
    named = {place for classes in found.values() for place in classes}
    return found | {label: (place,) for place, label in enumerate(labels) if place not in named}


def word_key(word: str) -> str:
    """What spellings of one word have in common: case, spaces, hyphens, underscores and widths make no difference."""
    return re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", word).casefold()).strip(" .!?。！？")


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _classes(word: str, labels: Sequence[str]) -> tuple[int, ...]:
    """Places of the classes of a word of the table."""
    entry = vocabulary().entries.get(word)
    wanted = {word_key(word), *(word_key(one) for one in (entry.classes if entry else ()))}
    return tuple(place for place, label in enumerate(labels) if word_key(label) in wanted)


def _spellings(text: str) -> list[str]:
    """Keys under which a text may be known, the likeliest first."""
    whole = word_key(text)
    bare = _ARTICLES.sub("", _PICTURES.sub("", whole, count=1), count=1) if whole.isascii() else whole
    bare = re.sub(r"^(?:一(?:隻|只|個|个|朵|把|輛|辆|架|頭|头|條|条|棵|匹)|1匹の|一匹の)", "", bare)
    found = [whole, bare, bare.removesuffix("s"), bare.removesuffix("es")]
    if bare.endswith("ies"):
        found.append(bare[:-3] + "y")
    if bare.endswith("ves"):
        found += [bare[:-3] + "f", bare[:-3] + "fe"]
    return list(dict.fromkeys(key for key in found if key))


def _which(text: str, meanings: Iterable[tuple[str, str]], labels: Sequence[str]) -> tuple[str, Fix]:
    """What is wrong with a word that means several things, and how to fix it."""
    what = [f"{meaning} ({quote(word)})" if word and _classes(word, labels) else meaning for meaning, word in meanings]
    some = any(word and _classes(word, labels) for _, word in meanings)
    fix = ("give the word in brackets",) if some else ("the embedded recogniser knows none of them; ", *CLIP)
    return f"{quote(text)} can mean {join_or(what)}", fix


def _unknown(text: str, labels: Sequence[str]) -> tuple[str, Fix]:
    """What is wrong with a text that is not known, and how to fix it: near words, or a word in it that is known."""
    known = {word_key(word): word for word in known_words(labels)}
    names = {key: name for key, name in vocabulary().names.items() if _classes(name, labels)} | known
    whole = word_key(text)
    parts = re.split(r"[^\w'-]+", whole)
    inside = [names[part] for part in dict.fromkeys(parts) if part in names] if len(parts) > 1 else []
    near = [names[key] for key in difflib.get_close_matches(whole, list(names), n=2 * _NEAR, cutoff=_LIKE)]
    proposed = list(dict.fromkeys(inside + near))[:_NEAR]
    mean = f"did you mean {join_or([quote(one) for one in proposed])}? " if proposed else ""
    problem = f"{quote(text)} is none of the words that the embedded recogniser knows"
    return problem, (f"{mean}{LIST} lists them; ", *CLIP)
