import gc
import json
import weakref

import numpy as np
import pytest
import torch
from safetensors.torch import save, save_file

from strokewise.encoders import Encoder, efficientnet_lite, embedded, embedded_torch
from strokewise.errors import EncoderError

LABELS = ("cat", "dog", "umbrella")


def notes(**changes):
    return {embedded.METADATA: json.dumps({"format": "strokewise-embedded-1", "labels": LABELS, **changes})}


@pytest.fixture(scope="module")
def tensors():
    """The plain network with a head for three classes, in half precision."""
    head = torch.empty(len(LABELS), 1280)
    torch.nn.init.normal_(head, generator=torch.Generator().manual_seed(0))
    state = {**efficientnet_lite.load().state_dict(), "recognizer.weight": head, "recognizer.bias": torch.zeros(3)}
    return {name: tensor.half().contiguous() for name, tensor in state.items()}


@pytest.fixture(scope="module")
def path(tensors, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "embedded.safetensors"
    save_file(tensors, path, notes())
    return path


@pytest.fixture(scope="module")
def encoder(path):
    return embedded.load(path)


def test_it_is_an_encoder_like_the_plain_one(encoder):
    plain = efficientnet_lite.load()
    assert isinstance(encoder, Encoder) and encoder.name == "embedded"
    assert (encoder.map_weights, encoder.input_size) == (plain.map_weights[1:4], plain.input_size)
    assert plain.map_weights[0] == plain.map_weights[4] == 0  # those are not looked at
    images = torch.rand(1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    seen, same = encoder.features(images.numpy()), plain.features(images)
    for mine, theirs in zip(seen.maps, same.maps[1:4], strict=True):
        np.testing.assert_allclose(mine, theirs, atol=0.1, rtol=0.05)
    np.testing.assert_allclose(seen.embedding, same.embedding, atol=0.1)


def test_a_photo_is_seen_alike_by_the_network_that_finds_its_saliency(encoder):
    rng = np.random.default_rng(3)
    for side in (224, 100, 224):
        image = rng.random((1, 3, side, side)).astype(np.float32)
        own, other = encoder.features(image), encoder.photo_features(image)
        for one, two in zip((own.embedding, *own.maps), (other.embedding, *other.maps), strict=True):
            np.testing.assert_allclose(two, one, rtol=1e-3, atol=1e-4)
    assert encoder.saliency(image).shape == (1, 224, 224)


def test_an_encoder_that_is_no_longer_used_leaves_at_once(path):
    gc.disable()  # each keeps 240 MB, and the collector may take its time
    try:
        one = embedded.load(path)
        one.features(np.zeros((1, 1, 224, 224), np.float32))
        gone = weakref.ref(one)
        del one
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("which", ["plain", "package"])
def test_in_pytorch_it_is_the_same(encoder, path, which):
    mine = encoder if which == "plain" else embedded.load()
    other = embedded_torch.load(path if which == "plain" else None)
    assert (other.labels, other.input_size, other.map_weights) == (mine.labels, mine.input_size, mine.map_weights)
    assert (other.temperature, other.background) == (mine.temperature, mine.background)
    assert not any(weight.requires_grad for weight in other.parameters())
    images = np.random.default_rng(2).random((2, 3, mine.input_size, mine.input_size)).astype(np.float32)
    seen, same = mine.features(images), other.features(torch.from_numpy(images))
    for one, two in zip((seen.embedding, *seen.maps), (same.embedding, *same.maps), strict=True):
        np.testing.assert_allclose(one, two.numpy(), rtol=1e-3, atol=1e-3 * float(two.abs().max()))
    logits = other.recognize(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(mine.recognize(images), logits, atol=1e-3 * np.abs(logits).max())
    np.testing.assert_allclose(mine.saliency(images), other.saliency(torch.from_numpy(images)).numpy(), atol=0.02)


def test_it_names_what_it_sees(encoder):
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0)).numpy()
    logits = encoder.recognize(images)
    assert encoder.labels == LABELS and logits.shape == (2, 3)
    weight, bias = encoder.recognizer
    np.testing.assert_allclose(logits, encoder.features(images).embedding @ weight.T + bias, rtol=1e-5)


def test_saliency_finds_the_only_thing_in_the_picture(encoder):
    images = np.ones((1, 3, 224, 224), np.float32)
    images[:, :, 120:200, 20:100] = np.random.default_rng(0).random((3, 80, 80))
    saliency = encoder.saliency(images)[0]
    assert saliency.shape == (224, 224) and saliency.max() == 1
    assert saliency[120:200, 20:100].mean() > 2 * saliency[:, 140:].mean()


@pytest.mark.parametrize("content", [b"", b"not weights", b"PK\x03\x04 broken", b"\xff" * 64])
def test_damaged_files_are_refused_in_one_line(tmp_path, content):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(content)
    with pytest.raises(EncoderError, match="not the weights") as caught:
        embedded.load(path)
    assert "\n" not in str(caught.value)


def test_a_file_cut_short_is_refused(path, tmp_path):
    short = tmp_path / "weights.safetensors"
    short.write_bytes(path.read_bytes()[:-1000])
    with pytest.raises(EncoderError, match="not the weights"):
        embedded.load(short)


@pytest.mark.parametrize("change", ["a tensor less", "a tensor more", "a shape", "not a number"])
def test_weights_of_another_network_are_refused(tensors, tmp_path, change):
    other = dict(tensors)
    if change == "a tensor less":
        del other["stem.bias"]
    elif change == "a tensor more":
        other["stem.scale"] = torch.ones(1)
    elif change == "a shape":
        other["recognizer.weight"] = torch.zeros(4, 1280)
    else:
        other["stem.bias"] = torch.full_like(other["stem.bias"], torch.nan)
    path = tmp_path / "weights.safetensors"
    path.write_bytes(save(other, notes()))
    with pytest.raises(EncoderError, match="not the weights"):
        embedded.load(path)


@pytest.mark.parametrize(
    "metadata",
    [None, {}, notes(format="another"), {embedded.METADATA: "no JSON"}, notes(labels=[1, 2, 3]), notes(labels=[])],
)
def test_without_class_names_it_is_refused(tensors, tmp_path, metadata):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(save(tensors, metadata))
    with pytest.raises(EncoderError, match="not the weights"):
        embedded.load(path)


def test_a_missing_file_is_told_of(tmp_path):
    with pytest.raises(EncoderError, match="are missing"):
        embedded.load(tmp_path / "weights.safetensors")


def test_the_weights_that_come_along():
    encoder = embedded.load()
    assert embedded.WEIGHTS.stat().st_size <= 12_000_000
    assert len(set(encoder.labels)) == len(encoder.labels) > 50
    assert np.isfinite(encoder.recognize(np.ones((1, 3, 224, 224), np.float32))).all()
