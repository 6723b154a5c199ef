"""Writing files: completely or not at all, and never over an existing file unless asked to."""

from __future__ import annotations

import contextlib
import functools
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
from .look import dressed
from .options import ENDINGS, LOTTIE, ExportOptions, Notice, check_installed, check_options, ending_of
from .pens import to_layered_svg, with_pens
from .svg.text import to_svg

Writer = Callable[[Sketch, ExportOptions, Notice | None], bytes]
"""Turns a drawing, already in the look of the options, into the bytes of a file."""

DRAFT = re.compile(r"\.[0-9a-f]{16}\.part\Z")
"""End of the name of an unfinished file; a leftover one comes from a program that was killed."""


def _svg(sketch: Sketch, options: ExportOptions, notice: Notice | None) -> bytes:
    if options.page is not None:
        from .plot.pen_plots import plots, plotter_svg

        # Each pen's layer is plotted by itself, and the plotter goes home after it.
        home = (0.0, 0.0) if options.pens else None
        found = plots(sketch, options.pens, options.page, park=home)
        if notice is not None:
            for one in found:
                notice(one.summary)
        layered = bool(options.pens) or sketch.tone is not None
        text = plotter_svg(found) if layered and found else found[0].plot.to_svg()
    elif options.animate:
        from .svg.animated import to_animated_svg

        text = to_animated_svg(sketch, options.seconds)
    elif options.look.brush != "round":
        from .brush.brushes import brushed_svg

        text = brushed_svg(sketch, options.look.brush)
    elif options.pens:
        text = to_layered_svg(sketch, options.pens)
    else:
        text = to_svg(sketch)
    return text.encode("utf-8")


def _png(sketch: Sketch, options: ExportOptions, _: Notice | None) -> bytes:
    from .png import to_png

    return to_png(sketch, options.size, transparent=options.look.transparent, brush=options.look.brush)


def _pdf(sketch: Sketch, options: ExportOptions, _: Notice | None) -> bytes:
    from .pdf import to_pdf

    return to_pdf(sketch, options.size, brush=options.look.brush, page=options.page, pens=options.pens)


def _json(sketch: Sketch, options: ExportOptions, _: Notice | None) -> bytes:
    from .strokes_json import to_json

    return to_json(sketch).encode("ascii")


def _moving(ending: str) -> Writer:
    def write(sketch: Sketch, options: ExportOptions, _: Notice | None) -> bytes:
        from .film.video import animated

        return animated(sketch, ending, options)

    return write


def _hpgl(sketch: Sketch, options: ExportOptions, notice: Notice | None) -> bytes:
    from .plot.machine import to_hpgl

    return to_hpgl(sketch, options.page, options.machine, pens=options.pens, notice=notice)


def _gcode(sketch: Sketch, options: ExportOptions, notice: Notice | None) -> bytes:
    from .plot.machine import to_gcode

    return to_gcode(sketch, options.page, options.machine, pens=options.pens, notice=notice)


def _lottie(sketch: Sketch, options: ExportOptions, _: Notice | None) -> bytes:
    from .film.lottie import to_lottie

    return to_lottie(sketch, options.seconds).encode("ascii")


def _dxf(sketch: Sketch, options: ExportOptions, notice: Notice | None) -> bytes:
    from .plot.dxf import to_dxf

    return to_dxf(sketch, options.page, pens=options.pens, notice=notice)


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
    LOTTIE: _lottie,
    ".dxf": _dxf,
}


def to_bytes(ending: str, sketch: Sketch, options: ExportOptions, notice: Notice | None = None) -> bytes:
    """The drawing as the bytes of a file.

    Args:
        ending: of the file, one of `ENDINGS`.
        sketch: the drawing.
        options: size, look, motion, page.
        notice: called with one line about the result, where the format has one.

    Raises:
        OutputError: the format cannot follow the options, or lacks a package.
    """
    check_options(ending, options)
    drawn = dressed(sketch, options.look)
    if options.pens:
        drawn = with_pens(drawn, options.pens, options.only_pen, options.tone_pen)
    return _WRITERS[ending](drawn, options, notice)


FORMATS: dict[str, Callable[[Sketch, ExportOptions], bytes]] = {
    ending: functools.partial(to_bytes, ending) for ending in ENDINGS
}
"""File ending -> a function from a drawing and options to the bytes of such a file."""


def save(
    sketch: Sketch,
    path: str | Path,
    options: ExportOptions | None = None,
    *,
    force: bool = False,
    notice: Notice | None = None,
) -> Path:
    """Write the drawing to a file; the ending chooses the format, one of `FORMATS`.

    Args:
        sketch: the drawing.
        path: of the file; its folder must exist.
        options: size, look, motion, page; None is the drawing as it is.
        force: replace an existing file.
        notice: called with one line about the result, where a format has one: how far a plotter's pen travels.

    Returns:
        the path.

    Raises:
        OutputError: the file exists and `force` is not set, the ending is unknown or lacks a package, the options do
            not suit it, or the file cannot be written. Then nothing is left behind, and an existing file is unchanged.
    """
    if not isinstance(options, (ExportOptions, type(None))):
        raise OutputError(f"options must be ExportOptions, not {quote(options)}: write ExportOptions(size=512)")
    path = Path(path)
    ending = _ending(path)
    _check_place(path, force)
    data = to_bytes(ending, sketch, options or ExportOptions(), notice)
    return _put(path, lambda file: file.write(data), force)


def check_writable(path: str | Path, force: bool = False, options: ExportOptions | None = None) -> None:
    """Check that `save` could write there, before any work is done for it.

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
        path: of the file; its folder must exist.
        content: returns the bytes; called after the checks of the path.
        force: replace an existing file.

    Raises:
        OutputError: the file exists and `force` is not set, or it cannot be written.
    """
    path = Path(path)
    _check_place(path, force)
    data = content()
    return _put(path, lambda file: file.write(data), force)


def write_in_pieces(path: str | Path, write: Callable[[IO[bytes]], object], *, force: bool = False) -> Path:
    """`write_file` for data too large for memory.

    Args:
        path: of the file; its folder must exist.
        write: called with the file, open for writing, after the checks of the path.
        force: replace an existing file.

    Raises:
        OutputError: as for `write_file`.
    """
    path = Path(path)
    _check_place(path, force)
    return _put(path, write, force)


def _put(path: Path, write: Callable[[IO[bytes]], object], force: bool) -> Path:
    # In the same folder: a file can be renamed in one step only within one file system.
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
    """Move the draft to its final name; without `force`, a file that was created meanwhile stays (FileExistsError)."""
    if force:
        os.replace(draft, path)
        return
    try:
        os.link(draft, path)  # unlike a rename, it never replaces
    except FileExistsError:
        raise
    except (OSError, NotImplementedError, AttributeError):
        # No hard links here (FAT, some network drives): create the name as an empty file, then replace that.
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        try:
            os.replace(draft, path)
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise


def check_takes_files(folder: Path) -> None:
    """Check that files can be created in a folder, by creating and removing one: permissions alone do not show it.

    Raises:
        OutputError: no file can be created there.
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
    ending = ending_of(path)
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
        # Not Path.exists, which reports an impossible name as a file that does not exist.
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
