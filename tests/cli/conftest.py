from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import pytest
from PIL import Image
from refusals import NeverAsked

from strokewise.engines import choice
from strokewise.recognition import recognizers


@pytest.fixture
def photo_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, disc_image: Callable[..., Image.Image]) -> Path:
    """A folder with one photo to work in."""
    monkeypatch.chdir(tmp_path)
    disc_image().save("disc.png")
    return tmp_path


@pytest.fixture
def hub_server(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the model hub that tests of encoders use."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "encoders"))
    import hub_server  # type: ignore[import-not-found, unused-ignore]

    return hub_server


@pytest.fixture
def never_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of recognisers are looked up as ever, but "auto" and "any-words" need no weights."""
    load = recognizers.load_recognizer

    def load_recognizer(name: str = "auto", **more: Any) -> recognizers.Recognizer:
        if name == "auto":
            return NeverAsked()
        return NeverAsked(labels=None) if name == "any-words" else load(name, **more)

    monkeypatch.setattr(recognizers, "load_recognizer", load_recognizer)


@pytest.fixture
def nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading an encoder would be the beginning of the work."""

    def load_encoder(*arguments: object, **named: object) -> NoReturn:
        raise AssertionError("the work has begun")

    monkeypatch.setattr(choice, "load_encoder", load_encoder)
