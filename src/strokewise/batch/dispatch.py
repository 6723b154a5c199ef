"""Which worker draws what, and what is done when one is lost or late: the same rules for all engines.

    for result in dispatch(pool, tasks, together=8, timeout=600, tick=lambda: False): ...

Each worker has one group at a time, so nothing piles up: results are taken before more is given out. The photos of a
group whose worker was lost are tried again one by one, so that only the one that caused it fails; a photo on which two
workers were lost while they drew it alone is given up. A worker that takes too long is killed, and another started.
"""

from __future__ import annotations

import dataclasses
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, Protocol

from ..errors import StrokewiseError
from .job import CRASHED, TIMEOUT, Group, Ready, Result, Task

TICK = 0.5
"""Seconds between looks at the clock and at whether to stop."""
GRACE = 10.0
"""Seconds that photos in flight are given when the work is asked to stop."""
STARTS = 3
"""After this many workers in a row have died before they were ready, the work is given up."""


class Event(NamedTuple):
    """What happened to a worker.

    Attributes:
        worker: its number.
        kind: "ready", "done", "lost".
        value: `Ready`, list of `Result`, or how it was lost, in words.
        excused: the photos did not cause the loss: its machine is gone.
    """

    worker: int
    kind: str
    value: Any
    excused: bool = False


class Pool(Protocol):
    """Workers of some engine. A worker that is lost or killed is replaced without being asked for."""

    def idle(self) -> list[int]:
        """Workers that are ready and have nothing to do."""
        ...

    def give(self, worker: int, group: Group) -> None:
        """Give a group to an idle worker."""
        ...

    def wait(self, seconds: float) -> list[Event]:
        """What has happened; waits so long for the first of it."""
        ...

    def kill(self, worker: int) -> None:
        """Stop a worker at once; there is no event for it."""
        ...

    def close(self) -> None:
        """Stop all workers."""
        ...


@dataclasses.dataclass
class _Flight:
    """A group that a worker has."""

    group: Group
    since: float


def dispatch(
    pool: Pool,
    tasks: Iterable[Task],
    *,
    together: int = 1,
    timeout: float | None = None,
    tick: Callable[[], bool | None] = lambda: None,
    on_ready: Callable[[Ready], None] = lambda ready: None,
) -> Iterator[Result]:
    """Have every task done; results come as they are ready.

    Args:
        pool: the workers; closed at the end, after an error too.
        tasks: what to do; taken only as workers become free.
        together: tasks in a group.
        timeout: seconds that a photo may take; None lets it take any time.
        tick: called about twice a second; returning True stops: photos in flight get a few seconds.
        on_ready: called when a worker has loaded everything.

    Raises:
        StrokewiseError: the workers cannot work at all.
    """
    try:
        yield from _Dispatch(pool, iter(tasks), together, timeout, tick, on_ready).results()
    finally:
        pool.close()


class _Dispatch:
    """The state of `dispatch`: groups that workers have, and those to be tried again.

    Attributes:
        deaths: workers that have died in a row before they were ready.
    """

    def __init__(
        self,
        pool: Pool,
        tasks: Iterator[Task],
        together: int,
        timeout: float | None,
        tick: Callable[[], bool | None],
        on_ready: Callable[[Ready], None],
    ) -> None:
        self.pool, self.tasks, self.together, self.timeout = pool, tasks, together, timeout
        self.tick, self.on_ready = tick, on_ready
        self.again: deque[Group] = deque()
        self.flights: dict[int, _Flight] = {}
        self.exhausted = False
        self.deaths = 0

    def results(self) -> Iterator[Result]:
        """The result of each task, in the order in which they are done."""
        stop_at: float | None = None
        while True:
            if stop_at is None:
                self._give_out()
            if not self.flights and (stop_at is not None or (self.exhausted and not self.again)):
                return
            for event in self.pool.wait(TICK):
                yield from self._handle(event)
            if self.tick() and stop_at is None:
                stop_at = time.monotonic() + GRACE
            if stop_at is not None and time.monotonic() > stop_at:
                return
            yield from self._overdue()

    def _give_out(self) -> None:
        for worker in self.pool.idle():
            group = self._next()
            if not group:
                return
            self.flights[worker] = _Flight(group, time.monotonic())
            self.pool.give(worker, group)

    def _next(self) -> Group:
        if self.again:
            return self.again.popleft()
        group: list[Task] = []
        while not self.exhausted and len(group) < self.together:
            task = next(self.tasks, None)
            if task is None:
                self.exhausted = True
            else:
                group.append(task)
        return group

    def _handle(self, event: Event) -> Iterator[Result]:
        flight = self.flights.pop(event.worker, None)
        if event.kind == "ready":
            if event.value.broken:
                raise StrokewiseError(event.value.broken)
            self.deaths = 0
            self.on_ready(event.value)
        elif event.kind == "done":
            yield from event.value
        elif flight is None:
            self.deaths += not event.excused
            if self.deaths >= STARTS:
                raise StrokewiseError(f"workers die before they have drawn anything ({event.value}): is memory short?")
        elif event.excused:
            self.again.append(flight.group)
        else:
            yield from self._retry(flight, CRASHED, f"its process was lost twice ({event.value})", 2)

    def _overdue(self) -> Iterator[Result]:
        if self.timeout is None:
            return
        now = time.monotonic()
        for worker, flight in list(self.flights.items()):
            if now - flight.since > self.timeout * len(flight.group):
                self.pool.kill(worker)
                del self.flights[worker]
                yield from self._retry(flight, TIMEOUT, f"it took longer than {self.timeout:g} s and was cut off", 1)

    def _retry(self, flight: _Flight, status: str, error: str, most: int) -> Iterator[Result]:
        """Queue a group's photos again one by one; a photo that was alone and has no attempt left is given up."""
        alone = len(flight.group) == 1
        for task in flight.group:
            attempt = task.attempt + 1
            if alone and attempt >= most:
                seconds = round(time.monotonic() - flight.since, 4)
                yield Result(task.number, status, error, seconds=seconds, attempts=attempt)
            else:
                # An attempt in a group does not count: any of its photos may be the cause.
                self.again.append([dataclasses.replace(task, attempt=attempt if alone else task.attempt)])
