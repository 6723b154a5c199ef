"""Where the command starts: `strokewise`, or `python -m strokewise`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType

from ._process import use_one_blas_thread


def main() -> None:
    """Run the command line and exit."""
    # A shell that starts a program in the background asks it to ignore Ctrl-C: leave it at that.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _leave)
    use_one_blas_thread()
    from .cli import main as run

    code = run()
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is written; what is left to do cannot be stopped halfway
    if os.environ.get("STROKEWISE_DEBUG", "") not in ("", "0"):
        sys.exit(code)
    # Where PyTorch is loaded, ending the interpreter takes half a second, for nothing: everything is written.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


def _leave(signal_number: int, frame: FrameType | None) -> None:
    """Ctrl-C while nothing has been drawn yet: out at once.

    Not by KeyboardInterrupt: most of this time goes into imports, and extension modules swallow it there.
    """
    # A progress bar may be on screen, with sys.stderr in its hands: clear its line and show the cursor again. Past
    # Python's buffer, which refuses a second write while Ctrl-C interrupts a first.
    with contextlib.suppress(OSError, ValueError, AttributeError):  # there may be no stderr
        screen = sys.__stderr__.fileno()  # type: ignore[union-attr]
        clear = "\r\x1b[2K\x1b[?25h" if os.isatty(screen) else ""
        os.write(screen, f"{clear}strokewise: stopped before the first step; nothing was written\n".encode())
    os._exit(130)


if __name__ == "__main__":
    main()
