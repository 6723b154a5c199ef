"""A small recogniser of the embedded kind, as a file."""

import json

import torch
from safetensors.torch import save_file

from strokewise.encoders import efficientnet_lite, embedded

LABELS = ("cat", "grand_piano", "car_side", "dog")


def write_network(path, labels=LABELS, **calibration):
    """A file of the embedded kind: the plain network, and a head of random weights."""
    head = torch.empty(len(labels), 1280)
    torch.nn.init.normal_(head, std=0.05, generator=torch.Generator().manual_seed(1))
    state = {**efficientnet_lite.load().state_dict(), "recognizer.weight": head}
    state["recognizer.bias"] = torch.zeros(len(labels))
    notes = {"format": "strokewise-embedded-1", "labels": labels, "notes": {}}
    if calibration:
        notes["calibration"] = calibration
    tensors = {name: tensor.half().contiguous() for name, tensor in state.items()}
    save_file(tensors, path, {embedded.METADATA: json.dumps(notes)})
    return path
