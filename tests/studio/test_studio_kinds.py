"""Scenes, tone and words on the page: drawn as the command line draws them, or refused in one line."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_optimizer import FakeOptimizer
from handler_visitor import LOOK, Visitor, look, request, values
from PIL import Image, ImageDraw

gr = pytest.importorskip("gradio", reason="the studio is an extra: pip install 'strokewise[studio]'")

from strokewise import Settings, Sketch, cli, from_svg  # noqa: E402
from strokewise.studio import tasks, tones  # noqa: E402
from strokewise.studio.handlers import Studio  # noqa: E402
from strokewise.studio.limits import Limits  # noqa: E402
from strokewise.studio.session import GivenMask  # noqa: E402
from strokewise.studio.tab_pages import TabPages  # noqa: E402


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A dark ball before a wall with a window."""
    image = Image.new("RGB", (240, 180), (225, 228, 232))
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 130, 240, 180), fill=(150, 140, 120))
    pen.rectangle((20, 30, 80, 90), fill=(90, 110, 140))
    pen.ellipse((120, 70, 210, 160), fill=(40, 20, 25))
    image.save(tmp_path / "house.png")
    return tmp_path / "house.png"


@pytest.fixture
def guest(house: Path) -> Iterator[Visitor]:
    """A visitor with that photo, for whom everything is really drawn."""
    guest = Visitor(Studio(Limits(), Settings()))
    guest.choose_photo(str(house))
    yield guest
    guest.session.close()


def svg_of(visitor: Visitor, shown: tuple[Any, ...] = LOOK) -> bytes:
    """The first download, an SVG."""
    return base64.b64decode(visitor.studio.download(visitor.request, 0, *shown)["data"])


def by_command(visitor: Visitor, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """What the first command on the page writes."""
    monkeypatch.chdir(folder)
    program, *arguments = shlex.split(visitor.page["command"].splitlines()[0])
    assert program == "strokewise"
    assert cli.main([arguments[0], "--quiet", "--force", *arguments[1:]]) == 0
    return max(folder.glob("*.svg"), key=lambda path: path.stat().st_mtime_ns).read_bytes()


def draw(visitor: Visitor, *given: Any, **chosen: Any) -> None:
    visitor.finish(visitor.studio.draw(visitor.request, 1, *values(*given, **chosen)))


# Scenes


@pytest.mark.slow
def test_a_scene_is_drawn_as_the_command_line_does(
    guest: Visitor, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = values(0, 14, subject="scene", levels=(2, 2), steps=2, tone="hatch")
    notes: list[str] = []
    for shown in guest.studio.draw(guest.request, 1, *chosen):
        guest.page.update(shown)
        notes.append(shown.get("note", ""))
    assert guest.page["command"] == (
        "strokewise scene house.png -n 14 --fidelity 2 --simplicity 2 --candidates 1 --steps 2 --tone hatch"
    )
    data = svg_of(guest, look(tone="hatch"))
    sketch = from_svg(data)
    assert sketch.metadata["scene"]["fidelity"] == sketch.metadata["scene"]["simplicity"] == 2
    assert len(sketch) < 14 and guest.page["sheet"].count('class="sw-hit"') == len(sketch)
    assert not any(" left" in note for note in notes)  # its steps are counted several times
    assert sketch.tone is not None and "data-tone" in guest.page["sheet"]
    assert min(line[:, 0].min() for line in sketch.tone.lines) < 60  # on the whole picture, not only on the ball
    assert by_command(guest, house.parent, monkeypatch) == data


def test_a_given_mask_says_what_the_subjects_of_a_scene_are(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[tuple[bool, str]] = []

    def scene(photo: Any, settings: Settings, levels: Any, callback: Any) -> Sketch:
        asked.append((photo.mask is not None, settings.subject))
        return Sketch.of((160, 120), np.zeros((2, 4, 2)))

    monkeypatch.setattr(tasks, "draw_scene", scene)
    Image.fromarray(np.pad(np.full((60, 80), 255, np.uint8), 30)).resize((160, 120)).save(tmp_path / "mask.png")
    visitor.session.set_mask(GivenMask((tmp_path / "mask.png").read_bytes(), "mask.png", True), 10**6)
    draw(visitor, subject="scene")
    assert asked == [(True, "scene")]
    assert visitor.page["command"] == "strokewise scene red.png -n 3 --mask mask.png --candidates 1 --steps 6"


def test_a_scene_can_be_stopped(visitor: Visitor, optimizer: FakeOptimizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        tasks, "draw_scene", lambda photo, settings, levels, callback: optimizer.work(settings.seed, callback)
    )
    updates = visitor.watch(visitor.studio.draw(visitor.request, 1, *values(4, subject="scene")), optimizer)
    visitor.studio.stop(visitor.request)
    visitor.finish(updates)
    assert optimizer.stopped == [4] and "stopped early" in visitor.page["command"]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"one_line": True}, "One continuous line.* does not go with scenes"),
        ({"strokes": 65}, "at most 64 strokes"),
        ({"levels": (5, 1)}, "Fidelity must be a whole number from 1 to 4"),
        ({"levels": (1, 0)}, "Simplicity must be a whole number from 1 to 4"),
    ],
)
def test_what_does_not_go_with_scenes_is_one_line_and_keeps_the_drawing(
    visitor: Visitor, chosen: dict[str, Any], said: str
) -> None:
    visitor.draw(seed=5)
    with pytest.raises(gr.Error, match=said) as caught:
        draw(visitor, subject="scene", **chosen)
    assert "\n" not in str(caught.value) and "bug" not in str(caught.value)
    assert len(visitor.session.drawings) == 1


def test_what_draws_no_scenes_says_so(visitor: Visitor) -> None:
    visitor.draw()
    scene, tabs, ann = values(subject="scene"), TabPages(visitor.studio), visitor.request
    for updates in (
        visitor.studio.carry_on(ann, 2, *scene),
        tabs.draw_ladder(ann, "8, 4", *scene),
        tabs.find_fewest(ann, "cup", 0.8, *scene),
    ):
        with pytest.raises(gr.Error, match="Only Draw and Draw another draw scenes"):
            visitor.finish(updates)


def test_the_limit_on_scenes_can_be_set(visitor: Visitor) -> None:
    small = Visitor(Studio(Limits(scene_strokes=20), Settings()))
    small.choose_photo(None)
    small.session.set_photo(visitor.session.source[0], "red.png", 10**6)  # type: ignore[index]
    with pytest.raises(gr.Error, match="at most 20 strokes"):
        draw(small, strokes=21, subject="scene")


# Tone


@pytest.mark.slow
def test_tone_is_laid_under_a_finished_drawing_as_the_command_line_does(
    guest: Visitor, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(guest, 0, 4, subject="auto", steps=2)
    plain, strokes = svg_of(guest), guest.page["sheet"].count('class="sw-hit"')
    toned = look(tone="hatch", lines=60)
    guest.page.update(guest.studio.show(guest.request, *toned))
    assert guest.page["command"].endswith("--tone hatch --tone-lines 60")
    assert guest.page["sheet"].count('class="sw-hit"') == strokes  # lines of tone are no strokes
    assert "data-tone" in guest.page["sheet"]
    sketch = from_svg(svg_of(guest, toned))
    assert sketch.tone is not None and 3 < len(sketch.tone) <= 60
    assert by_command(guest, house.parent, monkeypatch) == svg_of(guest, toned)
    pens = look("red, #888", "hatch", 60)
    guest.page.update(guest.studio.show(guest.request, *pens))
    assert "#888888" in guest.page["sheet"]  # the grey pen draws tone
    assert by_command(guest, house.parent, monkeypatch) == svg_of(guest, pens)
    guest.page.update(guest.studio.show(guest.request, *LOOK))
    assert svg_of(guest) == plain and "--tone" not in guest.page["command"]


def test_tone_is_found_once_for_each_drawing(guest: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    find = tones.with_tone
    monkeypatch.setattr(tones, "with_tone", lambda *given: asked.append(1) or find(*given))
    draw(guest, 0, 4, subject="keep", steps=0)
    strokes = guest.page["sheet"].count('class="sw-hit"')
    for kind in ("hatch", "hatch", "cross"):
        guest.studio.show(guest.request, *look(tone=kind))
        tone = from_svg(svg_of(guest, look(tone=kind))).tone
        assert tone is not None and tone.kind == kind
    assert len(asked) == 2
    guest.page.update(guest.studio.show(guest.request, *look(tone="cross")))
    assert "data-tone" in guest.page["sheet"] and guest.page["command"].endswith("--tone cross")
    assert guest.page["sheet"].count('class="sw-hit"') == strokes  # lines of tone are no strokes


def test_a_photo_without_dark_parts_says_so(guest: Visitor, tmp_path: Path) -> None:
    image = Image.new("RGB", (160, 120), "white")
    ImageDraw.Draw(image).line((20, 20, 140, 100), fill=(225, 225, 225), width=2)
    image.save(tmp_path / "pale.png")
    guest.choose_photo(str(tmp_path / "pale.png"))
    draw(guest, 0, 3, subject="keep", steps=0)
    guest.page.update(guest.studio.show(guest.request, *look(tone="hatch")))
    assert "no dark parts" in guest.page["note"] and "no dark parts" in guest.page["command"]
    assert "--tone" not in guest.page["command"] and from_svg(svg_of(guest, look(tone="hatch"))).tone is None


def test_tone_of_a_trace_is_laid_by_export(guest: Visitor) -> None:
    guest.finish(TabPages(guest.studio).trace(guest.request, 8, False, False, False, "dark", *values(tone="spiral")))
    traced, export = guest.page["command"].splitlines()
    assert traced == "strokewise trace house.png -n 8 --lines dark"
    assert export == "strokewise export house.svg -o house-look.svg --tone spiral --photo house.png"


@pytest.mark.parametrize("shown", [look(tone="dots"), look(tone="hatch", lines=0), look(tone="hatch", lines=10**6)])
def test_tone_that_is_none_is_one_line(visitor: Visitor, shown: tuple[Any, ...]) -> None:
    visitor.draw()
    with pytest.raises(gr.Error, match=r"^\W*(Tone|Most lines of tone) must be"):
        visitor.studio.show(visitor.request, *shown)


# Words


def test_a_photo_is_drawn_with_a_word_as_the_command_line_does(
    guest: Visitor, house: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw(guest, 0, 4, subject="keep", text="a cat", weight=2.5, steps=2)
    assert "--text 'a cat' --text-weight 2.5" in guest.page["command"]
    assert from_svg(svg_of(guest)).metadata["settings"]["text"] == "a cat"
    assert by_command(guest, house.parent, monkeypatch) == svg_of(guest)


def test_an_unknown_word_is_one_line_with_near_ones_and_keeps_the_drawing(guest: Visitor) -> None:
    draw(guest, 0, 3, subject="keep", steps=0)
    for updates in (
        guest.studio.draw(guest.request, 1, *values(text="flamingi")),
        TabPages(guest.studio).imagine(guest.request, "flamingi", *values()),
    ):
        with pytest.raises(gr.Error, match="The word .{0,3}flamingi.* did you mean .{0,3}flamingo") as caught:
            guest.finish(updates)
        assert "\n" not in str(caught.value)
        assert len(guest.session.drawings) == 1


@pytest.fixture
def wordsmith() -> Visitor:
    """A visitor without a photo."""
    return Visitor(Studio(Limits(), Settings()))


@pytest.mark.slow
def test_words_alone_are_drawn_as_the_command_line_does(
    wordsmith: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tabs = TabPages(wordsmith.studio)
    shown = list(tabs.imagine(wordsmith.request, " a flamingo ", *values(0, 6, subject="scene", steps=4)))
    assert any("sw-live" in one.get("sheet", "") for one in shown)  # the strokes are seen as they move
    for one in shown:
        wordsmith.page.update(one)
    assert wordsmith.page["command"] == "strokewise imagine -n 6 --candidates 1 --steps 4 'a flamingo'"
    assert "read as “flamingo”" in wordsmith.page["note"] or "reads as “flamingo”" in wordsmith.page["note"]
    assert "flamingo" in wordsmith.page["worded"]
    assert by_command(wordsmith, tmp_path, monkeypatch) == svg_of(wordsmith)
    assert (tmp_path / "flamingo.svg").exists()
    assert wordsmith.studio.download(wordsmith.request, 0, *LOOK)["name"] == "flamingo.svg"
    # Another one has the next seed.
    wordsmith.finish(tabs.draw_another(wordsmith.request, *values(0, 6, steps=4)))
    assert "--seed 1" in wordsmith.page["command"] and len(wordsmith.session.drawings) == 2
    assert wordsmith.session.chosen == 1


def imagined(visitor: Visitor, monkeypatch: pytest.MonkeyPatch, text: str = "cat", read: Any = None) -> None:
    """Draw words that are not really drawn."""
    metadata = {"read": read} if read else {}
    sketch = Sketch.of((224, 224), np.arange(24.0).reshape(3, 4, 2) * 9, metadata=metadata)
    monkeypatch.setattr(tasks, "draw_words", lambda settings, callback: sketch)
    visitor.finish(TabPages(visitor.studio).imagine(visitor.request, text, *values()))


def test_it_is_said_whether_it_reads_in_the_language_of_the_visitor(
    wordsmith: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = {"by": "x", "as": "dog", "probability": 0.6, "asked": "cat", "probability_asked": 0.1}
    imagined(wordsmith, monkeypatch, read=other)
    assert "It does not read as “cat” (10%) but as “dog” (60%)" in wordsmith.page["note"]
    imagined(wordsmith, monkeypatch, read={**other, "as": "cat", "probability_asked": 0.9})
    assert "It reads as “cat” (90%)." in wordsmith.page["note"]
    wordsmith.request = request("ann", "ja")
    imagined(wordsmith, monkeypatch, read=other)
    assert "「dog」" in wordsmith.page["note"]


def test_what_needs_a_photo_is_refused_for_words(
    wordsmith: Visitor, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    imagined(visitor, monkeypatch)
    studio, ann = visitor.studio, visitor.request
    with pytest.raises(gr.Error, match="without a photo"):
        visitor.finish(studio.carry_on(ann, 2, *values()))
    with pytest.raises(gr.Error, match="without a photo"):
        studio.compare(ann, *LOOK)
    imagined(wordsmith, monkeypatch)
    visitor.page.update(studio.show(ann, *look("black, red", "hatch")))
    assert "no photo that says what is dark" in visitor.page["command"] and "data-tone" not in visitor.page["sheet"]
    visitor.page.update(studio.delete(ann, [0], *LOOK))
    assert visitor.page["command"].startswith("# this drawing was edited by hand: no command")
    assert visitor.session.drawing is not None and visitor.session.drawing.words == "cat"
    with pytest.raises(gr.Error, match="Choose a photo first"):
        wordsmith.draw()


def test_a_photo_replaces_what_was_drawn_from_words(
    visitor: Visitor, two_photos: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    imagined(visitor, monkeypatch)
    visitor.choose_photo(two_photos[1])
    assert visitor.session.drawings == [] and visitor.page["worded"] == ""


@pytest.mark.parametrize(
    ("text", "chosen", "said"),
    [
        ("", {}, "Say what to draw first"),
        ("  ", {}, "Say what to draw first"),
        ("x" * 400, {}, "at most 300 characters"),
        ("a\nb", {}, "none of a text in one line"),
        ("cat", {"one_line": True}, "is for drawings of photos"),
    ],
)
def test_words_that_cannot_be_drawn_are_one_line(
    wordsmith: Visitor, text: str, chosen: dict[str, Any], said: str
) -> None:
    with pytest.raises(gr.Error, match=said):
        wordsmith.finish(TabPages(wordsmith.studio).imagine(wordsmith.request, text, *values(**chosen)))
