"""The page of the subject: masks that are found, painted, given as files, and what they do to drawings."""

from __future__ import annotations

import base64
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fake_optimizer import FakeOptimizer
from handler_visitor import LOOK, Visitor, values
from PIL import Image

gr = pytest.importorskip("gradio", reason="the studio is an extra: pip install 'strokewise[studio]'")

from strokewise import StrokewiseError  # noqa: E402
from strokewise.studio import subject_page, tasks  # noqa: E402
from strokewise.studio.subject_page import SubjectPage  # noqa: E402

ACROSS = [[0.3, 0.35], [0.7, 0.35]]


@pytest.fixture
def page(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> SubjectPage:
    """The page, with a network that finds nothing."""

    def measured(photo: Any, model: str) -> Any:
        class Found:
            mask = np.zeros(photo.pixels.shape[:2], np.float32)

        Found.mask[:10] = 1.0 if model != "auto" else 0.0
        return Found

    monkeypatch.setattr(tasks, "measure_subject", measured)
    return SubjectPage(visitor.studio)


def paint(page: SubjectPage, visitor: Visitor, points: Any, number: Any = 1, mode: str = "add") -> None:
    strokes = [{"points": points, "size": 60, "add": mode == "add", "follow": False}]
    visitor.page.update(page.paint(visitor.request, strokes, number, "auto"))


def mask_of(visitor: Visitor) -> np.ndarray[Any, Any]:
    """The mask of the photo as it is drawn."""
    mask = visitor.session.photo(10**6).mask
    assert mask is not None
    return mask


def test_what_is_painted_is_drawn_once_it_is_used(
    page: SubjectPage, visitor: Visitor, optimizer: FakeOptimizer
) -> None:
    visitor.page.update(page.show(visitor.request, "auto"))
    assert 'data-stroke="0"' in visitor.page["mask"] and "image/jpeg" in visitor.page["mask_photo"]
    paint(page, visitor, ACROSS, 7)
    assert 'data-stroke="7"' in visitor.page["mask"]
    assert visitor.session.mask is None and visitor.session.photo(10**6).mask is None
    visitor.page.update(page.use(visitor.request, "auto"))
    assert "painted part" in visitor.page["note"]
    mask = mask_of(visitor)
    assert mask[42, 50:110].min() > 0.9 and mask[-20:].max() == 0
    visitor.draw()
    comment, command = visitor.page["command"].splitlines()
    assert comment == "# the part to draw was painted by hand: save it with “Save mask” as red-mask.png"
    assert "--mask red-mask.png" in command and "--subject" not in command  # though the control says "keep"
    saved = page.save(visitor.request, "auto")
    assert saved["name"] == "red-mask.png" and base64.b64decode(saved["data"]) == visitor.session.mask.data
    with Image.open(io.BytesIO(base64.b64decode(saved["data"]))) as image:
        assert image.mode == "L" and image.size == (768, 576)
    paint(page, visitor, ACROSS, 8, "remove")  # goes on from what was painted
    assert visitor.session.painting is not None and visitor.session.painting.is_empty
    visitor.page.update(page.undo(visitor.request, "auto"))
    assert not visitor.session.painting.is_empty and 'data-stroke="8"' in visitor.page["mask"]


def test_a_mask_stops_the_drawing(page: SubjectPage, visitor: Visitor, optimizer: FakeOptimizer) -> None:
    paint(page, visitor, ACROSS)
    updates = visitor.watch(visitor.studio.draw(visitor.request, 1, *values(7)), optimizer)
    visitor.page.update(page.use(visitor.request, "auto"))
    visitor.finish(updates)
    optimizer.wait()
    assert optimizer.stopped == [7] and visitor.session.drawings == []
    assert "painted part" in visitor.page["note"]

    updates = visitor.watch(visitor.studio.draw(visitor.request, 1, *values(8)), optimizer)
    visitor.page.update(page.reset(visitor.request, "auto"))
    visitor.finish(updates)
    optimizer.wait()
    assert optimizer.stopped == [7, 8] and visitor.session.drawings == []
    assert "whole photo again" in visitor.page["note"] and visitor.session.mask is None


def test_a_file_is_used_as_it_is(page: SubjectPage, visitor: Visitor, tmp_path: Path) -> None:
    half = Image.new("L", (160, 120), 0)
    half.paste(180, (0, 0, 80, 120))
    half.save(tmp_path / "half.tif")
    visitor.page.update(page.give(visitor.request, str(tmp_path / "half.tif"), "auto"))
    assert "white or opaque in your mask" in visitor.page["note"]
    assert mask_of(visitor)[:, :80].min() == pytest.approx(180 / 255, abs=0.01)  # soft as it is in the file
    visitor.draw()
    assert visitor.page["command"].startswith("strokewise draw red.png -n 3 --mask half.tif")
    assert visitor.session.painting is not None and visitor.session.painting.mask[0, 0] == 180
    saved = page.save(visitor.request, "auto")
    assert saved["name"] == "half.tif" and base64.b64decode(saved["data"]) == (tmp_path / "half.tif").read_bytes()


def test_a_mask_with_the_name_of_the_photo_gets_another(page: SubjectPage, visitor: Visitor, tmp_path: Path) -> None:
    folder = tmp_path / "masks"
    folder.mkdir()
    half = Image.new("L", (160, 120), 0)
    half.paste(255, (0, 0, 80, 120))
    half.save(folder / "red.png")
    page.give(visitor.request, str(folder / "red.png"), "auto")
    visitor.draw()
    comment, command = visitor.page["command"].splitlines()
    assert "--mask red-mask.png" in command and "as red-mask.png" in comment


@pytest.mark.parametrize(("data", "said"), [(b"words", "cannot be used"), (b"", "cannot be used")])
def test_files_that_are_no_masks_change_nothing(
    page: SubjectPage, visitor: Visitor, tmp_path: Path, data: bytes, said: str
) -> None:
    (tmp_path / "mask.png").write_bytes(data)
    visitor.draw()
    with pytest.raises(gr.Error, match=said):
        page.give(visitor.request, str(tmp_path / "mask.png"), "auto")
    assert visitor.session.mask is None and len(visitor.session.drawings) == 1


def test_a_mask_that_is_too_large_a_file_is_refused(page: SubjectPage, visitor: Visitor, tmp_path: Path) -> None:
    with (tmp_path / "mask.png").open("wb") as file:
        file.truncate(visitor.studio.limits.bytes + 1)
    with pytest.raises(gr.Error, match="larger than 20 MB"):
        page.give(visitor.request, str(tmp_path / "mask.png"), "auto")


def test_nothing_and_all_cannot_be_used(page: SubjectPage, visitor: Visitor) -> None:
    for call in (page.use, page.save):
        with pytest.raises(gr.Error, match="Paint the part to draw first"):
            call(visitor.request, "auto")
    assert visitor.session.painting is not None
    visitor.session.painting.mask[:] = 255
    with pytest.raises(gr.Error, match="All is painted"):
        page.use(visitor.request, "auto")


def test_strokes_that_are_none_change_nothing(page: SubjectPage, visitor: Visitor) -> None:
    for points in (None, [], "x", [["a", "b"]], {"points": 1}):
        paint(page, visitor, points, "<script>")
    assert visitor.session.painting is not None and visitor.session.painting.is_empty
    assert "script" not in visitor.page["mask"]


def test_without_a_photo_one_is_asked_for(page: SubjectPage, visitor: Visitor) -> None:
    bob = Visitor(visitor.studio, "bob")
    for call in (page.show, page.use, page.undo, page.reset, page.save):
        with pytest.raises(gr.Error, match="Choose a photo first"):
            call(bob.request, "auto")
    with pytest.raises(gr.Error, match="Choose a photo first"):
        paint(page, bob, ACROSS)


def test_a_new_photo_has_no_mask_and_is_shown_to_be_painted(
    page: SubjectPage, visitor: Visitor, two_photos: tuple[str, str]
) -> None:
    paint(page, visitor, ACROSS)
    page.use(visitor.request, "auto")
    before = visitor.page["mask"]
    visitor.choose_photo(two_photos[1])
    assert visitor.session.mask is None and visitor.session.painting is not None
    assert visitor.session.painting.is_empty and visitor.page["mask"] != before
    visitor.choose_photo(None)
    assert visitor.page["mask"] == visitor.page["mask_photo"] == ""


def test_another_network_finds_the_subject(
    page: SubjectPage, visitor: Visitor, monkeypatch: pytest.MonkeyPatch, optimizer: FakeOptimizer
) -> None:
    fetched: list[str] = []
    monkeypatch.setattr(subject_page, "is_fetched", lambda name: name == "auto")
    monkeypatch.setattr(subject_page, "prepare_subject_model", fetched.append)
    paint(page, visitor, ACROSS)
    page.use(visitor.request, "auto")
    shown = list(page.choose_model(visitor.request, "silueta"))
    assert "Fetching the network silueta into" in shown[0]["note"]
    assert fetched == ["silueta"] and visitor.session.mask is None
    assert visitor.session.painting is not None and visitor.session.painting.mask[0].min() == 255
    asked = (3, "auto", 1, 1, "", 1.0, 0, 1, 6, 1.5, False, [], "silueta", *LOOK)
    visitor.finish(visitor.studio.draw(visitor.request, 1, *asked))
    assert "--subject-model silueta" in visitor.page["command"]
    kept = (3, "keep", 1, 1, "", 1.0, 0, 1, 6, 1.5, False, [], "silueta", *LOOK)
    visitor.finish(visitor.studio.draw(visitor.request, 1, *kept))
    assert "--subject-model" not in visitor.page["command"]  # nothing is looked for


def test_a_network_chosen_before_the_photo_is_fetched_at_once(
    page: SubjectPage, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    bob, fetched = Visitor(visitor.studio, "bob"), []
    monkeypatch.setattr(subject_page, "is_fetched", lambda name: False)
    monkeypatch.setattr(subject_page, "prepare_subject_model", fetched.append)
    first, last = page.choose_model(bob.request, "u2net")
    assert "Fetching the network u2net" in first["mask_note"] and fetched == ["u2net"] and last["mask_note"] == ""


def test_a_network_that_cannot_be_had_is_one_line(
    page: SubjectPage, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(name: str) -> None:
        raise StrokewiseError(f"the subject network {name} cannot be had (no connection)")

    monkeypatch.setattr(subject_page, "prepare_subject_model", fail)
    with pytest.raises(gr.Error, match="silueta cannot be had"):
        list(page.choose_model(visitor.request, "silueta"))


BUILD = """
from strokewise.studio import page
from strokewise.studio.limits import Limits

for models in (["auto"], ["auto", "silueta"]):
    asked = []
    page.offered_models = lambda fetching: asked.append(fetching) or models
    built = page.build(Limits(fetching=True))
    (model,) = (block for block in built.blocks.values() if getattr(block, "elem_id", None) == "sw-model")
    print(asked, model.visible, [value for _, value in model.choices], model.value)
"""


@pytest.mark.slow
def test_there_is_a_choice_of_networks_where_there_are_some() -> None:
    """In a process of its own: Gradio leaves event loops behind."""
    done = subprocess.run([sys.executable, "-c", BUILD], capture_output=True, text=True, timeout=300, check=True)
    assert done.stdout.splitlines() == ["[True] False ['auto'] auto", "[True] True ['auto', 'silueta'] auto"]


def test_photos_that_browsers_do_not_show_are_converted(
    visitor: Visitor, tmp_path: Path, disc_image: Callable[..., Image.Image]
) -> None:
    for name, shown in (("a.tif", True), ("b.jp2", True), ("c.webp", False), ("d.jpg", False)):
        disc_image().save(tmp_path / name)
        visitor.choose_photo(str(tmp_path / name))
        assert bool(visitor.page["shown"]) is shown, name
        assert not shown or visitor.page["shown"].startswith('<img src="data:image/jpeg;base64,')


def test_a_heic_photo_is_converted(visitor: Visitor, tmp_path: Path, disc_image: Callable[..., Image.Image]) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    disc_image().save(tmp_path / 'x"y.heic')
    visitor.choose_photo(str(tmp_path / 'x"y.heic'))
    url, alt = visitor.page["shown"].removeprefix('<img src="data:image/jpeg;base64,').split('" alt=', 1)
    with Image.open(io.BytesIO(base64.b64decode(url))) as image:
        assert image.size == (160, 120)
    assert alt == '"x&quot;y.heic">'
