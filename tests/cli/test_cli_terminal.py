"""What people see while it draws, and what Ctrl-C does."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from strokewise import from_svg
from strokewise.cli.terminal import watch
from strokewise.optimize.candidates import Progress
from strokewise.sketch import StrokeStyle

QUICK = ["--steps", "2", "--candidates", "1", "--size", "64", "-n", "4", "--subject", "keep"]
COMMAND = [sys.executable, "-m", "strokewise"]


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disc_image: Callable[..., Image.Image]) -> Path:
    """A folder with one photo to work in."""
    monkeypatch.chdir(tmp_path)
    disc_image().save("disc.png")
    return tmp_path


def files() -> set[str]:
    return {path.name for path in Path().iterdir()}


def test_reader_that_goes_away() -> None:
    run = subprocess.Popen([*COMMAND, "draw", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout is not None
    run.stdout.close()
    assert run.stderr is not None
    with run.stderr:
        assert run.stderr.read() == b""
    assert run.wait(60) == 0


def progress(step: int, strokes: int = 4) -> Progress:
    return Progress(0, step, 10, 1.0, 1.1, np.zeros((strokes, 4, 2)), 1, StrokeStyle.pen(strokes, 1.5))


def test_one_stroke_is_one_stroke(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = []
    with watch(quiet=True) as watching:
        monkeypatch.setattr(watching, "show", lambda what, *more: shown.append(what))
        watching.step(progress(1, strokes=1))
        watching.step(progress(1))
    assert shown == ["1 stroke", "4 strokes"]


@pytest.mark.usefixtures("hears_ctrl_c")
def test_one_ctrl_c_asks_for_the_best_so_far_and_two_stop() -> None:
    before = signal.getsignal(signal.SIGINT)
    with watch(quiet=True) as watching:
        assert watching.step(progress(0)) is False
        signal.raise_signal(signal.SIGINT)
        assert watching.step(progress(1)) is True
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_drawing_outside_the_main_thread() -> None:
    answers: list[bool] = []

    def work() -> None:
        with watch(quiet=True) as watching:
            answers.append(watching.step(progress(0)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert answers == [False]


PRESSED_WHILE_WRITING = """
import io, os, signal, sys
from strokewise.__main__ import _leave

class Pressed(io.FileIO):
    def write(self, data):
        written = super().write(data)
        signal.raise_signal(signal.SIGINT)
        return written

signal.signal(signal.SIGINT, _leave)
sys.stderr = sys.__stderr__ = io.TextIOWrapper(io.BufferedWriter(Pressed(2, "wb", closefd=False)))
print("a bar", file=sys.stderr, flush=True)
"""


def test_ctrl_c_in_the_midst_of_a_write() -> None:
    run = subprocess.run([sys.executable, "-c", PRESSED_WHILE_WRITING], capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stdout) == (130, "")
    assert run.stderr == "a bar\nstrokewise: stopped before the first step; nothing was written\n"


class Terminal:
    """A process whose stderr is a terminal, read as it writes."""

    def __init__(self, arguments: list[str]) -> None:
        import pty

        self.screen = ""
        self._changed = threading.Condition()
        reader, writer = pty.openpty()
        # A child inherits that Ctrl-C is ignored, as it is where tests run in the background: not this one.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            self.process = subprocess.Popen(
                arguments, stdout=subprocess.PIPE, stderr=writer, text=True, env={**os.environ, "TERM": "xterm"}
            )
        finally:
            signal.signal(signal.SIGINT, before)
        os.close(writer)
        self._thread = threading.Thread(target=self._read, args=(reader,))
        self._thread.start()

    def _read(self, reader: int) -> None:
        # Reading fails, or gives nothing, when the other side is closed; which of them depends on the system.
        with contextlib.suppress(OSError):
            while data := os.read(reader, 4096):
                with self._changed:
                    self.screen += data.decode(errors="replace")
                    self._changed.notify_all()
        os.close(reader)

    def wait_for(self, text: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.screen, timeout=120), self.screen

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> SimpleNamespace:
        out, _ = self.process.communicate(timeout=120)
        self._thread.join()
        return SimpleNamespace(code=self.process.returncode, out=out, screen=self.screen)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.end()


@pytest.fixture
def terminal() -> Iterator[Callable[[list[str]], Terminal]]:
    """Starts the command in a terminal."""
    pytest.importorskip("pty")
    started: list[Terminal] = []

    def start(arguments: list[str]) -> Terminal:
        started.append(Terminal([*COMMAND, *arguments]))
        return started[-1]

    yield start
    for one in started:
        one.kill()


LONG = ["draw", "disc.png", "--subject", "keep", "--steps", "100000", "--candidates", "8", "--png"]


@pytest.mark.slow
def test_a_terminal_shows_how_it_comes_along(terminal: Callable[[list[str]], Terminal]) -> None:
    ended = terminal(["draw", "disc.png", *QUICK]).end()
    assert ended.code == 0
    assert ended.out == "disc.svg\n"
    for part in ("background kept", "encoder: embedded", "4 strokes", "loss"):
        assert part in ended.screen
    assert ended.screen.rindex("\x1b[?25h") > ended.screen.rindex("\x1b[?25l")  # the cursor is back


@pytest.mark.slow
def test_quiet_in_a_terminal(terminal: Callable[[list[str]], Terminal]) -> None:
    ended = terminal(["draw", "disc.png", "--quiet", *QUICK]).end()
    assert (ended.code, ended.out, ended.screen) == (0, "", "")


@pytest.mark.slow
def test_ctrl_c_before_the_first_step(terminal: Callable[[list[str]], Terminal]) -> None:
    run = terminal(LONG)
    run.wait_for("\x1b[?25l")  # the bar is there, the drawing has not begun
    run.interrupt()
    ended = run.end()
    assert ended.code == 130
    assert ended.out == ""
    assert "strokewise: stopped before the first step; nothing was written" in ended.screen
    assert ended.screen.rindex("\x1b[?25h") > ended.screen.rindex("\x1b[?25l")
    assert files() == {"disc.png"}


@pytest.mark.slow
def test_ctrl_c_once_saves_the_best_so_far(terminal: Callable[[list[str]], Terminal]) -> None:
    run = terminal(LONG)
    run.wait_for("loss ")
    run.interrupt()
    ended = run.end()
    assert ended.code == 130
    assert ended.out.splitlines() == ["disc.svg", "disc-preview.png"]
    assert "the best drawing so far is in disc.svg" in ended.screen
    assert files() == {"disc.png", "disc.svg", "disc-preview.png"}
    assert from_svg(Path("disc.svg").read_text()).metadata["stopped"] == "asked"


@pytest.mark.slow
def test_ctrl_c_twice_stops_at_once(terminal: Callable[[list[str]], Terminal]) -> None:
    run = terminal([*LONG, "--size", "512", "--candidates", "40"])  # with slow steps, so that the second comes in time
    run.wait_for("loss ")
    run.interrupt()
    time.sleep(0.3)
    while run.process.poll() is None:
        run.interrupt()
        time.sleep(0.1)
    ended = run.end()
    assert ended.code == 130
    assert ended.out == ""
    assert "strokewise: stopped" in ended.screen
    assert files() == {"disc.png"}
