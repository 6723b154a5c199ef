"""The code blocks of the documentation: finding them, giving them the files they need, and running them.

    fill("README.md")
    for block in blocks("README.md"):
        run(block, monkeypatch)

Each Python block runs separately and unchanged. Shell lines run one after another in this process. Both draw with the
settings of QUICK, unless the block sets others.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import importlib.util
import io
import json
import re
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from markdown_it import MarkdownIt
from PIL import Image

from strokewise import Settings, Sketch, cli
from strokewise.batch import draw_many
from strokewise.encoders import registry
from strokewise.encoders.efficientnet_lite import EfficientNetLite0
from strokewise.export import from_json
from strokewise.export.film.timelapse import Timelapse
from strokewise.photo import preparing, subject

ROOT = Path(__file__).parents[1]
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md")))
]
LANGUAGES = {"python": "python", "py": "python", "json": "json", "text": "text"} | dict.fromkeys(
    ("", "sh", "bash", "console"), "shell"
)
"""Kind of a block by the word at its fence; indented blocks have none. "text" is a diagram and is not run."""

QUICK = {"steps": 2, "candidates": 1, "size": 64}
"""Settings of lines and blocks that do not set them."""
WORKERS, FPS, SECONDS = 1, 2, 1
PLACEMENT_SIZE, SEEN = 112, 32
"""Sides of the square for placement and of the square that the encoder gets, pixels."""

NOT_RUN = {
    r"make \w+": "makes an environment of its own: installs, or runs these very tests",
    r"pip install ": "installs",
    r"docker build ": "builds an image",
    r"python (benchmarks/|-m benchmarks\.)": "measures for minutes or hours, and writes where figures are kept",
    r"strokewise models fetch ": "needs the network, for hundreds of megabytes",
    r"strokewise draw \S+ --subject-model ": "needs the network, and a package that the test extra cannot have",
    r"strokewise install-inkscape": "writes into Inkscape's own folder; its tests write elsewhere",
    r"strokewise studio": "serves until Ctrl-C; the tests of the studio start and end it",
    r"id=\$\(curl ": "needs the studio's server; the tests of the studio run it",
    r"curl ": "needs the studio's server; the tests of the studio run it",
    r"from gradio_client ": "needs the studio's server; the tests of the studio ask it in the same way",
}
"""Shell lines and Python blocks that begin like this (regular expressions) are not run; the reason."""

NEEDS = {r"\.(hpgl|gcode)\b": "vpype"}
"""Lines and blocks that match need this package, which the test extra does not install on every Python."""

GIVEN = {
    "README.md": ("cat.svg", "mine.svg", "page.png"),
    "docs/abstraction.md": ("scan.png",),
    "docs/carry-on.md": ("horse.svg",),
    "docs/encoders.md": ("my_encoders.py",),
    "docs/formats.md": ("cat.svg",),
    "docs/trace.md": ("page.png", "logo.png"),
    "docs/words.md": ("list.csv",),
}
"""Drawings that a page takes for granted, lists of its photos, and modules with the classes of its Python blocks.
Photos that a page names and the folder `photos` are always created."""

FOLDER = ("photos/cat/1.jpg", "photos/dog/1.jpg")


@dataclasses.dataclass(frozen=True)
class Block:
    """A code block.

    Attributes:
        page: path of its document in the repository.
        line: its first line in the document, from 1.
        kind: "python", "shell", "json" or "text".
        text: its content.
    """

    page: str
    line: int
    kind: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The units that are run: a whole Python block, or each shell line except comments and names of photos."""
        if self.kind != "shell":
            return [self.text] if self.kind == "python" else []
        said = [line.strip() for line in self.text.splitlines()]
        return [line for line in said if line and not line.startswith("#") and not re.fullmatch(r"[\w/-]+\.jpg", line)]


def blocks(page: str) -> list[Block]:
    """The code blocks of a document, in order.

    Raises:
        KeyError: one is in a language that is not in LANGUAGES.
    """
    tokens = MarkdownIt().parse((ROOT / page).read_text(encoding="utf-8"))
    return [
        Block(page, token.map[0] + 1, LANGUAGES[token.info.strip()], token.content)
        for token in tokens
        if token.type in ("fence", "code_block") and token.map is not None
    ]


def not_run(line: str) -> str | None:
    """The pattern of NOT_RUN that a line matches, or None."""
    return next((pattern for pattern in NOT_RUN if re.match(pattern, line)), None)


def fill(page: str) -> None:
    """Create the files that a document takes for granted in the current folder."""
    text = "\n".join(block.text for block in blocks(page))
    names = set(re.findall(r"[\w/-]+\.jpg", text)) | (set(FOLDER) if re.search(r"\bphotos\b", text) else set())
    with Image.open(ROOT / "examples" / "chelsea.jpg") as photo:
        for number, name in enumerate(sorted(names)):
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            photo.resize((180 + number, 120)).save(name)
    for name in set(re.findall(r"[\w/-]+-mask\.png", text)):
        with Image.open(name.replace("-mask.png", ".jpg")) as photo:
            mask = Image.new("L", photo.size)
        mask.paste(255, (40, 20, 140, 100))
        mask.save(name)
    for name in GIVEN.get(page, ()):
        if name.endswith(".py"):
            Path(name).write_text("\n".join(_classes(page)), encoding="utf-8")
            continue
        if name.endswith(".csv"):
            Path(name).write_text(
                "".join(["path,title\n", *(f"{one},cat\n" for one in sorted(names))]), encoding="utf-8"
            )
            continue
        Sketch.of((180, 120), [[(x, 20), (x + 10, 50), (x - 10, 70), (x, 100)] for x in range(20, 180, 20)]).save(name)


def _classes(page: str) -> Iterator[str]:
    """Imports and classes of a document's Python blocks."""
    for block in blocks(page):
        for node in ast.parse(block.text).body if block.kind == "python" else ():
            if isinstance(node, (ast.Import, ast.ImportFrom, ast.ClassDef)):
                yield ast.unparse(node)


def run(block: Block, patch: pytest.MonkeyPatch) -> None:
    """Run a block in the current folder.

    Raises:
        AssertionError: a line failed, did not write a file that it names, or cannot be run.
        Exception: any exception of a Python block.
    """
    if block.kind == "json":
        said = json.loads(block.text)
        if "format" in said:
            from_json(block.text)
    for line in block.lines:
        if not_run(line) is None and not _missing(line):
            with _of_its_own(patch):
                _run_python(block, patch) if block.kind == "python" else _run_line(block, line)


def hurry(patch: pytest.MonkeyPatch) -> None:
    """Make drawing in this process quick: small pictures, and the subject of each photo found only once."""
    patch.setattr(preparing, "PLACEMENT_SIZE", PLACEMENT_SIZE)
    patch.setattr(EfficientNetLite0, "input_size", SEEN)
    patch.setattr(Timelapse.__init__, "__defaults__", (128, FPS, float(SECONDS)))
    patch.setitem(draw_many.__kwdefaults__ or {}, "workers", WORKERS)
    known: dict[bytes, np.ndarray] = {}
    find = subject._predict

    def predict(image: np.ndarray) -> np.ndarray:
        key = image.tobytes()
        if key not in known:
            known[key] = find(image)
        return known[key].copy()

    patch.setattr(subject, "_predict", predict)


def _missing(line: str) -> bool:
    """Whether a package that a line or block needs is missing."""
    said = re.sub(r"\s#.*", "", line)
    return any(re.search(what, said) and importlib.util.find_spec(name) is None for what, name in NEEDS.items())


@contextlib.contextmanager
def _of_its_own(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Encoders and modules as in a new process, with modules of the current folder importable."""
    before = set(sys.modules)
    with patch.context() as fresh:
        fresh.setattr(registry, "_LOADERS", dict(registry._LOADERS))
        fresh.setattr(sys, "path", list(sys.path))
        try:
            yield
        finally:
            for name in set(sys.modules) - before:
                if Path(getattr(sys.modules[name], "__file__", None) or "/").parent == Path.cwd():
                    del sys.modules[name]


def _run_python(block: Block, patch: pytest.MonkeyPatch) -> None:
    """Run a block without the variables of other blocks; their files are there."""
    tree = ast.parse("\n" * (block.line - 1) + block.text, block.page)
    written = [Path(name) for name in _saved(tree)]
    for path in written:
        _remove(path)
    with patch.context() as quick:
        usual = Settings.__init__.__defaults__ or ()
        names = [field.name for field in dataclasses.fields(Settings)]
        values = tuple(QUICK.get(name, value) for name, value in zip(names, usual, strict=True))
        quick.setattr(Settings.__init__, "__defaults__", values)
        exec(compile(tree, f"{block.page}, from line {block.line}", "exec"), {})
    for path in written:
        assert _is_something(path), f"{block.page}: the block of line {block.line} did not write {path}"


def _saved(tree: ast.AST) -> Iterator[str]:
    """Files and folders that `.save("NAME")` names."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "save":
            first = node.args[0]
            if isinstance(first, ast.Constant):
                yield str(first.value)


def _run_line(block: Block, line: str) -> None:
    """Run a line that calls the program. Lines are independent, so files that it will write are removed first."""
    where = f"{block.page}, block of line {block.line}: {line}"
    program, *words = shlex.split(line, comments=True)
    assert program == "strokewise" and "&&" not in words, f"{where}: no way to run this is known; see NOT_RUN"
    name, context = parse(words)
    options = {option.name: option.opts for option in context.command.params}
    hurried = {"workers": WORKERS, "fps": FPS} | (QUICK if set(QUICK) <= set(options) else {})
    if re.search(r"\.(gif|webp|mp4)\b", line):
        hurried["seconds"] = SECONDS  # only films accept this option
    for option, value in hurried.items():
        if option in options and not set(options[option]) & set(words):
            words += [f"--{option}", str(value)]
    written = [path for path in _written(name, context.params) if path != Path("-")]
    read = _read(context.params)
    for path in written:
        if path not in read:
            _remove(path)
    # What goes to standard output may be bytes, which pytest's own capture cannot read.
    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(stream):
        code = cli.main(words)
    assert code == 0, f"{where}: exit code {code}"
    if "-o -" in " ".join(words):
        assert stream.buffer.tell(), f"{where}: nothing came"
    for path in written:
        assert _is_something(path), f"{where}: did not write {path}"


def parse(words: list[str]) -> tuple[str, Any]:
    """The command that these words call, and its Click context; options are parsed, nothing runs."""
    command: Any = typer.main.get_command(cli.app)
    rest = list(words)
    while hasattr(command, "commands"):
        name = rest.pop(0)
        command = command.commands[name]
    with command.make_context(name, rest) as context:
        return name, context


def _written(name: str, given: dict[str, Any]) -> list[Path]:
    """Files and folders that a command writes, from its options (strings or paths, depending on Typer's version)."""
    usual = {"draw": "{}.svg", "fewest": "{}.svg", "ladder": "{}-ladder"}
    written = []
    if name in usual:
        written.append(Path(given["output"] or usual[name].format(Path(given["photo"]).stem)))
    elif given.get("output") is not None:
        written.append(Path(given["output"]))
    if name in ("draw", "fewest") and given["png"]:
        written.append(written[0].with_name(f"{written[0].stem}-preview.png"))
    if given.get("timelapse") is not None:
        written.append(Path(given["timelapse"]))
    return written


def _read(given: dict[str, Any]) -> list[Path]:
    """Files that a command reads; they are not removed, so that writing to them is refused as for a user."""
    return [Path(given[name]) for name in ("photo", "sketch") if given.get(name) is not None]


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    with contextlib.suppress(FileNotFoundError):
        path.unlink()


def _is_something(path: Path) -> bool:
    """Whether a file or folder is not empty."""
    return any(path.iterdir()) if path.is_dir() else path.is_file() and path.stat().st_size > 0
