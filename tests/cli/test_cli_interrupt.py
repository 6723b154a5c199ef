"""Ctrl-C in commands that have no best drawing to save: one line, exit code 130, nothing half-written."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import typer
from PIL import Image

from strokewise import Sketch
from strokewise.cli.terminal import Watch, stoppable, watch
from strokewise.encoders import weights
from strokewise.export import save

PRESSED = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
from strokewise.__main__ import main
{setup}
main()
"""
WHILE_A_FILE_IS_WRITTEN = "os.fsync = lambda descriptor: signal.raise_signal(signal.SIGINT)"
WHILE_FFMPEG_RUNS = """
from strokewise.export.film import ffmpeg
ffmpeg._feed = lambda pipe, frames: signal.raise_signal(signal.SIGINT)
"""
WHILE_A_DRAWING_IS_READ = """
from strokewise.recognition import inputs
inputs.read_drawing = lambda path: signal.raise_signal(signal.SIGINT)
"""


@pytest.fixture(autouse=True)
def workplace(sketch: Sketch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one drawing, where temporary files go too."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    save(sketch, "cat.svg")
    return tmp_path


def press(setup: str, *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of a command in which Ctrl-C is pressed at a given point."""
    command = [sys.executable, "-c", PRESSED.format(setup=setup), *arguments]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    return run.returncode, run.stdout, run.stderr


@pytest.mark.parametrize("ending", ["svg", "png", "gif"])
def test_export_leaves_no_draft(ending: str) -> None:
    ended = press(WHILE_A_FILE_IS_WRITTEN, "export", "cat.svg", "-o", f"dog.{ending}", "--size", "64")
    assert ended == (130, "", "strokewise: stopped; nothing was written\n")
    assert os.listdir() == ["cat.svg"]


def test_export_of_a_film_leaves_no_folder() -> None:
    pytest.importorskip("imageio_ffmpeg")
    ended = press(WHILE_FFMPEG_RUNS, "export", "cat.svg", "-o", "dog.mp4", "--size", "64")
    assert ended == (130, "", "strokewise: stopped; nothing was written\n")
    assert os.listdir() == ["cat.svg"]


def test_recognize_stops() -> None:
    assert press(WHILE_A_DRAWING_IS_READ, "recognize", "cat.svg") == (130, "", "strokewise: stopped\n")


@pytest.mark.usefixtures("hears_ctrl_c")
def test_a_second_press_is_ignored_and_a_third_is_heard(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as ended, stoppable("stopped"):
        with contextlib.suppress(KeyboardInterrupt):  # as an import may do
            signal.raise_signal(signal.SIGINT)
            pytest.fail("the first press was not heard")
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("the third press was not heard")
    assert ended.value.exit_code == 130
    assert capfd.readouterr().err == "strokewise: stopped\n"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to one process")
def test_fetch_stops_and_goes_on(tmp_path: Path, hub_server: ModuleType, hears_ctrl_c: None) -> None:
    pytest.importorskip("huggingface_hub")
    folder = tmp_path / "mine"
    command = [sys.executable, "-m", "strokewise", "models", "fetch", "clip-rn101", "--folder", str(folder)]
    repository = weights.CATALOGUE["clip-rn101"].repository
    with hub_server.FakeHub() as hub:
        hub.add(repository, weights.FILE, hub_server.tiny_safetensors(100_000))
        hub.add(repository, weights.TOKENIZER, b"{}")
        hub.holds = 5000
        surroundings = {**os.environ, "HF_ENDPOINT": hub.url}
        surroundings.pop("STROKEWISE_OFFLINE", None)
        command += ["--revision", "main"]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings)
        assert hub.held.wait(60)
        run.send_signal(signal.SIGINT)
        out, err = run.communicate(timeout=60)
        assert (run.returncode, out) == (130, "")
        assert err.splitlines()[-1] == "strokewise: stopped; the same command goes on from there"
        assert "Traceback" not in err
        assert weights.find("clip-rn101", folder) is None
        hub.holds = None
        hub.release.set()
        again = subprocess.run(command, capture_output=True, text=True, env=surroundings, timeout=60)
        assert again.returncode == 0 and Path(again.stdout.strip()).is_file()


def test_where_ctrl_c_is_ignored_it_stays_so_and_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(Watch, "notice", lambda self, text: said.append(text))
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with watch(quiet=True) as watching:
            watching.listen()
            watching.listen()
            signal.raise_signal(signal.SIGINT)
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
            assert not watching.interrupted
    finally:
        signal.signal(signal.SIGINT, before)
    assert said == [f"Ctrl-C is ignored, as the shell that started this asked; to stop it: kill {os.getpid()}"]


@pytest.mark.parametrize("command", [["export", "cat.svg", "-o", "dog.png"], ["draw", "disc.png", "--steps", "1"]])
def test_where_ctrl_c_is_ignored_the_work_is_done(command: list[str], disc_image: Callable[..., Image.Image]) -> None:
    disc_image().save("disc.png")
    ignored = f"{WHILE_A_FILE_IS_WRITTEN}\nsignal.signal(signal.SIGINT, signal.SIG_IGN)"
    code, out, err = press(ignored, *command)
    assert (code, err) == (0, "")
    assert Path(out.strip()).is_file()
