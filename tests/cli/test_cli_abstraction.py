"""`ladder`, `fewest` and `draw -n auto`: what they hand to the library, and what they write of its answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_stubs import QUICK, STEP, Called, InkJudge, files, sketch, stand_in_judges

from strokewise import abstraction, cli, from_svg
from strokewise.abstraction import Fewest, Ladder
from strokewise.photo.frame import Frame
from strokewise.settings import Settings

EXAMPLES = Path(__file__).parents[2] / "examples"


pytestmark = pytest.mark.usefixtures("photo_folder")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """Every recogniser is an `InkJudge`; the list tells which ones were asked for."""
    return stand_in_judges(monkeypatch)


# ladder


@pytest.fixture
def drawn_ladder(monkeypatch: pytest.MonkeyPatch) -> Called:
    def answer(photo: Any, counts: tuple[int, ...], *arguments: Any, **named: Any) -> Ladder:
        square = np.ones((32, 32, 3), np.float32)
        return Ladder(photo, square, Frame(160, 0.0, 0.0, 160.0), tuple(sketch(n) for n in counts))

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


@pytest.mark.usefixtures("hears_ctrl_c")
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
    return Fewest(sketch(count), "cat", 0.8 if reached else 0.99, curve, reached, "ink-judge", 0.9)


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
        "strokewise: warning: ink-judge took no drawing for cat with 89% (99% of its 90% for the photo); "
        "kept the nearest, 32 strokes with 95%\n"
    )
    assert len(from_svg(Path("disc.svg").read_text())) == 32


@pytest.mark.parametrize("command", [["fewest", "disc.png", "--quiet"], ["draw", "disc.png", "-n", "auto"]])
@pytest.mark.usefixtures("hears_ctrl_c")
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
