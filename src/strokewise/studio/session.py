"""What the page remembers of each visitor, and no more: one photo, a few drawings, and the steps back.

sessions = Sessions(limit=64)
session = sessions.of(visitor)          # a new one, if this visitor was not here lately
session.take(data, "horse.jpg", max_pixels=50_000_000)
"""

from __future__ import annotations

import collections
import dataclasses
import threading
from collections.abc import Callable
from typing import Any

from ..photo.opening import Photo, open_photo
from ..sketch import Sketch

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
    """One visitor's work.

    Attributes:
        source: the photo as it was sent, and its name; None before there is one.
        size: width and height of the photo, pixels.
        original: the photo before its subject was cut out by hand.
        drawings: to choose from, in the order they were made.
        chosen: which of them is on the sheet.
        prepared: the photo framed for drawing, and what it was framed for; guarded by `looking`.
        stop: ends what is being drawn, keeping the best so far; None while nothing is.
    """

    def __init__(self) -> None:
        self.source: tuple[bytes, str] | None = None
        self.original: tuple[bytes, str] | None = None
        self.size = (0, 0)
        self.drawings: list[Drawing] = []
        self.chosen = 0
        self.stop: Callable[[], None] | None = None
        self.prepared: tuple[Any, Any] | None = None
        self.looking = threading.Lock()
        self._back: list[tuple[list[Drawing], int]] = []

    def take(self, data: bytes, name: str, max_pixels: int) -> Photo:
        """Take a photo in place of the one before; its drawings go.

        Raises:
            PhotoError: it cannot be read or is too large; then nothing has changed.
        """
        photo = dataclasses.replace(open_photo(data, max_pixels=max_pixels), name=name)
        self.source = self.original = (data, name)
        self._start(photo)
        return photo

    def cut(self, data: bytes, name: str, max_pixels: int) -> Photo:
        """Draw a part of the photo from now on, that was cut out by hand. `uncut` goes back."""
        photo = dataclasses.replace(open_photo(data, max_pixels=max_pixels), name=name)
        self.source = (data, name)
        self._start(photo)
        return photo

    def uncut(self, max_pixels: int) -> Photo:
        """Go back to the photo as it was sent."""
        assert self.original is not None
        return self.take(*self.original, max_pixels)

    def photo(self, max_pixels: int) -> Photo:
        """The photo, opened anew: its pixels take more room than its file, so they are not kept."""
        assert self.source is not None
        data, name = self.source
        return dataclasses.replace(open_photo(data, max_pixels=max_pixels), name=name)

    @property
    def is_cut(self) -> bool:
        """Whether the subject was cut out by hand."""
        return self.source is not self.original

    @property
    def drawing(self) -> Drawing | None:
        """What is on the sheet."""
        return self.drawings[self.chosen] if self.drawings else None

    def clear(self) -> None:
        """Put all drawings away, which can be undone."""
        if self.drawings:
            self._remember()
        self.drawings, self.chosen = [], 0

    def add(self, drawing: Drawing) -> None:
        """One more drawing to choose from; it is not chosen yet unless it is the first."""
        self.drawings = [*self.drawings, drawing]
        if len(self.drawings) > MOST_DRAWINGS:
            self.drawings = self.drawings[1:]
            self.chosen = max(0, self.chosen - 1)

    def choose(self, which: int) -> None:
        """Put a drawing on the sheet; a number that none has changes nothing."""
        if 0 <= which < len(self.drawings):
            self.chosen = which

    def choose_best(self, first: int = 0) -> None:
        """Choose the drawing with the least loss from that one on."""
        losses = {i: d.loss for i, d in enumerate(self.drawings) if i >= first}
        known = [i for i, loss in losses.items() if loss is not None]
        if known:
            self.chosen = min(known, key=lambda i: losses[i] or 0.0)

    def change(self, sketch: Sketch, command: tuple[str, ...] = (), stopped: bool = False) -> None:
        """Replace the drawing on the sheet, which can be undone."""
        self._remember()
        self.drawings = list(self.drawings)
        self.drawings[self.chosen] = Drawing(sketch, command, stopped)

    def undo(self) -> bool:
        """Go back one step; whether there was one."""
        if not self._back:
            return False
        self.drawings, self.chosen = self._back.pop()
        return True

    def _start(self, photo: Photo) -> None:
        self.size = photo.size
        self.drawings, self.chosen, self._back, self.prepared = [], 0, [], None

    def _remember(self) -> None:
        # The lists are replaced, never changed, so that remembering one costs nothing.
        self._back = [*self._back, (self.drawings, self.chosen)][-MOST_STEPS_BACK:]


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
            _end(gone)
        return session

    def forget(self, visitor: str) -> None:
        """A visitor has left: what is being drawn for them ends, and nothing of theirs stays."""
        with self._lock:
            session = self._known.pop(visitor, None)
        if session is not None:
            _end(session)

    def __len__(self) -> int:
        return len(self._known)


def _end(session: Session) -> None:
    if session.stop is not None:
        session.stop()
