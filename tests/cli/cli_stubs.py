"""Stand-ins for what the commands call, and what they were called with."""

from __future__ import annotations

import dataclasses
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from strokewise import Sketch
from strokewise.optimize.candidates import Progress
from strokewise.recognition import recognizers
from strokewise.sketch import StrokeStyle

QUICK = ["--steps", "2", "--candidates", "1", "--size", "64"]
LOSSES = {"semantic": 1.0, "geometric": 1.0, "total": 1.1}


@dataclasses.dataclass
class InkJudge:
    """Takes much ink for a cat, little for a dog, and never sees anything else; the words may be others."""

    name: str = "ink-judge"
    labels: tuple[str, ...] | None = ("cat", "dog", "horse")

    def probabilities(
        self, images: NDArray[np.float32], labels: Sequence[str], *, none: bool = False
    ) -> NDArray[np.float64]:
        ink = (1 - images.mean((1, 2, 3))).clip(0, 1)
        sure = np.zeros((len(images), len(labels) + none))
        sure[:, 0], sure[:, 1] = 0.5 + ink / 2, 0.5 - ink / 2
        return np.asarray(sure, dtype=np.float64)


def stand_in_judges(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Every recogniser is an `InkJudge`; the list tells which ones were asked for."""
    calls: list[dict[str, str]] = []

    def load_recognizer(name: str = "auto", *, drawn_with: str = "", **more: object) -> InkJudge:
        calls.append({"name": name, "drawn_with": drawn_with})
        return InkJudge(labels=None) if name == "any-words" else InkJudge()

    monkeypatch.setattr(recognizers, "load_recognizer", load_recognizer)
    return calls


def sketch(strokes: int, **metadata: Any) -> Sketch:
    """Slanted lines side by side."""
    x = np.linspace(10, 150, strokes)[:, None, None] + np.linspace(0, 8, 4)[None, :, None]
    points = np.concatenate([x, np.broadcast_to(np.linspace(20, 100, 4)[None, :, None], x.shape)], axis=2)
    known = {"losses": LOSSES, "placement_losses": LOSSES, "steps": 3, "stopped": "steps", **metadata}
    return Sketch.of((160, 120), points, metadata=known)


class Called:
    """A stand-in for a library function that remembers how it was called; calls back once, as each step does."""

    def __init__(self, answer: Callable[..., Any], progress: Any) -> None:
        self.answer, self.progress = answer, progress
        self.interrupt = False
        self.arguments: tuple[Any, ...] = ()
        self.named: dict[str, Any] = {}
        self.stopped: list[bool] = []

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.arguments, self.named = arguments, named
        if self.progress is not None:
            self.stopped.append(named["callback"](self.progress))
            if self.interrupt:
                signal.raise_signal(signal.SIGINT)
                self.stopped.append(named["callback"](self.progress))
        return self.answer(*arguments, **named)


STEP = Progress(0, 1, 10, 1.0, 1.1, np.zeros((4, 4, 2)), 1, StrokeStyle.pen(4, 1.5))


def files(folder: str = ".") -> set[str]:
    return {path.name for path in Path(folder).iterdir()}
