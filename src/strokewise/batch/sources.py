"""What there is to draw: a folder, a glob, a list, a Parquet file, here or wherever fsspec reads.

    listing = list_photos("photos/")           # every photo in it and below, by name
    listing = list_photos("s3://bucket/photos.parquet", column="image")

The order is that of the names or of the list, and never depends on the disk. Nothing is read but lists, and
the first bytes of files whose ending is not a photo's.
"""

from __future__ import annotations

import contextlib
import dataclasses
import glob
import os
import re
from collections.abc import Iterable, Iterator
from itertools import repeat
from pathlib import Path
from typing import Any, TypeAlias

from .._text import first_of, plural, quote
from ..errors import PhotoError, SettingsError
from ..photo.formats import ENDINGS, HEAD_BYTES, looks_like_photo
from .items import Item, file_item, listed_item
from .lists import PATHS, choose, entries, mask_column
from .masks import masks_from_folder
from .photos import (
    LocalFile,
    RemoteFile,
    TableRow,
    file_stamp,
    file_system,
    is_url,
    local_path,
    open_table,
    open_url,
)

LISTS = (".txt", ".lst", ".list", ".csv", ".tsv")
TABLES = (".parquet", ".pq")
DATA = ("bytes", "image", "photo", "data", "content")
NAMES = ("path", "file_name", "filename", "name", "key", "id")
"""Columns after which photos are named that come as bytes."""


Columns: TypeAlias = "tuple[str | None, str | None]"
"""Names of the columns of photos and of texts; None for a usual one, or none."""


@dataclasses.dataclass(frozen=True)
class Listing:
    """What a source holds.

    Attributes:
        source: the source, spelt the same wherever one stands.
        items: photos, each name once.
        remarks: what was left out, one line each.
        left_out: the names of all that was left out.
    """

    source: str
    items: tuple[Item, ...]
    remarks: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def list_photos(
    source: str | Path,
    *,
    column: str | None = None,
    output: Path | None = None,
    mask: str | Path | None = None,
    text_column: str | None = None,
) -> Listing:
    """Every photo of a source.

    Args:
        source: a folder, a glob, a text or CSV file of paths, a Parquet file of paths or bytes, or a photo; a path or
            an address that fsspec reads.
        column: of a CSV or Parquet file; unless given, a column with a usual name.
        output: a folder in the source that is none of it.
        mask: a folder of masks, named like the photos; it is none of the source either. Without it, masks are those in
            the column "mask" of a CSV or Parquet file, where there is one.
        text_column: of a CSV or Parquet file, what each drawing is to say; rows without a text have none of their own.

    Raises:
        PhotoError: it is not there, cannot be read, or holds no photos.
        SettingsError: it does not have such a column, or drawings would lie among their photos.
    """
    if not isinstance(source, (str, Path)):
        raise PhotoError(
            f"the source must be a path, not {quote(source)}: name a folder, a glob, or a text file with a path a line"
        )
    text = local_path(str(source))
    left = _LeftOut()
    if text_column is not None and Path(text).suffix.lower() not in (".csv", ".tsv", *TABLES):
        problem = f"is for CSV and Parquet files, and {text} is neither"
        raise SettingsError(problem, setting="text_column", value=text_column)
    columns = column, text_column
    found = list(_remote(text, columns, left) if is_url(text) else _local(text, columns, (output, mask), left))
    remarks = left.remarks()
    where = text if is_url(text) else os.path.abspath(text)
    names: dict[str, Item] = {}
    for item in found:
        names.setdefault(item.name, item)
    if len(names) < len(found):
        remarks.append(f"{len(found) - len(names)} listed more than once: drawn once")
    if not names:
        for remark in remarks[:1]:
            raise PhotoError(f"{text} holds no photos ({remark}): name another folder, glob, list or Parquet file")
        raise PhotoError(f"{text} holds no photos: name a folder, a glob, a list or a Parquet file that does")
    if output is not None:
        _check_apart(names.values(), output)
    items = list(names.values())
    if mask is not None:
        items = masks_from_folder(items, mask, remarks)
    return Listing(where, tuple(items), tuple(remarks), (*left.others, *left.links, *left.hidden))


class _LeftOut:
    """What a source holds that is not drawn.

    Attributes:
        others: files that are no pictures.
        links: links to folders.
        hidden: photos whose names begin with a dot.
        broken: remarks on what cannot be listed.
    """

    def __init__(self) -> None:
        self.others: list[str] = []
        self.links: list[str] = []
        self.hidden: list[str] = []
        self.broken: list[str] = []

    def remarks(self) -> list[str]:
        """One line for each kind."""
        told = (
            (self.links, "link", "to folders not followed"),
            (self.others, "file", "left out, being no pictures by name or content"),
            (self.hidden, "hidden photo", "left out"),
        )
        return [*self.broken, *(f"{plural(len(n), what)} {why}: {first_of(n)}" for n, what, why in told if n)]


def _local(text: str, columns: Columns, apart: Iterable[str | Path | None], left: _LeftOut) -> Iterator[Item]:
    path = Path(text)
    try:
        if path.is_dir():
            yield from _folder(path, apart, left)
            return
        there = path.exists()
    except (OSError, ValueError) as error:
        raise PhotoError(f"{text[:200]!r} is no usable path ({getattr(error, 'strerror', None) or error})") from error
    if not there and glob.has_magic(text):
        root = _fixed_part(text)
        for name in sorted(glob.glob(text, recursive=True)):
            below = os.path.relpath(name, root or ".")
            if os.path.isfile(name):
                if _is_photo(name, text) or _has_photo(name):
                    yield file_item(name, below)
                else:
                    left.others.append(below)
        return
    if not there:
        raise PhotoError(f"{text} does not exist: check the name and the folder")
    ending = path.suffix.lower()
    if ending in LISTS:
        try:
            data = path.read_bytes()
        except OSError as error:
            raise PhotoError(f"{text} cannot be read ({error.strerror or error}): check its permissions") from error
        for entry, masked, said in entries(data, ending, text, *columns):
            yield listed_item(entry, os.path.dirname(os.path.abspath(text)), mask=masked).with_text(said)
    elif ending in TABLES:
        yield from _table(os.path.abspath(text), path.stem, os.path.dirname(os.path.abspath(text)), columns)
    else:
        yield file_item(text, path.name)


def _folder(root: Path, apart: Iterable[str | Path | None], left: _LeftOut) -> Iterator[Item]:
    """Photos in a folder and below, by name; links to folders are not followed, since they can lead in circles.

    Folders that are `apart` are none of it.
    """
    none_of_it = {os.path.realpath(folder) for folder in apart if folder is not None}
    waiting = [""]
    while waiting:
        below = waiting.pop()
        try:
            entries = sorted(os.scandir(root / below), key=lambda entry: entry.name)
        except OSError as error:
            if not below:
                raise PhotoError(f"{root} cannot be listed ({error.strerror or error}): check its rights") from error
            left.broken.append(f"{below} cannot be listed ({error.strerror or error}): left out")
            continue
        folders = []
        for entry in entries:
            name = f"{below}{entry.name}"
            if entry.name.startswith("."):
                # Not the "._" files that macOS writes beside photos.
                if not entry.name.startswith("._") and _is_photo(entry.name) and entry.is_file():
                    left.hidden.append(name)
                continue
            if entry.is_dir(follow_symlinks=False):
                if os.path.realpath(entry.path) not in none_of_it:
                    folders.append(f"{name}/")
            elif entry.is_dir():
                left.links.append(name)
            elif _is_photo(entry.name) or _has_photo(entry.path):
                yield file_item(entry.path, name)
            else:
                left.others.append(name)
        waiting += reversed(folders)


def _remote(url: str, columns: Columns, left: _LeftOut) -> Iterator[Item]:
    system, path = file_system(url)
    ending = Path(path).suffix.lower()
    base = url.rpartition("/")[0]
    try:
        if ending in LISTS:
            with open_url(url) as file:
                data = file.read()
            for entry, masked, said in entries(data, ending, url, *columns):
                yield listed_item(entry, base, remote=True, mask=masked).with_text(said)
        elif ending in TABLES:
            yield from _table(url, Path(path).stem, base, columns)
        elif glob.has_magic(path):
            found = system.glob(path, detail=True)
            yield from _remote_files(system, found, _fixed_part(path), path, left)
        elif ending in ENDINGS:
            yield Item(Path(path).name, Path(path).name, RemoteFile(url))
        else:
            found = system.find(path, detail=True)
            yield from _remote_files(system, found, path.rstrip("/"), "", left)
    except (PhotoError, SettingsError):
        raise
    except Exception as error:  # each file system has errors of its own
        what = " ".join(str(error).split())[:120] or type(error).__name__
        raise PhotoError(f"{url} cannot be listed ({what}): check the address and one's rights") from error


def _remote_files(
    system: Any, found: dict[str, dict[str, Any]], root: str, asked: str, left: _LeftOut
) -> Iterator[Item]:
    for name in sorted(found):
        if found[name].get("type") == "directory":
            continue
        below = name[len(root) :].lstrip("/") if name.startswith(root) else name
        if not _is_photo(name, asked):
            left.others.append(below)
        else:
            yield Item(below, below, RemoteFile(system.unstrip_protocol(name)), _remote_stamp(found[name]))


def _remote_stamp(info: dict[str, Any]) -> str:
    """What the file system says that changes with the bytes."""
    for mark in ("ETag", "etag", "md5Hash", "mtime", "LastModified", "last_modified", "created"):
        if info.get(mark) is not None and info.get("size") is not None:
            return f"{info['size']}-{info[mark]}"
    return ""


def _table(table: str, stem: str, base: str, columns: Columns) -> Iterator[Item]:
    """Photos of a Parquet file: of paths, of bytes, or of structs with bytes and perhaps a path."""
    with open_table(table) as file:
        schema = file.schema_arrow
        usual = [*(name for name in DATA if _has_bytes(schema, name)), *PATHS]
        chosen = choose(list(schema.names), columns[0], usual, table)
        assert chosen is not None
        texts = None if columns[1] is None else choose(list(schema.names), columns[1], (), table)
        # Masks are paths where photos are, and bytes where photos are bytes.
        masks = mask_column(schema.names, chosen)
        if masks is not None and _has_bytes(schema, masks) != _has_bytes(schema, chosen):
            masks = None
        if not _has_bytes(schema, chosen):
            for batch in file.iter_batches(columns=[one for one in (chosen, masks, texts) if one is not None]):
                found = {name: batch.column(name).to_pylist() for name in batch.schema.names}
                beside = (found.get(one or "") or repeat(None) for one in (masks, texts))
                for entry, mask, said in zip(found[chosen], *beside, strict=False):
                    if entry:
                        item = listed_item(str(entry), base, is_url(table), str(mask or ""))
                        yield item.with_text(_said(said))
            return
        stamp = "" if is_url(table) else file_stamp(table)
        naming = next((name for name in NAMES if name in schema.names and name != chosen), None)
        if _is_struct(schema, chosen) and "path" in [field.name for field in schema.field(chosen).type]:
            naming = f"{chosen}.path"
        number, width = 0, len(str(file.metadata.num_rows))
        for group in range(file.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            called: list[Any] = [None] * rows
            if naming is not None:
                called = file.read_row_group(group, columns=[naming]).column(0).to_pylist()
            each: list[Any] = [None] * rows
            if texts is not None:
                each = file.read_row_group(group, columns=[texts]).column(0).to_pylist()
            for row, name in enumerate(called):
                if isinstance(name, dict):
                    name = name.get("path")
                place = str(name) if name not in (None, "") else f"{stem}-{number:0{width}d}"
                place = re.sub(r"\A[a-z0-9+]+://", "", place)
                photo = TableRow(table, group, row, chosen)
                mask = None if masks is None else TableRow(table, group, row, masks, optional=True)
                item = Item(f"{stem}#{number}", place, photo, stamp and f"{stamp}-{number}", mask)
                yield item.with_text(_said(each[row]))
                number += 1


def _said(value: Any) -> str:
    """The text of a cell; an empty one says nothing."""
    return "" if value is None else str(value).strip()


def _has_bytes(schema: Any, name: str) -> bool:
    if name not in schema.names:
        return False
    kind = str(schema.field(name).type)
    return kind in ("binary", "large_binary", "binary_view") or (
        _is_struct(schema, name) and "bytes" in [field.name for field in schema.field(name).type]
    )


def _is_struct(schema: Any, name: str) -> bool:
    return str(schema.field(name).type).startswith("struct<")


def _is_photo(name: str, asked: str = "") -> bool:
    """Whether a file is taken for a photo: by its ending, or because a glob asks for that very ending."""
    ending = os.path.splitext(name)[1].lower()
    return ending in ENDINGS or (ending != "" and asked.lower().endswith(ending))


def _has_photo(path: str) -> bool:
    """Whether a file begins as a picture does, whatever it is called."""
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as file:
            return looks_like_photo(file.read(HEAD_BYTES))
    except (OSError, ValueError):
        return False


def _fixed_part(pattern: str) -> str:
    """The folders of a glob before the first that is a pattern."""
    parts = pattern.replace(os.sep, "/").split("/")
    fixed = next(i for i, part in enumerate(parts) if glob.has_magic(part))
    return "/".join(parts[:fixed]) or ("/" if pattern.startswith("/") else "")


def _check_apart(items: Iterable[Item], output: Path) -> None:
    """Refuse to write among the photos.

    Raises:
        SettingsError: a photo lies in the folder of drawings.
    """
    inside = os.path.realpath(output) + os.sep
    seen: dict[str, bool] = {}
    for item in items:
        if isinstance(item.photo, LocalFile):
            folder = os.path.dirname(item.photo.path)
            if folder not in seen:
                seen[folder] = False
                with contextlib.suppress(OSError, ValueError):  # a name that cannot be is nowhere
                    seen[folder] = (os.path.realpath(folder) + os.sep).startswith(inside)
            if seen[folder]:
                raise SettingsError(f"{item.name} lies in {output}, where drawings go: choose another folder")
