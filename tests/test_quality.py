"""The yardstick of drawings (`benchmarks/quality`): figures, judges, kept drawings, the whole command."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.quality import __main__ as quality
from benchmarks.quality import figures, judges, sheets
from benchmarks.quality.draw import DrawError, Drawings, Job, Side
from benchmarks.quality.likeness import Framing, Gallery, place_of, spread
from strokewise import Sketch, draw

HERE = Path(__file__).parent.parent
needs_wait4 = pytest.mark.skipif(not hasattr(os, "wait4"), reason="processor time is asked of wait4")


def lines(*pairs):
    """Straight strokes from pairs of points, on a canvas of 200 x 100."""
    points = np.array([np.linspace(a, b, 4) for a, b in pairs], dtype=float)
    return Sketch.of((200, 100), points, widths=2)


# Figures


def row(photo, side, value, seed=0, strokes=16, name="forced"):
    return {"photo": photo, "side": side, "seed": seed, "strokes": strokes, name: value}


def test_only_what_both_sides_have_is_compared_and_seeds_are_averaged():
    rows = [row("a", "old", 0), row("a", "new", 1), row("a", "old", 1, seed=1), row("a", "new", 1, seed=1)]
    rows += [row("b", "old", 0), row("b", "new", 0), row("c", "new", 1), row("d", "old", None), row("d", "new", 1)]
    old, new = figures.paired(rows, "forced")
    assert old.tolist() == [0.5, 0] and new.tolist() == [1, 0]
    found = figures.summarize(rows)
    assert found["16"]["forced"] | {"low": 0, "high": 0} == {
        "photos": 2,
        "old": 0.25,
        "new": 0.5,
        "difference": 0.25,
        "low": 0,
        "high": 0,
    }
    assert list(found["16"]) == ["forced"]


def test_the_interval_is_that_of_the_mean_of_pairs():
    rng = np.random.default_rng(1)
    differences = rng.normal(0.3, 1, 200)
    low, high = figures.interval(differences)
    half = 1.96 * differences.std() / np.sqrt(200)
    np.testing.assert_allclose((low, high), (differences.mean() - half, differences.mean() + half), atol=0.02)
    assert figures.interval(differences) == (low, high)  # the same every time
    np.testing.assert_allclose(figures.interval(np.full(9, 0.2)), 0.2)
    assert figures.interval(np.array([0.4])) == (0.4, 0.4)


def test_the_table_marks_differences_that_are_none_of_chance():
    many = [row(str(k), side, side == "new") for k in range(8) for side in ("old", "new")]
    many += [row(str(k), side, 5.0 if side == "new" else 3.0, name="rank") for k in range(8) for side in ("old", "new")]
    text = figures.table(figures.summarize(many))
    assert "| recognised, forced choice | 8 | 0 % | 100 % | **+100 % (+100 to +100)** better |" in text
    assert "| rank of its own photo | 8 | 3 | 5 | **+2 (+2 to +2)** worse |" in text
    few = [one for one in many if int(one["photo"]) < 5]
    assert "**+" not in figures.table(figures.summarize(few))


# Recognition


KNOWN = ("car", "cat", "dog", "penguin", "soccer ball", "ball", "sheep", "horse", "cow", "pig", "cup", "chair")


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("cat.jpg", "cat"),
        ("controlsketch-dog-18.jpg", "dog"),
        ("king_penguin.png", "penguin"),
        ("sports_car.jpg", "car"),
        ("Soccer Ball 3.jpg", "soccer ball"),
        ("cats.jpg", "cat"),
        ("boston_bull.jpg", None),
        ("cartoon.jpg", None),
    ],
)
def test_names_of_files_tell_labels(name, label):
    assert judges.label_of(Path(name), KNOWN, folders=False) == label


def test_names_of_folders_tell_labels_where_there_are_some():
    assert judges.label_of(Path("soccer_ball/dog.jpg"), KNOWN, folders=True) == "soccer ball"


def test_a_forced_choice_is_of_ten_at_least():
    chosen = judges.choices_of(["dog", "dog", "cat"], KNOWN)
    assert len(chosen) == len(set(chosen)) == judges.CHOICES and {"dog", "cat"} <= set(chosen) <= set(KNOWN)
    assert judges.choices_of(KNOWN, KNOWN) == tuple(sorted(KNOWN))
    assert judges.choices_of(["dog"], ("dog", "cat")) == ("cat", "dog")


class Judge:
    """One that answers as it is told."""

    name, labels = "told", KNOWN

    def __init__(self, forced, free):
        self.forced, self.free = forced, free

    def probabilities(self, images, labels, *, none=False):
        assert images.shape == (1, 3, 8, 8) and tuple(labels) == ("cat", "dog")
        return np.array([self.free if none else self.forced])


def test_what_the_judge_says_is_counted():
    picture = np.ones((3, 8, 8), dtype=np.float32)
    found = judges.judge_picture(Judge([0.3, 0.7], [0.1, 0.3, 0.6]), picture, "dog", ("cat", "dog"))
    assert found == {"forced": 1, "sure": 0.7, "none": 0, "said": "none of these"}
    found = judges.judge_picture(Judge([0.3, 0.7], [0.5, 0.3, 0.2]), picture, "cat", ("cat", "dog"))
    assert found == {"forced": 0, "sure": 0.3, "none": 1, "said": "cat"}


def test_labels_that_are_given_come_first_and_must_be_known(tmp_path):
    photos = [Path("x/1.jpg"), Path("x/dog.jpg"), Path("x/2.jpg")]
    judge = Judge([], [])
    found = judges.labels_for(photos, judge, False, {"1.jpg": "Soccer_Ball", "dog.jpg": "cat"})
    assert found == {photos[0]: "soccer ball", photos[1]: "cat"}
    with pytest.raises(SystemExit, match=r"told does not know the label 'moose' of 1.jpg"):
        judges.labels_for(photos, judge, False, {"1.jpg": "moose"})
    for content in ("{", "[1]", '{"a": 1}'):
        (tmp_path / "labels.json").write_text(content)
        with pytest.raises(SystemExit, match=r"labels.json"):
            judges.read_labels(tmp_path / "labels.json")


def test_a_judge_that_is_not_there_is_told_in_one_line(tmp_path):
    (tmp_path / "damaged.safetensors").write_bytes(b"nothing")
    for name in (str(tmp_path / "none.safetensors"), str(tmp_path / "damaged.safetensors"), "nobody"):
        with pytest.raises(SystemExit, match=r"^the judge .* cannot be had: ") as caught:
            judges.load_judge(name)
        assert "\n" not in str(caught.value)


# Likeness


def test_the_nearest_photo_has_place_one_and_ties_count_against():
    photos = np.array([[1, 0], [0, 1], [0.6, 0.8], [0, 1]], dtype=np.float32)
    assert [place_of(np.array([0.1, 1], dtype=np.float32), photos, k) for k in range(4)] == [4, 2, 3, 2]


def test_some_of_many_are_taken_evenly():
    paths = [Path(str(k)) for k in range(10)]
    assert spread(paths, 10) == spread(paths, 99) == paths
    assert spread(paths, 3) == [paths[0], paths[3], paths[6]] and spread(paths, 0) == []


@pytest.mark.slow
def test_the_loss_is_that_of_the_drawing_and_it_finds_its_photo(tmp_path):
    gallery = Gallery(tmp_path)
    paths = [HERE / "examples" / name for name in ("coffee.jpg", "duck.jpg")]
    assert all(gallery.add(path) for path in paths) and not gallery.add(paths[0])
    framing = Framing.of(paths[0])
    sketch = draw(framing.prepared, strokes=8, steps=2, candidates=1)
    assert framing.loss(sketch) == pytest.approx(sketch.metadata["losses"]["total"], rel=1e-4)
    assert gallery.rank(paths[0], framing.embedding(sketch)) == 1
    assert gallery.rank(tmp_path / "other.jpg", framing.embedding(sketch)) is None
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "embeddings").iterdir()}
    again = Gallery(tmp_path)
    assert again.add(paths[1]) and np.array_equal(again.rows[0], gallery.rows[1])
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "embeddings").iterdir()} == kept


# Drawings that are kept


FAKE = """
import shutil, sys, time
from pathlib import Path
here = Path(__file__).parent
with (here / "calls.log").open("a") as log:
    log.write(" ".join(sys.argv[1:]) + "\\n")
if (here / "slow.txt").exists():
    time.sleep(60)
if (here / "fails.txt").exists():
    sys.exit("one line\\nError: nothing to draw")
shutil.copy(here / "drawing.svg", sys.argv[sys.argv.index("-o") + 1])
"""


@pytest.fixture
def checkout(tmp_path):
    """A folder whose package copies one drawing, and notes how it was called."""
    package = tmp_path / "checkout" / "src" / "strokewise"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text(FAKE)
    (package / "drawing.svg").write_text(lines(((10, 10), (190, 90)), ((10, 90), (190, 10))).to_svg())
    return package.parent.parent


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photos" / "cat.png"
    path.parent.mkdir()
    picture = Image.new("RGB", (200, 100), "white")
    picture.paste((60, 60, 60), (60, 20, 140, 80))
    picture.save(path)
    return path


def calls(checkout):
    log = checkout / "src" / "strokewise" / "calls.log"
    return log.read_text().splitlines() if log.exists() else []


@needs_wait4
def test_a_drawing_is_made_once_and_again_when_anything_changes(checkout, photo, tmp_path):
    side = Side.of("old", checkout, options="--steps 5 --subject keep")
    job = Job(side, photo, 4, 1)
    drawings = Drawings(tmp_path / "work")
    assert drawings.find(job) is None
    made = drawings.make(job)
    assert drawings.find(job) == Drawings(tmp_path / "work").find(job) and made.cpu > 0 and made.svg.is_file()
    warm, real = calls(checkout)
    assert warm.startswith("draw ") and " -n 1 " in warm
    assert f"draw {photo.resolve()} -n 4 --seed 1 -o " in real and real.endswith("--quiet --steps 5 --subject keep")
    others = [
        Job(side, photo, 8, 1),
        Job(side, photo, 4, 2),
        Job(Side.of("old", checkout, options="--steps 6"), photo, 4, 1),
    ]
    (checkout / "src" / "strokewise" / "more.py").write_text("")
    others.append(Job(Side.of("old", checkout, options="--steps 5 --subject keep"), photo, 4, 1))
    assert [drawings.find(other) for other in others] == [None] * 4
    key = job.key()
    photo.write_bytes(photo.read_bytes() + b" ")
    assert job.key() != key


@needs_wait4
def test_half_a_drawing_is_none(checkout, photo, tmp_path):
    job = Job(Side.of("new", checkout), photo, 4, 0)
    drawings = Drawings(tmp_path / "work")
    made = drawings.make(job)
    record = made.svg.with_suffix(".json")
    record.write_text(record.read_text()[:20])
    assert drawings.find(job) is None
    record.unlink()
    assert drawings.find(job) is None
    drawings.make(job)
    assert drawings.find(job) is not None and len(calls(checkout)) == 3


@needs_wait4
def test_what_fails_or_hangs_is_told_and_leaves_no_drawing(checkout, photo, tmp_path):
    job = Job(Side.of("new", checkout), photo, 4, 0)
    (checkout / "src" / "strokewise" / "fails.txt").touch()
    with pytest.raises(DrawError, match=r"^cat.png, 4 strokes, new: Error: nothing to draw$"):
        Drawings(tmp_path / "work").make(job)
    (checkout / "src" / "strokewise" / "slow.txt").touch()
    with pytest.raises(DrawError, match=r"^cat.png, 4 strokes, new: it took more than 1 s: raise --timeout$"):
        Drawings(tmp_path / "work", timeout=1).make(job)
    assert Drawings(tmp_path / "work").find(job) is None
    found, failed = quality.draw_all([job, job], Drawings(tmp_path / "work", timeout=1))
    assert not found and len(failed) == 2


def test_a_folder_that_is_no_checkout_is_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"is no checkout of Strokewise"):
        Side.of("old", tmp_path)
    with pytest.raises(SystemExit, match=r"--old-options cannot be read"):
        Side.of("old", HERE, options="--title 'a")


# The whole command


def test_photos_are_those_of_the_folder_or_of_its_class_folders(tmp_path):
    for name in ("cat/1.jpg", "cat/notes.txt", "dog/2.png", "dog/2.drawing.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found, folders = quality.list_photos(tmp_path, 0, "")
    assert [path.name for path in found] == ["1.jpg", "2.png"] and folders
    assert quality.list_photos(tmp_path / "dog", 0, "") == ([tmp_path / "dog" / "2.png"], False)
    assert [path.name for path in quality.list_photos(tmp_path, 0, "dog,bird")[0]] == ["2.png"]
    assert sheets.find_rival(tmp_path / "dog" / "2.png", None) == tmp_path / "dog" / "2.drawing.png"
    for folder, only, said in (
        (tmp_path / "dog", "bird", "has no photos with bird"),
        (tmp_path / "none", "", "no folder"),
    ):
        with pytest.raises(SystemExit, match=said):
            quality.list_photos(folder, 0, only)


@needs_wait4
def test_the_command_ends_with_table_figures_and_sheets(checkout, photo, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(checkout, other)
    three = lines(((60, 20), (140, 20)), ((60, 80), (140, 80)), ((60, 20), (60, 80)))
    (other / "src" / "strokewise" / "drawing.svg").write_text(three.to_svg())
    (other / "src" / "strokewise" / "other.py").write_text("")
    Image.new("RGB", (50, 50), "white").save(photo.with_name("cat.drawing.png"))
    work = tmp_path / "work"
    words = [str(photo.parent), "--old", str(checkout), "--new", str(other), "--strokes", "2", "--judge", "embedded"]
    words += ["--work", str(work), "--heads", str(tmp_path / "none.json")]
    quality.main(words)
    printed = capsys.readouterr().out
    told = json.loads((work / "quality.json").read_text())
    assert {row["side"] for row in told["drawings"]} == {"old", "new"} and told["failed"] == []
    ink = told["figures"]["2"]["ink"]
    assert ink["old"] == pytest.approx(2 * np.hypot(180, 80) / 200, rel=1e-3)
    assert ink["new"] == pytest.approx((80 + 80 + 60) / 200, rel=1e-3)
    assert told["figures"]["2"]["rank"]["photos"] == told["figures"]["2"]["forced"]["photos"] == 1
    assert "it is not independent" in printed and (work / "table.md").read_text() in printed
    with Image.open(work / "sheet-2.png") as sheet:
        assert sheet.width == 4 * sheets.CELL
    before = len(calls(checkout))
    more = tmp_path / "more"
    more.mkdir()
    shutil.copy(photo, more / "the same.png")
    for name, place in (("a.png", 20), ("b.png", 120)):
        with Image.open(photo) as picture:
            picture.paste((200, 30, 30), (place, 10, place + 60, 90))
            picture.save(more / name)
    quality.main([*words, "--among", str(more), "--among-most", "3"])
    assert "ranks are among 3 photos" in (work / "table.md").read_text()
    assert len(calls(checkout)) == before and "2 of 2 drawings are there" in capsys.readouterr().out


def test_two_sides_that_are_the_same_are_refused(photo, capsys):
    with pytest.raises(SystemExit) as caught:
        quality.main([str(photo.parent)])
    assert caught.value.code == 2 and "both sides are the same" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        quality.main([str(photo.parent), "--strokes", "four"])
    assert "are numbers" in capsys.readouterr().err


def test_sheets_have_so_many_rows_each(photo, tmp_path):
    svg = tmp_path / "d.svg"
    svg.write_text(lines(((10, 10), (190, 90))).to_svg())
    rows = [sheets.Row(photo, svg, None, None, ("cat.png", "", "", ""))] * (sheets.ROWS + 1)
    written = sheets.write_sheets(rows, ("photo", "old", "new", "rival"), tmp_path / "sheet.png")
    assert [path.name for path in written] == ["sheet-1.png", "sheet-2.png"]
    with Image.open(written[1]) as sheet:
        assert sheet.size == (3 * sheets.CELL, sheets.HEAD + sheets.CELL + sheets.BAND)
        cell = np.asarray(sheet.convert("L"))[sheets.HEAD :, sheets.CELL : 2 * sheets.CELL]
    assert (cell < 100).sum() > 100  # the line is there
