import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hub_server import FakeHub, closed_port, tiny_safetensors

from strokewise import encoders
from strokewise.encoders import (
    Encoder,
    Features,
    describe_choice,
    encoder_names,
    load_encoder,
    prepare_encoder,
    register,
    registry,
    resolve_encoder,
    weights,
)
from strokewise.errors import EncoderError

EMBEDDED = "embedded"


@pytest.fixture(autouse=True)
def shelf(empty_hub_cache, tmp_path, monkeypatch):
    """An empty folder of weights, in an empty world without a network."""
    monkeypatch.setenv("HF_ENDPOINT", closed_port())
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    return tmp_path


def put(shelf, *names):
    for name in names:
        (shelf / f"{name}.safetensors").write_bytes(tiny_safetensors())


def test_auto_is_the_best_at_hand(shelf):
    assert resolve_encoder("auto") == resolve_encoder("embedded") == EMBEDDED
    for name in reversed(weights.CATALOGUE):
        put(shelf, name)
        assert resolve_encoder("auto") == name
        assert describe_choice("auto").startswith(f"encoder: {name}")
    assert resolve_encoder("embedded") == EMBEDDED


def test_auto_never_asks_the_network(monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    monkeypatch.setattr("socket.getaddrinfo", refuse)
    assert prepare_encoder("auto") == EMBEDDED
    assert load_encoder("auto").name == EMBEDDED


def test_the_choice_is_said_in_one_line_with_the_way_to_clip(shelf, monkeypatch):
    line = describe_choice("auto")
    assert line.startswith(f"encoder: {EMBEDDED};")
    assert "strokewise models fetch clip-rn101" in line
    assert "\n" not in line
    monkeypatch.setattr(registry.weights, "can_fetch", lambda: False)
    assert "pip install 'strokewise[clip]'" in describe_choice("auto")
    assert describe_choice("embedded") == f"encoder: {EMBEDDED}"
    assert describe_choice("clip-rn50") == "encoder: clip-rn50"
    with pytest.raises(EncoderError):
        describe_choice("clip-rn9000")


def test_auto_passes_over_damaged_weights_and_says_so(shelf):
    (shelf / "clip-rn101.safetensors").write_text("<html>")
    assert resolve_encoder("auto") == EMBEDDED
    assert "a web page" in describe_choice("auto")
    put(shelf, "clip-vit-b-32")
    assert resolve_encoder("auto") == "clip-vit-b-32"
    with pytest.raises(EncoderError, match="a web page"):
        load_encoder("clip-rn101")


def test_a_clip_asked_for_by_name_is_fetched_once_with_a_remark(monkeypatch):
    pytest.importorskip("huggingface_hub")
    said = []
    with FakeHub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        hub.add("timm/resnet101_clip.openai", weights.FILE, tiny_safetensors())
        hub.add("timm/resnet101_clip.openai", weights.TOKENIZER, b"{}")
        assert prepare_encoder("clip-rn101", notice=said.append) == "clip-rn101"
        assert len(said) == 1
        assert "fetching" in said[0]
        hub.log.clear()
        assert prepare_encoder("clip-rn101", notice=said.append) == resolve_encoder("auto") == "clip-rn101"
        assert hub.log == []
    assert len(said) == 1


def test_a_clip_that_cannot_be_had_says_how_to_get_it(monkeypatch):
    with pytest.raises(EncoderError) as caught:
        load_encoder("clip-rn101")
    assert "strokewise models fetch clip-rn101" in str(caught.value)
    assert weights.VARIABLE in str(caught.value)
    monkeypatch.setenv("STROKEWISE_OFFLINE", "1")
    with pytest.raises(EncoderError, match="STROKEWISE_OFFLINE"):
        load_encoder("clip-rn101")


def test_weights_with_missing_keys_are_refused_in_one_line(shelf):
    put(shelf, "clip-rn101")
    with pytest.raises(EncoderError) as caught:
        load_encoder("clip-rn101")
    assert "\n" not in str(caught.value)


def test_unknown_names_list_the_known_ones():
    with pytest.raises(EncoderError) as caught:
        load_encoder("clip-rn9000")
    for name in ("clip-rn9000", "auto", *weights.CATALOGUE, *encoder_names()):
        assert name in str(caught.value)


def test_ones_own_encoder_takes_one_decorated_class(monkeypatch):
    monkeypatch.setattr(registry, "_LOADERS", dict(registry._LOADERS))

    @register("mean-colour")
    class MeanColour:
        name, input_size, map_weights, semantic_weight = "mean-colour", 32, (1.0,), 1.0

        def features(self, images):
            return Features((images,), images.mean((2, 3)))

        def saliency(self, images):
            return torch.ones(images.shape[0], *images.shape[2:])

    assert isinstance(load_encoder("mean-colour"), MeanColour)
    assert isinstance(load_encoder("mean-colour"), Encoder)
    assert "mean-colour" in encoder_names()
    with pytest.raises(EncoderError, match="registered already"):
        register("mean-colour")(MeanColour)
    for taken in ("auto", "embedded", "efficientnet-lite0", "clip-rn101"):
        with pytest.raises(EncoderError):
            register(taken)(MeanColour)


def test_what_is_no_encoder_is_refused_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(registry, "_LOADERS", dict(registry._LOADERS))
    with pytest.raises(EncoderError, match="^register decorates a class or a function .*, not 'mine'$"):
        register("a-name")("mine")
    register("no-encoder")(object)
    with pytest.raises(EncoderError, match="^the encoder no-encoder has no name, .*semantic_weight, features or sal"):
        load_encoder("no-encoder")
    with pytest.raises(EncoderError, match=r"^mine\.py is a file: write --import mine,"):
        encoders.import_encoders(["mine.py"])
    with pytest.raises(EncoderError) as caught:
        resolve_encoder("x" * 1000)
    assert len(str(caught.value)) < 400


def test_imported_modules_leave_the_standard_library_in_place(monkeypatch, tmp_path):
    (tmp_path / "colorsys.py").write_text("raise RuntimeError('not the standard library')")
    (tmp_path / "beside_the_photos.py").write_text("import beside_them_too")
    (tmp_path / "beside_them_too.py").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    encoders.import_encoders(["beside_the_photos"])
    assert "beside_the_photos" in sys.modules and "beside_them_too" in sys.modules
    import colorsys

    assert colorsys.hsv_to_rgb(0, 0, 1) == (1, 1, 1)


def test_the_embedded_encoder_needs_no_hub():
    code = """
import sys
sys.modules["huggingface_hub"] = None
from strokewise import load_encoder
print(load_encoder("auto").name)
"""
    environment = {**os.environ, "PYTHONPATH": str(Path(encoders.__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == EMBEDDED, done.stderr
