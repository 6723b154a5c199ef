"""The training of the encoder that reads what people draw: words, drawings, checkpoints, exported weights."""

from __future__ import annotations

import copy
import dataclasses
import json
import signal

import numpy as np
import pytest
import torch
from PIL import Image
from training_shapes import SHAPES, dark_parts, draw_shape

from strokewise.encoders import embedded, lite0
from training import model as older
from training.reader import batches, cache, classes, drawings, export, human, judge, mixed, network, start, train
from training.reader.__main__ import main as reader_main
from training.reader.photos import TEST_SHARE, list_photos


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets")
    rng = np.random.default_rng(3)
    for kind, name in zip(SHAPES, ("airplanes", "first/airplane", "first/star"), strict=True):
        (folder / "one" / name).mkdir(parents=True)
        for i in range(6):
            draw_shape(kind, rng).save(folder / "one" / name / f"{i}.png")
    return folder / "one"


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def entries(shapes, work):
    folder = work / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "find_mask", dark_parts)
        _, items = list_photos([shapes])
        items[0] = dataclasses.replace(items[0], test=True)
        cache.build(items, folder, 1, older_file(work, ("airplane", "star")))
    return cache.read_all(items, folder)


def small(labels=("airplane", "star")):
    torch.manual_seed(0)
    return network.Reader(labels)


# Words


def test_folders_of_the_same_thing_are_one_word_and_sets_may_lie_one_level_deeper(shapes):
    labels, items = list_photos([shapes])
    assert labels == ("airplane", "star")
    assert [sum(i.label == k for i in items) for k in (0, 1)] == [12, 6]


def test_folders_without_a_subject_are_left_out(tmp_path):
    for name in ("guacamole", "wine_bottle"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (4, 4), (len(name), 0, 0)).save(tmp_path / name / "a.png")
    assert list_photos([tmp_path])[0] == ("wine bottle",)


def test_a_photo_that_is_there_twice_counts_once(tmp_path):
    for name in ("cat", "domestic_cat", "dog"):
        (tmp_path / name).mkdir()
        Image.new("RGB", (4, 4)).save(tmp_path / name / "a.png")
    labels, items = list_photos([tmp_path])
    assert len(items) == 1 and labels == ("cat",)


def test_no_photo_is_on_both_sides_and_the_side_goes_by_its_bytes(shapes):
    assert all(item.test == (int(item.key[:8], 16) / 2**32 < TEST_SHARE) for item in list_photos([shapes])[1])


def test_no_folder_is_listed_under_two_words():
    folders = [folder for names in classes.MERGED.values() for folder in names.split()]
    assert len(folders) == len(set(folders)) and not classes.DROPPED & set(folders)


def test_no_synonym_means_two_words():
    labels = tuple(sorted({*classes.MERGED, *classes.SYNONYMS}))
    others = [o.strip() for word in classes.SYNONYMS for o in classes.SYNONYMS[word].split(",")]
    assert len(others) == len(set(others))
    assert set(classes.synonyms(labels).values()) <= set(labels)


@pytest.mark.parametrize(
    ("word", "label"),
    [("rhino", "rhinoceros"), ("Teddy-Bear", "teddy bear"), ("couch", "sofa"), ("cats", "cat"), ("spoonbill", None)],
)
def test_words_and_synonyms_find_their_label(word, label):
    assert classes.find_label(word, ("cat", "rhinoceros", "sofa", "teddy bear")) == label


def test_no_photo_at_all_is_one_line(tmp_path):
    with pytest.raises(SystemExit, match="no photos in"):
        list_photos([tmp_path])


# The cache and the drawings


def test_the_cache_holds_outline_and_inner_lines_within_the_square(entries):
    entry = next(e for e in entries if e.item.path.parent.name == "airplanes")
    kinds = {line.kind for line in entry.lines}
    assert cache.OUTLINE in kinds and kinds & {cache.EDGE, cache.REGION}
    assert all(((line.points > -0.05) & (line.points < 1.05)).all() for line in entry.lines)
    assert 0.1 < entry.mask.mean() / 255 < 0.9
    assert (drawings.cut(entry)[entry.mask == 0] == 1).all()


def test_only_photos_held_out_have_drawings_of_the_held_out_generator(entries):
    assert all(bool(e.heldout) == e.item.test for e in entries) and any(e.heldout for e in entries)


@pytest.mark.parametrize("style", [s for s in drawings.STYLES if s not in drawings.PICTURES])
def test_every_style_draws_the_same_again_and_differs_by_seed(entries, style):
    entry = entries[1]

    def once(seed):
        rng = np.random.default_rng(seed)
        return drawings.render(drawings.draw(entry, rng, style)[0], np.eye(3), 96, rng)

    first = once(0)
    assert first.shape == (96, 96) and first.dtype == np.float32
    assert 0.001 < (first < 0.6).mean() < 0.6
    assert np.array_equal(first, once(0)) and not np.array_equal(first, once(1))


def test_the_outline_style_has_no_inner_strokes_and_one_line_is_one(entries):
    rng = np.random.default_rng(0)
    entry = next(e for e in entries if any(line.kind == cache.OUTLINE for line in e.lines))
    assert not any(s.inner for s in drawings.draw(entry, rng, "outline")[0])
    assert len(drawings.draw(entry, rng, "one line")[0]) == 1


def test_altered_drawings_keep_the_outline_and_change_what_is_within():
    square = np.array([[0.1, 0.1], [0.9, 0.1], [0.9, 0.9], [0.1, 0.9], [0.1, 0.1]], dtype=np.float32)
    eyes = [np.array([[x, 0.4], [x + 0.05, 0.42]], dtype=np.float32) for x in (0.3, 0.6)]
    strokes = [drawings.Stroke(square, False), *(drawings.Stroke(eye, True) for eye in eyes)]
    others = [drawings.Stroke(square, False), *(drawings.Stroke(eye + 0.3, True) for eye in eyes)]
    counts = set()
    for seed in range(12):
        changed = drawings.alter(strokes, others, np.random.default_rng(seed))
        assert changed is not None and changed[0] is strokes[0]
        inner = [s.points for s in changed if s.inner]
        assert not any(np.allclose(p, eye) for p in inner for eye in eyes)
        counts.add(len(inner))
    assert counts == {0, 2}
    assert drawings.alter(strokes[:2], others, np.random.default_rng(0)) is None


def test_a_batch_is_the_same_again_and_altered_drawings_know_their_photo(entries):
    sampler = batches.Sampler(entries, classes=2, each=3, sizes=(64,))
    first, again = sampler.batch(4), sampler.batch(4)
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    count = len(first.photos)
    assert first.photos.shape == (count, 1, 64, 64) and first.drawings.shape == (2 * count, 1, 64, 64)
    assert len(first.of) == len(first.altered) and bool((first.of < count).all())
    # Several of one class, so that a drawing has to be told from other photos of it.
    assert max(first.labels.bincount()) >= 2


# The network


def sizes(plan):
    """Multiplications of a forward pass, numbers written and weights of a network of this plan."""
    side, channels, found = plan.input_size // 2, plan.stem, np.zeros(3)

    def count(inputs, outputs, kernel=1, groups=1):
        weights = kernel**2 * inputs // groups * outputs
        found[:] += weights * side**2, outputs * side**2, weights + outputs

    count(plan.channels, channels, 3)
    for kernel, stride, outputs, widths in plan.stages:
        for i, hidden in enumerate(widths):
            if plan.stages[0][3] is not widths:
                count(channels, hidden)
            side //= stride if i == 0 else 1
            count(hidden, hidden, kernel, hidden)
            count(hidden, outputs)
            channels = outputs
    count(channels, lite0.HEAD)
    return found


def test_it_costs_less_than_two_thirds_of_the_older_network():
    new, old = sizes(lite0.SLIM), sizes(lite0.LITE0)
    assert abs(old[0] / 384e6 - 1) < 0.02
    assert new[0] < 0.67 * old[0] and new[1] < 0.67 * old[1]
    assert 2 * (new[2] + 400 * lite0.HEAD) < export.LARGEST


def test_it_starts_near_the_older_network(entries):
    # Fitted and compared on other pictures.
    first = batches.Sampler(entries, classes=2, each=6, sizes=(96,), altered=0)
    fit, check = (torch.cat([b.photos, b.drawings]) for b in (first.batch(0), first.batch(1)))
    teacher = older.new_student(("airplane", "star")).requires_grad_(False)
    model = start.start(("airplane", "star"), fit, teacher)
    with torch.no_grad():
        goal = teacher.features(check.expand(-1, 3, -1, -1)).embedding
        near = torch.cosine_similarity(model(check).embedding, goal).mean()
        far = torch.cosine_similarity(small()(check).embedding, goal).mean()
    assert near > 0.5 and near > far + 0.2


# Training


def test_a_run_that_was_cut_in_two_gives_the_same_weights(entries, tmp_path):
    options = train.Options(warm_up=2)
    sampler = batches.Sampler(entries, classes=2, each=2, sizes=(64,), altered=2)
    whole = train.new_state(small(), options)
    train.run(whole, sampler, options, 4, lambda: None, tell=lambda _: None)
    path = tmp_path / "train.pt"
    half = train.new_state(small(), options)
    train.run(half, sampler, options, 2, lambda: train.save(half, path), tell=lambda _: None)
    rest = train.load(path, options)
    assert rest.step == 2
    train.run(rest, sampler, options, 4, lambda: None, tell=lambda _: None)
    for network_of in (lambda s: s.student, lambda s: s.average):
        pairs = zip(network_of(whole).parameters(), network_of(rest).parameters(), strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)
    start_weights = small().stem.weight
    assert not torch.equal(whole.student.stem.weight, start_weights)


def test_a_checkpoint_of_other_options_is_refused(tmp_path):
    path = tmp_path / "train.pt"
    train.save(train.new_state(small(), train.Options()), path)
    with pytest.raises(SystemExit, match="other options"):
        train.load(path, train.Options(rate=1.0))


def test_steps_rise_stay_and_fall_at_the_end():
    assert train.factor(0, 10, None) == pytest.approx(0.1)
    assert train.factor(500, 10, None) == 1 and train.factor(499, 10, (500, 600)) == 1
    assert train.factor(550, 10, (500, 600)) == pytest.approx(0.5) and train.factor(600, 10, (500, 600)) == 0


def test_bfloat16_gives_nearly_the_gradients_of_float32(entries):
    batch = batches.Sampler(entries, 3, 2, seed=4, sizes=(64,)).batch(0)
    gradients = []
    for exact in (True, False):
        student = small()
        losses = train.Losses(copy.deepcopy(student).requires_grad_(False), train.Options(), mixed=not exact)
        losses(student, batch)["total"].backward()
        gradients.append(torch.cat([p.grad.flatten() for p in student.parameters()]))
        assert all(p.grad.dtype == p.dtype == torch.float32 for p in student.parameters())
    along = torch.nn.functional.cosine_similarity(*gradients, dim=0).item()
    assert along > 0.98 and not torch.equal(*gradients)


@pytest.mark.parametrize("stride", [1, 2])
def test_gradients_of_a_depthwise_convolution_in_bfloat16_are_those_of_float32(stride):
    torch.manual_seed(0)
    layer = mixed.Depthwise(6, 6, 5, stride, 2, groups=6)
    x = torch.randn(2, 6, 12, 12).bfloat16().float().requires_grad_()
    weights = [layer(x), layer(x.bfloat16())]
    assert weights[1].dtype == torch.bfloat16
    pull = torch.randn_like(weights[0]).bfloat16().float()
    found = [torch.autograd.grad(y, (x, layer.weight, layer.bias), pull.to(y.dtype)) for y in weights]
    for exact, near in zip(*found, strict=True):
        assert torch.allclose(exact, near, rtol=1e-2, atol=1e-2 * exact.abs().max().item())


def test_an_altered_drawing_near_its_photo_costs():
    losses = train.Losses(small(), train.Options())
    photo, drawing = torch.eye(3), torch.eye(3).repeat(2, 1)
    of = torch.tensor([1])
    near = losses.contrast(photo, drawing, photo[1:2], of)
    far = losses.contrast(photo, drawing, photo[2:3], of)
    assert near.item() > far.item() + 0.05


# Export and measures


def test_exported_weights_are_the_package_s_and_give_the_same(tmp_path):
    labels = ("cat", "rhinoceros")
    model = small(labels).requires_grad_(False)
    path = tmp_path / "reader.safetensors"
    size = export.write(model, path, {"temperature": 2.0, "background": 1.5}, {"step": 7})
    assert size == path.stat().st_size <= export.LARGEST
    read, notes = judge.read(path)
    assert notes["labels"] == list(labels) and notes["calibration"] == {"temperature": 2.0, "background": 1.5}
    found = embedded.load(path)
    assert (found.labels, found.temperature, found.background) == (labels, 2.0, 1.5)
    grey = torch.rand(1, 1, 192, 192, generator=torch.Generator().manual_seed(1))
    expected = model(grey)
    for picture in (grey, grey.expand(-1, 3, -1, -1)):
        seen = found.features(picture.numpy())
        maps = expected.maps[1:4]
        for one, two in zip((seen.embedding, *seen.maps), (expected.embedding, *maps), strict=True):
            assert np.abs(one - two.numpy()).max() < 0.01 * two.abs().max()
    assert torch.allclose(read(grey).embedding, expected.embedding, atol=0.02)
    colored = torch.rand(1, 3, 192, 192, generator=torch.Generator().manual_seed(2))
    as_grey = (colored * torch.tensor(lite0.LUMA)[:, None, None]).sum(1, keepdim=True)
    assert np.abs(found.features(colored.numpy()).embedding - read(as_grey).embedding.numpy()).max() < 1e-4


def test_weights_that_do_not_fit_are_refused(tmp_path):
    model = small().requires_grad_(False)
    model.stem.bias[0] = 1e6
    with pytest.raises(SystemExit, match="half precision"):
        export.write(model, tmp_path / "x.safetensors", {}, {})
    assert not (tmp_path / "x.safetensors").exists()


def test_another_file_is_no_weights(tmp_path):
    (tmp_path / "x.safetensors").write_bytes(b"nothing")
    with pytest.raises(SystemExit, match="not exported weights"):
        judge.read(tmp_path / "x.safetensors")


def fake(name, words, logits):
    return judge.Judge(name, words, 8, lambda x: x.flatten(1)[:, :1], lambda e: logits[e[:, 0].round().long()])


def test_people_s_drawings_are_measured_by_word_with_intervals():
    pictures = [np.full((8, 8), float(k), dtype=np.float32) for k in (0, 1)]
    sketches = [("cat", pictures[0])] * 6 + [("rhino", pictures[1])] * 6 + [("house", pictures[1])]
    good = fake("new", ("cat", "dog", "rhinoceros"), torch.tensor([[3.0, 1.0, 0.0], [0.0, 1.0, 2.0]]))
    poor = fake("old", ("cat", "rhinoceros"), torch.tensor([[0.0, 1.0], [0.0, 1.0]]))
    found = human.measure(sketches, [poor, good])["words that all know"]
    assert found["drawings"] == 12 and found["words"] == 2
    assert found["judges"]["new"]["top-1"]["share"] == 1 and found["judges"]["old"]["top-1"]["share"] == 0.5
    assert found["error"]["new"]["share"] == 0


def test_quickdraw_strokes_are_drawn_centred_with_a_margin(tmp_path):
    drawing = {"drawing": [[[0, 255], [100, 100]], [[0, 0], [100, 120]]]}
    (tmp_path / "line.ndjson").write_text(json.dumps(drawing) + "\n")
    ((word, picture),) = human.quickdraw(tmp_path)
    rows, columns = np.nonzero(picture < 0.5)
    assert word == "line" and 10 < columns.min() < 20 and 203 < columns.max() < 214
    assert abs((rows.min() + rows.max()) / 2 - 112) < 3


def older_file(folder, labels):
    older.write_weights(older.new_student(labels), folder / "older.safetensors", {})
    return folder / "older.safetensors"


def test_the_old_encoder_says_one_word_for_merged_classes(tmp_path):
    old = judge.old(older_file(tmp_path, ("ketch", "schooner", "cat")))
    assert "sailboat" in old.words and "ketch" not in old.words and "schooner" not in old.words
    assert old.name_logits(torch.zeros(1, 1280)).shape == (1, len(old.words))


def test_a_training_that_is_asked_to_stop_saves_what_it_has(entries):
    options = train.Options(warm_up=2)
    sampler = batches.Sampler(entries, classes=2, each=2, sizes=(64,), altered=2)
    state, saved = train.new_state(small(), options), []
    train.run(
        state,
        sampler,
        options,
        100,
        lambda: saved.append(state.step),
        stop=lambda: state.step == 1,
        tell=lambda _: None,
    )
    assert saved == [1]


def begin(weights, shapes, work, monkeypatch):
    """The state of a training that begins with weights, stopped before its first step."""
    for module, name in ((signal, "signal"), (torch, "set_num_threads")):
        monkeypatch.setattr(module, name, lambda *_: None)
    with np.errstate():
        reader_main(["train", str(shapes), "--work", str(work), "--begin", str(weights), "--minutes", "0"])
    return train.load(work / "train.pt", train.Options())


@pytest.mark.usefixtures("entries")
def test_a_training_may_begin_with_exported_weights(work, shapes, tmp_path, monkeypatch):
    network, weights = small(), tmp_path / "begin.safetensors"
    export.write(network, weights, {"temperature": 1.0, "background": 0.0}, {})
    state = begin(weights, shapes, work, monkeypatch)
    assert state.step == 0
    for first, now, kept in zip(*(n.parameters() for n in (network, state.student, state.anchor)), strict=True):
        torch.testing.assert_close(now, first, atol=1e-3, rtol=1e-3)  # they are exported in half precision
        assert torch.equal(kept, now)


def test_weights_of_other_words_cannot_be_trained_on(shapes, tmp_path, monkeypatch):
    weights = tmp_path / "begin.safetensors"
    export.write(small(("cat", "dog")), weights, {"temperature": 1.0, "background": 0.0}, {})
    with pytest.raises(SystemExit, match="other words"):
        begin(weights, shapes, tmp_path, monkeypatch)
