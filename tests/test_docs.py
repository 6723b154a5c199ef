"""Every code block of the documentation runs, except those in one table with the reason."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from docs_blocks import GIVEN, NOT_RUN, PAGES, ROOT, Block, blocks, fill, hurry, not_run, run

from strokewise.encoders import weights

BLOCKS = {page: found for page in PAGES if (found := blocks(page))}
LINES = [(block, line) for page in BLOCKS.values() for block in page for line in block.lines]
SKIPPED = [(block, line) for block, line in LINES if not_run(line) is not None]
SLOW = {block.page for block, line in LINES if not_run(line) is None}


def words(line: str) -> list[str]:
    return shlex.split(line, comments=True)


def ids(value: object) -> str | None:
    return value.page if isinstance(value, Block) else None


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[pytest.mark.slow] if page in SLOW else []) for page in BLOCKS]
)
def test_blocks_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, empty_hub_cache: Path) -> None:
    folder = tmp_path / "reader"
    folder.mkdir()
    monkeypatch.chdir(folder)
    hurry(monkeypatch)
    fill(page)
    for block in BLOCKS[page]:
        run(block, monkeypatch)


def test_most_of_it_runs() -> None:
    assert len(LINES) - len(SKIPPED) > 60


@pytest.mark.parametrize("pattern", NOT_RUN)
def test_every_row_of_the_table_is_used(pattern: str) -> None:
    assert any(not_run(line) == pattern for _, line in SKIPPED)


@pytest.mark.parametrize(("page", "name"), [(page, name) for page, names in GIVEN.items() for name in names])
def test_given_files_are_used(page: str, name: str) -> None:
    assert any(name.removesuffix(".py") in line for block, line in LINES if block.page == page)


@pytest.mark.parametrize(("block", "line"), [one for one in SKIPPED if re.search(r"\bmake \w", one[1])], ids=ids)
def test_make_has_the_targets(block: Block, line: str) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    said = words(line)
    assert set(said[said.index("make") + 1 :]) <= set(targets)


@pytest.mark.parametrize(("block", "line"), [one for one in SKIPPED if one[1].startswith("python ")], ids=ids)
def test_benchmarks_have_the_options(block: Block, line: str) -> None:
    script, *given = words(line)[1:]
    if script == "-m":
        script = f"{given.pop(0).replace('.', '/')}/__main__.py"
    text = (ROOT / script).read_text(encoding="utf-8")
    for word in given:
        if re.fullmatch(r"--?[\w-]+", word):  # not the options that another one holds in quotes
            assert re.search(rf'\badd(_argument)?\(.*"{word}"', text), word


@pytest.mark.parametrize(("block", "line"), [one for one in SKIPPED if one[1].startswith("pip ")], ids=ids)
def test_extras_exist(block: Block, line: str) -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    extras = re.findall(r"^(\w+) = \[", project.partition("[project.optional-dependencies]")[2], re.MULTILINE)
    for named in re.findall(r"\[([\w,]+)\]", line):
        assert set(named.split(",")) <= set(extras)
    assert "-c" not in words(line) or (ROOT / words(line)[words(line).index("-c") + 1]).is_file()


@pytest.mark.parametrize(("block", "line"), [one for one in SKIPPED if " models fetch " in one[1]], ids=ids)
def test_fetched_weights_are_in_the_catalogue(block: Block, line: str) -> None:
    assert words(line)[-1] in weights.CATALOGUE


def test_files_that_contributing_names_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    table = text.partition("## Ten changes")[2].partition("\n## ")[0]
    paths = {path for path in re.findall(r"`([\w/]+\.(?:py|md))`", table) if path != "cli/NAME.py"}
    assert len(paths) > 12
    for path in paths:
        folder = ROOT if path.startswith("docs/") else ROOT / "src" / "strokewise"
        assert (folder / path).is_file(), path


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("export/brush/brushwork.py", "_BRUSHES"),
        ("export/look.py", "BRUSHES"),
        ("settings.py", "PLACEMENTS"),
        ("export/files.py", "_WRITERS"),
        ("export/options.py", "ENDINGS"),
        ("export/options.py", "NEEDS"),
        ("cli/options.py", "SETTINGS_HELP"),
        ("photo/formats.py", "FORMATS"),
    ],
)
def test_names_that_contributing_gives_are_in_those_files(file: str, name: str) -> None:
    assert f"`{name}`" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    source = (ROOT / "src" / "strokewise" / file).read_text(encoding="utf-8")
    assert re.search(rf"^{name}\b", source, re.MULTILINE)
