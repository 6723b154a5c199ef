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
from ..errors import SettingsError
from ..settings import Settings
from ..words.targets import find_target
from .frame import Frame, frame_subject
from .given_mask import with_mask
from .masks import SubjectMask
from .opening import TRANSPARENCY, Photo, PhotoInfo, PhotoSource, check_drawable, open_photo
from .subject import cut_out, decide_known, decide_subject, measure_subject
from .subject_models import prepare_subject_model

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
        mask_source: where a mask is from that was not looked for, "given" or "transparency"; else empty.
    """

    image: NDArray[np.float32]
    photo: NDArray[np.float32]
    mask: NDArray[np.float32] | None
    inside: NDArray[np.bool_]
    frame: Frame
    subject: str
    mask_source: str = ""

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
    photo: PhotoSource | Photo | Prepared,
    settings: Settings,
    notice: Callable[[str], None] | None = None,
    *,
    mask: PhotoSource | None = None,
) -> Prepared:
    """Open and frame a photo and load the encoder, once for drawings of any number of strokes.

    Args:
        photo: as for `draw`; one that is prepared already stays as it is.
        settings: the encoder, the device, what to do about the background, and whether to draw as the paper does,
            which may take a second encoder (see `saliency_encoder_name`); whether the encoder understands the text is
            checked; the other fields are not used.
        notice: called with one-line remarks.
        mask: what the subject is, as for `with_mask`; None looks for it.

    Raises:
        SettingsError: a mask for a photo that is prepared already, or whose background is kept.
        StrokewiseError: as for `draw`.
    """
    if mask is not None:
        check_takes_mask(settings)
    if settings.subject == "scene":
        fix = "draw it with strokewise scene, strokewise draw, or scene(photo)"
        raise SettingsError("is for single drawings of a whole scene", setting="subject", value="scene", fix=fix)
    if isinstance(photo, Prepared):
        if mask is not None:
            raise SettingsError("comes too late for a photo that is prepared", setting="mask", fix="give it to prepare")
        return photo
    say = notice or (lambda text: None)
    device = "cpu" if settings.draft else find_device(settings.device)
    name = _encoder_name(settings)

    photo = photo if isinstance(photo, Photo) else open_photo(photo)
    if mask is not None:
        photo = with_mask(photo, mask)
    for remark in photo.remarks:
        say(f"{photo.name} {remark}")
    if settings.subject != "keep":
        prepare_subject_model(settings.subject_model, notice)
    framed = frame_photo(photo, settings)
    say(framed.subject)

    encoder = load_encoder_on(name, device, say)
    if not settings.draft:
        say(describe_choice(settings.encoder))
    find_target(encoder, name, settings)  # says what is wrong with a text before any work
    looking = saliency_encoder_name(settings)
    if looking is None:
        return Prepared(photo.info, framed, encoder, name, device)
    say(f"saliency: {looking}, as in the paper")
    return Prepared(photo.info, framed, encoder, name, device, load_encoder_on(looking, device, say))


def check_takes_mask(settings: Settings) -> None:
    """Refuse a mask where the background is to be kept.

    Raises:
        SettingsError: it is.
    """
    if settings.subject == "keep":
        raise SettingsError(
            "and a mask do not go together", setting="subject", value="keep", fix="leave one of them out"
        )


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
    """Have the weights of all networks that a drawing takes on this disk; the registered name of the one that compares.

    Args:
        settings: how to draw.
        notice: called with one line for each that is fetched.
        progress: show a bar while fetching, if stderr is a terminal.

    Raises:
        EncoderError: as for `prepare_encoder`.
        StrokewiseError: as for `prepare_subject_model`.
    """
    if settings.subject != "keep":
        prepare_subject_model(settings.subject_model, notice)
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
    found, reason, source = None, "background kept as asked", ""
    if settings.subject != "keep":
        found, reason, source = choose_mask(photo, settings)
    if found is None or source != TRANSPARENCY:
        return framed_by(photo, found, reason, source)
    # What was transparent has no background to take away: it shows the ground that the photo was laid on.
    ground = photo.pixels.reshape(-1, 3)[found.mask.argmin()]
    return framed_by(photo, found, reason, source, cut=False, ground=ground)


def framed_by(
    photo: Photo,
    found: SubjectMask | None,
    subject: str,
    source: str,
    *,
    cut: bool = True,
    ground: float | NDArray[np.float32] = 1.0,
) -> Framed:
    """A photo on the square around its subject, or around all of it.

    Args:
        photo: the photo.
        found: the subject; None keeps the background.
        subject, source: as of `Framed`, the latter as `mask_source`.
        cut: whether what is not the subject is taken away.
        ground: what lies around the photo, a grey or a colour in [0, 1].
    """
    frame = frame_subject(photo, found, PLACEMENT_SIZE)
    seen = frame.sample(photo.pixels, ground, photo=photo)
    return Framed(
        image=frame.sample(cut_out(photo, found.mask), ground, photo=photo) if found is not None and cut else seen,
        photo=seen,
        mask=None if found is None else frame.sample(found.mask, 0.0, photo=photo),
        inside=frame.inside(photo),
        frame=frame,
        subject=subject,
        mask_source=source,
    )


def choose_mask(photo: Photo, settings: Settings) -> tuple[SubjectMask | None, str, str]:
    """The mask to use, or None; why, for the reader; and where it is from if it was known before."""
    if photo.mask is not None:
        known = SubjectMask.of(photo.mask)
        reason = decide_known(known, photo.mask_source)
        if reason:
            return known, reason, photo.mask_source
    measured = measure_subject(photo, settings.subject_model, quick=settings.draft)
    give_back_memory()  # that network takes the most of all
    use, reason = decide_subject(measured, settings.subject)
    return (measured if use else None), reason, ""
