"""A studio in a process of its own, for tests that use it over HTTP or in a browser."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

TIME_LIMIT, MEGABYTES, MEGAPIXELS = 60, 10, 6


class Server:
    """A running studio.

    Attributes:
        url: its address, without a slash at the end.
        process: its process.
        folder: of its temporary files.
    """

    def __init__(self, folder: Path, *options: str, **environment: str) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = folder / "log.txt"
        command = [sys.executable, "-m", "strokewise", "studio", "--port", str(self.port), *options]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=folder,
                env={**os.environ, "TMPDIR": str(folder), "NO_PROXY": "127.0.0.1", **environment},
            )

    @property
    def log(self) -> str:
        """Its output so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def wait(self, text: str, seconds: float = 180) -> None:
        """Wait until a text is in its output."""
        end = time.monotonic() + seconds
        while text not in self.log:
            if self.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the studio did not print {text!r}:\n{self.log}")
            time.sleep(0.1)

    def stop(self, number: int = signal.SIGINT) -> int:
        """Stop it, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@contextlib.contextmanager
def running(folder: Path, *options: str, **environment: str) -> Iterator[Server]:
    """A studio that is ready to draw."""
    server = Server(folder, *options, **environment)
    try:
        server.wait("ready to draw")
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A studio shared by all tests that do not stop it."""
    pytest.importorskip("gradio", reason="the studio is an extra: pip install 'strokewise[studio]'")
    limits = ["--max-upload", str(MEGABYTES), "--max-pixels", str(MEGAPIXELS), "--time-limit", str(TIME_LIMIT)]
    with running(tmp_path_factory.mktemp("studio"), *limits) as server:
        yield server


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of an installed Chromium."""
    pytest.importorskip("playwright", reason="tests in a browser need playwright")
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        found = shutil.which(name)
        if found:
            return found
    pytest.skip("no Chromium is installed")
