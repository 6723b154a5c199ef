"""The studio's parts that need neither Gradio nor a browser."""

from __future__ import annotations

import dataclasses
import string
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest

from strokewise import Settings, SettingsError, Sketch, cli, from_svg
from strokewise.export.look import Look
from strokewise.export.options import ExportOptions
from strokewise.export.pens import parse_pens
from strokewise.optimize.candidates import Progress
from strokewise.photo.frame import Frame
from strokewise.sketch import StrokeStyle
from strokewise.studio import command_lines, downloads, translations, views
from strokewise.studio.controls import settings_of
from strokewise.studio.limits import Limits
from strokewise.studio.page_options import Levels, PageOptions
from strokewise.studio.session import GivenMask, SheetDrawing

INKY = Look(2.0, "#112233", "none", None, "ink")


def progress(step: int, loss: float = 1.5) -> Progress:
    return Progress(0, step, 10, loss, 2.0, np.zeros((2, 4, 2)), 1, StrokeStyle.pen(2, 1.5))


# Texts


def test_every_text_is_there_in_all_languages_with_the_same_values() -> None:
    for key, versions in translations.TEXTS.items():
        assert len(versions) == len(translations.LANGUAGES), key
        assert all(text.strip() for text in versions), key
        assert len({frozenset(fields(text)) for text in versions}) == 1, key


def fields(text: str) -> set[str]:
    """Names of the values that a text takes."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_text_is_translated() -> None:
    same = [key for key, (english, chinese, japanese) in translations.TEXTS.items() if english in (chinese, japanese)]
    assert same == []


def test_gradio_gets_a_full_table_for_every_tag() -> None:
    tables = translations.tables()
    assert {"en", "zh", "zh-CN", "zh-TW", "ja"} <= set(tables)
    for table in tables.values():
        assert set(table) == set(translations.TEXTS)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ja", "ja"),
        ("zh-TW,zh;q=0.9,en;q=0.8", "zh"),
        ("de-DE,de;q=0.9,ja;q=0.5,en;q=0.4", "ja"),
        ("en;q=0.2,ja;q=0.9", "ja"),
        ("fr,de;q=0.5", "en"),
        ("ja;q=0,en", "en"),
        ("ja;q=x", "en"),
        (",;q=,;;;=" * 50, "en"),
    ],
)
def test_the_browser_chooses_the_language(header: str, language: str) -> None:
    assert translations.preferred_language(header) == language


def test_an_unknown_language_is_english() -> None:
    assert translations.translate("tlh", "left", seconds=4) == "4 s left at most"


# Limits


@pytest.mark.parametrize(
    "wrong",
    [
        {"megabytes": 0},
        {"megapixels": 1e9},
        {"seconds": float("nan")},
        {"waiting": 0},
        {"visitors": -1},
        {"scene_strokes": 300},
    ],
)
def test_limits_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match="^the (largest|longest|most) .* must be from 1 to "):
        Limits(**wrong)  # type: ignore[arg-type]


# Views


def test_every_stroke_on_the_sheet_can_be_picked(sketch: Sketch) -> None:
    locked = dataclasses.replace(sketch, locked=np.array([False, True, False]))
    root = ElementTree.fromstring(views.sheet(locked, Look(), "en"))
    hits = [e for e in root.iter() if e.get("class", "").startswith("sw-hit")]
    assert [hit.get("data-stroke") for hit in hits] == ["0", "1", "2"]
    assert [hit.get("aria-label") for hit in hits] == ["Stroke 1", "Stroke 2, locked", "Stroke 3"]
    assert [hit.get("tabindex") for hit in hits] == ["0", "-1", "-1"]
    assert min(float(hit.get("stroke-width", 0)) for hit in hits) >= 0.02 * 200


def test_texts_of_visitors_are_escaped(sketch: Sketch) -> None:
    evil = '<img src=x onerror="alert(1)">'
    drawn = dataclasses.replace(sketch, metadata={"title": evil, "losses": {"total": evil}})
    for html in (
        views.note(evil, evil),
        views.captioned_drawings([(evil, drawn)], Look()),
        views.sheet(drawn, Look(), "en"),
        views.thumbnails([SheetDrawing(drawn), SheetDrawing(drawn)], 0, Look(), "en"),
    ):
        assert "<img" not in html


def test_live_strokes_are_in_pixels_of_the_photo() -> None:
    frame = Frame(100, 20.0, 10.0, 200.0)
    points = np.array([[[0, 0], [10, 0], [20, 0], [30, 0]]], dtype=float)
    html = views.live_sheet(points, StrokeStyle.pen(1, 1.5), frame, (300, 240))
    root = ElementTree.fromstring(html)
    path = next(e for e in root.iter() if e.tag == "path")
    assert path.get("d") == "M20.0 10.0C40.0 10.0 60.0 10.0 80.0 10.0"
    assert path.get("stroke-width") == "3.0"


def test_progress_shows_an_upper_bound_of_the_time_left() -> None:
    assert "8 s left" in views.progress_note(progress(2), 2.0, "", "en")
    assert "left" not in views.progress_note(progress(1), 2.0, "", "en")
    assert "Placing" in views.progress_note(progress(0, np.inf), 2.0, "", "en")


def test_what_may_be_uploaded_is_said() -> None:
    assert views.accepted_photos(Limits(megabytes=7, megapixels=12.5), "en") == (
        "<p>JPEG, PNG, HEIC, WebP, TIFF and others, up to 7 MB and 12.5 million pixels (62.5 as JPEG)</p>"
    )
    assert all("7 MB" in views.accepted_photos(Limits(megabytes=7), language) for language in translations.LANGUAGES)


# Downloads and command lines


@pytest.mark.parametrize("index", range(len(downloads.DOWNLOADS)))
def test_every_download_is_made(sketch: Sketch, index: int) -> None:
    kind = downloads.DOWNLOADS[index]
    if not downloads.available(kind):
        pytest.skip(f"what {kind.ending} needs is not installed")
    begins = {"png": b"\x89PNG", "pdf": b"%PDF-", "gif": b"GIF8", "svg": b"<", "json": b"{"}[kind.ending.split(".")[-1]]
    for look in (Look(), Look(2.0, "#123456", "#f5eedd", None, "ink")):
        assert downloads.file_bytes(sketch, kind, ExportOptions(look=look)).startswith(begins)
    pens = ExportOptions(look=Look(brush="ink"), pens=parse_pens("black,red"))
    assert downloads.file_bytes(sketch, kind, pens).startswith(begins)


def test_the_plain_download_is_the_drawing_itself(sketch: Sketch) -> None:
    data = downloads.file_bytes(sketch, downloads.DOWNLOADS[0], ExportOptions())
    assert data == sketch.to_svg().encode()
    assert from_svg(data).metadata == sketch.metadata


def test_command_lines_name_only_what_differs_from_the_defaults() -> None:
    assert command_lines.draw_command("horse.jpg", Settings()) == "strokewise draw horse.jpg -n 16"
    some = Settings(strokes=8, seed=3, subject="keep", width=2.0, one_line=True)
    assert command_lines.draw_command("my horse.jpg", some) == (
        "strokewise draw 'my horse.jpg' -n 8 --seed 3 --subject keep --width 2 --one-line"
    )
    assert command_lines.draw_command("-rf.jpg", Settings()).startswith("strokewise draw ./-rf.jpg")
    assert command_lines.draw_command("a;rm b.jpg", Settings()).startswith("strokewise draw 'a;rm b.jpg'")
    assert command_lines.draw_command("horse.jpg", Settings(), "my mask.png") == (
        "strokewise draw horse.jpg -n 16 --mask 'my mask.png'"
    )
    assert command_lines.trace_command("a.png", "all", "light", widths=True, colors=True) == (
        "strokewise trace a.png -n all --widths --colors --lines light"
    )
    assert command_lines.look_command("horse.jpg", ExportOptions()) == ""
    assert command_lines.look_command("horse.jpg", ExportOptions(pens=parse_pens("black"))) == ""
    assert command_lines.look_command("horse.jpg", ExportOptions(look=INKY)) == (
        "strokewise export horse.svg -o horse-look.svg --stroke-width 2 --color '#112233' --paper none --brush ink"
    )
    assert command_lines.look_command("a.jpg", ExportOptions(look=Look(brush="ink"), pens=parse_pens("red, #0a7"))) == (
        "strokewise export a.svg -o a-look.svg --brush ink --pens 'red,#0a7'"
    )


def command_text(drawing: SheetDrawing, pens: str = "", mask: GivenMask | None = None) -> str:
    """The command lines of a drawing of a.jpg, by pens."""
    options = PageOptions(pens=parse_pens(pens) if pens else ())
    return command_lines.command_text(drawing, "a.jpg", options, "en", mask)


def test_command_lines_name_mask_and_pens(sketch: Sketch) -> None:
    drawing = SheetDrawing(sketch, (command_lines.draw_command("a.jpg", Settings(), "a-mask.png"),))
    given, painted = (GivenMask(b"", "a-mask.png", saved) for saved in (True, False))
    assert command_text(drawing, mask=given) == "strokewise draw a.jpg -n 16 --mask a-mask.png"
    comment, command = command_text(drawing, "black, red", painted).splitlines()
    assert comment == "# the part to draw was painted by hand: save it with “Save mask” as a-mask.png"
    assert command == "strokewise draw a.jpg -n 16 --mask a-mask.png --pens black,red"
    edited = command_text(SheetDrawing(sketch), "red", given).splitlines()
    assert edited[-1] == "strokewise draw a.jpg --from a-before.svg --mask a-mask.png --pens red"
    ladder = SheetDrawing(sketch, (command_lines.ladder_command("a.jpg", (8, 4), Settings()),))
    comment, command = command_text(ladder, "red").splitlines()
    assert "no command gives them" in comment and command == "strokewise ladder a.jpg -n 8,4"


def test_a_pen_of_width_0_is_automatic() -> None:
    values = (
        8,
        "auto",
        1,
        1,
        "",
        1.0,
        0,
        3,
        Settings().steps,
        0,
        False,
        [],
        "auto",
        0,
        None,
        "white",
        "round",
        "",
        "none",
        None,
    )
    settings, *_ = settings_of(Settings(), values)
    assert settings == Settings(strokes=8) and settings.width == "auto"
    assert command_lines.draw_command("a.jpg", settings) == "strokewise draw a.jpg -n 8"
    wide, *_ = settings_of(Settings(), (*values[:9], 2.5, *values[10:]))
    assert wide.width == 2.5 and command_lines.draw_command("a.jpg", wide).endswith("--width 2.5")


def test_the_command_line_accepts_the_commands(sketch: Sketch) -> None:
    import shlex

    import typer

    from strokewise import cli

    group = typer.main.get_command(cli.app)
    some = Settings(strokes=8, seed=3, optimize="width,color", steps=5)
    for line in (
        command_lines.draw_command("horse.jpg", dataclasses.replace(some, one_line=True, optimize="")),
        command_lines.carry_on_command("horse.jpg", "horse-before.svg", 4, some),
        command_lines.ladder_command("horse.jpg", (16, 8), some),
        command_lines.fewest_command("horse.jpg", "horse", 0.75, some),
        command_lines.draw_command("horse.jpg", some, "-mask.png"),
        command_lines.carry_on_command("horse.jpg", "horse-before.svg", 4, some, "mask.png"),
        command_lines.ladder_command("horse.jpg", (16, 8), some, "mask.png"),
        command_lines.fewest_command("horse.jpg", "horse", 0.75, some, "mask.png"),
        command_lines.trace_command("horse.png", "64", "dark", widths=True, colors=False),
        command_lines.look_command("horse.jpg", ExportOptions(look=INKY)),
        command_lines.scene_command("horse.jpg", Settings(strokes=40, seed=2), Levels(3, 2), "mask.png"),
        command_lines.draw_command("horse.jpg", Settings(text="-a cat; rm", text_weight=0.3)),
        command_lines.imagine_command(Settings(text="-it's $HOME", seed=3)),
        command_text(SheetDrawing(sketch, ("strokewise draw a.jpg -n 4",)), "black,#0a7"),
        command_text(SheetDrawing(sketch, ("strokewise trace a.jpg -n 4",)), "black,#0a7"),
    ):
        program, name, *arguments = shlex.split(line)
        assert program == "strokewise"
        group.commands[name].make_context(name, arguments)  # type: ignore[attr-defined]


def test_names_of_files_hold_no_parts_of_paths() -> None:
    assert downloads.file_stem("../../etc/passwd.png") == "passwd"
    assert downloads.file_stem("a\nb:c*.jpg") == "abc"
    assert downloads.file_stem(".png") == ".png"
    assert downloads.file_stem("/") == "drawing"


def test_a_host_that_is_no_address_of_this_machine_is_refused_in_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    for host in ("nope.invalid", "192.0.2.1", "x" * 100):
        assert cli.main(["studio", "--host", host, "--password", "p", "--user", "u"]) == 2
        err = capfd.readouterr().err
        assert err == f"strokewise: --host {host} is no address of this machine: use 127.0.0.1 or 0.0.0.0\n"
