"""Weights for the tests of encoders: of tiny networks, on disk, and on a hub of their own."""

import pytest
from hub_server import FakeHub
from tiny_clip import TINY, write
from weight_files import CONTENT, REPOSITORY, TOKENS

from strokewise.encoders import weights


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """Weight files of the tiny models, with both towers in them."""
    folder = tmp_path_factory.mktemp("clip")
    return {name: write(folder / f"{name}.safetensors", spec) for name, spec in TINY.items()}


@pytest.fixture
def cache(empty_hub_cache):
    """An empty cache of the hub, and none of the machine's own settings."""
    return empty_hub_cache


@pytest.fixture
def hub(monkeypatch):
    with FakeHub() as hub:
        hub.add(REPOSITORY, weights.FILE, CONTENT)
        hub.add(REPOSITORY, weights.TOKENIZER, TOKENS)
        monkeypatch.setenv("HF_ENDPOINT", hub.url)
        yield hub
