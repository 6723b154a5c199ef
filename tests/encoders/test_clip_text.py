"""Words as CLIP reads them."""

import json
from pathlib import Path

import pytest
import torch
from tiny_clip import PROMPTS, TINY

from strokewise.encoders.clip import build_text
from strokewise.encoders.clip_text import read_tokenizer
from strokewise.errors import EncoderError

GOLDEN = Path(__file__).parent / "golden"


def test_tokens_are_those_of_open_clip(files):
    text = build_text("tiny-vit", TINY["tiny-vit"], files["tiny-vit"], GOLDEN / "tokenizer.json")
    expected = torch.tensor(json.loads((GOLDEN / "tokens.json").read_text()))
    assert torch.equal(text.tokens(PROMPTS), expected)
    assert text.text([]).shape == (0, 24)
    with pytest.raises(EncoderError, match="must be a list"):
        text.text("a horse")


def test_a_prompt_does_not_depend_on_the_others(files):
    text = build_text("tiny-rn", TINY["tiny-rn"], files["tiny-rn"], GOLDEN / "tokenizer.json")
    torch.testing.assert_close(text.text(PROMPTS)[:1], text.text(PROMPTS[:1]), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"<html>", b"\x80\x04"])
def test_a_tokenizer_that_is_missing_or_damaged_is_named(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(EncoderError, match=r"tokenizer\.json") as caught:
        read_tokenizer(path)
    assert "\n" not in str(caught.value)


def test_a_tokenizer_of_another_model_is_refused(files, tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text((GOLDEN / "tokenizer.json").read_text().replace("49407", "1000"))
    with pytest.raises(EncoderError, match="not that of tiny-rn|is no tokenizer"):
        build_text("tiny-rn", TINY["tiny-rn"], files["tiny-rn"], path)


def test_without_the_package_the_mend_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "tokenizers", None)
    with pytest.raises(EncoderError, match=r"pip install 'strokewise\[clip\]'"):
        read_tokenizer(GOLDEN / "tokenizer.json")
