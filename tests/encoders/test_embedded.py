import json

import numpy as np
import pytest
import torch
from safetensors.torch import save, save_file

from strokewise.encoders import Encoder, efficientnet_lite, embedded, embedded_torch
from strokewise.errors import EncoderError

LABELS = ("cat", "dog", "umbrella")


def notes(**changes):
    return {embedded.METADATA: json.dumps({"format": embedded.FORMAT, "labels": LABELS, **changes})}


@pytest.fixture(scope="module")
def tensors():
    """The plain network with a head for three classes, in half precision."""
    model = embedded_torch.Embedded(LABELS)
    model.load_state_dict(efficientnet_lite.load().state_dict(), strict=False)
    torch.nn.init.normal_(model.recognizer.weight, generator=torch.Generator().manual_seed(0))
    return {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}


@pytest.fixture(scope="module")
def path(tensors, tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "embedded.safetensors"
    save_file(tensors, path, notes())
    return path


@pytest.fixture(scope="module")
def encoder(path):
    return embedded.load(path)


@pytest.fixture(scope="module")
def tensor_encoder(path):
    """The same in PyTorch."""
    return embedded_torch.load(path)


def test_it_is_an_encoder_like_the_plain_one(tensor_encoder):
    plain = efficientnet_lite.load()
    assert isinstance(tensor_encoder, Encoder) and tensor_encoder.name == "embedded"
    assert (tensor_encoder.map_weights, tensor_encoder.input_size) == (plain.map_weights, plain.input_size)
    images = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    seen, same = tensor_encoder.features(images), plain.features(images)
    for a, b in zip(seen.maps, same.maps, strict=True):
        torch.testing.assert_close(a, b, atol=0.1, rtol=0.05)
    torch.testing.assert_close(seen.embedding, same.embedding, atol=0.1, rtol=0)
    assert all(p.dtype == torch.float32 and not p.requires_grad for p in tensor_encoder.parameters())


def test_without_torch_it_is_the_same(encoder, tensor_encoder):
    plain = efficientnet_lite.load()
    assert encoder.name == "embedded" and encoder.input_size == plain.input_size == tensor_encoder.input_size
    weights = [weight for weight in plain.map_weights if weight]
    assert list(encoder.map_weights) == weights and encoder.semantic_weight == tensor_encoder.semantic_weight
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    seen, same = encoder.features(images.numpy()), tensor_encoder.features(images)
    compared = [one for one, weight in zip(same.maps, plain.map_weights, strict=True) if weight]
    for a, b in zip((*seen.maps, seen.embedding), (*compared, same.embedding), strict=True):
        assert a.dtype == np.float32 and np.abs(a - b.numpy()).max() < 1e-4 * b.abs().max().item()


def test_it_names_what_it_sees(encoder, tensor_encoder):
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    logits = encoder.recognize(images.numpy())
    assert encoder.labels == LABELS and logits.shape == (2, 3)
    weight, bias = encoder.recognizer
    np.testing.assert_allclose(logits, encoder.features(images.numpy()).embedding @ weight.T + bias, rtol=1e-6)
    expected = tensor_encoder.recognize(images).numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-4 * np.abs(expected).max())


def test_in_torch_it_names_what_it_sees(tensor_encoder):
    images = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    logits = tensor_encoder.recognize(images)
    assert tensor_encoder.labels == LABELS and logits.shape == (2, 3)
    torch.testing.assert_close(logits, tensor_encoder.recognizer(tensor_encoder.features(images).embedding))


def test_saliency_finds_the_only_thing_in_the_picture(encoder, tensor_encoder):
    images = torch.ones(1, 3, 224, 224)
    images[:, :, 120:200, 20:100] = torch.rand(3, 80, 80, generator=torch.Generator().manual_seed(0))
    expected = tensor_encoder.saliency(images)[0].numpy()
    saliency = encoder.saliency(images.numpy())[0]
    assert saliency.shape == (224, 224) and saliency.max() == 1 and saliency.min() >= 0
    assert saliency[120:200, 20:100].mean() > 2 * saliency[:, 140:].mean()
    np.testing.assert_allclose(saliency, expected, atol=2e-3)


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
