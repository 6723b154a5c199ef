from __future__ import annotations

import io
import itertools
import json
import os
import re
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from strokewise.errors import OutputError
from strokewise.export.film import ffmpeg, video
from strokewise.export.film.video import animated, check_film, to_film, to_gif, to_mp4, to_webp
from strokewise.export.look import Look, dressed
from strokewise.export.options import ExportOptions
from strokewise.export.png import to_pixels
from strokewise.sketch import Sketch

imageio_ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="the extra `video` is not installed here")
SHORT = ExportOptions(size=120, seconds=1.0, fps=8)
ENDINGS = (".gif", ".webp", ".mp4")
OFF = {".gif": 8, ".webp": 0, ".mp4": 60}
"""How far a pixel may be off, of 255: the palette's step, nothing, and what H.264, which
has one colour for two by two pixels, makes of the rim of a line."""
OFF_MEAN = {".gif": 1.0, ".webp": 0.0, ".mp4": 3.5}


def opened(data, ending):
    """Pictures, uint8 [time, y, x, rgb], and how long each stays, milliseconds, as another program sees them."""
    if ending == ".mp4":
        return film_frames(data)
    image = Image.open(io.BytesIO(data))
    assert image.format == ending[1:].upper() and image.info["loop"] == 0
    pictures, stays = [], []
    for number in range(image.n_frames):
        image.seek(number)
        image.load()
        pictures.append(np.asarray(image.convert("RGB")))
        stays.append(image.info["duration"])
    return np.stack(pictures).astype(int), stays


def film_frames(data):
    program = imageio_ffmpeg.get_ffmpeg_exe()
    with open("film.mp4", "wb") as file:
        file.write(data)
    told = subprocess.run([program, "-hide_banner", "-i", "film.mp4"], capture_output=True, text=True).stderr
    width, height = map(int, re.search(r"Video: h264.* (\d+)x(\d+)", told).groups())
    assert "yuv420p(tv, bt709" in told
    fps = float(re.search(r"([\d.]+) fps", told)[1])
    exact = "scale=in_range=tv:in_color_matrix=bt709:out_range=full:flags=bicubic+accurate_rnd+full_chroma_int+bitexact"
    command = [program, "-loglevel", "error", "-i", "film.mp4", "-vf", exact]
    command += ["-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    pictures = np.frombuffer(raw, dtype=np.uint8).reshape(-1, height, width, 3).astype(int)
    return pictures, [1000 / fps] * len(pictures)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def even(picture):
    """As an MP4 has it, with an even number of rows and columns."""
    return np.pad(picture, ((0, picture.shape[0] % 2), (0, picture.shape[1] % 2), (0, 0)), mode="edge")


LOOKS = {
    "plain": Look(width=4),
    "dressed": Look(width=6, color="navy", paper="#fdf6e3", opacity=0.6),
    "chalk": Look(width=5, color="#ffe08a", paper="#1d2b27"),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("ending", ENDINGS)
def test_films_are_of_the_drawing(ending, look, sketch):
    sketch = dressed(sketch, LOOKS[look])
    pictures, stays = opened(animated(sketch, ending, SHORT), ending)
    # 9 pictures for a second of 8, and the last one stays for a second more.
    assert len(pictures) == (9 - 1 + 8 if ending == ".mp4" else 9)
    assert sum(stays) == pytest.approx(2000, abs=1)
    if ending != ".mp4":
        assert stays[:-1] == pytest.approx([125] * 8, abs=6) and stays[-1] == pytest.approx(1000, abs=6)
    whole = to_pixels(sketch, 120).astype(int)
    bare = to_pixels(sketch.reordered([]), 120).astype(int)
    for picture, wanted in ((pictures[0], bare), (pictures[-1], whole), (pictures[8], whole)):
        assert np.abs(picture - wanted).max() <= OFF[ending]
        assert np.abs(picture - wanted).mean() <= OFF_MEAN[ending]
    # Paper is paper.
    assert np.abs(pictures[:, 0, 0] - bare[0, 0]).max() <= (3 if ending == ".mp4" else 0)
    ink = np.abs(pictures - bare).sum((1, 2, 3))[:9]
    assert (np.diff(ink) > 0).all()


@pytest.mark.parametrize("ending", ENDINGS)
def test_strokes_of_many_colors(ending):
    hues = np.random.default_rng(2).uniform(0, 1, (12, 3))
    strokes = [np.linspace((10, 8 * i + 6), (90, 8 * i + 6), 4) for i in range(12)]
    sketch = Sketch.of((100, 100), strokes, widths=5, colors=hues, opacities=np.linspace(0.4, 1, 12))
    pictures, _ = opened(animated(sketch, ending, ExportOptions(size=200, seconds=0.5, fps=6)), ending)
    wanted = to_pixels(sketch, 200).astype(int)
    assert np.abs(pictures[-1] - wanted).mean() <= OFF_MEAN[ending]
    # In the middle of each stroke, its colour.
    middles = [int(16 * i + 12) for i in range(12)]
    assert (
        np.abs(pictures[-1][middles, 100] - wanted[middles, 100]).max() <= {".gif": 0, ".webp": 0, ".mp4": 40}[ending]
    )


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("canvas", [(100, 100), (101, 67), (30, 300), (1, 500)])
def test_sizes(ending, canvas):
    points = np.linspace((0, 0), canvas, 4)[None]
    sketch = Sketch.of(canvas, points, widths=max(canvas) / 30)
    options = ExportOptions(size=75, seconds=0.5, fps=4)
    pictures, _ = opened(animated(sketch, ending, options), ending)
    wanted = to_pixels(sketch, 75).astype(int)
    wanted = even(wanted) if ending == ".mp4" else wanted
    assert pictures.shape[1:] == wanted.shape
    assert np.abs(pictures[-1] - wanted).mean() < 8


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_empty_drawing_is_blank_paper(ending, sketch):
    pictures, stays = opened(animated(sketch.reordered([]), ending, SHORT), ending)
    assert (pictures >= 253).all() and sum(stays) == pytest.approx(2000, abs=1)


@pytest.mark.parametrize("ending", ENDINGS)
def test_brushes(ending, sketch):
    options = ExportOptions(size=100, seconds=0.5, fps=6, look=Look(brush="ink", width=6))
    sketch = dressed(sketch, options.look)
    pictures, _ = opened(animated(sketch, ending, options), ending)
    wanted = to_pixels(sketch, 100, brush="ink").astype(int)
    assert np.abs(pictures[-1] - wanted).max() <= OFF[ending]


@pytest.mark.parametrize("ending", ENDINGS)
def test_same_bytes_in_another_process(ending, sketch):
    program = (
        "import sys; from strokewise import from_svg; from strokewise.export.film.video import animated;"
        "from strokewise.export.options import ExportOptions;"
        "s = from_svg(open('a.svg', 'rb').read());"
        f"sys.stdout.buffer.write(animated(s, {ending!r}, ExportOptions(size=90, seconds=0.5, fps=6)))"
    )
    sketch.save("a.svg")
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout for _ in "ab"]
    assert runs[0] == runs[1] and len(runs[0]) > 200


def noise(count=4, shape=(40, 50)):
    return [np.random.default_rng(i).integers(0, 256, (*shape, 3), dtype=np.uint8) for i in range(count)]


def test_webp_is_lossless():
    frames = noise()
    pictures, stays = opened(to_webp(frames, 10, 0.5), ".webp")
    assert (pictures == np.stack(frames)).all() and stays == [100, 100, 100, 500]


@pytest.mark.parametrize("seed", range(6))
def test_only_changes_are_written_and_all_of_them(seed):
    # Boxes of few colours come and go, so that every picture differs in some part, and some in none.
    rng = np.random.default_rng(seed)
    colors = np.array([[255, 255, 255], [0, 0, 0], [200, 30, 30], [30, 30, 200]], dtype=np.uint8)
    frame, frames = np.tile(colors[0], (31, 45, 1)), []
    for _ in range(12):
        y, x = rng.integers(0, 31), rng.integers(0, 45)
        frame = frame.copy()
        frame[y : y + rng.integers(0, 9), x : x + rng.integers(0, 9)] = colors[rng.integers(0, 4)]
        frames.append(frame)
    sample = np.concatenate([np.repeat(colors[None], 3, axis=0), np.tile(colors[:1], (3, 8, 1))], axis=1)
    kept = [0] + [k for k in range(1, 12) if (frames[k] != frames[k - 1]).any()]
    for ending, ticks in ((".gif", 10), (".webp", 1)):
        pictures, stays = opened(to_film(frames, ending, 7, 1.0, sample=sample), ending)
        assert (pictures == np.stack([frames[k] for k in kept])).all()
        starts = np.concatenate([[0], np.cumsum(stays)])
        assert starts[:-1] == pytest.approx([1000 * k / 7 for k in kept], abs=ticks)
        assert starts[-1] == pytest.approx(1000 * 11 / 7 + 1000, abs=ticks)


def test_gif_colors():
    ramp = np.linspace(255, 0, 256).astype(np.uint8)
    sample = np.repeat(np.tile(ramp[None, :, None], (4, 1, 3)), 2, axis=0)
    sample = np.concatenate([np.full((60, 256, 3), 255, np.uint8), sample])
    data = to_gif([sample], 10, sample=sample)
    pictures, _ = opened(data, ".gif")
    assert np.abs(pictures[0] - sample.astype(int)).max() <= 8
    assert (pictures[0][:60] == 255).all() and pictures[0][-1, -1].tolist() == [0, 0, 0]
    assert len(np.unique(pictures[0])) <= 32 and data[10] & 7 <= 4


def test_gif_of_more_colors_than_it_can_have():
    frames = noise(2, (60, 60))
    pictures, _ = opened(to_gif(frames, 10, sample=frames[0]), ".gif")
    assert np.abs(pictures - np.stack(frames)).mean() < 30


def test_gifs_are_small():
    t = np.linspace(0, 2 * np.pi, 17)
    ring = np.stack([120 + 90 * np.cos(t), 120 + 90 * np.sin(t)], axis=1)
    sketch = Sketch.of((240, 240), [np.linspace(a, b, 4) for a, b in itertools.pairwise(ring)], widths=2)
    sizes = {e: len(animated(sketch, e, ExportOptions(size=240, seconds=2, fps=12))) for e in ENDINGS}
    still = io.BytesIO()
    Image.fromarray(to_pixels(sketch, 240)).save(still, "GIF")
    most = {".gif": 3, ".webp": 3, ".mp4": 10}
    assert all(size < most[e] * len(still.getvalue()) for e, size in sizes.items()), sizes


@pytest.mark.parametrize("ending", [".gif", ".webp"])
def test_pictures_are_not_held(ending):
    def frames(count):
        for k in range(count):
            frame = np.full((400, 400, 3), 255, np.uint8)
            frame[k : k + 3] = 0
            yield frame

    blank = next(frames(1))
    to_film(frames(2), ending, 10, sample=blank)  # what is imported and remembered at first
    peaks = []
    for count in (4, 120):
        tracemalloc.start()
        to_film(frames(count), ending, 10, sample=blank)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2 * blank.nbytes


def test_the_clock_of_a_gif(sketch):
    pictures, stays = opened(animated(sketch, ".gif", ExportOptions(size=60, seconds=0.5, fps=60)), ".gif")
    assert len(pictures) == 26 and set(stays[:-1]) == {20}
    with pytest.raises(ValueError, match="1 to 50"):
        to_gif(noise(1), 60, sample=noise(1)[0])


@pytest.mark.parametrize(
    "write", [lambda f: to_gif(f, 5, sample=noise(1)[0]), lambda f: to_webp(f, 5), lambda f: to_mp4(f, 5)]
)
def test_no_pictures(write):
    with pytest.raises(ValueError, match="at least one picture"):
        write([])


@pytest.mark.parametrize(
    ("match", "options"),
    [
        ("from 16 to 3840", {"size": 4000}),
        ("from 16 to 3840", {"size": 5}),
        ("7201 pictures of 3840 x 3840", {"size": 3840, "seconds": 120, "fps": 60}),
    ],
)
def test_what_is_too_much(match, options):
    sketch = Sketch.of((100, 100), np.zeros((1, 4, 2)))
    with pytest.raises(OutputError, match=match) as caught:
        animated(sketch, ".webp", ExportOptions(**options))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((".png", 512, 6, 24), r"\.png file cannot move: use \.gif, \.webp or \.mp4"),
        ((".gif", 512, float("nan"), 24), "from 0.5 to 120"),
        ((".gif", 512, 0.1, 24), "from 0.5 to 120"),
        ((".gif", 512, 6, 0), "from 1 to 60"),
    ],
)
def test_check_film(arguments, match):
    with pytest.raises(OutputError, match=match):
        check_film(*arguments)


def test_how_many_pictures():
    assert check_film(".mp4", 512, 6, 24) == (24, 145)
    assert check_film(".gif", 512, 6, 60) == (50, 301)
    assert check_film(".webp", 512, 0.5, 1) == (1, 2)


# When ffmpeg will not


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts a Python program in the place of ffmpeg; it is told where it may write."""

    def program(text):
        path = tmp_path / "ffmpeg"
        path.write_text(f"#!{sys.executable}\nimport os, sys, time\n{text}\n")
        path.chmod(0o755)
        monkeypatch.setattr(ffmpeg, "find_ffmpeg", lambda: str(path))
        monkeypatch.setattr(ffmpeg.tempfile, "tempdir", str(tmp_path / "temporary"))
        (tmp_path / "temporary").mkdir()

    return program


def left_behind(tmp_path):
    return os.listdir(tmp_path / "temporary")


needs_scripts = pytest.mark.skipif(os.name == "nt", reason="a script is no program there")


@needs_scripts
@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("sys.exit('line one\\nUnknown encoder libx264\\n')", r"ffmpeg failed \(Unknown encoder libx264\): make"),
        ("open('film.mp4', 'w').write('half'); sys.exit(3)", "no reason given"),
        ("sys.stdin.buffer.read()", "no reason given"),
        ("os.kill(os.getpid(), 9)", "ffmpeg failed"),
    ],
)
def test_a_failing_program(text, match, program, tmp_path):
    program(text)
    with pytest.raises(OutputError, match=match) as caught:
        to_mp4(noise(40, (100, 100)), 5)
    assert "\n" not in str(caught.value) and left_behind(tmp_path) == []


@needs_scripts
def test_a_program_that_does_not_end(program, tmp_path, monkeypatch):
    program("open('../../pid', 'w').write(str(os.getpid())); sys.stdin.buffer.read(); time.sleep(60)")
    monkeypatch.setattr(ffmpeg, "SECONDS", 0.3)
    with pytest.raises(OutputError, match="does not finish"):
        to_mp4(noise(1), 5)
    assert not alive(tmp_path) and left_behind(tmp_path) == []


@needs_scripts
@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_on_the_way_ends_the_program(error, program, tmp_path):
    program("open('../../pid', 'w').write(str(os.getpid())); sys.stdin.buffer.read(); time.sleep(60)")

    def frames():
        yield from noise(3)  # one is looked ahead, and the program is started with the first
        for _ in range(1000):
            if (tmp_path / "pid").exists() and (tmp_path / "pid").read_text():
                raise error("on the way")
            time.sleep(0.01)

    with pytest.raises(error):
        to_mp4(frames(), 5)
    assert not alive(tmp_path) and left_behind(tmp_path) == []


def alive(tmp_path):
    try:
        os.kill(int((tmp_path / "pid").read_text()), 0)
    except ProcessLookupError:
        return False
    return True


def test_a_program_that_cannot_be_started(monkeypatch, tmp_path):
    monkeypatch.setattr(ffmpeg, "find_ffmpeg", lambda: str(tmp_path / "gone"))
    with pytest.raises(OutputError, match="ffmpeg cannot be started"):
        to_mp4(noise(1), 5)


def test_without_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(OutputError, match=r"pip install 'strokewise\[video\]'"):
        to_mp4(noise(1), 5)


def test_without_a_program_for_this_machine(monkeypatch):
    def none():
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", none)
    with pytest.raises(OutputError, match="no ffmpeg for this machine"):
        to_mp4(noise(1), 5)


def test_nothing_of_the_drawing_reaches_the_command_line(program, sketch, tmp_path):
    program(
        "import json; json.dump(sys.argv[1:], open('../../argv', 'w')); sys.stdin.buffer.read(); open('film.mp4', 'w')"
    )
    sketch.metadata["title"] = "-i /etc/passwd; $(touch x)"
    animated(sketch, ".mp4", SHORT)
    argv = json.loads((tmp_path / "argv").read_text())
    assert argv[argv.index("-i") + 1] == "pipe:0" and argv[-1] == "film.mp4"
    assert not any("passwd" in a or os.sep in a for a in argv)


def test_save_goes_the_same_way(sketch, tmp_path):
    from strokewise.export import save

    path = save(sketch, tmp_path / "a.gif", SHORT)
    assert path.read_bytes() == animated(sketch, ".gif", SHORT)
    assert video.HOLD == 1.0
