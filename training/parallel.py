"""Many jobs, one process a core, with a word now and then of how far they are; files that are whole or not there."""

from __future__ import annotations

import multiprocessing
import os
import time
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TypeVar

import cv2
import torch

Job = TypeVar("Job")


def run_all(make: Callable[[Job], None], jobs: list[Job], workers: int, name: str) -> None:
    """Call `make` with every job; the first exception ends it.

    Args:
        make: can be pickled if there is more than one worker.
        jobs: the longest ones first, so that no core is left alone with one at the end.
        workers: processes; 1 stays in this one.
        name: of the work, for what is printed.
    """
    start = time.monotonic()

    def tell(done: int) -> None:
        if done % 100 == 0 or done == len(jobs):
            spent = time.monotonic() - start
            left = spent / done * (len(jobs) - done)
            print(f"{name}: {done} of {len(jobs)}, {spent / done:.2f} s each, {left:.0f} s left", flush=True)

    if workers == 1:
        for done, job in enumerate(jobs, 1):
            make(job)
            tell(done)
        return
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), one_thread) as pool:
        for done, future in enumerate(as_completed([pool.submit(make, job) for job in jobs]), 1):
            future.result()
            tell(done)


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Have `write` make a file, and put it in its place once it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    write(part)
    os.replace(part, path)


def one_thread(worker: int = 0) -> None:
    """What a worker does first: there is one for each core, so that it needs but one itself."""
    # Asked for by the subject network's runtime and by Numba, neither of which is loaded yet.
    os.environ["OMP_NUM_THREADS"] = os.environ["NUMBA_NUM_THREADS"] = "1"
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    warnings.simplefilter("ignore")
