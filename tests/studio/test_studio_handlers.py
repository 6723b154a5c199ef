"""The handlers of the page's events, with a stub of the request and of everything that takes long."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from fake_optimizer import FakeOptimizer, drawn
from handler_visitor import LOOK, Visitor, request, seeds, values

from strokewise import Settings, Sketch

gr = pytest.importorskip("gradio", reason="the studio is an extra: pip install 'strokewise[studio]'")

from strokewise.studio import tasks  # noqa: E402
from strokewise.studio.session import MAX_DRAWINGS  # noqa: E402

# Draw another


def test_draw_another_uses_the_next_seed_and_shows_the_drawing_beyond_the_eighth(visitor: Visitor) -> None:
    visitor.draw(seed=5)
    for number in range(1, 2 * MAX_DRAWINGS):
        visitor.draw_another(seed=5)
        assert visitor.session.drawing is not None
        assert visitor.session.drawing.sketch.metadata["settings"]["seed"] == 5 + number
        assert f"--seed {5 + number}" in visitor.page["command"]
        assert f"loss {1 / (6 + number):.3f}" in visitor.page["note"]
    assert seeds(visitor.session) == [13, 14, 15, 16, 17, 18, 19, 20]


def test_draw_another_counts_all_drawings_since_draw(visitor: Visitor) -> None:
    visitor.draw(count=6)
    for _ in range(4):
        visitor.draw_another()
    assert seeds(visitor.session) == [2, 3, 4, 5, 6, 7, 8, 9]
    visitor.draw()
    assert seeds(visitor.session) == [0]
    visitor.draw_another()
    assert seeds(visitor.session) == [0, 1]


def test_seeds_wrap_at_their_largest(visitor: Visitor) -> None:
    visitor.draw(seed=2**32 - 1)
    visitor.draw_another(seed=2**32 - 1)
    assert seeds(visitor.session) == [2**32 - 1, 0]


def test_the_best_new_drawing_is_chosen_though_the_oldest_are_replaced(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(MAX_DRAWINGS):
        visitor.draw_another()
    session = visitor.session
    losses = iter([0.3, 0.1, 0.2, 0.4, 0.5, 0.6])

    def draw(prepared: Any, settings: Settings, callback: Any) -> Sketch:
        loss = next(losses)
        if loss == 0.3:  # Undo during the first of six: the drawings before come back, and six of them are replaced
            assert session.undo()
        return drawn(settings.seed, 3, loss)

    monkeypatch.setattr(tasks, "draw_watched", draw)
    visitor.draw(count=6)
    assert [drawing.loss for drawing in session.drawings] == [1 / 7, 1 / 8, 0.3, 0.1, 0.2, 0.4, 0.5, 0.6]
    assert session.chosen == 3


# A new photo stops what is being drawn


@pytest.mark.parametrize("work", ["draw", "carry_on"])
def test_a_new_photo_stops_the_drawing_of_the_old_one(
    visitor: Visitor, optimizer: FakeOptimizer, two_photos: tuple[str, str], work: str
) -> None:
    visitor.draw()
    studio, ann = visitor.studio, visitor.request
    updates = visitor.watch(
        studio.draw(ann, 3, *values(7)) if work == "draw" else studio.carry_on(ann, 2, *values(7)), optimizer
    )
    visitor.choose_photo(two_photos[1])
    visitor.finish(updates)
    optimizer.wait()
    assert optimizer.stopped and len(optimizer.started) == 2  # the drawing before, and this one: no other of the 3
    assert visitor.session.drawings == []
    assert not visitor.session.undo()
    assert visitor.session.size == (80, 100)
    assert "sw-blank" in visitor.page["sheet"] and "Ready" in visitor.page["note"]
    optimizer.hold.clear()
    visitor.draw()
    assert seeds(visitor.session) == [0] and "blue.png" in visitor.page["command"]


def test_a_refused_photo_does_not_stop_the_drawing(visitor: Visitor, optimizer: FakeOptimizer, tmp_path: Path) -> None:
    updates = visitor.watch(visitor.studio.draw(visitor.request, 1, *values(7)), optimizer)
    (tmp_path / "text.png").write_text("not a picture")
    with pytest.raises(gr.Error):
        visitor.choose_photo(str(tmp_path / "text.png"))
    optimizer.hold.clear()
    visitor.finish(updates)
    optimizer.wait()
    assert optimizer.stopped == [] and seeds(visitor.session) == [7]


def test_removing_the_photo_stops_the_drawing_and_clears_the_page(visitor: Visitor, optimizer: FakeOptimizer) -> None:
    updates = visitor.watch(visitor.studio.draw(visitor.request, 1, *values(7)), optimizer)
    visitor.choose_photo(None)
    visitor.finish(updates)
    optimizer.wait()
    assert optimizer.stopped == [7]
    assert visitor.session.source is None and visitor.session.drawings == []
    assert "sw-blank" in visitor.page["sheet"] and visitor.page["note"] == ""


def test_a_drawing_that_ends_as_the_photo_changes_is_not_added(
    visitor: Visitor, optimizer: FakeOptimizer, two_photos: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The photo changes after the drawing is done and before it is added."""
    work = optimizer.work

    def change_photo_at_the_end(*given: Any) -> Sketch:
        sketch = work(*given)
        visitor.session.set_photo(Path(two_photos[1]).read_bytes(), "blue.png", 10**6)
        return sketch

    monkeypatch.setattr(optimizer, "work", change_photo_at_the_end)
    visitor.draw()
    assert visitor.session.drawings == []


# Changes during Carry on


def test_undo_during_carry_on_leaves_the_other_drawing_alone(visitor: Visitor, optimizer: FakeOptimizer) -> None:
    visitor.draw(seed=3)
    visitor.page.update(visitor.studio.delete(visitor.request, [0], *LOOK))
    updates = visitor.watch(visitor.studio.carry_on(visitor.request, 2, *values()), optimizer)
    visitor.page.update(visitor.studio.undo(visitor.request, *LOOK))
    optimizer.hold.clear()
    visitor.finish(updates)
    before, carried_on = (drawing.sketch for drawing in visitor.session.drawings)
    assert before.points.tolist() == drawn(3).points.tolist()
    assert len(carried_on) == 4
    assert visitor.session.chosen == 0
    assert "changed meanwhile" in visitor.page["note"]


def test_delete_during_carry_on_is_kept(visitor: Visitor, optimizer: FakeOptimizer) -> None:
    visitor.draw(seed=3)
    updates = visitor.watch(visitor.studio.carry_on(visitor.request, 2, *values()), optimizer)
    visitor.page.update(visitor.studio.delete(visitor.request, [0, 1], *LOOK))
    optimizer.hold.clear()
    visitor.finish(updates)
    assert [len(drawing.sketch) for drawing in visitor.session.drawings] == [1, 5]
    assert visitor.session.undo() and len(visitor.session.drawings[0].sketch) == 3


def test_another_drawing_chosen_during_carry_on_is_left_alone(visitor: Visitor, optimizer: FakeOptimizer) -> None:
    visitor.draw(count=2)
    visitor.page.update(visitor.studio.choose(visitor.request, 0, *LOOK))
    updates = visitor.watch(visitor.studio.carry_on(visitor.request, 2, *values()), optimizer)
    visitor.page.update(visitor.studio.choose(visitor.request, 1, *LOOK))
    optimizer.hold.clear()
    visitor.finish(updates)
    assert [len(drawing.sketch) for drawing in visitor.session.drawings] == [5, 3]
    assert visitor.session.chosen == 1
    assert visitor.session.undo() and seeds(visitor.session) == [0, 1]


def test_undo_during_draw_chooses_among_the_new_drawings(visitor: Visitor, optimizer: FakeOptimizer) -> None:
    visitor.draw(seed=50)  # of a lower loss than what follows
    updates = visitor.watch(visitor.studio.draw(visitor.request, 1, *values(3)), optimizer)
    visitor.page.update(visitor.studio.undo(visitor.request, *LOOK))
    optimizer.hold.clear()
    visitor.finish(updates)
    assert seeds(visitor.session) == [50, 3]
    assert visitor.session.chosen == 1


# Errors and command lines


def test_lock_and_unlock(visitor: Visitor) -> None:
    visitor.draw()
    for picked, locked in (([0, 2, 99], [True, False, True]), ([0, 1], [True] * 3), ([0, 1, 2], [False] * 3)):
        visitor.page.update(visitor.studio.lock(visitor.request, picked, *LOOK))
        assert visitor.session.drawing is not None
        assert visitor.session.drawing.sketch.locked.tolist() == locked
        assert f"{sum(locked)} strokes are locked" in visitor.page["note"]


@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "Pick a stroke"), ("zh", "请先在画上选取笔画"), ("ja", "先に線を選んでください")],
)
def test_errors_are_in_the_language_of_the_visitor(visitor: Visitor, language: str, text: str) -> None:
    visitor.draw()
    with pytest.raises(gr.Error, match=text):
        visitor.studio.delete(request("ann", language), [], *LOOK)
    assert visitor.session.drawing is not None and len(visitor.session.drawing.sketch) == 3


def test_what_a_visitor_must_do_first(visitor: Visitor) -> None:
    bob = Visitor(visitor.studio, "bob")
    with pytest.raises(gr.Error, match="Choose a photo first"):
        bob.draw()
    with pytest.raises(gr.Error, match="Draw something first"):
        visitor.studio.download(visitor.request, 0, *LOOK)
    visitor.draw()
    with pytest.raises(gr.Error, match="at least one stroke"):
        visitor.studio.delete(visitor.request, [0, 1, 2], *LOOK)


def test_a_bug_is_one_line_for_the_visitor_and_a_traceback_for_the_owner(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*given: Any) -> Sketch:
        raise RuntimeError("wrong by one")

    monkeypatch.setattr(tasks, "draw_watched", fail)
    with pytest.raises(gr.Error) as caught:
        visitor.draw()
    assert "wrong by one" not in str(caught.value) and "bug" in str(caught.value)
    assert "RuntimeError: wrong by one" in capsys.readouterr().err


def test_command_lines_say_what_to_save_first(visitor: Visitor, optimizer: FakeOptimizer) -> None:
    visitor.draw()
    assert visitor.page["command"].startswith("strokewise draw red.png -n 3 ")
    visitor.page.update(visitor.studio.delete(visitor.request, [0], *LOOK))
    comment, command = visitor.page["command"].splitlines()
    assert comment.startswith("# ") and "edited by hand" in comment and "red-before.svg" in comment
    assert command == "strokewise draw red.png --from red-before.svg"
    visitor.finish(visitor.studio.carry_on(visitor.request, 2, *values()))
    comment, command = visitor.page["command"].splitlines()
    assert "before Carry on as red-before.svg" in comment
    assert "--from red-before.svg --add 2" in command
    updates = visitor.watch(visitor.studio.draw(visitor.request, 3, *values()), optimizer)
    visitor.studio.stop(visitor.request)
    visitor.finish(updates)
    assert seeds(visitor.session) == [0]  # Stop also ends the drawings that were to follow
    assert "stopped early" in visitor.page["command"].splitlines()[0]
    assert "the best so far is kept" in visitor.page["note"]
