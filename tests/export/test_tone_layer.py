"""Tone in files: a layer of its own, which is read back as tone. That each format shows it: test_table.py."""

from __future__ import annotations

import dataclasses
import io
import json
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from strokewise import OutputError, UnsupportedSvgError, from_svg
from strokewise.export import (
    FORMATS,
    ExportOptions,
    JsonError,
    Look,
    Page,
    dressed,
    from_json,
    parse_pens,
    read_sketch,
    to_json,
)
from strokewise.export.film.motion import hand_frames
from strokewise.export.pens import INKSCAPE, pen_for_tone
from strokewise.sketch import Sketch
from strokewise.tone_layer import TONES, ToneLayer

ROWS = tuple(np.stack([np.linspace(20, 180, 4), np.full(4, y)], axis=1) for y in (30.0, 40.0, 50.0, 60.0))
TONED = dataclasses.replace(
    Sketch.of((200, 100), [[[10, 80], [70, 90], [120, 70], [190, 80]], [[10, 15], [70, 15], [120, 15], [190, 15]]], 3),
    tone=ToneLayer((*ROWS[:3], np.concatenate([ROWS[3], ROWS[3][1:] + [0, 4]])), 1.25, (0.2, 0.2, 0.2), 0.8, "cross"),
)
"""Two strokes, and four lines of tone between them."""
PENS = parse_pens("black,red,#999")
SVG = "{http://www.w3.org/2000/svg}"


def written(ending: str, sketch: Sketch = TONED, **options) -> bytes:
    return FORMATS[ending](sketch, ExportOptions(**options))


def layers(svg: bytes) -> dict[str, int]:
    """The layers as Inkscape lists them, and how many paths each has."""
    groups = ET.fromstring(svg).iter(f"{SVG}g")
    return {
        str(group.get(f"{{{INKSCAPE}}}label")): len([*group.iter(f"{SVG}path")])
        for group in groups
        if group.get(f"{{{INKSCAPE}}}groupmode") == "layer"
    }


def same(one: ToneLayer | None, other: ToneLayer | None, slack: float = 6e-4) -> None:
    assert one is not None and other is not None and len(one) == len(other) and one.kind == other.kind
    for a, b in zip(one.lines, other.lines, strict=True):
        assert a == pytest.approx(b, abs=slack)
    assert one.width == pytest.approx(other.width, abs=slack) and one.opacity == pytest.approx(other.opacity, abs=slack)
    assert one.color == pytest.approx(other.color, abs=0.003)


@pytest.mark.parametrize(
    "options",
    [{}, {"animate": True}, {"look": Look(brush="ink")}, {"look": Look(paper="ivory")}],
    ids=["plain", "animated", "brushed", "on paper"],
)
def test_an_svg_is_read_back_with_its_tone_as_tone(options):
    told: list[str] = []
    svg = written(".svg", **options)
    again = read_sketch(svg, told.append)
    assert len(again) == 2 and told == []
    same(again.tone, TONED.tone)


@pytest.mark.parametrize("kind", TONES)
def test_kinds_are_kept(kind):
    sketch = dataclasses.replace(TONED, tone=dataclasses.replace(TONED.tone, kind=kind))
    assert from_svg(sketch.to_svg()).tone.kind == kind == from_json(to_json(sketch)).tone.kind
    assert from_svg(sketch.to_svg().replace(f'data-tone="{kind}"', 'data-tone="rain"')).tone.kind == "hatch"


def test_layers_are_named():
    assert layers(written(".svg")) == {"tone": 4, "strokes": 2}
    assert layers(written(".svg", pens=PENS)) == {"3 #999 tone": 4, "1 black": 2}, "under the strokes"
    assert layers(written(".svg", page=Page())) == {"1 strokes": 2, "2 tone": 4}, "in the order they are plotted"
    assert layers(written(".svg", page=Page(), pens=PENS)) == {"1 black": 2, "3 #999 tone": 4}
    assert layers(written(".svg", page=Page(), pens=PENS, tone_pen=1)) == {"1 black": 2, "1 black tone": 4}
    same(read_sketch(written(".svg", pens=PENS)).tone, dataclasses.replace(TONED.tone, color=PENS[2].color))
    assert len(read_sketch(written(".svg", page=Page(), pens=PENS)).tone) == 4


def test_ordinary_drawings_have_no_layers():
    plain = dataclasses.replace(TONED, tone=None)
    for options in ({}, {"page": Page()}, {"animate": True}):
        assert b"inkscape" not in written(".svg", plain, **options)
    assert b"OCG" not in written(".pdf", plain)
    assert "tone" not in json.loads(to_json(plain))
    assert [layer["nm"] for layer in json.loads(written(".lottie.json", plain))["layers"]] == ["strokes"]


def test_tone_is_drawn_by_the_greyest_pen_or_the_one_that_is_named():
    assert pen_for_tone(PENS) == 3
    assert pen_for_tone(parse_pens("red,black,blue")) == 2
    assert pen_for_tone(parse_pens("white,black")) == 2, "white is not seen"
    assert pen_for_tone(parse_pens("navy,grey,black")) == 2
    assert layers(written(".svg", pens=PENS, only_pen=3)) == {"3 #999 tone": 4}
    assert layers(written(".svg", pens=PENS, only_pen=1)) == {"1 black": 2}
    assert layers(written(".svg", pens=PENS, only_pen=1, tone_pen=1)) == {"1 black tone": 4, "1 black": 2}
    with pytest.raises(OutputError, match="pen 2 red has no strokes: leave out only_pen, or choose 1 or 3"):
        written(".svg", pens=PENS, only_pen=2)
    with pytest.raises(OutputError, match="tone_pen must be from 1 to 3, the number of pens, not 9"):
        ExportOptions(pens=PENS, tone_pen=9)
    with pytest.raises(OutputError, match="tone_pen is for drawings of several pens: name them with pens"):
        ExportOptions(tone_pen=1)


def test_machines_draw_the_tone_of_a_pen_after_its_strokes():
    pytest.importorskip("vpype_gcode")
    told: list[str] = []
    from strokewise.export import to_gcode, to_hpgl

    text = to_gcode(TONED, Page("200x100mm", margin=0), notice=told.append).decode()
    lowered = re.findall(r"G0 X(\d+\.\d+) Y(\d+\.\d+)", text)
    assert {round(float(y)) for _, y in lowered[:2]} == {20, 85}, "the strokes first"
    assert len(lowered) == 2 + 4 and "M0" not in text
    assert told[1].startswith("4 tone lines in 4 lines; pen-up travel")
    for pens, number in (((), "1"), (PENS, "3")):
        data = FORMATS[".hpgl"](TONED, ExportOptions(page=Page("200x100mm", margin=0), pens=pens)).decode()
        assert re.findall(r"SP(\d)", data) == ["1", *([number] if pens else []), "0"]
    assert to_hpgl(dataclasses.replace(TONED.reordered([]), tone=TONED.tone)), "tone alone can be plotted"


def test_dxf_has_a_layer_for_tone():
    ezdxf = pytest.importorskip("ezdxf")
    for pens, name in (((), "tone"), (PENS, "3 999 tone")):
        document = ezdxf.read(io.StringIO(written(".dxf", page=Page(), pens=pens).decode()))
        assert len(document.modelspace().query(f'LWPOLYLINE[layer=="{name}"]')) == 4


def test_films_draw_tone_after_the_strokes():
    frames = [*hand_frames(TONED, 41)]
    assert len(frames) == 41 and frames[-1].to_svg() == TONED.to_svg()
    begun = [frame.tone is not None for frame in frames]
    first = begun.index(True)
    assert 20 < first < 30 and all(begun[first:]) and all(len(frame) == 2 for frame in frames[first - 1 :])
    counts = [len(frame.tone) for frame in frames[first:]]
    assert counts == sorted(counts) and counts[0] == 1 and counts[-1] == 4
    image = Image.open(io.BytesIO(written(".gif", size=200, fps=8, seconds=2, look=Look(brush="pencil"))))
    ink = []
    for number in range(image.n_frames):
        image.seek(number)
        ink.append(float(np.mean(np.asarray(image.convert("L"))[28:66] < 200)))
    assert ink[len(ink) // 3] == 0 and ink[-1] > 0.02, "between the strokes there is nothing until they are done"


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_shortest_films_begin_blank_and_end_whole(count):
    frames = [*hand_frames(TONED, count)]
    assert len(frames) == count and frames[-1].to_svg() == TONED.to_svg()
    assert count == 1 or (len(frames[0]) == 0 and frames[0].tone is None)


def test_an_animated_svg_draws_tone_last():
    svg = written(".svg", animate=True, seconds=10).decode()
    starts = [float(start) for start in re.findall(r"animation-delay:([\d.]+)s", svg)]
    tone, strokes = starts[:4], starts[4:]
    assert strokes[0] == 0 and max(strokes) < 6 == min(tone) and tone == sorted(tone) and max(tone) < 10


def test_lottie_has_a_layer_for_tone():
    document = json.loads(written(".lottie.json", seconds=10, look=Look(paper="ivory")))
    assert [layer["nm"] for layer in document["layers"]] == ["strokes", "tone", "paper"], "the first lies on top"
    assert [layer["ind"] for layer in document["layers"]] == [1, 2, 3]
    assert len(document["layers"][1]["shapes"]) == 4


def test_json_keeps_tone_to_the_last_bit():
    again = from_json(to_json(TONED))
    assert again.to_svg() == TONED.to_svg()
    same(again.tone, TONED.tone, 0)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"kind": "rain"}, "the kind of tone must be one of hatch"),
        ({"kind": ["hatch"]}, "the kind of tone must be one of hatch"),
        ({"width": 0}, "tone: width must be over 0"),
        ({"lines": []}, "the lines of tone must be a list of 1 to"),
        ({"lines": [[[0, 0], [1, 1]]]}, "tone line 0: points must be 4, 7, 10"),
        ({"lines": [[[0, 0], [1, 1], [2, 2], [1e9, 0]]]}, "tone line 0: points must be within"),
        ({"opacity": 2}, "tone: opacity must be from 0 to 1"),
        ({"shade": 1}, "tone has 'shade', which is not known"),
    ],
)
def test_json_with_broken_tone(change, match):
    document = json.loads(to_json(TONED))
    document["tone"] |= change
    with pytest.raises(JsonError, match=match):
        from_json(json.dumps(document))


def test_the_look_of_strokes_is_that_of_tone():
    look = Look(color="navy", width=4, opacity=0.5)
    worn = dressed(TONED, look)
    assert worn.tone.color == pytest.approx((0, 0, 128 / 255)) and worn.tone.opacity == 0.5
    assert worn.tone.width / worn.widths[0] == pytest.approx(1.25 / 3)
    assert dressed(TONED, Look(paper="ivory")).tone is TONED.tone


def test_what_was_done_to_the_layer_in_another_program():
    svg = TONED.to_svg()
    gone = re.sub(r"<g data-tone.*?</g>\n", "", svg, flags=re.DOTALL)
    assert from_svg(gone).tone is None and len(from_svg(gone)) == 2
    moved = svg.replace('<g data-tone="cross"', '<g data-tone="cross" transform="translate(5 0) scale(2)"')
    tone = from_svg(moved).tone
    assert tone.lines[0] == pytest.approx(ROWS[0] * 2 + [5, 0], abs=2e-3) and tone.width == pytest.approx(2.5)
    hidden = svg.replace('<g data-tone="cross"', '<g data-tone="cross" style="display:none"')
    assert from_svg(hidden).tone is None


@pytest.mark.skipif(shutil.which("inkscape") is None, reason="Inkscape is not installed")
def test_inkscape_finds_the_layer(tmp_path):
    (tmp_path / "plot.svg").write_bytes(written(".svg", page=Page("200x100mm", margin=0), pens=PENS))
    command = ["inkscape", "--query-all", str(tmp_path / "plot.svg")]
    found = subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    boxes = dict(line.split(",", 1) for line in found.splitlines() if line.startswith("pen"))
    assert set(boxes) == {"pen1", "pen3-tone"}
    pixel = 96 / 25.4  # 200 x 100 canvas pixels on as many millimetres
    x, y, width, height = (float(value) / pixel for value in boxes["pen3-tone"].split(","))
    assert (x + width / 2, y + height / 2) == pytest.approx((100, 47), abs=1.5) and width == pytest.approx(161, abs=2)


def test_tone_alone_is_no_drawing():
    with pytest.raises(UnsupportedSvgError, match="has tone alone, and no strokes: take the drawing that it is from"):
        from_svg(written(".svg", pens=PENS, only_pen=3))


def test_odd_values_of_tone_are_brought_into_range():
    svg = TONED.to_svg().replace('stroke-opacity="0.8"', 'stroke-opacity="7"').replace("1.25", "0.0000001")
    assert from_svg(svg).tone.opacity == 1 and from_svg(svg).tone.width > 0
    assert from_svg(TONED.to_svg().replace('stroke-opacity="0.8"', 'opacity="-3"')).tone is None


def test_pages_fit_tone_too():
    wide = dataclasses.replace(TONED, tone=dataclasses.replace(TONED.tone, lines=(ROWS[0] + [-40, 0],)))
    plot = from_svg(written(".svg", wide, page=Page("100x100mm", margin=5, fit="ink")))
    every = np.concatenate([plot.points.reshape(-1, 2), *plot.tone.lines])
    assert every.min() >= 4.99 and every.max() <= 95.01
