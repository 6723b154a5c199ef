"""The script is called as Inkscape calls it: a document's path and the selection in, the document out on stdout."""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from strokewise import OutputError
from strokewise.cli import main
from strokewise.inkscape import install
from strokewise.inkscape.installing import FILES, STARTS

SVG = "{http://www.w3.org/2000/svg}"
LABEL = "{http://www.inkscape.org/namespaces/inkscape}label"
needs_inkex = pytest.mark.skipif(importlib.util.find_spec("inkex") is None, reason="inkex is not installed")


def page() -> bytes:
    """A square of lines in the middle of 200 x 100 pixels."""
    image = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(image).rectangle((60, 10, 140, 90), outline="#c00000", width=4)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def document(folder: Path, picture: bytes | None = None, more: str = "") -> Path:
    """A drawing of 300 x 300 with an embedded picture at 50, 100 in a group that is moved by 10, 20."""
    data = base64.b64encode(page() if picture is None else picture).decode()
    path = folder / "document.svg"
    path.write_text(
        f'<svg xmlns="{SVG[1:-1]}" xmlns:xlink="http://www.w3.org/1999/xlink" width="300" height="300" '
        f'viewBox="0 0 300 300"><g transform="translate(10,20)"><image id="photo" x="50" y="100" width="100" '
        f'height="100" {more} xlink:href="data:image/png;base64,{data}"/></g>'
        '<rect id="box" width="9" height="9"/></svg>'
    )
    return path


def call(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The installed script, called as Inkscape does."""
    command = [sys.executable, str(folder / "strokewise_draw.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def numbers(drawn: ET.Element) -> list[float]:
    """Those of a layer's matrix."""
    return [float(n) for n in re.findall(r"-?[\d.]+", str(drawn.get("transform")))]


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "extensions"
    place.mkdir()
    install(place)
    return place


def layer(done: subprocess.CompletedProcess[str]) -> ET.Element:
    assert done.returncode == 0 and not done.stderr, done.stderr
    return ET.fromstring(done.stdout)[-1]


def test_the_menu_entry_names_the_script_and_only_options_it_knows():
    place = Path(__file__).parents[2] / "src" / "strokewise" / "inkscape"
    menu = ET.parse(place / FILES[0]).getroot()
    space = "{http://www.inkscape.org/namespace/inkscape/extension}"
    assert menu.find(f"{space}script/{space}command").text == FILES[1]
    script = (place / FILES[1]).read_text()
    assert all(f'"--{param.get("name")}"' in script for param in menu.iter(f"{space}param"))


@needs_inkex
def test_the_drawing_lies_over_the_picture_in_a_layer_of_its_own(folder, tmp_path):
    done = call(folder, "--id=photo", "--kind=lines", "--strokes=16", str(document(tmp_path)))
    drawn = layer(done)
    assert drawn.get(LABEL) == "Strokewise: 4 strokes" and len(list(drawn.iter(f"{SVG}path"))) == 4
    # The picture is 200 x 100 in a box of 100 x 100: half as large, in the middle; the group is moved by 10, 20.
    assert numbers(drawn) == [0.5, 0, 0, 0.5, 60, 145]
    assert ET.fromstring(done.stdout).find(f".//{SVG}image") is not None


@needs_inkex
def test_a_stretched_picture_gets_a_stretched_drawing(folder, tmp_path):
    path = document(tmp_path, more='preserveAspectRatio="none"')
    drawn = layer(call(folder, "--id=photo", "--kind=lines", str(path)))
    assert numbers(drawn) == [0.5, 0, 0, 1, 60, 120]


@needs_inkex
def test_pens_become_layers(folder, tmp_path):
    drawn = layer(call(folder, "--id=photo", "--kind=lines", "--pens=black,red", str(document(tmp_path))))
    labels = [name for group in drawn.iter(f"{SVG}g") if (name := group.get(LABEL))]
    assert labels == ["Strokewise: 4 strokes", "2 red"], "all lines are red"


@needs_inkex
def test_a_linked_picture(folder, tmp_path):
    (tmp_path / "a page.png").write_bytes(page())
    path = document(tmp_path)
    text = path.read_text()
    start = text.index("data:image")
    path.write_text(text[:start] + "a%20page.png" + text[text.index('"', start) :])
    assert layer(call(folder, "--id=photo", "--kind=lines", str(path))).get(LABEL) == "Strokewise: 4 strokes"


@needs_inkex
@pytest.mark.slow
def test_a_photo_is_drawn(folder, tmp_path):
    image = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(image).ellipse((60, 10, 140, 90), fill="#334455")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    done = call(folder, "--id=photo", "--strokes=4", "--one_line=true", str(document(tmp_path, buffer.getvalue())))
    assert layer(done).get(LABEL) == "Strokewise: 1 strokes"


MISTAKES = {
    "nothing selected": ([], None, "Select one picture, and nothing else."),
    "no picture": (["--id=box"], None, "Select one picture, and nothing else."),
    "damaged": (["--id=photo", "--kind=lines"], b"no picture", "picture is not a picture in a known format"),
    "nine pens": (["--id=photo", "--kind=lines", "--pens=" + ",".join(f"#00000{n}" for n in range(9))], None, "1 to 8"),
}


@needs_inkex
@pytest.mark.parametrize("arguments, picture, told", MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_one_line_and_leave_the_document(folder, tmp_path, arguments, picture, told):
    done = call(folder, *arguments, str(document(tmp_path, picture)))
    assert told in done.stderr and len(done.stderr.strip().splitlines()) == 1 and "Traceback" not in done.stderr
    assert "Strokewise:" not in done.stdout


@needs_inkex
@pytest.mark.parametrize(
    "starts, told",
    [
        (
            {"python": "/nowhere/python", "path": ""},
            "Strokewise is no longer at /nowhere/python: run strokewise install",
        ),
        ({}, "strokewise_draw.json is missing or damaged: run strokewise install-inkscape again."),
        (None, "strokewise_draw.json is missing or damaged"),
    ],
)
def test_without_strokewise_it_says_what_to_do(folder, tmp_path, starts, told):
    if starts is None:
        (folder / STARTS).unlink()
    else:
        (folder / STARTS).write_text(json.dumps(starts))
    done = call(folder, "--id=photo", str(document(tmp_path)))
    assert told in done.stderr and len(done.stderr.strip().splitlines()) == 1


def _has_inkscape() -> bool:
    """Whether Inkscape is here with all its Python packages, and a screen that nobody sees."""
    if shutil.which("inkscape") is None or shutil.which("xvfb-run") is None:
        return False
    environment = {**os.environ, "PYTHONPATH": "/usr/share/inkscape/extensions"}
    tried = subprocess.run(["/usr/bin/python3", "-c", "import inkex"], env=environment, capture_output=True)
    return tried.returncode == 0


@pytest.mark.slow
@pytest.mark.skipif(not _has_inkscape(), reason="Inkscape is not installed, or no Xvfb")
def test_inkscape_itself_draws_the_selected_picture(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert install()[0].is_relative_to(tmp_path), "Inkscape tells its folder"
    output = tmp_path / "out.svg"
    actions = f"select-by-id:photo;org.strokewise.draw.noprefs;export-filename:{output};export-do"
    command = ["xvfb-run", "-a", "inkscape", "--batch-process", f"--actions={actions}", str(document(tmp_path))]
    subprocess.run(command, capture_output=True, timeout=300)
    drawn = ET.parse(output).getroot()[-1]
    assert drawn.get(LABEL) == "Strokewise: 16 strokes" and numbers(drawn) == [0.5, 0, 0, 0.5, 60, 145]


# Installing


def test_install_writes_three_files_and_may_be_repeated(tmp_path, capfd):
    assert main(["install-inkscape", "--folder", str(tmp_path)]) == 0
    out, err = capfd.readouterr()
    assert sorted(os.listdir(tmp_path)) == sorted([*FILES, STARTS])
    assert [Path(line).name for line in out.splitlines()] == [*FILES, STARTS] and "start Inkscape anew" in err
    assert json.loads((tmp_path / STARTS).read_text())["python"] == sys.executable
    (tmp_path / FILES[0]).write_text("old")
    assert main(["install-inkscape", "--folder", str(tmp_path), "--quiet"]) == 0
    assert "org.strokewise.draw" in (tmp_path / FILES[0]).read_text()
    assert capfd.readouterr() == ("", "")


def test_without_inkscape_it_says_so_in_one_line(tmp_path, monkeypatch, capfd):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("HOME", "XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    assert main(["install-inkscape"]) == 2
    _, err = capfd.readouterr()
    assert err.startswith("strokewise: Inkscape is not found: install Inkscape 1.2") and "--folder" in err
    assert len(err.splitlines()) == 1
    (tmp_path / "inkscape").mkdir()
    if sys.platform.startswith("linux"):
        assert install()[0] == tmp_path / "inkscape" / "extensions" / FILES[0]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(OutputError, match="cannot be made"):
        install(tmp_path / "no" / "such")
