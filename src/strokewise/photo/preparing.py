"""A photo made ready to be drawn: opened, its subject framed on the square canvas, and who compares at hand.

prepared = prepare("horse.png", settings)       # once, for drawings of any number of strokes
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .._process import give_back_memory
from .._resample import area, resample
from ..encoders import AnyEncoder, describe_choice, prepare_encoder, resolve_encoder
from ..engines import find_device, load_encoder_on
from ..settings import Settings
from .frame import Frame, frame_subject
from .opening import Photo, PhotoInfo, PhotoSource, check_drawable, open_photo
from .subject import cut_out, decide_subject, measure_subject

PLACEMENT_SIZE = 448
"""Side of the square on which strokes are placed, pixels; finer than the canvas, so that lines come out smooth."""
PAPER_SALIENCY = "clip-vit-b-32"
"""Whose saliency the paper samples where a CLIP ResNet compares."""


@dataclasses.dataclass(frozen=True)
class Framed:
    """A photo's subject, cut out and framed on a square; the scene is that square, in pixels of `frame.size`.

    Attributes:
        image: float32 [scene, scene, rgb], white where the background was taken away.
        photo: the same with its background.
        mask: float32 [scene, scene], or None where the background is kept.
        inside: bool [scene, scene], pixels that belong to the photo.
        frame: where the square lies in the photo.
        subject: what was done about the background, for the reader.
    """

    image: NDArray[np.float32]
    photo: NDArray[np.float32]
    mask: NDArray[np.float32] | None
    inside: NDArray[np.bool_]
    frame: Frame
    subject: str

    def seen(self, size: int) -> NDArray[np.float32]:
        """What drawings are compared with: `image` as float32 [1, 3, size, size]."""
        return resample(self.image.transpose(2, 0, 1)[None], area(len(self.image), size))


class Prepared(NamedTuple):
    """A photo ready to be drawn, and who compares.

    Attributes:
        photo: name and size of the whole photo; drawing does not need its pixels.
        framed: its subject on the square.
        encoder: on the device.
        encoder_name: the name it is registered by.
        device: where to compute, "cpu", "cuda" or "mps".
        saliency_encoder: whose saliency places the strokes, on the device; None is the encoder itself.
    """

    photo: PhotoInfo
    framed: Framed
    encoder: AnyEncoder
    encoder_name: str
    device: str
    saliency_encoder: AnyEncoder | None = None


def prepare(
    photo: PhotoSource | Photo | Prepared, settings: Settings, notice: Callable[[str], None] | None = None
) -> Prepared:
    """Open and frame a photo and load the encoder, once for drawings of any number of strokes.

    Args:
        photo: as for `draw`; one that is prepared already stays as it is.
        settings: the encoder, the device, what to do about the background, and whether to draw as the paper does,
            which may take a second encoder (see `saliency_encoder_name`); the other fields are not used.
        notice: called with one-line remarks.

    Raises:
        StrokewiseError: as for `draw`.
    """
    if isinstance(photo, Prepared):
        return photo
    say = notice or (lambda text: None)
    device = "cpu" if settings.draft else find_device(settings.device)
    name = _encoder_name(settings)

    photo = photo if isinstance(photo, Photo) else open_photo(photo)
    for remark in photo.remarks:
        say(f"{photo.name} {remark}")
    framed = frame_photo(photo, settings)
    say(framed.subject)

    encoder = load_encoder_on(name, device, say)
    if not settings.draft:
        say(describe_choice(settings.encoder))
    looking = saliency_encoder_name(settings)
    if looking is None:
        return Prepared(photo.info, framed, encoder, name, device)
    say(f"saliency: {looking}, as in the paper")
    return Prepared(photo.info, framed, encoder, name, device, load_encoder_on(looking, device, say))


def _encoder_name(settings: Settings) -> str:
    """The encoder that compares; a draft compares nothing, and gets the one that is at hand at once.

    Raises:
        EncoderError: unknown name of an encoder.
    """
    return "embedded" if settings.draft else resolve_encoder(settings.encoder)


def saliency_encoder_name(settings: Settings) -> str | None:
    """The second encoder that a drawing takes, for its saliency; None where one encoder does both.

    The paper compares by a CLIP ResNet and samples the saliency of ViT-B/32: with that schedule and that placement.

    Raises:
        EncoderError: unknown name of an encoder.
    """
    as_in_paper = settings.schedule == "paper" and settings.placement == "saliency"
    return PAPER_SALIENCY if as_in_paper and resolve_encoder(settings.encoder).startswith("clip-rn") else None


def prepare_encoders(settings: Settings, *, notice: Callable[[str], None] | None = None, progress: bool = True) -> str:
    """Have the weights of all encoders that a drawing takes on this disk; the registered name of the one that compares.

    Args:
        settings: how to draw.
        notice: called with one line for each that is fetched.
        progress: show a bar while fetching, if stderr is a terminal.

    Raises:
        EncoderError: as for `prepare_encoder`.
    """
    if settings.draft:
        return _encoder_name(settings)
    name = prepare_encoder(settings.encoder, notice=notice, progress=progress)
    looking = saliency_encoder_name(settings)
    if looking is not None:
        prepare_encoder(looking, notice=notice, progress=progress)
    return name


def frame_photo(photo: Photo, settings: Settings) -> Framed:
    """Find the subject, take the background away where that is asked for, and frame it on the square.

    Raises:
        PhotoError: the photo is all one colour.
    """
    check_drawable(photo)
    found, reason = None, "background kept as asked"
    if settings.subject != "keep":
        measured = measure_subject(photo)
        give_back_memory()  # that network takes the most of all
        use, reason = decide_subject(measured, settings.subject)
        found = measured if use else None
    frame = frame_subject(photo, found, PLACEMENT_SIZE)
    mask = None if found is None else found.mask
    return Framed(
        image=frame.sample(photo.pixels if mask is None else cut_out(photo, mask), 1.0, photo=photo),
        photo=frame.sample(photo.pixels, 1.0, photo=photo),
        mask=None if mask is None else frame.sample(mask, 0.0, photo=photo),
        inside=frame.inside(photo),
        frame=frame,
        subject=reason,
    )
