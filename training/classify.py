"""The third recogniser's training: cross-entropy of photos and drawings, and nothing else."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .batches import Batch, Batches
from .cache import Entry
from .lite import EfficientNetLite2, load
from .parallel import write_atomically
from .train import new_optimizer, take_steps


@dataclasses.dataclass(frozen=True)
class ClassifyOptions:
    """How to train.

    Attributes:
        epochs: how often each photo is shown.
        batch: photos of a step, with one drawing of each.
        sizes: sides of the pictures, pixels, as often as they are named.
        rate, head_rate: AdamW's step sizes for the network, and for the head, which begins with nothing.
        warm_up: share of the steps over which the rates rise; they then fall along a cosine.
        decay: weight decay.
        smoothing: of the labels.
        seed: of batches; another one than the encoder's.
    """

    epochs: int = 8
    batch: int = 40
    sizes: tuple[int, ...] = (128, 128, 160)
    rate: float = 3e-4
    head_rate: float = 2e-3
    warm_up: float = 0.08
    decay: float = 0.02
    smoothing: float = 0.1
    seed: int = 1


def train(
    entries: list[Entry],
    labels: tuple[str, ...],
    checkpoint: Path,
    options: ClassifyOptions,
    *,
    device: str = "cpu",
    workers: int = 0,
    save_every: float = 120,
    history: list[float] | None = None,
) -> EfficientNetLite2:
    """Train, or go on where a killed run was; the arguments are those of `training.train.train`.

    Raises:
        SystemExit: the checkpoint is of a training with other options.
        FloatingPointError: the loss is not finite.
        EncoderError: the ImageNet weights are not installed.
    """
    batches = Batches(entries, options.batch, options.sizes, options.seed)
    last = batches.epoch * options.epochs
    network = _new_network(len(labels)).to(device)
    head = list(network.classifier.parameters())
    optimizer = new_optimizer(network, head, options.rate, options.head_rate, options.decay)
    settings = repr((options, labels, len(batches.entries)))
    step = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, map_location="cpu", weights_only=True)
        if state["settings"] != settings:
            raise SystemExit(f"{checkpoint} is of a training with other options; delete it, or name another --work")
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        step = int(state["step"])

    def save(step: int) -> None:
        parts = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
        write_atomically(checkpoint, lambda part: torch.save({"settings": settings, "step": step, **parts}, part))

    def terms_of(batch: Batch) -> dict[str, Tensor]:
        logits = name_classes(network, torch.cat([batch.photos, batch.drawings.expand(-1, 3, -1, -1)]))
        labels = batch.labels.repeat(2)
        return {"loss": F.cross_entropy(logits.float(), labels, label_smoothing=options.smoothing)}

    take_steps(
        "third",
        range(step, last),
        batches.from_step(step, last, workers),
        optimizer,
        network,
        terms_of,
        save,
        note=None if history is None else lambda values: history.append(values["loss"]),
        warm_up=options.warm_up,
        device=device,
        save_every=save_every,
    )
    if step < last:
        save(last)
    return network.requires_grad_(False)


def name_classes(network: EfficientNetLite2, images: Tensor) -> Tensor:
    """Logits [picture, class] of images, float [picture, 3, y, x] in [0, 1]."""
    logits: Tensor = network.classifier(network.features(images).embedding)
    return logits


def _new_network(classes: int) -> EfficientNetLite2:
    """ImageNet's network with a head that knows nothing yet; all of it learns."""
    network = load()
    network.classifier = nn.Linear(network.classifier.in_features, classes)
    nn.init.zeros_(network.classifier.weight)
    nn.init.zeros_(network.classifier.bias)
    return network.requires_grad_(True)
