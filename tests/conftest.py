"""Synthetic photos, drawn with Pillow: nothing here is read from disk."""

from __future__ import annotations

import io
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from strokewise.sketch import Sketch

DiscImage = Callable[..., Image.Image]


def _disc_image(
    width: int = 160, height: int = 120, centre: tuple[float, float] = (100, 40), radius: float = 20, mode: str = "RGB"
) -> Image.Image:
    """A dark disc on light grey; `centre` in continuous coordinates (pixel centres at + 0.5)."""
    big = Image.new("L", (width * 4, height * 4), 230)
    (x, y), r = centre, radius
    ImageDraw.Draw(big).ellipse([4 * (x - r), 4 * (y - r), 4 * (x + r) - 1, 4 * (y + r) - 1], fill=30)
    return big.resize((width, height), Image.Resampling.BOX).convert(mode)


@pytest.fixture
def disc_image() -> DiscImage:
    """Makes a Pillow image of a dark disc at a known place."""
    return _disc_image


@pytest.fixture
def encode() -> Callable[..., bytes]:
    """The bytes of a file with that picture: encode(image, "JPEG", quality=90)."""

    def encode(image: Image.Image, kind: str, **options: object) -> bytes:
        buffer = io.BytesIO()
        image.save(buffer, kind, **options)
        return buffer.getvalue()

    return encode


@pytest.fixture
def hears_ctrl_c() -> Iterator[None]:
    """Ctrl-C raises KeyboardInterrupt, here and in processes that are started: where tests run in the background of a
    shell, it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def sketch() -> Sketch:
    """Three strokes on a 200 x 100 canvas."""
    points = np.array(
        [
            [[10, 10], [40.5, 5.25], [70, 30], [90, 20]],
            [[20, 80], [60, 95], [120, 90], [180.1234, 60]],
            [[100, 50], [110, 20], [150, 20], [160, 50]],
        ]
    )
    return Sketch.of((200, 100), points, widths=2.5, metadata={"version": "1.0", "settings": {"strokes": 3}})


@pytest.fixture
def empty_hub_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache of the hub, and none of the machine's own settings."""
    for variable in [v for v in os.environ if v.startswith(("HF_", "HUGGINGFACE_", "STROKEWISE_", "TRANSFORMERS_"))]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HF_HUB_DISABLE_TELEMETRY", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def clip_shelf(tmp_path: Path, empty_hub_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a CLIP of tiny sizes and random weights, by the name clip-vit-b-32, and with its tokenizer."""
    encoders = Path(__file__).parent / "encoders"
    monkeypatch.syspath_prepend(str(encoders))
    from tiny_clip import TINY, write

    from strokewise.encoders import clip, weights
    from strokewise.words import targets

    write(tmp_path / "clip-vit-b-32.safetensors", TINY["tiny-vit"])
    shutil.copy(encoders / "golden" / "tokenizer.json", tmp_path / weights.TOKENIZER)
    monkeypatch.setattr(clip, "CLIPS", {"clip-vit-b-32": TINY["tiny-vit"]})
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    monkeypatch.setenv("STROKEWISE_OFFLINE", "1")
    targets._embeddings.cache_clear()
    yield tmp_path
    targets._embeddings.cache_clear()
