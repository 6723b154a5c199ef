"""`strokewise draw --pens`: strokes take the pens by the photo's colours."""

from __future__ import annotations

import numpy as np
import pytest
from cli_stubs import QUICK
from PIL import Image, ImageDraw

from strokewise import read_sketch
from strokewise.cli import main


@pytest.fixture
def photo(tmp_path, monkeypatch) -> str:
    """A red disc and a blue one."""
    monkeypatch.chdir(tmp_path)
    image = Image.new("RGB", (120, 80), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((8, 15, 52, 65), fill="#c01010")
    pen.ellipse((66, 15, 112, 65), fill="#1020b0")
    image.save("discs.png")
    return "discs.png"


@pytest.mark.slow
def test_each_stroke_takes_the_pen_of_the_photo_below_it(photo, capfd):
    arguments = ["-n", "6", "--subject", "keep", "--pens", "black,red,blue", "-o", "discs.svg", *QUICK]
    assert main(["draw", photo, *arguments]) == 0
    drawing = read_sketch("discs.svg")
    colors = {tuple(c) for c in drawing.colors.tolist()}
    assert colors <= {(0, 0, 0), (1, 0, 0), (0, 0, 1)} and len(colors) > 1
    left = drawing.points[..., 0].mean(1) < 60
    assert np.mean(drawing.colors[left, 0]) > np.mean(drawing.colors[left, 2])
    with open("discs.svg") as file:
        assert 'inkscape:groupmode="layer"' in file.read()


@pytest.mark.parametrize(
    "pens, part",
    [("red,blurple", "--pens has 'blurple'"), (",".join(f"#00000{n}" for n in range(9)), "--pens must be 1 to 8")],
)
def test_mistakes_are_told_before_drawing(photo, pens, part, capfd):
    assert main(["draw", photo, "--pens", pens]) == 2
    out, err = capfd.readouterr()
    assert out == "" and part in err and len(err.splitlines()) == 1
