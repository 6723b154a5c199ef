"""A run that is killed with no warning, and gone on with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from evaluation_shapes import SMALL, Spread, make_photos

from strokewise import from_svg
from strokewise.photo import preparing
from strokewise.recognition.evaluation import evaluate

HERE = Path(__file__).parent
SCRIPT = """
import sys
from evaluation_shapes import SMALL, Spread
from strokewise.photo import preparing
from strokewise.recognition.evaluation import evaluate

preparing.PLACEMENT_SIZE = 112
tell = lambda one: print(one.done, flush=True)
evaluate(sys.argv[1], sys.argv[2], (4, 8), recognizer=Spread(), callback=tell, **SMALL)
"""


@pytest.mark.slow
def test_a_killed_run_goes_on_and_ends_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photos, out = make_photos(tmp_path / "photos"), tmp_path / "out"
    paths = [str(HERE), str(HERE.parents[2] / "src"), os.environ.get("PYTHONPATH", "")]
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(photos), str(out)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    ) as process:
        assert process.stdout is not None
        try:
            assert [process.stdout.readline() for _ in range(3)] == ["1\n", "2\n", "3\n"]
        finally:
            process.kill()
    left = {path: path.read_bytes() for path in out.glob("drawings/*/*.svg")}
    assert 3 <= len(left) < 8
    assert not (out / "evaluation.json").exists()
    for data in left.values():
        assert len(from_svg(data)) in (4, 8)

    monkeypatch.setattr(preparing, "PLACEMENT_SIZE", 112)
    times = {path: path.stat().st_mtime_ns for path in left}
    done = []
    evaluation = evaluate(photos, out, (4, 8), recognizer=Spread(), callback=lambda one: done.append(one), **SMALL)
    assert len(done) == 8 - len(left)
    assert {path: path.stat().st_mtime_ns for path in left} == times
    assert all(result.seconds is not None for result in evaluation.results)

    whole = tmp_path / "whole"
    evaluate(photos, whole, (4, 8), recognizer=Spread(), **SMALL)
    names = {path.relative_to(whole) for path in whole.rglob("*") if path.is_file()}
    assert {path.relative_to(out) for path in out.rglob("*") if path.is_file()} == names
    for name in sorted(names):
        if name.name not in ("evaluation.json", "drawings.csv", "table.md", "seconds.jsonl"):  # which hold times
            assert (out / name).read_bytes() == (whole / name).read_bytes(), name
