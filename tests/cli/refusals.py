"""How a command refuses what a person got wrong: exit code 2, one line that names it and the fix, nothing written."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path
from typing import NoReturn

import pytest
from PIL import Image

from strokewise.cli import main


def png(width: int, height: int, grey: int = 255) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height), grey).save(buffer, "PNG")
    return buffer.getvalue()


PARK = ("cat", "dog", "okapi")


def furnish() -> None:
    """The files that the commands of `test_bad_commands` name."""
    Path("photo.png").write_bytes(png(64, 64))
    Path("there.svg").write_text("precious")
    Path("seen-preview.png").write_text("precious")
    for folder in ("rungs", "photo-ladder", "sheets", "hollow/cat", "photos/cat", "photos/dog", "zoo/okapi", "taken"):
        Path(folder).mkdir(parents=True)
    Path("rungs/photo-4.svg").write_text("precious")
    Path("photo-ladder/photo-4.svg").write_text("precious")
    Path("sheets/photo-ladder.png").write_text("precious")
    for path in ("photos/cat/1.png", "photos/dog/1.png", "zoo/okapi/1.png", *(f"park/{c}/1.png" for c in PARK)):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(png(64, 64))
    Path("taken/evaluation.json").write_text("precious")
    svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">'
    Path("empty.svg").write_text(f"{svg}</svg>")
    Path("line.svg").write_text(f'{svg}<path d="M 1 1 C 2 2 3 3 8 8" fill="none" stroke="black"/></svg>')
    Path("bomb.svg").write_text('<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + f"{svg}&b;</svg>")


@dataclasses.dataclass
class NeverAsked:
    """A recogniser that knows three classes, or any words, and must not be asked."""

    name: str = "never-asked"
    labels: tuple[str, ...] | None = ("cat", "dog", "horse")

    def probabilities(self, *arguments: object, **named: object) -> NoReturn:
        raise AssertionError("nothing should have been judged")


def assert_refused(arguments: list[str], part: str, capfd: pytest.CaptureFixture[str]) -> None:
    """The command ends with 2 and one line, and leaves every file as it was."""
    before = contents()
    code = main(arguments)
    out, err = capfd.readouterr()
    assert code == 2
    assert out == ""
    assert part in err
    assert len(err.splitlines()) == 1
    assert err.startswith("strokewise: ")
    assert err.endswith("\n")
    assert "Traceback" not in err
    assert contents() == before


def contents() -> dict[Path, bytes | None]:
    return {path: path.read_bytes() if path.is_file() else None for path in Path().rglob("*")}
