"""The network, as `strokewise.encoders.lite0.SLIM` says: cheap where pictures are large.

Its shape is EfficientNet-Lite0's (Tan and Le, ICML 2019) with fewer channels at strides 2 and 4, one grey channel in,
ReLU, and symmetric padding of k // 2. It has no batch normalisation: that of its ancestor is folded in.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from strokewise.encoders.lite0 import HEAD, MAP_STAGES, SLIM

from .mixed import Depthwise

INPUT_SIZE, STEM, STAGES, MAPS = SLIM.input_size, SLIM.stem, SLIM.stages, MAP_STAGES
MAP_WEIGHTS = (0.0, 0.5, 1.0, 1.0, 0.0)


class Seen(NamedTuple):
    """Maps [batch, channel, y, x], one for each of `MAPS`; the last map, float [batch, 1280, y, x]; its mean."""

    maps: tuple[Tensor, ...]
    head: Tensor
    embedding: Tensor


class Block(nn.Module):
    """Inverted residual block: 1x1 convolution, depthwise convolution, 1x1 convolution."""

    def __init__(self, inputs: int, outputs: int, hidden: int, kernel: int, stride: int, *, expand: bool) -> None:
        super().__init__()
        self.expand = nn.Conv2d(inputs, hidden, 1) if expand else None
        self.depthwise = Depthwise(hidden, hidden, kernel, stride, kernel // 2, groups=hidden)
        self.project = nn.Conv2d(hidden, outputs, 1)
        self.residual = stride == 1 and inputs == outputs and expand

    def hidden(self, x: Tensor) -> Tensor:
        """What the last convolution reads."""
        y = x if self.expand is None else F.relu(self.expand(x), inplace=True)
        return F.relu(self.depthwise(y), inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.project(self.hidden(x))
        return x + y if self.residual else y


class Reader(nn.Module):
    """The network with its head for words.

    Args:
        labels: the words.
    """

    def __init__(self, labels: tuple[str, ...]) -> None:
        super().__init__()
        self.labels = labels
        self.stem = nn.Conv2d(1, STEM, 3, 2, 1)
        self.stages = nn.ModuleList()
        channels = STEM
        for stage, (kernel, stride, outputs, widths) in enumerate(STAGES):
            blocks = []
            for i, hidden in enumerate(widths):
                step = stride if i == 0 else 1
                blocks.append(Block(channels, outputs, hidden, kernel, step, expand=stage > 0))
                channels = outputs
            self.stages.append(nn.Sequential(*blocks))
        self.head = nn.Conv2d(channels, HEAD, 1)
        self.recognizer = nn.Linear(HEAD, len(labels))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def blocks(self) -> list[tuple[int, Block]]:
        """All blocks with the number of their stage."""
        return [(i, block) for i, stage in enumerate(self.stages) for block in stage]  # type: ignore[attr-defined]

    def forward(self, grey: Tensor) -> Seen:
        """What it sees in grey pictures, float [batch, 1, y, x] in [0, 1], white = 1."""
        # Ink is positive, so that the zeros around a picture are white paper.
        x = F.relu(self.stem((1 - grey).contiguous(memory_format=torch.channels_last)), inplace=True)
        maps = []
        for i, stage in enumerate(self.stages):
            x = stage(x)
            if i in MAPS:
                maps.append(x)
        head = F.relu(self.head(x), inplace=True)
        return Seen(tuple(maps), head, head.mean((2, 3), dtype=torch.float32))

    def recognize(self, grey: Tensor) -> Tensor:
        """Logits [batch, word]."""
        logits: Tensor = self.recognizer(self(grey).embedding)
        return logits
