from __future__ import annotations

import dataclasses
import errno
import io
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from PIL import Image

from strokewise.errors import OutputError
from strokewise.export import FORMATS, ExportOptions, Look, Page, check_writable, save, to_pixels, to_png, write_png
from strokewise.export.svg.text import from_svg
from strokewise.sketch import Sketch

BEGINNINGS = {
    ".svg": b"<svg ",
    ".png": b"\x89PNG",
    ".pdf": b"%PDF-",
    ".json": b'{"format": "strokewise-sketch"',
    ".gif": b"GIF89a",
    ".webp": b"RIFF",
    ".mp4": b"\0\0\0",
    ".lottie.json": b'{"v":"5.7.0"',
    ".hpgl": b"IN;",
    ".gcode": b"G",
    ".dxf": b"  0\nSECTION",
}
"""What files of each format begin with. That they show the drawing is looked at in export/test_table.py."""


@pytest.mark.parametrize("ending", [*BEGINNINGS, ".SVG"])
def test_save(ending, sketch, tmp_path):
    path = tmp_path / f"drawing{ending}"
    options = ExportOptions(size=64, seconds=0.5, fps=4)
    check_writable(path, options=options)
    assert save(sketch, str(path), options) == path
    assert os.listdir(tmp_path) == [path.name]
    assert path.read_bytes().startswith(BEGINNINGS[ending.lower()])
    again = path.read_bytes()
    save(sketch, path, options, force=True)
    assert path.read_bytes() == again


def test_save_without_options(sketch, tmp_path):
    path = tmp_path / "drawing.svg"
    assert save(sketch, path) == path == sketch.save(path, force=True)
    assert path.read_bytes() == sketch.to_svg().encode()
    assert len(from_svg(path.read_bytes())) == 3
    assert pixels_of(save(sketch, tmp_path / "a.png").read_bytes()).shape == (512, 1024, 3)


def refused(path, sketch, match, force=False):
    """Both the early check and the write refuse, and the folder stays as it was."""
    for attempt in (lambda: check_writable(path, force), lambda: save(sketch, path, force=force)):
        with pytest.raises(OutputError, match=match) as caught:
            attempt()
        assert "\n" not in str(caught.value)


def test_existing_file_is_kept(sketch, tmp_path):
    path = tmp_path / "a.svg"
    path.write_text("mine")
    refused(path, sketch, r"a\.svg exists already: .*force=True")
    assert path.read_text() == "mine" and os.listdir(tmp_path) == ["a.svg"]
    save(sketch, path, force=True)
    assert path.read_text() != "mine"


def test_broken_link_counts_as_existing(sketch, tmp_path):
    path = tmp_path / "a.svg"
    try:
        path.symlink_to(tmp_path / "gone.svg")
    except OSError:
        pytest.skip("no links here")
    refused(path, sketch, "exists already")


@pytest.mark.parametrize("name", ["a.tiff", "a", ".svg", "a.svg.txt"])
def test_unknown_ending_lists_the_known_ones(name, sketch, tmp_path):
    known = r"\.svg, \.png, \.pdf, \.json, \.gif, \.webp, \.mp4, \.lottie\.json, \.hpgl, \.gcode or \.dxf$"
    refused(tmp_path / name, sketch, rf"(no known format: use|has no ending: add one of) {known}")


@pytest.mark.parametrize(
    ("ending", "module", "extra"),
    [
        (".pdf", "reportlab", "pdf"),
        (".mp4", "imageio_ffmpeg", "video"),
        (".hpgl", "vpype", "plotter"),
        (".gcode", "vpype_gcode", "plotter"),
        (".dxf", "ezdxf", "dxf"),
    ],
)
def test_a_missing_extra_names_the_one_command(ending, module, extra, sketch, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    refused(tmp_path / f"a{ending}", sketch, rf"needs {module.replace('_', '-')}: pip install 'strokewise\[{extra}\]'$")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("ending", "options", "match"),
    [
        (".png", {"animate": True}, r"a \.png file cannot move: use \.svg, \.gif, \.webp, \.mp4 or \.lottie"),
        (
            ".gif",
            {"page": Page()},
            r"a \.gif file is for no page and no plotter: use \.svg, \.pdf, \.hpgl, \.gcode or \.dxf",
        ),
        (".svg", {"page": Page(), "look": Look(brush="ink")}, "draws with its own pen: leave out the brush 'ink'"),
        (".hpgl", {"look": Look(brush="ink")}, "draws with its own pen"),
        (".dxf", {"look": Look(brush="ink")}, "draws with its own pen"),
        (".lottie.json", {"look": Look(brush="ink")}, "plain strokes: leave out the brush 'ink', or write a .gif"),
        (".lottie.json", {"page": Page()}, "a .lottie.json file is for no page"),
        (".json", {"look": Look(brush="ink")}, "bare strokes: leave out the brush"),
        (".svg", {"animate": True, "look": Look(brush="pen")}, "plain strokes: leave out the brush 'pen'"),
    ],
)
def test_options_that_a_format_cannot_follow_are_refused(ending, options, match, sketch, tmp_path):
    chosen = ExportOptions(**options)
    for attempt in (
        lambda: check_writable(tmp_path / f"a{ending}", options=chosen),
        lambda: save(sketch, tmp_path / f"a{ending}", chosen),
        lambda: FORMATS[ending](sketch, chosen),
    ):
        with pytest.raises(OutputError, match=match):
            attempt()
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"size": 0}, "from 1 to 16384 pixels, not 0"),
        ({"size": 16385}, "from 1 to 16384"),
        ({"seconds": 0.4}, "from 0.5 to 120, not 0.4"),
        ({"seconds": float("nan")}, "not nan"),
        ({"seconds": float("inf")}, "not inf"),
        ({"fps": 61}, "from 1 to 60, not 61"),
        ({"animate": True, "page": Page()}, "leave out animate=True, or the page"),
    ],
)
def test_absurd_options(options, match):
    with pytest.raises(OutputError, match=match):
        ExportOptions(**options)


@pytest.mark.parametrize("force", [False, True])
def test_bad_places(force, sketch, tmp_path):
    refused(tmp_path / "no" / "a.svg", sketch, "folder .*no does not exist", force)
    (tmp_path / "b.svg").mkdir()
    refused(tmp_path / "b.svg", sketch, "is a folder", force)
    (tmp_path / "file").write_text("")
    refused(tmp_path / "file" / "a.svg", sketch, "is not a folder", force)
    refused(tmp_path / "file" / "no" / "a.svg", sketch, "no usable file name", force)
    refused(tmp_path / ("x" * 3000 + ".svg"), sketch, "no usable file name", force)
    refused("a\0.svg", sketch, "no usable file name", force)


def test_unwritable_folder(sketch, tmp_path, monkeypatch):
    folder = tmp_path / "locked"
    folder.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    refused(folder / "a.svg", sketch, "may not be written to")


@pytest.mark.parametrize("call", ["write", "fsync", "replace", "open"])
@pytest.mark.parametrize("there", [False, True])
def test_failures_leave_nothing_behind(call, there, sketch, tmp_path, monkeypatch):
    path = tmp_path / "a.svg"
    if there:
        path.write_text("mine")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "write":
        real = os.fdopen

        def full_file(descriptor, mode):
            file = real(descriptor, mode)
            monkeypatch.setattr(file, "write", full)
            return file

        monkeypatch.setattr(os, "fdopen", full_file)
    else:
        monkeypatch.setattr(os, call, full)
    with pytest.raises(OutputError, match=r"a\.svg cannot be written \(No space left on device\)"):
        save(sketch, path, force=True)
    monkeypatch.undo()
    assert [p.read_text() for p in tmp_path.iterdir()] == (["mine"] if there else [])


def test_interrupt_leaves_nothing_behind(sketch, tmp_path, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        save(sketch, tmp_path / "a.svg")
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_turns_up_meanwhile_is_kept(links, sketch, tmp_path, monkeypatch):
    path = tmp_path / "a.svg"
    real = os.fsync

    def other_program(descriptor):
        path.write_text("theirs")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", other_program)
    if not links:
        no_links(monkeypatch)
    with pytest.raises(OutputError, match="exists already"):
        save(sketch, path)
    assert path.read_text() == "theirs" and os.listdir(tmp_path) == ["a.svg"]


def no_links(monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


def test_file_systems_without_hard_links(sketch, tmp_path, monkeypatch):
    no_links(monkeypatch)
    save(sketch, tmp_path / "a.svg")
    assert os.listdir(tmp_path) == ["a.svg"] and (tmp_path / "a.svg").stat().st_size > 100

    def refuse(*_):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(OutputError, match="Input/output"):
        save(sketch, tmp_path / "b.svg")
    assert os.listdir(tmp_path) == ["a.svg"]


def test_one_of_many_writers_wins(sketch, tmp_path):
    outcomes = []

    def write():
        try:
            outcomes.append(save(sketch, tmp_path / "a.svg").name)
        except OutputError:
            outcomes.append("refused")

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["a.svg"] + ["refused"] * 7
    assert os.listdir(tmp_path) == ["a.svg"]


@pytest.mark.skipif(os.name == "nt", reason="permissions are other there")
def test_files_have_ordinary_permissions(sketch, tmp_path):
    before = os.umask(0o022)
    try:
        assert save(sketch, tmp_path / "a.svg").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def pixels_of(data):
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    return np.asarray(image.convert("RGB"), dtype=float) / 255


def test_png_shows_the_strokes_on_white():
    sketch = Sketch.of((100, 50), [[[10, 25], [30, 25], [60, 25], [90, 25]]], widths=10, colors=[1, 0, 0])
    pixels = pixels_of(to_png(sketch, 200))
    assert pixels.shape == (100, 200, 3)
    assert pixels[0, 0].tolist() == [1, 1, 1] and pixels[50, 100].tolist() == [1, 0, 0]
    # The stroke is full width, from 20 to 30 in the drawing, and its caps are round.
    assert pixels[41, 100].tolist() == [1, 0, 0] and pixels[38, 100].tolist() == [1, 1, 1]
    assert pixels[50, 12].tolist() == [1, 0, 0] and pixels[41, 12].tolist() == [1, 1, 1]


def test_png_opacity():
    sketch = Sketch.of((20, 20), [[[0, 10], [5, 10], [15, 10], [20, 10]]], widths=8, opacities=0.5)
    assert pixels_of(to_png(sketch, 20))[10, 10] == pytest.approx([0.5] * 3, abs=0.01)


@pytest.mark.parametrize("canvas", [(1, 1), (7, 3000), (4000.5, 3000.25)])
@pytest.mark.parametrize("long_side", [1, 33, 500])
def test_png_sizes(canvas, long_side):
    sketch = Sketch.of(canvas, np.zeros((1, 4, 2)))
    height, width, _ = pixels_of(to_png(sketch, long_side)).shape
    assert max(width, height) == long_side
    assert width == max(1, round(long_side * canvas[0] / max(canvas)))


@pytest.mark.parametrize("long_side", [0, -5, 20_000])
def test_png_size_range(long_side, sketch):
    with pytest.raises(OutputError, match="from 1 to 16384"):
        to_png(sketch, long_side)


def test_write_png(sketch, tmp_path):
    assert pixels_of(write_png(sketch, tmp_path / "a.png", 300).read_bytes()).shape == (150, 300, 3)
    with pytest.raises(OutputError, match="exists already"):
        write_png(sketch, tmp_path / "a.png")
    assert write_png(sketch, tmp_path / "a.png", 64, force=True).stat().st_size > 0


def test_same_bytes_in_another_process(sketch, tmp_path):
    program = (
        "import sys; from strokewise.export.svg.text import from_svg; from strokewise.export import to_png;"
        "s = from_svg(open(sys.argv[1], 'rb').read());"
        "sys.stdout.buffer.write(s.to_svg().encode() + to_png(s, 100))"
    )
    path = save(sketch, tmp_path / "a.svg")
    runs = [subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, check=True) for _ in "ab"]
    expected = path.read_bytes() + to_png(from_svg(path.read_bytes()), 100)
    assert runs[0].stdout == runs[1].stdout == expected


def test_check_writable_leaves_no_trace(tmp_path):
    check_writable(tmp_path / "a.svg")
    check_writable(tmp_path / "a.png", True)
    assert os.listdir(tmp_path) == []


def test_formats_are_listed():
    assert list(FORMATS) == list(BEGINNINGS)


def test_pixels_are_those_of_the_png(sketch):
    pixels = to_pixels(sketch, 100)
    assert pixels.dtype == np.uint8 and (pixels / 255 == pixels_of(to_png(sketch, 100))).all()


def test_png_on_paper(sketch):
    sketch = dataclasses.replace(sketch, paper=(1, 0.8, 0.6))
    for transparent in (False, True):
        assert pixels_of(to_png(sketch, 100, transparent=transparent))[0, 99] == pytest.approx([1, 0.8, 0.6])


def test_every_public_name_is_there():
    import strokewise.export as package

    for name in package.__all__:
        assert getattr(package, name) is not None
    with pytest.raises(AttributeError):
        package.nothing  # noqa: B018
