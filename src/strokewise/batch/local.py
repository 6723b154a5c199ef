"""The engine for one machine: a few processes, each with its own core group or a share of a GPU.

Processes are started anew, never forked: a library's threads do not survive a fork. They are the driver's own
children with a pipe each way, so that one can be killed without the others noticing, and none outlives the driver.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
from typing import Any

from .dispatch import Event
from .job import BatchJob, Group

_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from strokewise.batch.worker import main; main()"
# The driver alone handles Ctrl-C and signals to the whole process group.
_APART: dict[str, Any] = {"creationflags": 0x200} if sys.platform == "win32" else {"start_new_session": True}
_KILL_WAIT = 5.0  # seconds to wait for a killed process to end


class _Process:
    """A worker: ready once it has sent `Ready`, and busy while it has a group."""

    def __init__(self, number: int, process: subprocess.Popen[bytes]) -> None:
        self.number, self.process = number, process
        self.ready = self.busy = False


class LocalPool:
    """Processes on this machine.

    Args:
        job: what they work on.
        count: how many.
        gpus: on how many GPUs they are spread; 0 leaves that alone.
    """

    def __init__(self, job: BatchJob, count: int, gpus: int = 0) -> None:
        self.job, self.gpus = job, gpus
        self._events: queue.SimpleQueue[tuple[_Process, str, Any]] = queue.SimpleQueue()
        self._processes: dict[int, _Process] = {}
        try:
            for number in range(count):
                self._start(number)
        except BaseException:
            self.close()
            raise

    def idle(self) -> list[int]:
        return [number for number, one in self._processes.items() if one.ready and not one.busy]

    def give(self, worker: int, group: Group) -> None:
        one = self._processes[worker]
        one.busy = True
        _send(one.process, list(group))

    def wait(self, seconds: float) -> list[Event]:
        events: list[Event] = []
        with contextlib.suppress(queue.Empty):
            self._take(self._events.get(timeout=seconds), events)
            while True:
                self._take(self._events.get_nowait(), events)
        return events

    def kill(self, worker: int) -> None:
        one = self._processes.pop(worker)
        _end(one.process)
        self._start(worker)

    def close(self) -> None:
        for one in self._processes.values():
            with contextlib.suppress(OSError):
                one.process.kill()
        for one in self._processes.values():
            _end(one.process)
        self._processes = {}

    def _take(self, message: tuple[_Process, str, Any], events: list[Event]) -> None:
        one, kind, value = message
        if self._processes.get(one.number) is not one:  # of a process that was killed meanwhile
            return
        if kind == "lost":
            _end(one.process)
            value = _how(one.process.returncode)
            self._start(one.number)
        one.ready, one.busy = True, False
        events.append(Event(one.number, kind, value))

    def _start(self, number: int) -> None:
        environment = {**os.environ, "OMP_NUM_THREADS": str(self.job.threads)}
        if self.gpus > 1:
            seen = os.environ.get("CUDA_VISIBLE_DEVICES", "")
            devices = seen.split(",") if seen else [str(i) for i in range(self.gpus)]
            environment["CUDA_VISIBLE_DEVICES"] = devices[number % len(devices)]
        process = subprocess.Popen(
            [sys.executable, "-c", _START, json.dumps(sys.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if os.environ.get("STROKEWISE_DEBUG", "") not in ("", "0") else subprocess.DEVNULL,
            env=environment,
            **_APART,
        )
        one = self._processes[number] = _Process(number, process)
        threading.Thread(target=self._listen, args=(one,), daemon=True).start()
        _send(process, self.job)

    def _listen(self, one: _Process) -> None:
        """Put each message of a process on the queue, until it ends."""
        assert one.process.stdout is not None
        try:
            while True:
                kind, value = pickle.load(one.process.stdout)
                self._events.put((one, kind, value))
        except Exception:  # a process that is killed can leave anything on its pipe
            self._events.put((one, "lost", None))
        finally:
            one.process.stdout.close()


def _send(process: subprocess.Popen[bytes], what: Any) -> None:
    assert process.stdin is not None
    with contextlib.suppress(OSError):  # it is gone; the thread that reads its answers will report that
        pickle.dump(what, process.stdin)
        process.stdin.flush()


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_KILL_WAIT)
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()


def _how(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None or code >= 0:
        return f"it ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"killed by {name}" + (", perhaps for want of memory" if name == "SIGKILL" else "")
