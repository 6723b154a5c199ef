"""Files that may be anything: opened only if they are plain files, and read no further than a bound."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO


class NotPlainFileError(OSError):
    """What should be opened is a pipe, a socket or a device."""


def open_plain_file(path: str | Path) -> IO[bytes]:
    """A file opened for reading, if it is a plain one: reading a pipe could wait for ever.

    Raises:
        IsADirectoryError: it is a folder.
        NotPlainFileError: it is a pipe, a socket or a device.
        OSError, ValueError: it cannot be opened.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(f"{path} is a folder")
    if not stat.S_ISREG(mode):
        raise NotPlainFileError(f"{path} is not a plain file")
    return Path(path).open("rb")


def read_bounded(file: IO[bytes], most: int) -> bytes:
    """What is left of a file, or its next `most` + 1 bytes where that is more: then it is longer than allowed."""
    return file.read(most + 1)
