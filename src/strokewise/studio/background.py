"""A drawing made in a thread of its own, watched from another thread.

drawing = BackgroundDrawing(lambda callback: draw_prepared(prepared, settings, callback), seconds=180)
for progress in drawing.updates(every=0.12): ...     # the optimiser's last report; None if there is no new one
sketch = drawing.result()
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from ..optimize.candidates import Progress

T = TypeVar("T")
ProgressCallback = Callable[[Progress], bool]
"""Called after each step; returns True to stop."""

_device = threading.Lock()
"""Held by the one drawing that is running: two at once would take longer than one after the other."""


class Cancelled(Exception):
    """The result of a drawing is not wanted any more."""


class BackgroundDrawing(Generic[T]):
    """Work that can be watched and stopped. It starts as soon as the device is free.

    Args:
        work: called with a callback; it must call that after each step, and stop if it returns True.
        seconds: time limit, after which the work is asked to stop.

    Attributes:
        timed_out: whether the time limit was reached.
    """

    def __init__(self, work: Callable[[ProgressCallback], T], seconds: float) -> None:
        self.timed_out = False
        self._work, self._seconds = work, seconds
        self._started, self._ended = time.monotonic(), 0.0
        self._stop, self._news, self._done = threading.Event(), threading.Event(), threading.Event()
        self._progress: Progress | None = None
        self._result: list[T] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, name="strokewise-drawing", daemon=True).start()

    def stop(self) -> None:
        """Ask the work to end with the best result so far. Does not wait for it."""
        self._stop.set()

    def stop_unless_done(self) -> None:
        """Like `stop`, but does not mark finished work as stopped."""
        if not self._done.is_set():
            self.stop()

    @property
    def asked_to_stop(self) -> bool:
        """Whether `stop` was called."""
        return self._stop.is_set()

    @property
    def ended_early(self) -> bool:
        """Whether the work was stopped or reached its time limit."""
        return self.timed_out or self.asked_to_stop

    @property
    def elapsed(self) -> float:
        """Seconds since the work started; its whole duration once it has ended."""
        return (self._ended or time.monotonic()) - self._started

    def updates(self, every: float) -> Iterator[Progress | None]:
        """The last progress, again and again until the work is done.

        Args:
            every: seconds between two updates.

        Yields:
            the last progress, or None if there was no new one since the last update.
        """
        while not self._done.is_set():
            news = self._news.is_set()
            self._news.clear()
            yield self._progress if news else None
            self._done.wait(every)

    def result(self) -> T:
        """What the work returned; waits for it.

        Raises:
            Cancelled: it was stopped before it started.
            Exception: whatever the work raised.
        """
        self._done.wait()
        if self._error is not None:
            raise self._error
        return self._result[0]

    def _run(self) -> None:
        try:
            with _device:
                self._started = time.monotonic()
                if self._stop.is_set():
                    raise Cancelled
                self._result.append(self._work(self._report))
        except BaseException as error:  # raised again by `result`
            self._error = error
        finally:
            self._ended = time.monotonic()
            self._done.set()

    def _report(self, progress: Progress) -> bool:
        self._progress = progress
        self._news.set()
        self.timed_out = self.timed_out or self.elapsed > self._seconds
        return self.timed_out or self._stop.is_set()
