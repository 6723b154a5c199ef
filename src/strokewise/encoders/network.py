"""A convolutional network as plain arrays: what it is made of, apart from who runs it.

`graph` writes it as an ONNX graph, with gradients; `embedded_torch` runs it in PyTorch.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.float32]
Activation = Literal["none", "relu", "relu6"]


@dataclasses.dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution, its bias, and the activation after it.

    Attributes:
        weight: float32 [output, input / groups, y, x].
        bias: float32 [output].
        stride: 1 or 2.
        groups: as many as channels in a depthwise convolution, else 1.
        padding: zeros before and after, the same in both directions, pixels of its input.
        activation: of its output.
    """

    weight: Weights
    bias: Weights
    stride: int
    groups: int
    padding: tuple[int, int]
    activation: Activation

    @property
    def kernel(self) -> int:
        """Side of the kernel, pixels."""
        return self.weight.shape[2]


@dataclasses.dataclass(frozen=True, eq=False)
class Block:
    """Convolutions one after the other.

    Attributes:
        convolutions: one or more.
        residual: whether the block's input is added to its output.
    """

    convolutions: tuple[Convolution, ...]
    residual: bool = False


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """A frozen network for square RGB images of one size, in [0, 1].

    Attributes:
        input_size: side of its images, pixels.
        scale, shift: a level v enters as v * scale + shift.
        blocks: from the image to the last map; the mean of that map over the picture is the embedding.
        maps: numbers of the blocks whose outputs the geometric loss compares, shallow to deep.
        saliency: numbers of the blocks whose outputs tell where meaning lies; the last block may be among them.
        classifier: weight float32 [class, channel] and bias [class] that make logits of the embedding.
    """

    input_size: int
    scale: float
    shift: float
    blocks: tuple[Block, ...]
    maps: tuple[int, ...]
    saliency: tuple[int, ...]
    classifier: tuple[Weights, Weights]


def same_padding(kernel: int, stride: int) -> tuple[int, int]:
    """TensorFlow's "same" padding of a side that is a multiple of the stride: the odd pixel goes after."""
    total = kernel - stride
    return total // 2, total - total // 2
