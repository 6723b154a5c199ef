"""The commands that judge drawings: what they hand to the library, and what they print of its answers."""

from __future__ import annotations

import dataclasses
import io
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_stubs import QUICK, Called, InkJudge, sketch, stand_in_judges
from PIL import Image

from strokewise import cli
from strokewise.cli.options import parse_labels
from strokewise.recognition import evaluation
from strokewise.recognition.evaluation import Drawn, Evaluation, Figures, Result, Skipped
from strokewise.recognition.ranking import NONE, Recognition
from strokewise.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "examples"


pytestmark = pytest.mark.usefixtures("photo_folder")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Every recogniser is an `InkJudge`; the list tells which ones were asked for."""
    return stand_in_judges(monkeypatch)


@pytest.mark.parametrize(
    "text, more, labels",
    [
        (None, None, None),
        ("cat,dog", None, ("cat", "dog")),
        ("cat, dog", ["one, with comma"], ("cat", "dog", "one, with comma")),
        ('cat,"salt, pepper"', [], ("cat", "salt, pepper")),
        (None, ["猫"], ("猫",)),
        ("cat,,dog", None, ("cat", "", "dog")),  # refused where labels are checked
    ],
)
def test_labels(text: str | None, more: list[str] | None, labels: tuple[str, ...] | None) -> None:
    assert parse_labels(text, more) == labels


def table(out: str) -> list[list[str]]:
    """Cells of the rows that tell of a label."""
    return [line.split() for line in out.splitlines() if line.rstrip().endswith("%")]


def test_recognize_prints_a_block_for_each_sketch(
    asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    for count in (2, 16):
        sketch(count, encoder="efficientnet-lite0").save(f"lines-{count}.svg")
    assert cli.main(["recognize", "lines-2.svg", "lines-16.svg", "disc.png", "--top", "2"]) == 0
    out, err = capfd.readouterr()
    assert err == ""
    rows = table(out)
    assert [row[:-1] for row in rows] == [
        ["lines-2.svg", "cat"],
        ["dog"],
        ["lines-16.svg", "cat"],
        ["dog"],
        ["disc.png", "cat"],
        ["dog"],
    ]
    sure = [float(row[-1].rstrip("%")) for row in rows]
    assert sure[0] + sure[1] == pytest.approx(100, abs=0.11)
    assert sure[2] > sure[0]  # more ink
    assert "judged by ink-judge" in out
    assert asked == [{"name": "auto", "drawn_with": "efficientnet-lite0"}]


def test_recognize_as_json_has_all_labels(asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]) -> None:
    sketch(4).save("lines.svg")
    options = ["--labels", "dog,cat", "--none", "--recognizer", "mine", "--json"]
    assert cli.main(["recognize", "lines.svg", *options]) == 0
    (one,) = json.loads(capfd.readouterr().out)
    assert (one["file"], one["recognizer"]) == ("lines.svg", "ink-judge")
    assert [entry["label"] for entry in one["ranked"]] == ["dog", "cat", NONE]
    assert sum(entry["probability"] for entry in one["ranked"]) == pytest.approx(1)
    assert asked == [{"name": "mine", "drawn_with": ""}]
    assert cli.main(["recognize", "lines.svg", *options, "--top", "1"]) == 0
    assert len(json.loads(capfd.readouterr().out)[0]["ranked"]) == 1


def test_recognize_with_labels_of_any_words(asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]) -> None:
    sketch(4).save("lines.svg")
    words = ["--recognizer", "any-words", "--labels", "猫", "--label", "one, with comma", "--json"]
    assert cli.main(["recognize", "lines.svg", *words]) == 0
    (one,) = json.loads(capfd.readouterr().out)
    assert {entry["label"] for entry in one["ranked"]} == {"猫", "one, with comma"}
    assert cli.main(["recognize", "lines.svg", "--recognizer", "any-words"]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err == "strokewise: --labels must be given, such as cat,dog,elephant, since ink-judge knows no list\n"


@pytest.mark.parametrize("quiet", [False, True])
def test_recognize_tells_what_is_fetched_unless_it_is_to_be_quiet(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []

    def load_recognizer(name: str, *, notice: object, **more: object) -> InkJudge:
        told.append(notice)
        return InkJudge()

    monkeypatch.setattr("strokewise.recognition.recognizers.load_recognizer", load_recognizer)
    sketch(4).save("lines.svg")
    assert cli.main(["recognize", "lines.svg", *(["--quiet"] if quiet else [])]) == 0
    assert [notice is None for notice in told] == [quiet]


@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
def test_one_broken_file_among_several(
    as_json: bool, asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    sketch(4).save("first.svg")
    Path("torn.svg").write_text("<svg")
    sketch(8).save("last.svg")
    names = ["first.svg", "torn.svg", "gone.svg", "last.svg"]
    assert cli.main(["recognize", *names, *(["--json"] if as_json else [])]) == 2
    out, err = capfd.readouterr()
    lines = err.splitlines()
    assert len(lines) == 2
    for line, name in zip(lines, ("torn.svg", "gone.svg"), strict=True):
        assert line.startswith("strokewise: ")
        assert name in line
    if as_json:
        told = json.loads(out)
        assert [one["file"] for one in told] == names
        assert ["error" in one for one in told] == [False, True, True, False]
        assert all(set(one) == {"file", "error"} for one in told[1:3])
    else:
        assert [row[0] for row in table(out) if len(row) == 3] == ["first.svg", "last.svg"]


def test_recognize_asks_for_one_judge_of_many_sketches(
    asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    for count, encoder in enumerate(("clip-rn50", "clip-rn101", "clip-rn101"), 1):
        sketch(count, encoder=encoder).save(f"lines-{count}.svg")
    names = ["disc.png", "lines-1.svg", "lines-2.svg", "lines-3.svg", "lines-2.svg"]
    assert cli.main(["recognize", *names, "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert [one["file"] for one in told] == names
    assert asked == [{"name": "auto", "drawn_with": "clip-rn101"}]  # the one that drew most of them


def test_a_sketch_of_no_strokes_among_others(asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]) -> None:
    sketch(4).save("lines.svg")
    bare = dataclasses.replace(sketch(2), opacities=np.zeros(2))
    bare.save("bare.svg")
    assert cli.main(["recognize", "bare.svg", "lines.svg"]) == 2
    out, err = capfd.readouterr()
    assert [row[0] for row in table(out) if len(row) == 3] == ["lines.svg"]
    assert err.startswith("strokewise: bare.svg")
    assert len(err.splitlines()) == 1


def test_an_output_that_lacks_the_characters(asked: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    sketch(4).save("lines.svg")
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding="ascii"))
    assert cli.main(["recognize", "lines.svg", "--recognizer", "any-words", "--labels", "猫,[red]dog"]) == 0
    out = raw.getvalue().decode("ascii")
    assert "\\u732b" in out
    assert "[red]dog" in out


# evaluate


def evaluated(complete: bool = True, skipped: Sequence[Skipped] = ()) -> Evaluation:
    """One drawing taken for what it is."""
    forced = Recognition((("cat", 0.75), ("dog", 0.25)), "ink-judge")
    with_none = Recognition((("cat", 0.5), (NONE, 0.5), ("dog", 0.0)), "ink-judge")
    drawing = Result("cat/1.jpg", "cat", 4, "drawings/cat/1-4.svg", 1.5, forced, with_none)
    photo = Result("cat/1.jpg", "cat", None, "photos/cat/1.png", 0.5, forced, with_none)
    return Evaluation(
        Figures.of([drawing], [photo], ["cat", "dog"]),
        (drawing,),
        (photo,),
        tuple(skipped),
        ("cat", "dog"),
        (4,),
        Settings(),
        "efficientnet-lite0",
        "ink-judge",
        complete,
    )


@pytest.fixture
def evaluating(monkeypatch: pytest.MonkeyPatch, asked: list[dict[str, str]]) -> Called:
    for name in ("cat", "dog"):
        Path("photos", name).mkdir(parents=True)
        Path("photos", name, "1.png").write_bytes(Path("disc.png").read_bytes())
    called = Called(lambda *arguments, **named: evaluated(), Drawn(1, 8, Path("out/drawings/cat/1-4.svg"), 1.5))
    monkeypatch.setattr(evaluation, "evaluate", called)
    return called


def test_evaluate_prints_the_table(
    evaluating: Called, asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["evaluate", "photos"]) == 0
    assert capfd.readouterr() == (evaluated().table() + "\n", "")
    listing, output, counts, settings = evaluating.arguments
    assert (listing.folder, output, settings) == (Path("photos"), Path("photos-evaluation"), Settings())
    assert sorted(counts) == [4, 8, 16, 32]
    assert (evaluating.named["labels"], evaluating.named["force"]) == (None, False)
    assert isinstance(evaluating.named["recognizer"], InkJudge)
    assert asked == [{"name": "auto", "drawn_with": "embedded"}]
    assert evaluating.stopped == [False]


def test_evaluate_as_json_with_its_options(evaluating: Called, capfd: pytest.CaptureFixture[str]) -> None:
    options = ["-n", "8,4", "-o", "out", "--labels", "cat,dog,horse", "--force", "--max-pixels", "2", "--json"]
    assert cli.main(["evaluate", "photos", *options, "--size", "64", "--quiet"]) == 0
    out, err = capfd.readouterr()
    assert json.loads(out) == json.loads(json.dumps(evaluated().as_dict()))
    assert err == ""
    assert sorted(evaluating.arguments[2]) == [4, 8]
    assert evaluating.arguments[1] == Path("out")
    assert evaluating.arguments[3] == Settings(size=64)
    named = evaluating.named
    assert (named["labels"], named["force"], named["max_pixels"]) == (("cat", "dog", "horse"), True, 2_000_000)


def test_evaluate_with_a_recogniser_of_any_words_takes_the_folders_names(evaluating: Called) -> None:
    assert cli.main(["evaluate", "photos", "--recognizer", "any-words"]) == 0


def test_skipped_photos_are_counted_and_listed(evaluating: Called, capfd: pytest.CaptureFixture[str]) -> None:
    skipped = [
        Skipped("cat/torn.jpg", "cat", "torn.jpg is damaged"),
        Skipped("dog/1.png", "dog", "there is no line", 4),
        Skipped("dog/1.png", "dog", "there is no line", 8),
    ]
    evaluating.answer = lambda *arguments, **named: evaluated(skipped=skipped)
    assert cli.main(["evaluate", "photos", "--quiet"]) == 0
    assert capfd.readouterr() == (
        "",
        "strokewise: warning: 2 photos skipped, or some drawings of them:\n"
        "strokewise:   cat/torn.jpg: torn.jpg is damaged\n"
        "strokewise:   dog/1.png with 4 strokes: there is no line\n"
        "strokewise:   dog/1.png with 8 strokes: there is no line\n",
    )


def test_remarks_of_an_evaluation_are_lines_of_a_log(evaluating: Called, capfd: pytest.CaptureFixture[str]) -> None:
    def answer(*arguments: Any, **named: Any) -> Evaluation:
        named["notice"]("bird holds no photos")
        return evaluated()

    evaluating.answer = answer
    assert cli.main(["evaluate", "photos"]) == 0
    assert capfd.readouterr().err == "strokewise: bird holds no photos\n"
    assert cli.main(["evaluate", "photos", "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_stops_an_evaluation_that_can_go_on(evaluating: Called, capfd: pytest.CaptureFixture[str]) -> None:
    evaluating.interrupt = True
    evaluating.answer = lambda *arguments, **named: evaluated(complete=False)
    assert cli.main(["evaluate", "photos", "-o", "out"]) == 130
    out, err = capfd.readouterr()
    assert evaluating.stopped == [False, True]
    assert out == evaluated().table() + "\n"
    assert err == "strokewise: stopped with 1 drawing in out; the same command goes on from there\n"


@pytest.mark.slow
def test_an_evaluation_from_photos_to_table(
    asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str], disc_image: Callable[..., Image.Image]
) -> None:
    for name, x in (("cat", 60), ("dog", 100)):
        Path("photos", name).mkdir(parents=True)
        disc_image(centre=(x, 50)).save(f"photos/{name}/1.png")
    Path("photos/dog/torn.jpg").write_bytes(b"\xff\xd8\xff")
    command = ["evaluate", "photos", "-n", "3,2", "-o", "out", "--subject", "keep", *QUICK]
    assert cli.main([*command, "--json"]) == 0
    out, err = capfd.readouterr()
    told = json.loads(out)
    assert told == json.loads(Path("out/evaluation.json").read_text())
    assert (len(told["results"]), told["complete"], told["recognizer"]) == (4, True, "ink-judge")
    assert "strokewise: warning: 1 photo skipped" in err
    drawings = {path: path.read_bytes() for path in Path("out/drawings").rglob("*.svg")}
    assert len(drawings) == 4
    assert cli.main(command) == 0
    assert capfd.readouterr().out.count("\n| ") == 4  # a rule, two stroke counts, the photos
    assert {path: path.read_bytes() for path in Path("out/drawings").rglob("*.svg")} == drawings
