"""Larger networks that find the subject, through a stand-in for rembg: a session that runs a real, tiny ONNX file."""

from __future__ import annotations

import sys
import types

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper
from PIL import Image

import strokewise
from strokewise import Settings, SettingsError, StrokewiseError
from strokewise.photo import subject_models
from strokewise.photo.opening import Photo
from strokewise.photo.preparing import frame_photo, prepare_encoders


def tiny_network():
    """An ONNX file: how red a picture of 32 x 32 is."""
    weights = helper.make_tensor("weights", TensorProto.FLOAT, (1, 3, 1, 1), [8.0, -8.0, -8.0])
    nodes = [
        helper.make_node("Conv", ["image", "weights"], ["red"], kernel_shape=[1, 1]),
        helper.make_node("Sigmoid", ["red"], ["mask"]),
    ]
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 32, 32])
    mask = helper.make_tensor_value_info("mask", TensorProto.FLOAT, [1, 1, 32, 32])
    graph = helper.make_graph(nodes, "tiny", [image], [mask], [weights])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString()


class Session:
    """As rembg's: it is given a Pillow image, and answers with a list of masks."""

    def __init__(self, path, options, providers):
        self.inner = onnxruntime.InferenceSession(str(path), options, providers=providers)

    def predict(self, image, *args, **kwargs):
        seen = np.asarray(image.convert("RGB").resize((32, 32)), dtype=np.float32) / 255
        (mask,) = self.inner.run(None, {"image": seen.transpose(2, 0, 1)[None]})
        return [Image.fromarray((mask[0, 0] * 255).astype("uint8"), mode="L").resize(image.size)]


@pytest.fixture
def rembg(tmp_path, monkeypatch):
    """A stand-in for rembg, whose cache holds nothing until a session is asked for."""
    monkeypatch.setenv("U2NET_HOME", str(tmp_path / "cache"))
    module = types.ModuleType("rembg")
    module.asked = []

    def new_session(name, *, sess_opts, providers):
        module.asked.append(name)
        assert sess_opts.intra_op_num_threads >= 1 and providers == ["CPUExecutionProvider"]
        path = tmp_path / "cache" / f"{name}.onnx"
        if not path.is_file():
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(tiny_network())
        return Session(path, sess_opts, providers)

    module.new_session = new_session
    monkeypatch.setitem(sys.modules, "rembg", module)
    subject_models._session.cache_clear()
    yield module
    subject_models._session.cache_clear()


def photo():
    """A red box, and a green one that the tiny network does not care for."""
    pixels = np.full((90, 120, 3), 0.9, np.float32)
    pixels[20:70, 10:50] = (0.9, 0.1, 0.1)
    pixels[20:70, 70:110] = (0.1, 0.8, 0.1)
    return Photo(pixels, "boxes.png")


def test_the_network_that_is_named_finds_the_subject(rembg):
    framed = frame_photo(photo(), Settings(subject_model="isnet-general-use"))
    assert framed.subject == "background removed (subject fills 18% of the picture)"
    frame = framed.frame
    assert (frame.x0 + frame.side / 2, frame.y0 + frame.side / 2) == pytest.approx((30, 45), abs=2)
    assert rembg.asked == ["isnet-general-use"]
    frame_photo(photo(), Settings(subject_model="isnet-general-use"))
    assert rembg.asked == ["isnet-general-use"]  # one session for a process


def test_it_says_first_that_it_fetches(rembg, tmp_path):
    told = []
    prepare_encoders(Settings(subject_model="u2net"), notice=lambda text: told.append((text, list(rembg.asked))))
    (first, asked) = told[0]
    assert first == f"fetching the subject network u2net into {tmp_path / 'cache'}, once, by rembg" and asked == []
    for moved in (False, True):
        if moved:  # to where newer releases keep it
            (tmp_path / "cache" / "models" / "u2net").mkdir(parents=True)
            (tmp_path / "cache" / "u2net.onnx").rename(tmp_path / "cache" / "models" / "u2net" / "u2net.onnx")
        subject_models._session.cache_clear()
        told.clear()
        prepare_encoders(Settings(subject_model="u2net"), notice=lambda text: told.append(text))
        assert not any("u2net" in str(text) for text in told)


def test_nothing_is_fetched_where_the_background_is_kept(rembg):
    prepare_encoders(Settings(subject_model="u2net", subject="keep"))
    frame_photo(photo(), Settings(subject_model="u2net", subject="keep"))
    assert rembg.asked == []


def test_drawings_name_the_network(rembg):
    small = {"strokes": 2, "steps": 0, "candidates": 1, "size": 64}
    sketch = strokewise.draw(photo(), subject_model="silueta", **small)
    assert sketch.metadata["settings"]["subject_model"] == "silueta"
    assert sketch.points[:, [0, 3], 0].max() < 60  # ends of strokes; nothing of the green box
    assert "subject_model" not in Settings().as_dict()


def test_one_colour_has_no_subject(rembg):
    pixels = np.full((20, 30, 3), 0.5, np.float32)
    assert subject_models.predict_by("u2net", pixels).max() == 0 and rembg.asked == []


def test_older_releases_make_their_own_options(rembg, tmp_path, monkeypatch):
    path = tmp_path / "tiny.onnx"
    path.write_bytes(tiny_network())

    def new_session(name, *args, **kwargs):
        assert kwargs == {"providers": ["CPUExecutionProvider"]}
        return Session(path, onnxruntime.SessionOptions(), **kwargs)

    monkeypatch.setattr(rembg, "new_session", new_session)
    assert subject_models.predict_by("u2net", photo().pixels)[45, 30] > 0.9


def test_without_rembg(monkeypatch):
    monkeypatch.setitem(sys.modules, "rembg", None)
    subject_models._session.cache_clear()
    with pytest.raises(StrokewiseError) as error:
        strokewise.draw(photo(), subject_model="birefnet-general")
    assert str(error.value) == (
        "the subject network birefnet-general needs rembg, which is not installed: "
        "pip install 'strokewise[masks]', or subject_model=\"auto\""
    )


def test_a_network_that_cannot_be_fetched(rembg, monkeypatch):
    def new_session(name, **options):
        raise OSError("no route to host\nmore")

    monkeypatch.setattr(rembg, "new_session", new_session)
    with pytest.raises(StrokewiseError) as error:
        strokewise.draw(photo(), subject_model="birefnet-general")
    assert "cannot be had (no route to host): check the connection" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["u2net-of-mine", "atlascloud", "sam", "u2net_custom", ""])
def test_other_networks_are_refused(name):
    with pytest.raises(SettingsError, match="subject_model must be one of auto, birefnet-dis,"):
        Settings(subject_model=name)


@pytest.mark.parametrize(
    ("variables", "folder"),
    [({"U2NET_HOME": "/a"}, "/a"), ({"XDG_DATA_HOME": "/b"}, "/b/.u2net"), ({"HOME": "/c"}, "/c/.u2net")],
)
def test_where_rembg_keeps_its_networks(variables, folder, monkeypatch):
    for name in ("U2NET_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert subject_models.cache_folder().as_posix() == folder


def test_what_can_be_chosen_is_what_is_here_or_may_be_fetched(rembg, tmp_path):
    assert subject_models.offered_models(fetching=False) == ["auto"]
    everything = subject_models.offered_models(fetching=True)
    assert everything[0] == "auto" and "birefnet-general" in everything and len(everything) > 10
    for path in ("u2net.onnx", "models/silueta/silueta.onnx"):
        (tmp_path / "cache" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "cache" / path).touch()
    assert subject_models.offered_models(fetching=False) == ["auto", "silueta", "u2net"]


def test_without_rembg_there_is_no_choice(monkeypatch, tmp_path):
    monkeypatch.setenv("U2NET_HOME", str(tmp_path))
    (tmp_path / "u2net.onnx").touch()
    monkeypatch.delitem(sys.modules, "rembg", raising=False)
    monkeypatch.setattr(subject_models.importlib.util, "find_spec", lambda name: None)
    assert subject_models.offered_models(fetching=True) == ["auto"]
