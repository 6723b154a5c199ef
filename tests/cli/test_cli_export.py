from __future__ import annotations

import gzip
import inspect
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from strokewise import cli
from strokewise.cli.export import export
from strokewise.cli.look_options import LOOK_HELP, SHAPE_HELP, takes_look
from strokewise.cli.options import takes_settings
from strokewise.export import BRUSHES, ExportOptions, Look, Page, read_sketch, save
from strokewise.export.look import NARROWEST, WIDEST
from strokewise.export.options import FPS, MAX_SIZE, SECONDS
from strokewise.export.plot import plotter
from strokewise.settings import Settings


@pytest.fixture(autouse=True)
def workplace(sketch, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(sketch, "cat.svg")
    return tmp_path


def run(capfd, *arguments):
    code = cli.main(["export", *arguments])
    out, err = capfd.readouterr()
    return code, out, err


def test_the_path_is_printed(capfd):
    assert run(capfd, "cat.svg", "-o", "cat.png", "--size", "100") == (0, "cat.png\n", "")
    with Image.open("cat.png") as image:
        assert image.size == (100, 50)
    assert run(capfd, "cat.svg", "-o", "quiet.png", "--quiet") == (0, "", "")


def test_there_and_back_through_json(capfd):
    assert run(capfd, "cat.svg", "-o", "cat.json")[0] == run(capfd, "cat.json", "-o", "again.svg")[0] == 0
    with open("cat.svg") as one, open("again.svg") as other:
        assert one.read() == other.read()


def test_the_look_reaches_the_file(capfd):
    look = ["--stroke-width", "4", "--color", "navy", "--paper", "ivory", "--opacity", "0.5"]
    assert run(capfd, "cat.svg", "-o", "a.svg", *look)[0] == 0
    sketch = read_sketch("a.svg")
    assert sketch.widths == pytest.approx(4 * 200 / 224, abs=1e-3)
    assert (sketch.colors == [0, 0, 128 / 255]).all() and (sketch.opacities == 0.5).all()
    assert sketch.paper == (1, 1, 240 / 255)


def test_the_first_strokes(capfd):
    whole = read_sketch("cat.svg")
    assert run(capfd, "cat.svg", "-o", "few.svg", "--first", "2")[0] == 0
    assert (read_sketch("few.svg").points == whole.points[:2]).all()
    assert run(capfd, "cat.svg", "-o", "all.svg", "--first", "99")[0] == 0
    assert len(read_sketch("all.svg")) == len(whole)
    code, _, err = run(capfd, "cat.svg", "-o", "none.svg", "--first", "0")
    assert code == 2 and "--first must be a whole number from 1 up, not 0" in err


def test_brush_and_bare_paper(capfd):
    assert run(capfd, "cat.svg", "-o", "a.png", "--brush", "ink", "--paper", "none", "--size", "200")[0] == 0
    with Image.open("a.png") as image:
        alpha = np.asarray(image.getchannel("A"))
    assert alpha[0, 199] == 0 and alpha.max() == 255
    assert run(capfd, "cat.svg", "-o", "inked.svg", "--brush", "ink")[0] == 0
    assert run(capfd, "inked.svg", "-o", "plain.svg")[0] == 0
    with open("cat.svg") as one, open("plain.svg") as other:
        assert one.read() == other.read()


def test_motion(capfd):
    small = ["--seconds", "0.5", "--fps", "4", "--size", "64"]
    assert run(capfd, "cat.svg", "-o", "a.gif", *small)[0] == 0
    with Image.open("a.gif") as image:
        assert image.n_frames > 1
    assert run(capfd, "cat.svg", "-o", "a.svg", "--animate")[0] == 0
    with open("a.svg") as file:
        assert "@keyframes" in file.read()


@pytest.mark.parametrize("page", [["--plotter"], ["--page", "a4"], ["--margin", "10"], ["--landscape"]])
def test_plotters_tell_their_travel(capfd, page):
    code, out, err = run(capfd, "cat.svg", "-o", "a.svg", *page)
    assert (code, out) == (0, "a.svg\n") and re.search(r"travel \d+ mm -> \d+ mm", err)
    with open("a.svg") as file:
        assert 'width="297mm" height="210mm"' in file.read()
    assert run(capfd, "cat.svg", "-o", "b.svg", "--quiet", *page) == (0, "", "")


def test_the_tour_is_looked_for_once(capfd, monkeypatch):
    tours, for_plotter = [], plotter.for_plotter
    monkeypatch.setattr(plotter, "for_plotter", lambda *a, **o: tours.append(for_plotter(*a, **o)) or tours[-1])
    _, _, err = run(capfd, "cat.svg", "-o", "a.svg", "--plotter")
    (plot,) = tours
    assert err == f"strokewise: {plot.summary}\n"


def test_pens_reach_the_file_and_tell_their_travel(capfd):
    code, out, err = run(capfd, "cat.svg", "-o", "a.svg", "--plotter", "--pens", "white,black,#0a7")
    assert (code, out) == (0, "a.svg\n") and re.search(r"^strokewise: pen 2 black: .* travel", err, re.MULTILINE)
    with open("a.svg") as file:
        assert 'inkscape:label="2 black"' in file.read()


def test_pages(capfd):
    assert run(capfd, "cat.svg", "-o", "a.svg", "--page", "100x80mm", "--margin", "5", "--no-landscape")[0] == 0
    with open("a.svg") as file:
        assert 'width="80mm" height="100mm"' in file.read()
    pytest.importorskip("vpype")
    code, _, err = run(capfd, "cat.svg", "-o", "a.hpgl")
    assert code == 0 and "travel" in err


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        (["cat.svg", "-o", "a.tiff"], r"no known format: use \.svg, \.png, \.pdf"),
        (["cat.svg", "-o", "cat.svg", "--force"], "the drawing itself: choose another name"),
        (["no.svg", "-o", "a.png"], r"no\.svg does not exist"),
        (["photo.png", "-o", "a.svg"], "a photo has to be drawn first: strokewise draw"),
        (["cat.svg", "-o", "there.png"], "exists already.*--force"),
        (["cat.svg", "-o", "no/a.png"], "does not exist: make it first"),
        (["cat.svg", "-o", "a.png", "--size", "0"], "from 1 to 16384 pixels, not 0"),
        (["cat.svg", "-o", "a.png", "--size", "1000000"], "from 1 to 16384"),
        (["cat.svg", "-o", "a.gif", "--seconds", "1e9"], "seconds must be from 0.5 to 120"),
        (["cat.svg", "-o", "a.gif", "--size", "9000"], "long side must be from 16"),
        (["cat.svg", "-o", "a.png", "--brush", ""], "no brush ''"),
        (["cat.svg", "-o", "a.png", "--color", "bleu"], "no plain colour"),
        (["cat.svg", "-o", "a.png", "--plotter"], "is for no page and no plotter"),
        (["cat.svg", "-o", "a.svg", "--page", "b52"], "no paper size 'b52'"),
        (["cat.svg", "-o", "a.svg", "--animate", "--plotter"], "either animated or for a plotter"),
        (["cat.svg", "-o", "a.svg", "--pens", "black,blurple"], "--pens has 'blurple', which is no plain colour"),
        (["cat.svg", "-o", "a.svg", "--pens", ",".join(f"#00000{n}" for n in range(9))], "--pens must be 1 to 8 col"),
        (["cat.svg", "-o", "a.svg", "--pens", "red", "--only-pen", "2"], "--only-pen must be from 1 to 1"),
        (["cat.svg", "-o", "a.svg", "--only-pen", "2"], "--only-pen is for drawings of several pens: name .* --pens"),
        (["cat.svg", "-o", "a.svg", "--pens", "red", "--color", "navy"], "pens have colours of their own: .* --color"),
        (["cat.svg", "-o", "a.dxf", "--brush", "ink"], "a plotter draws with its own pen"),
        (["cat.svg"], "output.*; see strokewise export --help"),
    ],
)
def test_mistakes_take_one_line_and_leave_nothing(capfd, disc_image, arguments, match):
    disc_image().save("photo.png")
    disc_image().save("there.png")
    before = sorted(os.listdir())
    code, out, err = run(capfd, *arguments)
    assert (code, out) == (2, "") and err.count("\n") == 1 and re.search(match, err), err
    assert sorted(os.listdir()) == before


def test_help_tells_the_true_bounds_and_names():
    assert f"{NARROWEST:g} to {WIDEST:g}" in LOOK_HELP["stroke_width"][1]
    assert all(brush in LOOK_HELP["brush"][1] for brush in BRUSHES)
    for name, (low, high) in {"size": (1, MAX_SIZE), "seconds": SECONDS, "fps": FPS}.items():
        _, default, text = SHAPE_HELP[name]
        assert f"{low:g} to {high:g}" in text and default == getattr(ExportOptions(), name)
    assert f"{Page().margin:g} by default" in SHAPE_HELP["margin"][2] and Page().paper in SHAPE_HELP["page"][2]
    (option,) = inspect.signature(export).parameters["output"].annotation.__metadata__
    from strokewise.export import FORMATS

    assert all(ending in option.help for ending in FORMATS)


def test_look_options_can_be_given_to_any_command():
    received = {}

    @takes_settings
    @takes_look
    def command(*, settings: Settings, look: Look) -> None:
        received.update(settings=settings, look=look)

    parameters = inspect.signature(command).parameters
    assert set(LOOK_HELP) < set(parameters) and "look" not in parameters and "steps" in parameters
    command(brush="pen", color="red", steps=3)
    assert received["look"] == Look(brush="pen", color="red") and received["settings"].steps == 3


def test_the_command_line_starts_without_numpy():
    program = "import sys, strokewise.cli; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program]).returncode == 0


def test_what_is_left_out_of_another_programs_file_is_told(capfd, workplace):
    (workplace / "traced.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" stroke="red"><image href="photo.jpg"/>'
        '<path d="M1 1L5 5 9"/></svg>'
    )
    code, out, err = run(capfd, "traced.svg", "-o", "a.json")
    assert (code, out) == (0, "a.json\n")
    assert err.splitlines() == [
        "strokewise: warning: traced.svg: path number 1 is read up to its mistake (numbers are missing at its end)",
        "strokewise: warning: traced.svg: 1 picture in the SVG left out, and not opened: only strokes are read",
    ]
    assert run(capfd, "traced.svg", "-o", "b.json", "--quiet") == (0, "", "")


def test_a_compressed_svg(capfd, workplace):
    (workplace / "cat.svgz").write_bytes(gzip.compress((workplace / "cat.svg").read_bytes()))
    assert run(capfd, "cat.svgz", "-o", "again.svg") == (0, "again.svg\n", "")
    assert (workplace / "again.svg").read_bytes() == (workplace / "cat.svg").read_bytes()
