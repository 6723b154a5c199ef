"""CLIPs small enough for tests, with weights that any machine makes alike; real key names throughout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from strokewise.encoders.clip import ClipSpec

_TEXT = {"size": 64, "text_width": 16, "text_heads": 2, "text_layers": 2}
TINY = {
    "tiny-rn": ClipSpec((1, 2, 1, 1), 8, 4, 24, ((0, 0), (1, 0), (2, 1), (3, 1), (4, 0)), **_TEXT),
    "tiny-vit": ClipSpec((3,), 32, 4, 24, ((1, 1.0), (2, 1.0)), patch=16, **_TEXT),
}
PROMPTS = [
    "A sketch of a horse",
    "two cats, it's 2022!",
    "  naïve\n drawing &amp; lines ",
    "",
    "horse " * 100,
]


def picture(size: int = 64) -> NDArray[np.float32]:
    """Two smooth pictures, float32 [2, 3, size, size] in [0, 1]."""
    y, x = np.mgrid[0:size, 0:size] / size
    waves = [np.stack([np.sin(a * x + b * y + c) for c in (0, 1, 2)]) for a, b in ((9, 4), (-5, 14))]
    return (0.5 + 0.5 * np.stack(waves)).astype(np.float32)


def values(shapes: dict[str, tuple[int, ...]], seed: int = 0) -> dict[str, NDArray[np.float32]]:
    """A value for each key, drawn in the order of the keys' names."""
    rng = np.random.default_rng(seed)
    state = {}
    for key in sorted(shapes):
        shape = shapes[key]
        noise = rng.standard_normal(shape)
        if key.endswith("num_batches_tracked"):
            continue
        if key == "logit_scale":
            state[key] = np.array(np.log(100.0), dtype=np.float32)
        elif key.endswith("running_var") or (len(shape) == 1 and key.endswith("weight")):
            state[key] = (1 + 0.2 * np.tanh(noise)).astype(np.float32)
        elif len(shape) == 1:
            state[key] = (0.1 * noise).astype(np.float32)
        else:
            state[key] = (noise * np.sqrt(2 / np.prod(shape[1:]))).astype(np.float32)
    return state


def shapes_of(spec: ClipSpec, towers: Iterable[str] = ("image", "text")) -> dict[str, tuple[int, ...]]:
    """Key names and shapes of a published file with these towers."""
    shapes: dict[str, tuple[int, ...]] = {}
    with torch.device("meta"):
        if "image" in towers:
            for key, value in spec.image_tower().state_dict().items():
                shapes[f"visual.{key}"] = tuple(value.shape)
                if key.endswith("running_var"):
                    shapes[f"visual.{key.replace('running_var', 'num_batches_tracked')}"] = ()
        if "text" in towers:
            shapes |= {key: tuple(value.shape) for key, value in spec.text_tower().state_dict().items()}
    return shapes


def write(
    path: Path,
    spec: ClipSpec,
    dtype: torch.dtype = torch.float32,
    changes: Mapping[str, torch.Tensor | None] | None = None,
) -> Path:
    """A file as a hub would have it; `changes` replaces tensors, or takes them out where they are None."""
    from safetensors.torch import save_file

    shapes = shapes_of(spec)
    state = {key: torch.from_numpy(value).to(dtype) for key, value in values(shapes).items()}
    state |= {key: torch.tensor(7) for key in shapes if key.endswith("num_batches_tracked")}
    for key, value in (changes or {}).items():
        state.pop(key, None)
        if value is not None:
            state[key] = value
    save_file(state, path)
    return path
