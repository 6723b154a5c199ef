from __future__ import annotations

import dataclasses
import inspect
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from cli_stubs import STEP
from PIL import Image

from strokewise import Settings, SettingsError, Sketch, __version__, cli, continuing, drawing, from_svg
from strokewise.cli.options import MOST_PIXELS, SETTINGS_HELP
from strokewise.cli.report import report_drawing
from strokewise.cli.terminal import Watch
from strokewise.encoders import registry
from strokewise.optimize.candidates import Progress
from strokewise.photo.opening import MAX_PIXELS

QUICK = ["--steps", "2", "--candidates", "1", "--size", "64", "-n", "4", "--subject", "keep"]
COMMAND = [sys.executable, "-m", "strokewise"]


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disc_image: Callable[..., Image.Image]) -> Path:
    """A folder with one photo to work in."""
    monkeypatch.chdir(tmp_path)
    disc_image().save("disc.png")
    return tmp_path


def files() -> set[str]:
    return {path.name for path in Path().iterdir()}


def test_help(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--help"]) == 0
    overview = capfd.readouterr().out
    assert cli.main([]) == 0
    assert capfd.readouterr().out == overview
    for name in (
        "draw",
        "batch",
        "export",
        "ladder",
        "fewest",
        "recognize",
        "evaluate",
        "studio",
        "models",
    ):
        assert f"\n  {name} " in overview
    assert "--version" in overview
    assert cli.main(["draw", "--help"]) == 0
    assert "--placement" in capfd.readouterr().out


def test_version(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capfd.readouterr().out == f"strokewise {__version__}\n"


@pytest.mark.parametrize("name", ["draw", "ladder", "fewest", "evaluate"])
def test_every_setting_is_an_option_with_its_default(name: str) -> None:
    parameters = inspect.signature(drawing_command(name)).parameters
    for field in dataclasses.fields(Settings):
        if field.name != "strokes":
            assert parameters[field.name].default == field.default
    if name == "draw":
        assert parameters["strokes"].default is None
        (option,) = parameters["strokes"].annotation.__metadata__
        assert f" {Settings().strokes} by default" in option.help


@pytest.mark.parametrize("name", ["draw", "ladder", "fewest", "evaluate"])
def test_help_tells_the_true_bounds(name: str) -> None:
    annotations = inspect.get_annotations(drawing_command(name), eval_str=True)
    for option_name in ("strokes", "seed", "candidates", "steps", "size", "width"):
        if (name, option_name) == ("fewest", "strokes"):
            continue
        with pytest.raises(SettingsError) as refusal:
            Settings(**{option_name: -1})
        bounds = str(refusal.value).split(" from ")[1].split(",")[0]
        (option,) = annotations[option_name].__metadata__
        assert bounds in option.help
    (option,) = annotations["max_pixels"].__metadata__
    assert f"{MAX_PIXELS / 1e6:g} by default" in option.help
    assert f"0 to {MOST_PIXELS:g}" in option.help


def drawing_command(name: str) -> Callable[..., None]:
    """The function behind a command that draws."""
    command = getattr(getattr(cli, name), name)
    assert callable(command)
    return command


def test_every_command_takes_the_settings_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[Settings] = []

    def draw(photo: object, settings: Settings, **named: object) -> Sketch:
        taken.append(settings)
        raise SettingsError("enough")

    monkeypatch.setattr(drawing, "draw", draw)
    other = {
        "seed": 7,
        "candidates": 2,
        "steps": 5,
        "encoder": "embedded",
        "placement": "saliency",
        "schedule": "swift",
        "subject": "keep",
        "subject_model": "isnet-anime",
        "width": 3.0,
        "size": 128,
        "device": "cpu",
        "optimize": "width",
        "tone": "cross",
        "tone_lines": 60,
        "tone_steps": 3,
        "text": "an angry cat",
        "text_weight": 0.5,
        "not_text": "letters",
    }
    assert {*other, "one_line", "draft"} == set(SETTINGS_HELP)
    typed = [f"--{name.replace('_', '-')}={value}" for name, value in other.items()]
    assert cli.main(["draw", "disc.png", "-n", "9", *typed]) == 2
    # Not with the others, some of which do not go with it.
    assert cli.main(["draw", "disc.png", "-n", "9", "--one-line"]) == 2
    assert cli.main(["draw", "disc.png", "-n", "9", "--draft"]) == 2
    alone = [Settings(strokes=9, one_line=True), Settings(strokes=9, draft=True)]
    assert taken == [Settings(strokes=9, **other), *alone]  # type: ignore[arg-type]


def test_a_width_is_automatic_or_a_number(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    taken: list[object] = []

    def draw(photo: object, settings: Settings, **named: object) -> Sketch:
        taken.append(settings.width)
        raise SettingsError("enough")

    monkeypatch.setattr(drawing, "draw", draw)
    for given in ([], ["--width", "auto"], ["--width", " Auto"], ["--width", "2"]):
        assert cli.main(["draw", "disc.png", *given]) == 2
    assert taken == ["auto", "auto", "auto", 2.0]
    capfd.readouterr()
    for command in (["draw", "disc.png"], ["ladder", "disc.png"], ["imagine", "cat"], ["scene", "disc.png"]):
        assert cli.main([*command, "--width", "bold"]) == 2
        assert capfd.readouterr().err == "strokewise: --width must be auto or a number, not 'bold'\n"


def test_an_encoder_of_ones_own(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(registry, "_LOADERS", dict(registry._LOADERS))
    Path("own_encoder.py").write_text(
        "import strokewise, torch\n"
        "@strokewise.register('own')\n"
        "class Own:\n"
        "    name, input_size, map_weights, semantic_weight = 'own', 32, (1.0,), 0.0\n"
        "    def features(self, images):\n"
        "        return strokewise.Features((images,), images.mean((2, 3)))\n"
        "    def saliency(self, images):\n"
        "        return torch.ones(len(images), *images.shape[2:])\n"
    )
    assert cli.main(["draw", "disc.png", *QUICK, "--encoder", "own"]) == 2
    assert "unknown encoder own" in capfd.readouterr().err
    assert cli.main(["draw", "disc.png", *QUICK, "--encoder", "own", "--import", "own_encoder"]) == 0
    assert from_svg(Path("disc.svg").read_text()).metadata["encoder"] == "own"
    Path("torn_encoder.py").write_text("torn = 1 / 0")
    assert cli.main(["draw", "disc.png", "--import", "torn_encoder"]) == 2
    printed = capfd.readouterr().err
    assert (
        "torn_encoder cannot be imported (ZeroDivisionError: division by zero)" in printed
        and "Traceback" not in printed
    )


@pytest.mark.parametrize(
    "name",
    ["", "draw", "batch", "export", "ladder", "fewest", "recognize", "evaluate", "studio", "models", "models fetch"],
)
def test_nothing_heavy_is_imported_for_help(name: str) -> None:
    heavy = ("torch", "numpy", "scipy", "PIL", "rich", "numba", "safetensors", "tokenizers")
    code = (
        f"import sys; from strokewise.cli import main; main([*{name.split()!r}, '--help']);"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.stderr == "[]\n"
    assert f"Usage: strokewise {name}".rstrip() in run.stdout


def test_draws_beside_the_user_and_says_where(capfd: pytest.CaptureFixture[str]) -> None:
    Path("photos").mkdir()
    Path("disc.png").rename("photos/disc.png")
    assert cli.main(["draw", "photos/disc.png", *QUICK]) == 0
    out, err = capfd.readouterr()
    assert out == "disc.svg\n"
    assert err == ""  # silent, because it is no terminal
    assert files() == {"photos", "disc.svg"}
    sketch = from_svg(Path("disc.svg").read_text())
    assert sketch.canvas == (160, 120)
    assert len(sketch) == 4
    assert sketch.metadata["settings"]["steps"] == 2


def test_seconds_are_those_of_films() -> None:
    films = ["-o", "a.gif", "--timelapse", "b.gif"]
    assert cli.main(["draw", "disc.png", *films, "--seconds", "0.5", "--quiet", *QUICK]) == 0
    for name in ("a.gif", "b.gif"):
        with Image.open(name) as film:
            durations = []
            for number in range(film.n_frames):
                film.seek(number)
                durations.append(film.info["duration"])
            assert 1400 <= sum(durations) <= 1600  # the last picture stays for a second


def test_png_preview_lies_beside_the_svg(capfd: pytest.CaptureFixture[str]) -> None:
    before = Path("disc.png").read_bytes()
    assert cli.main(["draw", "disc.png", "--png", *QUICK]) == 0
    assert capfd.readouterr().out.splitlines() == ["disc.svg", "disc-preview.png"]
    assert Path("disc.png").read_bytes() == before
    with Image.open("disc-preview.png") as preview:
        assert preview.width / preview.height == pytest.approx(160 / 120, rel=0.01)
        assert preview.convert("L").getextrema()[0] < 100


def test_png_as_the_output_itself(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["draw", "disc.png", "-o", "drawing.png", "--png", *QUICK]) == 0
    assert capfd.readouterr().out == "drawing.png\n"
    assert files() == {"disc.png", "drawing.png"}


def test_force_replaces_and_quiet_says_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    Path("disc.svg").write_text("old")
    assert cli.main(["draw", "disc.png", "--force", "--quiet", *QUICK]) == 0
    assert capfd.readouterr() == ("", "")
    assert from_svg(Path("disc.svg").read_text()).canvas == (160, 120)


@pytest.mark.skipif(sys.platform != "linux", reason="not every file system takes such names")
def test_path_is_printed_byte_for_byte(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    name = os.fsdecode(b"caf\xe9.svg")
    assert cli.main(["draw", "disc.png", "-o", name, *QUICK]) == 0
    assert capfdbinary.readouterr().out == b"caf\xe9.svg\n"


def stand_in(result: dict[str, Any] | Exception) -> Callable[..., Sketch]:
    """A `draw` that returns a line with this metadata, or fails."""

    def draw(*arguments: Any, **named: Any) -> Sketch:
        if isinstance(result, Exception):
            raise result
        losses = {"semantic": 1.0, "geometric": 1.0, "total": 1.1}
        known = {"losses": losses, "placement_losses": losses, "steps": 3, "stopped": "steps", **result}
        return Sketch.of((160, 120), np.zeros((1, 4, 2)), metadata=known)

    return draw


def test_a_run_that_diverged_is_saved_with_a_warning(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(drawing, "draw", stand_in({"stopped": "diverged"}))
    assert cli.main(["draw", "disc.png"]) == 0
    out, err = capfd.readouterr()
    assert out == "disc.svg\n"
    assert err.startswith("strokewise: warning: ")
    assert len(err.splitlines()) == 1


def test_carries_on_with_a_sketch_and_draws_in_stages(capfd: pytest.CaptureFixture[str]) -> None:
    few = [*QUICK[: QUICK.index("-n")], "--subject", "keep"]
    assert cli.main(["draw", "disc.png", "--stage", "1,2", *few, "-o", "three.svg"]) == 0
    three = from_svg(Path("three.svg").read_text())
    assert three.metadata["stages"] == [1, 2]
    assert (
        cli.main(["draw", "disc.png", "--from", "three.svg", "--keep", "0,2", "-n", "5", *few, "-o", "five.svg"]) == 0
    )
    five = from_svg(Path("five.svg").read_text())
    assert len(five) == 5 and five.locked.tolist() == [True, False, True, False, False]
    assert np.array_equal(five.points[[0, 2]], three.points[[0, 2]])
    assert cli.main(["draw", "disc.png", "--from", "five.svg", *few, "-o", "again.svg"]) == 0
    again = from_svg(Path("again.svg").read_text())
    assert len(again) == 5 and again.locked.tolist() == five.locked.tolist()
    assert capfd.readouterr() == ("three.svg\nfive.svg\nagain.svg\n", "")


def test_carries_on_with_lines_traced_over_the_photo(capfd: pytest.CaptureFixture[str]) -> None:
    few = [*QUICK[: QUICK.index("-n")], "--subject", "keep"]
    Path("traced.svg").write_text(
        '<!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96"><g><image href="disc.png"/></g>'
        '<g fill="none" stroke="#000" transform="translate(8 8)"><circle cx="40" cy="40" r="30"/><path d="M30 30h20"/>'
        "</g></svg>"
    )
    assert cli.main(["draw", "disc.png", "--from", "traced.svg", *few, "-o", "a.svg"]) == 0
    said = capfd.readouterr().err
    assert (
        said
        == "strokewise: warning: traced.svg: 1 picture in the SVG left out, and not opened: only strokes are read\n"
    )
    assert len(from_svg(Path("a.svg").read_text())) == 2
    assert cli.main(["draw", "disc.png", "--from", "traced.svg", *few, "-o", "b.svg", "--quiet"]) == 0
    assert capfd.readouterr().err == ""


@pytest.mark.usefixtures("hears_ctrl_c")
def test_the_stage_that_was_interrupted_is_named(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def stop(*arguments: object, callback: Callable[[Progress], bool], **named: object) -> Sketch:
        callback(STEP)
        signal.raise_signal(signal.SIGINT)
        assert callback(STEP)
        return stand_in({"stopped": "asked", "stages": [8, 8], "steps": 5})()

    monkeypatch.setattr(continuing, "draw_in_stages", stop)
    assert cli.main(["draw", "disc.png", "--stage", "8,8,16"]) == 130
    said = capfd.readouterr().err
    where = f"step 5 of {Settings().steps} in stage 2 of 3"
    assert said == f"strokewise: stopped at {where}; the best drawing so far is in disc.svg\n"


def test_the_steps_are_those_of_the_last_stage() -> None:
    said: list[str] = []
    watching = SimpleNamespace(notice=said.append)
    report_drawing(stand_in({"stages": [8, 8]})(), cast("Watch", watching))
    report_drawing(stand_in({})(), cast("Watch", watching))
    assert said == [f"1 stroke, loss 1.100 -> 1.100, took 3 steps{last}" for last in (" in the last stage", "")]


def test_one_line_is_one_path(capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["draw", "disc.png", "--one-line", *QUICK]) == 0
    assert Path("disc.svg").read_text().count("<path") == 1
    assert from_svg(Path("disc.svg").read_text()).points.shape == (1, 13, 2)


@pytest.mark.parametrize(
    "error, code, part",
    [
        (ValueError("shapes\ndiffer"), 1, "this is a bug, please report it: ValueError: shapes"),
        (MemoryError(), 2, "not enough memory; try a smaller --size"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), 2, "not enough memory"),
    ],
    ids=["bug", "memory", "memory by torch"],
)
def test_failures_are_one_line(
    error: Exception, code: int, part: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STROKEWISE_DEBUG", raising=False)
    monkeypatch.setattr(drawing, "draw", stand_in(error))
    assert cli.main(["draw", "disc.png"]) == code
    out, err = capfd.readouterr()
    assert out == ""
    assert part in err
    assert len(err.splitlines()) == 1
    assert files() == {"disc.png"}


def test_debug_shows_where_a_bug_is(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("STROKEWISE_DEBUG", "1")
    monkeypatch.setattr(drawing, "draw", stand_in(ValueError("shapes differ")))
    assert cli.main(["draw", "disc.png"]) == 1
    assert "Traceback" in capfd.readouterr().err
