"""The commands that judge drawings: what they hand to the library, and what they print of its answers."""

from __future__ import annotations

import dataclasses
import io
import json
import signal
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from strokewise import Sketch, abstraction, cli, evaluation, from_svg, recognition
from strokewise.abstraction import Fewest, Ladder
from strokewise.cli.options import parse_labels
from strokewise.counts import parse_counts
from strokewise.errors import SettingsError
from strokewise.evaluation import Drawn, Evaluation, Figures, Result, Skipped
from strokewise.ink import Ink
from strokewise.race import Progress
from strokewise.recognition import NONE, Recognition
from strokewise.settings import Settings

EXAMPLES = Path(__file__).parent.parent / "examples"
QUICK = ["--steps", "2", "--candidates", "1", "--size", "64"]
LOSSES = {"semantic": 1.0, "geometric": 1.0, "total": 1.1}


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disc_image: Callable[..., Image.Image]) -> Path:
    """A folder with one photo to work in."""
    monkeypatch.chdir(tmp_path)
    disc_image().save("disc.png")
    return tmp_path


@dataclasses.dataclass
class InkJudge:
    """Takes much ink for a cat, little for a dog, and never sees anything else; the words may be others."""

    name: str = "ink-judge"
    labels: tuple[str, ...] | None = ("cat", "dog", "horse")

    def probabilities(self, images: Tensor, labels: Sequence[str], *, none: bool = False) -> NDArray[np.float64]:
        ink = (1 - images.mean((1, 2, 3)).numpy()).clip(0, 1)
        sure = np.zeros((len(images), len(labels) + none))
        sure[:, 0], sure[:, 1] = 0.5 + ink / 2, 0.5 - ink / 2
        return np.asarray(sure, dtype=np.float64)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Every recogniser is an `InkJudge`; the list tells which ones were asked for."""
    calls: list[dict[str, str]] = []

    def load_recognizer(name: str = "auto", *, drawn_with: str = "", notice: object = None) -> InkJudge:
        calls.append({"name": name, "drawn_with": drawn_with})
        return InkJudge(labels=None) if name == "any-words" else InkJudge()

    monkeypatch.setattr(recognition, "load_recognizer", load_recognizer)
    return calls


def sketch(strokes: int, **metadata: Any) -> Sketch:
    """Slanted lines side by side."""
    x = np.linspace(10, 150, strokes)[:, None, None] + np.linspace(0, 8, 4)[None, :, None]
    points = np.concatenate([x, np.broadcast_to(np.linspace(20, 100, 4)[None, :, None], x.shape)], axis=2)
    known = {"losses": LOSSES, "placement_losses": LOSSES, "steps": 3, "stopped": "steps", **metadata}
    return Sketch.of((160, 120), points, metadata=known)


class Called:
    """A stand-in for a library function that remembers how it was called; calls back once, as each step does."""

    def __init__(self, answer: Callable[..., Any], told: Any) -> None:
        self.answer, self.told = answer, told
        self.interrupt = False
        self.arguments: tuple[Any, ...] = ()
        self.named: dict[str, Any] = {}
        self.stopped: list[bool] = []

    def __call__(self, *arguments: Any, **named: Any) -> Any:
        self.arguments, self.named = arguments, named
        if self.told is not None:
            self.stopped.append(named["callback"](self.told))
            if self.interrupt:
                signal.raise_signal(signal.SIGINT)
                self.stopped.append(named["callback"](self.told))
        return self.answer(*arguments, **named)


STEP = Progress(0, 1, 10, 1.0, 1.1, np.zeros((4, 4, 2)), 1, Ink.pen(4, 1.5))


def files(folder: str = ".") -> set[str]:
    return {path.name for path in Path(folder).iterdir()}


@pytest.mark.parametrize(
    "text, counts",
    [("32,16,8,4", (32, 16, 8, 4)), ("4, 16 ,8", (16, 8, 4)), ("8,8,8", (8,)), ("1,256", (256, 1))],
)
def test_counts_are_sorted_downwards_and_each_counts_once(text: str, counts: tuple[int, ...]) -> None:
    assert parse_counts(text) == counts


@pytest.mark.parametrize("text", ["", ",", "4,", "0", "257", "4;8", "4,a", "1e2", "-4", "4.0"])
def test_what_is_no_count(text: str) -> None:
    with pytest.raises(SettingsError, match="strokes must be a whole number from 1 to 256"):
        parse_counts(text)


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


# ladder


@pytest.fixture
def drawn_ladder(monkeypatch: pytest.MonkeyPatch) -> Called:
    def answer(photo: Any, counts: tuple[int, ...], *arguments: Any, **named: Any) -> Ladder:
        square = np.ones((32, 32, 3), np.float32)
        return Ladder(photo, square, (0.0, 0.0), 160.0, tuple(sketch(n) for n in counts))

    called = Called(answer, STEP)
    monkeypatch.setattr(abstraction, "ladder", called)
    return called


def test_ladder_writes_a_folder_and_prints_what_is_in_it(
    drawn_ladder: Called, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["ladder", "disc.png", "-n", "4,8,2,4", "--seed", "3"]) == 0
    out, err = capfd.readouterr()
    names = ["disc-8.svg", "disc-4.svg", "disc-2.svg", "disc-ladder.svg", "disc-ladder.png"]
    assert out.splitlines() == [str(Path("disc-ladder") / name) for name in names]
    assert err == ""
    assert files() == {"disc.png", "disc-ladder"}
    assert files("disc-ladder") == set(names)
    assert len(from_svg(Path("disc-ladder/disc-4.svg").read_text())) == 4
    photo, counts, settings = drawn_ladder.arguments
    assert (photo.name, counts, settings) == ("disc.png", (8, 4, 2), Settings(seed=3))
    assert drawn_ladder.named["independent"] is False
    assert drawn_ladder.stopped == [False]


def test_ladder_into_a_folder_that_is_there(drawn_ladder: Called, capfd: pytest.CaptureFixture[str]) -> None:
    Path("rungs").mkdir()
    Path("rungs/disc-4.svg").write_text("old")
    Path("rungs/mine.txt").write_text("precious")
    assert cli.main(["ladder", "disc.png", "-n", "4", "-o", "rungs", "--force", "--independent", "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")
    assert len(from_svg(Path("rungs/disc-4.svg").read_text())) == 4
    assert Path("rungs/mine.txt").read_text() == "precious"
    assert drawn_ladder.named["independent"] is True


def test_ctrl_c_keeps_the_ladder_as_it_is(drawn_ladder: Called, capfd: pytest.CaptureFixture[str]) -> None:
    drawn_ladder.interrupt = True
    assert cli.main(["ladder", "disc.png", "-n", "4"]) == 130
    out, err = capfd.readouterr()
    assert drawn_ladder.stopped == [False, True]
    assert len(out.splitlines()) == len(files("disc-ladder")) == 3
    assert err == "strokewise: stopped before all was optimised; the drawings as they were are in disc-ladder\n"


@pytest.mark.slow
def test_a_ladder_from_photo_to_sheet(capfd: pytest.CaptureFixture[str]) -> None:
    # The library's own names of the files are those that the command line refuses to overwrite.
    command = ["ladder", str(EXAMPLES / "coffee.jpg"), "-n", "6,3", "-o", "rungs", *QUICK]
    assert cli.main(command) == 0
    out = capfd.readouterr().out.splitlines()
    assert sorted(out) == sorted(str(path) for path in Path("rungs").iterdir())
    for count in (6, 3):
        drawn = from_svg(Path(f"rungs/coffee-{count}.svg").read_text())
        assert (len(drawn), drawn.canvas) == (count, (600, 400))
    Path("rungs/coffee-6.svg").unlink()
    Path("rungs/coffee-ladder.svg").unlink()
    assert cli.main(command) == 2
    assert "coffee-3.svg exists already" in capfd.readouterr().err


# fewest


def found(reached: bool = True, count: int = 6) -> Fewest:
    curve = ((32, 0.95), (16, 0.9), (8, 0.875), (6, 0.81), (5, 0.3))
    return Fewest(sketch(count), "cat", 0.8 if reached else 0.99, curve, reached, "ink-judge")


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch, asked: list[dict[str, str]]) -> Called:
    called = Called(lambda *arguments, **named: found(), STEP)
    monkeypatch.setattr(abstraction, "fewest", called)
    return called


def test_fewest_saves_the_winner_and_shows_the_curve(
    search: Called, asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["fewest", "disc.png", "--png"]) == 0
    out, err = capfd.readouterr()
    assert out.splitlines() == ["disc.svg", "disc-preview.png"]
    assert len(from_svg(Path("disc.svg").read_text())) == 6
    head, *rows = err.splitlines()
    assert head == "how sure ink-judge is of cat"
    assert [row.split()[0] for row in rows] == ["32", "16", "8", "6", "5"]
    assert [row.count("#") for row in rows] == [28, 27, 26, 24, 9]
    assert [row for row in rows if "kept" in row] == [f"   6 {'#' * 24:<30}  81%  <- kept"]
    assert asked == [{"name": "auto", "drawn_with": "embedded"}]
    assert isinstance(search.named["recognizer"], InkJudge)
    chosen = {name: search.named[name] for name in ("label", "labels", "confidence", "most")}
    assert chosen == {"label": None, "labels": None, "confidence": 0.8, "most": 32}


def test_fewest_hands_on_what_it_is_given(
    search: Called, asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    options = ["--label", "dog", "--labels", "cat,dog", "--confidence", "0.5", "--most", "12", "--recognizer", "mine"]
    assert cli.main(["fewest", "disc.png", "-o", "few.png", *options, "--steps", "9", "--quiet"]) == 0
    assert capfd.readouterr() == ("", "")
    assert files() == {"disc.png", "few.png"}
    assert asked[0]["name"] == "mine"
    chosen = {name: search.named[name] for name in ("label", "labels", "confidence", "most")}
    assert chosen == {"label": "dog", "labels": ("cat", "dog"), "confidence": 0.5, "most": 12}
    assert search.arguments[1] == Settings(steps=9)


@pytest.mark.parametrize("command", [["fewest", "disc.png", "--quiet"], ["draw", "disc.png", "-n", "auto"]])
def test_nothing_recognised_is_a_warning(command: list[str], search: Called, capfd: pytest.CaptureFixture[str]) -> None:
    search.answer = lambda *arguments, **named: found(reached=False, count=32)
    assert cli.main(command) == 0
    assert capfd.readouterr().err == (
        "strokewise: warning: ink-judge took no drawing for cat with 99% confidence; "
        "kept the nearest, 32 strokes with 95%\n"
    )
    assert len(from_svg(Path("disc.svg").read_text())) == 32


@pytest.mark.parametrize("command", [["fewest", "disc.png", "--quiet"], ["draw", "disc.png", "-n", "auto"]])
def test_ctrl_c_keeps_the_best_found(command: list[str], search: Called, capfd: pytest.CaptureFixture[str]) -> None:
    search.interrupt = True
    assert cli.main(command) == 130
    assert search.stopped == [False, True]
    assert capfd.readouterr().err == "strokewise: stopped; the best drawing so far is in disc.svg\n"
    assert len(from_svg(Path("disc.svg").read_text())) == 6


def test_draw_auto_is_fewest_by_the_rules_of_draw(
    search: Called, asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["draw", "disc.png", "-n", "auto", "-o", "few.svg", "--png", "--steps", "5", "--seed", "2"]) == 0
    assert capfd.readouterr() == ("few.svg\nfew-preview.png\n", "")
    assert asked == [{"name": "auto", "drawn_with": "embedded"}]
    assert search.arguments[1] == Settings(steps=5, seed=2)
    assert not {"label", "labels", "confidence", "most"} & set(search.named)


@pytest.mark.slow
def test_a_search_from_photo_to_winner(asked: list[dict[str, str]], capfd: pytest.CaptureFixture[str]) -> None:
    photo = str(EXAMPLES / "coffee.jpg")
    assert (
        cli.main(["fewest", photo, "-o", "cup.svg", "--label", "cat", "--confidence", "0.4", "--most", "3", *QUICK])
        == 0
    )
    out, err = capfd.readouterr()
    assert out == "cup.svg\n"
    assert len(from_svg(Path("cup.svg").read_text())) == 1  # the judge is at least half sure, whatever it sees
    assert [line.split()[0] for line in err.splitlines()[1:]] == ["3", "2", "1"]
    assert err.splitlines()[-1].endswith("<- kept")


# recognize


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
    assert err == ("strokewise: --labels must be given, since ink-judge knows no list: --labels cat,dog,horse\n")


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
    folder, output, counts, settings = evaluating.arguments
    assert (folder, output, settings) == (Path("photos"), Path("photos-evaluation"), Settings())
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
