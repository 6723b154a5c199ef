"""A drawing made in a thread of its own, watched from another.

job = Job(lambda tell: draw_prepared(prepared, settings, tell), seconds=180)
for told in job.updates(every=0.12): ...     # what the optimiser told last, or None while there is no news
sketch = job.result()
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from ..optimize.candidates import Progress

T = TypeVar("T")
Tell = Callable[[Progress], bool]

_device = threading.Lock()
"""Held by the one drawing that is being made: two at once would take longer than one after the other."""


class Left(Exception):
    """Whoever asked for a drawing has gone before it was begun."""


class Job(Generic[T]):
    """Work that can be watched and stopped. It starts as soon as the device is free.

    Args:
        work: called with a callback that it calls after each step, and that asks it to stop by returning True.
        seconds: after so long it is asked to stop.

    Attributes:
        late: whether it ran out of time.
    """

    def __init__(self, work: Callable[[Tell], T], seconds: float) -> None:
        self.late = False
        self._work, self._seconds = work, seconds
        self._began, self._ended = time.monotonic(), 0.0
        self._stop, self._news, self._done = threading.Event(), threading.Event(), threading.Event()
        self._told: Progress | None = None
        self._result: list[T] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, name="strokewise-drawing", daemon=True).start()

    def stop(self) -> None:
        """Ask it to end with the best so far. Does not wait for it."""
        self._stop.set()

    def stop_unless_done(self) -> None:
        """The same for whoever leaves early; it changes nothing about a job that came to its end."""
        if not self._done.is_set():
            self.stop()

    @property
    def asked_to_stop(self) -> bool:
        """Whether it was."""
        return self._stop.is_set()

    @property
    def elapsed(self) -> float:
        """Seconds since it began, or that it took."""
        return (self._ended or time.monotonic()) - self._began

    def updates(self, every: float) -> Iterator[Progress | None]:
        """What it told last, until it is done: no more often than every so many seconds, and None if nothing new."""
        while not self._done.is_set():
            news = self._news.is_set()
            self._news.clear()
            yield self._told if news else None
            self._done.wait(every)

    def result(self) -> T:
        """What it made; waits for it.

        Raises:
            Left: it was stopped before it began.
            Exception: whatever the work raised.
        """
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _run(self) -> None:
        try:
            with _device:
                self._began = time.monotonic()
                if self._stop.is_set():
                    raise Left
                self._result.append(self._work(self._tell))
        except BaseException as error:  # handed to whoever asks for the result
            self._error = error
        finally:
            self._ended = time.monotonic()
            self._done.set()

    def _tell(self, told: Progress) -> bool:
        self._told = told
        self._news.set()
        self.late = self.late or self.elapsed > self._seconds
        return self.late or self._stop.is_set()
