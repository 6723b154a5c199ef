"""What CLIP makes of words: prompts to embeddings that can be held against those of pictures."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import EncoderError
from .clip_towers import TextTransformer

STARTS = ("<|startoftext|>", "<start_of_text>")
ENDS = ("<|endoftext|>", "<end_of_text>")


class ClipText(nn.Module):
    """CLIP's text tower with its tokenizer; `clip.load_text` makes one.

        text = clip.load_text("clip-vit-b-32", "open_clip_model.safetensors", "tokenizer.json")
        text.text(["a sketch of a horse", "a sketch of a cat"])    # float [2, 512]

    Args:
        name: of the model.
        tower: with its weights.
        tokenizer: a `tokenizers.Tokenizer`, as `read_tokenizer` gives it.

    Raises:
        EncoderError: the tokenizer is another model's.

    Attributes:
        context: most tokens of a prompt, start and end included.
        vocabulary: how many tokens there are; the last two are start and end.
    """

    def __init__(self, name: str, tower: TextTransformer, tokenizer: Any) -> None:
        super().__init__()
        self.name, self.tower, self._tokenizer = name, tower, tokenizer
        self.context, self.vocabulary = len(tower.positional_embedding), tower.token_embedding.num_embeddings
        known = [(tokenizer.token_to_id(s), tokenizer.token_to_id(e)) for s, e in zip(STARTS, ENDS, strict=True)]
        found = [pair for pair in known if None not in pair]
        if not found or found[0] != (self.vocabulary - 2, self.vocabulary - 1):
            raise EncoderError(
                f"the tokenizer is not that of {name}: its last two tokens must be {STARTS[0]} and {ENDS[0]}, numbers "
                f"{self.vocabulary - 2} and {self.vocabulary - 1}; take tokenizer.json from the model's own repository"
            )
        self.eval()

    @property
    def scale(self) -> float:
        """What CLIP multiplies cosines with before the softmax: about 100."""
        return float(self.tower.logit_scale.exp())

    def tokens(self, prompts: list[str]) -> Tensor:
        """Tokens of prompts, int64 [prompt, context]: start, words in lower case, end, zeros; long ones are cut.

        Raises:
            EncoderError: prompts is one string instead of a list, or the tokenizer knows tokens the tower does not.
        """
        if isinstance(prompts, str):
            raise EncoderError(f"prompts must be a list of strings; write [{prompts!r}]")
        rows = torch.zeros(len(prompts), self.context, dtype=torch.int64)
        for row, prompt in zip(rows, prompts, strict=True):
            words = " ".join(html.unescape(prompt).split()).lower()
            ids = self._tokenizer.encode(words, add_special_tokens=False).ids[: self.context - 2]
            if ids and max(ids) >= self.vocabulary - 2:
                raise EncoderError(f"{prompt!r} holds a token that {self.name} does not know; use plain words")
            row[: len(ids) + 2] = torch.tensor([self.vocabulary - 2, *ids, self.vocabulary - 1])
        return rows

    @torch.no_grad()
    def text(self, prompts: list[str]) -> Tensor:
        """Embeddings of prompts, float32 [prompt, dimension], not normalised.

        Raises:
            EncoderError: as for `tokens`.
        """
        tokens = self.tokens(prompts).to(self.tower.text_projection.device)
        if not len(tokens):
            return torch.zeros(0, self.tower.text_projection.shape[1], device=tokens.device)
        return self.tower(tokens).float()


def read_tokenizer(path: Path) -> Any:
    """A `tokenizers.Tokenizer` from the tokenizer.json that lies beside a model's weights.

    Raises:
        EncoderError: the package `tokenizers` or the file is missing, or the file is damaged.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise EncoderError("CLIP's text needs the package tokenizers: pip install 'strokewise[clip]'") from error
    if not path.is_file():
        raise EncoderError(f"{path} is missing; put the model's tokenizer.json there, from where its weights are")
    try:
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_padding()
        tokenizer.no_truncation()
    except Exception as error:  # the reader raises bare exceptions
        raise EncoderError(f"{path} is no tokenizer; fetch the model's tokenizer.json again") from error
    return tokenizer
