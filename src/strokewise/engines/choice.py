"""Which engine, and on which device."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Callable
from typing import Any, cast

import numpy as np

from .._arrays import Array
from .._resample import bilinear, resample
from ..encoders import AnyEncoder, Encoder, load_encoder
from ..encoders.embedded import Embedded
from ..encoders.registry import need_torch, torch_installed
from ..errors import Argument, SettingsError
from ..words.targets import ClassTarget, Target
from .base import Engine, Images


def find_device(name: str) -> str:
    """The device behind a name: "cpu", "cuda" or "mps"; "auto" is CUDA where PyTorch has it, else the CPU.

    PyTorch is not loaded where there is no driver for it.

    Raises:
        SettingsError: the device is not there.
    """
    if name == "cpu" or (name == "auto" and not (torch_installed() and _has_cuda_driver())):
        return "cpu"
    need_torch(f"device {name}")
    import torch

    cuda = torch.cuda.is_available()
    if name == "auto":
        return "cuda" if cuda else "cpu"
    if (name == "cuda" and not cuda) or (name == "mps" and not torch.backends.mps.is_available()):
        fix = ("use ", Argument("device", "auto"), " or ", Argument("device", "cpu"))
        raise SettingsError(f"{name} is not available here", setting="device", value=name, fix=fix)
    return name


def load_encoder_on(name: str, device: str, notice: Callable[[str], None] | None = None) -> AnyEncoder:
    """An encoder by its name, on a device; one that is no PyTorch module looks after that itself.

    Raises:
        EncoderError: as for `load_encoder`.
    """
    encoder = load_encoder(name, notice=notice)
    if isinstance(encoder, Embedded):
        if device == "cpu":
            return encoder
        encoder = torch_encoder(encoder)
    if hasattr(encoder, "to"):
        cast(Any, encoder).to(device)
    return encoder


def torch_encoder(encoder: AnyEncoder) -> Encoder:
    """An encoder as PyTorch runs it: the embedded one anew, any other as it is."""
    if not isinstance(encoder, Embedded):
        return encoder
    from ..encoders import embedded_torch

    return cast(Encoder, embedded_torch.load())


def make_engine(
    encoder: AnyEncoder,
    photos: Images,
    *,
    width: float,
    views: Array,
    device: str,
    target: Target | None = None,
) -> Engine:
    """The engine that suits an encoder.

    Args:
        encoder: what compares, on the device.
        photos: float32 [photo, 3, size, size] in [0, 1].
        width: that of the pen, canvas pixels.
        views: homographies of the bank of views, float64 [view, 3, 3]; the first is the picture itself.
        device: where to compute.
        target: what words ask of drawings, of that encoder; or nothing.
    """
    # Each is loaded when it is needed: the one brings Numba, the other PyTorch.
    if isinstance(encoder, Embedded):
        from .light import LightEngine

        assert target is None or isinstance(target, ClassTarget)
        return LightEngine(encoder, photos, width=width, target=target, views=views)
    from .torch_engine import TorchEngine

    return TorchEngine(encoder, photos, width=width, views=views, device=device, target=target)


def saliency_map(encoder: AnyEncoder, image: Images, side: int, device: str) -> Array:
    """Where an encoder finds a picture's meaning: float64 [side, side] in [0, 1].

    Args:
        encoder: what looks, on the device.
        image: float32 [3, y, x] in [0, 1], square.
        side: of the result, pixels.
        device: where to compute.
    """
    if isinstance(encoder, Embedded):
        found = encoder.saliency(image[None])[0]
    else:
        import torch

        found = encoder.saliency(torch.from_numpy(image[None]).to(device))[0].cpu().numpy()
    return resample(found, bilinear(len(found), side)).astype(np.float64)


def _has_cuda_driver() -> bool:
    """Whether NVIDIA's driver is here."""
    if sys.platform == "darwin":
        return False
    with contextlib.suppress(OSError):
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
        return True
    return False
