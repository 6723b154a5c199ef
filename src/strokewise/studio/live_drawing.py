"""A drawing in progress on the page: its strokes are shown as they move, and it ends when the photo changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeVar

from ..optimize.candidates import Progress
from ..photo.frame import Frame
from ..photo.preparing import Prepared
from ..settings import Settings
from ..sketch import Sketch
from . import tasks, views
from .background import BackgroundDrawing, ProgressCallback
from .page_options import USUAL, Levels, PageOptions
from .session import Session, SheetDrawing
from .translations import translate

UPDATE_INTERVAL = 0.1
"""Seconds between two pictures of a drawing in progress."""
Updates = dict[str, Any]
"""What the page shows next: values by the name of the component."""
T = TypeVar("T")


@dataclasses.dataclass(frozen=True)
class DrawRequest:
    """What a visitor asked to be drawn, as it was when the button was pressed.

    Attributes:
        session: of the visitor.
        generation: of the session's photo; the drawing is cancelled if the session has another one.
        language: of the visitor.
        photo_name: name of the photo's file.
        settings: of the drawing.
        options: how it is shown: its look, its pens, its tone.
        mask: name of the mask's file; empty if the subject is looked for.
        levels: of a scene.
    """

    session: Session
    generation: int
    language: str
    photo_name: str
    settings: Settings
    options: PageOptions
    mask: str
    levels: Levels = USUAL


class Place(NamedTuple):
    """Where the strokes of a drawing in progress are shown.

    Attributes:
        frame: the working canvas on the sheet.
        size: width and height of the sheet, pixels.
        staged: whether the steps are counted anew several times, so that nobody knows how many are left.
    """

    frame: Frame
    size: tuple[int, int]
    staged: bool = False

    @classmethod
    def of(cls, prepared: Prepared, settings: Settings, staged: bool = False) -> Place:
        """That of a photo."""
        photo = prepared.photo
        return cls(tasks.canvas_frame(prepared, settings), (photo.width, photo.height), staged)

    @classmethod
    def alone(cls, side: int) -> Place:
        """The whole of a square sheet, for drawings without a photo."""
        return cls(Frame(side, 0.0, 0.0, float(side)), (side, side))


def draw_live(
    request: DrawRequest,
    work: Callable[[ProgressCallback], T],
    place: Place,
    seconds: float,
    prefix: str = "",
) -> Generator[Updates, None, BackgroundDrawing[T]]:
    """Start the work, and show the strokes as they move until it is done. The first strokes appear one by one.

    Args:
        request: what was asked for.
        work: as for `BackgroundDrawing`.
        place: where they are shown.
        seconds: time limit.
        prefix: text before the progress.

    Yields:
        sheet and note.

    Returns:
        the work, which is done.

    Raises:
        Cancelled: the photo or its mask was changed.
    """
    last: Progress | None = None
    visible = 0
    running = BackgroundDrawing(work, seconds)
    with request.session.running(running, request.generation):
        for progress in running.updates(UPDATE_INTERVAL):
            last = progress or last
            elapsed = None if place.staged else running.elapsed
            updates: Updates = {"note": views.progress_note(last, elapsed, prefix, request.language)}
            if last is not None:
                if last.step == 0 and visible < len(last.points):
                    visible += 1
                    style = last.style.at(range(visible))
                    updates["sheet"] = views.live_sheet(last.points[:visible], style, place.frame, place.size)
                elif progress is not None:
                    updates["sheet"] = views.live_sheet(last.points, last.style, place.frame, place.size)
            request.session.check(request.generation)
            yield updates
    return running


def trace_live(
    request: DrawRequest, work: Callable[[ProgressCallback], T], seconds: float
) -> Generator[Updates, None, BackgroundDrawing[T]]:
    """Trace: nothing is shown until it is done but that it goes on. Returns and raises as `draw_live` does."""
    running = BackgroundDrawing(work, seconds)
    note = views.note(translate(request.language, "tracing"), share=0.0, busy=True)
    with request.session.running(running, request.generation):
        for _ in running.updates(UPDATE_INTERVAL):
            request.session.check(request.generation)
            yield {"note": note, "traced": note}
    return running


def result_note(running: BackgroundDrawing[Any], sketch: Sketch, language: str, first: str = "") -> str:
    """The line below a finished drawing: strokes, loss, seconds, and why it ended if it ended early.

    Args:
        running: that made it.
        sketch: the drawing.
        language: of the visitor.
        first: text before.
    """
    loss = SheetDrawing(sketch).loss
    known = "–" if loss is None else f"{loss:.3f}"
    text = translate(language, "done", count=len(sketch), loss=known, seconds=f"{running.elapsed:.0f}")
    reason = "late" if running.timed_out else "stopped" if running.asked_to_stop else ""
    return views.note(f"{translate(language, reason) if reason else ''}{first}{text}")
