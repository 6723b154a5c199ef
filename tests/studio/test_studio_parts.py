"""The studio's parts that need neither Gradio nor a browser."""

from __future__ import annotations

import dataclasses
import string
import threading
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from strokewise import PhotoError, Settings, SettingsError, Sketch, cli, from_svg
from strokewise.export.look import Look
from strokewise.optimize.candidates import Progress
from strokewise.photo.frame import Frame
from strokewise.sketch import StrokeStyle
from strokewise.studio import command_lines as command
from strokewise.studio import downloads, tasks, views
from strokewise.studio import translations as texts
from strokewise.studio.job import Job, Left
from strokewise.studio.limits import Limits
from strokewise.studio.session import MOST_DRAWINGS, MOST_STEPS_BACK, Drawing, Session, Sessions


def progress(step: int, loss: float = 1.5) -> Progress:
    return Progress(0, step, 10, loss, 2.0, np.zeros((2, 4, 2)), 1, StrokeStyle.pen(2, 1.5))


# Texts


def test_every_text_is_there_in_all_languages_with_the_same_values() -> None:
    for key, said in texts.TEXTS.items():
        assert len(said) == len(texts.LANGUAGES), key
        assert all(text.strip() for text in said), key
        assert len({frozenset(fields(text)) for text in said}) == 1, key


def fields(text: str) -> set[str]:
    """Names of the values that a text takes."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_other_languages_are_not_english_left_over() -> None:
    same = [key for key, (english, chinese, japanese) in texts.TEXTS.items() if english in (chinese, japanese)]
    assert same == []


def test_gradio_is_given_a_full_table_for_every_tag() -> None:
    tables = texts.tables()
    assert {"en", "zh", "zh-CN", "zh-TW", "ja"} <= set(tables)
    for table in tables.values():
        assert set(table) == set(texts.TEXTS)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ja", "ja"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh"),
        ("de-DE,de;q=0.9,ja;q=0.5,en;q=0.4", "ja"),
        ("en;q=0.2,ja;q=0.9", "ja"),
        ("fr,de;q=0.5", "en"),
        ("ja;q=0,en", "en"),
        ("ja;q=x", "en"),
        (",;q=,;;;=" * 50, "en"),
    ],
)
def test_the_browser_chooses_the_language(header: str, language: str) -> None:
    assert texts.preferred(header) == language


def test_an_unknown_language_is_english() -> None:
    assert texts.tell("tlh", "left", seconds=4) == "4 s left at most"


# Limits


@pytest.mark.parametrize(
    "wrong",
    [{"megabytes": 0}, {"megapixels": 1e9}, {"seconds": float("nan")}, {"waiting": 0}, {"visitors": -1}],
)
def test_limits_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="^the (largest|longest|most) .* must be from 1 to "):
        Limits(**wrong)  # type: ignore[arg-type]


# Jobs


def test_a_job_tells_its_news_and_its_result() -> None:
    def work(tell: Callable[[Progress], bool]) -> str:
        for step in range(3):
            assert not tell(progress(step))
            time.sleep(0.03)
        return "done"

    job = Job(work, seconds=60)
    told = [one.step for one in job.updates(0.01) if one is not None]
    assert told == sorted(told)
    assert told[-1] == 2
    assert job.result() == "done"
    assert not job.late and not job.asked_to_stop


def test_a_job_that_is_stopped_keeps_what_it_has() -> None:
    def work(tell: Callable[[Progress], bool]) -> int:
        for step in range(10_000):
            if tell(progress(step)):
                return step
            time.sleep(0.005)
        raise AssertionError("nobody stopped it")

    job = Job(work, seconds=60)
    time.sleep(0.05)
    job.stop()
    assert 0 < job.result() < 1000
    assert job.asked_to_stop and not job.late


def test_a_job_has_its_time() -> None:
    def work(tell: Callable[[Progress], bool]) -> None:
        while not tell(progress(1)):
            time.sleep(0.01)

    job = Job(work, seconds=0.1)
    job.result()
    assert job.late
    assert 0.1 <= job.elapsed < 5


def test_an_error_comes_out_where_the_result_is_asked_for() -> None:
    def work(tell: Callable[[Progress], bool]) -> None:
        raise PhotoError("nothing to draw")

    job = Job(work, seconds=1)
    with pytest.raises(PhotoError, match="nothing to draw"):
        job.result()


def test_one_drawing_at_a_time_and_none_for_those_who_left() -> None:
    running, most, go = [0], [0], threading.Event()

    def work(tell: Callable[[Progress], bool]) -> None:
        running[0] += 1
        most[0] = max(most[0], running[0])
        go.wait(5)
        running[0] -= 1

    first, second, third = (Job(work, seconds=60) for _ in range(3))
    third.stop()
    go.set()
    first.result()
    second.result()
    with pytest.raises(Left):
        third.result()
    assert most[0] == 1


def test_a_finished_job_was_not_stopped_by_leaving_it() -> None:
    job = Job(lambda tell: None, seconds=1)
    job.result()
    job.stop_unless_done()
    assert not job.asked_to_stop


# Sessions


@pytest.fixture
def session(disc_image: Callable[..., Image.Image], encode: Callable[..., bytes]) -> Session:
    """A visitor with a photo."""
    session = Session()
    session.take(encode(disc_image(), "PNG"), "disc.png", 10**6)
    return session


def change(session: Session, sketch: Sketch) -> None:
    """Replace the drawing on the sheet."""
    assert session.drawing is not None and session.change(session.drawing, sketch)


def test_a_refused_photo_changes_nothing(session: Session, sketch: Sketch) -> None:
    session.add(Drawing(sketch))
    with pytest.raises(PhotoError):
        session.take(b"no photo", "text.txt", 10**6)
    with pytest.raises(PhotoError, match="pixels"):
        assert session.source is not None
        session.take(session.source[0], "large.png", 100)
    assert session.source is not None and session.source[1] == "disc.png"
    assert session.drawing is not None


def test_steps_back(session: Session, sketch: Sketch) -> None:
    assert not session.undo()
    session.add(Drawing(sketch))
    change(session, sketch.reordered([0, 1]))
    change(session, sketch.reordered([1]))
    assert session.drawing is not None and len(session.drawing.sketch) == 1
    assert session.undo() and session.drawing is not None and len(session.drawing.sketch) == 2
    assert session.undo() and len(session.drawing.sketch) == 3
    assert not session.undo()
    session.clear()
    assert session.drawing is None
    assert session.undo() and session.drawing is not None


def test_what_is_remembered_is_bounded(session: Session, sketch: Sketch) -> None:
    for _ in range(3 * MOST_DRAWINGS):
        session.add(Drawing(sketch))
    assert len(session.drawings) == MOST_DRAWINGS
    for _ in range(3 * MOST_STEPS_BACK):
        change(session, sketch)
    back = 0
    while session.undo():
        back += 1
    assert back == MOST_STEPS_BACK


def test_the_best_is_chosen_among_the_new_ones(session: Session, sketch: Sketch) -> None:
    for loss in (0.1, 0.9, 0.4, 0.6):
        session.add(Drawing(dataclasses.replace(sketch, metadata={"losses": {"total": loss}})))
    session.choose_best(session.drawings[1:])
    assert session.chosen == 2
    session.choose_best([Drawing(sketch)])
    assert session.chosen == 2  # that one is not here
    session.choose(99)
    session.choose(-1)
    assert session.chosen == 2


def wait_for_stop(tell: Callable[[Progress], bool]) -> None:
    while not tell(progress(1)):
        time.sleep(0.001)


def test_who_was_away_longest_is_forgotten_and_stopped() -> None:
    sessions, job = Sessions(2), Job(wait_for_stop, seconds=60)
    first = sessions.of("a")
    with first.running(job, first.generation):
        second = sessions.of("b")
        assert sessions.of("a") is first
        sessions.of("c")
        assert not job.asked_to_stop
        assert sessions.of("b") is not second  # b was away longest when c came
        assert job.asked_to_stop  # and then a was
    assert len(sessions) == 2
    sessions.forget("b")
    sessions.forget("never here")
    assert len(sessions) == 1


def test_a_visitor_who_leaves_wants_nothing_any_more() -> None:
    sessions, job = Sessions(2), Job(wait_for_stop, seconds=60)
    session = sessions.of("a")
    generation = session.generation
    with session.running(job, generation):
        sessions.forget("a")
        assert job.asked_to_stop
    with pytest.raises(Left), session.unchanged(generation):
        raise AssertionError("not reached")
    late = Job(wait_for_stop, seconds=60)
    with pytest.raises(Left), session.running(late, generation):
        raise AssertionError("not reached")
    assert late.asked_to_stop


def test_leaving_a_drawing_early_stops_it() -> None:
    session, job = Session(), Job(wait_for_stop, seconds=60)
    with pytest.raises(GeneratorExit), session.running(job, session.generation):
        raise GeneratorExit
    assert job.asked_to_stop


# Painted subjects


def test_the_subject_is_offered_where_it_lies(session: Session) -> None:
    offered = tasks.mask_layers(session.photo(10**6))
    (layer,), background = offered["layers"], offered["background"]
    assert layer.size == background.size == (tasks.SHOWN,) * 2
    rows, columns = np.nonzero(np.asarray(layer)[:, :, 3])
    scale = tasks.SHOWN / 160  # the disc is at (100, 40) of 160 x 120, 20 lower in the square
    assert abs(columns.mean() - 100 * scale) < 10 and abs(rows.mean() - 60 * scale) < 10
    again = np.asarray(layer).copy()
    session.cut(tasks.cut_painted(session.photo(10**6), [again]), "disc-cut.png", 10**6)
    assert all(35 < side < 60 for side in session.size)


def test_only_what_is_painted_is_drawn(session: Session) -> None:
    photo = session.photo(10**6)
    layer = np.zeros((80, 80, 4), np.uint8)  # a square half as wide as the photo, which lies in its middle
    layer[20:40, 40:60] = 255
    data = tasks.cut_painted(photo, [layer])
    session.cut(data, "disc-cut.png", 10**6)
    assert session.is_cut
    cut = session.photo(10**6)
    assert 40 < cut.width < 50 and 40 < cut.height < 50  # 40 and a margin
    assert (cut.pixels[0] == 1).all() and cut.pixels.min() < 0.3
    session.uncut(10**6)
    assert not session.is_cut and session.size == (160, 120)
    with pytest.raises(PhotoError, match="nothing is painted"):
        tasks.cut_painted(photo, [np.zeros((80, 80, 4), np.uint8)])


# Views


def test_every_stroke_on_the_sheet_can_be_picked(sketch: Sketch) -> None:
    locked = dataclasses.replace(sketch, locked=np.array([False, True, False]))
    root = ElementTree.fromstring(views.sheet(locked, Look(), "en"))
    hits = [e for e in root.iter() if e.get("class", "").startswith("sw-hit")]
    assert [hit.get("data-stroke") for hit in hits] == ["0", "1", "2"]
    assert [hit.get("aria-label") for hit in hits] == ["Stroke 1", "Stroke 2, locked", "Stroke 3"]
    assert [hit.get("tabindex") for hit in hits] == ["0", "-1", "-1"]
    assert min(float(hit.get("stroke-width", 0)) for hit in hits) >= 0.02 * 200


def test_texts_from_outside_are_escaped(sketch: Sketch) -> None:
    evil = '<img src=x onerror="alert(1)">'
    drawn = dataclasses.replace(sketch, metadata={"title": evil, "losses": {"total": evil}})
    for html in (
        views.note(evil, evil),
        views.row([(evil, drawn)], Look()),
        views.sheet(drawn, Look(), "en"),
        views.strip([Drawing(drawn), Drawing(drawn)], 0, Look(), "en"),
    ):
        assert "<img" not in html


def test_live_strokes_lie_where_the_photo_has_them() -> None:
    frame = Frame(100, 20.0, 10.0, 200.0)
    points = np.array([[[0, 0], [10, 0], [20, 0], [30, 0]]], dtype=float)
    html = views.live_sheet(points, StrokeStyle.pen(1, 1.5), frame, (300, 240))
    root = ElementTree.fromstring(html)
    path = next(e for e in root.iter() if e.tag == "path")
    assert path.get("d") == "M20.0 10.0C40.0 10.0 60.0 10.0 80.0 10.0"
    assert path.get("stroke-width") == "3.0"


def test_the_state_tells_an_upper_bound_of_the_time_left() -> None:
    assert "8 s left" in views.state(progress(2), 2.0, "", "en")
    assert "left" not in views.state(progress(1), 2.0, "", "en")
    assert "Placing" in views.state(progress(0, np.inf), 2.0, "", "en")


# Downloads and command lines


@pytest.mark.parametrize("number", range(len(downloads.DOWNLOADS)))
def test_every_download_is_made(sketch: Sketch, number: int) -> None:
    kind = downloads.DOWNLOADS[number]
    if not downloads.available(kind):
        pytest.skip(f"what {kind.ending} needs is not installed")
    begins = {"png": b"\x89PNG", "pdf": b"%PDF-", "gif": b"GIF8", "svg": b"<", "json": b"{"}[kind.ending.split(".")[-1]]
    for look in (Look(), Look(2.0, "#123456", "#f5eedd", None, "ink")):
        assert downloads.content(sketch, kind, look).startswith(begins)


def test_the_plain_download_is_the_drawing_itself(sketch: Sketch) -> None:
    data = downloads.content(sketch, downloads.DOWNLOADS[0], Look())
    assert data == sketch.to_svg().encode()
    assert from_svg(data).metadata == sketch.metadata


def test_command_lines_name_what_is_not_usual() -> None:
    assert command.draw_command("horse.jpg", Settings()) == "strokewise draw horse.jpg -n 16"
    some = Settings(strokes=8, seed=3, subject="keep", width=2.0, one_line=True)
    assert command.draw_command("my horse.jpg", some) == (
        "strokewise draw 'my horse.jpg' -n 8 --seed 3 --subject keep --width 2 --one-line"
    )
    assert command.draw_command("-rf.jpg", Settings()).startswith("strokewise draw ./-rf.jpg")
    assert command.draw_command("a;rm b.jpg", Settings()).startswith("strokewise draw 'a;rm b.jpg'")
    assert command.look_command("horse.jpg", Look()) == ""
    assert command.look_command("horse.jpg", Look(2.0, "#112233", "none", None, "ink")) == (
        "strokewise export horse.svg -o horse-look.svg --stroke-width 2 --color '#112233' --paper none --brush ink"
    )


def test_command_lines_are_understood_by_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import shlex

    import typer

    from strokewise import cli

    group = typer.main.get_command(cli.app)
    some = Settings(strokes=8, seed=3, optimize="width,color", steps=5)
    for line in (
        command.draw_command("horse.jpg", dataclasses.replace(some, one_line=True, optimize="")),
        command.carry_on_command("horse.jpg", "horse-before.svg", 4, some),
        command.ladder_command("horse.jpg", (16, 8), some),
        command.fewest_command("horse.jpg", "horse", 0.75, some),
        command.look_command("horse.jpg", Look(2.0, "#112233", "none", None, "ink")),
    ):
        program, name, *arguments = shlex.split(line)
        assert program == "strokewise"
        group.commands[name].make_context(name, arguments)  # type: ignore[attr-defined]


def test_names_of_files_hold_nothing_that_paths_are_made_of() -> None:
    assert tasks.file_stem("../../etc/passwd.png") == "passwd"
    assert tasks.file_stem("a\nb:c*.jpg") == "abc"
    assert tasks.file_stem(".png") == ".png"
    assert tasks.file_stem("/") == "drawing"


def test_a_host_that_is_no_address_of_this_machine_is_refused_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    for host in ("nope.invalid", "192.0.2.1", "x" * 100):
        assert cli.main(["studio", "--host", host, "--password", "p", "--user", "u"]) == 2
        err = capfd.readouterr().err
        assert err == f"strokewise: --host {host} is no address of this machine: use 127.0.0.1 or 0.0.0.0\n"
