"""Masks of a batch: a column of the list, or a folder with a picture for each photo."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from .._text import first_of, plural
from ..errors import PhotoError
from ..photo.formats import ENDINGS
from .items import Item
from .photos import LocalFile, file_stamp, is_url


def masks_from_folder(items: Sequence[Item], folder: str | Path, remarks: list[str]) -> list[Item]:
    """Photos with the masks of a folder that lie at the same path below it as the photo, whatever their endings.

    Args:
        items: the photos.
        folder: on this machine, or on a disk that all machines share.
        remarks: gets a line that names photos which have no mask there: their subjects are looked for; and one that
            names masks that no photo takes.

    Raises:
        PhotoError: there is no such folder, or it holds no mask of any photo.
    """
    text = str(folder)
    if is_url(text) or not Path(text).is_dir():
        raise PhotoError(f"{text} is no folder of masks on this machine: name one that holds a PNG for each photo")
    there: dict[str, str] = {}
    unused: set[str] = set()
    for below, _, names in os.walk(text):
        for name in sorted(names, reverse=True):
            stem, ending = os.path.splitext(name)
            if ending.lower() in ENDINGS:
                path = os.path.abspath(os.path.join(below, name))
                there[os.path.relpath(os.path.join(below, stem), text).replace(os.sep, "/")] = path
                unused.add(path)
    found = []
    for item in items:
        beside = there.get(os.path.splitext(item.place)[0])
        if beside is not None:
            unused.discard(beside)
        found.append(item if beside is None else item.with_mask(LocalFile(beside), file_stamp(beside)))
    without = [item.name for item in found if item.mask is None]
    if len(without) == len(found):
        raise PhotoError(
            f"{text} holds no mask of any photo: a mask is named like its photo, horses/a.png for horses/a.jpg"
        )
    if without:
        many = plural(len(without), "photo")
        remarks.append(f"{many} without a mask in {text}, their subjects looked for: {first_of(without)}")
    if unused:
        left = sorted(os.path.relpath(path, text).replace(os.sep, "/") for path in unused)
        remarks.append(f"{plural(len(left), 'mask')} in {text} that no photo takes: {first_of(left)}")
    return found
