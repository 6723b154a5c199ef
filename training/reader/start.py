"""Where the training starts: the older encoder with channels pruned, and its last convolutions fitted again.

The older network has ReLU6, more channels, and padding that lies a little to one side. For each block the hidden
channels that matter most are kept, and the block's last convolution is fitted by least squares to give what the older
block gives (as in ThiNet, Luo, Wu and Lin, ICCV 2017). The head for words starts as a logistic regression.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..model import Embedded
from .cache import Entry
from .network import STAGES, Reader

SHIFTS = (1, 3, 7, 7, 15, 15, 31, 31)
"""Pixels by which the older network's outputs lie to the right and below: of stem and stage 1, of stage 2 and so on."""
SAMPLES = 30_000
STRENGTH = 255 / 128
"""The older network reads (255 x - 127) / 128, which is 1 - STRENGTH (1 - x)."""


@torch.no_grad()
def start(labels: tuple[str, ...], pictures: Tensor, teacher: Embedded) -> Reader:
    """A network to train.

    Args:
        labels: the words; the head for them knows nothing yet.
        pictures: photos and drawings to fit on, float32 [n, 1, y, x], white = 1, some hundred.
        teacher: the older encoder.
    """
    student = Reader(labels)
    nn.init.zeros_(student.recognizer.weight)
    nn.init.zeros_(student.recognizer.bias)
    goals = _goals(teacher, pictures)
    weight = teacher.stem.weight.sum(1, keepdim=True)
    bias = teacher.stem.bias + weight.sum((1, 2, 3))
    inputs = 1 - pictures
    stem = F.relu(F.conv2d(inputs, -STRENGTH * weight, bias, stride=2, padding=1))
    first = teacher.stages[0][0]  # type: ignore[index]
    deep = F.relu(F.conv2d(stem, first.depthwise.weight, first.depthwise.bias, padding=1, groups=stem.shape[1]))
    kept = _strongest(deep, first.project.weight, student.stem.out_channels)
    student.stem.weight.copy_(-STRENGTH * weight[kept])
    student.stem.bias.copy_(bias[kept])  # type: ignore[union-attr]
    x = F.relu(student.stem(inputs))
    number = 0
    for i, block in student.blocks():
        older = teacher.stages[i][number]  # type: ignore[index]
        if block.expand is not None:
            wide = F.relu(F.conv2d(x, older.expand.weight, older.expand.bias))
            deep = _depthwise(older.depthwise, block.depthwise, wide)
            kept = _strongest(deep, older.project.weight, block.depthwise.out_channels)
            block.expand.weight.copy_(older.expand.weight[kept])
            block.expand.bias.copy_(older.expand.bias[kept])  # type: ignore[union-attr]
        block.depthwise.weight.copy_(older.depthwise.weight[kept])
        block.depthwise.bias.copy_(older.depthwise.bias[kept])  # type: ignore[union-attr]
        block.project.weight.copy_(older.project.weight[:, kept])
        hidden = block.hidden(x)
        goal = goals[i][number] - (x if block.residual else 0)
        _fit(block.project, hidden, goal, older.project.bias)
        x = block(x)
        number = 0 if number + 1 == len(STAGES[i][3]) else number + 1
    student.head.weight.copy_(teacher.head.weight)
    student.head.bias.copy_(teacher.head.bias)  # type: ignore[union-attr]
    return student


def fit_words(student: Reader, entries: list[Entry], steps: int = 60) -> float:
    """Fit the head for words to the older encoder's embeddings of photos; returns its accuracy on them."""
    x = torch.from_numpy(np.stack([entry.goal for entry in entries]))
    y = torch.tensor([entry.item.label for entry in entries])
    head = nn.Linear(x.shape[1], len(student.labels))
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    optimizer = torch.optim.Adam(head.parameters(), lr=0.02, weight_decay=1e-4)
    for _ in range(steps):
        optimizer.zero_grad()
        F.cross_entropy(head(x), y, label_smoothing=0.1).backward()
        optimizer.step()
    student.recognizer.load_state_dict(head.state_dict())
    return float((head(x).argmax(1) == y).float().mean())


def _goals(teacher: Embedded, pictures: Tensor) -> list[list[Tensor]]:
    """Outputs of every block of the older network, each where the new network's lie."""
    goals: list[list[Tensor]] = []
    for i, stage in enumerate(teacher.stages):
        shift = SHIFTS[i]
        moved = F.pad(pictures, (shift, 0, shift, 0), value=1.0)[..., : pictures.shape[2], : pictures.shape[3]]
        x = F.relu6(teacher.stem((moved.expand(-1, 3, -1, -1) * 255 - 127) / 128))
        for before in teacher.stages[:i]:
            x = before(x)
        outputs = []
        for block in stage:  # type: ignore[attr-defined]
            x = block(x)
            outputs.append(x)
        goals.append(outputs)
    return goals


def _depthwise(older: nn.Module, new: nn.Conv2d, x: Tensor) -> Tensor:
    kernel, stride = new.kernel_size[0], new.stride[0]
    weight: Tensor = older.weight  # type: ignore[assignment]
    bias: Tensor = older.bias  # type: ignore[assignment]
    return F.relu(F.conv2d(x, weight, bias, stride=stride, padding=kernel // 2, groups=len(weight)))


def _strongest(hidden: Tensor, project: Tensor, count: int) -> Tensor:
    """The channels that the last convolution hears most of, in their order."""
    spread = hidden.std((0, 2, 3)) * project[:, :, 0, 0].norm(dim=0)
    return spread.argsort(descending=True)[:count].sort().values


def _fit(conv: nn.Conv2d, hidden: Tensor, goal: Tensor, bias: Tensor) -> None:
    """Least squares with a ridge towards the weights that are there."""
    conv.bias.copy_(bias)  # type: ignore[union-attr]
    a = hidden.permute(0, 2, 3, 1).reshape(-1, hidden.shape[1])
    b = goal.permute(0, 2, 3, 1).reshape(-1, goal.shape[1])
    chosen = torch.randperm(len(a), generator=torch.Generator().manual_seed(0))[:SAMPLES]
    a, b = a[chosen].double(), b[chosen].double()
    a = torch.cat([a, torch.ones(len(a), 1, dtype=a.dtype)], 1)
    now = torch.cat([conv.weight[:, :, 0, 0], conv.bias[:, None]], 1).double().T  # type: ignore[index]
    square = a.T @ a
    ridge = 1e-2 * square.diagonal().mean() * torch.eye(len(square), dtype=a.dtype)
    best = now + torch.linalg.solve(square + ridge, a.T @ (b - a @ now))
    conv.weight.copy_(best[:-1].T.float()[:, :, None, None])
    conv.bias.copy_(best[-1].float())  # type: ignore[union-attr]
