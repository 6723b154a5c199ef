"""What goes wrong, as real processes: after each fault the same command ends with every good photo drawn once."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from batch_photos import BLUE, GREEN, OPTIONS, RED, make_photos, picture, read_manifest, times_drawn, tree

from strokewise import from_svg

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="signals and mounts of Unix")]

HERE = Path(__file__).parent


def start(source: Path, out: Path, *more: str, **environment: str) -> subprocess.Popen[str]:
    paths = [str(HERE), str(HERE.parents[1] / "src"), os.environ.get("PYTHONPATH", "")]
    return subprocess.Popen(
        [sys.executable, "-m", "strokewise", "batch", str(source), "-o", str(out), "--workers", "2", *OPTIONS, *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), **environment},
    )


def finish(process: subprocess.Popen[str], name: str) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=120)
    print(f"{name}: exit code {process.returncode}; {out.splitlines()[0] if out else err}")
    assert "Traceback" not in err
    return process.returncode, out, err


def wait_for(what: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


def noted(out: Path) -> list[dict[str, Any]]:
    """Lines about photos in the journal."""
    records = []
    with contextlib.suppress(OSError):
        for line in (out / "journal.jsonl").read_bytes().splitlines():
            with contextlib.suppress(ValueError):
                record = json.loads(line)
                records += [record] if "input" in record else []
    return records


def check_whole(out: Path, good: int) -> None:
    """Each good photo has one drawing, whole, and the manifest says so and no more."""
    rows = [row for row in read_manifest(out) if row["status"] == "drawn"]
    files = tree(out)
    assert len(rows) == len(files) == good and {row["output"] for row in rows} == set(files)
    for data in files.values():
        assert len(from_svg(data)) == 3
    assert not list(out.rglob("*.part"))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True


def bomb(side: int) -> bytes:
    """A PNG that says it is so large, in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def test_poison_among_good_photos(tmp_path: Path) -> None:
    photos, out, calm = make_photos(tmp_path / "in", 8), tmp_path / "out", tmp_path / "calm"
    for name, ground in (("hangs", RED), ("kills", BLUE), ("raises", GREEN)):
        picture(50 + len(name), ground).save(photos / "b" / f"{name}.png")
    whole = (photos / "a" / "0.png").read_bytes()
    for name, data in (
        ("cut", whole[: len(whole) // 2]),
        ("empty", b""),
        ("noise", os.urandom(999)),
        ("huge", bomb(60000)),
    ):
        (photos / "b" / f"{name}.png").write_bytes(data)

    code, _, _ = finish(start(photos, out, "--timeout", "4", BATCH_STUB_CALM=str(calm)), "poison")
    rows = {row["input"]: row for row in read_manifest(out)}
    said = {name.removeprefix("b/").removesuffix(".png"): row for name, row in rows.items() if row["status"] != "drawn"}
    assert code == 1 and len(rows) == 15 and len(said) == 7
    assert said["hangs"]["status"] == "timeout" and "longer than 4 s" in said["hangs"]["error"]
    assert said["kills"]["status"] == "crashed" and said["kills"]["attempts"] == "2"
    assert "SIGKILL" in said["kills"]["error"] and "ArithmeticError" in said["raises"]["error"]
    for name, word in (("cut", "damaged"), ("empty", "empty"), ("noise", "not a picture"), ("huge", "larger than")):
        assert said[name]["status"] == "failed" and re.search(word, said[name]["error"])
    check_whole(out, 8)

    calm.touch()  # whatever it was, it is over
    code, _, _ = finish(start(photos, out, BATCH_STUB_CALM=str(calm)), "poison, resumed")
    assert code == 1
    check_whole(out, 10)
    assert set(times_drawn(out).values()) == {1}


def test_a_worker_that_is_killed_costs_nothing(tmp_path: Path) -> None:
    photos, out = make_photos(tmp_path / "in", 16), tmp_path / "out"
    process = start(photos, out, BATCH_STUB_SECONDS="0.15")
    victim = wait_for(lambda: noted(out))[0]["process"]
    os.kill(victim, signal.SIGKILL)
    code, _, _ = finish(process, "worker killed")
    assert code == 0 and set(times_drawn(out).values()) == {1}
    check_whole(out, 16)
    assert sum(record["process"] == victim for record in noted(out)) < 8


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_a_driver_that_is_stopped_goes_on(tmp_path: Path, how: signal.Signals) -> None:
    photos, out = make_photos(tmp_path / "in", 16), tmp_path / "out"
    process = start(photos, out, BATCH_STUB_SECONDS="0.15")
    wait_for(lambda: len(noted(out)) >= 3 or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    process.send_signal(how)
    process.communicate(timeout=60)
    left = noted(out)
    print(f"{how.name}: {len(left)} of 16 noted, {len(tree(out))} drawings")
    assert 3 <= len(left) < 16 and len(left) <= len(tree(out)) <= len(left) + 1
    for data in tree(out).values():
        assert len(from_svg(data)) == 3
    if how is signal.SIGTERM:
        assert process.returncode == 143 and len(read_manifest(out)) == len(left)
    else:
        assert process.returncode == -signal.SIGKILL and len(read_manifest(out)) <= len(left)
    workers = {record["process"] for record in left}
    wait_for(lambda: not any(alive(one) for one in workers), 20)

    code, printed, _ = finish(start(photos, out), f"{how.name}, resumed")
    assert code == 0 and f"{16 - len(left)} drawn, 0 failed, {len(left)} there before" in printed
    check_whole(out, 16)
    assert set(times_drawn(out).values()) == {1} and len(times_drawn(out)) == 16


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 300 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("mounting a small disk is root's privilege")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_full_disk(tmp_path: Path, small_disk: Path) -> None:
    photos, out = make_photos(tmp_path / "in", 40), small_disk / "out"
    (small_disk / "ballast").write_bytes(bytes(150_000))
    code, _, err = finish(start(photos, out), "full disk")
    assert code == 1 and "is full: make room, then run the same command again" in err
    rows = read_manifest(out)
    for row in rows:
        assert len(from_svg((out / row["output"]).read_bytes())) == 3
    assert 0 < len(noted(out)) < 40 and len(rows) <= len(noted(out))
    assert not list(out.rglob("*.part"))
    (small_disk / "ballast").unlink()
    subprocess.run(["mount", "-o", "remount,size=5m", str(small_disk)], check=True)
    code, _, _ = finish(start(photos, out), "full disk, resumed")
    assert code == 0
    check_whole(out, 40)
    # One that was noted as failed for want of room cannot be: it would have been the disk's fault.
    assert {record["status"] for record in noted(out)} == {"drawn"}


def test_a_read_only_disk(tmp_path: Path, small_disk: Path) -> None:
    photos, out = make_photos(tmp_path / "in", 10), small_disk / "out"
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    code, _, err = finish(start(photos, out), "read-only")
    assert code == 2 and "may not be written to" in err and len(err.splitlines()) == 1
    subprocess.run(["mount", "-o", "remount,rw,size=5m", str(small_disk)], check=True)
    code, _, _ = finish(start(photos, out), "read-only, resumed")
    assert code == 0
    check_whole(out, 10)


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may write anywhere")
def test_a_folder_one_may_not_write_to(tmp_path: Path) -> None:
    photos, out = make_photos(tmp_path / "in", 2), tmp_path / "out"
    out.mkdir(mode=0o555)
    code, _, err = finish(start(photos, out), "no rights")
    assert code == 2 and "may not be written to" in err and "Traceback" not in err


def test_memory_stays_flat_over_300_photos(tmp_path: Path) -> None:
    photos, out = make_photos(tmp_path / "in", 300), tmp_path / "out"
    code, _, _ = finish(start(photos, out), "300 photos")
    assert code == 0
    check_whole(out, 300)
    by_worker: dict[int, list[float]] = {}
    for record in noted(out):
        by_worker.setdefault(record["process"], []).append(record["memory"] / 1e6)
    for process, peaks in by_worker.items():
        print(f"worker {process}: {peaks[30]:.0f} MB after 30 photos, {peaks[-1]:.0f} MB after {len(peaks)}")
        assert peaks[-1] - peaks[30] < 25
