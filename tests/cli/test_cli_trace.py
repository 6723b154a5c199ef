"""`strokewise trace`: files, what is printed, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw
from refusals import assert_refused

from strokewise import read_sketch
from strokewise.cli import main


@pytest.fixture
def page(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    image = Image.new("RGB", (300, 200), "white")
    pen = ImageDraw.Draw(image)
    pen.line([(30, 30), (270, 30), (270, 170), (30, 170), (30, 30)], fill="black", width=5)
    pen.line([(30, 100), (270, 100)], fill="#c00000", width=11)
    image.save("page.png")
    return Path("page.png")


def test_it_writes_the_drawing_and_says_how_much_it_holds(page, capfd):
    assert main(["trace", "page.png", "-n", "all", "--png"]) == 0
    out, err = capfd.readouterr()
    assert out.split() == ["page.svg", "page-preview.png"]
    assert err == "strokewise: 5 strokes, 100% of the length of all lines\n"
    assert len(read_sketch("page.svg")) == 5


def test_options_reach_the_drawing(page, capfd):
    assert main(["trace", "page.png", "-n", "2", "--widths", "--colors", "--quiet", "-o", "two.json"]) == 0
    assert capfd.readouterr() == ("", "")
    two = read_sketch("two.json")
    assert len(two) == 2 and np.ptp(two.widths) > 3
    assert main(["trace", "page.png", "--color", "navy", "--stroke-width", "2", "--quiet", "-o", "navy.svg"]) == 0
    assert (read_sketch("navy.svg").colors == read_sketch("navy.svg").colors[0]).all()


def test_pens_take_the_lines_of_their_colour(page):
    assert main(["trace", "page.png", "-n", "all", "--pens", "black,red", "--quiet", "-o", "pens.svg"]) == 0
    assert (
        Path("pens.svg").read_text().count("<path ") == 5 and 'inkscape:label="2 red"' in Path("pens.svg").read_text()
    )
    assert sorted(read_sketch("pens.svg").colors[:, 0]) == [0, 0, 0, 0, 1]


REFUSED = {
    "no such file": (["gone.png"], "gone.png does not exist"),
    "a drawing": (["there.svg"], "there.svg is a drawing, not a photo"),
    "none": (["page.png", "-n", "0"], "--strokes must be a whole number from 1 to 256, or all, not 0"),
    "too many": (["page.png", "-n", "257"], "--strokes must be a whole number from 1 to 256, or all, not 257"),
    "a word": (["page.png", "-n", "auto"], "--strokes must be"),
    "unknown lines": (["page.png", "--lines", "red"], "--lines must be auto, dark or light, not 'red'"),
    "no pens": (["page.png", "--pens", "black,blurple"], "--pens has 'blurple', which is no plain colour"),
    "it is there": (["page.png", "-o", "there.svg"], "there.svg exists already"),
    "the picture": (["page.png", "-o", "page.png", "--force"], "page.png is the photo itself"),
    "an empty page": (["empty.png"], "there are no lines in empty.png"),
    "a photo": (["photo.png"], "photo.png is no line art but looks like a photo: strokewise draw draws photos; to "),
    "how to go on": (["photo.png"], "--lines dark"),
}


@pytest.mark.parametrize("arguments, part", REFUSED.values(), ids=REFUSED)
def test_mistakes_are_one_line(arguments, part, page, capfd):
    Path("there.svg").write_text("precious")
    Image.new("RGB", (100, 100), "white").save("empty.png")
    noise = np.random.default_rng(0).random((16, 16)) * 255
    Image.fromarray(noise.astype(np.uint8)).resize((400, 400), Image.Resampling.BICUBIC).save("photo.png")
    assert_refused(["trace", *arguments], part, capfd)
