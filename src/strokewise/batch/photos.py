"""Where the bytes of a photo are, and how a worker gets at them.

A worker on another machine gets one of these, a few dozen bytes, and reads the photo itself: a file, a row of a Parquet
file, or either of them wherever fsspec reads.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from pathlib import Path
from typing import IO, Any, Protocol, cast

from .._files import NotPlainFileError, open_plain_file, read_bounded
from ..errors import PhotoError, StrokewiseError
from ..photo.opening import MAX_FILE_BYTES

INSTALL = "pip install 'strokewise[batch]'"
"""What brings fsspec, for addresses, and pyarrow, for Parquet."""


class Bytes(Protocol):
    """Something that can be read, here or on another machine."""

    def read(self) -> bytes:
        """The photo's bytes.

        Raises:
            PhotoError: they cannot be had, or are too many.
        """
        ...


@dataclasses.dataclass(frozen=True)
class LocalFile:
    """A file on this machine, or on a disk that all machines share."""

    path: str

    def read(self) -> bytes:
        try:
            with open_plain_file(self.path) as file:
                _check_size(os.fstat(file.fileno()).st_size)
                return _bounded(file)
        except (IsADirectoryError, NotPlainFileError) as error:
            raise PhotoError("it is not a plain file: save the photo to a file first") from error
        except FileNotFoundError as error:
            raise PhotoError("it does not exist: check the name and the folder") from error
        except PermissionError as error:
            raise PhotoError("it may not be read: change its permissions") from error
        except (OSError, ValueError) as error:
            raise PhotoError(f"it cannot be read ({_brief(error)}): check the name") from error


@dataclasses.dataclass(frozen=True)
class RemoteFile:
    """A file wherever fsspec reads: s3://, gs://, https://, zip://..."""

    url: str

    def read(self) -> bytes:
        try:
            with open_url(self.url) as file:
                return _bounded(file)
        except StrokewiseError:
            raise
        except Exception as error:  # each file system has errors of its own
            raise PhotoError(f"it cannot be read ({_brief(error)}): check the address and one's rights") from error


@dataclasses.dataclass(frozen=True)
class TableRow:
    """A photo's bytes in a Parquet file.

    Attributes:
        table: path or URL of the file.
        group: number of the row group.
        row: number of the row in the group.
        column: the column; its values are bytes, or structs with a field "bytes".
        optional: whether a row may have none; there are no bytes then.
    """

    table: str
    group: int
    row: int
    column: str
    optional: bool = False

    def read(self) -> bytes:
        try:
            value = _column(self.table, self.group, self.column)[self.row].as_py()
        except StrokewiseError:
            raise
        except Exception as error:
            raise PhotoError(f"its row cannot be read ({_brief(error)}): check the Parquet file") from error
        data = value.get("bytes") if isinstance(value, dict) else value
        if data is None and self.optional:
            return b""
        if not isinstance(data, bytes):
            raise PhotoError(f"its row has no bytes in column {self.column}")
        _check_size(len(data))
        return data


@functools.lru_cache(maxsize=2)  # photos come in their order, so a group is read once by each worker; masks likewise
def _column(table: str, group: int, column: str) -> Any:
    with open_table(table) as file:
        return file.read_row_group(group, columns=[column]).column(0)


def file_stamp(path: str) -> str:
    """Size and times of a file: nobody changes the bytes without changing one of them. Empty if they are not known."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return ""
    return f"{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def is_url(text: str) -> bool:
    """Whether this is an address rather than a path."""
    return "://" in text


def local_path(text: str) -> str:
    """The path of a file:// address; any other text as it is."""
    if not text.startswith("file://"):
        return text
    from urllib.parse import unquote, urlsplit

    return unquote(urlsplit(text).path)


def file_system(url: str) -> tuple[Any, str]:
    """fsspec's file system of an address, and the path in it.

    Raises:
        PhotoError: there is no reading it, for want of a package or of rights.
    """
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise PhotoError(f"{url} is not on this machine; to read it: {INSTALL}") from error
    try:
        found: tuple[Any, str] = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise PhotoError(f"{url} cannot be read ({_brief(error)})") from error
    return found


def open_url(url: str) -> IO[bytes]:
    """An address opened for reading.

    Raises:
        PhotoError: as for `file_system`.
        Exception: whatever its file system raises.
    """
    system, path = file_system(url)
    return cast("IO[bytes]", system.open(path, "rb"))


def open_table(table: str) -> Any:
    """A Parquet file by its path or address; closes when its context ends.

    Raises:
        PhotoError: pyarrow is not here, or it is no Parquet file.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        raise PhotoError(f"{table} is Parquet; to read it: {INSTALL}") from error
    try:
        return ParquetFile(open_url(table) if is_url(table) else Path(table))
    except (ArrowException, OSError) as error:
        raise PhotoError(f"{table} cannot be read as Parquet ({_brief(error)}): check the file") from error


def _bounded(file: IO[bytes]) -> bytes:
    data = read_bounded(file, MAX_FILE_BYTES)
    _check_size(len(data))
    return data


def _check_size(size: int) -> None:
    if size > MAX_FILE_BYTES:
        raise PhotoError(f"it is larger than {MAX_FILE_BYTES // 2**20} MB: save it smaller, or as JPEG")


def _brief(error: BaseException) -> str:
    text = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(text).splitlines()[0][:120]
