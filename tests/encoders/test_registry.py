import pytest
import torch

from strokewise import encoders
from strokewise.encoders import Features, encoder_names, load_encoder, register, resolve_encoder
from strokewise.errors import EncoderError


def test_auto_is_the_best_at_hand():
    assert resolve_encoder("auto") == "efficientnet-lite0"


def test_unknown_names_list_the_known_ones():
    with pytest.raises(EncoderError) as caught:
        load_encoder("clip-rn9000")
    for name in ("clip-rn9000", "auto", *encoder_names()):
        assert name in str(caught.value)


def test_ones_own_encoder_takes_one_decorated_class(monkeypatch):
    monkeypatch.setattr(encoders, "_LOADERS", dict(encoders._LOADERS))

    @register("mean-colour")
    class MeanColour:
        name, input_size, map_weights, semantic_weight = "mean-colour", 32, (1.0,), 1.0

        def features(self, images):
            return Features((images,), images.mean((2, 3)))

        def saliency(self, images):
            return torch.ones(images.shape[0], *images.shape[2:])

    assert isinstance(load_encoder("mean-colour"), MeanColour)
    assert "mean-colour" in encoder_names()
    with pytest.raises(EncoderError, match="registered already"):
        register("mean-colour")(MeanColour)
    with pytest.raises(EncoderError):
        register("auto")(MeanColour)
