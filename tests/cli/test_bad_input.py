"""What a person can get wrong with photos and with the options of `draw`, one row each: see `refusals`."""

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
from refusals import assert_refused, png


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
    "a seed in words": (["--seed", "abc"], "--seed must be a whole number, not 'abc'"),
    "a width in words": (["--width", "fat"], "--width must be auto or a number, not 'fat'"),
    "two photos": (["other.png"], "one at a time here; for many photos strokewise batch FOLDER -o OUT"),
    "no candidates": (["--candidates", "0"], "--candidates must be"),
    "negative steps": (["--steps", "-5"], "--steps must be"),
    "no width": (["--width", "0"], "--width must be"),
    "width is not a number": (["--width", "nan"], "--width must be"),
    "tiny canvas": (["--size", "2"], "--size must be"),
    "unknown encoder": (["--encoder", "telescope"], "unknown encoder telescope; known are auto, "),
    "unknown placement": (["--placement", "everywhere"], "--placement must be one of contour, saliency"),
    "unknown subject": (["--subject", "maybe"], "--subject must be one of auto, keep, remove, scene"),
    "unknown device": (["--device", "abacus"], "--device must be one of auto, cpu, cuda, mps"),
    "no pixels allowed": (["--max-pixels", "0"], "--max-pixels must be"),
    "endless pixels": (["--max-pixels", "inf"], "--max-pixels must be"),
    "unknown option": (["--bold"], "--bold"),
    "optimise what": (["--optimize", "width,mood"], "--optimize must be any of width, opacity, color"),
    "optimise as the paper does": (["--optimize", "color", "--schedule", "paper"], "--optimize works with"),
    "one line by saliency": (["--one-line", "--placement", "saliency"], "--one-line works with placement contour"),
    "one line as the paper does": (["--one-line", "--schedule", "paper"], "schedule swift"),
    "keep of nothing": (["--keep", "0"], "--keep is for continuing a sketch: name it with --from"),
    "add to nothing": (["--add", "4"], "--add is for continuing a sketch: name it with --from"),
    "carry on a missing file": (["--from", "gone.svg"], "gone.svg does not exist"),
    "carry on a folder": (["--from", "folder.svg"], "folder.svg"),
    "carry on the photo": (["--from", "photo.png"], "photo.png"),
    "carry on what is no SVG": (["--from", "there.svg"], "there.svg"),
    "keep a stroke too far": (["--from", "line.svg", "--keep", "0,2"], "--keep names stroke 2, but the sketch has"),
    "keep a range too far": (["--from", "line.svg", "--keep", "0-999999"], "--keep names stroke 999999"),
    "keep backwards": (["--from", "line.svg", "--keep", "1-0"], "runs backwards: write 0-1"),
    "keep in words": (["--from", "line.svg", "--keep", "all"], "--keep 'all' is no list of strokes: write 0,3-5"),
    "keep an empty one": (["--from", "line.svg", "--keep", "0,"], "--keep '0,' is no list"),
    "keep below 0": (["--from", "line.svg", "--keep=-1"], "--keep '-1' is no list"),
    "keep all and add none": (["--from", "line.svg", "--keep", "0-1"], "every stroke of the sketch is locked"),
    "add too many": (["--from", "line.svg", "--add", "255"], "a drawing can have 256 at most"),
    "add less than none": (["--from", "line.svg", "--add=-1"], "from 0 to 256, not -1"),
    "add in words": (["--from", "line.svg", "--add", "some"], "--add"),
    "fewer strokes than there are": (["--from", "line.svg", "-n", "1"], "--strokes 1 is less than the 2 of line.svg"),
    "sum and difference": (["--from", "line.svg", "-n", "4", "--add", "2"], "--add and --strokes do not go together"),
    "carry on to the fewest": (["--from", "line.svg", "-n", "auto"], "--strokes auto is for a fresh drawing"),
    "carry on in one line": (["--from", "line.svg", "--one-line"], "--one-line and --from do not go together"),
    "carry on as the paper does": (["--from", "line.svg", "--schedule", "paper"], "--schedule paper and --from do not"),
    "stages in one line": (["--stage", "4,4", "--one-line"], "--one-line and --stage do not go together"),
    "carry on in stages": (["--from", "line.svg", "--stage", "4,4"], "--stage and --from do not go together"),
    "stages and a sum": (["--stage", "4,4", "-n", "8"], "--stage and --strokes do not go together"),
    "stages in words": (["--stage", "few,many"], "--stage 'few,many' is no list of stroke counts: write 8,8,16"),
    "an empty stage": (["--stage", "4,,4"], "--stage '4,,4' is no list"),
    "a stage of none": (["--stage", "4,0"], "each at least 1"),
    "stages of too many": (["--stage", "200,100"], "stages add up to 300 strokes"),
    "unknown ending": (["-o", "drawing.docx"], "use .svg, .png, .pdf"),
    "no ending": (["-o", "drawing"], "drawing has no ending: add one of .svg, .png"),
    "this folder as output": (["-o", "."], ". is a folder: add a file name"),
    "a folder without a file": (["-o", "folder.svg/"], "folder.svg is a folder: add a file name"),
    "film and drawing in one": (["-o", "a.gif", "--timelapse", "./a.gif"], "a.gif is the drawing itself: choose"),
    "a film that stands still": (["--timelapse", "x.svg"], "a timelapse is a .gif, .webp or .mp4, not x.svg"),
    "a film of another kind": (["--timelapse", "t.avi"], "a timelapse is a .gif, .webp or .mp4, not t.avi"),
    "seconds of no film": (["--seconds", "3"], "--seconds is for films"),
    "no seconds": (["--seconds", "0", "-o", "x.gif"], "--seconds must be from 0.5 to 120, not 0"),
    "a module by its file": (["--import", "mine.py"], "mine.py is a file: write --import mine"),
    "missing output folder": (["-o", "nowhere/drawing.svg"], "nowhere does not exist"),
    "a file as output folder": (["-o", "photo.png/drawing.svg"], "photo.png"),
    "a folder as output": (["-o", "folder.svg"], "folder.svg is a folder"),
    "existing output": (["-o", "there.svg"], "--force"),
    "existing preview": (
        ["-o", "seen.svg", "--png"],
        "seen-preview.png exists already: choose another name, or replace it with --force",
    ),
    "the photo as output": (["-o", "photo.png", "--force"], "photo.png is the photo itself"),
}


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", ["draw", "ladder", "fewest"])
@pytest.mark.parametrize("case", PHOTOS)
def test_bad_photo(case: str, command: str, never_asked: None, capfd: pytest.CaptureFixture[str]) -> None:
    name, content, arguments, part = PHOTOS[case]
    if isinstance(content, bytes):
        Path(name).write_bytes(content)
    elif content is not None:
        content(Path(name))
    assert_refused([command, name, *arguments], part, capfd)


@pytest.mark.parametrize("case", OPTIONS)
def test_bad_option(case: str, capfd: pytest.CaptureFixture[str]) -> None:
    arguments, part = OPTIONS[case]
    Path("photo.png").write_bytes(png(64, 64))
    Path("there.svg").write_text("precious")
    Path("seen-preview.png").write_text("precious")
    Path("folder.svg").mkdir()
    line = '<path d="M 1 1 C 2 2 3 3 8 8" fill="none" stroke="black"/>'
    Path("line.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{line}{line}</svg>')
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
