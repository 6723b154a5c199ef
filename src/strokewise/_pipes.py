"""Reading what another program sends, within bounds of bytes and of waiting."""

from __future__ import annotations

import errno
import os
import select
import stat
import time
from pathlib import Path

SECONDS = 60.0
"""How long a pipe may be silent."""
OPEN_SECONDS = 2.0
"""How long to wait until another program opens a pipe by its name."""


def is_pipe(mode: int) -> bool:
    """Whether a file of this mode, as `os.stat` tells it, is a pipe that can be read here without waiting for ever."""
    return stat.S_ISFIFO(mode) and hasattr(os, "O_NONBLOCK")


def read_pipe(path: str | Path, limit: int, *, seconds: float = SECONDS) -> bytes:
    """What comes through a pipe: /dev/stdin, <(command), or one made by mkfifo.

    Args:
        path: of the pipe.
        limit: most bytes; one more is read, so that the caller sees that there are more.
        seconds: how long it may be silent.

    Returns:
        the bytes; none if nobody writes to it.

    Raises:
        OSError: it cannot be read, or was silent for too long.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    begin, pieces, left = time.monotonic(), [], limit + 1
    try:
        while left > 0:
            try:
                piece = os.read(descriptor, min(left, 1 << 20))
            except BlockingIOError:
                if not select.select([descriptor], [], [], seconds)[0]:
                    raise TimeoutError(errno.ETIMEDOUT, f"nothing came for {seconds:g} seconds") from None
                continue
            if piece:
                pieces.append(piece)
                left -= len(piece)
            elif pieces or time.monotonic() - begin > OPEN_SECONDS:
                break
            else:  # nobody writes to it yet
                time.sleep(0.02)
    finally:
        os.close(descriptor)
    return b"".join(pieces)
