"""Masks of a batch: a column of a list, a folder, and what changes when they do."""

from __future__ import annotations

import pytest
from batch_photos import make_photos
from PIL import Image

from strokewise.batch.drawer import PhotoDrawer
from strokewise.batch.job import BatchJob, Task
from strokewise.batch.photos import LocalFile, RemoteFile, TableRow
from strokewise.batch.sources import list_photos
from strokewise.errors import PhotoError, SettingsError
from strokewise.settings import Settings


def make_mask(path, side=48, box=(4, 4, 24, 24)):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("L", (side, side), 0)
    image.paste(255, box)
    image.save(path)
    return path


def test_a_folder_of_masks(tmp_path):
    photos = make_photos(tmp_path / "in", 3)
    make_mask(tmp_path / "in" / "masks" / "a" / "0.png")
    make_mask(tmp_path / "in" / "masks" / "b" / "1.png")
    listing = list_photos(photos, mask=photos / "masks")
    assert [item.name for item in listing.items] == ["a/0.png", "b/1.png", "c/2.png"]  # masks are no photos
    assert [isinstance(item.mask, LocalFile) for item in listing.items] == [True, True, False]
    assert listing.items[0].mask.read() == (photos / "masks" / "a" / "0.png").read_bytes()
    assert any("1 photo without a mask in" in remark and remark.endswith(": c/2.png") for remark in listing.remarks)
    before = [item.stamp for item in listing.items]
    make_mask(tmp_path / "in" / "masks" / "a" / "0.png", box=(1, 1, 30, 30))
    after = [item.stamp for item in list_photos(photos, mask=photos / "masks").items]
    assert before[0] != after[0] and before[1:] == after[1:]


def test_masks_that_no_photo_takes_are_named_in_one_line(tmp_path):
    photos = make_photos(tmp_path / "in", 2)
    for name in ("a/0.png", "a/0.webp", "b/1.png"):
        make_mask(tmp_path / "masks" / name)
    folder = tmp_path / "masks"
    (remark,) = list_photos(photos, mask=folder).remarks
    assert remark == f"1 mask in {folder} that no photo takes: a/0.webp"
    make_mask(folder / "c" / "gone.png")
    (remark,) = list_photos(photos, mask=folder).remarks
    assert remark == f"2 masks in {folder} that no photo takes: a/0.webp, c/gone.png"


def test_masks_have_other_endings_than_photos(tmp_path):
    photos = make_photos(tmp_path / "in", 1)
    (photos / "a" / "0.png").rename(photos / "a" / "0.jpg")
    make_mask(tmp_path / "masks" / "a" / "0.png")
    assert list_photos(photos, mask=tmp_path / "masks").items[0].mask is not None


@pytest.mark.parametrize(
    ("made", "said"), [(False, "no folder of masks on this machine"), (True, "no mask of any photo: a mask is named")]
)
def test_folders_that_hold_no_masks(made, said, tmp_path):
    photos = make_photos(tmp_path / "in", 1)
    if made:
        make_mask(tmp_path / "masks" / "b" / "7.png")
    with pytest.raises(PhotoError, match=said):
        list_photos(photos, mask=tmp_path / "masks")


def test_a_column_of_masks(tmp_path):
    make_photos(tmp_path, 2)
    make_mask(tmp_path / "m" / "0.png")
    (tmp_path / "list.csv").write_text("file,mask\na/0.png,m/0.png\nb/1.png,\n")
    with_mask, without = list_photos(tmp_path / "list.csv").items
    assert with_mask.mask == LocalFile(str(tmp_path / "m" / "0.png")) and without.mask is None
    assert with_mask.stamp.count("+") == 1 and "+" not in without.stamp
    (tmp_path / "far.csv").write_text("url,mask\nhttps://x.org/a.png,https://x.org/m.png\n")
    (far,) = list_photos(tmp_path / "far.csv").items
    assert far.mask == RemoteFile("https://x.org/m.png") and far.stamp == ""


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("head", ["", "sep=;\n"])
def test_a_column_of_masks_as_windows_writes_it(head, encoding, tmp_path):
    make_photos(tmp_path, 2)
    make_mask(tmp_path / "m" / "0.png")
    text = f"{head}id;Photo;Mask\n1;a\\0.png;m\\0.png\n2;b\\1.png\n3;;m\\0.png\n"
    (tmp_path / "list.csv").write_bytes(text.encode(encoding))
    with_mask, without = list_photos(tmp_path / "list.csv").items
    assert with_mask.photo == LocalFile(str(tmp_path / "a" / "0.png"))
    assert with_mask.mask == LocalFile(str(tmp_path / "m" / "0.png")) and without.mask is None


def test_a_list_of_masks_alone_has_no_masks(tmp_path):
    make_photos(tmp_path, 1)
    (tmp_path / "list.csv").write_text("mask,id\na/0.png,7,8\n")
    (item,) = list_photos(tmp_path / "list.csv", column="mask").items
    assert item.name == "a/0.png" and item.mask is None


def test_more_cells_than_columns_are_no_masks(tmp_path):
    make_photos(tmp_path, 1)
    (tmp_path / "list.csv").write_text("file,id\na/0.png,7,m/0.png\n")
    assert list_photos(tmp_path / "list.csv").items[0].mask is None


def test_a_table_of_masks(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow.parquet import write_table

    make_photos(tmp_path, 2)
    make_mask(tmp_path / "m" / "0.png")
    data = [(tmp_path / name).read_bytes() for name in ("a/0.png", "b/1.png")]
    masks = [(tmp_path / "m" / "0.png").read_bytes(), None]
    write_table(pa.table({"image": data, "mask": masks}), tmp_path / "bytes.parquet")
    items = list_photos(tmp_path / "bytes.parquet").items
    assert [item.mask.read() for item in items] == [masks[0], b""] and isinstance(items[0].mask, TableRow)
    write_table(pa.table({"path": ["a/0.png", "b/1.png"], "mask": ["m/0.png", None]}), tmp_path / "paths.parquet")
    items = list_photos(tmp_path / "paths.parquet").items
    assert items[0].mask == LocalFile(str(tmp_path / "m" / "0.png")) and items[1].mask is None


@pytest.fixture
def drawer(monkeypatch):
    """A worker whose photos are framed and not drawn; it keeps what was framed."""
    drawer = PhotoDrawer(BatchJob(Settings(strokes=2, steps=0)))
    drawer.framed = []

    class Ready:
        device = "cpu"

        def _replace(self, photo, framed):
            drawer.framed.append(framed)
            raise ValueError("framed")

    drawer._ready = Ready()
    return drawer


def test_a_worker_takes_the_mask(drawer, tmp_path):
    make_photos(tmp_path, 1)
    photo = LocalFile(str(tmp_path / "a" / "0.png"))
    mask = LocalFile(str(make_mask(tmp_path / "m.png")))
    (alone,) = drawer.draw([Task(0, photo)])
    (masked,) = drawer.draw([Task(0, photo, mask=mask)])
    assert alone.content != masked.content and len(masked.content) == 64
    assert [framed.mask_source for framed in drawer.framed] == ["", "given"]
    assert drawer.framed[1].frame.side < 25
    (known,) = drawer.draw([Task(0, photo, known=masked.content, mask=mask)])
    assert known.status == "unchanged"


def test_a_mask_that_will_not_do_is_that_photos_error(drawer, tmp_path):
    make_photos(tmp_path, 1)
    photo = LocalFile(str(tmp_path / "a" / "0.png"))
    (result,) = drawer.draw([Task(0, photo, mask=LocalFile(str(make_mask(tmp_path / "m.png", 48, (0, 0, 48, 48)))))])
    assert result.status == "failed" and "the mask is white all over" in result.error
    (result,) = drawer.draw([Task(0, photo, mask=LocalFile(str(tmp_path / "none.png")))])
    assert result.status == "failed" and "does not exist" in result.error


def test_masks_where_the_background_is_kept(tmp_path):
    from strokewise.batch import draw_many

    make_photos(tmp_path / "in", 1)
    make_mask(tmp_path / "masks" / "a" / "0.png")
    with pytest.raises(SettingsError, match="subject and a mask do not go together"):
        draw_many(tmp_path / "in", tmp_path / "out", subject="keep", mask=tmp_path / "masks")


@pytest.mark.slow
def test_masks_reach_the_drawings(tmp_path):
    from strokewise.batch import draw_many

    photos = make_photos(tmp_path / "in", 2)
    make_mask(tmp_path / "masks" / "a" / "0.png")
    small = {"strokes": 2, "steps": 0, "candidates": 1, "size": 64, "workers": 1}
    assert draw_many(photos, tmp_path / "out", mask=tmp_path / "masks", **small).drawn == 2
    drawn = [(tmp_path / "out" / name).read_text() for name in ("a/0.svg", "b/1.svg")]
    assert '"mask":"given"' in drawn[0].replace("&quot;", '"').replace(" ", "") and "given" not in drawn[1]
    assert draw_many(photos, tmp_path / "out", mask=tmp_path / "masks", **small).before == 2
    make_mask(tmp_path / "masks" / "a" / "0.png", box=(20, 20, 44, 44))
    again = draw_many(photos, tmp_path / "out", mask=tmp_path / "masks", **small)
    assert (again.drawn, again.before) == (1, 1)
