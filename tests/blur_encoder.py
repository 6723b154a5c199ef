"""An encoder that only looks at ink, for tests of the loops."""

import math

import numpy as np
import torch
from torch.nn import functional as F

from strokewise.encoders import Features

SIZE = 64
CPU = torch.device("cpu")


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


def line(x):
    return np.array([[x, 10], [x, 25], [x, 40], [x, 54]], dtype=float)
