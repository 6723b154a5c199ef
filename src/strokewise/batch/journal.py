"""The journal: one line of JSON about each photo, on the disk before the next one is added.

OUT/journal.jsonl            of a whole job
OUT/journal-3-of-10.jsonl    of a shard

A run that is killed has lost nothing that was noted. The last line about a photo counts; a line that was cut short does
not. All journals of a folder are read, so that a run without shards goes on where shards have stopped.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from pathlib import Path
from typing import IO, Any

from ..errors import OutputError
from ..export.files import DRAFT
from .job import BatchJob


class Shard:
    """One of several equal parts of a job, such as 3/10.

    A photo's part follows from its name alone, so that parts stay apart even if photos are added while they are drawn.
    """

    def __init__(self, number: int, of: int) -> None:
        self.number, self.of = number, of

    @property
    def suffix(self) -> str:
        """The end of the names of its journal and manifest, before the file ending."""
        return f"-{self.number}-of-{self.of}"

    def holds(self, name: str) -> bool:
        """Whether a photo belongs to it."""
        mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
        return int.from_bytes(mark[:8], "big") % self.of == self.number - 1


class Journal:
    """The journals of a folder, and the one that this run adds to.

    Args:
        output: the folder.
        shard: which one to add to.

    Attributes:
        jobs: by digest, what drawings were made with, and of which source.
        names: photos of which anything is known -> where their last line is: which file, byte offset, and when.
        outputs: photos that were ever drawn -> the file, relative to the folder.
    """

    def __init__(self, output: Path, shard: Shard | None = None) -> None:
        self.output = output
        self.path = output / f"journal{shard.suffix if shard else ''}.jsonl"
        self.jobs: dict[str, dict[str, Any]] = {}
        self.names: dict[str, tuple[int, int, float]] = {}
        self.outputs: dict[str, str] = {}
        self._files: list[IO[bytes]] = []
        self._own: IO[bytes] | None = None
        self._size = 0

    def read(self) -> None:
        """Read all journals that are there.

        Raises:
            OutputError: one cannot be read.
        """
        for path in sorted(self.output.glob("journal*.jsonl")):
            try:
                file = path.open("rb")
                self._files.append(file)
                offset = 0
                for line in file:
                    self._learn(line, len(self._files) - 1, offset)
                    offset += len(line)
            except OSError as error:
                raise OutputError(f"{path} cannot be read ({error.strerror or error}): check its rights") from error

    def _learn(self, line: bytes, file: int, offset: int) -> None:
        with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
            record = json.loads(line)
            if "made" in record:
                self.jobs[str(record["job"])] = record
                return
            name, at = str(record["input"]), float(record["at"])
            if at >= self.names.get(name, (0, 0, 0.0))[2]:
                self.names[name] = (file, offset, at)
                if record.get("output"):
                    self.outputs[name] = str(record["output"])

    def open(self) -> None:
        """Begin to add.

        Raises:
            OutputError: it cannot be written, or another run is at it.
        """
        try:
            file = open(self.path, "ab+", buffering=0)  # noqa: SIM115 (open as long as the run is)
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written ({error.strerror or error}): choose another") from error
        if not _lock(file):
            file.close()
            raise OutputError(f"another run is writing to {self.output}: wait for it, or choose another folder")
        self._own = file
        self._files.append(file)
        self._size = file.seek(0, os.SEEK_END)
        if self._size:
            file.seek(self._size - 1)
            if file.read(1) != b"\n":  # a line that was cut short shall not spoil the next
                self._add(b"\n")

    def begin(self, job: BatchJob, source: str) -> None:
        """Note how and of what drawings are made from here on."""
        record = {"job": job.digest, "made": job.made, "source": source, "at": time.time()}
        if self.jobs.get(job.digest, {}).get("source") != source:
            self._add(json.dumps(record).encode("ascii") + b"\n")
        self.jobs[job.digest] = record

    def note(self, record: dict[str, Any]) -> None:
        """Add a line about a photo; it is on the disk when this returns.

        Raises:
            OutputError: it cannot be written.
        """
        record = {**record, "at": time.time()}
        offset = self._size
        self._add(json.dumps(record).encode("ascii") + b"\n")
        self.names[record["input"]] = (len(self._files) - 1, offset, record["at"])
        if record.get("output"):
            self.outputs[record["input"]] = record["output"]

    def _add(self, data: bytes) -> None:
        assert self._own is not None
        try:
            rest = data
            while rest:
                rest = rest[self._own.write(rest) :]
            os.fsync(self._own.fileno())
        except OSError as error:
            raise OutputError(f"{self.path} cannot be written ({error.strerror or error})") from error
        self._size += len(data)

    def record(self, name: str) -> dict[str, Any] | None:
        """The last line about a photo."""
        if name not in self.names:
            return None
        number, offset, _ = self.names[name]
        file = self._files[number]
        file.seek(offset)
        found: dict[str, Any] = json.loads(_line(file))
        return found

    def close(self) -> None:
        """Close all journals, and give up the claim on the folder."""
        for file in self._files:
            file.close()

    def sweep(self) -> None:
        """Remove drafts that killed runs have left, unless some other run is writing just now."""
        for path in self.output.glob("journal*.jsonl"):
            if path != self.path:
                with contextlib.suppress(OSError), path.open("rb+") as file:
                    if not _lock(file):
                        return
        for folder, _, names in os.walk(self.output):
            for name in names:
                if DRAFT.search(name):
                    with contextlib.suppress(OSError):
                        os.unlink(os.path.join(folder, name))


def _line(file: IO[bytes]) -> bytes:
    """The line that begins here; some of the files have no buffer, and would read it byte by byte."""
    line = b""
    while not line.endswith(b"\n"):
        block = file.read(4096)
        if not block:
            break
        head, end, _ = block.partition(b"\n")
        line += head + end
    return line


def _lock(file: IO[bytes]) -> bool:
    """Claim a file for as long as it is open; False if someone else has."""
    try:
        import fcntl
    except ImportError:
        return True  # no such locks on Windows, where two runs in one folder are the user's to avoid
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # this file system has no locks
        return True
    return True
