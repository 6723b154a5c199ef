"""A small recogniser of the embedded kind, as a file."""

import json

import torch
from safetensors.torch import save_file

from strokewise.encoders import efficientnet_lite, embedded, embedded_torch

LABELS = ("cat", "grand_piano", "car_side", "dog")


def write_network(path, labels=LABELS, **calibration):
    """A file of the embedded kind: the plain network, and a head of random weights."""
    model = embedded_torch.Embedded(labels)
    model.load_state_dict(efficientnet_lite.load().state_dict(), strict=False)
    torch.nn.init.normal_(model.recognizer.weight, std=0.05, generator=torch.Generator().manual_seed(1))
    torch.nn.init.zeros_(model.recognizer.bias)
    notes = {"format": embedded.FORMAT, "labels": labels, "notes": {}}
    if calibration:
        notes["calibration"] = calibration
    tensors = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
    save_file(tensors, path, {embedded.METADATA: json.dumps(notes)})
    return path
