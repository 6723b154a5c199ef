"""Where the command starts: `strokewise`, or `python -m strokewise`."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType


def main() -> None:
    """Run the command line and exit."""
    # A shell that starts a program in the background asks it to ignore Ctrl-C: leave it at that.
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _leave)
    from .cli import main as run

    sys.exit(run())


def _leave(signal_number: int, frame: FrameType | None) -> None:
    """Ctrl-C while nothing has been drawn yet: out at once.

    Not by KeyboardInterrupt: most of this time goes into importing torch, and extension modules swallow it there.
    """
    if sys.stderr is not None:
        # A progress bar may be on screen: clear its line and show the cursor again.
        clear = "\r\x1b[2K\x1b[?25h" if sys.stderr.isatty() else ""
        sys.stderr.write(f"{clear}strokewise: stopped before the first step; nothing was written\n")
        sys.stderr.flush()
    os._exit(130)


if __name__ == "__main__":
    main()
