"""The benchmarks run: what they print is for people, what they write is checked."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from scene_pictures import house_photo

HERE = Path(__file__).parent.parent

pytestmark = pytest.mark.slow


def run(name: str, *arguments: str | Path) -> str:
    command = [sys.executable, str(HERE / "benchmarks" / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_time_to_quality_runs_in_short(tmp_path):
    out, picture = tmp_path / "figures.json", tmp_path / "curves.png"
    printed = run("time_to_quality.py", HERE / "examples", "--quick", "-n", "4", "--json", out, "--plot", picture)
    figures = json.loads(out.read_text())
    assert figures["summary"]["photos"] == figures["summary"]["pairs"] == 1 and "times sooner" in printed
    (row,) = figures["rows"]
    (ours,) = row["ours"]
    # After twenty steps the paper's schedule is still far behind.
    assert row["paper"]["seeds"] == 3 and ours["losses"]["total"] < row["paper"]["losses"]["total"]
    assert 0 < ours["reached"] <= ours["seconds"] and figures["summary"]["ratio_median"] > 1
    assert picture.read_bytes()[1:4] == b"PNG"


def test_kept_curves_are_of_the_photos_that_are_there(tmp_path):
    curves = json.loads((HERE / "benchmarks" / "curves" / "efficientnet-lite0-16.json").read_text())
    assert len(curves) >= 6
    for photo in curves.values():
        for one in photo["runs"].values():
            assert one["steps"] == 2001 and len(one["points"]) == 16
            assert one["curve"] == sorted(one["curve"], reverse=True) and one["curve"][-1] >= one["losses"]["total"]
    wrong = tmp_path / "curves.json"
    wrong.write_text("{}")
    command = [sys.executable, str(HERE / "benchmarks" / "time_to_quality.py"), str(HERE / "examples")]
    done = subprocess.run([*command, "--curves", str(wrong)], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "record them first" in done.stderr and "Traceback" not in done.stderr


def test_fewest_goes_on_where_it_was(tmp_path):
    options = (HERE / "examples", "--steps", "2", "--most", "3", "--output", tmp_path)
    assert run("fewest.py", *options, "--part", "1/2").count("\n") == len(list(tmp_path.glob("*.json")))
    sketches = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.svg")}
    printed = run("fewest.py", *options)
    photos = len(list((HERE / "examples").glob("*.jpg")))
    assert 0 < len(sketches) < len(list(tmp_path.glob("*.svg"))) == photos
    assert all(path.stat().st_mtime_ns == when for path, when in sketches.items())
    counts = [int(line.split("|")[2]) for line in printed.splitlines() if line.startswith("|") and line[-3].isdigit()]
    assert sum(counts) == photos and (tmp_path / "fewest.png").read_bytes()[1:4] == b"PNG"


def test_levers_and_whole_runs(tmp_path):
    out = tmp_path / "levers.json"
    run(
        "levers.py",
        HERE / "examples",
        "--only",
        "coffee",
        "-n",
        "4",
        "--seeds",
        "1",
        "--variants",
        "placement only",
        "--json",
        out,
    )
    found = json.loads(out.read_text())
    assert found["placement only"][0]["loss"] > found["default"][0]["loss"]
    out = tmp_path / "runs.json"
    options = ("--encoder", "efficientnet-lite0", "-n", "2", "--runs", "1", "--paper-steps", "31", "--together", "2")
    run("runs.py", *options, "--json", out)
    figures = json.loads(out.read_text())
    assert figures["paper"]["whole"] > figures["1 together"]["seconds"] > figures["1 together"]["floor"] > 0
    assert figures["2 together"]["floor"] > 1.5 * figures["1 together"]["floor"]


def test_levers_vary_a_constant_of_placement(tmp_path):
    out = tmp_path / "constants.json"
    options = (HERE / "examples", "--only", "coffee", "-n", "4", "--seeds", "1", "--steps", "0", "--candidates", "1")
    printed = run("levers.py", *options, "--constants", "strokes.tolerance", "--factors", "0.25,1.5", "--json", out)
    found = json.loads(out.read_text())
    assert list(found) == ["default", "strokes.tolerance x0.25 = 3", "strokes.tolerance x1.5 = 18"]
    losses = [rows[0]["loss"] for rows in found.values()]
    assert losses[0] != losses[1] and all(name in printed for name in found)
    command = [sys.executable, str(HERE / "benchmarks" / "levers.py"), str(HERE / "examples"), "--constants"]
    done = subprocess.run([*command, "inner.colour"], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "no constant of placement is called 'inner.colour'" in done.stderr


def test_against_compares_a_checkout_with_this_one(tmp_path):
    sheet = tmp_path / "against.png"
    options = ("--photos", "1", "--strokes", "4", "--rounds", "1", "--sheet", sheet)
    printed = run("against.py", HERE, HERE / "examples", *options)
    losses = [line for line in printed.splitlines() if line.startswith("loss")]
    assert len(losses) == 2 and all("ratio 1.000 (1.000 to 1.000)" in line for line in losses)  # the same drawing
    assert printed.count("memory") == 2 and sheet.read_bytes()[1:4] == b"PNG"


def test_plots_are_compared_with_and_without_tone(tmp_path):
    (tmp_path / "cow.jpg").write_bytes((HERE / "examples" / "cow.jpg").read_bytes())
    printed = run("plots.py", tmp_path, "--draft", "-n", "8", "--tone", "hatch", "--tone-lines", "40")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines()[2:]]
    assert [row[:3] for row in rows[:4]] == [
        ["cow.jpg", tone, pens] for tone in ("none", "hatch 40") for pens in ("one", "black,#888")
    ]
    assert [row[1:] for row in rows[4:]] == [row[1:] for row in rows[:4]], "the medians of one photo"
    bare, _, toned, _ = ([float(cell) for cell in row[3:]] for row in rows[:4])
    assert bare[0] == 0 and 20 < toned[0] <= 40 and toned[1] > bare[1] and toned[3] > bare[3] + 20


def test_scenes_are_ranked_among_photos_and_measured(tmp_path):
    photo, _ = house_photo()
    (tmp_path / "scenes").mkdir()
    photo.save(tmp_path / "scenes" / "house.png")
    printed = run("scenes.py", tmp_path / "scenes", "--others", HERE / "examples", "-n", "16", "-o", tmp_path / "out")
    (row,) = json.loads((tmp_path / "out" / "figures.json").read_text())
    photos = 1 + len(list((HERE / "examples").glob("*.jpg")))
    for way in ("scene", "keep"):
        assert all(1 <= row[way][kind] <= photos for kind in ("embedding", "maps", "both"))
        assert 0 <= row[way]["ink on subjects"] <= 1
        assert (tmp_path / "out" / f"house-{way}.svg").is_file()
    assert row["straight edges"] >= 3 and len(row["scene"]["deviations"]) >= 2
    assert max(row["scene"]["deviations"]) < 1 and f"among {photos}" in printed
