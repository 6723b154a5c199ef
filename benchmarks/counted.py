"""An encoder that counts what it encodes; shared by the benchmarks."""

from __future__ import annotations

import torch

from strokewise.encoders import Encoder, Features


class Counted:
    """An encoder that counts images, in units of its full size, and can be made to look at smaller ones.

    Attributes:
        input_size: side at which it looks; may be changed.
        there, back: images encoded without and with gradients since `reset`.
    """

    def __init__(self, encoder: Encoder) -> None:
        self.inner = encoder
        self.name, self.input_size, self.full_size = encoder.name, encoder.input_size, encoder.input_size
        self.map_weights, self.semantic_weight = encoder.map_weights, encoder.semantic_weight
        self.views = getattr(encoder, "views", 0)
        self.saliency = encoder.saliency
        self.reset()

    def reset(self) -> None:
        self.there = self.back = 0.0

    def features(self, images: torch.Tensor) -> Features:
        share = len(images) * (images.shape[2] / self.full_size) ** 2
        if images.requires_grad:
            self.back += share
        else:
            self.there += share
        return self.inner.features(images)
