"""An encoder that only looks at ink, and engines with it, for tests of the loops."""

import math

import numpy as np
import torch
from torch.nn import functional as F

from strokewise.encoders import Features
from strokewise.engines.torch_engine import TorchEngine
from strokewise.engines.views import view_bank
from strokewise.raster import rasterize

SIZE = 64
WIDTH = 4.0


class BlurEncoder:
    """The drawing, blurred: strokes are pulled to where the photo has ink."""

    name, input_size, map_weights, semantic_weight = "ink", SIZE, (1.0,), 0.0
    broken_after = math.inf

    def __init__(self):
        self.calls = 0

    def features(self, images):
        self.calls += 1
        if self.calls > self.broken_after:
            images = images * math.nan
        blurred = F.avg_pool2d(1 - images, 9, stride=4, padding=4)
        return Features((blurred,), images.mean((2, 3)))

    def saliency(self, images):
        return torch.ones(images.shape[0], *images.shape[2:])


def photo_of(*strokes, colors=None):
    """A picture of strokes, float32 [1, 3, SIZE, SIZE]."""
    picture = rasterize(np.stack(strokes)[None], WIDTH, colors, size=SIZE).picture
    return np.array(np.broadcast_to(picture, (1, 3, SIZE, SIZE)))


def engine_of(photos, encoder=None, views=1):
    """Compares with photos [photo, 3, SIZE, SIZE], under so many slight views."""
    bank = view_bank(views, np.random.default_rng(0), distortion=0.1, area=0.95)
    return TorchEngine(encoder or BlurEncoder(), photos, width=WIDTH, views=bank, device="cpu")


def line(x):
    return np.array([[x, 10], [x, 25], [x, 40], [x, 54]], dtype=float)
