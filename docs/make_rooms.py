"""Writes the figure of docs/design.md from the import contract in pyproject.toml and the first line of each room.

python docs/make_rooms.py
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # comes with pytest there

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "strokewise"
PAGE = ROOT / "docs" / "design.md"
BEGIN, END = "<!-- rooms: written by docs/make_rooms.py -->\n", "<!-- /rooms -->\n"


def layers() -> list[list[str]]:
    """The layers of the contract from the top, each a list of modules and packages of `strokewise`."""
    settings: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    return [[room.strip() for room in re.split("[:|]", layer)] for layer in contract["layers"]]


def purpose(room: str) -> str:
    """The first sentence of a room's docstring."""
    path = PACKAGE / room / "__init__.py" if (PACKAGE / room).is_dir() else PACKAGE / f"{room}.py"
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.split(r"(?<=[.;?])\s", " ".join(text.split("\n\n")[0].split()))[0].rstrip(".:;")


def figure() -> str:
    """The layers as a table, from the top."""
    rows = ["| layer | room | holds |", "|---|---|---|"]
    for height, layer in zip(range(len(layers()), 0, -1), layers(), strict=True):
        for place, room in enumerate(sorted(layer)):
            name = f"{room}/" if (PACKAGE / room).is_dir() else f"{room}.py"
            rows.append(f"| {height if not place else ''} | `{name}` | {purpose(room)} |")
    return "\n".join(rows) + "\n"


def page() -> str:
    """docs/design.md with the figure of today."""
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    return before + BEGIN + "\n" + figure() + "\n" + END + rest.split(END)[1]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
