"""The drawings of both sides, each made by its own `strokewise draw`, and kept so that a stopped run goes on."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]
"""This checkout."""
SOURCES = {".py", ".safetensors", ".onnx", ".json"}
"""Endings of the files of a checkout that its drawings depend on."""


@dataclasses.dataclass(frozen=True)
class Side:
    """One of the two that are compared.

    Attributes:
        name: "old" or "new".
        checkout: folder whose src/ holds the package.
        python: the interpreter that draws.
        options: further options of `strokewise draw`.
        sources: digest of the package's files, so that a changed file means new drawings.
    """

    name: str
    checkout: Path
    python: str
    options: tuple[str, ...]
    sources: str

    @classmethod
    def of(cls, name: str, checkout: Path, python: str = "", options: str = "") -> Side:
        """A side from what the command line says.

        Raises:
            SystemExit: the folder is no checkout, or the options cannot be read.
        """
        package = checkout / "src" / "strokewise"
        if not (package / "__main__.py").is_file():
            raise SystemExit(f"{checkout} is no checkout of Strokewise: it has no src/strokewise/__main__.py")
        try:
            words = tuple(shlex.split(options))
        except ValueError as error:
            raise SystemExit(f"--{name}-options cannot be read ({error}): close the quotes") from error
        return cls(name, checkout.resolve(), python or sys.executable, words, digest_sources(package))

    @property
    def identity(self) -> list[Any]:
        """What tells its drawings from those of another side."""
        return [self.sources, self.python, list(self.options)]

    def described(self) -> str:
        """One line for the reader."""
        return " ".join([commit_of(self.checkout), *self.options])

    def command(self, photo: Path, strokes: int, seed: int, drawing: Path) -> list[str]:
        """The words of the command that draws."""
        words = [self.python, "-m", "strokewise", "draw", str(photo.resolve()), "-n", str(strokes)]
        return [*words, "--seed", str(seed), "-o", str(drawing.resolve()), "--force", "--quiet", *self.options]


def digest_sources(package: Path) -> str:
    """What the files of a package amount to, in 16 hexadecimal digits."""
    found = hashlib.sha256()
    for path in sorted(p for p in package.rglob("*") if p.suffix in SOURCES and "__pycache__" not in p.parts):
        found.update(path.relative_to(package).as_posix().encode() + b"\0")
        found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()[:16]


def commit_of(checkout: Path) -> str:
    """The commit of a checkout for the reader, with a plus sign if files were changed since."""
    told = []
    for words in (["rev-parse", "--short=9", "HEAD"], ["status", "--porcelain", "--", "src"]):
        done = subprocess.run(["git", "-C", str(checkout), *words], capture_output=True, text=True, check=False)
        if done.returncode:
            return "no commit"
        told.append(done.stdout.strip())
    return told[0] + ("+" if told[1] else "")


@dataclasses.dataclass(frozen=True)
class Job:
    """One drawing that is wanted."""

    side: Side
    photo: Path
    strokes: int
    seed: int

    def key(self) -> str:
        """Name of its files: what the drawing depends on, in 32 hexadecimal digits."""
        content = hashlib.sha256(self.photo.read_bytes()).hexdigest()
        told = json.dumps([*self.side.identity, content, self.strokes, self.seed])
        return hashlib.sha256(told.encode()).hexdigest()[:32]


@dataclasses.dataclass(frozen=True)
class Drawn:
    """A drawing that is there.

    Attributes:
        svg: its file.
        cpu: processor seconds of the command, those of its start among them.
        wall: seconds that it took.
    """

    svg: Path
    cpu: float
    wall: float


class DrawError(Exception):
    """A photo that a side cannot draw; the message is one line."""


class Drawings:
    """Drawings in a folder: made when they are asked for, found there the next time.

    Args:
        work: the folder, created if missing.
        timeout: seconds that one drawing may take.
    """

    def __init__(self, work: Path, timeout: float = 1800.0) -> None:
        self.folder, self.timeout = work / "drawings", timeout
        self.folder.mkdir(parents=True, exist_ok=True)
        self._warm: set[str] = set()

    def find(self, job: Job) -> Drawn | None:
        """The drawing, if it is there; its record is written last, so that half a drawing is none."""
        key = job.key()
        record = self.folder / f"{key}.json"
        if not record.is_file():
            return None
        try:
            told = json.loads(record.read_text("utf-8"))
            return Drawn(self.folder / f"{key}.svg", float(told["cpu"]), float(told["wall"]))
        except (ValueError, KeyError, TypeError):
            return None

    def make(self, job: Job) -> Drawn:
        """Draw it, and keep it.

        Raises:
            DrawError: the command failed or took too long.
        """
        if job.side.name not in self._warm:  # compiled code and caches are there before anything is timed
            warm = dataclasses.replace(job, strokes=1)
            with contextlib.suppress(DrawError):  # options may not suit it
                self._run(warm, self.folder / f"warm-{job.side.name}.svg", ["--steps", "1"])
            self._warm.add(job.side.name)
        key = job.key()
        part, svg = self.folder / f"{key}.part.svg", self.folder / f"{key}.svg"
        cpu, wall = self._run(job, part, [])
        os.replace(part, svg)
        told = {
            "side": job.side.described(),
            "photo": job.photo.name,
            "strokes": job.strokes,
            "seed": job.seed,
            "cpu": round(cpu, 3),
            "wall": round(wall, 3),
        }
        record = self.folder / f"{key}.json.part"
        record.write_text(json.dumps(told) + "\n", "utf-8")
        os.replace(record, self.folder / f"{key}.json")
        return Drawn(svg, cpu, wall)

    def _run(self, job: Job, drawing: Path, further: list[str]) -> tuple[float, float]:
        """Processor and wall seconds of one command."""
        environment = {**os.environ, "PYTHONPATH": str(job.side.checkout / "src")}
        told = drawing.with_suffix(".log")
        command = [*job.side.command(job.photo, job.strokes, job.seed, drawing), *further]
        start = time.perf_counter()
        with told.open("wb") as log:
            process = subprocess.Popen(
                command, env=environment, cwd=job.side.checkout, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
            cpu = self._wait(process, start)
        wall = time.perf_counter() - start
        said = told.read_text("utf-8", errors="replace").strip()
        told.unlink()
        if cpu is None or process.returncode or not drawing.is_file():
            last = said.splitlines()[-1] if said else f"it ended with status {process.returncode} and said nothing"
            if cpu is None:
                last = f"it took more than {self.timeout:.0f} s: raise --timeout"
            raise DrawError(f"{job.photo.name}, {job.strokes} strokes, {job.side.name}: {last[:300]}")
        return cpu, wall

    def _wait(self, process: subprocess.Popen[bytes], start: float) -> float | None:
        """Wait for the command; its processor seconds, None if it took too long. Then, and on Ctrl-C, it is ended."""
        try:
            while True:
                pid, status, used = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    process.returncode = os.waitstatus_to_exitcode(status)
                    return used.ru_utime + used.ru_stime
                if time.perf_counter() - start > self.timeout:
                    return None
                time.sleep(0.05)
        finally:
            if process.returncode is None:
                process.kill()
                process.wait()
