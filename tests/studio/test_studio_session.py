"""Drawings in the background, what is kept of each visitor, and masks."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from strokewise import PhotoError, Sketch
from strokewise.optimize.candidates import Progress
from strokewise.sketch import StrokeStyle
from strokewise.studio.background import BackgroundDrawing, Cancelled
from strokewise.studio.session import MAX_DRAWINGS, MAX_UNDO_STEPS, GivenMask, Session, Sessions, SheetDrawing


def progress(step: int, loss: float = 1.5) -> Progress:
    return Progress(0, step, 10, loss, 2.0, np.zeros((2, 4, 2)), 1, StrokeStyle.pen(2, 1.5))


# Background drawings


def test_progress_and_result() -> None:
    def work(callback: Callable[[Progress], bool]) -> str:
        for step in range(3):
            assert not callback(progress(step))
            time.sleep(0.03)
        return "done"

    drawing = BackgroundDrawing(work, seconds=60)
    steps = [progress.step for progress in drawing.updates(0.01) if progress is not None]
    assert steps == sorted(steps)
    assert steps[-1] == 2
    assert drawing.result() == "done"
    assert not drawing.timed_out and not drawing.asked_to_stop


def test_a_stopped_drawing_returns_what_it_has() -> None:
    def work(callback: Callable[[Progress], bool]) -> int:
        for step in range(10_000):
            if callback(progress(step)):
                return step
            time.sleep(0.005)
        raise AssertionError("nobody stopped it")

    drawing = BackgroundDrawing(work, seconds=60)
    time.sleep(0.05)
    drawing.stop()
    assert 0 < drawing.result() < 1000
    assert drawing.asked_to_stop and not drawing.timed_out


def test_the_time_limit_ends_a_drawing() -> None:
    def work(callback: Callable[[Progress], bool]) -> None:
        while not callback(progress(1)):
            time.sleep(0.01)

    drawing = BackgroundDrawing(work, seconds=0.1)
    drawing.result()
    assert drawing.timed_out
    assert 0.1 <= drawing.elapsed < 5


def test_result_raises_the_error_of_the_work() -> None:
    def work(callback: Callable[[Progress], bool]) -> None:
        raise PhotoError("nothing to draw")

    drawing = BackgroundDrawing(work, seconds=1)
    with pytest.raises(PhotoError, match="nothing to draw"):
        drawing.result()


def test_one_drawing_runs_at_a_time_and_none_that_was_stopped_before() -> None:
    running, most, go = [0], [0], threading.Event()

    def work(callback: Callable[[Progress], bool]) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        go.wait(5)
        running[0] -= 1

    first, second, third = (BackgroundDrawing(work, seconds=60) for _ in range(3))
    third.stop()
    go.set()
    first.result()
    second.result()
    with pytest.raises(Cancelled):
        third.result()
    assert most[0] == 1


def test_leaving_a_finished_drawing_does_not_mark_it_as_stopped() -> None:
    drawing = BackgroundDrawing(lambda callback: None, seconds=1)
    drawing.result()
    drawing.stop_unless_done()
    assert not drawing.asked_to_stop


# Sessions


@pytest.fixture
def session(disc_image: Callable[..., Image.Image], encode: Callable[..., bytes]) -> Session:
    """A visitor with a photo."""
    session = Session()
    session.set_photo(encode(disc_image(), "PNG"), "disc.png", 10**6)
    return session


def change(session: Session, sketch: Sketch) -> None:
    """Replace the drawing on the sheet."""
    assert session.drawing is not None and session.replace(session.drawing, SheetDrawing(sketch))


def test_a_refused_photo_changes_nothing(session: Session, sketch: Sketch) -> None:
    session.add(SheetDrawing(sketch))
    with pytest.raises(PhotoError):
        session.set_photo(b"no photo", "text.txt", 10**6)
    with pytest.raises(PhotoError, match="pixels"):
        assert session.source is not None
        session.set_photo(session.source[0], "large.png", 100)
    assert session.source is not None and session.source[1] == "disc.png"
    assert session.drawing is not None


def test_undo(session: Session, sketch: Sketch) -> None:
    assert not session.undo()
    session.add(SheetDrawing(sketch))
    change(session, sketch.reordered([0, 1]))
    change(session, sketch.reordered([1]))
    assert session.drawing is not None and len(session.drawing.sketch) == 1
    assert session.undo() and session.drawing is not None and len(session.drawing.sketch) == 2
    assert session.undo() and len(session.drawing.sketch) == 3
    assert not session.undo()
    session.clear()
    assert session.drawing is None
    assert session.undo() and session.drawing is not None


def test_drawings_and_undo_steps_are_limited(session: Session, sketch: Sketch) -> None:
    for _ in range(3 * MAX_DRAWINGS):
        session.add(SheetDrawing(sketch))
    assert len(session.drawings) == MAX_DRAWINGS
    for _ in range(3 * MAX_UNDO_STEPS):
        change(session, sketch)
    undone = 0
    while session.undo():
        undone += 1
    assert undone == MAX_UNDO_STEPS


def test_the_best_is_chosen_among_the_new_ones(session: Session, sketch: Sketch) -> None:
    for loss in (0.1, 0.9, 0.4, 0.6):
        session.add(SheetDrawing(dataclasses.replace(sketch, metadata={"losses": {"total": loss}})))
    session.choose_best(session.drawings[1:])
    assert session.chosen == 2
    session.choose_best([SheetDrawing(sketch)])
    assert session.chosen == 2  # that one is not here
    session.choose(99)
    session.choose(-1)
    assert session.chosen == 2


def wait_for_stop(callback: Callable[[Progress], bool]) -> None:
    while not callback(progress(1)):
        time.sleep(0.001)


def test_the_session_that_was_not_used_for_longest_is_removed_and_stopped() -> None:
    sessions, drawing = Sessions(2), BackgroundDrawing(wait_for_stop, seconds=60)
    first = sessions.of("a")
    with first.running(drawing, first.generation):
        second = sessions.of("b")
        assert sessions.of("a") is first
        sessions.of("c")
        assert not drawing.asked_to_stop
        assert sessions.of("b") is not second  # b was not used for longest when c came
        assert drawing.asked_to_stop  # and then a was
    assert len(sessions) == 2
    sessions.forget("b")
    sessions.forget("never here")
    assert len(sessions) == 1


def test_a_drawing_of_a_visitor_who_left_is_cancelled() -> None:
    sessions, drawing = Sessions(2), BackgroundDrawing(wait_for_stop, seconds=60)
    session = sessions.of("a")
    generation = session.generation
    with session.running(drawing, generation):
        sessions.forget("a")
        assert drawing.asked_to_stop
    with pytest.raises(Cancelled), session.unchanged(generation):
        raise AssertionError("not reached")
    late = BackgroundDrawing(wait_for_stop, seconds=60)
    with pytest.raises(Cancelled), session.running(late, generation):
        raise AssertionError("not reached")
    assert late.asked_to_stop


def test_leaving_a_drawing_early_stops_it() -> None:
    session, drawing = Session(), BackgroundDrawing(wait_for_stop, seconds=60)
    with pytest.raises(GeneratorExit), session.running(drawing, session.generation):
        raise GeneratorExit
    assert drawing.asked_to_stop


# Masks


def mask_file(encode: Callable[..., bytes], size: tuple[int, int] = (160, 120)) -> bytes:
    """A PNG that is white on its left half."""
    image = Image.new("L", size, 0)
    image.paste(255, (0, 0, size[0] // 2, size[1]))
    return encode(image, "PNG")


def test_a_mask_belongs_to_the_photo_until_there_is_another(session: Session, encode: Callable[..., bytes]) -> None:
    session.add(SheetDrawing(Sketch.of((160, 120), np.zeros((1, 4, 2)))))
    generation = session.generation
    session.set_mask(GivenMask(mask_file(encode), "half.png", saved=True), 10**6)
    assert session.generation > generation and session.drawings == [] and session.size == (160, 120)
    photo = session.photo(10**6)
    assert photo.mask_source == "given" and photo.mask is not None
    assert photo.mask[:, :79].min() == 1 and photo.mask[:, 81:].max() == 0
    session.set_mask(None, 10**6)
    assert session.mask is None and session.photo(10**6).mask is None
    session.set_mask(GivenMask(mask_file(encode), "half.png", saved=True), 10**6)
    session.set_photo(*session.source, 10**6)
    assert session.mask is None and session.painting is None


def test_a_mask_that_will_not_do_changes_nothing(session: Session, encode: Callable[..., bytes]) -> None:
    kept = GivenMask(mask_file(encode), "half.png", saved=True)
    session.set_mask(kept, 10**6)
    generation = session.generation
    for data, said in (
        (b"words", "the mask cannot be used"),
        (mask_file(encode, (120, 160)), "120 x 160 px and the photo 160 x 120"),
        (encode(Image.new("L", (160, 120), 0), "PNG"), "black all over"),
        (mask_file(encode, (1600, 1200)), "larger than 1 million pixels"),
    ):
        with pytest.raises(PhotoError, match=said):
            session.set_mask(GivenMask(data, "wrong.png", saved=True), 10**6)
    assert session.mask is kept and session.generation == generation
