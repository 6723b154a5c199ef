"""Files that may be anything: plain ones and pipes are opened, and read no further than a bound."""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import time
from pathlib import Path
from typing import IO

SECONDS = 60.0
"""How long a pipe may be silent."""
OPEN_SECONDS = 2.0
"""How long to wait until another program opens a pipe by its name."""


class NotPlainFileError(OSError):
    """What should be opened is a socket, a device, or a pipe that cannot be read."""


def open_plain_file(path: str | Path, *, pipe_limit: int = 0) -> IO[bytes]:
    """A file opened for reading, if it is a plain one; of a pipe, what comes through it.

    Args:
        path: of the file.
        pipe_limit: most bytes of a pipe; one more is read, so that the caller sees that there are more. 0 refuses
            pipes.

    Raises:
        IsADirectoryError: it is a folder.
        NotPlainFileError: it is a socket, a device, or a pipe that is refused or through which nothing came.
        OSError, ValueError: it cannot be opened.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{path} is a folder")
    if is_pipe(mode) and pipe_limit:
        data = read_pipe(path, pipe_limit)
        if not data:
            raise NotPlainFileError(f"{path} is a pipe through which nothing came")
        return io.BytesIO(data)
    if not stat.S_ISREG(mode):
        raise NotPlainFileError(f"{path} is not a plain file")
    return Path(path).open("rb")


def read_bounded(file: IO[bytes], most: int) -> bytes:
    """What is left of a file, or its next `most` + 1 bytes where that is more: then it is longer than allowed."""
    return file.read(most + 1)


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
