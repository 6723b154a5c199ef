"""The network that learns, the running mean of its weights, and the file it ends up in."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor, nn

from strokewise.encoders import efficientnet_lite
from strokewise.encoders.efficientnet_lite import EfficientNetLite0, channels_last
from strokewise.encoders.embedded import LITE0_FORMAT, METADATA, calibration, check_tensors, read_file
from strokewise.encoders.lite0 import LITE0, layer_shapes

from .parallel import write_atomically

OUTPUT = Path("out/embedded.safetensors")
"""Where `python -m training` puts its network, with which `python -m training.reader` begins."""


class Embedded(EfficientNetLite0):
    """EfficientNet-Lite0 with a head of its own for the classes it is taught.

    Args:
        labels: names of the classes.
        temperature, background: as of `strokewise.encoders.embedded.Embedded`.
    """

    name = "embedded"
    semantic_weight = 1.0

    def __init__(self, labels: tuple[str, ...], temperature: float = 1.0, background: float = 0.0) -> None:
        super().__init__()
        self.labels, self.temperature, self.background = labels, temperature, background
        self.recognizer = nn.Linear(self.head.weight.shape[0], len(labels))
        self.requires_grad_(False)

    def recognize(self, images: Tensor) -> Tensor:
        """Logits [batch, class] of images, float [batch, 3, y, x] in [0, 1]."""
        logits: Tensor = self.recognizer(self.features(images).embedding)
        return logits


def load(path: Path) -> Embedded:
    """A network that `python -m training` made.

    Raises:
        SystemExit: the file is missing, or none of its files.
    """
    try:
        labels, notes, tensors = read_file(path, LITE0_FORMAT)
        check_tensors(tensors, layer_shapes(LITE0, len(labels)))
        model = Embedded(labels, **calibration(notes.get("calibration", {})))
    except Exception as error:  # a damaged file can make the reader raise nearly anything
        raise SystemExit(f"{path} is no network of python -m training ({type(error).__name__})") from error
    fill(model, tensors)
    return model


def fill(model: nn.Module, tensors: dict[str, NDArray[Any]]) -> None:
    """Put arrays, named as the network names its tensors, into a network."""
    model.load_state_dict({name: torch.from_numpy(values) for name, values in tensors.items()})
    channels_last(model)


def new_teacher() -> EfficientNetLite0:
    """The plain encoder, frozen."""
    return efficientnet_lite.load()


def new_student(labels: tuple[str, ...]) -> Embedded:
    """The plain encoder with a head for the classes, which knows nothing yet; all of it learns.

    Only the ImageNet head stays as it is: the saliency needs it, and distillation keeps the embedding it reads.
    """
    student = Embedded(labels)
    student.load_state_dict(new_teacher().state_dict(), strict=False)
    nn.init.zeros_(student.recognizer.weight)
    nn.init.zeros_(student.recognizer.bias)
    student.requires_grad_(True)
    student.classifier.requires_grad_(False)
    channels_last(student)
    return student


class Average:
    """Exponential running mean of a network's weights, shorter in the beginning (Polyak averaging)."""

    def __init__(self, model: Embedded, decay: float) -> None:
        self.model = copy.deepcopy(model).requires_grad_(False)
        self.decay = decay
        self.updates = 0

    @torch.no_grad()
    def update(self, model: Embedded) -> None:
        self.updates += 1
        keep = min(self.decay, (1 + self.updates) / (10 + self.updates))
        for mine, other in zip(self.model.parameters(), model.parameters(), strict=True):
            mine.lerp_(other, 1 - keep)


def write_weights(model: Embedded, path: Path, notes: dict[str, Any]) -> None:
    """The encoder's weights, with the class names and notes of where they come from.

    Raises:
        ValueError: as for `write_half`.
    """
    write_half(model, path, {"format": LITE0_FORMAT, "labels": model.labels, "notes": notes})


def write_half(model: nn.Module, path: Path, metadata: dict[str, Any]) -> None:
    """A network's weights as half-precision safetensors.

    Raises:
        ValueError: a weight is too large for half precision, or not a number.
    """
    tensors = {}
    for name, tensor in model.state_dict().items():
        half = tensor.detach().cpu().to(torch.float16).contiguous()
        if not bool(torch.isfinite(half).all()):
            raise ValueError(f"{name} does not fit into half precision")
        tensors[name] = half
    # In one piece, since the format leaves the order of metadata to chance.
    text = json.dumps(metadata, sort_keys=True)
    write_atomically(path, lambda part: part.write_bytes(save(tensors, {METADATA: text})))
