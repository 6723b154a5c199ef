"""Synthetic labelled photos, and what the training makes of them. Nothing here is read from disk."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))  # training/ lies at the root, and is not installed

from training_shapes import PLACEMENT_SIZE, SHAPES, dark_parts, draw_shape

from training import cache, framing, generators
from training.cache import CacheOptions, Entry
from training.photos import list_photos


@pytest.fixture(scope="session")
def small_scenes() -> Iterator[None]:
    """Scenes of a quarter the size, their subjects found without a network, short drawings."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "PLACEMENT_SIZE", PLACEMENT_SIZE)
        patch.setattr(framing, "find_subject", dark_parts)
        patch.setattr(generators, "COUNTS", ((4, 6), (8, 12)))
        yield


@pytest.fixture(scope="session")
def shapes(tmp_path_factory) -> Path:
    """FOLDER/<class>/*.png: 3 classes, 7 photos each."""
    folder = tmp_path_factory.mktemp("shapes")
    rng = np.random.default_rng(5)
    for kind in SHAPES:
        (folder / kind).mkdir()
        for i in range(7):
            draw_shape(kind, rng).save(folder / kind / f"{i}.png")
    return folder


@pytest.fixture(scope="session")
def work(tmp_path_factory) -> Path:
    """The folder of the session's cache."""
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="session")
def entries(shapes, small_scenes, work) -> list[Entry]:
    """The photos of `shapes` with their drawings."""
    folder = work / "cache"
    _, items = list_photos(shapes)
    cache.build(items, folder, CacheOptions(optimized=1, steps=2), workers=1)
    return [cache.read(folder, item) for item in items]
