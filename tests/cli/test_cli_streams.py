"""`-` for standard input and output, and terminals whose code page lacks letters."""

from __future__ import annotations

import codecs
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from strokewise.cli import main
from strokewise.cli.terminal import print_path, print_text

QUICK = ["-n", "2", "--steps", "0", "--candidates", "1", "--size", "64"]
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 60">'
    '<path d="M 10 10 C 20 50 60 50 80 10" fill="none" stroke="black" stroke-width="2"/></svg>'
)


def photo() -> bytes:
    image = Image.new("RGB", (96, 80), "white")
    ImageDraw.Draw(image).ellipse([20, 20, 70, 60], fill="black")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def run(arguments: list[str], sent: bytes = b"", folder: Path | None = None, **variables: str):
    """The command in a process of its own: what it is asked, what it gets, and what it answers, as bytes."""
    return subprocess.run(
        [sys.executable, "-m", "strokewise", *arguments],
        input=sent,
        capture_output=True,
        cwd=folder,
        env={**os.environ, **variables},
        timeout=240,
    )


class Bytes(io.BytesIO):
    def isatty(self) -> bool:
        return False


@pytest.fixture
def sent(monkeypatch, tmp_path):
    """Sets what comes on standard input; works in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def send(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Bytes(data)))

    return send


def test_a_photo_in_and_a_drawing_out(tmp_path):
    (tmp_path / "photo.png").write_bytes(photo())
    assert run(["draw", "photo.png", *QUICK, "-o", "file.svg"], folder=tmp_path).returncode == 0
    through = run(["draw", "-", *QUICK, "-o", "-"], photo(), tmp_path)
    assert through.returncode == 0 and through.stdout == (tmp_path / "file.svg").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file.svg", "photo.png"]


@pytest.mark.parametrize(
    ("kind", "start"), [("svg", b"<"), ("png", b"\x89PNG\r\n\x1a\n"), ("json", b"{"), (".PNG", b"\x89PNG")]
)
def test_formats_of_standard_output(kind, start, sent, capfdbinary):
    sent(SVG.encode())
    assert main(["export", "-", "-o", "-", "--format", kind, "--quiet"]) == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(start) and err == b"" and not list(Path().iterdir())


def test_what_is_told_of_a_plot_goes_to_stderr(sent, capfdbinary):
    sent(SVG.encode())
    assert main(["export", "-", "-o", "-", "--plotter"]) == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(b"<svg") and out.rstrip().endswith(b"</svg>") and b"line" in err


def test_a_drawing_of_standard_input_is_not_called_dash(sent, capfd):
    sent(photo())
    assert main(["draw", "-", *QUICK]) == 0
    assert capfd.readouterr().out == "drawing.svg\n" and Path("drawing.svg").exists()


def test_a_ladder_of_standard_input_is_not_called_dash(sent, capfd):
    sent(photo())
    assert main(["ladder", "-", "--strokes", "2,1", *QUICK[2:]]) == 0
    assert capfd.readouterr().out.splitlines()[0] == str(Path("drawing-ladder", "drawing-2.svg"))


def test_a_drawing_on_standard_input_is_recognised(sent, capfd):
    sent(SVG.encode())
    assert main(["recognize", "-", "--json", "--recognizer", "embedded", "--top", "1"]) == 0
    assert json.loads(capfd.readouterr().out)[0]["file"] == "-"
    sent(photo())
    assert main(["recognize", "-", "--json", "--recognizer", "embedded", "--top", "1"]) == 0
    assert json.loads(capfd.readouterr().out)[0]["ranked"]


REFUSED = {
    "nothing came": (["draw", "-", "-o", "-"], b"", "standard input is empty: send a photo to it"),
    "no drawing": (["export", "-", "-o", "-"], b"", "standard input is empty: send an SVG to it"),
    "no photo": (["draw", "-", "-o", "-"], b"words", "standard input is not a picture|photo is not a picture"),
    "unknown format": (["export", "-", "-o", "-", "--format", "doc"], b"<svg/>", "--format doc is no known format"),
    "a format for a file": (["export", "-", "-o", "a.svg", "--format", "png"], b"<svg/>", "--format is for -o -"),
    "a preview": (["draw", "-", "-o", "-", "--png"], b"x", "--png writes a file beside the drawing"),
    "options of another format": (
        ["export", "-", "-o", "-", "--format", "png", "--plotter"],
        b"<svg/>",
        "page|plotter",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case, sent, capfd):
    arguments, data, part = REFUSED[case]
    sent(data)
    assert main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == "" and len(err.splitlines()) == 1 and any(one in err for one in part.split("|"))
    assert not list(Path().iterdir())


def test_a_terminal_is_not_waited_for(monkeypatch, capfd):
    class Terminal(Bytes):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Terminal(b"")))
    for arguments in (["draw", "-"], ["export", "-", "-o", "-"], ["recognize", "-"]):
        assert main(arguments) == 2
        assert "nothing is sent to standard input: name a file" in capfd.readouterr().err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_pipes_by_name(tmp_path):
    shell = 'exec "$0" -m strokewise export <(printf %s "$1") -o - --quiet'
    done = subprocess.run(["bash", "-c", shell, sys.executable, SVG], capture_output=True, timeout=240)
    assert done.returncode == 0 and done.stdout.startswith(b"<svg"), done.stderr


# Code pages


@pytest.fixture
def page(monkeypatch):
    """Gives stdout an encoding; what is printed as bytes."""

    def use(encoding: str) -> io.BytesIO:
        raw = io.BytesIO()
        monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, write_through=True))
        return raw

    return use


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("cp1252", b"a \\u732b\\u0159.svg"),
        ("ascii", b"a \\u732b\\u0159.svg"),
        ("cp932", "a 猫\\u0159.svg".encode("cp932")),
        ("utf-8", "a 猫ř.svg".encode()),
    ],
)
def test_paths_in_any_code_page(encoding, written, page):
    raw = page(encoding)
    print_path(Path("a 猫ř.svg"))
    print_text("a 猫ř.svg")
    assert raw.getvalue().replace(b"\r", b"") == (written + b"\n") * 2


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_odd_bytes_of_names_go_out_as_they_are(encoding, page):
    raw = page(encoding)
    print_path(Path(b"a\xe9\xff.svg".decode("ascii", "surrogateescape")))
    assert raw.getvalue().rstrip() == b"a\xe9\xff.svg"


def test_the_handler_is_for_writing_alone():
    with pytest.raises(UnicodeDecodeError):
        codecs.decode(b"\xff", "utf-8", "strokewise-written-out")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437"])
@pytest.mark.parametrize(
    "arguments",
    [["draw", "猫ř.png", *QUICK, "-o", "犬.svg"], ["ladder", "猫ř.png", "--strokes", "2,1", *QUICK[2:], "-o", "犬"]],
)
def test_what_is_drawn_is_no_bug(arguments, encoding, tmp_path, monkeypatch, page, capfd):
    monkeypatch.chdir(tmp_path)
    Path("猫ř.png").write_bytes(photo())
    raw = page(encoding)
    assert main(arguments) == 0
    assert b"\\u72ac" in raw.getvalue() and capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "command", ["", "draw", "batch", "export", "ladder", "fewest", "recognize", "evaluate", "studio", "models"]
)
def test_help_in_ascii(command, page):
    raw = page("ascii")
    assert main([*command.split(), "--help"]) == 0 and b"Usage" in raw.getvalue()


def test_warnings_of_a_photo_are_said_once(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    image = Image.new("RGBA", (96, 80), (255, 255, 255, 0))
    image.paste((255, 255, 255, 255), (20, 20, 70, 60))
    image.save("logo.png")
    assert main(["draw", "logo.png", *QUICK, "--subject", "keep"]) == 0
    err = capfd.readouterr().err
    assert err.count("white on transparent") == 1 and err.startswith(
        "strokewise: warning: logo.png is white on transparent"
    )


def test_the_refusal_names_the_option_that_would_do(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    Image.new("L", (3000, 1000)).save("large.png")
    assert main(["draw", "large.png", "--max-pixels", "1.5"]) == 2
    assert "reduce it, or raise the limit with --max-pixels 3\n" in capfd.readouterr().err
