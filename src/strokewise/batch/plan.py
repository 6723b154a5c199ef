"""What is left to do: photos of a source, the places of their drawings, and which of these are there already.

A photo is finished if it was noted as drawn with the same settings, version and weights, its bytes are the same, and
the file that was noted is there with the bytes that were noted. Bytes of a photo whose size and times are as they were
are taken to be the same; of any other, a worker looks.
"""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ..encoders import load_encoder
from ..errors import Argument, OutputError, SettingsError
from ..photo.preparing import check_takes_mask
from ..settings import Settings
from ..words.targets import find_target
from .drawer import init_worker, weights_digest
from .items import Item
from .job import DRAWN, BatchJob, Task
from .journal import Journal, Shard
from .output_paths import assign, key
from .sources import Listing, list_photos

FIX = ("name another folder, or replace what is there with ", Argument("force", True))


@dataclasses.dataclass(frozen=True)
class Plan:
    """All that is known before any work.

    Attributes:
        listing: the source, all of it.
        items: photos of this shard.
        places: where their drawings go, relative to the folder, without ending.
        job: how to draw.
        journal: read, and not yet open.
        shard: which part this is; None is all.
        todo: numbers of the items that are not finished.
        finished: how many are.
        passed: how many are left out since they failed before.
    """

    listing: Listing
    items: tuple[Item, ...]
    places: tuple[str, ...]
    job: BatchJob
    journal: Journal
    shard: Shard | None
    todo: tuple[int, ...]
    finished: int
    passed: int

    def tasks(self) -> Iterator[Task]:
        """What is left to do, in order."""
        for number in self.todo:
            yield self.task(number)

    def task(self, number: int) -> Task:
        """What is to be done with one photo."""
        item = self.items[number]
        record = self.journal.record(item.name)
        if record is None or not _is_whole(record, self.job, self.journal.output):
            return Task(number, item.photo, mask=item.mask, text=item.text)
        drawing = b""
        if self.job.png and not _has(self.journal.output, record, "png"):
            if item.stamp != record.get("stamp"):
                # Its picture is missing, and the photo may have changed.
                return Task(number, item.photo, mask=item.mask, text=item.text)
            drawing = (self.journal.output / record["output"]).read_bytes()
        return Task(number, item.photo, known=record["content"], drawing=drawing, mask=item.mask, text=item.text)

    def names(self) -> Iterator[str]:
        """The photos of the manifest: those of the source in its order, then others that were drawn into the folder."""
        yield from (item.name for item in self.items)
        if self.shard is None:
            ours = {item.name for item in self.items}
            yield from (name for name in self.journal.names if name not in ours)


def make_plan(
    source: str | Path,
    output: Path,
    settings: Settings,
    *,
    png: bool,
    max_pixels: int,
    threads: int,
    modules: tuple[str, ...],
    shard: Shard | None,
    column: str | None,
    mask: str | Path | None = None,
    text_column: str | None = None,
    force: bool,
    skip_failed: bool,
    rehash: bool,
    notice: Callable[[str], None],
) -> Plan:
    """Find out what is left to do. Nothing is written; the caller has to close the journal.

    Raises:
        StrokewiseError: the source, the encoder or the folder will not do.
    """
    if threads < 1:
        raise SettingsError(f"must be a number over 0, not {threads}", setting="threads", value=threads)
    if mask is not None:
        check_takes_mask(settings)
    listing = list_photos(source, column=column, output=output, mask=mask, text_column=text_column)
    job = _job(settings, notice, BatchJob(settings, "", png, max_pixels, threads, modules))
    _check_kind(output)
    journal = Journal(output, shard)
    try:
        journal.read()
        _check_former(journal, job, listing.source, force)
        return _find_out(listing, job, journal, shard, skip_failed, rehash)
    except BaseException:
        journal.close()
        raise


def _find_out(
    listing: Listing, job: BatchJob, journal: Journal, shard: Shard | None, skip_failed: bool, rehash: bool
) -> Plan:
    """Which photos of the source are finished."""
    places = _places(listing, journal)
    chosen = [i for i, item in enumerate(listing.items) if shard is None or shard.holds(item.name)]
    items, places = [listing.items[i] for i in chosen], [places[i] for i in chosen]
    todo, passed = [], 0
    for number, item in enumerate(items):
        record = journal.record(item.name)
        if record is not None and skip_failed and record["status"] != DRAWN and record.get("job") == job.digest:
            passed += 1
        elif rehash or record is None or not _is_finished(record, item, job, journal.output):
            todo.append(number)
    finished = len(items) - len(todo) - passed
    return Plan(listing, tuple(items), tuple(places), job, journal, shard, tuple(todo), finished, passed)


def _job(settings: Settings, notice: Callable[[str], None], job: BatchJob) -> BatchJob:
    """The job with its encoder's name and the weights it takes, which are looked at here once for all workers."""
    init_worker(job)
    from ..photo.preparing import prepare_encoders, saliency_encoder_name

    name = prepare_encoders(settings, notice=notice)
    looking = saliency_encoder_name(settings)
    encoder = load_encoder(name)
    find_target(encoder, name, settings)  # says what is wrong with a text before any photo is opened
    weights = weights_digest(encoder, None if looking is None else load_encoder(looking))
    return dataclasses.replace(job, settings=dataclasses.replace(settings, encoder=name), weights=weights)


def _places(listing: Listing, journal: Journal) -> list[str]:
    """Where each drawing goes; one that was made before stays where it is."""
    had = {name: output.rpartition(".")[0] for name, output in journal.outputs.items()}
    taken = {key(place): name for name, place in had.items()}
    places = assign([item.place for item in listing.items])
    for i, item in enumerate(listing.items):
        if item.name in had:
            places[i] = had[item.name]
        elif key(places[i]) in taken:
            places[i] += "-" + hashlib.sha256(item.name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return places


def _is_finished(record: dict[str, Any], item: Item, job: BatchJob, output: Path) -> bool:
    return (
        bool(item.stamp)
        and record.get("stamp") == item.stamp
        and _is_whole(record, job, output)
        and (not job.png or _has(output, record, "png"))
    )


def _is_whole(record: dict[str, Any], job: BatchJob, output: Path) -> bool:
    """Whether the drawing is the one that the job would make of bytes as noted."""
    return record["status"] == DRAWN and record.get("job") == job.digest and _has(output, record, "output")


def _has(output: Path, record: dict[str, Any], what: str) -> bool:
    """Whether a file is there with the bytes that were noted."""
    if not record.get(what):
        return False
    try:
        data = (output / record[what]).read_bytes()
    except OSError:
        return False
    return hashlib.sha256(data).hexdigest() == record.get(f"{what}_sha256")


def _check_kind(output: Path) -> None:
    if os.path.lexists(output) and not output.is_dir():
        raise OutputError(f"{output} is not a folder: choose another place")


def _check_former(journal: Journal, job: BatchJob, source: str, force: bool) -> None:
    """Refuse a folder that holds something else, unless it is to be replaced.

    Raises:
        OutputError: it does.
    """
    output = journal.output
    if force or not output.is_dir():
        return
    if not journal.jobs:
        try:
            there = [name for name in sorted(os.listdir(output)) if not name.startswith((".", "journal"))]
        except OSError as error:
            raise OutputError(f"{output} cannot be read ({error.strerror or error}): choose another") from error
        if there:
            raise OutputError(f"{output} holds {there[0]}, which is no drawing of ours", fix=FIX)
        return
    former = max(journal.jobs.values(), key=lambda one: float(one.get("at", 0)))
    if former.get("source") != source:
        raise OutputError(f"{output} holds drawings of {former.get('source')}", fix=FIX)
    made = former.get("made", {})
    if made != job.made:
        there, ours = made.get("settings", {}), job.made["settings"]
        names = [*ours, *(name for name in there if name not in ours)]  # tone is named only where there is any
        differ = [f"{name} {there.get(name)}" for name in names if there.get(name) != ours.get(name)]
        what = ", ".join(differ) or f"version {made.get('version')}, weights {made.get('weights')}"
        raise OutputError(f"{output} holds drawings with other settings ({what})", fix=FIX)
