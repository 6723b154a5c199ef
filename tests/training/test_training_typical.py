"""Typical drawings: which photos will do, which placements are kept, and that a stopped run goes on."""

import numpy as np
import pytest
from PIL import Image

from strokewise.photo.masks import SubjectMask
from strokewise.words.typical import COUNTS, read_typical
from training.photos import Item
from training.typical import choose, gather


def mask(*boxes):
    found = np.zeros((60, 80), np.float32)
    for top, left, bottom, right in boxes:
        found[top:bottom, left:right] = 1
    return SubjectMask.of(found)


def test_whole_subjects_alone_will_do():
    assert gather.is_whole(mask((10, 10, 40, 60)))
    assert not gather.is_whole(mask((10, 0, 60, 60)))  # cut off
    assert not gather.is_whole(mask((10, 10, 40, 40), (10, 50, 30, 70)))  # two
    assert not gather.is_whole(mask((10, 10, 14, 14)))  # small
    assert not gather.is_whole(mask())


def test_plain_photos_come_first_one_of_each_word_and_none_held_out(tmp_path):
    rng = np.random.default_rng(0)
    items = []
    for number, (label, noise, test) in enumerate([(0, 50, False), (0, 5, False), (1, 9, False), (1, 0, True)]):
        path = tmp_path / f"{number}.png"
        pixels = np.clip(128 + rng.normal(0, 1, (20, 20)) * noise, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(path)
        items.append(Item(path, label, f"{number:032x}", test))
    assert [item.path.name for item in gather.some(items, 5, set())] == ["1.png", "2.png", "0.png"]
    assert [item.path.name for item in gather.some(items, 1, {0})] == ["1.png"]


def test_a_photo_is_gathered_once_and_what_will_not_do_is_noted(tmp_path, monkeypatch):
    pixels = np.full((120, 160, 3), 255, np.uint8)
    pixels[30:90, 40:120] = 30
    Image.fromarray(pixels).save(tmp_path / "box.png")
    monkeypatch.setattr(gather, "measure_subject", lambda photo, quick: box)
    box = SubjectMask.of((pixels[..., 0] < 128).astype(np.float32))
    assert {count: points.shape for count, points in gather.placements(tmp_path / "box.png").items()} == {
        count: (count, 4, 2) for count in COUNTS
    }
    work = tmp_path / "work"
    for key in ("ab", "cd"):
        gather._gather((Item(tmp_path / "box.png", 0, key, False), "big box", work))
        box = SubjectMask.of(np.zeros((120, 160), np.float32))
    found = choose.read_placements(work, set())
    assert [key for key, _ in found["big box"]] == ["ab"]
    assert choose.read_placements(work, {"ab"}) == {}


@pytest.fixture(scope="module")
def chooser():
    return choose.Chooser()


def test_what_reads_best_is_kept_and_nothing_twice(chooser, tmp_path):
    from strokewise.words.typical import typical

    cups = [{count: typical("cup", count)[i] for count in COUNTS} for i in range(2)]
    rng = np.random.default_rng(0)
    scribble = {count: rng.uniform(0, 1, (count, 4, 2)) for count in COUNTS}
    kept = chooser.choose("cup", [("a", scribble), ("b", cups[0]), ("c", cups[0]), ("d", cups[1])], 6)
    assert {key for key, *_ in kept} == {"b", "d"}
    assert [worth for *_, worth in kept] == sorted((worth for *_, worth in kept), reverse=True)
    # A word with nothing better keeps what it has.
    assert [key for key, *_ in chooser.choose("cup", [("a", scribble)], 6)] == ["a"]
    sheet = choose.contact_sheet({"cup": kept})
    assert sheet.size[0] > sheet.size[1] > 0


def test_the_program_writes_the_file_without_what_was_rejected(tmp_path, monkeypatch):
    from strokewise.words.typical import typical

    for key, i in (("aaaa", 0), ("bbbb", 1)):
        named = {str(count): typical("cup", count)[i] * choose.SCENE for count in COUNTS}
        np.savez(tmp_path / f"cup-{key}.npz", **named)
    (tmp_path / "rejected.txt").write_text("# why\nbbbb cup\n", "utf-8")
    monkeypatch.setattr(choose, "REJECTED", tmp_path / "rejected.txt")
    choose.main(["--work", str(tmp_path), "--output", str(tmp_path / "out")])
    assert read_typical(tmp_path / "out" / "typical.safetensors").places == {"cup": (0, 1)}
    assert (tmp_path / "typical.png").is_file()
