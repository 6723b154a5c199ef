"""Settings of a process that draws: how threads wait and what they do, when freed memory is returned.

An encoder allocates and frees the same tens of megabytes at every step. By default glibc hands them back to the system
each time and gets them anew, page by page, which takes as long as the arithmetic.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Outcome = TypeVar("Outcome")

SPINS = "3000"
"""How often an OpenMP thread looks for work before it sleeps: microseconds. Threads that spin on, as they do by
default, keep others from working as soon as anything else runs on the machine; threads that sleep at once wake late."""
MOST_THREADS = 8
"""Unless more are asked for: pictures of 224 px do not keep more of them busy."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # numbers of mallopt(3)
_KEEP, _NO_MMAP = 2_000_000_000, 1_000_000_000  # bytes


def tune_process() -> None:
    """Make this process wait and allocate in the way that suits drawing; call it before PyTorch is imported.

    What the user has set in the environment (OMP_WAIT_POLICY, GOMP_SPINCOUNT, MALLOC_...) stays as it is. Memory that
    was used once stays with the process. Does nothing about memory where there is no glibc.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)
    if sys.platform == "linux" and not any(name.startswith(("MALLOC_", "GLIBC_TUNABLES")) for name in os.environ):
        try:
            mallopt = ctypes.CDLL(None).mallopt
        except AttributeError:
            return
        mallopt(_TRIM_THRESHOLD, _KEEP)
        mallopt(_MMAP_THRESHOLD, _NO_MMAP)


def use_one_blas_thread() -> None:
    """Let NumPy multiply matrices in one thread; call it before NumPy is imported, else it has no effect.

    The matrices here are small. OpenBLAS's other threads wait for the next product in a busy loop, some 25 ms long, on
    the cores that ONNX Runtime needs. What the user has set in the environment stays as it is.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def give_back_memory() -> None:
    """Hand free memory back to the system, after work that is done once and took more than what follows.

    Does nothing where there is no glibc, whose allocator keeps it otherwise.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):
            ctypes.CDLL(None).malloc_trim(0)


_threads: int | None = None


def thread_count() -> int:
    """How many threads a drawing may use: what `set_thread_count` said, else OMP_NUM_THREADS, else one for each CPU."""
    if _threads is not None:
        return _threads
    asked = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if asked.isdecimal() and int(asked) > 0:
        return int(asked)
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(there, MOST_THREADS)


def set_thread_count(threads: int) -> None:
    """Say how many threads a drawing may use; networks that are loaded already keep theirs."""
    global _threads
    _threads = threads


@contextlib.contextmanager
def aside(work: Callable[[], Outcome]) -> Iterator[Callable[[], Outcome]]:
    """Some work in a thread of its own, beside what is done in the block; gives what waits for its outcome.

        with aside(lambda: find_boundaries(picture)) as boundaries:
            draw(find_faces(picture), boundaries())

    Where a drawing may use one thread only, the work is done when its outcome is asked for, and not at all if it never
    is. What it raises is raised when its outcome is asked for. The block ends after it.
    """
    if thread_count() < 2:
        yield functools.cache(work)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="strokewise-aside") as pool:
        yield pool.submit(work).result
