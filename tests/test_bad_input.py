"""What a person can get wrong, one row each: exit code 2, one line that names it and the mend, nothing written."""

from __future__ import annotations

import dataclasses
import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pytest
import torch
from PIL import Image

from strokewise.cli import main
from strokewise.encoders import devices
from strokewise.errors import Argument, OutputError, RecognizeError
from strokewise.recognition import recognizers


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
    "a seed in words": (["--seed", "abc"], "--seed must be a whole number, not 'abc'"),
    "a width in words": (["--width", "fat"], "--width must be a number, not 'fat'"),
    "two photos": (["other.png"], "one at a time here; for many photos strokewise batch FOLDER -o OUT"),
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
    "optimise what": (["--optimize", "width,mood"], "--optimize must be any of width, opacity, color"),
    "optimise as the paper does": (["--optimize", "color", "--schedule", "paper"], "--optimize works with"),
    "one line by saliency": (["--one-line", "--placement", "saliency"], "--one-line works with placement contour"),
    "one line as the paper does": (["--one-line", "--schedule", "paper"], "schedule swift"),
    "keep of nothing": (["--keep", "0"], "--keep is for a sketch that is carried on: name it with --from"),
    "add to nothing": (["--add", "4"], "--add is for a sketch that is carried on"),
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


COMMANDS: dict[str, tuple[list[str], str]] = {
    # what is typed, what the message says; the workplace has the files of `furnish`
    "ladder: count 0": (["ladder", "photo.png", "-n", "0"], "--strokes must be a whole number from 1 to 256, not 0"),
    "ladder: count 999": (["ladder", "photo.png", "-n", "32,999"], "--strokes must be a whole number from 1 to 256"),
    "ladder: words": (["ladder", "photo.png", "-n", "a,b"], "with commas between, not 'a'"),
    "ladder: a comma too many": (["ladder", "photo.png", "-n", "8,,4"], "--strokes must be"),
    "ladder: nothing": (["ladder", "photo.png", "-n", ""], "--strokes must be"),
    "ladder: auto": (["ladder", "photo.png", "-n", "auto"], "--strokes must be"),
    "ladder: into a file": (["ladder", "photo.png", "-o", "there.svg"], "there.svg is not a folder"),
    "ladder: inside a file": (["ladder", "photo.png", "-o", "photo.png/rungs"], "photo.png"),
    "ladder: no such folder": (["ladder", "photo.png", "-o", "nowhere/rungs"], "nowhere does not exist"),
    "ladder: no folder name": (["ladder", "photo.png", "-o", "x" * 300], "no usable folder"),
    "ladder: a drawing is there": (["ladder", "photo.png", "-n", "4", "-o", "rungs"], "photo-4.svg exists already"),
    "ladder: a sheet is there": (["ladder", "photo.png", "-n", "5", "-o", "sheets"], "photo-ladder.png exists already"),
    "ladder: usual folder": (["ladder", "photo.png", "-n", "4"], "photo-4.svg exists already"),
    "ladder: a setting": (["ladder", "photo.png", "--steps", "-1"], "--steps must be"),
    "ladder: encoder": (["ladder", "photo.png", "-n", "7", "--encoder", "telescope"], "unknown encoder telescope"),
    "fewest: confidence 2": (["fewest", "photo.png", "--confidence", "2"], "--confidence must be"),
    "fewest: confidence 0": (["fewest", "photo.png", "--confidence", "0"], "--confidence must be"),
    "fewest: no confidence": (["fewest", "photo.png", "--confidence", "nan"], "--confidence must be"),
    "fewest: most 0": (["fewest", "photo.png", "--most", "0"], "--most must be a whole number from 1 to 256, not 0"),
    "fewest: most 257": (["fewest", "photo.png", "--most", "257"], "--most"),
    "fewest: strokes": (["fewest", "photo.png", "-n", "8"], "-n"),
    "fewest: unknown label": (["fewest", "photo.png", "--label", "unicorn"], "unicorn"),
    "fewest: unknown among labels": (["fewest", "photo.png", "--labels", "cat,unicorn"], "unicorn"),
    "fewest: label twice": (["fewest", "photo.png", "--labels", "cat,dog,cat"], "cat"),
    "fewest: empty label": (["fewest", "photo.png", "--label", " "], "label"),
    "fewest: no labels": (["fewest", "photo.png", "--labels", ""], "--labels names nothing"),
    "fewest: open quote": (["fewest", "photo.png", "--labels", 'cat,"dog'], "--labels"),
    "fewest: a list is needed": (["fewest", "photo.png", "--recognizer", "any-words"], "--labels must be given"),
    "fewest: unknown recogniser": (["fewest", "photo.png", "--recognizer", "telescope"], "telescope"),
    "fewest: output is there": (["fewest", "photo.png", "-o", "there.svg"], "there.svg exists already"),
    "fewest: preview is there": (["fewest", "photo.png", "-o", "seen.svg", "--png"], "seen-preview.png exists already"),
    "fewest: inside a file": (["fewest", "photo.png", "-o", "photo.png/a.svg"], "photo.png"),
    "fewest: unknown ending": (["fewest", "photo.png", "-o", "few.docx"], "use .svg, .png, .pdf"),
    "fewest: the photo": (["fewest", "photo.png", "-o", "photo.png", "--force"], "photo.png is the photo itself"),
    "draw: no name": (["draw", ""], "the photo has no name"),
    "draw: an address": (
        ["draw", "https://example.org/a.jpg"],
        "'https://example.org/a.jpg' is an address: download it",
    ),
    "draw: a drawing": (["draw", "line.svg"], "strokewise draw PHOTO --from line.svg carries it on"),
    "ladder: a drawing": (["ladder", "line.svg"], "line.svg is a drawing, not a photo: strokewise export"),
    "draw: auto, output is there": (["draw", "photo.png", "-n", "auto", "-o", "there.svg"], "there.svg exists already"),
    "draw: half a stroke": (["draw", "photo.png", "-n", "4.5"], "or auto, not '4.5'"),
    "recognize: nothing": (["recognize"], "SKETCH"),
    "recognize: missing": (["recognize", "gone.svg"], "gone.svg"),
    "recognize: folder": (["recognize", "photos"], "photos"),
    "recognize: no strokes": (["recognize", "empty.svg"], "empty.svg"),
    "recognize: no SVG": (["recognize", "there.svg"], "there.svg"),
    "recognize: entities": (["recognize", "bomb.svg"], "bomb.svg"),
    "recognize: label twice": (["recognize", "line.svg", "--labels", "cat", "--label", "cat"], "cat"),
    "recognize: unknown label": (["recognize", "line.svg", "--labels", "cat,unicorn"], "unicorn"),
    "recognize: empty label": (["recognize", "line.svg", "--labels", "cat,,dog"], "label"),
    "recognize: no labels": (["recognize", "line.svg", "--labels", ""], "--labels names nothing"),
    "recognize: a list is needed": (["recognize", "line.svg", "--recognizer", "any-words"], "--labels must be given"),
    "recognize: unknown recogniser": (["recognize", "line.svg", "--recognizer", "telescope"], "telescope"),
    "recognize: top 0": (["recognize", "line.svg", "--top", "0"], "--top must be a whole number from 1 up, not 0"),
    "evaluate: nothing": (["evaluate"], "FOLDER"),
    "evaluate: no such folder": (["evaluate", "nowhere"], "nowhere does not exist"),
    "evaluate: a photo": (["evaluate", "photo.png"], "photo.png is not a folder"),
    "evaluate: empty folder": (["evaluate", "hollow"], "hollow has no photos"),
    "evaluate: no class folders": (["evaluate", "photos/cat"], "has no photos in class folders"),
    "evaluate: count 0": (["evaluate", "photos", "-n", "0,4"], "--strokes must be"),
    "evaluate: words": (["evaluate", "photos", "-n", "a,b"], "--strokes must be"),
    "evaluate: count 999": (["evaluate", "photos", "-n", "999"], "--strokes must be"),
    "evaluate: into a file": (["evaluate", "photos", "-o", "there.svg"], "there.svg is not a folder"),
    "evaluate: inside a file": (["evaluate", "photos", "-o", "photo.png/out"], "photo.png"),
    "evaluate: into the photos": (["evaluate", "photos", "-o", "photos/out"], "lies in the folder of photos"),
    "evaluate: parent is missing": (["evaluate", "photos", "-o", "nowhere/out"], "nowhere does not exist"),
    "evaluate: unknown label": (["evaluate", "photos", "--labels", "cat,unicorn"], "unicorn"),
    "evaluate: label twice": (["evaluate", "photos", "--labels", "cat,cat"], "cat"),
    "evaluate: classes it does not know": (
        ["evaluate", "zoo"],
        "never-asked knows no class okapi: rename the folder, or take a CLIP, which knows any words, "
        "with --recognizer clip-vit-b-32",
    ),
    "evaluate: a class it does not know": (["evaluate", "park"], "leave it out with --labels cat,dog, or take a CLIP"),
    "evaluate: labels without a folder": (["evaluate", "photos", "--labels", "horse"], "no class folder is named"),
    "evaluate: unknown recogniser": (["evaluate", "photos", "--recognizer", "telescope"], "telescope"),
    "evaluate: unknown encoder": (["evaluate", "photos", "--encoder", "telescope"], "unknown encoder telescope"),
    "evaluate: another's files": (["evaluate", "photos", "-o", "taken", "--quiet"], "--force"),
    "evaluate: no pixels allowed": (["evaluate", "photos", "--max-pixels", "0"], "--max-pixels must be"),
}


PARK = ("cat", "dog", "okapi")


def furnish() -> None:
    """The files that `COMMANDS` speaks of."""
    Path("photo.png").write_bytes(png(64, 64))
    Path("there.svg").write_text("precious")
    Path("seen-preview.png").write_text("precious")
    for folder in ("rungs", "photo-ladder", "sheets", "hollow/cat", "photos/cat", "photos/dog", "zoo/okapi", "taken"):
        Path(folder).mkdir(parents=True)
    Path("rungs/photo-4.svg").write_text("precious")
    Path("photo-ladder/photo-4.svg").write_text("precious")
    Path("sheets/photo-ladder.png").write_text("precious")
    for path in ("photos/cat/1.png", "photos/dog/1.png", "zoo/okapi/1.png", *(f"park/{c}/1.png" for c in PARK)):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(png(64, 64))
    Path("taken/evaluation.json").write_text("precious")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
    Path("empty.svg").write_text(f"{svg}</svg>")
    Path("line.svg").write_text(f'{svg}<path d="M 1 1 C 2 2 3 3 8 8" fill="none" stroke="black"/></svg>')
    Path("bomb.svg").write_text('<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + f"{svg}&b;</svg>")


@dataclasses.dataclass
class NeverAsked:
    """A recogniser that knows three classes, or any words, and must not be asked."""

    name: str = "never-asked"
    labels: tuple[str, ...] | None = ("cat", "dog", "horse")

    def probabilities(self, *arguments: object, **named: object) -> NoReturn:
        raise AssertionError("nothing should have been judged")


@pytest.fixture
def never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of recognisers are looked up as ever, but "auto" and "any-words" need no weights."""
    load = recognizers.load_recognizer

    def load_recognizer(name: str = "auto", **more: Any) -> recognizers.Recognizer:
        if name == "auto":
            return NeverAsked()
        return NeverAsked(labels=None) if name == "any-words" else load(name, **more)

    monkeypatch.setattr(recognizers, "load_recognizer", load_recognizer)


@pytest.fixture
def nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading an encoder would be the beginning of the work."""

    def load_encoder(*arguments: object, **named: object) -> NoReturn:
        raise AssertionError("the work has begun")

    monkeypatch.setattr(devices, "load_encoder", load_encoder)


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


@pytest.mark.parametrize("case", COMMANDS)
def test_bad_command(case: str, never_asked: None, nothing_is_drawn: None, capfd: pytest.CaptureFixture[str]) -> None:
    arguments, part = COMMANDS[case]
    furnish()
    assert_refused(arguments, part, capfd)


def test_draw_auto_asks_for_a_judge_that_knows_a_list(
    monkeypatch: pytest.MonkeyPatch, nothing_is_drawn: None, capfd: pytest.CaptureFixture[str]
) -> None:
    def nobody(name: str, *, drawn_with: str, listed: bool, notice: object) -> NoReturn:
        assert listed
        raise RecognizeError("nobody judges here")

    furnish()
    monkeypatch.setattr(recognizers, "load_recognizer", nobody)
    assert_refused(["draw", "photo.png", "-n", "auto"], "nobody judges here", capfd)


def test_the_library_s_words_become_options(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    furnish()

    def refuse(*given: object, **named: object) -> NoReturn:
        fix = ("replace it with ", Argument("force", True), ", or try ", Argument("device", "cpu"))
        raise OutputError("force=True/a.svg is there", fix=fix)

    monkeypatch.setattr("strokewise.cli.draw.name_outputs", refuse)
    assert_refused(
        ["draw", "photo.png"], "force=True/a.svg is there: replace it with --force, or try --device cpu", capfd
    )


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is CUDA here")
def test_device_that_is_not_there(capfd: pytest.CaptureFixture[str]) -> None:
    Path("photo.png").write_bytes(png(64, 64))
    assert_refused(["draw", "photo.png", "--device", "cuda"], "--device cuda is not available here", capfd)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_folder_that_may_not_be_written(capfd: pytest.CaptureFixture[str]) -> None:
    Path("photo.png").write_bytes(png(64, 64))
    Path("locked").mkdir(mode=0o500)
    assert_refused(["draw", "photo.png", "-o", "locked/drawing.svg"], "locked", capfd)


@pytest.mark.parametrize(
    "arguments",
    [
        ["draw", "photo.png", "-o", "a.svg"],
        ["fewest", "photo.png", "-o", "a.svg"],
        ["draw", "photo.png", "--timelapse", "a.gif"],
        ["export", "line.svg", "-o", "a.png"],
        ["ladder", "photo.png", "-o", "new"],
        ["evaluate", "photos", "-o", "new"],
        ["batch", "photos", "-o", "new"],
    ],
    ids=" ".join,
)
def test_folder_that_takes_no_files_is_found_out_before_the_work(
    arguments: list[str],
    never_asked: None,
    nothing_is_drawn: None,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    furnish()
    make = os.open

    def refuse(path: Any, flags: int, *more: Any, **named: Any) -> int:
        if flags & os.O_CREAT:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return make(path, flags, *more, **named)

    monkeypatch.setattr(os, "open", refuse)
    assert_refused(arguments, f"the folder . may not be written to ({os.strerror(errno.EROFS)}): choose", capfd)


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
