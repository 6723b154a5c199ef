"""Writing files whole or not at all, and never over one that is there unless asked to."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path

from ..errors import OutputError
from ..sketch import Sketch


def _svg(sketch: Sketch) -> bytes:
    return sketch.to_svg().encode("utf-8")


def _png(sketch: Sketch) -> bytes:
    from .png import to_png

    return to_png(sketch)


FORMATS: dict[str, Callable[[Sketch], bytes]] = {".svg": _svg, ".png": _png}
"""File ending -> the drawing as such a file's bytes. A new format is one more line."""


def save(sketch: Sketch, path: str | Path, *, force: bool = False) -> Path:
    """Write the drawing to a file; the ending chooses the format (.svg, .png).

    Args:
        sketch: the drawing.
        path: where to; its folder must exist.
        force: replace the file if it is there.

    Returns:
        the path.

    Raises:
        OutputError: the file exists and `force` is not set, the ending is unknown, or it cannot be written. Then
            nothing is left behind, and a file that was there is as it was.
    """
    path = Path(path)
    return write_file(path, lambda: FORMATS[_ending(path)](sketch), force=force)


def check_writable(path: str | Path, force: bool = False) -> None:
    """Refuse a path that `save` would refuse, before any work is done for it.

    Raises:
        OutputError: as for `save`.
    """
    path = Path(path)
    _ending(path)
    _check_place(path, force)


def write_file(path: str | Path, content: Callable[[], bytes], *, force: bool = False) -> Path:
    """Write bytes to a file in one move: readers see the old file or the whole new one, whatever happens.

    Args:
        path: where to; its folder must exist.
        content: gives the bytes; called once the place is known to be writable.
        force: replace the file if it is there.

    Raises:
        OutputError: the file exists and `force` is not set, or it cannot be written.
    """
    path = Path(path)
    _check_place(path, force)
    data = content()
    # In the same folder, because only within one file system can a file be put into place in one move.
    draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        _put(draft, path, force)
    except FileExistsError as error:
        raise OutputError(_exists(path)) from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror or error}): choose another place") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
    return path


def _put(draft: Path, path: Path, force: bool) -> None:
    """Move the draft into place; without `force`, a file that turned up meanwhile stays (FileExistsError)."""
    if force:
        os.replace(draft, path)
        return
    try:
        os.link(draft, path)  # unlike a rename, it never replaces
    except FileExistsError:
        raise
    except (OSError, NotImplementedError, AttributeError):
        # No hard links here (FAT, some network drives): claim the name, then move over the empty claim.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            os.replace(draft, path)
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    if ending not in FORMATS:
        what = f"{path} ends in {path.suffix!r}" if ending else f"{path} has no ending"
        raise OutputError(f"{what}, which is no known format: use {' or '.join(FORMATS)}")
    return ending


def _check_place(path: Path, force: bool) -> None:
    folder = path.parent
    try:
        # Not Path.exists and its like, which take a name that cannot be for a file that is not there.
        if not stat.S_ISDIR(os.stat(folder).st_mode):
            raise OutputError(f"{folder} is not a folder: choose another place")
        there = os.lstat(path)
    except FileNotFoundError as error:
        if not os.path.lexists(folder):
            raise OutputError(f"the folder {folder} does not exist: make it first, or choose another") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{str(path)[:200]!r} is no usable file name ({reason}): choose another") from error
    else:
        if stat.S_ISDIR(there.st_mode):
            raise OutputError(f"{path} is a folder: name a file in it")
        if not force:
            raise OutputError(_exists(path))
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"the folder {folder} may not be written to: choose another, or change its permissions")


def _exists(path: Path) -> str:
    return f"{path} exists already: choose another name, or replace it with --force (force=True)"
