"""Which photos a folder holds, and safe names for their drawings."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strokewise import OutputError, PhotoError
from strokewise.recognition.evaluation.folder import LONGEST, Listing, digest, in_turns, list_photos, safe_names


def listed(folder: Path) -> Listing:
    return list_photos(folder, folder.parent / "out")


def fill(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def test_photos_by_class(tmp_path: Path) -> None:
    names = ("dog/2.jpg", "dog/10.JPG", "cat/a.heic", "cat/.DS_Store", "cat/.a.jpg", "cat/README.md", ".git/x.png")
    found = listed(fill(tmp_path / "photos", *names))
    assert [item.photo for item in found.items] == ["cat/a.heic", "dog/10.JPG", "dog/2.jpg"]
    assert [item.place for item in found.items] == ["cat/a", "dog/10", "dog/2"]
    assert found.classes == ("cat", "dog")
    assert (found.empty, found.skipped, found.remarks) == ((), (), ())


def test_what_is_left_out_is_named(tmp_path: Path) -> None:
    photos = fill(tmp_path / "photos", "cat/a.jpg", "cat/more/b.jpg", "astray.png")
    (photos / "dog").mkdir()
    found = listed(photos)
    assert [item.photo for item in found.items] == ["cat/a.jpg"]
    assert found.classes == ("cat",) and found.empty == ("dog",)
    assert any("astray.png" in remark for remark in found.remarks)
    assert any("more" in remark for remark in found.remarks)


def test_links_that_leave_are_not_followed(tmp_path: Path) -> None:
    photos = fill(tmp_path / "photos", "cat/a.jpg")
    fill(tmp_path / "private", "secret.jpg")
    try:
        (photos / "cat" / "b.jpg").symlink_to(tmp_path / "private" / "secret.jpg")
    except OSError:
        pytest.skip("no links here")
    (photos / "cat" / "same.jpg").symlink_to("a.jpg")
    (photos / "cat" / "loop.jpg").symlink_to("loop.jpg")
    (photos / "others").symlink_to(tmp_path / "private")
    found = listed(photos)
    assert [item.photo for item in found.items] == ["cat/a.jpg", "cat/same.jpg"]
    assert [one.photo for one in found.skipped] == ["cat/b.jpg", "cat/loop.jpg"]
    assert found.classes == ("cat",)
    assert any(remark.startswith("others is a link") for remark in found.remarks)


@pytest.mark.parametrize("names", [(), ("a.jpg",), ("cat/notes.txt",)], ids=["nothing", "no class", "no photo"])
def test_no_photos(tmp_path: Path, names: tuple[str, ...]) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(PhotoError, match="no photos in class folders") as caught:
        listed(fill(tmp_path / "photos", *names))
    assert len(str(caught.value).splitlines()) == 1


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="does not exist"):
        listed(tmp_path / "photos")
    with pytest.raises(PhotoError, match="is not a folder"):
        listed(fill(tmp_path, "photos") / "photos")


@pytest.mark.parametrize("place", [".", "out", "cat/out"])
def test_results_among_the_photos_are_refused(tmp_path: Path, place: str) -> None:
    photos = fill(tmp_path / "photos", "cat/a.jpg")
    with pytest.raises(OutputError, match="lies in the folder of photos"):
        list_photos(photos, photos / place)


@given(st.lists(st.text(min_size=1), unique=True, max_size=8), st.booleans())
def test_safe_names_are_safe_and_no_two_alike(names: list[str], stems: bool) -> None:
    names = [name for name in names if "/" not in name and "\0" not in name and name not in (".", "..")]
    found = safe_names(names, stems=stems)
    assert len({name.casefold() for name in found}) == len(names)
    for name in found:
        assert name and not name.startswith(".") and not name.endswith(".")
        assert not set(name) & set('/\\:*?"<>| \n\t')
        assert len(os.fsencode(name)) <= LONGEST + 9


@pytest.mark.parametrize(
    "names",
    [("a.jpg", "a.png"), ("A.jpg", "a.jpg"), ("a b.jpg", "a_b.jpg"), ("é.jpg", "e\u0301.jpg"), ("…", "?")],
)
def test_names_that_would_be_alike(names: tuple[str, str]) -> None:
    first, second = safe_names(names, stems=True)
    assert first.casefold() != second.casefold()


def test_a_name_made_to_look_like_anothers_mark() -> None:
    mine = safe_names(["a.jpg", "a.png"], stems=True)
    found = safe_names(["a.jpg", "a.png", f"{mine[0]}.jpg"], stems=True)
    assert found[:2] == mine and len(set(found)) == 3


def test_plain_names_stay() -> None:
    assert safe_names(["horse 1.jpg", "été.png", "..jpg", "con.jpg"], stems=True) == [
        "horse_1",
        "été",
        safe_names(["..jpg"], stems=True)[0],
        "con",
    ]


def test_turns_take_one_of_each_class(tmp_path: Path) -> None:
    found = listed(fill(tmp_path / "photos", "a/1.jpg", "a/2.jpg", "a/3.jpg", "b/1.jpg", "c/1.jpg", "c/2.jpg"))
    order = [item.photo for item in in_turns(found.items)]
    assert order == ["a/1.jpg", "b/1.jpg", "c/1.jpg", "a/2.jpg", "c/2.jpg", "a/3.jpg"]


def test_digest_of_what_cannot_be_read(tmp_path: Path) -> None:
    assert digest(tmp_path) == "" == digest(tmp_path / "missing")
    (tmp_path / "a").write_bytes(b"abc")
    assert digest(tmp_path / "a").startswith("ba7816bf")  # FIPS 180-2's own example


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_digest_does_not_wait_for_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert digest(tmp_path / "pipe") == ""
