"""What words typically look like: a few drawings of each, to start from where there is no photo.

    typical("flamingo", 16)       # float64 [drawing, 16, 4, xy] in about [0, 1], the most typical first

`typical.md` says of what they were made. The file is read when it is first needed, and nothing but numbers in it is
believed: it is bounded, and of one fixed form.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array
from ..encoders.embedded import METADATA
from ..errors import StrokewiseError

FILE = Path(__file__).with_name("typical.safetensors")
FORMAT = "strokewise-typical-1"
COUNTS = (8, 16, 32)
"""Strokes in which each drawing is there."""
MOST_BYTES = 2_000_000
"""Bytes that the file may have."""
MOST_DRAWINGS = 8
"""Drawings that a word may have."""
REACH = (-0.125, 1.125)
"""Where points may lie; the drawing's square is 0 to 1. Stored as whole numbers from 0 to 65535."""


class Typical(NamedTuple):
    """The drawings of all words.

    Attributes:
        places: of each word, the first of its drawings and the one after its last.
        points: by the number of strokes, uint16 [drawing, stroke, 4, xy].
    """

    places: dict[str, tuple[int, int]]
    points: dict[int, NDArray[np.uint16]]


def typical(word: str, count: int) -> Array:
    """Typical drawings of a word, float64 [drawing, stroke, 4, xy], the most typical first; none of unknown words.

    Args:
        word: of the vocabulary.
        count: one of `COUNTS`.

    Raises:
        StrokewiseError: the package's file is missing or damaged.
    """
    known = _of_the_package()
    first, last = known.places.get(word, (0, 0))
    low, high = REACH
    return known.points[count][first:last].astype(np.float64) / 65535 * (high - low) + low


def typical_words() -> tuple[str, ...]:
    """The words that have typical drawings.

    Raises:
        StrokewiseError: as for `typical`.
    """
    return tuple(_of_the_package().places)


def read_typical(path: Path) -> Typical:
    """The drawings in a file.

    Raises:
        StrokewiseError: it is missing, damaged or too large.
    """
    fix = "install strokewise again"
    if not path.is_file():
        raise StrokewiseError(f"the typical drawings are missing ({path})", fix=fix)
    try:
        return _checked(path)
    except Exception as error:  # a damaged file can make the reader raise nearly anything
        raise StrokewiseError(f"{path} holds no typical drawings ({type(error).__name__})", fix=fix) from error


def write_typical(path: Path, drawings: Mapping[str, Sequence[Mapping[int, Array]]]) -> int:
    """Write drawings to a file; returns its bytes.

    Args:
        path: of the file.
        drawings: of each word, by the number of strokes, each float [stroke, 4, xy] in about [0, 1].

    Raises:
        ValueError: a word has none, or more than `MOST_DRAWINGS`, or the file gets too large.
    """
    from safetensors.numpy import save

    low, high = REACH
    flat = [one for word in sorted(drawings) for one in drawings[word]]
    stored = {
        str(count): np.round(
            np.clip((np.stack([one[count] for one in flat]) - low) / (high - low), 0, 1) * 65535
        ).astype(np.uint16)
        for count in COUNTS
    }
    numbers = [(word, len(drawings[word])) for word in sorted(drawings)]
    if not all(0 < number <= MOST_DRAWINGS for _, number in numbers):
        raise ValueError(f"a word must have 1 to {MOST_DRAWINGS} drawings")
    data = save(stored, {METADATA: json.dumps({"format": FORMAT, "words": numbers}, ensure_ascii=False)})
    if len(data) > MOST_BYTES:
        raise ValueError(f"{len(data)} bytes are more than {MOST_BYTES}: keep fewer drawings of a word")
    path.write_bytes(data)
    return len(data)


@functools.cache
def _of_the_package() -> Typical:
    return read_typical(FILE)


def _checked(path: Path) -> Typical:
    """What a file holds.

    Raises:
        Exception: it has another form.
    """
    from safetensors.numpy import load

    with path.open("rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError("too large")
    length = int.from_bytes(data[:8], "little")
    notes = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][METADATA])
    tensors = load(data)
    if notes["format"] != FORMAT or tensors.keys() != {str(count) for count in COUNTS}:
        raise ValueError("another format")
    places: dict[str, tuple[int, int]] = {}
    first = 0
    for word, number in notes["words"]:
        if not isinstance(word, str) or type(number) is not int or not 0 < number <= MOST_DRAWINGS or word in places:
            raise ValueError("odd words")
        places[word] = first, first + number
        first += number
    points = {count: tensors[str(count)] for count in COUNTS}
    for count, array in points.items():
        if array.dtype != np.uint16 or array.shape != (first, count, 4, 2):
            raise ValueError("another shape")
    return Typical(places, points)
