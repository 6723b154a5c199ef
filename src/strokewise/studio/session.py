"""What the page remembers of each visitor, and no more: one photo, a few drawings, and the steps back.

sessions = Sessions(limit=64)
session = sessions.of(visitor)          # a new one, if this visitor was not here lately
session.take(data, "horse.jpg", max_pixels=50_000_000)
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import threading
from collections.abc import Iterator, Sequence
from typing import Any

from ..photo.opening import Photo, open_photo
from ..sketch import Sketch
from .job import Job, Left

MOST_DRAWINGS = 8
"""Drawings to choose from; older ones make room."""
MOST_STEPS_BACK = 30


@dataclasses.dataclass(frozen=True, eq=False)
class Drawing:
    """One drawing on the page.

    Attributes:
        sketch: in the photo's own pixels, in the look it was drawn with.
        command: command lines that make it; empty where none would.
        stopped: whether it was stopped early, so that the command line makes one that is finished.
    """

    sketch: Sketch
    command: tuple[str, ...] = ()
    stopped: bool = False

    @property
    def loss(self) -> float | None:
        """How far the encoder sees it from the photo; None where that is not known."""
        value = self.sketch.metadata.get("losses", {}).get("total")
        return float(value) if isinstance(value, (int, float)) else None


class Session:
    """One visitor's work. Its methods may be called from several threads.

    Attributes:
        source: the photo as it was sent, and its name; None before there is one.
        size: width and height of the photo, pixels.
        original: the photo before its subject was cut out by hand.
        generation: counts the photos and masks so far. A drawing belongs to the generation in which it was begun.
        drawings: to choose from, in the order they were made.
        chosen: which of them is on the sheet.
        seeds_used: how many seeds, from that of the controls on, were used since the drawings were put away.
        prepared: the photo framed for drawing, and what it was framed for; guarded by `looking`.
    """

    def __init__(self) -> None:
        self.source: tuple[bytes, str] | None = None
        self.original: tuple[bytes, str] | None = None
        self.size = (0, 0)
        self.generation = 0
        self.drawings: list[Drawing] = []
        self.chosen = 0
        self.seeds_used = 0
        self.prepared: tuple[Any, Any] | None = None
        self.looking = threading.Lock()
        self._running: Job[Any] | None = None
        self._lock = threading.RLock()
        self._back: list[tuple[list[Drawing], int, int]] = []

    def take(self, data: bytes, name: str, max_pixels: int) -> Photo:
        """Take a photo in place of the one before. What is being drawn is stopped, and all drawings go.

        Raises:
            PhotoError: it cannot be read or is too large; then nothing has changed.
        """
        photo = dataclasses.replace(open_photo(data, max_pixels=max_pixels), name=name)
        source = (data, name)
        self._start(photo, source, source)
        return photo

    def cut(self, data: bytes, name: str, max_pixels: int) -> Photo:
        """Draw a part of the photo from now on, that was cut out by hand. `uncut` goes back."""
        photo = dataclasses.replace(open_photo(data, max_pixels=max_pixels), name=name)
        self._start(photo, (data, name), self.original)
        return photo

    def uncut(self, max_pixels: int) -> Photo:
        """Go back to the photo as it was sent."""
        assert self.original is not None
        return self.take(*self.original, max_pixels)

    def photo(self, max_pixels: int) -> Photo:
        """The photo."""
        assert self.source is not None
        return open_source(self.source, max_pixels)

    @property
    def is_cut(self) -> bool:
        """Whether the subject was cut out by hand."""
        return self.source is not self.original

    @property
    def drawing(self) -> Drawing | None:
        """What is on the sheet."""
        return self.drawings[self.chosen] if self.drawings else None

    def stop(self) -> None:
        """Ask what is being drawn to end with the best so far."""
        with self._lock:
            if self._running is not None:
                self._running.stop()

    def close(self) -> None:
        """The visitor has left: what is being drawn is stopped, and its result is not wanted."""
        with self._lock:
            self.generation += 1
            self.stop()

    @contextlib.contextmanager
    def running(self, job: Job[Any], generation: int) -> Iterator[None]:
        """While the context lasts, `stop` and a new photo stop the job. Leaving it early stops the job, too.

        Raises:
            Left: the photo or its mask has changed since that generation.
        """
        try:
            with self.unchanged(generation):
                self._running = job
            yield
        finally:
            job.stop_unless_done()
            with self._lock:
                if self._running is job:
                    self._running = None

    @contextlib.contextmanager
    def unchanged(self, generation: int) -> Iterator[None]:
        """Within the context, photo and drawings are changed by nobody else.

        Raises:
            Left: the photo or its mask has changed since that generation.
        """
        with self._lock:
            if self.generation != generation:
                raise Left
            yield

    def clear(self) -> None:
        """Put all drawings away, which can be undone."""
        with self._lock:
            if self.drawings:
                self._remember()
            self.drawings, self.chosen, self.seeds_used = [], 0, 0

    def add(self, drawing: Drawing) -> None:
        """One more drawing to choose from; it is not chosen yet unless it is the first."""
        with self._lock:
            self.drawings = [*self.drawings, drawing]
            if len(self.drawings) > MOST_DRAWINGS:
                self.drawings = self.drawings[1:]
                self.chosen = max(0, self.chosen - 1)

    def choose(self, which: int) -> None:
        """Put a drawing on the sheet; a number that none has changes nothing."""
        with self._lock:
            if 0 <= which < len(self.drawings):
                self.chosen = which

    def choose_best(self, among: Sequence[Drawing]) -> None:
        """Choose the drawing with the least loss of some; those that are not here any more do not count.

        They are told by themselves, not by index: indices change when the oldest drawing makes room, or by `undo`.
        """
        with self._lock:
            losses = {i: d.loss for i, d in enumerate(self.drawings) if any(d is one for one in among)}
            known = [i for i, loss in losses.items() if loss is not None]
            if known:
                self.chosen = min(known, key=lambda i: losses[i] or 0.0)

    def change(self, drawing: Drawing, sketch: Sketch, command: tuple[str, ...] = (), stopped: bool = False) -> bool:
        """Replace a drawing, which can be undone.

        Returns:
            whether it was done: not if that drawing is not here any more, since it was changed or put away meanwhile.
        """
        with self._lock:
            at = next((i for i, one in enumerate(self.drawings) if one is drawing), None)
            if at is None:
                return False
            self._remember()
            self.drawings = list(self.drawings)
            self.drawings[at] = Drawing(sketch, command, stopped)
            return True

    def undo(self) -> bool:
        """Go back one step; whether there was one."""
        with self._lock:
            if not self._back:
                return False
            self.drawings, self.chosen, self.seeds_used = self._back.pop()
            return True

    def _start(self, photo: Photo, source: tuple[bytes, str], original: tuple[bytes, str] | None) -> None:
        with self._lock:
            self.close()
            self.source, self.original, self.size = source, original, photo.size
            self.drawings, self.chosen, self.seeds_used, self._back, self.prepared = [], 0, 0, [], None

    def _remember(self) -> None:
        # The lists are replaced, never changed, so that remembering one costs nothing.
        self._back = [*self._back, (self.drawings, self.chosen, self.seeds_used)][-MOST_STEPS_BACK:]


class Sessions:
    """The sessions of all visitors. Who was away longest is forgotten where there are too many.

    Args:
        limit: most sessions.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: collections.OrderedDict[str, Session] = collections.OrderedDict()
        self._lock = threading.Lock()

    def of(self, visitor: str) -> Session:
        """A visitor's session, made if need be. `visitor` is a secret between page and server."""
        with self._lock:
            session = self._known.pop(visitor, None) or Session()
            self._known[visitor] = session
            left = [self._known.popitem(last=False)[1] for _ in range(len(self._known) - self._limit)]
        for gone in left:
            gone.stop()
        return session

    def forget(self, visitor: str) -> None:
        """A visitor has left: what is being drawn for them ends, and nothing of theirs stays."""
        with self._lock:
            session = self._known.pop(visitor, None)
        if session is not None:
            session.close()

    def __len__(self) -> int:
        return len(self._known)


def open_source(source: tuple[bytes, str], max_pixels: int) -> Photo:
    """The photo of a session's `source`, opened anew: its pixels take more room than its file, so they are not kept."""
    data, name = source
    return dataclasses.replace(open_photo(data, max_pixels=max_pixels), name=name)
