"""The terminal: one-line remarks, the progress bar, and Ctrl-C."""

from __future__ import annotations

import codecs
import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import typer

from .._text import plural

if TYPE_CHECKING:
    from ..optimize.candidates import Progress

BUG, MISTAKE, INTERRUPTED = 1, 2, 130
"""Exit codes."""


def say(text: str) -> None:
    """One line on stderr."""
    if sys.stderr is not None:
        print(f"strokewise: {printable(text)}", file=sys.stderr)


def fail(text: str, code: int) -> int:
    """Say what is wrong; the exit code."""
    say(text)
    return code


def printable(text: str) -> str:
    """Text with its control characters, which file names may hold, written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


def print_path(path: Path) -> None:
    """A written file's path to stdout: byte for byte, bar letters that the encoding of stdout lacks."""
    print_text(str(path))


def print_text(text: str) -> None:
    """A result to stdout."""
    tolerate_all_characters()
    if sys.stdout is not None:
        print(text)


def tolerate_all_characters() -> None:
    """Let stdout write out characters that its encoding lacks, as a pipe's does on Windows, instead of failing.

    Bytes that stand in file names and are no text in the system's encoding go out as they are.
    """
    with contextlib.suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(errors=_WRITTEN_OUT)  # type: ignore[union-attr]


_WRITTEN_OUT = "strokewise-written-out"


def _write_out(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for characters that an encoding lacks: escapes, and for the odd bytes of file names these bytes."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    piece = error.object[error.start : error.end]
    return b"".join(
        bytes([ord(c) - 0xDC00]) if 0xDC80 <= ord(c) <= 0xDCFF else c.encode("ascii", "backslashreplace") for c in piece
    ), error.end


codecs.register_error(_WRITTEN_OUT, _write_out)


class Watch:
    """Shows progress, and listens for Ctrl-C once there is something to save.

    Args:
        quiet: show nothing, as when stderr is no terminal.

    Attributes:
        interrupted: whether Ctrl-C was pressed.
    """

    def __init__(self, quiet: bool) -> None:
        self.interrupted = False
        self._quiet = quiet
        self._listening = False
        self._bar: Any = None
        if not quiet and sys.stderr is not None and sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                TextColumn("{task.fields[remark]}"),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=Console(stderr=True),
                transient=True,
                speed_estimate_period=300,  # seconds; a drawing can take many
            )
            self._task = self._bar.add_task("looking", total=None, remark="")

    def start(self) -> None:
        """Show the bar."""
        if self._bar is not None:
            self._bar.start()

    def stop(self) -> None:
        """Remove the bar, so that it does not mix with what is printed."""
        if self._bar is not None:
            self._bar.stop()

    def notice(self, text: str) -> None:
        """A line above the progress bar; nothing where there is no bar."""
        if self._bar is not None:
            self._bar.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def remark(self, text: str) -> None:
        """A line above the progress bar or, where there is none, on stderr."""
        if self._bar is not None:
            self.notice(text)
        elif not self._quiet:
            say(text)

    def step(self, progress: Progress) -> bool:
        """After each step of a drawing; True asks it to stop with the best so far."""
        return self.show(
            plural(len(progress.points), "stroke"), progress.step, progress.steps, f"loss {progress.loss:.3f}"
        )

    def show(self, what: str, done: float, total: float, remark: str = "") -> bool:
        """Move the bar. True if Ctrl-C asked to stop, which it listens for from the first call on."""
        self.listen()
        if self._bar is not None:
            self._bar.update(self._task, description=what, total=max(total, 1), completed=done, remark=remark)
        return self.interrupted

    def listen(self) -> None:
        """From here on the first Ctrl-C asks to stop, and a second one stops at once."""
        if self._listening:
            return
        self._listening = True
        if _is_ignored():
            self.notice(f"Ctrl-C is ignored, as the shell that started this asked; to stop it: kill {os.getpid()}")
            return
        with contextlib.suppress(ValueError):  # outside the main thread no handler can be set
            signal.signal(signal.SIGINT, self._interrupt)

    def _interrupt(self, signal_number: int, frame: FrameType | None) -> None:
        if self.interrupted:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a third one must not interrupt the removal of drafts
            raise KeyboardInterrupt
        self.interrupted = True


@contextlib.contextmanager
def stoppable(text: str = "stopped") -> Iterator[None]:
    """Ctrl-C ends the work within by KeyboardInterrupt, so that drafts and helper programs are removed.

    A second press is ignored, since it would interrupt the removal. A third one counts again: some extension modules
    lose the exception while they are imported.

    Args:
        text: what is said then.

    Raises:
        typer.Exit: Ctrl-C was pressed; its code is that of all commands.
    """
    before = signal.getsignal(signal.SIGINT)
    presses = 0

    def interrupt(signal_number: int, frame: FrameType | None) -> None:
        nonlocal presses
        presses += 1
        if presses != 2:
            raise KeyboardInterrupt

    if not _is_ignored():
        with contextlib.suppress(ValueError):  # outside the main thread no handler can be set
            signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        raise typer.Exit(fail(text, INTERRUPTED)) from None
    finally:
        with contextlib.suppress(ValueError, TypeError):
            signal.signal(signal.SIGINT, before)


def _is_ignored() -> bool:
    """Whether Ctrl-C is ignored: a shell without job control asks that of what it starts in the background."""
    return signal.getsignal(signal.SIGINT) is signal.SIG_IGN


@contextlib.contextmanager
def watch(quiet: bool) -> Iterator[Watch]:
    """A `Watch` whose bar and handler are removed when the work ends, after an error too."""
    before = signal.getsignal(signal.SIGINT)
    watching = Watch(quiet)
    watching.start()
    try:
        yield watching
    finally:
        watching.stop()
        with contextlib.suppress(ValueError, TypeError):
            signal.signal(signal.SIGINT, before)
