"""What the page remembers of each visitor: one photo, a few drawings, and steps to undo.

sessions = Sessions(limit=64)
session = sessions.of(visitor)          # made new if this visitor is unknown
session.set_photo(data, "horse.jpg", max_pixels=50_000_000)
"""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import threading
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..photo.given_mask import with_mask
from ..photo.opening import Photo, open_photo
from ..sketch import Sketch
from ..tone_layer import ToneLayer
from .background import BackgroundDrawing, Cancelled
from .painting import Painting

MAX_DRAWINGS = 8
"""Drawings to choose from; a new one replaces the oldest."""
MAX_UNDO_STEPS = 30
Source = tuple[bytes, str]
"""A photo's file, and its name."""


class GivenMask(NamedTuple):
    """A mask that says what is drawn.

    Attributes:
        data: its file.
        name: of that file.
        saved: whether the visitor has that file. One that was painted must be saved before a command can use it.
    """

    data: bytes
    name: str
    saved: bool


@dataclasses.dataclass(frozen=True, eq=False)
class SheetDrawing:
    """One of the drawings to choose from on the page.

    Attributes:
        sketch: in the photo's own pixels, in the look it was drawn with.
        command: command lines that make it; empty if none would.
        stopped: whether it was stopped early. The command line makes the finished drawing.
        words: the text that it was drawn from without any photo; empty if it is of the photo.
        colored: the same strokes in the colours that pens are chosen by, once they are known (see
            `pen_colors.py`); at most one.
        toned: the tone that was laid last, and what was asked for (`tones.py`); at most one.
    """

    sketch: Sketch
    command: tuple[str, ...] = ()
    stopped: bool = False
    words: str = ""
    colored: list[Sketch] = dataclasses.field(default_factory=list)
    toned: list[tuple[tuple[str, int], ToneLayer | None]] = dataclasses.field(default_factory=list)

    @property
    def loss(self) -> float | None:
        """Total loss of the drawing; None if it is not known."""
        value = self.sketch.metadata.get("losses", {}).get("total")
        return float(value) if isinstance(value, (int, float)) else None


class Session:
    """One visitor's work. Its methods may be called from several threads.

    Attributes:
        source: the file that is drawn; None before there is a photo.
        mask: what is drawn of it; None if the subject is looked for.
        painting: the subject as the visitor paints it, not yet used; None before the page of the mask was opened.
        size: width and height of the photo, pixels.
        generation: counts the photos and masks so far. A drawing belongs to the generation in which it was started.
        drawings: to choose from, in the order in which they were made.
        chosen: index of the drawing on the sheet.
        seeds_used: how many seeds, from the seed of the controls on, were used since the drawings were cleared.
        prepared: the photo framed for drawing, and what it was framed for; guarded by `framing_lock`.
    """

    def __init__(self) -> None:
        self.source: Source | None = None
        self.mask: GivenMask | None = None
        self.painting: Painting | None = None
        self.size = (0, 0)
        self.generation = 0
        self.drawings: list[SheetDrawing] = []
        self.chosen = 0
        self.seeds_used = 0
        self.prepared: tuple[Any, Any] | None = None
        self.framing_lock = threading.Lock()
        self._running: BackgroundDrawing[Any] | None = None
        self._lock = threading.RLock()
        self._undo_steps: list[tuple[list[SheetDrawing], int, int]] = []

    # The photo

    def set_photo(self, data: bytes, name: str, max_pixels: int) -> Photo:
        """Replace the photo. What is being drawn is stopped, and all drawings and the mask are removed.

        Raises:
            PhotoError: it cannot be read or is too large; then nothing has changed.
        """
        photo = self._start((data, name), None, max_pixels)
        self.painting = None
        return photo

    def set_mask(self, mask: GivenMask | None, max_pixels: int) -> Photo:
        """Draw what a mask says from now on, or look for the subject again. Stops and removes drawings, too.

        Raises:
            PhotoError: the mask cannot be used; then nothing has changed.
        """
        assert self.source is not None
        return self._start(self.source, mask, max_pixels)

    def photo(self, max_pixels: int) -> Photo:
        """The photo that is drawn, with the mask that was given."""
        assert self.source is not None
        return open_source(self.source, max_pixels, self.mask)

    # What is being drawn

    def stop(self) -> None:
        """Ask what is being drawn to end with the best result so far."""
        with self._lock:
            if self._running is not None:
                self._running.stop()

    def close(self) -> None:
        """Stop what is being drawn; its result is not wanted any more."""
        with self._lock:
            self.generation += 1
            self.stop()

    @contextlib.contextmanager
    def running(self, drawing: BackgroundDrawing[Any], generation: int) -> Iterator[None]:
        """Within the context, `stop` and a new photo stop the drawing. Leaving the context early stops it, too.

        Raises:
            Cancelled: the photo or its mask has changed since that generation.
        """
        try:
            with self.unchanged(generation):
                self._running = drawing
            yield
        finally:
            drawing.stop_unless_done()
            with self._lock:
                if self._running is drawing:
                    self._running = None

    def check(self, generation: int) -> None:
        """Refuse to go on with what was started for another photo.

        Raises:
            Cancelled: the photo or its mask has changed since that generation.
        """
        if self.generation != generation:
            raise Cancelled

    @contextlib.contextmanager
    def unchanged(self, generation: int) -> Iterator[None]:
        """Within the context, no other thread changes the photo or the drawings.

        Raises:
            Cancelled: as for `check`.
        """
        with self._lock:
            self.check(generation)
            yield

    # The drawings

    @property
    def drawing(self) -> SheetDrawing | None:
        """The drawing on the sheet."""
        with self._lock:
            return self.drawings[self.chosen] if self.drawings else None

    def clear(self) -> None:
        """Remove all drawings; this can be undone."""
        with self._lock:
            if self.drawings:
                self._save_undo_step()
            self.drawings, self.chosen, self.seeds_used = [], 0, 0

    def add(self, drawing: SheetDrawing) -> None:
        """Add a drawing to choose from. It does not go on the sheet yet, unless it is the only one."""
        with self._lock:
            self.drawings = [*self.drawings, drawing]
            if len(self.drawings) > MAX_DRAWINGS:
                self.drawings = self.drawings[1:]
                self.chosen = max(0, self.chosen - 1)

    def choose(self, index: int) -> None:
        """Put a drawing on the sheet. An index out of range changes nothing."""
        with self._lock:
            if 0 <= index < len(self.drawings):
                self.chosen = index

    def choose_best(self, among: Sequence[SheetDrawing]) -> None:
        """Put the drawing with the least loss on the sheet.

        Args:
            among: the drawings to compare, themselves: their indices change whenever the oldest one is replaced, and
                by `undo`. Those that are not in the session any more do not count.
        """
        with self._lock:
            losses = {i: d.loss for i, d in enumerate(self.drawings) if any(d is one for one in among)}
            known = [i for i, loss in losses.items() if loss is not None]
            if known:
                self.chosen = min(known, key=lambda i: losses[i] or 0.0)

    def replace(self, old: SheetDrawing, new: SheetDrawing) -> bool:
        """Replace a drawing; this can be undone.

        Returns:
            whether it was replaced. It was not if the old one is not in the session any more.
        """
        with self._lock:
            index = next((i for i, one in enumerate(self.drawings) if one is old), None)
            if index is None:
                return False
            self._save_undo_step()
            self.drawings = list(self.drawings)
            self.drawings[index] = new
            return True

    def undo(self) -> bool:
        """Go back one step. Returns whether there was one."""
        with self._lock:
            if not self._undo_steps:
                return False
            self.drawings, self.chosen, self.seeds_used = self._undo_steps.pop()
            return True

    def _start(self, source: Source, mask: GivenMask | None, max_pixels: int) -> Photo:
        photo = open_source(source, max_pixels, mask)
        with self._lock:
            self.close()
            self.source, self.mask, self.size = source, mask, photo.size
            self.drawings, self.chosen, self.seeds_used, self._undo_steps, self.prepared = [], 0, 0, [], None
        return photo

    def _save_undo_step(self) -> None:
        # The lists are replaced, never changed, so saving one copies nothing.
        step = (self.drawings, self.chosen, self.seeds_used)
        self._undo_steps = [*self._undo_steps, step][-MAX_UNDO_STEPS:]


class Sessions:
    """The sessions of all visitors. If there are too many, the one that was not used for longest is removed.

    Args:
        limit: most sessions.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: collections.OrderedDict[str, Session] = collections.OrderedDict()
        self._lock = threading.Lock()

    def of(self, visitor: str) -> Session:
        """A visitor's session, made if there is none. `visitor` is a secret that only page and server know."""
        with self._lock:
            session = self._known.pop(visitor, None) or Session()
            self._known[visitor] = session
            removed = [self._known.popitem(last=False)[1] for _ in range(len(self._known) - self._limit)]
        for one in removed:
            one.stop()
        return session

    def forget(self, visitor: str) -> None:
        """Remove a visitor's session, and stop what is being drawn for them."""
        with self._lock:
            session = self._known.pop(visitor, None)
        if session is not None:
            session.close()

    def __len__(self) -> int:
        return len(self._known)


def open_source(source: Source, max_pixels: int, mask: GivenMask | None = None) -> Photo:
    """Open a session's file anew, with its mask: pixels take more memory than the file, so they are not kept.

    Raises:
        PhotoError: one of them cannot be read, is too large, or the mask does not suit the photo.
    """
    data, name = source
    photo = dataclasses.replace(open_photo(data, max_pixels=max_pixels), name=name)
    return photo if mask is None else with_mask(photo, mask.data, max_pixels=max_pixels)
