"""Someone before the studio's page, in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio_server import Server

PATIENCE = 90_000  # milliseconds; nothing here takes so long on a machine that is not busy


class Visitor:
    """Someone before the page.

    Attributes:
        page: Playwright's.
        outside: addresses that the browser asked for elsewhere.
        errors: what went wrong in the page's scripts.
    """

    def __init__(self, browser: Any, studio: Server, **options: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-US", **options})
        self.page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self._asked(request.url, studio.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.url = studio.url
        self.open()

    def _asked(self, url: str, home: str) -> None:
        if not url.startswith((home, "data:", "blob:")):
            self.outside.append(url)

    def open(self) -> None:
        """The page, anew."""
        self.page.goto(self.url)
        self.page.wait_for_selector(".sw-blank p")

    def set_up(self, path: Path, steps: int = 6, strokes: int = 6, count: int = 1) -> None:
        """A photo, and settings that do not take long."""
        self.page.click("#sw-more > button")
        self.fill("#sw-steps", steps)
        self.fill("#sw-count", count)
        self.fill("#sw-starts", 1)
        self.page.click("#sw-more > button")
        self.fill("#sw-strokes", strokes)
        self.put(path)

    def fill(self, place: str, value: float) -> None:
        """Type a number into a slider's field."""
        field = self.page.locator(f"{place} input[type=number]")
        field.fill(str(value))
        field.press("Tab")

    def put(self, path: Path) -> None:
        """A photo into the field, and wait until it has been looked at."""
        self.page.set_input_files("#sw-photo input[type=file]", path)
        self.page.wait_for_function("document.querySelector('#sw-note').innerText.includes('Ready')")

    def draw(self) -> None:
        """Draw, and wait for the end."""
        self.watch_sheet()
        self.page.click("#sw-draw")
        self.wait_drawn()

    def wait_drawn(self) -> None:
        """Until there is another drawing on the sheet, and nothing is being drawn any more."""
        self.page.wait_for_selector("#sw-sheet .sw-sheet:not([data-old]) .sw-hit", state="attached")
        self.page.wait_for_selector("#sw-draw", state="visible")

    def watch_sheet(self) -> None:
        """Mark the sheet as it is, so that `wait_drawn` knows another one."""
        self.page.eval_on_selector("#sw-sheet .sw-sheet", "sheet => { sheet.dataset.old = 1; }")

    def wait_rest(self) -> None:
        """Until nothing is being drawn any more."""
        self.page.wait_for_selector("#sw-sheet .sw-hit", state="attached")
        self.page.wait_for_selector("#sw-draw", state="visible")

    def shapes(self, selector: str = "#sw-sheet .sw-hit") -> list[str]:
        """The strokes on the sheet, as path data."""
        found: list[str] = self.page.eval_on_selector_all(selector, "all => all.map(e => e.getAttribute('d'))")
        return found

    def press(self, button: str, said: str) -> None:
        """Press a button, and wait until the page says so."""
        self.page.click(button)
        self.page.wait_for_function("text => document.querySelector('#sw-note').innerText.includes(text)", arg=said)

    def pick(self, number: int) -> None:
        """Click a stroke; where strokes cross, the one that is meant."""
        self.page.locator("#sw-sheet .sw-hit").nth(number).dispatch_event("click")

    def download(self, button: str) -> tuple[str, bytes]:
        """A file's name and bytes."""
        with self.page.expect_download() as coming:
            self.page.click(button)
        return coming.value.suggested_filename, Path(coming.value.path()).read_bytes()

    def command(self) -> str:
        """The command lines that the page tells."""
        text: str = self.page.input_value("#sw-command textarea")
        return text
