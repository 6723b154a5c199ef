import pytest
import torch

from strokewise.encoders import Encoder, load_encoder
from strokewise.encoders.efficientnet_lite import load, weights_path
from strokewise.errors import EncoderError


@pytest.fixture(scope="module")
def encoder():
    return load()


def test_it_is_an_encoder(encoder):
    assert isinstance(encoder, Encoder)
    assert len(encoder.features(torch.rand(1, 3, 64, 64)).maps) == len(encoder.map_weights)


def test_against_the_package_the_weights_were_made_with(encoder):
    package = pytest.importorskip("efficientnet_lite_pytorch")
    other = package.EfficientNet.from_pretrained("efficientnet-lite0", weights_path=str(weights_path())).eval()
    images = torch.rand(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        ours = encoder.classifier(encoder.features(images).embedding)
        theirs = other((images * 255 - 127) / 128)
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)


def test_maps_have_the_strides_and_channels_of_the_paper(encoder):
    maps, _ = encoder.features(torch.rand(1, 3, 224, 224))
    assert [tuple(m.shape[1:]) for m in maps] == [(24, 56, 56), (40, 28, 28), (80, 14, 14), (112, 14, 14), (320, 7, 7)]


def test_weights_are_frozen_and_images_get_a_gradient(encoder):
    assert not any(p.requires_grad for p in encoder.parameters())
    images = torch.rand(1, 3, 64, 64, requires_grad=True)
    encoder.features(images).embedding.square().sum().backward()
    assert torch.isfinite(images.grad).all() and images.grad.abs().max() > 0


def test_saliency_finds_the_only_thing_in_the_picture(encoder):
    images = torch.ones(1, 3, 224, 224)
    images[:, :, 120:200, 20:100] = torch.rand(3, 80, 80, generator=torch.Generator().manual_seed(0))
    saliency = encoder.saliency(images)[0]
    assert saliency.shape == (224, 224) and saliency.min() >= 0 and saliency.max() == 1
    assert saliency[120:200, 20:100].mean() > 2 * saliency[:, 140:].mean()


def test_it_keeps_its_own_name_beside_the_one_taught_to_read_drawings():
    assert load_encoder("efficientnet-lite0").name == "efficientnet-lite0"
    assert load_encoder("embedded").name == "embedded"


@pytest.mark.parametrize("content", [b"", b"not weights", b"PK\x03\x04 broken"])
def test_damaged_weights_are_refused_in_one_line(tmp_path, content):
    path = tmp_path / "weights.pth"
    path.write_bytes(content)
    with pytest.raises(EncoderError, match="not the weights") as caught:
        load(path)
    assert "\n" not in str(caught.value)


def test_weights_of_another_network_are_refused(tmp_path):
    path = tmp_path / "weights.pth"
    torch.save({"some.weight": torch.zeros(3)}, path)
    with pytest.raises(EncoderError, match="not the weights"):
        load(path)


def test_a_pickle_that_would_run_code_is_refused(tmp_path):
    path, mark = tmp_path / "weights.pth", tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return (open, (str(mark), "w"))

    torch.save({"_conv_stem.weight": Evil()}, path)
    with pytest.raises(EncoderError):
        load(path)
    assert not mark.exists()
