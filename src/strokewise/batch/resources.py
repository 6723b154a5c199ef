"""Resources of this machine: cores, memory, GPUs."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

WORKER_BYTES = 1_500_000_000
"""Memory that a worker may come to need: libraries, the encoder, a photo of a hundred million pixels."""
PER_GPU = 4
"""Workers that share a GPU: one opens and places photos on the CPU while another keeps the GPU busy."""
_CGROUP = Path("/sys/fs/cgroup")


def cores() -> int:
    """Cores that this process may use, at least 1: what the scheduler and the container allow."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with contextlib.suppress(OSError, ValueError):
        quota, period = (_CGROUP / "cpu.max").read_text().split()
        count = min(count, max(1, round(int(quota) / int(period))))
    return count


def free_memory() -> int | None:
    """Bytes that could be had without swapping; None where that is not known."""
    free: list[int] = []
    with contextlib.suppress(OSError, ValueError, IndexError):
        lines = Path("/proc/meminfo").read_text().splitlines()
        free.append(next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")))
    with contextlib.suppress(OSError, ValueError):
        most = int((_CGROUP / "memory.max").read_text())
        free.append(max(0, most - int((_CGROUP / "memory.current").read_text())))
    return min(free) if free else None


def sensible_workers(threads: int, gpus: int = 0) -> int:
    """How many workers keep this machine busy: a core group each, as far as memory goes; a few for each GPU."""
    count = cores() // threads
    if gpus:
        count = min(count, PER_GPU * gpus)
    memory = free_memory()
    if memory is not None:
        count = min(count, memory // WORKER_BYTES)
    return max(1, count)


def peak_memory() -> int | None:
    """Most bytes of memory that this process ever held; None where that is not known."""
    try:
        import resource
    except ImportError:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
