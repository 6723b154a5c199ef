"""Placements of many labelled photos, of which the typical drawings are chosen.

python -m training.typical.gather FOLDER... --work out/typical

draws each photo whose subject is clear, whole and in one piece, in strokes along its lines, without any optimisation.
Each photo is a file of the work folder, so that a run that was killed goes on where it was.
"""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from scipy import ndimage

from strokewise import Settings
from strokewise._arrays import Array
from strokewise.encoders import embedded
from strokewise.errors import StrokewiseError
from strokewise.photo.masks import SUBJECT_LEVEL, SubjectMask
from strokewise.photo.opening import GIVEN, open_photo
from strokewise.photo.preparing import Prepared, frame_photo
from strokewise.photo.subject import decide_subject, measure_subject
from strokewise.placement import ContourPlacement
from strokewise.placement.candidates import placement_input
from strokewise.words.typical import COUNTS

from ..parallel import one_thread, run_all, write_atomically
from ..photos import Item
from ..reader.photos import list_photos

BORDER = 0.04
"""Most of the picture's border that a subject may cover: what is cut off there has no outline of its own."""
PIECE = 0.9
"""Least share of the subject that its largest piece must be."""
SHARE = (0.05, 0.8)
"""Least and greatest share of the picture that is subject."""


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m training.typical.gather", description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("folders", type=Path, nargs="+", help="photo sets, as for training.reader")
    add("--work", type=Path, default=Path("out/typical"), help="folder of the placements")
    add("--cap", type=int, default=24, help="most photos of a word, those with the plainest border")
    add("--only", default="", help="words to do, with commas between; by default all")
    arguments = parser.parse_args(words)
    one_thread()
    labels, items = list_photos(arguments.folders)
    chosen = some(items, arguments.cap, {labels.index(word) for word in arguments.only.split(",") if word})
    arguments.work.mkdir(parents=True, exist_ok=True)
    jobs = [(item, labels[item.label], arguments.work) for item in chosen]
    run_all(_gather, [job for job in jobs if not place_of(*job[1:], job[0]).exists()], 1, "photos")


def some(items: list[Item], cap: int, only: set[int]) -> list[Item]:
    """At most `cap` photos of each word, none of them held out: those with the plainest border, first one of each."""
    ranked: list[tuple[int, Item]] = []
    for label in sorted({item.label for item in items}):
        if not only or label in only:
            mine = sorted((item for item in items if item.label == label and not item.test), key=lambda item: item.key)
            plain = sorted(mine, key=lambda item: unevenness(item.path))
            ranked += enumerate(plain[:cap])
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])]


def unevenness(path: Path) -> float:
    """How much the border of a photo varies, grey levels: 0 for a thing on white, 60 in a wood."""
    with Image.open(path) as image:
        grey = np.asarray(image.convert("L"), dtype=np.float64)
    return float(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]).std())


def place_of(word: str, work: Path, item: Item) -> Path:
    """The file of a photo; an empty one says that its subject will not do."""
    return work / f"{word.replace(' ', '_')}-{item.key}.npz"


def _gather(job: tuple[Item, str, Path]) -> None:
    item, word, work = job
    try:
        drawings = placements(item.path)
    except StrokewiseError:
        drawings = {}
    named: dict[str, Any] = {str(count): points for count, points in drawings.items()}

    # Opened here: NumPy would add its own ending to the name.
    def save(part: Path) -> None:
        with part.open("wb") as file:
            np.savez_compressed(file, **named)

    write_atomically(place_of(word, work, item), save)


def placements(path: Path) -> dict[int, Array]:
    """First strokes of one photo in each of `COUNTS`, float64 [stroke, 4, xy]; nothing where its subject will not do.

    Raises:
        StrokewiseError: it cannot be opened, or has no line worth drawing.
    """
    photo = open_photo(path)
    subject = measure_subject(photo, quick=True)
    if not is_whole(subject) or not decide_subject(subject, "auto")[0]:
        return {}
    settings = Settings()
    framed = frame_photo(dataclasses.replace(photo, mask=subject.mask, mask_source=GIVEN), settings)
    prepared = Prepared(photo.info, framed, _encoder(), "embedded", "cpu")
    trace = ContourPlacement(placement_input(prepared, settings))
    return {count: trace(count, np.random.default_rng(0)) for count in COUNTS}


def is_whole(subject: SubjectMask) -> bool:
    """Whether a subject is of a fair size, in one piece, and not cut off by the picture's border."""
    mask = subject.mask > SUBJECT_LEVEL
    if not SHARE[0] < subject.share < SHARE[1]:
        return False
    parts, _ = ndimage.label(mask)
    areas = np.bincount(parts.ravel())[1:]
    border = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    return bool(areas.max() > PIECE * areas.sum() and border.mean() < BORDER)


_KNOWN: list[embedded.Embedded] = []


def _encoder() -> embedded.Embedded:
    if not _KNOWN:
        _KNOWN.append(embedded.load())
    return _KNOWN[0]


if __name__ == "__main__":
    main()
