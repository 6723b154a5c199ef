"""How many strokes the subjects of a scene get, and how many their place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._arrays import Array
from .._resample import area, resample
from ..encoders.embedded import Embedded
from ..engines import saliency_map
from ..errors import SettingsError
from ..photo.preparing import Prepared
from ..photo.scene_frames import FramedScene
from ..settings import MOST_STROKES, whole

LEAST, MOST = 0.4, 0.7
"""Share of the strokes that subjects get, unless one asks for another."""
ROOM = 90.0
"""Most strokes of a subject that is as large as the photo; a smaller one has room for fewer."""
LEAST_STROKES = 3
"""A subject with fewer is no subject; the others get them."""


class Budget(NamedTuple):
    """Strokes of each subject, and of the place."""

    subjects: tuple[int, ...]
    place: int

    @property
    def split(self) -> tuple[int, int]:
        """Strokes of all subjects, and of the place."""
        return sum(self.subjects), self.place


def share_budget(strokes: int, framed: FramedScene, prepared: Prepared) -> Budget:
    """Strokes by area, by saliency, and by what the encoder misses where one of the two is left out.

    Args:
        strokes: of the whole drawing.
        framed: the scene.
        prepared: the whole of it, and who compares.
    """
    if not framed.subjects:
        return Budget((), strokes)
    seen = prepared.framed.seen(prepared.encoder.input_size)[0]
    looking = prepared.encoder if prepared.saliency_encoder is None else prepared.saliency_encoder
    saliency = saliency_map(looking, seen, framed.covered.shape[0], prepared.device) * framed.whole.inside
    noticed = float((saliency * framed.covered).sum() / max(float(saliency.sum()), 1e-9))
    covered = float(np.sqrt(min(1.0, sum(framed.areas))))
    missed = _missed(framed, prepared)
    share = float(np.clip((covered + noticed + missed) / 3, LEAST, MOST))
    return divided(round(share * strokes), strokes - round(share * strokes), framed)


def divided(front: int, place: int, framed: FramedScene, *, asked: bool = False) -> Budget:
    """So many strokes shared out among the subjects, by the square root of their areas; what has no room goes back.

    Args:
        front: strokes of all subjects.
        place: those of the place.
        framed: the scene.
        asked: whether these numbers were asked for, so that no stroke changes sides.
    """
    sides = [one.frame.side / framed.whole.frame.side for one in framed.subjects]
    limits = [max(LEAST_STROKES, int(ROOM * min(1.0, side))) for side in sides]
    worth = np.sqrt(framed.areas)
    order = list(range(len(worth)))
    while len(order) > 1 and front * worth[order[-1]] / worth[order].sum() < LEAST_STROKES:
        order.pop()
    shares = [0] * len(worth)
    for number, count in zip(order, _rounded(front * worth[order] / worth[order].sum(), front), strict=True):
        shares[number] = count if asked else min(count, limits[number])
    left = front - sum(shares)
    return Budget(tuple(shares), place + left)


def parse_split(text: str) -> tuple[int, int]:
    """The numbers of strokes that `--split` names: of the subjects, and of the place.

    Raises:
        SettingsError: these are no two numbers of strokes.
    """
    try:
        front, place = (int(one) for one in text.split(","))
    except ValueError:
        problem = f"must be two numbers of strokes, of the subjects and of the background, such as 40,24, not {text!r}"
        raise SettingsError(problem, setting="split", value=text) from None
    return check_split((front, place))


def check_split(split: Sequence[int]) -> tuple[int, int]:
    """Two numbers of strokes, at least one stroke in all.

    Raises:
        SettingsError: they are none.
    """
    numbers = [whole(one) for one in split] if isinstance(split, (tuple, list)) else []
    if len(numbers) != 2 or any(n is None or n < 0 for n in numbers) or not 1 <= sum(map(int, split)) <= MOST_STROKES:
        problem = f"must be two numbers of strokes, from 0 up and 1 to {MOST_STROKES} in all, such as 40,24"
        raise SettingsError(problem, setting="split", value=split)
    return int(split[0]), int(split[1])


def _rounded(shares: Array, total: int) -> list[int]:
    """Whole numbers near to shares that add up to a total: the largest remainders are rounded up."""
    counts = np.floor(shares).astype(int)
    for i in np.argsort(counts - shares, kind="stable")[: total - int(counts.sum())]:
        counts[i] += 1
    return [int(count) for count in counts]


def _missed(framed: FramedScene, prepared: Prepared) -> float:
    """How much of what the encoder misses lies in the subjects: 0 if all is in the place, 1 if all is in them."""
    size = prepared.encoder.input_size
    covered = resample(framed.covered[None, None], area(framed.covered.shape[0], size))
    seen = framed.whole.seen(size)
    own = _embedding(prepared, seen)
    without_place, without_subjects = (_embedding(prepared, 1 - part * (1 - seen)) for part in (covered, 1 - covered))
    place, front = (1 - float(own @ other) for other in (without_place, without_subjects))
    return front / max(front + place, 1e-9)


def _embedding(prepared: Prepared, image: NDArray[np.float32]) -> NDArray[np.float32]:
    """The direction of a picture's embedding, [1, 3, y, x]: float32 [dimension]."""
    encoder = prepared.encoder
    image = np.ascontiguousarray(image, dtype=np.float32)
    if isinstance(encoder, Embedded):
        found = encoder.features(image).embedding[0]
    else:
        import torch

        with torch.no_grad():
            found = encoder.features(torch.from_numpy(image).to(prepared.device)).embedding[0].cpu().numpy()
    return np.asarray(found / max(float(np.linalg.norm(found)), 1e-9))
