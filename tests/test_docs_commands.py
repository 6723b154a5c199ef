"""The documentation site: the page of commands says what the program says, and nothing that pages name is missing."""

from __future__ import annotations

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

from strokewise import encoders

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_commands", DOCS / "make_commands.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_commands = _load()
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


@pytest.mark.parametrize("line", LINES)
def test_what_pages_tell_to_type_are_commands(line):
    words = shlex.split(line.partition("&&")[0], comments=True)[1:]
    name = " ".join(words[:2]) if words[0] == "models" else words[0]
    with COMMANDS[name].make_context(name, words[len(name.split()) :]):  # reads the options, runs nothing
        pass


def test_every_page_is_in_the_menu():
    menu = set(re.findall(r'"([\w/-]+\.md)"', (ROOT / "zensical.toml").read_text(encoding="utf-8")))
    assert menu == set(PAGES), "the menu is in zensical.toml"


@pytest.mark.parametrize("page", PAGES)
def test_pictures_and_files_are_there(page):
    text = (DOCS / page).read_text(encoding="utf-8")
    text = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'<img[^>]* src="([^"]+)"', text):
        if "://" not in target:
            assert ((DOCS / page).parent / target).exists(), f"{page} names {target}, which is not there"


@pytest.mark.slow
@pytest.mark.parametrize("page", ["index.md", "python.md", "recipes.md"])
def test_python_blocks_run(page, tmp_path, monkeypatch, disc_image):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(encoders, "_LOADERS", dict(encoders._LOADERS))
    photo = disc_image(200, 150, (90, 70), 40)
    Path("photos").mkdir()
    for name in ("horse.jpg", "photos/one.jpg", "photos/two.jpg"):
        photo.save(name)
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert blocks
    for block in blocks:
        exec(compile(block, page, "exec"), {})
    assert Path("horse.svg").exists()
