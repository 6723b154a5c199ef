"""The documentation site: the page of commands is up to date, and every file that pages name exists."""

from __future__ import annotations

import importlib.util
import re
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_commands, make_pictures = _load("make_commands"), _load("make_pictures")
COMMANDS = dict(make_commands.commands())


def _lines(page: Path) -> list[str]:
    """The lines of a page's blocks that call the program."""
    return re.findall(r"^(?: {4})?(strokewise [a-z].*)$", page.read_text(encoding="utf-8"), re.MULTILINE)


LINES = [line for lines in make_commands.EXAMPLES.values() for line, _ in lines]
LINES += sorted({line for page in (ROOT / "README.md", *DOCS.rglob("*.md")) for line in _lines(page)} - set(LINES))


def test_the_page_is_up_to_date():
    kept = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert kept == make_commands.page(), "run python docs/make_commands.py"


def test_every_command_has_examples_of_its_own():
    for name, lines in make_commands.EXAMPLES.items():
        assert all(line.startswith(f"strokewise {name}") for line, _ in lines)
    assert set(make_commands.EXAMPLES) == set(COMMANDS)


def test_every_strip_is_drawn_and_named():
    named = {path for some in make_commands.PICTURES.values() for path, _, _ in some}
    values = {path.removeprefix(make_commands.VALUES) for path in named if path.startswith(make_commands.VALUES)}
    drawn = {path.name for path in (DOCS / make_commands.VALUES).iterdir()}
    assert values == drawn == {f"{name}.svg" for name in make_pictures.STRIPS}
    assert set(make_commands.PICTURES) <= set(COMMANDS) | set(make_commands.SHARED)


def test_strips_are_small():
    sizes = {path.name: path.stat().st_size for path in (DOCS / make_commands.VALUES).iterdir()}
    assert sum(sizes.values()) < 1_500_000, sizes


@pytest.mark.parametrize("name", make_pictures.STRIPS)
def test_a_strip_shows_what_its_table_says(name):
    panels = make_pictures.STRIPS[name]
    strip = ET.fromstring((DOCS / make_commands.VALUES / f"{name}.svg").read_text(encoding="utf-8"))
    drawings = strip.findall("{*}svg")
    assert 2 <= len(panels) <= 4 and len(drawings) == len(panels)
    assert all(one.findall(".//{*}path") or one.findall(".//{*}image") for one in drawings)
    assert not strip.findall(".//{*}metadata")
    told = [text.text for text in strip.findall("{*}text")]
    for panel in panels:
        for line in panel.caption.split("\n"):
            assert any(re.fullmatch(re.escape(line).replace(r"\{n\}", r"\d+"), one) for one in told), line


@pytest.mark.parametrize(
    "panel", sorted({panel for strip in make_pictures.STRIPS.values() for panel in strip}, key=str)
)
def test_strips_are_made_by_commands(panel):
    name, *options = shlex.split(re.sub(r"\{.+?\}", "sketch.svg", panel.command))
    made = [(name, [] if name == "ladder" else options)]
    made += [("export", ["-o", "a.svg", *shlex.split(panel.export.removeprefix("PNG "))])] if panel.export else []
    made += [("recognize", shlex.split(panel.judge))] if panel.judge is not None else []
    for command, given in made:
        with COMMANDS[command].make_context(command, ["file", *given]):
            pass


def test_a_still_is_the_beginning_of_the_drawing():
    lines = [[[y, x] for x in (0, 10, 20, 30)] for y in (5, 15, 25, 35)]
    sketch = make_pictures.Sketch.of((40, 40), lines)
    half, whole = make_pictures.still(sketch, 0.375), make_pictures.still(sketch, 1.0)
    assert len(half) == 2 and half.points[1, -1] == pytest.approx((15, 15), abs=0.1)
    assert (half.points[0] == sketch.points[0]).all() and len(whole) == 4


@pytest.mark.parametrize("line", LINES)
def test_command_lines_of_pages_are_valid(line):
    words = shlex.split(line.partition("&&")[0], comments=True)[1:]
    name = " ".join(words[:2]) if words[0] == "models" else words[0]
    with COMMANDS[name].make_context(name, words[len(name.split()) :]):  # parses the options, runs nothing
        pass


def test_every_page_is_in_the_menu():
    menu = set(re.findall(r'"([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text(encoding="utf-8")))
    assert menu == set(PAGES), "the menu is in zensical.toml"


@pytest.mark.parametrize("page", PAGES)
def test_linked_files_exist(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'<img[^>]* src="([^"]+)"', text):
        if "://" not in target:
            assert ((DOCS / page).parent / target).exists(), f"{page} names {target}, which is not there"
