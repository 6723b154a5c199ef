"""A photo made ready to be drawn: as `photo.preparing.frame_photo` does it, at a size that suits thousands."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional as F

from strokewise.encoders import Encoder
from strokewise.photo.frame import frame_subject
from strokewise.photo.opening import Photo
from strokewise.photo.preparing import Framed
from strokewise.photo.subject import cut_out, decide_subject, find_subject
from strokewise.placement import PlacementInput

PLACEMENT_SIZE = 224
"""Side of the square on which strokes are placed, pixels: half of what `strokewise.draw` takes, at a third the time."""


def frame(photo: Photo) -> Framed:
    """The photo framed on its subject, and without its background where a clear subject was found."""
    found = find_subject(photo)
    use, reason = decide_subject(found, "auto")
    mask = found if use else None
    square = frame_subject(photo, mask, PLACEMENT_SIZE)
    return Framed(
        square.sample(photo.pixels if mask is None else cut_out(photo, mask), 1.0, photo=photo),
        square.sample(photo.pixels, 1.0, photo=photo),
        None if mask is None else square.sample(mask, 0.0, photo=photo),
        square.inside(photo),
        square,
        reason,
    )


def whole(photo: Photo) -> NDArray[np.float32]:
    """The whole photo, centred on a white square."""
    return frame_subject(photo, None, PLACEMENT_SIZE).sample(photo.pixels, 1.0, photo=photo)


def place_in_whole(photo: Photo, framed: Framed) -> NDArray[np.float32]:
    """Where the framed square lies in the whole one: left, top and side, as shares of the whole one's side."""
    around, square = frame_subject(photo, None, PLACEMENT_SIZE), framed.frame
    left, top = (square.x0 - around.x0) / around.side, (square.y0 - around.y0) / around.side
    return np.array([left, top, square.side / around.side], dtype=np.float32)


def scene(framed: Framed, encoder: Encoder) -> PlacementInput:
    """What a placement looks at. Faces aren't sought: few of the photos show people."""
    image = torch.from_numpy(np.ascontiguousarray(framed.image.transpose(2, 0, 1)))[None]
    side = encoder.input_size
    saliency = encoder.saliency(F.interpolate(image, (side, side), mode="bilinear", align_corners=False))
    saliency = F.interpolate(saliency[:, None], (PLACEMENT_SIZE, PLACEMENT_SIZE), mode="bilinear", align_corners=False)
    return PlacementInput(
        framed.image.astype(np.float64),
        framed.photo.astype(np.float64),
        None if framed.mask is None else framed.mask.astype(np.float64),
        framed.inside,
        saliency[0, 0].numpy().astype(np.float64),
        PLACEMENT_SIZE / 224,
    )
