"""The training loop, which may be killed at any time and continues by the same command.

Per batch (see `batches.py`):

- classes: one head names photos and drawings;
- contrast: a drawing finds its photo among the batch's photos, of which some are of the same class, and a photo finds
  its drawing among the drawings, one of which is its own with other inner strokes (InfoNCE, van den Oord et al., 2018);
- goal: embeddings of photos and, less, of drawings stay near those that the older encoder gives the photo, so that
  what it knows of the world is kept;
- maps: the shallow maps of photos, and of drawings whose lines lie in place, stay near those the training started
  with, so that a misplaced line still shows.

The step sizes stay constant after a warm-up, so that the training can go on for as long as there is time; `--finish N`
lets them fall to nothing over N more steps.
"""

from __future__ import annotations

import copy
import dataclasses
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from ..parallel import write_atomically
from .batches import Batch, Sampler
from .mixed import quick
from .network import MAP_WEIGHTS, Reader, Seen


@dataclasses.dataclass(frozen=True)
class Options:
    """How to train.

    Attributes:
        rate, head_rate: AdamW's step sizes, of the network and of its head for words.
        warm_up: steps over which they rise.
        decay: weight decay.
        classes, contrast, goal, drawing_goal, photo_maps, drawing_maps: weights of the losses.
        smoothing: label smoothing.
        mapped: photos of a batch whose maps are compared.
        average: decay of the running mean of weights, which is what comes out.
        seed: of batches.
    """

    rate: float = 2e-4
    head_rate: float = 6e-4
    warm_up: int = 100
    decay: float = 0.02
    classes: float = 1.0
    contrast: float = 0.6
    goal: float = 1.0
    drawing_goal: float = 0.3
    photo_maps: float = 0.2
    drawing_maps: float = 0.1
    smoothing: float = 0.1
    mapped: int = 6
    average: float = 0.998
    seed: int = 0


class Losses(nn.Module):
    """The loss of a batch; the temperature of the contrast is learnt too.

    Args:
        anchor: the network whose maps are kept.
        options: weights of the terms.
        mixed: bfloat16 on the way through the network; None where this CPU is quicker by it.
    """

    def __init__(self, anchor: Reader, options: Options, *, mixed: bool | None = None) -> None:
        super().__init__()
        self.anchor, self.options = anchor, options
        self.mixed = quick() if mixed is None else mixed
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, student: Reader, batch: Batch) -> dict[str, Tensor]:
        """Terms, scalars; the last one, "total", is what is minimised."""
        count = len(batch.photos)
        seen = self.look(student, torch.cat([batch.photos, batch.drawings, batch.altered]))
        photo, drawing, altered = seen.embedding.split([count, 2 * count, len(batch.altered)])
        named = student.recognizer(seen.embedding[: 3 * count])
        goals = batch.goals
        terms = {
            "classes": F.cross_entropy(named, batch.labels.repeat(3), label_smoothing=self.options.smoothing),
            "contrast": self.contrast(photo, drawing, altered, batch.of),
            "goal": (1 - F.cosine_similarity(photo, goals)).mean(),
            "drawing_goal": (1 - F.cosine_similarity(drawing, goals.repeat(2, 1))).mean(),
            **self.maps(seen, batch),
        }
        terms["total"] = torch.stack([getattr(self.options, name) * term for name, term in terms.items()]).sum()
        with torch.no_grad():
            right = named.argmax(1) == batch.labels.repeat(3)
            terms = {
                "photos right": right[:count].float().mean(),
                "drawings right": right[count:].float().mean(),
                **terms,
            }
        return terms

    def look(self, network: Reader, pictures: Tensor) -> Seen:
        """What a network sees, in float32; on the way in bfloat16 if that is quicker here."""
        with torch.autocast("cpu", torch.bfloat16, enabled=self.mixed):
            seen = network(pictures)
        return Seen(tuple(m.float() for m in seen.maps), seen.head, seen.embedding.float())

    def contrast(self, photo: Tensor, drawing: Tensor, altered: Tensor, of: Tensor) -> Tensor:
        """InfoNCE in both directions."""
        count = len(photo)
        scale = self.log_scale.clamp(max=math.log(50)).exp()
        photo, drawing, altered = F.normalize(photo), F.normalize(drawing), F.normalize(altered)
        logits = scale * drawing @ photo.T
        own = torch.arange(count)
        extra = torch.full((count, 1), -1e4)
        if len(of):
            extra[of, 0] = scale * (photo[of] * altered).sum(1)
        found = [
            F.cross_entropy(logits, own.repeat(2)),
            F.cross_entropy(torch.cat([logits[:count].T, extra], 1), own),
            F.cross_entropy(torch.cat([logits[count:].T, extra], 1), own),
        ]
        return found[0] / 2 + (found[1] + found[2]) / 4

    def maps(self, seen: Seen, batch: Batch) -> dict[str, Tensor]:
        """How far the maps of some photos, and of drawings in place, are from those of the photo at the start."""
        chosen = torch.cat([torch.nonzero(batch.aligned)[:, 0], torch.nonzero(~batch.aligned)[:, 0]])
        chosen = chosen[: self.options.mapped]
        with torch.no_grad():
            goal = self.look(self.anchor, batch.photos[chosen])
        photos = map_distance([m[chosen] for m in seen.maps], list(goal.maps))
        drawn = map_distance([m[len(batch.photos) + chosen] for m in seen.maps], list(goal.maps))
        aligned = batch.aligned[chosen].float()
        return {
            "photo_maps": photos.mean(),
            "drawing_maps": (drawn * aligned).sum() / aligned.sum().clamp_min(1),
        }


def map_distance(maps: list[Tensor], goals: list[Tensor]) -> Tensor:
    """The geometric loss of the package: [batch]."""
    total = torch.zeros(len(maps[0]))
    for found, goal, weight in zip(maps, goals, MAP_WEIGHTS, strict=True):
        if weight:
            scale = goal.square().mean((1, 2, 3)).clamp_min(1e-12)
            total = total + weight * (found - goal).square().mean((1, 2, 3)) / scale
    return total


@dataclasses.dataclass
class State:
    """All that a checkpoint holds."""

    student: Reader
    average: Reader
    anchor: Reader
    losses: Losses
    optimizer: torch.optim.Optimizer
    step: int = 0
    finish: tuple[int, int] | None = None
    """First and last step of the final fall of the step sizes."""


def new_state(student: Reader, options: Options) -> State:
    """The state before the first step."""
    anchor = copy.deepcopy(student).requires_grad_(False)
    losses = Losses(anchor, options)
    head = [*student.recognizer.parameters(), losses.log_scale]
    apart = {id(p) for p in head}
    body = [p for p in student.parameters() if id(p) not in apart]
    groups = [
        {"params": [p for p in body if p.ndim > 1], "peak": options.rate, "weight_decay": options.decay},
        {"params": [p for p in body if p.ndim == 1], "peak": options.rate, "weight_decay": 0.0},
        {"params": head, "peak": options.head_rate, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=0.0)
    return State(student, copy.deepcopy(student).requires_grad_(False), anchor, losses, optimizer)


def save(state: State, path: Path) -> None:
    """Write a checkpoint; the older one stays until the new one is whole."""
    content: dict[str, Any] = {
        "labels": state.student.labels,
        "options": repr(state.losses.options),
        "step": state.step,
        "finish": state.finish,
        "student": state.student.state_dict(),
        "average": state.average.state_dict(),
        "anchor": state.anchor.state_dict(),
        "log_scale": state.losses.log_scale.detach(),
        "optimizer": state.optimizer.state_dict(),
    }
    write_atomically(path, lambda part: torch.save(content, part))


def load(path: Path, options: Options) -> State:
    """Read a checkpoint.

    Raises:
        SystemExit: it is of a training with other options.
    """
    content = torch.load(path, map_location="cpu", weights_only=True)
    if content["options"] != repr(options):
        raise SystemExit(f"{path} is of a training with other options; delete it, or name another --work folder")
    state = new_state(Reader(tuple(content["labels"])), options)
    state.student.load_state_dict(content["student"])
    state.average.load_state_dict(content["average"])
    state.anchor.load_state_dict(content["anchor"])
    state.losses.log_scale.data.copy_(content["log_scale"])
    state.optimizer.load_state_dict(content["optimizer"])
    state.step, state.finish = int(content["step"]), content["finish"]
    return state


def load_average(path: Path) -> tuple[Reader, int]:
    """The running mean of the weights in a checkpoint, and its step."""
    content = torch.load(path, map_location="cpu", weights_only=True)
    model = Reader(tuple(content["labels"])).requires_grad_(False)
    model.load_state_dict(content["average"])
    return model, int(content["step"])


def factor(step: int, warm_up: int, finish: tuple[int, int] | None) -> float:
    """Share of the peak step size at a step: a rise, then constant, at the end a straight fall."""
    value = min(1.0, (step + 1) / warm_up)
    if finish is not None and step >= finish[0]:
        value *= max(0.0, 1 - (step - finish[0]) / max(1, finish[1] - finish[0]))
    return value


def run(
    state: State,
    sampler: Sampler,
    options: Options,
    last: int,
    keep: Callable[[], None],
    *,
    every: float = 600,
    seconds: float = math.inf,
    stop: Callable[[], bool] = lambda: False,
    tell: Callable[[str], None] = print,
) -> None:
    """Train up to step `last`, or for some seconds.

    Args:
        keep: saves the state; called every so many seconds, and at the end.
        stop: asked before each step; true ends the training here.

    Raises:
        FloatingPointError: the loss is not finite.
    """
    begun = saved = told = time.monotonic()
    sums: dict[str, float] = {}
    since = state.step
    while state.step < last and time.monotonic() - begun < seconds and not stop():
        for group in state.optimizer.param_groups:
            group["lr"] = group["peak"] * factor(state.step, options.warm_up, state.finish)
        batch = sampler.batch(state.step)
        terms = state.losses(state.student, batch)
        state.optimizer.zero_grad()
        terms["total"].backward()
        nn.utils.clip_grad_norm_(state.student.parameters(), 5.0)
        if not math.isfinite(float(terms["total"].detach())):
            raise FloatingPointError(f"the loss is not finite at step {state.step}; try a smaller rate")
        state.optimizer.step()
        state.step += 1
        update_average(state.average, state.student, state.step, options.average)
        for name, value in terms.items():
            sums[name] = sums.get(name, 0.0) + float(value.detach())
        if state.step % 20 == 0:
            now, done = time.monotonic(), state.step - since
            text = ", ".join(f"{name} {value / done:.3f}" for name, value in sums.items())
            tell(f"step {state.step}, {(now - told) / done:.2f} s each; {text}")
            sums, since, told = {}, state.step, now
        if time.monotonic() - saved > every:
            keep()
            saved = time.monotonic()
    keep()


@torch.no_grad()
def update_average(average: Reader, student: Reader, step: int, decay: float) -> None:
    """Running mean of weights, shorter in the beginning."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    for mine, other in zip(average.parameters(), student.parameters(), strict=True):
        mine.lerp_(other, share)
