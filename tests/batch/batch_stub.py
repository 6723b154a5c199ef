"""A tiny encoder of the real interface, registered on import, with moods: some colours make it hang, die or fail.

Imported by drivers and workers alike (`--import batch_stub`), never by tests. Placement works on a smaller square, for
speed.
"""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import torch
from batch_photos import BLUE, GREEN, RED
from torch import Tensor
from torch.nn import functional as F

import strokewise
from strokewise import Features
from strokewise.encoders import encoder_names
from strokewise.photo import preparing

preparing.PLACEMENT_SIZE = 112

SLOW = float(os.environ.get("BATCH_STUB_SECONDS", "0"))
FLAG = os.environ.get("BATCH_STUB_CALM", "")
"""A file; once it is there, blue photos kill nobody and red ones do not hang."""


class Stub(torch.nn.Module):
    """Averages of the picture at two sizes."""

    name = "stub"
    input_size = 32
    map_weights = (1.0, 1.0)
    semantic_weight = 0.1

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("scale", torch.ones(1))

    def features(self, images: Tensor) -> Features:
        maps = (F.avg_pool2d(images, 2), F.avg_pool2d(images, 4))
        return Features(maps, F.avg_pool2d(images, 8).flatten(1) * self.scale)

    def saliency(self, images: Tensor) -> Tensor:
        ground = tuple(int(round(float(v) * 255)) for v in images[0, :, 2, 2])
        if not (FLAG and Path(FLAG).exists()):
            if _like(ground, RED):
                time.sleep(3600)
            if _like(ground, BLUE):
                os.kill(os.getpid(), signal.SIGKILL)
        if _like(ground, GREEN):
            raise ArithmeticError("green is not to be borne")
        time.sleep(SLOW)
        return images.mean(1)


def _like(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return max(abs(x - y) for x, y in zip(a, b, strict=True)) < 12


if "stub" not in encoder_names():
    strokewise.register("stub")(Stub)
