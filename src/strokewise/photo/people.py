"""People in the mask: arms, hats and dark clothes that the salient-object network leaves out.

    mask = with_people(mask, pixels)

MediaPipe's selfie segmentation (people.md says where its weights come from) knows people and takes much else for them:
animals, statues, plants. What it adds counts only where it belongs to somebody whose face was found, and who is in the
mask already, in part. It takes milliseconds; faces are looked for only where it would add a part worth having.
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .._arrays import Flags
from .._onnx import OnnxNetwork, load_shipped
from ..errors import Argument
from .faces import Face, find_faces
from .masks import SUBJECT_LEVEL, Mask, SubjectMask

FIX = ("install strokewise again, or keep the background: ", Argument("subject", "keep"))
WEIGHTS = Path(__file__).with_name("people.onnx")
SIDE = 256
"""What the network sees, in pixels."""
ROOM = 0.6
"""Room around the subject in what it looks at, as a share of its long side: raised arms reach out of the mask's box."""
RIM = 4
"""Pixels of those that it sees: what is no thicker than twice that along the mask is its rim, and no part of a body."""
SURE = 0.8
"""Least mean of the network's answer over a part that is added."""
WORTH = 0.02
"""Least area of what would be added, as a share of the mask's."""
SHARED = 0.25
"""Least share of a person that is in the mask already: others stand in the background."""


def with_people(found: SubjectMask, pixels: NDArray[np.float32]) -> SubjectMask:
    """The mask with all of the people who are in it in part.

    Args:
        found: the mask, [height, width].
        pixels: float32 [height, width, rgb] in [0, 1].

    Returns:
        the same mask where nobody's face is found, or nothing is missing.

    Raises:
        StrokewiseError: the weights are missing or damaged.
    """
    box = found.box
    if box is None:
        return found
    height, width = found.mask.shape
    room = int(np.ceil(ROOM * max(box[2] - box[0], box[3] - box[1])))
    left, top = max(0, box[0] - room), max(0, box[1] - room)
    right, bottom = min(width, box[2] + room), min(height, box[3] + room)
    seen = _predict(pixels[top:bottom, left:right])
    known = _resized(found.mask[top:bottom, left:right], (SIDE, SIDE))
    people = _incomplete(seen, known)
    if not people:
        return found
    faces = find_faces(pixels[top:bottom, left:right])
    added = np.zeros((SIDE, SIDE), dtype=np.float32)
    scale = np.array([SIDE / (right - left), SIDE / (bottom - top)])
    for person, missing in people:
        if any(_shows(person, face, scale) for face in faces):
            added = np.where(missing, np.maximum(added, seen), added)
    if not added.any():
        return found
    mask = found.mask.copy()
    mask[top:bottom, left:right] = np.maximum(
        mask[top:bottom, left:right], _resized(added, (right - left, bottom - top))
    )
    return SubjectMask.of(mask)


def _incomplete(seen: Mask, known: Mask) -> list[tuple[Flags, Flags]]:
    """Those who are in the mask in part: where each is, and what of them is missing, bool [y, x]."""
    from scipy import ndimage

    inside = known > SUBJECT_LEVEL
    disc = np.hypot(*np.mgrid[-RIM : RIM + 1, -RIM : RIM + 1]) <= RIM
    thick = ndimage.binary_opening((seen > SUBJECT_LEVEL) & ~inside, disc)
    parts, count = ndimage.label(thick)
    sure = ndimage.mean(seen, parts, np.arange(count + 1)) >= SURE
    thick &= sure[parts]
    if thick.sum() < WORTH * inside.sum():
        return []
    people, count = ndimage.label(seen > SUBJECT_LEVEL)
    found = []
    for number in range(1, count + 1):
        person = people == number
        lacks = thick & person
        if lacks.sum() >= WORTH * inside.sum() and (person & inside).sum() >= SHARED * person.sum():
            # With its soft edge, and up to where the mask begins.
            found.append((person, ndimage.binary_dilation(lacks, disc)))
    return found


def _shows(person: Flags, face: Face, scale: NDArray[np.float64]) -> bool:
    """Whether a face is that person's."""
    x, y = np.clip((face.centre * scale).astype(int), 0, SIDE - 1)
    return bool(person[y, x])


def _resized(mask: Mask, size: tuple[int, int]) -> Mask:
    """[height, width] at another size (width, height), in [0, 1]."""
    kernel = Image.Resampling.BICUBIC
    image = Image.fromarray(np.ascontiguousarray(mask, dtype=np.float32)).resize(size, kernel)
    return np.asarray(np.clip(np.asarray(image), 0, 1), dtype=np.float32)


def _predict(pixels: NDArray[np.float32]) -> Mask:
    """Where people are in [height, width, rgb]: float32 [SIDE, SIDE] in [0, 1]."""
    image = Image.fromarray(np.round(pixels * 255).astype(np.uint8)).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    seen = np.asarray(image, dtype=np.float32).transpose(2, 0, 1)[None] / np.float32(255)
    return np.asarray(_network()(seen)[0][0, 0])


@functools.cache
def _network() -> OnnxNetwork:
    """One network for the process: loading it takes longer than asking it.

    Raises:
        StrokewiseError: the weights are missing or damaged.
    """
    return load_shipped(WEIGHTS, "the people network", fix=FIX)
