"""What the small networks of our own share: their first layers, how maps are joined, and how they learn."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from strokewise.encoders import efficientnet_lite

RATES = (2e-3, 3e-4)
"""Highest rates of learning: of new layers, and of those that come with weights."""


def first_layers(stages: int = 5) -> tuple[nn.Module, nn.ModuleList]:
    """EfficientNet-Lite0 up to the second block of its fifth or sixth stage, free to learn.

    Returns:
        its stem, and its stages, whose maps have 16, 24, 40, 80, 112 and 192 channels at strides 2, 4, 8, 16, 16 and
        32.
    """
    trunk = efficientnet_lite.load()
    whole, last = list(trunk.stages)[: stages - 1], trunk.stages[stages - 1]
    found = nn.ModuleList([*whole, nn.Sequential(*list(last.children())[:2])])
    return trunk.stem.requires_grad_(True), found.requires_grad_(True)


def mixing_layers(channels: int, count: int) -> nn.ModuleList:
    """So many layers that mix a map of some channels with what lies around, and its channels with each other."""
    return nn.ModuleList(
        [
            nn.Sequential(
                nn.Conv2d(channels, channels, 5, padding=2, groups=channels),
                nn.Conv2d(channels, channels, 1),
                nn.ReLU(),
            )
            for _ in range(count)
        ]
    )


def learn(
    model: nn.Module,
    fast: list[nn.Parameter],
    slow: list[nn.Parameter],
    next_loss: Callable[[], Tensor],
    *,
    steps: int,
    minutes: float,
    warm_up: int,
) -> None:
    """Teach a network for a number of steps, or of minutes.

    Args:
        model: left ready for use.
        fast: its new layers.
        slow: the layers that came with weights.
        next_loss: the loss of a new batch.
        steps: at most.
        minutes: at most.
        warm_up: steps in which the rates rise.
    """
    optimizer = torch.optim.AdamW([{"params": fast}, {"params": slow}], lr=1e-3, weight_decay=1e-3)
    begin = time.monotonic()
    for step in range(steps):
        done = max(step / steps, (time.monotonic() - begin) / (60 * minutes))
        if done >= 1:
            break
        for group, rate in zip(optimizer.param_groups, RATES, strict=True):
            group["lr"] = rate * min(1.0, (step + 1) / warm_up) * (0.5 + 0.5 * math.cos(math.pi * done))
        loss = next_loss()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimizer.step()
        if step % 20 == 0:
            print(f"step {step} loss {float(loss.detach()):.3f} after {time.monotonic() - begin:.0f} s", flush=True)
    model.eval()
