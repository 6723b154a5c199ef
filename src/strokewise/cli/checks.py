"""Checks before a command draws: its output files, the photo, and the weights of the networks."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OutputError, SettingsError
from .options import MOST_PIXELS
from .streams import NAME as STREAM_NAME
from .streams import is_stream, read_input
from .terminal import say

if TYPE_CHECKING:
    from ..export.film.timelapse import Timelapse
    from ..export.options import ExportOptions
    from ..photo.opening import Photo
    from ..recognition.recognizers import Recognizer
    from ..settings import Settings


def name_outputs(
    photo: Path, output: Path | None, png: bool, force: bool, options: ExportOptions | None = None
) -> tuple[Path, Path | None]:
    """The files of a single drawing: itself, written with these options, and its preview if there is one beside it.

    Raises:
        OutputError: one of them cannot be written, is there already, or is the photo itself.
    """
    output = output or Path(f"{drawing_stem(photo)}.svg")
    if is_stream(output):
        if png:
            raise OutputError("--png writes a file beside the drawing: name the drawing's file with --output")
        return output, None
    preview = output.with_name(f"{output.stem}-preview.png") if png and output.suffix.lower() != ".png" else None
    for path in (output, preview):
        if path is not None:
            check_output(path, photo, force, options)
    return output, preview


def drawing_stem(photo: Path) -> str:
    """What files are called after that are drawn from a photo."""
    return "drawing" if is_stream(photo) else photo.stem or "drawing"


def check_film(
    path: Path | None, photo: Path, output: Path, force: bool, seconds: float | None = None
) -> Timelapse | None:
    """The recorder of the film, if one was asked for.

    Raises:
        OutputError: it cannot be written there, the ending is no film's, or the drawing itself goes there.
    """
    if path is None:
        return None
    from ..export.film.timelapse import Timelapse

    film = Timelapse() if seconds is None else Timelapse(seconds=seconds)
    film.check(path, force=force)
    check_output(path, photo, force)
    if path.resolve() == output.resolve():
        raise OutputError(f"{path} is the drawing itself: choose another name with --timelapse")
    return film


def check_output(path: Path, photo: Path, force: bool, options: ExportOptions | None = None) -> None:
    """Refuse a place that cannot be written or options that do not fit, and the photo itself even with --force.

    Raises:
        OutputError: it is one of these.
    """
    from ..export.files import check_writable

    same = False
    with contextlib.suppress(OSError, ValueError):
        same = path.samefile(photo)
    if same:
        raise OutputError(f"{path} is the photo itself: choose another name with --output")
    check_writable(path, force, options)


def check_folder(folder: Path) -> None:
    """Refuse a folder that can neither be used nor made.

    Raises:
        OutputError: it is a file, its parent is not there, or one may not write to it.
    """
    there = True
    try:
        folder.lstat()  # not Path.exists, which takes a name that cannot be for a folder that is not there
    except FileNotFoundError:
        there = False
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise OutputError(f"{str(folder)[:200]!r} is no usable folder ({reason}): choose another") from error
    place = folder if there else folder.parent
    if not place.is_dir():
        what = "is not a folder: choose another" if os.path.lexists(place) else "does not exist: make it first"
        raise OutputError(f"{place} {what}")
    from ..export.files import check_takes_files

    check_takes_files(place)


def pixel_bound(max_pixels: float | None) -> int:
    """The most pixels a photo may have, of a bound in millions; None stands for the usual one.

    Raises:
        SettingsError: the bound is out of its range.
    """
    if max_pixels is not None and not 0 < max_pixels <= MOST_PIXELS:
        problem = f"must be a number over 0, at most {MOST_PIXELS:g}, not {max_pixels:g}"
        raise SettingsError(problem, setting="max_pixels", value=max_pixels)

    from ..photo.opening import MAX_PIXELS

    return MAX_PIXELS if max_pixels is None else int(max_pixels * 1e6)


def open_given(
    photo: Path, max_pixels: float | None, mask: Path | None = None, settings: Settings | None = None
) -> Photo:
    """The photo, with its mask if there is one, unless one of them has more million pixels than that.

    What to know of them is said.

    Args:
        photo: the photo; `-` is standard input.
        max_pixels: million pixels; None stands for the usual bound.
        mask: a picture of its subject; `-` is standard input.
        settings: how it is drawn, where there is a mask.

    Raises:
        SettingsError: the bound is out of its range, the background is kept beside a mask, or both are to come from
            standard input.
        PhotoError: as for `open_photo` and `with_mask`.
    """
    bound = pixel_bound(max_pixels)
    if is_stream(photo) and is_stream(mask):
        problem = f"and the photo cannot both come from {STREAM_NAME}"
        raise SettingsError(problem, setting="mask", value="-", fix="name a file for one of them")

    from ..photo.opening import MAX_FILE_BYTES, open_photo

    if mask is not None and settings is not None:
        from ..photo.preparing import check_takes_mask

        check_takes_mask(settings)
    if is_stream(photo):
        opened = open_photo(read_input(MAX_FILE_BYTES, "a photo"), max_pixels=bound)
        opened = dataclasses.replace(opened, name=STREAM_NAME)
    else:
        opened = open_photo(photo, max_pixels=bound)
    if mask is not None:
        from ..photo.given_mask import with_mask

        given = read_input(MAX_FILE_BYTES, "a mask") if is_stream(mask) else mask
        opened = with_mask(opened, given, max_pixels=bound)
    for remark in opened.remarks:
        say(f"warning: {opened.name} {remark}")
    return dataclasses.replace(opened, remarks=())  # they are printed


def have_encoder(name: str, quiet: bool) -> str:
    """Have an encoder's weights on this disk; its registered name. A first download shows a bar of its own.

    Raises:
        EncoderError: as for `prepare_encoder`.
    """
    from ..encoders import prepare_encoder

    return prepare_encoder(name, notice=None if quiet else say, progress=not quiet)


def have_encoders(settings: Settings, quiet: bool) -> str:
    """Have the weights of all encoders that a drawing takes on this disk; the name of the one that compares.

    Raises:
        EncoderError: as for `prepare_encoder`.
    """
    from ..photo.preparing import prepare_encoders

    return prepare_encoders(settings, notice=None if quiet else say, progress=not quiet)


def have_judge(name: str, quiet: bool, drawn_with: str, listed: bool = False) -> Recognizer:
    """A recogniser by its name, ready to judge.

    Args:
        name: "auto" takes another network than the one that drew, where two are here.
        quiet: do not say that something is fetched.
        drawn_with: registered name of the encoder that drew; empty if that is not known.
        listed: "auto" takes one that knows a list of classes.

    Raises:
        EncoderError: there is no such recogniser, or its weights cannot be had.
    """
    from ..encoders import weights

    if name in weights.CATALOGUE:
        have_encoder(name, quiet)

    from ..recognition.recognizers import load_recognizer

    return load_recognizer(name, drawn_with=drawn_with, listed=listed, notice=None if quiet else say)


def check_choice(judge: Recognizer, labels: tuple[str, ...] | None) -> None:
    """Refuse labels that the recogniser does not know; None stands for all that it knows.

    Raises:
        RecognizeError: as for `labels_of`.
    """
    from ..recognition.recognizers import labels_of

    labels_of(judge, labels)
