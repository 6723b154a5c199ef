"""Lists as Windows, spreadsheets and shells write them, and folders in which files are called anything."""

from __future__ import annotations

import codecs
import io
import os
import sys

import pytest
from PIL import Image

from strokewise.batch.lists import decoded
from strokewise.batch.sources import list_photos
from strokewise.errors import PhotoError, SettingsError

NAMES = ["photos/cow.jpg", "photos/pig.jpg"]
ENCODINGS = {
    "utf-8": b"",
    "utf-8 with a mark": codecs.BOM_UTF8,
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


def picture(kind: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize((16, 16)).convert("RGB").save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "photos").mkdir()
    for name in NAMES:
        (tmp_path / name).write_bytes(picture())
    return tmp_path


def listed(folder, name: str, data: bytes, column: str | None = None) -> list[str]:
    """The photos of a list that can be read, by name."""
    (folder / name).write_bytes(data)
    items = list_photos(folder / name, column=column).items
    assert all(item.photo.read() == picture() for item in items)
    return [item.place for item in items]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("ending", [".txt", ".csv"])
def test_encodings(ending, encoding, newline, folder):
    lines = NAMES if ending == ".txt" else ["id,path", *(f"{n},{name}" for n, name in enumerate(NAMES))]
    text = newline.join([*lines, ""])
    data = ENCODINGS[encoding] + text.encode(encoding.split()[0])
    assert listed(folder, f"list{ending}", data) == NAMES


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark(encoding, folder):
    assert listed(folder, "list.txt", "\r\n".join(NAMES).encode(encoding)) == NAMES
    assert listed(folder, "list.csv", "\r\n".join(["path", *NAMES]).encode(encoding)) == NAMES
    assert decoded("photos/Kühe und Schweine.jpg\n".encode(encoding)) == "photos/Kühe und Schweine.jpg\n"


@pytest.mark.parametrize("data", [b"", b"a", b"\0", b"\xff", b"\xff\xfe", b"\xfe\xff\0", b"\xff\xfea", b"\0\0\0\0"])
def test_any_bytes_are_some_text(data):
    assert isinstance(decoded(data), str)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("ending", [".csv", ".tsv"])
def test_separators(ending, separator, folder):
    rows = [["name", "path", "note"], *(["x", name, "a, b; c"] for name in NAMES)]
    text = "\n".join(separator.join(f'"{cell}"' if " " in cell else cell for cell in row) for row in rows)
    for column in (None, "path"):
        assert listed(folder, f"list{ending}", text.encode(), column) == NAMES
    with pytest.raises(SettingsError, match="has no column other; it has name, path, note"):
        listed(folder, f"list{ending}", text.encode(), "other")


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
@pytest.mark.parametrize("head", ["path;size", "first;second"])
def test_the_line_that_spreadsheets_write(first, head, folder):
    text = "\r\n".join([first, head, *(f"{name};1" for name in NAMES)])
    assert listed(folder, "list.csv", text.encode(), head.split(";")[0]) == NAMES


def test_a_semicolon_list_without_a_usual_column_is_refused_once(folder):
    with pytest.raises(SettingsError, match=r"has no column with a usual name \(first, second\)"):
        listed(folder, "list.csv", b"first;second\nphotos/cow.jpg;1\nphotos/pig.jpg;2\n")


def test_names_with_separators_in_a_list_of_one_column(folder):
    names = ["photos/a;b.jpg", "photos/c d|e.jpg"]
    for name in names:
        (folder / name).write_bytes(picture())
    assert listed(folder, "list.csv", "\n".join(["path", *names]).encode()) == names
    assert listed(folder, "list.csv", "\n".join(names).encode()) == names


@pytest.mark.skipif(sys.platform == "win32", reason="they separate folders there")
@pytest.mark.parametrize("ending", [".txt", ".csv"])
def test_backslashes(ending, folder):
    text = "\r\n".join(name.replace("/", "\\") for name in NAMES)
    assert listed(folder, f"list{ending}", text.encode()) == NAMES


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_a_backslash_in_a_name_is_part_of_it(folder):
    (folder / "photos\\cow.jpg").write_bytes(picture("PNG"))
    (folder / "list.txt").write_bytes(b"photos\\cow.jpg\n")
    (item,) = list_photos(folder / "list.txt").items
    assert item.photo.read() == picture("PNG")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are Unicode there")
def test_names_of_the_western_code_page(folder):
    (folder / "Kühe.jpg").write_bytes(picture())
    assert listed(folder, "list.txt", "Kühe.jpg".encode("cp1252")) == ["Kühe.jpg"]


def test_zeros_between_names_and_quotes_round_them(folder):
    assert listed(folder, "list.txt", "\0".join(NAMES).encode()) == NAMES
    assert listed(folder, "list.txt", "\n".join(f'"{name}"' for name in NAMES).encode()) == NAMES
    assert listed(folder, "list.csv", b"path\0\nphotos/cow.jpg\0\n") == NAMES[:1]


def test_a_name_that_cannot_be_fails_by_itself(folder, tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.table({"path": ["no\0name.jpg", *NAMES]}), folder / "list.parquet")
    items = list_photos(folder / "list.parquet", output=tmp_path / "out").items
    assert [item.photo.read() == picture() for item in items[1:]] == [True, True]
    with pytest.raises(PhotoError):
        items[0].photo.read()


# Folders


FILES = {
    "cow": "JPEG",
    "cow.mpo": "MPO",
    "cow.jfif": "JPEG",
    "cow.apng": "PNG",
    "cow.dat": "PNG",
    "cow.txt": "GIF",
    "cow.tmp": "WEBP",
    "cow.bak": "TIFF",
    "cow.old": "BMP",
    "cow.x": "PPM",
    "cow.y": "JPEG2000",
    "cow.z": "AVIF",
}


@pytest.fixture
def mixed(tmp_path):
    for name, kind in FILES.items():
        try:
            (tmp_path / name).write_bytes(picture(kind))
        except (KeyError, OSError):  # this Pillow cannot write it
            (tmp_path / name).write_bytes(picture())
    (tmp_path / "notes.md").write_text("words")
    (tmp_path / "film.mp4").write_bytes(b"\0\0\0\x18ftypisom\0\0\2\0isomiso2")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "shot.nef").write_bytes(b"II*\0")
    (tmp_path / "shot").write_bytes(b"II*\0\x10\0\0\0CR\x02\0")
    (tmp_path / "broken.jpg").write_text("words")
    (tmp_path / ".hidden.jpg").write_bytes(picture())
    (tmp_path / "._cow.jpg").write_bytes(b"of macOS")
    return tmp_path


def test_contents_decide_in_a_folder(mixed):
    listing = list_photos(mixed)
    assert {item.name for item in listing.items} == {*FILES, "shot.nef", "shot", "broken.jpg"}
    assert set(listing.left_out) == {"notes.md", "film.mp4", "empty", ".hidden.jpg"}
    assert any(
        "3 files left out" in remark and "film.mp4" in remark and "notes.md" in remark for remark in listing.remarks
    )
    assert any(".hidden.jpg" in remark for remark in listing.remarks)


def test_contents_decide_in_a_glob(mixed):
    listing = list_photos(str(mixed / "*"))
    assert {item.name for item in listing.items} == {*FILES, "shot.nef", "shot", "broken.jpg"}
    assert set(listing.left_out) == {"notes.md", "film.mp4", "empty"}


def test_all_names_are_kept_and_the_first_are_told(tmp_path):
    (tmp_path / "cow.jpg").write_bytes(picture())
    for number in range(100):
        (tmp_path / f"{number:03}.md").write_text("words")
    listing = list_photos(tmp_path)
    assert len(listing.left_out) == 100
    assert "000.md, 001.md" in listing.remarks[0] and listing.remarks[0].endswith("and 80 more")


def test_a_folder_without_photos_tells_what_there_is(tmp_path):
    (tmp_path / "notes.md").write_text("words")
    with pytest.raises(PhotoError, match=r"holds no photos .*notes\.md"):
        list_photos(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")
def test_a_pipe_in_a_folder_is_not_opened(tmp_path):
    (tmp_path / "cow.jpg").write_bytes(picture())
    os.mkfifo(tmp_path / "pipe")
    assert list_photos(tmp_path).left_out == ("pipe",)
