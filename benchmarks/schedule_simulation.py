"""A million photos on a cluster, simulated: stragglers, crashes, hangs, preempted machines, one queue against shards.

python benchmarks/schedule_simulation.py --json benchmarks/figures/schedule.json
python benchmarks/schedule_simulation.py --seconds 4.2 --nodes 100 --per-node 16 --preempted 0.2

The rules are those of `strokewise.batch.dispatch`: a worker has one photo at a time. If the worker is lost, its photo
is tried again. A photo that loses two workers is given up, unless the whole machine was lost. A photo that hangs is
stopped by the time limit. Seconds of a photo are log-normal around the measured mean (from `scaling.py`). "ideal" is
the total work divided by the number of workers; "tail" is how long workers were idle at the end."""

from __future__ import annotations

import argparse
import dataclasses
import heapq
import json
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

FIGURES = Path(__file__).parent / "figures" / "scaling.json"
READY, DONE, GONE, BACK = range(4)


@dataclasses.dataclass(frozen=True)
class Cluster:
    """The simulated cluster and its troubles.

    Attributes:
        photos, nodes, per_node: number of photos, of nodes, and of workers on a node.
        seconds: mean time of a photo; spread: standard deviation of its logarithm.
        stragglers: share of photos that take `straggling` times as long.
        poison: share of photos that crash their worker every time; hangs: share that never end.
        timeout: seconds after which a photo is stopped.
        start: seconds until a new worker is ready.
        preempted: times an hour that a node is taken away; away: seconds until it is back.
        shards: each node has its own part of the photos (`--shard`), instead of one queue for all (Ray).
        excused: the loss of a whole machine does not count against its photos.
    """

    photos: int = 1_000_000
    nodes: int = 64
    per_node: int = 16
    seconds: float = 5.0
    spread: float = 0.25
    stragglers: float = 0.001
    straggling: float = 10.0
    poison: float = 0.0001
    hangs: float = 0.0001
    timeout: float = 600.0
    start: float = 10.0
    preempted: float = 0.0
    away: float = 300.0
    shards: bool = False
    excused: bool = True


@dataclasses.dataclass(frozen=True)
class Outcome:
    """The result: hours and shares.

    Attributes:
        hours: until the last photo is done; ideal: the work over the workers.
        tail: hours at the end in which fewer than nine in ten workers were busy.
        wasted: share of the busy time spent on photos that were lost on the way.
        drawn, given_up, wrongly: numbers of photos; the last are good photos that were given up by mistake.
    """

    hours: float
    ideal: float
    tail: float
    wasted: float
    drawn: int
    given_up: int
    wrongly: int


class _Simulation:
    def __init__(self, cluster: Cluster, seed: int) -> None:
        c = self.c = cluster
        self.rng = np.random.default_rng(seed)
        draw = self.rng.lognormal(np.log(c.seconds) - c.spread**2 / 2, c.spread, c.photos)
        fate = self.rng.random(c.photos)
        draw[fate > 1 - c.stragglers] *= c.straggling
        self.length = np.minimum(draw, c.timeout)
        self.poison = fate < c.poison
        self.hangs = (fate >= c.poison) & (fate < c.poison + c.hangs)
        self.length[self.hangs] = c.timeout
        self.overdue = (draw > c.timeout) & ~self.hangs
        queues = c.nodes if c.shards else 1
        self.fresh = [iter(range(k, c.photos, queues)) for k in range(queues)]
        self.again: list[deque[int]] = [deque() for _ in range(queues)]
        self.lost = np.zeros(c.photos, np.int8)
        self.epoch = [0] * c.nodes
        self.flying: list[dict[int, tuple[int, float]]] = [{} for _ in range(c.nodes)]
        self.waiting: list[set[int]] = [set() for _ in range(c.nodes)]
        self.events: list[tuple[float, int, int, int, int]] = []
        self.busy = self.wasted = self.end = 0.0
        self.drawn = self.given_up = self.wrongly = self.aloft = 0
        self.thin: float | None = None

    def run(self) -> Outcome:
        c = self.c
        for node in range(c.nodes):
            self._back(0.0, node)
        while self.drawn + self.given_up < c.photos:
            now, kind, node, worker, epoch = heapq.heappop(self.events)
            if kind == GONE:
                self._gone(now, node)
            elif kind == BACK:
                self._back(now, node)
            elif epoch == self.epoch[node]:
                if kind == DONE and not self._done(now, node, worker):
                    heapq.heappush(self.events, (now + c.start, READY, node, worker, epoch))
                    continue
                self._give(now, node, worker)
        sure = float(self.length[~self.hangs].sum())
        tail = 0.0 if self.thin is None else self.end - self.thin
        ideal = sure / (c.nodes * c.per_node)
        share = self.wasted / max(self.busy, 1e-9)
        return Outcome(self.end / 3600, ideal / 3600, tail / 3600, share, self.drawn, self.given_up, self.wrongly)

    def _queue(self, node: int) -> int:
        return node if self.c.shards else 0

    def _give(self, now: float, node: int, worker: int) -> None:
        queue = self._queue(node)
        photo = self.again[queue].popleft() if self.again[queue] else next(self.fresh[queue], None)
        if photo is None:
            self.waiting[node].add(worker)
            if self.thin is None and self.aloft < 0.9 * self.c.nodes * self.c.per_node:
                self.thin = now
            return
        self.flying[node][worker] = (photo, now)
        self.aloft += 1
        heapq.heappush(self.events, (now + float(self.length[photo]), DONE, node, worker, self.epoch[node]))

    def _done(self, now: float, node: int, worker: int) -> bool:
        """Take a result; False if the worker was lost."""
        photo, since = self.flying[node].pop(worker)
        self.aloft -= 1
        self.busy += now - since
        if self.hangs[photo] or self.overdue[photo]:
            self._give_up(now, photo)
            return False
        if self.poison[photo]:
            self._lost(now, node, photo, since)
            return False
        self.drawn += 1
        self.end = max(self.end, now)
        return True

    def _lost(self, now: float, node: int, photo: int, since: float) -> None:
        self.wasted += now - since
        self.lost[photo] += 1
        if self.lost[photo] >= 2:
            self._give_up(now, photo)
        else:
            self._again(now, node, photo)

    def _give_up(self, now: float, photo: int) -> None:
        self.given_up += 1
        self.wrongly += not (self.poison[photo] or self.hangs[photo])
        self.end = max(self.end, now)

    def _again(self, now: float, node: int, photo: int) -> None:
        queue = self._queue(node)
        self.again[queue].append(photo)
        for other in [node] if self.c.shards else range(self.c.nodes):
            if self.waiting[other]:
                self._give(now, other, self.waiting[other].pop())
                return

    def _gone(self, now: float, node: int) -> None:
        self.epoch[node] += 1
        self.waiting[node].clear()
        flying, self.flying[node] = self.flying[node], {}
        self.aloft -= len(flying)
        for photo, since in flying.values():
            self.busy += now - since
            if self.c.excused:
                self.wasted += now - since
                self._again(now, node, photo)
            else:
                self._lost(now, node, photo, since)
        heapq.heappush(self.events, (now + self.c.away, BACK, node, 0, 0))

    def _back(self, now: float, node: int) -> None:
        for worker in range(self.c.per_node):
            heapq.heappush(self.events, (now + self.c.start, READY, node, worker, self.epoch[node]))
        if self.c.preempted:
            stay = float(self.rng.exponential(3600 / self.c.preempted))
            heapq.heappush(self.events, (now + stay, GONE, node, 0, 0))


def simulate(cluster: Cluster, seed: int = 0) -> Outcome:
    """One run."""
    return _Simulation(cluster, seed).run()


def scenarios(base: Cluster) -> dict[str, Cluster]:
    """The scenarios that are compared."""
    replace = dataclasses.replace
    calm = replace(base, stragglers=0.0, poison=0.0, hangs=0.0, preempted=0.0)
    rate = base.preempted or 0.2
    return {
        "nothing goes wrong": calm,
        "stragglers": replace(calm, stragglers=base.stragglers),
        "poison and hangs": replace(calm, poison=base.poison, hangs=base.hangs),
        "nodes preempted": replace(calm, preempted=rate),
        "all of it, one queue": replace(base, preempted=rate),
        "all of it, shards": replace(base, preempted=rate, shards=True),
        "all of it, lost machines blamed on photos": replace(base, preempted=rate, excused=False),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    measured: dict[str, Any] = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
    for field in dataclasses.fields(Cluster):
        if field.type in ("int", "float"):
            value = field.default
            if field.name == "seconds" and "seconds_each" in measured:
                value = measured["seconds_each"]
            kind = int if field.type == "int" else float
            parser.add_argument(f"--{field.name.replace('_', '-')}", type=kind, default=value)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    names = {field.name for field in dataclasses.fields(Cluster)}
    base = Cluster(**{name: value for name, value in vars(arguments).items() if name in names})
    given = "measured" if arguments.seconds == measured.get("seconds_each") else "given"
    print(
        f"{base.photos} photos of {base.seconds:g} s ({given}), {base.nodes} nodes of {base.per_node} workers, "
        f"preempted {base.preempted or 0.2:g} times an hour where they are"
    )
    rows: dict[str, Any] = {}
    print(f"{'':42} {'hours':>7} {'ideal':>7} {'tail, min':>9} {'wasted':>7} {'given up':>8} {'wrongly':>7}")
    for name, cluster in scenarios(base).items():
        found = simulate(cluster)
        rows[name] = dataclasses.asdict(found)
        print(
            f"{name:42} {found.hours:7.3f} {found.ideal:7.3f} {60 * found.tail:9.1f} {found.wasted:7.2%} "
            f"{found.given_up:8} {found.wrongly:7}",
            flush=True,
        )
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        figures = {"cluster": dataclasses.asdict(base), "seconds_are": given, "rows": rows}
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
