"""Tone on the command line: `draw` and `export`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from strokewise import cli
from strokewise.export import read_sketch


@pytest.fixture(autouse=True)
def workplace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, ink in (("ball.png", 40), ("pale.png", 228)):
        image = Image.new("RGB", (240, 180), "white")
        ImageDraw.Draw(image).ellipse((50, 20, 190, 160), fill=(ink, ink, ink))
        ImageDraw.Draw(image).ellipse((80, 40, 120, 80), fill="white")
        image.save(name)
    return tmp_path


def run(capfd, *arguments: str) -> tuple[int, str]:
    code = cli.main([*arguments])
    return code, capfd.readouterr().err


DRAFT = ("--draft", "-n", "4", "--subject", "keep")


def test_draw_with_tone_and_pens(capfd):
    tone = ("--tone", "hatch", "--tone-lines", "30", "--tone-steps", "3")
    assert run(capfd, "draw", "ball.png", *DRAFT, *tone, "-o", "a.svg")[0] == 0
    sketch = read_sketch("a.svg")
    assert len(sketch) == 4 and 5 < len(sketch.tone) <= 30
    assert sketch.metadata["settings"]["tone_steps"] == 3
    pens = ("--pens", "black,red,#999", "--tone-pen", "2")
    assert run(capfd, "draw", "ball.png", *DRAFT, *tone, *pens, "-o", "b.svg")[0] == 0
    assert 'inkscape:label="2 red tone"' in Path("b.svg").read_text()
    assert read_sketch("b.svg").tone.color == (1, 0, 0)


def test_a_pale_photo_is_drawn_and_told_of_in_one_line(capfd):
    code, err = run(capfd, "draw", "pale.png", *DRAFT, "--tone", "hatch", "-o", "a.svg")
    assert code == 0 and err.count("no tone: the photo has no dark parts; the drawing is made without") == 1
    assert read_sketch("a.svg").tone is None and len(read_sketch("a.svg")) == 4


def test_export_lays_tone_by_the_photo_and_takes_it_away(capfd):
    assert run(capfd, "draw", "ball.png", *DRAFT, "-o", "a.svg")[0] == 0
    assert run(capfd, "export", "a.svg", "-o", "b.svg", "--tone", "contour", "--photo", "ball.png")[0] == 0
    one, other = read_sketch("a.svg"), read_sketch("b.svg")
    assert (one.points == other.points).all() and other.tone.kind == "contour"
    assert run(capfd, "export", "b.svg", "-o", "c.svg", "--stroke-width", "3")[0] == 0
    assert len(read_sketch("c.svg").tone) == len(other.tone), "tone that is there stays"
    assert run(capfd, "export", "b.svg", "-o", "d.svg", "--tone", "none")[0] == 0
    assert Path("d.svg").read_text() == Path("a.svg").read_text()
    assert run(capfd, "export", "b.svg", "-o", "e.svg", "--first", "2")[0] == 0
    assert len(read_sketch("e.svg")) == 2 and read_sketch("e.svg").tone is not None


def test_going_on_with_a_drawing_says_that_its_tone_is_left_out(capfd):
    assert run(capfd, "draw", "ball.png", *DRAFT, "--tone", "hatch", "-o", "a.svg")[0] == 0
    on = ("draw", "ball.png", "--from", "a.svg", "--steps", "1", "--subject", "keep")
    code, err = run(capfd, *on, "-o", "b.svg")
    assert code == 0 and len(re.findall("the sketch's tone is left out, as its strokes move", err)) == 1
    assert read_sketch("b.svg").tone is None
    code, err = run(capfd, *on, "--tone", "cross", "-o", "c.svg")
    assert code == 0 and "left out" not in err and read_sketch("c.svg").tone.kind == "cross"


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["draw", "ball.png", "--tone", "dots"], "--tone must be one of none, hatch, cross, contour, scribble, spiral"),
        (["draw", "ball.png", "--tone", "hatch", "--tone-lines", "0"], "--tone-lines must be a whole number from 1 to"),
        (
            ["draw", "ball.png", "--tone", "hatch", "--tone-steps", "6"],
            "--tone-steps must be a whole number from 2 to 5",
        ),
        (["draw", "ball.png", "--tone-lines", "60"], "--tone-lines is for tone: choose a kind with --tone: hatch"),
        (["draw", "ball.png", "--tone-pen", "1"], "--tone-pen is for drawings of several pens: name them with --pens"),
        (["draw", "ball.png", "--pens", "black,red", "--tone-pen", "3"], "--tone-pen must be from 1 to 2"),
        (["draw", "ball.png", "--pens", ",".join("abcdefghi")], "--pens has 'a', which is no plain colour"),
        (
            ["draw", "ball.png", "--pens", "black,red,blue,green,yellow,cyan,magenta,grey,navy"],
            "--pens must be 1 to 8 colours, not 9",
        ),
        (["export", "a.svg", "-o", "b.svg", "--tone", "hatch"], "--tone needs the photo that was drawn: name it with"),
        (["export", "a.svg", "-o", "b.svg", "--photo", "ball.png"], "--photo is for tone: choose a kind with --tone"),
        (
            ["export", "a.svg", "-o", "b.svg", "--tone-steps", "3"],
            "--tone-steps is for tone: choose a kind with --tone",
        ),
        (["export", "a.svg", "-o", "b.svg", "--tone", "dots", "--photo", "ball.png"], "--tone must be one of none"),
        (["export", "a.svg", "-o", "b.svg", "--tone", "hatch", "--photo", "no.png"], "no.png does not exist"),
        (
            ["export", "a.svg", "-o", "b.svg", "--tone", "hatch", "--photo", "wide.png"],
            "the drawing is 240 x 180, the photo 300 x 100: give the photo that was drawn",
        ),
    ],
)
def test_mistakes_are_one_line(capfd, arguments, match):
    Image.new("RGB", (300, 100), "grey").save("wide.png")
    Path("a.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="240" height="180"><path d="M9 9L50 50" stroke="black"/></svg>'
    )
    before = sorted(Path().iterdir())
    code, err = run(capfd, *arguments)
    assert code == 2 and match in err and err.count("\n") == 1
    assert sorted(Path().iterdir()) == before
