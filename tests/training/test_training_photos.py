import numpy as np
import pytest
from PIL import Image

from training.photos import TEST_SHARE, list_photos


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    for kind, count in (("cat", 60), ("dog", 40), ("empty", 0)):
        (tmp_path / kind).mkdir()
        for i in range(count):
            Image.fromarray(rng.integers(0, 255, (4, 4, 3), dtype=np.uint8)).save(tmp_path / kind / f"{i:03}.png")
    return tmp_path


def sides(items):
    return {item.key: item.test for item in items}


def test_a_class_is_a_folder_with_photos_in_it(folder):
    labels, items = list_photos(folder)
    assert labels == ("cat", "dog")
    assert [sum(i.label == k for i in items) for k in (0, 1)] == [60, 40]
    assert all(labels[i.label] == i.path.parent.name for i in items)


def test_the_split_goes_by_photo_and_is_the_same_every_time(folder):
    first = sides(list_photos(folder)[1])
    assert first == sides(list_photos(folder)[1])
    assert abs(np.mean(list(first.values())) - TEST_SHARE) < 0.12


def test_the_split_stays_when_photos_are_renamed_added_or_capped(folder):
    before = sides(list_photos(folder)[1])
    (folder / "cat" / "000.png").rename(folder / "cat" / "zebra.png")
    Image.new("RGB", (4, 4)).save(folder / "cat" / "new.png")
    after = sides(list_photos(folder)[1])
    assert len(after) == 101 and before.items() <= after.items()
    capped = sides(list_photos(folder, cap=8)[1])
    assert capped.items() <= after.items()


def test_a_cap_keeps_the_share_of_test_photos(folder):
    _, items = list_photos(folder, cap=8)
    assert [(sum(i.label == k for i in items), sum(i.label == k and i.test for i in items)) for k in (0, 1)] == [
        (8, 2)
    ] * 2


def test_a_photo_that_is_there_twice_counts_once(folder):
    (folder / "dog" / "copy.png").write_bytes((folder / "cat" / "000.png").read_bytes())
    _, items = list_photos(folder)
    assert len(items) == len({i.key for i in items}) == 100


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="has no photos"):
        list_photos(tmp_path)
