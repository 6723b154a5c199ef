"""The quick judge: a linear classifier on features that are given."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from strokewise import EncoderError, RecognizeError
from strokewise.encoders.embedded import METADATA
from training import linear, lite
from training.lite import EfficientNetLite2

LABELS = ("cat", "dog", "soccer ball")


@pytest.fixture(scope="module")
def network():
    """A network of some weights: those that torch makes."""
    torch.manual_seed(3)
    network = EfficientNetLite2()
    for p in network.parameters():
        if p.ndim > 1:
            torch.nn.init.kaiming_normal_(p)
    return network


@pytest.fixture
def stand_in(network, monkeypatch):
    """That network in place of ImageNet's weights, which may not be there."""
    monkeypatch.setattr(lite, "load", lambda: network)


@pytest.fixture(scope="module")
def features(network):
    return linear.look(network, torch.zeros(1, 1, linear.SIZE, linear.SIZE)).shape[1]


def write(path, weight, bias, **changes):
    told = {METADATA: json.dumps({"format": linear.FORMAT, "labels": LABELS, "notes": {}} | changes)}
    save_file({"weight": weight.half(), "bias": bias.half()}, path, told)
    return path


def test_features_are_means_over_the_picture_and_its_quarters(network):
    images = torch.rand(2, 1, linear.SIZE, linear.SIZE, generator=torch.Generator().manual_seed(0))
    found = linear.look(network, images)
    with torch.no_grad():
        maps, head = network(images.expand(-1, 3, -1, -1))
    torch.testing.assert_close(found[:, :1280], head.mean((2, 3)), rtol=1e-4, atol=1e-4)
    upper_left = maps[4][:, :, : maps[4].shape[2] // 2, : maps[4].shape[3] // 2].mean((2, 3))
    start = 1280 + maps[3].shape[1]
    torch.testing.assert_close(found[:, start : start + 4 * maps[4].shape[1] : 4], upper_left, rtol=1e-4, atol=1e-4)
    assert found.shape[1] == start + 4 * (maps[4].shape[1] + maps[5].shape[1])
    assert linear.look(network, torch.rand(1, 3, 90, 90)).shape == (1, found.shape[1])


def test_what_can_be_told_apart_is_learnt_whatever_its_scale():
    generator = torch.Generator().manual_seed(1)
    labels = torch.arange(300) % 3
    seen = torch.randn(300, 20, generator=generator)
    seen[torch.arange(300), labels] += 4
    seen = seen * torch.logspace(-2, 2, 20) + 7
    weight, bias = linear.fit(seen[:200], labels[:200], 3, epochs=500)
    right = (torch.nn.functional.linear(seen[200:], weight, bias).argmax(1) == labels[200:]).float().mean()
    assert right > 0.9
    again = linear.fit(seen[:200], labels[:200], 3, epochs=500)
    assert torch.equal(again[0], weight) and torch.equal(again[1], bias)


def test_features_are_kept_and_a_killed_run_goes_on(network, tmp_path):
    rng = np.random.default_rng(0)
    pictures = [rng.random((40, 40), dtype=np.float32) for _ in range(3)]
    made = linear.features_of(network, iter(pictures), tmp_path)
    (kept,) = tmp_path.iterdir()
    before = kept.stat().st_mtime_ns
    assert torch.equal(linear.features_of(network, iter(pictures), tmp_path), made)
    assert kept.stat().st_mtime_ns == before
    assert torch.equal(linear.features_of(network, iter(pictures[:2]), tmp_path), made[:2])  # fewer than are kept


def test_the_file_answers_as_any_recogniser(network, features, stand_in, tmp_path):
    torch.manual_seed(5)
    weight, bias = torch.randn(3, features) / 50, torch.randn(3)
    judge = linear.load(write(tmp_path / "judge.safetensors", weight, bias))
    assert judge.labels == LABELS
    images = torch.rand(2, 1, 64, 64, generator=torch.Generator().manual_seed(1)).numpy()
    seen = torch.from_numpy(images)
    both = (linear.look(network, seen) + linear.look(network, seen.flip(3))) / 2
    logits = torch.nn.functional.linear(both, weight.half().float(), bias.half().float())
    np.testing.assert_allclose(judge.probabilities(images, LABELS), logits.double().softmax(1).numpy(), rtol=1e-5)
    np.testing.assert_allclose(judge.probabilities(images[..., ::-1], LABELS), judge.probabilities(images, LABELS))
    two = judge.probabilities(images, ("Soccer_Ball", "cat"))
    np.testing.assert_allclose(two, logits.double()[:, [2, 0]].softmax(1).numpy(), rtol=1e-5)
    none = judge.probabilities(images, ("dog",), none=True)
    best = torch.stack([logits[:, 1], logits[:, [0, 2]].max(1).values], 1)
    np.testing.assert_allclose(none, best.double().softmax(1).numpy(), rtol=1e-5)
    with pytest.raises(RecognizeError, match="linear does not know the label 'moose'"):
        judge.probabilities(images, ("moose", "dog"))


def test_a_file_of_something_else_is_refused_in_one_line(features, stand_in, tmp_path):
    weight, bias = torch.zeros(3, features), torch.zeros(3)
    wrong = [
        write(tmp_path / "format.safetensors", weight, bias, format="other"),
        write(tmp_path / "labels.safetensors", weight, bias, labels=["cat"]),
        write(tmp_path / "shape.safetensors", weight[:, 1:], bias),
        tmp_path / "damaged.safetensors",
    ]
    wrong[-1].write_bytes(b"nothing")
    for path in wrong:
        with pytest.raises(EncoderError, match=r"is not the linear judge \(\w+\); make it with") as caught:
            linear.load(path)
        assert "\n" not in str(caught.value)
    with pytest.raises(EncoderError, match=r"weights are missing .*make them with"):
        linear.load(tmp_path / "none.safetensors")
