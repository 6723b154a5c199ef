"""An estimate of time, disk space and memory for a job on this machine, from drawing a few of its photos."""

from __future__ import annotations

import dataclasses
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from .dispatch import dispatch
from .job import DRAWN, Result
from .plan import Plan
from .resources import sensible_workers
from .run import open_pool

ROUNDS = 2
"""Photos that each worker draws; the first, slower than the others, counts only if it is the only one."""


@dataclasses.dataclass(frozen=True)
class Estimate:
    """What a job would take.

    Attributes:
        total, finished, todo: photos, those that are drawn already, and those that are not.
        probed: photos drawn to find out; failed: those of them that could not be.
        workers: processes on this machine.
        each: seconds a photo takes one of them, median.
        seconds: for all.
        bytes: of the drawings, and of their pictures if there are to be any.
        free: bytes free where they would go; None if that is not known.
        memory: most bytes a process has held; None if that is not known.
    """

    total: int
    finished: int
    todo: int
    probed: int
    failed: int
    workers: int
    each: float | None
    seconds: float | None
    bytes: int | None
    free: int | None
    memory: int | None


def estimate(
    plan: Plan, workers: int | None, timeout: float | None, tick: Callable[[], bool | None] = lambda: None
) -> Estimate:
    """Draw a few photos, spread over the whole list, and write nothing.

    Args:
        plan: the job.
        workers: processes; None takes what cores, memory and GPUs allow.
        timeout: seconds that a photo may take; None lets it take any time.
        tick: as for `dispatch`.

    Raises:
        StrokewiseError: the workers cannot work.
    """
    count = min(workers or sensible_workers(plan.job.threads), max(1, len(plan.todo)))
    wanted = min(len(plan.todo), ROUNDS * count)
    some = [plan.todo[i * len(plan.todo) // wanted] for i in range(wanted)]
    results: list[Result] = []
    start = time.monotonic()
    if some:
        pool, together = open_pool(plan.job, "local", count, workers)
        for result in dispatch(pool, map(plan.task, some), together=together, timeout=timeout, tick=tick):
            results.append(result)
    taken = time.monotonic() - start
    good = [result for result in results if result.status == DRAWN]
    warm = good[count:] or good  # those that came last had warm workers
    each = statistics.median(result.seconds for result in warm) if warm else None
    size = statistics.mean(len(result.svg) + len(result.png) for result in good) if good else None
    share = len(good) / len(results) if results else 1.0
    memory = [int(found) for result in results if (found := result.facts.get("memory")) is not None]
    return Estimate(
        len(plan.items),
        plan.finished,
        len(plan.todo),
        len(results),
        len(results) - len(good),
        count,
        each,
        0.0 if not plan.todo else taken if len(results) == len(plan.todo) else _scaled(each, plan, count),
        None if size is None else int(size * len(plan.todo) * share),
        _free(plan.journal.output),
        max(memory) if memory else None,
    )


def _scaled(each: float | None, plan: Plan, count: int) -> float | None:
    return None if each is None else each * len(plan.todo) / count


def _free(output: Path) -> int | None:
    for folder in (output, *output.absolute().parents):
        if folder.is_dir():
            return shutil.disk_usage(folder).free
    return None
