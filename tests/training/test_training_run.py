"""From drawings to weights and figures, on three classes of shapes."""

import dataclasses
import functools
import json

import pytest
import torch

from strokewise.encoders import embedded
from training import __main__ as command
from training import evaluate as evaluation
from training import report
from training.batches import Batches
from training.model import load, new_student, new_teacher, write_weights
from training.train import TrainOptions, train

OPTIONS = TrainOptions(epochs=8, batch=5, sizes=(64,), rate=2e-4, average=0.8)
LABELS = ("disc", "house", "star")


@pytest.fixture(scope="module")
def learn(entries):
    return [e for e in entries if not e.item.test]


@pytest.fixture(scope="module")
def history():
    return []


@pytest.fixture(scope="module")
def model(learn, history, tmp_path_factory):
    return train(learn, LABELS, tmp_path_factory.mktemp("train") / "train.pt", OPTIONS, history=history)


@pytest.fixture(scope="module")
def weights(model, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "embedded.safetensors"
    write_weights(model, path, {"made": "by a test"})
    return path


def test_the_loss_falls(model, history):
    totals = [step["total"] for step in history]
    assert len(totals) >= 16 and sum(totals[-4:]) < 0.85 * sum(totals[:4])


def test_a_student_begins_as_the_plain_encoder():
    images = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    student, teacher = new_student(LABELS), new_teacher()
    with torch.no_grad():
        torch.testing.assert_close(student.features(images), teacher.features(images))
        assert student.recognize(images).abs().max() == 0
    frozen = {name for name, p in student.named_parameters() if not p.requires_grad}
    assert frozen == {"classifier.weight", "classifier.bias"}


def test_the_file_reads_to_the_same_outputs_in_half_precision(model, weights):
    loaded = load(weights)
    assert loaded.labels == LABELS and weights.stat().st_size < 12e6
    assert not any(p.requires_grad for p in loaded.parameters())
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours, theirs = model.features(images), loaded.features(images)
        torch.testing.assert_close(theirs.embedding, ours.embedding, atol=0.1, rtol=0.02)
        assert torch.nn.functional.cosine_similarity(ours.embedding, theirs.embedding).min() > 0.9999
        torch.testing.assert_close(loaded.recognize(images), model.recognize(images), atol=0.05, rtol=0.02)


def test_the_same_weights_make_the_same_file(model, weights, tmp_path):
    write_weights(model, tmp_path / "again.safetensors", {"made": "by a test"})
    assert (tmp_path / "again.safetensors").read_bytes() == weights.read_bytes()


def test_weights_too_large_for_half_precision_are_refused(tmp_path):
    student = new_student(LABELS).requires_grad_(False)
    student.stem.weight[0] = 1e6
    with pytest.raises(ValueError, match="stem.weight does not fit"):
        write_weights(student, tmp_path / "w.safetensors", {})
    assert not list(tmp_path.iterdir())


def test_a_killed_run_goes_on_to_the_same_weights(learn, tmp_path, monkeypatch):
    options = dataclasses.replace(OPTIONS, epochs=2)
    straight = train(learn, LABELS, tmp_path / "straight.pt", options)
    make = Batches.__getitem__

    def killed(self, step):
        if step == 3:
            raise KeyboardInterrupt
        return make(self, step)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Batches, "__getitem__", killed)
        train(learn, LABELS, tmp_path / "killed.pt", options, save_every=0)
    history = []
    resumed = train(learn, LABELS, tmp_path / "killed.pt", options, history=history)
    assert len(history) == Batches(learn, 5, (64,), 0).epoch * 2 - 3
    for a, b in zip(straight.parameters(), resumed.parameters(), strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-5)
    with pytest.raises(SystemExit, match="other options"):
        train(learn, LABELS, tmp_path / "killed.pt", dataclasses.replace(options, rate=1e-5))


def test_figures_tables_and_card(entries, learn, weights):
    test = [e for e in entries if e.item.test]
    options = evaluation.EvaluateOptions(size=64, probe_drawings=1)
    figures = evaluation.evaluate(learn, test, LABELS, weights, options)
    figures = json.loads(json.dumps(figures)) | {"bytes": 9_300_000, "parameters": 4_700_000}
    assert figures["test photos"] == len(test)
    assert list(figures["drawings"]) == ["32", "16", "8", "4"]
    for row in [*figures["drawings"].values(), *figures["photos"].values()]:
        assert all(row[reader]["count"] == len(test) for reader in report.READERS)
    assert figures["photos"]["cut"]["plain, probe on photos"]["share"] >= 0.5
    assert figures["retrieval"]["16 strokes, cut photos"]["ours"]["count"] == len(test)
    card = report.card(figures, LABELS, "python -m training", "From a test.", "")
    assert "| held-out drawings, 4 strokes |" in card and "disc, house, star" in card and "{" not in card


def test_the_command_goes_from_a_cache_to_weights_figures_and_card(
    shapes, entries, work, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(command, "EvaluateOptions", functools.partial(evaluation.EvaluateOptions, size=64))
    weights = tmp_path / "out" / "embedded.safetensors"
    words = [str(shapes), "--work", str(work), "--output", str(weights), "--cap", "0", "--epochs", "1", "--batch", "5"]
    words += ["--sizes", "64", "--stages", "train,evaluate", "--device", "cpu", "--cores", "1", "--source", "Shapes."]
    command.main(words)
    assert embedded.load(weights).labels == LABELS
    assert json.loads(weights.with_suffix(".json").read_text("utf-8"))["classes"] == 3
    card = weights.with_suffix(".md").read_text("utf-8")
    assert "python -m training FOLDER --cap 0 --epochs 1 --batch 5 --sizes 64`" in card and "Shapes." in card
    assert "| asked for | reached |" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        command.main([*words, "--stages", "tain"])
