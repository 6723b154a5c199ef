"""First strokes: what a placement is given to look at."""

from types import SimpleNamespace

import pytest
import torch

from strokewise import Settings, open_photo
from strokewise.engines import choice
from strokewise.photo import preparing
from strokewise.photo.opening import PhotoInfo
from strokewise.photo.preparing import prepare, prepare_encoders, saliency_encoder_name
from strokewise.placement.candidates import placement_input


class Looking(torch.nn.Module):
    """Finds meaning everywhere, and notes where it was put."""

    name, input_size = "clip-vit-b-32", 32

    def __init__(self):
        super().__init__()
        self.put = []

    def to(self, device):
        self.put.append(device)
        return self

    def saliency(self, images):
        return torch.ones(len(images), *images.shape[2:])


@pytest.fixture
def fetched(monkeypatch):
    """Encoders by name instead of downloads; the names that were asked for."""
    made = {"clip-rn101": SimpleNamespace(name="clip-rn101", input_size=32), "clip-vit-b-32": Looking()}
    asked = []
    monkeypatch.setattr(choice, "load_encoder", lambda name, **_: asked.append(name) or made[name])
    monkeypatch.setattr(preparing, "prepare_encoder", lambda name, **_: asked.append(f"fetch {name}") or name)
    return asked


def test_for_the_paper_another_encoder_looks_on_the_device_of_the_photo(fetched, disc_image):
    settings = Settings.paper(subject="keep", encoder="clip-rn101", device="cpu")
    said = []
    prepared = prepare(open_photo(disc_image()), settings, said.append)
    assert fetched == ["clip-rn101", "clip-vit-b-32"] and "saliency: clip-vit-b-32, as in the paper" in said
    assert prepared.saliency_encoder.put == ["cpu"]
    for _ in range(2):
        assert (placement_input(prepared, settings).saliency == 1).all()
    assert len(fetched) == 2  # loaded once, before anything is placed


@pytest.mark.parametrize(
    "changes", [{"encoder": "embedded"}, {"encoder": "clip-vit-b-32"}, {"placement": "contour"}, {"schedule": "swift"}]
)
def test_otherwise_one_encoder_does_both(changes, fetched):
    settings = Settings.paper(**{"encoder": "clip-rn101", "subject": "keep", **changes})
    assert saliency_encoder_name(settings) is None
    assert prepare_encoders(settings) == settings.encoder and fetched == [f"fetch {settings.encoder}"]


def test_both_encoders_are_fetched_before_the_first_photo(fetched):
    assert prepare_encoders(Settings.paper(encoder="clip-rn101")) == "clip-rn101"
    assert fetched == ["fetch clip-rn101", "fetch clip-vit-b-32"]


def test_what_is_prepared_holds_no_pixels_of_the_photo(fetched, disc_image):
    prepared = prepare(open_photo(disc_image()), Settings(encoder="clip-rn101", subject="keep", device="cpu"))
    assert prepared.photo == PhotoInfo("image", 160, 120) and not hasattr(prepared.photo, "pixels")
