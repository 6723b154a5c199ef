"""The rules for workers that are lost, late or broken, with workers that follow a script."""

from __future__ import annotations

import time

import pytest

from strokewise.batch import dispatch as rules
from strokewise.batch.dispatch import Event, dispatch
from strokewise.batch.job import CRASHED, DRAWN, TIMEOUT, Group, Ready, Result, Task
from strokewise.batch.photos import LocalFile
from strokewise.errors import StrokewiseError


class Scripted:
    """Two workers; `outcome_of` says what happens to a group: "lost", "excused", "hang", else it is drawn."""

    def __init__(self, outcome_of, ready: Ready | None = None, deaths: int = 0) -> None:
        self.outcome_of, self.deaths = outcome_of, deaths
        self.events = [Event(0, "ready", ready or Ready("a", 1)), Event(1, "ready", ready or Ready("a", 2))]
        self.ready: set[int] = set()
        self.busy: set[int] = set()
        self.groups: list[list[int]] = []
        self.killed: list[int] = []
        self.closed = False

    def idle(self) -> list[int]:
        return sorted(self.ready - self.busy)

    def give(self, worker: int, group: Group) -> None:
        assert worker in self.idle()
        numbers = [task.number for task in group]
        self.groups.append(numbers)
        outcome = self.outcome_of(group)
        self.busy.add(worker)
        if outcome in ("lost", "excused"):
            self.events.append(Event(worker, "lost", "killed by SIGKILL", outcome == "excused"))
        elif outcome != "hang":
            results = [Result(task.number, DRAWN, attempts=task.attempt + 1) for task in group]
            self.events.append(Event(worker, "done", results))

    def wait(self, seconds: float) -> list[Event]:
        if self.deaths:
            self.deaths -= 1
            return [Event(0, "lost", "killed by SIGKILL")]
        events, self.events = self.events, []
        for event in events:
            self.busy.discard(event.worker)
            self.ready.add(event.worker)
        if not events:
            time.sleep(0.01)
        return events

    def kill(self, worker: int) -> None:
        self.killed.append(worker)
        self.busy.discard(worker)

    def close(self) -> None:
        self.closed = True


def tasks(count: int) -> list[Task]:
    return [Task(i, LocalFile(f"{i}.png")) for i in range(count)]


def test_everything_is_done_once_in_groups():
    pool = Scripted(lambda group: "drawn")
    results = list(dispatch(pool, tasks(7), together=3))
    assert sorted(r.number for r in results) == list(range(7)) and pool.closed
    assert [len(group) for group in pool.groups] == [3, 3, 1]


def test_a_photo_that_takes_its_worker_down_twice_is_given_up_and_the_rest_of_its_group_is_drawn():
    pool = Scripted(lambda group: "lost" if any(task.number == 2 for task in group) else "drawn")
    results = {r.number: r for r in dispatch(pool, tasks(6), together=3)}
    assert [n for n, r in results.items() if r.status != DRAWN] == [2]
    assert results[2].status == CRASHED and results[2].attempts == 2 and "SIGKILL" in results[2].error
    assert pool.groups.count([2]) == 2 and len(results) == 6


def test_a_worker_lost_with_its_machine_is_no_photos_fault():
    left = [5]

    def outcome(group: Group) -> str:
        if group[0].number == 0 and left[0]:
            left[0] -= 1
            return "excused"
        return "drawn"

    results = {r.number: r for r in dispatch(Scripted(outcome), tasks(3))}
    assert all(r.status == DRAWN for r in results.values()) and len(results) == 3 and results[0].attempts == 1


def test_a_late_photo_is_cut_off_and_the_others_of_its_group_are_drawn():
    pool = Scripted(lambda group: "hang" if any(task.number == 1 for task in group) else "drawn")
    results = {r.number: r for r in dispatch(pool, tasks(4), together=2, timeout=0.05)}
    assert [n for n, r in results.items() if r.status == TIMEOUT] == [1]
    assert "0.05 s" in results[1].error and len(pool.killed) == 2 and len(results) == 4


def test_asked_to_stop_nothing_more_is_given_out(monkeypatch):
    monkeypatch.setattr(rules, "GRACE", 0.05)
    pool = Scripted(lambda group: "hang" if group[0].number == 1 else "drawn")
    asked = []
    results = []
    for result in dispatch(pool, tasks(100), tick=lambda: bool(asked)):
        results.append(result.number)
        asked.append(1)
    assert results == [0] and len(pool.groups) <= 3 and pool.closed


def test_workers_that_cannot_work_are_told_of():
    with pytest.raises(StrokewiseError, match="no such encoder"):
        list(dispatch(Scripted(lambda group: "drawn", Ready(broken="no such encoder")), tasks(2)))
    pool = Scripted(lambda group: "drawn", deaths=rules.STARTS)
    with pytest.raises(StrokewiseError, match="before they have drawn anything.*SIGKILL"):
        list(dispatch(pool, tasks(2)))
    assert pool.closed
