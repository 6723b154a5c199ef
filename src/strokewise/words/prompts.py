"""Words in the sentences that CLIP is asked with: several for each, whose mean is what the words mean to it."""

from __future__ import annotations

import re

PROMPTS = ("a sketch of {}.", "a line drawing of {}.", "a drawing of {}.", "a simple sketch of {}.", "a doodle of {}.")


def prompts(label: str) -> list[str]:
    """What CLIP is asked for a label: "a sketch of an umbrella." and the like."""
    words = " ".join(re.sub(r"_+", " ", label).split())
    return [prompt.format(with_article(words)) for prompt in PROMPTS]


def sentences(text: str) -> list[str]:
    """What CLIP is asked for a text, which may be a sentence: the text itself, and as what sketches show."""
    thing = text.rstrip(" .")
    if len(thing.split()) == 1:
        thing = with_article(thing)
    return [text, *(prompt.format(thing) for prompt in PROMPTS)]


def with_article(words: str) -> str:
    """An umbrella, a unicorn. The sound decides, not the letter: a unicorn, an hour, an x-ray."""
    start = words.casefold()
    vowel = start.startswith(("a", "e", "i", "o", "u", "hour", "heir", "honest"))
    consonant = re.match(r"uni(?![dmn])|use|eu|ewe|one|ukulele|uf|u\b", start)
    with_an = re.match(r"[fhlmnrsx]\b", start) or (vowel and not consonant)
    return f"{'an' if with_an else 'a'} {words}"
