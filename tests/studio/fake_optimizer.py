"""An optimizer for the studio's tests that draws nothing, until it is stopped or let go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from strokewise import Sketch
from strokewise.optimize.candidates import Progress
from strokewise.sketch import StrokeStyle


def drawn(seed: int, count: int = 3, loss: float | None = None) -> Sketch:
    """A drawing with its seed in the metadata; a higher seed has a lower loss, unless one is given."""
    points = np.arange(count * 8, dtype=float).reshape(count, 4, 2) + seed / 1000
    total = 1 / (1 + seed) if loss is None else loss
    return Sketch.of((160, 120), points, metadata={"settings": {"seed": seed}, "losses": {"total": total}})


class FakeOptimizer:
    """While `hold` is set, a drawing runs until it is stopped or `hold` is cleared.

    Attributes:
        started: seeds of the drawings that were started.
        stopped: seeds of the drawings that were asked to stop.
    """

    def __init__(self) -> None:
        self.hold, self._idle = threading.Event(), threading.Event()
        self._idle.set()
        self.started: list[int] = []
        self.stopped: list[int] = []

    def wait(self) -> None:
        """Wait until no drawing runs: a page that is cancelled does not wait for its drawing."""
        assert self._idle.wait(10)

    def work(self, seed: int, callback: Callable[[Progress], bool], count: int = 3) -> Sketch:
        self._idle.clear()
        try:
            return self._work(seed, callback, count)
        finally:
            self._idle.set()

    def _work(self, seed: int, callback: Callable[[Progress], bool], count: int) -> Sketch:
        self.started.append(seed)
        progress = Progress(0, 2, 6, 0.5, 0.5, np.zeros((count, 4, 2)), 1, StrokeStyle.pen(count, 1.5))
        end = time.monotonic() + 5
        while self.hold.is_set():
            if callback(progress):
                self.stopped.append(seed)
                break
            assert time.monotonic() < end, "nobody stopped the drawing"
            time.sleep(0.0005)
        return drawn(seed, count)
