"""The training: drawings are pulled to where the plain encoder sees their photos, and photos are kept there.

    student = train(entries, labels, work / "train.pt", TrainOptions())

Per batch of photos and one drawing of each, under the same random view:

- contrast: a drawing finds its photo within the batch, and a photo its drawing (InfoNCE, van den Oord et al., 2018);
- distillation: embeddings of both stay near the frozen encoder's embedding of the photo, so that the space, and with
  it the ImageNet head behind the saliency, keeps its meaning;
- classes: one head names photos and drawings alike;
- maps: those that `strokewise.draw` compares, against the frozen encoder's maps of the photo, by the very loss it uses.

For drawings the last one has little weight, and counts only where each line lies exactly where the photo has it, and
the photo is shown without its background. Taught with shaken lines, or with things that no line shows, the maps would
learn to overlook where a line lies, which is what they are for.
"""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from strokewise.engines.losses import geometric_loss, semantic_loss

from .batches import Batch, Batches
from .cache import Entry
from .model import Average, Embedded, new_student, new_teacher
from .parallel import write_atomically


@dataclasses.dataclass(frozen=True)
class TrainOptions:
    """How to train.

    Attributes:
        epochs: how often each photo is shown.
        batch: photos of a step; each has as many others to be told from.
        sizes: sides of the pictures, pixels, as often as they are named; a face is read at 224 px later on.
        rate, head_rate: AdamW's step sizes for the backbone, and for the head, which begins with nothing.
        warm_up: share of the steps over which the rates rise; they then fall along a cosine.
        decay: weight decay.
        contrast, distil, classes, photo_maps, drawing_maps: weights of the losses.
        average: decay of the running mean of weights, which is what comes out.
        seed: of batches.
    """

    epochs: int = 24
    batch: int = 40
    sizes: tuple[int, ...] = (128, 128, 128, 160, 160, 224)
    rate: float = 3e-4
    head_rate: float = 2e-3
    warm_up: float = 0.05
    decay: float = 0.02
    contrast: float = 1.0
    distil: float = 1.0
    classes: float = 1.0
    photo_maps: float = 0.3
    drawing_maps: float = 0.1
    average: float = 0.998
    seed: int = 0


class Losses(nn.Module):
    """The loss of a batch; it learns one number itself, the temperature of the contrast."""

    def __init__(self, teacher: nn.Module, options: TrainOptions) -> None:
        super().__init__()
        self.teacher = teacher
        self.options = options
        self.log_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, student: Embedded, batch: Batch) -> dict[str, Tensor]:
        """The terms, scalars, not weighted yet, and last of all "total", which is."""
        count = len(batch.photos)
        with torch.no_grad():
            goal = self.teacher.features(batch.photos)  # type: ignore[operator]
        seen = student.features(torch.cat([batch.photos, batch.drawings.expand(-1, 3, -1, -1)]))
        photo, drawing = seen.embedding[:count], seen.embedding[count:]
        logits = F.normalize(drawing) @ F.normalize(photo).T * self.log_scale.clamp(max=math.log(100)).exp()
        own = torch.arange(count, device=logits.device)
        named = student.recognizer(seen.embedding)
        goals = tuple(m.float() for m in goal.maps)
        photo_maps = geometric_loss(tuple(m[:count].float() for m in seen.maps), goals, student.map_weights)
        drawing_maps = geometric_loss(tuple(m[count:].float() for m in seen.maps), goals, student.map_weights)
        aligned = batch.aligned.float()
        terms = {
            "contrast": (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2,
            "distil": (semantic_loss(photo, goal.embedding) + semantic_loss(drawing, goal.embedding)).mean(),
            "classes": F.cross_entropy(named, batch.labels.repeat(2), label_smoothing=0.1),
            "photo_maps": photo_maps.mean(),
            "drawing_maps": (drawing_maps * aligned).sum() / aligned.sum().clamp_min(1),
        }
        terms["total"] = torch.stack([getattr(self.options, name) * term for name, term in terms.items()]).sum()
        return terms


def train(
    entries: list[Entry],
    labels: tuple[str, ...],
    checkpoint: Path,
    options: TrainOptions,
    *,
    device: str = "cpu",
    workers: int = 0,
    save_every: float = 120,
    history: list[dict[str, float]] | None = None,
) -> Embedded:
    """Train, or go on where a killed run was.

    Args:
        entries: training photos.
        labels: names of the classes.
        checkpoint: the file that keeps the state; it is the whole state, once training is through.
        options: how.
        device: "cpu" or "cuda".
        workers: processes that make batches; 0 makes them in between, best where there are two cores.
        save_every: seconds between two savings.
        history: takes the losses of each step of this run.

    Raises:
        SystemExit: the checkpoint is of a training with other options.
        FloatingPointError: the loss is not finite.
    """
    torch.manual_seed(options.seed)
    batches = Batches(entries, options.batch, options.sizes, options.seed)
    last = batches.epoch * options.epochs
    student = new_student(labels).to(device)
    average = Average(student, options.average)
    losses = Losses(new_teacher().to(device), options).to(device)
    head = [*student.recognizer.parameters(), losses.log_scale]
    optimizer = new_optimizer(student, head, options.rate, options.head_rate, options.decay)
    settings = repr((options, labels, len(batches.entries)))
    step = _resume(checkpoint, settings, student, average, losses, optimizer) if checkpoint.exists() else 0

    def save(step: int) -> None:
        state = {
            "settings": settings,
            "step": step,
            "updates": average.updates,
            "student": student.state_dict(),
            "average": average.model.state_dict(),
            "log_scale": losses.log_scale.detach(),
            "optimizer": optimizer.state_dict(),
        }
        write_atomically(checkpoint, lambda part: torch.save(state, part))

    take_steps(
        "train",
        range(step, last),
        batches.from_step(step, last, workers),
        optimizer,
        student,
        lambda batch: losses(student, batch),
        save,
        after=lambda: average.update(student),
        note=None if history is None else history.append,
        warm_up=options.warm_up,
        device=device,
        save_every=save_every,
    )
    if step < last or not checkpoint.exists():
        save(last)
    return average.model


def take_steps(
    name: str,
    steps: range,
    batches: Iterable[Batch],
    optimizer: torch.optim.Optimizer,
    network: nn.Module,
    terms_of: Callable[[Batch], dict[str, Tensor]],
    save: Callable[[int], None],
    *,
    after: Callable[[], None] = lambda: None,
    note: Callable[[dict[str, float]], None] | None = None,
    warm_up: float,
    device: str,
    save_every: float,
) -> None:
    """Train for some steps, and tell every twenty of them how it goes.

    Args:
        name: of the training, for what is printed.
        steps: numbers of the steps from here to the end.
        batches: one for each of them.
        optimizer: as of `new_optimizer`.
        network: whose gradients are kept within bounds.
        terms_of: terms of a batch's loss, scalars by name; the last one is minimised.
        save: called with the number of steps taken, now and then; not at the end.
        after: called after each step.
        note: called with the values of the terms of each step.
        warm_up: as for `schedule`.
        device: "cpu" or "cuda", on which bfloat16 is computed with.
        save_every: seconds between two savings.

    Raises:
        FloatingPointError: the loss is not finite.
    """
    saved = told = time.monotonic()
    told_at = steps.start
    for step, cpu_batch in zip(steps, batches, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * schedule(step / steps.stop, warm_up)
        batch = Batch(*(tensor.to(device, non_blocking=True) for tensor in cpu_batch))
        with torch.autocast(device, torch.bfloat16, enabled=device != "cpu"):
            terms = terms_of(batch)
        optimizer.zero_grad()
        loss = [*terms.values()][-1]
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        after()
        taken = step + 1
        tell = taken % 20 == 0 or taken == steps.stop
        if tell or note is not None:
            if not math.isfinite(float(loss.detach())):
                raise FloatingPointError(f"the loss is not finite at step {taken}; try a smaller rate")
            values = {term: float(value.detach()) for term, value in terms.items()}
            if note is not None:
                note(values)
            if tell:
                now = time.monotonic()
                text = ", ".join(f"{term} {value:.3f}" for term, value in values.items())
                pace = (now - told) / (taken - told_at)
                print(f"{name}: step {taken} of {steps.stop}, {pace:.2f} s each; {text}", flush=True)
                told, told_at = now, taken
        if time.monotonic() - saved > save_every:
            save(taken)
            saved = time.monotonic()


def new_optimizer(
    network: nn.Module, head: list[nn.Parameter], rate: float, head_rate: float, decay: float
) -> torch.optim.AdamW:
    """AdamW with a rate of its own for the head, and no decay of the head and of biases.

    Args:
        network: all of it that wants a gradient is trained.
        head: parameters of the head, and others that are not the network's.
    """
    apart = {id(p) for p in head}
    backbone = [p for p in network.parameters() if p.requires_grad and id(p) not in apart]
    groups = [
        {"params": [p for p in backbone if p.ndim > 1], "peak": rate, "weight_decay": decay},
        {"params": [p for p in backbone if p.ndim == 1], "peak": rate, "weight_decay": 0.0},
        {"params": head, "peak": head_rate, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=0.0)


def schedule(done: float, warm_up: float) -> float:
    """Share of the peak rate after that share of the steps, `done`: a rise over `warm_up`, then down along a cosine
    (Loshchilov and Hutter, ICLR 2017, without restarts)."""
    if done < warm_up:
        return (done + 1e-3) / (warm_up + 1e-3)
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * (done - warm_up) / (1 - warm_up)))


def _resume(
    path: Path,
    settings: str,
    student: Embedded,
    average: Average,
    losses: Losses,
    optimizer: torch.optim.Optimizer,
) -> int:
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state["settings"] != settings:
        raise SystemExit(f"{path} is of a training with other options; delete it, or name another --work folder")
    student.load_state_dict(state["student"])
    average.model.load_state_dict(state["average"])
    average.updates = int(state["updates"])
    losses.log_scale.data.copy_(state["log_scale"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
