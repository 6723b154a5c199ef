"""Checks of a network that the package brings: its card names its file; a missing or damaged one is told plainly."""

import hashlib
import re

import pytest

from strokewise.errors import StrokewiseError


def check_card(module, largest=1_500_000):
    """That the card beside a module's WEIGHTS has their hash and their size, which is less than `largest`, bytes."""
    content = module.WEIGHTS.read_bytes()
    card = module.WEIGHTS.with_suffix(".md").read_text(encoding="utf-8")
    assert re.search(r"\b" + hashlib.sha256(content).hexdigest() + r"\b", card)
    assert str(len(content)) in card and len(content) < largest


def check_missing_and_damaged(module, ask, name, monkeypatch, tmp_path):
    """That `ask` says in one line what is wrong with a module's WEIGHTS, and how to mend it."""
    monkeypatch.setattr(module, "WEIGHTS", tmp_path / "network.onnx")
    module._network.cache_clear()
    with pytest.raises(StrokewiseError, match="weights are missing .*install strokewise again"):
        ask()
    (tmp_path / "network.onnx").write_bytes(b"damaged")
    with pytest.raises(StrokewiseError, match=f"is not the weights of {name}"):
        ask()
    module._network.cache_clear()
