"""Words on the command line: imagine, --text, and the list of words."""

import shutil

import numpy as np
import pytest
from PIL import Image

from strokewise import cli, read_sketch
from strokewise._text import file_name
from strokewise.encoders import embedded
from strokewise.imagining import UNREAD
from strokewise.words.typical import typical_words
from strokewise.words.vocabulary import known_words

QUICK = ["--steps", "1", "--candidates", "1", "--encoder", "embedded"]


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def photo(here):
    pixels = np.full((48, 64, 3), 255, np.uint8)
    pixels[10:38, 16:48] = 40
    Image.fromarray(pixels).save(here / "box.png")


@pytest.mark.parametrize(
    "text, name",
    [
        ("flamingo", "flamingo"),
        ("a flamingo", "flamingo"),
        ("An angry cat, asleep!", "angry-cat-asleep"),
        ("貓", "貓"),
        ("../../etc/passwd", "etc-passwd"),
        ("a", "a"),
        ("🐱", "drawing"),
        ("x" * 200, "x" * 60),
    ],
)
def test_names_of_files_are_words(text, name):
    assert file_name(text) == name


def test_imagine_writes_a_drawing_that_says_what_was_asked(here, capsys):
    assert cli.main(["imagine", "a cup", "-n", "6", "--not", "dog", "--png", *QUICK]) == 0
    out = capsys.readouterr().out
    assert out.split() == ["cup.svg", "cup-preview.png"]
    sketch = read_sketch(here / "cup.svg")
    assert len(sketch) == 6
    assert {"text": "a cup", "not_text": "dog"}.items() <= sketch.metadata["settings"].items()
    assert cli.main(["imagine", "a cup", "-n", "6", *QUICK]) == 2  # it is there already
    assert "--force" in capsys.readouterr().err


def test_a_drawing_that_does_not_read_is_said_without_a_bar(here, capsys, monkeypatch):
    from strokewise import imagining

    dots = np.zeros((1, 3, 4, 2)) + np.linspace(100, 101, 4)[:, None]
    fake = imagining.Start([dots], [np.zeros((0, 4, 2))], [dots[0]], "cup")
    monkeypatch.setattr(imagining, "first_strokes", lambda *given: fake)
    assert cli.main(["imagine", "cup", "-n", "3", "--steps", "0", "--encoder", "embedded"]) == 0
    assert UNREAD in capsys.readouterr().err
    assert cli.main(["imagine", "cup", "-n", "3", "--steps", "0", "--encoder", "embedded", "--force", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["imagine", ""], "--text names nothing"),
        (["imagine", "cupp"], "did you mean 'cup'"),
        (["imagine", "bass"], "can mean a fish ('fish') or an instrument ('guitar'): give the word in brackets"),
        (["imagine", "cat", "-n", "auto"], '"auto" is for photos'),
        (["imagine", "cat", "--not", "kitten"], "--not-text names cat too"),
        (["imagine", "cat", "--text-weight", "11"], "--text-weight must be a number from 0 to 10"),
        (["draw", "box.png", "--text", "an angry cat"], "--encoder clip-rn101"),
        (["draw", "box.png", "--text", "a\nb"], "(U+000A)"),
        (["draw", "box.png", "--not", "cat"], "--not-text needs a text"),
        (["draw", "box.png", "--draft", "--text", "cat"], "--text is not looked at in a draft"),
    ],
)
def test_mistakes_are_one_line_and_nothing_is_written(here, capsys, arguments, said):
    photo(here)
    assert cli.main([*arguments, *([] if "--draft" in arguments else ["--encoder", "embedded"])]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert said in lines[-1] and lines[-1].startswith("strokewise: ")
    assert [path.name for path in here.iterdir()] == ["box.png"]


def test_draw_and_ladder_keep_the_words(here):
    photo(here)
    assert cli.main(["draw", "box.png", "-n", "2", "--subject", "keep", "--text", "貓", *QUICK]) == 0
    assert read_sketch(here / "box.svg").metadata["settings"]["text"] == "貓"
    shutil.copy("box.svg", "first.svg")
    more = ["--from", "first.svg", "--add", "1", "-o", "more.svg", "--subject", "keep", "--text", "dog"]
    assert cli.main(["draw", "box.png", *more, *QUICK]) == 0
    assert read_sketch(here / "more.svg").metadata["settings"]["text"] == "dog"
    assert cli.main(["ladder", "box.png", "-n", "3,2", "--subject", "keep", "--text", "cup", *QUICK]) == 0
    rungs = [path for path in (here / "box-ladder").glob("*.svg") if path.stem != "box-ladder"]
    assert [read_sketch(path).metadata["settings"]["text"] for path in rungs] == ["cup", "cup"]


def test_all_words_are_listed(capsys):
    assert cli.main(["models", "words"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == list(known_words(embedded.load().labels))
    assert any(line.startswith("cat ") and "kitten" in line and "猫" in line for line in lines)
    assert cli.main(["models", "words", "--imagine"]) == 0
    some = capsys.readouterr().out.splitlines()
    assert 50 < len(some) <= len(lines) and [line.split("  ")[0] for line in some] == [
        word for word in known_words(embedded.load().labels) if word in typical_words()
    ]
