"""The engine of clusters, on a cluster of two nodes on this machine: the same drawings, and what is lost comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_photos import BLUE, OPTIONS, RED, make_photos, picture, read_manifest, times_drawn, tree
from test_batch_faults import check_whole, noted, wait_for

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
STORE = 80_000_000
QUIET = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "0",
    "RAY_health_check_failure_threshold": "2",
    "RAY_health_check_period_ms": "500",
    "BATCH_STUB_SECONDS": "0.15",
}


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Two nodes of one core each; processes inherit the path to the encoder of these tests."""
    pytest.importorskip("ray")
    paths = [str(HERE), str(HERE.parents[1] / "src"), os.environ.get("PYTHONPATH", "")]
    for name, value in {
        **QUIET,
        "PYTHONPATH": os.pathsep.join(paths),
        "BATCH_STUB_CALM": str(tmp_path / "calm"),
    }.items():
        monkeypatch.setenv(name, value)
    from ray.cluster_utils import Cluster

    options: dict[str, Any] = {"num_cpus": 1, "object_store_memory": STORE, "include_dashboard": False}
    made = Cluster(initialize_head=True, head_node_args=options)
    made.add_node(**options)
    try:
        yield made
    finally:
        made.shutdown()


def start(source: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "strokewise", "batch", str(source), "-o", str(out), *OPTIONS, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str], name: str) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=150)
    print(f"{name}: exit code {process.returncode}; {out.splitlines()[0] if out else err}")
    assert "Traceback" not in err and "raylet" not in out + err
    return process.returncode, out, err


def test_on_a_cluster(cluster: Any, tmp_path: Path) -> None:
    photos, out = make_photos(tmp_path / "in", 24), tmp_path / "out"
    ray = ("--engine", "ray", "--address", cluster.address)

    # An actor is killed, then the raylet of a machine, and with it that machine's actor.
    process = start(photos, out, *ray)
    wait_for(lambda: len({record["process"] for record in noted(out)}) == 2)
    os.kill(noted(out)[0]["process"], signal.SIGKILL)
    before = len(noted(out))
    wait_for(lambda: len(noted(out)) >= before + 3)
    lost = next(node for node in cluster.list_all_nodes() if node is not cluster.head_node)
    raylet = lost.all_processes["raylet"][0].process.pid
    os.kill(raylet, signal.SIGKILL)
    code, _, _ = finish(process, "an actor and a raylet killed")
    assert code == 0 and set(times_drawn(out).values()) == {1}
    check_whole(out, 24)

    # Another machine joins; two are poisonous; the driver is killed.
    cluster.add_node(num_cpus=1, object_store_memory=STORE, include_dashboard=False)
    picture(50, RED).save(photos / "a" / "hangs.png")
    picture(51, BLUE).save(photos / "a" / "kills.png")
    make_photos(photos, 6, start=24)
    process = start(photos, out, *ray, "--timeout", "4")
    wait_for(lambda: len(noted(out)) >= 26)
    process.kill()
    process.communicate()
    left = len(noted(out))
    time.sleep(1)
    code, _, _ = finish(start(photos, out, *ray, "--timeout", "4"), f"the driver killed after {left}, resumed")
    rows = {row["input"]: row for row in read_manifest(out)}
    assert code == 1 and len(rows) == 32
    assert rows["a/hangs.png"]["status"] == "timeout" and rows["a/kills.png"]["status"] == "crashed"
    check_whole(out, 30)
    assert set(times_drawn(out).values()) == {1}

    # The other engine: byte for byte the same.
    (tmp_path / "calm").touch()
    assert finish(start(photos, tmp_path / "local", "--workers", "2"), "local")[0] == 0
    there, here = tree(out), tree(tmp_path / "local")
    assert len(here) == 32 and {name: here[name] for name in there} == there


def test_no_cluster_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ray")
    for name, value in {**QUIET, "PYTHONPATH": os.pathsep.join([str(HERE), str(HERE.parents[1] / "src")])}.items():
        monkeypatch.setenv(name, value)
    photos = make_photos(tmp_path / "in", 1)
    code, _, err = finish(start(photos, tmp_path / "out", "--engine", "ray", "--address", "auto"), "no cluster")
    assert (
        code == 2
        and "there is no Ray at auto" in err
        and "check --address HOST:PORT" in err
        and len(err.splitlines()) == 1
    )
