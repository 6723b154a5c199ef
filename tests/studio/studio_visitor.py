"""A visitor of the studio's page, in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio_server import Server

TIMEOUT = 90_000  # milliseconds; much longer than anything here takes on an idle machine


class Visitor:
    """A visitor of the page.

    Attributes:
        page: the page in Playwright.
        foreign_requests: addresses on other servers that the browser asked for.
        errors: of the page's scripts.
    """

    def __init__(self, browser: Any, studio: Server, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-US", **options})
        self.page = self.context.new_page()
        self.page.set_default_timeout(TIMEOUT)
        self.foreign_requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self._record(request.url, studio.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.url = studio.url
        self.open()

    def _record(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:", "blob:")):
            self.foreign_requests.append(url)

    def open(self) -> None:
        """Load the page."""
        self.page.goto(self.url)
        self.page.wait_for_selector(".sw-blank p")

    def set_up(self, path: Path, steps: int = 6, strokes: int = 6, count: int = 1) -> None:
        """Choose a photo, and settings that do not take long."""
        self.page.click("#sw-more > button")
        self.fill("#sw-steps", steps)
        self.fill("#sw-count", count)
        self.fill("#sw-starts", 1)
        self.page.click("#sw-more > button")
        self.fill("#sw-strokes", strokes)
        self.choose_photo(path)

    def fill(self, selector: str, value: float) -> None:
        """Type a number into a slider's field."""
        field = self.page.locator(f"{selector} input[type=number]")
        field.click()  # waits until it has stopped moving: what is typed while its group opens gets lost
        field.fill(str(value))
        field.press("Tab")

    def choose_photo(self, path: Path) -> None:
        """Choose a photo, and wait until it is ready to draw."""
        self.page.set_input_files("#sw-photo input[type=file]", path)
        self.page.wait_for_function("document.querySelector('#sw-note').innerText.includes('Ready')")

    def draw(self) -> None:
        """Draw, and wait until the drawing is done."""
        self.watch_sheet()
        self.page.click("#sw-draw")
        self.wait_drawn()

    def wait_drawn(self) -> None:
        """Wait until there is another drawing on the sheet, and nothing is being drawn."""
        self.page.wait_for_selector("#sw-sheet .sw-sheet:not([data-old]) .sw-hit", state="attached")
        self.page.wait_for_selector("#sw-draw", state="visible")

    def watch_sheet(self) -> None:
        """Mark the sheet as old, so that `wait_drawn` can tell the next one from it."""
        self.page.eval_on_selector("#sw-sheet .sw-sheet", "sheet => { sheet.dataset.old = 1; }")

    def wait_rest(self) -> None:
        """Wait until nothing is being drawn."""
        self.page.wait_for_selector("#sw-sheet .sw-hit", state="attached")
        self.page.wait_for_selector("#sw-draw", state="visible")

    def shapes(self, selector: str = "#sw-sheet .sw-hit") -> list[str]:
        """The strokes on the sheet, as path data."""
        found: list[str] = self.page.eval_on_selector_all(selector, "all => all.map(e => e.getAttribute('d'))")
        return found

    def press(self, button: str, note: str) -> None:
        """Press a button, and wait until the line below the sheet contains `note`."""
        self.page.click(button)
        self.page.wait_for_function("text => document.querySelector('#sw-note').innerText.includes(text)", arg=note)

    def pick(self, number: int) -> None:
        """Click a stroke, even where another one lies over it."""
        self.page.locator("#sw-sheet .sw-hit").nth(number).dispatch_event("click")

    def download(self, button: str) -> tuple[str, bytes]:
        """Press a button, and return name and bytes of the file that it downloads."""
        with self.page.expect_download() as event:
            self.page.click(button)
        return event.value.suggested_filename, Path(event.value.path()).read_bytes()

    def command(self) -> str:
        """The command lines on the page."""
        text: str = self.page.input_value("#sw-command textarea")
        return text
