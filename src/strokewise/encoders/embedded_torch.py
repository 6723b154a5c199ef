"""The embedded encoder in PyTorch: for GPUs, and to test `embedded` against."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from . import embedded
from .base import Features
from .efficientnet_lite import layer_cam
from .network import Block, Convolution


class Embedded(nn.Module):
    """The same network, maps, embedding, saliency and head as `embedded.Embedded`, frozen; tensors in and out.

    Args:
        source: the encoder to take them from.
    """

    name = "embedded"

    def __init__(self, source: embedded.Embedded) -> None:
        super().__init__()
        network = source.network
        self.input_size, self.labels = source.input_size, source.labels
        self.map_weights, self.semantic_weight = source.map_weights, source.semantic_weight
        self.temperature, self.background = source.temperature, source.background
        self.blocks = nn.ModuleList(_Block(block) for block in network.blocks)
        self.classifier = _linear(*network.classifier)
        self.recognizer = _linear(*source.recognizer)
        self._network = network
        self.requires_grad_(False)
        self.eval()

    def forward(self, images: Tensor) -> list[Tensor]:
        """Outputs of all blocks, of images float [batch, 3, y, x] in [0, 1]."""
        x = images.contiguous(memory_format=torch.channels_last) * self._network.scale + self._network.shift
        outputs = []
        for block in self.blocks:
            x = block(x)
            outputs.append(x)
        return outputs

    def features(self, images: Tensor) -> Features:
        """Maps and embedding of images, float [batch, 3, y, x] in [0, 1]."""
        outputs = self(images)
        return Features(tuple(outputs[number] for number in self._network.maps), outputs[-1].mean((2, 3)))

    def recognize(self, images: Tensor) -> Tensor:
        """What photos or drawings show: logits [batch, class] of images, float [batch, 3, y, x] in [0, 1].

        They are as the network gives them: not divided by the temperature, without the background.
        """
        logits: Tensor = self.recognizer(self.features(images).embedding)
        return logits

    def saliency(self, images: Tensor) -> Tensor:
        """Where the meaning of pictures lies, float [batch, y, x] in [0, 1]: LayerCAM (Jiang et al., TIP 2021, eq. 4)
        of the likeliest classes, at stride 16 and 32 together."""
        with torch.enable_grad():
            outputs = self(images.detach().requires_grad_())
            layers = [outputs[number] for number in self._network.saliency]
            return layer_cam(self.classifier(outputs[-1].mean((2, 3))), layers, images.shape[2:])


class _Block(nn.Module):
    def __init__(self, block: Block) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(_Convolution(one) for one in block.convolutions)
        self.residual = block.residual

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for one in self.convolutions:
            y = one(y)
        return x + y if self.residual else y


class _Convolution(nn.Module):
    def __init__(self, one: Convolution) -> None:
        super().__init__()
        weight = torch.from_numpy(one.weight).contiguous(memory_format=torch.channels_last)
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(torch.from_numpy(one.bias))
        self.stride, self.groups, self.padding, self.activation = one.stride, one.groups, one.padding, one.activation

    def forward(self, x: Tensor) -> Tensor:
        before, after = self.padding
        padding = before
        if before != after:
            x, padding = F.pad(x, (before, after, before, after)), 0
        x = F.conv2d(x, self.weight, self.bias, self.stride, padding, groups=self.groups)
        if self.activation == "relu":
            return F.relu(x)
        return F.relu6(x) if self.activation == "relu6" else x


def _linear(weight: embedded.Images, bias: embedded.Images) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0])
    layer.weight, layer.bias = nn.Parameter(torch.from_numpy(weight)), nn.Parameter(torch.from_numpy(bias))
    return layer


def load(path: Path | None = None) -> Embedded:
    """The embedded encoder with its weights.

    Raises:
        EncoderError: the weights are missing, damaged, or of another network.
    """
    return Embedded(embedded.load(path))
