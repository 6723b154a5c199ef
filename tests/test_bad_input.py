"""What a person can get wrong, one row each: exit code 2, one line that names it and the mend, nothing written."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from strokewise.cli import main


def png(width: int, height: int, grey: int = 255) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height), grey).save(buffer, "PNG")
    return buffer.getvalue()


def jpeg() -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG")
    return buffer.getvalue()


def make_folder(path: Path) -> None:
    path.mkdir()


PHOTOS: dict[str, tuple[str, bytes | Callable[[Path], None] | None, list[str], str]] = {
    # file name, what is in it, further arguments, what the message says
    "missing file": ("horse.jpg", None, [], "horse.jpg"),
    "folder": ("holiday", make_folder, [], "folder"),
    "empty file": ("empty.jpg", b"", [], "empty.jpg"),
    "text named .jpg": ("notes.jpg", b"milk, eggs, bread\n" * 40, [], "not a picture"),
    "truncated JPEG": ("cut.jpg", jpeg()[: len(jpeg()) // 2], [], "cut.jpg is damaged or cut short"),
    "decompression bomb": ("bomb.png", png(20_000, 20_000), [], "--max-pixels"),
    "bomb by own bound": ("bomb.png", png(400, 400), ["--max-pixels", "0.1"], "0.1 million pixels"),
    "one pixel": ("dot.png", png(1, 1), [], "dot.png is 1 x 1 px"),
    "narrow": ("strip.png", png(3, 2000), [], "strip.png is 3 x 2000 px"),
    "all white": ("white.png", png(300, 200), [], "nothing to draw in white.png"),
    "a name with a line break": ("a\nb.jpg", None, [], "b.jpg"),
    "a name with an escape sequence": ("\x1b[31mred.jpg", None, [], "\\x1b[31mred.jpg"),
}

OPTIONS: dict[str, tuple[list[str], str]] = {
    "no strokes": (["--strokes", "0"], "--strokes must be a whole number from 1 to 256, not 0"),
    "too many strokes": (["-n", "10000"], "--strokes must be a whole number from 1 to 256"),
    "strokes in words": (["-n", "many"], "--strokes"),
    "strokes without a number": (["-n"], "-n"),
    "a negative seed": (["--seed", "-1"], "--seed must be"),
    "no candidates": (["--candidates", "0"], "--candidates must be"),
    "negative steps": (["--steps", "-5"], "--steps must be"),
    "no width": (["--width", "0"], "--width must be"),
    "width is not a number": (["--width", "nan"], "--width must be"),
    "tiny canvas": (["--size", "2"], "--size must be"),
    "unknown encoder": (["--encoder", "telescope"], "unknown encoder telescope; known are auto, "),
    "unknown placement": (["--placement", "everywhere"], "--placement must be one of contour, saliency"),
    "unknown subject": (["--subject", "maybe"], "--subject must be one of auto, keep, remove"),
    "unknown device": (["--device", "abacus"], "--device must be one of auto, cpu, cuda, mps"),
    "no pixels allowed": (["--max-pixels", "0"], "--max-pixels must be"),
    "endless pixels": (["--max-pixels", "inf"], "--max-pixels must be"),
    "unknown option": (["--bold"], "--bold"),
    "unknown ending": (["-o", "drawing.docx"], "use .svg or .png"),
    "no ending": (["-o", "drawing"], "no ending"),
    "missing output folder": (["-o", "nowhere/drawing.svg"], "nowhere does not exist"),
    "a file as output folder": (["-o", "photo.png/drawing.svg"], "photo.png"),
    "a folder as output": (["-o", "folder.svg"], "folder.svg is a folder"),
    "existing output": (["-o", "there.svg"], "--force"),
    "existing preview": (["-o", "seen.svg", "--png"], "seen-preview.png exists already"),
    "the photo as output": (["-o", "photo.png", "--force"], "photo.png is the photo itself"),
}


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def assert_refused(arguments: list[str], part: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The command ends with 2 and one line, and leaves every file as it was."""
    before = contents()
    code = main(arguments)
    out, err = capfd.readouterr()
    assert code == 2
    assert out == ""
    assert part in err
    assert len(err.splitlines()) == 1
    assert err.startswith("strokewise: ")
    assert err.endswith("\n")
    assert "Traceback" not in err
    assert contents() == before


def contents() -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in Path().rglob("*")}


@pytest.mark.parametrize("case", PHOTOS)
def test_bad_photo(case: str, capfd: pytest.CaptureFixture[str]) -> None:
    name, content, arguments, part = PHOTOS[case]
    if isinstance(content, bytes):
        Path(name).write_bytes(content)
    elif content is not None:
        content(Path(name))
    assert_refused(["draw", name, *arguments], part, capfd)


@pytest.mark.parametrize("case", OPTIONS)
def test_bad_option(case: str, capfd: pytest.CaptureFixture[str]) -> None:
    arguments, part = OPTIONS[case]
    Path("photo.png").write_bytes(png(64, 64))
    Path("there.svg").write_text("precious")
    Path("seen-preview.png").write_text("precious")
    Path("folder.svg").mkdir()
    assert_refused(["draw", "photo.png", *arguments], part, capfd)


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA here")
def test_device_that_is_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    Path("photo.png").write_bytes(png(64, 64))
    assert_refused(["draw", "photo.png", "--device", "cuda"], "--device cuda is not available here", capfd)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_may_not_be_written(capfd: pytest.CaptureFixture[str]) -> None:
    Path("photo.png").write_bytes(png(64, 64))
    Path("locked").mkdir(mode=0o500)
    assert_refused(["draw", "photo.png", "-o", "locked/drawing.svg"], "locked", capfd)


def test_the_photo_by_another_name(capfd: pytest.CaptureFixture[str]) -> None:
    Path("photo.png").write_bytes(png(64, 64))
    try:
        os.link("photo.png", "same.png")
    except OSError:
        pytest.skip("no hard links here")
    assert_refused(["draw", "photo.png", "-o", "same.png", "--force"], "same.png is the photo itself", capfd)


@pytest.mark.parametrize(
    "arguments, part",
    [(["draw"], "PHOTO"), (["sing", "photo.png"], "sing"), (["--loud"], "--loud")],
    ids=["no photo", "no such command", "no such option"],
)
def test_bad_command_line(arguments: list[str], part: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert_refused(arguments, part, capfd)


@pytest.mark.parametrize("arguments", [["missing.jpg"], ["dot.png"], ["dot.png", "-n", "0"]], ids=" ".join)
def test_the_same_from_outside(arguments: list[str]) -> None:
    Path("dot.png").write_bytes(png(1, 1))
    run = subprocess.run(
        [sys.executable, "-m", "strokewise", "draw", *arguments], capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 2
    assert run.stdout == ""
    assert len(run.stderr.splitlines()) == 1
    assert [path.name for path in Path().iterdir()] == ["dot.png"]
