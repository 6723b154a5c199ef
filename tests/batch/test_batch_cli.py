"""`strokewise batch` from the command line, with the worker in this process."""

from __future__ import annotations

import json

import pytest
from batch_photos import OPTIONS, make_photos, read_manifest

import strokewise.batch
from strokewise import drawing
from strokewise.batch.drawer import PhotoDrawer
from strokewise.batch.writer import ResultWriter
from strokewise.cli import main
from strokewise.errors import StrokewiseError

pytestmark = pytest.mark.usefixtures("inline")


def test_counts_codes_and_remarks(tmp_path, capsys):
    photos, out = make_photos(tmp_path / "in", 3), tmp_path / "out"
    command = ["batch", str(photos), "-o", str(out), *OPTIONS]
    assert main(command) == 0
    printed = capsys.readouterr()
    assert "3 drawn, 0 failed, 0 there before, 0 left" in printed.out and f"manifest: {out}/manifest.csv" in printed.out
    (photos / "bad.png").write_bytes(b"no picture")
    assert main(command) == 1
    printed = capsys.readouterr()
    assert "0 drawn, 1 failed, 3 there before" in printed.out and "bad.png: " in printed.err
    assert main([*command[:1], str(photos / "bad.png"), "-o", str(tmp_path / "none"), *OPTIONS]) == 2
    capsys.readouterr()
    assert main([*command, "--strokes", "9"]) == 2
    assert "other settings (strokes 3)" in capsys.readouterr().err
    for wrong, said in (
        (["--shard", "x"], "--shard must be like 3/10"),
        (["--address", "auto"], "--address is for --engine ray"),
        (["-n", "auto"], "is for single photos"),
        (["--engine", "mpi"], "--engine must be one of"),
    ):
        assert main([*command, *wrong]) == 2
        assert said in capsys.readouterr().err


def test_json_log_says_it_all(tmp_path, capsys):
    photos, out = make_photos(tmp_path / "in", 4), tmp_path / "out"
    assert main(["batch", str(photos), "-o", str(out), "--json-log", *OPTIONS]) == 0
    printed = capsys.readouterr()
    events = [json.loads(line) for line in printed.out.splitlines()]
    assert [event["event"] for event in events] == ["photo"] * 4 + ["end"] and printed.err == ""
    assert sorted(event["done"] for event in events[:-1]) == [1, 2, 3, 4] and events[-1]["drawn"] == 4
    rows = {row["input"]: row["output_sha256"] for row in read_manifest(out)}
    assert {event["input"]: event["output_sha256"] for event in events[:-1]} == rows


def test_photos_drawn_one_by_one_after_a_failure_are_counted(tmp_path, capsys, monkeypatch):
    refine = drawing.refine_together

    def short_of_memory(placed, *rest, **options):
        if len(placed) > 1:
            raise RuntimeError("CUDA out of memory")
        return refine(placed, *rest, **options)

    monkeypatch.setattr(drawing, "refine_together", short_of_memory)
    monkeypatch.setattr(PhotoDrawer, "draw", PhotoDrawer._draw_together)  # as on a GPU
    photos, out = make_photos(tmp_path / "in", 4), tmp_path / "out"
    assert main(["batch", str(photos), "-o", str(out), *OPTIONS, "--quiet", "--together", "3"]) == 0
    assert capsys.readouterr().err == (
        "strokewise: warning: 3 photos drawn one by one, which is slower, since drawing them together failed "
        "(RuntimeError: CUDA out of memory): a smaller --together needs less memory\n"
    )
    assert main(["batch", str(photos), "-o", str(out), *OPTIONS, "--json-log", "--force", "--together", "1"]) == 0
    end = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert end["singly"] == 0 and end["singly_reason"] == ""


def test_a_dry_run_writes_nothing(tmp_path, capsys):
    photos, out = make_photos(tmp_path / "in", 7), tmp_path / "out"
    command = ["batch", str(photos), "-o", str(out), "--dry-run", *OPTIONS]
    assert main([*command, "--workers", "1"]) == 0
    printed = capsys.readouterr().out
    assert "7 photos, 0 drawn already, 7 to draw" in printed and "s each: about" in printed and "of drawings" in printed
    assert not out.exists()
    assert main([*command, "--workers", "1", "--json-log"]) == 0
    estimate = json.loads(capsys.readouterr().out)
    assert estimate["todo"] == 7 and estimate["probed"] == 2 and estimate["bytes"] > 7 * 300
    assert estimate["seconds"] == pytest.approx(7 * estimate["each"])


def test_a_dry_run_lets_the_paper_s_schedule_take_its_time(tmp_path, monkeypatch):
    limits = []

    def estimate(plan, workers, timeout, tick):
        limits.append(timeout)
        raise StrokewiseError("enough")

    monkeypatch.setattr(strokewise.batch, "estimate", estimate)
    command = ["batch", str(make_photos(tmp_path / "in", 1)), "-o", str(tmp_path / "out"), "--dry-run", *OPTIONS]
    for more in ([], ["--schedule", "paper"], ["--timeout", "0"], ["--schedule", "paper", "--timeout", "9"]):
        assert main([*command, *more]) == 2
    assert limits == [600, None, None, 9]


@pytest.mark.usefixtures("hears_ctrl_c")
def test_ctrl_c_and_sigterm_end_in_order(tmp_path, capsys, monkeypatch):
    import signal

    photos, out = make_photos(tmp_path / "in", 5), tmp_path / "out"
    command = ["batch", str(photos), "-o", str(out), *OPTIONS]
    commit = ResultWriter._commit
    for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
        monkeypatch.setattr(
            ResultWriter, "_commit", lambda self, result, n=number: (commit(self, result), signal.raise_signal(n))[0]
        )
        assert main(command) == code
        said = capsys.readouterr()
        assert "1 drawn" in said.out
        assert said.err.splitlines()[-1] == "strokewise: stopped; the same command goes on from there"
    monkeypatch.setattr(ResultWriter, "_commit", commit)
    assert main(command) == 0
    assert "3 drawn, 0 failed, 2 there before" in capsys.readouterr().out and len(read_manifest(out)) == 5
