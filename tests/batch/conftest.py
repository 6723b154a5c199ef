"""The encoder of these tests is registered for one test only; workers in this very process, for speed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import torch

from strokewise.batch import estimate, run
from strokewise.batch.dispatch import Event
from strokewise.batch.drawer import PhotoDrawer
from strokewise.batch.job import BatchJob, Group
from strokewise.encoders import registry
from strokewise.photo import preparing


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What workers and encoders change in their process."""
    monkeypatch.setattr(registry, "_LOADERS", dict(registry._LOADERS))
    monkeypatch.setattr(preparing, "PLACEMENT_SIZE", preparing.PLACEMENT_SIZE)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    threads = torch.get_num_threads()
    sys.modules.pop("batch_stub", None)
    yield
    sys.modules.pop("batch_stub", None)
    torch.set_num_threads(threads)


class Inline:
    """A pool of one worker, in this process."""

    def __init__(self, job: BatchJob) -> None:
        self.drawer = PhotoDrawer(job)
        self.events = [Event(0, "ready", self.drawer.load())]
        self.ready = False
        self.groups: list[Group] = []

    def idle(self) -> list[int]:
        return [0] if self.ready and not self.events else []

    def give(self, worker: int, group: Group) -> None:
        self.groups.append(group)
        self.events.append(Event(0, "done", self.drawer.draw(group)))

    def wait(self, seconds: float) -> list[Event]:
        self.ready = True
        events, self.events = self.events, []
        return events

    def kill(self, worker: int) -> None:
        raise AssertionError("nothing hangs here")

    def close(self) -> None:
        self.ready = False


@pytest.fixture
def inline(monkeypatch: pytest.MonkeyPatch) -> list[Inline]:
    """No processes: photos are drawn in this one. The pools that were opened."""
    pools: list[Inline] = []

    def open_pool(job: BatchJob, *rest: object) -> tuple[Inline, int]:
        pools.append(Inline(job))
        return pools[-1], 1

    monkeypatch.setattr(run, "open_pool", open_pool)
    monkeypatch.setattr(sys.modules[estimate.__module__], "open_pool", open_pool)
    return pools
