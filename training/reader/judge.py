"""Two encoders behind one face, so that old and new are measured by the same code: grey pictures in, words out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from torch import Tensor
from torch.nn import functional as F

from strokewise.encoders.embedded import METADATA, SLIM_FORMAT
from strokewise.recognition.evaluation.figures import wilson

from .. import model
from .classes import word_of
from .network import INPUT_SIZE, Reader
from .train import load_average


@dataclasses.dataclass(frozen=True)
class Judge:
    """An encoder to be measured.

    Attributes:
        name: for tables.
        words: what its logits stand for.
        size: side of the pictures it reads, pixels.
        look: grey pictures, float [n, 1, size, size], to embeddings [n, dimension].
        name_logits: embeddings to logits [n, word].
        temperature, background: its calibration; 1 and None if it has none.
    """

    name: str
    words: tuple[str, ...]
    size: int
    look: Callable[[Tensor], Tensor]
    name_logits: Callable[[Tensor], Tensor]
    temperature: float = 1.0
    background: float | None = None

    @torch.no_grad()
    def embed(self, pictures: Sequence[NDArray[np.float32]], batch: int = 32) -> Tensor:
        """Embeddings of grey pictures [y, x] of any size, white = 1."""
        found = []
        for i in range(0, len(pictures), batch):
            x = torch.from_numpy(np.stack(pictures[i : i + batch]))[:, None]
            if x.shape[-1] != self.size:
                x = F.interpolate(x, (self.size, self.size), mode="bilinear", antialias=True, align_corners=False)
            found.append(self.look(x))
        return torch.cat(found)


def old(path: Path) -> Judge:
    """The older encoder; classes that are one word now are taken together."""
    network = model.load(path)
    names = [word_of(label) or label for label in network.labels]
    words = tuple(sorted(set(names)))
    groups = [[i for i, name in enumerate(names) if name == word] for word in words]

    def name_logits(embedding: Tensor) -> Tensor:
        logits = network.recognizer(embedding)
        return torch.stack([logits[:, group].logsumexp(1) for group in groups], 1)

    def look(x: Tensor) -> Tensor:
        return network.features(x.expand(-1, 3, -1, -1)).embedding

    return Judge("old", words, 224, look, name_logits, network.temperature, network.background)


def new(path: Path) -> Judge:
    """A checkpoint of the training, or weights that were exported.

    Raises:
        SystemExit: the file is neither.
    """
    if path.suffix == ".pt":
        network, step = load_average(path)
        return Judge(
            f"new, step {step}", network.labels, INPUT_SIZE, lambda x: network(x).embedding, network.recognizer
        )
    network, notes = read(path)
    given = notes["calibration"]
    return Judge(
        f"new, {path.name}",
        network.labels,
        INPUT_SIZE,
        lambda x: network(x).embedding,
        network.recognizer,
        given["temperature"],
        given["background"],
    )


def read(path: Path) -> tuple[Reader, dict[str, Any]]:
    """Exported weights and what their file says of them.

    Raises:
        SystemExit: the file is no such weights.
    """
    try:
        with safe_open(path, framework="pt", device="cpu") as file:
            notes = json.loads((file.metadata() or {})[METADATA])
            names = list(file.keys())
            tensors = {name: file.get_tensor(name).float() for name in names}
        if notes["format"] != SLIM_FORMAT:
            raise ValueError("another format")
        network = Reader(tuple(notes["labels"])).requires_grad_(False)
        network.load_state_dict(tensors)
    except Exception as error:  # a damaged file can make the reader raise nearly anything
        raise SystemExit(f"{path} is not exported weights ({type(error).__name__}); run the export again") from error
    return network, notes


def share(right: Sequence[bool] | NDArray[np.bool_]) -> dict[str, Any]:
    """Share of samples that are right, with its 95 % interval (Wilson)."""
    hits, count = int(np.sum(right)), len(right)
    return {"share": hits / max(1, count), "count": count, "ci": wilson(hits, count)}


def clustered(values: NDArray[Any], groups: NDArray[Any], seed: int = 0, times: int = 2000) -> dict[str, Any]:
    """Mean of values with a 95 % interval by a bootstrap over groups: drawings of one word are not independent."""
    kinds, index = np.unique(groups, return_inverse=True)
    sums, counts = np.bincount(index, values.astype(float)), np.bincount(index)
    rng = np.random.default_rng(seed)
    picks = rng.integers(0, len(kinds), (times, len(kinds)))
    means = sums[picks].sum(1) / counts[picks].sum(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return {"share": float(np.mean(values)), "count": len(values), "ci": (float(low), float(high))}


def percent(figure: dict[str, Any]) -> str:
    """A share with its interval, for reading."""
    low, high = figure["ci"]
    return f"{figure['share']:6.1%} [{low:.1%}, {high:.1%}]"
