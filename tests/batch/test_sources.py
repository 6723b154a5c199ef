"""Folders, globs, lists, tables and addresses: the same photos by the same names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from batch_photos import make_photos, picture

from strokewise.batch.photos import LocalFile, RemoteFile, TableRow
from strokewise.batch.sources import list_photos
from strokewise.errors import PhotoError, SettingsError


def names(source: object, **options: object) -> list[str]:
    return [item.name for item in list_photos(source, **options).items]  # type: ignore[arg-type]


def test_a_folder_is_searched_to_its_bottom_by_name(tmp_path):
    make_photos(tmp_path / "in", 4)
    (tmp_path / "in" / "notes.md").write_text("no photo")
    (tmp_path / "in" / ".hidden.png").write_bytes(b"")
    (tmp_path / "in" / "out").mkdir()
    picture(9).save(tmp_path / "in" / "out" / "9.png")
    listing = list_photos(tmp_path / "in", output=tmp_path / "in" / "out")
    assert [item.name for item in listing.items] == ["a/0.png", "a/3.png", "b/1.png", "c/2.png"]
    assert any("1 file left out" in remark for remark in listing.remarks)
    assert listing.items[0].photo.read() == (tmp_path / "in" / "a" / "0.png").read_bytes()
    stamp = listing.items[0].stamp
    os.utime(tmp_path / "in" / "a" / "0.png", ns=(1, 1))
    assert list_photos(tmp_path / "in").items[0].stamp != stamp


def test_links_to_folders_are_not_followed(tmp_path):
    make_photos(tmp_path / "in", 1)
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    listing = list_photos(tmp_path / "in")
    assert len(listing.items) == 1 and "1 link to folders not followed: loop" in listing.remarks


def test_globs_and_single_photos(tmp_path):
    make_photos(tmp_path, 5)
    assert names(f"{tmp_path}/[ab]/*.png") == ["a/0.png", "a/3.png", "b/1.png", "b/4.png"]
    assert names(f"{tmp_path}/**/*.png") == ["a/0.png", "a/3.png", "b/1.png", "b/4.png", "c/2.png"]
    assert names(tmp_path / "a" / "0.png") == ["0.png"]


def test_lists_of_paths(tmp_path):
    make_photos(tmp_path, 3)
    (tmp_path / "list.txt").write_text(f"# photos\na/0.png\n\n{tmp_path}/b/1.png\na/0.png\n../../../etc/hosts.png\n")
    listing = list_photos(tmp_path / "list.txt")
    assert [item.name for item in listing.items] == ["a/0.png", f"{tmp_path}/b/1.png", "../../../etc/hosts.png"]
    assert [item.place for item in listing.items][:2] == ["a/0.png", "b/1.png"]
    assert "1 listed more than once: drawn once" in listing.remarks
    (tmp_path / "list.csv").write_text('id,file\n7,"a/0.png"\n8,c/2.png\n')
    assert names(tmp_path / "list.csv") == ["a/0.png", "c/2.png"]
    assert names(tmp_path / "list.csv", column="id") == ["7", "8"]
    (tmp_path / "bare.csv").write_text("a/0.png\nc/2.png\n")
    assert names(tmp_path / "bare.csv") == ["a/0.png", "c/2.png"]
    (tmp_path / "odd.csv").write_text("x,y\na/0.png,1\n")
    with pytest.raises(SettingsError, match="no column with a usual name .x, y.*column="):
        names(tmp_path / "odd.csv")
    with pytest.raises(SettingsError, match="no column z; it has x, y"):
        names(tmp_path / "odd.csv", column="z")


def test_parquet_of_bytes_structs_and_paths(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    make_photos(tmp_path, 5)
    paths = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.glob("*/*.png"))
    data = [(tmp_path / path).read_bytes() for path in paths]
    write_table(pa.table({"n": range(5), "image": data}), tmp_path / "bytes.parquet", row_group_size=2)
    items = list_photos(tmp_path / "bytes.parquet").items
    assert [item.name for item in items] == [f"bytes#{i}" for i in range(5)] and items[3].place == "bytes-3"
    assert [item.photo.read() for item in items] == data and isinstance(items[0].photo, TableRow)

    structs = [{"bytes": one, "path": path} for one, path in zip(data, paths, strict=True)]
    write_table(pa.table({"image": structs}), tmp_path / "structs.parquet")
    items = list_photos(tmp_path / "structs.parquet").items
    assert [item.place for item in items] == paths and items[4].photo.read() == data[4]

    write_table(pa.table({"file_name": paths}), tmp_path / "paths.parquet")
    assert [item.photo.read() for item in list_photos(tmp_path / "paths.parquet").items] == data
    write_table(pa.table({"image": [None, b"x"]}), tmp_path / "holes.parquet")
    with pytest.raises(PhotoError, match="no bytes in column image"):
        list_photos(tmp_path / "holes.parquet").items[0].photo.read()
    (tmp_path / "broken.parquet").write_bytes(b"no parquet")
    with pytest.raises(PhotoError, match="cannot be read as Parquet"):
        list_photos(tmp_path / "broken.parquet")


def test_whatever_fsspec_reads(tmp_path):
    fsspec = pytest.importorskip("fsspec")
    memory = fsspec.filesystem("memory")
    make_photos(tmp_path, 3)
    memory.put(str(tmp_path), "/batch-test/in", recursive=True)
    try:
        items = list_photos("memory://batch-test/in").items
        assert [item.name for item in items] == ["a/0.png", "b/1.png", "c/2.png"] and all(i.stamp for i in items)
        assert items[1].photo.read() == (tmp_path / "b" / "1.png").read_bytes()
        assert names("memory://batch-test/in/*/[12].png") == ["b/1.png", "c/2.png"]
        memory.pipe("/batch-test/in/list.txt", b"a/0.png\nmemory://batch-test/in/c/2.png\n")
        items = list_photos("memory://batch-test/in/list.txt").items
        assert all(isinstance(item.photo, RemoteFile) and len(item.photo.read()) > 100 for item in items)
        assert items[1].place == "batch-test/in/c/2.png"
        with pytest.raises(PhotoError, match="cannot be read"):
            RemoteFile("memory://batch-test/none.png").read()
        with pytest.raises(PhotoError, match="holds no photos|cannot be listed"):
            list_photos("memory://batch-test/empty")
    finally:
        memory.rm("/batch-test", recursive=True)


def test_what_cannot_be_read_is_one_line(tmp_path):
    for source in (tmp_path / "none", tmp_path / "none.txt", f"{tmp_path}/*.png", tmp_path):
        with pytest.raises(PhotoError, match="does not exist|holds no photos") as caught:
            list_photos(source)
        assert "\n" not in str(caught.value)
    with pytest.raises(PhotoError, match="cannot be read.*nosuch"):
        list_photos("nosuch://x/y")
    if not hasattr(os, "mkfifo"):  # Windows
        return
    os.mkfifo(tmp_path / "pipe.png")
    with pytest.raises(PhotoError, match="not a plain file"):
        LocalFile(str(tmp_path / "pipe.png")).read()


def test_drawings_never_go_among_their_photos(tmp_path):
    make_photos(tmp_path, 2)
    for output in (tmp_path, tmp_path.parent):
        with pytest.raises(SettingsError, match="where drawings go: choose another"):
            list_photos(tmp_path, output=Path(output))
