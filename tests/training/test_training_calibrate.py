"""Temperature and background by the definition, and a weights' file that keeps everything else."""

import json
import math

import numpy as np
import pytest
import torch
from safetensors import safe_open
from scipy.special import logsumexp

from strokewise.encoders import embedded
from strokewise.recognition.inputs import sketch_picture
from strokewise.recognition.ranking import recognize
from strokewise.recognition.recognizers import NONE
from strokewise.sketch import Sketch
from training import calibrate as module
from training.calibrate import (
    calibration_error,
    fit_background,
    fit_temperature,
    logits_of,
    negative_log_likelihood,
    random_strokes,
    shuffled,
    write_calibration,
)
from training.model import new_student, write_weights

LABELS = ("disc", "house", "star")


@pytest.fixture
def weights(tmp_path):
    student = new_student(LABELS).requires_grad_(False)
    torch.nn.init.normal_(student.recognizer.weight, std=0.1, generator=torch.Generator().manual_seed(0))
    write_weights(student, tmp_path / "w.safetensors", {"made": "by a test"})
    return tmp_path / "w.safetensors"


def test_the_temperature_that_logits_were_multiplied_by_is_found():
    rng = np.random.default_rng(0)
    true = rng.normal(0, 2, (20_000, 5))
    shares = np.exp(true - logsumexp(true, axis=1, keepdims=True))
    labels = (rng.uniform(size=(len(true), 1)) > shares.cumsum(1)).sum(1).clip(max=4)
    assert fit_temperature(true * 3, labels) == pytest.approx(3, rel=0.05)
    assert calibration_error(true, labels) < 0.02 < 0.1 < calibration_error(true * 3, labels)
    assert negative_log_likelihood(true, labels) < negative_log_likelihood(true * 3, labels)
    found = fit_temperature(true * 3, labels)
    for other in (found * 1.1, found / 1.1):
        assert negative_log_likelihood(true * 3 / found, labels) < negative_log_likelihood(true * 3 / other, labels)


def test_likelihood_and_calibration_error_by_hand():
    logits = np.log([[0.8, 0.2], [0.8, 0.2], [0.6, 0.4]])
    labels = np.array([0, 1, 0])
    assert negative_log_likelihood(logits, labels) == pytest.approx(-math.log(0.8 * 0.2 * 0.6) / 3)
    # In the bin of 0.8: sure by 1.6 in sum, right once. In that of 0.6: sure by 0.6, right once.
    assert calibration_error(logits, labels) == pytest.approx((0.6 + 0.4) / 3)


@pytest.mark.parametrize(("count", "lost"), [(100, 0.05), (19, 0.05), (7, 0.3), (1, 0.05)])
def test_no_more_than_asked_is_lost_and_one_step_higher_is_too_much(count, lost):
    rng = np.random.default_rng(count)
    scaled = rng.normal(0, 3, (count, 4))
    labels = scaled.argmax(1)
    wrong = np.full((50, 4), [-30.0, -30, -30, -20])  # recognised as something else: counts for nothing
    both, names = np.concatenate([scaled, wrong]), np.concatenate([labels, np.zeros(50, dtype=int)])
    background = fit_background(both, names, lost)
    tops = scaled.max(1)
    assert (tops < background).mean() <= lost < (tops < background + 2e-4).mean()
    with pytest.raises(SystemExit, match="no drawing is recognised"):
        fit_background(wrong, np.zeros(50, dtype=int))


def test_scribbles_have_the_strokes_of_drawings_in_other_places():
    rng = np.random.default_rng(0)
    points = rng.uniform(0.2, 0.8, (9, 4, 2))
    moved = shuffled(points, rng)

    def lengths(p):
        return np.linalg.norm(np.diff(p, axis=1), axis=2)

    assert lengths(moved) == pytest.approx(lengths(points))
    middles = [sorted(map(tuple, p.mean(1).round(9))) for p in (points, moved)]
    assert middles[0] == middles[1] and np.abs(moved - points).max() > 0.05
    scribble = random_strokes(16, rng)
    assert scribble.shape == (16, 4, 2) and np.isfinite(scribble).all() and scribble.std() > 0.1


def test_only_the_notes_of_the_file_change(weights):
    before = weights.read_bytes()
    write_calibration(weights, 1.75, 3.5)
    after = weights.read_bytes()
    starts = [8 + int.from_bytes(data[:8], "little") for data in (before, after)]
    assert after[starts[1] :] == before[starts[0] :] and starts[1] % 8 == 0
    network = embedded.load(weights)
    assert (network.temperature, network.background, network.labels) == (1.75, 3.5, LABELS)
    with safe_open(weights, "pt") as file:
        assert json.loads(file.metadata()[embedded.METADATA])["notes"] == {"made": "by a test"}
    write_calibration(weights, 1.75, 3.5)
    assert weights.read_bytes() == after and [p.name for p in weights.parent.iterdir()] == [weights.name]
    weights.write_bytes(b"PK" * 20)
    with pytest.raises(SystemExit, match="is not the weights"):
        write_calibration(weights, 1, 0)


def test_drawings_are_looked_at_as_recognize_does(entries, weights):
    network = embedded.load(weights)
    points = next(e for e in entries if e.item.test).heldout(16).points
    sketch = Sketch.of((224, 224), points * 224.0, widths=1.5)
    with torch.no_grad():
        expected = network.recognize(sketch_picture(sketch)[None]).astype(float)
    np.testing.assert_allclose(logits_of(network, [points]), expected, atol=1e-5)


def test_the_command_writes_what_it_fitted_and_tells_what_it_does(
    shapes, entries, work, weights, tmp_path, monkeypatch, capsys
):
    def half(entry):
        return int(entry.item.key, 16) % 2 == 0  # with so few photos, the true split may leave one half empty

    test = [e for e in entries if e.item.test]
    last = test[-1:]
    monkeypatch.setattr(module, "_is_fit", half if len({half(e) for e in test}) == 2 else lambda e: e is not last[0])
    monkeypatch.setattr(module, "fit_background", lambda scaled, labels: 0.5)  # this head recognises nothing for sure
    monkeypatch.setattr(module.cache, "read", lambda folder, item: next(e for e in test if e.item == item))
    words = [str(shapes), "--weights", str(weights), "--work", str(work), "--cap", "0"]
    module.main([*words, "--json", str(tmp_path / "figures.json")])
    figures = json.loads((tmp_path / "figures.json").read_text("utf-8"))
    network = embedded.load(weights)
    assert (network.temperature, network.background) == (figures["temperature"], 0.5)
    assert figures["after"]["nll"] > 0 and figures["photos"]["fit"] + figures["photos"]["report"] == len(test)
    assert set(figures["drawings"]) == set(figures["scribbles"]["random strokes"]) == {"32", "16", "8", "4"}
    told = capsys.readouterr().out
    assert "calibration error" in told and "shuffled drawings caught" in told
    write_calibration(weights, figures["temperature"], 50)
    assert recognize(Sketch.of((9, 9), np.eye(4, 2)[None]), recognizer=str(weights), none=True).top == NONE
    with pytest.raises(SystemExit, match="other classes"):
        network.labels = LABELS[:2]
        monkeypatch.setattr(module.embedded, "load", lambda path: network)
        module.main(words)
