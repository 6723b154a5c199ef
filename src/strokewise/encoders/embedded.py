"""EfficientNet-Lite0 taught to read line drawings: the encoder that comes along, and the recogniser that needs no CLIP.

    encoder = embedded.load()
    encoder.features(images).embedding               # float [batch, 1280]
    encoder.recognize(images).softmax(1)             # float [batch, class], by encoder.labels

How it was taught, and what it can do: the model card beside the weights. `training/` makes them.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import EncoderError
from .efficientnet_lite import EfficientNetLite0, channels_last

FORMAT = "strokewise-embedded-1"
METADATA = "strokewise"
"""The key of the file's metadata under which format, class names and calibration lie, as JSON."""
CALIBRATION = {"temperature": (0.05, 20.0), "background": (-50.0, 50.0)}
"""What the file may say of how sure to be, and in which ranges it makes sense."""
WEIGHTS = Path(__file__).with_name("embedded.safetensors")


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
    path = path or WEIGHTS
    mend = "install strokewise again"
    if not path.is_file():
        raise EncoderError(f"the embedded encoder's weights are missing ({path}); {mend}")
    try:
        labels, notes, tensors = read_file(path, FORMAT)
        model = Embedded(labels, **_calibration(notes.get("calibration", {})))
        fill(model, tensors)
    except Exception as error:  # a damaged file can make the reader raise nearly anything
        raise EncoderError(
            f"{path} is not the weights of the embedded encoder ({type(error).__name__}); {mend}"
        ) from error
    return model


def read_file(path: Path, kind: str) -> tuple[tuple[str, ...], dict[str, Any], dict[str, Tensor]]:
    """Class names, notes and tensors of a weights' file of one of our formats.

    Args:
        path: a safetensors file.
        kind: the format that its notes must name.

    Raises:
        Exception: it is none; a damaged file can make the reader raise nearly anything.
    """
    from safetensors import safe_open

    with safe_open(path, framework="pt", device="cpu") as file:
        notes = json.loads((file.metadata() or {})[METADATA])
        names = file.keys()
        tensors = {name: file.get_tensor(name) for name in names}
    labels = tuple(notes["labels"])
    if notes["format"] != kind or not labels or not all(isinstance(label, str) for label in labels):
        raise ValueError("another format, or no class names")
    return labels, notes, tensors


def fill(model: nn.Module, tensors: dict[str, Tensor]) -> None:
    """Put tensors into a network.

    Raises:
        ValueError: they are another network's.
    """
    _check(model.state_dict(), tensors)
    model.load_state_dict(tensors)
    channels_last(model)


def _calibration(found: dict[str, float]) -> dict[str, float]:
    """What the file says of how sure to be.

    Raises:
        Exception: it is nonsense: an unknown name, no number, or one out of its range.
    """
    for name, value in found.items():
        low, high = CALIBRATION[name]
        if isinstance(value, bool) or not math.isfinite(value) or not low <= value <= high:
            raise ValueError(f"{name} is out of its range")
    return {name: float(value) for name, value in found.items()}


def _check(expected: dict[str, Tensor], found: dict[str, Tensor]) -> None:
    """Names, shapes and values.

    Raises:
        ValueError: they are another network's.
    """
    if expected.keys() != found.keys():
        raise ValueError("other tensors")
    for name, tensor in found.items():
        if tensor.shape != expected[name].shape or not tensor.is_floating_point():
            raise ValueError(f"{name} has another shape")
        if not bool(torch.isfinite(tensor).all()):
            raise ValueError(f"{name} is not finite")
