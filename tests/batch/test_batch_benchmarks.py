"""The benchmarks of batches: the simulation keeps its books, the document has a place for every table."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from batch_photos import make_photos

HERE = Path(__file__).parents[2]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(str(HERE / "benchmarks"))
    return importlib.import_module


def test_the_simulation_keeps_its_books(benchmark):
    simulation = benchmark("schedule_simulation")
    base = simulation.Cluster(photos=4000, nodes=4, per_node=8, poison=0.002, hangs=0.002, preempted=2.0)
    found = {name: simulation.simulate(cluster) for name, cluster in simulation.scenarios(base).items()}
    for outcome in found.values():
        assert outcome.drawn + outcome.given_up == 4000 and outcome.hours >= outcome.ideal > 0
    calm = found["nothing goes wrong"]
    assert calm.given_up == 0 and calm.wasted == 0 and calm.hours < 1.1 * calm.ideal
    # By hand: 4000 photos of 5 s on 32 workers.
    assert calm.ideal == pytest.approx(4000 * 5 / 32 / 3600, rel=0.02)
    queue, shards = found["all of it, one queue"], found["all of it, shards"]
    assert queue.given_up > 4 and queue.wrongly == 0 and queue.wasted > 0 and shards.hours > queue.hours
    often = dataclasses.replace(base, preempted=60.0, away=10.0, seconds=20.0, excused=False)
    assert simulation.simulate(often).wrongly > 0
    assert simulation.simulate(dataclasses.replace(often, excused=True)).wrongly == 0


def test_the_document_has_a_place_for_every_table(benchmark, tmp_path):
    scaling = benchmark("scaling")
    text = (HERE / "docs" / "scaling.md").read_text(encoding="utf-8")
    empty = scaling.fill(text, scaling.tables(tmp_path))
    assert empty.count(scaling.MISSING) >= 6
    assert scaling.fill(empty, {"many": "| x |"}).count("| x |") == 1
    with pytest.raises(SystemExit, match="no place for nothing"):
        scaling.fill(text, {"nothing": ""})


@pytest.mark.slow
def test_scaling_runs_in_short(benchmark, tmp_path):
    out = tmp_path / "scaling.json"
    make_photos(tmp_path / "in", 2)
    options = (
        "--encoder",
        "stub",
        "--import",
        "batch_stub",
        "--steps",
        "0",
        "-n",
        "2",
        "--rounds",
        "1",
        "--together",
        "1",
        "2",
        "--json",
        str(out),
    )
    command = [sys.executable, str(HERE / "benchmarks" / "scaling.py"), str(tmp_path / "in"), *options]
    paths = [str(HERE / "tests" / "batch"), str(HERE / "src"), os.environ.get("PYTHONPATH", "")]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)})
    figures = json.loads(out.read_text())
    assert all(row["per_minute"] > 0 for row in figures["cores"]) and figures["batches"]["rows"][1]["together"] == 2
    table = benchmark("scaling").tables(tmp_path)
    assert "photos a minute" in table["cores"] and "| 2 |" in table["batches"]
