"""A small network taught to read line drawings: the encoder that comes along, and the recogniser that needs no CLIP.

    encoder = embedded.load()
    encoder.features(images).embedding               # float32 [batch, 1280]
    encoder.recognize(images)                        # logits, float32 [batch, class], by encoder.labels

It runs in ONNX Runtime, on the CPU, and takes and gives NumPy arrays; `embedded_torch` is the same network in PyTorch.
How it was taught, and what it can do: the model card beside the weights. `training/` makes them.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .._onnx import OnnxNetwork
from .._resample import bicubic, bilinear, resample
from ..errors import EncoderError
from .base import Encoder, Features
from .lite0 import LITE0, SLIM, layer_shapes, layers
from .network import Network

LITE0_FORMAT, SLIM_FORMAT = "strokewise-embedded-1", "strokewise-embedded-2"
FORMATS = {LITE0_FORMAT: LITE0, SLIM_FORMAT: SLIM}
"""What networks a file may hold, by the format that its notes name; the package's is of the second."""
METADATA = "strokewise"
"""The key of the file's metadata under which format, class names and calibration lie, as JSON."""
CALIBRATION = {"temperature": (0.05, 20.0), "background": (-50.0, 50.0)}
"""What the file may say of how sure to be, and in which ranges it makes sense."""
WEIGHTS = Path(__file__).with_name("embedded.safetensors")

Images = NDArray[np.float32]


class Embedded:
    """The embedded encoder, frozen.

    Maps: what is compared, at strides 8, 16 and 16. Embedding: the average-pooled head, 1280 numbers.

    Args:
        network: its layers.
        recognizer: weight float32 [class, channel] and bias [class] of its own head.
        labels: names of the classes.
        temperature: what logits are divided by, so that the softmax is as sure as it is often right: 1 leaves them,
            2 is for a network that is far too sure of itself.
        background: the logit, after that division, of all that is none of the classes: -10 takes any scribble for
            something, 10 takes most drawings for nothing.
    """

    name = "embedded"
    semantic_weight = 1.0
    map_weights: tuple[float, ...] = (0.5, 1.0, 1.0)

    def __init__(
        self,
        network: Network,
        recognizer: tuple[Images, Images],
        labels: tuple[str, ...],
        temperature: float = 1.0,
        background: float = 0.0,
    ) -> None:
        self.network, self.input_size = network, network.input_size
        self.recognizer, self.labels = recognizer, labels
        self.temperature, self.background = temperature, background
        self._forward = {
            channels: OnnxNetwork(_graph(network, "forward_graph", channels), keep_memory=channels == 1, threads=1)
            for channels in (1, 3)
        }
        self._gradient = {
            channels: OnnxNetwork(_graph(network, "gradient_graph", channels, self.semantic_weight), keep_memory=True)
            for channels in (1, 3)
        }
        # The same with the head, for drawings that are to be read as something; loaded when there are any.
        self._reading = {
            channels: OnnxNetwork(
                _graph(network, "gradient_graph", channels, self.semantic_weight, self.head()), keep_memory=True
            )
            for channels in (1, 3)
        }
        self._photo = OnnxNetwork(_graph(network, "photo_graph"))
        self._last: tuple[bytes, list[Images]] = (b"", [])

    def features(self, images: Images) -> Features:
        """Maps and embedding of images, float [batch, 1 or 3, y, x] in [0, 1]."""
        seen = [self._forward[images.shape[1]](image[None]) for image in self._fitted(images)]
        embedding, *maps = (np.concatenate(parts) for parts in zip(*seen, strict=True))
        return Features(tuple(maps), embedding)

    def photo_features(self, image: Images) -> Features:
        """`features` of one photo, float [1, 3, y, x] in [0, 1], by the network that finds its saliency, too.

        One network less to load for a drawing. Maps and embedding differ from those of `features` by rounding.
        """
        embedding, *others = self._look_at(self._fitted(image))
        return Features(tuple(others[: len(self.network.maps)]), embedding)

    def rest(self) -> None:
        """Give up the memory of the network that looks at photos, until there is another photo."""
        self._photo.unload()

    def loss_and_gradient(self, image: Images, photo: dict[str, Images]) -> tuple[float, float, Images]:
        """The loss of one drawing, and its gradient.

        Args:
            image: float32 [1, 1 or 3, y, x] in [0, 1], of the network's size.
            photo: what it is compared with, as `gradient_graph` names it.

        Returns:
            the semantic and the geometric term, and the gradient of the total, float32, shaped like the image.
        """
        semantic, geometric, gradient = self._gradient[image.shape[1]]({"image": image, **photo})
        return float(semantic[0]), float(np.ravel(geometric)[0]), gradient

    def reading_and_gradient(
        self, image: Images, photo: dict[str, Images], asked: dict[str, Images]
    ) -> tuple[float, float, Images, Images]:
        """`loss_and_gradient` of a drawing that is to be read as something as well.

        Args:
            image, photo: as there.
            asked: what it is to be read as, as `gradient_graph` names it.

        Returns:
            the semantic and the geometric term, the gradient of the total with what reading costs, shaped like the
            image, and logits, float32 [class + 1], as `head` gives them.
        """
        seen = self._reading[image.shape[1]]({"image": image, **photo, **asked})
        semantic, geometric, gradient, logits = seen
        return float(semantic[0]), float(np.ravel(geometric)[0]), gradient, logits[0]

    def head(self) -> tuple[Images, Images]:
        """Weight float32 [class + 1, channel] and bias [class + 1] of its head, with temperature; the last class is
        what is none of the others."""
        weight, bias = self.recognizer
        more = np.zeros((1, weight.shape[1]), np.float32)
        weight = np.concatenate([weight / self.temperature, more])
        return weight.astype(np.float32), np.append(bias / self.temperature, self.background).astype(np.float32)

    def saliency(self, images: Images) -> Images:
        """Where the meaning of pictures lies: float32 [batch, y, x] in [0, 1], at the images' size.

        LayerCAM (Jiang et al., TIP 2021, eq. 4) of the likeliest classes, at stride 16 and 32 together.
        """
        side = images.shape[-1]
        total = np.zeros((len(images), side, side), np.float32)
        for row, image in zip(total, self._fitted(images), strict=True):
            for cam in self._look_at(image[None])[1 + len(self.network.maps) :]:
                scaled = cam[0, 0] / max(float(cam.max()), 1e-12)
                row += np.clip(resample(scaled, bicubic(len(scaled), side)), 0, 1)
        return np.asarray(total / np.maximum(total.max((1, 2), keepdims=True), 1e-12))

    def _look_at(self, image: Images) -> list[Images]:
        """What `photo_graph` says of an image [1, 3, y, x] of the network's size; that of the last one is kept."""
        content = image.tobytes()
        seen, outputs = self._last
        if seen != content:
            outputs = self._photo(image)
            self._last = content, outputs
        return outputs

    def recognize(self, images: Images) -> Images:
        """What photos or drawings show: logits [batch, class] of images, float [batch, 3, y, x] in [0, 1].

        They are as the network gives them: not divided by the temperature, without the background.
        """
        weight, bias = self.recognizer
        return np.asarray(self.features(images).embedding @ weight.T + bias)

    def digest(self) -> str:
        """What the weights amount to, in 16 hexadecimal digits."""
        found = hashlib.sha256()
        for block in self.network.blocks:
            for one in block.convolutions:
                found.update(one.weight.tobytes() + one.bias.tobytes())
        return found.hexdigest()[:16]

    def _fitted(self, images: Images) -> Images:
        """Images at the size that the network was made for."""
        side = images.shape[-1]
        if side != self.input_size:
            images = resample(images, bilinear(side, self.input_size))
        return np.ascontiguousarray(images, dtype=np.float32)


AnyEncoder: TypeAlias = "Encoder | Embedded"
"""Any encoder: one in PyTorch, or the embedded one, which takes and gives arrays."""


def _graph(network: Network, kind: str, *options: Any) -> Callable[[], bytes]:
    """What builds a graph of the network. It must not know the encoder: in a cycle of references an encoder that is no
    longer used would keep its 240 MB until the garbage collector comes by."""

    def build() -> bytes:
        from . import graph  # only when it is needed: the onnx package takes a while to load

        content: bytes = getattr(graph, kind)(network, *options)
        return content

    return build


def load(path: Path | None = None) -> Embedded:
    """The embedded encoder with its weights.

    Raises:
        EncoderError: the weights are missing, damaged, or of another network.
    """
    path = path or WEIGHTS
    fix = "install strokewise again"
    if not path.is_file():
        raise EncoderError(f"the embedded encoder's weights are missing ({path}); {fix}")
    try:
        labels, notes, tensors = read_file(path, *FORMATS)
        plan = FORMATS[notes["format"]]
        check_tensors(tensors, layer_shapes(plan, len(labels)))
        recognizer = (_values(tensors, "recognizer.weight"), _values(tensors, "recognizer.bias"))
        network = layers(plan, tensors)
        network = dataclasses.replace(network, maps=network.maps[1:4])  # those that are compared
        return Embedded(network, recognizer, labels, **calibration(notes.get("calibration", {})))
    except Exception as error:  # a damaged file can make the reader raise nearly anything
        raise EncoderError(
            f"{path} is not the weights of the embedded encoder ({type(error).__name__}); {fix}"
        ) from error


def read_file(path: Path, *kinds: str) -> tuple[tuple[str, ...], dict[str, Any], dict[str, NDArray[Any]]]:
    """Class names, notes and tensors of a weights' file of one of our formats.

    Args:
        path: a safetensors file.
        kinds: the formats of which its notes must name one.

    Raises:
        Exception: it is none; a damaged file can make the reader raise nearly anything.
    """
    from safetensors import safe_open

    with safe_open(path, framework="np") as file:
        notes = json.loads((file.metadata() or {})[METADATA])
        names = file.keys()
        tensors = {name: file.get_tensor(name) for name in names}
    labels = tuple(notes["labels"])
    if notes["format"] not in kinds or not labels or not all(isinstance(label, str) for label in labels):
        raise ValueError("another format, or no class names")
    return labels, notes, tensors


def calibration(found: dict[str, float]) -> dict[str, float]:
    """What the file says of how sure to be.

    Raises:
        Exception: it is nonsense: an unknown name, no number, or one out of its range.
    """
    for name, value in found.items():
        low, high = CALIBRATION[name]
        if isinstance(value, bool) or not math.isfinite(value) or not low <= value <= high:
            raise ValueError(f"{name} is out of its range")
    return {name: float(value) for name, value in found.items()}


def check_tensors(tensors: dict[str, NDArray[Any]], shapes: dict[str, tuple[int, ...]]) -> None:
    """Refuse weights that are another network's.

    Args:
        tensors: by name, with ".weight" or ".bias".
        shapes: those of the weights, by name.

    Raises:
        ValueError: a name or a shape is not as expected, or a number is not finite.
    """
    expected = {f"{name}.weight": shape for name, shape in shapes.items()}
    expected |= {f"{name}.bias": shape[:1] for name, shape in shapes.items()}
    if expected.keys() != tensors.keys():
        raise ValueError("other tensors")
    for name, tensor in tensors.items():
        if tensor.shape != expected[name] or not np.issubdtype(tensor.dtype, np.floating):
            raise ValueError(f"{name} has another shape")
        if not np.isfinite(tensor).all():
            raise ValueError(f"{name} is not finite")


def _values(tensors: dict[str, NDArray[Any]], name: str) -> Images:
    return np.asarray(tensors[name], dtype=np.float32)
