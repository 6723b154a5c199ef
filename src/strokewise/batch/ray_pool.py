"""The engine for clusters: Ray actors, one per core group or share of a GPU, on the machines of a Ray cluster.

Ray places the actors, restarts them elsewhere when their process or their machine is gone (`max_restarts`), and moves
groups and results. It does not repeat tasks (`max_task_retries` is 0): `dispatch` decides what is tried again and what
is given up, by the same rules for all engines. Each actor has one group at a time, so no further back-pressure is
needed.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import time
from typing import Any

from ..errors import Argument, StrokewiseError
from .dispatch import Event
from .drawer import PhotoDrawer
from .job import BatchJob, Group, Ready
from .resources import PER_GPU, cores

INSTALL_RAY = "pip install 'strokewise[ray]'"
STORE = 100_000_000
"""Bytes of Ray's object store where we start Ray ourselves: results are a few kilobytes and are taken at once."""
GROWTH = 30.0
"""Seconds between looks at whether the cluster has grown."""
_AGAIN = 1.0  # seconds before an actor that could not be reached is asked again


class _Actor(PhotoDrawer):
    """A drawer that knows which of Ray's machines it is on."""

    def load(self, node: str = "") -> Ready:
        import ray

        return super().load(ray.get_runtime_context().get_node_id())


class RayPool:
    """Ray actors.

    Args:
        job: what they work on.
        count: how many; None takes what the cluster has room for, and follows when it grows.
        most: no more workers than this are of use.
        address: of a cluster, as for `ray.init`; None takes RAY_ADDRESS or, without it, this machine alone.

    Attributes:
        gpus: how many the cluster had at the start, if the job may use them.

    Raises:
        StrokewiseError: Ray is not here, or the cluster cannot be reached.
    """

    def __init__(
        self, job: BatchJob, count: int | None = None, most: int = 1 << 20, address: str | None = None
    ) -> None:
        try:
            import ray
        except ImportError as error:
            raise StrokewiseError(f"Ray is not installed: {INSTALL_RAY}") from error
        self._ray: Any = ray
        self._own = not ray.is_initialized()
        if self._own:
            _connect(ray, address)
        self.job, self._count, self._most = job, count, most
        there = ray.cluster_resources()
        self.gpus = 0 if job.settings.device == "cpu" else int(there.get("GPU", 0))
        self._kind = ray.remote(
            num_cpus=job.threads, num_gpus=1 / PER_GPU if self.gpus else 0, max_restarts=-1, max_task_retries=0
        )(_Actor)
        self._actors: dict[int, Any] = {}
        self._nodes: dict[int, str] = {}
        self._ready: dict[int, bool] = {}
        self._refs: dict[Any, int] = {}
        self._ask: dict[int, float] = {}
        self._looked = 0.0
        self._grow()

    def idle(self) -> list[int]:
        busy = set(self._refs.values())
        return [worker for worker, ready in self._ready.items() if ready and worker not in busy]

    def give(self, worker: int, group: Group) -> None:
        self._refs[self._actors[worker].draw.remote(list(group))] = worker

    def wait(self, seconds: float) -> list[Event]:
        self._grow()
        now = time.monotonic()
        for worker in [worker for worker, at in self._ask.items() if at <= now]:
            del self._ask[worker]
            self._refs[self._actors[worker].load.remote()] = worker
        if not self._refs:
            time.sleep(seconds)
            return []
        self._ray.wait(list(self._refs), num_returns=1, timeout=seconds)
        done, _ = self._ray.wait(list(self._refs), num_returns=len(self._refs), timeout=0)
        return [self._event(ref) for ref in done]

    def kill(self, worker: int) -> None:
        self._refs = {ref: other for ref, other in self._refs.items() if other != worker}
        self._replace(worker)

    def close(self) -> None:
        for actor in self._actors.values():
            with contextlib.suppress(Exception):
                self._ray.kill(actor)
        self._actors, self._refs = {}, {}
        if self._own:
            self._ray.shutdown()

    def _event(self, ref: Any) -> Event:
        worker = self._refs.pop(ref)
        try:
            value = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            return self._lost(worker, error)
        if isinstance(value, Ready):
            self._ready[worker], self._nodes[worker] = True, value.node
            return Event(worker, "ready", value)
        return Event(worker, "done", value)

    def _lost(self, worker: int, error: Exception) -> Event:
        # An actor that Ray is about to restart, perhaps on another machine, cannot be reached for a while.
        away = not self._ready[worker] and isinstance(error, self._ray.exceptions.ActorUnavailableError)
        excused = away or (worker in self._nodes and not self._alive(self._nodes[worker]))
        self._ready[worker] = False
        self._ask[worker] = time.monotonic() + _AGAIN
        if isinstance(error, self._ray.exceptions.ActorDiedError):
            self._replace(worker)
        return Event(worker, "lost", type(error).__name__, excused)

    def _alive(self, node: str) -> bool:
        return any(one["NodeID"] == node and one["Alive"] for one in self._ray.nodes())

    def _replace(self, worker: int) -> None:
        with contextlib.suppress(Exception):
            self._ray.kill(self._actors[worker])
        self._start(worker)

    def _start(self, worker: int) -> None:
        self._actors[worker] = self._kind.remote(self.job)
        self._ready[worker] = False
        self._ask[worker] = time.monotonic()

    def _grow(self) -> None:
        """As many actors as there is room for."""
        now = time.monotonic()
        if self._actors and (self._count is not None or now - self._looked < GROWTH):
            return
        self._looked = now
        wanted = self._count
        if wanted is None:
            there = self._ray.cluster_resources()
            wanted = int(there.get("CPU", 1)) // self.job.threads
            if self.gpus:
                wanted = min(wanted, PER_GPU * int(there.get("GPU", 0)))
        for worker in range(len(self._actors), max(1, min(wanted, self._most))):
            self._start(worker)


def _connect(ray: Any, address: str | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    address = address or os.environ.get("RAY_ADDRESS")
    options: dict[str, Any] = {"address": address}
    if not address:
        options = {"num_cpus": cores(), "include_dashboard": False, "object_store_memory": STORE}
    before = signal.getsignal(signal.SIGTERM)
    _hush()
    try:
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
    except Exception as error:
        what = " ".join(str(error).split())[:200]
        problem = f"there is no Ray at {address or 'this machine'} ({what})"
        raise StrokewiseError(problem, fix=("check ", Argument("address", "HOST:PORT"))) from error
    finally:
        with contextlib.suppress(ValueError, TypeError):  # Ray takes SIGTERM for itself, and not from every thread
            signal.signal(signal.SIGTERM, before)


def _hush() -> None:
    """Keep Ray from printing a paragraph about each lost process to stdout, where results go: `dispatch` reports them.

    There is no option for it. Where Ray has renamed the function, it goes on printing.
    """
    with contextlib.suppress(ImportError, AttributeError):
        from ray._private import worker

        if callable(worker.print_worker_logs):
            worker.print_worker_logs = lambda *given, **named: None
