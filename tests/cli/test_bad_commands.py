"""What a person can get wrong in each command, one row each: see `refusals`."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest
from refusals import assert_refused, furnish

from strokewise.errors import Argument, OutputError, RecognizeError
from strokewise.recognition import recognizers

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


@pytest.fixture(autouse=True)
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


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
