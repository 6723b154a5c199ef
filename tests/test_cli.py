from __future__ import annotations

import contextlib
import dataclasses
import inspect
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PIL import Image

from strokewise import Settings, SettingsError, Sketch, __version__, cli, drawing, from_svg
from strokewise.cli.options import MOST_PIXELS, SETTINGS_HELP
from strokewise.cli.terminal import watch
from strokewise.ink import Ink
from strokewise.photo import MAX_PIXELS
from strokewise.race import Progress

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
        assert f" {Settings().strokes} unless given" in option.help


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
    assert f"{MAX_PIXELS / 1e6:g} unless given" in option.help
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
        "width": 3.0,
        "size": 128,
        "device": "cpu",
        "optimize": "width",
    }
    assert {*other, "one_line"} == set(SETTINGS_HELP)
    typed = [f"--{name}={value}" for name, value in other.items()]
    assert cli.main(["draw", "disc.png", "-n", "9", *typed]) == 2
    # Not with the others, some of which do not go with it.
    assert cli.main(["draw", "disc.png", "-n", "9", "--one-line"]) == 2
    assert taken == [Settings(strokes=9, **other), Settings(strokes=9, one_line=True)]  # type: ignore[arg-type]


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


def test_reader_that_goes_away() -> None:
    run = subprocess.Popen([*COMMAND, "draw", "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert run.stdout is not None
    run.stdout.close()
    assert run.stderr is not None
    with run.stderr:
        assert run.stderr.read() == b""
    assert run.wait(60) == 0


def progress(step: int) -> Progress:
    return Progress(0, step, 10, 1.0, 1.1, np.zeros((4, 4, 2)), 1, Ink.pen(4, 1.5))


def test_one_ctrl_c_asks_for_the_best_so_far_and_two_stop() -> None:
    before = signal.getsignal(signal.SIGINT)
    with watch(quiet=True) as watching:
        assert watching.step(progress(0)) is False
        signal.raise_signal(signal.SIGINT)
        assert watching.step(progress(1)) is True
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_drawing_outside_the_main_thread() -> None:
    answers: list[bool] = []

    def work() -> None:
        with watch(quiet=True) as watching:
            answers.append(watching.step(progress(0)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert answers == [False]


class Terminal:
    """A process whose stderr is a terminal, read as it writes."""

    def __init__(self, arguments: list[str]) -> None:
        import pty

        self.screen = ""
        self._changed = threading.Condition()
        reader, writer = pty.openpty()
        # A child inherits that Ctrl-C is ignored, as it is where tests run in the background: not this one.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            self.process = subprocess.Popen(
                arguments, stdout=subprocess.PIPE, stderr=writer, text=True, env={**os.environ, "TERM": "xterm"}
            )
        finally:
            signal.signal(signal.SIGINT, before)
        os.close(writer)
        self._thread = threading.Thread(target=self._read, args=(reader,))
        self._thread.start()

    def _read(self, reader: int) -> None:
        # Reading fails, or gives nothing, when the other side is closed; which of them depends on the system.
        with contextlib.suppress(OSError):
            while data := os.read(reader, 4096):
                with self._changed:
                    self.screen += data.decode(errors="replace")
                    self._changed.notify_all()
        os.close(reader)

    def wait_for(self, text: str) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: text in self.screen, timeout=120), self.screen

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)

    def end(self) -> SimpleNamespace:
        out, _ = self.process.communicate(timeout=120)
        self._thread.join()
        return SimpleNamespace(code=self.process.returncode, out=out, screen=self.screen)

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.end()


@pytest.fixture
def terminal() -> Iterator[Callable[[list[str]], Terminal]]:
    """Starts the command in a terminal."""
    pytest.importorskip("pty")
    started: list[Terminal] = []

    def start(arguments: list[str]) -> Terminal:
        started.append(Terminal([*COMMAND, *arguments]))
        return started[-1]

    yield start
    for one in started:
        one.kill()


LONG = ["draw", "disc.png", "--subject", "keep", "--steps", "100000", "--candidates", "8", "--png"]


@pytest.mark.slow
def test_a_terminal_shows_how_it_comes_along(terminal: Callable[[list[str]], Terminal]) -> None:
    ended = terminal(["draw", "disc.png", *QUICK]).end()
    assert ended.code == 0
    assert ended.out == "disc.svg\n"
    for part in ("background kept", "encoder: embedded", "4 strokes", "loss"):
        assert part in ended.screen
    assert ended.screen.rindex("\x1b[?25h") > ended.screen.rindex("\x1b[?25l")  # the cursor is back


@pytest.mark.slow
def test_quiet_in_a_terminal(terminal: Callable[[list[str]], Terminal]) -> None:
    ended = terminal(["draw", "disc.png", "--quiet", *QUICK]).end()
    assert (ended.code, ended.out, ended.screen) == (0, "", "")


@pytest.mark.slow
def test_ctrl_c_before_the_first_step(terminal: Callable[[list[str]], Terminal]) -> None:
    run = terminal(LONG)
    run.wait_for("\x1b[?25l")  # the bar is there, the drawing has not begun
    run.interrupt()
    ended = run.end()
    assert ended.code == 130
    assert ended.out == ""
    assert "strokewise: stopped before the first step; nothing was written" in ended.screen
    assert ended.screen.rindex("\x1b[?25h") > ended.screen.rindex("\x1b[?25l")
    assert files() == {"disc.png"}


@pytest.mark.slow
def test_ctrl_c_once_saves_the_best_so_far(terminal: Callable[[list[str]], Terminal]) -> None:
    run = terminal(LONG)
    run.wait_for("loss ")
    run.interrupt()
    ended = run.end()
    assert ended.code == 130
    assert ended.out.splitlines() == ["disc.svg", "disc-preview.png"]
    assert "the best drawing so far is in disc.svg" in ended.screen
    assert files() == {"disc.png", "disc.svg", "disc-preview.png"}
    assert from_svg(Path("disc.svg").read_text()).metadata["stopped"] == "asked"


@pytest.mark.slow
def test_ctrl_c_twice_stops_at_once(terminal: Callable[[list[str]], Terminal]) -> None:
    run = terminal([*LONG, "--size", "512", "--candidates", "40"])  # with slow steps, so that the second comes in time
    run.wait_for("loss ")
    run.interrupt()
    time.sleep(0.3)
    while run.process.poll() is None:
        run.interrupt()
        time.sleep(0.1)
    ended = run.end()
    assert ended.code == 130
    assert ended.out == ""
    assert "strokewise: stopped" in ended.screen
    assert files() == {"disc.png"}
