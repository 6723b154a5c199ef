"""The layers of EfficientNet-Lite0 (Tan & Le, ICML 2019; Lite variants by Google, 2020), and of a slimmer one."""

from __future__ import annotations

import dataclasses
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
HEAD = 1280
MAP_STAGES = (1, 2, 3, 4, 6)
"""Stages whose outputs are the encoder's maps (strides 4, 8, 16, 16, 32; 24, 40, 80, 112, 320 channels)."""
SALIENCY_STAGE = 4
"""Saliency is read there, at stride 16, and in the head, at stride 32."""
LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in grey (ITU-R BT.601)."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """A network of the family of EfficientNet-Lite: stem, seven stages of inverted residual blocks, head.

    Attributes:
        input_size: side of its images, pixels.
        channels: of its images, 3 for RGB or 1 for grey.
        stem: channels that the stem gives.
        stages: of each one kernel, stride of the first block, output channels, and the hidden channels of each block.
        activation: of all convolutions but the last one of a block.
        even: whether padding is the same on both sides; else the odd pixel goes after.
        scale, shift: a level v enters as v * scale + shift.
        heads: names of the classifiers in the file, and their classes where they are always the same.
        saliency: name of the classifier whose likeliest classes the saliency looks for.
    """

    input_size: int
    channels: int
    stem: int
    stages: tuple[tuple[int, int, int, tuple[int, ...]], ...]
    activation: Activation
    even: bool
    scale: float
    shift: float
    heads: tuple[tuple[str, int | None], ...]
    saliency: str


def _lite0_stages() -> tuple[tuple[int, int, int, tuple[int, ...]], ...]:
    stages, channels = [], 32
    for kernel, stride, expansion, outputs, repeats in STAGES:
        hidden = [channels * expansion, *[outputs * expansion] * (repeats - 1)]
        stages.append((kernel, stride, outputs, tuple(hidden)))
        channels = outputs
    return tuple(stages)


LITE0 = Plan(
    input_size=INPUT_SIZE,
    channels=3,
    stem=32,
    stages=_lite0_stages(),
    activation="relu6",
    even=False,
    scale=255 / 128,
    shift=-127 / 128,
    heads=(("classifier", 1000), ("recognizer", None)),
    saliency="classifier",
)
"""EfficientNet-Lite0 with a head of its own beside ImageNet's."""
SLIM = Plan(
    input_size=192,
    channels=1,
    stem=16,
    stages=(
        (3, 1, 16, (16,)),
        (3, 2, 24, (48, 72)),
        (5, 2, 40, (72, 160)),
        (3, 2, 80, (240, 320, 320)),
        (5, 1, 112, (480, 448, 448)),
        (5, 2, 192, (672, 960, 960, 960)),
        (3, 1, 320, (1152,)),
    ),
    activation="relu",
    even=True,
    scale=-1.0,  # ink is positive, so that the zeros around a picture are white paper
    shift=1.0,
    heads=(("recognizer", None),),
    saliency="recognizer",
)
"""Fewer channels at strides 2 and 4, grey, ReLU, even padding: cheap to run and to differentiate."""


def layer_shapes(plan: Plan, classes: int) -> dict[str, tuple[int, ...]]:
    """Shapes of a network's weights, by name; each has a bias as long as its first axis.

    Args:
        plan: of the network.
        classes: outputs of the heads that have no fixed number.
    """
    shapes: dict[str, tuple[int, ...]] = {"stem": (plan.stem, plan.channels, 3, 3)}
    channels = plan.stem
    for stage, (kernel, _, outputs, widths) in enumerate(plan.stages):
        for i, hidden in enumerate(widths):
            name = f"stages.{stage}.{i}"
            if stage > 0:
                shapes[f"{name}.expand"] = (hidden, channels, 1, 1)
            shapes[f"{name}.depthwise"] = (hidden, 1, kernel, kernel)
            shapes[f"{name}.project"] = (outputs, hidden, 1, 1)
            channels = outputs
    shapes["head"] = (HEAD, channels, 1, 1)
    return {**shapes, **{name: (fixed or classes, HEAD) for name, fixed in plan.heads}}


def layers(plan: Plan, tensors: Mapping[str, np.ndarray]) -> Network:
    """A network with these weights, batch normalisation folded into them; it takes RGB.

    Args:
        plan: of the network.
        tensors: by the names of `layer_shapes`, each with ".weight" and ".bias".

    Raises:
        KeyError: one is missing.
    """

    def values(name: str) -> Weights:
        return np.asarray(tensors[name], dtype=np.float32)

    def convolution(name: str, stride: int, activation: Activation, depthwise: bool = False) -> Convolution:
        weight, bias = values(f"{name}.weight"), values(f"{name}.bias")
        kernel = weight.shape[2]
        padding = (kernel // 2, kernel // 2) if plan.even else same_padding(kernel, stride)
        return Convolution(weight, bias, stride, len(weight) if depthwise else 1, padding, activation)

    stem = convolution("stem", 2, plan.activation)
    if plan.channels == 1:
        grey = np.array(LUMA, np.float32)[:, None, None]
        stem = dataclasses.replace(stem, weight=np.ascontiguousarray(stem.weight * grey))
    blocks, ends = [Block((stem,))], []
    channels = plan.stem
    for stage, (_, first, outputs, widths) in enumerate(plan.stages):
        for i in range(len(widths)):
            stride, name = first if i == 0 else 1, f"stages.{stage}.{i}"
            parts = [convolution(f"{name}.expand", 1, plan.activation)] if stage > 0 else []
            parts.append(convolution(f"{name}.depthwise", stride, plan.activation, depthwise=True))
            parts.append(convolution(f"{name}.project", 1, "none"))
            # The block of the first stage does not expand, and adds nothing.
            blocks.append(Block(tuple(parts), residual=stage > 0 and stride == 1 and channels == outputs))
            channels = outputs
        ends.append(len(blocks) - 1)
    blocks.append(Block((convolution("head", 1, plan.activation),)))
    return Network(
        input_size=plan.input_size,
        scale=plan.scale,
        shift=plan.shift,
        blocks=tuple(blocks),
        maps=tuple(ends[stage] for stage in MAP_STAGES),
        saliency=(ends[SALIENCY_STAGE], len(blocks) - 1),
        classifier=(values(f"{plan.saliency}.weight"), values(f"{plan.saliency}.bias")),
    )
