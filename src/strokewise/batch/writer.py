"""Write a job's results to files, record them in the journal, count them, and call the callback.

writer = ResultWriter(plan, callback)
writer.begin()
writer.work(pool, together=1, timeout=600)      # the workers draw, the writer writes
summary = writer.end()
"""

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

from ..errors import OutputError
from ..export.files import write_file
from .dispatch import Pool, dispatch
from .job import DRAWN, FAILED, UNCHANGED, Ready, Result
from .manifest import write_manifest
from .plan import Plan

INTERVAL, SHARE = 30.0, 20
"""Least time between two writings of the manifest: seconds, and as a multiple of how long the last one took."""
_MOST_NAMED = 20
"""Photos that are named in the summary; the manifest has all."""
_ONE_PHOTO = {errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EEXIST, errno.ELOOP}
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


@dataclasses.dataclass(frozen=True)
class BatchProgress:
    """Passed to a callback after each photo, and twice a second in between.

    Attributes:
        total: photos of this job.
        before: those that were finished before, or left out.
        drawn, failed: photos of this run so far.
        seconds: since the first one was given out.
        workers: workers that have started.
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
        """Photos that are finished: drawn before, drawn now, or failed."""
        return self.before + self.drawn + self.failed


@dataclasses.dataclass(frozen=True)
class Summary:
    """The counts of a run, and why it ended.

    Attributes:
        total: photos of this job.
        before: those that were drawn before.
        passed: those left out since they failed before.
        drawn, failed: photos drawn, and photos that could not be, in this run.
        left: those not dealt with.
        seconds: how long it took.
        singly: photos of this run that were drawn one by one, which is slower, since drawing them together failed.
        singly_reason: the first of those errors; empty if there was none.
        stopped: why it ended early: "asked", or an error; empty if it did not.
        manifest: the files.
        failures: the first few photos that failed, and why.
        remarks: the first few photos that one should know something of, and what; it follows the name.
        left_out: the names of what the source holds that is no photo.
    """

    total: int
    before: int
    passed: int
    drawn: int
    failed: int
    left: int
    seconds: float
    singly: int
    singly_reason: str
    stopped: str
    manifest: tuple[Path, ...]
    failures: tuple[tuple[str, str], ...]
    remarks: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()


class ResultWriter:
    """Writes the drawings, the journal and the manifest of a job.

    Args:
        plan: what is to be done; its journal is read, and not yet open.
        callback: called after each photo, and twice a second in between; returning True stops.
    """

    def __init__(self, plan: Plan, callback: Callable[[BatchProgress], bool | None] | None) -> None:
        self.plan, self.callback = plan, callback
        self.journal, self.output = plan.journal, plan.journal.output
        self.drawn = self.failed = self.unchanged = 0
        self.failures: list[tuple[str, str]] = []
        self.singly, self.singly_reason = 0, ""
        self.remarks: list[tuple[str, str]] = []
        self.stopped = ""
        self.workers: set[tuple[str, int]] = set()
        self.manifest: list[Path] = []
        self._root = ""
        self._made: set[Path] = set()
        self._start = time.monotonic()
        self._written = self._took = 0.0
        self._asked = False

    def begin(self) -> None:
        """Make the folder, claim it, and write a first manifest, so that an unwritable folder fails before any work.

        Raises:
            OutputError: it can be neither made nor written to, or another run is writing there.
        """
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
        """Have every photo drawn, and write each result as it comes."""
        self._start = time.monotonic()
        tasks = self.plan.tasks()
        results = dispatch(pool, tasks, together=together, timeout=timeout, tick=self._tick, on_ready=self._ready)
        with contextlib.closing(results):  # type: ignore[type-var]
            try:
                for result in results:
                    if reason := result.facts.get("together_error"):
                        self.singly, self.singly_reason = self.singly + 1, self.singly_reason or reason
                    self._call_back(self._commit(result))
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
            self.singly,
            self.singly_reason,
            self.stopped,
            tuple(self.manifest),
            tuple(self.failures),
            tuple(self.remarks),
            self.plan.listing.left_out,
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
            if len(self.failures) < _MOST_NAMED:
                self.failures.append((item.name, record["error"]))
        elif result.status == UNCHANGED:
            self.unchanged += 1
        else:
            self.drawn += 1
            if record.get("remarks") and len(self.remarks) < _MOST_NAMED:
                self.remarks.append((item.name, record["remarks"]))
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

    def _ready(self, ready: Ready) -> None:
        self.workers.add((ready.host, ready.process))

    def _tick(self) -> bool:
        self._call_back(None)
        return self._asked

    def _call_back(self, record: dict[str, Any] | None) -> None:
        if self.callback is None:
            return
        progress = BatchProgress(
            len(self.plan.items),
            self.plan.finished + self.plan.passed + self.unchanged,
            self.drawn,
            self.failed,
            time.monotonic() - self._start,
            len(self.workers),
            record,
        )
        self._asked = bool(self.callback(progress)) or self._asked


class _Blocked(Exception):
    """One drawing's place is taken by something else."""


def _explained(error: OutputError, output: Path) -> str:
    """Why nothing can be written any more, and what to do."""
    if getattr(error.__cause__, "errno", None) in _FULL:
        return f"the disk of {output} is full: make room, then run the same command again; it goes on from here"
    return f"{error}; run the same command again once it can be; it goes on from here"
