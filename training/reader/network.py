"""The network: a list of plain layers, so that any engine can run it, and cheap where pictures are large.

Its shape is EfficientNet-Lite0's (Tan and Le, ICML 2019) with fewer channels at strides 2 and 4, one grey channel in,
ReLU, and symmetric padding of k // 2. It has no batch normalisation: that of its ancestor is folded in.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .mixed import Depthwise

INPUT_SIZE = 192
STEM = 16
HEAD = 1280
STAGES: tuple[tuple[int, int, int, tuple[int, ...]], ...] = (
    (3, 1, 16, (16,)),
    (3, 2, 24, (48, 72)),
    (5, 2, 40, (72, 160)),
    (3, 2, 80, (240, 320, 320)),
    (5, 1, 112, (480, 448, 448)),
    (5, 2, 192, (672, 960, 960, 960)),
    (3, 1, 320, (1152,)),
)
"""Kernel, stride of the first block, channels out, hidden channels of each block."""
MAPS = (1, 2, 3, 4, 6)
"""The stages whose outputs are the maps: strides 4, 8, 16, 16, 32."""
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

    def layers(self) -> list[dict[str, Any]]:
        """The network as a list of layers, in order.

        Each has a `name`, an `op`, and the names of the layers it reads in `inputs`; "input" is 1 - grey. Convolutions
        have `weight` and `bias` (names of tensors), `kernel`, `stride`, `padding`, `groups`, `relu`.
        """
        steps: list[dict[str, Any]] = []

        def conv(name: str, module: nn.Conv2d, source: str, *, relu: bool) -> str:
            steps.append(
                {
                    "name": name,
                    "op": "conv",
                    "inputs": [source],
                    "weight": f"{name}.weight",
                    "bias": f"{name}.bias",
                    "in": module.in_channels,
                    "out": module.out_channels,
                    "kernel": module.kernel_size[0],
                    "stride": module.stride[0],
                    "padding": int(module.padding[0]),
                    "groups": module.groups,
                    "relu": relu,
                }
            )
            return name

        x = conv("stem", self.stem, "input", relu=True)
        for i, stage in enumerate(self.stages):
            blocks: list[Block] = list(stage)  # type: ignore[call-overload]
            for k, block in enumerate(blocks):
                before, name = x, f"stages.{i}.{k}"
                if block.expand is not None:
                    x = conv(f"{name}.expand", block.expand, x, relu=True)
                x = conv(f"{name}.depthwise", block.depthwise, x, relu=True)
                x = conv(f"{name}.project", block.project, x, relu=False)
                if block.residual:
                    steps.append({"name": f"{name}.add", "op": "add", "inputs": [before, x]})
                    x = f"{name}.add"
            if i in MAPS:
                steps[-1]["map"] = MAPS.index(i)
        conv("head", self.head, x, relu=True)
        steps.append({"name": "embedding", "op": "mean", "inputs": ["head"]})
        steps.append(
            {
                "name": "logits",
                "op": "linear",
                "inputs": ["embedding"],
                "weight": "recognizer.weight",
                "bias": "recognizer.bias",
                "in": HEAD,
                "out": len(self.labels),
            }
        )
        return steps


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one picture costs: multiplications and additions, numbers written, weights."""

    operations: int
    activations: int
    weights: int


def cost(layers: list[dict[str, Any]], size: int) -> Cost:
    """What a forward pass of one picture costs."""
    sides = {"input": size}
    operations = activations = weights = 0
    for layer in layers:
        side = sides[layer["inputs"][0]]
        if layer["op"] == "conv":
            side = (side + 2 * layer["padding"] - layer["kernel"]) // layer["stride"] + 1
            kernel = layer["kernel"] ** 2 * layer["in"] // layer["groups"]
            operations += kernel * layer["out"] * side * side
            activations += layer["out"] * side * side
            weights += (kernel + 1) * layer["out"]
            channels = layer["out"]
        elif layer["op"] == "add":
            activations += channels * side * side
        elif layer["op"] == "linear":
            operations += layer["in"] * layer["out"]
            weights += (layer["in"] + 1) * layer["out"]
        sides[layer["name"]] = side
    return Cost(operations, activations, weights)
