"""File names for the drawings: the source's folders, with names that differ on every file system.

    assign(["a.jpg", "a.png", "b/c.jpg", "../../etc/x.jpg"])      # a.jpg, a.png, b/c, etc/x: endings are put behind

Names come from strangers' lists: each path lies inside the output folder, whatever the name.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

LONGEST = 120
"""Bytes of a part of a place, at most: file systems take 255, and endings and the name of a draft are added."""
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\ud800-\udfff\ufffe\uffff]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|\Z)", re.IGNORECASE)  # no file may have such a name on Windows
_ENDING = re.compile(r"\.[0-9A-Za-z]{1,5}\Z")
_MARKS = (8, 16, 64)


def assign(names: Sequence[str], taken: frozenset[str] = frozenset()) -> list[str]:
    """Places of photos, without ending, relative to the folder of drawings.

    `a.jpg` becomes `a`. Those that would be alike keep their endings: `a.jpg` and `a.png`. Those that are alike still,
    as `A.jpg` and `a.jpg` are on many disks, get a mark made from the whole name.

    Args:
        names: of the photos, each once; relative, with forward slashes.
        taken: `key` of places that are not to be had.
    """
    whole = [safe(name) for name in names]
    places = [_without_ending(place) for place in whole]
    for length in (0, *_MARKS):
        alike = _alike(places, taken)
        if not alike:
            break
        for i in alike:
            mark = hashlib.sha256(names[i].encode("utf-8", "surrogatepass")).hexdigest()[:length]
            places[i] = f"{_cut(whole[i], LONGEST - length - 1)}-{mark}" if mark else whole[i]
    return places


def key(place: str) -> str:
    """A key that is equal for two paths which some file system takes for the same."""
    return unicodedata.normalize("NFC", place).casefold()


def safe(name: str) -> str:
    """A relative path made of a name: no part leads up or away, and each is a file name on any system."""
    parts = [_part(part) for part in name.replace("\\", "/").split("/")]
    return "/".join(part for part in parts if part) or "_"


def _without_ending(place: str) -> str:
    stem = _ENDING.sub("", place).rstrip(". ")
    return place if not stem or stem.endswith("/") else stem


def _part(part: str) -> str:
    text = unicodedata.normalize("NFC", part) if part.isprintable() else part
    text = _UNSAFE.sub("_", text).strip(" ").rstrip(".")
    if text.startswith("."):  # "..", and what would be hidden
        text = text.lstrip(". ")
    if _DEVICE.match(text):
        text = f"_{text}"
    return _cut(text, LONGEST)


def _cut(text: str, longest: int) -> str:
    """The last part of a path, cut to a number of bytes."""
    head, slash, last = text.rpartition("/")
    while len(last.encode("utf-8")) > longest:
        last = last[:-1]
    return head + slash + last.rstrip(". ")


def _alike(places: Sequence[str], taken: frozenset[str]) -> list[int]:
    """Numbers of the places that another one has too, or that would be a folder of another."""
    keys = [key(place) for place in places]
    uses = Counter(keys)
    folders = set()
    for one in keys:
        while "/" in one:
            one = one.rpartition("/")[0]
            if one in folders:
                break
            folders.add(one)
    drawings = (".svg", ".png")
    return [
        i
        for i, one in enumerate(keys)
        if uses[one] > 1 or one in taken or any(one + end in folders for end in drawings)
    ]
