"""The layers of EfficientNet-Lite0 (Tan & Le, ICML 2019; Lite variants by Google, 2020)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .network import Activation, Block, Convolution, Network, Weights, same_padding

# Table 1 of the EfficientNet paper, Lite variant: kernel, stride, expansion, output channels, repeats.
STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
INPUT_SIZE = 224
MAP_STAGES = (1, 2, 3, 4, 6)
"""Stages whose outputs are the encoder's maps (strides 4, 8, 16, 16, 32; 24, 40, 80, 112, 320 channels)."""
SALIENCY_STAGE = 4
"""Saliency is read there, at stride 16, and in the head, at stride 32."""


def lite0_shapes() -> dict[str, tuple[int, ...]]:
    """Shapes of its weights, by name; each has a bias as long as its first axis."""
    shapes: dict[str, tuple[int, ...]] = {"stem": (32, 3, 3, 3)}
    channels = 32
    for stage, (kernel, _, expansion, outputs, repeats) in enumerate(STAGES):
        for i in range(repeats):
            name, hidden = f"stages.{stage}.{i}", channels * expansion
            if expansion > 1:
                shapes[f"{name}.expand"] = (hidden, channels, 1, 1)
            shapes[f"{name}.depthwise"] = (hidden, 1, kernel, kernel)
            shapes[f"{name}.project"] = (outputs, hidden, 1, 1)
            channels = outputs
    return {**shapes, "head": (1280, channels, 1, 1), "classifier": (1000, 1280)}


def lite0_network(tensors: Mapping[str, np.ndarray]) -> Network:
    """The network with these weights, batch normalisation folded into them.

    Args:
        tensors: "stem", "stages.i.j.expand", ".depthwise", ".project", "head" and "classifier", each with ".weight" and
            ".bias".

    Raises:
        KeyError: one is missing.
    """

    def values(name: str) -> Weights:
        return np.asarray(tensors[name], dtype=np.float32)

    def convolution(name: str, stride: int, activation: Activation, depthwise: bool = False) -> Convolution:
        weight, bias = values(f"{name}.weight"), values(f"{name}.bias")
        groups = len(weight) if depthwise else 1
        return Convolution(weight, bias, stride, groups, same_padding(weight.shape[2], stride), activation)

    blocks = [Block((convolution("stem", 2, "relu6"),))]
    ends = []
    channels = 32
    for stage, (_, first_stride, expansion, outputs, repeats) in enumerate(STAGES):
        for i in range(repeats):
            stride, name = first_stride if i == 0 else 1, f"stages.{stage}.{i}"
            parts = [convolution(f"{name}.expand", 1, "relu6")] if expansion > 1 else []
            parts.append(convolution(f"{name}.depthwise", stride, "relu6", depthwise=True))
            parts.append(convolution(f"{name}.project", 1, "none"))
            blocks.append(Block(tuple(parts), residual=stride == 1 and channels == outputs))
            channels = outputs
        ends.append(len(blocks) - 1)
    blocks.append(Block((convolution("head", 1, "relu6"),)))
    return Network(
        input_size=INPUT_SIZE,
        scale=255 / 128,
        shift=-127 / 128,
        blocks=tuple(blocks),
        maps=tuple(ends[stage] for stage in MAP_STAGES),
        saliency=(ends[SALIENCY_STAGE], len(blocks) - 1),
        classifier=(values("classifier.weight"), values("classifier.bias")),
    )
