"""The files of an evaluation: how they are written, and which may be used again or replaced.

OUT/evaluation.json             settings, labels, all figures, all results
OUT/drawings.csv                one row a drawing
OUT/confusion-<strokes>.csv     what was said of each class
OUT/table.md                    the figures to read
OUT/recognition-*.png, .svg     the figures to look at
OUT/drawings/<class>/<photo>-<strokes>.svg
OUT/photos/<class>/<photo>.png  the photo as it was framed, which is judged too
OUT/seconds.jsonl               how long each of these took
"""

from __future__ import annotations

import contextlib
import csv
import functools
import io
import json
import os
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ...errors import Argument, OutputError, SvgError
from ...export.files import DRAFT, write_file
from ...export.svg.text import from_svg
from ..recognizers import NONE
from .figures import Level
from .report import Evaluation, to_markdown

_FIX = ("name another folder, or replace it with ", Argument("force", True))
RESULTS, ROWS, TABLE, SECONDS = "evaluation.json", "drawings.csv", "table.md", "seconds.jsonl"
PHOTO_SIDE = 224
"""Side of the framed photos that are kept, pixels: what recognisers look at."""


def check_output(output: Path, made: dict[str, Any], photos: Collection[str], force: bool) -> None:
    """Refuse a folder that holds something else than this evaluation, before any work.

    Args:
        output: the folder; need not be there.
        made: as in `report.made_with`.
        photos: those to be drawn, relative to their folder.
        force: replace what is there.

    Raises:
        OutputError: it holds an evaluation with other settings or of other photos, or files of the same names.
    """
    if os.path.lexists(output) and not output.is_dir():
        raise OutputError(f"{output} is not a folder: choose another place")
    if force:
        return
    former = read_former(output)
    if former is None:
        for name in (RESULTS, ROWS, TABLE):
            if os.path.lexists(output / name):
                raise OutputError(f"{output / name} was not written by an evaluation of ours", fix=_FIX)
        return
    for key, ours in made.items():
        there = former.get(key)
        if there != ours:
            raise OutputError(f"{output} holds an evaluation with {_other(key, there, ours)}", fix=_FIX)
    drawn = {one.get("photo") for one in former["results"]}
    if drawn and drawn.isdisjoint(photos):
        raise OutputError(f"{output} holds an evaluation of other photos", fix=_FIX)


def _other(key: str, there: Any, ours: Any) -> str:
    """What differs, in words."""
    if isinstance(there, dict) and isinstance(ours, dict):
        differ = [f"{name} {there.get(name)!r}" for name, value in ours.items() if there.get(name) != value]
        return f"other settings ({', '.join(differ) or 'of another version'})"
    return f"another {key} ({there})"


def read_former(output: Path) -> dict[str, Any] | None:
    """The evaluation that is in the folder, or None."""
    try:
        value = json.loads((output / RESULTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("figures"), dict):
        return None
    results, counts = value.get("results"), value.get("counts")
    ours = isinstance(results, list) and all(isinstance(one, dict) for one in results) and isinstance(counts, list)
    return value if ours else None


def is_drawn(path: Path, wanted: dict[str, Any], force: bool) -> bool:
    """Whether the drawing is there already.

    Args:
        path: of the drawing.
        wanted: what its metadata must say, "settings" without the encoder's name.
        force: take another drawing in its place for none.

    Raises:
        OutputError: something else is in its place, and `force` is not set.
    """
    if not os.path.lexists(path):
        return False
    known: dict[str, Any] = {}
    with contextlib.suppress(OSError, SvgError):
        known = from_svg(path.read_bytes()).metadata
    settings = known.get("settings")
    if isinstance(settings, dict):
        known = {**known, "settings": {name: value for name, value in settings.items() if name != "encoder"}}
    if all(known.get(key) == value for key, value in wanted.items()):
        return True
    if not force:
        raise OutputError(
            f"{path} is not the drawing this evaluation would make (other settings, or another photo)", fix=_FIX
        )
    return False


def has_photo(path: Path, wanted: dict[str, Any]) -> bool:
    """Whether a framed photo is there that was made from the same file in the same way."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            image.load()
            return getattr(image, "text", {}).get("strokewise") == json.dumps(wanted)
    except (OSError, ValueError, SyntaxError):
        return False


def write_photo(path: Path, image: NDArray[np.float32], wanted: dict[str, Any]) -> None:
    """Keep a framed photo, float32 [y, x, rgb] in [0, 1], and what it was made from."""
    pixels = Image.fromarray(np.round(np.clip(image, 0, 1) * 255).astype(np.uint8))
    pixels = pixels.resize((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.BOX)
    notes = PngInfo()
    notes.add_text("strokewise", json.dumps(wanted))
    buffer = io.BytesIO()
    pixels.save(buffer, "PNG", pnginfo=notes)
    put(path, buffer.getvalue)


def put(path: Path, content: Callable[[], bytes]) -> None:
    """Write a file of ours, whole or not at all, with the folders it lies in; an existing one is replaced.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or error
        raise OutputError(f"the folder {path.parent} cannot be made ({reason}): choose another place") from error
    write_file(path, content, force=True)


def sweep(output: Path) -> None:
    """Remove what a killed run was just about to write: hidden drafts, which `write_file` had not put into place."""
    with contextlib.suppress(OSError):
        for draft in [*output.glob(".*.part"), *output.glob("drawings/*/.*.part"), *output.glob("photos/*/.*.part")]:
            if DRAFT.search(draft.name):
                draft.unlink()


class Journal:
    """How long each file took; kept beside the files, whose bytes must not depend on it.

    Lines are added one at a time, so a run that is killed loses none; the last one of a file counts.

    Args:
        path: of the journal; need not be there.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seconds: dict[str, float] = {}
        lines: list[str] = []
        with contextlib.suppress(OSError, UnicodeDecodeError):
            lines = path.read_text(encoding="ascii").splitlines()
        for line in lines:
            with contextlib.suppress(ValueError, TypeError, KeyError):
                entry = json.loads(line)
                self.seconds[str(entry["file"])] = float(entry["seconds"])

    def note(self, file: str, seconds: float) -> None:
        """Add that a file, relative to the output folder, took so many seconds."""
        self.seconds[file] = round(seconds, 4)
        line = json.dumps({"file": file, "seconds": self.seconds[file]}) + "\n"
        with contextlib.suppress(OSError), self.path.open("ab", buffering=0) as file_:  # a time is worth no failure
            file_.write(line.encode("ascii"))


def write_all(evaluation: Evaluation, output: Path, notice: Callable[[str], None]) -> None:
    """Write everything but drawings and photos, and remove what an earlier run wrote and this one did not.

    Raises:
        OutputError: one cannot be written.
    """
    former = read_former(output) or {}
    # The results first: by them a later run knows the other files for its own.
    contents: dict[str, bytes] = {
        RESULTS: (json.dumps(evaluation.as_dict(), indent=1, allow_nan=False) + "\n").encode("ascii"),
        ROWS: _encoded(to_csv(evaluation)),
        TABLE: _encoded(to_markdown(evaluation)),
    }
    for level in evaluation.figures.levels:
        contents[_confusion(level.strokes)] = _encoded(confusion_csv(level, evaluation.labels))
    try:
        from .charts import draw_charts

        contents |= draw_charts(evaluation)
    except ImportError:
        notice("no charts, since matplotlib is not here: pip install 'strokewise[charts]', then run it again")
    for name, data in contents.items():
        put(output / name, functools.partial(bytes, data))
    stale = [_confusion(count) for count in former.get("counts", []) if isinstance(count, int)]
    stale += [f"recognition-by-{what}.{kind}" for what in ("class", "strokes") for kind in ("png", "svg")]
    for name in stale if former else []:
        if name not in contents:
            with contextlib.suppress(OSError):
                (output / name).unlink()


def to_csv(evaluation: Evaluation) -> str:
    """One row a drawing."""
    names = ("top", "probability", "place")
    head = ["photo", "label", "strokes", "file", "seconds"]
    head += [f"{choice}_{name}" for choice in ("forced", "with_none") for name in names]
    rows: list[Sequence[Any]] = [head]
    for result in evaluation.results:
        row = [result.photo, result.label, result.strokes, result.file, result.seconds]
        for said in (result.forced, result.with_none):
            row += [said.top, round(said.probability(result.label), 6), said.place(result.label)]
        rows.append(row)
    return _csv(rows)


def confusion_csv(level: Level, labels: Sequence[str]) -> str:
    """How often (columns) what was said of drawings of each class (rows), in both kinds of choice."""
    rows: list[Sequence[Any]] = [["choice", "label", *labels, NONE]]
    rows += [["forced", label, *said, 0] for label, said in level.confusion.items()]
    rows += [["with none", label, *said] for label, said in level.confusion_with_none.items()]
    return _csv(rows)


def _confusion(strokes: int | None) -> str:
    return f"confusion-{strokes}.csv"


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _encoded(text: str) -> bytes:
    """UTF-8; what no text can hold, as file names may, is written out."""
    return text.encode("utf-8", "backslashreplace")
