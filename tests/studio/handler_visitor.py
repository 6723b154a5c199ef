"""A visitor of the page without the page: what its events would call, and what they would show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from fake_optimizer import FakeOptimizer
from PIL import Image

from strokewise import Settings
from strokewise.photo.frame import Frame

if TYPE_CHECKING:
    from strokewise.studio.handlers import Studio
    from strokewise.studio.session import Session

LOOK = (0, "#000000", "white", "round", "", "none", 120)
"""Values of the controls of the look."""


def look(pens: str = "", tone: str = "none", lines: int = 120) -> tuple[Any, ...]:
    """Values of the controls of the look, with pens or with tone."""
    return (*LOOK[:4], pens, tone, lines)


def values(
    seed: int = 0,
    strokes: int = 3,
    pens: str = "",
    subject: str = "keep",
    levels: tuple[int, int] = (1, 1),
    text: str = "",
    weight: float = 1.0,
    one_line: bool = False,
    tone: str = "none",
    steps: int = 6,
) -> tuple[Any, ...]:
    """Values of the page's controls, in the order of `Controls.all`."""
    left = (strokes, subject, *levels, text, weight, seed, 1, steps, 0, one_line, [], "auto")
    return (*left, *look(pens, tone))


def request(visitor: str = "ann", language: str = "en") -> Any:
    return SimpleNamespace(session_hash=visitor, headers={"accept-language": language})


def seeds(session: Session) -> list[int]:
    """The seeds of the drawings to choose from."""
    return [drawing.sketch.metadata["settings"]["seed"] for drawing in session.drawings]


@pytest.fixture
def optimizer(monkeypatch: pytest.MonkeyPatch) -> FakeOptimizer:
    """In place of everything that takes long."""
    from strokewise import continuing
    from strokewise.studio import live_drawing, tasks

    optimizer = FakeOptimizer()

    def prepared(photo: Any, settings: Settings) -> Any:
        return SimpleNamespace(photo=photo, framed=SimpleNamespace(frame=Frame(224, 0.0, -20.0, 160.0)))

    monkeypatch.setattr(live_drawing, "UPDATE_INTERVAL", 0.0005)
    monkeypatch.setattr(tasks, "prepare_photo", prepared)
    monkeypatch.setattr(
        tasks,
        "draw_watched",
        lambda prepared, settings, callback: optimizer.work(settings.seed, callback, settings.strokes),
    )
    monkeypatch.setattr(
        continuing,
        "carry_on",
        lambda prepared, sketch, settings, *, add, callback: optimizer.work(900 + add, callback, len(sketch) + add),
    )
    return optimizer


@pytest.fixture
def two_photos(tmp_path: Path, disc_image: Callable[..., Image.Image]) -> tuple[str, str]:
    """Two files, of different sizes."""
    paths = []
    for name, size in (("red.png", (160, 120)), ("blue.png", (80, 100))):
        disc_image(*size, centre=(40, 40)).save(tmp_path / name)
        paths.append(str(tmp_path / name))
    return paths[0], paths[1]


class Visitor:
    """A visitor of the page.

    Attributes:
        page: what each component shows now, by its name.
    """

    def __init__(self, studio: Studio, name: str = "ann") -> None:
        self.studio, self.request = studio, request(name)
        self.page: dict[str, Any] = {}

    @property
    def session(self) -> Session:
        return self.studio.session(self.request)

    def choose_photo(self, file: str | None) -> None:
        self.finish(self.studio.take_photo(self.request, file, "keep", "auto"))

    def draw(self, count: int = 1, seed: int = 0) -> None:
        self.finish(self.studio.draw(self.request, count, *values(seed)))

    def draw_another(self, seed: int = 0) -> None:
        self.finish(self.studio.draw_another(self.request, *values(seed)))

    def finish(self, updates: Iterator[dict[str, Any]]) -> None:
        for shown in updates:
            self.page.update(shown)

    def watch(self, updates: Iterator[dict[str, Any]], optimizer: FakeOptimizer) -> Iterator[dict[str, Any]]:
        """Start a drawing that runs until `optimizer.hold` is cleared, and wait until its strokes are shown."""
        optimizer.hold.set()
        for shown in updates:
            self.page.update(shown)
            if "sw-drawing-now" in self.page.get("sheet", ""):
                return updates
        raise AssertionError("no strokes were shown")


@pytest.fixture
def visitor(optimizer: FakeOptimizer, two_photos: tuple[str, str]) -> Iterator[Visitor]:
    """A visitor who has chosen a photo."""
    from strokewise import Settings
    from strokewise.studio.handlers import Studio
    from strokewise.studio.limits import Limits

    visitor = Visitor(Studio(Limits(), Settings()))
    visitor.choose_photo(two_photos[0])
    yield visitor
    optimizer.hold.clear()
