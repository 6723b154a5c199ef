import numpy as np
import pytest

from training import batches, cache, generators, sheet
from training.cache import CacheOptions
from training.photos import list_photos


def test_training_photos_have_drawings_to_learn_from_and_test_photos_the_others(entries):
    assert {e.item.test for e in entries} == {True, False}
    for entry in entries:
        kinds = {d.kind for d in entry.drawings}
        assert kinds == {"heldout"} if entry.item.test else {"contour", "outline"} <= kinds
        for drawing in entry.drawings:
            assert drawing.points.shape[1:] == (4, 2) and np.abs(drawing.points).max() < 2
    drawn = [d for e in entries for d in e.drawings if d.kind == "optimized"]
    assert len(drawn) == 2
    tests = [e for e in entries if e.item.test]
    assert [len(tests[0].heldout(n).points) for n in (32, 16, 8, 4)] == [32, 16, 8, 4]


def test_photos_are_kept_whole_framed_and_cut_out(entries):
    entry = entries[0]
    whole, framed, cut = (cache.decode(jpeg) for jpeg in (entry.whole, entry.framed, entry.cut))
    assert whole.shape == framed.shape == cut.shape == (cache.SIDE, cache.SIDE, 3)
    assert cut[2, 2].min() > 0.97 > framed[2, 2].min()
    left, top, side = entry.place
    assert 0 < side < 1 and -0.1 < left < 1 and -0.1 < top < 1


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(shapes, small_scenes, tmp_path):
    item = next(i for i in list_photos(shapes)[1] if not i.test)
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        cache.build([item], tmp_path / name, CacheOptions(seed=seed, optimized=0), workers=1)
    a, b, c = ((tmp_path / name / f"{item.key}.npz").read_bytes() for name in "abc")
    assert a == b != c


def test_what_is_there_is_not_made_again_and_other_options_are_refused(shapes, small_scenes, tmp_path, monkeypatch):
    items = [i for i in list_photos(shapes)[1] if i.test][:1]
    cache.build(items, tmp_path, CacheOptions(optimized=0), workers=1)
    monkeypatch.setattr(cache, "make", None)
    cache.build(items, tmp_path, CacheOptions(optimized=0), workers=1)
    assert not list(tmp_path.glob("*.part"))
    with pytest.raises(SystemExit, match="other options"):
        cache.build(items, tmp_path, CacheOptions(seed=1, optimized=0), workers=1)


def test_batches_are_the_same_whenever_they_are_made(entries):
    learn = [e for e in entries if not e.item.test]
    many = batches.Batches(learn, 4, (48, 64), seed=3)
    assert many.epoch == len(learn) // 4
    first, again = many[many.epoch + 1], batches.Batches(learn, 4, (48, 64), seed=3)[many.epoch + 1]
    assert all(bool((a == b).all()) for a, b in zip(first, again, strict=True))
    size = first.photos.shape[2]
    assert first.photos.shape == (4, 3, size, size) and first.drawings.shape == (4, 1, size, size)
    assert 0 <= first.drawings.min() < 0.8 and first.drawings.max() <= 1 and first.photos.max() <= 1


def test_every_photo_is_shown_once_an_epoch(entries, monkeypatch):
    learn = [e for e in entries if not e.item.test]
    monkeypatch.setattr(batches, "make_batch", lambda chosen, size, rng: [e.item.key for e in chosen])
    many = batches.Batches(learn, 3, (48,), seed=0)
    shown = [key for step in range(many.epoch) for key in many[step]]
    assert len(shown) == len(set(shown)) >= len(learn) - 2


def test_a_drawing_lies_on_its_photo_in_every_way_a_photo_is_shown(entries, monkeypatch):
    """The dark shape of a photo is darker within the drawing's outline than outside of it."""
    entry = next(e for e in entries if not e.item.test)
    outline = next(d for d in entry.drawings if d.kind == "outline")
    monkeypatch.setattr(batches.generators, "SHARES", {**generators.SHARES, "outline": 1e9})
    monkeypatch.setattr(batches.views, "vary_strokes", lambda points, rng: (points, True))
    assert len(outline.points)
    for shown in range(3):
        monkeypatch.setattr(batches, "PHOTO_SHARES", tuple(float(i == shown) for i in range(3)))
        batch = batches.make_batch([entry], 64, np.random.default_rng(shown))
        rows, columns = np.nonzero(batch.drawings[0, 0].numpy() < 0.6)
        photo = batch.photos[0].min(0).values.numpy()
        inside = photo[rows.min() + 4 : rows.max() - 3, columns.min() + 4 : columns.max() - 3].mean()
        assert inside < photo[:, -3:].mean() - 0.1


def test_the_contact_sheet_shows_every_generator(entries, tmp_path):
    learn, test = [e for e in entries if not e.item.test], [e for e in entries if e.item.test]
    sheet.contact_sheet(learn, test, tmp_path / "sheet.png", rows=4)
    assert (tmp_path / "sheet.png").stat().st_size > 5000
