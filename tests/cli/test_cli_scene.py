"""`scene`, `matrix` and `draw --subject scene`: what they hand to the library, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_stubs import QUICK, STEP, Called, files, sketch

from strokewise import cli, from_svg, scenes
from strokewise.scenes import Matrix

pytestmark = pytest.mark.usefixtures("photo_folder")


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Called:
    about = {"fidelity": 2, "simplicity": 3, "split": [5, 3], "subjects": [5]}
    called = Called(lambda *_, **__: sketch(8, scene=about), STEP)
    monkeypatch.setattr(scenes, "scene", called)
    return called


def test_scene_hands_on_what_was_asked(drawn: Called, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["-n", "40", "--fidelity", "2", "--simplicity", "3", "--split", "30,10", "--seed", "5"]
    assert cli.main(["scene", "disc.png", *options, "-o", "out.svg"]) == 0
    (photo, settings), more = drawn.arguments, drawn.named
    assert photo.name == "disc.png" and settings.strokes == 40 and settings.seed == 5 and settings.subject == "scene"
    assert (more["fidelity"], more["simplicity"], more["split"]) == (2, 3, (30, 10))
    assert capsys.readouterr() == ("out.svg\n", "")
    assert len(from_svg(Path("out.svg").read_text())) == 8


def test_scene_draws_64_strokes_faithfully_unless_told(drawn: Called) -> None:
    assert cli.main(["scene", "disc.png", "--quiet"]) == 0
    (_, settings), more = drawn.arguments, drawn.named
    assert settings.strokes == 64 and (more["fidelity"], more["simplicity"], more["split"]) == (1, 1, None)
    assert Path("disc.svg").is_file()


def test_draw_draws_scenes_too(drawn: Called) -> None:
    assert cli.main(["draw", "disc.png", "--subject", "scene", "-n", "8", "--quiet"]) == 0
    _, settings = drawn.arguments
    assert settings.strokes == 8 and settings.subject == "scene"


def test_matrix_writes_all_drawings_and_their_sheet(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from strokewise.photo.opening import open_photo

    cells = {(s, f): sketch(9 - s) for s in (1, 4) for f in (1, 4)}
    found = Matrix(open_photo("disc.png").info, cells)
    called = Called(lambda *_, **__: found, STEP)
    monkeypatch.setattr(scenes, "matrix", called)
    assert cli.main(["matrix", "disc.png", "--quick", "-n", "20"]) == 0
    (_, settings), more = called.arguments, called.named
    assert settings.strokes == 20 and more["quick"] is True and more["split"] is None
    ends = ["s1-f1.svg", "s1-f4.svg", "s4-f1.svg", "s4-f4.svg", "matrix.svg", "matrix.png"]
    assert capsys.readouterr().out.split() == [str(Path("disc-matrix") / f"disc-{end}") for end in ends]
    assert cli.main(["matrix", "disc.png", "--quick"]) == 2  # they are there already
    assert "exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["scene", "disc.png", "--fidelity", "5"], "--fidelity must be a whole number from 1 to 4, not 5"),
        (["scene", "disc.png", "--simplicity", "x"], "--simplicity must be a whole number from 1 to 4, not 'x'"),
        (["scene", "disc.png", "-n", "auto"], "auto is for drawings of one subject"),
        (["scene", "disc.png", "-n", "300"], "must be a whole number from 1 to 256"),
        (["scene", "disc.png", "--split", "4"], "--split must be two numbers of strokes"),
        (["scene", "disc.png", "--one-line"], "--one-line does not go with scenes"),
        (["matrix", "disc.png", "--draft"], "--draft does not go with scenes"),
        (["matrix", "disc.png", "-o", "disc.png"], "is not a folder"),
        (["ladder", "disc.png", "--subject", "scene"], "--subject is for single drawings of a whole scene"),
        (["draw", "disc.png", "--subject", "scene", "--draft"], "--draft does not go with scenes"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: list[str], said: str, photo_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = files(str(photo_folder))
    assert cli.main(arguments) == 2
    out, error = capsys.readouterr()
    assert said in error and out == "" and error.count("\n") == 1 and "Traceback" not in error
    assert files(str(photo_folder)) == before


@pytest.mark.slow
def test_a_scene_of_a_photo_is_written_whole(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scene", "disc.png", "-n", "10", *QUICK, "--timelapse", "film.gif"]) == 0
    assert capsys.readouterr().out.split() == ["disc.svg", "film.gif"]
    drawn = from_svg(Path("disc.svg").read_text())
    assert len(drawn) == 10 and sum(drawn.metadata["scene"]["split"]) == 10
