"""CLIP as a recogniser of any words."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ..encoders import weights
from ..encoders.clip import ClipEncoder, load, load_text
from ..encoders.clip_text import ClipText
from ..words.prompts import prompts
from .recognizers import Images, check_labels

NEUTRAL = (
    "a scribble.",
    "random lines.",
    "an abstract line drawing.",
    "a sketch of something.",
    "meaningless strokes.",
)


class ClipRecognizer:
    """CLIP, with a small ensemble of prompts (Radford et al., ICML 2021, section 3.1.4) for each label.

    A label's embedding is the mean of its prompts' normalised embeddings; the softmax goes over CLIP's own scale times
    the cosines. `NONE` is one answer more, as in the survey of CLIPasso (Vinker et al., SIGGRAPH 2022): the neutral
    prompt that fits best, such as "a scribble". It was not calibrated.
    """

    labels: tuple[str, ...] | None = None

    def __init__(self, encoder: ClipEncoder, text: ClipText) -> None:
        self.encoder, self.text, self.name = encoder, text, encoder.name
        self._known: dict[str, Tensor] = {}
        self._neutral: Tensor | None = None

    @torch.no_grad()
    def probabilities(self, images: Images, labels: Sequence[str], *, none: bool = False) -> NDArray[np.float64]:
        """As of any `Recognizer`."""
        words = torch.stack([self._label(label) for label in check_labels(self, labels)])
        pictures = torch.from_numpy(images)
        size = (self.encoder.input_size,) * 2
        if pictures.shape[2:] != size:
            pictures = F.interpolate(pictures, size, mode="bicubic", align_corners=False, antialias=True).clamp(0, 1)
        seen = F.normalize(self.encoder.features(pictures).embedding.double().cpu())
        likeness = seen @ words.T
        if none:
            if self._neutral is None:
                self._neutral = F.normalize(self.text.text(list(NEUTRAL)).double().cpu())
            likeness = torch.cat([likeness, (seen @ self._neutral.T).amax(1, keepdim=True)], 1)
        return np.asarray((self.text.scale * likeness).softmax(1).numpy())

    def _label(self, label: str) -> Tensor:
        """Normalised embedding, float64 [dimension], of a label."""
        if label not in self._known:
            self._known[label] = F.normalize(F.normalize(self.text.text(prompts(label)).double().cpu()).mean(0), dim=0)
        return self._known[label]


def load_clip(name: str, path: Path) -> ClipRecognizer:
    """CLIP of that name, with its tokenizer beside its weights.

    Raises:
        EncoderError: they are another network's, or cannot be read.
    """
    tokenizer = path.with_name(weights.TOKENIZER)
    return ClipRecognizer(load(name, path, dtype=torch.float32), load_text(name, path, tokenizer))
