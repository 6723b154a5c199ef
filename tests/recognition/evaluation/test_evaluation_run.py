"""Drawing and judging a folder: what is written, what is skipped, what is gone on with, what is refused."""

from __future__ import annotations

import csv
import functools
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evaluation_shapes import SMALL, Spread, ellipse, make_photos, quick_drawing
from PIL import Image

from strokewise import OutputError, PhotoError, Settings, SettingsError, StrokewiseError, from_svg, load_encoder
from strokewise.engines import choice
from strokewise.photo import preparing
from strokewise.recognition.evaluation import Drawn, Evaluation, Share, charts, drawings, evaluate
from strokewise.recognition.recognizers import NONE

Evaluate = Callable[..., Evaluation]
CHARTS = [f"recognition-by-{what}.{kind}" for what in ("class", "strokes") for kind in ("png", "svg")]
the_encoder = functools.cache(load_encoder)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return make_photos(tmp_path / "photos")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Quick drawings and charts; the stroke counts of the drawings that were made."""
    made: list[int] = []
    monkeypatch.setattr(choice, "load_encoder", lambda name, notice=None: the_encoder(name))
    monkeypatch.setattr(charts, "draw_charts", lambda evaluation: dict.fromkeys(CHARTS, b"chart"))

    def draw(prepared: preparing.Prepared, settings: Settings) -> Any:
        made.append(settings.strokes)
        return quick_drawing(prepared, settings)

    monkeypatch.setattr(drawings, "draw_prepared", draw)
    return made


@pytest.fixture
def run(photos: Path, tmp_path: Path, drawn: list[int]) -> Evaluate:
    """`evaluate` of the photos, with 4 and 8 strokes."""

    def run(**options: Any) -> Evaluation:
        options = {"counts": (4, 8), "recognizer": Spread(), **SMALL, **options}
        return evaluate(options.pop("folder", photos), options.pop("output", tmp_path / "out"), **options)

    return run


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def timeless(folder: Path) -> dict[str, Any]:
    """evaluation.json without what differs from run to run."""
    document = json.loads((folder / "evaluation.json").read_text())
    for one in (*document["results"], *document["photos"]):
        one.pop("seconds")
    for level in (*document["figures"]["levels"], document["figures"]["photos"]):
        level.pop("seconds_median"), level.pop("seconds_total")
    return document


@pytest.mark.slow
def test_real_drawings_from_start_to_end(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparing, "PLACEMENT_SIZE", 112)
    evaluation = evaluate(photos, tmp_path / "out", (8, 4), labels=("wide", "tall"), recognizer=Spread(), **SMALL)
    assert evaluation.counts == (4, 8)
    assert repr(evaluation) == "<Evaluation 8 drawings of 4 photos, judged by spread>"
    assert (tmp_path / "out" / "recognition-by-strokes.svg").stat().st_size > 5000
    for result in evaluation.results:
        sketch = from_svg((tmp_path / "out" / result.file).read_bytes())
        assert len(sketch) == result.strokes
        assert sketch.canvas == (96, 96)
        assert len(sketch.metadata["photo"]) == 64
        assert result.seconds is not None and result.seconds > 0
    assert evaluation.figures.photos.overall.forced_top1 == Share(4, 4)
    assert evaluation.figures.levels[1].overall.forced_top1 == Share(4, 4)


def test_what_is_written(run: Evaluate, tmp_path: Path, drawn: list[int]) -> None:
    evaluation = run()
    out = tmp_path / "out"
    names = {"evaluation.json", "drawings.csv", "table.md", "confusion-4.csv", "confusion-8.csv", "seconds.jsonl"}
    names |= set(CHARTS)
    names |= {f"drawings/{c}/{i}-{n}.svg" for c in ("wide", "tall") for i in (0, 1) for n in (4, 8)}
    names |= {f"photos/{c}/{i}.png" for c in ("wide", "tall") for i in (0, 1)}
    assert set(contents(out)) == names
    assert json.loads((out / "evaluation.json").read_text()) == evaluation.as_dict()
    assert evaluation.table() in (out / "table.md").read_text()
    assert len(drawn) == 8
    assert [level.overall.forced_top1 for level in evaluation.figures.levels] == [Share(4, 4)] * 2
    assert evaluation.complete and evaluation.recognizer == "spread" and evaluation.skipped == ()
    with (out / "drawings.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 8
    assert rows[0]["photo"] == "tall/0.png" and rows[0]["forced_top"] == "tall" and rows[0]["forced_place"] == "1"
    with (out / "confusion-4.csv").open(newline="") as file:
        confusion = list(csv.reader(file))
    assert confusion[0] == ["choice", "label", "tall", "wide", NONE]
    assert confusion[1:3] == [["forced", "tall", "2", "0", "0"], ["forced", "wide", "0", "2", "0"]]


def test_none_is_said_of_what_is_neither(run: Evaluate, photos: Path) -> None:
    ellipse(60, 60).save(photos / "wide" / "round.png")
    level = run(counts=(4,)).figures.levels[0]
    assert level.overall.none_said == Share(1, 5)
    assert level.overall.with_none_top1 == Share(4, 5)
    assert level.confusion_with_none["wide"] == [0, 2, 1]


def test_what_is_there_is_not_drawn_again(run: Evaluate, tmp_path: Path, drawn: list[int]) -> None:
    run()
    before, document = contents(tmp_path / "out"), timeless(tmp_path / "out")
    drawn.clear()
    said: list[str] = []
    run(notice=said.append)
    assert drawn == []
    assert contents(tmp_path / "out") == before  # the times too
    assert timeless(tmp_path / "out") == document
    assert "8 of 8 drawings are there already" in said
    (tmp_path / "out" / "drawings" / "wide" / "1-8.svg").unlink()
    run()
    assert drawn == [8]
    assert timeless(tmp_path / "out") == document


def test_other_counts_add_drawings_and_drop_old_tables(run: Evaluate, tmp_path: Path, drawn: list[int]) -> None:
    run()
    drawn.clear()
    evaluation = run(counts=(8, 16, 8))
    assert drawn == [16] * 4
    assert evaluation.counts == (8, 16)
    files = contents(tmp_path / "out")
    assert "drawings/wide/0-4.svg" in files and "confusion-4.csv" not in files and "confusion-16.csv" in files


def test_callback_stops_and_the_rest_comes_later(run: Evaluate, tmp_path: Path, drawn: list[int]) -> None:
    document: list[Drawn] = []

    def stop(one: Drawn) -> bool:
        document.append(one)
        return len(document) == 4

    evaluation = run(callback=stop)
    assert not evaluation.complete
    assert json.loads((tmp_path / "out" / "evaluation.json").read_text())["complete"] is False
    assert "Not complete" in (tmp_path / "out" / "table.md").read_text()
    # one photo of each class rather than all of one
    assert {(r.photo, r.strokes) for r in evaluation.results} == {
        (f"{label}/0.png", n) for label in ("wide", "tall") for n in (4, 8)
    }
    assert [(one.done, one.total) for one in document] == [(1, 8), (2, 8), (3, 8), (4, 8)]
    assert document[0].file == tmp_path / "out" / "drawings" / "tall" / "0-4.svg"
    document.clear()
    assert run(callback=lambda one: document.append(one)).complete
    assert [one.done for one in document] == [5, 6, 7, 8]
    run(output=tmp_path / "whole")
    assert timeless(tmp_path / "whole") == timeless(tmp_path / "out")


def test_stopping_at_the_last_one_is_complete(run: Evaluate) -> None:
    assert run(callback=lambda one: one.done == one.total).complete


def test_photos_that_will_not_do_are_reported(run: Evaluate, photos: Path, tmp_path: Path) -> None:
    (photos / "wide" / "broken.jpg").write_bytes(b"no picture at all")
    (photos / "wide" / "empty.png").write_bytes(b"")
    (photos / "wide" / "notes.txt").write_text("not a photo, and not named like one")
    Image.new("RGB", (80, 80), "white").save(photos / "tall" / "white.png")
    (photos / "neither").mkdir()
    said: list[str] = []
    evaluation = run(notice=said.append)
    assert [one.photo for one in evaluation.skipped] == ["tall/white.png", "wide/broken.jpg", "wide/empty.png"]
    assert evaluation.empty == ("neither",) and evaluation.labels == ("tall", "wide")
    assert evaluation.complete and len(evaluation.results) == 8
    document = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert document["skipped_photos"] == 3 and document["empty_classes"] == ["neither"]
    for name in ("white.png", "broken.jpg", "empty.png", "neither"):
        assert sum(name in line for line in said) == 1
        assert name in (tmp_path / "out" / "table.md").read_text()
    assert not any("notes" in line for line in said)
    assert all(len(line.splitlines()) == 1 for line in said)


def test_a_drawing_that_fails_takes_no_others_along(
    run: Evaluate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def draw(prepared: preparing.Prepared, settings: Settings) -> Any:
        if settings.strokes == 8 and prepared.photo.name == "1.png":
            raise StrokewiseError("the loss of the placement is not finite")
        return quick_drawing(prepared, settings)

    monkeypatch.setattr(drawings, "draw_prepared", draw)
    evaluation = run()
    assert [(one.photo, one.strokes) for one in evaluation.skipped] == [("tall/1.png", 8), ("wide/1.png", 8)]
    assert [level.overall.forced_top1.count for level in evaluation.figures.levels] == [4, 2]


def test_no_photo_can_be_drawn(run: Evaluate, tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    (folder / "cat").mkdir(parents=True)
    (folder / "cat" / "1.jpg").write_bytes(b"nothing")
    with pytest.raises(PhotoError, match="none of the 1 photos .* could be drawn; 1.jpg is not a picture"):
        run(folder=folder)
    assert not (tmp_path / "out").exists()


def test_names_that_collide_or_lead_astray(run: Evaluate, photos: Path, tmp_path: Path) -> None:
    odd = photos / "wide"
    for name in ("a.png", "a.bmp", "A b,c.png", "a b,c.png", "é.png", "-n.png"):
        ellipse(80, 30).save(odd / name)
    evaluation = run(counts=(4,))
    assert len({r.file.casefold() for r in evaluation.results}) == len(evaluation.results) == 10
    out = (tmp_path / "out").resolve()
    for result in evaluation.results:
        assert (out / result.file).resolve().is_relative_to(out / "drawings")
        assert from_svg((out / result.file).read_bytes()).metadata["photo"]
    assert timeless(tmp_path / "out")["results"][0]["photo"] == "tall/0.png"


def test_labels_restrict_the_folders(run: Evaluate, tmp_path: Path, drawn: list[int]) -> None:
    said: list[str] = []
    evaluation = run(labels=["wide"], notice=said.append)
    assert evaluation.left_out == ("tall",) and len(drawn) == 4
    assert evaluation.figures.chance == 1
    assert any("is no test" in line for line in said) and any("tall" in line for line in said)


def test_labels_extend_the_choice(run: Evaluate) -> None:
    evaluation = run(labels=["round", " Wide", "tall", "猫, katze"])
    assert evaluation.figures.chance == 0.25
    assert {r.label for r in evaluation.results} == set(evaluation.labels) - {"round", "猫, katze"}
    assert len(evaluation.figures.levels[0].confusion_with_none["tall"]) == 5
    assert evaluation.figures.levels[0].overall.forced_top1 == Share(4, 4)


def test_labels_without_a_folder(run: Evaluate, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no class folder is named like one of the labels"):
        run(labels=["cat", "dog"])
    assert not (tmp_path / "out").exists()


def test_labels_the_recogniser_does_not_know(run: Evaluate, photos: Path, tmp_path: Path) -> None:
    (photos / "tall").rename(photos / "unicorn")
    with pytest.raises(StrokewiseError, match="unicorn"):
        run(recognizer=Spread(("wide", "tall")))
    assert not (tmp_path / "out").exists()
    assert run(recognizer=Spread(("wide", "tall")), labels=["wide", "tall"]).left_out == ("unicorn",)


def test_none_of_these_is_no_label(run: Evaluate) -> None:
    with pytest.raises(StrokewiseError, match=NONE):
        run(labels=["wide", "None of these"])


@pytest.mark.parametrize("counts", [(), (0,), (4, 999), (2.5,), "4"])
def test_counts_out_of_range(run: Evaluate, counts: Any, tmp_path: Path) -> None:
    with pytest.raises(SettingsError):
        run(counts=counts)
    assert not (tmp_path / "out").exists()


def test_strokes_are_told_by_counts(run: Evaluate) -> None:
    with pytest.raises(SettingsError, match="counts"):
        run(strokes=4)


@pytest.mark.parametrize("changes", [{"seed": 5}, {"width": 3.0}])
@pytest.mark.parametrize("killed", [False, True])
def test_other_settings_are_refused(
    run: Evaluate, tmp_path: Path, drawn: list[int], changes: dict[str, Any], killed: bool
) -> None:
    run()
    if killed:  # before it came to write figures: the drawings tell
        for path in (tmp_path / "out").iterdir():
            if path.is_file():
                path.unlink()
    before = contents(tmp_path / "out")
    drawn.clear()
    with pytest.raises(OutputError, match="name another folder") as caught:
        run(**changes)
    assert len(str(caught.value).splitlines()) == 1
    assert contents(tmp_path / "out") == before and drawn == []
    evaluation = run(force=True, **changes)
    assert evaluation.settings == Settings(**SMALL, **changes)
    assert len(drawn) == 8


def test_another_photo_of_the_same_name_is_refused(run: Evaluate, photos: Path, drawn: list[int]) -> None:
    run()
    ellipse(70, 50).save(photos / "wide" / "0.png")
    with pytest.raises(OutputError, match="0-4.svg"):
        run()
    drawn.clear()
    run(force=True)
    assert drawn == [4, 8]


def test_an_evaluation_of_other_photos_is_refused(run: Evaluate, photos: Path, tmp_path: Path) -> None:
    run()
    shutil.copytree(photos / "wide", tmp_path / "more" / "broad")
    with pytest.raises(OutputError, match="other photos"):
        run(folder=tmp_path / "more")


@pytest.mark.parametrize("name", ["table.md", "evaluation.json", "drawings/wide/0-4.svg"])
@pytest.mark.parametrize("text", ["precious", "[1]", '{"figures": {}, "results": 3}'])
def test_files_that_are_not_ours_are_left_alone(run: Evaluate, tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / "out" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(OutputError, match=path.name):
        run()
    assert contents(tmp_path / "out") == {name: text.encode()}


def test_output_that_is_a_file(run: Evaluate, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("precious")
    with pytest.raises(OutputError, match="is not a folder"):
        run()


def test_drafts_and_torn_lines_of_a_killed_run(run: Evaluate, tmp_path: Path) -> None:
    run()
    draft = tmp_path / "out" / "drawings" / "wide" / ".0-4.svg.0123456789abcdef.part"
    draft.write_bytes(b"<svg")
    with (tmp_path / "out" / "seconds.jsonl").open("a") as file:
        file.write('{"file": "drawings/wi')
    assert all(result.seconds is not None for result in run().results)
    assert not draft.exists()


def test_without_matplotlib(run: Evaluate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run()
    monkeypatch.undo()
    monkeypatch.setattr(drawings, "draw_prepared", quick_drawing)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    said: list[str] = []
    run(counts=(4,), notice=said.append)
    assert any("pip install 'strokewise[charts]'" in line for line in said)
    assert (tmp_path / "out" / "table.md").exists()
    assert not list((tmp_path / "out").glob("recognition*"))  # those of before would tell of other figures


def test_judged_by_the_model_that_draws_is_told(run: Evaluate) -> None:
    judge = Spread()
    judge.name = preparing.resolve_encoder("auto")
    said: list[str] = []
    run(recognizer=judge, notice=said.append)
    assert any("the same network that compared drawing and photo" in line for line in said)


def test_a_photo_too_faint_to_judge(run: Evaluate, photos: Path) -> None:
    ellipse(80, 30, 230).save(photos / "wide" / "faint.png")
    evaluation = run(counts=(4,))
    assert [(one.photo, one.strokes) for one in evaluation.skipped] == [("wide/faint.png", None)]
    assert "could not be judged" in evaluation.skipped[0].reason
    assert len(evaluation.results) == 5 and len(evaluation.photos) == 4
