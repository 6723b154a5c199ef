"""A folder of photos, one subfolder a class: what is in it, and the file names of its drawings."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..._files import open_plain_file
from ...errors import OutputError, PhotoError
from ...photo.formats import ENDINGS
from ...photo.opening import MAX_FILE_BYTES
from .figures import Skipped

LONGEST = 100
"""Bytes of a safe name, at most: file systems take 255, and the name of a draft adds some."""

_MARK = re.compile(r"-[0-9a-f]{8}\Z", re.IGNORECASE)
"""What `safe_names` puts at the end of a name; a name that already ends so gets another one, to keep names distinct."""


@dataclasses.dataclass(frozen=True)
class Item:
    """One photo.

    Attributes:
        path: the file.
        photo: the same relative to the folder, with forward slashes: how it is named in all that is written.
        folder: name of its class' folder.
        place: "CLASS/STEM" of its drawings, relative to where they are kept; safe on any file system, unlike others'.
    """

    path: Path
    photo: str
    folder: str
    place: str


@dataclasses.dataclass(frozen=True)
class Listing:
    """What a folder holds.

    Attributes:
        folder: the folder.
        items: photos, by class and name.
        classes: names of the class folders that hold photos.
        empty: names of those that hold none.
        skipped: files that look like photos but will not be opened.
        remarks: what else was left out, one line each.
    """

    folder: Path
    items: tuple[Item, ...]
    classes: tuple[str, ...]
    empty: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[str, ...]


def list_photos(folder: Path, output: Path) -> Listing:
    """The photos of FOLDER/<class>/.

    Hidden files and files without an image's ending are passed over. Links that lead out of the folder are not
    followed.

    Args:
        folder: has one subfolder a class.
        output: where results will be written; must not lie in the folder, whose class it would become.

    Raises:
        PhotoError: there is no such folder, it may not be read, or there is no photo in its class folders.
        OutputError: `output` lies in the folder.
    """
    if not folder.is_dir():
        what = "is not a folder" if os.path.lexists(folder) else "does not exist"
        raise PhotoError(f"{folder} {what}: name a folder with one subfolder of photos per class")
    try:
        root = folder.resolve()
        if _inside(output, root):
            raise OutputError(f"{output} lies in the folder of photos: choose a place outside of {folder}")
        return _list(folder, root)
    except OSError as error:
        raise PhotoError(f"{folder} cannot be listed ({error.strerror or error}): check its permissions") from error


def _list(folder: Path, root: Path) -> Listing:
    top = _visible(folder)
    places = [path for path in top if path.is_dir()]
    remarks = [f"{p.name} is a link that leaves the folder: not followed" for p in places if not _inside(p, root)]
    astray = [path for path in top if path.suffix.lower() in ENDINGS and not path.is_dir()]
    if astray:
        remarks.append(f"{_counted(astray)} beside the class folders, so of no class: left out")
    places = [path for path in places if _inside(path, root)]
    items: list[Item] = []
    skipped: list[Skipped] = []
    empty: list[str] = []
    for place, safe in zip(places, safe_names([p.name for p in places]), strict=True):
        inside = _visible(place)
        below = [p.name for p in inside if p.is_dir()]
        if below:
            remarks.append(f"{place.name} holds folders ({', '.join(below[:3])}), in which no photos are looked for")
        found = [p for p in inside if p.suffix.lower() in ENDINGS and not p.is_dir()]
        photos = [p for p in found if _inside(p, root)]
        for path in found:
            if path not in photos:
                reason = f"{path.name} is a link that leaves the folder: copy the photo itself"
                skipped.append(Skipped(f"{place.name}/{path.name}", place.name, reason))
        stems = safe_names([p.name for p in photos], stems=True)
        for path, stem in zip(photos, stems, strict=True):
            items.append(Item(path, f"{place.name}/{path.name}", place.name, f"{safe}/{stem}"))
        if not photos:
            empty.append(place.name)
    if not items:
        fix = "put the photos of each class into a folder of its own, such as cat/1.jpg and dog/1.jpg"
        raise PhotoError(f"{folder} has no photos in class folders: {fix}")
    classes = tuple(place.name for place in places if place.name not in empty)
    return Listing(folder, tuple(items), classes, tuple(empty), tuple(skipped), tuple(remarks))


def safe_names(names: Sequence[str], *, stems: bool = False) -> list[str]:
    """File names for any names: letters, digits, dots, dashes, at most `LONGEST` bytes, no two alike on any system.

    Those that would be alike get a mark made from the whole name, so it stays when others come or go.

    Args:
        names: any text.
        stems: leave the endings out.
    """
    plain = [_safe(Path(name).stem if stems else name) for name in names]
    uses = Counter(name.casefold() for name in plain)
    marked = {name for name in plain if uses[name.casefold()] > 1 or name == "_" or _MARK.search(name)}
    marks = [hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:8] for name in names]
    return [f"{name}-{mark}" if name in marked else name for name, mark in zip(plain, marks, strict=True)]


def _safe(name: str) -> str:
    text = unicodedata.normalize("NFC", name)
    text = "".join(c if c.isalnum() or c in "-._" else "_" for c in text).strip(".")
    while len(text.encode("utf-8", "surrogateescape")) > LONGEST:
        text = text[:-1]
    return text.strip(".") or "_"


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, hexadecimal; empty if it is no plain file of sensible size that may be read."""
    try:
        with open_plain_file(path) as file:
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                return ""
            found = hashlib.sha256()
            while block := file.read(1 << 20):
                found.update(block)
        return found.hexdigest()
    except OSError:
        return ""


def in_turns(items: Iterable[Item]) -> list[Item]:
    """The first photo of each class, then the second of each, so that a stopped run covers all classes."""
    turns: Counter[str] = Counter()
    numbered = []
    for item in items:
        numbered.append((turns[item.folder], item))
        turns[item.folder] += 1
    return [item for _, item in sorted(numbered, key=lambda pair: pair[0])]


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))


def _inside(path: Path, root: Path) -> bool:
    try:
        return path.resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # links that go round in circles
        return False


def _counted(paths: Sequence[Path]) -> str:
    return f"{paths[0].name} lies" if len(paths) == 1 else f"{paths[0].name} and {len(paths) - 1} more lie"
