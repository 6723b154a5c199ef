"""The embedded encoder in PyTorch: for GPUs, for training, and to test `embedded` against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from . import embedded
from .efficientnet_lite import EfficientNetLite0, channels_last


class Embedded(EfficientNetLite0):
    """The network with a head of its own for the classes it was taught.

    Maps, embedding and saliency are as in `EfficientNetLite0`: what a drawing shows lies where its photo lies.

    Args:
        labels: names of the classes.
        temperature: what logits are divided by, so that the softmax is as sure as it is often right: 1 leaves them,
            2 is for a network that is far too sure of itself.
        background: the logit, after that division, of all that is none of the classes: -10 takes any scribble for
            something, 10 takes most drawings for nothing.
    """

    name = "embedded"
    semantic_weight = 1.0

    def __init__(self, labels: tuple[str, ...], temperature: float = 1.0, background: float = 0.0) -> None:
        super().__init__()
        self.labels, self.temperature, self.background = labels, temperature, background
        self.recognizer = nn.Linear(self.head.weight.shape[0], len(labels))
        self.requires_grad_(False)

    def recognize(self, images: Tensor) -> Tensor:
        """What photos or drawings show: logits [batch, class] of images, float [batch, 3, y, x] in [0, 1].

        They are as the network gives them: not divided by the temperature, without the background.
        """
        logits: Tensor = self.recognizer(self.features(images).embedding)
        return logits


def load(path: Path | None = None) -> Embedded:
    """The embedded encoder with its weights.

    Raises:
        EncoderError: the weights are missing, damaged, or of another network.
    """
    checked = embedded.load(path)  # says what is wrong with a file
    labels, _, tensors = embedded.read_file(path or embedded.WEIGHTS, embedded.FORMAT)
    model = Embedded(labels, checked.temperature, checked.background)
    fill(model, tensors)
    return model


def fill(model: nn.Module, tensors: dict[str, NDArray[Any]]) -> None:
    """Put arrays, named as the network names its tensors, into a network."""
    model.load_state_dict({name: torch.from_numpy(values) for name, values in tensors.items()})
    channels_last(model)
