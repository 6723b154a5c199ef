"""Names of a package that are loaded when they are first asked for (PEP 562), so that importing it stays quick."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


def lazily(package: str, places: dict[str, str], names: dict[str, Any]) -> Callable[[str], Any]:
    """A package's `__getattr__`.

    Args:
        package: its name.
        places: name -> module of the package that has it.
        names: the package's `globals()`, which remember what was loaded.
    """

    def find(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        value = getattr(importlib.import_module(f".{places[name]}", package), name)
        names[name] = value
        return value

    return find
