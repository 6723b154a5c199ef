"""The drawings of an evaluation: finds the existing ones and makes the missing ones."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..._version import __version__
from ...drawing import draw_prepared
from ...errors import EncoderError, OutputError, SettingsError, StrokewiseError
from ...photo.opening import open_photo
from ...photo.preparing import Prepared, frame_photo, prepare, prepare_encoders
from ...settings import Settings
from . import files
from .figures import Skipped
from .folder import Item, digest
from .report import made_with


@dataclasses.dataclass(frozen=True)
class Drawn:
    """Passed to a callback after each drawing.

    Attributes:
        done, total: drawings dealt with, those of earlier runs and of skipped photos included, and all there are.
        file: the drawing.
        seconds: how long it took.
    """

    done: int
    total: int
    file: Path
    seconds: float


@dataclasses.dataclass(frozen=True, eq=False)
class Task:
    """A photo to be drawn.

    Attributes:
        item: the photo.
        label: what it shows.
        made: the metadata that its drawings must have, without the stroke count.
        source: the metadata that the framed photo must have.
    """

    item: Item
    label: str
    made: dict[str, Any]
    source: dict[str, Any]

    @classmethod
    def of(cls, item: Item, label: str, settings: Settings, encoder: str) -> Task:
        """The task of a photo; reads its bytes."""
        photo = digest(item.path)
        source = {"version": __version__, "photo": photo, "subject": settings.subject}
        return cls(item, label, {**made_with(settings, encoder), "photo": photo}, source)

    def wanted(self, count: int) -> dict[str, Any]:
        """The metadata that the drawing with this many strokes must have."""
        return {**self.made, "settings": {**self.made["settings"], "strokes": count}}

    def drawing(self, count: int) -> str:
        """Its file, relative to the output folder."""
        return f"drawings/{self.item.place}-{count}.svg"

    @property
    def framed(self) -> str:
        """The framed photo's file, relative to the output folder."""
        return f"photos/{self.item.place}.png"


class Drawings:
    """Makes the drawings that are missing, and knows which exist.

    Args:
        tasks: photos, in the order in which to draw them.
        counts: stroke counts of each.
        settings: how to draw.
        output: where to keep the drawings.
        force: replace what has another drawing's name; else that is an error.
        max_pixels: skip larger photos.
        notice: called with one-line remarks.

    Attributes:
        there: photos that have drawings -> the stroke counts of these.
        skipped: photos and drawings that could not be made.
        journal: how long each took.

    Raises:
        OutputError: there is something else in a drawing's place, and `force` is not set.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        counts: Sequence[int],
        settings: Settings,
        output: Path,
        *,
        force: bool,
        max_pixels: int,
        notice: Callable[[str], None],
    ) -> None:
        self.tasks, self.settings, self.output = tasks, settings, output
        self.max_pixels, self.notice = max_pixels, notice
        # A photo that cannot be read any more is found out when it is opened, and skipped.
        self.missing = {
            task: [
                n
                for n in counts
                if not task.made["photo"] or not files.is_drawn(output / task.drawing(n), task.wanted(n), force)
            ]
            for task in tasks
        }
        self.there = {task: [n for n in counts if n not in self.missing[task]] for task in tasks}
        self.total = len(tasks) * len(counts)
        self.done = sum(map(len, self.there.values()))
        if self.done:
            notice(f"{self.done} of {self.total} drawings are there already")
        self.skipped: list[Skipped] = []
        self.journal = files.Journal(output / files.SECONDS)
        self._prepared: Prepared | None = None

    def make(self, callback: Callable[[Drawn], bool | None] | None = None) -> bool:
        """Draw what is missing; False if the callback asked to stop before all was done.

        Raises:
            StrokewiseError: nothing can be drawn, or a drawing cannot be written.
        """
        files.sweep(self.output)
        complete = True
        for task in self.tasks:
            complete = self._make_one(task, callback)
            if not complete:
                break
        self.there = {
            task: sorted(counts)
            for task, counts in self.there.items()
            if counts and files.has_photo(self.output / task.framed, task.source)
        }
        return complete

    def _make_one(self, task: Task, callback: Callable[[Drawn], bool | None] | None) -> bool:
        missing = self.missing[task]
        if not missing and files.has_photo(self.output / task.framed, task.source):
            return True
        prepared = self._attempt(task, None, lambda: self._prepare(task))
        if prepared is None:
            self.done += len(missing)
            self.there[task] = []
            return True
        for count in missing:
            settings = dataclasses.replace(self.settings, strokes=count)
            start = time.perf_counter()
            sketch = self._attempt(task, count, lambda settings=settings: draw_prepared(prepared, settings))  # type: ignore[misc]
            self.done += 1
            if sketch is None:
                continue
            sketch = dataclasses.replace(sketch, metadata={**sketch.metadata, "photo": task.made["photo"]})
            file = task.drawing(count)
            files.put(self.output / file, lambda sketch=sketch: sketch.to_svg().encode("utf-8"))  # type: ignore[misc]
            seconds = time.perf_counter() - start
            self.journal.note(file, seconds)
            self.there[task].append(count)
            if callback and callback(Drawn(self.done, self.total, self.output / file, seconds)):
                return self.done >= self.total
        return True

    def _prepare(self, task: Task) -> Prepared:
        """Open and frame a photo, and keep what is framed; the encoder is loaded once for all."""
        start = time.perf_counter()
        photo = open_photo(task.item.path, max_pixels=self.max_pixels)
        for remark in photo.remarks:
            self.notice(f"{photo.name} {remark}")
        photo = dataclasses.replace(photo, remarks=())  # they are printed
        if self._prepared is None:
            prepare_encoders(self.settings, notice=self.notice, progress=False)
            self._prepared = prepare(photo, self.settings)
            start = time.perf_counter()  # what is loaded only once belongs to no photo
        ready = self._prepared._replace(photo=photo.info, framed=frame_photo(photo, self.settings))
        files.write_photo(self.output / task.framed, ready.framed.image, task.source)
        self.journal.note(task.framed, time.perf_counter() - start)
        return ready

    def _attempt(self, task: Task, count: int | None, work: Callable[[], Any]) -> Any:
        """What the work returns; None if the photo cannot be used: then it is recorded as skipped, with a notice."""
        try:
            return work()
        except (EncoderError, OutputError, SettingsError):
            raise  # no photo's fault
        except StrokewiseError as error:
            one = Skipped(task.item.photo, task.label, str(error), count)
            self.skipped.append(one)
            self.notice(f"skipped {one.named}: {one.reason}")
            return None
