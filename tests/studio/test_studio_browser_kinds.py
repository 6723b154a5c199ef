"""Scenes, tone and words in a real browser."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studio_visitor import Visitor

from strokewise import from_svg

pytest.importorskip("gradio", reason="the studio is an extra: pip install 'strokewise[studio]'")
pytest.importorskip("playwright.sync_api", reason="tests in a browser need playwright")
pytestmark = pytest.mark.slow


def background(visitor: Visitor, name: str) -> None:
    """Choose what is done about the background."""
    visitor.page.locator("#sw-background label", has_text=name).click()


def wait_strokes(visitor: Visitor, count: int) -> None:
    """Wait until the slider of the strokes has this value."""
    visitor.page.wait_for_function(
        "count => Number(document.querySelector('#sw-strokes input[type=number]').value) === count", arg=count
    )


def test_a_scene(visit: Any, photos: tuple[Path, Path]) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    visitor.set_up(photos[0], steps=2, strokes=8)
    assert page.locator("#sw-fidelity input").count() == page.locator("#sw-simplicity input").count() == 0
    background(visitor, "Scene")
    page.wait_for_selector("#sw-fidelity input[type=number]", state="visible")
    wait_strokes(visitor, 64)
    visitor.fill("#sw-strokes", 12)
    visitor.fill("#sw-fidelity", 2)
    visitor.fill("#sw-simplicity", 2)
    visitor.draw()
    assert visitor.command() == ("strokewise scene red.png -n 12 --fidelity 2 --simplicity 2 --candidates 1 --steps 2")
    name, svg = visitor.download("#sw-get-svg")
    sketch = from_svg(svg)
    assert name == "red.svg" and len(sketch) == len(visitor.shapes())
    assert (sketch.metadata["scene"]["fidelity"], sketch.metadata["scene"]["simplicity"]) == (2, 2)
    # What does not go with a scene is one line, and the drawing stays.
    page.click("#sw-carry-on")
    page.get_by_text("Only Draw and Draw another draw scenes").first.wait_for()
    page.wait_for_selector("#sw-draw", state="visible")
    assert len(visitor.shapes()) == len(sketch)
    # Strokes are as many as before once the background is another.
    background(visitor, "Auto")
    page.wait_for_selector("#sw-fidelity input", state="hidden")
    wait_strokes(visitor, 12)
    background(visitor, "Scene")
    wait_strokes(visitor, 64)
    background(visitor, "Keep")
    wait_strokes(visitor, 16)


def test_tone(visit: Any, photos: tuple[Path, Path]) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    visitor.set_up(photos[0], steps=2)
    visitor.draw()
    drawn = visitor.shapes()
    page.click("#sw-tone input")
    page.get_by_role("option", name="Cross-hatching", exact=True).click()
    page.wait_for_selector("#sw-sheet [data-tone]", state="attached")
    page.wait_for_selector("#sw-tone-lines input[type=number]", state="visible")
    visitor.fill("#sw-tone-lines", 50)
    page.wait_for_function(
        "document.querySelector('#sw-command textarea').value.endsWith('--tone cross --tone-lines 50')"
    )
    assert visitor.shapes() == drawn  # the strokes are as they were
    _, svg = visitor.download("#sw-get-svg")
    sketch = from_svg(svg)
    assert sketch.tone is not None and sketch.tone.kind == "cross" and 0 < len(sketch.tone) <= 50
    page.click("#sw-tone input")
    page.get_by_role("option", name="None", exact=True).click()
    page.wait_for_selector("#sw-sheet [data-tone]", state="detached")
    assert "--tone" not in visitor.command()


def test_words(visit: Any, photos: tuple[Path, Path]) -> None:
    visitor: Visitor = visit()
    page = visitor.page
    # Without any photo: an unknown word, then a known one.
    page.click("#sw-more > button")
    visitor.fill("#sw-steps", 3)
    visitor.fill("#sw-starts", 1)
    visitor.fill("#sw-strokes", 6)
    page.get_by_role("tab", name="Words").click()
    page.fill("#sw-words textarea, #sw-words input", "flamingi")
    page.click("#sw-imagine")
    page.get_by_text("did you mean 'flamingo'").first.wait_for()
    page.wait_for_selector("#sw-draw", state="visible")
    page.fill("#sw-words textarea, #sw-words input", "flamingo")
    page.click("#sw-imagine")
    page.wait_for_selector("#sw-worded svg")
    page.wait_for_selector("#sw-draw", state="visible")
    assert "flamingo" in page.inner_text("#sw-worded")
    page.get_by_role("tab", name="Drawing", exact=True).click()
    assert "flamingo" in page.inner_text("#sw-note") and len(visitor.shapes()) == 6
    assert visitor.command() == "strokewise imagine -n 6 --candidates 1 --steps 3 flamingo"
    name, svg = visitor.download("#sw-get-svg")
    assert name == "flamingo.svg" and from_svg(svg).metadata["settings"]["text"] == "flamingo"
    # Beside a photo, which takes the place of what was drawn from words.
    visitor.choose_photo(photos[0])
    assert visitor.shapes() == [] and page.locator("#sw-worded svg").count() == 0
    assert page.locator("#sw-text-weight input").count() == 0
    page.fill("#sw-text textarea, #sw-text input", "cup")
    page.wait_for_selector("#sw-text-weight input[type=number]", state="visible")
    visitor.fill("#sw-text-weight", 3)
    visitor.draw()
    assert visitor.command().endswith("--text cup --text-weight 3")
