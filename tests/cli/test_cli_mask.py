"""`--mask`: what to draw, painted by the user."""

from __future__ import annotations

import io
import sys

import numpy as np
import pytest
from PIL import Image

from strokewise import cli
from strokewise.cli.checks import open_given
from strokewise.export import read_sketch
from strokewise.settings import Settings

SMALL = ["--steps", "0", "--candidates", "1", "--size", "64", "--quiet"]


@pytest.fixture
def photo(tmp_path, monkeypatch):
    """Two dark boxes on grey, and a mask of the right one; the tests work in their folder."""
    monkeypatch.chdir(tmp_path)
    pixels = np.full((120, 160, 3), 200, np.uint8)
    pixels[30:90, 15:65] = 20
    pixels[30:90, 95:145] = 20
    Image.fromarray(pixels).save("boxes.png")
    mask = Image.new("L", (320, 240), 0)
    mask.paste(255, (190, 60, 290, 180))
    mask.save("mask.png")
    return tmp_path / "boxes.png"


def test_what_is_white_is_drawn(photo):
    assert cli.main(["draw", "boxes.png", "--mask", "mask.png", "-n", "2", *SMALL]) == 0
    sketch = read_sketch("boxes.svg")
    assert sketch.points[:, :, 0].min() > 80
    assert sketch.metadata["mask"] == "given" and "by the mask given" in sketch.metadata["subject"]


def test_ladders_take_it(photo):
    assert cli.main(["ladder", "boxes.png", "--mask", "mask.png", "-n", "2,1", "-o", "out", *SMALL]) == 0
    for count in (2, 1):
        sketch = read_sketch(f"out/boxes-{count}.svg")
        assert sketch.points[:, :, 0].min() > 80 and sketch.metadata["mask"] == "given"


@pytest.mark.parametrize("command", ["draw", "fewest", "ladder"])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--mask", "none.png"], "the mask cannot be used: none.png does not exist: check the name"),
        (["--mask", "tall.png"], "the mask tall.png is 120 x 160 px and the photo 160 x 120: make it of the photo's"),
        (["--mask", "black.png"], "the mask black.png is black all over: paint the subject white in it"),
        (["--mask", "white.png"], "the mask white.png is white all over: paint the background black"),
        (["--mask", "mask.png", "--subject", "keep"], "--subject and a mask do not go together: leave one of them out"),
    ],
)
def test_masks_that_will_not_do_are_refused_in_one_line(command, options, said, photo, capsys):
    Image.new("L", (120, 160), 90).save("tall.png")
    Image.new("L", (160, 120), 0).save("black.png")
    Image.new("L", (160, 120), 255).save("white.png")
    assert cli.main([command, "boxes.png", *options]) == 2
    told = capsys.readouterr().err.strip()
    assert said in told and "\n" not in told
    assert not list(photo.parent.glob("*.svg"))


def test_the_bound_on_pixels_holds_for_masks_too(photo):
    Image.new("L", (1600, 1200), 0).save("large.png")
    with pytest.raises(Exception, match="the mask cannot be used: large.png is .*larger than 1 million pixels"):
        open_given(photo, 1.0, photo.parent / "large.png", Settings())


def test_a_photo_from_standard_input_takes_a_mask(photo, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(photo.read_bytes())))
    assert cli.main(["draw", "-", "--mask", "mask.png", "-n", "2", "--draft", "--quiet", "-o", "out.svg"]) == 0
    sketch = read_sketch("out.svg")
    assert sketch.points[:, :, 0].min() > 80 and sketch.metadata["mask"] == "given"
    assert "encoder" not in sketch.metadata  # a draft


@pytest.mark.parametrize("command", ["draw", "ladder"])
def test_a_mask_from_standard_input(command, photo, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO((photo.parent / "mask.png").read_bytes())))
    output = {"draw": "out.svg", "ladder": "out"}[command]
    assert cli.main([command, "boxes.png", "--mask", "-", "-n", "2", "-o", output, *SMALL]) == 0
    sketch = read_sketch({"draw": "out.svg", "ladder": "out/boxes-2.svg"}[command])
    assert sketch.points[:, :, 0].min() > 80 and sketch.metadata["mask"] == "given"


@pytest.mark.parametrize("command", ["draw", "ladder", "fewest"])
@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("-", b"", "--mask and the photo cannot both come from standard input: name a file for one of them"),
        ("boxes.png", b"", "standard input is empty: send a mask to it, or name a file"),
        ("boxes.png", b"words", "the mask cannot be used: photo is not a picture in a known format"),
    ],
)
def test_standard_input_that_is_no_mask(command, name, data, said, photo, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    output = "out" if command == "ladder" else "out.svg"
    assert cli.main([command, name, "--mask", "-", "-o", output]) == 2
    told = capsys.readouterr().err.strip()
    assert said in told and "\n" not in told
    assert not list(photo.parent.glob("out*"))


def test_a_mask_that_lacks_its_end_is_told_of(photo, capsys):
    Image.open("mask.png").save("mask.bmp")
    whole = (photo.parent / "mask.bmp").read_bytes()
    (photo.parent / "mask.bmp").write_bytes(whole[:-40])
    assert cli.main(["draw", "boxes.png", "--mask", "mask.bmp", "-n", "2", "--draft", "--quiet"]) == 0
    assert "warning: boxes.png has a mask that is damaged or lacks its last bytes" in capsys.readouterr().err
