"""The house keeps to its plan: what imports what, as docs/design.md tells and import-linter checks."""

import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib  # comes with pytest there

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "src" / "strokewise"
LONGEST = 440
"""Lines of a file that is read in one sitting: about 400, and a few more are no reason to tear it apart."""


@pytest.fixture(scope="module")
def contract():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (only,) = settings["tool"]["importlinter"]["contracts"]
    return only


@pytest.fixture(scope="module")
def design():
    return (ROOT / "docs" / "design.md").read_text(encoding="utf-8")


def rooms():
    """Modules and packages of the top floor, but for those that have no place in it."""
    names = [path.name if path.is_dir() else path.stem for path in HOUSE.iterdir() if (path / "__init__.py").exists()]
    return sorted(names + [path.stem for path in HOUSE.glob("*.py") if path.stem != "__init__"])


def test_every_room_is_on_one_floor(contract):
    floors = [room.strip() for layer in contract["layers"] for room in layer.split(":")]
    assert sorted([*floors, *contract["exhaustive_ignores"]]) == rooms()


def test_the_plan_for_readers_has_the_same_floors(contract, design):
    shown = re.search(r"only from those below it:\n\n```text\n(.*?)```", design, re.S)[1]
    assert [set(line.split()) for line in shown.splitlines()] == [
        {room.strip() for room in layer.split(":")} for layer in contract["layers"]
    ]


def test_every_room_is_told_of_once(contract, design):
    table = re.search(r"## The rooms\n(.*?)\n## ", design, re.S)[1]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    told = [name.removesuffix(".py").removesuffix("/") for cell in first for name in re.findall(r"`([^`]+)`", cell)]
    assert sorted(told) == sorted(set(rooms()) - set(contract["exhaustive_ignores"]))


@pytest.mark.parametrize("folder", ["src", "tests", "training", "benchmarks"])
def test_no_file_is_longer_than_one_reads_in_a_sitting(folder):
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert {str(path.relative_to(ROOT)): count for path, count in lines.items() if count > LONGEST} == {}
