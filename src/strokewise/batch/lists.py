"""Lists of photos as text and CSV, as people have them: of any Unicode encoding and any usual separator.

for photo, mask, text in entries(data, ".csv", "list.csv", column=None): ...
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from ..errors import Argument, PhotoError, SettingsError

PATHS = ("path", "file", "filename", "file_name", "filepath", "photo", "image", "image_path", "input", "url", "uri")
"""Columns in which photos are looked for, the first that is there."""
MASK = "mask"
"""The column of a CSV or Parquet file that holds masks: paths, or bytes where photos are bytes."""
_SEPARATORS = (",", ";", "\t", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LOOKED_AT = 4096
"""Bytes by which an encoding without a mark is told, and rows by which a separator is."""


def decoded(data: bytes) -> str:
    """The text of a list. Bytes that are no text in UTF-8 stay what they are in names, as `os.fsdecode` has it.

    Args:
        data: UTF-8, UTF-16 or UTF-32; Windows writes UTF-16, with a byte order mark or without.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "surrogateescape" if encoding == "utf-8" else "replace")
    start = data[:_LOOKED_AT]
    for encoding, zeros, letters in (("utf-16-le", start[1::2], start[0::2]), ("utf-16-be", start[0::2], start[1::2])):
        # Of names in Latin letters every other byte is 0.
        if len(start) >= 4 and zeros.count(0) > len(zeros) // 2 and letters.count(0) <= len(letters) // 8:
            return data.decode(encoding, "replace")
    return data.decode("utf-8", "surrogateescape")


def entries(
    data: bytes, ending: str, name: str, column: str | None, text_column: str | None = None
) -> Iterator[tuple[str, str, str]]:
    """What a list lists: photos, and the masks and texts beside them, empty where there is none.

    Args:
        data: the file's bytes.
        ending: of the file: .csv and .tsv have columns, others an entry a line, or between zeros (find -print0).
        name: of the file, for messages.
        column: in which the photos are; None for one with a usual name.
        text_column: in which what each drawing is to say is; None where there is none.

    Raises:
        SettingsError: there is no such column.
        PhotoError: it is no sound CSV file.
    """
    text = decoded(data)
    if ending in (".csv", ".tsv"):
        yield from _column(text.replace("\0", ""), ending, name, column, text_column)
        return
    if column is not None:
        raise SettingsError(f"is for CSV and Parquet files, and {name} is neither", setting="column", value=column)
    for line in text.replace("\0", "\n").splitlines():
        entry = line.strip()
        if len(entry) > 2 and entry[0] == entry[-1] == '"':
            entry = entry[1:-1]
        if entry and not line.startswith("#"):
            yield entry, "", ""


def choose(
    names: Sequence[str], column: str | None, usual: Iterable[str], where: str, needed: bool = True
) -> str | None:
    """The column that is meant.

    Raises:
        SettingsError: there is no such column.
    """
    if column is not None:
        if column in names:
            return column
        raise SettingsError(f"{where} has no column {column}; it has {', '.join(names)}")
    found = _usual(names, usual)
    if found is None and needed:
        problem = f"{where} has no column with a usual name ({', '.join(names[:8])})"
        raise SettingsError(problem, fix=("name one with ", Argument("column", "NAME")))
    return found


def mask_column(names: Sequence[str], photos: str | None) -> str | None:
    """The column of masks beside that of photos; None where there is none."""
    found = _usual(names, (MASK,)) if photos is not None else None
    return found if found != photos else None


def _usual(names: Sequence[str], usual: Iterable[str]) -> str | None:
    lower = {name.lower(): name for name in reversed(names)}
    return next((lower[name] for name in usual if name in lower), None)


def _column(
    text: str, ending: str, name: str, column: str | None, text_column: str | None
) -> Iterator[tuple[str, str, str]]:
    first, _, rest = text.partition("\n")
    stated = re.fullmatch(r'"?sep=(.)"?\s*', first, re.IGNORECASE)  # as Excel writes it
    if stated:
        text = rest
    try:
        separator = stated[1] if stated else _separator(text, ending, column)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        names = [cell.strip() for cell in next(rows, [])]
        found = choose(names, column, PATHS, name, needed=len(names) > 1)
        if found is None:
            yield from ((cell, "", "") for cell in names if cell)
        which = names.index(found) if found is not None else 0
        masks = mask_column(names, found)
        texts = None if text_column is None else choose(names, text_column, (), name)
        beside = [None if one is None else names.index(one) for one in (masks, texts)]
        for row in rows:
            if len(row) > which and row[which].strip():
                mask, said = (row[i].strip() if i is not None and len(row) > i else "" for i in beside)
                yield row[which].strip(), mask, said
    except (csv.Error, TypeError) as error:
        raise PhotoError(f"{name} is no sound CSV file ({error}): save it anew") from error


def _separator(text: str, ending: str, column: str | None) -> str:
    """What stands between columns.

    It is the one with which the first row has the column that is wanted; else another than the usual one if there is
    as much of it in each row.
    """
    usual = "\t" if ending == ".tsv" else ","
    choices = [usual, *(one for one in _SEPARATORS if one != usual)]
    start = text[:_LOOKED_AT].splitlines()
    start = start[: max(1, len(start) - 1)] if len(text) > _LOOKED_AT else start
    rows = {one: [row for row in csv.reader(start, delimiter=one) if row] for one in choices}
    heads = {one: [cell.strip() for cell in found[0]] if found else [] for one, found in rows.items()}
    for one in choices:
        if column in heads[one]:
            return one
    for one in choices:
        if _usual(heads[one], PATHS) is not None:
            return one
    counts = {one: {len(row) for row in found} for one, found in rows.items()}
    if counts[usual] == {1} and len(start) > 1:
        return next((one for one in choices if len(counts[one]) == 1 and counts[one] != {1}), usual)
    return usual
