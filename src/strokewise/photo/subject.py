"""The subject: a soft mask from a salient-object network, and whether it is worth taking the background away.

    found = measure_subject(photo)
    use_mask, reason = decide_subject(found, "auto")
    pixels = cut_out(photo, found.mask) if use_mask else photo.pixels

The network (U²-Net, Qin et al., Pattern Recognition 2020; u2netp.md says where its weights come from) sees 320 x 320
pixels of whatever it is given. A subject that is small in its photo is therefore looked at twice, the second time from
near by. Where it is unsure it is asked again, about the mirror image and about a smaller one, and what they agree in
counts. What is missing of people is added (people.py), and a plain ground says more (plain_ground.py).
"""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .._onnx import OnnxNetwork, load_shipped, unload_shipped
from ..errors import Argument
from .masks import SUBJECT_LEVEL, Mask, SubjectMask
from .opening import GIVEN, Photo
from .people import with_people
from .plain_ground import with_plain_ground
from .subject_models import predict_by

FIX = ("install strokewise again, or keep the background: ", Argument("subject", "keep"))
WEIGHTS = Path(__file__).with_name("u2netp.onnx")

_CLOSER = 0.75  # look again when the crop around the subject is at most this share of the photo's width and height
_MARGIN = 0.15  # room left around the subject in that crop, as a share of its long side
_AGREE = 0.55  # least overlap of both answers; below it one of them is wrong, and it is not known which

_UNSURE = 0.3
"""Undecided area over subject area from which on the network is asked again: about every third photo."""
_FARTHER = 224  # what it sees then of the whole photo, beside the mirror image, in pixels

_SMALLEST, _SMALL, _LARGEST = 0.002, 0.02, 0.92  # shares of the picture
_DIFFUSE = 1.5  # undecided area over subject area; a clear mask has 0.02 to 1
_DIFFUSE_SMALL = 0.9

_STRAY = 0.1  # a part of less than this share of the largest one is something else, unless it is
_FOOT = 0.05  # no further from it than this share of its height or width, and low: a foot, the leg being thin

_SIDE = 320  # what the network sees, in pixels
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet's RGB in [0, 1]


def find_subject(photo: Photo) -> Mask:
    """Where the subject is.

    Returns:
        float32 [height, width] in [0, 1] at the size of `photo.pixels`: 1 on the subject, 0 on the background, soft
        at the edges, without small things that stand apart; zero everywhere when nothing stands out (a picture of one
        colour).
    """
    return measure_subject(photo).mask


def measure_subject(photo: Photo, model: str = "auto", *, quick: bool = False) -> SubjectMask:
    """`find_subject`, with the parts, the box and the share of the mask.

    Args:
        photo: the photo.
        model: one of `SUBJECT_MODELS`; those of rembg look once.
        quick: whether an unsure mask stays as it is, where the network would be asked again.

    Raises:
        StrokewiseError: as for `predict_by`.
    """
    pixels = photo.pixels
    if model != "auto":
        return _without_strays(SubjectMask.of(predict_by(model, pixels)).without_specks())
    try:
        first = SubjectMask.of(_predict(pixels))
        found = _closer_look(first, pixels)
        if found is first and not quick and _diffuseness(first) > _UNSURE:
            found = SubjectMask.of(_asked_again(first.mask, pixels))
    finally:
        unload_shipped(_network)
    found = with_plain_ground(with_people(found, pixels), pixels)
    return _without_strays(found.without_specks())


def _closer_look(first: SubjectMask, pixels: NDArray[np.float32]) -> SubjectMask:
    """A subject that is small in its photo, seen from near by; the first look where that is no better."""
    crop = _crop_around(first)
    if crop is None:
        return first
    left, top, right, bottom = crop
    closer = np.zeros_like(first.mask)
    closer[top:bottom, left:right] = _predict(pixels[top:bottom, left:right])
    return SubjectMask.of(closer) if _is_better(first.mask, closer, crop) else first


def _asked_again(first: Mask, pixels: NDArray[np.float32]) -> Mask:
    """What the first look, one at the mirror image and one at a smaller image agree in.

    Their mean, with twice its contrast: what one of three sees alone leaves a trace, which tells how clear the mask is.
    """
    mean = first + _predict(np.ascontiguousarray(pixels[:, ::-1]))[:, ::-1]
    mean = (mean + _predict(pixels, _FARTHER)) / np.float32(3)
    return np.asarray(np.clip(2 * mean - np.float32(0.5), 0, 1), dtype=np.float32)


def _without_strays(found: SubjectMask) -> SubjectMask:
    """The mask without small parts that stand apart: another cow far behind takes strokes that the cow needs."""
    from scipy import ndimage

    parts, areas = found.parts, found.areas
    if len(areas) < 3:
        return found
    largest = int(areas.argmax())
    box = ndimage.find_objects(parts)[largest - 1]
    side = max(one.stop - one.start for one in box)
    numbers = np.arange(1, len(areas))
    away = ndimage.minimum(ndimage.distance_transform_edt(parts != largest), parts, numbers)
    middle = np.array(ndimage.center_of_mass(parts, parts, numbers))[:, 0]
    foot = (away <= _FOOT * side) & (middle > (box[0].start + box[0].stop) / 2)
    stray = (areas[1:] < _STRAY * areas[largest]) & ~foot
    return found.without(np.concatenate([[False], stray]))


def decide_subject(mask: Mask | SubjectMask, mode: str) -> tuple[bool, str]:
    """Whether to take the background away, and why.

    Args:
        mask: float32 [height, width] in [0, 1], as from `find_subject`, or measured, as from `measure_subject`.
        mode: "remove", as the user asks, or "auto" to remove it only when a clear subject was found.

    Returns:
        (use the mask, one short line for the user). Without any subject the background stays, even on "remove".
    """
    found = SubjectMask.of(mask)
    share = found.share
    filled = f"subject fills {_percent(share)} of the picture"
    if share == 0:
        return False, "background kept (no subject found)"
    if mode == "remove":
        return True, f"background removed (as asked; {filled})"
    if share > _LARGEST:
        return False, f"background kept ({filled})"
    if share < _SMALLEST or not _is_clear(found):
        return False, "background kept (no clear subject found)"
    return True, f"background removed ({filled})"


def decide_known(mask: Mask | SubjectMask, source: str) -> str:
    """Why a mask is used that was known before, one short line for the user; empty if it is not.

    Args:
        mask: float32 [height, width] in [0, 1], measured or not.
        source: "given", which is used in any case, or "transparency", which is used if it shows a subject: a picture
            of which only the corners are transparent shows none.
    """
    share = SubjectMask.of(mask).share
    if source == GIVEN:
        return f"background removed (by the mask given; subject fills {_percent(share)} of the picture)"
    if _SMALLEST <= share <= _LARGEST:
        return f"background removed (it was transparent; subject fills {_percent(share)} of the picture)"
    return ""


def cut_out(photo: Photo, mask: Mask) -> NDArray[np.float32]:
    """The subject on white paper: float32 [height, width, rgb] in [0, 1]; the mask is [height, width] of `pixels`."""
    alpha = mask[:, :, None]
    return np.asarray(photo.pixels * alpha + (1 - alpha), dtype=np.float32)


def _is_clear(found: SubjectMask) -> bool:
    """Not a haze, and not scattered blobs: a face that fills the picture yields only eyes and nose."""
    from scipy import ndimage

    mask, share = found.mask, found.share
    diffuse = _diffuseness(found)
    # Not the mask's parts: cores that only a haze joins are separate blobs here.
    cores, _ = ndimage.label(mask > SUBJECT_LEVEL)
    areas = np.bincount(cores.ravel())[1:]
    largest = float(areas.max() / areas.sum())
    if share < _SMALL:
        return diffuse < _DIFFUSE_SMALL and largest > 0.8
    box = found.box
    assert box is not None
    fill = areas.sum() / ((box[2] - box[0]) * (box[3] - box[1]))
    return diffuse < _DIFFUSE and (largest > 0.5 or fill > 0.2)


def _diffuseness(found: SubjectMask) -> float:
    """Undecided area over subject area: 0.02 to 1 in clear masks."""
    undecided = float(((found.mask > 0.1) & (found.mask < 0.9)).mean())
    return undecided / found.share if found.share else float("inf") if undecided else 0.0


def _crop_around(found: SubjectMask) -> tuple[int, int, int, int] | None:
    """Left, top, right, bottom of the subject with room around it; None where a closer look shows no more."""
    box = found.box
    if box is None:
        return None
    height, width = found.mask.shape
    left, top, right, bottom = box
    room = int(np.ceil(_MARGIN * max(right - left, bottom - top)))
    left, top = max(0, left - room), max(0, top - room)
    right, bottom = min(width, right + room), min(height, bottom + room)
    if max((right - left) / width, (bottom - top) / height) > _CLOSER or min(right - left, bottom - top) < 16:
        return None
    return left, top, right, bottom


def _is_better(first: Mask, closer: Mask, crop: tuple[int, int, int, int]) -> bool:
    """Whether the closer look may be trusted: it means the same thing, and is as sure of it."""
    left, top, right, bottom = crop
    overlap = float(np.minimum(first, closer).sum() / max(float(np.maximum(first, closer).sum()), 1e-6))
    sure = [float(np.abs(2 * m[top:bottom, left:right] - 1).mean()) for m in (first, closer)]
    return overlap >= _AGREE and sure[1] >= sure[0] - 0.05


def _predict(pixels: NDArray[np.float32], side: int = _SIDE) -> Mask:
    """The network's answer for [height, width, rgb], of which it sees side x side pixels: float32 [height, width]."""
    image = Image.fromarray(np.round(pixels * 255).astype(np.uint8))
    nothing = np.zeros(pixels.shape[:2], dtype=np.float32)
    low, high = np.asarray(image).min(), np.asarray(image).max()
    if high - low < 2:
        return nothing
    seen = np.asarray(image.resize((side, side), Image.Resampling.LANCZOS), dtype=np.float64)
    seen = (seen / max(1, seen.max()) - _MEAN) / _DEVIATION  # a lone bright pixel may be lost in 320 x 320
    found = _network()(seen.transpose(2, 0, 1)[None].astype(np.float32))[0][0, 0]
    if not found.max() > found.min():
        return nothing
    found = (found - found.min()) / (found.max() - found.min())
    # Eight bits, as in rembg, which the tests hold the mask against.
    mask = Image.fromarray((found * 255).astype(np.uint8)).resize(image.size, Image.Resampling.LANCZOS)
    return np.asarray(mask, dtype=np.float32) / np.float32(255)


@functools.cache
def _network() -> OnnxNetwork:
    """One network for the process.

    It works in more memory than all other networks together, so it is loaded anew for each photo.

    Raises:
        StrokewiseError: the weights are missing or damaged.
    """
    return load_shipped(WEIGHTS, "the subject network", fix=FIX, keep_memory=True)


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.01 else f"{share:.1%}"
