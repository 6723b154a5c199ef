"""The studio in a real browser, from upload to download."""

from __future__ import annotations

import io
import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from studio_server import Server
from studio_visitor import Visitor

from strokewise import Settings, cli, from_svg

pytest.importorskip("gradio", reason="the studio is an extra: pip install 'strokewise[studio]'")
pytest.importorskip("playwright.sync_api", reason="tests in a browser need playwright")
pytestmark = pytest.mark.slow


def test_from_upload_to_download(
    visit: Any, photos: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    visitor.set_up(photos[0], steps=400)

    # Strokes move while it is drawn, and stopping keeps the best.
    page.click("#sw-draw")
    page.wait_for_function("/Step [1-9]/.test(document.querySelector('#sw-note').innerText)")
    seen = set()
    end = time.monotonic() + 60
    while len(seen) < 4 and time.monotonic() < end:
        seen.add(tuple(visitor.shapes(".sw-live path")))
        page.wait_for_timeout(100)
    assert len(seen - {()}) >= 3
    page.click("#sw-stop")
    visitor.wait_rest()
    assert "Stopped" in page.inner_text("#sw-note")
    assert len(visitor.shapes()) == 6
    assert "stopped early" in visitor.command()

    # Candidates: two are drawn, one is chosen by hand.
    visitor.page.click("#sw-more > button")
    visitor.fill("#sw-steps", 4)
    visitor.fill("#sw-count", 2)
    visitor.page.click("#sw-more > button")
    visitor.draw()
    chosen = page.locator("#sw-candidates button[aria-pressed=true]")
    other = page.locator("#sw-candidates button[aria-pressed=false]")
    assert chosen.count() == other.count() == 1
    before, number = visitor.shapes(), other.get_attribute("data-drawing")
    page.click(f"#sw-candidates button[data-drawing='{number}']")
    page.wait_for_selector(f"#sw-candidates button[data-drawing='{number}'][aria-pressed=true]")
    drawn = visitor.shapes()
    assert drawn != before

    # The command line makes the same bytes in a terminal.
    name, svg = visitor.download("#sw-get-svg")
    assert name == "red.svg"
    program, *arguments = visitor.command().splitlines()[0].split()
    assert program == "strokewise" and arguments[:2] == ["draw", "red.png"]
    (tmp_path / "red.png").write_bytes(photos[0].read_bytes())
    monkeypatch.chdir(tmp_path)
    assert cli.main([*arguments, "--quiet"]) == 0
    assert (tmp_path / "red.svg").read_bytes() == svg
    assert from_svg(svg).metadata["settings"]["strokes"] == 6 != Settings().strokes

    # Lock two strokes, delete one, undo that, and carry on: locked strokes do not change at all.
    visitor.pick(0)
    visitor.pick(1)
    visitor.press("#sw-lock", "2 strokes are locked")
    visitor.pick(3)
    visitor.press("#sw-delete", "5 strokes left")
    visitor.press("#sw-undo", "Undone")
    assert visitor.shapes() == drawn
    assert page.locator("#sw-sheet .sw-locked").count() == 2
    page.fill("#sw-add input", "2")
    page.press("#sw-add input", "Tab")
    visitor.watch_sheet()
    page.click("#sw-carry-on")
    visitor.wait_drawn()
    carried = visitor.shapes()
    assert len(carried) == 8
    assert carried[:2] == drawn[:2]
    assert carried[2:6] != drawn[2:6]
    assert "--from red-before.svg --add 2" in visitor.command()

    # Each download is a file of its format.
    check_downloads(visitor)


def check_downloads(visitor: Visitor) -> None:
    """Download and check all formats."""
    for button in visitor.page.locator("#sw-downloads button").all():
        where = button.get_attribute("id")
        name, data = visitor.download(f"#{where}")
        assert name.startswith("red"), name
        if name.endswith(".json"):
            assert len(json.loads(data)["strokes"]) == 8
        elif name.endswith(".pdf"):
            assert data.startswith(b"%PDF-") and b"%%EOF" in data[-64:]
        elif name.endswith((".png", ".gif")):
            with Image.open(io.BytesIO(data)) as image:
                image.load()
                assert getattr(image, "n_frames", 1) > 5 or name.endswith(".png")
                image.seek(getattr(image, "n_frames", 1) - 1)  # the finished drawing
                assert image.convert("L").getextrema()[0] < 100  # something is drawn on it
        elif name == "red-moving.svg":
            assert b"@keyframes" in data and b"<script" not in data
        elif name == "red-plotter.svg":
            assert re.search(rb'width="[\d.]+mm"', data)
        else:
            sketch = from_svg(data)
            assert len(sketch) == 8 and sketch.locked.tolist() == [True] * 2 + [False] * 6
    assert visitor.page.locator("#sw-downloads button").count() >= 5


def test_compare_and_look(visit: Any, photos: tuple[Path, Path]) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    visitor.set_up(photos[0], steps=2)
    visitor.draw()
    page.get_by_role("tab", name="Compare").click()
    page.wait_for_function("document.querySelectorAll('#sw-compare img').length >= 2")
    page.get_by_text("Night", exact=True).click()
    page.wait_for_function(
        "getComputedStyle(document.querySelector('.sw-sheet')).backgroundColor === 'rgb(31, 36, 48)'"
    )
    assert "--paper '#1f2430'" in visitor.command()


def test_a_phone_and_other_languages(visit: Any, photos: tuple[Path, Path]) -> None:
    visitor: Visitor = visit(viewport={"width": 360, "height": 740}, locale="ja-JP", has_touch=True, is_mobile=True)
    page = visitor.page
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.inner_text("#sw-draw").strip() == "描く"
    assert page.inner_text(".sw-blank p") == "写真を入れて、描いてください。"
    visitor.page.click("#sw-more > button")
    visitor.fill("#sw-steps", 2)
    visitor.fill("#sw-starts", 1)
    page.locator(".sw-examples button").nth(1).tap()
    page.wait_for_function("document.querySelector('#sw-note').innerText.includes('描く準備')")
    visitor.watch_sheet()
    page.tap("#sw-draw")
    visitor.wait_drawn()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    sheet = page.locator(".sw-sheet").bounding_box()
    assert sheet is not None and 280 < sheet["width"] <= 360 and sheet["y"] < 740
    chinese: Visitor = visit(locale="zh-CN")
    assert chinese.page.inner_text("#sw-draw").strip() == "开始画"
    german: Visitor = visit(locale="de-DE")
    assert german.page.inner_text("#sw-draw").strip() == "Draw"


def test_the_keyboard_reaches_everything(visit: Any, photos: tuple[Path, Path]) -> None:
    visitor: Visitor = visit(color_scheme="dark")
    page = visitor.page
    assert "dark" in page.evaluate("document.body.className")
    visitor.set_up(photos[0], steps=2)
    page.focus("#sw-draw")
    visitor.watch_sheet()
    page.keyboard.press("Enter")
    visitor.wait_drawn()
    page.focus("#sw-sheet .sw-hit[tabindex='0']")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.keyboard.press("l")
    page.wait_for_selector("#sw-sheet .sw-hit.sw-locked[data-stroke='1']", state="attached")
    unnamed = page.eval_on_selector_all(
        "button, a[href], input, select, textarea, img",
        """all => all.filter((e) => e.offsetParent !== null && e.type !== "file" && !(
            e.innerText?.trim() || e.getAttribute("aria-label") || e.title || e.labels?.length || e.alt !== undefined
            || e.closest("label") || e.getAttribute("aria-labelledby") || e.placeholder)
        ).map((e) => e.outerHTML.slice(0, 120))""",
    )
    assert unnamed == []


def test_two_visitors_at_once(visit: Any, photos: tuple[Path, Path]) -> None:
    first, second = visit(), visit()
    first.set_up(photos[0], steps=400)
    second.set_up(photos[1], steps=3, strokes=5)
    first.page.click("#sw-draw")
    first.page.wait_for_selector(".sw-drawing-now")
    second.watch_sheet()
    second.page.click("#sw-draw")
    second.page.wait_for_function("/queue: *1/.test(document.querySelector('#sw-note').innerText)")
    first.page.click("#sw-stop")
    first.wait_rest()
    second.wait_drawn()
    assert (len(first.shapes()), len(second.shapes())) == (6, 5)
    assert "red.png" in first.command() and "blue.png" in second.command()
    assert not set(first.shapes()) & set(second.shapes())
    for visitor, other in ((first, "blue.png"), (second, "red.png")):
        assert other not in visitor.page.content()


def test_loading_the_page_again_stops_the_drawing(visit: Any, studio: Server, photos: tuple[Path, Path]) -> None:
    visitor: Visitor = visit()
    said = len(studio.log)  # output of other tests, some of which cause errors
    visitor.set_up(photos[0], steps=1000)
    visitor.page.click("#sw-draw")
    visitor.page.wait_for_selector(".sw-drawing-now")
    visitor.open()
    assert visitor.shapes() == []
    visitor.set_up(photos[1], steps=2, strokes=5)
    visitor.draw()  # waits for the device, which the first drawing must have released
    assert len(visitor.shapes()) == 5
    assert "Traceback" not in studio.log[said:]


def test_files_that_cannot_be_drawn_give_a_message(
    visit: Any, studio: Server, photos: tuple[Path, Path], tmp_path: Path
) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    (tmp_path / "text.png").write_text("not a picture")
    entities = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))
    kind = f'<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa">{entities}]>'
    bomb = f'<?xml version="1.0"?>{kind}<svg xmlns="http://www.w3.org/2000/svg"><text>&j;</text></svg>'
    (tmp_path / "bomb.svg").write_text(bomb)
    with (tmp_path / "large.jpg").open("wb") as large:
        large.truncate(50_000_000)
    page.click("#sw-draw")
    page.get_by_text("Choose a photo first").first.wait_for()
    page.wait_for_selector("#sw-draw", state="visible")  # in place of Stop
    for name in ("text.png", "bomb.svg", "large.jpg"):
        visitor.open()
        page.set_input_files("#sw-photo input[type=file]", tmp_path / name)
        message = page.locator(".toast-body, .toast-wrap, .error").first
        message.wait_for()
        assert "Traceback" not in message.inner_text()
    visitor.open()
    visitor.set_up(photos[0], steps=2)
    visitor.draw()
    assert len(visitor.shapes()) == 6


def test_ladder_and_fewest_strokes(visit: Any, photos: tuple[Path, Path]) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    visitor.set_up(photos[0], steps=2)

    page.get_by_role("tab", name="Ladder").click()
    row = page.locator(".sw-ask", has=page.locator("#sw-ladder"))
    row.locator("input, textarea").first.fill("6, 3")
    page.click("#sw-ladder")
    page.wait_for_function("document.querySelectorAll('#sw-row svg').length === 2")
    page.wait_for_selector("#sw-draw", state="visible")
    page.locator("#sw-row button").last.click()
    page.get_by_role("tab", name="Drawing", exact=True).click()
    page.wait_for_function("document.querySelectorAll('#sw-sheet .sw-hit').length === 3")

    page.get_by_role("tab", name="Fewest strokes").click()
    row = page.locator(".sw-ask", has=page.locator("#sw-fewest"))
    row.locator("input:not([type=number]):not([type=range]), textarea").first.fill("cup")
    page.click("#sw-fewest")
    page.wait_for_function("document.querySelector('#sw-found').innerText.includes('%')")
    page.wait_for_selector("#sw-draw", state="visible")
    assert "cup" in page.inner_text("#sw-note")
    assert len(visitor.shapes()) >= 1
