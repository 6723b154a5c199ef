"""Writing files whole or not at all, and never over one that is there unless asked to."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO

from .._text import join_or, quote
from ..errors import Argument, OutputError
from ..sketch import Sketch
from .brush.brushes import brushed_svg
from .look import dressed
from .options import ENDINGS, ExportOptions, check_installed, check_options

Writer = Callable[[Sketch, ExportOptions], bytes]

DRAFT = re.compile(r"\.[0-9a-f]{16}\.part\Z")
"""How the name of a file ends that is not whole yet; one that stays was left by a program that was killed."""


def _svg(sketch: Sketch, options: ExportOptions) -> bytes:
    if options.page is not None:
        from .plot.plotter import for_plotter

        plot = for_plotter(sketch, options.page)
        if options.notice is not None:
            options.notice(plot.summary)
        text = plot.to_svg()
    elif options.animate:
        from .svg.animated import to_animated_svg

        text = to_animated_svg(sketch, options.seconds)
    else:
        text = brushed_svg(sketch, options.look.brush)
    return text.encode("utf-8")


def _png(sketch: Sketch, options: ExportOptions) -> bytes:
    from .png import to_png

    return to_png(sketch, options.size, transparent=options.look.transparent, brush=options.look.brush)


def _pdf(sketch: Sketch, options: ExportOptions) -> bytes:
    from .pdf import to_pdf

    return to_pdf(sketch, options.size, brush=options.look.brush, page=options.page)


def _json(sketch: Sketch, options: ExportOptions) -> bytes:
    from .strokes_json import to_json

    return to_json(sketch).encode("ascii")


def _moving(ending: str) -> Writer:
    def write(sketch: Sketch, options: ExportOptions) -> bytes:
        from .film.video import animated

        return animated(sketch, ending, options)

    return write


def _hpgl(sketch: Sketch, options: ExportOptions) -> bytes:
    from .plot.machine import to_hpgl
    from .plot.page import Page

    return to_hpgl(sketch, options.page or Page(), options.machine, notice=options.notice)


def _gcode(sketch: Sketch, options: ExportOptions) -> bytes:
    from .plot.machine import to_gcode
    from .plot.page import Page

    return to_gcode(sketch, options.page or Page(), options.machine, notice=options.notice)


def _dressed(ending: str, write: Writer) -> Writer:
    """A format's writer, given the drawing in the look that was asked for, or refusing what it cannot follow."""

    def write_dressed(sketch: Sketch, options: ExportOptions) -> bytes:
        check_options(ending, options)
        return write(dressed(sketch, options.look), options)

    return write_dressed


_WRITERS: dict[str, Writer] = {
    ".svg": _svg,
    ".png": _png,
    ".pdf": _pdf,
    ".json": _json,
    ".gif": _moving(".gif"),
    ".webp": _moving(".webp"),
    ".mp4": _moving(".mp4"),
    ".hpgl": _hpgl,
    ".gcode": _gcode,
}
FORMATS: dict[str, Writer] = {ending: _dressed(ending, _WRITERS[ending]) for ending in ENDINGS}
"""File ending -> the drawing as such a file's bytes. A new format is one more line above, and one of `ENDINGS`."""


def save(sketch: Sketch, path: str | Path, options: ExportOptions | None = None, *, force: bool = False) -> Path:
    """Write the drawing to a file; the ending chooses the format, one of `FORMATS`.

    Args:
        sketch: the drawing.
        path: where to; its folder must exist.
        options: size, look, and what moves or is plotted; None is the drawing as it is.
        force: replace the file if it is there.

    Returns:
        the path.

    Raises:
        OutputError: the file exists and `force` is not set, the ending is unknown or lacks what it needs, the options
            do not suit it, or it cannot be written. Then nothing is left behind, and a file that was there is as it
            was.
    """
    if not isinstance(options, (ExportOptions, type(None))):
        raise OutputError(f"options must be ExportOptions, not {quote(options)}: write ExportOptions(size=512)")
    path, options = Path(path), options or ExportOptions()
    ending = _ending(path)
    return write_file(path, lambda: FORMATS[ending](sketch, options), force=force)


def check_writable(path: str | Path, force: bool = False, options: ExportOptions | None = None) -> None:
    """Refuse what `save` would refuse, before any work is done for it.

    Raises:
        OutputError: as for `save`.
    """
    path = Path(path)
    ending = _ending(path)
    if options is not None:
        check_options(ending, options)
    _check_place(path, force)
    check_takes_files(path.parent)


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
    return _put(path, lambda file: file.write(data), force)


def write_in_pieces(path: str | Path, write: Callable[[IO[bytes]], object], *, force: bool = False) -> Path:
    """`write_file` for what is too much to be held at once.

    Args:
        path: where to; its folder must exist.
        write: given the file, open for writing, once the place is known to be writable.
        force: replace the file if it is there.

    Raises:
        OutputError: as for `write_file`.
    """
    path = Path(path)
    _check_place(path, force)
    return _put(path, write, force)


def _put(path: Path, write: Callable[[IO[bytes]], object], force: bool) -> Path:
    # In the same folder, because only within one file system can a file be put into place in one move.
    draft = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.part")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        _move(draft, path, force)
    except FileExistsError as error:
        raise _exists(path) from error
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror or error}): choose another place") from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
    return path


def _move(draft: Path, path: Path, force: bool) -> None:
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


def check_takes_files(folder: Path) -> None:
    """Refuse a folder in which no file can be made, by making one that is gone at once: permissions do not tell all.

    Raises:
        OutputError: that.
    """
    trial = folder / f".strokewise.{secrets.token_hex(8)}.part"
    try:
        os.close(os.open(trial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        trial.unlink()
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(
            f"the folder {folder} may not be written to ({reason}): choose another, or change its permissions"
        ) from error


def _ending(path: Path) -> str:
    ending = path.suffix.lower()
    if os.path.isdir(path):
        raise OutputError(f"{path} is a folder: add a file name")
    if not ending:
        raise OutputError(f"{path} has no ending: add one of {join_or(ENDINGS)}")
    if ending not in FORMATS:
        raise OutputError(f"{path} ends in {path.suffix!r}, which is no known format: use {join_or(ENDINGS)}")
    check_installed(ending)
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
            raise OutputError(f"{path} is a folder: add a file name")
        if not force:
            raise _exists(path)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"the folder {folder} may not be written to: choose another, or change its permissions")


def _exists(path: Path) -> OutputError:
    return OutputError(
        f"{path} exists already", fix=("choose another name, or replace it with ", Argument("force", True))
    )
