"""A text for each photo of a batch: from a column to the drawing's metadata, and what changes with it."""

import numpy as np
import pytest
from PIL import Image

from strokewise import SettingsError, draw_many, read_sketch
from strokewise.batch.lists import entries
from strokewise.batch.sources import list_photos

QUICK = {"strokes": 2, "steps": 1, "candidates": 1, "size": 64, "encoder": "embedded", "subject": "keep", "workers": 1}


def photo(path, seed):
    pixels = np.full((48, 64, 3), 255, np.uint8)
    pixels[10 + seed : 38, 16:48] = 40
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folder(tmp_path):
    for seed in range(3):
        photo(tmp_path / f"{seed}.png", seed)
    return tmp_path


def table(folder, *texts):
    rows = "".join(f'{seed}.png,"{text}"\n' for seed, text in enumerate(texts))
    (folder / "list.csv").write_text(f"path,title\n{rows}", "utf-8")
    return folder / "list.csv"


def test_a_csv_column_gives_texts():
    data = b'path,mask,title\na.jpg,m.png,"a cat, asleep"\nb.jpg,,\nc.jpg\n'
    found = list(entries(data, ".csv", "x.csv", None, "title"))
    assert found == [("a.jpg", "m.png", "a cat, asleep"), ("b.jpg", "", ""), ("c.jpg", "", "")]
    assert [text for *_, text in entries(data, ".csv", "x.csv", None)] == ["", "", ""]
    with pytest.raises(SettingsError, match="has no column caption; it has path, mask, title"):
        list(entries(data, ".csv", "x.csv", None, "caption"))


def test_texts_change_the_stamp_and_only_lists_have_them(folder):
    before = list_photos(table(folder, "cat", "", "dog"), text_column="title").items
    assert [item.text for item in before] == ["cat", "", "dog"]
    after = list_photos(table(folder, "cup", "", "dog"), text_column="title").items
    assert [a.stamp == b.stamp for a, b in zip(before, after, strict=True)] == [False, True, True]
    with pytest.raises(SettingsError, match="^text_column is for CSV and Parquet files"):
        list_photos(folder, text_column="title")


@pytest.mark.parametrize("kind", ["paths", "bytes"])
def test_a_parquet_column_gives_texts(folder, kind):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    files = [folder / f"{seed}.png" for seed in range(3)]
    photos = [str(file) if kind == "paths" else file.read_bytes() for file in files]
    columns = {"path" if kind == "paths" else "bytes": photos, "title": ["cat", None, " dog "]}
    parquet.write_table(arrow.table(columns), folder / "photos.parquet")
    items = list_photos(folder / "photos.parquet", text_column="title").items
    assert [item.text for item in items] == ["cat", "", "dog"]


def test_each_photo_is_drawn_with_its_text_and_anew_if_that_changes(folder):
    out = folder / "out"
    given = {"text_column": "title", **QUICK}
    first = draw_many(table(folder, "cat", "", "a spoonful of it"), out, **given)
    assert (first.drawn, first.failed) == (2, 1)
    assert "is none of the words" in first.failures[0][1]
    texts = [read_sketch(out / f"{seed}.svg").metadata["settings"].get("text") for seed in (0, 1)]
    assert texts == ["cat", None]
    again = draw_many(table(folder, "a dog", "", "cup"), out, **given)
    assert (again.drawn, again.before) == (2, 1)
    assert read_sketch(out / "0.svg").metadata["settings"]["text"] == "a dog"


def test_a_text_for_all_is_checked_before_any_photo(folder):
    with pytest.raises(SettingsError, match="did you mean 'cat'"):
        draw_many(table(folder, "", "", ""), folder / "out", text="catt", **QUICK)
    assert not (folder / "out").exists()
