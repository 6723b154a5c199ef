"""The rooms: what imports what, as docs/design.md says and import-linter checks."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "strokewise"
LONGEST = 400
"""Lines of the longest file that can still be read in one sitting."""


@pytest.fixture(scope="module")
def make_rooms():
    spec = importlib.util.spec_from_file_location("make_rooms", ROOT / "docs" / "make_rooms.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rooms():
    """Modules and packages directly below `strokewise`."""
    names = [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()]
    return sorted(names + [path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"])


def test_every_room_is_in_one_layer(make_rooms):
    named = [room for layer in make_rooms.layers() for room in layer]
    assert sorted([*named, "__main__", "_version"]) == rooms()


def test_the_figure_is_that_of_the_contract(make_rooms):
    assert make_rooms.PAGE.read_text(encoding="utf-8") == make_rooms.page(), "run python docs/make_rooms.py"


def test_every_room_says_what_it_holds_in_one_line(make_rooms):
    for room in rooms():
        if room not in ("__main__", "_version"):
            assert 10 < len(make_rooms.purpose(room)) < 120, room


@pytest.mark.parametrize("room", [path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()])
def test_tests_mirror_the_rooms(room):
    assert list((ROOT / "tests" / room).rglob("test_*.py"))


@pytest.mark.parametrize("folder", ["src", "tests", "training", "benchmarks", "docs", "tools"])
def test_no_file_is_longer_than_can_be_read_in_one_sitting(folder):
    lines = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / folder).rglob("*.py")}
    assert {str(path.relative_to(ROOT)): count for path, count in lines.items() if count > LONGEST} == {}
