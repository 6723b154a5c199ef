"""Headless visitors for the tests that use the studio in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw
from studio_server import Server
from studio_visitor import Visitor

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader",
]  # fmt: skip


def photo(path: Path, colors: tuple[str, str], box: tuple[int, int, int, int]) -> Path:
    """Write a picture of a cup-like shape to a file."""
    image = Image.new("RGB", (240, 180), colors[0])
    pen = ImageDraw.Draw(image)
    pen.ellipse(box, fill=colors[1])
    pen.rectangle((box[0] + 20, box[3] - 30, box[2] - 20, box[3] + 20), fill="#804020")
    image.save(path)
    return path


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two different pictures."""
    folder = tmp_path_factory.mktemp("pictures")
    first = photo(folder / "red.png", ("#e8e4da", "#b02020"), (60, 30, 180, 120))
    return first, photo(folder / "blue.png", ("#203040", "#d0e0f0"), (20, 20, 100, 140))


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Any]:
    """A headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api", reason="tests in a browser need playwright")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def visit(browser: Any, studio: Server) -> Iterator[Any]:
    """Makes visitors, and checks that their pages used no other server and had no errors in scripts."""
    visitors: list[Visitor] = []

    def visit(**options: Any) -> Visitor:
        visitors.append(Visitor(browser, studio, **options))
        return visitors[-1]

    yield visit
    for visitor in visitors:
        visitor.context.close()
    assert [visitor.foreign_requests for visitor in visitors] == [[] for _ in visitors]
    assert [visitor.errors for visitor in visitors] == [[] for _ in visitors]
