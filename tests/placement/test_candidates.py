"""First strokes: what a placement is given to look at."""

from types import SimpleNamespace

import torch

from strokewise import Settings, open_photo
from strokewise.engines import choice
from strokewise.photo.preparing import Prepared, frame_photo
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


def test_for_the_paper_another_encoder_looks_on_the_device_of_the_photo(monkeypatch, disc_image):
    looking = Looking()
    asked = []
    monkeypatch.setattr(choice, "load_encoder", lambda name, **_: asked.append(name) or looking)
    settings = Settings.paper(subject="keep")
    photo = open_photo(disc_image())
    comparing = SimpleNamespace(name="clip-rn101", input_size=32)
    prepared = Prepared(photo, frame_photo(photo, settings), comparing, "clip-rn101", "cpu")
    assert (placement_input(prepared, settings).saliency == 1).all()
    assert asked == ["clip-vit-b-32"] and looking.put == ["cpu"]
