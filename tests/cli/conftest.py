from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def hub_server(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The module of the model hub that tests of encoders use."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "encoders"))
    import hub_server  # type: ignore[import-not-found, unused-ignore]

    return hub_server
