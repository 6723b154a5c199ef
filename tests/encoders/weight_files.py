"""Weights as a hub has them, but small; and what is said where they will not do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hub_server import tiny_safetensors

from strokewise.encoders import weights
from strokewise.errors import EncoderError

NAME, REPOSITORY = "clip-rn101", "timm/resnet101_clip.openai"
CONTENT = tiny_safetensors(5000)
TOKENS = b'{"version": "1.0"}'


def refusal(call, *arguments, **options):
    """The one line of an error."""
    with pytest.raises(EncoderError) as caught:
        call(*arguments, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert 20 < len(text) < 500
    return text


def python(code: str, **environment: str) -> subprocess.Popen:
    """A process of its own that runs code with `weights` at hand."""
    command = f"from strokewise.encoders import weights\n{code}"
    source = str(Path(weights.__file__).parents[2])
    both = {**os.environ, "PYTHONPATH": source, **environment}
    return subprocess.Popen(
        [sys.executable, "-c", command], env=both, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
