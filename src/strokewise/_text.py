"""Numbers and names as sentences have them, and any text as XML has it."""

from __future__ import annotations

import html
import numbers
import re
from collections.abc import Sequence

LONGEST = 80
"""Characters of a value that a sentence quotes, at most."""
MOST_OF_NAME = 60
"""Characters of a file's name that is made of a text, at most."""


def plural(count: int, thing: str) -> str:
    """How many there are of a thing: "1 stroke", "16 strokes"."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def quote(value: object) -> str:
    """A value as code has it, cut where it is too long for a sentence."""
    text = " ".join(repr(value).split())
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def escape(text: str) -> str:
    """Text as it stands in XML. (`xml.sax.saxutils` would load all that reads from the network.)"""
    return html.escape(text, quote=False)


def quoted_value(text: str) -> str:
    """The value of an attribute as it stands in XML, with its quotes."""
    lines = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
    return f'"{"".join(lines.get(sign, sign) for sign in html.escape(text))}"'


def is_number(value: object) -> bool:
    """Whether it is a real number of any kind, NumPy's too; a bool is none."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def first_of(names: Sequence[str], most: int = 20) -> str:
    """The first of many names: "a.txt, b.txt and 40 more"."""
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def join_or(names: Sequence[str]) -> str:
    """Names to choose from, at least one: ".svg, .png or .pdf"."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def file_name(text: str) -> str:
    """What the file of a text is called: its words with hyphens between, without "a"; letters of any script stay."""
    words = re.findall(r"\w+", text.casefold())
    if len(words) > 1 and words[0] in ("a", "an", "the"):
        words = words[1:]
    return "-".join(words)[:MOST_OF_NAME].strip("-") or "drawing"
