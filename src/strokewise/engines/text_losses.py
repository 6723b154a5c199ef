"""What words ask of drawings, as a term of the loss in tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from ..encoders import Encoder
from ..words.targets import AWAY, SentenceTarget, Target


def text_cost(target: Target, encoder: Encoder, device: torch.device) -> Callable[[Tensor], Tensor]:
    """From embeddings [batch, dimension] to what it costs that they do not say what is asked for, [batch].

    Args:
        target: what is asked for.
        encoder: whose embeddings they are; with a recogniser for a target of classes.
        device: where they are.
    """
    if isinstance(target, SentenceTarget):
        towards = torch.from_numpy(target.towards).to(device)
        away = torch.from_numpy(target.away).to(device)

        def likeness(embedding: Tensor) -> Tensor:
            """Cosine distance to the text, and a share of the mean cosine to what is not wanted."""
            seen = F.normalize(embedding.float(), dim=1)
            apart = 1 - seen @ towards
            if len(away):
                apart = apart + AWAY * (seen @ away.T).mean(1)
            return target.weight * apart

        return likeness
    network = cast(Any, encoder)
    count = len(network.labels) + 1
    handicap, others = (torch.from_numpy(mask).to(device) for mask in target.masks(count))

    def reading(embedding: Tensor) -> Tensor:
        """Negative logarithm of the probability of the classes that are wanted."""
        logits = network.recognizer(embedding) / network.temperature
        nothing = torch.full_like(logits[:, :1], network.background)
        logits = torch.cat([logits, nothing], 1)
        return target.weight * (torch.logsumexp(logits + handicap, 1) - torch.logsumexp(logits + others, 1))

    return reading
