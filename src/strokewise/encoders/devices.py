"""Where a network computes: devices by name, and encoders on them."""

from __future__ import annotations

from collections.abc import Callable

import torch

from ..errors import Argument, SettingsError
from . import Encoder, load_encoder


def find_device(name: str) -> torch.device:
    """The device behind a name; "auto" is CUDA where there is one, else the CPU.

    Raises:
        SettingsError: the device is not there.
    """
    cuda = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if cuda else "cpu")
    if (name == "cuda" and not cuda) or (name == "mps" and not torch.backends.mps.is_available()):
        fix = ("use ", Argument("device", "auto"), " or ", Argument("device", "cpu"))
        raise SettingsError(f"{name} is not available here", setting="device", value=name, fix=fix)
    return torch.device(name)


def load_encoder_on(device: torch.device, name: str, notice: Callable[[str], None] | None = None) -> Encoder:
    """An encoder by its name, on a device; one that is no PyTorch module looks after that itself.

    Raises:
        EncoderError: as for `load_encoder`.
    """
    encoder = load_encoder(name, notice=notice)
    if isinstance(encoder, torch.nn.Module):
        encoder.to(device)
    return encoder
