"""Photos of several sets under one list of words, and which of them are held out."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..photos import ENDINGS, Item, share
from .classes import word_of

TEST_SHARE = 0.1
"""Photos held out, by their bytes. They are among the quarter that the older training held out, so that both encoders
can be measured on them."""


def list_photos(folders: list[Path], cap: int = 0) -> tuple[tuple[str, ...], list[Item]]:
    """Words and photos of all sets.

    Args:
        folders: sets, each FOLDER/<class>/*.jpg or FOLDER/<set>/<class>/*.jpg.
        cap: most photos of one class folder, chosen by digest; 0 takes all.

    Returns:
        The words in alphabetical order, and the photos in the order of their digests. A file that is there twice
        counts once.

    Raises:
        SystemExit: there are no photos.
    """
    found: dict[str, tuple[Path, str]] = {}
    for place in _class_folders(folders):
        word = word_of(place.name)
        if word is None:
            continue
        files = sorted(path for path in place.iterdir() if path.suffix.lower() in ENDINGS)
        keyed = sorted((hashlib.sha256(path.read_bytes()).hexdigest()[:32], path) for path in files)
        keyed.sort(key=lambda pair: pair[0][8:16])
        for key, path in keyed[:cap] if cap else keyed:
            found.setdefault(key, (path, word))
    if not found:
        raise SystemExit(f"no photos in {', '.join(map(str, folders))}; each must hold a folder for each class")
    labels = tuple(sorted({word for _, word in found.values()}))
    items = [
        Item(path, labels.index(word), key, share(key, 0) < TEST_SHARE) for key, (path, word) in sorted(found.items())
    ]
    return labels, items


def _class_folders(folders: list[Path]) -> list[Path]:
    """Folders that hold photos themselves, at most two levels down."""
    places = []
    for folder in folders:
        for place in sorted(p for p in folder.iterdir() if p.is_dir()):
            inner = sorted(p for p in place.iterdir() if p.is_dir())
            places += inner or [place]
    return places
