"""Masks, pens, traces and uncommon files in a real browser."""

from __future__ import annotations

import base64
import io
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw
from studio_visitor import Visitor

from strokewise import cli, from_svg

pytest.importorskip("gradio", reason="the studio is an extra: pip install 'strokewise[studio]'")
pytest.importorskip("playwright.sync_api", reason="tests in a browser need playwright")
pytestmark = pytest.mark.slow


def open_subject(visitor: Visitor) -> None:
    """Go to the page of the subject, and wait for what is painted on."""
    visitor.page.get_by_role("tab").nth(2).click()
    visitor.page.wait_for_selector("#sw-mask canvas")


def stroke(visitor: Visitor, number: int, *points: tuple[float, float]) -> None:
    """Drag the brush over points in shares of the photo, and wait until the server has painted stroke `number`."""
    page, canvas = visitor.page, visitor.page.locator("#sw-mask canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()
    page.wait_for_selector(f"#sw-mask .sw-painting[data-stroke='{number}']")


def mask_of(visitor: Visitor) -> tuple[str, Any]:
    """Name and pixels of the mask, as the page saves it."""
    name, data = visitor.download("#sw-save-mask")
    with Image.open(io.BytesIO(data)) as image:
        return name, np.asarray(image.convert("L"))


@pytest.fixture
def arm(tmp_path: Path) -> Path:
    """A dark bar on light ground, from 60 to 180 across and 70 to 110 down, of 240 x 180."""
    image = Image.new("RGB", (240, 180), "#e0d8c8")
    ImageDraw.Draw(image).rectangle((60, 70, 179, 109), fill="#603828")
    image.save(tmp_path / "arm.png")
    return tmp_path / "arm.png"


def test_a_rough_stroke_is_drawn_as_the_command_line_draws_it(
    visit: Any, arm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    visitor.set_up(arm, steps=2, strokes=4)
    open_subject(visitor)
    # All that was found is taken away, by a round brush; then one rough stroke gives the bar again.
    page.get_by_text("Takes away", exact=True).click()
    page.click("#sw-brush-follow input")
    visitor.fill("#sw-brush-size", 160)
    stroke(visitor, 1, (0.1, 0.45), (0.9, 0.45))
    stroke(visitor, 2, (0.1, 0.6), (0.9, 0.6))
    assert mask_of_painting(visitor).max() == 0
    page.get_by_text("Adds", exact=True).click()
    page.click("#sw-brush-follow input")
    visitor.fill("#sw-brush-size", 120)
    stroke(visitor, 3, (0.32, 0.47), (0.45, 0.54), (0.58, 0.46), (0.68, 0.5))
    name, mask = mask_of(visitor)
    truth = np.zeros((180, 240), bool)
    truth[70:110, 60:180] = True
    found = np.asarray(Image.fromarray(mask).resize((240, 180))) > 127
    assert name == "arm-mask.png" and (found & truth).sum() / (found | truth).sum() > 0.95

    page.click("#sw-mask-use")
    page.wait_for_function("document.querySelector('#sw-mask-note').innerText.includes('Only the painted part')")
    page.get_by_role("tab", name="Drawing").click()
    visitor.draw()
    comment, command = visitor.command().splitlines()
    assert "save it with “Save mask” as arm-mask.png" in comment
    page.get_by_role("tab", name="Subject").click()
    page.wait_for_selector("#sw-save-mask", state="visible")
    name, data = visitor.download("#sw-save-mask")
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_bytes(data)
    assert cli.main([*command.split()[1:], "--quiet"]) == 0
    assert (tmp_path / "arm.svg").read_bytes() == visitor.download("#sw-get-svg")[1]

    page.click("#sw-reset-mask")
    page.wait_for_function("document.querySelector('#sw-mask-note').innerText.includes('whole photo again')")
    page.wait_for_function("document.querySelector('#sw-command textarea').value === ''")


def mask_of_painting(visitor: Visitor) -> Any:
    """The layer over the photo, as the browser has it: alpha, [height, width]."""
    source = visitor.page.get_attribute("#sw-mask .sw-painting img", "src")
    assert source is not None
    with Image.open(io.BytesIO(base64.b64decode(source.split(",", 1)[1]))) as image:
        return np.asarray(image.convert("RGBA"))[..., 3]


def test_strokes_made_faster_than_the_answers_all_count(visit: Any, arm: Path) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    visitor.set_up(arm, steps=2)
    open_subject(visitor)
    page.click("#sw-brush-follow input")
    page.get_by_text("Takes away", exact=True).click()
    visitor.fill("#sw-brush-size", 160)
    stroke(visitor, 1, (0.0, 0.45), (1.0, 0.45))
    stroke(visitor, 2, (0.0, 0.6), (1.0, 0.6))
    page.get_by_text("Adds", exact=True).click()
    visitor.fill("#sw-brush-size", 20)
    box = page.locator("#sw-mask canvas").bounding_box()
    assert box is not None
    for k in range(6):  # without waiting
        page.mouse.click(box["x"] + box["width"] * (0.1 + 0.15 * k), box["y"] + box["height"] * 0.2)
    page.wait_for_selector("#sw-mask .sw-painting[data-stroke='8']")
    row = mask_of_painting(visitor)[round(0.2 * 576)] > 0
    assert int((np.diff(row.astype(int)) == 1).sum()) == 6
    for _ in range(6):
        before = page.get_attribute("#sw-mask .sw-painting img", "src")
        page.click("#sw-undo-mask")
        page.wait_for_function(
            "before => document.querySelector('#sw-mask .sw-painting img').src !== before", arg=before
        )
    assert mask_of_painting(visitor).max() == 0


def test_a_mask_of_the_visitors_own(visit: Any, arm: Path, tmp_path: Path) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    visitor.set_up(arm, steps=2, strokes=3)
    open_subject(visitor)
    mask = Image.new("L", (480, 360), 0)
    mask.paste(255, (240, 140, 360, 220))
    mask.save(tmp_path / "mine.png")
    page.set_input_files("input[data-testid='Use a mask file-upload-button']", tmp_path / "mine.png")
    page.get_by_role("tab", name="Drawing").click()
    page.wait_for_function("document.querySelector('#sw-note').innerText.includes('in your mask')")
    visitor.draw()
    assert "--mask mine.png" in visitor.command() and "#" not in visitor.command()
    sketch = from_svg(visitor.download("#sw-get-svg")[1])
    assert sketch.metadata["mask"] == "given" and sketch.points[..., 0].min() > 100


def test_the_brush_on_a_phone(visit: Any, arm: Path) -> None:
    visitor: Visitor = visit(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page = visitor.page
    visitor.choose_photo(arm)
    open_subject(visitor)
    canvas = page.locator("#sw-mask canvas")
    canvas.scroll_into_view_if_needed()
    before = mask_of_painting(visitor)
    box = canvas.bounding_box()
    assert box is not None and 280 < box["width"] <= 360
    page.touchscreen.tap(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    page.wait_for_selector("#sw-mask .sw-painting[data-stroke='1']")
    after = mask_of_painting(visitor)
    assert after[round(0.1 * 576), round(0.1 * 768)] > 0 and (after > 0).sum() > (before > 0).sum()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_what_may_be_uploaded_is_said_before_and_heic_is_shown(
    visit: Any, tmp_path: Path, disc_image: Callable[..., Image.Image]
) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    disc_image(240, 180).save(tmp_path / "photo.heic")
    visitor: Visitor = visit()
    page = visitor.page
    assert page.inner_text("#sw-accepts").strip().endswith("up to 10 MB and 6 million pixels (30 as JPEG)")
    visitor.choose_photo(tmp_path / "photo.heic")
    shown = page.wait_for_selector("#sw-shown img")
    page.wait_for_function("document.querySelector('#sw-shown img').naturalWidth === 240")
    place, over = page.locator("#sw-photo").bounding_box(), shown.bounding_box()
    assert place is not None and over is not None
    assert abs(place["x"] - over["x"]) < 4 and abs(place["width"] - over["width"]) < 8 and over["height"] > 150
    page.locator("#sw-photo button[aria-label='Remove Image']").click()
    page.wait_for_selector("#sw-shown img", state="detached")


@pytest.mark.parametrize("kind", ["", "image/heic"])
def test_a_heic_photo_that_is_dropped(
    visit: Any, tmp_path: Path, disc_image: Callable[..., Image.Image], kind: str
) -> None:
    """Browsers on Windows and Linux give no type to such files."""
    pytest.importorskip("pillow_heif").register_heif_opener()
    disc_image(240, 180).save(tmp_path / "photo.heic")
    page = visit().page
    dropped = page.evaluate_handle(
        """([data, type]) => {
          const dropped = new DataTransfer();
          const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
          dropped.items.add(new File([bytes], "photo.heic", { type }));
          return dropped;
        }""",
        [base64.b64encode((tmp_path / "photo.heic").read_bytes()).decode(), kind],
    )
    page.dispatch_event("#sw-photo button[aria-dropeffect]", "drop", {"dataTransfer": dropped})
    page.wait_for_function("document.querySelector('#sw-note').innerText.includes('Ready')")
    page.wait_for_selector("#sw-shown img")


def test_the_list_of_files_offers_heic(visit: Any) -> None:
    page = visit().page
    with page.expect_file_chooser():
        page.click("#sw-photo button[aria-dropeffect]")
    assert ".heic" in page.get_attribute("#sw-photo input[type=file]", "accept")


def test_pens_and_a_trace(visit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = Image.new("RGB", (240, 180), "white")
    pen = ImageDraw.Draw(image)
    pen.line((20, 30, 220, 50), fill="#c01818", width=6)
    pen.arc((40, 60, 200, 170), 0, 300, fill="#101010", width=6)
    image.save(tmp_path / "lines.png")
    visitor: Visitor = visit()
    page = visitor.page
    visitor.choose_photo(tmp_path / "lines.png")
    page.get_by_role("tab", name="Trace").click()
    visitor.watch_sheet()
    page.click("#sw-trace")
    page.wait_for_function("document.querySelector('#sw-traced').innerText.includes('of the length of all lines')")
    page.get_by_role("tab", name="Drawing", exact=True).click()
    visitor.wait_drawn()
    assert "of the length of all lines" in page.inner_text("#sw-note")
    assert visitor.command() == "strokewise trace lines.png -n 32"
    field = page.locator("#sw-pens input, #sw-pens textarea")
    field.fill("black, #d02020")
    page.wait_for_function("document.querySelector('#sw-command textarea').value.includes('--pens')")
    page.wait_for_selector("#sw-sheet .sw-ink path[stroke='#d02020']", state="attached")
    monkeypatch.chdir(tmp_path)
    assert cli.main([*shlex.split(visitor.command())[1:], "--quiet"]) == 0
    name, data = visitor.download("#sw-get-svg")
    assert name == "lines.svg" and data == (tmp_path / "lines.svg").read_bytes() and b"inkscape:label" in data
    field.fill("black, nonsense")
    page.get_by_text("is no plain colour").first.wait_for()
