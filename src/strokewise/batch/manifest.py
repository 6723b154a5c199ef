"""The manifest: one row a photo, as CSV and, where pyarrow is at hand, as Parquet.

It is made from the journal, row by row, however many there are, and put into place in one move: whoever reads it finds
a whole one at any time.
"""

from __future__ import annotations

import csv
import importlib.util
import io
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import IO, Any

from ..export.files import write_in_pieces
from .journal import Journal, Shard

CSV, PARQUET = "manifest{}.csv", "manifest{}.parquet"
COLUMNS: dict[str, str] = {
    "input": "string",
    "content": "string",
    "output": "string",
    "png": "string",
    "status": "string",
    "error": "string",
    "remarks": "string",
    "strokes": "int32",
    "loss": "double",
    "loss_semantic": "double",
    "loss_geometric": "double",
    "steps": "int32",
    "stopped": "string",
    "subject": "string",
    "seed": "int64",
    "encoder": "string",
    "seconds": "double",
    "device": "string",
    "threads": "int32",
    "host": "string",
    "attempts": "int32",
    "settings": "string",
    "weights": "string",
    "version": "string",
    "output_sha256": "string",
    "png_sha256": "string",
}
"""Names and Arrow types. `content` is the SHA-256 of the photo's bytes; `settings` is JSON; paths are relative to the
folder; `seconds` are a worker's."""
_ROWS = 2_000  # of a row group; so many are in memory at once


def has_parquet() -> bool:
    """Whether Parquet can be written here."""
    return importlib.util.find_spec("pyarrow") is not None


def write_manifest(journal: Journal, names: Iterable[str], shard: Shard | None = None) -> list[Path]:
    """Write the manifest of photos, in that order, as far as anything is known of them.

    Returns:
        the files.

    Raises:
        OutputError: one cannot be written; then the former one is as it was.
    """
    suffix = shard.suffix if shard else ""
    names = list(names)
    kinds = [(CSV, _write_csv), *([(PARQUET, _write_parquet)] if has_parquet() else [])]
    return [
        write_in_pieces(
            journal.output / name.format(suffix),
            lambda file, write=write: write(file, rows(journal, names)),  # type: ignore[misc]
            force=True,
        )
        for name, write in kinds
    ]


def rows(journal: Journal, names: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The rows of photos; those of which nothing is known yet are left out."""
    made: dict[str, dict[str, Any]] = {}
    for name in names:
        record = journal.record(name)
        if record is None:
            continue
        job = record.get("job", "")
        if job not in made:
            known = journal.jobs.get(job, {}).get("made", {})
            settings = known.get("settings", {})
            made[job] = {
                "seed": settings.get("seed"),
                "encoder": settings.get("encoder"),
                "settings": json.dumps(settings, sort_keys=True),
                "weights": known.get("weights"),
                "version": known.get("version"),
            }
        losses = record.get("losses") or {}
        found = {**record, **made[job], "loss": losses.get("total")}
        found |= {f"loss_{term}": losses.get(term) for term in ("semantic", "geometric")}
        yield {column: _text(found.get(column)) for column in COLUMNS}


def _text(value: Any) -> Any:
    """Text that any file can hold: what no encoding has, as file names may, is written out."""
    return value.encode("utf-8", "backslashreplace").decode("utf-8") if isinstance(value, str) else value


def _write_csv(file: IO[bytes], found: Iterator[dict[str, Any]]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    text.flush()
    text.detach()


def _write_parquet(file: IO[bytes], found: Iterator[dict[str, Any]]) -> None:
    import pyarrow
    from pyarrow.parquet import ParquetWriter

    schema = pyarrow.schema([(name, pyarrow.type_for_alias(kind)) for name, kind in COLUMNS.items()])
    with ParquetWriter(file, schema) as writer:
        while block := list(islice(found, _ROWS)):
            writer.write_table(pyarrow.Table.from_pylist(block, schema=schema))
