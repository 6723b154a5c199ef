"""What a program can get wrong, one row each: an error of ours, of one short line that says how to fix it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

import strokewise
from strokewise import (
    ExportOptions,
    Look,
    OutputError,
    PhotoError,
    RecognizeError,
    Settings,
    SettingsError,
    Sketch,
    SvgError,
    export,
)
from strokewise.export.plot.machine import Machine

PHOTO = np.random.default_rng(0).random((64, 64, 3))
LINE = Sketch.of((9, 9), np.arange(8).reshape(1, 4, 2))

CALLS: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "settings are a number": (
        lambda: strokewise.draw(PHOTO, 4),  # type: ignore[arg-type]
        SettingsError,
        "settings must be a Settings, not 4: write draw(photo, strokes=4)",
    ),
    "an unknown setting of the paper": (lambda: Settings.paper(foo=4), SettingsError, "unknown setting foo; known are"),
    "strokes are auto": (
        lambda: strokewise.draw(PHOTO, strokes="auto"),
        SettingsError,
        "not 'auto': fewest(photo) finds the fewest that are still recognised",
    ),
    "an encoder that is a module": (
        lambda: strokewise.draw(PHOTO, encoder=np),
        SettingsError,
        "encoder must be a name, not <module 'numpy'",
    ),
    "counts of an evaluation": (
        lambda: strokewise.evaluate("photos", "out", 4),  # type: ignore[arg-type]
        SettingsError,
        "counts must be a list of stroke counts, such as (4,), not 4",
    ),
    "a path of a sketch": (
        lambda: strokewise.carry_on(PHOTO, "horse.svg"),  # type: ignore[arg-type]
        SettingsError,
        "the sketch must be a Sketch, not 'horse.svg': read it with read_sketch('horse.svg')",
    ),
    "places in one string": (
        lambda: strokewise.carry_on(PHOTO, LINE, keep="0,3-5"),  # type: ignore[arg-type]
        SettingsError,
        "keep must be a list of strokes, such as (0, 3, 4, 5), not '0,3-5'",
    ),
    "fewer strokes than there are": (
        lambda: strokewise.carry_on(PHOTO, LINE.reordered([0, 0]), strokes=1),
        SettingsError,
        "strokes 1 is less than the 2 of the sketch: none are taken away",
    ),
    "sum and difference": (
        lambda: strokewise.carry_on(PHOTO, LINE, strokes=4, add=3),
        SettingsError,
        "add and strokes do not go together",
    ),
    "one stage": (
        lambda: strokewise.draw_in_stages(PHOTO, 4),  # type: ignore[arg-type]
        SettingsError,
        "stages must be whole numbers of strokes, each at least 1, such as 8,8,16, not 4",
    ),
    "one drawing for many": (
        lambda: strokewise.recognize_all("a.svg"),
        RecognizeError,
        "write recognize_all(['a.svg']), or recognize for one",
    ),
    "labels in one string": (
        lambda: strokewise.recognize(LINE, "cat, dog", recognizer="embedded"),
        RecognizeError,
        "write ['cat', 'dog']",
    ),
    "the text of an SVG": (
        lambda: strokewise.recognize(LINE.to_svg() * 9),
        RecognizeError,
        "is SVG text, not a path: give from_svg(text)",
    ),
    "a path for an SVG": (
        lambda: strokewise.from_svg("horse.svg"),
        SvgError,
        "from_svg takes SVG text: read_sketch('horse.svg') reads a file",
    ),
    "a Path for an SVG": (
        lambda: strokewise.from_svg(Path("horse.svg")),  # type: ignore[arg-type]
        SvgError,
        "read_sketch('horse.svg') reads a file",
    ),
    "an SVG drawn with a brush": (
        lambda: strokewise.from_svg(export.brushed_svg(LINE, "ink")),
        SvgError,
        "the SVG is drawn with a brush: read_sketch reads the strokes under it",
    ),
    "a list of photos": (
        lambda: strokewise.draw_many(["a.jpg"], "out"),  # type: ignore[arg-type]
        PhotoError,
        "the source must be a path, not ['a.jpg']: name a folder",
    ),
    "an address": (
        lambda: strokewise.open_photo("https://example.org/horse.jpg"),
        PhotoError,
        "'https://example.org/horse.jpg' is an address: download it first",
    ),
    "few pixels": (lambda: strokewise.open_photo(PHOTO, max_pixels=10), PhotoError, "larger than 10 pixels: reduce it"),
    "options in a dict": (
        lambda: LINE.save("x.png", {"size": 9}),  # type: ignore[arg-type]
        OutputError,
        "options must be ExportOptions, not {'size': 9}: write ExportOptions(size=512)",
    ),
    "a size in words": (
        lambda: ExportOptions(size="big"),  # type: ignore[arg-type]
        OutputError,
        "size must be from 1 to 16384 pixels, not 'big'",
    ),
    "seconds in words": (
        lambda: ExportOptions(seconds="long"),  # type: ignore[arg-type]
        OutputError,
        "seconds must be from 0.5 to 120, not 'long'",
    ),
    "a width in words": (
        lambda: Look(width="fat"),  # type: ignore[arg-type]
        OutputError,
        "width must be a number, not 'fat'",
    ),
    "a colour in numbers": (
        lambda: Look(color=(1, 0, 0)),  # type: ignore[arg-type]
        OutputError,
        "color must be a name such as navy, or #rrggbb, not (1, 0, 0)",
    ),
    "a machine's speed in words": (
        lambda: Machine(speed="fast"),  # type: ignore[arg-type]
        OutputError,
        "speed must be from 1 to 100000, not 'fast'",
    ),
    "a device that is a number": (
        lambda: Machine(device=4),  # type: ignore[arg-type]
        OutputError,
        "device must be a name, not 4",
    ),
    "a look by its name": (
        lambda: ExportOptions(look="ink"),  # type: ignore[arg-type]
        OutputError,
        "look must be a Look, not 'ink': write Look(brush='ink')",
    ),
}


@pytest.mark.parametrize("case", CALLS)
def test_refused_in_one_short_line(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    call, kind, part = CALLS[case]
    with pytest.raises(kind) as caught:
        call()
    assert part in str(caught.value) and len(str(caught.value).splitlines()) == 1
    assert "[:" in str(caught.value) or len(str(caught.value)) < 300
    assert list(tmp_path.iterdir()) == []


def test_an_svg_is_no_photo(tmp_path: Path) -> None:
    LINE.save(tmp_path / "horse.svg")
    with pytest.raises(PhotoError, match="is a drawing, not a photo: strokewise export changes its format"):
        strokewise.open_photo(tmp_path / "horse.svg")
    assert len(strokewise.read_sketch(tmp_path / "horse.svg")) == 1


def test_colors_of_another_shape() -> None:
    with pytest.raises(
        ValueError, match=r"must be \[batch, stroke, channel\] \[1, 1, 1\] or \[batch, stroke, rgb\] \["
    ):
        strokewise.render(torch.zeros(1, 1, 4, 2), 1.0, torch.zeros(1, 1, 2), size=8)
