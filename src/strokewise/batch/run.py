"""The main job, from a source of photos to a folder of drawings and its manifest; read it from top to bottom."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..drawing import with_changes
from ..errors import OutputError, SettingsError
from ..export.files import write_file
from ..photo import MAX_PIXELS
from ..settings import Settings
from .dispatch import Pool, dispatch
from .job import DRAWN, FAILED, UNCHANGED, Hello, Job, Result
from .journal import Shard
from .local import LocalPool
from .machine import sensible_workers
from .manifest import has_parquet, write_manifest
from .photos import TABLES
from .plan import Plan, make_plan

ENGINES = ("local", "ray")
TIMEOUT = 600.0
"""Seconds that a photo may take unless told otherwise; with the paper's schedule it may take any time."""
TOGETHER = 8
"""Photos in one encoder step on a GPU. On the CPU it is one: more are no faster, and the bytes would depend on it."""
INTERVAL, SHARE = 30.0, 20
"""The manifest is written anew at most so often: seconds, and times what the last time took."""
_ONE_PHOTO = {errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EEXIST, errno.ELOOP}
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclasses.dataclass(frozen=True)
class Told:
    """What a callback is told after each photo, and twice a second besides.

    Attributes:
        total: photos of this job.
        before: those that were finished before, or left out.
        drawn, failed: what has become of others so far.
        seconds: since the first one was given out.
        workers: how many have come to work.
        record: what was noted of a photo, as in the journal; None where only time has passed.
    """

    total: int
    before: int
    drawn: int
    failed: int
    seconds: float
    workers: int
    record: dict[str, Any] | None = None

    @property
    def done(self) -> int:
        return self.before + self.drawn + self.failed


@dataclasses.dataclass(frozen=True)
class Summary:
    """How it came out.

    Attributes:
        total: photos of this job.
        before: those that were drawn before.
        passed: those left out since they failed before.
        drawn, failed: what became of the others.
        left: those not dealt with.
        seconds: how long it took.
        stopped: why it ended early: "asked", or an error; empty if it did not.
        manifest: the files.
        failures: the first few photos that failed, and why.
    """

    total: int
    before: int
    passed: int
    drawn: int
    failed: int
    left: int
    seconds: float
    stopped: str
    manifest: tuple[Path, ...]
    failures: tuple[tuple[str, str], ...]


def draw_many(
    source: str | Path,
    output: str | Path,
    settings: Settings | None = None,
    *,
    engine: str = "local",
    address: str | None = None,
    workers: int | None = None,
    threads: int = 1,
    together: int | None = None,
    timeout: float | None = None,
    png: bool = False,
    shard: tuple[int, int] | None = None,
    column: str | None = None,
    modules: tuple[str, ...] = (),
    max_pixels: int = MAX_PIXELS,
    force: bool = False,
    skip_failed: bool = False,
    rehash: bool = False,
    callback: Callable[[Told], bool | None] | None = None,
    notice: Callable[[str], None] | None = None,
    **changes: Any,
) -> Summary:
    """Draw every photo of a source; what is drawn already is left alone.

        draw_many("photos", "drawings", strokes=8)

    Args:
        source: a folder, a glob, a list, a Parquet file: see `list_photos`.
        output: folder of drawings, made if need be: one SVG a photo in a mirrored tree, journal and manifest.
        settings: how to draw; single fields can be given by name instead or on top.
        engine: "local", processes on this machine, or "ray", actors on Ray's machines.
        address: of Ray's cluster; None takes RAY_ADDRESS, or this machine alone.
        workers: how many; None takes what cores, memory and GPUs allow.
        threads: of each worker. Another number gives other bytes on the CPU, of drawings as good.
        together: photos in one encoder step on a GPU; on the CPU always one.
        timeout: seconds a photo may take, 0 for any time; None is 600, or any time with the paper's schedule.
        png: a picture of each drawing, too.
        shard: (3, 10) draws the third of ten equal parts.
        column: of a CSV or Parquet source.
        modules: imported first by each worker; they may register encoders.
        max_pixels: refuse larger photos.
        force: replace drawings with other settings or of another source, and files that are not ours.
        skip_failed: leave photos alone that failed before; else they are tried again.
        rehash: read finished photos, too, instead of trusting their size and times.
        callback: told of each photo; returning True stops: photos in flight get a few seconds.
        notice: called with one-line remarks.

    Returns:
        the counts.

    Raises:
        StrokewiseError: the source, a setting, the encoder, the engine or the folder will not do. Photos that will not
            do are counted and noted.
    """
    say = notice or (lambda text: None)
    settings = with_changes(settings or Settings(), changes)
    check_options(engine, workers, together, timeout, shard)
    if timeout is None:
        timeout = 0.0 if settings.schedule == "paper" else TIMEOUT
    plan = make_plan(
        source,
        Path(output),
        settings,
        png=png,
        max_pixels=max_pixels,
        threads=threads,
        modules=modules,
        shard=Shard(*shard) if shard else None,
        column=column,
        force=force,
        skip_failed=skip_failed,
        rehash=rehash,
        notice=say,
    )
    for remark in plan.listing.remarks:
        say(remark)
    if not has_parquet():
        say(f"the manifest is CSV only; for Parquet as well: {TABLES}")
    run = _Run(plan, callback)
    try:
        run.begin()
        if plan.todo:
            pool, size = open_pool(plan.job, engine, len(plan.todo), workers, address)
            run.work(pool, together or size, timeout or None)
        return run.end()
    finally:
        plan.journal.close()


def check_options(
    engine: str, workers: int | None, together: int | None, timeout: float | None, shard: tuple[int, int] | None
) -> None:
    """Refuse values out of their ranges.

    Raises:
        SettingsError: one is.
    """
    if engine not in ENGINES:
        raise SettingsError(f"engine must be one of {', '.join(ENGINES)}, not {engine!r}")
    for name, value, most in (("workers", workers, 100_000), ("together", together, 256)):
        if value is not None and not 1 <= value <= most:
            raise SettingsError(f"{name} must be a whole number from 1 to {most}, not {value}")
    if timeout is not None and not 0 <= timeout < float("inf"):
        raise SettingsError(f"timeout must be a number of seconds, 0 for none, not {timeout}")
    if shard is not None and not 1 <= shard[0] <= shard[1]:
        raise SettingsError(f"shard must be like 3/10, not {shard[0]}/{shard[1]}")


def open_pool(
    job: Job, engine: str, most: int, workers: int | None = None, address: str | None = None
) -> tuple[Pool, int]:
    """Workers, and how many photos each should get at once.

    Args:
        job: what they work on.
        engine: "local" or "ray".
        most: no more than so many are of use.
        workers: how many are asked for.
        address: of Ray's cluster.

    Raises:
        StrokewiseError: there is no such cluster.
    """
    if engine == "ray":
        from .ray_pool import RayPool

        cluster = RayPool(job, workers, most, address)
        return cluster, TOGETHER if cluster.gpus else 1
    from ..drawing import find_device

    gpus = 0
    if find_device(job.settings.device).type == "cuda":
        import torch

        gpus = torch.cuda.device_count()
    count = min(most, workers or sensible_workers(job.threads, gpus))
    return LocalPool(job, count, gpus), TOGETHER if gpus else 1


class _Run:
    """The one who writes: drawings, journal, manifest."""

    def __init__(self, plan: Plan, callback: Callable[[Told], bool | None] | None) -> None:
        self.plan, self.callback = plan, callback
        self.journal, self.output = plan.journal, plan.journal.output
        self.drawn = self.failed = self.unchanged = 0
        self.failures: list[tuple[str, str]] = []
        self.stopped = ""
        self.workers: set[tuple[str, int]] = set()
        self.manifest: list[Path] = []
        self._root = ""
        self._made: set[Path] = set()
        self._start = time.monotonic()
        self._written = self._took = 0.0
        self._asked = False

    def begin(self) -> None:
        """Make the folder, claim it, and write a first manifest: what cannot be written shows before any work."""
        try:
            self.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{self.output} cannot be made ({error.strerror or error}): choose another") from error
        self.journal.open()
        self.journal.begin(self.plan.job, self.plan.listing.source)
        self.journal.sweep()
        self._root = os.path.realpath(self.output)
        self._write_manifest()

    def work(self, pool: Pool, together: int, timeout: float | None) -> None:
        """Have everything done, and write down what comes."""
        self._start = time.monotonic()
        tasks = self.plan.tasks()
        results = dispatch(pool, tasks, together=together, timeout=timeout, tick=self._tick, told=self._ready)
        with contextlib.closing(results):  # type: ignore[type-var]
            try:
                for result in results:
                    self._tell(self._commit(result))
                    if time.monotonic() - self._written > max(INTERVAL, SHARE * self._took):
                        self._write_manifest()
            except OutputError as error:
                self.stopped = _explained(error, self.output)
        if self._asked and not self.stopped and self._dealt() < len(self.plan.todo):
            self.stopped = "asked"

    def end(self) -> Summary:
        """Write the manifest, and count."""
        try:
            self._write_manifest()
        except OutputError as error:
            if not self.stopped or self.stopped == "asked":
                self.stopped = _explained(error, self.output)
        before = self.plan.finished + self.unchanged
        return Summary(
            len(self.plan.items),
            before,
            self.plan.passed,
            self.drawn,
            self.failed,
            len(self.plan.todo) - self._dealt(),
            round(time.monotonic() - self._start, 3),
            self.stopped,
            tuple(self.manifest),
            tuple(self.failures),
        )

    def _dealt(self) -> int:
        return self.drawn + self.failed + self.unchanged

    def _commit(self, result: Result) -> dict[str, Any]:
        """Write what a worker has made, then note it.

        Raises:
            OutputError: nothing can be written any more.
        """
        item, place = self.plan.items[result.number], self.plan.places[result.number]
        record: dict[str, Any] = {"input": item.name, "job": self.plan.job.digest, "stamp": item.stamp}
        if result.status == UNCHANGED:
            record = {**(self.journal.record(item.name) or {}), **record, "again": True}  # not drawn anew
        else:
            record |= {"content": result.content, "status": result.status, "error": result.error, **result.facts}
            record |= {"seconds": result.seconds, "attempts": result.attempts}
        try:
            # The drawing last: once it is there, all is.
            for what, ending, data in (("png", ".png", result.png), ("output", ".svg", result.svg)):
                if data:
                    self._write(place + ending, data)
                    record |= {what: place + ending, f"{what}_sha256": hashlib.sha256(data).hexdigest()}
        except OutputError as error:
            cause = error.__cause__
            if not isinstance(cause, _Blocked) and getattr(cause, "errno", None) not in _ONE_PHOTO:
                raise
            record |= {"status": FAILED, "error": str(error), "output": None, "png": None}
        self.journal.note(record)
        if record["status"] != DRAWN:
            self.failed += 1
            if len(self.failures) < 20:
                self.failures.append((item.name, record["error"]))
        elif result.status == UNCHANGED:
            self.unchanged += 1
        else:
            self.drawn += 1
        return record

    def _write(self, name: str, data: bytes) -> None:
        path = self.output / name
        if path.parent not in self._made:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise OutputError(f"{path.parent} cannot be made ({error.strerror or error})") from error
            inside = os.path.realpath(path.parent)
            if inside != self._root and not inside.startswith(self._root + os.sep):
                raise OutputError(f"{path.parent} leads out of {self.output}: remove that link") from _Blocked()
            self._made.add(path.parent)
        if path.is_dir():
            raise OutputError(f"{path} is a folder: move it away") from _Blocked()
        write_file(path, lambda: data, force=True)

    def _write_manifest(self) -> None:
        start = time.monotonic()
        self.manifest = write_manifest(self.journal, self.plan.names(), self.plan.shard)
        self._written = time.monotonic()
        self._took = self._written - start

    def _ready(self, hello: Hello) -> None:
        self.workers.add((hello.host, hello.process))

    def _tick(self) -> bool:
        self._tell(None)
        return self._asked

    def _tell(self, record: dict[str, Any] | None) -> None:
        if self.callback is None:
            return
        told = Told(
            len(self.plan.items),
            self.plan.finished + self.plan.passed + self.unchanged,
            self.drawn,
            self.failed,
            time.monotonic() - self._start,
            len(self.workers),
            record,
        )
        self._asked = bool(self.callback(told)) or self._asked


class _Blocked(Exception):
    """One drawing's place is taken by something else."""


def _explained(error: OutputError, output: Path) -> str:
    """Why nothing can be written any more, and what to do."""
    if getattr(error.__cause__, "errno", None) in _FULL:
        return f"the disk of {output} is full: make room, then run the same command again; it goes on from here"
    return f"{error}; run the same command again once it can be; it goes on from here"
