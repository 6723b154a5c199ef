"""Larger networks that find the subject, by name: those of rembg, from the extra `strokewise[masks]`.

    prepare_subject_model("birefnet-general", print)    # fetched once, into rembg's own cache
    mask = predict_by("birefnet-general", pixels)

rembg is asked for its session only; what is done with the mask is decided here.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .._process import thread_count
from ..errors import Argument, StrokewiseError
from ..settings import SUBJECT_MODELS
from .masks import Mask

INSTALL = "pip install 'strokewise[masks]'"
EMBEDDED = ("subject_model", "auto")


def prepare_subject_model(name: str, notice: Callable[[str], None] | None = None) -> None:
    """Have a network on this disk and loaded; "auto", the one in the package, always is.

    Args:
        name: one of `SUBJECT_MODELS`.
        notice: told first if it is to be fetched.

    Raises:
        StrokewiseError: rembg is not installed or does not know the network, or it cannot be fetched or loaded.
    """
    if name == "auto":
        return
    if notice is not None and not is_fetched(name):
        notice(f"fetching the subject network {name} into {cache_folder()}, once, by rembg")
    _session(name, os.getpid())


def predict_by(name: str, pixels: NDArray[np.float32]) -> Mask:
    """What a network takes for the subject.

    Args:
        name: one of `SUBJECT_MODELS`, not "auto".
        pixels: float32 [height, width, rgb] in [0, 1].

    Returns:
        float32 [height, width] in [0, 1].

    Raises:
        StrokewiseError: as for `prepare_subject_model`.
    """
    image = Image.fromarray(np.round(pixels * 255).astype(np.uint8))
    if np.ptp(np.asarray(image)) < 2:
        return np.zeros(pixels.shape[:2], dtype=np.float32)
    found = _session(name, os.getpid()).predict(image)[0].convert("L")
    if found.size != image.size:
        found = found.resize(image.size, Image.Resampling.BILINEAR)
    return np.asarray(found, dtype=np.float32) / np.float32(255)


def is_fetched(name: str) -> bool:
    """Whether a network is on this disk already; "auto" always is."""
    folder = cache_folder()
    places = (folder / f"{name}.onnx", folder / "models" / name / f"{name}.onnx")  # of older releases and of newer ones
    return name == "auto" or any(place.is_file() for place in places)


def offered_models(fetching: bool) -> list[str]:
    """The networks to choose from, "auto" first: without rembg there is no other.

    Args:
        fetching: whether those count that would have to be fetched.
    """
    if "rembg" not in sys.modules and importlib.util.find_spec("rembg") is None:
        return ["auto"]
    return [name for name in SUBJECT_MODELS if fetching or is_fetched(name)]


def cache_folder() -> Path:
    """Where rembg keeps its networks."""
    home = os.environ.get("U2NET_HOME") or os.path.join(os.environ.get("XDG_DATA_HOME", "~"), ".u2net")
    return Path(home).expanduser()


@functools.cache
def _session(name: str, process: int) -> Any:
    """One session for a process: threads of a session do not live on in a fork."""
    import onnxruntime

    try:
        import rembg
    except Exception as error:  # one that is half installed raises more than ImportError
        fix = (f"{INSTALL}, or ", Argument(*EMBEDDED))
        raise StrokewiseError(f"the subject network {name} needs rembg, which is not installed", fix=fix) from error
    more: dict[str, Any] = {"providers": ["CPUExecutionProvider"]}
    if "sess_opts" in inspect.signature(rembg.new_session).parameters:  # releases for Python 3.10 make their own
        more["sess_opts"] = onnxruntime.SessionOptions()
        more["sess_opts"].intra_op_num_threads = thread_count()
    try:
        return rembg.new_session(name, **more)
    except Exception as error:  # of the network, the disk, ONNX Runtime, or rembg itself
        reason = (str(error).splitlines() or [""])[0][:120] or type(error).__name__
        fix = ("check the connection and the name, or ", Argument(*EMBEDDED))
        raise StrokewiseError(f"the subject network {name} cannot be had ({reason})", fix=fix) from error
