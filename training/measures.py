"""What the evaluation counts: shares with their intervals, ranks, and the linear probe."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from strokewise.recognition.evaluation.figures import wilson


def accuracy(predicted: Tensor, labels: Tensor) -> dict[str, Any]:
    """Top-1 of classes, int64 [sample] each: hits, count, share, and the share's 95 % interval."""
    hits = int((predicted == labels).sum())
    return {"hits": hits, "count": len(labels), "share": hits / max(1, len(labels)), "ci": wilson(hits, len(labels))}


def retrieval(drawings: Tensor, photos: Tensor) -> dict[str, Any]:
    """How well drawing i finds photo i among all photos, by cosine of embeddings [photo, dimension].

    A photo that is as near as the right one counts as nearer.
    """
    likeness = F.normalize(drawings) @ F.normalize(photos).T
    own = likeness.diagonal()[:, None]
    rank = (likeness >= own).sum(1)
    found = {f"recall@{k}": int((rank <= k).sum()) for k in (1, 10)}
    count = len(rank)
    result: dict[str, Any] = {"count": count, "median_rank": float(rank.double().quantile(0.5))}
    for name, hits in found.items():
        result[name] = {"hits": hits, "count": count, "share": hits / max(1, count), "ci": wilson(hits, count)}
    return result


class Probe:
    """A linear classifier of embeddings that are given: multinomial logistic regression on standardised features.

    Its weight decay is the one of four that does best on a tenth of the photos set apart; then it is fitted to all.

    Args:
        embeddings: float [sample, dimension].
        labels: int64 [sample].
        groups: int64 [sample], which photo each is of: all samples of a photo are set apart together.
        classes: how many.
    """

    def __init__(self, embeddings: Tensor, labels: Tensor, groups: Tensor, classes: int) -> None:
        self.mean = embeddings.mean(0)
        self.spread = embeddings.std(0).clamp_min(1e-3)
        x = self._scaled(embeddings)
        apart = groups % 10 == 0
        scores = {}
        for decay in (1e-3, 3e-3, 1e-2, 3e-2):
            if not bool(apart.any()) or bool(apart.all()):
                scores[decay] = 0.0
                continue
            linear = _fit(x[~apart], labels[~apart], classes, decay)
            scores[decay] = accuracy(linear(x[apart]).argmax(1), labels[apart])["share"]
        self.decay = max(scores, key=lambda d: scores[d])
        self.linear = _fit(x, labels, classes, self.decay)

    def __call__(self, embeddings: Tensor) -> Tensor:
        """Classes, int64 [sample]."""
        return self.linear(self._scaled(embeddings)).argmax(1)

    def _scaled(self, embeddings: Tensor) -> Tensor:
        return (embeddings - self.mean) / self.spread


def _fit(x: Tensor, labels: Tensor, classes: int, decay: float, steps: int = 60) -> nn.Linear:
    linear = nn.Linear(x.shape[1], classes)
    nn.init.zeros_(linear.weight)
    nn.init.zeros_(linear.bias)
    optimizer = torch.optim.LBFGS(linear.parameters(), max_iter=steps, line_search_fn="strong_wolfe")

    def closure() -> float:
        optimizer.zero_grad()
        loss = F.cross_entropy(linear(x), labels) + decay * linear.weight.square().sum() / 2
        loss.backward()
        return float(loss.detach())

    optimizer.step(closure)
    return linear.requires_grad_(False)
