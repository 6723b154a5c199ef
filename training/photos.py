"""Labelled photos, one folder a class, and which of them are for training and which for testing."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

ENDINGS = {".jpg", ".jpeg", ".png", ".webp"}
TEST_SHARE = 0.25


@dataclasses.dataclass(frozen=True)
class Item:
    """One photo.

    Attributes:
        path: the file.
        label: index of its class.
        key: digest of the file's bytes, hexadecimal: its name in the cache, its side of the split, its seed.
        test: held out of training.
    """

    path: Path
    label: int
    key: str
    test: bool


def share(key: str, place: int) -> float:
    """A number in [0, 1) that a digest stands for; another `place` (0 to 3) gives an unrelated one."""
    return int(key[8 * place : 8 * place + 8], 16) / 2**32


def list_photos(folder: Path, cap: int = 0) -> tuple[tuple[str, ...], list[Item]]:
    """Class names and photos of `folder/<class>/*.jpg`.

    The split goes by the bytes of each file alone. It stays as it is when files are renamed or others are added, and
    a file that is there twice can't be on both sides: only the first one counts.

    Args:
        folder: has one folder a class.
        cap: most photos of a class, test photos included; 0 takes all.

    Raises:
        SystemExit: there are no photos.
    """
    labels: list[str] = []
    items: list[Item] = []
    seen: set[str] = set()
    for place in sorted(p for p in folder.iterdir() if p.is_dir()):
        found = []
        for path in sorted(p for p in place.iterdir() if p.suffix.lower() in ENDINGS):
            key = hashlib.sha256(path.read_bytes()).hexdigest()[:32]
            if key not in seen:
                seen.add(key)
                found.append(Item(path, len(labels), key, share(key, 0) < TEST_SHARE))
        if found:
            labels.append(place.name)
            items += _capped(found, cap) if cap else found
    if not items:
        raise SystemExit(f"{folder} has no photos; it must hold a folder for each class, with .jpg files in it")
    return tuple(labels), items


def _capped(items: list[Item], cap: int) -> list[Item]:
    """At most `cap` photos, chosen by digest, a `TEST_SHARE` of them test photos."""
    tests = max(1, round(cap * TEST_SHARE))
    kept = []
    for test, most in ((False, cap - tests), (True, tests)):
        side = sorted((item for item in items if item.test == test), key=lambda item: item.key[8:16])
        kept += side[:most]
    return sorted(kept, key=lambda item: item.path.name)
