"""Whole runs, with the worker in this process."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from batch_photos import GREEN, SMALL, make_photos, picture, read_manifest, times_drawn, tree
from PIL import Image

from strokewise import Settings, draw, from_svg
from strokewise.batch import BatchProgress, Summary, draw_many, writer
from strokewise.batch.journal import Journal
from strokewise.errors import EncoderError, OutputError, SettingsError, StrokewiseError

pytestmark = pytest.mark.usefixtures("inline")


def go(source: Path, out: Path, **options: Any) -> Summary:
    return draw_many(source, out, **{**SMALL, "modules": ("batch_stub",), **options})


def counts(summary: Summary) -> tuple[int, int, int, int]:
    return summary.drawn, summary.failed, summary.before, summary.left


def test_a_mirrored_tree_and_a_manifest_that_is_exact(tmp_path):
    photos, out = make_photos(tmp_path / "in", 5), tmp_path / "out"
    picture(99, GREEN).save(photos / "a" / "bad.png")
    (photos / "broken.jpg").write_bytes(b"no picture")
    (photos / "empty.jpg").write_bytes(b"")
    summary = go(photos, out, png=True, placement="contour")
    assert counts(summary) == (5, 3, 0, 0) and summary.stopped == ""
    rows = read_manifest(out)
    names = ["broken.jpg", "empty.jpg", "a/0.png", "a/3.png", "a/bad.png", "b/1.png", "b/4.png", "c/2.png"]
    assert [row["input"] for row in rows] == names
    by_name = {row["input"]: row for row in rows}
    assert "green is not to be borne" in by_name["a/bad.png"]["error"] and by_name["a/bad.png"]["status"] == "failed"
    assert "empty" in by_name["empty.jpg"]["error"] and by_name["broken.jpg"]["output"] == ""
    good = [row for row in rows if row["status"] == "drawn"]
    assert {row["output"] for row in good} == set(tree(out)) and {row["png"] for row in good} == set(tree(out, ".png"))
    for row in good:
        svg = (out / row["output"]).read_bytes()
        assert row["content"] == hashlib.sha256((photos / row["input"]).read_bytes()).hexdigest()
        assert row["output_sha256"] == hashlib.sha256(svg).hexdigest()
        sketch = from_svg(svg)
        assert len(sketch) == int(row["strokes"]) == 3
        assert float(row["loss"]) == sketch.metadata["losses"]["total"]
        assert Settings(**json.loads(row["settings"])).strokes == 3 and row["encoder"] == "stub"
        assert (row["device"], row["threads"], row["attempts"], row["seed"]) == ("cpu", "1", "1", "0")
    # The same bytes as a single drawing in a process with one thread.
    alone = draw(photos / "a" / "0.png", **{**SMALL, "placement": "contour"})
    assert alone.to_svg().encode() == (out / "a" / "0.svg").read_bytes()


def test_what_is_finished_is_left_alone_and_what_is_not_is_drawn(tmp_path, inline):
    photos, out = make_photos(tmp_path / "in", 4), tmp_path / "out"
    (photos / "bad.png").write_bytes(b"no picture")
    assert counts(go(photos, out)) == (4, 1, 0, 0)
    first = tree(out)
    assert counts(go(photos, out)) == (0, 1, 4, 0) and [task.number for g in inline[-1].groups for task in g] == [0]
    assert counts(go(photos, out, skip_failed=True)) == (0, 0, 4, 0) and len(inline) == 2

    (out / "a" / "0.svg").unlink()  # gone
    (out / "b" / "1.svg").write_bytes(b"<svg")  # damaged
    picture(50).save(photos / "c" / "2.png")  # another photo
    picture(60).save(photos / "c" / "new.png")
    picture(70).save(photos / "bad.png")  # mended
    os.utime(photos / "a" / "3.png", ns=(7, 7))  # touched, but the same: looked at, not drawn
    assert counts(go(photos, out)) == (5, 0, 1, 0)
    after = tree(out)
    assert {name for name in first if first[name] != after[name]} == {"c/2.svg"} and len(after) == 6
    assert len(read_manifest(out)) == 6 and times_drawn(out)["a/3.png"] == 1
    assert counts(go(photos, out)) == (0, 0, 6, 0)
    assert counts(go(photos, out, rehash=True)) == (0, 0, 6, 0) and times_drawn(out)["a/0.png"] == 2


def test_pictures_can_be_asked_for_later_without_drawing_again(tmp_path):
    photos, out = make_photos(tmp_path / "in", 3), tmp_path / "out"
    go(photos, out)
    assert counts(go(photos, out, png=True)) == (0, 0, 3, 0)
    assert set(times_drawn(out).values()) == {1}
    go(photos, tmp_path / "other", png=True)
    assert tree(out, ".png") == tree(tmp_path / "other", ".png") and len(tree(out, ".png")) == 3
    assert {row["png"] for row in read_manifest(out)} == set(tree(out, ".png"))


def test_names_that_would_be_alike_stay_where_they_are(tmp_path):
    photos, out = tmp_path / "in", tmp_path / "out"
    photos.mkdir()
    picture(1).save(photos / "x.png")
    go(photos, out)
    picture(2).save(photos / "x.bmp")
    assert counts(go(photos, out)) == (1, 0, 1, 0)
    rows = {row["input"]: row["output"] for row in read_manifest(out)}
    assert rows["x.png"] == "x.svg" and rows["x.bmp"] == "x.bmp.svg" and len(tree(out)) == 2


def test_no_list_leads_out_of_the_folder(tmp_path):
    picture(1).save(tmp_path / "p.png")
    (tmp_path / "list.txt").write_text("p.png\nx/../../p.png\n")
    (tmp_path / "up").mkdir()
    (tmp_path / "up" / "list.txt").write_text("../p.png\n")
    out = tmp_path / "deep" / "out"
    assert counts(go(tmp_path / "up" / "list.txt", out)) == (1, 0, 0, 0)
    assert [p for p in tmp_path.rglob("*.svg") if out not in p.parents] == []

    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "a").symlink_to(tmp_path / "up")
    photos = make_photos(tmp_path / "in", 2)
    summary = go(photos, linked, force=True)
    assert counts(summary) == (1, 1, 0, 0) and "leads out of" in summary.failures[0][1]
    assert not list((tmp_path / "up").rglob("*.svg"))


def test_nothing_of_others_is_replaced_unless_asked(tmp_path):
    photos, out = make_photos(tmp_path / "in", 2), tmp_path / "out"
    out.mkdir()
    (out / "diary.txt").write_text("mine")
    with pytest.raises(OutputError, match="diary.txt, which is no drawing of ours.*force=True"):
        go(photos, out)
    assert counts(go(photos, out, force=True)) == (2, 0, 0, 0)
    with pytest.raises(OutputError, match=r"other settings \(strokes 3\)"):
        go(photos, out, strokes=4)
    with pytest.raises(OutputError, match="drawings of .*in: name another"):
        go(make_photos(tmp_path / "other", 2), out)
    assert counts(go(photos, out, strokes=4, force=True)) == (2, 0, 0, 0)
    assert {row["strokes"] for row in read_manifest(out)} == {"4"}
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is not a folder"):
        go(photos, tmp_path / "file")


def test_shards_are_apart_and_a_whole_run_gathers_them(tmp_path):
    photos, out = make_photos(tmp_path / "in", 9), tmp_path / "out"
    drawn = [go(photos, out, shard=(k, 3)).drawn for k in (1, 2, 3)]
    assert sum(drawn) == 9 and max(drawn) < 9
    assert [len(read_manifest(out, f"-{k}-of-3")) for k in (1, 2, 3)] == drawn
    assert counts(go(photos, out)) == (0, 0, 9, 0) and set(times_drawn(out).values()) == {1}
    assert len(read_manifest(out)) == 9


def test_one_run_at_a_time(tmp_path):
    photos, out = make_photos(tmp_path / "in", 1), tmp_path / "out"
    go(photos, out)
    other = Journal(out)
    other.open()
    with pytest.raises(OutputError, match="another run is writing"):
        go(photos, out)
    other.close()
    go(photos, out)


def test_asked_to_stop_it_goes_on_later(tmp_path):
    photos, out = make_photos(tmp_path / "in", 6), tmp_path / "out"
    seen = []

    def stop(one: BatchProgress) -> bool:
        seen.append(one)
        return one.drawn >= 2

    summary = go(photos, out, callback=stop)
    assert summary.stopped == "asked" and 2 <= summary.drawn < 6 and summary.left == 6 - summary.drawn
    assert len(read_manifest(out)) == summary.drawn and seen[-1].total == 6
    assert counts(go(photos, out)) == (summary.left, 0, summary.drawn, 0)


def test_a_full_disk_stops_it_with_a_manifest_that_holds(tmp_path, monkeypatch):
    photos, out = make_photos(tmp_path / "in", 6), tmp_path / "out"
    write, written = writer.write_file, []

    def short(path, content, **options):
        if len(written) == 3:
            try:
                raise OSError(errno.ENOSPC, "No space left on device")
            except OSError as error:
                raise OutputError(f"{path} cannot be written") from error
        written.append(path)
        return write(path, content, **options)

    monkeypatch.setattr(writer, "write_file", short)
    summary = go(photos, out)
    assert counts(summary) == (3, 0, 0, 3) and "is full: make room" in summary.stopped
    assert len(read_manifest(out)) == 3
    monkeypatch.undo()


def test_mistakes_are_refused_before_any_work(tmp_path):
    photos, out = make_photos(tmp_path / "in", 1), tmp_path / "out"
    for options, problem in (
        ({"engine": "slurm"}, "engine must be one of local, ray"),
        ({"workers": 0}, "workers must be"),
        ({"shard": (4, 3)}, "shard must be like 3/10"),
        ({"timeout": -1.0}, "timeout must be"),
        ({"threads": 0}, "threads must be"),
        ({"modules": ("no_such_module",)}, "module no_such_module cannot be imported"),
    ):
        with pytest.raises(StrokewiseError, match=problem):
            go(photos, out, **options)
    with pytest.raises(EncoderError, match="unknown encoder"):
        go(photos, out, encoder="nobody")
    with pytest.raises(SettingsError, match="unknown setting"):
        go(photos, out, colour="red")
    assert not out.exists()


def test_a_journal_that_was_cut_short_loses_only_that_line(tmp_path):
    photos, out = make_photos(tmp_path / "in", 3), tmp_path / "out"
    go(photos, out)
    journal = out / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-40])
    (out / "a" / f".0.svg.{'ab' * 8}.part").write_bytes(b"<svg")
    (out / "manifest.csv").unlink()
    assert counts(go(photos, out)) == (1, 0, 2, 0) and len(read_manifest(out)) == 3
    assert not list(out.rglob("*.part"))
    for line in journal.read_bytes().splitlines():
        assert line == b"" or line.startswith(b"{")


def test_names_that_no_encoding_knows(tmp_path):
    photos, out = tmp_path / "in", tmp_path / "out"
    photos.mkdir()
    try:
        picture(1).save(photos / os.fsdecode(b"caf\xe9.png"))
    except (OSError, UnicodeError):
        pytest.skip("this file system knows all names")
    assert counts(go(photos, out)) == (1, 0, 0, 0)
    (row,) = read_manifest(out)
    assert row["input"] == "caf\\udce9.png" and (out / row["output"]).exists()
    assert counts(go(photos, out)) == (0, 0, 1, 0)


def test_the_summary_tells_what_one_should_know_and_what_was_left_out(tmp_path):
    photos, out = make_photos(tmp_path / "in", 1), tmp_path / "out"
    logo = Image.new("RGBA", (48, 48), (255, 255, 255, 0))
    logo.paste((255, 255, 255, 255), (10, 10, 36, 36))
    logo.save(photos / "logo.png")
    (photos / "notes.md").write_text("words")
    told: list[str] = []
    summary = go(photos, out, notice=told.append)
    ((name, remark),) = summary.remarks
    assert name == "logo.png" and remark.startswith("is white on transparent")
    assert summary.left_out == ("notes.md",) and any("notes.md" in line for line in told)
    assert [row["remarks"] for row in read_manifest(out)] == [remark, ""]
    again = go(photos, out)
    assert counts(again) == (0, 0, 2, 0) and [row["remarks"] for row in read_manifest(out)] == [remark, ""]


def test_tone_is_drawn_for_each_photo(tmp_path):
    photos, out = make_photos(tmp_path / "in", 2), tmp_path / "out"
    tone = {"tone": "hatch", "tone_lines": 20, "subject": "keep"}
    assert counts(go(photos, out, **tone)) == (2, 0, 0, 0)
    sketches = [from_svg((out / name).read_bytes()) for name in tree(out)]
    assert all(len(sketch) == 3 and sketch.tone is not None and len(sketch.tone) <= 20 for sketch in sketches)
    alone = draw(photos / "a" / "0.png", **{**SMALL, **tone})
    assert alone.to_svg().encode() == (out / "a" / "0.svg").read_bytes()
    assert counts(go(photos, out, **tone)) == (0, 0, 2, 0)
    with pytest.raises(OutputError, match="holds drawings with other settings \\(tone_lines 20\\)"):
        go(photos, out, **{**tone, "tone_lines": 30})
    with pytest.raises(
        OutputError, match="holds drawings with other settings \\(tone hatch, tone_lines 20, tone_steps 4"
    ):
        go(photos, out, subject="keep")
